//===- Manifest.h - Models described as JSON ------------------------------===//

#ifndef ATTUNE_CODEGEN_EMIT_MANIFEST_H
#define ATTUNE_CODEGEN_EMIT_MANIFEST_H

#include "codegen/emit/ModelInfo.h"

namespace attune {

/// What `<model>_manifest` returns: one JSON object, without a line end.
std::string emitManifest(const ModelInfo &model);

/// The manifest file of a library: {"models": [...]}.
std::string emitManifest(llvm::ArrayRef<ModelInfo> models);

} // namespace attune

#endif
