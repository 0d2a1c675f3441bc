// RUN: %attune-opt %s -split-input-file -verify-diagnostics
// The names repeat the labels of the constraints: OP_Cn[_what].

func.func @tile_load_C1(%a: memref<?xf32>, %n: index) {
  // expected-error@+1 {{(C1) source must be a memref of rank 2 and element type f32}}
  %0 = attune.tile.load %a[%n, %n] : memref<?xf32> -> !attune.tile<6x16xf32>
  return
}

// -----

func.func @tile_load_row_C1(%a: memref<?xi32>, %n: index) {
  // expected-error@+1 {{(C1) source must be a memref of rank 1 and element type f32}}
  %0 = attune.tile.load_row %a[%n] : memref<?xi32> -> !attune.tile<6x16xf32>
  return
}

// -----

func.func @tile_store_C1(%a: memref<?x?x?xf32>, %n: index, %x: f32) {
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // expected-error@+1 {{(C1) destination must be a memref of rank 2}}
  attune.tile.store %0, %a[%n, %n] : !attune.tile<6x16xf32>, memref<?x?x?xf32>
  return
}

// -----

func.func @tile_contract_C1_rhs(%a: memref<?x?xf32>, %b: memref<?xf32>, %n: index, %x: f32) {
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // expected-error@+1 {{(C1) rhs must have rank 2, or 3 with a static width}}
  %1 = attune.tile.contract %0, %a[%n, %n], %b[%n] depth %n : !attune.tile<6x16xf32>, memref<?x?xf32>, memref<?xf32>
  return
}

// -----

func.func @tile_contract_C2(%a: memref<?x?xf32>, %n: index, %x: f32) {
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // expected-error@+1 {{(C2) needs one index for each dimension of rhs}}
  %1 = attune.tile.contract %0, %a[%n, %n], %a[%n] depth %n : !attune.tile<6x16xf32>, memref<?x?xf32>, memref<?x?xf32>
  return
}

// -----

func.func @tile_contract_C3(%a: memref<?x?xf32>, %b: memref<?x?xf64>, %n: index, %x: f32) {
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // expected-error@+1 {{(C3) rhs must be a memref of f32}}
  %1 = attune.tile.contract %0, %a[%n, %n], %b[%n, %n] depth %n : !attune.tile<6x16xf32>, memref<?x?xf32>, memref<?x?xf64>
  return
}

// -----

func.func @tile_contract_C4(%a: memref<?x?xf32>, %b: memref<?x8x16xf32>, %n: index, %x: f32) {
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // expected-error@+1 {{(C4) a bound on columns needs a rhs of rank 2}}
  %1 = attune.tile.contract %0, %a[%n, %n], %b[%n, %n, %n] depth %n columns %n : !attune.tile<6x16xf32>, memref<?x?xf32>, memref<?x8x16xf32>
  return
}

// -----

func.func @tile_transpose_C1(%x: f32) {
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // expected-error@+1 {{(C1) rows and columns must swap}}
  %1 = attune.tile.transpose %0 : !attune.tile<6x16xf32> -> !attune.tile<6x16xf32>
  return
}

// -----

func.func @tile_fold_max_C1(%a: memref<?xf32>, %n: index, %x: f32) {
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // expected-error@+1 {{(C1) lanes must be a memref of rank 2}}
  attune.tile.fold_max %0, %a[%n] : !attune.tile<6x16xf32>, memref<?xf32>
  return
}

// -----

func.func @tile_contract_C1_lhs(%a: memref<?xf32>, %b: memref<?x?xf32>, %n: index, %x: f32) {
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // expected-error@+1 {{(C1) lhs must be a memref of rank 2}}
  %1 = attune.tile.contract %0, %a[%n, %n], %b[%n, %n] depth %n : !attune.tile<6x16xf32>, memref<?xf32>, memref<?x?xf32>
  return
}

// -----

func.func @tile_fill_C0(%x: f32) {
  // expected-error@+1 {{(C0) needs a tile with rows, columns and element type f32, got '!attune.tile<6x16xf64>'}}
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf64>
  return
}

// -----

func.func @tile_load_C0(%a: memref<?x?xf32>, %n: index) {
  // expected-error@+1 {{(C0) needs a tile with rows, columns and element type f32, got '!attune.tile<6x16xf64>'}}
  %0 = attune.tile.load %a[%n, %n] : memref<?x?xf32> -> !attune.tile<6x16xf64>
  return
}

// -----

func.func @tile_load_row_C0(%a: memref<?xf32>, %n: index) {
  // expected-error@+1 {{(C0) needs a tile with rows, columns and element type f32, got '!attune.tile<6x16xf64>'}}
  %0 = attune.tile.load_row %a[%n] : memref<?xf32> -> !attune.tile<6x16xf64>
  return
}

// -----

func.func @tile_store_C0(%t: !attune.tile<6x16xf64>, %a: memref<?x?xf32>, %n: index) {
  // expected-error@+1 {{(C0) needs a tile with rows, columns and element type f32, got '!attune.tile<6x16xf64>'}}
  attune.tile.store %t, %a[%n, %n] : !attune.tile<6x16xf64>, memref<?x?xf32>
  return
}

// -----

func.func @tile_contract_C0(%t: !attune.tile<6x16xf64>, %a: memref<?x?xf32>, %n: index) {
  // expected-error@+1 {{(C0) needs a tile with rows, columns and element type f32, got '!attune.tile<6x16xf64>'}}
  %0 = attune.tile.contract %t, %a[%n, %n], %a[%n, %n] depth %n : !attune.tile<6x16xf64>, memref<?x?xf32>, memref<?x?xf32>
  return
}

// -----

func.func @tile_transpose_C0(%t: !attune.tile<6x16xf64>) {
  // expected-error@+1 {{(C0) needs a tile with rows, columns and element type f32, got '!attune.tile<16x6xf64>'}}
  %0 = attune.tile.transpose %t : !attune.tile<6x16xf64> -> !attune.tile<16x6xf64>
  return
}

// -----

func.func @tile_fold_max_C0(%t: !attune.tile<6x16xf64>, %a: memref<?x?xf32>, %n: index) {
  // expected-error@+1 {{(C0) needs a tile with rows, columns and element type f32, got '!attune.tile<6x16xf64>'}}
  attune.tile.fold_max %t, %a[%n] : !attune.tile<6x16xf64>, memref<?x?xf32>
  return
}
