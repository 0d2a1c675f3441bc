//===- AttuneAttrs.cpp - Text form of the attributes ----------------------===//

#include "dialect/Attune.h"
#include "dialect/Extent.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attune;

/// `[8, 4]`; `[]` for a number.
static ParseResult parseSizes(AsmParser &parser,
                              SmallVectorImpl<int64_t> &sizes) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
    return parser.parseInteger(sizes.emplace_back());
  });
}

static void printSizes(AsmPrinter &printer, ArrayRef<int64_t> sizes) {
  printer << "[";
  llvm::interleaveComma(sizes, printer);
  printer << "]";
}

#define GET_ATTRDEF_CLASSES
#include "dialect/AttuneAttrs.cpp.inc"

void AttuneDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialect/AttuneAttrs.cpp.inc"
      >();
}

/// One factor: a number or a dim's name.
static ParseResult parseFactor(AsmParser &parser, Extent &factor) {
  int64_t number;
  OptionalParseResult isNumber = parser.parseOptionalInteger(number);
  if (isNumber.has_value()) {
    factor = Extent::constant(number);
    return *isNumber;
  }
  std::string name;
  if (parser.parseKeywordOrString(&name))
    return failure();
  factor = Extent::dim(name);
  return success();
}

static ParseResult parseProduct(AsmParser &parser, Extent &product) {
  if (parseFactor(parser, product))
    return failure();
  while (succeeded(parser.parseOptionalStar())) {
    Extent factor;
    if (parseFactor(parser, factor))
      return failure();
    std::optional<Extent> next = product * factor;
    if (!next)
      return parser.emitError(parser.getCurrentLocation(), "extent overflows");
    product = *next;
  }
  return success();
}

/// `B * T - 1`: MLIR's lexer gives `-1` after a space as a number, and a lone
/// minus as a token, so both spellings of a difference are taken.
static ParseResult parseExtent(AsmParser &parser, Extent &extent) {
  auto addTerm = [&](bool negative) -> ParseResult {
    Extent term;
    if (parseProduct(parser, term))
      return failure();
    std::optional<Extent> next = negative ? extent - term : extent + term;
    if (!next)
      return parser.emitError(parser.getCurrentLocation(), "extent overflows");
    extent = *next;
    return success();
  };
  if (addTerm(succeeded(parser.parseOptionalMinus())))
    return failure();
  while (true) {
    if (succeeded(parser.parseOptionalPlus())) {
      if (addTerm(false))
        return failure();
    } else if (succeeded(parser.parseOptionalMinus())) {
      if (addTerm(true))
        return failure();
    } else {
      return success();
    }
  }
}

Attribute ExtentAttr::parse(AsmParser &parser, Type) {
  Extent extent;
  if (parser.parseLess() || parseExtent(parser, extent) ||
      parser.parseGreater())
    return {};
  return extent.toAttr(parser.getContext());
}

void ExtentAttr::print(AsmPrinter &printer) const {
  printer << "<" << Extent::get(*this).str() << ">";
}

Attribute MonomialAttr::parse(AsmParser &parser, Type) {
  Extent product;
  if (parser.parseLess() || parseProduct(parser, product) ||
      parser.parseGreater())
    return {};
  ExtentAttr extent = product.toAttr(parser.getContext());
  if (extent.getTerms().size() != 1)
    return {};
  return extent.getTerms().front();
}

void MonomialAttr::print(AsmPrinter &printer) const {
  printer << "<" << getCoefficient();
  for (StringAttr factor : getFactors())
    printer << " * " << factor.getValue();
  printer << ">";
}

Attribute ShapeAttr::parse(AsmParser &parser, Type) {
  SmallVector<ExtentAttr> extents;
  auto parseOne = [&]() -> ParseResult {
    Extent extent;
    if (parseExtent(parser, extent))
      return failure();
    extents.push_back(extent.toAttr(parser.getContext()));
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater,
                                     parseOne))
    return {};
  return get(parser.getContext(), extents);
}

void ShapeAttr::print(AsmPrinter &printer) const {
  printer << "<";
  llvm::interleaveComma(getExtents(), printer, [&](ExtentAttr extent) {
    printer << Extent::get(extent).str();
  });
  printer << ">";
}
