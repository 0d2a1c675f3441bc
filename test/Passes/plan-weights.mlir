// RUN: %attune-opt %s --attune-plan-weights --split-input-file --verify-diagnostics | FileCheck %s

// Without a machine description panels are 8 wide: 12 rows make 2 panels.
// CHECK-LABEL: func.func @linear
// CHECK-SAME: attune.packed_floats = 208 : i64
// CHECK-SAME: attune.weights = [#attune.weight<"w", [12, 12], <panels, 8>, 0>, #attune.weight<"b", [12], <pad, 8>, 192>]
func.func @linear(%x: memref<3x12xf32>, %y: memref<3x12xf32>) {
  // CHECK-DAG: %[[W:.*]] = attune.param "w" pack <panels, 8> offset 0 : memref<2x12x8xf32>
  // CHECK-DAG: %[[B:.*]] = attune.param "b" pack <pad, 8> offset 192 : memref<16xf32>
  // CHECK: attune.linear %{{.*}}, %[[W]] bias %[[B]] into
  %w = attune.param "w" : memref<12x12xf32>
  %b = attune.param "b" : memref<12xf32>
  attune.linear %x, %w bias %b into %y : (memref<3x12xf32>, memref<12x12xf32>, memref<12xf32>, memref<3x12xf32>) -> ()
  return
}

// A weight that is a linear's and a table has two rows; the tied use shares.
// CHECK-LABEL: func.func @two_layouts
// CHECK-SAME: attune.weights = [#attune.weight<"t", [16, 4], <copy, 1>, 0>, #attune.weight<"t", [16, 4], <panels, 8>, 64>]
func.func @two_layouts(%x: memref<3x4xf32>, %ids: memref<3xi64>, %y: memref<3x16xf32>, %z: memref<3x4xf32>) {
  %w = attune.param "t" : memref<16x4xf32>
  %same = attune.param "t" : memref<16x4xf32>
  attune.linear %x, %w into %y : (memref<3x4xf32>, memref<16x4xf32>, memref<3x16xf32>) -> ()
  // CHECK: attune.gather %[[T:.*]], %{{.*}} into
  attune.gather %w, %ids into %z : (memref<16x4xf32>, memref<3xi64>, memref<3x4xf32>) -> ()
  attune.gather %same, %ids into %z : (memref<16x4xf32>, memref<3xi64>, memref<3x4xf32>) -> ()
  return
}

// Names are expanded over the loop; rows of a family are evenly apart, and a
// use outside of the loop shares its row.
// CHECK-LABEL: func.func @layers
// CHECK-SAME: attune.packed_floats = 96 : i64
// CHECK-SAME: attune.weights = [#attune.weight<"l.1.g", [17], <copy, 1>, 0>, #attune.weight<"l.2.g", [17], <copy, 1>, 32>, #attune.weight<"l.3.g", [17], <copy, 1>, 64>]
func.func @layers(%x: memref<3x17xf32>, %y: memref<3x17xf32>) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.for %i = %c1 to %c4 step %c1 {
    // CHECK: attune.param "l.{i}.g"[%{{.*}}] pack <copy, 1> offset -32 strides [32] : memref<17xf32>
    %g = attune.param "l.{i}.g"[%i] : memref<17xf32>
    attune.layer_norm %x gamma %g eps 1.000000e-05 into %y : (memref<3x17xf32>, memref<17xf32>, memref<3x17xf32>) -> ()
  }
  // CHECK: attune.param "l.2.g" pack <copy, 1> offset 32 : memref<17xf32>
  %g2 = attune.param "l.2.g" : memref<17xf32>
  attune.layer_norm %x gamma %g2 eps 1.000000e-05 into %y : (memref<3x17xf32>, memref<17xf32>, memref<3x17xf32>) -> ()
  return
}

// Two loops: the last one is innermost.
// CHECK-LABEL: func.func @nested
// CHECK-SAME: [#attune.weight<"0.0", [4], <copy, 1>, 0>, #attune.weight<"0.1", [4], <copy, 1>, 16>, #attune.weight<"0.2", [4], <copy, 1>, 32>, #attune.weight<"1.0", [4], <copy, 1>, 48>
func.func @nested(%x: memref<3x4xf32>, %y: memref<3x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  scf.for %i = %c0 to %c2 step %c1 {
    scf.for %j = %c0 to %c3 step %c1 {
      // CHECK: attune.param "{i}.{j}"{{.*}} offset 0 strides [48, 16]
      %g = attune.param "{i}.{j}"[%i, %j] : memref<4xf32>
      attune.layer_norm %x gamma %g eps 1.000000e-05 into %y : (memref<3x4xf32>, memref<4xf32>, memref<3x4xf32>) -> ()
    }
  }
  return
}

// A loop that ran once is gone: its step is a constant.
// CHECK-LABEL: func.func @one_step
// CHECK-SAME: [#attune.weight<"3.0", [4], <copy, 1>, 0>, #attune.weight<"3.1", [4], <copy, 1>, 16>]
func.func @one_step(%x: memref<3x4xf32>, %y: memref<3x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  scf.for %j = %c0 to %c2 step %c1 {
    // CHECK: attune.param "{i}.{j}"{{.*}} offset -96 strides [32, 16]
    %g = attune.param "{i}.{j}"[%c3, %j] : memref<4xf32>
    attune.layer_norm %x gamma %g eps 1.000000e-05 into %y : (memref<3x4xf32>, memref<4xf32>, memref<3x4xf32>) -> ()
  }
  return
}

