#ifndef ATTUNE_OP_BASE
#define ATTUNE_OP_BASE

include "dialect/AttuneAttrs.td"
include "dialect/AttuneTypes.td"
include "dialect/AttuneInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/IR/RegionKindInterface.td"

class Attune_Op<string mnemonic, list<Trait> traits = []>
    : Op<Attune_Dialect, mnemonic, traits>;

/// An op with one array result: tensor result, or memref destination. Memory
/// effects: none on tensors; reads the inputs and writes the destination on
/// memrefs (dialect/AttuneOpBase.cpp).
class Attune_ArrayOp<string mnemonic, list<Trait> traits = []>
    : Attune_Op<mnemonic, traits # [
        Attune_DestinationOpInterface,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let results = (outs Optional<AnyRankedTensor>:$result);
  let hasVerifier = 1;
}

/// A view of one array: no destination, the result is a view of the input.
class Attune_ViewOp<string mnemonic, list<Trait> traits = []>
    : Attune_Op<mnemonic, traits # [Pure]> {
  let hasVerifier = 1;
}

#endif
