// RUN: %attune-opt %s --attune-fuse-gate | FileCheck %s
// RUN: %attune-opt %s --attune-fuse-gate --remarks-filter=fuse --remark-format=emitRemark -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

!x = tensor<3x5x8xf32>
!t = tensor<5x3x8xf32>
!w = tensor<1x5x5xf32>
!n = tensor<8xf32>

// The spatial gating unit with positions first, tiny attention and a function:
// everything is in the gate's layout, nothing is left around it but views.
// CHECK-LABEL: func.func @unit
// CHECK-SAME: %[[W:[^:]*]]: tensor<1x5x5xf32>, %[[X:[^:]*]]: tensor<5x3x8xf32>, %[[Z:[^:]*]]: tensor<5x3x8xf32>, %[[A:[^:]*]]: tensor<5x3x8xf32>, %[[G:[^:]*]]: tensor<8xf32>, %[[B:[^:]*]]: tensor<8xf32>)
func.func @unit(%w: !w, %x: !t, %z: !t, %a: !t, %g: !n, %b: !n) -> !t {
  // REMARK-DAG: [Passed] epilogue {{.*}}"layer norm fused into spatial_gate"
  // REMARK-DAG: [Passed] epilogue {{.*}}"addition fused into spatial_gate"
  // REMARK-DAG: [Passed] epilogue {{.*}}"gelu fused into spatial_gate"
  // REMARK-DAG: [Passed] epilogue {{.*}}"product fused into spatial_gate"
  // CHECK-DAG: %[[XT:.*]] = attune.transpose %[[X]] permutation [1, 0, 2]
  // CHECK-DAG: %[[ZT:.*]] = attune.transpose %[[Z]] permutation [1, 0, 2]
  // CHECK-DAG: %[[AT:.*]] = attune.transpose %[[A]] permutation [1, 0, 2]
  // CHECK: %[[Y:.*]] = attune.spatial_gate %[[W]], %[[XT]] added %[[AT]] gate %[[ZT]] norm(%[[G]], %[[B]]) {activation = #attune.activation<gelu>, epsilon = 1.250000e-01 : f64}
  // CHECK-NEXT: %[[R:.*]] = attune.transpose %[[Y]] permutation [1, 0, 2]
  // CHECK-NEXT: return %[[R]]
  %0 = attune.layer_norm %x gamma %g beta %b eps 1.25e-01 : (!t, !n, !n) -> !t
  %1 = attune.transpose %0 permutation [1, 0, 2] : (!t) -> !x
  %2 = attune.spatial_gate %w, %1 : (!w, !x) -> !x
  %3 = attune.transpose %2 permutation [1, 0, 2] : (!x) -> !t
  %4 = attune.elementwise <add> %3, %a : (!t, !t) -> !t
  %5 = attune.activation <gelu> %4 : (!t) -> !t
  %6 = attune.elementwise <mul> %z, %5 : (!t, !t) -> !t
  return %6 : !t
}

// One sequence: [T, C] is [1, T, C].
// CHECK-LABEL: func.func @rank2
func.func @rank2(%w: !w, %x: tensor<5x8xf32>, %z: tensor<5x8xf32>) -> tensor<5x8xf32> {
  // CHECK: %[[Y:.*]] = attune.spatial_gate {{.*}} gate %{{.*}} :
  // CHECK-NEXT: %[[R:.*]] = attune.reshape %[[Y]]
  // CHECK-NEXT: return %[[R]]
  %0 = attune.reshape %x : (tensor<5x8xf32>) -> tensor<1x5x8xf32>
  %1 = attune.spatial_gate %w, %0 : (!w, tensor<1x5x8xf32>) -> tensor<1x5x8xf32>
  %2 = attune.reshape %1 : (tensor<1x5x8xf32>) -> tensor<5x8xf32>
  %3 = attune.elementwise <mul> %2, %z : (tensor<5x8xf32>, tensor<5x8xf32>) -> tensor<5x8xf32>
  return %3 : tensor<5x8xf32>
}

// What comes after the product stays outside, and so does what is read twice.
// CHECK-LABEL: func.func @missed
func.func @missed(%w: !w, %x: !x, %z: !x, %g: !n, %b: !n) -> (!x, !x, !x) {
  // REMARK-DAG: [Missed] epilogue {{.*}}"layer norm not fused into spatial_gate: the norm's result has other uses"
  // REMARK-DAG: [Missed] epilogue {{.*}}"addition not fused into spatial_gate: the gate has a product already"
  // REMARK-DAG: [Missed] epilogue {{.*}}"relu not fused into spatial_gate: the gate's result has other uses"
  // REMARK-DAG: [Missed] epilogue {{.*}}"exp not fused into spatial_gate: no epilogue computes this function"
  // CHECK: attune.layer_norm
  // CHECK: attune.spatial_gate {{.*}} gate %{{[^ ]*}} :
  // CHECK: attune.elementwise <add>
  // CHECK: attune.activation <relu>
  // CHECK: attune.activation <exp>
  %0 = attune.layer_norm %x gamma %g beta %b eps 1.25e-01 : (!x, !n, !n) -> !x
  %1 = attune.spatial_gate %w, %0 : (!w, !x) -> !x
  %2 = attune.elementwise <mul> %1, %z : (!x, !x) -> !x
  %3 = attune.elementwise <add> %2, %0 : (!x, !x) -> !x
  %4 = attune.spatial_gate %w, %x : (!w, !x) -> !x
  %5 = attune.activation <relu> %4 : (!x) -> !x
  %6 = attune.elementwise <add> %5, %4 : (!x, !x) -> !x
  %7 = attune.spatial_gate %w, %x : (!w, !x) -> !x
  %8 = attune.activation <exp> %7 : (!x) -> !x
  return %3, %6, %8 : !x, !x, !x
}

// A norm without weights, a factor of another shape.
// CHECK-LABEL: func.func @shapes
func.func @shapes(%w: !w, %x: !x, %z: tensor<5x8xf32>) -> !x {
  // REMARK-DAG: [Missed] epilogue {{.*}}"layer norm not fused into spatial_gate: it lacks a scale or an offset"
  // REMARK-DAG: [Missed] epilogue {{.*}}"product not fused into spatial_gate: the other operand has another shape"
  // CHECK: attune.layer_norm
  // CHECK: attune.spatial_gate
  // CHECK: attune.elementwise <mul>
  %0 = attune.layer_norm %x eps 1.25e-01 : (!x) -> !x
  %1 = attune.spatial_gate %w, %0 : (!w, !x) -> !x
  %2 = attune.elementwise <mul> %1, %z : (!x, tensor<5x8xf32>) -> !x
  return %2 : !x
}
