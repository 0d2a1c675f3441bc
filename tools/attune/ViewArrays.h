/// Pictures of single arrays: outputs, weights, files.
#ifndef ATTUNE_TOOLS_VIEWARRAYS_H
#define ATTUNE_TOOLS_VIEWARRAYS_H

#include "reference/Array.h"
#include "tools/attune/ViewOptions.h"

namespace attune::tool {

/// Draws an array of 1 to 4 axes, after the leading ones that `--index` fixes:
/// as a matrix, or a row or grid of them, or as curves. `dims` names its axes;
/// "" or none where one has no name. Returns an ExitCode.
int drawArray(const reference::Array &array, llvm::StringRef name,
              llvm::ArrayRef<std::string> dims, ViewOptions &options);

} // namespace attune::tool

#endif
