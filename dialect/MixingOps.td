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

    With `probs` the op also gives p `[B, H, Tq, Tk]`, with `lse` the natural
    logarithm of the sum of exp(scores) over the attended keys `[B, H, Tq]`; the
    results (or destinations) come in the order out, probs, lse. p is an array
    of size Tq x Tk that the caller asked for; the kernel makes it in a second
    pass over the keys.

    Numeric contract: scores, maximum, sum and accumulators in f32, exponentials
    in base 2. A row without an attended key gives zeros (`empty_row = zero`),
    the mean of all values and p = 1 / Tk (`uniform`) or NaN (`nan`); its lse is
    -inf. A score of -inf is a masked key. Values of masked keys are never read
    into a sum: NaN and infinity there do not leak.

    With `no_softmax` the scores themselves are the weights: p[k] is scores[b, h, q, k]
    where the mask holds, and 0 elsewhere. Made at import for `spatial` of scores and
    at fuse for probabilities that the weights alone determine.

    (C1) A tensor result before bufferize, a destination and no tensor operand
    from it on. (C2) value is f32 of rank 4. (C3) Batch and keys of scores and
    value are equal. (C4) The value heads divide the heads of the scores.
    (C5) The result is f32 `[B, H, Tq, Ev]`, that of probs `[B, H, Tq, Tk]`, that
    of lse `[B, H, Tq]`. Sizes that are not static are not compared. (C6) There is
    one result, or one destination, for each array that is asked for. (C7) Without
    softmax there are no probs and no lse, and empty rows are zero.

    ```mlir
    func.func @attend(%s: !attune.scores<2x4x5x7xf32>, %v: tensor<2x4x7x16xf32>, %m: !attune.mask) -> tensor<2x4x5x16xf32> {
      %o = attune.attend %s, %v mask %m : (!attune.scores<2x4x5x7xf32>, tensor<2x4x7x16xf32>, !attune.mask) -> tensor<2x4x5x16xf32>
      return %o : tensor<2x4x5x16xf32>
    }
    ```
  }];
  let arguments = (ins Attune_ScoresType:$scores, Attune_Array:$value,
                       Optional<Attune_MaskType>:$mask, Variadic<AnyMemRef>:$init,
                       DefaultValuedAttr<Attune_EmptyRowAttr, "::attune::EmptyRow::Zero">:$empty_row,
                       UnitAttr:$probs, UnitAttr:$lse, UnitAttr:$no_softmax);
  let results = (outs Variadic<AnyRankedTensor>:$result);
  let extraClassDeclaration = [{
    /// The results or, from bufferize on, the destinations: out, then probs and
    /// lse when they are asked for.
    ::mlir::SmallVector<::mlir::Value> getArrays() {
      return getResult().empty() ? ::mlir::SmallVector<::mlir::Value>(getInit())
                                 : ::mlir::SmallVector<::mlir::Value>(getResult());
    }
  }];
  let assemblyFormat = [{
    $scores `,` $value (`mask` $mask^)? (`into` $init^)? attr-dict `:` functional-type(operands, results)
  }];
}
#endif
