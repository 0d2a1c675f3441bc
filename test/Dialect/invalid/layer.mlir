// RUN: %attune-opt %s -split-input-file -verify-diagnostics
// The names repeat the labels of the constraints: OP_Cn[_what].

func.func @linear_C1_none(%x: memref<5x8xf32>, %w: memref<6x8xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  attune.linear %x, %w : (memref<5x8xf32>, memref<6x8xf32>) -> ()
  return
}

// -----

func.func @linear_C1_both(%x: memref<5x8xf32>, %w: memref<6x8xf32>, %y: memref<5x6xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize and a destination from it on, never both or none}}
  %0 = attune.linear %x, %w into %y : (memref<5x8xf32>, memref<6x8xf32>, memref<5x6xf32>) -> tensor<5x6xf32>
  return
}

// -----

func.func @linear_C1_mixed(%x: tensor<5x8xf32>, %w: memref<6x8xf32>, %y: memref<5x6xf32>) {
  // expected-error @+1 {{(C1) with a destination takes no tensor operand}}
  attune.linear %x, %w into %y : (tensor<5x8xf32>, memref<6x8xf32>, memref<5x6xf32>) -> ()
  return
}

// -----

func.func @linear_C2(%x: tensor<5x8xf64>, %w: tensor<6x8xf32>) {
  // expected-error @+1 {{(C2) computes in f32, not 'f64'}}
  %0 = attune.linear %x, %w : (tensor<5x8xf64>, tensor<6x8xf32>) -> tensor<5x6xf32>
  return
}

// -----

func.func @linear_C3(%x: tensor<?x8xf32, #attune.shape<T, 8>>, %w: tensor<6x9xf32>) {
  // expected-error @+1 {{(C3) input [T, 8] and weight [6, 9] must agree: [..., K] and [N, K]}}
  %0 = attune.linear %x, %w : (tensor<?x8xf32, #attune.shape<T, 8>>, tensor<6x9xf32>) -> tensor<?x6xf32, #attune.shape<T, 6>>
  return
}

// -----

func.func @linear_C4(%x: tensor<5x8xf32>, %w: tensor<6x8xf32>, %b: tensor<8xf32>) {
  // expected-error @+1 {{(C4) bias must have shape [6], not [8]}}
  %0 = attune.linear %x, %w bias %b : (tensor<5x8xf32>, tensor<6x8xf32>, tensor<8xf32>) -> tensor<5x6xf32>
  return
}

// -----

func.func @linear_C5(%x: tensor<5x8xf32>, %w: tensor<6x8xf32>, %r: tensor<1x6xf32>) {
  // expected-error @+1 {{(C5) residual must have shape [5, 6], not [1, 6]}}
  %0 = attune.linear %x, %w residual %r : (tensor<5x8xf32>, tensor<6x8xf32>, tensor<1x6xf32>) -> tensor<5x6xf32>
  return
}

// -----

func.func @linear_C6(%x: tensor<?x8xf32, #attune.shape<T, 8>>, %w: tensor<6x8xf32>) {
  // expected-error @+1 {{(C6) result must have shape [T, 6], not [B, 6]}}
  %0 = attune.linear %x, %w : (tensor<?x8xf32, #attune.shape<T, 8>>, tensor<6x8xf32>) -> tensor<?x6xf32, #attune.shape<B, 6>>
  return
}

// -----

func.func @matmul_C1_none(%a: memref<5x4xf32>, %b: memref<4x3xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize}}
  attune.matmul %a, %b : (memref<5x4xf32>, memref<4x3xf32>) -> ()
  return
}

// -----

func.func @matmul_C1_mixed(%a: tensor<5x4xf32>, %b: memref<4x3xf32>, %c: memref<5x3xf32>) {
  // expected-error @+1 {{(C1) with a destination takes no tensor operand}}
  attune.matmul %a, %b into %c : (tensor<5x4xf32>, memref<4x3xf32>, memref<5x3xf32>) -> ()
  return
}

// -----

func.func @matmul_C2(%a: tensor<5x4xi32>, %b: tensor<4x3xf32>) {
  // expected-error @+1 {{(C2) computes in f32, not 'i32'}}
  %0 = attune.matmul %a, %b : (tensor<5x4xi32>, tensor<4x3xf32>) -> tensor<5x3xf32>
  return
}

// -----

