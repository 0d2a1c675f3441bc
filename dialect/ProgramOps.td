#ifndef ATTUNE_PROGRAM_OPS
#define ATTUNE_PROGRAM_OPS
include "dialect/AttuneOpBase.td"

def Attune_DimOp : Attune_Op<"dim", [Pure]> {
  let summary = "The run-time value of a dim of the model";
  let description = [{
    The value of the dim `name`, which a run reads from the shapes of its arguments
    (`#attune.dim` in the function's `attune.dims`).

    Lifespan: made at import, and by bufferize, plan and tile for sizes and strides;
    gone after lower (`attune-lower-abi`), as a load from the dims.

    ```mlir
    func.func @length() -> index {
      %t = attune.dim "T" : index
      return %t : index
    }
    ```
  }];
  let arguments = (ins StrAttr:$name);
  let results = (outs Index:$value);
  let assemblyFormat = "$name attr-dict `:` type($value)";
}

def Attune_ParamOp : Attune_Op<"param", [Pure]> {
  let summary = "A weight by its full name in the weight file";
  let description = [{
    The weight `name`. Inside `attune.for` the name holds `{i}`, one for each operand
    of `steps`, in order: one weight a step. The plan stage sets `pack`, `offset`
    (floats into the packed blob) and `strides` (floats a step of each loop).
    After fuse one op may stand for several weights, listed in the attribute
    `attune.parts`.

    Lifespan: made at import for `param` and the weights of layers; a memref from
    bufferize on; gone after lower (`attune-lower-abi`), as a view of the blob.

    (C1) The shape is static. (C2) The name holds as many braces as there are steps.
    (C3) There is one stride a step. (C4) The offset is not negative.

    ```mlir
    func.func @weight(%i: index) -> tensor<8x8xf32> {
      %w = attune.param "layers.{i}.linear.weight"[%i] : tensor<8x8xf32>
      return %w : tensor<8x8xf32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, Variadic<Index>:$steps, OptionalAttr<Attune_PackAttr>:$pack,
                       OptionalAttr<I64Attr>:$offset, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs Attune_Array:$result);
  let assemblyFormat = "$name (`[` $steps^ `]`)? (`pack` $pack^)? (`offset` $offset^)? (`strides` $strides^)? attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Attune_ForOp : Attune_Op<"for", [SingleBlockImplicitTerminator<"YieldOp">, RecursiveMemoryEffects]> {
  let summary = "A loop over layers: one body, the weights of each step";
  let description = [{
    `for i in lower .. upper - 1: carried = body(i, carried)`. The region's arguments
    are the step (index) and the carried arrays, which keep their types; the results
    are the carried arrays after the last step. What the body yields beyond the carried
    arrays is stacked: that result holds the value of each step along a new first
    axis.

    Lifespan: made at import for `for`; normalize drops carried arrays that nobody
    reads; gone after bufferize, as `scf.for`.

    (C1) Steps are not negative. (C2) The region takes the step and one argument for
    each carried array. (C3) It yields, and the op gives, one value for each,
    then the stacked ones. (C4) Carried arrays keep their types. (C5) A stacked result
    has the number of steps as its first size, then the shape of what is yielded.

    ```mlir
    func.func @layers(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
      %y = attune.for "i" from 0 to 6 carry(%x : tensor<2x8xf32>) {
      ^bb0(%i: index, %a: tensor<2x8xf32>):
        %w = attune.param "layers.{i}.weight"[%i] : tensor<8x8xf32>
        %b = attune.linear %a, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
        attune.yield %b : tensor<2x8xf32>
      } : tensor<2x8xf32>
      return %y : tensor<2x8xf32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$iv_name, I64Attr:$lower, I64Attr:$upper, Variadic<AnyRankedTensor>:$inits);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $iv_name `from` $lower `to` $upper (`carry` `(` $inits^ `:` type($inits) `)`)? $body attr-dict (`:` type($results)^)?
  }];
  let hasVerifier = 1;
}
#endif
