#include "tools/attune/WeightFile.h"
#include "runtime/error.h"
#include "runtime/safetensors.h"
#include "tools/attune/ArrayFile.h"

using namespace llvm;
using attune::reference::Array;

namespace attune::tool {

struct WeightFile::File {
  attune_safetensors *handle = nullptr;
  ~File() {
    if (handle)
      attune_st_close(handle);
  }
};

WeightFile::WeightFile(std::string prefix)
    : prefix(std::move(prefix)), file(std::make_unique<File>()) {}

WeightFile::~WeightFile() = default;

int WeightFile::open(const std::string &path, attune_error &error) {
  return attune_st_open(path.c_str(), &file->handle, &error);
}

const Array *WeightFile::find(StringRef name) {
  if (auto own = made.find(name); own != made.end())
    return &own->second;
  auto known = arrays.find(name);
  if (known != arrays.end())
    return &known->second;
  if (!file->handle)
    return nullptr;
  const attune_st_tensor *tensor =
      attune_st_find(file->handle, (prefix + name.str()).c_str());
  // Doubles would lose digits in the f32 that compiled models compute with.
  if (!tensor || tensor->bits < 8 || tensor->bits > 32 ||
      (tensor->code != 2 && tensor->code != 4))
    return nullptr;
  std::vector<char> bytes(tensor->bytes);
  attune_error error;
  if (attune_st_read(file->handle, tensor, 0, bytes.data(), bytes.size(),
                     &error))
    return nullptr;
  Array array;
  array.isFloat = true;
  array.shape.assign(tensor->shape, tensor->shape + tensor->rank);
  array.reals.resize(bytes.size() / (tensor->bits / 8));
  fromBytes(bytes.data(), tensor->code, tensor->bits, array);
  return &arrays.try_emplace(name, std::move(array)).first->second;
}

std::vector<std::string> WeightFile::names() const {
  std::vector<std::string> names;
  for (size_t i = 0; file->handle && i < attune_st_count(file->handle); ++i) {
    StringRef name = attune_st_at(file->handle, i)->name;
    if (name.consume_front(prefix))
      names.push_back(name.str());
  }
  return names;
}

static int giveMade(Library &library, const std::string &name,
                    const Array &array, attune_error &error) {
  std::vector<float> bytes(array.reals.begin(), array.reals.end());
  std::vector<int64_t> shape(array.shape);
  attune_tensor argument = {
      bytes.data(), 1,       0, int32_t(shape.size()), 2, 32, 1,
      shape.data(), nullptr, 0};
  return library.setWeight(name.c_str(), argument, error);
}

int WeightFile::give(Library &library, ArrayRef<std::string> names,
                     attune_error &error) {
  for (const std::string &name : names) {
    if (auto own = made.find(name); own != made.end()) {
      if (int code = giveMade(library, name, own->second, error))
        return code;
      continue;
    }
    // What is missing, `finish` names.
    if (!file->handle)
      continue;
    const attune_st_tensor *tensor =
        attune_st_find(file->handle, (prefix + name).c_str());
    if (!tensor)
      continue;
    std::vector<char> bytes(tensor->bytes);
    if (int code = attune_st_read(file->handle, tensor, 0, bytes.data(),
                                  bytes.size(), &error))
      return code;
    std::vector<int64_t> shape(tensor->shape, tensor->shape + tensor->rank);
    attune_tensor argument = {
        bytes.data(), 1,       0, tensor->rank, tensor->code, tensor->bits, 1,
        shape.data(), nullptr, 0};
    if (int code = library.setWeight(name.c_str(), argument, error))
      return code;
  }
  return ATTUNE_OK;
}

} // namespace attune::tool
