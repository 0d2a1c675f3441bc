//===- Parser.h - Tokens to syntax tree -------------------------*- C++ -*-===//
#ifndef ATTUNE_FRONTEND_PARSER_H
#define ATTUNE_FRONTEND_PARSER_H

#include "frontend/AST.h"
#include "frontend/Diagnostics.h"

namespace attune::frontend {

/// Parses a file of `sources`. After an error the parser goes on at the next
/// statement or declaration; what it could not read is left out of the tree, so
/// check `diagnostics` before using it.
ast::File parse(const Sources &sources, uint32_t file, ast::Context &context,
                Diagnostics &diagnostics);

} // namespace attune::frontend

#endif // ATTUNE_FRONTEND_PARSER_H
