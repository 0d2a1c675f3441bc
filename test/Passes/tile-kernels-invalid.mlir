// RUN: %attune-opt %s --attune-tile-kernels -split-input-file -verify-diagnostics

// expected-error @+1 {{expects a module with an `attune.target` attribute}}
func.func @no_target(%x: memref<4x8xf32>) {
  return
}

// -----

module attributes {attune.target = #attune.target<cpu = "haswell", vector_width = 8, registers = 16, l1 = 32768, l2 = 262144, features = "+avx2,+fma">} {
  func.func @linear_on_tensors(%x: tensor<4x8xf32>, %w: tensor<6x8xf32>) -> tensor<4x6xf32> {
    // expected-error @+1 {{expects bufferized operands and results}}
    %y = attune.linear %x, %w : (tensor<4x8xf32>, tensor<6x8xf32>) -> tensor<4x6xf32>
    return %y : tensor<4x6xf32>
  }
}

// -----

module attributes {attune.target = #attune.target<cpu = "haswell", vector_width = 8, registers = 16, l1 = 32768, l2 = 262144, features = "+avx2,+fma">} {
  func.func @keys_are_tensors(%q: tensor<1x2x5x4xf32>, %v: memref<1x2x5x4xf32>, %o: memref<1x2x5x4xf32>) {
    // expected-error @+1 {{expects bufferized operands and results}}
    %s = attune.dot %q, %q scale 0.5 : (tensor<1x2x5x4xf32>, tensor<1x2x5x4xf32>) -> !attune.scores<1x2x5x5xf32>
    attune.attend %s, %v into %o : (!attune.scores<1x2x5x5xf32>, memref<1x2x5x4xf32>, memref<1x2x5x4xf32>) -> ()
    return
  }
}

// -----

module attributes {attune.target = #attune.target<cpu = "haswell", vector_width = 8, registers = 16, l1 = 32768, l2 = 262144, features = "+avx2,+fma">} {
  func.func @captures_are_tensors(%q: memref<1x2x5x4xf32>, %n: tensor<1xi32>) {
    %s = attune.dot %q, %q scale 0.5 : (memref<1x2x5x4xf32>, memref<1x2x5x4xf32>) -> !attune.scores<1x2x5x5xf32>
    %m = attune.mask {
    ^bb0(%b: i32, %h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      // expected-error @+1 {{expects bufferized operands and results}}
      %c = attune.capture %n[%b] : tensor<1xi32> -> i32
      %in = arith.cmpi slt, %j, %c : i32
      attune.yield %in : i1
    }
    attune.attend %s, %q mask %m into %q : (!attune.scores<1x2x5x5xf32>, memref<1x2x5x4xf32>, !attune.mask, memref<1x2x5x4xf32>) -> ()
    return
  }
}
