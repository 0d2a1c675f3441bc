// RUN: %attune-opt %s --pass-pipeline="builtin.module(func.func(attune-cpu-lower-tiles{vector-width=8}))" --split-input-file --verify-diagnostics
// RUN: not %attune-opt %s --pass-pipeline="builtin.module(func.func(attune-cpu-lower-tiles))" --split-input-file 2>&1 | FileCheck %s

// CHECK: vector-width must be 4, 8 or 16, or the module have an attune.target

func.func @columns(%a: memref<1x16xf32>) {
  %c0 = arith.constant 0 : index
  // expected-error@+1 {{tile columns must be a multiple of the vector width 8}}
  %0 = attune.tile.load %a[%c0, %c0] : memref<1x16xf32> -> !attune.tile<1x12xf32>
  attune.tile.store %0, %a[%c0, %c0] : !attune.tile<1x12xf32>, memref<1x16xf32>
  return
}

// -----

func.func @transpose(%a: memref<16x16xf32>) {
  %c0 = arith.constant 0 : index
  %0 = attune.tile.load %a[%c0, %c0] : memref<16x16xf32> -> !attune.tile<16x16xf32>
  // expected-error@+1 {{only tiles of 8x8 are transposed on this target}}
  %1 = attune.tile.transpose %0 : !attune.tile<16x16xf32> -> !attune.tile<16x16xf32>
  attune.tile.store %1, %a[%c0, %c0] : !attune.tile<16x16xf32>, memref<16x16xf32>
  return
}
