//===- Header.h - The C header of a library -------------------------------===//

#ifndef ATTUNE_CODEGEN_EMIT_HEADER_H
#define ATTUNE_CODEGEN_EMIT_HEADER_H

#include "codegen/emit/ModelInfo.h"

namespace attune {

/// C99 and C++; holds the text of attune/attune.h, so that it needs no include
/// path. `fileName` names the include guard.
std::string emitHeader(llvm::ArrayRef<ModelInfo> models,
                       llvm::StringRef fileName);

} // namespace attune

#endif
