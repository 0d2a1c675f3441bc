//===- FuzzFolder.h - Input bytes as files ----------------------*- C++ -*-===//
#ifndef ATTUNE_FUZZ_FUZZFOLDER_H
#define ATTUNE_FUZZ_FUZZFOLDER_H

#include "llvm/ADT/Twine.h"
#include <string>

namespace attune::fuzz {

/// Writes bytes to the file `name` in a folder of this process, which goes when
/// the process ends, and returns its path. An earlier file of that name is
/// replaced.
std::string writeFile(llvm::StringRef name, llvm::StringRef bytes);

/// Says why and ends the process as a crash does: what the program promises for
/// any input does not hold.
[[noreturn]] void fail(const llvm::Twine &why);

} // namespace attune::fuzz

#endif
