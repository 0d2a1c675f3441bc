//===- NpyFuzzer.cpp - Any bytes as a .npy file ---------------------------===//

#include "fuzz/FuzzFolder.h"
#include "runtime/npy.h"
#include <cstdlib>
#include <cstring>

using namespace llvm;
using attune::fuzz::fail;

static bool same(const attune_npy_header &a, const attune_npy_header &b) {
  return a.code == b.code && a.bits == b.bits && a.rank == b.rank &&
         a.bytes == b.bytes &&
         std::memcmp(a.shape, b.shape, size_t(a.rank) * sizeof(int64_t)) == 0;
}

/// What was read, written and read again is the same.
static void checkRoundTrip(const attune_npy_header &header, const void *data) {
  std::string path = attune::fuzz::writeFile("again.npy", "");
  attune_error error;
  if (attune_npy_write(path.c_str(), header.code, header.bits, header.rank,
                       header.shape, data, &error))
    fail(error.message);
  attune_npy_header again;
  void *copy = nullptr;
  if (attune_npy_read(path.c_str(), &again, &copy, &error))
    fail(error.message);
  if (!same(header, again) || std::memcmp(data, copy, header.bytes) != 0)
    fail("the array changed on its way");
  free(copy);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  attune_npy_header header, fromFile;
  attune_error error, fileError;
  StringRef text(reinterpret_cast<const char *>(bytes), size);
  std::string path = attune::fuzz::writeFile("a.npy", text);
  size_t available = std::min<size_t>(size, 10012);
  int code =
      attune_npy_parse(bytes, available, size, path.c_str(), &header, &error);
  void *data = nullptr;
  int fileCode = attune_npy_read(path.c_str(), &fromFile, &data, &fileError);
  // An empty file is refused when it is opened, in words of its own.
  if (code != fileCode || code != error.code ||
      (size > 0 && StringRef(error.message) != fileError.message))
    fail("parse says " + Twine(error.message) + ", read says " +
         fileError.message);
  if (code) {
    if (!error.message[0])
      fail("an error without a message");
    return 0;
  }
  if (!same(header, fromFile) || !data ||
      header.data_offset + header.bytes != size)
    fail("the header is not what the file holds");
  if (!header.fortran &&
      std::memcmp(data, bytes + header.data_offset, header.bytes) != 0)
    fail("the data is not what the file holds");
  checkRoundTrip(header, data);
  free(data);
  return 0;
}
