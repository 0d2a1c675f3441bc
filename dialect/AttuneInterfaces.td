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

#endif
