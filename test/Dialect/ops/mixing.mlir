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
