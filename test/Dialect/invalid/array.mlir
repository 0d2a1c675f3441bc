// RUN: %attune-opt %s -split-input-file -verify-diagnostics
// The names repeat the labels of the constraints: OP_Cn[_what].

func.func @broadcast_C1(%x: memref<4x7xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  attune.broadcast %x : (memref<4x7xf32>) -> ()
  return
}

// -----

func.func @broadcast_C2(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C2) result has the input's element type}}
  %0 = attune.broadcast %x : (tensor<4x7xf32>) -> tensor<4x7xi32>
  return
}

// -----

func.func @broadcast_C3(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C3) shape [4, 7] does not stretch to [4, 8]}}
  %0 = attune.broadcast %x : (tensor<4x7xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @broadcast_C3_shrinks(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C3) shape [4, 7] does not stretch to [1, 7]}}
  %0 = attune.broadcast %x : (tensor<4x7xf32>) -> tensor<1x7xf32>
  return
}

// -----

func.func @repeat_elements_C1(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C1) axis 2 is not in 0..2}}
  %0 = attune.repeat_elements %x axis 2 times <2> : (tensor<4x7xf32>) -> tensor<4x14xf32>
  return
}

// -----

func.func @repeat_elements_C2(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C2) result has the input's element type}}
  %0 = attune.repeat_elements %x axis 1 times <2> : (tensor<4x7xf32>) -> tensor<4x14xi32>
  return
}

// -----

func.func @repeat_elements_C3(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C3) result must have shape [4, 14], not [8, 7]}}
  %0 = attune.repeat_elements %x axis 1 times <2> : (tensor<4x7xf32>) -> tensor<8x7xf32>
  return
}

// -----

func.func @tile_axis_C1(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C1) axis -1 is not in 0..2}}
  %0 = attune.tile_axis %x axis -1 times <2> : (tensor<4x7xf32>) -> tensor<4x14xf32>
  return
}

// -----

func.func @tile_axis_C2(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C2) result has the input's element type}}
  %0 = attune.tile_axis %x axis 1 times <2> : (tensor<4x7xf32>) -> tensor<4x14xi32>
  return
}

// -----

func.func @tile_axis_C3(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C3) result must have shape [4, 14], not [4, 7]}}
  %0 = attune.tile_axis %x axis 1 times <2> : (tensor<4x7xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @where_C1(%c: memref<4xi8>, %x: memref<4xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  attune.where %c, %x, %x : (memref<4xi8>, memref<4xf32>, memref<4xf32>) -> ()
  return
}

// -----

func.func @where_C2(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C2) takes an i1 and two of one element type}}
  %0 = attune.where %x, %x, %x : (tensor<4x7xf32>, tensor<4x7xf32>, tensor<4x7xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @where_C2_mixed(%x: tensor<4x7xf32>, %c: tensor<i1>, %n: tensor<i32>) {
  // expected-error @+1 {{(C2) takes an i1 and two of one element type}}
  %0 = attune.where %c, %x, %n : (tensor<i1>, tensor<4x7xf32>, tensor<i32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @where_C3(%x: tensor<4x7xf32>, %c: tensor<4xi1>) {
  // expected-error @+1 {{(C3) shapes [4], [4, 7] and [4, 7] do not broadcast}}
  %0 = attune.where %c, %x, %x : (tensor<4xi1>, tensor<4x7xf32>, tensor<4x7xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @where_C4(%x: tensor<4x7xf32>, %c: tensor<2x1x1xi1>) {
  // expected-error @+1 {{(C4) result must have shape [2, 4, 7], not [4, 7]}}
  %0 = attune.where %c, %x, %x : (tensor<2x1x1xi1>, tensor<4x7xf32>, tensor<4x7xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @arange_C1() {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  attune.arange : () -> ()
  return
}

// -----

func.func @arange_C2() {
  // expected-error @+1 {{(C2) makes an array of rank 1 and elements i64}}
  %0 = attune.arange : () -> tensor<7xi32>
  return
}

// -----

func.func @sinusoid_C1() {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  attune.sinusoid <halves> base 1.0e+4 offset <0> : () -> ()
  return
}

// -----

func.func @sinusoid_C2() {
  // expected-error @+1 {{(C2) makes [T, D] of f32 with a static, even D}}
  %0 = attune.sinusoid <halves> base 1.0e+4 offset <0> : () -> tensor<4x7xf32>
  return
}

// -----

func.func @sinusoid_C3() {
  // expected-error @+1 {{(C3) base must be positive and finite}}
  %0 = attune.sinusoid <halves> base 0.0 offset <0> : () -> tensor<4x8xf32>
  return
}

// -----

func.func @rope_C1(%x: memref<4x8xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  attune.rope <halves> %x, %x : (memref<4x8xf32>, memref<4x8xf32>) -> ()
  return
}

// -----

func.func @rope_C2(%x: tensor<4x8xi32>) {
  // expected-error @+1 {{(C2) computes in f32, not 'i32'}}
  %0 = attune.rope <halves> %x, %x : (tensor<4x8xi32>, tensor<4x8xi32>) -> tensor<4x8xi32>
  return
}

// -----

func.func @rope_C3(%x: tensor<8xf32>, %t: tensor<4x8xf32>) {
  // expected-error @+1 {{(C3) takes rank 2 or more and a table of rank 2}}
  %0 = attune.rope <halves> %x, %t : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @rope_C4_odd(%x: tensor<4x7xf32>, %t: tensor<4x5xf32>) {
  // expected-error @+1 {{(C4) turns an even, static number of channels, not 5 of 7}}
  %0 = attune.rope <halves> %x, %t : (tensor<4x7xf32>, tensor<4x5xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @rope_C4_rows(%x: tensor<4x7xf32>, %t: tensor<5x6xf32>) {
  // expected-error @+1 {{(C4) the table has a row for each position}}
  %0 = attune.rope <halves> %x, %t : (tensor<4x7xf32>, tensor<5x6xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @rope_C5(%x: tensor<4x7xf32>, %t: tensor<4x6xf32>) {
  // expected-error @+1 {{(C5) result must have shape [4, 7], not [4, 6]}}
  %0 = attune.rope <halves> %x, %t : (tensor<4x7xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
  return
}

// -----

func.func @broadcast_C1_both(%x: memref<4x7xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  %0 = attune.broadcast %x into %x : (memref<4x7xf32>, memref<4x7xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @where_C1_both(%c: memref<4xi8>, %x: memref<4xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  %0 = attune.where %c, %x, %x into %x : (memref<4xi8>, memref<4xf32>, memref<4xf32>, memref<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @arange_C1_both(%y: memref<4xi64>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  %0 = attune.arange into %y : (memref<4xi64>) -> tensor<4xi64>
  return
}

// -----

func.func @sinusoid_C1_both(%y: memref<4x8xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  %0 = attune.sinusoid <halves> base 1.0e+4 offset <0> into %y : (memref<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @rope_C1_both(%x: memref<4x8xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  %0 = attune.rope <halves> %x, %x into %x : (memref<4x8xf32>, memref<4x8xf32>, memref<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @repeat_elements_C3_overflow(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C3) the size along the axis overflows}}
  %0 = attune.repeat_elements %x axis 0 times <9223372036854775807> : (tensor<4x7xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @tile_axis_C3_overflow(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C3) the size along the axis overflows}}
  %0 = attune.tile_axis %x axis 0 times <9223372036854775807> : (tensor<4x7xf32>) -> tensor<4x7xf32>
  return
}
