// RUN: %attune-opt %s --verify-roundtrip | %attune-opt | FileCheck %s

// CHECK-LABEL: func.func @dot
func.func @dot(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x7x8xf32>) {
  // CHECK: attune.dot %{{.*}}, %{{.*}} scale 5.000000e-01 : (tensor<2x4x5x8xf32>, tensor<2x2x7x8xf32>) -> !attune.scores<2x4x5x7xf32>
  %s = attune.dot %q, %k scale 0.5 : (tensor<2x4x5x8xf32>, tensor<2x2x7x8xf32>) -> !attune.scores<2x4x5x7xf32>
  return
}

// Keys that are a weight are in panels after plan.
// CHECK-LABEL: func.func @dot_panels
func.func @dot_panels(%q: memref<2x4x5x8xf32>, %k: memref<1x2x3x8x16xf32>) {
  // CHECK: attune.dot %{{.*}}, %{{.*}} scale 5.000000e-01 : (memref<2x4x5x8xf32>, memref<1x2x3x8x16xf32>) -> !attune.scores<2x4x5x40xf32>
  %s = attune.dot %q, %k scale 0.5 : (memref<2x4x5x8xf32>, memref<1x2x3x8x16xf32>) -> !attune.scores<2x4x5x40xf32>
  return
}

// CHECK-LABEL: func.func @dot_bias
func.func @dot_bias(%q: tensor<2x4x5x8xf32>, %k: tensor<1x1x7x8xf32>, %b: tensor<4x7xf32>) {
  // CHECK: attune.dot %{{.*}}, %{{.*}} bias %{{.*}} scale 5.000000e-01 : (tensor<2x4x5x8xf32>, tensor<1x1x7x8xf32>, tensor<4x7xf32>) -> !attune.scores<2x4x5x7xf32>
  %s = attune.dot %q, %k bias %b scale 0.5 : (tensor<2x4x5x8xf32>, tensor<1x1x7x8xf32>, tensor<4x7xf32>) -> !attune.scores<2x4x5x7xf32>
  return
}

// CHECK-LABEL: func.func @additive
func.func @additive(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x7x8xf32>, %w: tensor<8xf32>) {
  // CHECK: attune.additive %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x4x5x8xf32>, tensor<2x2x7x8xf32>, tensor<8xf32>) -> !attune.scores<2x4x5x7xf32>
  %s = attune.additive %q, %k, %w : (tensor<2x4x5x8xf32>, tensor<2x2x7x8xf32>, tensor<8xf32>) -> !attune.scores<2x4x5x7xf32>
  return
}

// CHECK-LABEL: func.func @combine
func.func @combine(%s: !attune.scores<2x4x?x?xf32>, %w: tensor<4xf32>) {
  // CHECK: attune.combine %{{.*}}, %{{.*}} weights(%{{.*}}) coefficients [1.000000e+00, -2.000000e+00] index [0, -1] : (!attune.scores<2x4x?x?xf32>, !attune.scores<2x4x?x?xf32>, tensor<4xf32>) -> !attune.scores<2x4x?x?xf32>
  %0 = attune.combine %s, %s weights(%w) coefficients [1.0, -2.0] index [0, -1] : (!attune.scores<2x4x?x?xf32>, !attune.scores<2x4x?x?xf32>, tensor<4xf32>) -> !attune.scores<2x4x?x?xf32>
  return
}

// CHECK-LABEL: func.func @modify
func.func @modify(%s: !attune.scores<2x4x5x7xf32>, %bias: tensor<4xf32>) {
  // CHECK: attune.modify %{{.*}} {
  // CHECK-NEXT: ^bb0(%[[S:.*]]: f32, %{{.*}}: i32, %[[H:.*]]: i32, %{{.*}}: i32, %{{.*}}: i32, %{{.*}}: i32, %{{.*}}: i32, %{{.*}}: i32, %{{.*}}: i32):
  %0 = attune.modify %s {
  ^bb0(%x: f32, %b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    // CHECK-NEXT: %[[C:.*]] = attune.capture %{{.*}}[%[[H]]] : tensor<4xf32> -> f32
    %c = attune.capture %bias[%h] : tensor<4xf32> -> f32
    %y = arith.addf %x, %c : f32
    // CHECK: attune.yield %{{.*}} : f32
    attune.yield %y : f32
  // CHECK-NEXT: } : <2x4x5x7xf32> -> <2x4x5x7xf32>
  } : !attune.scores<2x4x5x7xf32> -> !attune.scores<2x4x5x7xf32>
  return
}

// CHECK-LABEL: func.func @index_scores
func.func @index_scores(%t: tensor<5x7xf32>) {
  // CHECK: attune.index_scores <B, 4, 5, 7> {
  // CHECK-NEXT: ^bb0(%{{.*}}: i32, %{{.*}}: i32, %[[Q:.*]]: i32, %[[K:.*]]: i32, %{{.*}}: i32, %{{.*}}: i32, %{{.*}}: i32, %{{.*}}: i32):
  %0 = attune.index_scores #attune.shape<B, 4, 5, 7> {
  ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    // CHECK-NEXT: %[[C:.*]] = attune.capture %{{.*}}[%[[Q]], %[[K]]] : tensor<5x7xf32> -> f32
    %c = attune.capture %t[%q, %k] : tensor<5x7xf32> -> f32
    // CHECK: attune.yield %[[C]] : f32
    attune.yield %c : f32
  // CHECK-NEXT: } : <?x4x5x7xf32>
  } : !attune.scores<?x4x5x7xf32>
  return
}
