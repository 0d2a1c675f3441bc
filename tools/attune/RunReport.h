/// What `attune run` prints: sizes, times, comparisons.
#ifndef ATTUNE_TOOLS_RUNREPORT_H
#define ATTUNE_TOOLS_RUNREPORT_H

#include "tools/attune/CallModel.h"
#include "tools/attune/Options.h"

namespace attune::tool {

/// "[2, 0, 7]": the indices of the element `index` of a C-ordered array.
std::string positionText(llvm::ArrayRef<int64_t> shape, int64_t index);

/// One line an array, then workspace and time.
void printRun(const Signature &signature,
              llvm::ArrayRef<reference::Array> inputs, const RunResult &result,
              bool interpreted);

/// Compares an output by `multiples` of the tolerance rule and prints one line;
/// true when it is within. All arrays have one shape.
bool compareOutput(const TensorInfo &info, const reference::Array &output,
                   const reference::Array &expected,
                   const reference::Array &naive,
                   const reference::Array &oracle, double multiples);

/// Compares each `--expect NAME=@FILE` by the tolerance rule; prints one line
/// an output. Returns an ExitCode: SaidNo when one is not within tolerance.
int compareExpected(const Arguments &arguments, const Signature &signature,
                    llvm::ArrayRef<reference::Array> outputs,
                    llvm::ArrayRef<reference::Array> naive,
                    llvm::ArrayRef<reference::Array> oracle);

} // namespace attune::tool

#endif
