#ifndef ATTUNE_SYNTHESIZER_OPS
#define ATTUNE_SYNTHESIZER_OPS
include "dialect/AttuneOpBase.td"

// Sources that normalize rewrites with others (`expand` in SynthesizerOps.cpp):
// one code path, several names.

def Attune_DenseOp : Attune_Op<"dense", [Pure, DeclareOpInterfaceMethods<Attune_ScoreSourceInterface, ["expand"]>]> {
  let summary = "Scores of the dense Synthesizer: sum_e x[b,h,q,e] w[h',k,e] + bias[h\",k]";
  let description = [{
    `scores[b, h, q, k] = sum over e of input[b, h, q, e] * weight[h', k, e] + bias[h'', k]`
    (Tay et al. 2020, arXiv:2005.00743, section 3.2; input is their hidden layer):
    dot-product attention whose keys are a weight. input `[B, H, Tq, E]`, weight
    `[Hw, Tk, E]`, bias `[Hb, Tk]`; head h reads head h / (H / Hw) of the weight.
    The front end cuts weight and bias to the first Tk rows.

    Lifespan: made at import for `dense`; normalize makes it a `attune.dot`.

    (C1) input is f32 of rank 4, weight of rank 3, bias of rank 2. (C2) The heads
    of weight and bias divide those of the input. (C3) The scores are
    `[B, H, Tq, Tk]`, and input and weight end in one size.

    ```mlir
    func.func @dense(%x: tensor<2x4x5x16xf32>, %w: tensor<1x7x16xf32>, %b: tensor<1x7xf32>) -> !attune.scores<2x4x5x7xf32> {
      %s = attune.dense %x, %w bias %b : (tensor<2x4x5x16xf32>, tensor<1x7x16xf32>, tensor<1x7xf32>) -> !attune.scores<2x4x5x7xf32>
      return %s : !attune.scores<2x4x5x7xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$input, Attune_Array:$weight, Optional<Attune_Array>:$bias);
  let results = (outs Attune_ScoresType:$scores);
  let assemblyFormat = "$input `,` $weight (`bias` $bias^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Attune_RandomOp : Attune_Op<"random", [Pure, DeclareOpInterfaceMethods<Attune_ScoreSourceInterface, ["expand"]>]> {
  let summary = "Scores of the random Synthesizer: table[h',q,k]";
  let description = [{
    `scores[b, h, q, k] = table[h', q, k]`, trained or fixed, the same for the
    whole batch (Tay et al. 2020, arXiv:2005.00743, section 3.3). table
    `[Hr, Tq, Tk]`, cut by the front end; head h reads head h / (H / Hr).
    `extents` are the symbolic sizes [B, H, Tq, Tk].

    Lifespan: made at import for `random`; normalize makes it an
    `attune.index_scores`.

    (C1) table is f32 of rank 3. (C2) Its heads divide those of the scores.
    (C3) The scores have the sizes `extents`, and those of the table.

    ```mlir
    func.func @random(%r: tensor<4x5x7xf32>) -> !attune.scores<2x4x5x7xf32> {
      %s = attune.random %r <2, 4, 5, 7> : tensor<4x5x7xf32> -> !attune.scores<2x4x5x7xf32>
      return %s : !attune.scores<2x4x5x7xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$table, Attune_ShapeAttr:$extents);
  let results = (outs Attune_ScoresType:$scores);
  let assemblyFormat = "$table $extents attr-dict `:` type($table) `->` type($scores)";
  let hasVerifier = 1;
}

def Attune_FactorizedRandomOp : Attune_Op<"factorized_random", [Pure, DeclareOpInterfaceMethods<Attune_ScoreSourceInterface, ["expand"]>]> {
  let summary = "Scores of the factorized random Synthesizer: sum_e left[h',q,e] right[h\",k,e]";
  let description = [{
    `scores[b, h, q, k] = sum over e of left[h', q, e] * right[h'', k, e]`, the
    same for the whole batch (Tay et al. 2020, arXiv:2005.00743, section 3.4).
    left `[Hl, Tq, E]`, right `[Hr, Tk, E]`; Hr divides Hl, and Hl is 1 or the
    number of heads H. `extents` are the symbolic sizes [B, H, Tq, Tk].

    Lifespan: made at import for `factorized_random`; normalize makes it an
    `attune.dot`.

    (C1) left and right are f32 of rank 3. (C2) Their heads divide those of the
    scores. (C3) The scores have the sizes `extents`, and those of the factors,
    which end in one size.

    ```mlir
    func.func @factorized_random(%l: tensor<4x5x8xf32>, %r: tensor<4x7x8xf32>) -> !attune.scores<2x4x5x7xf32> {
      %s = attune.factorized_random %l, %r <2, 4, 5, 7> : (tensor<4x5x8xf32>, tensor<4x7x8xf32>) -> !attune.scores<2x4x5x7xf32>
      return %s : !attune.scores<2x4x5x7xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$left, Attune_Array:$right, Attune_ShapeAttr:$extents);
  let results = (outs Attune_ScoresType:$scores);
  let assemblyFormat = "$left `,` $right $extents attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Attune_FactorizedDenseOp : Attune_Op<"factorized_dense", [Pure, DeclareOpInterfaceMethods<Attune_ScoreSourceInterface, ["expand"]>]> {
  let summary = "Scores of the factorized dense Synthesizer: left[b,h,q,i(k)] right[b,h,q,j(k)]";
  let description = [{
    `scores[b, h, q, k] = left[b, h', q, i(k)] * right[b, h'', q, j(k)]`
    (Tay et al. 2020, arXiv:2005.00743, section 3.4). left `[B, Hl, Tq, n]`, right
    `[B, Hr, Tq, m]`, Tk <= n * m. `pattern`: `repeat_tile`: i = k / m, j = k % m;
    `tile_tile`: k % n, k % m; `repeat_repeat`: k / m, k / n; `tile_repeat`:
    k % n, k / n. `extents` are the symbolic sizes [B, H, Tq, Tk].

    Lifespan: made at import for `factorized_dense`; normalize makes it an
    `attune.index_scores`.

    (C1) left and right are f32 of rank 4. (C2) Their heads divide those of the
    scores. (C3) The scores have the sizes `extents`, and those of the factors,
    whose last sizes are static.

    ```mlir
    func.func @factorized_dense(%l: tensor<2x4x5x2xf32>, %r: tensor<2x4x5x4xf32>) -> !attune.scores<2x4x5x7xf32> {
      %s = attune.factorized_dense %l, %r <repeat_tile> <2, 4, 5, 7> : (tensor<2x4x5x2xf32>, tensor<2x4x5x4xf32>) -> !attune.scores<2x4x5x7xf32>
      return %s : !attune.scores<2x4x5x7xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$left, Attune_Array:$right, Attune_FactorPatternAttr:$pattern,
                       Attune_ShapeAttr:$extents);
  let results = (outs Attune_ScoresType:$scores);
  let assemblyFormat = "$left `,` $right $pattern $extents attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
#endif
