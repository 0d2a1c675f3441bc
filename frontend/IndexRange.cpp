//===- IndexRange.cpp - Proofs about the indices of captures --------------===//

#include "frontend/IndexEmitter.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;
using ast::Operator;

/// Masks and scores are counted as they are expanded, over all attends of a
/// model: masks that double end here.
bool IndexEmitter::count(Span span) {
  constexpr uint64_t limit = 100000;
  if (importer.indexOperations > limit)
    return false;
  if (++importer.indexOperations <= limit)
    return true;
  importer.error(Diag::too_many_operations, span, importer.modelName,
                 "more than 100,000");
  return false;
}

std::optional<std::pair<int64_t, int64_t>>
IndexEmitter::numbers(const Interval &range) {
  if (!range.lo || !range.hi)
    return std::nullopt;
  auto bound = [&](StringRef name) {
    auto found = importer.dimBounds.find(name);
    return found == importer.dimBounds.end() ? int64_t(1) << 20 : found->second;
  };
  std::optional<int64_t> lo = range.lo->lowerBound(bound),
                         hi = range.hi->upperBound(bound);
  if (!lo || !hi)
    return std::nullopt;
  return std::pair(*lo, *hi);
}

bool IndexEmitter::checkIndex(const Expr *expr, size_t axis,
                              const Interval &range, ArrayRef<Extent> shape) {
  const Extent &size = shape[axis];
  std::optional<Extent> last = size - Extent::constant(1);
  if (range.lo && range.hi && last &&
      isProvablyLessEqual(Extent::constant(0), *range.lo, importer.dimBounds) &&
      isProvablyLessEqual(*range.hi, *last, importer.dimBounds))
    return true;
  const Expr *index = expr->slices[axis].index;
  std::string tensor = importer.sources.text(expr->operands[0]->span).str();
  std::string text = importer.sources.text(index->span).str();
  StringRef what = shape.size() == 1          ? "entries"
                   : axis + 1 == shape.size() ? "columns"
                   : axis + 2 == shape.size() ? "rows"
                                              : "entries along that axis";
  // Numbers beside a number, names beside a name.
  auto ends = numbers(range);
  std::string interval =
      size.isConstant() && ends
          ? std::to_string(ends->first) + "..=" + std::to_string(ends->second)
      : range.lo || range.hi ? range.str()
                             : "any range";
  auto message =
      importer.error(Diag::index_out_of_range, index->span, text, interval,
                     tensor, size.str() + " " + what.str());
  // Clamp what varies; a constant that is added stays outside.
  std::string fixed;
  std::optional<int64_t> constant = size.asConstant();
  bool shifted =
      constant && index->kind == Expr::Kind::Binary &&
      (index->op == Operator::Add || index->op == Operator::Subtract) &&
      index->operands[1]->kind == Expr::Kind::Integer;
  if (shifted) {
    int64_t shift = index->operands[1]->integer;
    bool adds = index->op == Operator::Add;
    int64_t low = adds ? -shift : shift;
    fixed = "clamp(" + importer.sources.text(index->operands[0]->span).str() +
            ", " + std::to_string(low) + ", " +
            std::to_string(*constant - 1 + low) + ")" + (adds ? " + " : " - ") +
            std::to_string(shift);
  } else {
    fixed = "clamp(" + text + ", 0, " +
            (last ? last->str() : size.str() + " - 1") + ")";
  }
  std::string indices;
  for (auto [other, slice] : llvm::enumerate(expr->slices)) {
    indices += other ? ", " : "";
    indices += other == axis ? fixed : importer.sources.text(slice.span).str();
  }
  // One of several lines reads worse than none.
  if (indices.size() <= 100 && indices.find('\n') == std::string::npos)
    message.help("write `" + tensor + "[" + indices + "]`");
  return false;
}
