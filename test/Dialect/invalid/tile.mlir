// RUN: %attune-opt %s --split-input-file --verify-diagnostics

func.func @load_rank(%a: memref<?xf32>, %n: index) {
  // expected-error@+1 {{(C1) source must be a memref of rank 2 and element type f32}}
  %0 = attune.tile.load %a[%n, %n] : memref<?xf32> -> !attune.tile<6x16xf32>
  return
}

// -----

func.func @load_row_type(%a: memref<?xi32>, %n: index) {
  // expected-error@+1 {{(C1) source must be a memref of rank 1 and element type f32}}
  %0 = attune.tile.load_row %a[%n] : memref<?xi32> -> !attune.tile<6x16xf32>
  return
}

// -----

func.func @store_rank(%a: memref<?x?x?xf32>, %n: index, %x: f32) {
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // expected-error@+1 {{(C1) destination must be a memref of rank 2}}
  attune.tile.store %0, %a[%n, %n] : !attune.tile<6x16xf32>, memref<?x?x?xf32>
  return
}

// -----

func.func @contract_rank(%a: memref<?x?xf32>, %b: memref<?xf32>, %n: index, %x: f32) {
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // expected-error@+1 {{(C1) rhs must have rank 2, or 3 with a static width}}
  %1 = attune.tile.contract %0, %a[%n, %n], %b[%n] depth %n : !attune.tile<6x16xf32>, memref<?x?xf32>, memref<?xf32>
  return
}

// -----

func.func @contract_indices(%a: memref<?x?xf32>, %n: index, %x: f32) {
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // expected-error@+1 {{(C2) needs one index for each dimension of rhs}}
  %1 = attune.tile.contract %0, %a[%n, %n], %a[%n] depth %n : !attune.tile<6x16xf32>, memref<?x?xf32>, memref<?x?xf32>
  return
}

// -----

func.func @contract_type(%a: memref<?x?xf32>, %b: memref<?x?xf64>, %n: index, %x: f32) {
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // expected-error@+1 {{(C3) rhs must be a memref of f32}}
  %1 = attune.tile.contract %0, %a[%n, %n], %b[%n, %n] depth %n : !attune.tile<6x16xf32>, memref<?x?xf32>, memref<?x?xf64>
  return
}

// -----

func.func @contract_bound(%a: memref<?x?xf32>, %b: memref<?x8x16xf32>, %n: index, %x: f32) {
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // expected-error@+1 {{a bound on columns needs a rhs of rank 2}}
  %1 = attune.tile.contract %0, %a[%n, %n], %b[%n, %n, %n] depth %n columns %n : !attune.tile<6x16xf32>, memref<?x?xf32>, memref<?x8x16xf32>
  return
}

// -----

func.func @transpose(%x: f32) {
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // expected-error@+1 {{(C1) rows and columns must swap}}
  %1 = attune.tile.transpose %0 : !attune.tile<6x16xf32> -> !attune.tile<6x16xf32>
  return
}

// -----

func.func @fold_max(%a: memref<?xf32>, %n: index, %x: f32) {
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // expected-error@+1 {{(C1) lanes must be a memref of rank 2}}
  attune.tile.fold_max %0, %a[%n] : !attune.tile<6x16xf32>, memref<?xf32>
  return
}
