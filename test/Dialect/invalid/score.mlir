// RUN: %attune-opt %s -split-input-file -verify-diagnostics
// The names repeat the labels of the constraints: OP_Cn[_what].

func.func @dot_C1_rank(%q: tensor<2x5x4xf32>, %k: tensor<1x2x7x4xf32>) {
  // expected-error @+1 {{(C1) query and key are f32 of rank 4, not 'tensor<2x5x4xf32>' and 'tensor<1x2x7x4xf32>'}}
  %0 = attune.dot %q, %k scale 0.5 : (tensor<2x5x4xf32>, tensor<1x2x7x4xf32>) -> !attune.scores<1x2x5x7xf32>
  return
}

// -----

func.func @dot_C1_element(%q: tensor<1x2x5x4xf32>, %k: tensor<1x2x7x4xf16>) {
  // expected-error @+1 {{(C1) query and key are f32 of rank 4}}
  %0 = attune.dot %q, %k scale 0.5 : (tensor<1x2x5x4xf32>, tensor<1x2x7x4xf16>) -> !attune.scores<1x2x5x7xf32>
  return
}

// -----

func.func @dot_C2(%q: tensor<3x2x5x4xf32>, %k: tensor<2x2x7x4xf32>) {
  // expected-error @+1 {{(C2) batches differ}}
  %0 = attune.dot %q, %k scale 0.5 : (tensor<3x2x5x4xf32>, tensor<2x2x7x4xf32>) -> !attune.scores<2x2x5x7xf32>
  return
}

// -----

func.func @dot_C3(%q: tensor<1x2x5x4xf32>, %k: tensor<1x2x7x3xf32>) {
  // expected-error @+1 {{(C3) head sizes differ: 'tensor<1x2x5x4xf32>' and 'tensor<1x2x7x3xf32>'}}
  %0 = attune.dot %q, %k scale 0.5 : (tensor<1x2x5x4xf32>, tensor<1x2x7x3xf32>) -> !attune.scores<1x2x5x7xf32>
  return
}

// -----

func.func @dot_C4(%q: tensor<1x3x5x4xf32>, %k: tensor<1x2x7x4xf32>) {
  // expected-error @+1 {{(C4) 2 key heads do not divide 3 query heads}}
  %0 = attune.dot %q, %k scale 0.5 : (tensor<1x3x5x4xf32>, tensor<1x2x7x4xf32>) -> !attune.scores<1x3x5x7xf32>
  return
}

// -----

func.func @dot_C5(%q: tensor<1x2x5x4xf32>, %k: tensor<1x2x7x4xf32>) {
  // expected-error @+1 {{(C5) scale must be finite}}
  %0 = attune.dot %q, %k scale 0x7FF0000000000000 : (tensor<1x2x5x4xf32>, tensor<1x2x7x4xf32>) -> !attune.scores<1x2x5x7xf32>
  return
}

// -----

func.func @dot_C6(%q: tensor<1x2x5x4xf32>, %k: tensor<1x2x7x4xf32>) {
  // expected-error @+1 {{(C6) scores of 'tensor<1x2x5x4xf32>' and 'tensor<1x2x7x4xf32>' cannot be '!attune.scores<1x2x7x5xf32>'}}
  %0 = attune.dot %q, %k scale 0.5 : (tensor<1x2x5x4xf32>, tensor<1x2x7x4xf32>) -> !attune.scores<1x2x7x5xf32>
  return
}

// -----

func.func @dot_C7(%q: tensor<1x2x5x4xf32>, %k: tensor<1x2x7x4xf32>, %b: tensor<2x5xf32>) {
  // expected-error @+1 {{(C7) the key bias of '!attune.scores<1x2x5x7xf32>' cannot be 'tensor<2x5xf32>'}}
  %0 = attune.dot %q, %k bias %b scale 0.5 : (tensor<1x2x5x4xf32>, tensor<1x2x7x4xf32>, tensor<2x5xf32>) -> !attune.scores<1x2x5x7xf32>
  return
}

// -----

func.func @dot_C1_panels(%q: memref<2x4x5x8xf32>, %k: memref<2x2x3x8x16xf32>) {
  // expected-error @+1 {{(C1) query and key are f32 of rank 4, not 'memref<2x4x5x8xf32>' and 'memref<2x2x3x8x16xf32>'}}
  %0 = attune.dot %q, %k scale 0.5 : (memref<2x4x5x8xf32>, memref<2x2x3x8x16xf32>) -> !attune.scores<2x4x5x40xf32>
  return
}

// -----

func.func @dot_C3_panels(%q: memref<2x4x5x8xf32>, %k: memref<1x2x3x9x16xf32>) {
  // expected-error @+1 {{(C3) head sizes differ}}
  %0 = attune.dot %q, %k scale 0.5 : (memref<2x4x5x8xf32>, memref<1x2x3x9x16xf32>) -> !attune.scores<2x4x5x40xf32>
  return
}

