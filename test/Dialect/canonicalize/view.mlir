// RUN: %attune-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func.func @head_merge_of_split
// CHECK-SAME: (%[[X:.*]]: tensor<5x6xf32>)
func.func @head_merge_of_split(%x: tensor<5x6xf32>) -> tensor<5x6xf32> {
  %0 = attune.head_split %x heads 2 : (tensor<5x6xf32>) -> tensor<2x5x3xf32>
  %1 = attune.head_merge %0 : (tensor<2x5x3xf32>) -> tensor<5x6xf32>
  // CHECK: return %[[X]]
  return %1 : tensor<5x6xf32>
}

// CHECK-LABEL: func.func @head_split_of_merge
// CHECK-SAME: (%[[X:.*]]: tensor<2x5x3xf32>)
func.func @head_split_of_merge(%x: tensor<2x5x3xf32>) -> tensor<2x5x3xf32> {
  %0 = attune.head_merge %x : (tensor<2x5x3xf32>) -> tensor<5x6xf32>
  %1 = attune.head_split %0 heads 2 : (tensor<5x6xf32>) -> tensor<2x5x3xf32>
  // CHECK: return %[[X]]
  return %1 : tensor<2x5x3xf32>
}

// CHECK-LABEL: func.func @head_split_into_other_heads
func.func @head_split_into_other_heads(%x: tensor<2x5x3xf32>) -> tensor<3x5x2xf32> {
  // CHECK: attune.head_merge
  %0 = attune.head_merge %x : (tensor<2x5x3xf32>) -> tensor<5x6xf32>
  // CHECK: attune.head_split %{{.*}} heads 3
  %1 = attune.head_split %0 heads 3 : (tensor<5x6xf32>) -> tensor<3x5x2xf32>
  return %1 : tensor<3x5x2xf32>
}

// CHECK-LABEL: func.func @slice_of_all
// CHECK-SAME: (%[[X:.*]]: tensor<?x3xf32, #attune.shape<T, 3>>)
func.func @slice_of_all(%x: tensor<?x3xf32, #attune.shape<T, 3>>) -> tensor<?x3xf32, #attune.shape<T, 3>> {
  %0 = attune.slice %x axis 0 offset <0> : (tensor<?x3xf32, #attune.shape<T, 3>>) -> tensor<?x3xf32, #attune.shape<T, 3>>
  // CHECK: return %[[X]]
  return %0 : tensor<?x3xf32, #attune.shape<T, 3>>
}

// CHECK-LABEL: func.func @slice_of_a_part
func.func @slice_of_a_part(%x: tensor<4xf32>) -> tensor<3xf32> {
  // CHECK: attune.slice %{{.*}} axis 0 offset <1>
  %0 = attune.slice %x axis 0 offset <1> : (tensor<4xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// CHECK-LABEL: func.func @split_in_one
// CHECK-SAME: (%[[X:.*]]: tensor<6xf32>)
func.func @split_in_one(%x: tensor<6xf32>) -> tensor<6xf32> {
  %0 = attune.split %x axis 0 : (tensor<6xf32>) -> tensor<6xf32>
  // CHECK: return %[[X]]
  return %0 : tensor<6xf32>
}

// CHECK-LABEL: func.func @transpose_of_nothing
// CHECK-SAME: (%[[X:.*]]: tensor<3x3xf32>)
func.func @transpose_of_nothing(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %0 = attune.transpose %x permutation [0, 1] : (tensor<3x3xf32>) -> tensor<3x3xf32>
  // CHECK: return %[[X]]
  return %0 : tensor<3x3xf32>
}

// Result axis i is input axis perm[i]: two in a row compose to
// inner[outer[i]], here [1, 2, 0] after [1, 0, 2].
// CHECK-LABEL: func.func @transpose_twice
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x5xf32>)
func.func @transpose_twice(%x: tensor<2x3x5xf32>) -> tensor<2x5x3xf32> {
  %0 = attune.transpose %x permutation [1, 0, 2] : (tensor<2x3x5xf32>) -> tensor<3x2x5xf32>
  // CHECK: attune.transpose %[[X]] permutation [0, 2, 1] : (tensor<2x3x5xf32>) -> tensor<2x5x3xf32>
  %1 = attune.transpose %0 permutation [1, 2, 0] : (tensor<3x2x5xf32>) -> tensor<2x5x3xf32>
  return %1 : tensor<2x5x3xf32>
}

// CHECK-LABEL: func.func @transpose_back
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x5xf32>)
func.func @transpose_back(%x: tensor<2x3x5xf32>) -> tensor<2x3x5xf32> {
  %0 = attune.transpose %x permutation [2, 0, 1] : (tensor<2x3x5xf32>) -> tensor<5x2x3xf32>
  %1 = attune.transpose %0 permutation [1, 2, 0] : (tensor<5x2x3xf32>) -> tensor<2x3x5xf32>
  // CHECK: return %[[X]]
  return %1 : tensor<2x3x5xf32>
}

// CHECK-LABEL: func.func @reshape_twice
// CHECK-SAME: (%[[X:.*]]: tensor<2x6xf32>)
func.func @reshape_twice(%x: tensor<2x6xf32>) -> tensor<3x4xf32> {
  %0 = attune.reshape %x : (tensor<2x6xf32>) -> tensor<12xf32>
  // CHECK: attune.reshape %[[X]] : (tensor<2x6xf32>) -> tensor<3x4xf32>
  %1 = attune.reshape %0 : (tensor<12xf32>) -> tensor<3x4xf32>
  return %1 : tensor<3x4xf32>
}

// CHECK-LABEL: func.func @reshape_to_itself
// CHECK-SAME: (%[[X:.*]]: tensor<2x6xf32>)
func.func @reshape_to_itself(%x: tensor<2x6xf32>) -> tensor<2x6xf32> {
  %0 = attune.reshape %x : (tensor<2x6xf32>) -> tensor<2x6xf32>
  // CHECK: return %[[X]]
  return %0 : tensor<2x6xf32>
}
