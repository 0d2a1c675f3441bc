//===- ModelSweepTests.cpp - Compiled models against the oracle -----------===//
//
// Each model of Inputs/sweep.attn goes through every stage into a library for
// each vector width, and runs at many sizes; the oracle and the tolerance rule
// say what is right.
//
//===----------------------------------------------------------------------===//
#include "dialect/Attune.h"
#include "dialect/Extent.h"
#include "dialect/Target.h"
#include "frontend/Import.h"
#include "frontend/Source.h"
#include "passes/Pipelines.h"
#include "reference/Interpreter.h"
#include "reference/Tolerance.h"
#include "test/unit/CompiledModel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

#include <cstring>
#include <map>
#include <random>
#include <utility>

using namespace attune;
using namespace attune::reference;
using attune::test::CompiledModel;
using mlir::func::FuncOp;

namespace {

using Dims = std::map<std::string, int64_t>;

/// The bytes of an array as the C ABI takes them.
struct Buffer {
  std::vector<int64_t> shape;
  std::vector<char> bytes;
  attune_tensor view;

  Buffer(std::vector<int64_t> extents, mlir::Type element)
      : shape(std::move(extents)) {
    int64_t size = 1;
    for (int64_t extent : shape)
      size *= extent;
    bool isBool = element.isInteger(1);
    unsigned bits = isBool ? 8 : element.getIntOrFloatBitWidth();
    // What a model does not write is seen: 0xff is a NaN.
    bytes.assign(size * bits / 8 + 64, '\xff');
    view = {aligned(),
            1,
            0,
            int32_t(shape.size()),
            uint8_t(isBool            ? 6
                    : element.isF32() ? 2
                                      : 0),
            uint8_t(bits),
            1,
            shape.data(),
            nullptr,
            0};
  }
  Buffer(const Buffer &) = delete;

  char *aligned() {
    auto address = reinterpret_cast<uintptr_t>(bytes.data());
    return bytes.data() + (64 - address % 64) % 64;
  }
};

template <size_t> using TensorArgument = attune_tensor *;

/// Calls `<model>_run`, which has an argument a tensor.
template <size_t... I>
int callRun(void *function, void *weights,
            const std::vector<attune_tensor *> &t, void *workspace, size_t size,
            attune_error *error, std::index_sequence<I...>) {
  using Run = int (*)(void *, TensorArgument<I>..., void *, size_t,
                      const attune_call *, attune_error *);
  return reinterpret_cast<Run>(function)(weights, t[I]..., workspace, size,
                                         nullptr, error);
}

/// A model that is compiled and can be interpreted.
class SweptModel {
public:
  SweptModel(const std::string &name, int width) : name(name) {
    context.loadDialect<AttuneDialect, mlir::arith::ArithDialect,
                        mlir::func::FuncDialect, mlir::math::MathDialect>();
    frontend::Sources sources;
    frontend::Diagnostics diagnostics(sources);
    frontend::ImportOptions options;
    options.libraryDirectory = ATTUNE_SOURCE_DIR "/frontend/lib";
    options.model = name;
    module =
        frontend::importSpec(ATTUNE_SOURCE_DIR "/test/unit/Inputs/sweep.attn",
                             options, context, sources, diagnostics);
    if (!module)
      return;
    mlir::OwningOpRef<mlir::ModuleOp> lowered(module->clone());
    (*lowered)->setAttr("attune.target",
                        test::targetOf(width).toAttr(&context));
    mlir::PassManager manager(&context);
    buildNormalizeStage(manager);
    buildFuseStage(manager);
    buildBufferizeStage(manager);
    buildPlanStage(manager);
    buildTileStage(manager);
    if (mlir::failed(manager.run(*lowered)))
      return;
    std::string text;
    llvm::raw_string_ostream stream(text);
    lowered->print(stream);
    addWeights(*lowered->getOps<FuncOp>().begin());
    compiled = std::make_unique<CompiledModel>(text, name, width);
  }

  /// Empty when everything was compiled.
  std::string error() const {
    return compiled ? compiled->error() : "a stage before realize failed";
  }

  void check(const Dims &dims);

private:
  FuncOp func() { return *module->getOps<FuncOp>().begin(); }
  void addWeights(FuncOp lowered);
  std::vector<int64_t> extentsOf(mlir::Type type, const Dims &dims);
  int run(const std::vector<std::unique_ptr<Buffer>> &buffers,
          const Dims &dims);

