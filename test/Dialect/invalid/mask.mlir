// RUN: %attune-opt %s -split-input-file -verify-diagnostics
// The names repeat the labels of the constraints: OP_Cn[_what].

func.func @mask_C1() {
  // expected-error @+1 {{(C1) region takes (b, h, q, k, nb, nh, nq, nk: i32)}}
  %0 = attune.mask {
  ^bb0(%x: f32, %b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %m = arith.cmpi sle, %k, %q : i32
    attune.yield %m : i1
  }
  return
}

// -----

func.func @mask_C2() {
  // expected-error @+1 {{(C2) region yields one i1}}
  %0 = attune.mask {
  ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    attune.yield %q : i32
  }
  return
}

// -----

func.func @capture_C1(%a: tensor<2x3xf32>, %i: i32) {
  // expected-error @+1 {{(C1) has one index an axis: 1 for 'tensor<2x3xf32>'}}
  %0 = attune.capture %a[%i] : tensor<2x3xf32> -> f32
  return
}

// -----

func.func @capture_C2(%a: tensor<2xf32>, %i: i32) {
  // expected-error @+1 {{(C2) reads 'f32' as 'i32'}}
  %0 = attune.capture %a[%i] : tensor<2xf32> -> i32
  return
}

// -----

func.func @capture_C2_bytes(%a: memref<2xi8>, %i: i32) {
  // expected-error @+1 {{(C2) reads 'i8' as 'f32'}}
  %0 = attune.capture %a[%i] : memref<2xi8> -> f32
  return
}
