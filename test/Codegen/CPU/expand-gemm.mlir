// RUN: %attune-opt %s --attune-cpu-expand-kernels --canonicalize --cse --split-input-file | FileCheck %s

// Whole tiles only: one contraction over the whole depth, bias in the sums,
// short epilogue in registers.
// CHECK-LABEL: func.func @whole
// CHECK: scf.parallel
// CHECK: scf.for
// CHECK: scf.for
// CHECK: %[[B:.*]] = attune.tile.load_row %{{.*}} : memref<64xf32> -> <6x16xf32>
// CHECK: %[[C:.*]] = attune.tile.contract %[[B]], {{.*}} depth %{{.*}} : <6x16xf32>, memref<96x32xf32>, memref<4x32x16xf32>
// CHECK: %[[A:.*]] = attune.tile.activation <relu> %[[C]]
// CHECK: %[[R:.*]] = attune.tile.load
// CHECK: %[[S:.*]] = attune.tile.add %[[A]], %[[R]]
// CHECK: attune.tile.store %[[S]]
// CHECK-NOT: attune.tile.contract
// CHECK: return
func.func @whole(%x: memref<96x32xf32>, %w: memref<4x32x16xf32>, %b: memref<64xf32>, %r: memref<96x64xf32>, %y: memref<96x64xf32>) {
  attune.kernel <gemm> lhs(%x) rhs(%w) bias(%b) residual(%r) out(%y)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} {activation = #attune.activation<relu>}
    : memref<96x32xf32>, memref<4x32x16xf32>, memref<64xf32>, memref<96x64xf32>, memref<96x64xf32>
  return
}

// -----

// Any number of rows: 6, then 4, 2 (two panels) and 1 (four panels); a long
// activation reads the stored rows again.
// CHECK-LABEL: func.func @tails
// CHECK: attune.tile.contract {{.*}} : <6x16xf32>
// CHECK: attune.tile.store
// CHECK: scf.for
// CHECK: attune.tile.activation <gelu> %{{.*}} : <1x16xf32>
// CHECK: attune.tile.contract {{.*}} : <4x16xf32>
// CHECK: attune.tile.contract {{.*}} : <2x32xf32>
// CHECK: attune.tile.contract {{.*}} : <2x16xf32>
// CHECK: attune.tile.contract {{.*}} : <1x64xf32>
// CHECK: attune.tile.contract {{.*}} : <1x16xf32>
func.func @tails(%x: memref<?x32xf32>, %w: memref<4x32x16xf32>, %b: memref<64xf32>, %y: memref<?x64xf32>) {
  attune.kernel <gemm> lhs(%x) rhs(%w) bias(%b) out(%y)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} {activation = #attune.activation<gelu>}
    : memref<?x32xf32>, memref<4x32x16xf32>, memref<64xf32>, memref<?x64xf32>
  return
}

// -----

// 33 columns: the last panel is stored up to its bound.
// CHECK-LABEL: func.func @columns
// CHECK: attune.tile.store %{{.*}}, %{{.*}}[%{{.*}}, %{{.*}}] : <6x16xf32>
// CHECK: attune.tile.store {{.*}} columns %c33 : <6x16xf32>
func.func @columns(%x: memref<48x32xf32>, %w: memref<3x32x16xf32>, %y: memref<48x33xf32>) {
  attune.kernel <gemm> lhs(%x) rhs(%w) out(%y)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} : memref<48x32xf32>, memref<3x32x16xf32>, memref<48x33xf32>
  return
}

// -----

// Depth blocks of 2048: the sums go through the output, the activation comes
// with the last block.
// CHECK-LABEL: func.func @deep
// CHECK: attune.tile.contract
// CHECK-NEXT: attune.tile.store
// CHECK: attune.tile.load
// CHECK-NEXT: attune.tile.contract
// CHECK-NEXT: attune.tile.store
// CHECK: attune.tile.load
// CHECK-NEXT: attune.tile.contract
// CHECK-NEXT: attune.tile.activation <relu>
func.func @deep(%x: memref<48x5000xf32>, %w: memref<1x5000x16xf32>, %y: memref<48x16xf32>) {
  attune.kernel <gemm> lhs(%x) rhs(%w) out(%y)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} {activation = #attune.activation<relu>} : memref<48x5000xf32>, memref<1x5000x16xf32>, memref<48x16xf32>
  return
}

// -----

// Leading dimensions that are contiguous are rows; others are batches.
// CHECK-LABEL: func.func @collapse
// CHECK: memref.collapse_shape %arg0 {{\[}}[0, 1], [2]] : memref<?x?x32xf32> into memref<?x32xf32>
func.func @collapse(%x: memref<?x?x32xf32>, %w: memref<1x32x16xf32>, %y: memref<?x?x16xf32>) {
  attune.kernel <gemm> lhs(%x) rhs(%w) out(%y)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} : memref<?x?x32xf32>, memref<1x32x16xf32>, memref<?x?x16xf32>
  return
}
// CHECK-LABEL: func.func @batches
// CHECK-NOT: memref.collapse_shape
// CHECK: attune.tile.contract {{.*}} columns
func.func @batches(%x: memref<?x?x32xf32>, %w: memref<?x32x?xf32>, %y: memref<?x?x?xf32>) {
  attune.kernel <gemm> lhs(%x) rhs(%w) out(%y)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} {rhs_rows} : memref<?x?x32xf32>, memref<?x32x?xf32>, memref<?x?x?xf32>
  return
}
