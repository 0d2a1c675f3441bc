//===- NpyTests.cpp - The .npy reader and writer --------------------------===//

#include "RuntimeFiles.h"
#include "runtime/npy.h"
#include "gtest/gtest.h"
#include <cstring>
#include <vector>

using namespace attune::test;

namespace {

std::string npy(const std::string &dict, const std::string &data,
                int version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += char(version);
  bytes += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    bytes += char(dict.size() >> (8 * i));
  return bytes + dict + data;
}

std::string dict(const std::string &descr, const std::string &fortran,
                 const std::string &shape) {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran +
         ", 'shape': " + shape + ", }\n";
}

int parse(const std::string &bytes, attune_npy_header &header,
          attune_error &error) {
  // Exactly sized, so that ASan sees reads past the end.
  std::vector<char> copy(bytes.begin(), bytes.end());
  int code = attune_npy_parse(copy.data(), copy.size(), bytes.size(), "x.npy",
                              &header, &error);
  EXPECT_EQ(code, error.code);
  return code;
}

struct {
  const char *descr;
  uint8_t code, bits;
} const types[] = {{"<f4", 2, 32}, {"<f2", 2, 16}, {"<f8", 2, 64},
                   {"<i4", 0, 32}, {"<i8", 0, 64}, {"|b1", 6, 8},
                   {"|i1", 0, 8},  {"|u1", 1, 8},  {"<i2", 0, 16},
                   {"<u2", 1, 16}};

TEST(Npy, ReadsEachVersionAndType) {
  for (int version = 1; version <= 3; ++version)
    for (auto &type : types) {
      attune_npy_header header;
      attune_error error;
      std::string data(6 * type.bits / 8, 'x');
      ASSERT_EQ(parse(npy(dict(type.descr, "False", "(2, 3)"), data, version),
                      header, error),
                ATTUNE_OK)
          << error.message;
      EXPECT_EQ(header.code, type.code);
      EXPECT_EQ(header.bits, type.bits);
      ASSERT_EQ(header.rank, 2);
      EXPECT_EQ(header.shape[1], 3);
      EXPECT_EQ(header.bytes, data.size());
      EXPECT_FALSE(header.fortran);
    }
}

TEST(Npy, ReadsShapes) {
  attune_npy_header header;
  attune_error error;
  EXPECT_EQ(parse(npy(dict("|u1", "True", "()"), "x"), header, error), 0);
  EXPECT_EQ(header.rank, 0);
  EXPECT_TRUE(header.fortran);
  EXPECT_EQ(parse(npy(dict("|u1", "False", "(1,)"), "x"), header, error), 0);
  EXPECT_EQ(header.rank, 1);
  EXPECT_EQ(parse(npy(dict("<f4", "False", "(0, 9223372036854775807)"), ""),
                  header, error),
            0);
  EXPECT_EQ(header.bytes, 0u);
  // As Python 2 and other writers put it.
  EXPECT_EQ(parse(npy("{\"shape\":(2L,1L),\"fortran_order\":False,"
                      "\"descr\":\"<i2\"}   \n",
                      "abcd"),
                  header, error),
            0)
      << error.message;
}

TEST(Npy, FortranOrderIsReordered) {
  TemporaryFolder folder;
  std::string path = folder.write(
      "f.npy", npy(dict("|u1", "True", "(2, 3, 2)"), "abcdefghijkl"));
  attune_npy_header header;
  attune_error error;
  void *data = nullptr;
  ASSERT_EQ(attune_npy_read(path.c_str(), &header, &data, &error), 0)
      << error.message;
  // Element (i, j, k) is at i + 2 j + 6 k in the file.
  EXPECT_EQ(std::string(static_cast<char *>(data), 12), "agciekbhdjfl");
  free(data);
}

TEST(Npy, WritesEachType) {
  TemporaryFolder folder;
  std::string path = folder.path + "/y.npy";
  char bytes[48] = {};
  int64_t shape[] = {2, 3};
  for (auto &type : types) {
    SCOPED_TRACE(type.descr);
    attune_npy_header header;
    attune_error error;
    void *data = nullptr;
    ASSERT_EQ(attune_npy_write(path.c_str(), type.code, type.bits, 2, shape,
                               bytes, &error),
              0)
        << error.message;
    ASSERT_EQ(attune_npy_read(path.c_str(), &header, &data, &error), 0)
        << error.message;
    EXPECT_EQ(header.code, type.code);
    EXPECT_EQ(header.bits, type.bits);
    free(data);
  }
}

TEST(Npy, WritesWhatItReads) {
  TemporaryFolder folder;
  std::string path = folder.path + "/y.npy";
  attune_error error;
  float numbers[6] = {1, -2, 3, 4.5, 5, 6};
  for (std::vector<int64_t> shape : {std::vector<int64_t>{6},
                                     {2, 3},
                                     {},
                                     {1, 1, 1, 1, 1, 1, 2, 3},
                                     {5, 0}}) {
    int64_t count = 1;
    for (int64_t extent : shape)
      count *= extent;
    ASSERT_EQ(attune_npy_write(path.c_str(), 2, 32, int32_t(shape.size()),
                               shape.data(), numbers, &error),
              0)
        << error.message;
    attune_npy_header header;
    void *data = nullptr;
    ASSERT_EQ(attune_npy_read(path.c_str(), &header, &data, &error), 0)
        << error.message;
    EXPECT_EQ(header.data_offset % 64, 0u);
    EXPECT_EQ(std::vector<int64_t>(header.shape, header.shape + header.rank),
              shape);
    EXPECT_EQ(memcmp(data, numbers, count * 4), 0);
    free(data);
  }
  int64_t shape[] = {2};
  EXPECT_EQ(attune_npy_write(path.c_str(), 4, 16, 1, shape, numbers, &error),
            ATTUNE_E_DTYPE);
  EXPECT_EQ(attune_npy_write(path.c_str(), 2, 32, 9, shape, numbers, &error),
            ATTUNE_E_RANK);
  EXPECT_EQ(attune_npy_write((folder.path + "/no/y.npy").c_str(), 2, 32, 1,
                             shape, numbers, &error),
            ATTUNE_E_FILE);
  shape[0] = -1;
  EXPECT_EQ(attune_npy_write(path.c_str(), 2, 32, 1, shape, numbers, &error),
            ATTUNE_E_SHAPE);
  shape[0] = INT64_MAX;
  EXPECT_EQ(attune_npy_write(path.c_str(), 2, 32, 1, shape, numbers, &error),
            ATTUNE_E_OVERFLOW);
}

TEST(Npy, RefusesBadFiles) {
  struct {
    std::string bytes;
    const char *message;
  } cases[] = {
      {"", "not a .npy file"},
      {"PK\x03\x04 0123456789", "a zip archive"},
      {std::string("\x93NUMPY\x04\0\x02\0{}", 12), "unknown version"},
      {std::string("\x93NUMPY\x01\x01\x02\0{}", 12), "unknown version"},
      {std::string("\x93NUMPY\x02\0\x02\0\0", 11), "truncated"},
      {npy(std::string(10001, ' '), ""), "10,000"},
      {npy(std::string(10001, ' '), "", 2), "10,000"},
      {std::string("\x93NUMPY\x01\0\x40\0{'descr'", 18), "truncated within"},
      {npy(dict(">f4", "False", "(1,)"), "abcd"), "big-endian"},
      {npy(dict("|O", "False", "(1,)"), "abcd"), "Python objects"},
      {npy(dict("<U4", "False", "(1,)"), "abcd"), "type `<U4`"},
      {npy(dict("", "False", "(1,)"), "abcd"), "type ``"},
      {npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}",
           "abcd"),
       "structured"},
      {npy(dict("<f4", "0", "(1,)"), "abcd"), "True or False"},
      {npy(dict("<f4", "False", "(1)"), "abcd"), "expected `,`"},
      {npy(dict("<f4", "False", "[1]"), "abcd"), "expected a shape"},
      {npy(dict("<f4", "False", "(-1,)"), "abcd"), "non-negative"},
      {npy(dict("<f4", "False", "(1.0,)"), "abcd"), "expected `,`"},
      {npy(dict("<f4", "False", "(1,1,1,1,1,1,1,1,1)"), "abcd"), "more than 8"},
      {npy(dict("<f4", "False", "(9223372036854775808,)"), ""), "64 bits"},
      {npy(dict("<f4", "False", "(4294967296,4294967296)"), ""), "overflow"},
      {npy(dict("<f4", "False", "(2,)"), "abcd"), "truncated"},
      {npy(dict("<f4", "False", "(1,)"), "abcdefgh"), "trail"},
      {npy("{'descr': '<f4', 'descr': '<f4'}", ""), "key twice"},
      {npy("{'descr': '<f4', 'x': 1}", ""), "unknown key"},
      {npy("{'descr': '<f4'}", ""), "lacks"},
      {npy("{'descr': '<f4", ""), "no end"},
      {npy("{'descr': '<f\\'4'}", ""), "escape"},
      {npy("__import__('os')", ""), "expected `{`"},
      {npy("{'descr' '<f4'}", ""), "expected `:`"},
      {npy("{'descr': '<f4' 'shape': ()}", ""), "expected `,` or `}`"},
      {npy(dict("<f4", "False", "(1,)") + "x", "abcd"), "text after"},
  };
  TemporaryFolder folder;
  for (auto &c : cases) {
    attune_npy_header header;
    attune_error error;
    EXPECT_EQ(parse(c.bytes, header, error), ATTUNE_E_FILE) << c.message;
    EXPECT_NE(std::string(error.message).find(c.message), std::string::npos)
        << c.message << ": " << error.message;
    void *data = nullptr;
    EXPECT_EQ(attune_npy_read(folder.write("x.npy", c.bytes).c_str(), &header,
                              &data, &error),
              ATTUNE_E_FILE);
    EXPECT_EQ(data, nullptr);
  }
}

TEST(Npy, SurvivesMutations) {
  std::string seed =
      npy(dict("<f4", "False", "(2, 3)"), std::string(24, 'x'), 2);
  Random random(5);
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    attune_npy_header header;
    attune_error error;
    std::string bytes = mutate(seed, random);
    if (parse(bytes, header, error) == ATTUNE_OK) {
      ++accepted;
      EXPECT_EQ(header.data_offset + header.bytes, bytes.size());
    }
  }
  EXPECT_GT(accepted, 100);
  EXPECT_LT(accepted, 10000);
}

} // namespace
