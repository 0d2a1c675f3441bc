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

// Rows of rows are rows.
// CHECK-LABEL: func.func @rows_of_rows
func.func @rows_of_rows(%x: tensor<4x12xf32>) -> tensor<4x5xf32> {
  // CHECK: attune.linear
  // CHECK-NOT: attune.matmul
  // CHECK: return
  %w = attune.param "w" : tensor<12x12xf32>
  %s = attune.slice %w axis 0 offset <4> : (tensor<12x12xf32>) -> tensor<8x12xf32>
  %r = attune.slice %s axis 0 offset <1> : (tensor<8x12xf32>) -> tensor<5x12xf32>
  %t = attune.transpose %r permutation [1, 0] : (tensor<5x12xf32>) -> tensor<12x5xf32>
  %a = attune.matmul %x, %t : (tensor<4x12xf32>, tensor<12x5xf32>) -> tensor<4x5xf32>
  return %a : tensor<4x5xf32>
}

// Columns of a weight, an input, and a weight that is not transposed are no
// linear's.
// CHECK-LABEL: func.func @kept
func.func @kept(%x: tensor<4x8xf32>, %i: tensor<6x8xf32>) -> (tensor<4x12xf32>, tensor<4x6xf32>, tensor<4x6xf32>) {
  // CHECK-COUNT-3: attune.matmul
  // CHECK-NOT: attune.linear
  // CHECK: return
  %w = attune.param "w" : tensor<12x12xf32>
  %s = attune.slice %w axis 1 offset <4> : (tensor<12x12xf32>) -> tensor<12x8xf32>
  %t = attune.transpose %s permutation [1, 0] : (tensor<12x8xf32>) -> tensor<8x12xf32>
  %a = attune.matmul %x, %t : (tensor<4x8xf32>, tensor<8x12xf32>) -> tensor<4x12xf32>
  %it = attune.transpose %i permutation [1, 0] : (tensor<6x8xf32>) -> tensor<8x6xf32>
  %b = attune.matmul %x, %it : (tensor<4x8xf32>, tensor<8x6xf32>) -> tensor<4x6xf32>
  %p = attune.param "p" : tensor<8x6xf32>
  %c = attune.matmul %x, %p : (tensor<4x8xf32>, tensor<8x6xf32>) -> tensor<4x6xf32>
  return %a, %b, %c : tensor<4x12xf32>, tensor<4x6xf32>, tensor<4x6xf32>
}

// A linear of an input is a product; a bias that is computed is added.
// CHECK-LABEL: func.func @computed
func.func @computed(%x: tensor<4x8xf32>, %i: tensor<6x8xf32>, %b: tensor<6xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  // CHECK: %[[T:.*]] = attune.transpose %{{.*}} permutation [1, 0]
  // CHECK: %[[P:.*]] = attune.matmul %{{.*}}, %[[T]]
  // CHECK: attune.elementwise <add> %[[P]], %{{.*}}
  %y = attune.linear %x, %i bias %b : (tensor<4x8xf32>, tensor<6x8xf32>, tensor<6xf32>) -> tensor<4x6xf32>
  // CHECK: %[[L:.*]] = attune.linear %{{.*}}, %{{[^ ]*}} :
  // CHECK: attune.elementwise <add> %[[L]], %{{.*}}
  %w = attune.param "w" : tensor<6x8xf32>
  %z = attune.linear %x, %w bias %b : (tensor<4x8xf32>, tensor<6x8xf32>, tensor<6xf32>) -> tensor<4x6xf32>
  return %y, %z : tensor<4x6xf32>, tensor<4x6xf32>
}
