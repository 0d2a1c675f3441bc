// RUN: %attune-opt %s -split-input-file -verify-diagnostics

func.func @dot_C3(%q: tensor<1x2x5x4xf32>, %k: tensor<1x2x7x3xf32>) {
  // expected-error @+1 {{(C3) head sizes differ: 'tensor<1x2x5x4xf32>' and 'tensor<1x2x7x3xf32>'}}
  %s = attune.dot %q, %k scale 0.5 : (tensor<1x2x5x4xf32>, tensor<1x2x7x3xf32>) -> !attune.scores<1x2x5x7xf32>
  return
}

// -----

func.func @dot_C4(%q: tensor<1x3x5x4xf32>, %k: tensor<1x2x7x4xf32>) {
  // expected-error @+1 {{(C4) 2 key heads do not divide 3 query heads}}
  %s = attune.dot %q, %k scale 0.5 : (tensor<1x3x5x4xf32>, tensor<1x2x7x4xf32>) -> !attune.scores<1x3x5x7xf32>
  return
}

// -----

func.func @linear_C3(%x: tensor<?x8xf32, #attune.shape<T, 8>>, %w: tensor<6x9xf32>) {
  // expected-error @+1 {{(C3) input [T, 8] and weight [6, 9] must agree: [..., K] and [N, K]}}
  %y = attune.linear %x, %w : (tensor<?x8xf32, #attune.shape<T, 8>>, tensor<6x9xf32>) -> tensor<?x6xf32, #attune.shape<T, 6>>
  return
}

// -----

func.func @linear_C6(%x: tensor<?x8xf32, #attune.shape<T, 8>>, %w: tensor<6x8xf32>) {
  // expected-error @+1 {{(C6) result must have shape [T, 6], not [B, 6]}}
  %y = attune.linear %x, %w : (tensor<?x8xf32, #attune.shape<T, 8>>, tensor<6x8xf32>) -> tensor<?x6xf32, #attune.shape<B, 6>>
  return
}

// -----

func.func @transpose_C2(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C2) permutation must name each axis once}}
  %y = attune.transpose %x permutation [0, 0] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @slice_C4(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C4) the slice leaves its axis}}
  %y = attune.slice %x axis 1 offset <2> : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @head_split_C3(%x: tensor<5x7xf32>) {
  // expected-error @+1 {{(C3) 2 heads do not divide 7}}
  %y = attune.head_split %x heads 2 : (tensor<5x7xf32>) -> tensor<2x5x3xf32>
  return
}

// -----

func.func @combine_C3(%s: !attune.scores<1x2x5x5xf32>) {
  // expected-error @+1 {{(C3) weight index 1 is not in -1..0}}
  %r = attune.combine %s coefficients [3.0] index [1] : (!attune.scores<1x2x5x5xf32>) -> !attune.scores<1x2x5x5xf32>
  return
}
