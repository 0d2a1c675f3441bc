#ifndef ATTUNE_INTERFACES
#define ATTUNE_INTERFACES

include "mlir/IR/OpBase.td"

def Attune_DestinationOpInterface : OpInterface<"DestinationOpInterface"> {
  let cppNamespace = "::attune";
  let description = [{
    An op with array results that gets a destination operand instead of each
    result at the bufferize stage: `attune.linear %x, %w into %y`. Optional
    destinations, so that import-stage IR stays free of `tensor.empty`.
  }];
  let methods = [
    InterfaceMethod<"The destinations, in the order of the results: absent before bufferize.",
      "::mlir::MutableOperandRange", "getDestinationMutable", (ins), [{}],
      [{ return $_op.getInitMutable(); }]>
  ];
}

def Attune_ScoreSourceInterface : OpInterface<"ScoreSourceInterface"> {
  let cppNamespace = "::attune";
  let description = [{
    An op that makes scores out of arrays. A new source implements it, and either
    `expand` says it with other sources or the kernel op learns to make its tiles
    (CONTRIBUTING.md).
  }];
  let methods = [
    InterfaceMethod<"The symbolic sizes [B, H, Tq, Tk], while operands are tensors.",
      "::attune::ShapeAttr", "getSizes", (ins)>,
    InterfaceMethod<"The same scores made of other sources; null for one that kernels know.",
      "::mlir::Value", "expand", (ins "::mlir::OpBuilder &":$builder), [{}],
      [{ return ::mlir::Value(); }]>
  ];
}

#endif
