// RUN: %attune-opt %s --pass-pipeline="builtin.module(func.func(attune-cpu-lower-tiles{vector-width=8},cse))" --split-input-file | FileCheck %s

// The micro kernel: one loop, every accumulator carried, scalar loads of the
// left side, vector loads of the right side, nothing else.
// CHECK-LABEL: func.func @contract
// CHECK: %[[Z:.*]] = vector.broadcast %{{.*}} : f32 to vector<8xf32>
// CHECK: %[[A:.*]] = memref.reinterpret_cast {{.*}} to memref<2x32xf32
// CHECK: %[[B:.*]] = memref.reinterpret_cast {{.*}} to memref<1x32x16xf32
// CHECK: scf.for %[[K:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%{{.*}} = %[[Z]], %{{.*}} = %[[Z]], %{{.*}} = %[[Z]], %{{.*}} = %[[Z]])
// CHECK-COUNT-2: vector.load %[[B]][%c0{{.*}}, %{{.*}}, %{{.*}}]
// CHECK-NOT: vector.load
// CHECK: memref.load %[[A]][%c0{{.*}}, %[[K]]]
// CHECK: vector.broadcast
// CHECK-COUNT-2: vector.fma
// CHECK: memref.load %[[A]][%c1{{.*}}, %[[K]]]
// CHECK-COUNT-2: vector.fma
// CHECK: scf.yield
// CHECK-COUNT-4: vector.store
// CHECK-NOT: attune.tile
func.func @contract(%a: memref<?x32xf32>, %b: memref<4x32x16xf32>, %p: index, %i: index, %c: memref<?x64xf32>) {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant 0.0 : f32
  %0 = attune.tile.fill %zero : f32 -> !attune.tile<2x16xf32>
  %1 = attune.tile.contract %0, %a[%i, %c0], %b[%p, %c0, %c0] depth %c32
    : !attune.tile<2x16xf32>, memref<?x32xf32>, memref<4x32x16xf32>
  attune.tile.store %1, %c[%i, %c0] : !attune.tile<2x16xf32>, memref<?x64xf32>
  return
}

// -----

// A tile wider than a panel goes on in the next panel at column 0.
// CHECK-LABEL: func.func @wide
// CHECK: %[[B:.*]] = memref.reinterpret_cast {{.*}} to memref<2x32x16xf32
// CHECK: scf.for
// CHECK-COUNT-2: vector.load %[[B]][%c0{{.*}}, %{{.*}}, %{{.*}}]
// CHECK-COUNT-2: vector.load %[[B]][%c1{{.*}}, %{{.*}}, %{{.*}}]
func.func @wide(%a: memref<?x32xf32>, %b: memref<4x32x16xf32>, %p: index, %acc: memref<1x64xf32>) {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %0 = attune.tile.load %acc[%c0, %c0] : memref<1x64xf32> -> !attune.tile<1x32xf32>
  %1 = attune.tile.contract %0, %a[%c0, %c0], %b[%p, %c0, %c0] depth %c32
    : !attune.tile<1x32xf32>, memref<?x32xf32>, memref<4x32x16xf32>
  attune.tile.store %1, %acc[%c0, %c0] : !attune.tile<1x32xf32>, memref<1x64xf32>
  return
}

// -----

// Rows at an unknown distance: an address each, all outside the loop.
// CHECK-LABEL: func.func @dynamic_rows
// CHECK: %[[A0:.*]] = memref.reinterpret_cast {{.*}} to memref<?xf32
// CHECK: %[[A1:.*]] = memref.reinterpret_cast {{.*}} to memref<?xf32
// CHECK: scf.for %[[K:[a-z0-9]+]] =
// CHECK: memref.prefetch
// CHECK: memref.load %[[A0]][%[[K]]]
// CHECK: memref.load %[[A1]][%[[K]]]
func.func @dynamic_rows(%a: memref<?x?xf32>, %b: memref<?x?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %0 = attune.tile.load %b[%c0, %c0] : memref<?x?xf32> -> !attune.tile<2x8xf32>
  %1 = attune.tile.contract %0, %a[%n, %c0], %b[%c0, %n] depth %n
    : !attune.tile<2x8xf32>, memref<?x?xf32>, memref<?x?xf32>
  attune.tile.store %1, %b[%c0, %c0] : !attune.tile<2x8xf32>, memref<?x?xf32>
  return
}

// -----

// Bounds: rows repeat the last one, columns are masked and never read.
// CHECK-LABEL: func.func @bounds
// CHECK: arith.minsi
// CHECK: vector.create_mask
// CHECK: vector.maskedload
// CHECK: vector.maskedstore
func.func @bounds(%a: memref<?x?xf32>, %n: index, %m: index) {
  %c0 = arith.constant 0 : index
  %0 = attune.tile.load %a[%c0, %c0] rows %m columns %n : memref<?x?xf32> -> !attune.tile<1x8xf32>
  attune.tile.store %0, %a[%c0, %c0] columns %n : !attune.tile<1x8xf32>, memref<?x?xf32>
  return
}

// -----

// Columns that are not contiguous are read one by one.
// CHECK-LABEL: func.func @strided
// CHECK-COUNT-8: memref.load
// CHECK: vector.from_elements
// CHECK-NOT: vector.load
func.func @strided(%a: memref<?x?xf32, strided<[1, ?]>>, %b: memref<?x?xf32>) {
  %c0 = arith.constant 0 : index
  %0 = attune.tile.load %a[%c0, %c0] : memref<?x?xf32, strided<[1, ?]>> -> !attune.tile<1x8xf32>
  attune.tile.store %0, %b[%c0, %c0] : !attune.tile<1x8xf32>, memref<?x?xf32>
  return
}

// -----

// 8 x 8: 8 unpacks, 8 moves inside lanes and 8 across.
// CHECK-LABEL: func.func @transpose
// CHECK-COUNT-24: vector.shuffle
// CHECK-NOT: vector.shuffle
func.func @transpose(%a: memref<8x8xf32>) {
  %c0 = arith.constant 0 : index
  %0 = attune.tile.load %a[%c0, %c0] : memref<8x8xf32> -> !attune.tile<8x8xf32>
  %1 = attune.tile.transpose %0 : !attune.tile<8x8xf32> -> !attune.tile<8x8xf32>
  attune.tile.store %1, %a[%c0, %c0] : !attune.tile<8x8xf32>, memref<8x8xf32>
  return
}

// -----

// The old maxima come first (see TileToVector.cpp), NaN is never a maximum.
// CHECK-LABEL: func.func @fold_max
// CHECK: %[[OLD:.*]] = vector.load %arg1
// CHECK: %[[X:.*]] = arith.cmpf ogt, %{{.*}}, %[[OLD]]
// CHECK: %[[M:.*]] = arith.select %[[X]], %{{.*}}, %[[OLD]]
// CHECK: %[[Y:.*]] = arith.cmpf ogt, %{{.*}}, %[[M]]
// CHECK: arith.select %[[Y]], %{{.*}}, %[[M]]
func.func @fold_max(%a: memref<1x16xf32>, %m: memref<1x8xf32>) {
  %c0 = arith.constant 0 : index
  %0 = attune.tile.load %a[%c0, %c0] : memref<1x16xf32> -> !attune.tile<1x16xf32>
  attune.tile.fold_max %0, %m[%c0] : !attune.tile<1x16xf32>, memref<1x8xf32>
  return
}
