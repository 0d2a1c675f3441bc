// RUN: %attune-opt %s --split-input-file --attune-cpu-realize --canonicalize | FileCheck %s

// Without a target: vectors of 8 floats.

// Along the last axis a line is vectors: four sums, folded, then a scalar tail.
// CHECK-LABEL: func.func @along
func.func @along(%x: memref<?x?xf32>, %y: memref<?xf32>) {
  // CHECK: scf.parallel
  // CHECK: scf.for {{.*}} step %c32
  // CHECK-COUNT-4: vector.load %{{.*}} : memref<?x?xf32>, vector<8xf32>
  // CHECK: vector.reduction <add>
  // CHECK: memref.store %{{.*}} : memref<?xf32>
  attune.reduce <sum> %x axis 1 into %y : (memref<?x?xf32>, memref<?xf32>) -> ()
  // CHECK-NOT: attune.
  return
}

// -----

// Along another axis vectors hold an element of each of several lines: nothing
// is added across lanes.
// CHECK-LABEL: func.func @across
func.func @across(%x: memref<?x48xf32>, %y: memref<48xf32>) {
  // CHECK-NOT: vector.reduction
  // CHECK: scf.parallel
  // CHECK: vector.load %{{.*}} : memref<?x48xf32>, vector<8xf32>
  // CHECK: arith.maximumf {{.*}} : vector<8xf32>
  // CHECK: vector.store %{{.*}} : memref<48xf32>, vector<8xf32>
  // CHECK-NOT: vector.reduction
  attune.reduce <max> %x axis 0 into %y : (memref<?x48xf32>, memref<48xf32>) -> ()
  // CHECK: return
  return
}

// -----

// Arrays that are strided along the last axis go one number at a time.
// CHECK-LABEL: func.func @strided
func.func @strided(%x: memref<4x6xf32, strided<[12, 2]>>, %y: memref<4xi64>) {
  // CHECK-NOT: vector
  // CHECK: memref.load
  // CHECK: arith.minsi
  attune.reduce <argmax> %x axis 1 into %y : (memref<4x6xf32, strided<[12, 2]>>, memref<4xi64>) -> ()
  // CHECK: return
  return
}

// -----

// The powers wait in the result.
// CHECK-LABEL: func.func @softmax
// CHECK-SAME: %[[X:.*]]: memref<5x48xf32>, %[[Y:.*]]: memref<5x48xf32>
func.func @softmax(%x: memref<5x48xf32>, %y: memref<5x48xf32>) {
  // CHECK: vector.load %[[X]]
  // CHECK: vector.reduction <maximumf>
  // CHECK: vector.store %{{.*}}, %[[Y]]
  // CHECK: vector.load %[[Y]]
  // CHECK: vector.reduction <add>
  // CHECK: arith.divf
  // CHECK: vector.store %{{.*}}, %[[Y]]
  attune.softmax %x axis 1 into %y : (memref<5x48xf32>, memref<5x48xf32>) -> ()
  return
}

// -----

// The rates of all columns in turns, and the phase of a cosine: a table in f64.
// CHECK-LABEL: func.func @sinusoid
func.func @sinusoid(%y: memref<?x2xf32>) {
  // CHECK: %[[T:.*]] = attune.dim "T"
  // CHECK: arith.truncf {{.*}} : f64 to f32
  attune.sinusoid <interleaved> base 1.0e+4 offset <T> into %y : (memref<?x2xf32>) -> ()
  return
}
// CHECK: memref.global "private" constant @attune_turns : memref<4xf64> = dense<[0.15915{{.*}}, 0.15915{{.*}}, 0.000000e+00, 2.500000e-01]>

// -----

// Interleaved pairs are turned within a vector; the channels behind are copied.
// CHECK-LABEL: func.func @rope
func.func @rope(%x: memref<2x?x20xf32>, %t: memref<?x16xf32>, %y: memref<2x?x20xf32>) {
  // CHECK: vector.shuffle {{.*}} [0, 0, 2, 2, 4, 4, 6, 6]
  // CHECK: vector.shuffle {{.*}} [1, 1, 3, 3, 5, 5, 7, 7]
  // CHECK: vector.shuffle {{.*}} [1, 0, 3, 2, 5, 4, 7, 6]
  // CHECK: vector.store
  // CHECK: memref.store
  attune.rope <interleaved> %x, %t into %y : (memref<2x?x20xf32>, memref<?x16xf32>, memref<2x?x20xf32>) -> ()
  return
}

// -----

// CHECK-LABEL: func.func @where
func.func @where(%c: memref<?xi8>, %a: memref<f32>, %b: memref<?xf32>, %y: memref<?xf32>) {
  // CHECK: arith.cmpi ne, {{.*}} : vector<8xi8>
  // CHECK: arith.select {{.*}} : vector<8xi1>, vector<8xf32>
  attune.where %c, %a, %b into %y : (memref<?xi8>, memref<f32>, memref<?xf32>, memref<?xf32>) -> ()
  return
}