func.func @matmul_C3(%a: tensor<4xf32>, %b: tensor<4x3xf32>) {
  // expected-error @+1 {{(C3) operands have rank 2 or more}}
  %0 = attune.matmul %a, %b : (tensor<4xf32>, tensor<4x3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @matmul_C4(%a: tensor<5x4xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+1 {{(C4) lhs [5, 4] and rhs [3, 4] must agree: [..., M, K] and [..., K, N]}}
  %0 = attune.matmul %a, %b : (tensor<5x4xf32>, tensor<3x4xf32>) -> tensor<5x4xf32>
  return
}

// -----

func.func @layer_norm_C1_none(%x: memref<5x8xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize}}
  attune.layer_norm %x eps 1.0e-5 : (memref<5x8xf32>) -> ()
  return
}

// -----

func.func @layer_norm_C1_mixed(%x: tensor<5x8xf32>, %y: memref<5x8xf32>) {
  // expected-error @+1 {{(C1) with a destination takes no tensor operand}}
  attune.layer_norm %x eps 1.0e-5 into %y : (tensor<5x8xf32>, memref<5x8xf32>) -> ()
  return
}

// -----

func.func @layer_norm_C2(%x: tensor<5x8xf16>) {
  // expected-error @+1 {{(C2) computes in f32, not 'f16'}}
  %0 = attune.layer_norm %x eps 1.0e-5 : (tensor<5x8xf16>) -> tensor<5x8xf16>
  return
}

// -----

func.func @layer_norm_C3(%x: tensor<f32>) {
  // expected-error @+1 {{(C3) input has rank 1 or more}}
  %0 = attune.layer_norm %x eps 1.0e-5 : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @layer_norm_C4(%x: tensor<5x8xf32>) {
  // expected-error @+1 {{(C4) eps must not be negative}}
  %0 = attune.layer_norm %x eps -1.0e-5 : (tensor<5x8xf32>) -> tensor<5x8xf32>
  return
}

// -----

func.func @layer_norm_C4_nan(%x: tensor<5x8xf32>) {
  // expected-error @+1 {{(C4) eps must not be negative}}
  %0 = attune.layer_norm %x eps 0x7FF8000000000000 : (tensor<5x8xf32>) -> tensor<5x8xf32>
  return
}

// -----

func.func @layer_norm_C5_gamma(%x: tensor<5x8xf32>, %g: tensor<5xf32>) {
  // expected-error @+1 {{(C5) gamma must have shape [8], not [5]}}
  %0 = attune.layer_norm %x gamma %g eps 1.0e-5 : (tensor<5x8xf32>, tensor<5xf32>) -> tensor<5x8xf32>
  return
}

// -----

func.func @layer_norm_C5_beta(%x: tensor<5x8xf32>, %g: tensor<1x8xf32>) {
  // expected-error @+1 {{(C5) beta must have shape [8], not [1, 8]}}
  %0 = attune.layer_norm %x beta %g eps 1.0e-5 : (tensor<5x8xf32>, tensor<1x8xf32>) -> tensor<5x8xf32>
  return
}

// -----

func.func @layer_norm_C6(%x: tensor<5x8xf32>) {
  // expected-error @+1 {{(C6) result must have shape [5, 8], not [8, 5]}}
  %0 = attune.layer_norm %x eps 1.0e-5 : (tensor<5x8xf32>) -> tensor<8x5xf32>
  return
}

// -----

func.func @embedding_C1_none(%ids: memref<5xi32>, %table: memref<9x8xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize}}
  attune.embedding %ids, %table : (memref<5xi32>, memref<9x8xf32>) -> ()
  return
}

// -----

func.func @embedding_C1_mixed(%ids: tensor<5xi32>, %table: memref<9x8xf32>, %y: memref<5x8xf32>) {
  // expected-error @+1 {{(C1) with a destination takes no tensor operand}}
  attune.embedding %ids, %table into %y : (tensor<5xi32>, memref<9x8xf32>, memref<5x8xf32>) -> ()
  return
}

// -----

func.func @embedding_C2(%ids: tensor<5xi8>, %table: tensor<9x8xf32>) {
  // expected-error @+1 {{(C2) ids are i32 or i64, not 'i8'}}
  %0 = attune.embedding %ids, %table : (tensor<5xi8>, tensor<9x8xf32>) -> tensor<5x8xf32>
  return
}

// -----

func.func @embedding_C3(%ids: tensor<5xi32>, %table: tensor<f32>) {
  // expected-error @+1 {{(C3) table has rank 1 or more}}
  %0 = attune.embedding %ids, %table : (tensor<5xi32>, tensor<f32>) -> tensor<5xf32>
  return
}

// -----

func.func @embedding_C4(%ids: tensor<5xi32>, %table: tensor<9x8xf32>) {
  // expected-error @+1 {{(C4) result has the element type of the table}}
  %0 = attune.embedding %ids, %table : (tensor<5xi32>, tensor<9x8xf32>) -> tensor<5x8xi32>
  return
}

