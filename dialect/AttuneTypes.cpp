//===- AttuneTypes.cpp - Text form of the types ---------------------------===//

#include "dialect/Attune.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attune;

#define GET_TYPEDEF_CLASSES
#include "dialect/AttuneTypes.cpp.inc"

void AttuneDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialect/AttuneTypes.cpp.inc"
      >();
}

/// `<2x8x?x?xf32>`
Type ScoresType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type element;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseDimensionList(shape) ||
      parser.parseType(element) || parser.parseGreater())
    return {};
  if (shape.size() != 4) {
    parser.emitError(loc, "scores have rank 4: [batch, head, query, key]");
    return {};
  }
  return get(parser.getContext(), shape, element);
}

void ScoresType::print(AsmPrinter &printer) const {
  printer << "<";
  printer.printDimensionList(getShape());
  printer << "x" << getElementType() << ">";
}

/// `<6x16xf32>`
Type TileType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type element;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() ||
      parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseType(element) || parser.parseGreater())
    return {};
  if (shape.size() != 2 || shape[0] <= 0 || shape[1] <= 0) {
    parser.emitError(loc, "a tile has rows and columns");
    return {};
  }
  return get(parser.getContext(), shape[0], shape[1], element);
}

void TileType::print(AsmPrinter &printer) const {
  printer << "<" << getRows() << "x" << getColumns() << "x" << getElementType()
          << ">";
}
