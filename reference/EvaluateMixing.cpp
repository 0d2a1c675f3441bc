//===- EvaluateMixing.cpp - attend, score by score ------------------------===//

#include "reference/Evaluator.h"

#include <cmath>

using namespace mlir;
using namespace attune;
using namespace attune::reference;

template <typename Real>
llvm::Expected<std::shared_ptr<RegionProgram<Real>>>
Evaluator<Real>::compileRegion(Region &region) {
  auto captureOf =
      [&](Value array) -> llvm::Expected<typename Program::Capture> {
    auto found = values.find(array);
    if (found == values.end())
      return llvm::createStringError("a captured array has no value");
    TensorPtr tensor = found->second;
    // A captured value may come from a bad length or id: the front end proves
    // indices in range, the oracle does not rely on it.
    return typename Program::Capture(
        [tensor](ArrayRef<int64_t> indices) -> Register<Real> {
          int64_t offset = 0;
          for (size_t i = 0; i < indices.size(); ++i) {
            int64_t last = tensor->shape[i] - 1;
            offset = offset * tensor->shape[i] +
                     std::min(std::max<int64_t>(indices[i], 0), last);
          }
          Register<Real> result;
          if (tensor->isFloat)
            result.real = tensor->reals[offset];
          else
            result.integer = tensor->integers[offset];
          return result;
        });
  };
  auto dimOf = [&](StringRef name) -> llvm::Expected<int64_t> {
    auto dim = dims.find(name);
    if (dim == dims.end())
      return llvm::createStringError("dim `%s` has no value",
                                     name.str().c_str());
    return dim->second;
  };
  auto stepOf = [&](Value value) -> llvm::Expected<int64_t> {
    auto step = steps.find(value);
    if (step == steps.end())
      return llvm::createStringError("a value of a loop is used in a region");
    return step->second;
  };
  llvm::Expected<Program> program =
      Program::compile(region, captureOf, dimOf, stepOf);
  if (!program)
    return program.takeError();
  return std::make_shared<Program>(std::move(*program));
}

/// The arguments b, h, q, k, nb, nh, nq, nk of a region.
template <typename Real>
static void bindIndices(Register<Real> *arguments,
                        std::array<int64_t, 4> indices,
                        ArrayRef<int64_t> sizes) {
  for (unsigned i = 0; i < 4; ++i) {
    arguments[i].integer = indices[i];
    arguments[4 + i].integer = sizes[i];
  }
}

/// What the body of a mask or of index_scores yields at (b, h, q, k).
template <typename Real>
llvm::Expected<typename Evaluator<Real>::IndexFunction>
Evaluator<Real>::indexFunction(Region &body, ArrayRef<int64_t> extents) {
  auto program = compileRegion(body);
  if (!program)
    return program.takeError();
  SmallVector<int64_t> sizes(extents);
  return IndexFunction(
      [=, program = *program](int64_t b, int64_t h, int64_t i, int64_t j) {
        std::array<Register<Real>, 8> arguments;
        bindIndices<Real>(arguments.data(), {b, h, i, j}, sizes);
        return program->run(arguments);
      });
}

/// Whether (b, h, q, k) is attended to, as a function; always without a mask.
template <typename Real>
llvm::Expected<typename Evaluator<Real>::MaskFunction>
Evaluator<Real>::maskOf(Value mask, ArrayRef<int64_t> extents) {
  if (!mask)
    return MaskFunction(
        [](int64_t, int64_t, int64_t, int64_t) { return true; });
  auto op = mask.getDefiningOp<MaskOp>();
  if (!op)
    return llvm::createStringError("a mask must be made by attune.mask");
  auto body = indexFunction(op.getBody(), extents);
  if (!body)
    return body.takeError();
  return MaskFunction(
      [body = *body](int64_t b, int64_t h, int64_t i, int64_t j) {
        return body(b, h, i, j).integer != 0;
      });
}

