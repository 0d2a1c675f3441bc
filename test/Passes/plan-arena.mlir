// RUN: %attune-opt %s --attune-plan-arena --split-input-file --verify-diagnostics | FileCheck %s

// %a is dead when %c is written: they share; %b is live with both.
// CHECK-LABEL: func.func @chain
// CHECK-SAME: attune.slots = [#attune.slot<[<48>]>, #attune.slot<[<48>]>]
func.func @chain(%x: memref<12xf32>, %y: memref<12xf32>) {
  // CHECK: memref.alloc() {attune.shape = #attune.shape<12>, attune.slot = 0 : i64}
  // CHECK: memref.alloc() {attune.shape = #attune.shape<12>, attune.slot = 1 : i64}
  // CHECK: memref.alloc() {attune.shape = #attune.shape<12>, attune.slot = 0 : i64}
  %a = memref.alloc() {attune.shape = #attune.shape<12>} : memref<12xf32>
  memref.copy %x, %a : memref<12xf32> to memref<12xf32>
  %b = memref.alloc() {attune.shape = #attune.shape<12>} : memref<12xf32>
  memref.copy %a, %b : memref<12xf32> to memref<12xf32>
  %c = memref.alloc() {attune.shape = #attune.shape<12>} : memref<12xf32>
  memref.copy %b, %c : memref<12xf32> to memref<12xf32>
  memref.copy %c, %y : memref<12xf32> to memref<12xf32>
  return
}

// A view keeps its buffer alive.
// CHECK-LABEL: func.func @view
func.func @view(%x: memref<12xf32>, %y: memref<12xf32>) {
  // CHECK: attune.slot = 0 : i64
  // CHECK: attune.slot = 1 : i64
  %a = memref.alloc() {attune.shape = #attune.shape<12>} : memref<12xf32>
  memref.copy %x, %a : memref<12xf32> to memref<12xf32>
  %v = memref.reinterpret_cast %a to offset: [0], sizes: [3, 4], strides: [4, 1] : memref<12xf32> to memref<3x4xf32>
  %b = memref.alloc() {attune.shape = #attune.shape<12>} : memref<12xf32>
  memref.copy %x, %b : memref<12xf32> to memref<12xf32>
  %w = memref.reinterpret_cast %b to offset: [0], sizes: [3, 4], strides: [4, 1] : memref<12xf32> to memref<3x4xf32>
  memref.copy %v, %w : memref<3x4xf32> to memref<3x4xf32>
  return
}

// A buffer that a loop reads lives to the end of the loop: what the loop
// allocates behind the read must not overwrite it for the next step.
// CHECK-LABEL: func.func @loop
func.func @loop(%x: memref<12xf32>, %y: memref<12xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  // CHECK: attune.slot = 0 : i64
  %a = memref.alloc() {attune.shape = #attune.shape<12>} : memref<12xf32>
  memref.copy %x, %a : memref<12xf32> to memref<12xf32>
  // CHECK: scf.for
  scf.for %i = %c0 to %c4 step %c1 {
    memref.copy %a, %y : memref<12xf32> to memref<12xf32>
    // CHECK: attune.slot = 1 : i64
    %b = memref.alloc() {attune.shape = #attune.shape<12>} : memref<12xf32>
    memref.copy %x, %b : memref<12xf32> to memref<12xf32>
    memref.copy %b, %y : memref<12xf32> to memref<12xf32>
  }
  // CHECK: attune.slot = 0 : i64
  %c = memref.alloc() {attune.shape = #attune.shape<12>} : memref<12xf32>
  memref.copy %x, %c : memref<12xf32> to memref<12xf32>
  return
}

// The attend reads the keys, long after the dot that names them.
// CHECK-LABEL: func.func @generator
func.func @generator(%q: memref<1x1x5x4xf32>, %v: memref<1x1x5x4xf32>, %y: memref<1x1x5x4xf32>) {
  // CHECK: attune.slot = 0 : i64
  // CHECK: attune.slot = 1 : i64
  %k = memref.alloc() {attune.shape = #attune.shape<1, 1, 5, 4>} : memref<1x1x5x4xf32>
  memref.copy %q, %k : memref<1x1x5x4xf32> to memref<1x1x5x4xf32>
  %s = attune.dot %q, %k scale 1.000000e+00 : (memref<1x1x5x4xf32>, memref<1x1x5x4xf32>) -> !attune.scores<1x1x5x5xf32>
  %t = memref.alloc() {attune.shape = #attune.shape<1, 1, 5, 4>} : memref<1x1x5x4xf32>
  memref.copy %v, %t : memref<1x1x5x4xf32> to memref<1x1x5x4xf32>
  attune.attend %s, %t into %y : (!attune.scores<1x1x5x5xf32>, memref<1x1x5x4xf32>, memref<1x1x5x4xf32>) -> ()
  return
}

// So does a mask that captures it.
// CHECK-LABEL: func.func @capture
func.func @capture(%q: memref<1x1x5x4xf32>, %n: memref<1xi32>, %y: memref<1x1x5x4xf32>) {
  // CHECK: attune.slot = 0 : i64
  // CHECK: attune.slot = 1 : i64
  %len = memref.alloc() {attune.shape = #attune.shape<1>} : memref<1xi32>
  memref.copy %n, %len : memref<1xi32> to memref<1xi32>
  %m = attune.mask {
  ^bb0(%b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %l = attune.capture %len[%b] : memref<1xi32> -> i32
    %keep = arith.cmpi slt, %ki, %l : i32
    attune.yield %keep : i1
  }
  %s = attune.dot %q, %q scale 1.000000e+00 : (memref<1x1x5x4xf32>, memref<1x1x5x4xf32>) -> !attune.scores<1x1x5x5xf32>
  %t = memref.alloc() {attune.shape = #attune.shape<1>} : memref<1xi32>
  memref.copy %n, %t : memref<1xi32> to memref<1xi32>
  attune.attend %s, %q mask %m into %y : (!attune.scores<1x1x5x5xf32>, memref<1x1x5x4xf32>, !attune.mask, memref<1x1x5x4xf32>) -> ()
  return
}

// Sizes are polynomials: 2 * B bounds B, and nothing is known of B and T, so that
// the slot is the larger one of 2 * B and T floats.
// CHECK-LABEL: func.func @symbolic
// CHECK-SAME: attune.slots = [#attune.slot<[<8 * B>, <4 * T>]>]
func.func @symbolic(%b: index, %t: index, %x: memref<?xf32>) {
  %a = memref.alloc(%b) {attune.shape = #attune.shape<B>} : memref<?xf32>
  memref.copy %x, %a : memref<?xf32> to memref<?xf32>
  %c = memref.alloc(%b) {attune.shape = #attune.shape<2, B>} : memref<2x?xf32>
  memref.copy %c, %c : memref<2x?xf32> to memref<2x?xf32>
  %d = memref.alloc(%t) {attune.shape = #attune.shape<T>} : memref<?xf32>
  memref.copy %x, %d : memref<?xf32> to memref<?xf32>
  return
}

// -----

func.func @no_shape(%t: index) {
  // expected-error @+1 {{has no `attune.shape` or has a layout}}
  %a = memref.alloc(%t) : memref<?xf32>
  return
}
