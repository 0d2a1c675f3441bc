// RUN: %attune-opt %s --attune-align-projections --split-input-file --verify-diagnostics | FileCheck %s

module attributes {attune.target = #attune.target<cpu = "haswell", vector_width = 8, registers = 16, l1 = 32768, l2 = 262144, features = "+avx2,+fma">} {
  // Rows 24..40 lie in the panels 16..48: columns 8..24 of their product.
  // CHECK-LABEL: func.func @widen
  func.func @widen(%x: tensor<4x12xf32>) -> tensor<4x16xf32> {
    // CHECK-DAG: %[[W:.*]] = attune.slice %{{.*}} axis 0 offset <16> : (tensor<96x12xf32>) -> tensor<32x12xf32>
    // CHECK-DAG: %[[B:.*]] = attune.slice %{{.*}} axis 0 offset <16> : (tensor<96xf32>) -> tensor<32xf32>
    // CHECK: %[[Y:.*]] = attune.linear %{{.*}}, %[[W]] bias %[[B]] {activation = #attune.activation<relu>} : {{.*}} -> tensor<4x32xf32>
    // CHECK: %[[C:.*]] = attune.slice %[[Y]] axis 1 offset <8> : (tensor<4x32xf32>) -> tensor<4x16xf32>
    // CHECK: return %[[C]]
    %w = attune.param "w" : tensor<96x12xf32>
    %b = attune.param "b" : tensor<96xf32>
    %v = attune.slice %w axis 0 offset <24> : (tensor<96x12xf32>) -> tensor<16x12xf32>
    %c = attune.slice %b axis 0 offset <24> : (tensor<96xf32>) -> tensor<16xf32>
    %y = attune.linear %x, %v bias %c {activation = #attune.activation<relu>} : (tensor<4x12xf32>, tensor<16x12xf32>, tensor<16xf32>) -> tensor<4x16xf32>
    return %y : tensor<4x16xf32>
  }

  // Whole panels, and rows up to the end of the weight, are left alone.
  // CHECK-LABEL: func.func @aligned
  func.func @aligned(%x: tensor<4x12xf32>) -> (tensor<4x16xf32>, tensor<4x3xf32>) {
    // CHECK: attune.linear {{.*}} -> tensor<4x16xf32>
    // CHECK: attune.linear {{.*}} -> tensor<4x3xf32>
    %w = attune.param "w" : tensor<35x12xf32>
    %u = attune.slice %w axis 0 offset <16> : (tensor<35x12xf32>) -> tensor<16x12xf32>
    %v = attune.slice %w axis 0 offset <32> : (tensor<35x12xf32>) -> tensor<3x12xf32>
    %y = attune.linear %x, %u : (tensor<4x12xf32>, tensor<16x12xf32>) -> tensor<4x16xf32>
    %z = attune.linear %x, %v : (tensor<4x12xf32>, tensor<3x12xf32>) -> tensor<4x3xf32>
    return %y, %z : tensor<4x16xf32>, tensor<4x3xf32>
  }
}

// -----

func.func @residual(%x: tensor<4x12xf32>, %r: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %w = attune.param "w" : tensor<96x12xf32>
  %v = attune.slice %w axis 0 offset <24> : (tensor<96x12xf32>) -> tensor<16x12xf32>
  // expected-error @+1 {{has a residual and a weight that is no run of whole panels of 64 rows}}
  %y = attune.linear %x, %v residual %r : (tensor<4x12xf32>, tensor<16x12xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
  return %y : tensor<4x16xf32>
}

// -----

func.func @bias(%x: tensor<4x12xf32>) -> tensor<4x16xf32> {
  %w = attune.param "w" : tensor<96x12xf32>
  %b = attune.param "b" : tensor<16xf32>
  %v = attune.slice %w axis 0 offset <24> : (tensor<96x12xf32>) -> tensor<16x12xf32>
  // expected-error @+1 {{has a bias apart from its weight}}
  %y = attune.linear %x, %v bias %b : (tensor<4x12xf32>, tensor<16x12xf32>, tensor<16xf32>) -> tensor<4x16xf32>
  return %y : tensor<4x16xf32>
}
