/// .npy files and plain memory as the oracle's arrays, and back.
#ifndef ATTUNE_TOOLS_ARRAYFILE_H
#define ATTUNE_TOOLS_ARRAYFILE_H

#include "reference/Array.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include <optional>
#include <string>

namespace attune::tool {

/// An array with the DLPack type that it has in its file.
struct TypedArray {
  reference::Array array;
  uint8_t code, bits;
};

/// Reads an .npy file of any type. `what` names the array in messages. On a
/// mistake prints one diagnostic and returns nothing.
std::optional<TypedArray> readTypedArray(llvm::StringRef path,
                                         const llvm::Twine &what);

/// Reads an .npy file of floats or of integers and bools. Floats widen from f16
/// and f32 (and f64 if `allowDouble`), integers and bools to int64. On a
/// mistake prints one diagnostic and returns nothing.
std::optional<reference::Array> readArrayFile(llvm::StringRef path,
                                              const llvm::Twine &what,
                                              bool isFloat, bool allowDouble);

/// Writes `array` as .npy of the DLPack type. False: `message` says why.
bool writeArrayFile(llvm::StringRef path, const reference::Array &array,
                    uint8_t code, uint8_t bits, std::string &message);

/// The array's elements as the DLPack type lays them out in memory, and back.
std::vector<char> toBytes(const reference::Array &array, uint8_t code,
                          uint8_t bits);
void fromBytes(const char *bytes, uint8_t code, uint8_t bits,
               reference::Array &array);

} // namespace attune::tool

#endif
