#ifndef ATTUNE_MIXING_OPS
#define ATTUNE_MIXING_OPS
include "dialect/AttuneOpBase.td"

def Attune_AttendOp : Attune_ArrayOp<"attend", [AttrSizedOperandSegments]> {
  let summary = "softmax over the attended keys, times v";
  let description = [{
    scores `[B, H, Tq, Tk]`, v `[B, Hv, Tk, Ev]` -> `[B, H, Tq, Ev]`; head h
    reads v's head h / (H / Hv).
  }];
  let arguments = (ins Attune_ScoresType:$scores, Attune_Array:$value,
                       Optional<Attune_MaskType>:$mask, Optional<AnyMemRef>:$init,
                       DefaultValuedAttr<Attune_EmptyRowAttr, "::attune::EmptyRow::Zero">:$empty_row);
  let assemblyFormat = [{
    $scores `,` $value (`mask` $mask^)? (`into` $init^)? attr-dict `:` functional-type(operands, results)
  }];
}
#endif
