// RUN: %attune-opt %s --attune-normalize-scores | FileCheck %s

!t = tensor<1x2x5x4xf32>
!s = !attune.scores<1x2x5x5xf32>

// A factor of one dot goes into its scale; nothing is left of the combine.
// CHECK-LABEL: func.func @scale
func.func @scale(%q: !t, %k: !t, %v: !t) -> !t {
  // CHECK: %[[S:.*]] = attune.dot %{{.*}} scale 1.000000e+00
  // CHECK-NOT: attune.combine
  // CHECK: attune.attend %[[S]]
  %s = attune.dot %q, %k scale 0.5 : (!t, !t) -> !s
  %c = attune.combine %s coefficients [2.0] index [-1] : (!s) -> !s
  %o = attune.attend %c, %v : (!s, !t) -> !t
  return %o : !t
}

// Sums of sums are one sum; factors are multiplied; the head weight stays.
// CHECK-LABEL: func.func @flatten
func.func @flatten(%q: !t, %k: !t, %v: !t, %w: tensor<2xf32>) -> !t {
  // CHECK-DAG: %[[A:.*]] = attune.dot %{{.*}} scale 3.000000e+00
  // CHECK-DAG: %[[B:.*]] = attune.dot %{{.*}} scale -1.200000e+01
  // CHECK: attune.combine %[[A]], %[[B]] weights(%{{.*}}) coefficients [1.000000e+00, 1.000000e+00] index [-1, 0]
  %s0 = attune.dot %q, %k scale 1.0 : (!t, !t) -> !s
  %s1 = attune.dot %k, %q scale 2.0 : (!t, !t) -> !s
  %c = attune.combine %s0, %s1 weights(%w) coefficients [-1.0, 2.0] index [-1, 0] : (!s, !s, tensor<2xf32>) -> !s
  %d = attune.combine %c coefficients [-3.0] index [-1] : (!s) -> !s
  %o = attune.attend %d, %v : (!s, !t) -> !t
  return %o : !t
}

// One head weight of two terms stays with both, and is listed once.
// CHECK-LABEL: func.func @shared_weight
func.func @shared_weight(%q: !t, %k: !t, %v: !t, %w: tensor<2xf32>) -> !t {
  // CHECK: attune.combine %{{.*}}, %{{.*}}, %{{.*}} weights(%{{[^,]*}}) coefficients [1.000000e+00, 1.000000e+00, 1.000000e+00] index [0, 0, -1]
  %s0 = attune.dot %q, %k scale 1.0 : (!t, !t) -> !s
  %s1 = attune.dot %k, %q scale 2.0 : (!t, !t) -> !s
  %s2 = attune.dot %q, %q scale 3.0 : (!t, !t) -> !s
  %c = attune.combine %s0, %s1 weights(%w) coefficients [1.0, 1.0] index [0, 0] : (!s, !s, tensor<2xf32>) -> !s
  %d = attune.combine %c, %s2 coefficients [1.0, 1.0] index [-1, -1] : (!s, !s) -> !s
  %o = attune.attend %d, %v : (!s, !t) -> !t
  return %o : !t
}

// Doubling a score forty times is a factor, not 2^40 terms.
// CHECK-LABEL: func.func @double
func.func @double(%q: !t, %k: !t, %v: !t) -> !t {
  // CHECK: attune.dot %{{.*}} scale 8.000000e+00
  // CHECK-NOT: attune.combine
  // CHECK: return
  %s = attune.dot %q, %k scale 1.0 : (!t, !t) -> !s
  %a = attune.combine %s, %s coefficients [1.0, 1.0] index [-1, -1] : (!s, !s) -> !s
  %b = attune.combine %a, %a coefficients [1.0, 1.0] index [-1, -1] : (!s, !s) -> !s
  %c = attune.combine %b, %b coefficients [1.0, 1.0] index [-1, -1] : (!s, !s) -> !s
  %o = attune.attend %c, %v : (!s, !t) -> !t
  return %o : !t
}

