#ifndef ATTUNE_LAYER_OPS
#define ATTUNE_LAYER_OPS
include "dialect/AttuneOpBase.td"

def Attune_LinearOp : Attune_ArrayOp<"linear", [AttrSizedOperandSegments]> {
  let summary = "activation(x W^T + bias) + residual";
  let description = [{
    `out[.., n] = activation(sum over k of input[.., k] * weight[n, k] + bias[n])
    + residual[.., n]`, as `torch.nn.Linear`: input `[..., K]`, weight `[N, K]`,
    bias `[N]`, residual `[..., N]`.

    Lifespan: made at import for `linear` and `affine`, at normalize for a
    product with a transposed weight; fuse sets bias, activation and residual;
    plan gives it a packed weight (panels) and a padded bias; gone after tile, as
    an `attune.kernel` of kind `gemm`.

    (C1) A tensor result before bufferize, a destination and no tensor operand
    from it on. (C2) All arrays are f32. On tensors: (C3) input `[..., K]` and
    weight `[N, K]` agree in K; (C4) bias is `[N]`; (C5) residual has the shape of
    the result; (C6) the result is `[..., N]`.

    ```mlir
    func.func @linear(%x: tensor<2x5x8xf32>, %w: tensor<6x8xf32>, %b: tensor<6xf32>) -> tensor<2x5x6xf32> {
      %y = attune.linear %x, %w bias %b {activation = #attune.activation<relu>} : (tensor<2x5x8xf32>, tensor<6x8xf32>, tensor<6xf32>) -> tensor<2x5x6xf32>
      return %y : tensor<2x5x6xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$input, Attune_Array:$weight, Optional<Attune_Array>:$bias,
                       Optional<Attune_Array>:$residual, Optional<AnyMemRef>:$init,
                       DefaultValuedAttr<Attune_ActivationAttr, "::attune::Activation::None">:$activation);
  let assemblyFormat = [{
    $input `,` $weight (`bias` $bias^)? (`residual` $residual^)? (`into` $init^)? attr-dict `:` functional-type(operands, results)
  }];
}

def Attune_MatmulOp : Attune_ArrayOp<"matmul"> {
  let summary = "A batched matrix product over the last two dimensions";
  let description = [{
    `out[.., m, n] = sum over k of lhs[.., m, k] * rhs[.., k, n]`, as
    `torch.matmul`: lhs `[..., M, K]`, rhs `[..., K, N]`, leading extents equal
    or 1.

    Lifespan: made at import for `@`, at normalize for a linear whose weight is
    computed in the run; normalize turns a product with a transposed weight into
    `attune.linear`; gone after tile, as an `attune.kernel` of kind `gemm`.

    (C1) A tensor result before bufferize, a destination and no tensor operand
    from it on. (C2) All arrays are f32. (C3) Operands have rank 2 or more.
    (C4) On tensors, lhs `[..., M, K]` and rhs `[..., K, N]` agree in K.

    ```mlir
    func.func @matmul(%a: tensor<2x5x8xf32>, %b: tensor<8x6xf32>) -> tensor<2x5x6xf32> {
      %c = attune.matmul %a, %b : (tensor<2x5x8xf32>, tensor<8x6xf32>) -> tensor<2x5x6xf32>
      return %c : tensor<2x5x6xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$lhs, Attune_Array:$rhs, Optional<AnyMemRef>:$init);
  let assemblyFormat = "$lhs `,` $rhs (`into` $init^)? attr-dict `:` functional-type(operands, results)";
}

def Attune_LayerNormOp : Attune_ArrayOp<"layer_norm", [AttrSizedOperandSegments]> {
  let summary = "(x - mean) / sqrt(variance + eps) * gamma + beta, last axis";
  let description = [{
    `out = (x - mean) / sqrt(variance + eps) * gamma + beta` with mean and biased
    variance over the last axis (Ba et al. 2016, arXiv:1607.06450; as
    `torch.nn.LayerNorm`).

    Lifespan: made at import for `layer_norm`; gone after realize.

    (C1) A tensor result before bufferize, a destination and no tensor operand
    from it on. (C2) All arrays are f32. (C3) The input has rank 1 or more.
    (C4) eps is not negative. On tensors: (C5) gamma and beta are `[D]`, the last
    extent of the input; (C6) the result has the shape of the input.

    ```mlir
    func.func @norm(%x: tensor<2x5x8xf32>, %g: tensor<8xf32>, %b: tensor<8xf32>) -> tensor<2x5x8xf32> {
      %y = attune.layer_norm %x gamma %g beta %b eps 1.000000e-05 : (tensor<2x5x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x5x8xf32>
      return %y : tensor<2x5x8xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$input, Optional<Attune_Array>:$gamma, Optional<Attune_Array>:$beta,
                       Optional<AnyMemRef>:$init, F64Attr:$eps);
  let assemblyFormat = [{
    $input (`gamma` $gamma^)? (`beta` $beta^)? `eps` $eps (`into` $init^)? attr-dict `:` functional-type(operands, results)
  }];
}

def Attune_EmbeddingOp : Attune_ArrayOp<"embedding"> {
  let summary = "Rows of a table by id: folds to gather";
  let description = [{
    `out[i.., :] = table[ids[i..], :]`, as `torch.nn.Embedding`: ids `[...]` i32
    or i64, table `[V, D]`, result `[..., D]`. Each run checks the ids.

    Lifespan: made at import for `embedding`; canonicalization (normalize) makes
    it `attune.gather`.

    (C1) A tensor result before bufferize, a destination and no tensor operand
    from it on. (C2) ids are i32 or i64. (C3) The table has rank 1 or more. On
    tensors: (C4) the result has the element type of the table; (C5) its shape is
    that of the ids, then that of a row.

    ```mlir
    func.func @embedding(%ids: tensor<2x5xi32>, %table: tensor<100x8xf32>) -> tensor<2x5x8xf32> {
      %x = attune.embedding %ids, %table : (tensor<2x5xi32>, tensor<100x8xf32>) -> tensor<2x5x8xf32>
      return %x : tensor<2x5x8xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$ids, Attune_Array:$table, Optional<AnyMemRef>:$init);
  let assemblyFormat = "$ids `,` $table (`into` $init^)? attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_GatherOp : Attune_ArrayOp<"gather"> {
  let summary = "Rows of any array by id";
  let description = [{
    `out[i.., :] = table[ids[i..], :]` for any table `[V, ...]`. Each run checks
    the ids; an error names them by `ids_name`, or by the input they are.

    Lifespan: made at import for an index that is a tensor, and from
    `attune.embedding`; gone after realize.

    (C1) A tensor result before bufferize, a destination and no tensor operand
    from it on. (C2) ids are i32 or i64. (C3) The table has rank 1 or more. On
    tensors: (C4) the result has the element type of the table; (C5) its shape is
    that of the ids, then that of a row.

    ```mlir
    func.func @gather(%table: tensor<100x4x8xf32>, %ids: tensor<5xi64>) -> tensor<5x4x8xf32> {
      %x = attune.gather %table, %ids {ids_name = "positions"} : (tensor<100x4x8xf32>, tensor<5xi64>) -> tensor<5x4x8xf32>
      return %x : tensor<5x4x8xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$table, Attune_Array:$ids, Optional<AnyMemRef>:$init,
                       OptionalAttr<StrAttr>:$ids_name);
  let assemblyFormat = "$table `,` $ids (`into` $init^)? attr-dict `:` functional-type(operands, results)";
}

def Attune_ActivationOp : Attune_ArrayOp<"activation"> {
  let summary = "A function of one number, element by element";
  let description = [{
    `out[i] = function(input[i])`. `gelu` is x * (1 + erf(x / sqrt 2)) / 2,
    `gelu_tanh` its approximation by tanh (Hendrycks and Gimpel 2016,
    arXiv:1606.08415); `silu` is x * sigmoid(x).

    Lifespan: made at import; fuse moves it into the `attune.linear` that makes
    its input where nothing else reads that; else gone after realize.

    (C1) A tensor result before bufferize, a destination and no tensor operand
    from it on. (C2) The function takes the element type: `none` any, `not`
    booleans, `neg` and `abs` floats, i32 and i64, the rest floats. (C3) The result has
    the type of the input.

    Canonicalization drops `none`.

    ```mlir
    func.func @gelu(%x: tensor<2x5x8xf32>) -> tensor<2x5x8xf32> {
      %y = attune.activation <gelu> %x : (tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
      return %y : tensor<2x5x8xf32>
    }
    ```
  }];
  let arguments = (ins Attune_ActivationAttr:$function, Attune_Array:$input, Optional<AnyMemRef>:$init);
  let assemblyFormat = "$function $input (`into` $init^)? attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_ElementwiseOp : Attune_ArrayOp<"elementwise"> {
  let summary = "A function of two numbers, element by element, numpy broadcasting";
  let description = [{
    `out[i] = function(lhs[i], rhs[i])` with numpy's broadcasting: only a literal
    extent 1, or a missing leading axis, stretches. Integer division and
    remainder are floored.

    Lifespan: made at import for operators on tensors; fuse moves the sum with a
    bias or a residual into `attune.linear`; else gone after realize.

    (C1) A tensor result before bufferize, a destination and no tensor operand
    from it on. (C2) The operands have one element type. On tensors: (C3) the
    shapes broadcast; (C4) comparisons give i1, the rest the type of the
    operands; (C5) the result has the broadcast shape.

    Canonicalization drops x - 0, x * 1 and x / 1. (x + 0 turns -0 into 0.)

    ```mlir
    func.func @add(%x: tensor<2x5x8xf32>, %b: tensor<8xf32>) -> tensor<2x5x8xf32> {
      %y = attune.elementwise <add> %x, %b : (tensor<2x5x8xf32>, tensor<8xf32>) -> tensor<2x5x8xf32>
      return %y : tensor<2x5x8xf32>
    }
    ```
  }];
  let arguments = (ins Attune_BinaryAttr:$function, Attune_Array:$lhs, Attune_Array:$rhs, Optional<AnyMemRef>:$init);
  let assemblyFormat = "$function $lhs `,` $rhs (`into` $init^)? attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_CastOp : Attune_ArrayOp<"cast"> {
  let summary = "Element type conversion";
  let description = [{
    `out[i]` is `input[i]` as a value of another element type. A float becomes an
    integer towards zero, kept in the integer's range, NaN becoming 0; a number
    becomes true where it is not 0.

    Lifespan: made at import for `cast`; gone after realize.

    (C1) A tensor result before bufferize, a destination and no tensor operand
    from it on. (C2) The result has the shape of the input.

    Canonicalization drops a conversion to the same type.

    ```mlir
    func.func @cast(%x: tensor<2x5xi32>) -> tensor<2x5xf32> {
      %y = attune.cast %x : (tensor<2x5xi32>) -> tensor<2x5xf32>
      return %y : tensor<2x5xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$input, Optional<AnyMemRef>:$init);
  let assemblyFormat = "$input (`into` $init^)? attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_ConcatOp : Attune_ArrayOp<"concat", [AttrSizedOperandSegments]> {
  let summary = "Arrays one after the other along an axis";
  let description = [{
    The extent of the result along `axis` is the sum of those of the inputs, as
    `torch.cat`.

    Lifespan: made at import for `concat`; gone after realize.

    (C1) A tensor result before bufferize, a destination and no tensor operand
    from it on. (C2) There is an input. (C3) The axis is one of the inputs'.
    (C4) The inputs have one rank and element type. On tensors: (C5) they agree
    in all other axes; (C6) the result has their shape with the sum along `axis`.

    ```mlir
    func.func @concat(%a: tensor<2x5x8xf32>, %b: tensor<2x1x8xf32>) -> tensor<2x6x8xf32> {
      %c = attune.concat %a, %b axis 1 : (tensor<2x5x8xf32>, tensor<2x1x8xf32>) -> tensor<2x6x8xf32>
      return %c : tensor<2x6x8xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<Attune_Array>:$inputs, Optional<AnyMemRef>:$init, I64Attr:$axis);
  let assemblyFormat = "$inputs `axis` $axis (`into` $init^)? attr-dict `:` functional-type(operands, results)";
}
#endif