/// The score of (b, h, q, k) as a function. extents: nb, nh, nq, nk.
template <typename Real>
llvm::Expected<typename Evaluator<Real>::ScoreFunction>
Evaluator<Real>::scoresOf(Value scores, ArrayRef<int64_t> extents) {
  Operation *op = scores.getDefiningOp();
  if (ScoreFunction source = op ? sourceOf(op, extents[1]) : nullptr)
    return source;
  if (auto combine = dyn_cast_or_null<CombineOp>(op)) {
    struct Part {
      Real coefficient;
      TensorPtr weight;
      ScoreFunction source;
    };
    std::vector<Part> parts;
    for (auto [index, source] : llvm::enumerate(combine.getSources())) {
      auto function = scoresOf(source, extents);
      if (!function)
        return function.takeError();
      int64_t weight = combine.getWeightIndex()[index];
      parts.push_back(
          {Real(combine.getCoefficients()[index]),
           weight < 0 ? nullptr : values[combine.getWeights()[weight]],
           *function});
    }
    return ScoreFunction([=](int64_t b, int64_t h, int64_t i, int64_t j) {
      Real sum = 0;
      for (const Part &part : parts) {
        Real weight = part.coefficient;
        if (part.weight)
          weight *= part.weight->reals[part.weight->shape.empty() ? 0 : h];
        sum += weight * part.source(b, h, i, j);
      }
      return sum;
    });
  }
  if (auto modify = dyn_cast_or_null<ModifyOp>(op)) {
    auto source = scoresOf(modify.getInput(), extents);
    if (!source)
      return source.takeError();
    auto program = compileRegion(modify.getBody());
    if (!program)
      return program.takeError();
    SmallVector<int64_t> sizes(extents);
    return ScoreFunction([=, source = *source, program = *program](
                             int64_t b, int64_t h, int64_t i, int64_t j) {
      std::array<Register<Real>, 9> arguments;
      arguments[0].real = source(b, h, i, j);
      bindIndices<Real>(arguments.data() + 1, {b, h, i, j}, sizes);
      return program->run(arguments).real;
    });
  }
  if (auto index = dyn_cast_or_null<IndexScoresOp>(op)) {
    auto body = indexFunction(index.getBody(), extents);
    if (!body)
      return body.takeError();
    return ScoreFunction(
        [body = *body](int64_t b, int64_t h, int64_t i, int64_t j) {
          return body(b, h, i, j).real;
        });
  }
  return llvm::createStringError("the oracle does not know this score source");
}

/// Tells the observer of an attend that is about to run.
template <typename Real> llvm::Error Evaluator<Real>::showAttend(AttendOp op) {
  auto result = shapeOf(op.getResult().front().getType());
  if (!result)
    return result.takeError();
  auto value = shapeOf(op.getValue().getType());
  if (!value)
    return value.takeError();
  return show(op, op.getMask(),
              {(*result)[0], (*result)[1], (*result)[2], (*value)[2]});
}

template <typename Real>
llvm::Error Evaluator<Real>::showGate(SpatialGateOp op) {
  auto input = shapeOf(op.getInput().getType());
  if (!input)
    return input.takeError();
  auto weight = shapeOf(op.getWeight().getType());
  if (!weight)
    return weight.takeError();
  return show(op, op.getMask(),
              {(*input)[0], (*weight)[0], (*input)[1], (*input)[1]});
}

/// `sizes`: of batch, heads, queries and keys.
template <typename Real>
llvm::Error Evaluator<Real>::show(Operation *op, Value mask,
                                  std::array<int64_t, 4> sizes) {
  SmallVector<int64_t> around;
  for (auto loop = op->getParentOfType<ForOp>(); loop;
       loop = loop->getParentOfType<ForOp>())
    around.insert(around.begin(), steps[loop.getBody().getArgument(0)]);
  auto compile = [&](Region &region) -> llvm::Expected<RegionFunction> {
    auto program = compileRegion(region);
    if (!program)
      return program.takeError();
    return RegionFunction([program = *program](ArrayRef<int64_t> arguments) {
      SmallVector<Register<Real>> registers(arguments.size());
      for (auto [to, from] : llvm::zip(registers, arguments))
        to.integer = from;
      program->run(registers);
      SmallVector<int64_t> results;
      for (unsigned i = 0; i < program->numYielded(); ++i)
        results.push_back(program->yielded(i).integer);
      return results;
    });
  };
  reference::AttendVisit visit{op,       mask,     around,   sizes[0],
                               sizes[1], sizes[2], sizes[3], compile};
  return isa<SpatialGateOp>(op) ? observer->visitGate(visit)
                                : observer->visit(visit);
}

