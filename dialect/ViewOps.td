#ifndef ATTUNE_VIEW_OPS
#define ATTUNE_VIEW_OPS
include "dialect/AttuneOpBase.td"

// Views exist on tensors only: bufferize turns them into memref views.

def Attune_HeadSplitOp : Attune_ViewOp<"head_split"> {
  let summary = "[.., T, H * E] -> [.., H, T, E]";
  let description = [{
    `out[.., h, t, e] = input[.., t, h * E + e]`, the split into heads of multi-head
    attention (Vaswani et al. 2017, arXiv:1706.03762).

    Lifespan: made at import for `heads` and `mha`; gone after bufferize, as a
    strided view.

    (C1) The result has the element type of the input. (C2) The input has rank 2 or
    more and `heads` is positive. (C3) `heads` divides the last extent. (C4) The
    result is `[.., heads, T, E]`.

    Canonicalization drops a split of what `attune.head_merge` merged.

    ```mlir
    func.func @split(%x: tensor<2x5x8xf32>) -> tensor<2x4x5x2xf32> {
      %y = attune.head_split %x heads 4 : (tensor<2x5x8xf32>) -> tensor<2x4x5x2xf32>
      return %y : tensor<2x4x5x2xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$heads);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `heads` $heads attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_HeadMergeOp : Attune_ViewOp<"head_merge"> {
  let summary = "[.., H, T, E] -> [.., T, H * E]";
  let description = [{
    `out[.., t, h * E + e] = input[.., h, t, e]`: undoes `attune.head_split`.

    Lifespan: made at import for `merge`; gone after bufferize: the producer of the
    input writes through a transposed view of the merged buffer where nothing else
    reads it, else the array is copied.

    (C1) The result has the element type of the input. (C2) The input has rank 3 or
    more. (C3) The merged size fits 64 bits. (C4) The result is `[.., T, H * E]`.

    Canonicalization drops a merge of what `attune.head_split` split.

    ```mlir
    func.func @merge(%x: tensor<2x4x5x2xf32>) -> tensor<2x5x8xf32> {
      %y = attune.head_merge %x : (tensor<2x4x5x2xf32>) -> tensor<2x5x8xf32>
      return %y : tensor<2x5x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_SliceOp : Attune_ViewOp<"slice"> {
  let summary = "A range of one axis";
  let description = [{
    `out[.., i, ..] = input[.., offset + i, ..]` along `axis`. The size is that of
    the result's type.

    Lifespan: made at import for `x[a:b]`, at normalize for the parts of
    `attune.split`, at fuse for the parts of a merged linear; gone after bufferize,
    as a strided view.

    (C1) The result has the element type of the input. (C2) The axis is one of the
    input's. (C3) The result has the shape of the input in the other axes. (C4) A
    range of constants lies inside the axis; the front end proves the others.

    Fold: the whole axis is the input.

    ```mlir
    func.func @slice(%x: tensor<2x5x8xf32>) -> tensor<2x3x8xf32> {
      %y = attune.slice %x axis 1 offset <2> : (tensor<2x5x8xf32>) -> tensor<2x3x8xf32>
      return %y : tensor<2x3x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$axis, Attune_ExtentAttr:$offset);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `axis` $axis `offset` $offset attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Attune_SplitOp : Attune_ViewOp<"split"> {
  let summary = "n equal parts of one axis: becomes slices";
  let description = [{
    Part number i holds `input[.., i * n : (i + 1) * n, ..]`, where n is the extent
    of a part, as `torch.chunk` where it divides.

    Lifespan: made at import for `split`; gone after normalize, as slices.

    (C1) The parts have the element type of the input. (C2) The axis is one of the
    input's. (C3) There is a part. (C4) Their number divides the axis. (C5) Each has
    an equal share of the axis.

    Canonicalization replaces one part by the input.

    ```mlir
    func.func @split(%x: tensor<2x5x8xf32>) -> (tensor<2x5x4xf32>, tensor<2x5x4xf32>) {
      %a, %b = attune.split %x axis 2 : (tensor<2x5x8xf32>) -> (tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      return %a, %b : tensor<2x5x4xf32>, tensor<2x5x4xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$axis);
  let results = (outs Variadic<AnyRankedTensor>:$parts);
  let assemblyFormat = "$input `axis` $axis attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_TransposeOp : Attune_ViewOp<"transpose"> {
  let summary = "Axes in another order: result axis i is input axis perm[i]";
  let description = [{
    `out` has the axes of the input in another order, as `numpy.transpose`.

    Lifespan: made at import for `transpose`; normalize takes it into the
    `attune.linear` that a product with a transposed weight becomes; else gone after
    bufferize, as a strided view.

    (C1) The result has the element type of the input. (C2) The permutation names
    each axis once. (C3) Extent i of the result is extent permutation[i] of the
    input.

    Folds: the identity is the input; two in a row are one.

    ```mlir
    func.func @transpose(%x: tensor<2x5x8xf32>) -> tensor<2x8x5xf32> {
      %y = attune.transpose %x permutation [0, 2, 1] : (tensor<2x5x8xf32>) -> tensor<2x8x5xf32>
      return %y : tensor<2x8x5xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `permutation` $permutation attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Attune_ReshapeOp : Attune_ViewOp<"reshape"> {
  let summary = "The same elements in row-major order, another shape";
  let description = [{
    The elements in row-major order are those of the input, as `numpy.reshape`.

    Lifespan: made at import for `reshape`, for indices of one element and for
    attention on tensors of rank 2 and 3; gone after bufferize: a view where strides
    describe it, else a copy.

    (C1) The result has the element type of the input. (C2) It has as many elements.

    Folds: the same type is the input; two in a row are one.

    ```mlir
    func.func @reshape(%x: tensor<2x5x8xf32>) -> tensor<10x8xf32> {
      %y = attune.reshape %x : (tensor<2x5x8xf32>) -> tensor<10x8xf32>
      return %y : tensor<10x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}
#endif
