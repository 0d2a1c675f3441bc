// RUN: %attune-opt %s --attune-stage-bufferize | FileCheck %s

// No tensor is left, nor a view that nobody reads: the slices are folded into
// the views of heads.
// CHECK-LABEL: func.func @model
// CHECK-NOT: tensor
// CHECK: memref.reinterpret_cast %{{.*}} to offset: [8], sizes: [1, 2, 5, 4], strides: [80, 4, 16, 1]
// CHECK-NOT: memref.reinterpret_cast
// CHECK: attune.activation
// CHECK: return
func.func @model(%x: tensor<1x5x16xf32>) -> tensor<1x2x5x4xf32> {
  %p = attune.slice %x axis 2 offset <8> : (tensor<1x5x16xf32>) -> tensor<1x5x8xf32>
  %q = attune.head_split %p heads 2 : (tensor<1x5x8xf32>) -> tensor<1x2x5x4xf32>
  %y = attune.activation <relu> %q : (tensor<1x2x5x4xf32>) -> tensor<1x2x5x4xf32>
  return %y : tensor<1x2x5x4xf32>
}