  std::string name;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<CompiledModel> compiled;
  std::map<std::string, Array> weights;
  bool hasWeights = false;
};

/// Element `i` of a buffer of booleans or i64.
int64_t integerAt(const Buffer &buffer, int64_t i) {
  if (buffer.view.bits == 8)
    return static_cast<const uint8_t *>(buffer.view.data)[i];
  return static_cast<const int64_t *>(buffer.view.data)[i];
}

int64_t countOf(llvm::ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

// One array for each name of the weight table, which may list it twice.
void SweptModel::addWeights(FuncOp lowered) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> values(-0.3f, 0.3f);
  auto table = lowered->getAttrOfType<mlir::ArrayAttr>("attune.weights");
  for (auto row : table.getAsRange<WeightAttr>()) {
    Array &array = weights[row.getName().str()];
    if (!array.reals.empty())
      continue;
    array.shape = row.getShape().vec();
    for (int64_t i = 0; i < countOf(array.shape); ++i)
      array.reals.push_back(values(random));
  }
}

std::vector<int64_t> SweptModel::extentsOf(mlir::Type type, const Dims &dims) {
  auto tensor = mlir::cast<mlir::RankedTensorType>(type);
  std::vector<int64_t> extents = tensor.getShape().vec();
  if (auto shape = mlir::dyn_cast_or_null<ShapeAttr>(tensor.getEncoding()))
    for (auto [axis, extent] : llvm::enumerate(shape.getExtents()))
      extents[axis] = *Extent::get(extent).evaluate([&](llvm::StringRef dim) {
        return std::optional<int64_t>(dims.at(dim.str()));
      });
  return extents;
}

int SweptModel::run(const std::vector<std::unique_ptr<Buffer>> &buffers,
                    const Dims &dims) {
  if (!hasWeights) {
    std::vector<std::pair<const char *, attune_tensor *>> list;
    std::vector<std::unique_ptr<Buffer>> arrays;
    for (auto &[weight, array] : weights) {
      arrays.push_back(std::make_unique<Buffer>(
          array.shape, mlir::Float32Type::get(&context)));
      auto *out = static_cast<float *>(arrays.back()->view.data);
      for (double value : array.reals)
        *out++ = static_cast<float>(value);
      list.push_back({weight.c_str(), &arrays.back()->view});
    }
    if (int code = compiled->setWeights(list))
      return code;
    hasWeights = true;
  }
  std::vector<int64_t> values;
  auto table = func()->getAttrOfType<mlir::ArrayAttr>("attune.dims");
  for (auto dim : table.getAsRange<DimAttr>())
    values.push_back(dims.at(dim.getName().str()));
  size_t size = 0;
  auto workspaceSize =
      reinterpret_cast<int (*)(const int64_t *, size_t *, attune_error *)>(
          compiled->symbol("_workspace"));
  if (int code = workspaceSize(values.data(), &size, &compiled->lastError))
    return code;
  // A buffer that is read before it is written is seen, as is one that is too
  // small.
  std::vector<char> workspace(size + 192, '\xff');
  auto address = reinterpret_cast<uintptr_t>(workspace.data());
  char *begin = workspace.data() + (64 - address % 64) % 64;
  std::memset(begin + size, 0x5a, 64);
  std::vector<attune_tensor *> tensors;
  for (auto &buffer : buffers)
    tensors.push_back(&buffer->view);
  void *function = compiled->symbol("_run");
  int code = -1;
  auto call = [&](auto indices) {
    if (tensors.size() == indices.size())
      code = callRun(function, compiled->weightsHandle(), tensors, begin, size,
                     &compiled->lastError, indices);
  };
  call(std::make_index_sequence<2>());
  call(std::make_index_sequence<3>());
  call(std::make_index_sequence<4>());
  call(std::make_index_sequence<5>());
  call(std::make_index_sequence<6>());
  call(std::make_index_sequence<7>());
  for (int i = 0; i < 64; ++i)
    EXPECT_EQ(begin[size + i], 0x5a) << "the workspace was overrun";
  return code;
}

void SweptModel::check(const Dims &dims) {
  std::mt19937 random(2);
  std::uniform_real_distribution<float> reals(-1, 1);
  std::vector<Array> inputs;
  std::vector<std::unique_ptr<Buffer>> buffers;
  for (mlir::Type type : func().getArgumentTypes()) {
    mlir::Type element = mlir::cast<mlir::ShapedType>(type).getElementType();
    Array array;
    array.isFloat = element.isF32();
    array.shape = extentsOf(type, dims);
    buffers.push_back(std::make_unique<Buffer>(array.shape, element));
    void *data = buffers.back()->view.data;
    for (int64_t i = 0; i < countOf(array.shape); ++i) {
      if (array.isFloat) {
        float value = reals(random);
        static_cast<float *>(data)[i] = value;
        array.reals.push_back(value);
        continue;
      }
      int64_t value = element.isInteger(1) ? i * 7 % 3 != 0 : 1 + i * 3 % 5;
      if (element.isInteger(1))
        static_cast<uint8_t *>(data)[i] = static_cast<uint8_t>(value);
      else if (element.isInteger(32))
        static_cast<int32_t *>(data)[i] = static_cast<int32_t>(value);
      else
        static_cast<int64_t *>(data)[i] = value;
      array.integers.push_back(value);
    }
    inputs.push_back(std::move(array));
  }
  size_t numInputs = buffers.size();
  for (mlir::Type type : func().getResultTypes())
    buffers.push_back(std::make_unique<Buffer>(
        extentsOf(type, dims),
        mlir::cast<mlir::ShapedType>(type).getElementType()));
  ASSERT_EQ(run(buffers, dims), ATTUNE_OK) << compiled->lastError.message;

  auto lookup = [&](llvm::StringRef weight) -> const Array * {
    auto known = weights.find(weight.str());
    return known == weights.end() ? nullptr : &known->second;
  };
  llvm::StringMap<int64_t> known;
  for (auto dim : func()
                      ->getAttrOfType<mlir::ArrayAttr>("attune.dims")
                      .getAsRange<DimAttr>())
    known[dim.getName().getValue()] = dims.at(dim.getName().str());
  auto truth = interpret(func(), inputs, lookup, known, Precision::F64);
  ASSERT_TRUE(bool(truth)) << llvm::toString(truth.takeError());
  auto naive = interpret(func(), inputs, lookup, known, Precision::F32);
  ASSERT_TRUE(bool(naive)) << llvm::toString(naive.takeError());
  for (size_t k = 0; k < truth->size(); ++k) {
    const Array &expected = (*truth)[k];
    const Buffer &buffer = *buffers[numInputs + k];
    ASSERT_EQ(expected.shape, buffer.shape);
    if (!expected.isFloat) {
      for (int64_t i = 0; i < expected.size(); ++i)
        ASSERT_EQ(expected.integers[i], integerAt(buffer, i))
            << name << " output " << k << " at " << i;
      continue;
    }
    const auto *data = static_cast<const float *>(buffer.view.data);
    std::vector<double> result(data, data + expected.size());
    Comparison comparison = compare(result, expected.reals, (*naive)[k].reals,
                                    std::ldexp(1.0, -24));
    EXPECT_TRUE(comparison.passed())
        << name << " output " << k << ": error " << comparison.maxError
        << ", tolerance " << comparison.tolerance << " at " << comparison.worst;
  }
}

class ModelSweep
    : public testing::TestWithParam<std::tuple<const char *, int>> {};

TEST_P(ModelSweep, AgreesWithTheOracle) {
  auto [name, width] = GetParam();
  if (!attune::test::canRun(width))
    GTEST_SKIP() << "this machine has no vectors of " << width << " floats";
  SweptModel model(name, width);
  ASSERT_EQ(model.error(), "");
  // Tiles are 6 x 16 (AVX2) and their like: one less, one more, and ragged.
  for (Dims dims :
       {Dims{{"B", 1}, {"T", 1}, {"S", 1}}, Dims{{"B", 2}, {"T", 7}, {"S", 5}},
        Dims{{"B", 0}, {"T", 5}, {"S", 3}},
        Dims{{"B", 1}, {"T", 15}, {"S", 17}},
        Dims{{"B", 3}, {"T", 67}, {"S", 33}},
        Dims{{"B", 2}, {"T", 130}, {"S", 97}}}) {
    SCOPED_TRACE(testing::Message() << "B = " << dims["B"] << ", T = "
                                    << dims["T"] << ", S = " << dims["S"]);
    model.check(dims);
    if (HasFatalFailure())
      return;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, ModelSweep,
    testing::Combine(testing::Values("decoder", "stack", "plain2", "plain3",
                                     "ids", "tail", "proj", "gqa", "windows",
                                     "cross", "swap", "nest", "tensors",
                                     "lines", "picks", "made", "turned",
                                     "stacked", "results", "biased",
                                     "synthesizers", "factors", "bahdanau",
                                     "gaps", "thin", "gates", "norms",
                                     "channels", "alone", "panels"),
                     testing::Values(4, 8, 16)),
    [](const testing::TestParamInfo<std::tuple<const char *, int>> &info) {
      return std::string(std::get<0>(info.param)) + "_" +
             std::to_string(std::get<1>(info.param));
    });

} // namespace
