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
    the rest. `probs` `[B, H, Tq, Tk]` and `lse` `[B, H, Tq]`, when given, get
    what `attune.attend` says. Without a mask both regions are empty; with a mask
    and without ranges the mask is evaluated on all keys. `workspace[0]`: packed
    keys and values (memref<?xf32>), `workspace[1]`: per-worker scratch
    (memref<WORKERSxNxf32>); none on a GPU, whose blocks have shared memory.

    `gemm`: `lhs[0]` `[..., M, K]`, `rhs[0]` packed panels
    `[ceil(N / width), K, width]` (with `bias` padded to panels) or, when
    `rhs_rows` is set, plain `[..., K, N]`; `out` `[..., M, N]` =
    activation(lhs rhs + bias) + residual.

    Lifespan: made at tile from `attune.attend`, `attune.linear` and
    `attune.matmul`; gone after realize, as parallel loops of tile ops.

    (C1) An attend without a mask has no ranges. (C2) `ranges` takes (b, h, q_first,
    q_last, nq, nk: index) and yields four indices. (C3) An attend has one query,
    key, scale and weight index a source, a source or a score region, and a value. (C4) A weight index is -1 or
    that of a head weight. (C5) An attend has two workspaces, or none. (C6) Its arrays are f32
    of rank 4, lse of rank 3. (C7) A gemm has one lhs and one rhs, (C8) no region, probs or lse and (C9) packed
    panels of rank 3 unless `rhs_rows` is set. (C10) Block sizes are positive.

    ```mlir
    func.func @causal(%q: memref<2x4x64x16xf32>, %k: memref<2x4x64x16xf32>, %v: memref<2x4x64x16xf32>, %o: memref<2x4x64x16xf32>, %packed: memref<?xf32>, %scratch: memref<64x8192xf32>) {
      attune.kernel <attend> lhs(%q) rhs(%k) value(%v) out(%o) workspace(%packed, %scratch)
          blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64>
          ranges {
      ^bb0(%b: index, %h: index, %first: index, %last: index, %nq: index, %nk: index):
        %zero = arith.constant 0 : index
        %one = arith.constant 1 : index
        %full = arith.addi %first, %one : index
        %end = arith.addi %last, %one : index
        %full_hi = arith.minsi %full, %nk : index
        %hi = arith.minsi %end, %nk : index
        attune.yield %zero, %zero, %full_hi, %hi : index, index, index, index
      } score {
      } mask {
      ^bb0(%b: i32, %h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
        %keep = arith.cmpi sle, %j, %i : i32
        attune.yield %keep : i1
      } {scales = array<f64: 2.500000e-01>, weight_index = array<i64: -1>} : memref<2x4x64x16xf32>, memref<2x4x64x16xf32>, memref<2x4x64x16xf32>, memref<2x4x64x16xf32>, memref<?xf32>, memref<64x8192xf32>
      return
    }
    ```
  }];
  let arguments = (ins Attune_KernelKindAttr:$kind,
                       Variadic<AnyMemRef>:$lhs, Variadic<AnyMemRef>:$rhs,
                       Variadic<AnyMemRef>:$head_weights, Optional<AnyMemRef>:$value,
                       Optional<AnyMemRef>:$bias, Optional<AnyMemRef>:$residual,
                       AnyMemRef:$out, Optional<AnyMemRef>:$probs,
                       Optional<AnyMemRef>:$lse, Variadic<AnyMemRef>:$workspace,
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
    `out` `(` $out `)` (`probs` `(` $probs^ `)`)? (`lse` `(` $lse^ `)`)? (`workspace` `(` $workspace^ `)`)? `blocking` $blocking
    `ranges` $ranges `score` $score `mask` $mask
    attr-dict `:` type(operands)
  }];
  let hasVerifier = 1;
}
#endif
