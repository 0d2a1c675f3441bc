#ifndef ATTUNE_SCORE_OPS
#define ATTUNE_SCORE_OPS
include "dialect/AttuneOpBase.td"

def Attune_DotOp : Attune_Op<"dot", [Pure]> {
  let summary = "Scores from dot products: scale * sum_e q[b,h,q,e] k[b,h',k,e]";
  let description = [{
    q: `[B, H, Tq, E]`, k: `[B, Hkv, Tk, E]`, h' = h / (H / Hkv).
  }];
  let arguments = (ins Attune_Array:$query, Attune_Array:$key, F64Attr:$scale);
  let results = (outs Attune_ScoresType:$scores);
  let assemblyFormat = "$query `,` $key `scale` $scale attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Attune_CombineOp : Attune_Op<"combine", [Pure, AttrSizedOperandSegments]> {
  let summary = "A weighted sum of scores";
  let description = [{
    sum_m coefficients[m] * w_m[h] * S_m. `weight_index[m]` is the index of w_m
    in `weights` (shape `[]` or `[H]`), or -1 for none.
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
    The region has the arguments (s: f32, b, h, q, k, nb, nh, nq, nk: i32) and
    yields an f32; it reads tensors of the enclosing body with `attune.capture`.
  }];
  let arguments = (ins Attune_ScoresType:$input);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Attune_ScoresType:$scores);
  let assemblyFormat = "$input $body attr-dict `:` type($input) `->` type($scores)";
  let hasVerifier = 1;
}
#endif
