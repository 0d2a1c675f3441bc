#ifndef ATTUNE_PROGRAM_OPS
#define ATTUNE_PROGRAM_OPS
include "dialect/AttuneOpBase.td"

def Attune_DimOp : Attune_Op<"dim", [Pure]> {
  let summary = "The run-time value of a dim of the model";
  let arguments = (ins StrAttr:$name);
  let results = (outs Index:$value);
  let assemblyFormat = "$name attr-dict `:` type($value)";
}

def Attune_ParamOp : Attune_Op<"param", [Pure]> {
  let summary = "A weight by its full name in the weight file";
  let description = [{
    Inside `attune.for` the name holds `{i}`, one for each operand of `steps`,
    in order. The plan stage sets `pack`, `offset` (floats into the packed blob)
    and `strides` (floats a step of each loop).
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
    Runs for i in [lower, upper). The region's arguments are the step (index)
    and the carried arrays, which keep their types. Gone after bufferize
    (`scf.for`).
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
