/// Where something is in a file.
#ifndef ATTUNE_TOOLS_PLACE_H
#define ATTUNE_TOOLS_PLACE_H

#include "frontend/Diagnostics.h"
#include "mlir/IR/Location.h"
#include <optional>
#include <string>

namespace attune::tool {

struct Place {
  /// Where a span of text ends; the end is not part of it.
  struct Span {
    uint32_t begin, end; ///< bytes from the start of the file
    unsigned endLine, endColumn;
  };
  std::string file;
  unsigned line = 0, column = 0; ///< from 1; columns count bytes
  std::optional<Span> span;

  /// "file.attn:12:3".
  std::string str() const;

  static Place of(const frontend::Sources &sources, frontend::Span span);
  /// Nothing when no file is known.
  static std::optional<Place> of(mlir::Location location);
};

} // namespace attune::tool

#endif
