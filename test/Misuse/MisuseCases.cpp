//===- MisuseCases.cpp - One wrong thing in a call ------------------------===//
//
// Each case: a code, a message that names the thing, outputs that nobody wrote
// to, and a next call with right numbers on the same weights and workspace.
//
//===----------------------------------------------------------------------===//

#include "MisuseCall.h"
#include <climits>
#include <cstring>
#include <functional>

using namespace attune::test;

namespace {

struct Case {
  std::string name;
  std::function<void(Call &)> spoil;
  int code;
  std::vector<std::string> texts;
};

void PrintTo(const Case &c, std::ostream *os) { *os << c.name; }

class Misuse : public ::testing::TestWithParam<Case> {};

TEST_P(Misuse, IsRefusedAndHarmless) {
  Call call(2, 5, 3);
  GetParam().spoil(call);
  for (CallArray *output : call.outputs)
    output->fill(0x33);
  EXPECT_EQ(call.run(), GetParam().code) << call.error.message;
  for (const std::string &text : GetParam().texts)
    EXPECT_NE(std::string(call.error.message).find(text), std::string::npos)
        << "`" << text << "` is not in: " << call.error.message;
  // Ids are seen while the model runs: the rest is checked before.
  if (GetParam().code != ATTUNE_E_VALUE)
    for (CallArray *output : call.outputs)
      for (size_t i = 0; i < output->bytes; ++i)
        ASSERT_EQ(output->memory[i], 0x33) << output->name << " was written to";
  Call right(2, 5, 3);
  right.weights = call.ownWeights;
  right.workspace = call.ownWorkspace;
  right.expectRight();
}

/// What can be wrong with each argument by itself.
std::vector<Case> argumentCases() {
  std::vector<Case> cases;
  struct {
    const char *name;
    int rank, bits;
  } rows[] = {{"ids", 2, 32},   {"mem", 3, 32},    {"far", 1, 64},
              {"keep", 2, 8},   {"bias", 1, 32},   {"scale", 0, 32},
              {"y", 3, 32},     {"places", 2, 32}, {"later", 3, 32},
              {"biased", 1, 32}};
  int index = 0;
  for (auto &row : rows) {
    int i = index++, rank = row.rank;
    std::string quoted = "put `" + std::string(row.name) + "`";
    auto add = [&](std::string what, std::function<void(attune_tensor &)> spoil,
                   int code, std::vector<std::string> texts = {}) {
      texts.push_back(quoted);
      cases.push_back({std::string(row.name) + what,
                       [=](Call &call) { spoil(*call.arguments[i]); }, code,
                       texts});
    };
    cases.push_back({std::string(row.name) + "Null",
                     [=](Call &call) { call.arguments[i] = nullptr; },
                     ATTUNE_E_NULL,
                     {quoted + " is NULL"}});
    add("NullData", [](attune_tensor &t) { t.data = nullptr; }, ATTUNE_E_NULL,
        {"data"});
    if (rank > 0)
      add("NullShape", [](attune_tensor &t) { t.shape = nullptr; },
          ATTUNE_E_NULL, {"shape"});
    for (int wrong : {rank + 1, rank - 1, -1, INT_MAX, INT_MIN})
      if (wrong != -1 || rank != 0)
        add("Rank" + (wrong < 0 ? "Minus" + std::to_string(-(wrong + 1))
                                : std::to_string(wrong)),
            [=](attune_tensor &t) { t.ndim = wrong; }, ATTUNE_E_RANK,
            {"rank " + std::to_string(wrong),
             "expected rank " + std::to_string(rank)});
    add("Bits", [](attune_tensor &t) { t.bits = 16; }, ATTUNE_E_DTYPE,
        {"type", "16", "expected"});
    add("NoBits", [](attune_tensor &t) { t.bits = 0; }, ATTUNE_E_DTYPE,
        {"expected"});
    add("Code", [](attune_tensor &t) { t.code = 5; }, ATTUNE_E_DTYPE,
        {"complex", "expected"});
    add("Lanes", [](attune_tensor &t) { t.lanes = 2; }, ATTUNE_E_DTYPE,
        {"2 lanes", "expected 1"});
    add("Device", [](attune_tensor &t) { t.device_type = 2; }, ATTUNE_E_DEVICE,
        {"device type 2", "CPU"});
    add("OffsetWraps", [](attune_tensor &t) { t.byte_offset = ~uint64_t(7); },
        ATTUNE_E_OVERFLOW, {"byte_offset"});
    add("EndsPastMemory",
        [](attune_tensor &t) {
          t.data = reinterpret_cast<void *>(~uintptr_t(t.bits / 8 - 1));
        },
        ATTUNE_E_OVERFLOW, {"past the end of memory"});
    for (int shift = 1; shift < row.bits / 8; ++shift)
      add("Misaligned" + std::to_string(shift),
          [=](attune_tensor &t) {
            t.data = static_cast<char *>(t.data) + shift;
          },
          ATTUNE_E_ALIGN, {"aligned", std::to_string(row.bits / 8)});
    for (int axis = 0; axis < rank; ++axis) {
      std::string on = "Axis" + std::to_string(axis);
      add("Negative" + on,
          [=](attune_tensor &t) { t.shape[axis] = -t.shape[axis]; },
          ATTUNE_E_SHAPE, {"negative", "-"});
      add("MostNegative" + on,
          [=](attune_tensor &t) { t.shape[axis] = INT64_MIN; }, ATTUNE_E_SHAPE,
          {"negative"});
    }
  }
  return cases;
}

/// A case that sets one extent of an argument.
Case extent(std::string name, int argument, int axis, int64_t value, int code,
            std::vector<std::string> texts) {
  return {std::move(name),
          [=](Call &call) { call.arguments[argument]->shape[axis] = value; },
          code, std::move(texts)};
}

/// A case that gives an argument strides.
Case strides(std::string name, int argument, std::vector<int64_t> values,
             std::vector<std::string> texts) {
  auto kept = std::make_shared<std::vector<int64_t>>(std::move(values));
  return {std::move(name),
          [=](Call &call) { call.arguments[argument]->strides = kept->data(); },
          ATTUNE_E_STRIDE, std::move(texts)};
}

std::vector<Case> dimCases() {
  const int Mismatch = ATTUNE_E_DIM_MISMATCH, Bound = ATTUNE_E_DIM_BOUND;
  return {
      extent("TwoSizesOfB", 1, 0, 3, Mismatch, {"`mem`", "`B`", "[3, 3, 8]"}),
      extent("TwoSizesOfBInAVector", 2, 0, 1, Mismatch, {"`far`", "`B`"}),
      extent("TwoSizesOfT", 3, 1, 4, Mismatch, {"`keep`", "`T`", "5", "`ids`"}),
      extent("TwoSizesInAnOutput", 6, 1, 6, Mismatch, {"output `y`", "`T`"}),
      extent("SumOfDimsTooSmall", 4, 0, 7, Mismatch, {"`bias`", "T", "8"}),
      extent("SumOfDimsTooLarge", 9, 0, 9, Mismatch, {"`biased`", "8"}),
      extent("DifferenceOfDims", 8, 1, 5, Mismatch, {"`later`", "T - 1", "4"}),
      extent("NoRowsInOneTensor", 1, 0, 0, Mismatch, {"`mem`", "`B`"}),
      extent("FirstTensorAboveTheOthers", 0, 0, 3, Mismatch, {"`B`", "3"}),
      extent("AboveBoundB", 0, 0, 5, Bound, {"`B` is 5", "B <= 4"}),
      extent("AboveBoundT", 0, 1, 25, Bound, {"`T` is 25", "T <= 24"}),
      extent("AboveBoundS", 1, 1, 17, Bound, {"`S` is 17", "S <= 16"}),
      extent("LargestExtent", 0, 0, INT64_MAX, Bound, {"`B`", "B <= 4"}),
      extent("FalseCondition", 0, 1, 0, Bound, {"1 <= T"}),
      extent("ConstantExtentTooSmall", 1, 2, 7, ATTUNE_E_SHAPE,
             {"`mem`", "[2, 3, 7]", "8"}),
      extent("ConstantExtentTooLarge", 7, 1, INT64_MAX, ATTUNE_E_SHAPE,
             {"`places`", "8"}),
  };
}

std::vector<Case> strideCases() {
  return {
      strides("Transposed", 1, {24, 1, 3}, {"`mem`", "axis 2", "expected 1"}),
      strides("Padded", 1, {48, 16, 1}, {"`mem`", "16", "axis 1"}),
      strides("Broadcast", 0, {0, 1}, {"`ids`", "stride 0", "axis 0"}),
      strides("Reversed", 4, {-1}, {"`bias`", "stride -1"}),
      strides("EverySecond", 2, {2}, {"`far`", "stride 2"}),
      strides("OutputTransposed", 6, {1, 2, 10}, {"`y`", "axis 2"}),
      strides("OutputBroadcast", 9, {0}, {"`biased`", "stride 0"}),
      strides("LargestStride", 3, {INT64_MAX, 1}, {"`keep`", "axis 0"}),
      strides("MostNegativeStride", 3, {INT64_MIN, 1}, {"`keep`", "axis 0"}),
  };
}

/// Puts the data of an argument at an address.
Case place(std::string name, int argument, std::function<void *(Call &)> at,
           std::vector<std::string> texts) {
  return {std::move(name),
          [=](Call &call) { call.arguments[argument]->data = at(call); },
          ATTUNE_E_ALIAS, std::move(texts)};
}

std::vector<Case> aliasCases() {
  std::vector<Case> cases = {
      place("OutputIsInput", 9, [](Call &c) { return c.bias.tensor.data; },
            {"`biased`", "`bias`"}),
      place("OutputIsInputOfAnotherType", 6,
            [](Call &c) { return c.ids.tensor.data; }, {"`y`", "`ids`"}),
      place("OutputIsAByteArray", 6, [](Call &c) { return c.keep.tensor.data; },
            {"`y`", "`keep`"}),
      place("OutputIsANumber", 6, [](Call &c) { return c.scale.tensor.data; },
            {"`y`", "`scale`"}),
      place("OutputIsOutput", 8, [](Call &c) { return c.y.tensor.data; },
            {"`later`", "`y`"}),
      place("InputIsOutput", 4, [](Call &c) { return c.biased.tensor.data; },
            {"`biased`", "`bias`"}),
      place("LastElementOfAnInput", 7,
            [](Call &c) {
              return c.mem.as<char>() + c.mem.bytes - sizeof(float);
            },
            {"`places`", "`mem`"}),
      place("InputInTheLastElement", 5,
            [](Call &c) { return c.y.as<char>() + c.y.bytes - sizeof(float); },
            {"`y`", "`scale`"}),
      place("OutputIsWorkspace", 6, [](Call &c) { return c.workspace; },
            {"`y`", "workspace"}),
      place("OutputInTheEndOfTheWorkspace", 7,
            [](Call &c) { return c.workspace + c.bytes - sizeof(float); },
            {"`places`", "workspace"}),
      place("InputIsWorkspace", 1, [](Call &c) { return c.workspace + 64; },
            {"`mem`", "workspace"}),
  };
  cases.push_back({"ByteOffsetIntoAnInput",
                   [](Call &c) {
                     CallArray *low = &c.bias, *high = &c.biased;
                     if (low->as<char>() > high->as<char>())
                       std::swap(low, high);
                     low->tensor.byte_offset =
                         uint64_t(high->as<char>() - low->as<char>());
                   },
                   ATTUNE_E_ALIAS,
                   {"`biased`", "`bias`"}});
  return cases;
}

std::vector<Case> workspaceCases() {
  std::vector<Case> cases;
  auto add = [&](std::string name, std::function<void(Call &)> spoil, int code,
                 std::vector<std::string> texts) {
    texts.push_back("workspace");
    cases.push_back({std::move(name), std::move(spoil), code, texts});
  };
  add("NoWorkspace", [](Call &c) { c.workspace = nullptr; }, ATTUNE_E_NULL,
      {"NULL", "misuse_workspace", "bytes"});
  add("NoWorkspaceAtAll",
      [](Call &c) {
        c.workspace = nullptr;
        c.bytes = 0;
      },
      ATTUNE_E_NULL, {"misuse_workspace"});
  add("EmptyWorkspace", [](Call &c) { c.bytes = 0; }, ATTUNE_E_WORKSPACE,
      {"0 bytes", "misuse_workspace"});
  add("ShortByOne", [](Call &c) { --c.bytes; }, ATTUNE_E_WORKSPACE,
      {"misuse_workspace"});
  add("WorkspaceOfSmallerDims",
      [](Call &c) {
        int64_t dims[] = {1, 1, 0};
        EXPECT_EQ(misuse_workspace(dims, &c.bytes, nullptr), ATTUNE_OK);
      },
      ATTUNE_E_WORKSPACE, {"misuse_workspace"});
  add("WorkspaceEndsPastMemory",
      [](Call &c) { c.workspace = reinterpret_cast<char *>(~uintptr_t(63)); },
      ATTUNE_E_OVERFLOW, {"past the end of memory"});
  for (int shift = 1; shift < 64; ++shift)
    add("WorkspaceMisaligned" + std::to_string(shift),
        [=](Call &c) { c.workspace += shift; }, ATTUNE_E_ALIGN,
        {"aligned", "64"});
  return cases;
}

template <typename T>
Case badId(std::string name, int argument, int64_t at, T id, std::string limit,
           const char *array) {
  return {std::move(name),
          [=](Call &call) { call.inputs[argument]->as<T>()[at] = id; },
          ATTUNE_E_VALUE,
          {"`" + std::string(array) + "`", std::to_string(id),
           "position " + std::to_string(at), limit}};
}

std::vector<Case> idCases() {
  return {
      badId<int32_t>("IdAtLimit", 0, 0, 11, "11", "ids"),
      badId<int32_t>("IdNegative", 0, 3, -1, "11", "ids"),
      badId<int32_t>("LastIdLargest", 0, 9, INT32_MAX, "11", "ids"),
      badId<int32_t>("LastIdMostNegative", 0, 9, INT32_MIN, "11", "ids"),
      badId<int64_t>("LongIdAtLimit", 2, 0, 5, "5", "far"),
      badId<int64_t>("LongIdNegative", 2, 1, -1, "5", "far"),
      badId<int64_t>("LongIdThatIsSmallIn32Bits", 2, 1, int64_t(1) << 32, "5",
                     "far"),
      badId<int64_t>("LongIdMostNegative", 2, 1, INT64_MIN, "5", "far"),
  };
}

std::vector<Case> weightCases() {
  return {
      {"NoWeights",
       [](Call &c) { c.weights = nullptr; },
       ATTUNE_E_NULL,
       {"weights", "`misuse`", "misuse_weights_load"}},
      {"WeightsOfAnotherModel",
       [](Call &c) {
         c.weights = reinterpret_cast<misuse_weights *>(c.otherWeights);
       },
       ATTUNE_E_WEIGHTS,
       {"`other`", "`misuse`"}},
  };
}

std::vector<Case> optionCases() {
  std::vector<Case> cases;
  for (size_t size : {size_t(0), sizeof(attune_call) - 1,
                      sizeof(attune_call) + 8, ~size_t(0)})
    cases.push_back({"StructSize" + std::to_string(size),
                     [=](Call &c) {
                       c.ownOptions.struct_size = size;
                       c.options = &c.ownOptions;
                     },
                     ATTUNE_E_ABI,
                     {"struct_size", std::to_string(size),
                      std::to_string(sizeof(attune_call))}});
  return cases;
}

std::string nameOf(const ::testing::TestParamInfo<Case> &info) {
  return info.param.name;
}

#define INSTANTIATE(NAME, CASES)                                               \
  INSTANTIATE_TEST_SUITE_P(NAME, Misuse, ::testing::ValuesIn(CASES), nameOf)
INSTANTIATE(Argument, argumentCases());
INSTANTIATE(Dim, dimCases());
INSTANTIATE(Stride, strideCases());
INSTANTIATE(Alias, aliasCases());
INSTANTIATE(Workspace, workspaceCases());
INSTANTIATE(Id, idCases());
INSTANTIATE(Weights, weightCases());
INSTANTIATE(Option, optionCases());

} // namespace
