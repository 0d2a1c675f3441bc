// RUN: %attune-opt %s --verify-roundtrip | %attune-opt | FileCheck %s

// CHECK-LABEL: func.func @gemm
func.func @gemm(%a: memref<?x8xf32>, %w: memref<1x8x16xf32>, %b: memref<16xf32>, %c: memref<?x6xf32>) {
  // CHECK: attune.kernel <gemm> lhs(%{{.*}}) rhs(%{{.*}}) bias(%{{.*}}) residual(%[[C:.*]]) out(%[[C]]) blocking <rows = 6, columns = 16, row_block = 96, depth_block = 256> ranges {
  // CHECK-NEXT: } score {
  // CHECK-NEXT: } mask {
  // CHECK-NEXT: } {activation = #attune.activation<relu>} : memref<?x8xf32>, memref<1x8x16xf32>, memref<16xf32>, memref<?x6xf32>, memref<?x6xf32>
  attune.kernel <gemm> lhs(%a) rhs(%w) bias(%b) residual(%c) out(%c) blocking <rows = 6, columns = 16, row_block = 96, depth_block = 256> ranges {} score {} mask {} {activation = #attune.activation<relu>} : memref<?x8xf32>, memref<1x8x16xf32>, memref<16xf32>, memref<?x6xf32>, memref<?x6xf32>
  return
}

// CHECK-LABEL: func.func @attend
func.func @attend(%q: memref<1x2x?x4xf32>, %k: memref<1x2x?x4xf32>, %w: memref<2xf32>, %packed: memref<?xf32>, %scratch: memref<2x64xf32>) {
  // CHECK: attune.kernel <attend> lhs(%{{.*}}) rhs(%{{.*}}) head_weights(%{{.*}}) value(%{{.*}}) out(%{{.*}}) workspace(%{{.*}}, %{{.*}}) blocking
  attune.kernel <attend> lhs(%q) rhs(%k) head_weights(%w) value(%k) out(%q) workspace(%packed, %scratch) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {
  // CHECK: ^bb0(%{{.*}}: index, %{{.*}}: index, %[[FIRST:.*]]: index, %[[LAST:.*]]: index, %{{.*}}: index, %{{.*}}: index):
  ^bb0(%b: index, %h: index, %first: index, %last: index, %nq: index, %nk: index):
    %zero = arith.constant 0 : index
    // CHECK: attune.yield %{{.*}}, %{{.*}}, %[[FIRST]], %[[LAST]] : index, index, index, index
    attune.yield %zero, %zero, %first, %last : index, index, index, index
  } score {
  // CHECK: } score {
  // CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: i32
  ^bb0(%s: f32, %b: i32, %h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    attune.yield %s : f32
  } mask {
  // CHECK: } mask {
  // CHECK-NEXT: ^bb0(%{{.*}}: i32, %{{.*}}: i32
  ^bb0(%b: i32, %h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %m = arith.cmpi sle, %j, %i : i32
    attune.yield %m : i1
  // CHECK: } {empty_row = #attune.empty_row<nan>, scales = array<f64: 5.000000e-01>, weight_index = array<i64: 0>}
  } {scales = array<f64: 0.5>, weight_index = array<i64: 0>, empty_row = #attune.empty_row<nan>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<2xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// CHECK-LABEL: func.func @attend_probs_lse
func.func @attend_probs_lse(%q: memref<1x2x?x4xf32>, %p: memref<1x2x?x?xf32>, %l: memref<1x2x?xf32>, %packed: memref<?xf32>, %scratch: memref<2x64xf32>) {
  // CHECK: attune.kernel <attend> lhs(%{{.*}}) rhs(%{{.*}}) value(%{{.*}}) out(%{{.*}}) probs(%{{.*}}) lse(%{{.*}}) workspace(
  attune.kernel <attend> lhs(%q) rhs(%q) value(%q) out(%q) probs(%p) lse(%l) workspace(%packed, %scratch) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {scales = array<f64: 0.5>, weight_index = array<i64: -1>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x?xf32>, memref<1x2x?xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// CHECK-LABEL: func.func @gate
func.func @gate(%w: memref<2x5x5xf32>, %x: memref<3x5x8xf32>, %b: memref<2x5xf32>, %n: memref<8xf32>, %p: memref<?xf32>, %s: memref<2x64xf32>) {
  // CHECK: attune.kernel <gate> lhs(%{{.*}}) rhs(%[[X:.*]]) bias(%{{.*}}) residual(%[[X]]) gate(%[[X]]) norm(%[[N:.*]], %[[N]]) out(%[[X]]) workspace(%{{.*}}, %{{.*}}) blocking
  // CHECK: } {activation = #attune.activation<gelu>, epsilon = 1.000000e-05 : f64} :
  attune.kernel <gate> lhs(%w) rhs(%x) bias(%b) residual(%x) gate(%x) norm(%n, %n) out(%x) workspace(%p, %s) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {activation = #attune.activation<gelu>, epsilon = 1.0e-5 : f64} : memref<2x5x5xf32>, memref<3x5x8xf32>, memref<2x5xf32>, memref<3x5x8xf32>, memref<3x5x8xf32>, memref<8xf32>, memref<8xf32>, memref<3x5x8xf32>, memref<?xf32>, memref<2x64xf32>
  return
}
