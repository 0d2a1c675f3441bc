#ifndef ATTUNE_ARRAY_OPS
#define ATTUNE_ARRAY_OPS
include "dialect/AttuneOpBase.td"

// Arrays made of nothing, of fewer elements, or of a choice between two.

def Attune_BroadcastOp : Attune_ArrayOp<"broadcast"> {
  let summary = "An array stretched to a larger shape, as numpy does";
  let description = [{
    y[.., i, ..] = x[.., i or 0, ..]; axes that x lacks come first. Elementwise
    ops stretch by themselves: this op is for arrays that must exist, `zeros`
    and `ones` among them.

    Lifespan: made by import and by the canonical forms of `repeat_elements` and
    `tile_axis`; gone after realize.

    (C1) Tensor result or memref destination. (C2) Result has the input's element
    type. (C3) Each size of the input is 1 or that of the result.

    ```mlir
    func.func @example(%x: tensor<7x1xf32>) -> tensor<4x7x5xf32> {
      %y = attune.broadcast %x : (tensor<7x1xf32>) -> tensor<4x7x5xf32>
      return %y : tensor<4x7x5xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$input, Optional<AnyMemRef>:$init);
  let assemblyFormat = "$input (`into` $init^)? attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_RepeatElementsOp : Attune_Op<"repeat_elements", [Pure]> {
  let summary = "Each element of an axis n times: aabbcc";
  let description = [{
    y[.., i, ..] = x[.., i / n, ..]. `times` is n.

    Lifespan: made by import; normalize makes it a broadcast between reshapes.

    (C1) The axis is one of the input's. (C2) Result has the input's element type.
    (C3) Result has the input's shape, with n times the size along the axis.

    ```mlir
    func.func @example(%x: tensor<4x7xf32>) -> tensor<8x7xf32> {
      %y = attune.repeat_elements %x axis 0 times <2> : (tensor<4x7xf32>) -> tensor<8x7xf32>
      return %y : tensor<8x7xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$axis, Attune_ExtentAttr:$times);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
  let assemblyFormat = "$input `axis` $axis `times` $times attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_TileAxisOp : Attune_Op<"tile_axis", [Pure]> {
  let summary = "A whole axis n times: abcabc";
  let description = [{
    y[.., i, ..] = x[.., i % size, ..]. `times` is n.

    Lifespan: made by import; normalize makes it a broadcast between reshapes.

    (C1) The axis is one of the input's. (C2) Result has the input's element type.
    (C3) Result has the input's shape, with n times the size along the axis.

    ```mlir
    func.func @example(%x: tensor<4x7xf32>) -> tensor<4x21xf32> {
      %y = attune.tile_axis %x axis 1 times <3> : (tensor<4x7xf32>) -> tensor<4x21xf32>
      return %y : tensor<4x21xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$axis, Attune_ExtentAttr:$times);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
  let assemblyFormat = "$input `axis` $axis `times` $times attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_WhereOp : Attune_ArrayOp<"where"> {
  let summary = "One of two arrays, element by element, numpy broadcasting";
  let description = [{
    y = condition ? lhs : rhs. A NaN that is not chosen does no harm.

    Lifespan: made by import; gone after realize.

    (C1) Tensor result or memref destination. (C2) Condition is i1; lhs, rhs and
    result have one element type. (C3) The three shapes broadcast. (C4) Result has the
    broadcast shape.

    ```mlir
    func.func @example(%c: tensor<7xi1>, %a: tensor<4x1xf32>, %b: tensor<f32>) -> tensor<4x7xf32> {
      %y = attune.where %c, %a, %b : (tensor<7xi1>, tensor<4x1xf32>, tensor<f32>) -> tensor<4x7xf32>
      return %y : tensor<4x7xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$condition, Attune_Array:$lhs, Attune_Array:$rhs, Optional<AnyMemRef>:$init);
  let assemblyFormat = "$condition `,` $lhs `,` $rhs (`into` $init^)? attr-dict `:` functional-type(operands, results)";
}

def Attune_ArangeOp : Attune_ArrayOp<"arange"> {
  let summary = "0, 1, 2, ...";
  let description = [{
    y[i] = i.

    Lifespan: made by import; gone after realize.

    (C1) Tensor result or memref destination. (C2) Result has rank 1 and elements i64.

    ```mlir
    func.func @example() -> tensor<7xi64> {
      %y = attune.arange : () -> tensor<7xi64>
      return %y : tensor<7xi64>
    }
    ```
  }];
  let arguments = (ins Optional<AnyMemRef>:$init);
  let assemblyFormat = "(`into` $init^)? attr-dict `:` functional-type(operands, results)";
}

def Attune_PairLayout : I32EnumAttr<"PairLayout", "where the two numbers of a pair are", [
    I32EnumAttrCase<"Interleaved", 0, "interleaved">,
    I32EnumAttrCase<"Halves", 1, "halves">]> {
  let cppNamespace = "::attune";
  let genSpecializedAttr = 0;
}
def Attune_PairLayoutAttr : EnumAttr<Attune_Dialect, Attune_PairLayout, "pair_layout"> {
  let assemblyFormat = "`<` $value `>`";
}

def Attune_SinusoidOp : Attune_ArrayOp<"sinusoid"> {
  let summary = "The table of sines and cosines of positions";
  let description = [{
    Pair i of row p is (sin a, cos a) with a = (p + offset) / base^(2 i / D), D
    the number of columns. Pair i is columns 2 i and 2 i + 1 (`interleaved`) or i
    and i + D / 2 (`halves`). The angle is reduced in f64: rows far out are as
    exact as the first.

    Lifespan: made by import; gone after realize.

    (C1) Tensor result or memref destination. (C2) Result is `[T, D]` of f32, D static
    and even. (C3) Base is positive and finite.

    ```mlir
    func.func @example() -> tensor<7x8xf32> {
      %y = attune.sinusoid <interleaved> base 1.0e+04 offset <0> : () -> tensor<7x8xf32>
      return %y : tensor<7x8xf32>
    }
    ```
  }];
  let arguments = (ins Attune_PairLayoutAttr:$layout, F64Attr:$base, Attune_ExtentAttr:$offset,
                       Optional<AnyMemRef>:$init);
  let assemblyFormat = "$layout `base` $base `offset` $offset (`into` $init^)? attr-dict `:` functional-type(operands, results)";
}

def Attune_RopeOp : Attune_ArrayOp<"rope"> {
  let summary = "Pairs of channels turned by the angle of their position";
  let description = [{
    x `[.., T, E]`, table `[T, R]` of `attune.sinusoid` in the same layout: pair i
    of the first R channels, (u, v), becomes (u cos a - v sin a, v cos a +
    u sin a). The other E - R channels stay.

    Lifespan: made by import, with its table; gone after realize.

    (C1) Tensor result or memref destination. (C2) Computes in f32. (C3) Input has
    rank 2 or more, the table rank 2. (C4) The table has the input's T rows and an
    even number of columns, at most E, static as E is. (C5) Result has the input's
    shape.

    ```mlir
    func.func @example(%x: tensor<2x7x8xf32>, %table: tensor<7x8xf32>) -> tensor<2x7x8xf32> {
      %y = attune.rope <halves> %x, %table : (tensor<2x7x8xf32>, tensor<7x8xf32>) -> tensor<2x7x8xf32>
      return %y : tensor<2x7x8xf32>
    }
    ```
  }];
  let arguments = (ins Attune_PairLayoutAttr:$layout, Attune_Array:$input, Attune_Array:$table,
                       Optional<AnyMemRef>:$init);
  let assemblyFormat = "$layout $input `,` $table (`into` $init^)? attr-dict `:` functional-type(operands, results)";
}
#endif
