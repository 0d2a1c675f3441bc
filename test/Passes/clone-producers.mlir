// RUN: %attune-opt %s --attune-clone-producers --attune-verify-normalized | FileCheck %s

!t = tensor<1x2x5x4xf32>
!s = !attune.scores<1x2x5x5xf32>

// Two attends of one score and mask: the second user keeps the original.
// CHECK-LABEL: func.func @shared
func.func @shared(%q: !t, %k: !t, %v: !t) -> (!t, !t) {
  // CHECK-COUNT-2: attune.mask {
  // CHECK-NOT: attune.mask {
  // CHECK: return
  %m = attune.mask {
  ^bb0(%b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %keep = arith.cmpi sle, %ki, %qi : i32
    attune.yield %keep : i1
  }
  %s = attune.dot %q, %k scale 1.0 : (!t, !t) -> !s
  %o = attune.attend %s, %v mask %m : (!s, !t, !attune.mask) -> !t
  %p = attune.attend %s, %o mask %m : (!s, !t, !attune.mask) -> !t
  return %o, %p : !t, !t
}

// A mask outside of a loop comes in with what it captures.
// CHECK-LABEL: func.func @into_loop
// CHECK-SAME: %[[LEN:[^:]*]]: tensor<1xi32>
func.func @into_loop(%x: !t, %len: tensor<1xi32>) -> !t {
  // CHECK-NEXT: attune.for
  // CHECK: attune.mask
  // CHECK: attune.capture %[[LEN]]
  // CHECK: attune.attend
  %m = attune.mask {
  ^bb0(%b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %l = attune.capture %len[%b] : tensor<1xi32> -> i32
    %keep = arith.cmpi slt, %ki, %l : i32
    attune.yield %keep : i1
  }
  %r = attune.for "i" from 0 to 6 carry(%x : !t) {
  ^bb0(%i: index, %c: !t):
    %s = attune.dot %c, %c scale 1.0 : (!t, !t) -> !s
    %o = attune.attend %s, %c mask %m : (!s, !t, !attune.mask) -> !t
    attune.yield %o : !t
  } : !t
  return %r : !t
}

// Nothing to do, nothing done.
// CHECK-LABEL: func.func @owned
func.func @owned(%q: !t, %k: !t, %v: !t) -> !t {
  // CHECK-NEXT: attune.dot
  // CHECK-NEXT: attune.attend
  // CHECK-NEXT: return
  %s = attune.dot %q, %k scale 1.0 : (!t, !t) -> !s
  %o = attune.attend %s, %v : (!s, !t) -> !t
  return %o : !t
}

// A mask of an attend and of a gate.
// CHECK-LABEL: func.func @gate
func.func @gate(%q: !t, %w: tensor<1x5x5xf32>, %x: tensor<2x5x8xf32>) -> (!t, tensor<2x5x8xf32>) {
  // CHECK-COUNT-2: attune.mask {
  // CHECK-NOT: attune.mask {
  // CHECK: return
  %m = attune.mask {
  ^bb0(%b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %keep = arith.cmpi sle, %ki, %qi : i32
    attune.yield %keep : i1
  }
  %s = attune.dot %q, %q scale 1.0 : (!t, !t) -> !s
  %o = attune.attend %s, %q mask %m : (!s, !t, !attune.mask) -> !t
  %p = attune.spatial_gate %w, %x mask %m : (tensor<1x5x5xf32>, tensor<2x5x8xf32>, !attune.mask) -> tensor<2x5x8xf32>
  return %o, %p : !t, tensor<2x5x8xf32>
}
