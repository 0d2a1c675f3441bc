// RUN: %attune-opt %s --verify-roundtrip | %attune-opt | FileCheck %s

// CHECK-LABEL: func.func @broadcast
func.func @broadcast(%x: tensor<7x1xf32>, %n: tensor<i64>, %in: memref<7x1xf32>, %out: memref<4x7x5xf32>) {
  // CHECK: attune.broadcast %{{.*}} : (tensor<7x1xf32>) -> tensor<?x7x5xf32, #attune.shape<T, 7, 5>>
  %0 = attune.broadcast %x : (tensor<7x1xf32>) -> tensor<?x7x5xf32, #attune.shape<T, 7, 5>>
  // CHECK: attune.broadcast %{{.*}} : (tensor<i64>) -> tensor<3xi64>
  %1 = attune.broadcast %n : (tensor<i64>) -> tensor<3xi64>
  // CHECK: attune.broadcast %{{.*}} into %{{.*}} : (memref<7x1xf32>, memref<4x7x5xf32>) -> ()
  attune.broadcast %in into %out : (memref<7x1xf32>, memref<4x7x5xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @repetition
func.func @repetition(%x: tensor<4x7xf32>) {
  // CHECK: attune.repeat_elements %{{.*}} axis 0 times <2> : (tensor<4x7xf32>) -> tensor<8x7xf32>
  %0 = attune.repeat_elements %x axis 0 times <2> : (tensor<4x7xf32>) -> tensor<8x7xf32>
  // CHECK: attune.tile_axis %{{.*}} axis 1 times <T> : (tensor<4x7xf32>) -> tensor<4x?xf32, #attune.shape<4, 7 * T>>
  %1 = attune.tile_axis %x axis 1 times <T> : (tensor<4x7xf32>) -> tensor<4x?xf32, #attune.shape<4, 7 * T>>
  return
}

// CHECK-LABEL: func.func @where
func.func @where(%c: tensor<7xi1>, %a: tensor<4x1xf32>, %b: tensor<f32>, %mc: memref<4xi8>, %ma: memref<4xi8>) {
  // CHECK: attune.where %{{.*}}, %{{.*}}, %{{.*}} : (tensor<7xi1>, tensor<4x1xf32>, tensor<f32>) -> tensor<4x7xf32>
  %0 = attune.where %c, %a, %b : (tensor<7xi1>, tensor<4x1xf32>, tensor<f32>) -> tensor<4x7xf32>
  // CHECK: attune.where %{{.*}}, %{{.*}}, %{{.*}} into %{{.*}} : (memref<4xi8>, memref<4xi8>, memref<4xi8>, memref<4xi8>) -> ()
  attune.where %mc, %ma, %ma into %ma : (memref<4xi8>, memref<4xi8>, memref<4xi8>, memref<4xi8>) -> ()
  return
}

// CHECK-LABEL: func.func @arange
func.func @arange(%out: memref<7xi64>) {
  // CHECK: attune.arange : () -> tensor<?xi64, #attune.shape<T>>
  %0 = attune.arange : () -> tensor<?xi64, #attune.shape<T>>
  // CHECK: attune.arange into %{{.*}} : (memref<7xi64>) -> ()
  attune.arange into %out : (memref<7xi64>) -> ()
  return
}

// CHECK-LABEL: func.func @turns
func.func @turns(%x: tensor<2x7x8xf32>, %in: memref<2x7x8xf32>, %table: memref<7x6xf32>, %out: memref<2x7x8xf32>) {
  // CHECK: %[[TABLE:.*]] = attune.sinusoid <interleaved> base 1.000000e+04 offset <T> : () -> tensor<7x6xf32>
  %0 = attune.sinusoid <interleaved> base 1.0e+4 offset <T> : () -> tensor<7x6xf32>
  // CHECK: attune.sinusoid <halves> base 5.000000e+02 offset <0> into %{{.*}} : (memref<7x6xf32>) -> ()
  attune.sinusoid <halves> base 5.0e+2 offset <0> into %table : (memref<7x6xf32>) -> ()
  // CHECK: attune.rope <interleaved> %{{.*}}, %[[TABLE]] : (tensor<2x7x8xf32>, tensor<7x6xf32>) -> tensor<2x7x8xf32>
  %1 = attune.rope <interleaved> %x, %0 : (tensor<2x7x8xf32>, tensor<7x6xf32>) -> tensor<2x7x8xf32>
  // CHECK: attune.rope <halves> %{{.*}}, %{{.*}} into %{{.*}} : (memref<2x7x8xf32>, memref<7x6xf32>, memref<2x7x8xf32>) -> ()
  attune.rope <halves> %in, %table into %out : (memref<2x7x8xf32>, memref<7x6xf32>, memref<2x7x8xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @stack
func.func @stack(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<3x4xf32>) {
  // CHECK: attune.for "i" from 2 to 5 carry(%{{.*}} : tensor<4xf32>)
  // CHECK: attune.yield %{{.*}}, %{{.*}} : tensor<4xf32>, tensor<4xf32>
  // CHECK: } : tensor<4xf32>, tensor<3x4xf32>
  %0:2 = attune.for "i" from 2 to 5 carry(%x : tensor<4xf32>) {
  ^bb0(%i: index, %a: tensor<4xf32>):
    %b = attune.activation <tanh> %a : (tensor<4xf32>) -> tensor<4xf32>
    attune.yield %b, %a : tensor<4xf32>, tensor<4xf32>
  } : tensor<4xf32>, tensor<3x4xf32>
  return %0#0, %0#1 : tensor<4xf32>, tensor<3x4xf32>
}
