// RUN: %attune-opt %s --attune-tile-kernels --split-input-file | FileCheck %s
// RUN: %attune-opt %s --attune-tile-kernels --split-input-file --remarks-filter=mask --remark-format=emitRemark 2>&1 | FileCheck %s --check-prefix=REMARK

// Causal attention: the last query of the tile bounds the keys, the first one
// the full part; the packed keys are capped at the budget and one head.

// CHECK-LABEL: func.func @causal
// CHECK-SAME: attune.slots = [#attune.slot<[<904 * B * T + 8320 * B>] caps[<452 * T + 16781376>]>, #attune.slot<[<{{[0-9]+}}>]>]
// CHECK: attune.kernel <attend>
// CHECK-SAME: blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
// CHECK: ^bb0(%{{.*}}: index, %{{.*}}: index, %[[FIRST:.*]]: index, %[[LAST:.*]]: index, %{{.*}}: index, %[[NK:.*]]: index):
// CHECK-NOT: attune.attend
// CHECK-NOT: attune.dot
// REMARK: key ranges in closed form
module attributes {attune.target = #attune.target<cpu = "haswell", vector_width = 8, registers = 16, l1 = 32768, l2 = 1048576, features = "+avx2,+fma">} {
  func.func @causal(%q: memref<?x2x?x64xf32> {attune.shape = #attune.shape<B, 2, T, 64>},
                    %k: memref<?x2x?x64xf32>, %v: memref<?x2x?x40xf32>, %o: memref<?x2x?x40xf32>) {
    %s = attune.dot %q, %k scale 1.250000e-01
      : (memref<?x2x?x64xf32>, memref<?x2x?x64xf32>) -> !attune.scores<?x2x?x?xf32>
    %m = attune.mask {
    ^bb0(%b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %c = arith.cmpi sle, %ki, %qi : i32
      attune.yield %c : i1
    }
    attune.attend %s, %v mask %m into %o {attune.value_shape = #attune.shape<B, 2, T, 40>}
      : (!attune.scores<?x2x?x?xf32>, memref<?x2x?x40xf32>, !attune.mask, memref<?x2x?x40xf32>) -> ()
    return
  }
}

// -----

// A flag at each key has no closed form, but bounds over blocks of keys. They
// take 8 + 2 * 8 floats of each worker's scratch.

// CHECK-LABEL: func.func @keep
// CHECK: attune.kernel <attend>
// REMARK: bounds of the arrays over blocks of keys decide where there is no closed form: empty blocks are skipped, full ones carry no mask code
module attributes {attune.target = #attune.target<cpu = "haswell", vector_width = 8, registers = 16, l1 = 32768, l2 = 262144, features = "+avx2,+fma">} {
  func.func @keep(%q: memref<?x2x?x64xf32>, %k: memref<?x2x?x64xf32>, %v: memref<?x2x?x64xf32>,
                  %flags: memref<?x?xi8>, %o: memref<?x2x?x64xf32>) {
    %s = attune.dot %q, %k scale 1.250000e-01
      : (memref<?x2x?x64xf32>, memref<?x2x?x64xf32>) -> !attune.scores<?x2x?x?xf32>
    %m = attune.mask {
    ^bb0(%b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %true = arith.constant true
      %f = attune.capture %flags[%b, %ki] : memref<?x?xi8> -> i1
      %c = arith.xori %f, %true : i1
      attune.yield %c : i1
    }
    attune.attend %s, %v mask %m into %o {attune.value_shape = #attune.shape<B, 2, T, 64>}
      : (!attune.scores<?x2x?x?xf32>, memref<?x2x?x64xf32>, !attune.mask, memref<?x2x?x64xf32>) -> ()
    return
  }
}

// -----

// A flag of each pair of positions has no bounds over a block of keys.

// CHECK-LABEL: func.func @pairs
// CHECK: attune.kernel <attend>
// REMARK: mask evaluated per element where undecided: it reads an array at each key
module attributes {attune.target = #attune.target<cpu = "haswell", vector_width = 8, registers = 16, l1 = 32768, l2 = 262144, features = "+avx2,+fma">} {
  func.func @pairs(%q: memref<?x2x?x64xf32>, %k: memref<?x2x?x64xf32>, %v: memref<?x2x?x64xf32>,
                  %flags: memref<?x?x?xi8>, %o: memref<?x2x?x64xf32>) {
    %s = attune.dot %q, %k scale 1.250000e-01
      : (memref<?x2x?x64xf32>, memref<?x2x?x64xf32>) -> !attune.scores<?x2x?x?xf32>
    %m = attune.mask {
    ^bb0(%b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %true = arith.constant true
      %f = attune.capture %flags[%b, %qi, %ki] : memref<?x?x?xi8> -> i1
      %c = arith.xori %f, %true : i1
      attune.yield %c : i1
    }
    attune.attend %s, %v mask %m into %o {attune.value_shape = #attune.shape<B, 2, T, 64>}
      : (!attune.scores<?x2x?x?xf32>, memref<?x2x?x64xf32>, !attune.mask, memref<?x2x?x64xf32>) -> ()
    return
  }
}

// -----

// A linear layer with everything in its epilogue.

// CHECK-LABEL: func.func @linear
// CHECK: attune.kernel <gemm> lhs(%{{.*}}) rhs(%{{.*}}) bias(%{{.*}}) residual(%{{.*}}) out(%{{.*}})
// CHECK: activation = #attune.activation<gelu>
// CHECK-NOT: attune.linear
module attributes {attune.target = #attune.target<cpu = "znver5", vector_width = 16, registers = 32, l1 = 32768, l2 = 262144, features = "+avx512f">} {
  func.func @linear(%x: memref<?x48xf32>, %w: memref<3x48x32xf32>, %b: memref<96xf32>, %r: memref<?x80xf32>, %y: memref<?x80xf32>) {
    attune.linear %x, %w bias %b residual %r into %y {activation = #attune.activation<gelu>}
      : (memref<?x48xf32>, memref<3x48x32xf32>, memref<96xf32>, memref<?x80xf32>, memref<?x80xf32>) -> ()
    return
  }
}

// -----

// Score functions are applied innermost first, sums become a source list.

// CHECK-LABEL: func.func @scores
// CHECK: attune.kernel <attend> lhs(%{{.*}}, %{{.*}}) rhs(%{{.*}}, %{{.*}})
// CHECK: arith.addf
// CHECK: math.tanh
// CHECK: scales = array<f64: 1.250000e-01, 2.500000e-01>
module attributes {attune.target = #attune.target<cpu = "haswell", vector_width = 8, registers = 16, l1 = 32768, l2 = 262144, features = "+avx2,+fma">} {
  func.func @scores(%q: memref<1x2x?x64xf32>, %k: memref<1x2x?x64xf32>, %v: memref<1x2x?x64xf32>, %o: memref<1x2x?x64xf32>) {
    %s0 = attune.dot %q, %k scale 1.250000e-01
      : (memref<1x2x?x64xf32>, memref<1x2x?x64xf32>) -> !attune.scores<1x2x?x?xf32>
    %s1 = attune.dot %k, %q scale 5.000000e-01
      : (memref<1x2x?x64xf32>, memref<1x2x?x64xf32>) -> !attune.scores<1x2x?x?xf32>
    %sum = attune.combine %s0, %s1 coefficients [1.0, 0.5] index [-1, -1]
      : (!attune.scores<1x2x?x?xf32>, !attune.scores<1x2x?x?xf32>) -> !attune.scores<1x2x?x?xf32>
    %f = attune.modify %sum {
    ^bb0(%s: f32, %b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %one = arith.constant 1.0 : f32
      %t = arith.addf %s, %one : f32
      attune.yield %t : f32
    } : !attune.scores<1x2x?x?xf32> -> !attune.scores<1x2x?x?xf32>
    %g = attune.modify %f {
    ^bb0(%s: f32, %b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %t = math.tanh %s : f32
      attune.yield %t : f32
    } : !attune.scores<1x2x?x?xf32> -> !attune.scores<1x2x?x?xf32>
    attune.attend %g, %v into %o {attune.value_shape = #attune.shape<1, 2, T, 64>}
      : (!attune.scores<1x2x?x?xf32>, memref<1x2x?x64xf32>, memref<1x2x?x64xf32>) -> ()
    return
  }
}

// -----

// A disjunction with a gap: two segments of keys, the window and the first four.
// CHECK-LABEL: func.func @sinks
// CHECK: attune.kernel <attend>
// CHECK: attune.yield %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : index, index, index, index, index, index, index, index
// REMARK: key ranges in closed form
module attributes {attune.target = #attune.target<cpu = "haswell", vector_width = 8, registers = 16, l1 = 32768, l2 = 262144, features = "+avx2,+fma">} {
  func.func @sinks(%q: memref<1x2x?x64xf32>, %o: memref<1x2x?x64xf32>) {
    %s = attune.dot %q, %q scale 1.250000e-01
      : (memref<1x2x?x64xf32>, memref<1x2x?x64xf32>) -> !attune.scores<1x2x?x?xf32>
    %m = attune.mask {
    ^bb0(%b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %c4 = arith.constant 4 : i32
      %c64 = arith.constant 64 : i32
      %first = arith.cmpi slt, %ki, %c4 : i32
      %begin = arith.subi %qi, %c64 : i32
      %after = arith.cmpi sge, %ki, %begin : i32
      %before = arith.cmpi sle, %ki, %qi : i32
      %window = arith.andi %after, %before : i1
      %c = arith.ori %window, %first : i1
      attune.yield %c : i1
    }
    attune.attend %s, %q mask %m into %o {attune.value_shape = #attune.shape<1, 2, T, 64>}
      : (!attune.scores<1x2x?x?xf32>, memref<1x2x?x64xf32>, !attune.mask, memref<1x2x?x64xf32>) -> ()
    return
  }
}

// -----

// A spatial gate: a slot for each batch element, its channels group by group in
// panels of 16 (2 * (24 rounded up) + 2 a position), capped at the budget and one.

// CHECK-LABEL: func.func @gate
// CHECK-SAME: attune.slots = [#attune.slot<[<264 * B * T + 64 * B>] caps[<264 * T + 8388672>]>, #attune.slot<[<{{[0-9]+}}>]>]
// CHECK: attune.kernel <gate> lhs(%{{.*}}) rhs(%[[X:.*]]) bias(%{{.*}}) residual(%[[X]]) gate(%[[X]]) norm(%[[N:.*]], %[[N]]) out(%{{.*}}) workspace(
// CHECK-SAME: blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
// CHECK: attune.yield %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : index, index, index, index
// CHECK: arith.cmpi sle
// CHECK: {activation = #attune.activation<gelu>, epsilon = 1.250000e-01 : f64}
// CHECK-NOT: attune.spatial_gate
module attributes {attune.target = #attune.target<cpu = "haswell", vector_width = 8, registers = 16, l1 = 32768, l2 = 1048576, features = "+avx2,+fma">} {
  func.func @gate(%w: memref<2x?x?xf32>, %x: memref<?x?x48xf32>, %b: memref<2x?xf32>, %n: memref<48xf32>, %o: memref<?x?x48xf32>) {
    %m = attune.mask {
    ^bb0(%bi: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %c = arith.cmpi sle, %ki, %qi : i32
      attune.yield %c : i1
    }
    attune.spatial_gate %w, %x bias %b mask %m added %x gate %x norm(%n, %n) into %o
      {activation = #attune.activation<gelu>, epsilon = 1.25e-01 : f64, attune.value_shape = #attune.shape<B, T, 48>}
      : (memref<2x?x?xf32>, memref<?x?x48xf32>, memref<2x?xf32>, !attune.mask, memref<?x?x48xf32>, memref<?x?x48xf32>, memref<48xf32>, memref<48xf32>, memref<?x?x48xf32>) -> ()
    return
  }
}
