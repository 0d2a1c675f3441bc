//===- SemaTests.cpp - Every diagnostic about meaning ---------------------===//
//
// Each case is a spec with the expected place marked «so», the diagnostic and
// a part of its text (title, notes and helps).
//
//===----------------------------------------------------------------------===//

#include "ImportCase.h"
#include "SemaCases.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

using namespace attune::frontend;

class SemaTest : public testing::TestWithParam<SemaCase> {};

TEST_P(SemaTest, ReportsAtThePlace) {
  const SemaCase &c = GetParam();
  ImportCase run(c.source);
  ASSERT_TRUE(run.hasMark) << "the case marks no place";
  const Diagnostic *found = nullptr;
  for (const Diagnostic &diagnostic : run.diagnostics->all())
    if (diagnostic.id == c.id && !found)
      found = &diagnostic;
  ASSERT_TRUE(found) << "reported instead:\n" << run.text();
  ASSERT_TRUE(found->span.has_value());
  EXPECT_EQ(found->span->begin, run.markBegin) << run.text();
  EXPECT_EQ(found->span->end, run.markEnd) << run.text();
  EXPECT_NE(run.text().find(c.text), std::string::npos) << run.text();
  // One cause, one message.
  EXPECT_EQ(run.diagnostics->all().size(), 1u) << run.text();
  bool isError = allDiagnostics()[unsigned(c.id)].severity == Severity::Error;
  EXPECT_EQ(bool(run.module), !isError);
}

INSTANTIATE_TEST_SUITE_P(
    Table, SemaTest, testing::ValuesIn(semaCases()),
    [](const testing::TestParamInfo<SemaCase> &info) {
      return allDiagnostics()[unsigned(info.param.id)].name.str() + "_" +
             std::to_string(info.index);
    });

/// Codes of meaning (A02xx, A03xx, A05xx) that no table row can show: they need
/// several files or no place.
TEST(SemaTable, ShowsEveryDiagnostic) {
  std::set<Diag> shown{Diag::unknown_model, Diag::ambiguous_import,
                       Diag::too_many_operations};
  for (const SemaCase &c : semaCases())
    shown.insert(c.id);
  for (const DiagnosticInfo &info : allDiagnostics())
    if (info.code.starts_with("A02") || info.code.starts_with("A03") ||
        info.code.starts_with("A05"))
      EXPECT_TRUE(shown.count(info.id)) << info.name.str() << " has no test";
}

TEST(Sema, BlocksThatDoubleAreCountedBeforeExpanding) {
  std::string source =
      "dim B\nblock f0(x: f32[B]) -> f32[B] { return x + x }\n";
  for (int i = 1; i <= 47; ++i) {
    std::string inner = "f" + std::to_string(i - 1);
    source += "block f" + std::to_string(i) +
              "(x: f32[B]) -> f32[B] { return " + inner + "(" + inner +
              "(x)) }\n";
  }
  source += "model m { input x: f32[B] output y = f47(x) }\n";
  auto start = std::chrono::steady_clock::now();
  ImportCase run(source);
  auto elapsed = std::chrono::steady_clock::now() - start;
  ASSERT_EQ(run.diagnostics->errorCount(), 1u) << run.text();
  EXPECT_EQ(run.diagnostics->all()[0].id, Diag::too_many_operations);
  EXPECT_LT(elapsed, std::chrono::seconds(2));
}

TEST(Sema, MasksThatDoubleAreCutOff) {
  std::string source = "dim B, T\nmask m0 = q < k\n";
  for (int i = 1; i <= 47; ++i) {
    std::string inner = "m" + std::to_string(i - 1);
    source +=
        "mask m" + std::to_string(i) + " = " + inner + " & " + inner + "\n";
  }
  source += "model m { input x: f32[B, T, 8]\n"
            "  output y = attention(x, x, x, mask = m47) }\n";
  // 2^47 operations would outlast any timeout.
  ImportCase run(source);
  ASSERT_EQ(run.diagnostics->errorCount(), 1u) << run.text();
  EXPECT_EQ(run.diagnostics->all()[0].id, Diag::too_many_operations);
}

TEST(Sema, UnknownModelSuggestsTheNearest) {
  ImportCase run("dim B\nmodel encoder { input x: f32[B] output y = x + x }\n",
                 "encodr");
  ASSERT_EQ(run.diagnostics->errorCount(), 1u);
  EXPECT_EQ(run.diagnostics->all()[0].id, Diag::unknown_model);
  EXPECT_NE(run.text().find("did you mean `encoder`?"), std::string::npos);
}
