// RUN: %attune-opt %s --attune-stage-import --attune-stage-normalize | FileCheck %s

!t = tensor<1x2x5x4xf32>
!s = !attune.scores<1x2x5x5xf32>

// Equal weights become one, the two attends' scores stay two; the split is
// slices; the sum of scores is one dot with its factor.
// CHECK-LABEL: func.func @model
func.func @model(%x: tensor<1x5x16xf32>) -> (!t, !t) {
  // CHECK-COUNT-1: attune.param "w"
  // CHECK-NOT: attune.param
  // CHECK-NOT: attune.split
  // CHECK-NOT: attune.combine
  // CHECK-COUNT-2: attune.dot %{{.*}} scale 1.500000e+00
  // CHECK-NOT: attune.dot
  // CHECK: return
  %w = attune.param "w" : tensor<16x16xf32>
  %w2 = attune.param "w" : tensor<16x16xf32>
  %wt = attune.transpose %w2 permutation [1, 0] : (tensor<16x16xf32>) -> tensor<16x16xf32>
  %y = attune.linear %x, %w : (tensor<1x5x16xf32>, tensor<16x16xf32>) -> tensor<1x5x16xf32>
  %z = attune.matmul %y, %wt : (tensor<1x5x16xf32>, tensor<16x16xf32>) -> tensor<1x5x16xf32>
  %p:2 = attune.split %z axis 2 : (tensor<1x5x16xf32>) -> (tensor<1x5x8xf32>, tensor<1x5x8xf32>)
  %q = attune.head_split %p#0 heads 2 : (tensor<1x5x8xf32>) -> !t
  %k = attune.head_split %p#1 heads 2 : (tensor<1x5x8xf32>) -> !t
  %s = attune.dot %q, %k scale 0.5 : (!t, !t) -> !s
  %r = attune.combine %s coefficients [3.0] index [-1] : (!s) -> !s
  %o = attune.attend %r, %k : (!s, !t) -> !t
  %u = attune.attend %r, %o : (!s, !t) -> !t
  return %o, %u : !t, !t
}
