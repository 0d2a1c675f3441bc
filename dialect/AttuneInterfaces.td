#ifndef ATTUNE_INTERFACES
#define ATTUNE_INTERFACES

include "mlir/IR/OpBase.td"

def Attune_DestinationOpInterface : OpInterface<"DestinationOpInterface"> {
  let cppNamespace = "::attune";
  let description = [{
    An op with one array result that gets a destination operand instead of the
    result at the bufferize stage: `attune.linear %x, %w into %y`. Optional
    destination, so that import-stage IR stays free of `tensor.empty`.
  }];
  let methods = [
    InterfaceMethod<"The destination: absent before bufferize.",
      "::mlir::MutableOperandRange", "getDestinationMutable", (ins), [{}],
      [{ return $_op.getInitMutable(); }]>
  ];
}

#endif
