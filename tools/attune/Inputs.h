/// The values of a model's inputs as the command line gives them: array files,
/// literals, constants, zeros and reproducible random numbers.
#ifndef ATTUNE_TOOLS_INPUTS_H
#define ATTUNE_TOOLS_INPUTS_H

#include "reference/Array.h"
#include "tools/attune/Options.h"
#include "tools/attune/Signature.h"

namespace attune::tool {

/// Reads `--input NAME=VALUE` and `--dim NAME=N` for every input of the model.
/// VALUE: `@file.npy`, `random` or `random:SEED`, `zero`, `const:V`, or a
/// literal such as `[7, 4]`. Dims that no array shows come from `--dim`. On a
/// mistake prints one diagnostic and returns false.
bool readInputs(const Arguments &arguments, const Signature &signature,
                std::vector<reference::Array> &inputs, DimValues &dims);

/// Splits `--NAME KEY=VALUE` options into a map; checks that each key is among
/// `known` (with a suggestion) and given once. `what` names a key in messages.
bool readAssignments(const Arguments &arguments, llvm::StringRef option,
                     llvm::ArrayRef<llvm::StringRef> known,
                     llvm::StringRef what,
                     llvm::StringMap<std::string> &values);

/// `[7, 4]`, `[[1.5, -2], [nan, inf]]`, `true`: a number or nested lists, all
/// of one shape. An empty optional: `message` says why not.
std::optional<reference::Array> parseLiteral(llvm::StringRef text, bool isFloat,
                                             std::string &message);

/// The same numbers for the same seed, name and shape on every machine: floats
/// uniform in [-1, 1), integers in [0, limit).
reference::Array randomArray(uint64_t seed, llvm::StringRef name,
                             llvm::ArrayRef<int64_t> shape, bool isFloat,
                             int64_t limit);

/// The product of a shape's extents; nothing when it is negative or too large
/// to allocate (2^40 elements).
std::optional<int64_t> elementCount(llvm::ArrayRef<int64_t> shape);

} // namespace attune::tool

#endif
