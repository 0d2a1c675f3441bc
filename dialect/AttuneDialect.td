#ifndef ATTUNE_DIALECT
#define ATTUNE_DIALECT

include "mlir/IR/OpBase.td"

def Attune_Dialect : Dialect {
  let name = "attune";
  let cppNamespace = "::attune";
  let summary = "Attention, masking, Synthesizer and spatial gating";
  let description = [{
    Everything the field calls attention, masking, Synthesizer and spatial
    gating is token mixing: `O[q] = Norm_k(mask(sum_m alpha_m S_m[q, k])) V[k]`.
    Scores and masks are symbolic values: they have types, they compose, and
    they are materialised tile by tile inside the kernel that consumes them.

    Layer ops take tensors at the import stage and memrefs with a destination
    (`into`) from the bufferize stage on.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
    void registerTypes();
  }];
}

#endif
