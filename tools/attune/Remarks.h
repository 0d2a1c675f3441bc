/// Decisions of the compiler, told to the user who asks for them.
#ifndef ATTUNE_TOOLS_REMARKS_H
#define ATTUNE_TOOLS_REMARKS_H

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/ArrayRef.h"
#include <string>

namespace attune::tool {

/// Prints remarks to standard error that are of one of these categories
/// ("fuse", "mask") or kinds ("passed", "missed"); "all" prints all of them.
/// Returns an ExitCode.
int enableRemarks(mlir::MLIRContext &context,
                  llvm::ArrayRef<std::string> categories);

} // namespace attune::tool

#endif
