// RUN: %attune-opt %s -split-input-file -verify-diagnostics
// The names repeat the labels of the constraints: OP_Cn[_what].

func.func @spatial_gate_C1_none(%w: memref<1x5x5xf32>, %x: memref<3x5x8xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize}}
  attune.spatial_gate %w, %x : (memref<1x5x5xf32>, memref<3x5x8xf32>) -> ()
  return
}

// -----

func.func @spatial_gate_C1_mixed(%w: memref<1x5x5xf32>, %x: tensor<3x5x8xf32>, %o: memref<3x5x8xf32>) {
  // expected-error @+1 {{(C1) with a destination takes no tensor operand}}
  attune.spatial_gate %w, %x into %o : (memref<1x5x5xf32>, tensor<3x5x8xf32>, memref<3x5x8xf32>) -> ()
  return
}

// -----

func.func @spatial_gate_C2(%w: tensor<1x5x5xi32>, %x: tensor<3x5x8xf32>) {
  // expected-error @+1 {{(C2) computes in f32, not 'i32'}}
  %0 = attune.spatial_gate %w, %x : (tensor<1x5x5xi32>, tensor<3x5x8xf32>) -> tensor<3x5x8xf32>
  return
}

// -----

func.func @spatial_gate_C3(%w: tensor<1x5x5xf32>, %x: tensor<3x5x8xf32>, %z: tensor<3x5x4xf32>) {
  // expected-error @+1 {{(C3) input, gate, added and result are f32 of one shape of rank 3, not 'tensor<3x5x8xf32>' and 'tensor<3x5x4xf32>'}}
  %0 = attune.spatial_gate %w, %x gate %z : (tensor<1x5x5xf32>, tensor<3x5x8xf32>, tensor<3x5x4xf32>) -> tensor<3x5x8xf32>
  return
}

// -----

func.func @spatial_gate_C4(%w: tensor<1x5x6xf32>, %x: tensor<3x5x8xf32>) {
  // expected-error @+1 {{(C4) weight is [G, T, T] and bias [G, T] for 5 positions}}
  %0 = attune.spatial_gate %w, %x : (tensor<1x5x6xf32>, tensor<3x5x8xf32>) -> tensor<3x5x8xf32>
  return
}

// -----

func.func @spatial_gate_C4_bias(%w: tensor<1x5x5xf32>, %b: tensor<2x5xf32>, %x: tensor<3x5x8xf32>) {
  // expected-error @+1 {{(C4) weight is [G, T, T] and bias [G, T] for 5 positions}}
  %0 = attune.spatial_gate %w, %x bias %b : (tensor<1x5x5xf32>, tensor<3x5x8xf32>, tensor<2x5xf32>) -> tensor<3x5x8xf32>
  return
}

// -----

func.func @spatial_gate_C5(%w: tensor<3x5x5xf32>, %x: tensor<3x5x8xf32>) {
  // expected-error @+1 {{(C5) 3 groups do not divide 8 channels}}
  %0 = attune.spatial_gate %w, %x : (tensor<3x5x5xf32>, tensor<3x5x8xf32>) -> tensor<3x5x8xf32>
  return
}

// -----

func.func @spatial_gate_C6(%w: tensor<1x5x5xf32>, %x: tensor<3x5x8xf32>, %n: tensor<8xf32>) {
  // expected-error @+1 {{(C6) norm is a scale and an offset of 8 channels, or nothing, and epsilon is positive}}
  %0 = attune.spatial_gate %w, %x norm(%n) : (tensor<1x5x5xf32>, tensor<3x5x8xf32>, tensor<8xf32>) -> tensor<3x5x8xf32>
  return
}

// -----

func.func @spatial_gate_C6_epsilon(%w: tensor<1x5x5xf32>, %x: tensor<3x5x8xf32>, %n: tensor<8xf32>) {
  // expected-error @+1 {{(C6) norm is a scale and an offset of 8 channels, or nothing, and epsilon is positive}}
  %0 = attune.spatial_gate %w, %x norm(%n, %n) {epsilon = 0.0 : f64} : (tensor<1x5x5xf32>, tensor<3x5x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<3x5x8xf32>
  return
}
