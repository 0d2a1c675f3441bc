//===- WeightTable.cpp - Rows of the weight table ---------------*- C++ -*-===//
#include "passes/WeightTable.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attune;

/// Rows of the weight table start at multiples of this many floats.
static constexpr int64_t rowAlignment = 16;

/// More table rows than this are an error, not a hang.
static constexpr int64_t maxRows = 1 << 20;

namespace {

/// A loop that a weight's name runs over: [lower, upper). A loop of one step
/// may be gone: its induction is a constant then.
struct Step {
  Value induction;
  int64_t lower, upper;

  int64_t count() const { return upper - lower; }
};

} // namespace

static FailureOr<SmallVector<Step>> getSteps(ParamOp param) {
  SmallVector<Step> steps;
  for (Value step : param.getSteps()) {
    APInt constant;
    if (matchPattern(step, m_ConstantInt(&constant)) &&
        !constant.isMaxSignedValue()) {
      int64_t value = constant.getSExtValue();
      steps.push_back({step, value, value + 1});
      continue;
    }
    auto argument = dyn_cast<BlockArgument>(step);
    auto loop = argument
                    ? dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp())
                    : scf::ForOp();
    APInt lower, upper, stride;
    if (!loop || loop.getInductionVar() != step ||
        !matchPattern(loop.getLowerBound(), m_ConstantInt(&lower)) ||
        !matchPattern(loop.getUpperBound(), m_ConstantInt(&upper)) ||
        !matchPattern(loop.getStep(), m_ConstantInt(&stride)) ||
        !stride.isOne())
      return param.emitOpError(
          "has a step that is no loop index with constant bounds");
    int64_t first = lower.getSExtValue();
    int64_t end = std::max(first, upper.getSExtValue());
    int64_t count;
    if (llvm::SubOverflow(end, first, count) || count > maxRows)
      return param.emitOpError("makes a weight table of more than ")
             << maxRows << " rows";
    steps.push_back({step, first, end});
  }
  return steps;
}

/// The name with the k-th `{...}` replaced by values[k].
static std::string expandName(StringRef pattern, ArrayRef<int64_t> values) {
  std::string name;
  for (int64_t value : values) {
    auto [before, rest] = pattern.split('{');
    name += before;
    name += std::to_string(value);
    pattern = rest.split('}').second;
  }
  name += pattern;
  return name;
}

/// Floats from one member of a family to the next one; nothing when parts that
/// must lie next to one another do not end where rows may start.
static FailureOr<int64_t> getMemberFloats(ParamOp param,
                                          ArrayRef<WeightPart> parts) {
  int64_t floats = 0;
  for (const WeightPart &part : parts) {
    if (floats % rowAlignment != 0)
      return param.emitOpError("joins weights that end within ")
             << rowAlignment << " floats";
    if (llvm::AddOverflow(floats, part.packedFloats, floats))
      return param.emitOpError("has a size that overflows 64 bits");
  }
  if (llvm::AddOverflow(floats, rowAlignment - 1, floats))
    return param.emitOpError("has a size that overflows 64 bits");
  return floats / rowAlignment * rowAlignment;
}

// Finds all rows at their distances, or adds all of them. A row that is known
// but lies elsewhere is packed a second time: addresses must be linear.
LogicalResult WeightTable::placeRows(ParamOp param, ArrayRef<Row> rows,
                                     int64_t floats, int64_t &offset) {
  auto find = [&](const Row &row) {
    return offsets.find(
        {StringAttr::get(context, row.name), param.getPackAttr()});
  };
  offset = packedFloats;
  if (rows.empty())
    return success();
  auto first = find(rows.front());
  if (first != offsets.end() && llvm::all_of(rows, [&](const Row &row) {
        auto known = find(row);
        return known != offsets.end() &&
               known->second == first->second + row.offset;
      })) {
    offset = first->second;
    return success();
  }
  if (table.size() + rows.size() > maxRows)
    return param.emitOpError("makes a weight table of more than ")
           << maxRows << " rows";
  if (llvm::AddOverflow(packedFloats, floats, packedFloats))
    return param.emitOpError("makes the packed weights overflow 64 bits");
  for (const Row &row : rows) {
    auto name = StringAttr::get(context, row.name);
    table.push_back(WeightAttr::get(context, name, row.part->fileShape,
                                    param.getPackAttr(), offset + row.offset));
    offsets.insert({{name, param.getPackAttr()}, offset + row.offset});
  }
  return success();
}

// The members of a family lie one after the other, the last loop innermost:
// with a stride for each loop, the address is linear in the steps.
LogicalResult WeightTable::place(ParamOp param, ArrayRef<WeightPart> parts) {
  FailureOr<SmallVector<Step>> steps = getSteps(param);
  if (failed(steps))
    return failure();
  FailureOr<int64_t> memberFloats = getMemberFloats(param, parts);
  if (failed(memberFloats))
    return failure();

  // A loop that stands twice in a name runs once over its steps.
  SmallVector<Step> loops;
  SmallVector<size_t> loopOf;
  for (const Step &step : *steps) {
    const auto *known = llvm::find_if(loops, [&](const Step &loop) {
      return loop.induction == step.induction;
    });
    loopOf.push_back(known - loops.begin());
    if (known == loops.end())
      loops.push_back(step);
  }
  int64_t count = 1;
  SmallVector<int64_t> members(loops.size()); // of one step of each loop
  for (size_t k = loops.size(); k-- > 0;) {
    members[k] = count;
    if (llvm::MulOverflow(count, loops[k].count(), count) || count > maxRows)
      return param.emitOpError("makes a weight table of more than ")
             << maxRows << " rows";
  }
  int64_t floats;
  if (llvm::MulOverflow(count, *memberFloats, floats))
    return param.emitOpError("makes the packed weights overflow 64 bits");

  SmallVector<Row> rows;
  for (int64_t member = 0; member < count; ++member) {
    SmallVector<int64_t> values;
    for (size_t k : loopOf)
      values.push_back(loops[k].lower + member / members[k] % loops[k].count());
    int64_t offset = member * *memberFloats;
    for (const WeightPart &part : parts) {
      rows.push_back({expandName(part.name, values), &part, offset});
      offset += part.packedFloats;
    }
  }
  int64_t offset;
  if (failed(placeRows(param, rows, floats, offset)))
    return failure();

  SmallVector<int64_t> strides(steps->size(), 0);
  llvm::SmallDenseSet<size_t> seen;
  for (auto [k, loop] : llvm::enumerate(loopOf)) {
    if (!seen.insert(loop).second)
      continue;
    strides[k] = members[loop] * *memberFloats;
    // Where step 0 would be may be far outside: addresses wrap.
    offset = int64_t(uint64_t(offset) -
                     uint64_t(strides[k]) * uint64_t(loops[loop].lower));
  }
  OpBuilder builder(context);
  param.setOffsetAttr(builder.getI64IntegerAttr(offset));
  if (!strides.empty())
    param.setStridesAttr(builder.getDenseI64ArrayAttr(strides));
  return success();
}

ArrayAttr WeightTable::toAttr() const { return ArrayAttr::get(context, table); }