// -----

func.func @embedding_C5(%ids: tensor<2x5xi32>, %table: tensor<9x8xf32>) {
  // expected-error @+1 {{(C5) result must have shape [2, 5, 8], not [10, 8]}}
  %0 = attune.embedding %ids, %table : (tensor<2x5xi32>, tensor<9x8xf32>) -> tensor<10x8xf32>
  return
}

// -----

func.func @gather_C1_none(%ids: memref<5xi32>, %table: memref<9x8xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize}}
  attune.gather %table, %ids : (memref<9x8xf32>, memref<5xi32>) -> ()
  return
}

// -----

func.func @gather_C1_mixed(%ids: tensor<5xi32>, %table: memref<9x8xf32>, %y: memref<5x8xf32>) {
  // expected-error @+1 {{(C1) with a destination takes no tensor operand}}
  attune.gather %table, %ids into %y : (memref<9x8xf32>, tensor<5xi32>, memref<5x8xf32>) -> ()
  return
}

// -----

func.func @gather_C2(%ids: tensor<5xi8>, %table: tensor<9x8xf32>) {
  // expected-error @+1 {{(C2) ids are i32 or i64, not 'i8'}}
  %0 = attune.gather %table, %ids : (tensor<9x8xf32>, tensor<5xi8>) -> tensor<5x8xf32>
  return
}

// -----

func.func @gather_C3(%ids: tensor<5xi32>, %table: tensor<f32>) {
  // expected-error @+1 {{(C3) table has rank 1 or more}}
  %0 = attune.gather %table, %ids : (tensor<f32>, tensor<5xi32>) -> tensor<5xf32>
  return
}

// -----

func.func @gather_C4(%ids: tensor<5xi32>, %table: tensor<9x8xf32>) {
  // expected-error @+1 {{(C4) result has the element type of the table}}
  %0 = attune.gather %table, %ids : (tensor<9x8xf32>, tensor<5xi32>) -> tensor<5x8xi32>
  return
}

// -----

func.func @gather_C5(%ids: tensor<2x5xi32>, %table: tensor<9x8xf32>) {
  // expected-error @+1 {{(C5) result must have shape [2, 5, 8], not [10, 8]}}
  %0 = attune.gather %table, %ids : (tensor<9x8xf32>, tensor<2x5xi32>) -> tensor<10x8xf32>
  return
}

// -----

func.func @activation_C1_none(%x: memref<5xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize}}
  attune.activation <relu> %x : (memref<5xf32>) -> ()
  return
}

// -----

func.func @activation_C1_mixed(%x: tensor<5xf32>, %y: memref<5xf32>) {
  // expected-error @+1 {{(C1) with a destination takes no tensor operand}}
  attune.activation <relu> %x into %y : (tensor<5xf32>, memref<5xf32>) -> ()
  return
}

// -----

func.func @activation_C2(%x: tensor<5xi32>) {
  // expected-error @+1 {{(C2) `relu` does not take 'i32'}}
  %0 = attune.activation <relu> %x : (tensor<5xi32>) -> tensor<5xi32>
  return
}

// -----

