// RUN: %attune-opt %s --attune-fuse-epilogue | FileCheck %s
// RUN: %attune-opt %s --attune-fuse-epilogue --remarks-filter=fuse --remark-format=emitRemark -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

!x = tensor<4x12xf32>
!y = tensor<4x6xf32>

// CHECK-LABEL: func.func @all
func.func @all(%x: !x, %r: !y) -> !y {
  // REMARK: [[@LINE+10]]:{{.*}} [Passed] epilogue {{.*}}"bias fused into linear"
  // REMARK: [[@LINE+10]]:{{.*}} [Passed] epilogue {{.*}}"gelu fused into linear"
  // REMARK: [[@LINE+10]]:{{.*}} [Passed] epilogue {{.*}}"residual fused into linear"
  // CHECK: %[[B:.*]] = attune.param "b"
  // CHECK-NEXT: %[[Y:.*]] = attune.linear %{{.*}}, %{{.*}} bias %[[B]] residual %{{.*}} {activation = #attune.activation<gelu>}
  // CHECK-NEXT: return %[[Y]]
  %w = attune.param "w" : tensor<6x12xf32>
  %b = attune.param "b" : tensor<6xf32>

  %y = attune.linear %x, %w : (!x, tensor<6x12xf32>) -> !y
  %z = attune.elementwise <add> %y, %b : (!y, tensor<6xf32>) -> !y
  %a = attune.activation <gelu> %z : (!y) -> !y
  %o = attune.elementwise <add> %r, %a : (!y, !y) -> !y
  return %o : !y
}

// Of two linears one is the other's residual.
// CHECK-LABEL: func.func @two
func.func @two(%x: !x) -> !y {
  // CHECK: %[[A:.*]] = attune.linear
  // CHECK: attune.linear {{.*}} residual %[[A]]
  // CHECK-NOT: attune.elementwise
  // CHECK: return
  %w = attune.param "w" : tensor<6x12xf32>
  %v = attune.param "v" : tensor<6x12xf32>
  %a = attune.linear %x, %w : (!x, tensor<6x12xf32>) -> !y
  %b = attune.linear %x, %v : (!x, tensor<6x12xf32>) -> !y
  %o = attune.elementwise <add> %a, %b : (!y, !y) -> !y
  return %o : !y
}

// The residual may be made after the linear.
// CHECK-LABEL: func.func @late_residual
func.func @late_residual(%x: !x, %r: !y) -> !y {
  // CHECK: %[[R:.*]] = attune.activation <relu>
  // CHECK: attune.linear {{.*}} residual %[[R]]
  %w = attune.param "w" : tensor<6x12xf32>
  %a = attune.linear %x, %w : (!x, tensor<6x12xf32>) -> !y
  %s = attune.activation <relu> %r : (!y) -> !y
  %o = attune.elementwise <add> %a, %s : (!y, !y) -> !y
  return %o : !y
}

// Rows within panels take their own rows of a bias, and no residual.
// CHECK-LABEL: func.func @rows
func.func @rows(%x: !x, %r: !y) -> !y {
  // CHECK: attune.linear {{.*}} bias %
  // CHECK: attune.elementwise <add>
  // CHECK-NOT: attune.elementwise
  %w = attune.param "w" : tensor<96x12xf32>
  %b = attune.param "b" : tensor<96xf32>
  %v = attune.slice %w axis 0 offset <24> : (tensor<96x12xf32>) -> tensor<6x12xf32>
  %c = attune.slice %b axis 0 offset <24> : (tensor<96xf32>) -> tensor<6xf32>
  %y = attune.linear %x, %v : (!x, tensor<6x12xf32>) -> !y
  %z = attune.elementwise <add> %y, %c : (!y, tensor<6xf32>) -> !y
  // REMARK: [[@LINE+1]]:{{.*}} [Missed] epilogue {{.*}}"addition not fused into linear: the linear's rows of the weight are no whole panels"
  %o = attune.elementwise <add> %z, %r : (!y, !y) -> !y
  return %o : !y
}

// What is added after an activation is no bias: that comes before it.
// CHECK-LABEL: func.func @bias_after_activation
func.func @bias_after_activation(%x: !x) -> !y {
  // CHECK: %[[Y:.*]] = attune.linear %{{.*}}, %{{[^ ]*}} {activation = #attune.activation<relu>}
  // CHECK: attune.elementwise <add> %[[Y]],
  %w = attune.param "w" : tensor<6x12xf32>
  %b = attune.param "b" : tensor<6xf32>
  %y = attune.linear %x, %w : (!x, tensor<6x12xf32>) -> !y
  %a = attune.activation <relu> %y : (!y) -> !y
  // REMARK: [[@LINE+1]]:{{.*}} [Missed] epilogue {{.*}}"addition not fused into linear: the other operand has another shape"
  %o = attune.elementwise <add> %a, %b : (!y, tensor<6xf32>) -> !y
  return %o : !y
}

// CHECK-LABEL: func.func @missed
func.func @missed(%x: !x, %c: tensor<f32>) -> (!y, !y, !y, !y, !y) {
  // CHECK: attune.activation <relu>
  // CHECK: attune.activation <exp>
  // CHECK: attune.activation <relu>
  // CHECK: attune.elementwise <add>
  // CHECK: attune.elementwise <mul>
  %w = attune.param "w" : tensor<6x12xf32>
  %y0 = attune.linear %x, %w : (!x, tensor<6x12xf32>) -> !y
  // REMARK: [[@LINE+1]]:{{.*}} [Missed] epilogue {{.*}}"relu not fused into linear: the linear's result has other uses"
  %a = attune.activation <relu> %y0 : (!y) -> !y
  %y1 = attune.linear %x, %w : (!x, tensor<6x12xf32>) -> !y
  // REMARK: [[@LINE+1]]:{{.*}} [Missed] epilogue {{.*}}"exp not fused into linear: no epilogue computes this function"
  %b = attune.activation <exp> %y1 : (!y) -> !y
  %y2 = attune.linear %x, %w residual %y0 : (!x, tensor<6x12xf32>, !y) -> !y
  // REMARK: [[@LINE+1]]:{{.*}} [Missed] epilogue {{.*}}"relu not fused into linear: the linear has an activation or a residual already"
  %d = attune.activation <relu> %y2 : (!y) -> !y
  %y3 = attune.linear %x, %w : (!x, tensor<6x12xf32>) -> !y
  // REMARK: [[@LINE+1]]:{{.*}} [Missed] epilogue {{.*}}"addition not fused into linear: the other operand has another shape"
  %e = attune.elementwise <add> %y3, %c : (!y, tensor<f32>) -> !y
  %y4 = attune.linear %x, %w : (!x, tensor<6x12xf32>) -> !y
  // REMARK-NOT: Missed
  %f = attune.elementwise <mul> %y4, %a : (!y, !y) -> !y
  return %a, %b, %d, %e, %f : !y, !y, !y, !y, !y
}
