//===- MaskHelp.h - How an array becomes a mask -----------------*- C++ -*-===//
#ifndef ATTUNE_FRONTEND_MASKHELP_H
#define ATTUNE_FRONTEND_MASKHELP_H

#include "frontend/Importer.h"

namespace attune::frontend {

/// Where an array stands for a mask, adds to `message` how to write the mask;
/// `text` is how the spec names `given`.
void helpWithMask(DiagnosticBuilder &message, const Value &given,
                  llvm::StringRef text);

} // namespace attune::frontend

#endif // ATTUNE_FRONTEND_MASKHELP_H