// A product of two head weights is one; a function is not linear.
// CHECK-LABEL: func.func @kept
func.func @kept(%q: !t, %k: !t, %v: !t, %w: tensor<2xf32>) -> !t {
  // CHECK: attune.dot %{{.*}} scale 1.000000e+00
  // CHECK: %[[W:.*]] = attune.elementwise <mul> %{{.*}}, %{{.*}} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  // CHECK: attune.combine %{{.*}} weights(%[[W]]) coefficients [1.000000e+00] index [0]
  // CHECK-NOT: attune.combine
  // CHECK: attune.modify
  // CHECK: attune.combine {{.*}} coefficients [2.000000e+00] index [-1]
  %s = attune.dot %q, %k scale 1.0 : (!t, !t) -> !s
  %a = attune.combine %s weights(%w) coefficients [1.0] index [0] : (!s, tensor<2xf32>) -> !s
  %b = attune.combine %a weights(%w) coefficients [1.0] index [0] : (!s, tensor<2xf32>) -> !s
  %m = attune.modify %b {
  ^bb0(%x: f32, %bi: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %t = math.tanh %x : f32
    attune.yield %t : f32
  } : !s -> !s
  %c = attune.combine %m coefficients [2.0] index [-1] : (!s) -> !s
  %o = attune.attend %c, %v : (!s, !t) -> !t
  return %o : !t
}

// Synthesizer sources are said with dot and index_scores.
// CHECK-LABEL: func.func @synthesizers
func.func @synthesizers(%x: tensor<2x4x5x8xf32>, %w: tensor<1x5x8xf32>, %b: tensor<4x5xf32>, %r: tensor<2x5x5xf32>, %l: tensor<2x4x5x2xf32>, %m: tensor<2x1x5x3xf32>, %v: tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32> {
  // CHECK-DAG: %[[KEYS:.*]] = attune.reshape %{{.*}} : (tensor<1x5x8xf32>) -> tensor<1x1x5x8xf32>
  // CHECK-DAG: attune.dot %{{.*}}, %[[KEYS]] bias %{{.*}} scale 1.000000e+00
  %s0 = attune.dense %x, %w bias %b : (tensor<2x4x5x8xf32>, tensor<1x5x8xf32>, tensor<4x5xf32>) -> !attune.scores<2x4x5x5xf32>
  // CHECK: attune.index_scores <2, 4, 5, 5> {
  // CHECK: ^bb0(%{{[a-z0-9]+}}: i32, %[[H:[a-z0-9]+]]: i32, %[[Q:[a-z0-9]+]]: i32, %[[K:[a-z0-9]+]]: i32,
  // CHECK: %[[HR:.*]] = arith.divui %[[H]], %{{.*}} : i32
  // CHECK: attune.capture %{{.*}}[%[[HR]], %[[Q]], %[[K]]] : tensor<2x5x5xf32> -> f32
  %s1 = attune.random %r <2, 4, 5, 5> : tensor<2x5x5xf32> -> !attune.scores<2x4x5x5xf32>
  // CHECK: attune.index_scores <2, 4, 5, 5> {
  // CHECK-DAG: arith.remui %{{.*}}, %{{.*}} : i32
  // CHECK-DAG: arith.divui %{{.*}}, %{{.*}} : i32
  // CHECK: arith.mulf
  %s2 = attune.factorized_dense %l, %m <repeat_tile> <2, 4, 5, 5> : (tensor<2x4x5x2xf32>, tensor<2x1x5x3xf32>) -> !attune.scores<2x4x5x5xf32>
  // CHECK: attune.dot %{{.*}}, %{{.*}} scale 1.000000e+00 : (tensor<1x4x5x8xf32>, tensor<1x1x5x8xf32>)
  %wide = arith.constant dense<0.5> : tensor<4x5x8xf32>
  %s3 = attune.factorized_random %wide, %w <2, 4, 5, 5> : (tensor<4x5x8xf32>, tensor<1x5x8xf32>) -> !attune.scores<2x4x5x5xf32>
  // A factor cannot go into the scale of a dot with a key bias.
  // CHECK: attune.combine {{.*}} coefficients [2.000000e+00, 1.000000e+00, 1.000000e+00, 1.000000e+00]
  %c = attune.combine %s0, %s1, %s2, %s3 coefficients [2.0, 1.0, 1.0, 1.0] index [-1, -1, -1, -1] : (!attune.scores<2x4x5x5xf32>, !attune.scores<2x4x5x5xf32>, !attune.scores<2x4x5x5xf32>, !attune.scores<2x4x5x5xf32>) -> !attune.scores<2x4x5x5xf32>
  %o = attune.attend %c, %v : (!attune.scores<2x4x5x5xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return %o : tensor<2x4x5x8xf32>
}
