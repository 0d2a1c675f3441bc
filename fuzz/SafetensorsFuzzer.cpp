//===- SafetensorsFuzzer.cpp - Any bytes as a checkpoint ------------------===//
//
// Bytes that start with `{` are also the index of a sharded checkpoint, beside
// two right shards.
//
//===----------------------------------------------------------------------===//

#include "fuzz/FuzzFolder.h"
#include "runtime/safetensors.h"
#include <cstring>
#include <vector>

using namespace llvm;
using attune::fuzz::fail;
using attune::fuzz::writeFile;

/// Reads all that an opened file offers.
static void readAll(const attune_safetensors *file, const uint8_t *bytes,
                    size_t size) {
  StringRef last;
  for (size_t i = 0; i < attune_st_count(file); ++i) {
    const attune_st_tensor *t = attune_st_at(file, i);
    if (i > 0 && StringRef(t->name) <= last)
      fail("names are not in order");
    last = t->name;
    if (attune_st_find(file, t->name) != t)
      fail("a name is not found");
    attune_st_near(file, t->name, t->rank, t->shape);
    attune_st_near(file, ("a." + Twine(t->name)).str().c_str(), t->rank,
                   t->shape);
    int64_t bits = t->bits;
    for (int32_t axis = 0; axis < t->rank; ++axis)
      if (t->shape[axis] < 0 ||
          __builtin_mul_overflow(bits, t->shape[axis], &bits))
        bits = t->bytes == 0 ? 0 : -1;
    if (bits != t->bytes * 8)
      fail("shape and size differ");
    std::vector<char> data(size_t(t->bytes) + 1);
    attune_error error;
    if (attune_st_read(file, t, 0, data.data(), size_t(t->bytes), &error))
      fail(error.message);
    if (bytes &&
        (t->offset < 0 || size_t(t->offset + t->bytes) > size ||
         std::memcmp(data.data(), bytes + t->offset, size_t(t->bytes)) != 0))
      fail("the data is not what the file holds");
  }
  if (attune_st_find(file, "no such tensor \x01"))
    fail("found what is not there");
}

/// One tensor `name` of two floats, as the bytes of a file.
static std::string shard(StringRef name) {
  std::string header =
      ("{\"" + name +
       "\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" + "[0,8]}}")
          .str();
  uint64_t length = header.size();
  return std::string(reinterpret_cast<char *>(&length), 8) + header +
         "12345678";
}

static void openIndex(StringRef text) {
  static bool shards = [] {
    writeFile("a.safetensors", shard("x"));
    writeFile("b.safetensors", shard("y.z"));
    return true;
  }();
  (void)shards;
  std::string path = writeFile("model.safetensors.index.json", text);
  attune_safetensors *file = nullptr;
  attune_error error;
  if (attune_st_open(path.c_str(), &file, &error) == ATTUNE_OK) {
    readAll(file, nullptr, 0);
    attune_st_close(file);
  } else if (!error.message[0] || file) {
    fail("an error without a message, or with a file");
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  StringRef text(reinterpret_cast<const char *>(bytes), size);
  std::string path = writeFile("a.safetensors.bin", text);
  attune_safetensors *inMemory = nullptr, *onDisk = nullptr;
  attune_error error, diskError;
  int code =
      attune_st_open_memory(bytes, size, path.c_str(), &inMemory, &error);
  int diskCode = attune_st_open(path.c_str(), &onDisk, &diskError);
  // An empty file is refused when it is opened, in words of its own.
  if (code != diskCode || code != error.code ||
      (size > 0 && StringRef(error.message) != diskError.message))
    fail("memory says " + Twine(error.message) + ", the file says " +
         diskError.message);
  if (code) {
    if (!error.message[0] || inMemory || onDisk)
      fail("an error without a message, or with a file");
  } else {
    if (attune_st_count(inMemory) != attune_st_count(onDisk))
      fail("memory and file differ");
    readAll(inMemory, bytes, size);
    readAll(onDisk, bytes, size);
    attune_st_close(inMemory);
    attune_st_close(onDisk);
  }
  if (text.starts_with("{"))
    openIndex(text);
  return 0;
}
