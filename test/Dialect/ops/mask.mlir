// RUN: %attune-opt %s --verify-roundtrip | %attune-opt | FileCheck %s

// CHECK-LABEL: func.func @mask
func.func @mask(%length: tensor<?xi32, #attune.shape<B>>) -> !attune.mask {
  // CHECK: %[[M:.*]] = attune.mask {
  // CHECK-NEXT: ^bb0(%[[B:.*]]: i32, %{{.*}}: i32, %{{.*}}: i32, %[[K:.*]]: i32, %{{.*}}: i32, %{{.*}}: i32, %{{.*}}: i32, %{{.*}}: i32):
  %m = attune.mask {
  ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    // CHECK: attune.capture %{{.*}}[%[[B]]] : tensor<?xi32, #attune.shape<B>> -> i32
    %n = attune.capture %length[%b] : tensor<?xi32, #attune.shape<B>> -> i32
    %inside = arith.cmpi slt, %k, %n : i32
    // CHECK: attune.yield %{{.*}} : i1
    attune.yield %inside : i1
  }
  // CHECK: return %[[M]] : !attune.mask
  return %m : !attune.mask
}

// Booleans are bytes after bufferize.
// CHECK-LABEL: func.func @capture
func.func @capture(%pad: memref<2x7xi8>, %scalar: tensor<f32>, %i: i32) {
  // CHECK: attune.capture %{{.*}}[%{{.*}}, %{{.*}}] : memref<2x7xi8> -> i1
  %0 = attune.capture %pad[%i, %i] : memref<2x7xi8> -> i1
  // CHECK: attune.capture %{{.*}}[] : tensor<f32> -> f32
  %1 = attune.capture %scalar[] : tensor<f32> -> f32
  return
}
