#ifndef ATTUNE_VIEW_OPS
#define ATTUNE_VIEW_OPS
include "dialect/AttuneOpBase.td"

// Views exist on tensors only: bufferize turns them into memref views.

def Attune_HeadSplitOp : Attune_ViewOp<"head_split"> {
  let summary = "[.., T, H * E] -> [.., H, T, E]";
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$heads);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `heads` $heads attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_HeadMergeOp : Attune_ViewOp<"head_merge"> {
  let summary = "[.., H, T, E] -> [.., T, H * E]";
  let description = [{
    A view only where its producer can write the merged layout: bufferize gives
    the producer a transposed view of the merged buffer, else copies.
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_SliceOp : Attune_ViewOp<"slice"> {
  let summary = "A range of one axis";
  let description = [{ The size is that of the result's type along `axis`. }];
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$axis, Attune_ExtentAttr:$offset);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `axis` $axis `offset` $offset attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Attune_SplitOp : Attune_ViewOp<"split"> {
  let summary = "n equal parts of one axis: becomes slices";
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$axis);
  let results = (outs Variadic<AnyRankedTensor>:$parts);
  let assemblyFormat = "$input `axis` $axis attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_TransposeOp : Attune_ViewOp<"transpose"> {
  let summary = "Axes in another order: result axis i is input axis perm[i]";
  let arguments = (ins AnyRankedTensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `permutation` $permutation attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Attune_ReshapeOp : Attune_ViewOp<"reshape"> {
  let summary = "The same elements in row-major order, another shape";
  let description = [{ A view where the layout allows it, else bufferize copies. }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}
#endif
