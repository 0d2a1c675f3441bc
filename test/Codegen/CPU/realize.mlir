// RUN: %attune-opt %s --split-input-file --attune-cpu-realize --canonicalize | FileCheck %s

// Without a target: vectors of 8 floats.

// Contiguous arrays are one range, in tasks of 16384 elements, with a scalar
// tail.
// CHECK-LABEL: func.func @flat
func.func @flat(%x: memref<?x48xf32>, %y: memref<?x48xf32>) {
  // CHECK: %[[X:.*]] = memref.collapse_shape %{{.*}} {{\[}}[0, 1]]
  // CHECK: scf.parallel
  // CHECK: scf.for %[[I:.*]] = {{.*}} step %c8
  // CHECK: vector.load %{{.*}}[%[[I]]] : memref<?xf32>, vector<8xf32>
  // CHECK: arith.negf {{.*}} : vector<8xf32>
  // CHECK: vector.store
  // CHECK: scf.for
  // CHECK: arith.negf {{.*}} : f32
  attune.activation <neg> %x into %y : (memref<?x48xf32>, memref<?x48xf32>) -> ()
  // CHECK-NOT: attune.
  return
}

// -----

// An operand that stretches over rows is read again for each row; one that
// stretches along rows is read once a row.
// CHECK-LABEL: func.func @broadcast
// CHECK-SAME: %[[X:.*]]: memref<?x1xf32>, %[[B:.*]]: memref<48xf32>
func.func @broadcast(%x: memref<?x1xf32>, %b: memref<48xf32>, %y: memref<?x48xf32>) {
  // CHECK: scf.parallel
  // CHECK: scf.for %[[ROW:.*]] =
  // CHECK: %[[S:.*]] = memref.load %[[X]][%[[ROW]], %c0]
  // CHECK: vector.broadcast %[[S]] : f32 to vector<8xf32>
  // CHECK: scf.for %[[I:.*]] =
  // CHECK: vector.load %[[B]][%[[I]]]
  // CHECK: arith.mulf
  attune.elementwise <mul> %x, %b into %y : (memref<?x1xf32>, memref<48xf32>, memref<?x48xf32>) -> ()
  return
}

// -----

// Lanes follow the widest element.
// CHECK-LABEL: func.func @compare
func.func @compare(%x: memref<64xi64>, %y: memref<64xi8>) {
  // CHECK: vector.load {{.*}} vector<4xi64>
  // CHECK: arith.cmpi slt
  // CHECK: arith.extui {{.*}} : vector<4xi1> to vector<4xi8>
  attune.elementwise <lt> %x, %x into %y : (memref<64xi64>, memref<64xi64>, memref<64xi8>) -> ()
  return
}

// -----

// u8 is no boolean.
// CHECK-LABEL: func.func @casts
func.func @casts(%x: memref<64xi8>, %y: memref<64xf32>) {
  // CHECK: arith.cmpi ne
  // CHECK: arith.uitofp {{.*}} vector<8xi1> to vector<8xf32>
  attune.cast %x into %y : (memref<64xi8>, memref<64xf32>) -> ()
  // CHECK: arith.uitofp {{.*}} vector<8xi8> to vector<8xf32>
  attune.cast %x into %y {attune.element_types = [ui8, f32]} : (memref<64xi8>, memref<64xf32>) -> ()
  return
}

// -----

// Ids are checked before any of them is used.
// CHECK: func.func private @attune_check_ids_i32(index, index, index)
// CHECK-LABEL: func.func @gather
// CHECK-SAME: %[[TABLE:.*]]: memref<9x16xf32>, %[[IDS:.*]]: memref<?x3xi32> {
func.func @gather(%table: memref<9x16xf32>, %ids: memref<?x3xi32> {attune.name = "tokens"}, %y: memref<?x3x16xf32>) {
  // CHECK: memref.extract_aligned_pointer_as_index %[[IDS]]
  // CHECK: call @attune_check_ids_i32({{.*}}, %c9) {attune.ids_name = "tokens"}
  // CHECK: scf.parallel
  // CHECK: %[[ID:.*]] = memref.load %[[IDS]]
  // CHECK: %[[ROW:.*]] = arith.index_cast %[[ID]]
  // CHECK: %[[AT:.*]] = arith.muli %[[ROW]], %c16
  // CHECK: memref.reinterpret_cast %[[TABLE]] to offset: [%[[AT]]], sizes: [16], strides: [1]
  attune.gather %table, %ids into %y : (memref<9x16xf32>, memref<?x3xi32>, memref<?x3x16xf32>) -> ()
  return
}

// -----

// A parallel loop inside another is not allowed: copies there are serial.
// CHECK-LABEL: func.func @nested
func.func @nested(%x: memref<64xf32>, %y: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  // CHECK: scf.parallel
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    // CHECK-NOT: scf.parallel
    // CHECK: vector.store
    memref.copy %x, %y : memref<64xf32> to memref<64xf32>
    scf.reduce
  }
  return
}

// -----

// Four partial sums for the mean, eight for the differences and squares.
// CHECK-LABEL: func.func @norm
func.func @norm(%x: memref<?x512xf32>, %y: memref<?x512xf32>) {
  // CHECK: scf.parallel
  // CHECK: scf.for %{{.*}} = %c0 to %c512 step %c32 iter_args(%{{[^,]*}}, %{{[^,]*}}, %{{[^,]*}}, %{{[^,]*}}) -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
  // CHECK: vector.reduction <add>
  // CHECK: scf.for %{{.*}} = %c0 to %c512 step %c32 iter_args
  // CHECK: math.sqrt
  // CHECK: scf.for %{{.*}} = %c0 to %c512 step %c8
  attune.layer_norm %x eps 1.0e-5 into %y : (memref<?x512xf32>, memref<?x512xf32>) -> ()
  return
}

// -----

// CHECK-LABEL: func.func @concat
// CHECK-SAME: %{{.*}}, %{{.*}}, %[[Y:.*]]: memref<?x12xf32>
func.func @concat(%a: memref<?x3xf32>, %b: memref<?x9xf32>, %y: memref<?x12xf32>) {
  // CHECK: memref.subview %[[Y]][0, 0] [%{{.*}}, 3] [1, 1]
  // CHECK: memref.subview %[[Y]][0, 3] [%{{.*}}, 9] [1, 1]
  attune.concat %a, %b axis 1 into %y : (memref<?x3xf32>, memref<?x9xf32>, memref<?x12xf32>) -> ()
  return
}
