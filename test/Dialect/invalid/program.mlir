// RUN: %attune-opt %s -split-input-file -verify-diagnostics
// The names repeat the labels of the constraints: OP_Cn[_what].

func.func @param_C1() {
  // expected-error @+1 {{(C1) weights have static shapes, not 'tensor<?xf32, #attune.shape<T>>'}}
  %0 = attune.param "w" : tensor<?xf32, #attune.shape<T>>
  return
}

// -----

func.func @param_C2() {
  // expected-error @+1 {{(C2) name holds 1 steps in braces for 0 operands}}
  %0 = attune.param "layers.{i}.w" : tensor<3xf32>
  return
}

// -----

func.func @param_C3(%i: index) {
  // expected-error @+1 {{(C3) has one stride a step}}
  %0 = attune.param "layers.{i}.w"[%i] strides [1, 2] : tensor<3xf32>
  return
}

// -----

func.func @param_C4() {
  // expected-error @+1 {{(C4) offset must not be negative}}
  %0 = attune.param "w" offset -1 : tensor<3xf32>
  return
}

// -----

func.func @for_C1(%x: tensor<3xf32>) {
  // expected-error @+1 {{(C1) steps are not negative}}
  %0 = attune.for "i" from -1 to 3 carry(%x : tensor<3xf32>) {
  ^bb0(%i: index, %y: tensor<3xf32>):
    attune.yield %y : tensor<3xf32>
  } : tensor<3xf32>
  return
}

// -----

func.func @for_C2_step(%x: tensor<3xf32>) {
  // expected-error @+1 {{(C2) region takes the step (index) and one argument for each carried array}}
  %0 = attune.for "i" from 0 to 3 carry(%x : tensor<3xf32>) {
  ^bb0(%i: i32, %y: tensor<3xf32>):
    attune.yield %y : tensor<3xf32>
  } : tensor<3xf32>
  return
}

// -----

func.func @for_C2_count(%x: tensor<3xf32>) {
  // expected-error @+1 {{(C2) region takes the step (index) and one argument for each carried array}}
  %0 = attune.for "i" from 0 to 3 carry(%x : tensor<3xf32>) {
  ^bb0(%i: index):
    attune.yield %x : tensor<3xf32>
  } : tensor<3xf32>
  return
}

// -----

func.func @for_C3_yield(%x: tensor<3xf32>) {
  // expected-error @+1 {{(C3) yields and gives one value for each carried array}}
  %0 = attune.for "i" from 0 to 3 carry(%x : tensor<3xf32>) {
  ^bb0(%i: index, %y: tensor<3xf32>):
    attune.yield
  } : tensor<3xf32>
  return
}

// -----

func.func @for_C3_result(%x: tensor<3xf32>) {
  // expected-error @+1 {{(C3) yields and gives one value for each carried array}}
  attune.for "i" from 0 to 3 carry(%x : tensor<3xf32>) {
  ^bb0(%i: index, %y: tensor<3xf32>):
    attune.yield %y : tensor<3xf32>
  }
  return
}

// -----

func.func @for_C4(%x: tensor<3xf32>) {
  // expected-error @+1 {{(C4) carried array 0 changes its type 'tensor<3xf32>'}}
  %0 = attune.for "i" from 0 to 3 carry(%x : tensor<3xf32>) {
  ^bb0(%i: index, %y: tensor<3xf32>):
    attune.yield %y : tensor<3xf32>
  } : tensor<4xf32>
  return
}

// -----

func.func @for_C5_shape(%x: tensor<4xf32>) {
  // expected-error @+1 {{(C5) stacked result must have shape [3, 4], not [2, 4]}}
  %0 = attune.for "i" from 0 to 3 {
  ^bb0(%i: index):
    attune.yield %x : tensor<4xf32>
  } : tensor<2x4xf32>
  return
}

// -----

func.func @for_C5_element(%x: tensor<4xf32>) {
  // expected-error @+1 {{(C5) stacked array 0 has the element type of its steps}}
  %0 = attune.for "i" from 0 to 3 {
  ^bb0(%i: index):
    attune.yield %x : tensor<4xf32>
  } : tensor<3x4xi32>
  return
}
