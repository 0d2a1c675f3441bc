//===- SafetensorsFile.h - Opens weights files in tests ---------*- C++ -*-===//
#ifndef ATTUNE_TEST_UNIT_SAFETENSORSFILE_H
#define ATTUNE_TEST_UNIT_SAFETENSORSFILE_H

#include "RuntimeFiles.h"
#include "runtime/safetensors.h"
#include "gtest/gtest.h"
#include <memory>
#include <string>
#include <vector>

namespace attune::test {

struct Close {
  void operator()(attune_safetensors *file) const { attune_st_close(file); }
};
using File = std::unique_ptr<attune_safetensors, Close>;

/// Opens bytes from an exactly sized allocation: reads past the end show up
/// under ASan.
inline File openBytes(const std::string &bytes, attune_error &error) {
  static std::vector<char> copy;
  copy.assign(bytes.begin(), bytes.end());
  copy.shrink_to_fit();
  attune_safetensors *file = nullptr;
  int code = attune_st_open_memory(copy.data(), copy.size(), "w.safetensors",
                                   &file, &error);
  EXPECT_EQ(code, error.code);
  EXPECT_EQ(code == ATTUNE_OK, file != nullptr);
  return File(file);
}

inline File openPath(const std::string &path, attune_error &error) {
  attune_safetensors *file = nullptr;
  int code = attune_st_open(path.c_str(), &file, &error);
  EXPECT_EQ(code, error.code);
  EXPECT_EQ(code == ATTUNE_OK, file != nullptr);
  return File(file);
}

inline std::string entry(const std::string &name, const std::string &dtype,
                         const std::string &shape, const std::string &offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

} // namespace attune::test

#endif // ATTUNE_TEST_UNIT_SAFETENSORSFILE_H
