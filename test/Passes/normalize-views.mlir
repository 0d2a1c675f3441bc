// RUN: %attune-opt %s --attune-normalize-views | FileCheck %s

// CHECK-LABEL: func.func @split
func.func @split(%x: tensor<4x12xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  // CHECK: attune.slice %{{.*}} axis 1 offset <0>
  // CHECK: attune.slice %{{.*}} axis 1 offset <6>
  // CHECK-NOT: attune.split
  %p:2 = attune.split %x axis 1 : (tensor<4x12xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>)
  return %p#0, %p#1 : tensor<4x6xf32>, tensor<4x6xf32>
}

// CHECK-LABEL: func.func @product
func.func @product(%x: tensor<4x12xf32>) -> tensor<4x6xf32> {
  // CHECK: %[[W:.*]] = attune.param "w"
  // CHECK: attune.linear %{{.*}}, %[[W]] :
  %w = attune.param "w" : tensor<6x12xf32>
  %t = attune.transpose %w permutation [1, 0] : (tensor<6x12xf32>) -> tensor<12x6xf32>
  %y = attune.matmul %x, %t : (tensor<4x12xf32>, tensor<12x6xf32>) -> tensor<4x6xf32>
  return %y : tensor<4x6xf32>
}

// Some rows of a weight: packed with it.
// CHECK-LABEL: func.func @rows
func.func @rows(%x: tensor<4x12xf32>) -> tensor<4x64xf32> {
  // CHECK: %[[W:.*]] = attune.slice %{{.*}} axis 0 offset <64>
  // CHECK: attune.linear %{{.*}}, %[[W]] :
  %w = attune.param "w" : tensor<192x12xf32>
  %s = attune.slice %w axis 0 offset <64> : (tensor<192x12xf32>) -> tensor<64x12xf32>
  %t = attune.transpose %s permutation [1, 0] : (tensor<64x12xf32>) -> tensor<12x64xf32>
  %y = attune.matmul %x, %t : (tensor<4x12xf32>, tensor<12x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// A slice of a slice (canonicalization folds it), an input, which cannot be
// packed, and a weight that is not transposed.
// CHECK-LABEL: func.func @kept
func.func @kept(%x: tensor<4x12xf32>, %i: tensor<6x12xf32>) -> (tensor<4x8xf32>, tensor<4x6xf32>, tensor<4x6xf32>) {
  // CHECK-COUNT-3: attune.matmul
  // CHECK-NOT: attune.linear
  %w = attune.param "w" : tensor<12x12xf32>
  %s = attune.slice %w axis 0 offset <4> : (tensor<12x12xf32>) -> tensor<8x12xf32>
  %st = attune.slice %s axis 0 offset <0> : (tensor<8x12xf32>) -> tensor<8x12xf32>
  %t = attune.transpose %st permutation [1, 0] : (tensor<8x12xf32>) -> tensor<12x8xf32>
  %a = attune.matmul %x, %t : (tensor<4x12xf32>, tensor<12x8xf32>) -> tensor<4x8xf32>
  %it = attune.transpose %i permutation [1, 0] : (tensor<6x12xf32>) -> tensor<12x6xf32>
  %b = attune.matmul %x, %it : (tensor<4x12xf32>, tensor<12x6xf32>) -> tensor<4x6xf32>
  %p = attune.param "p" : tensor<12x6xf32>
  %c = attune.matmul %x, %p : (tensor<4x12xf32>, tensor<12x6xf32>) -> tensor<4x6xf32>
  return %a, %b, %c : tensor<4x8xf32>, tensor<4x6xf32>, tensor<4x6xf32>
}
