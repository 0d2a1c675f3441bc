#ifndef ATTUNE_KERNEL_OPS
#define ATTUNE_KERNEL_OPS
include "dialect/AttuneOpBase.td"

def Attune_KernelOp : Attune_Op<"kernel", [AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "The structured kernel that passes hand to a target";
  let description = [{
    Everything that is the same on every target: what to compute, on which key
    ranges, with which expressions; not the loop order, registers or pipelining.

    `attend`: `lhs[m]` and `rhs[m]` are the query and key arrays of dot source m,
    all rank 4 `[B, H, T, E]`; `value` `[B, Hv, Tk, Ev]`; `out` `[B, H, Tq, Ev]`;
    scores = sum_m scales[m] * head_weights[weight_index[m]][h] * q k^T, then
    region `score` (arguments as `attune.modify`), then region `mask`
    (arguments as `attune.mask`). Region `ranges` has the arguments
    (b, h, q_first, q_last, nq, nk: index; q_last inclusive) and yields four
    indices (lo, full_lo, full_hi, hi) with 0 <= lo <= full_lo <= full_hi <= hi
    <= nk: keys outside [lo, hi) are attended by no query of [q_first, q_last],
    keys in [full_lo, full_hi) by all of them; the mask region is evaluated on
    the rest. Without a mask both regions are empty. `workspace[0]`: packed keys
    (memref<?xf32>), `workspace[1]`: per-worker scratch
    (memref<WORKERSxNxf32>).

    `gemm`: `lhs[0]` `[..., M, K]`, `rhs[0]` packed panels
    `[ceil(N / width), K, width]` (with `bias` padded to panels) or, when
    `rhs_rows` is set, plain `[..., K, N]`; `out` `[..., M, N]` =
    activation(lhs rhs + bias) + residual.
  }];
  let arguments = (ins Attune_KernelKindAttr:$kind,
                       Variadic<AnyMemRef>:$lhs, Variadic<AnyMemRef>:$rhs,
                       Variadic<AnyMemRef>:$head_weights, Optional<AnyMemRef>:$value,
                       Optional<AnyMemRef>:$bias, Optional<AnyMemRef>:$residual,
                       AnyMemRef:$out, Variadic<AnyMemRef>:$workspace,
                       Attune_BlockingAttr:$blocking,
                       OptionalAttr<DenseF64ArrayAttr>:$scales,
                       OptionalAttr<DenseI64ArrayAttr>:$weight_index,
                       DefaultValuedAttr<Attune_EmptyRowAttr, "::attune::EmptyRow::Zero">:$empty_row,
                       DefaultValuedAttr<Attune_ActivationAttr, "::attune::Activation::None">:$activation,
                       UnitAttr:$rhs_rows);
  let regions = (region AnyRegion:$ranges, AnyRegion:$score, AnyRegion:$mask);
  let assemblyFormat = [{
    $kind `lhs` `(` $lhs `)` `rhs` `(` $rhs `)` (`head_weights` `(` $head_weights^ `)`)?
    (`value` `(` $value^ `)`)? (`bias` `(` $bias^ `)`)? (`residual` `(` $residual^ `)`)?
    `out` `(` $out `)` (`workspace` `(` $workspace^ `)`)? `blocking` $blocking
    `ranges` $ranges `score` $score `mask` $mask
    attr-dict `:` type(operands)
  }];
  let hasVerifier = 1;
}
#endif
