//===- Hints.h - What users of PyTorch mean ---------------------*- C++ -*-===//
#ifndef ATTUNE_FRONTEND_HINTS_H
#define ATTUNE_FRONTEND_HINTS_H

#include "llvm/ADT/StringRef.h"

namespace attune::frontend {

/// Help for a word that Python or PyTorch has in this place; empty when there
/// is none. Each is a whole help text.
llvm::StringRef hintForFunction(llvm::StringRef name);
llvm::StringRef hintForArgument(llvm::StringRef function, llvm::StringRef name);
llvm::StringRef hintForName(llvm::StringRef name);
llvm::StringRef hintForType(llvm::StringRef name);
/// Of a token where the grammar asks for another one.
llvm::StringRef hintForToken(llvm::StringRef text);
/// Of a character that starts no token.
llvm::StringRef hintForCharacter(char c);

} // namespace attune::frontend

#endif // ATTUNE_FRONTEND_HINTS_H
