// RUN: %attune-opt %s --verify-roundtrip | %attune-opt | FileCheck %s

// CHECK-LABEL: func.func @reduce
func.func @reduce(%x: tensor<?x7xf32, #attune.shape<T, 7>>, %n: tensor<4x7xi64>, %in: memref<4x7xf32>, %out: memref<4xf32>) {
  // CHECK: attune.reduce <sum> %{{.*}} axis 1 : (tensor<?x7xf32, #attune.shape<T, 7>>) -> tensor<?xf32, #attune.shape<T>>
  %0 = attune.reduce <sum> %x axis 1 : (tensor<?x7xf32, #attune.shape<T, 7>>) -> tensor<?xf32, #attune.shape<T>>
  // CHECK: attune.reduce <mean> %{{.*}} axis 0 : (tensor<?x7xf32, #attune.shape<T, 7>>) -> tensor<7xf32>
  %1 = attune.reduce <mean> %x axis 0 : (tensor<?x7xf32, #attune.shape<T, 7>>) -> tensor<7xf32>
  // CHECK: attune.reduce <max> %{{.*}} axis 1 : (tensor<4x7xi64>) -> tensor<4xi64>
  %2 = attune.reduce <max> %n axis 1 : (tensor<4x7xi64>) -> tensor<4xi64>
  // CHECK: attune.reduce <argmax> %{{.*}} axis 1 : (tensor<?x7xf32, #attune.shape<T, 7>>) -> tensor<?xi64, #attune.shape<T>>
  %3 = attune.reduce <argmax> %x axis 1 : (tensor<?x7xf32, #attune.shape<T, 7>>) -> tensor<?xi64, #attune.shape<T>>
  // CHECK: attune.reduce <min> %{{.*}} axis 1 into %{{.*}} : (memref<4x7xf32>, memref<4xf32>) -> ()
  attune.reduce <min> %in axis 1 into %out : (memref<4x7xf32>, memref<4xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @softmax
func.func @softmax(%x: tensor<4x7xf32>, %in: memref<4x7xf32>, %out: memref<4x7xf32>) {
  // CHECK: attune.softmax %{{.*}} axis 0 : (tensor<4x7xf32>) -> tensor<4x7xf32>
  %0 = attune.softmax %x axis 0 : (tensor<4x7xf32>) -> tensor<4x7xf32>
  // CHECK: attune.softmax %{{.*}} axis 1 into %{{.*}} : (memref<4x7xf32>, memref<4x7xf32>) -> ()
  attune.softmax %in axis 1 into %out : (memref<4x7xf32>, memref<4x7xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @rms_norm
func.func @rms_norm(%x: tensor<4x8xf32>, %g: tensor<8xf32>, %in: memref<4x8xf32>, %out: memref<4x8xf32>) {
  // CHECK: attune.rms_norm %{{.*}} eps 1.000000e-05 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %0 = attune.rms_norm %x eps 1.0e-5 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // CHECK: attune.rms_norm %{{.*}} gamma %{{.*}} eps 1.000000e-05 : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  %1 = attune.rms_norm %x gamma %g eps 1.0e-5 : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  // CHECK: attune.rms_norm %{{.*}} eps 1.000000e-05 into %{{.*}} : (memref<4x8xf32>, memref<4x8xf32>) -> ()
  attune.rms_norm %in eps 1.0e-5 into %out : (memref<4x8xf32>, memref<4x8xf32>) -> ()
  return
}
