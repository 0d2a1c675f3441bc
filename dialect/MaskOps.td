#ifndef ATTUNE_MASK_OPS
#define ATTUNE_MASK_OPS
include "dialect/AttuneOpBase.td"

def Attune_MaskOp : Attune_Op<"mask", [Pure, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "A mask: true = attend";
  let description = [{
    The region has the arguments (b, h, q, k, nb, nh, nq, nk: i32) and yields an
    i1; it reads tensors of the enclosing body with `attune.capture`.
  }];
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Attune_MaskType:$mask);
  let assemblyFormat = "$body attr-dict";
  let hasVerifier = 1;
}

def Attune_CaptureOp : Attune_Op<"capture", []> {
  let summary = "One element of an array, inside a mask or score region";
  let description = [{
    `%v = attune.capture %len[%b] : tensor<?xi32, #attune.shape<B>> -> i32`.
    The indices are proven in range by the front end. Booleans read as i1
    (a memref of i8 holds them after bufferize: any non-zero byte is true).
  }];
  let arguments = (ins Attune_Array:$array, Variadic<I32>:$indices);
  let results = (outs AnyType:$element);
  let assemblyFormat = "$array `[` $indices `]` attr-dict `:` type($array) `->` type($element)";
  let hasVerifier = 1;
}

def Attune_YieldOp : Attune_Op<"yield", [Pure, Terminator,
    ParentOneOf<["MaskOp", "ModifyOp", "ForOp", "KernelOp"]>]> {
  let summary = "The result of a region";
  let arguments = (ins Variadic<AnyType>:$values);
  let builders = [OpBuilder<(ins), [{ (void)$_builder; (void)$_state; }]>];
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}
#endif
