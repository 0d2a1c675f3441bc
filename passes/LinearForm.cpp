//===- LinearForm.cpp - An index expression as k, q and the rest ----------===//

#include "passes/LinearForm.h"

#include "dialect/Attune.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attune;

/// Positions of the arguments of a mask region: b, h, q, k, nb, nh, nq, nk.
static constexpr unsigned queryArgument = 2;
static constexpr unsigned keyArgument = 3;

/// The position of a region argument, counted without the leading score of a
/// score function; nothing for other values.
static std::optional<unsigned> getIndexArgument(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument)
    return std::nullopt;
  Operation *parent = argument.getOwner()->getParentOp();
  if (isa_and_nonnull<MaskOp>(parent))
    return argument.getArgNumber();
  return std::nullopt;
}

std::optional<LinearForm> LinearForm::scaled(int64_t factor) const {
  LinearForm result = *this;
  if (llvm::MulOverflow(kCoefficient, factor, result.kCoefficient) ||
      llvm::MulOverflow(qCoefficient, factor, result.qCoefficient) ||
      llvm::MulOverflow(constant, factor, result.constant))
    return std::nullopt;
  for (Term &term : result.uniform)
    if (llvm::MulOverflow(term.coefficient, factor, term.coefficient))
      return std::nullopt;
  return result;
}

std::optional<LinearForm> LinearForm::plus(const LinearForm &other) const {
  LinearForm result = *this;
  if (llvm::AddOverflow(kCoefficient, other.kCoefficient,
                        result.kCoefficient) ||
      llvm::AddOverflow(qCoefficient, other.qCoefficient,
                        result.qCoefficient) ||
      llvm::AddOverflow(constant, other.constant, result.constant))
    return std::nullopt;
  result.uniform.append(other.uniform.begin(), other.uniform.end());
  return result;
}

bool attune::isUniform(Value value) {
  if (std::optional<unsigned> argument = getIndexArgument(value))
    return *argument != queryArgument && *argument != keyArgument;
  Operation *op = value.getDefiningOp();
  // Arguments of enclosing regions and values from outside the region.
  if (!op || !isa<MaskOp>(op->getParentOp()))
    return true;
  return llvm::all_of(op->getOperands(), isUniform);
}

std::optional<LinearForm> attune::getLinearForm(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant))) {
    if (constant.getSignificantBits() > 40)
      return std::nullopt;
    LinearForm form;
    form.constant = constant.getSExtValue();
    return form;
  }
  if (std::optional<unsigned> argument = getIndexArgument(value)) {
    LinearForm form;
    if (*argument == queryArgument)
      form.qCoefficient = 1;
    else if (*argument == keyArgument)
      form.kCoefficient = 1;
    else
      form.uniform.push_back({1, value});
    return form;
  }
  Operation *op = value.getDefiningOp();
  if (auto extend = dyn_cast_or_null<arith::ExtSIOp>(op))
    return getLinearForm(extend.getIn());
  if (auto add = dyn_cast_or_null<arith::AddIOp>(op)) {
    auto lhs = getLinearForm(add.getLhs()), rhs = getLinearForm(add.getRhs());
    return lhs && rhs ? lhs->plus(*rhs) : std::nullopt;
  }
  if (auto sub = dyn_cast_or_null<arith::SubIOp>(op)) {
    auto lhs = getLinearForm(sub.getLhs()), rhs = getLinearForm(sub.getRhs());
    if (rhs)
      rhs = rhs->scaled(-1);
    return lhs && rhs ? lhs->plus(*rhs) : std::nullopt;
  }
  if (auto mul = dyn_cast_or_null<arith::MulIOp>(op)) {
    auto lhs = getLinearForm(mul.getLhs());
    APInt factor;
    if (lhs && matchPattern(mul.getRhs(), m_ConstantInt(&factor)) &&
        factor.getSignificantBits() <= 40)
      return lhs->scaled(factor.getSExtValue());
    auto rhs = getLinearForm(mul.getRhs());
    if (rhs && matchPattern(mul.getLhs(), m_ConstantInt(&factor)) &&
        factor.getSignificantBits() <= 40)
      return rhs->scaled(factor.getSExtValue());
  }
  if (!isUniform(value))
    return std::nullopt;
  LinearForm form;
  form.uniform.push_back({1, value});
  return form;
}
