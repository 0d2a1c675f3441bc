//===- MaskAnalysis.h - Which keys a tile of queries can see ----*- C++ -*-===//
//
// One analysis for every mask: terms linear in q and k are solved in closed
// form into key ranges of a tile of queries; whatever remains is evaluated per
// element by the kernel.
//
//===----------------------------------------------------------------------===//
#ifndef ATTUNE_PASSES_MASKANALYSIS_H
#define ATTUNE_PASSES_MASKANALYSIS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"

#include <string>

namespace attune {

class MaskOp;

/// A run of keys: outside of all [lo, hi) no query of a tile attends, in
/// [fullLo, fullHi) every one does. 0 <= lo <= fullLo <= fullHi <= hi <= nk.
struct KeySegment {
  mlir::Value lo, fullLo, fullHi, hi;
};

/// The key ranges of one tile of queries [q_first, q_last].
struct KeyRanges {
  /// One, or two with a gap between them; the first is not empty unless both
  /// are.
  llvm::SmallVector<KeySegment, 2> segments;
  /// True when every term had a closed form.
  bool closedForm = true;
  /// The first term without a closed form, for the remark: its location and
  /// why it is evaluated per element.
  mlir::Location undecided;
  std::string reason;
};

/// Fills the empty `region` with the key ranges that `mask` gives to a tile of
/// queries. Its arguments, of index type: b, h, the first and the last query,
/// nq, nk; it yields lo, fullLo, fullHi, hi of each segment. Captured arrays
/// are used where they are defined.
KeyRanges emitKeyRanges(mlir::Region &region, MaskOp mask);

} // namespace attune

#endif // ATTUNE_PASSES_MASKANALYSIS_H
