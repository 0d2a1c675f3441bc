// RUN: %attune-opt %s --verify-roundtrip | %attune-opt | FileCheck %s

// CHECK-LABEL: func.func @head_split
func.func @head_split(%x: tensor<2x?x12xf32, #attune.shape<2, T, 12>>) {
  // CHECK: attune.head_split %{{.*}} heads 3 : (tensor<2x?x12xf32, #attune.shape<2, T, 12>>) -> tensor<2x3x?x4xf32, #attune.shape<2, 3, T, 4>>
  %0 = attune.head_split %x heads 3 : (tensor<2x?x12xf32, #attune.shape<2, T, 12>>) -> tensor<2x3x?x4xf32, #attune.shape<2, 3, T, 4>>
  return
}

// CHECK-LABEL: func.func @head_merge
func.func @head_merge(%x: tensor<2x3x5x4xf32>) {
  // CHECK: attune.head_merge %{{.*}} : (tensor<2x3x5x4xf32>) -> tensor<2x5x12xf32>
  %0 = attune.head_merge %x : (tensor<2x3x5x4xf32>) -> tensor<2x5x12xf32>
  return
}

// CHECK-LABEL: func.func @slice
func.func @slice(%x: tensor<?x4xf32, #attune.shape<T + U, 4>>) {
  // CHECK: attune.slice %{{.*}} axis 0 offset <U> : (tensor<?x4xf32, #attune.shape<T + U, 4>>) -> tensor<?x4xf32, #attune.shape<T, 4>>
  %0 = attune.slice %x axis 0 offset <U> : (tensor<?x4xf32, #attune.shape<T + U, 4>>) -> tensor<?x4xf32, #attune.shape<T, 4>>
  return
}

// CHECK-LABEL: func.func @split
func.func @split(%x: tensor<5x12xf32>) {
  // CHECK: attune.split %{{.*}} axis 1 : (tensor<5x12xf32>) -> (tensor<5x4xf32>, tensor<5x4xf32>, tensor<5x4xf32>)
  %0:3 = attune.split %x axis 1 : (tensor<5x12xf32>) -> (tensor<5x4xf32>, tensor<5x4xf32>, tensor<5x4xf32>)
  return
}

// CHECK-LABEL: func.func @transpose
func.func @transpose(%x: tensor<2x3x5xi8>) {
  // CHECK: attune.transpose %{{.*}} permutation [2, 0, 1] : (tensor<2x3x5xi8>) -> tensor<5x2x3xi8>
  %0 = attune.transpose %x permutation [2, 0, 1] : (tensor<2x3x5xi8>) -> tensor<5x2x3xi8>
  return
}

// CHECK-LABEL: func.func @reshape
func.func @reshape(%x: tensor<2x?xf32, #attune.shape<2, 3 * T>>) {
  // CHECK: attune.reshape %{{.*}} : (tensor<2x?xf32, #attune.shape<2, 3 * T>>) -> tensor<?x6xf32, #attune.shape<T, 6>>
  %0 = attune.reshape %x : (tensor<2x?xf32, #attune.shape<2, 3 * T>>) -> tensor<?x6xf32, #attune.shape<T, 6>>
  return
}
