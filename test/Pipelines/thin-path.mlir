// RUN: %attune-opt %s --attune-stage-import --attune-stage-normalize --attune-stage-fuse --attune-stage-bufferize --attune-stage-plan | FileCheck %s

// The smallest model through all stages on tensors and buffers.
// CHECK-LABEL: func.func @linear
// CHECK-SAME: (%[[X:.*]]: memref<?x48xf32> {attune.name = "x", attune.shape = #attune.shape<B, 48>}, %[[Y:.*]]: memref<?x32xf32> {attune.name = "y", attune.output, attune.shape = #attune.shape<B, 32>})
// CHECK-SAME: attune.model
// CHECK-SAME: attune.packed_floats = 1568 : i64
// CHECK-SAME: attune.slots = []
// CHECK-DAG: %[[W:.*]] = attune.param "w" pack <panels, 8> offset 0 : memref<4x48x8xf32>
// CHECK-DAG: %[[B:.*]] = attune.param "b" pack <pad, 8> offset 1536 : memref<32xf32>
// CHECK: attune.linear %[[X]], %[[W]] bias %[[B]] into %[[Y]]
// CHECK-NEXT: return
func.func @linear(%x: tensor<?x48xf32, #attune.shape<B, 48>> {attune.name = "x"}) -> (tensor<?x32xf32, #attune.shape<B, 32>> {attune.name = "y"}) attributes {attune.model, attune.dims = [#attune.dim<"B", bound = 64, argument = 0, axis = 0>]} {
  %w = attune.param "w" : tensor<32x48xf32>
  %b = attune.param "b" : tensor<32xf32>
  %y = attune.linear %x, %w bias %b : (tensor<?x48xf32, #attune.shape<B, 48>>, tensor<32x48xf32>, tensor<32xf32>) -> tensor<?x32xf32, #attune.shape<B, 32>>
  return %y : tensor<?x32xf32, #attune.shape<B, 32>>
}
