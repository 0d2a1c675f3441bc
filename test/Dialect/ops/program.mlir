// RUN: %attune-opt %s --verify-roundtrip | %attune-opt | FileCheck %s

// CHECK-LABEL: func.func @dim
func.func @dim() -> index {
  // CHECK: attune.dim "T" : index
  %t = attune.dim "T" : index
  return %t : index
}

// CHECK-LABEL: func.func @param
func.func @param() {
  // CHECK: attune.param "a.weight" : tensor<6x8xf32>
  %w = attune.param "a.weight" : tensor<6x8xf32>
  // CHECK: attune.param "a.bias" pack <pad, 16> offset 64 : memref<16xf32>
  %b = attune.param "a.bias" pack <pad, 16> offset 64 : memref<16xf32>
  return
}

// CHECK-LABEL: func.func @for
func.func @for(%x: tensor<?x8xf32, #attune.shape<T, 8>>) -> tensor<?x8xf32, #attune.shape<T, 8>> {
  // CHECK: attune.for "i" from 0 to 3 carry(%{{.*}} : tensor<?x8xf32, #attune.shape<T, 8>>) {
  // CHECK-NEXT: ^bb0(%[[I:.*]]: index, %[[Y:.*]]: tensor<?x8xf32, #attune.shape<T, 8>>):
  %r = attune.for "i" from 0 to 3 carry(%x : tensor<?x8xf32, #attune.shape<T, 8>>) {
  ^bb0(%i: index, %y: tensor<?x8xf32, #attune.shape<T, 8>>):
    // CHECK: attune.param "layers.{i}.weight"[%[[I]]] offset 0 strides [64] : tensor<8x8xf32>
    %w = attune.param "layers.{i}.weight"[%i] offset 0 strides [64] : tensor<8x8xf32>
    %z = attune.linear %y, %w : (tensor<?x8xf32, #attune.shape<T, 8>>, tensor<8x8xf32>) -> tensor<?x8xf32, #attune.shape<T, 8>>
    // CHECK: attune.yield %{{.*}} : tensor<?x8xf32, #attune.shape<T, 8>>
    attune.yield %z : tensor<?x8xf32, #attune.shape<T, 8>>
  } : tensor<?x8xf32, #attune.shape<T, 8>>
  return %r : tensor<?x8xf32, #attune.shape<T, 8>>
}
