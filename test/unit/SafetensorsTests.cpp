//===- SafetensorsTests.cpp - The strict weights reader -------------------===//

#include "SafetensorsFile.h"
#include "gtest/gtest.h"
#include <vector>

using namespace attune::test;
using ::testing::TestWithParam;

namespace {

const std::string data24(24, '\x01');

TEST(Safetensors, ReadsNamesTypesShapesAndData) {
  float numbers[6] = {1, 2, 3, 4, 5, 6};
  std::string data(reinterpret_cast<char *>(numbers), 24);
  // The header's length is odd on purpose: the data is not aligned.
  std::string header =
      "  {\"__metadata__\":{\"format\":\"pt\"}," +
      entry("b", "BF16", "[]", "[24,26]") + ",\n" +
      entry("a.w", "F32", "[2, 3]", "[0,24]") + "," +
      entry("none", "I64", "[4,0,9223372036854775807]", "[26,26]") + "}  ";
  header += header.size() % 2 ? "" : " ";
  attune_error error;
  File file = openBytes(safetensors(header, data + "\x80\x3f"), error);
  ASSERT_TRUE(file) << error.message;
  ASSERT_EQ(attune_st_count(file.get()), 3u);
  EXPECT_STREQ(attune_st_at(file.get(), 0)->name, "a.w");
  const attune_st_tensor *w = attune_st_find(file.get(), "a.w");
  ASSERT_TRUE(w);
  EXPECT_EQ(w->rank, 2);
  EXPECT_EQ(w->shape[0], 2);
  EXPECT_EQ(w->shape[1], 3);
  EXPECT_STREQ(w->dtype, "F32");
  float read[2];
  ASSERT_EQ(attune_st_read(file.get(), w, 16, read, 8, &error), ATTUNE_OK);
  EXPECT_EQ(read[0], 5);
  EXPECT_EQ(read[1], 6);
  EXPECT_EQ(attune_st_read(file.get(), w, 20, read, 8, &error), ATTUNE_E_FILE);
  const attune_st_tensor *b = attune_st_find(file.get(), "b");
  ASSERT_TRUE(b);
  EXPECT_EQ(b->code, 4);
  EXPECT_EQ(b->rank, 0);
  EXPECT_EQ(attune_st_find(file.get(), "none")->bytes, 0);
  EXPECT_EQ(attune_st_find(file.get(), "a"), nullptr);
}

TEST(Safetensors, AnEmptySetIsLegal) {
  attune_error error;
  File file = openBytes(safetensors("{}"), error);
  ASSERT_TRUE(file) << error.message;
  EXPECT_EQ(attune_st_count(file.get()), 0u);
  EXPECT_EQ(attune_st_find(file.get(), "a"), nullptr);
}

TEST(Safetensors, DecodesEscapes) {
  attune_error error;
  File file = openBytes(safetensors("{" +
                                    entry("a\\n\\u00e9\\ud83d\\ude00\\\"\\/",
                                          "U8", "[0]", "[0,0]") +
                                    "}"),
                        error);
  ASSERT_TRUE(file) << error.message;
  EXPECT_STREQ(attune_st_at(file.get(), 0)->name, "a\n\u00e9\U0001F600\"/");
}

struct Bad {
  const char *label;
  std::string bytes;
  const char *message; ///< a part of it
};

/// gtest prints a failing case by its label.
void PrintTo(const Bad &bad, std::ostream *os) { *os << bad.label; }

class BadSafetensors : public TestWithParam<Bad> {};

TEST_P(BadSafetensors, IsRefused) {
  attune_error error;
  EXPECT_FALSE(openBytes(GetParam().bytes, error));
  EXPECT_EQ(error.code, ATTUNE_E_FILE);
  EXPECT_NE(std::string(error.message).find(GetParam().message),
            std::string::npos)
      << error.message;
  EXPECT_EQ(std::string(error.message).find("`w.safetensors`"), 0u);
  // The same from a file.
  TemporaryFolder folder;
  attune_error fromFile;
  EXPECT_FALSE(
      openPath(folder.write("w.safetensors", GetParam().bytes), fromFile));
  EXPECT_EQ(fromFile.code, ATTUNE_E_FILE);
  if (!GetParam().bytes.empty()) {
    EXPECT_NE(std::string(fromFile.message).find(GetParam().message),
              std::string::npos)
        << fromFile.message;
  }
}

std::string one(const std::string &dtype, const std::string &shape,
                const std::string &offsets, const std::string &data = data24) {
  return safetensors("{" + entry("w", dtype, shape, offsets) + "}", data);
}

std::string two(const std::string &first, const std::string &second) {
  return safetensors("{" + entry("a", "U8", "[12]", first) + "," +
                         entry("b", "U8", "[12]", second) + "}",
                     data24);
}

std::string headerOf(uint64_t size, const std::string &rest) {
  std::string bytes;
  for (int i = 0; i < 8; ++i)
    bytes += char(size >> (8 * i));
  return bytes + rest;
}

const std::string deep = std::string(100000, '[') + std::string(100000, ']');

INSTANTIATE_TEST_SUITE_P(
    Files, BadSafetensors,
    ::testing::Values(
        Bad{"Empty", "", ""}, Bad{"Short", "123456789", "too short"},
        Bad{"Lfs",
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
            "git lfs pull"},
        Bad{"Pickle", std::string("\x80\x02}q\0(X\3\0\0\0abcq\1", 16),
            "a pickle"},
        Bad{"Zip", std::string("PK\3\4\24\0\0\0\10\0\0\0\0\0\0\0\0\0", 18),
            "a zip archive"},
        Bad{"Gguf", std::string("GGUF\3\0\0\0\0\0\0\0\0\0\0\0", 16), "GGUF"},
        Bad{"Html", "\n<!DOCTYPE html><html></html>", "an HTML page"},
        Bad{"Npy", "\x93NUMPY\x01\x01\x01\x01 {'descr'", ".npy"},
        Bad{"Json", "{\"metadata\": {}}", "JSON text"},
        Bad{"HugeHeader", headerOf(100000001, "{}" + data24), "100,000,000"},
        Bad{"MaxHeader", headerOf(~uint64_t(0), "{}" + data24), "100,000,000"},
        Bad{"TruncatedHeader", headerOf(100, "{\"a\":"), "truncated"},
        Bad{"NotAnObject", safetensors("[1, 2]"), "does not begin"},
        Bad{"NothingInHeader", headerOf(0, "{}{}"), "does not begin"},
        Bad{"OnlySpace", safetensors("      "), "does not begin"},
        Bad{"CutObject", safetensors("{\"a\":{"), "malformed"},
        Bad{"TextAfter", safetensors("{} {}"), "text after"}));

INSTANTIATE_TEST_SUITE_P(
    Places, BadSafetensors,
    ::testing::Values(
        Bad{"Trailing", one("F32", "[2,3]", "[0,24]", data24 + "x"), "trail"},
        Bad{"TrailingAlone", safetensors("{}", "x"), "trail"},
        Bad{"Truncated", one("F32", "[2,3]", "[0,24]", "xyz"), "truncated"},
        Bad{"PastEnd",
            one("F32", "[1]",
                "[9223372036854775800,"
                "9223372036854775804]"),
            "past the end"},
        Bad{"PastTheEndByItsPlace",
            safetensors("{" + entry("a", "U8", "[12]", "[0,12]") + "," +
                            entry("b", "U8", "[24]", "[12,36]") + "}",
                        data24),
            "`b` ends past the end"},
        Bad{"HoleAtStart", one("F32", "[5]", "[4,24]"), "hole"},
        Bad{"Hole",
            safetensors("{" + entry("a", "U8", "[12]", "[0,12]") + "," +
                            entry("b", "U8", "[11]", "[13,24]") + "}",
                        data24),
            "hole"},
        Bad{"Overlap",
            safetensors("{" + entry("a", "U8", "[13]", "[0,13]") + "," +
                            entry("b", "U8", "[12]", "[12,24]") + "}",
                        data24),
            "overlaps"},
        Bad{"Same", two("[0,12]", "[0,12]"), "overlaps"},
        Bad{"Backwards", one("F32", "[2,3]", "[24,0]"), "ends before"},
        Bad{"WrongSize", one("F32", "[2,4]", "[0,24]"), "need 32"},
        Bad{"SizeOverflow", one("F32", "[4294967296,4294967296]", "[0,24]"),
            "overflow"},
        Bad{"BitsOverflow", one("F32", "[9223372036854775807]", "[0,24]"),
            "overflow"},
        Bad{"HalfBytes", one("F4", "[3]", "[0,1]", "x"), "whole bytes"}));

INSTANTIATE_TEST_SUITE_P(
    Header, BadSafetensors,
    ::testing::Values(
        Bad{"DuplicateName",
            safetensors("{" + entry("a", "U8", "[12]", "[0,12]") + "," +
                            entry("a", "U8", "[12]", "[12,24]") + "}",
                        data24),
            "`a` occurs twice"},
        Bad{"DuplicateEscaped",
            safetensors("{" + entry("a", "U8", "[12]", "[0,12]") + "," +
                            entry("\\u0061", "U8", "[12]", "[12,24]") + "}",
                        data24),
            "`a` occurs twice"},
        Bad{"DuplicateKey",
            safetensors("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\","
                        "\"shape\":[0],\"data_offsets\":[0,0]}}"),
            "key twice"},
        Bad{"DuplicateMetadata",
            safetensors("{\"__metadata__\":{},\"__metadata__\":{}}"),
            "occurs twice"},
        Bad{"DuplicateMetadataKey",
            safetensors("{\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}}"),
            "key twice"},
        Bad{"MetadataNumber", safetensors("{\"__metadata__\":{\"a\":1}}"),
            "expected a string"},
        Bad{"MetadataList", safetensors("{\"__metadata__\":[]}"),
            "must be an object"},
        Bad{"UnknownKey",
            safetensors("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],"
                        "\"data_offsets\":[0,0],\"x\":1}}"),
            "has a key other than"},
        Bad{"MissingKey",
            safetensors("{\"a\":{\"dtype\":\"U8\",\"shape\":[0]}}"), "lacks"},
        Bad{"EmptyEntry", safetensors("{\"a\":{}}"), "expected a string"},
        Bad{"UnknownType", one("F31", "[6]", "[0,24]"), "unknown dtype"},
        Bad{"FloatExtent", one("F32", "[2.0,3]", "[0,24]"), "with a point"},
        Bad{"FloatOffset", one("F32", "[2,3]", "[0,2.4e1]"), "with a point"},
        Bad{"Exponent", one("F32", "[6e0]", "[0,24]"), "exponent"},
        Bad{"Negative", one("F32", "[-2,-3]", "[0,24]"), "negative"},
        Bad{"MinusZero", one("F32", "[2,3]", "[-0,24]"), "negative"},
        Bad{"LeadingZero", one("F32", "[2,03]", "[0,24]"), "leading zero"},
        Bad{"TooLarge", one("F32", "[9223372036854775808]", "[0,24]"),
            "64 bits"},
        Bad{"ThreeOffsets", one("F32", "[2,3]", "[0,24,24]"), "[begin, end]"},
        Bad{"ShapeIsText", one("F32", "\"6\"", "[0,24]"), "list of extents"},
        Bad{"TrailingComma", one("F32", "[2,3,]", "[0,24]"),
            "expected an integer"},
        Bad{"Deep", safetensors("{\"a\":" + deep + "}"), "malformed"},
        Bad{"DeepShape", one("F32", deep, "[0,24]"), "expected an integer"},
        Bad{"DeepObjects", safetensors([] {
              std::string text;
              for (int i = 0; i < 100000; ++i)
                text += "{\"a\":";
              return text;
            }()),
            "has a key other than"}));

INSTANTIATE_TEST_SUITE_P(
    Strings, BadSafetensors,
    ::testing::Values(
        Bad{"Nul", safetensors(std::string("{\"a\0b\":{}}", 10)), "NUL"},
        Bad{"EscapedNul", safetensors("{\"a\\u0000b\":{}}"), "NUL"},
        Bad{"Control", safetensors("{\"a\nb\":{}}"), "control character"},
        Bad{"Utf8Start", safetensors("{\"\xff\":{}}"), "UTF-8"},
        Bad{"Utf8Cut", safetensors("{\"\xe2\x82\":{}}"), "UTF-8"},
        Bad{"Utf8Long", safetensors("{\"\xc0\xaf\":{}}"), "UTF-8"},
        Bad{"Utf8Long3", safetensors("{\"\xe0\x80\xaf\":{}}"), "UTF-8"},
        Bad{"Utf8Long4", safetensors("{\"\xf0\x80\x80\xaf\":{}}"), "UTF-8"},
        Bad{"PairOfHighs", safetensors("{\"\\ud800\\ud800\":{}}"),
            "\\u escape"},
        Bad{"HighAndLetter", safetensors("{\"\\ud800\\u0041\":{}}"),
            "\\u escape"},
        Bad{"Utf8Surrogate", safetensors("{\"\xed\xa0\x80\":{}}"), "UTF-8"},
        Bad{"LoneHigh", safetensors("{\"\\ud800\":{}}"), "\\u escape"},
        Bad{"LoneLow", safetensors("{\"\\udc00\":{}}"), "\\u escape"},
        Bad{"HighThenText", safetensors("{\"\\ud800abcdef\":{}}"),
            "\\u escape"},
        Bad{"BadHex", safetensors("{\"\\u00g0\":{}}"), "\\u escape"},
        Bad{"BadEscape", safetensors("{\"\\x\":{}}"), "unknown escape"},
        Bad{"NoEnd", safetensors("{\"abc"), "no end"},
        Bad{"NoEndEscape", safetensors("{\"abc\\"), "no end"}));

TEST(Safetensors, LongNamesAreShortenedInMessages) {
  attune_error error;
  std::string name(1 << 20, 'n');
  EXPECT_FALSE(openBytes(
      safetensors("{" + entry(name, "F31", "[6]", "[0,24]") + "}", data24),
      error));
  EXPECT_NE(std::string(error.message).find("unknown dtype"),
            std::string::npos);
}

TEST(Safetensors, NamesWhatIsNotAFile) {
  TemporaryFolder folder;
  attune_error error;
  EXPECT_FALSE(openPath(folder.path, error));
  EXPECT_NE(std::string(error.message).find("is a folder"), std::string::npos);
  EXPECT_FALSE(openPath(folder.path + "/nothing", error));
  EXPECT_NE(std::string(error.message).find("no such file"), std::string::npos);
  EXPECT_FALSE(openPath(folder.write("w", ""), error));
  EXPECT_NE(std::string(error.message).find("is empty"), std::string::npos);
  EXPECT_FALSE(openPath("/dev/null", error));
  EXPECT_NE(std::string(error.message).find("not a regular file"),
            std::string::npos);
  EXPECT_FALSE(openPath(folder.write("x", "y") + "/z", error));
  EXPECT_EQ(error.code, ATTUNE_E_FILE);
}

TEST(Safetensors, FindsTheNameUnderAPrefix) {
  attune_error error;
  File file = openBytes(
      safetensors("{" + entry("m.layers.0.w", "U8", "[12]", "[0,12]") + "," +
                      entry("m.w", "U8", "[12]", "[12,24]") + "," +
                      entry("bw", "U8", "[0]", "[24,24]") + "}",
                  data24),
      error);
  ASSERT_TRUE(file) << error.message;
  int64_t shape[] = {12}, other[] = {7}, empty[] = {0};
  const attune_st_tensor *near = attune_st_near(file.get(), "w", 1, shape);
  ASSERT_TRUE(near);
  EXPECT_STREQ(near->name, "m.w");
  EXPECT_FALSE(attune_st_near(file.get(), "w", 1, other));
  EXPECT_FALSE(attune_st_near(file.get(), "w", 1, empty)) << "bw is not x.w";
  near = attune_st_near(file.get(), "encoder.m.w", 1, shape);
  ASSERT_TRUE(near) << "the file's names lack a prefix";
  EXPECT_STREQ(near->name, "m.w");
}

TEST(Safetensors, SurvivesMutations) {
  std::string seed =
      safetensors("{\"__metadata__\":{\"format\":\"pt\"}," +
                      entry("a.w", "F32", "[2,3]", "[0,24]") + "," +
                      entry("b\\u00e9", "BF16", "[1]", "[24,26]") + "," +
                      entry("none", "I64", "[0]", "[26,26]") + "}",
                  std::string(26, 'x'));
  Random random(3);
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    attune_error error;
    File file = openBytes(mutate(seed, random), error);
    if (!file)
      continue;
    ++accepted;
    // Whatever is accepted can be read.
    for (size_t k = 0; k < attune_st_count(file.get()); ++k) {
      const attune_st_tensor *t = attune_st_at(file.get(), k);
      std::vector<char> to(t->bytes);
      EXPECT_EQ(attune_st_read(file.get(), t, 0, to.data(), to.size(), &error),
                ATTUNE_OK);
    }
  }
  // Edits of data and of the metadata's text leave a legal file.
  EXPECT_GT(accepted, 100);
  EXPECT_LT(accepted, 10000);
}

} // namespace
