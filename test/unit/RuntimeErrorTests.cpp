//===- RuntimeErrorTests.cpp - The text of the runtime's errors -----------===//

#include "runtime/error.h"
#include "gtest/gtest.h"
#include <cstring>
#include <string>
#include <vector>

namespace {

TEST(RuntimeError, CutsBetweenCharacters) {
  for (int pad = 240; pad < 256; ++pad) {
    attune_error e;
    std::string text = std::string(pad, 'a') + "\u00e9\U0001F600\u20ac\u00e9";
    EXPECT_EQ(attune_fail(&e, ATTUNE_E_FILE, "%s", text.c_str()),
              ATTUNE_E_FILE);
    std::string message = e.message;
    EXPECT_LT(message.size(), sizeof(e.message));
    EXPECT_EQ(message.find('?'), std::string::npos) << message;
    if (message != text) {
      ASSERT_EQ(message.substr(message.size() - 3), "...");
      EXPECT_EQ(text.find(message.substr(0, message.size() - 3)), 0u);
    }
  }
}

TEST(RuntimeError, ReplacesWhatATerminalMustNotSee) {
  attune_error e;
  attune_fail(&e, ATTUNE_E_FILE, "%s", "a\x1b[31m\n\xff\xe2\x82");
  EXPECT_STREQ(e.message, "a?[31m????");
  EXPECT_EQ(attune_fail(nullptr, ATTUNE_E_FILE, "x"), ATTUNE_E_FILE);
}

TEST(RuntimeError, ShortensShapes) {
  char text[ATTUNE_TEXT];
  std::vector<int64_t> shape(8, INT64_MIN);
  EXPECT_LT(strlen(attune_shape_text(text, 8, shape.data())),
            size_t(ATTUNE_TEXT));
  EXPECT_STREQ(attune_shape_text(text, 0, nullptr), "[]");
  int64_t two[] = {2, 3};
  EXPECT_STREQ(attune_shape_text(text, 2, two), "[2, 3]");
}

} // namespace
