// RUN: %attune-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func.func @embedding_is_a_gather
// CHECK-SAME: (%[[IDS:.*]]: tensor<5xi32>, %[[TABLE:.*]]: tensor<9x8xf32>)
func.func @embedding_is_a_gather(%ids: tensor<5xi32>, %table: tensor<9x8xf32>) -> tensor<5x8xf32> {
  // CHECK: attune.gather %[[TABLE]], %[[IDS]] : (tensor<9x8xf32>, tensor<5xi32>) -> tensor<5x8xf32>
  %0 = attune.embedding %ids, %table : (tensor<5xi32>, tensor<9x8xf32>) -> tensor<5x8xf32>
  return %0 : tensor<5x8xf32>
}

// CHECK-LABEL: func.func @activation_none
// CHECK-SAME: (%[[X:.*]]: tensor<5xf32>)
func.func @activation_none(%x: tensor<5xf32>) -> tensor<5xf32> {
  %0 = attune.activation <none> %x : (tensor<5xf32>) -> tensor<5xf32>
  // CHECK: return %[[X]]
  return %0 : tensor<5xf32>
}

// CHECK-LABEL: func.func @activation_relu
func.func @activation_relu(%x: tensor<5xf32>) -> tensor<5xf32> {
  // CHECK: attune.activation <relu>
  %0 = attune.activation <relu> %x : (tensor<5xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// CHECK-LABEL: func.func @cast_to_itself
// CHECK-SAME: (%[[X:.*]]: tensor<5xf32>)
func.func @cast_to_itself(%x: tensor<5xf32>) -> tensor<5xf32> {
  %0 = attune.cast %x : (tensor<5xf32>) -> tensor<5xf32>
  // CHECK: return %[[X]]
  return %0 : tensor<5xf32>
}

// CHECK-LABEL: func.func @cast_to_another_type
func.func @cast_to_another_type(%x: tensor<5xi32>) -> tensor<5xf32> {
  // CHECK: attune.cast
  %0 = attune.cast %x : (tensor<5xi32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// CHECK-LABEL: func.func @elementwise_neutral
// CHECK-SAME: (%[[X:.*]]: tensor<5xf32>)
func.func @elementwise_neutral(%x: tensor<5xf32>) -> tensor<5xf32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %0 = attune.elementwise <sub> %x, %zero : (tensor<5xf32>, tensor<f32>) -> tensor<5xf32>
  %1 = attune.elementwise <mul> %0, %one : (tensor<5xf32>, tensor<f32>) -> tensor<5xf32>
  %2 = attune.elementwise <div> %1, %one : (tensor<5xf32>, tensor<f32>) -> tensor<5xf32>
  // CHECK-NOT: attune.elementwise
  // CHECK: return %[[X]]
  return %2 : tensor<5xf32>
}

// x + 0 turns -0 into 0, and x - (-0) is x + 0.
// CHECK-LABEL: func.func @elementwise_zeros_have_signs
func.func @elementwise_zeros_have_signs(%x: tensor<5xf32>) -> tensor<5xf32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %minus = arith.constant dense<-0.0> : tensor<f32>
  // CHECK: attune.elementwise <add>
  %0 = attune.elementwise <add> %x, %zero : (tensor<5xf32>, tensor<f32>) -> tensor<5xf32>
  // CHECK: attune.elementwise <sub>
  %1 = attune.elementwise <sub> %0, %minus : (tensor<5xf32>, tensor<f32>) -> tensor<5xf32>
  return %1 : tensor<5xf32>
}

// A constant that stretches the result stays.
// CHECK-LABEL: func.func @elementwise_that_stretches
func.func @elementwise_that_stretches(%x: tensor<1xf32>) -> tensor<3xf32> {
  %one = arith.constant dense<1.0> : tensor<3xf32>
  // CHECK: attune.elementwise <mul>
  %0 = attune.elementwise <mul> %x, %one : (tensor<1xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}
