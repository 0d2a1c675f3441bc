/// The call of a compiled model: `attune run` and the golden tests.
#ifndef ATTUNE_TOOLS_CALLMODEL_H
#define ATTUNE_TOOLS_CALLMODEL_H

#include "reference/Array.h"
#include "tools/attune/DeviceMemory.h"
#include "tools/attune/Library.h"
#include "tools/attune/Signature.h"

namespace attune::tool {

/// Calls of one compiled model with arrays in, arrays out.
struct RunResult {
  std::vector<reference::Array> outputs;
  std::vector<double> seconds; ///< of each repeat
  size_t workspaceBytes = 0;
};

/// Runs the opened library `repeat` times, with arrays in memory or, if `gpu`
/// is given, on that device. Nonzero: the C code, with `error` filled. Every
/// dim must have a value.
int callModel(Library &library, const Signature &signature,
              llvm::ArrayRef<reference::Array> inputs, const DimValues &dims,
              int repeat, const attune_call *call, DeviceMemory *gpu,
              RunResult &result, attune_error &error);

} // namespace attune::tool

#endif
