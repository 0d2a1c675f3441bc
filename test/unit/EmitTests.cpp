//===- EmitTests.cpp - Libraries, headers and manifests -------------------===//

#include "test/unit/CompiledModel.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>
#include <set>

using namespace attune::test;
using llvm::StringRef;

namespace {

/// y = x + weight "b", with awkward names.
const char *text = R"(
  func.func @m(%x: memref<?x4xf32> {attune.name = "int", attune.shape = #attune.shape<T, 4>},
               %y: memref<?x4xf32> {attune.name = "weights", attune.output, attune.shape = #attune.shape<T, 4>})
      attributes {attune.model, attune.dims = [#attune.dim<"T", bound = 100, argument = 0, axis = 0>],
        attune.conditions = [#attune.condition<<T - 1>, "T >= 1">],
        attune.packed_floats = 16 : i64,
        attune.weights = [#attune.weight<"b", [4], <copy, 0>, 0>]} {
    %b = attune.param "b" pack <copy, 0> offset 0 : memref<4xf32>
    attune.elementwise <add> %x, %b into %y : (memref<?x4xf32>, memref<4xf32>, memref<?x4xf32>) -> ()
    return
  })";

std::string read(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

/// Runs a program of LLVM's tools; its output, or "failed: ..." .
std::string runTool(StringRef tool, std::vector<std::string> arguments) {
  std::string program = std::string(ATTUNE_LLVM_TOOLS_DIR) + "/" + tool.str();
  llvm::SmallString<128> out;
  if (llvm::sys::fs::createTemporaryFile("attune-tool", "txt", out))
    return "failed: no temporary file";
  llvm::FileRemover remover(out);
  std::vector<StringRef> list = {program};
  list.insert(list.end(), arguments.begin(), arguments.end());
  std::optional<StringRef> redirects[] = {StringRef(), StringRef(out),
                                          StringRef(out)};
  int code = llvm::sys::ExecuteAndWait(program, list, std::nullopt, redirects);
  return code == 0 ? read(out) : "failed: " + read(out);
}

} // namespace

TEST(Emit, exportsTheModelsFunctionsOnly) {
  CompiledModel model(text, "m", 4);
  ASSERT_EQ(model.error(), "");
  std::string symbols =
      runTool("llvm-nm", {"-D", "--defined-only", "-j", model.libraryPath()});
  std::set<std::string> names;
  llvm::SmallVector<StringRef> lines;
  StringRef(symbols).split(lines, '\n', -1, /*KeepEmpty=*/false);
  for (StringRef line : lines)
    names.insert(line.trim().str());
  EXPECT_EQ(names, (std::set<std::string>{
                       "m_abi_version", "m_manifest", "m_run",
                       "m_weights_finish", "m_weights_free", "m_weights_load",
                       "m_weights_new", "m_weights_set", "m_workspace"}));
  std::string needed =
      runTool("llvm-readelf", {"--needed-libs", model.libraryPath()});
  EXPECT_NE(needed.find("libc.so.6"), std::string::npos) << needed;
  EXPECT_EQ(needed.find("libstdc++"), std::string::npos) << needed;
  EXPECT_EQ(needed.find("LLVM"), std::string::npos) << needed;
  std::string sections =
      runTool("llvm-readelf", {"--sections", model.libraryPath()});
  EXPECT_EQ(sections.find(".init_array"), std::string::npos) << sections;
}

TEST(Emit, runsWithWeights) {
  CompiledModel model(text, "m", 4);
  ASSERT_EQ(model.error(), "");
  Tensor<float> b({4}, {1, 2, 3, 4}, 2);
  ASSERT_EQ(model.setWeights({{"b", &b.view}}), ATTUNE_OK)
      << model.lastError.message;
  Tensor<float> x({2, 4}, {10, 20, 30, 40, 50, 60, 70, 80}, 2);
  Tensor<float> y({2, 4}, std::vector<float>(8), 2);
  ASSERT_EQ(model.run({&x.view, &y.view}, {2}), ATTUNE_OK)
      << model.lastError.message;
  EXPECT_EQ(y.elements, (std::vector<float>{11, 22, 33, 44, 51, 62, 73, 84}));
}

TEST(Emit, checksConditionsBoundsAndShapes) {
  CompiledModel model(text, "m", 4);
  ASSERT_EQ(model.error(), "");
  Tensor<float> b({4}, {1, 2, 3, 4}, 2);
  ASSERT_EQ(model.setWeights({{"b", &b.view}}), ATTUNE_OK);
  Tensor<float> none({0, 4}, {}, 2), much({101, 4}, std::vector<float>(404), 2),
      wide({1, 5}, std::vector<float>(5), 2);
  none.elements.resize(1);
  none.view.data = none.elements.data();
  EXPECT_NE(model.run({&none.view, &none.view}, {0}), ATTUNE_OK);
  EXPECT_NE(std::string(model.lastError.message).find("T >= 1"),
            std::string::npos)
      << model.lastError.message;
  EXPECT_NE(model.run({&much.view, &much.view}, {101}), ATTUNE_OK);
  EXPECT_EQ(model.run({&wide.view, &wide.view}, {1}), ATTUNE_E_SHAPE)
      << model.lastError.message;
}

TEST(Emit, givesEqualBytesForEqualInput) {
  CompiledModel first(text, "m", 8), second(text, "m", 8);
  ASSERT_EQ(first.error() + second.error(), "");
  std::string a = read(first.libraryPath()), b = read(second.libraryPath());
  ASSERT_FALSE(a.empty());
  // The file's own name is in the library, for programs that link to it.
  auto dropName = [](std::string &bytes, StringRef path) {
    std::string name = path.rsplit('/').second.str();
    size_t at = bytes.find(name);
    ASSERT_NE(at, std::string::npos);
    bytes.replace(at, name.size(), name.size(), '?');
    EXPECT_EQ(bytes.find("/tmp"), std::string::npos);
    EXPECT_EQ(bytes.find(ATTUNE_SOURCE_DIR), std::string::npos);
  };
  dropName(a, first.libraryPath());
  dropName(b, second.libraryPath());
  EXPECT_TRUE(a == b);
}

TEST(Emit, headerCompilesAsCAndCpp) {
  CompiledModel model(text, "m", 4);
  ASSERT_EQ(model.error(), "");
  llvm::SmallString<128> header;
  ASSERT_FALSE(
      llvm::sys::fs::createTemporaryFile("attune-header", "h", header));
  llvm::FileRemover remover(header);
  std::error_code error;
  llvm::raw_fd_ostream(header, error) << model.header();
  for (auto [language, standard] :
       {std::pair("c", "-std=c99"), std::pair("c++", "-std=c++11")})
    EXPECT_EQ(runTool("clang", {"-x", language, standard, "-Wall", "-Wextra",
                                "-pedantic", "-Werror", "-fsyntax-only",
                                std::string(header)}),
              "");
  EXPECT_NE(model.header().find("const attune_tensor *int_,\n"
                                "    attune_tensor *weights_,"),
            std::string::npos)
      << model.header();
}

TEST(Emit, manifestDescribesTheModel) {
  CompiledModel model(text, "m", 8);
  ASSERT_EQ(model.error(), "");
  auto file = llvm::json::parse(model.manifest());
  ASSERT_TRUE(bool(file));
  const auto *entry =
      file->getAsObject()->getArray("models")->front().getAsObject();
  EXPECT_EQ(entry->getString("model"), "m");
  EXPECT_EQ(entry->getString("cpu"), "haswell");
  const auto &input = *entry->getArray("inputs")->front().getAsObject();
  EXPECT_EQ(input.getString("dtype"), "f32");
  EXPECT_EQ(*input.getArray("shape"), (llvm::json::Array{"T", 4}));
  EXPECT_EQ(
      entry->getArray("weights")->front().getAsObject()->getString("name"),
      "b");
  auto own = llvm::json::parse(
      reinterpret_cast<const char *(*)()>(model.symbol("_manifest"))());
  ASSERT_TRUE(bool(own));
  EXPECT_EQ(*own, llvm::json::Value(llvm::json::Object(*entry)));
}

TEST(Emit, refusesNamesOfTheRuntime) {
  std::string renamed = text;
  renamed.replace(renamed.find("@m("), 3, "@attune_rt(");
  CompiledModel model(renamed, "attune_rt", 4);
  EXPECT_NE(model.error().find("belong to the runtime"), std::string::npos)
      << model.error();
}

TEST(Emit, usesOnlyTheTargetsRegisters) {
  CompiledModel model(text, "m", 4);
  ASSERT_EQ(model.error(), "");
  EXPECT_EQ(model.assembly().find("ymm"), std::string::npos);
  CompiledModel wide(text, "m", 16);
  ASSERT_EQ(wide.error(), "");
}
