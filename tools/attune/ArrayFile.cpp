#include "tools/attune/ArrayFile.h"
#include "runtime/npy.h"
#include "tools/attune/Report.h"
#include <cstdlib>
#include <memory>

using namespace llvm;
using attune::reference::Array;

namespace attune::tool {

std::optional<TypedArray> readTypedArray(StringRef path, const Twine &what) {
  attune_npy_header header;
  attune_error error = {};
  void *data = nullptr;
  if (attune_npy_read(path.str().c_str(), &header, &data, &error)) {
    userError("T0110", what + ": " + error.message);
    return std::nullopt;
  }
  std::unique_ptr<void, void (*)(void *)> owner(data, std::free);
  TypedArray file = {{}, header.code, header.bits};
  Array &array = file.array;
  array.isFloat = header.code == 2;
  array.shape.assign(header.shape, header.shape + header.rank);
  size_t count = header.bytes / (header.bits / 8);
  (array.isFloat ? array.reals.resize(count) : array.integers.resize(count));
  fromBytes(static_cast<const char *>(data), header.code, header.bits, array);
  return file;
}

std::optional<Array> readArrayFile(StringRef path, const Twine &what,
                                   bool isFloat, bool allowDouble) {
  std::optional<TypedArray> file = readTypedArray(path, what);
  if (!file)
    return std::nullopt;
  bool fileIsFloat = file->array.isFloat;
  if (fileIsFloat != isFloat || (file->bits == 64 && isFloat && !allowDouble)) {
    char text[ATTUNE_TEXT];
    userError("T0111",
              what + ": " + path + " holds " +
                  attune_type_text(text, file->code, file->bits) +
                  (isFloat ? ", not f32" : ", not integers or bools"),
              isFloat && fileIsFloat ? "save it as float32" : "");
    return std::nullopt;
  }
  return std::move(file->array);
}

bool writeArrayFile(StringRef path, const Array &array, uint8_t code,
                    uint8_t bits, std::string &message) {
  attune_error error = {};
  std::vector<char> bytes = toBytes(array, code, bits);
  if (attune_npy_write(path.str().c_str(), code, bits,
                       int32_t(array.shape.size()), array.shape.data(),
                       bytes.data(), &error)) {
    message = error.message;
    return false;
  }
  return true;
}

} // namespace attune::tool