// -----

func.func @additive_C1_panels(%q: memref<2x4x5x8xf32>, %k: memref<1x2x3x8x16xf32>, %w: memref<8xf32>) {
  // expected-error @+1 {{(C1) query and key are f32 of rank 4}}
  %0 = attune.additive %q, %k, %w : (memref<2x4x5x8xf32>, memref<1x2x3x8x16xf32>, memref<8xf32>) -> !attune.scores<2x4x5x40xf32>
  return
}

// -----

func.func @additive_C1(%q: tensor<2x5x4xf32>, %k: tensor<1x2x7x4xf32>, %w: tensor<4xf32>) {
  // expected-error @+1 {{(C1) query and key are f32 of rank 4, not 'tensor<2x5x4xf32>' and 'tensor<1x2x7x4xf32>'}}
  %0 = attune.additive %q, %k, %w : (tensor<2x5x4xf32>, tensor<1x2x7x4xf32>, tensor<4xf32>) -> !attune.scores<1x2x5x7xf32>
  return
}

// -----

func.func @additive_C2(%q: tensor<3x2x5x4xf32>, %k: tensor<2x2x7x4xf32>, %w: tensor<4xf32>) {
  // expected-error @+1 {{(C2) batches differ}}
  %0 = attune.additive %q, %k, %w : (tensor<3x2x5x4xf32>, tensor<2x2x7x4xf32>, tensor<4xf32>) -> !attune.scores<2x2x5x7xf32>
  return
}

// -----

func.func @additive_C3(%q: tensor<1x2x5x4xf32>, %k: tensor<1x2x7x4xf32>, %w: tensor<5xf32>) {
  // expected-error @+1 {{(C3) the weight of heads of 4 cannot be 'tensor<5xf32>'}}
  %0 = attune.additive %q, %k, %w : (tensor<1x2x5x4xf32>, tensor<1x2x7x4xf32>, tensor<5xf32>) -> !attune.scores<1x2x5x7xf32>
  return
}

// -----

func.func @additive_C3_heads(%q: tensor<1x2x5x4xf32>, %k: tensor<1x2x7x3xf32>, %w: tensor<4xf32>) {
  // expected-error @+1 {{(C3) head sizes differ: 'tensor<1x2x5x4xf32>' and 'tensor<1x2x7x3xf32>'}}
  %0 = attune.additive %q, %k, %w : (tensor<1x2x5x4xf32>, tensor<1x2x7x3xf32>, tensor<4xf32>) -> !attune.scores<1x2x5x7xf32>
  return
}

// -----

func.func @additive_C4(%q: tensor<1x3x5x4xf32>, %k: tensor<1x2x7x4xf32>, %w: tensor<4xf32>) {
  // expected-error @+1 {{(C4) 2 key heads do not divide 3 query heads}}
  %0 = attune.additive %q, %k, %w : (tensor<1x3x5x4xf32>, tensor<1x2x7x4xf32>, tensor<4xf32>) -> !attune.scores<1x3x5x7xf32>
  return
}

// -----

func.func @additive_C5(%q: tensor<1x2x5x4xf32>, %k: tensor<1x2x7x4xf32>, %w: tensor<4xf32>) {
  // expected-error @+1 {{(C5) scores of 'tensor<1x2x5x4xf32>' and 'tensor<1x2x7x4xf32>' cannot be '!attune.scores<1x2x7x5xf32>'}}
  %0 = attune.additive %q, %k, %w : (tensor<1x2x5x4xf32>, tensor<1x2x7x4xf32>, tensor<4xf32>) -> !attune.scores<1x2x7x5xf32>
  return
}

// -----

func.func @combine_C1() {
  // expected-error @+1 {{(C1) has one source or more}}
  %0 = "attune.combine"() <{coefficients = array<f64>, operandSegmentSizes = array<i32: 0, 0>, weight_index = array<i64>}> : () -> !attune.scores<1x2x5x5xf32>
  return
}

// -----

func.func @combine_C2_coefficients(%s: !attune.scores<1x2x5x5xf32>) {
  // expected-error @+1 {{(C2) has one coefficient and one weight index a source}}
  %0 = attune.combine %s coefficients [1.0, 2.0] index [-1] : (!attune.scores<1x2x5x5xf32>) -> !attune.scores<1x2x5x5xf32>
  return
}

// -----

func.func @combine_C2_index(%s: !attune.scores<1x2x5x5xf32>) {
  // expected-error @+1 {{(C2) has one coefficient and one weight index a source}}
  %0 = attune.combine %s coefficients [1.0] index [] : (!attune.scores<1x2x5x5xf32>) -> !attune.scores<1x2x5x5xf32>
  return
}

// -----

