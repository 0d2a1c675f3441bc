//===- MisuseCall.cpp - A right call of the built model -------------------===//

#include "MisuseCall.h"
#include <cmath>
#include <cstdlib>
#include <cstring>

using namespace attune::test;

CallArray::CallArray(const char *name, std::vector<int64_t> shapeArg,
                     uint8_t code, uint8_t bits)
    : shape(std::move(shapeArg)), name(name) {
  bytes = bits / 8;
  for (int64_t extent : shape)
    bytes *= size_t(extent);
  memory = std::make_unique<char[]>(bytes);
  tensor.data = memory.get();
  tensor.device_type = 1;
  tensor.ndim = int32_t(shape.size());
  tensor.code = code;
  tensor.bits = bits;
  tensor.lanes = 1;
  tensor.shape = shape.data();
}

void CallArray::fill(char byte) {
  if (bytes)
    std::memset(memory.get(), byte, bytes);
}

/// Numbers that repeat late and differ from array to array.
static void fillFloats(CallArray &array, double phase) {
  for (int64_t i = 0; i < array.count(); ++i)
    array.as<float>()[i] = float(std::sin(phase + 0.7 * double(i)));
}

CallWeights::CallWeights() {
  std::pair<const char *, std::vector<int64_t>> rows[] = {
      {"gain", {8}},
      {"tokens.weight", {11, 8}},
      {"up.weight", {24, 8}},
      {"up.bias", {24}},
      {"down.weight", {8, 24}},
      {"down.bias", {8}},
      {"places.weight", {5, 8}}};
  for (auto &[name, shape] : rows) {
    arrays.push_back(std::make_unique<CallArray>(name, shape, 2, 32));
    fillFloats(*arrays.back(), double(arrays.size()));
  }
}

CallArray &CallWeights::operator[](const std::string &name) {
  for (auto &array : arrays)
    if (name == array->name)
      return *array;
  ADD_FAILURE() << "no weight " << name;
  return *arrays[0];
}

misuse_weights *CallWeights::make() const {
  misuse_weights *weights = nullptr;
  attune_error error;
  EXPECT_EQ(misuse_weights_new(&weights, &error), ATTUNE_OK) << error.message;
  for (auto &array : arrays)
    EXPECT_EQ(misuse_weights_set(weights, array->name, &array->tensor, &error),
              ATTUNE_OK)
        << error.message;
  EXPECT_EQ(misuse_weights_finish(weights, &error), ATTUNE_OK) << error.message;
  return weights;
}

