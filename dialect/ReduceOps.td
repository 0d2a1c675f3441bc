#ifndef ATTUNE_REDUCE_OPS
#define ATTUNE_REDUCE_OPS
include "dialect/AttuneOpBase.td"

// Ops that go along one axis of an array, whichever it is: what they compute of
// one line (the elements that differ in that axis only) depends on nothing else.

def Attune_ReduceKind : I32EnumAttr<"ReduceKind", "what is left of a line", [
    I32EnumAttrCase<"Sum", 0, "sum">,
    I32EnumAttrCase<"Mean", 1, "mean">,
    I32EnumAttrCase<"Max", 2, "max">,
    I32EnumAttrCase<"Min", 3, "min">,
    I32EnumAttrCase<"ArgMax", 4, "argmax">]> {
  let cppNamespace = "::attune";
  let genSpecializedAttr = 0;
}
def Attune_ReduceKindAttr : EnumAttr<Attune_Dialect, Attune_ReduceKind, "reduce_kind"> {
  let assemblyFormat = "`<` $value `>`";
}

def Attune_ReduceOp : Attune_ArrayOp<"reduce"> {
  let summary = "One number of each line along an axis, which is dropped";
  let description = [{
    y[.., ..] = kind over i of x[.., i, ..]. `sum` of no element is 0, `mean` of
    none NaN; `max`, `min` and `argmax` need one (the front end makes it a
    condition of the model). `max` and `min` are NaN when an element is.
    `argmax` is the first index of the largest element, of the first NaN when
    there is one. Sums of f32 are sums of partial sums: their order is that of
    the target, the same at each run.

    Lifespan: made by import; gone after realize.

    (C1) Tensor result or memref destination, as every array op. (C2) The axis is one
    of the input's. (C3) Elements: f32, i64 or i32; `mean` f32 only. (C4) Result has
    the input's element type; of `argmax` i64. (C5) Result has the input's shape
    without the axis.

    ```mlir
    func.func @example(%x: tensor<4x7xf32>) -> tensor<4xf32> {
      %y = attune.reduce <max> %x axis 1 : (tensor<4x7xf32>) -> tensor<4xf32>
      return %y : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Attune_ReduceKindAttr:$kind, Attune_Array:$input, Optional<AnyMemRef>:$init,
                       I64Attr:$axis);
  let assemblyFormat = "$kind $input `axis` $axis (`into` $init^)? attr-dict `:` functional-type(operands, results)";
}

def Attune_SoftmaxOp : Attune_ArrayOp<"softmax"> {
  let summary = "exp(x) / sum(exp(x)) along an axis";
  let description = [{
    y[.., i, ..] = exp(x[.., i, ..] - m) / sum over j of exp(x[.., j, ..] - m), m
    the largest element of the line. A line that holds NaN or +inf, or nothing
    but -inf, gives NaN: unlike `attune.attend` there is no mask.

    Lifespan: made by import; gone after realize.

    (C1) Tensor result or memref destination. (C2) Computes in f32. (C3) The axis is
    one of the input's. (C4) Result has the input's shape.

    ```mlir
    func.func @example(%x: tensor<4x7xf32>) -> tensor<4x7xf32> {
      %y = attune.softmax %x axis 0 : (tensor<4x7xf32>) -> tensor<4x7xf32>
      return %y : tensor<4x7xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$input, Optional<AnyMemRef>:$init, I64Attr:$axis);
  let assemblyFormat = "$input `axis` $axis (`into` $init^)? attr-dict `:` functional-type(operands, results)";
}

def Attune_RmsNormOp : Attune_ArrayOp<"rms_norm", [AttrSizedOperandSegments]> {
  let summary = "x / sqrt(mean(x^2) + eps) * gamma, last axis";
  let description = [{
    Lifespan: made by import; gone after realize.

    (C1) Tensor result or memref destination. (C2) Computes in f32. (C3) Input has
    rank 1 or more. (C4) Eps is not negative. (C5) Gamma has the shape of the last
    axis. (C6) Result has the input's shape.

    ```mlir
    func.func @example(%x: tensor<4x8xf32>, %g: tensor<8xf32>) -> tensor<4x8xf32> {
      %y = attune.rms_norm %x gamma %g eps 1.0e-6 : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
      return %y : tensor<4x8xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$input, Optional<Attune_Array>:$gamma, Optional<AnyMemRef>:$init,
                       F64Attr:$eps);
  let assemblyFormat = [{
    $input (`gamma` $gamma^)? `eps` $eps (`into` $init^)? attr-dict `:` functional-type(operands, results)
  }];
}
#endif
