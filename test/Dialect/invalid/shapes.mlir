// RUN: %attune-opt %s -split-input-file -verify-diagnostics

func.func @dot_C2(%q: tensor<1x2x5x4xf32>, %k: tensor<1x2x7x3xf32>) {
  // expected-error @+1 {{(C2) k has the shape [1, 2, 7, 3], expected [1, 2, 7, 4]}}
  %s = attune.dot %q, %k scale 0.5 : (tensor<1x2x5x4xf32>, tensor<1x2x7x3xf32>) -> !attune.scores<1x2x5x7xf32>
  return
}

// -----

func.func @dot_C3(%q: tensor<1x3x5x4xf32>, %k: tensor<1x2x7x4xf32>) {
  // expected-error @+1 {{(C3) 3 heads are no multiple of 2 key heads}}
  %s = attune.dot %q, %k scale 0.5 : (tensor<1x3x5x4xf32>, tensor<1x2x7x4xf32>) -> !attune.scores<1x3x5x7xf32>
  return
}

// -----

func.func @linear_C2(%x: tensor<?x8xf32, #attune.shape<T, 8>>, %w: tensor<6x9xf32>) {
  // expected-error @+1 {{(C2) the weight has the shape [6, 9], expected [6, 8]}}
  %y = attune.linear %x, %w : (tensor<?x8xf32, #attune.shape<T, 8>>, tensor<6x9xf32>) -> tensor<?x6xf32, #attune.shape<T, 6>>
  return
}

// -----

func.func @linear_C5(%x: tensor<?x8xf32, #attune.shape<T, 8>>, %w: tensor<6x8xf32>) {
  // expected-error @+1 {{(C5) the result has the shape [B, 6], expected [T, 6]}}
  %y = attune.linear %x, %w : (tensor<?x8xf32, #attune.shape<T, 8>>, tensor<6x8xf32>) -> tensor<?x6xf32, #attune.shape<B, 6>>
  return
}

// -----

func.func @transpose_C1(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C1) the permutation does not reorder the axes of [2, 3]}}
  %y = attune.transpose %x permutation [0, 0] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @slice_C3(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C3) [2, 2] from offset 2 leaves [2, 3]}}
  %y = attune.slice %x axis 1 offset <2> : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @head_split_C2(%x: tensor<5x7xf32>) {
  // expected-error @+1 {{(C2) the last extent of [5, 7] is no multiple of 2 heads}}
  %y = attune.head_split %x heads 2 : (tensor<5x7xf32>) -> tensor<2x5x3xf32>
  return
}

// -----

func.func @combine_C2(%s: !attune.scores<1x2x5x5xf32>) {
  // expected-error @+1 {{(C2) weight index 1 is outside [-1, 0)}}
  %r = attune.combine %s coefficients [3.0] index [1] : (!attune.scores<1x2x5x5xf32>) -> !attune.scores<1x2x5x5xf32>
  return
}