// Rows 16..32 of a weight are panels 2 and 3 of it.
// CHECK-LABEL: func.func @rows
func.func @rows(%x: memref<3x4xf32>, %y: memref<3x16xf32>) {
  %w = attune.param "w" : memref<32x4xf32>
  %part = memref.reinterpret_cast %w to offset: [64], sizes: [16, 4], strides: [4, 1] : memref<32x4xf32> to memref<16x4xf32, strided<[4, 1], offset: 64>>
  // CHECK: %[[W:.*]] = attune.param "w" pack <panels, 8> offset 0 : memref<4x4x8xf32>
  // CHECK: %[[PART:.*]] = memref.reinterpret_cast %[[W]] to offset: [64], sizes: [2, 4, 8], strides: [32, 8, 1]
  // CHECK: attune.linear %{{.*}}, %[[PART]] into
  attune.linear %x, %part into %y : (memref<3x4xf32>, memref<16x4xf32, strided<[4, 1], offset: 64>>, memref<3x16xf32>) -> ()
  return
}

// Weights that fuse joined lie one behind the other in each step.
// CHECK-LABEL: func.func @joined
// CHECK-SAME: attune.packed_floats = 448 : i64
// CHECK-SAME: [#attune.weight<"0.q", [8, 4], <panels, 8>, 0>, #attune.weight<"0.k", [12, 4], <panels, 8>, 32>, #attune.weight<"1.q", [8, 4], <panels, 8>, 96>, #attune.weight<"1.k", [12, 4], <panels, 8>, 128>, #attune.weight<"0.qb"
func.func @joined(%x: memref<3x4xf32>, %y: memref<3x20xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  scf.for %i = %c0 to %c2 step %c1 {
    // CHECK: attune.param "{i}.q"{{.*}} pack <panels, 8> offset 0 strides [96] {{.*}} : memref<3x4x8xf32>
    // CHECK: attune.param "{i}.qb"{{.*}} pack <pad, 8> offset 192 strides [48] {{.*}} : memref<40xf32>
    %w = attune.param "{i}.q"[%i] {attune.parts = [#attune.weight<"{i}.q", [8, 4], <copy, 1>, 0>, #attune.weight<"{i}.k", [12, 4], <copy, 1>, 8>]} : memref<20x4xf32>
    %b = attune.param "{i}.qb"[%i] {attune.parts = [#attune.weight<"{i}.qb", [16], <copy, 1>, 0>, #attune.weight<"{i}.kb", [24], <copy, 1>, 16>]} : memref<40xf32>
    attune.linear %x, %w into %y : (memref<3x4xf32>, memref<20x4xf32>, memref<3x20xf32>) -> ()
    %z = memref.alloc() : memref<3x40xf32>
    %v = attune.param "v" : memref<40x4xf32>
    attune.linear %x, %v bias %b into %z : (memref<3x4xf32>, memref<40x4xf32>, memref<40xf32>, memref<3x40xf32>) -> ()
  }
  return
}

// -----

func.func @joined_within_panel(%x: memref<3x4xf32>, %y: memref<3x20xf32>) {
  // expected-error @+1 {{joins weights that are not whole panels of 8 rows}}
  %w = attune.param "q" {attune.parts = [#attune.weight<"q", [12, 4], <copy, 1>, 0>, #attune.weight<"k", [8, 4], <copy, 1>, 12>]} : memref<20x4xf32>
  attune.linear %x, %w into %y : (memref<3x4xf32>, memref<20x4xf32>, memref<3x20xf32>) -> ()
  return
}

// -----

func.func @misaligned(%x: memref<3x4xf32>, %y: memref<3x8xf32>) {
  %w = attune.param "w" : memref<32x4xf32>
  %part = memref.reinterpret_cast %w to offset: [16], sizes: [8, 4], strides: [4, 1] : memref<32x4xf32> to memref<8x4xf32, strided<[4, 1], offset: 16>>
  // expected-error @+1 {{reads a part of weight "w" that is no run of whole panels of 8 rows}}
  attune.linear %x, %part into %y : (memref<3x4xf32>, memref<8x4xf32, strided<[4, 1], offset: 16>>, memref<3x8xf32>) -> ()
  return
}

// -----

func.func @no_param(%x: memref<3x4xf32>, %w: memref<8x4xf32>, %y: memref<3x8xf32>) {
  // expected-error @+1 {{has a weight that is no parameter}}
  attune.linear %x, %w into %y : (memref<3x4xf32>, memref<8x4xf32>, memref<3x8xf32>) -> ()
  return
}

// -----

func.func @unknown_step(%n: index, %x: memref<3x4xf32>, %y: memref<3x4xf32>) {
  // expected-error @+1 {{has a step that is no loop index with constant bounds}}
  %g = attune.param "l.{i}.g"[%n] : memref<4xf32>
  attune.layer_norm %x gamma %g eps 1.000000e-05 into %y : (memref<3x4xf32>, memref<4xf32>, memref<3x4xf32>) -> ()
  return
}

// -----

func.func @twice(%x: memref<3x4xf32>, %y: memref<3x4xf32>) {
  // expected-error @+1 {{has its layout already}}
  %g = attune.param "g" pack <copy, 1> offset 0 : memref<4xf32>
  attune.layer_norm %x gamma %g eps 1.000000e-05 into %y : (memref<3x4xf32>, memref<4xf32>, memref<3x4xf32>) -> ()
  return
}
