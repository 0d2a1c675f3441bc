// RUN: %attune-opt %s -split-input-file -verify-diagnostics
// The names repeat the labels of the constraints: OP_Cn[_what].

func.func @dense_C1(%x: tensor<4x5x16xf32>, %w: tensor<4x7x16xf32>) {
  // expected-error @+1 {{(C1) input is f32 of rank 4, weight of rank 3, bias of rank 2, not 'tensor<4x5x16xf32>' and 'tensor<4x7x16xf32>'}}
  %0 = attune.dense %x, %w : (tensor<4x5x16xf32>, tensor<4x7x16xf32>) -> !attune.scores<2x4x5x7xf32>
  return
}

// -----

func.func @dense_C2(%x: tensor<2x4x5x16xf32>, %w: tensor<3x7x16xf32>) {
  // expected-error @+1 {{(C2) the heads of weight and bias do not divide 4 heads}}
  %0 = attune.dense %x, %w : (tensor<2x4x5x16xf32>, tensor<3x7x16xf32>) -> !attune.scores<2x4x5x7xf32>
  return
}

// -----

func.func @dense_C3(%x: tensor<2x4x5x16xf32>, %w: tensor<1x7x16xf32>) {
  // expected-error @+1 {{(C3) scores of 'tensor<2x4x5x16xf32>' and 'tensor<1x7x16xf32>' cannot be '!attune.scores<2x4x5x5xf32>'}}
  %0 = attune.dense %x, %w : (tensor<2x4x5x16xf32>, tensor<1x7x16xf32>) -> !attune.scores<2x4x5x5xf32>
  return
}

// -----

func.func @dense_C3_bias(%x: tensor<2x4x5x16xf32>, %w: tensor<1x7x16xf32>, %b: tensor<1x5xf32>) {
  // expected-error @+1 {{(C3) scores of}}
  %0 = attune.dense %x, %w bias %b : (tensor<2x4x5x16xf32>, tensor<1x7x16xf32>, tensor<1x5xf32>) -> !attune.scores<2x4x5x7xf32>
  return
}

// -----

func.func @random_C1(%r: tensor<5x7xf32>) {
  // expected-error @+1 {{(C1) table is f32 of rank 3, not 'tensor<5x7xf32>'}}
  %0 = attune.random %r <2, 4, 5, 7> : tensor<5x7xf32> -> !attune.scores<2x4x5x7xf32>
  return
}

// -----

func.func @random_C2(%r: tensor<3x5x7xf32>) {
  // expected-error @+1 {{(C2) 3 heads of the table do not divide 4 heads}}
  %0 = attune.random %r <2, 4, 5, 7> : tensor<3x5x7xf32> -> !attune.scores<2x4x5x7xf32>
  return
}

// -----

func.func @random_C3(%r: tensor<4x5x7xf32>) {
  // expected-error @+1 {{(C3) scores of 'tensor<4x5x7xf32>' with sizes #attune.shape<2, 4, 5, 7> cannot be '!attune.scores<2x4x5x5xf32>'}}
  %0 = attune.random %r <2, 4, 5, 7> : tensor<4x5x7xf32> -> !attune.scores<2x4x5x5xf32>
  return
}

// -----

func.func @factorized_random_C1(%l: tensor<4x5x8xf32>, %r: tensor<7x8xf32>) {
  // expected-error @+1 {{(C1) left and right are f32 of rank 3, not 'tensor<4x5x8xf32>' and 'tensor<7x8xf32>'}}
  %0 = attune.factorized_random %l, %r <2, 4, 5, 7> : (tensor<4x5x8xf32>, tensor<7x8xf32>) -> !attune.scores<2x4x5x7xf32>
  return
}

// -----

func.func @factorized_random_C2(%l: tensor<4x5x8xf32>, %r: tensor<3x7x8xf32>) {
  // expected-error @+1 {{(C2) the heads of 'tensor<4x5x8xf32>' and 'tensor<3x7x8xf32>' do not divide 4 heads}}
  %0 = attune.factorized_random %l, %r <2, 4, 5, 7> : (tensor<4x5x8xf32>, tensor<3x7x8xf32>) -> !attune.scores<2x4x5x7xf32>
  return
}

// -----

func.func @factorized_random_C3(%l: tensor<4x5x8xf32>, %r: tensor<4x7x9xf32>) {
  // expected-error @+1 {{(C3) scores of 'tensor<4x5x8xf32>' and 'tensor<4x7x9xf32>' with sizes #attune.shape<2, 4, 5, 7> cannot be '!attune.scores<2x4x5x7xf32>'}}
  %0 = attune.factorized_random %l, %r <2, 4, 5, 7> : (tensor<4x5x8xf32>, tensor<4x7x9xf32>) -> !attune.scores<2x4x5x7xf32>
  return
}

// -----

func.func @factorized_dense_C1(%l: tensor<2x4x5x2xf32>, %r: tensor<4x5x4xf32>) {
  // expected-error @+1 {{(C1) left and right are f32 of rank 4, not 'tensor<2x4x5x2xf32>' and 'tensor<4x5x4xf32>'}}
  %0 = attune.factorized_dense %l, %r <repeat_tile> <2, 4, 5, 7> : (tensor<2x4x5x2xf32>, tensor<4x5x4xf32>) -> !attune.scores<2x4x5x7xf32>
  return
}

// -----

func.func @factorized_dense_C2(%l: tensor<2x4x5x2xf32>, %r: tensor<2x3x5x4xf32>) {
  // expected-error @+1 {{(C2) 3 heads of a factor do not divide 4 heads}}
  %0 = attune.factorized_dense %l, %r <repeat_tile> <2, 4, 5, 7> : (tensor<2x4x5x2xf32>, tensor<2x3x5x4xf32>) -> !attune.scores<2x4x5x7xf32>
  return
}

// -----

func.func @factorized_dense_C3(%l: tensor<2x4x5x2xf32>, %r: tensor<2x4x6x4xf32>) {
  // expected-error @+1 {{(C3) scores of}}
  %0 = attune.factorized_dense %l, %r <repeat_tile> <2, 4, 5, 7> : (tensor<2x4x5x2xf32>, tensor<2x4x6x4xf32>) -> !attune.scores<2x4x5x7xf32>
  return
}
