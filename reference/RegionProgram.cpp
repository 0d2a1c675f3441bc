//===- RegionProgram.cpp - A mask or score region as a program ------------===//

#include "reference/RegionProgram.h"

#include "dialect/Attune.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;
using namespace attune;
using namespace attune::reference;

/// Keeps the low bits of the type, sign extended: two's complement wrap-around.
/// Booleans are 0 or 1.
static int64_t wrap(int64_t value, Type type) {
  if (type.isInteger(1))
    return value & 1;
  if (type.isInteger(32))
    return int32_t(value);
  if (type.isInteger(8))
    return int8_t(value);
  return value;
}

static int64_t floorDivide(int64_t a, int64_t b) {
  if (b == 0)
    return 0;
  if (b == -1)
    return int64_t(-uint64_t(a));
  int64_t quotient = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? quotient - 1 : quotient;
}

static int64_t ceilDivide(int64_t a, int64_t b) {
  int64_t quotient = floorDivide(a, b);
  return b != 0 && b != -1 && a % b != 0 ? quotient + 1 : quotient;
}

static bool compareIntegers(arith::CmpIPredicate predicate, int64_t a,
                            int64_t b) {
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return a == b;
  case arith::CmpIPredicate::ne:
    return a != b;
  case arith::CmpIPredicate::slt:
    return a < b;
  case arith::CmpIPredicate::sle:
    return a <= b;
  case arith::CmpIPredicate::sgt:
    return a > b;
  case arith::CmpIPredicate::sge:
    return a >= b;
  case arith::CmpIPredicate::ult:
    return uint64_t(a) < uint64_t(b);
  case arith::CmpIPredicate::ule:
    return uint64_t(a) <= uint64_t(b);
  case arith::CmpIPredicate::ugt:
    return uint64_t(a) > uint64_t(b);
  case arith::CmpIPredicate::uge:
    return uint64_t(a) >= uint64_t(b);
  }
  return false;
}

template <typename Real>
static bool compareReals(arith::CmpFPredicate predicate, Real a, Real b) {
  bool unordered = std::isnan(a) || std::isnan(b);
  switch (predicate) {
  case arith::CmpFPredicate::AlwaysFalse:
    return false;
  case arith::CmpFPredicate::AlwaysTrue:
    return true;
  case arith::CmpFPredicate::OEQ:
    return a == b;
  case arith::CmpFPredicate::UEQ:
    return unordered || a == b;
  case arith::CmpFPredicate::ONE:
    return !unordered && a != b;
  case arith::CmpFPredicate::UNE:
    return a != b;
  case arith::CmpFPredicate::OLT:
    return a < b;
  case arith::CmpFPredicate::ULT:
    return unordered || a < b;
  case arith::CmpFPredicate::OLE:
    return a <= b;
  case arith::CmpFPredicate::ULE:
    return unordered || a <= b;
  case arith::CmpFPredicate::OGT:
    return a > b;
  case arith::CmpFPredicate::UGT:
    return unordered || a > b;
  case arith::CmpFPredicate::OGE:
    return a >= b;
  case arith::CmpFPredicate::UGE:
    return unordered || a >= b;
  case arith::CmpFPredicate::ORD:
    return !unordered;
  case arith::CmpFPredicate::UNO:
    return unordered;
  }
  return false;
}

template <typename Real> unsigned RegionProgram<Real>::registerOf(Value value) {
  return numbers.try_emplace(value, numbers.size()).first->second;
}

