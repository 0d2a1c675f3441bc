#ifndef ATTUNE_SCORE_OPS
#define ATTUNE_SCORE_OPS
include "dialect/AttuneOpBase.td"

def Attune_DotOp : Attune_Op<"dot", [Pure, DeclareOpInterfaceMethods<Attune_ScoreSourceInterface>]> {
  let summary = "Scores from dot products: scale * sum_e q[b,h,q,e] k[b,h',k,e] + key_bias[h\",k]";
  let description = [{
    `scores[b, h, q, k] = scale * sum over e of query[b, h, q, e] * key[b, h', k, e] + key_bias[h'', k]`
    with h' = h / (H / Hkv), and likewise h'': scaled dot-product attention (Vaswani et al. 2017,
    arXiv:1706.03762), with query heads that share key heads (Ainslie et al.
    2023, arXiv:2305.13245). query `[B, H, Tq, E]`, key `[B, Hkv, Tk, E]`, key_bias
    `[Hb, Tk]`, when given; a batch of 1 stretches, one query head too.

    Lifespan: made at import for `dot` and `attention`; normalize puts the
    factors of `attune.combine` into `scale`; bufferize turns its operands into
    memrefs; plan makes a key that is a weight memrefs of panels as they are
    loaded, `[1, Hkv, ceil(Tk / width), E, width]`; gone after tile, as a source of `attune.kernel`.

    Numeric contract: products and sums in f32.

    (C1) query and key are f32 of rank 4, or the key is a memref of panels. (C2) Their batches are equal, or 1.
    (C3) Their head sizes are equal. (C4) The heads of query, key and
    key bias divide those of the scores.
    (C5) `scale` is finite. (C6) The scores are `[B, H, Tq, Tk]`. (C7) key_bias
    is f32 `[Hb, Tk]`. Sizes that are not static are not compared.

    ```mlir
    func.func @dot(%q: tensor<2x4x5x16xf32>, %k: tensor<2x2x7x16xf32>) -> !attune.scores<2x4x5x7xf32> {
      %s = attune.dot %q, %k scale 2.500000e-01 : (tensor<2x4x5x16xf32>, tensor<2x2x7x16xf32>) -> !attune.scores<2x4x5x7xf32>
      return %s : !attune.scores<2x4x5x7xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$query, Attune_Array:$key,
                       Optional<Attune_Array>:$key_bias, F64Attr:$scale);
  let results = (outs Attune_ScoresType:$scores);
  let assemblyFormat = "$query `,` $key (`bias` $key_bias^)? `scale` $scale attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Attune_AdditiveOp : Attune_Op<"additive", [Pure, DeclareOpInterfaceMethods<Attune_ScoreSourceInterface>]> {
  let summary = "Scores of additive attention: sum_e w[e] tanh(q[b,h,q,e] + k[b,h',k,e])";
  let description = [{
    `scores[b, h, q, k] = sum over e of weight[e] * tanh(query[b, h, q, e] + key[b, h', k, e])`
    with h' = h / (H / Hkv) (Bahdanau et al. 2014, arXiv:1409.0473). query
    `[B, H, Tq, E]`, key `[B, Hkv, Tk, E]`, weight `[E]`. No array of size
    Tq x Tk x E is ever made.

    Lifespan: made at import for `additive`; bufferize turns its operands into
    memrefs; gone after tile, as a source of `attune.kernel`.

    Numeric contract: sums in f32, tanh within 4 ulp.

    (C1) query and key are f32 of rank 4. (C2) Their batches are equal.
    (C3) Their head sizes are equal, and that of weight `[E]`. (C4) The key heads
    divide the query heads. (C5) The scores are `[B, H, Tq, Tk]`. Sizes that are
    not static are not compared.

    ```mlir
    func.func @additive(%q: tensor<2x4x5x16xf32>, %k: tensor<2x2x7x16xf32>, %w: tensor<16xf32>) -> !attune.scores<2x4x5x7xf32> {
      %s = attune.additive %q, %k, %w : (tensor<2x4x5x16xf32>, tensor<2x2x7x16xf32>, tensor<16xf32>) -> !attune.scores<2x4x5x7xf32>
      return %s : !attune.scores<2x4x5x7xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$query, Attune_Array:$key, Attune_Array:$weight);
  let results = (outs Attune_ScoresType:$scores);
  let assemblyFormat = "$query `,` $key `,` $weight attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Attune_CombineOp : Attune_Op<"combine", [Pure, AttrSizedOperandSegments]> {
  let summary = "A weighted sum of scores";
  let description = [{
    `scores = sum over m of coefficients[m] * w_m[h] * sources[m]`: sums, scaled
    sums and per-head mixtures of score sources, as the mixtures of Synthesizer
    (Tay et al. 2020, arXiv:2005.00743). `weight_index[m]` is the index of w_m in
    `weights` (shape `[]` or `[H]`), or -1 for none.

    Lifespan: made at import for `+`, `-`, `*` on scores; normalize makes one
    combine of nested ones and moves coefficients into the dots; gone after
    tile, as the scales and head weights of `attune.kernel`.

    (C1) There is a source. (C2) There is one coefficient and one weight index a
    source. (C3) A weight index is -1 or that of a weight. (C4) The sources have
    the type of the result. (C5) A weight is f32 of shape `[]` or `[H]`.

    Fold: one source with coefficient 1 and no weight is that source.

    ```mlir
    func.func @combine(%a: !attune.scores<2x4x5x7xf32>, %b: !attune.scores<2x4x5x7xf32>, %w: tensor<4xf32>) -> !attune.scores<2x4x5x7xf32> {
      %s = attune.combine %a, %b weights(%w) coefficients [1.000000e+00, 5.000000e-01] index [-1, 0] : (!attune.scores<2x4x5x7xf32>, !attune.scores<2x4x5x7xf32>, tensor<4xf32>) -> !attune.scores<2x4x5x7xf32>
      return %s : !attune.scores<2x4x5x7xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<Attune_ScoresType>:$sources, Variadic<Attune_Array>:$weights,
                       DenseF64ArrayAttr:$coefficients, DenseI64ArrayAttr:$weight_index);
  let results = (outs Attune_ScoresType:$scores);
  let assemblyFormat = [{
    $sources (`weights` `(` $weights^ `)`)? `coefficients` $coefficients `index` $weight_index
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Attune_ModifyOp : Attune_Op<"modify", [Pure, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "A score function: each score is replaced by an expression";
  let description = [{
    `scores[b, h, q, k] = body(input[b, h, q, k], b, h, q, k, nb, nh, nq, nk)`,
    as `score_mod` of FlexAttention (Dong et al. 2024, arXiv:2412.05496). nb, nh,
    nq, nk are the sizes; the region reads tensors of the enclosing body with
    `attune.capture`.

    Lifespan: made at import for `scores >> f`; gone after tile, as the region
    `score` of `attune.kernel`.

    (C1) The region has the arguments (s: f32, b, h, q, k, nb, nh, nq, nk: i32).
    (C2) It yields one f32. (C3) The result has the type of the input.

    ```mlir
    // s - |q - k| / 8
    func.func @distance(%a: !attune.scores<2x4x5x7xf32>) -> !attune.scores<2x4x5x7xf32> {
      %s = attune.modify %a {
      ^bb0(%s: f32, %b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
        %d = arith.subi %q, %k : i32
        %f = arith.sitofp %d : i32 to f32
        %m = math.absf %f : f32
        %c = arith.constant 1.250000e-01 : f32
        %p = arith.mulf %c, %m : f32
        %r = arith.subf %s, %p : f32
        attune.yield %r : f32
      } : !attune.scores<2x4x5x7xf32> -> !attune.scores<2x4x5x7xf32>
      return %s : !attune.scores<2x4x5x7xf32>
    }
    ```
  }];
  let arguments = (ins Attune_ScoresType:$input);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Attune_ScoresType:$scores);
  let assemblyFormat = "$input $body attr-dict `:` type($input) `->` type($scores)";
  let hasVerifier = 1;
}

def Attune_IndexScoresOp : Attune_Op<"index_scores", [Pure, DeclareOpInterfaceMethods<Attune_ScoreSourceInterface>, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "Scores from an expression of the indices";
  let description = [{
    `scores[b, h, q, k] = body(b, h, q, k, nb, nh, nq, nk)`: a bias or a mask of
    floats from an array, Toeplitz weights (Tay et al. 2020, arXiv:2005.00743),
    any expression. nb, nh, nq, nk are the sizes; the region reads tensors of the
    enclosing body with `attune.capture`. `extents` are the symbolic sizes
    [B, H, Tq, Tk].

    Lifespan: made at import for `scores(...)`; gone after tile, as a term of the
    region `score` of `attune.kernel`.

    (C1) The region has the arguments (b, h, q, k, nb, nh, nq, nk: i32). (C2) It
    yields one f32. (C3) The scores have the four sizes `extents`.

    ```mlir
    func.func @bias(%t: tensor<5x7xf32>) -> !attune.scores<2x4x5x7xf32> {
      %s = attune.index_scores #attune.shape<2, 4, 5, 7> {
      ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
        %e = attune.capture %t[%q, %k] : tensor<5x7xf32> -> f32
        attune.yield %e : f32
      } : !attune.scores<2x4x5x7xf32>
      return %s : !attune.scores<2x4x5x7xf32>
    }
    ```
  }];
  let arguments = (ins Attune_ShapeAttr:$extents);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Attune_ScoresType:$scores);
  let assemblyFormat = "$extents $body attr-dict `:` type($scores)";
  let hasVerifier = 1;
}
#endif
