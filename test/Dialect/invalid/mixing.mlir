// RUN: %attune-opt %s -split-input-file -verify-diagnostics
// The names repeat the labels of the constraints: OP_Cn[_what].

func.func @attend_C1_none(%s: !attune.scores<1x2x5x7xf32>, %v: memref<1x2x7x3xf32>) {
  // expected-error @+1 {{(C1) has a tensor result before bufferize}}
  attune.attend %s, %v : (!attune.scores<1x2x5x7xf32>, memref<1x2x7x3xf32>) -> ()
  return
}

// -----

func.func @attend_C1_mixed(%s: !attune.scores<1x2x5x7xf32>, %v: tensor<1x2x7x3xf32>, %o: memref<1x2x5x3xf32>) {
  // expected-error @+1 {{(C1) with a destination takes no tensor operand}}
  attune.attend %s, %v into %o : (!attune.scores<1x2x5x7xf32>, tensor<1x2x7x3xf32>, memref<1x2x5x3xf32>) -> ()
  return
}

// -----

func.func @attend_C2(%s: !attune.scores<1x2x5x7xf32>, %v: tensor<2x7x3xf32>) {
  // expected-error @+1 {{(C2) value is f32 of rank 4, not 'tensor<2x7x3xf32>'}}
  %0 = attune.attend %s, %v : (!attune.scores<1x2x5x7xf32>, tensor<2x7x3xf32>) -> tensor<1x2x5x3xf32>
  return
}

// -----

func.func @attend_C2_element(%s: !attune.scores<1x2x5x7xf32>, %v: tensor<1x2x7x3xi32>) {
  // expected-error @+1 {{(C2) value is f32 of rank 4, not 'tensor<1x2x7x3xi32>'}}
  %0 = attune.attend %s, %v : (!attune.scores<1x2x5x7xf32>, tensor<1x2x7x3xi32>) -> tensor<1x2x5x3xf32>
  return
}

// -----

func.func @attend_C3_keys(%s: !attune.scores<1x2x5x7xf32>, %v: tensor<1x2x5x3xf32>) {
  // expected-error @+1 {{(C3) scores '!attune.scores<1x2x5x7xf32>' do not fit values 'tensor<1x2x5x3xf32>'}}
  %0 = attune.attend %s, %v : (!attune.scores<1x2x5x7xf32>, tensor<1x2x5x3xf32>) -> tensor<1x2x5x3xf32>
  return
}

// -----

func.func @attend_C3_batch(%s: !attune.scores<1x2x5x7xf32>, %v: tensor<2x2x7x3xf32>) {
  // expected-error @+1 {{(C3) scores '!attune.scores<1x2x5x7xf32>' do not fit values 'tensor<2x2x7x3xf32>'}}
  %0 = attune.attend %s, %v : (!attune.scores<1x2x5x7xf32>, tensor<2x2x7x3xf32>) -> tensor<1x2x5x3xf32>
  return
}

// -----

func.func @attend_C4(%s: !attune.scores<1x2x5x7xf32>, %v: tensor<1x3x7x3xf32>) {
  // expected-error @+1 {{(C4) 3 value heads do not divide 2 heads of scores}}
  %0 = attune.attend %s, %v : (!attune.scores<1x2x5x7xf32>, tensor<1x3x7x3xf32>) -> tensor<1x2x5x3xf32>
  return
}

// -----

func.func @attend_C5(%s: !attune.scores<1x2x5x7xf32>, %v: tensor<1x2x7x3xf32>) {
  // expected-error @+1 {{(C5) a result of '!attune.scores<1x2x5x7xf32>' and 'tensor<1x2x7x3xf32>' cannot be 'tensor<1x2x7x3xf32>'}}
  %0 = attune.attend %s, %v : (!attune.scores<1x2x5x7xf32>, tensor<1x2x7x3xf32>) -> tensor<1x2x7x3xf32>
  return
}

// -----

func.func @attend_C5_probs(%s: !attune.scores<1x2x5x7xf32>, %v: tensor<1x2x7x3xf32>) {
  // expected-error @+1 {{(C5) a result of '!attune.scores<1x2x5x7xf32>' and 'tensor<1x2x7x3xf32>' cannot be 'tensor<1x2x7x5xf32>'}}
  %0:2 = attune.attend %s, %v {probs} : (!attune.scores<1x2x5x7xf32>, tensor<1x2x7x3xf32>) -> (tensor<1x2x5x3xf32>, tensor<1x2x7x5xf32>)
  return
}

// -----

func.func @attend_C5_lse(%s: !attune.scores<1x2x5x7xf32>, %v: tensor<1x2x7x3xf32>) {
  // expected-error @+1 {{(C5) a result of '!attune.scores<1x2x5x7xf32>' and 'tensor<1x2x7x3xf32>' cannot be 'tensor<1x2x5x7xf32>'}}
  %0:2 = attune.attend %s, %v {lse} : (!attune.scores<1x2x5x7xf32>, tensor<1x2x7x3xf32>) -> (tensor<1x2x5x3xf32>, tensor<1x2x5x7xf32>)
  return
}

// -----

func.func @attend_C6(%s: !attune.scores<1x2x5x7xf32>, %v: tensor<1x2x7x3xf32>) {
  // expected-error @+1 {{(C6) has 2 results or destinations, not 3}}
  %0:2 = attune.attend %s, %v {probs, lse} : (!attune.scores<1x2x5x7xf32>, tensor<1x2x7x3xf32>) -> (tensor<1x2x5x3xf32>, tensor<1x2x5x7xf32>)
  return
}

// -----

func.func @attend_C7(%s: !attune.scores<1x2x5x7xf32>, %v: tensor<1x2x7x3xf32>) {
  // expected-error @+1 {{(C7) without softmax there are no probs and no lse, and empty rows are zero}}
  %0:2 = attune.attend %s, %v {lse, no_softmax} : (!attune.scores<1x2x5x7xf32>, tensor<1x2x7x3xf32>) -> (tensor<1x2x5x3xf32>, tensor<1x2x5xf32>)
  return
}

// -----

func.func @attend_C7_empty_row(%s: !attune.scores<1x2x5x7xf32>, %v: tensor<1x2x7x3xf32>) {
  // expected-error @+1 {{(C7) without softmax there are no probs and no lse, and empty rows are zero}}
  %0 = attune.attend %s, %v {empty_row = #attune.empty_row<nan>, no_softmax} : (!attune.scores<1x2x5x7xf32>, tensor<1x2x7x3xf32>) -> tensor<1x2x5x3xf32>
  return
}
