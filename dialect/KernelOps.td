#ifndef ATTUNE_KERNEL_OPS
#define ATTUNE_KERNEL_OPS
include "dialect/AttuneOpBase.td"

def Attune_KernelOp : Attune_Op<"kernel", [AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "The structured kernel that passes hand to a target";
  let description = [{
    Everything that is the same on every target: what to compute, on which key
    ranges, with which expressions; not the loop order, registers or pipelining.

    `attend`: `lhs[m]` and `rhs[m]` are the query and key arrays of source m,
    all rank 4 `[B, H, T, E]`, where a batch of 1 stretches, but for keys that
    are in panels since they were loaded, `[1, H, ceil(T / width), E, width]`; `value`
    `[B, Hv, Tk, Ev]`; `out` `[B, H, Tq, Ev]`; scores = sum_m
    head_weights[weight_index[m]][h] * (scales[m] * q k^T +
    bias_scales[m] * key_biases[bias_index[m]][h, k]) or, where vector_index[m] is not -1,
    head_weights[weight_index[m]][h] * scales[m] * sum_e vectors[vector_index[m]][e] *
    tanh(q[e] + k[e]); then region `score` (arguments as `attune.modify`), then region `mask`
    (arguments as `attune.mask`). Region `ranges` has the arguments
    (b, h, q_first, q_last, nq, nk: index; q_last inclusive) and yields four
    indices (lo, full_lo, full_hi, hi) with 0 <= lo <= full_lo <= full_hi <= hi
    <= nk for each segment of keys: keys outside all [lo, hi) are attended by no
    query of [q_first, q_last], keys in a [full_lo, full_hi) by all of them; the
    mask region is evaluated on the rest. Segments follow each other, the empty
    ones last. `probs` `[B, H, Tq, Tk]` and `lse` `[B, H, Tq]`, when given, get
    what `attune.attend` says, as does `no_softmax`. Without a mask both regions are empty; with a mask
    and without ranges the mask is evaluated on all keys. `workspace[0]`: packed
    keys and values (memref<?xf32>), `workspace[1]`: per-worker scratch
    (memref<WORKERSxNxf32>); none on a GPU, whose blocks have shared memory.

    `gemm`: `lhs[0]` `[..., M, K]`, `rhs[0]` packed panels
    `[ceil(N / width), K, width]` (with `bias` padded to panels) or, when
    `rhs_rows` is set, plain `[..., K, N]`; `out` `[..., M, N]` =
    activation(lhs rhs + bias) + residual.

    `gate`: `lhs[0]` weight `[G, T, T]`, `rhs[0]` `[B, T, C]`, `bias` `[G, T]`,
    `residual`, `gate` and `out` `[B, T, C]`, as `attune.spatial_gate`; `norm` is
    the scale and offset of the layer norm of rhs with `epsilon`. `ranges` and
    `mask` have the arguments of an attend, where h is the channel group.
    `workspace[0]`: packed rhs, `workspace[1]`: per-worker scratch.

    Lifespan: made at tile from `attune.attend`, `attune.spatial_gate`,
    `attune.linear` and `attune.matmul`; gone after realize, as parallel loops of tile ops.

    (C1) An attend without a mask has no ranges. (C2) `ranges` takes (b, h, q_first,
    q_last, nq, nk: index) and yields four indices a segment. (C3) An attend has one query,
    key, scale and weight index a source, a source or a score region, and a value. (C4) A weight index is -1 or
    that of a head weight. (C5) An attend has two workspaces, or none. (C6) Its arrays are f32
    of rank 4, or keys in panels, lse of rank 3. (C7) A gemm has one lhs and one rhs, (C8) no region, probs or lse and (C9) packed
    panels of rank 3 unless `rhs_rows` is set. (C10) Block sizes are positive.
    (C11) A bias or vector index is -1 or that of a key bias or vector. (C12) A gate
    has one weight of rank 3, one rhs of rank 3, no score, probs or lse, and two
    workspaces. (C13) Only a gate has `gate` and `norm`. (C14) Only an attend without probs and lse has
    `no_softmax`, and its empty rows are zero.

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
                       Variadic<AnyMemRef>:$head_weights, Variadic<AnyMemRef>:$key_biases,
                       Variadic<AnyMemRef>:$vectors, Optional<AnyMemRef>:$value,
                       Optional<AnyMemRef>:$bias, Optional<AnyMemRef>:$residual,
                       Optional<AnyMemRef>:$gate, Variadic<AnyMemRef>:$norm,
                       AnyMemRef:$out, Optional<AnyMemRef>:$probs,
                       Optional<AnyMemRef>:$lse, Variadic<AnyMemRef>:$workspace,
                       Attune_BlockingAttr:$blocking,
                       OptionalAttr<DenseF64ArrayAttr>:$scales,
                       OptionalAttr<DenseI64ArrayAttr>:$weight_index,
                       OptionalAttr<DenseF64ArrayAttr>:$bias_scales,
                       OptionalAttr<DenseI64ArrayAttr>:$bias_index,
                       OptionalAttr<DenseI64ArrayAttr>:$vector_index,
                       DefaultValuedAttr<Attune_EmptyRowAttr, "::attune::EmptyRow::Zero">:$empty_row,
                       DefaultValuedAttr<Attune_ActivationAttr, "::attune::Activation::None">:$activation,
                       OptionalAttr<F64Attr>:$epsilon, UnitAttr:$rhs_rows,
                       UnitAttr:$no_softmax);
  let regions = (region AnyRegion:$ranges, AnyRegion:$score, AnyRegion:$mask);
  let builders = [
    /// A gemm.
    OpBuilder<(ins "::attune::KernelKind":$kind, "::mlir::ValueRange":$lhs,
                   "::mlir::ValueRange":$rhs, "::mlir::Value":$bias,
                   "::mlir::Value":$residual, "::mlir::Value":$out,
                   "::attune::BlockingAttr":$blocking,
                   "::attune::Activation":$activation, "bool":$rhs_rows), [{
      build($_builder, $_state, kind, lhs, rhs, /*head_weights=*/{},
            /*key_biases=*/{}, /*vectors=*/{}, /*value=*/{}, bias, residual,
            /*gate=*/{}, /*norm=*/{}, out, /*probs=*/{}, /*lse=*/{},
            /*workspace=*/{}, blocking, /*scales=*/{}, /*weight_index=*/{},
            /*bias_scales=*/{}, /*bias_index=*/{}, /*vector_index=*/{},
            ::attune::EmptyRow::Zero, activation, /*epsilon=*/{}, rhs_rows,
            /*no_softmax=*/false);
    }]>
  ];
  let assemblyFormat = [{
    $kind `lhs` `(` $lhs `)` `rhs` `(` $rhs `)` (`head_weights` `(` $head_weights^ `)`)?
    (`key_biases` `(` $key_biases^ `)`)? (`vectors` `(` $vectors^ `)`)?
    (`value` `(` $value^ `)`)? (`bias` `(` $bias^ `)`)? (`residual` `(` $residual^ `)`)?
    (`gate` `(` $gate^ `)`)? (`norm` `(` $norm^ `)`)?
    `out` `(` $out `)` (`probs` `(` $probs^ `)`)? (`lse` `(` $lse^ `)`)? (`workspace` `(` $workspace^ `)`)? `blocking` $blocking
    `ranges` $ranges `score` $score `mask` $mask
    attr-dict `:` type(operands)
  }];
  let hasVerifier = 1;
}
#endif
