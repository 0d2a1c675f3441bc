#ifndef ATTUNE_LAYER_OPS
#define ATTUNE_LAYER_OPS
include "dialect/AttuneOpBase.td"

def Attune_LinearOp : Attune_ArrayOp<"linear", [AttrSizedOperandSegments]> {
  let summary = "activation(x W^T + bias) + residual";
  let description = [{
    x `[..., K]`, weight `[N, K]` (PyTorch orientation; packed panels from the
    plan stage on), bias `[N]`, residual `[..., N]`. Activation and residual
    are set by the fuse stage.
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
  let description = [{ a `[..., M, K]`, b `[..., K, N]`, equal leading extents or 1. }];
  let arguments = (ins Attune_Array:$lhs, Attune_Array:$rhs, Optional<AnyMemRef>:$init);
  let assemblyFormat = "$lhs `,` $rhs (`into` $init^)? attr-dict `:` functional-type(operands, results)";
}

def Attune_LayerNormOp : Attune_ArrayOp<"layer_norm", [AttrSizedOperandSegments]> {
  let summary = "(x - mean) / sqrt(variance + eps) * gamma + beta, last axis";
  let description = [{ The variance is the biased one. }];
  let arguments = (ins Attune_Array:$input, Optional<Attune_Array>:$gamma, Optional<Attune_Array>:$beta,
                       Optional<AnyMemRef>:$init, F64Attr:$eps);
  let assemblyFormat = [{
    $input (`gamma` $gamma^)? (`beta` $beta^)? `eps` $eps (`into` $init^)? attr-dict `:` functional-type(operands, results)
  }];
}

def Attune_EmbeddingOp : Attune_ArrayOp<"embedding"> {
  let summary = "Rows of a table by id: folds to gather";
  let description = [{ ids `[...]` i32 or i64, table `[V, D]` -> `[..., D]`. Ids are checked at each run. }];
  let arguments = (ins Attune_Array:$ids, Attune_Array:$table, Optional<AnyMemRef>:$init);
  let assemblyFormat = "$ids `,` $table (`into` $init^)? attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_GatherOp : Attune_ArrayOp<"gather"> {
  let summary = "Rows of any array by id";
  let description = [{ table `[V, ...]`, ids `[...]` -> `[ids..., ...]`; ids name themselves in errors by `ids_name`. }];
  let arguments = (ins Attune_Array:$table, Attune_Array:$ids, Optional<AnyMemRef>:$init,
                       OptionalAttr<StrAttr>:$ids_name);
  let assemblyFormat = "$table `,` $ids (`into` $init^)? attr-dict `:` functional-type(operands, results)";
}

def Attune_ActivationOp : Attune_ArrayOp<"activation"> {
  let summary = "A function of one number, element by element";
  let arguments = (ins Attune_ActivationAttr:$function, Attune_Array:$input, Optional<AnyMemRef>:$init);
  let assemblyFormat = "$function $input (`into` $init^)? attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_ElementwiseOp : Attune_ArrayOp<"elementwise"> {
  let summary = "A function of two numbers, element by element, numpy broadcasting";
  let description = [{ Only a literal extent 1 stretches. Comparisons give i1. Integer division and remainder are floored. }];
  let arguments = (ins Attune_BinaryAttr:$function, Attune_Array:$lhs, Attune_Array:$rhs, Optional<AnyMemRef>:$init);
  let assemblyFormat = "$function $lhs `,` $rhs (`into` $init^)? attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_CastOp : Attune_ArrayOp<"cast"> {
  let summary = "Element type conversion";
  let arguments = (ins Attune_Array:$input, Optional<AnyMemRef>:$init);
  let assemblyFormat = "$input (`into` $init^)? attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
}

def Attune_ConcatOp : Attune_ArrayOp<"concat", [AttrSizedOperandSegments]> {
  let summary = "Arrays one after the other along an axis";
  let arguments = (ins Variadic<Attune_Array>:$inputs, Optional<AnyMemRef>:$init, I64Attr:$axis);
  let assemblyFormat = "$inputs `axis` $axis (`into` $init^)? attr-dict `:` functional-type(operands, results)";
}
#endif
