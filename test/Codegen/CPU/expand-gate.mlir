// RUN: %attune-opt %s --attune-cpu-expand-kernels --canonicalize --cse --split-input-file | FileCheck %s

// Without a norm and mask: one loop of tasks, which packs and multiplies.
// CHECK-LABEL: func.func @plain
// CHECK: scf.parallel
// CHECK-NOT: scf.parallel
// CHECK: vector.store %{{.*}} : memref<?x64x16xf32
// CHECK: call @attune_worker
// CHECK-NOT: arith.cmpi sle
// Weights go to scratch once for all panels of the task.
// CHECK: vector.store %{{.*}} : memref<6x528xf32
// CHECK: attune.tile.contract {{.*}} : <6x16xf32>, memref<6x528xf32{{.*}}>, memref<?x64x16xf32
// CHECK: attune.tile.store
// CHECK-NOT: vector.maskedstore
// CHECK: return
func.func @plain(%w: memref<1x64x64xf32>, %x: memref<4x64x128xf32>, %o: memref<4x64x128xf32>, %p: memref<?xf32>, %s: memref<64x3936xf32>) {
  attune.kernel <gate> lhs(%w) rhs(%x) out(%o) workspace(%p, %s)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} : memref<1x64x64xf32>, memref<4x64x128xf32>, memref<4x64x128xf32>, memref<?xf32>, memref<64x3936xf32>
  return
}

// -----

// All of it: moments of the rows first; the mask where a tile is undecided; the
// sums start with the bias; added, function and gate when a row is stored. A panel
// hangs over the 20 channels of a group.
// CHECK-LABEL: func.func @all
// CHECK: scf.parallel
// CHECK: math.sqrt
// CHECK: scf.parallel
// CHECK-NOT: scf.parallel
// CHECK: vector.maskedload %{{.*}} : memref<50x40xf32
// CHECK: memref.prefetch
// CHECK: %[[B:.*]] = memref.load %{{.*}} : memref<2x50xf32>
// CHECK: vector.broadcast %[[B]] : f32 to vector<8xf32>
// CHECK: %[[M:.*]] = arith.cmpi sle, %{{.*}}, %{{.*}} : vector<8xi32>
// CHECK: arith.select %[[M]], %{{.*}}, %{{.*}} : vector<8xi1>, vector<8xf32>
// CHECK: attune.tile.contract
// CHECK: arith.addf
// CHECK: arith.select
// CHECK: arith.mulf
// CHECK: vector.store
// CHECK: vector.maskedstore
func.func @all(%w: memref<2x50x50xf32>, %x: memref<3x50x40xf32>, %b: memref<2x50xf32>, %a: memref<3x50x40xf32>, %z: memref<3x50x40xf32>, %g: memref<40xf32>, %o: memref<3x50x40xf32>, %p: memref<?xf32>, %s: memref<64x3936xf32>) {
  attune.kernel <gate> lhs(%w) rhs(%x) bias(%b) residual(%a) gate(%z) norm(%g, %g) out(%o) workspace(%p, %s)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {
  ^bb0(%bi: index, %h: index, %first: index, %last: index, %nq: index, %nk: index):
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %full = arith.addi %first, %one : index
    %end = arith.addi %last, %one : index
    attune.yield %zero, %zero, %full, %end : index, index, index, index
  } score {
  } mask {
  ^bb0(%bi: i32, %h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %keep = arith.cmpi sle, %j, %i : i32
    attune.yield %keep : i1
  } {activation = #attune.activation<relu>, epsilon = 1.0e-5 : f64} : memref<2x50x50xf32>, memref<3x50x40xf32>, memref<2x50xf32>, memref<3x50x40xf32>, memref<3x50x40xf32>, memref<40xf32>, memref<40xf32>, memref<3x50x40xf32>, memref<?xf32>, memref<64x3936xf32>
  return
}
