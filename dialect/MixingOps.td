#ifndef ATTUNE_MIXING_OPS
#define ATTUNE_MIXING_OPS
include "dialect/AttuneOpBase.td"

def Attune_AttendOp : Attune_ArrayOp<"attend", [AttrSizedOperandSegments]> {
  let summary = "softmax over the attended keys, times v";
  let description = [{
    `out[b, h, q, :] = sum over k of p[k] * value[b, h', k, :]` with p = softmax
    of scores[b, h, q, k] over the keys k for which the mask holds, and
    h' = h / (H / Hv). scores `[B, H, Tq, Tk]`, value `[B, Hv, Tk, Ev]`, result
    `[B, H, Tq, Ev]`. No array of size Tq x Tk is made: the kernel keeps a running
    maximum and sum over blocks of keys (Milakov and Gimelshein 2018,
    arXiv:1805.02867; Dao et al. 2022, arXiv:2205.14135).

    Lifespan: made at import for `attend` and `attention`; gone after tile, as an
    `attune.kernel` of kind `attend`.

    Numeric contract: scores, maximum, sum and accumulators in f32, exponentials
    in base 2. A row without an attended key gives zeros (`empty_row = zero`).
    A score of -inf is a masked key.

    (C1) A tensor result before bufferize, a destination and no tensor operand
    from it on. (C2) value is f32 of rank 4. (C3) Batch and keys of scores and
    value are equal. (C4) The value heads divide the heads of the scores.
    (C5) The result is f32 `[B, H, Tq, Ev]`. Sizes that are not static are not
    compared.

    ```mlir
    func.func @attend(%s: !attune.scores<2x4x5x7xf32>, %v: tensor<2x4x7x16xf32>, %m: !attune.mask) -> tensor<2x4x5x16xf32> {
      %o = attune.attend %s, %v mask %m : (!attune.scores<2x4x5x7xf32>, tensor<2x4x7x16xf32>, !attune.mask) -> tensor<2x4x5x16xf32>
      return %o : tensor<2x4x5x16xf32>
    }
    ```
  }];
  let arguments = (ins Attune_ScoresType:$scores, Attune_Array:$value,
                       Optional<Attune_MaskType>:$mask, Optional<AnyMemRef>:$init,
                       DefaultValuedAttr<Attune_EmptyRowAttr, "::attune::EmptyRow::Zero">:$empty_row);
  let assemblyFormat = [{
    $scores `,` $value (`mask` $mask^)? (`into` $init^)? attr-dict `:` functional-type(operands, results)
  }];
}
#endif