template <typename Real> llvm::Error RegionProgram<Real>::add(Operation &op) {
  unsigned out = registerOf(op.getResult(0));
  Type type = op.getResult(0).getType();
  SmallVector<unsigned> in;
  for (Value operand : op.getOperands())
    if (!isa<ShapedType>(operand.getType()))
      in.push_back(registerOf(operand));

  auto integer1 = [&](auto function) {
    instructions.push_back([=, a = in[0]](Registers &r) {
      r[out].integer = wrap(function(r[a].integer), type);
    });
    return llvm::Error::success();
  };
  auto integer2 = [&](auto function) {
    instructions.push_back([=, a = in[0], b = in[1]](Registers &r) {
      r[out].integer = wrap(function(r[a].integer, r[b].integer), type);
    });
    return llvm::Error::success();
  };
  auto real1 = [&](auto function) {
    instructions.push_back(
        [=, a = in[0]](Registers &r) { r[out].real = function(r[a].real); });
    return llvm::Error::success();
  };
  auto real2 = [&](auto function) {
    instructions.push_back([=, a = in[0], b = in[1]](Registers &r) {
      r[out].real = function(r[a].real, r[b].real);
    });
    return llvm::Error::success();
  };
  using I = int64_t;
  using U = uint64_t;
  using R = Real;

  return llvm::TypeSwitch<Operation *, llvm::Error>(&op)
      .Case([&](arith::ConstantOp constant) -> llvm::Error {
        Register<Real> value;
        if (auto number = dyn_cast<FloatAttr>(constant.getValue()))
          value.real = Real(number.getValueAsDouble());
        else
          value.integer =
              type.isInteger(1)
                  ? I(cast<IntegerAttr>(constant.getValue()).getValue() != 0)
                  : cast<IntegerAttr>(constant.getValue())
                        .getValue()
                        .getSExtValue();
        instructions.push_back([=](Registers &r) { r[out] = value; });
        return llvm::Error::success();
      })
      .Case([&](arith::AddIOp) {
        return integer2([](I a, I b) { return I(U(a) + U(b)); });
      })
      .Case([&](arith::SubIOp) {
        return integer2([](I a, I b) { return I(U(a) - U(b)); });
      })
      .Case([&](arith::MulIOp) {
        return integer2([](I a, I b) { return I(U(a) * U(b)); });
      })
      .Case([&](arith::DivSIOp) {
        return integer2([](I a, I b) {
          return b == 0 ? I(0) : b == -1 ? I(-U(a)) : a / b;
        });
      })
      .Case([&](arith::RemSIOp) {
        return integer2(
            [](I a, I b) { return b == 0 || b == -1 ? I(0) : a % b; });
      })
      .Case([&](arith::FloorDivSIOp) { return integer2(floorDivide); })
      .Case([&](arith::CeilDivSIOp) { return integer2(ceilDivide); })
      .Case([&](arith::MinSIOp) {
        return integer2([](I a, I b) { return std::min(a, b); });
      })
      .Case([&](arith::MaxSIOp) {
        return integer2([](I a, I b) { return std::max(a, b); });
      })
      .Case([&](arith::AndIOp) {
        return integer2([](I a, I b) { return a & b; });
      })
      .Case([&](arith::OrIOp) {
        return integer2([](I a, I b) { return a | b; });
      })
      .Case([&](arith::XOrIOp) {
        return integer2([](I a, I b) { return a ^ b; });
      })
      .template Case<arith::ExtSIOp, arith::TruncIOp, arith::IndexCastOp>(
          [&](auto) { return integer1([](I a) { return a; }); })
      .Case([&](arith::ExtUIOp extend) {
        unsigned width = extend.getIn().getType().getIntOrFloatBitWidth();
        U keep = width >= 64 ? ~U(0) : (U(1) << width) - 1;
        return integer1([keep](I a) { return I(U(a) & keep); });
      })
      .Case([&](math::AbsIOp) {
        return integer1([](I a) { return a < 0 ? I(-U(a)) : a; });
      })
      .Case([&](arith::CmpIOp compare) {
        auto predicate = compare.getPredicate();
        return integer2([predicate](I a, I b) {
          return I(compareIntegers(predicate, a, b));
        });
      })
      .Case([&](arith::CmpFOp compare) {
        auto predicate = compare.getPredicate();
        instructions.push_back([=, a = in[0], b = in[1]](Registers &r) {
          r[out].integer = compareReals<Real>(predicate, r[a].real, r[b].real);
        });
        return llvm::Error::success();
      })
      .Case([&](arith::SelectOp) {
        instructions.push_back(
            [=, c = in[0], a = in[1], b = in[2]](Registers &r) {
              r[out] = r[c].integer ? r[a] : r[b];
            });
        return llvm::Error::success();
      })
      .template Case<arith::SIToFPOp, arith::UIToFPOp>([&](auto) {
        instructions.push_back(
            [=, a = in[0]](Registers &r) { r[out].real = Real(r[a].integer); });
        return llvm::Error::success();
      })
      .Case([&](arith::AddFOp) { return real2(std::plus<R>()); })
      .Case([&](arith::SubFOp) { return real2(std::minus<R>()); })
      .Case([&](arith::MulFOp) { return real2(std::multiplies<R>()); })
      .Case([&](arith::DivFOp) { return real2(std::divides<R>()); })
      .Case([&](arith::NegFOp) { return real1(std::negate<R>()); })
      .Case([&](arith::MinimumFOp) {
        return real2([](R a, R b) {
          return std::isnan(a) || std::isnan(b) ? R(NAN) : std::fmin(a, b);
        });
      })
      .Case([&](arith::MaximumFOp) {
        return real2([](R a, R b) {
          return std::isnan(a) || std::isnan(b) ? R(NAN) : std::fmax(a, b);
        });
      })
      .Case([&](arith::MinNumFOp) {
        return real2([](R a, R b) { return std::fmin(a, b); });
      })
      .Case([&](arith::MaxNumFOp) {
        return real2([](R a, R b) { return std::fmax(a, b); });
      })
      .Case([&](math::ExpOp) { return real1([](R a) { return std::exp(a); }); })
      .Case(
          [&](math::Exp2Op) { return real1([](R a) { return std::exp2(a); }); })
      .Case([&](math::LogOp) { return real1([](R a) { return std::log(a); }); })
      .Case(
          [&](math::TanhOp) { return real1([](R a) { return std::tanh(a); }); })
      .Case(
          [&](math::AbsFOp) { return real1([](R a) { return std::fabs(a); }); })
      .Case(
          [&](math::SqrtOp) { return real1([](R a) { return std::sqrt(a); }); })
      .Case([&](math::RsqrtOp) {
        return real1([](R a) { return R(1) / std::sqrt(a); });
      })
      .Default([&](Operation *other) {
        return llvm::createStringError(
            "the oracle does not know `%s` in a region",
            other->getName().getStringRef().str().c_str());
      });
}

