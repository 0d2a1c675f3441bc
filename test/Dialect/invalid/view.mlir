// RUN: %attune-opt %s -split-input-file -verify-diagnostics
// The names repeat the labels of the constraints: OP_Cn[_what].

func.func @head_split_C1(%x: tensor<5x6xf32>) {
  // expected-error @+1 {{(C1) result has the input's element type}}
  %0 = attune.head_split %x heads 2 : (tensor<5x6xf32>) -> tensor<2x5x3xi32>
  return
}

// -----

func.func @head_split_C2_rank(%x: tensor<6xf32>) {
  // expected-error @+1 {{(C2) splits rank 2 or more into one head or more}}
  %0 = attune.head_split %x heads 2 : (tensor<6xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @head_split_C2_heads(%x: tensor<5x6xf32>) {
  // expected-error @+1 {{(C2) splits rank 2 or more into one head or more}}
  %0 = attune.head_split %x heads 0 : (tensor<5x6xf32>) -> tensor<2x5x3xf32>
  return
}

// -----

func.func @head_split_C3(%x: tensor<5x7xf32>) {
  // expected-error @+1 {{(C3) 2 heads do not divide 7}}
  %0 = attune.head_split %x heads 2 : (tensor<5x7xf32>) -> tensor<2x5x3xf32>
  return
}

// -----

func.func @head_split_C4(%x: tensor<5x6xf32>) {
  // expected-error @+1 {{(C4) result must have shape [2, 5, 3], not [5, 2, 3]}}
  %0 = attune.head_split %x heads 2 : (tensor<5x6xf32>) -> tensor<5x2x3xf32>
  return
}

// -----

func.func @head_merge_C1(%x: tensor<2x5x3xf32>) {
  // expected-error @+1 {{(C1) result has the input's element type}}
  %0 = attune.head_merge %x : (tensor<2x5x3xf32>) -> tensor<5x6xi32>
  return
}

// -----

func.func @head_merge_C2(%x: tensor<5x6xf32>) {
  // expected-error @+1 {{(C2) merges rank 3 or more}}
  %0 = attune.head_merge %x : (tensor<5x6xf32>) -> tensor<30xf32>
  return
}

// -----

func.func @head_merge_C3(%x: tensor<4611686018427387904x1x4xf32>) {
  // expected-error @+1 {{(C3) the merged size overflows}}
  %0 = attune.head_merge %x : (tensor<4611686018427387904x1x4xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @head_merge_C4(%x: tensor<2x5x3xf32>) {
  // expected-error @+1 {{(C4) result must have shape [5, 6], not [5, 5]}}
  %0 = attune.head_merge %x : (tensor<2x5x3xf32>) -> tensor<5x5xf32>
  return
}

// -----

func.func @slice_C1(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C1) result has the input's element type}}
  %0 = attune.slice %x axis 1 offset <0> : (tensor<2x3xf32>) -> tensor<2x2xi32>
  return
}

// -----

func.func @slice_C2(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C2) axis 2 is not in 0..2}}
  %0 = attune.slice %x axis 2 offset <0> : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @slice_C3(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C3) result must have shape [2, 2], not [1, 2]}}
  %0 = attune.slice %x axis 1 offset <0> : (tensor<2x3xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @slice_C3_rank(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C3) result must have shape [2, 3], not [2]}}
  %0 = attune.slice %x axis 1 offset <0> : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @slice_C4(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C4) the slice leaves its axis}}
  %0 = attune.slice %x axis 1 offset <2> : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @slice_C4_negative(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C4) the slice leaves its axis}}
  %0 = attune.slice %x axis 1 offset <-1> : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @split_C1(%x: tensor<6xf32>) {
  // expected-error @+1 {{(C1) result has the input's element type}}
  %0:2 = attune.split %x axis 0 : (tensor<6xf32>) -> (tensor<3xf32>, tensor<3xi32>)
  return
}

// -----

func.func @split_C2(%x: tensor<6xf32>) {
  // expected-error @+1 {{(C2) axis -1 is not in 0..1}}
  %0:2 = attune.split %x axis -1 : (tensor<6xf32>) -> (tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @split_C3(%x: tensor<6xf32>) {
  // expected-error @+1 {{(C3) has one part or more}}
  attune.split %x axis 0 : (tensor<6xf32>) -> ()
  return
}

// -----

func.func @split_C4(%x: tensor<7xf32>) {
  // expected-error @+1 {{(C4) 2 parts do not divide 7}}
  %0:2 = attune.split %x axis 0 : (tensor<7xf32>) -> (tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @split_C5(%x: tensor<6xf32>) {
  // expected-error @+1 {{(C5) part must have shape [3], not [2]}}
  %0:2 = attune.split %x axis 0 : (tensor<6xf32>) -> (tensor<3xf32>, tensor<2xf32>)
  return
}

// -----

func.func @transpose_C1(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C1) result has the input's element type}}
  %0 = attune.transpose %x permutation [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xi32>
  return
}

// -----

func.func @transpose_C2(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C2) permutation must name each axis once}}
  %0 = attune.transpose %x permutation [0, 0] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @transpose_C2_size(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C2) permutation must name each axis once}}
  %0 = attune.transpose %x permutation [0] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @transpose_C2_range(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C2) permutation must name each axis once}}
  %0 = attune.transpose %x permutation [0, 2] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @transpose_C3(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C3) result must have shape [3, 2], not [2, 3]}}
  %0 = attune.transpose %x permutation [1, 0] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @reshape_C1(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C1) result has the input's element type}}
  %0 = attune.reshape %x : (tensor<2x3xf32>) -> tensor<6xi32>
  return
}

// -----

func.func @reshape_C2(%x: tensor<2x?xf32, #attune.shape<2, T>>) {
  // expected-error @+1 {{(C2) [2, T] and [3 * T] have different numbers of elements}}
  %0 = attune.reshape %x : (tensor<2x?xf32, #attune.shape<2, T>>) -> tensor<?xf32, #attune.shape<3 * T>>
  return
}
