// RUN: %attune-opt %s --verify-roundtrip | %attune-opt | FileCheck %s

// CHECK-LABEL: func.func @linear
func.func @linear(%x: tensor<?x8xf32, #attune.shape<T, 8>>, %w: tensor<6x8xf32>, %b: tensor<6xf32>, %r: tensor<?x6xf32, #attune.shape<T, 6>>) {
  // CHECK: attune.linear %{{.*}}, %{{.*}} : (tensor<?x8xf32, #attune.shape<T, 8>>, tensor<6x8xf32>) -> tensor<?x6xf32, #attune.shape<T, 6>>
  %0 = attune.linear %x, %w : (tensor<?x8xf32, #attune.shape<T, 8>>, tensor<6x8xf32>) -> tensor<?x6xf32, #attune.shape<T, 6>>
  // CHECK: attune.linear %{{.*}}, %{{.*}} bias %{{.*}} residual %{{.*}} {activation = #attune.activation<gelu>}
  %1 = attune.linear %x, %w bias %b residual %r {activation = #attune.activation<gelu>} : (tensor<?x8xf32, #attune.shape<T, 8>>, tensor<6x8xf32>, tensor<6xf32>, tensor<?x6xf32, #attune.shape<T, 6>>) -> tensor<?x6xf32, #attune.shape<T, 6>>
  return
}

// CHECK-LABEL: func.func @linear_into
func.func @linear_into(%x: memref<?x8xf32>, %w: memref<6x8xf32>, %y: memref<?x6xf32>) {
  // CHECK: attune.linear %{{.*}}, %{{.*}} into %{{.*}} : (memref<?x8xf32>, memref<6x8xf32>, memref<?x6xf32>) -> ()
  attune.linear %x, %w into %y : (memref<?x8xf32>, memref<6x8xf32>, memref<?x6xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @matmul
func.func @matmul(%a: tensor<2x5x4xf32>, %b: tensor<1x4x3xf32>) {
  // CHECK: attune.matmul %{{.*}}, %{{.*}} : (tensor<2x5x4xf32>, tensor<1x4x3xf32>) -> tensor<2x5x3xf32>
  %0 = attune.matmul %a, %b : (tensor<2x5x4xf32>, tensor<1x4x3xf32>) -> tensor<2x5x3xf32>
  return
}

// CHECK-LABEL: func.func @layer_norm
func.func @layer_norm(%x: tensor<5x8xf32>, %g: tensor<8xf32>, %out: memref<5x8xf32>, %in: memref<5x8xf32>) {
  // CHECK: attune.layer_norm %{{.*}} eps 1.000000e-05 : (tensor<5x8xf32>) -> tensor<5x8xf32>
  %0 = attune.layer_norm %x eps 1.0e-5 : (tensor<5x8xf32>) -> tensor<5x8xf32>
  // CHECK: attune.layer_norm %{{.*}} gamma %{{.*}} beta %{{.*}} eps
  %1 = attune.layer_norm %x gamma %g beta %g eps 1.0e-5 : (tensor<5x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<5x8xf32>
  // CHECK: attune.layer_norm %{{.*}} eps 1.000000e-05 into %{{.*}} : (memref<5x8xf32>, memref<5x8xf32>) -> ()
  attune.layer_norm %in eps 1.0e-5 into %out : (memref<5x8xf32>, memref<5x8xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @embedding
func.func @embedding(%ids: tensor<2x5xi64>, %table: tensor<100x8xf32>) {
  // CHECK: attune.embedding %{{.*}}, %{{.*}} : (tensor<2x5xi64>, tensor<100x8xf32>) -> tensor<2x5x8xf32>
  %0 = attune.embedding %ids, %table : (tensor<2x5xi64>, tensor<100x8xf32>) -> tensor<2x5x8xf32>
  return
}

// CHECK-LABEL: func.func @gather
func.func @gather(%ids: tensor<5xi32>, %table: tensor<100x2x3xi8>) {
  // CHECK: attune.gather %{{.*}}, %{{.*}} {ids_name = "tokens"} : (tensor<100x2x3xi8>, tensor<5xi32>) -> tensor<5x2x3xi8>
  %0 = attune.gather %table, %ids {ids_name = "tokens"} : (tensor<100x2x3xi8>, tensor<5xi32>) -> tensor<5x2x3xi8>
  return
}

// CHECK-LABEL: func.func @activation
func.func @activation(%x: tensor<5xf32>, %b: tensor<5xi1>, %i: tensor<5xi64>) {
  // CHECK: attune.activation <silu> %{{.*}} : (tensor<5xf32>) -> tensor<5xf32>
  %0 = attune.activation <silu> %x : (tensor<5xf32>) -> tensor<5xf32>
  // CHECK: attune.activation <not> %{{.*}} : (tensor<5xi1>) -> tensor<5xi1>
  %1 = attune.activation <not> %b : (tensor<5xi1>) -> tensor<5xi1>
  // CHECK: attune.activation <neg> %{{.*}} : (tensor<5xi64>) -> tensor<5xi64>
  %2 = attune.activation <neg> %i : (tensor<5xi64>) -> tensor<5xi64>
  return
}

// CHECK-LABEL: func.func @elementwise
func.func @elementwise(%a: tensor<2x1x3xf32>, %b: tensor<5x1xf32>) {
  // CHECK: attune.elementwise <sub> %{{.*}}, %{{.*}} : (tensor<2x1x3xf32>, tensor<5x1xf32>) -> tensor<2x5x3xf32>
  %0 = attune.elementwise <sub> %a, %b : (tensor<2x1x3xf32>, tensor<5x1xf32>) -> tensor<2x5x3xf32>
  // CHECK: attune.elementwise <le> %{{.*}}, %{{.*}} : (tensor<2x1x3xf32>, tensor<5x1xf32>) -> tensor<2x5x3xi1>
  %1 = attune.elementwise <le> %a, %b : (tensor<2x1x3xf32>, tensor<5x1xf32>) -> tensor<2x5x3xi1>
  return
}

// CHECK-LABEL: func.func @cast
func.func @cast(%x: tensor<5xi1>) {
  // CHECK: attune.cast %{{.*}} : (tensor<5xi1>) -> tensor<5xf32>
  %0 = attune.cast %x : (tensor<5xi1>) -> tensor<5xf32>
  return
}

// CHECK-LABEL: func.func @concat
func.func @concat(%a: tensor<2x?xf32, #attune.shape<2, T>>, %b: tensor<2x4xf32>) {
  // CHECK: attune.concat %{{.*}}, %{{.*}} axis 1 : (tensor<2x?xf32, #attune.shape<2, T>>, tensor<2x4xf32>) -> tensor<2x?xf32, #attune.shape<2, T + 4>>
  %0 = attune.concat %a, %b axis 1 : (tensor<2x?xf32, #attune.shape<2, T>>, tensor<2x4xf32>) -> tensor<2x?xf32, #attune.shape<2, T + 4>>
  return
}