std::string CallWeights::file() const {
  std::string header = "{", data;
  for (auto &array : arrays) {
    std::string shape;
    for (int64_t extent : array->shape)
      shape += (shape.empty() ? "" : ",") + std::to_string(extent);
    header += (header.size() > 1 ? ",\"" : "\"") + std::string(array->name) +
              R"(":{"dtype":"F32","shape":[)" + shape +
              R"(],"data_offsets":[)" + std::to_string(data.size()) + "," +
              std::to_string(data.size() + array->bytes) + "]}";
    data.append(array->memory.get(), array->bytes);
  }
  header += "}";
  uint64_t size = header.size();
  return std::string(reinterpret_cast<char *>(&size), 8) + header + data;
}

Call::Call(int64_t B, int64_t T, int64_t S)
    : B(B), T(T), S(S), ids("ids", {B, T}, 0, 32), mem("mem", {B, S, 8}, 2, 32),
      far("far", {B}, 0, 64), keep("keep", {B, T}, 6, 8),
      bias("bias", {T + S}, 2, 32), scale("scale", {}, 2, 32),
      y("y", {B, T, 8}, 2, 32), places("places", {B, 8}, 2, 32),
      later("later", {B, T - 1, 8}, 2, 32), biased("biased", {T + S}, 2, 32) {
  for (int64_t i = 0; i < B * T; ++i) {
    ids.as<int32_t>()[i] = int32_t(i * 7 % 11);
    keep.as<char>()[i] = i % 3 == 0;
  }
  for (int64_t i = 0; i < B; ++i)
    far.as<int64_t>()[i] = i * 3 % 5;
  fillFloats(mem, 20);
  fillFloats(bias, 21);
  *scale.as<float>() = 1.5f;
  for (int i = 0; i < 10; ++i)
    arguments[i] = &(i < 6 ? inputs[i] : outputs[i - 6])->tensor;
  weights = ownWeights = weightArrays.make();
  EXPECT_EQ(other_weights_new(&otherWeights, nullptr), ATTUNE_OK);
  int64_t dims[] = {B, T, S};
  EXPECT_EQ(misuse_workspace(dims, &bytes, &error), ATTUNE_OK) << error.message;
  // Exactly as many bytes as asked for: aligned_alloc wants a multiple.
  EXPECT_EQ(bytes % 64, 0u);
  workspace = ownWorkspace = static_cast<char *>(aligned_alloc(64, bytes));
  ownOptions.struct_size = sizeof(ownOptions);
}

Call::~Call() {
  misuse_weights_free(ownWeights);
  other_weights_free(otherWeights);
  free(ownWorkspace);
}

static int runOnce(const Call &call, attune_error *error) {
  attune_tensor *const *a = call.arguments;
  return misuse_run(call.weights, a[0], a[1], a[2], a[3], a[4], a[5], a[6],
                    a[7], a[8], a[9], call.workspace, call.bytes, call.options,
                    error);
}

int Call::run() {
  std::memset(&error, 0x5a, sizeof(error));
  int code = runOnce(*this, &error);
  EXPECT_EQ(code, error.code);
  EXPECT_NE(std::memchr(error.message, 0, sizeof(error.message)), nullptr);
  EXPECT_EQ(runOnce(*this, nullptr), code);
  return code;
}

//===----------------------------------------------------------------------===//
// The model in plain loops
//===----------------------------------------------------------------------===//

static double gelu(double x) {
  return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
}

/// w x + b; w: [rows, columns].
static std::vector<double> layer(CallArray &w, CallArray &b,
                                 const std::vector<double> &x) {
  std::vector<double> y(w.shape[0]);
  for (size_t r = 0; r < y.size(); ++r) {
    y[r] = b.as<float>()[r];
    for (size_t c = 0; c < x.size(); ++c)
      y[r] += double(w.as<float>()[r * x.size() + c]) * x[c];
  }
  return y;
}

/// x + the attention of query `q` of batch `b`, whose embedding is x.
static std::vector<double> attended(Call &call, int64_t b, int64_t q,
                                    const float *x) {
  std::vector<double> scores, sum(x, x + 8);
  const float *rows = call.mem.as<float>() + b * call.S * 8;
  bool keep = call.keep.as<char>()[b * call.T + q];
  double total = 0;
  for (int64_t k = 0; k < call.S && (keep || k <= q); ++k) {
    double dot = 0;
    for (int64_t e = 0; e < 8; ++e)
      dot += double(x[e]) * rows[k * 8 + e];
    scores.push_back(std::exp(dot / std::sqrt(8.0)));
    total += scores.back();
  }
  for (size_t k = 0; k < scores.size(); ++k)
    for (size_t e = 0; e < 8; ++e)
      sum[e] += scores[k] / total * rows[k * 8 + e];
  return sum;
}

static void expectNear(float given, double wanted, const char *what,
                       int64_t at) {
  // Written so that NaN fails.
  EXPECT_TRUE(std::abs(given - wanted) <= 2e-5 * (1 + std::abs(wanted)))
      << what << "[" << at << "] is " << given << ", not " << wanted;
}

void Call::expectRight() {
  for (CallArray *output : outputs)
    output->fill(-1); // NaN
  ASSERT_EQ(run(), ATTUNE_OK) << error.message;
  EXPECT_STREQ(error.message, "");
  double s = *scale.as<float>();
  CallWeights &w = weightArrays;
  for (int64_t i = 0; i < B * T; ++i) {
    const float *x = w["tokens.weight"].as<float>() + ids.as<int32_t>()[i] * 8;
    std::vector<double> h =
        layer(w["up.weight"], w["up.bias"], attended(*this, i / T, i % T, x));
    for (double &value : h)
      value = gelu(value);
    std::vector<double> f = layer(w["down.weight"], w["down.bias"], h);
    for (int64_t e = 0; e < 8; ++e) {
      expectNear(y.as<float>()[i * 8 + e], f[e] * s + w["gain"].as<float>()[e],
                 "y", i * 8 + e);
      if (int64_t at = (i - i / T - 1) * 8 + e; i % T > 0)
        EXPECT_EQ(later.as<float>()[at], x[e]) << "later[" << at << "]";
    }
  }
  for (int64_t i = 0; i < B * 8; ++i)
    EXPECT_EQ(
        places.as<float>()[i],
        w["places.weight"].as<float>()[far.as<int64_t>()[i / 8] * 8 + i % 8]);
  for (int64_t i = 0; i < T + S; ++i)
    expectNear(biased.as<float>()[i], bias.as<float>()[i] * s, "biased", i);
}