func.func @activation_C2_not(%x: tensor<5xf32>) {
  // expected-error @+1 {{(C2) `not` does not take 'f32'}}
  %0 = attune.activation <not> %x : (tensor<5xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @activation_C2_neg(%x: tensor<5xi1>) {
  // expected-error @+1 {{(C2) `neg` does not take 'i1'}}
  %0 = attune.activation <neg> %x : (tensor<5xi1>) -> tensor<5xi1>
  return
}

// -----

func.func @activation_C3(%x: tensor<5xf32>) {
  // expected-error @+1 {{(C3) result has the type of the input}}
  %0 = attune.activation <relu> %x : (tensor<5xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @elementwise_C1_none(%x: memref<5xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize}}
  attune.elementwise <add> %x, %x : (memref<5xf32>, memref<5xf32>) -> ()
  return
}

// -----

func.func @elementwise_C1_mixed(%x: tensor<5xf32>, %y: memref<5xf32>) {
  // expected-error @+1 {{(C1) with a destination takes no tensor operand}}
  attune.elementwise <add> %x, %x into %y : (tensor<5xf32>, tensor<5xf32>, memref<5xf32>) -> ()
  return
}

// -----

func.func @elementwise_C2(%x: tensor<5xf32>, %y: tensor<5xi32>) {
  // expected-error @+1 {{(C2) operands have one element type, not 'f32' and 'i32'}}
  %0 = attune.elementwise <add> %x, %y : (tensor<5xf32>, tensor<5xi32>) -> tensor<5xf32>
  return
}

// -----

func.func @elementwise_C3(%x: tensor<5x2xf32>, %y: tensor<5xf32>) {
  // expected-error @+1 {{(C3) shapes [5, 2] and [5] do not broadcast}}
  %0 = attune.elementwise <add> %x, %y : (tensor<5x2xf32>, tensor<5xf32>) -> tensor<5x2xf32>
  return
}

// -----

func.func @elementwise_C3_dims(%x: tensor<?xf32, #attune.shape<T>>, %y: tensor<?xf32, #attune.shape<U>>) {
  // expected-error @+1 {{(C3) shapes [T] and [U] do not broadcast}}
  %0 = attune.elementwise <add> %x, %y : (tensor<?xf32, #attune.shape<T>>, tensor<?xf32, #attune.shape<U>>) -> tensor<?xf32, #attune.shape<T>>
  return
}

// -----

func.func @elementwise_C4(%x: tensor<5xf32>) {
  // expected-error @+1 {{(C4) result has element type 'f32': comparisons give i1}}
  %0 = attune.elementwise <lt> %x, %x : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @elementwise_C5(%x: tensor<5x1xf32>, %y: tensor<3xf32>) {
  // expected-error @+1 {{(C5) result must have shape [5, 3], not [5, 1]}}
  %0 = attune.elementwise <add> %x, %y : (tensor<5x1xf32>, tensor<3xf32>) -> tensor<5x1xf32>
  return
}

// -----

func.func @cast_C1_none(%x: memref<5xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize}}
  attune.cast %x : (memref<5xf32>) -> ()
  return
}

// -----

func.func @cast_C1_mixed(%x: tensor<5xf32>, %y: memref<5xi32>) {
  // expected-error @+1 {{(C1) with a destination takes no tensor operand}}
  attune.cast %x into %y : (tensor<5xf32>, memref<5xi32>) -> ()
  return
}

// -----

func.func @cast_C2(%x: tensor<5xf32>) {
  // expected-error @+1 {{(C2) result must have shape [5], not [4]}}
  %0 = attune.cast %x : (tensor<5xf32>) -> tensor<4xi32>
  return
}

// -----

func.func @concat_C1_none(%x: memref<5xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize}}
  attune.concat %x axis 0 : (memref<5xf32>) -> ()
  return
}

// -----

func.func @concat_C1_mixed(%x: tensor<5xf32>, %y: memref<5xf32>) {
  // expected-error @+1 {{(C1) with a destination takes no tensor operand}}
  attune.concat %x axis 0 into %y : (tensor<5xf32>, memref<5xf32>) -> ()
  return
}

// -----

func.func @concat_C2() {
  // expected-error @+1 {{(C2) has one input or more}}
  %0 = "attune.concat"() <{axis = 0 : i64, operandSegmentSizes = array<i32: 0, 0>}> : () -> tensor<5xf32>
  return
}

// -----

func.func @concat_C3(%x: tensor<5xf32>) {
  // expected-error @+1 {{(C3) axis 1 is not in 0..1}}
  %0 = attune.concat %x axis 1 : (tensor<5xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @concat_C4_rank(%x: tensor<5xf32>, %y: tensor<5x1xf32>) {
  // expected-error @+1 {{(C4) inputs have one rank and element type}}
  %0 = attune.concat %x, %y axis 0 : (tensor<5xf32>, tensor<5x1xf32>) -> tensor<10xf32>
  return
}

// -----

func.func @concat_C4_element(%x: tensor<5xf32>, %y: tensor<5xi32>) {
  // expected-error @+1 {{(C4) inputs have one rank and element type}}
  %0 = attune.concat %x, %y axis 0 : (tensor<5xf32>, tensor<5xi32>) -> tensor<10xf32>
  return
}

// -----

func.func @concat_C5(%x: tensor<5x2xf32>, %y: tensor<4x2xf32>) {
  // expected-error @+1 {{(C5) inputs [5, 2] and [4, 2] differ in another axis than 1}}
  %0 = attune.concat %x, %y axis 1 : (tensor<5x2xf32>, tensor<4x2xf32>) -> tensor<5x4xf32>
  return
}

// -----

func.func @concat_C6(%x: tensor<5x2xf32>, %y: tensor<4x2xf32>) {
  // expected-error @+1 {{(C6) result must have shape [9, 2], not [8, 2]}}
  %0 = attune.concat %x, %y axis 0 : (tensor<5x2xf32>, tensor<4x2xf32>) -> tensor<8x2xf32>
  return
}
