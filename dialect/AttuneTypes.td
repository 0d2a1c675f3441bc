#ifndef ATTUNE_TYPES
#define ATTUNE_TYPES

include "dialect/AttuneDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/CommonTypeConstraints.td"

class Attune_Type<string name, string typeMnemonic> : TypeDef<Attune_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Attune_ScoresType : Attune_Type<"Scores", "scores"> {
  let summary = "Symbolic scores [batch, head, query, key], never stored";
  let description = [{
    `!attune.scores<2x8x?x?xf32>`. Sizes are static or `?`
    (`ShapedType::kDynamic`). Always rank 4.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "::mlir::Type":$elementType);
  let hasCustomAssemblyFormat = 1;
}

def Attune_MaskType : Attune_Type<"Mask", "mask"> {
  let summary = "A predicate over (b, h, q, k): a generator without a shape";
}

def Attune_TileType : Attune_Type<"Tile", "tile"> {
  let summary = "A register block of rows x columns, layout unknown";
  let parameters = (ins "int64_t":$rows, "int64_t":$columns, "::mlir::Type":$elementType);
  let hasCustomAssemblyFormat = 1;
}

/// A tensor before the bufferize stage, a memref from it on.
def Attune_Array : AnyTypeOf<[AnyRankedTensor, AnyMemRef], "tensor or memref">;

#endif
