// RUN: %attune-opt %s -split-input-file -verify-diagnostics
// The names repeat the labels of the constraints: OP_Cn[_what].

func.func @reduce_C1(%x: memref<4x7xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  attune.reduce <sum> %x axis 1 : (memref<4x7xf32>) -> ()
  return
}

// -----

func.func @reduce_C2(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C2) axis 2 is not in 0..2}}
  %0 = attune.reduce <sum> %x axis 2 : (tensor<4x7xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @reduce_C3(%x: tensor<4x7xi64>) {
  // expected-error @+1 {{(C3) `mean` does not take 'i64'}}
  %0 = attune.reduce <mean> %x axis 1 : (tensor<4x7xi64>) -> tensor<4xi64>
  return
}

// -----

func.func @reduce_C3_bool(%x: tensor<4x7xi1>) {
  // expected-error @+1 {{(C3) `max` does not take 'i1'}}
  %0 = attune.reduce <max> %x axis 1 : (tensor<4x7xi1>) -> tensor<4xi1>
  return
}

// -----

func.func @reduce_C4(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C4) result cannot have elements of 'i64'}}
  %0 = attune.reduce <sum> %x axis 1 : (tensor<4x7xf32>) -> tensor<4xi64>
  return
}

// -----

func.func @reduce_C4_argmax(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C4) result cannot have elements of 'f32'}}
  %0 = attune.reduce <argmax> %x axis 1 : (tensor<4x7xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @reduce_C5(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C5) result must have shape [4], not [7]}}
  %0 = attune.reduce <sum> %x axis 1 : (tensor<4x7xf32>) -> tensor<7xf32>
  return
}

// -----

func.func @softmax_C1(%x: memref<4x7xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  attune.softmax %x axis 1 : (memref<4x7xf32>) -> ()
  return
}

// -----

func.func @softmax_C2(%x: tensor<4x7xi32>) {
  // expected-error @+1 {{(C2) computes in f32, not 'i32'}}
  %0 = attune.softmax %x axis 1 : (tensor<4x7xi32>) -> tensor<4x7xi32>
  return
}

// -----

func.func @softmax_C3(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C3) axis -1 is not in 0..2}}
  %0 = attune.softmax %x axis -1 : (tensor<4x7xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @softmax_C4(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C4) result must have shape [4, 7], not [4, 8]}}
  %0 = attune.softmax %x axis 1 : (tensor<4x7xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @rms_norm_C1(%x: memref<4x7xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  attune.rms_norm %x eps 1.0e-5 : (memref<4x7xf32>) -> ()
  return
}

// -----

func.func @rms_norm_C2(%x: tensor<4x7xf64>) {
  // expected-error @+1 {{(C2) computes in f32, not 'f64'}}
  %0 = attune.rms_norm %x eps 1.0e-5 : (tensor<4x7xf64>) -> tensor<4x7xf64>
  return
}

// -----

func.func @rms_norm_C3(%x: tensor<f32>) {
  // expected-error @+1 {{(C3) input has rank 1 or more}}
  %0 = attune.rms_norm %x eps 1.0e-5 : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @rms_norm_C4(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C4) eps must not be negative}}
  %0 = attune.rms_norm %x eps -1.0e-5 : (tensor<4x7xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @rms_norm_C5(%x: tensor<4x7xf32>, %g: tensor<4xf32>) {
  // expected-error @+1 {{(C5) gamma must have shape [7], not [4]}}
  %0 = attune.rms_norm %x gamma %g eps 1.0e-5 : (tensor<4x7xf32>, tensor<4xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @rms_norm_C6(%x: tensor<4x7xf32>) {
  // expected-error @+1 {{(C6) result must have shape [4, 7], not [7, 4]}}
  %0 = attune.rms_norm %x eps 1.0e-5 : (tensor<4x7xf32>) -> tensor<7x4xf32>
  return
}

// -----

func.func @reduce_C1_both(%x: memref<4x7xf32>, %y: memref<4xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  %0 = attune.reduce <sum> %x axis 1 into %y : (memref<4x7xf32>, memref<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @softmax_C1_both(%x: memref<4x7xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  %0 = attune.softmax %x axis 1 into %x : (memref<4x7xf32>, memref<4x7xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @rms_norm_C1_both(%x: memref<4x7xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  %0 = attune.rms_norm %x eps 1.0e-5 into %x : (memref<4x7xf32>, memref<4x7xf32>) -> tensor<4x7xf32>
  return
}
