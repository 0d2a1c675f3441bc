// RUN: %attune-opt %s --canonicalize | FileCheck %s

// Each element twice: a new axis behind the old one, stretched.
// CHECK-LABEL: func.func @repeat_elements_stretches
func.func @repeat_elements_stretches(%x: tensor<?x7xf32, #attune.shape<T, 7>>) -> tensor<?x7xf32, #attune.shape<2 * T, 7>> {
  // CHECK: %[[A:.*]] = attune.reshape %{{.*}} -> tensor<?x1x7xf32, #attune.shape<T, 1, 7>>
  // CHECK: %[[B:.*]] = attune.broadcast %[[A]] : {{.*}} -> tensor<?x2x7xf32, #attune.shape<T, 2, 7>>
  // CHECK: attune.reshape %[[B]]
  // CHECK-NOT: attune.repeat_elements
  %0 = attune.repeat_elements %x axis 0 times <2> : (tensor<?x7xf32, #attune.shape<T, 7>>) -> tensor<?x7xf32, #attune.shape<2 * T, 7>>
  return %0 : tensor<?x7xf32, #attune.shape<2 * T, 7>>
}

// The whole axis twice: the new axis is in front.
// CHECK-LABEL: func.func @tile_axis_stretches
func.func @tile_axis_stretches(%x: tensor<4x7xf32>) -> tensor<4x14xf32> {
  // CHECK: %[[A:.*]] = attune.reshape %{{.*}} -> tensor<4x1x7xf32>
  // CHECK: %[[B:.*]] = attune.broadcast %[[A]] : {{.*}} -> tensor<4x2x7xf32>
  // CHECK: attune.reshape %[[B]]
  // CHECK-NOT: attune.tile_axis
  %0 = attune.tile_axis %x axis 1 times <2> : (tensor<4x7xf32>) -> tensor<4x14xf32>
  return %0 : tensor<4x14xf32>
}

// CHECK-LABEL: func.func @broadcast_same_shape
// CHECK-SAME: %[[X:.*]]: tensor<4x7xf32>
func.func @broadcast_same_shape(%x: tensor<4x7xf32>) -> tensor<4x7xf32> {
  // CHECK: return %[[X]]
  %0 = attune.broadcast %x : (tensor<4x7xf32>) -> tensor<4x7xf32>
  return %0 : tensor<4x7xf32>
}
