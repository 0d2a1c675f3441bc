// RUN: %attune-opt %s --verify-roundtrip | %attune-opt | FileCheck %s

// CHECK-LABEL: func.func @dense
func.func @dense(%x: tensor<2x4x5x16xf32>, %w: tensor<4x7x16xf32>, %b: tensor<1x7xf32>) {
  // CHECK: attune.dense %{{.*}}, %{{.*}} : (tensor<2x4x5x16xf32>, tensor<4x7x16xf32>) -> !attune.scores<2x4x5x7xf32>
  %0 = attune.dense %x, %w : (tensor<2x4x5x16xf32>, tensor<4x7x16xf32>) -> !attune.scores<2x4x5x7xf32>
  // CHECK: attune.dense %{{.*}}, %{{.*}} bias %{{.*}} : (tensor<2x4x5x16xf32>, tensor<4x7x16xf32>, tensor<1x7xf32>) -> !attune.scores<2x4x5x7xf32>
  %1 = attune.dense %x, %w bias %b : (tensor<2x4x5x16xf32>, tensor<4x7x16xf32>, tensor<1x7xf32>) -> !attune.scores<2x4x5x7xf32>
  return
}

// CHECK-LABEL: func.func @random
func.func @random(%r: tensor<2x?x?xf32, #attune.shape<2, T, S>>) {
  // CHECK: attune.random %{{.*}} <B, 4, T, S> : tensor<2x?x?xf32, #attune.shape<2, T, S>> -> <?x4x?x?xf32>
  %0 = attune.random %r <B, 4, T, S> : tensor<2x?x?xf32, #attune.shape<2, T, S>> -> !attune.scores<?x4x?x?xf32>
  return
}

// CHECK-LABEL: func.func @factorized_random
func.func @factorized_random(%l: tensor<4x5x8xf32>, %r: tensor<2x7x8xf32>) {
  // CHECK: attune.factorized_random %{{.*}}, %{{.*}} <B, 4, 5, 7> : (tensor<4x5x8xf32>, tensor<2x7x8xf32>) -> !attune.scores<?x4x5x7xf32>
  %0 = attune.factorized_random %l, %r <B, 4, 5, 7> : (tensor<4x5x8xf32>, tensor<2x7x8xf32>) -> !attune.scores<?x4x5x7xf32>
  return
}

// CHECK-LABEL: func.func @factorized_dense
func.func @factorized_dense(%l: tensor<2x4x5x2xf32>, %r: tensor<2x1x5x4xf32>) {
  // CHECK: attune.factorized_dense %{{.*}}, %{{.*}} <tile_repeat> <2, 4, 5, 7> : (tensor<2x4x5x2xf32>, tensor<2x1x5x4xf32>) -> !attune.scores<2x4x5x7xf32>
  %0 = attune.factorized_dense %l, %r <tile_repeat> <2, 4, 5, 7> : (tensor<2x4x5x2xf32>, tensor<2x1x5x4xf32>) -> !attune.scores<2x4x5x7xf32>
  return
}
