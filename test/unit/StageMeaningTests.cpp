//===- StageMeaningTests.cpp - Stages on tensors keep the meaning ---------===//
//
// The oracle interprets each model of Inputs/stages.attn before and after
// normalize and fuse, in float64: the results agree to rounding.
//
//===----------------------------------------------------------------------===//
#include "dialect/Attune.h"
#include "dialect/Target.h"
#include "frontend/Import.h"
#include "frontend/Source.h"
#include "passes/Pipelines.h"
#include "reference/Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

#include <map>
#include <random>

using namespace attune;
using namespace attune::reference;
using mlir::func::FuncOp;

namespace {

/// Weights by full name, made up when they are first asked for.
class Weights {
public:
  /// Shapes are those of the params before any stage.
  explicit Weights(FuncOp func) {
    func.walk([&](ParamOp param) {
      auto type = mlir::cast<mlir::ShapedType>(param.getResult().getType());
      shapes[param.getName().str()] = type.getShape().vec();
    });
  }

  /// Learns the parts of joined weights, whose first part names them.
  void addJoined(FuncOp func) {
    func.walk([&](ParamOp param) {
      if (auto parts = param->getAttrOfType<mlir::ArrayAttr>("attune.parts"))
        for (auto part : parts.getAsRange<WeightAttr>())
          joined[param.getName().str()].push_back(part.getName().str());
    });
  }

  const Array *find(llvm::StringRef name) {
    auto known = joined.find(name.str());
    if (known == joined.end())
      return &single(name.str());
    Array &whole = wholes[name.str()];
    if (whole.shape.empty()) {
      for (const std::string &part : known->second) {
        const Array &array = single(part);
        if (whole.shape.empty())
          whole.shape = array.shape;
        else
          whole.shape[0] += array.shape[0];
        whole.reals.insert(whole.reals.end(), array.reals.begin(),
                           array.reals.end());
      }
    }
    return &whole;
  }

private:
  const Array &single(const std::string &name) {
    Array &array = arrays[name];
    if (array.shape.empty()) {
      array.shape = shapes.at(patternOf(name));
      int64_t size = 1;
      for (int64_t extent : array.shape)
        size *= extent;
      std::mt19937 random(
          static_cast<unsigned>(std::hash<std::string>()(name)));
      std::uniform_real_distribution<double> values(-0.3, 0.3);
      for (int64_t i = 0; i < size; ++i)
        array.reals.push_back(values(random));
    }
    return array;
  }

  /// "layers.2.x" is of the family "layers.{i}.x".
  std::string patternOf(const std::string &name) {
    if (shapes.count(name))
      return name;
    size_t digit = name.find_first_of("0123456789");
    return name.substr(0, digit) + "{i}" + name.substr(digit + 1);
  }

  std::map<std::string, std::vector<int64_t>> shapes;
  std::map<std::string, std::vector<std::string>> joined;
  std::map<std::string, Array> arrays, wholes;
};

/// A model and how many linears fuse leaves of it.
struct Case {
  const char *model;
  size_t linears;
};

class StageMeaning : public testing::TestWithParam<Case> {
protected:
  StageMeaning() {
    context.loadDialect<AttuneDialect, mlir::arith::ArithDialect,
                        mlir::func::FuncDialect, mlir::math::MathDialect>();
  }

  static FuncOp modelOf(mlir::ModuleOp module) {
    return *module.getOps<FuncOp>().begin();
  }

  std::vector<Array> inputsOf(FuncOp func) {
    std::vector<Array> inputs;
    std::mt19937 random(3);
    for (mlir::Type type : func.getArgumentTypes()) {
      auto tensor = mlir::cast<mlir::RankedTensorType>(type);
      Array array;
      array.isFloat = tensor.getElementType().isF32();
      int64_t size = 1;
      // B = 2, then T = 5 or S = 7, told apart by the name in the encoding.
      for (int64_t axis = 0; axis < tensor.getRank(); ++axis) {
        int64_t extent = tensor.getDimSize(axis);
        if (mlir::ShapedType::isDynamic(extent)) {
          auto shape = mlir::cast<ShapeAttr>(tensor.getEncoding());
          mlir::StringAttr dim =
              shape.getExtents()[axis].getTerms()[0].getFactors()[0];
          extent = dim == "B" ? 2 : dim == "T" ? 5 : 7;
        }
        array.shape.push_back(extent);
        size *= extent;
      }
      std::uniform_real_distribution<double> values(-1, 1);
      for (int64_t i = 0; i < size; ++i)
        if (array.isFloat)
          array.reals.push_back(values(random));
        else
          array.integers.push_back(1 + i * 3 % 5);
      inputs.push_back(std::move(array));
    }
    return inputs;
  }

  std::vector<Array> run(FuncOp func, Weights &weights) {
    auto outputs = interpret(
        func, inputsOf(func),
        [&](llvm::StringRef name) { return weights.find(name); }, {},
        Precision::F64);
    if (!outputs) {
      ADD_FAILURE() << llvm::toString(outputs.takeError());
      return {};
    }
    return *outputs;
  }

  mlir::MLIRContext context;
};

TEST_P(StageMeaning, IsKept) {
  frontend::Sources sources;
  frontend::Diagnostics diagnostics(sources);
  frontend::ImportOptions options;
  options.libraryDirectory = ATTUNE_SOURCE_DIR "/frontend/lib";
  options.model = GetParam().model;
  auto module =
      frontend::importSpec(ATTUNE_SOURCE_DIR "/test/unit/Inputs/stages.attn",
                           options, context, sources, diagnostics);
  ASSERT_TRUE(module);
  Weights weights(modelOf(*module));
  std::vector<Array> before = run(modelOf(*module), weights);
  ASSERT_FALSE(before.empty());

  (*module)->setAttr("attune.target", Target::get("haswell")->toAttr(&context));
  mlir::PassManager manager(&context);
  buildNormalizeStage(manager);
  buildFuseStage(manager);
  ASSERT_TRUE(mlir::succeeded(manager.run(*module)));
  size_t linears = 0;
  module->walk([&](LinearOp) { ++linears; });
  EXPECT_EQ(linears, GetParam().linears);
  weights.addJoined(modelOf(*module));
  std::vector<Array> after = run(modelOf(*module), weights);

  ASSERT_EQ(before.size(), after.size());
  for (size_t k = 0; k < before.size(); ++k) {
    ASSERT_EQ(before[k].shape, after[k].shape);
    for (size_t i = 0; i < before[k].reals.size(); ++i)
      ASSERT_NEAR(before[k].reals[i], after[k].reals[i], 1e-12)
          << "output " << k << ", element " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, StageMeaning,
                         testing::Values(Case{"decoder", 7}, Case{"stack", 4},
                                         Case{"shared", 1}, Case{"products", 2},
                                         Case{"gating", 3}),
                         [](const testing::TestParamInfo<Case> &info) {
                           return info.param.model;
                         });

} // namespace
