#include "tools/attune/Place.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace llvm;

namespace attune::tool {

std::string Place::str() const {
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

Place Place::of(const frontend::Sources &sources, frontend::Span span) {
  frontend::LineColumn begin = sources.lineColumn(span.file, span.begin);
  frontend::LineColumn end = sources.lineColumn(span.file, span.end);
  return {sources.name(span.file).str(), begin.line, begin.column,
          Span{span.begin, span.end, end.line, end.column}};
}

std::optional<Place> Place::of(mlir::Location location) {
  auto at = location->findInstanceOf<mlir::FileLineColLoc>();
  if (!at)
    return std::nullopt;
  return Place{at.getFilename().str(), at.getLine(), at.getColumn(),
               std::nullopt};
}

} // namespace attune::tool
