// RUN: %attune-opt %s --verify-roundtrip | %attune-opt | FileCheck %s

// CHECK-LABEL: func.func @all
func.func @all(%w: tensor<2x5x5xf32>, %x: tensor<3x5x8xf32>, %b: tensor<2x5xf32>, %n: tensor<8xf32>) -> tensor<3x5x8xf32> {
  // CHECK: %[[M:.*]] = attune.mask
  %m = attune.mask {
  ^bb0(%bi: i32, %h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %keep = arith.cmpi sle, %j, %i : i32
    attune.yield %keep : i1
  }
  // CHECK: attune.spatial_gate %{{.*}}, %{{.*}} bias %{{.*}} mask %[[M]] added %{{.*}} gate %{{.*}} norm(%{{.*}}, %{{.*}}) {activation = #attune.activation<gelu>, epsilon = 1.250000e-01 : f64} :
  %0 = attune.spatial_gate %w, %x bias %b mask %m added %x gate %x norm(%n, %n) {activation = #attune.activation<gelu>, epsilon = 1.25e-01 : f64} : (tensor<2x5x5xf32>, tensor<3x5x8xf32>, tensor<2x5xf32>, !attune.mask, tensor<3x5x8xf32>, tensor<3x5x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<3x5x8xf32>
  return %0 : tensor<3x5x8xf32>
}

// CHECK-LABEL: func.func @plain
func.func @plain(%w: memref<1x5x5xf32>, %x: memref<3x5x?xf32>) {
  // CHECK: attune.spatial_gate %{{.*}}, %[[X:.*]] into %[[X]] : (memref<1x5x5xf32>, memref<3x5x?xf32>, memref<3x5x?xf32>) -> ()
  attune.spatial_gate %w, %x into %x : (memref<1x5x5xf32>, memref<3x5x?xf32>, memref<3x5x?xf32>) -> ()
  return
}
