// RUN: %attune-opt %s --verify-roundtrip | %attune-opt | FileCheck %s

// CHECK-LABEL: func.func @attend
func.func @attend(%s: !attune.scores<2x4x5x7xf32>, %v: tensor<2x2x7x3xf32>, %m: !attune.mask) {
  // CHECK: attune.attend %{{.*}}, %{{.*}} : (!attune.scores<2x4x5x7xf32>, tensor<2x2x7x3xf32>) -> tensor<2x4x5x3xf32>
  %0 = attune.attend %s, %v : (!attune.scores<2x4x5x7xf32>, tensor<2x2x7x3xf32>) -> tensor<2x4x5x3xf32>
  // CHECK: attune.attend %{{.*}}, %{{.*}} mask %{{.*}} {empty_row = #attune.empty_row<uniform>} : (!attune.scores<2x4x5x7xf32>, tensor<2x2x7x3xf32>, !attune.mask) -> tensor<2x4x5x3xf32>
  %1 = attune.attend %s, %v mask %m {empty_row = #attune.empty_row<uniform>} : (!attune.scores<2x4x5x7xf32>, tensor<2x2x7x3xf32>, !attune.mask) -> tensor<2x4x5x3xf32>
  return
}

// CHECK-LABEL: func.func @attend_into
func.func @attend_into(%s: !attune.scores<?x4x?x?xf32>, %v: memref<?x4x?x3xf32>, %o: memref<?x4x?x3xf32>) {
  // CHECK: attune.attend %{{.*}}, %{{.*}} into %{{.*}} : (!attune.scores<?x4x?x?xf32>, memref<?x4x?x3xf32>, memref<?x4x?x3xf32>) -> ()
  attune.attend %s, %v into %o : (!attune.scores<?x4x?x?xf32>, memref<?x4x?x3xf32>, memref<?x4x?x3xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @attend_probs_lse
func.func @attend_probs_lse(%s: !attune.scores<2x4x5x7xf32>, %v: tensor<2x2x7x3xf32>) {
  // CHECK: %{{.*}}:2 = attune.attend %{{.*}}, %{{.*}} {lse} : (!attune.scores<2x4x5x7xf32>, tensor<2x2x7x3xf32>) -> (tensor<2x4x5x3xf32>, tensor<2x4x5xf32>)
  %0:2 = attune.attend %s, %v {lse} : (!attune.scores<2x4x5x7xf32>, tensor<2x2x7x3xf32>) -> (tensor<2x4x5x3xf32>, tensor<2x4x5xf32>)
  // CHECK: %{{.*}}:3 = attune.attend %{{.*}}, %{{.*}} {lse, probs} : (!attune.scores<2x4x5x7xf32>, tensor<2x2x7x3xf32>) -> (tensor<2x4x5x3xf32>, tensor<2x4x5x7xf32>, tensor<2x4x5xf32>)
  %1:3 = attune.attend %s, %v {probs, lse} : (!attune.scores<2x4x5x7xf32>, tensor<2x2x7x3xf32>) -> (tensor<2x4x5x3xf32>, tensor<2x4x5x7xf32>, tensor<2x4x5xf32>)
  return
}

// CHECK-LABEL: func.func @attend_probs_into
func.func @attend_probs_into(%s: !attune.scores<?x4x?x?xf32>, %v: memref<?x4x?x3xf32>, %o: memref<?x4x?x3xf32>, %p: memref<?x4x?x?xf32>) {
  // CHECK: attune.attend %{{.*}}, %{{.*}} into %{{.*}}, %{{.*}} {probs} :
  attune.attend %s, %v into %o, %p {probs} : (!attune.scores<?x4x?x?xf32>, memref<?x4x?x3xf32>, memref<?x4x?x3xf32>, memref<?x4x?x?xf32>) -> ()
  return
}
