//===- SafetensorsShardTests.cpp - Weights in several files ---------------===//

#include "SafetensorsFile.h"

using namespace attune::test;

namespace {

const std::string deep = std::string(100000, '[') + std::string(100000, ']');

/// Three tensors in two shards.
std::string shard(const std::string &name, const std::string &bytes) {
  return safetensors("{" +
                         entry(name, "U8",
                               "[" + std::to_string(bytes.size()) + "]",
                               "[0," + std::to_string(bytes.size()) + "]") +
                         "}",
                     bytes);
}

TEST(Safetensors, ReadsShards) {
  TemporaryFolder folder;
  folder.write("one.safetensors", shard("b", "12"));
  folder.write("two.safetensors", shard("a", "345"));
  attune_error error;
  File file = openPath(
      folder.write("model.safetensors.index.json",
                   "{\"metadata\": {\"total_size\": 5, \"x\": [{}, [], 1.5]},"
                   " \"weight_map\": {\"a\": \"two.safetensors\", \"b\": "
                   "\"one.safetensors\"}}\n"),
      error);
  ASSERT_TRUE(file) << error.message;
  ASSERT_EQ(attune_st_count(file.get()), 2u);
  char bytes[3];
  const attune_st_tensor *a = attune_st_find(file.get(), "a");
  ASSERT_TRUE(a);
  ASSERT_EQ(attune_st_read(file.get(), a, 0, bytes, 3, &error), ATTUNE_OK);
  EXPECT_EQ(std::string(bytes, 3), "345");
}

TEST(Safetensors, RefusesBadShards) {
  TemporaryFolder folder, outside;
  folder.write("one", shard("b", "12"));
  folder.write("again", shard("b", "12"));
  std::string secret = outside.write("secret", shard("b", "12"));
  std::filesystem::create_symlink(secret, folder.path + "/link");
  struct {
    const char *map, *message;
  } cases[] = {
      {"{\"b\": \"../secret\"}", "plain file name"},
      {"{\"b\": \"/etc/passwd\"}", "plain file name"},
      {"{\"b\": \"..\"}", "plain file name"},
      {"{\"b\": \"\"}", "plain file name"},
      {"{\"b\": \"a\\\\b\"}", "plain file name"},
      {"{\"b\": \"link\"}", "symbolic link"},
      {"{\"b\": \"none\"}", "no such file"},
      {"{\"a\": \"one\", \"b\": \"one\"}", "no shard holds"},
      {"{\"a\": \"one\"}", "does not map"},
      {"{\"b\": \"one\", \"c\": \"again\"}", "does not map"},
      {"{\"b\": \"one\", \"b\": \"one\"}", "names a tensor twice"},
      {"{\"b\": 1}", "expected a string"},
      {"{}", "maps no tensor"},
      {"[]", "must be an object"},
  };
  for (auto &c : cases) {
    attune_error error;
    std::string text = std::string("{\"weight_map\": ") + c.map + "}";
    EXPECT_FALSE(openPath(folder.write("i.json", text), error)) << c.map;
    EXPECT_NE(std::string(error.message).find(c.message), std::string::npos)
        << c.map << ": " << error.message;
  }
  attune_error error;
  folder.write("other", shard("c", "12"));
  EXPECT_FALSE(
      openPath(folder.write("i.json", "{\"weight_map\": {\"b\": \"one\"}, "
                                      "\"weight_map\": {\"c\": \"other\"}}"),
               error));
  EXPECT_NE(std::string(error.message).find("a key occurs twice"),
            std::string::npos)
      << error.message;
  for (std::string text : {std::string("{\"metadata\": {}}"),
                           "{\"metadata\": " + deep + ", \"weight_map\": {}}",
                           std::string("{\"weight_map\": {\"b\": \"one\"}} x"),
                           std::string("{"), std::string("{\"metadata\": \"")})
    EXPECT_FALSE(openPath(folder.write("i.json", text), error));
}

} // namespace