template <typename Real> llvm::Error Evaluator<Real>::runAttend(AttendOp op) {
  const Tensor<Real> &v = get(op.getValue());
  SmallVector<std::shared_ptr<Tensor<Real>>> results;
  for (Value result : op.getResult()) {
    auto tensor = make(result);
    if (!tensor)
      return tensor.takeError();
    results.push_back(*tensor);
  }
  auto &y = results.front();
  Tensor<Real> *probs = op.getProbs() ? results[1].get() : nullptr;
  Tensor<Real> *lse = op.getLse() ? results.back().get() : nullptr;
  int64_t nb = y->shape[0], nh = y->shape[1], nq = y->shape[2];
  int64_t width = y->shape[3], nk = v.shape[2];
  auto score = scoresOf(op.getScores(), {nb, nh, nq, nk});
  if (!score)
    return score.takeError();
  auto mask = maskOf(op.getMask(), {nb, nh, nq, nk});
  if (!mask)
    return mask.takeError();
  constexpr Real infinity = std::numeric_limits<Real>::infinity();
  std::vector<Real> weights(nk);
  std::vector<char> attended(nk);
  int64_t out = 0;
  forEachIndex({nb, nh, nq}, [&](ArrayRef<int64_t> index) {
    int64_t b = index[0], h = index[1], i = index[2];
    int64_t head = h / (nh / v.shape[1]);
    int64_t batch = v.shape[0] == 1 ? 0 : b;
    const Real *rows =
        v.reals.data() + (batch * v.shape[1] + head) * nk * width;
    if (op.getNoSoftmax()) {
      for (int64_t j = 0; j < nk; ++j) {
        attended[j] = (*mask)(b, h, i, j);
        weights[j] = attended[j] ? (*score)(b, h, i, j) : Real(0);
      }
      for (int64_t e = 0; e < width; ++e, ++out)
        for (int64_t j = 0; j < nk; ++j)
          if (attended[j])
            y->reals[out] += weights[j] * rows[j * width + e];
      if (observer)
        observer->row(b, h, i,
                      SmallVector<double>(weights.begin(), weights.end()),
                      attended);
      return;
    }
    Real most = -infinity;
    bool any = false, isNaN = false;
    for (int64_t j = 0; j < nk; ++j) {
      attended[j] = (*mask)(b, h, i, j);
      if (!attended[j])
        continue;
      weights[j] = (*score)(b, h, i, j);
      // A score of -inf is a masked key; +inf or NaN makes the row NaN.
      if (weights[j] == -infinity)
        attended[j] = false;
      else if (std::isnan(weights[j]) || weights[j] == infinity)
        isNaN = true;
      any |= attended[j];
      most = std::max(most, weights[j]);
    }
    Real total = 0;
    for (int64_t j = 0; j < nk; ++j)
      if (attended[j])
        total += weights[j] = std::exp(weights[j] - most);
    for (int64_t e = 0; e < width; ++e, ++out) {
      Real sum = 0;
      if (isNaN) {
        sum = Real(NAN);
      } else if (any) {
        for (int64_t j = 0; j < nk; ++j)
          if (attended[j])
            sum += weights[j] / total * rows[j * width + e];
      } else if (op.getEmptyRow() == EmptyRow::Uniform && nk > 0) {
        for (int64_t j = 0; j < nk; ++j)
          sum += rows[j * width + e];
        sum /= Real(nk);
      } else if (op.getEmptyRow() == EmptyRow::NaN) {
        sum = Real(NAN);
      }
      y->reals[out] = sum;
    }
    int64_t row = (b * nh + h) * nq + i;
    if (lse)
      lse->reals[row] = isNaN ? Real(NAN)
                        : any ? most + std::log(total)
                              : -infinity;
    if (!probs && !observer)
      return;
    Real fill = 0; // of a row that attends to nothing
    if (op.getEmptyRow() == EmptyRow::Uniform)
      fill = 1 / Real(nk);
    else if (op.getEmptyRow() == EmptyRow::NaN)
      fill = Real(NAN);
    for (int64_t j = 0; j < nk; ++j)
      weights[j] = isNaN         ? Real(NAN)
                   : !any        ? fill
                   : attended[j] ? weights[j] / total
                                 : Real(0);
    if (probs)
      std::copy(weights.begin(), weights.end(),
                probs->reals.begin() + row * nk);
    if (observer)
      observer->row(b, h, i,
                    SmallVector<double>(weights.begin(), weights.end()),
                    attended);
  });
  return llvm::Error::success();
}

#define INSTANTIATE(REAL)                                                      \
  template llvm::Expected<std::shared_ptr<RegionProgram<REAL>>>                \
  Evaluator<REAL>::compileRegion(Region &);                                    \
  template llvm::Expected<Evaluator<REAL>::IndexFunction>                      \
  Evaluator<REAL>::indexFunction(Region &, ArrayRef<int64_t>);                 \
  template llvm::Expected<Evaluator<REAL>::MaskFunction>                       \
      Evaluator<REAL>::maskOf(Value, ArrayRef<int64_t>);                       \
  template llvm::Expected<Evaluator<REAL>::ScoreFunction>                      \
      Evaluator<REAL>::scoresOf(Value, ArrayRef<int64_t>);                     \
  template llvm::Error Evaluator<REAL>::showAttend(AttendOp);                  \
  template llvm::Error Evaluator<REAL>::showGate(SpatialGateOp);               \
  template llvm::Error Evaluator<REAL>::show(Operation *, Value,               \
                                             std::array<int64_t, 4>);          \
  template llvm::Error Evaluator<REAL>::runAttend(AttendOp);
INSTANTIATE(double)
INSTANTIATE(float)