func.func @combine_C3(%s: !attune.scores<1x2x5x5xf32>) {
  // expected-error @+1 {{(C3) weight index 1 is not in -1..0}}
  %0 = attune.combine %s coefficients [3.0] index [1] : (!attune.scores<1x2x5x5xf32>) -> !attune.scores<1x2x5x5xf32>
  return
}

// -----

func.func @combine_C3_negative(%s: !attune.scores<1x2x5x5xf32>) {
  // expected-error @+1 {{(C3) weight index -2 is not in -1..0}}
  %0 = attune.combine %s coefficients [3.0] index [-2] : (!attune.scores<1x2x5x5xf32>) -> !attune.scores<1x2x5x5xf32>
  return
}

// -----

func.func @combine_C4(%s: !attune.scores<1x2x5x5xf32>) {
  // expected-error @+1 {{(C4) sources have the type of the result, not '!attune.scores<1x2x5x5xf32>'}}
  %0 = attune.combine %s coefficients [3.0] index [-1] : (!attune.scores<1x2x5x5xf32>) -> !attune.scores<1x2x5x7xf32>
  return
}

// -----

func.func @combine_C5(%s: !attune.scores<1x2x5x5xf32>, %w: tensor<3xf32>) {
  // expected-error @+1 {{(C5) weights are f32 of shape [] or [H], not 'tensor<3xf32>'}}
  %0 = attune.combine %s weights(%w) coefficients [3.0] index [0] : (!attune.scores<1x2x5x5xf32>, tensor<3xf32>) -> !attune.scores<1x2x5x5xf32>
  return
}

// -----

func.func @combine_C5_element(%s: !attune.scores<1x2x5x5xf32>, %w: tensor<2xi32>) {
  // expected-error @+1 {{(C5) weights are f32 of shape [] or [H], not 'tensor<2xi32>'}}
  %0 = attune.combine %s weights(%w) coefficients [3.0] index [0] : (!attune.scores<1x2x5x5xf32>, tensor<2xi32>) -> !attune.scores<1x2x5x5xf32>
  return
}

// -----

func.func @modify_C1(%s: !attune.scores<1x2x5x5xf32>) {
  // expected-error @+1 {{(C1) region takes (s: f32, b, h, q, k, nb, nh, nq, nk: i32)}}
  %0 = attune.modify %s {
  ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %x = arith.constant 1.0 : f32
    attune.yield %x : f32
  } : !attune.scores<1x2x5x5xf32> -> !attune.scores<1x2x5x5xf32>
  return
}

// -----

func.func @modify_C2(%s: !attune.scores<1x2x5x5xf32>) {
  // expected-error @+1 {{(C2) region yields one f32}}
  %0 = attune.modify %s {
  ^bb0(%x: f32, %b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    attune.yield %x, %x : f32, f32
  } : !attune.scores<1x2x5x5xf32> -> !attune.scores<1x2x5x5xf32>
  return
}

// -----

func.func @modify_C3(%s: !attune.scores<1x2x5x5xf32>) {
  // expected-error @+1 {{(C3) result has the type of the input}}
  %0 = attune.modify %s {
  ^bb0(%x: f32, %b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    attune.yield %x : f32
  } : !attune.scores<1x2x5x5xf32> -> !attune.scores<1x2x5x7xf32>
  return
}

// -----

func.func @index_scores_C1() {
  // expected-error @+1 {{(C1) region takes (b, h, q, k, nb, nh, nq, nk: i32)}}
  %0 = attune.index_scores #attune.shape<1, 2, 5, 7> {
  ^bb0(%x0: f32, %b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %x = arith.constant 1.0 : f32
    attune.yield %x : f32
  } : !attune.scores<1x2x5x7xf32>
  return
}

// -----

func.func @index_scores_C2() {
  // expected-error @+1 {{(C2) region yields one f32}}
  %0 = attune.index_scores #attune.shape<1, 2, 5, 7> {
  ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %x = arith.constant true
    attune.yield %x : i1
  } : !attune.scores<1x2x5x7xf32>
  return
}

// -----

func.func @index_scores_C3() {
  // expected-error @+1 {{(C3) scores '!attune.scores<1x2x5x5xf32>' do not have the sizes #attune.shape<1, 2, 5, 7>}}
  %0 = attune.index_scores #attune.shape<1, 2, 5, 7> {
  ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %x = arith.constant 1.0 : f32
    attune.yield %x : f32
  } : !attune.scores<1x2x5x5xf32>
  return
}

// -----

func.func @index_scores_C3_rank() {
  // expected-error @+1 {{(C3) scores '!attune.scores<1x2x5x7xf32>' do not have the sizes #attune.shape<5, 7>}}
  %0 = attune.index_scores #attune.shape<5, 7> {
  ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %x = arith.constant 1.0 : f32
    attune.yield %x : f32
  } : !attune.scores<1x2x5x7xf32>
  return
}
