/// Files and mutations for the runtime's tests.
#ifndef ATTUNE_TEST_UNIT_RUNTIMEFILES_H
#define ATTUNE_TEST_UNIT_RUNTIMEFILES_H

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace attune::test {

/// A folder of its own that goes away with the object.
class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "attune-XXXXXX").string();
    path = mkdtemp(name.data()) ? name : "";
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder &) = delete;

  /// Writes a file and returns its path.
  std::string write(const std::string &name, const std::string &bytes) const {
    std::string file = path + "/" + name;
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
  }

  std::string path;
};

/// The header's size, the header and the data of a safetensors file.
inline std::string safetensors(const std::string &header,
                               const std::string &data = "") {
  std::string bytes;
  for (int i = 0; i < 8; ++i)
    bytes += char(uint64_t(header.size()) >> (8 * i));
  return bytes + header + data;
}

/// splitmix64: the same numbers on every machine.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next() {
    uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// In [0, limit); limit > 0.
  uint64_t below(uint64_t limit) { return next() % limit; }

private:
  uint64_t state;
};

/// A few random edits, as a fuzzer makes them: flipped bits, overwritten,
/// inserted, removed and repeated bytes, words of the format.
inline std::string mutate(std::string bytes, Random &random) {
  static const char *const words[] = {"\"",
                                      "{",
                                      "}",
                                      "[",
                                      "]",
                                      ",",
                                      ":",
                                      "-1",
                                      "1e9",
                                      "0.5",
                                      "\\u0000",
                                      "\\ud800",
                                      "99999999999999999999",
                                      "9223372036854775807",
                                      "null",
                                      "\xff",
                                      "(",
                                      ")",
                                      "True",
                                      "'",
                                      "F64"};
  for (uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
    size_t at = bytes.empty() ? 0 : random.below(bytes.size());
    switch (bytes.empty() ? 2 : random.below(6)) {
    case 0:
      bytes[at] = char(bytes[at] ^ 1 << random.below(8));
      break;
    case 1:
      bytes[at] = char(random.next());
      break;
    case 2:
      bytes.insert(at, words[random.below(std::size(words))]);
      break;
    case 3:
      bytes.erase(at, 1 + random.below(8));
      break;
    case 4:
      bytes.insert(at,
                   bytes.substr(random.below(bytes.size()), random.below(32)));
      break;
    default:
      bytes.resize(at);
    }
  }
  return bytes;
}

} // namespace attune::test

#endif
