// RUN: %attune-opt %s -split-input-file -verify-diagnostics
// The names repeat the labels of the constraints: OP_Cn[_what].

func.func @kernel_C1_ranges(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>, %r: memref<4xf32>) {
  // expected-error @+1 {{(C1) has key ranges without a mask}}
  attune.kernel <attend> lhs(%q) rhs(%q) head_weights(%r) value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {
  ^bb0(%b: index, %h: index, %f: index, %l: index, %nq: index, %nk: index):
    attune.yield %f, %f, %l, %l : index, index, index, index
  } score {} mask {} {scales = array<f64: 0.5>, weight_index = array<i64: 0>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C1_score(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>, %r: memref<4xf32>) {
  // expected-error @+1 {{(C1) region takes (s: f32, b, h, q, k, nb, nh, nq, nk: i32)}}
  attune.kernel <attend> lhs(%q) rhs(%q) head_weights(%r) value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {
  ^bb0(%b: i32, %h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %m = arith.cmpi sle, %j, %i : i32
    attune.yield %m : i1
  } mask {} {scales = array<f64: 0.5>, weight_index = array<i64: 0>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C1_mask(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>, %r: memref<4xf32>) {
  // expected-error @+1 {{(C1) region takes (b, h, q, k, nb, nh, nq, nk: i32)}}
  attune.kernel <attend> lhs(%q) rhs(%q) head_weights(%r) value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {
  ^bb0(%h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %m = arith.cmpi sle, %j, %i : i32
    attune.yield %m : i1
  } {scales = array<f64: 0.5>, weight_index = array<i64: 0>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C1_mask_ranges(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>, %r: memref<4xf32>) {
  // expected-error @+1 {{(C1) region takes (b, h, q, k, nb, nh, nq, nk: i32)}}
  attune.kernel <attend> lhs(%q) rhs(%q) head_weights(%r) value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {
  ^bb0(%b: index, %h: index, %f: index, %l: index, %nq: index, %nk: index):
    attune.yield %f, %f, %l, %l : index, index, index, index
  } score {} mask {
  ^bb0(%h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %m = arith.cmpi sle, %j, %i : i32
    attune.yield %m : i1
  } {scales = array<f64: 0.5>, weight_index = array<i64: 0>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C2_arguments(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>, %r: memref<4xf32>) {
  // expected-error @+1 {{(C2) ranges takes (b, h, q_first, q_last, nq, nk: index) and yields (lo, full_lo, full_hi, hi: index) for each segment}}
  attune.kernel <attend> lhs(%q) rhs(%q) head_weights(%r) value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {
  ^bb0(%h: index, %f: index, %l: index, %nq: index, %nk: index):
    attune.yield %f, %f, %l, %l : index, index, index, index
  } score {} mask {
  ^bb0(%b: i32, %h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %m = arith.cmpi sle, %j, %i : i32
    attune.yield %m : i1
  } {scales = array<f64: 0.5>, weight_index = array<i64: 0>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C2_yield(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>, %r: memref<4xf32>) {
  // expected-error @+1 {{(C2) ranges takes (b, h, q_first, q_last, nq, nk: index) and yields (lo, full_lo, full_hi, hi: index) for each segment}}
  attune.kernel <attend> lhs(%q) rhs(%q) head_weights(%r) value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {
  ^bb0(%b: index, %h: index, %f: index, %l: index, %nq: index, %nk: index):
    attune.yield %f, %f, %l : index, index, index
  } score {} mask {
  ^bb0(%b: i32, %h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %m = arith.cmpi sle, %j, %i : i32
    attune.yield %m : i1
  } {scales = array<f64: 0.5>, weight_index = array<i64: 0>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C2_mask(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>, %r: memref<4xf32>) {
  // expected-error @+1 {{(C2) region yields one i1}}
  attune.kernel <attend> lhs(%q) rhs(%q) head_weights(%r) value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {
  ^bb0(%b: i32, %h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %m = arith.cmpi sle, %j, %i : i32
    attune.yield %i : i32
  } {scales = array<f64: 0.5>, weight_index = array<i64: 0>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C2_score(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>, %r: memref<4xf32>) {
  // expected-error @+1 {{(C2) region yields one f32}}
  attune.kernel <attend> lhs(%q) rhs(%q) head_weights(%r) value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {
  ^bb0(%s: f32, %b: i32, %h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %m = arith.cmpi sle, %j, %i : i32
    attune.yield %m : i1
  } mask {} {scales = array<f64: 0.5>, weight_index = array<i64: 0>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C3_keys(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>, %r: memref<4xf32>) {
  // expected-error @+1 {{(C3) attend has one query, key, scale and weight index a source, a source or a score, and a value}}
  attune.kernel <attend> lhs(%q) rhs(%q, %q) head_weights(%r) value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {scales = array<f64: 0.5>, weight_index = array<i64: 0>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C3_value(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>, %r: memref<4xf32>) {
  // expected-error @+1 {{(C3) attend has one query, key, scale and weight index a source, a source or a score, and a value}}
  attune.kernel <attend> lhs(%q) rhs(%q) head_weights(%r) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {scales = array<f64: 0.5>, weight_index = array<i64: 0>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C3_scales(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>, %r: memref<4xf32>) {
  // expected-error @+1 {{(C3) attend has one query, key, scale and weight index a source, a source or a score, and a value}}
  attune.kernel <attend> lhs(%q) rhs(%q) head_weights(%r) value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {weight_index = array<i64: 0>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C4(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>, %r: memref<4xf32>) {
  // expected-error @+1 {{(C4) weight index 1 is not in -1..1}}
  attune.kernel <attend> lhs(%q) rhs(%q) head_weights(%r) value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {scales = array<f64: 0.5>, weight_index = array<i64: 1>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C5(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>, %r: memref<4xf32>) {
  // expected-error @+1 {{(C5) attend has two workspaces, packed keys and scratch, or none}}
  attune.kernel <attend> lhs(%q) rhs(%q) head_weights(%r) value(%q) out(%q) workspace(%w) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {scales = array<f64: 0.5>, weight_index = array<i64: 0>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>
  return
}

// -----

func.func @kernel_C6(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>, %r: memref<4xf32>) {
  // expected-error @+1 {{(C6) attend takes f32 arrays of rank 4, not 'memref<?xf32>'}}
  attune.kernel <attend> lhs(%q) rhs(%q) head_weights(%r) value(%q) out(%w) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {scales = array<f64: 0.5>, weight_index = array<i64: 0>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C7(%a: memref<5x8xf32>, %w: memref<1x8x16xf32>, %r: memref<8x16xf32>, %c: memref<5x16xf32>) {
  // expected-error @+1 {{(C7) gemm has one lhs and one rhs}}
  attune.kernel <gemm> lhs(%a) rhs(%w, %w) out(%c) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} : memref<5x8xf32>, memref<1x8x16xf32>, memref<1x8x16xf32>, memref<5x16xf32>
  return
}

// -----

func.func @kernel_C8(%a: memref<5x8xf32>, %w: memref<1x8x16xf32>, %r: memref<8x16xf32>, %c: memref<5x16xf32>) {
  // expected-error @+1 {{(C8) gemm has no regions, probs or lse}}
  attune.kernel <gemm> lhs(%a) rhs(%w) out(%c) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {
  ^bb0(%b: i32, %h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %m = arith.cmpi sle, %j, %i : i32
    attune.yield %m : i1
  } : memref<5x8xf32>, memref<1x8x16xf32>, memref<5x16xf32>
  return
}

// -----

func.func @kernel_C9(%a: memref<5x8xf32>, %w: memref<1x8x16xf32>, %r: memref<8x16xf32>, %c: memref<5x16xf32>) {
  // expected-error @+1 {{(C9) gemm takes packed panels of rank 3, not 'memref<8x16xf32>'}}
  attune.kernel <gemm> lhs(%a) rhs(%r) out(%c) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} : memref<5x8xf32>, memref<8x16xf32>, memref<5x16xf32>
  return
}

// -----

func.func @kernel_C10(%a: memref<5x8xf32>, %w: memref<1x8x16xf32>, %r: memref<8x16xf32>, %c: memref<5x16xf32>) {
  // expected-error @+1 {{(C10) block sizes must be positive}}
  attune.kernel <gemm> lhs(%a) rhs(%w) out(%c) blocking <rows = 0, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} : memref<5x8xf32>, memref<1x8x16xf32>, memref<5x16xf32>
  return
}

// -----

func.func @kernel_C3_nothing(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>) {
  // expected-error @+1 {{(C3) attend has one query, key, scale and weight index a source, a source or a score, and a value}}
  attune.kernel <attend> lhs() rhs() value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {scales = array<f64>, weight_index = array<i64>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C6_panels(%q: memref<1x2x?x4xf32>, %k: memref<1x2x?x4x16xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>) {
  // expected-error @+1 {{(C6) attend takes f32 arrays of rank 4, not 'memref<1x2x?x4x16xf32>'}}
  attune.kernel <attend> lhs(%q) rhs(%k) value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {scales = array<f64: 0.5>, weight_index = array<i64: -1>} : memref<1x2x?x4xf32>, memref<1x2x?x4x16xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C6_probs(%q: memref<1x2x?x4xf32>, %p: memref<1x2x?xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>) {
  // expected-error @+1 {{(C6) attend takes f32 arrays of rank 4, not 'memref<1x2x?xf32>'}}
  attune.kernel <attend> lhs(%q) rhs(%q) value(%q) out(%q) probs(%p) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {scales = array<f64: 0.5>, weight_index = array<i64: -1>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C6_lse(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>) {
  // expected-error @+1 {{(C6) lse is f32 of rank 3, not 'memref<1x2x?x4xf32>'}}
  attune.kernel <attend> lhs(%q) rhs(%q) value(%q) out(%q) lse(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {scales = array<f64: 0.5>, weight_index = array<i64: -1>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C8_lse(%a: memref<5x8xf32>, %w: memref<1x8x16xf32>, %l: memref<1x1x5xf32>, %c: memref<5x16xf32>) {
  // expected-error @+1 {{(C8) gemm has no regions, probs or lse}}
  attune.kernel <gemm> lhs(%a) rhs(%w) out(%c) lse(%l) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} : memref<5x8xf32>, memref<1x8x16xf32>, memref<5x16xf32>, memref<1x1x5xf32>
  return
}

// -----

func.func @kernel_C11_bias(%q: memref<1x2x?x4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>) {
  // expected-error @+1 {{(C11) a bias or vector index is -1 or that of a key bias or vector, one a source}}
  attune.kernel <attend> lhs(%q) rhs(%q) value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {bias_index = array<i64: 0>, bias_scales = array<f64: 1.0>, scales = array<f64: 0.5>, weight_index = array<i64: -1>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C11_vector(%q: memref<1x2x?x4xf32>, %v: memref<4xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>) {
  // expected-error @+1 {{(C11) a bias or vector index is -1 or that of a key bias or vector, one a source}}
  attune.kernel <attend> lhs(%q) rhs(%q) vectors(%v) value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {vector_index = array<i64: 1>, scales = array<f64: 0.5>, weight_index = array<i64: -1>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C12(%w: memref<5x5xf32>, %x: memref<3x5x8xf32>, %p: memref<?xf32>, %s: memref<2x64xf32>) {
  // expected-error @+1 {{(C12) gate has one weight of rank 3, one rhs of rank 3, no score, probs or lse, and two workspaces}}
  attune.kernel <gate> lhs(%w) rhs(%x) out(%x) workspace(%p, %s) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} : memref<5x5xf32>, memref<3x5x8xf32>, memref<3x5x8xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C14(%q: memref<1x2x?x4xf32>, %l: memref<1x2x?xf32>, %w: memref<?xf32>, %z: memref<2x64xf32>) {
  // expected-error @+1 {{(C14) only an attend without probs and lse has `no_softmax`, and its empty rows are zero}}
  attune.kernel <attend> lhs(%q) rhs(%q) value(%q) out(%q) lse(%l) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {no_softmax, scales = array<f64: 0.5>, weight_index = array<i64: -1>} : memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<1x2x?xf32>, memref<?xf32>, memref<2x64xf32>
  return
}

// -----

func.func @kernel_C13(%a: memref<5x8xf32>, %w: memref<1x8x16xf32>, %c: memref<5x16xf32>) {
  // expected-error @+1 {{(C13) only a gate has `gate` and `norm`}}
  attune.kernel <gemm> lhs(%a) rhs(%w) gate(%c) out(%c) blocking <rows = 6, columns = 16, row_block = 96, depth_block = 256> ranges {} score {} mask {} : memref<5x8xf32>, memref<1x8x16xf32>, memref<5x16xf32>, memref<5x16xf32>
  return
}
