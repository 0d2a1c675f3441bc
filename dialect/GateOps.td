#ifndef ATTUNE_GATE_OPS
#define ATTUNE_GATE_OPS
include "dialect/AttuneOpBase.td"

def Attune_SpatialGateOp : Attune_ArrayOp<"spatial_gate", [AttrSizedOperandSegments]> {
  let summary = "Token mixing by a weight over positions, with gating: the spatial gating unit of gMLP";
  let description = [{
    `result[b, i, c] = activation(sum over j of keep(i, j) * weight[g, i, j] * x[b, j, c] + bias[g, i] + added[b, i, c]) * gate[b, i, c]`
    with g = c / (C / G), the group of the channel, and x the layer norm of `input`
    over its channels when `norm` is given (Liu et al. 2021, arXiv:2105.08050,
    section 2.1). A mask multiplies the weight; nothing is renormalised. weight
    `[G, T, T]`, cut by the front end to the first T positions; input, gate, added
    and result `[B, T, C]`; bias `[G, T]`; norm: scale and offset `[C]`.

    Lifespan: made at import for `spatial`; fuse puts the layer norm before it and
    the gate, activation and sum after it inside; gone after tile, as an
    `attune.kernel` of kind `gate`.

    Numeric contract: sums in f32; the norm as `attune.layer_norm`. Positions that
    the mask excludes for a whole tile are never read.

    (C1) A tensor result before bufferize, a destination and no tensor operand
    from it on. (C2) All arrays are f32. (C3) input, gate, added and result have
    one shape of rank 3. (C4) weight is `[G, T, T]`, bias `[G, T]`. (C5) G divides
    C. (C6) norm is a scale and an offset `[C]`, or nothing; epsilon is positive.
    Sizes that are not static are not compared.

    ```mlir
    func.func @gate(%w: tensor<1x5x5xf32>, %x: tensor<2x5x8xf32>, %z: tensor<2x5x8xf32>, %b: tensor<1x5xf32>) -> tensor<2x5x8xf32> {
      %0 = attune.spatial_gate %w, %x bias %b gate %z : (tensor<1x5x5xf32>, tensor<2x5x8xf32>, tensor<1x5xf32>, tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
      return %0 : tensor<2x5x8xf32>
    }
    ```
  }];
  let arguments = (ins Attune_Array:$weight, Attune_Array:$input,
                       Optional<Attune_Array>:$bias,
                       Optional<Attune_MaskType>:$mask,
                       Optional<Attune_Array>:$added,
                       Optional<Attune_Array>:$gate,
                       Variadic<Attune_Array>:$norm,
                       Optional<AnyMemRef>:$init,
                       DefaultValuedAttr<Attune_ActivationAttr, "::attune::Activation::None">:$activation,
                       DefaultValuedAttr<F64Attr, "1e-5">:$epsilon);
  let assemblyFormat = [{
    $weight `,` $input (`bias` $bias^)? (`mask` $mask^)? (`added` $added^)? (`gate` $gate^)?
    (`norm` `(` $norm^ `)`)? (`into` $init^)? attr-dict `:` functional-type(operands, results)
  }];
}
#endif
