//===- Tests.h - The `test` blocks of a spec --------------------*- C++ -*-===//
#ifndef ATTUNE_FRONTEND_TESTS_H
#define ATTUNE_FRONTEND_TESTS_H

#include "frontend/Diagnostics.h"

#include <optional>
#include <string>
#include <vector>

namespace attune::frontend {

/// The right side of `name = value` or `expect name ~ value`.
struct TestValue {
  enum class Kind {
    Literal,  ///< text: a number, true, false or nested lists of them
    String,   ///< text: of a string
    File,     ///< npy("text")
    Random,   ///< random(seed): text is the seed, "1" without one
    Reference ///< reference(): the float64 evaluation of the model itself
  };
  Kind kind = Kind::Literal;
  std::string text;
};

struct SpecTest {
  struct Item {
    bool isExpect = false;
    std::string name;
    TestValue value;
    /// Of `expect`: multiples of the tolerance rule.
    double tolerance = 1.0;
    Span span; ///< of the name
  };
  std::string name;
  Span span;
  std::vector<Item> items;
};

/// The tests of the file at `path`, in order; imported files' tests are their
/// own. What cannot be read is reported to `diagnostics`.
std::vector<SpecTest> readTests(llvm::StringRef path, Sources &sources,
                                Diagnostics &diagnostics);

} // namespace attune::frontend

#endif // ATTUNE_FRONTEND_TESTS_H