template <typename Real>
llvm::Expected<RegionProgram<Real>> RegionProgram<Real>::compile(
    Region &region,
    llvm::function_ref<llvm::Expected<Capture>(Value)> captureOf,
    llvm::function_ref<llvm::Expected<int64_t>(StringRef)> dimOf,
    llvm::function_ref<llvm::Expected<int64_t>(Value)> stepOf) {
  RegionProgram program;
  Block &block = region.front();
  program.numArguments = block.getNumArguments();
  for (BlockArgument argument : block.getArguments())
    program.registerOf(argument);
  for (Operation &op : block.without_terminator()) {
    // A constant of the enclosing body or a loop's step may be used as it is.
    for (Value operand : op.getOperands()) {
      if (isa<ShapedType>(operand.getType()) ||
          operand.getParentBlock() == &block || program.numbers.count(operand))
        continue;
      if (Operation *outside = operand.getDefiningOp()) {
        if (llvm::Error error = program.add(*outside))
          return std::move(error);
        continue;
      }
      llvm::Expected<int64_t> step = stepOf(operand);
      if (!step)
        return step.takeError();
      program.instructions.push_back(
          [out = program.registerOf(operand), value = *step](Registers &r) {
            r[out].integer = value;
          });
    }
    if (auto dim = dyn_cast<DimOp>(op)) {
      llvm::Expected<int64_t> value = dimOf(dim.getName());
      if (!value)
        return value.takeError();
      program.instructions.push_back(
          [out = program.registerOf(dim), value = *value](Registers &r) {
            r[out].integer = value;
          });
      continue;
    }
    if (auto capture = dyn_cast<CaptureOp>(op)) {
      llvm::Expected<Capture> read = captureOf(capture.getArray());
      if (!read)
        return read.takeError();
      SmallVector<unsigned> in;
      for (Value index : capture.getIndices())
        in.push_back(program.registerOf(index));
      unsigned out = program.registerOf(capture.getElement());
      program.instructions.push_back([=, read = *read](Registers &r) {
        SmallVector<int64_t, 4> indices;
        for (unsigned index : in)
          indices.push_back(r[index].integer);
        r[out] = read(indices);
      });
      continue;
    }
    if (llvm::Error error = program.add(op))
      return std::move(error);
  }
  auto yield = cast<YieldOp>(block.getTerminator());
  for (Value value : yield.getValues())
    program.results.push_back(program.registerOf(value));
  program.registers.resize(program.numbers.size());
  return program;
}

template <typename Real>
Register<Real>
RegionProgram<Real>::run(llvm::ArrayRef<Register<Real>> arguments) const {
  std::copy(arguments.begin(), arguments.end(), registers.begin());
  for (const Instruction &instruction : instructions)
    instruction(registers);
  return yielded(0);
}

template class attune::reference::RegionProgram<double>;
template class attune::reference::RegionProgram<float>;
