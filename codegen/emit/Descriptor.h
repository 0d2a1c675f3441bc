//===- Descriptor.h - Tables and entry points of a model ------------------===//

#ifndef ATTUNE_CODEGEN_EMIT_DESCRIPTOR_H
#define ATTUNE_CODEGEN_EMIT_DESCRIPTOR_H

#include "codegen/emit/ModelInfo.h"
#include "llvm/IR/Module.h"

namespace attune {

/// Adds the constant attune_model_desc of a model and the functions
/// `<model>_*`, which hand it to the runtime, to the module with its body.
/// False with a message when a name is taken twice.
bool addEntryPoints(llvm::Module &module, const ModelInfo &model,
                    llvm::StringRef deviceImage, std::string &message);

} // namespace attune

#endif
