// RUN: %attune-opt %s | %attune-opt | FileCheck %s

// CHECK-LABEL: func.func @tiles
func.func @tiles(%a: memref<?x?xf32>, %b: memref<4x32x16xf32>, %bias: memref<64xf32>, %lanes: memref<6x8xf32>, %n: index, %x: f32) {
  // CHECK: attune.tile.fill %{{.*}} : f32 -> <6x16xf32>
  %0 = attune.tile.fill %x : f32 -> !attune.tile<6x16xf32>
  // CHECK: attune.tile.load %{{.*}}[%{{.*}}, %{{.*}}] rows %{{.*}} columns %{{.*}} : memref<?x?xf32> -> <6x16xf32>
  %1 = attune.tile.load %a[%n, %n] rows %n columns %n : memref<?x?xf32> -> !attune.tile<6x16xf32>
  // CHECK: attune.tile.load_row %{{.*}}[%{{.*}}] : memref<64xf32> -> <6x16xf32>
  %2 = attune.tile.load_row %bias[%n] : memref<64xf32> -> !attune.tile<6x16xf32>
  // CHECK: attune.tile.contract %{{.*}}, %{{.*}}[%{{.*}}, %{{.*}}], %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}] depth %{{.*}} : <6x16xf32>, memref<?x?xf32>, memref<4x32x16xf32>
  %3 = attune.tile.contract %2, %a[%n, %n], %b[%n, %n, %n] depth %n : !attune.tile<6x16xf32>, memref<?x?xf32>, memref<4x32x16xf32>
  // CHECK: attune.tile.contract {{.*}} depth %{{.*}} columns %{{.*}} :
  %4 = attune.tile.contract %3, %a[%n, %n], %a[%n, %n] depth %n columns %n : !attune.tile<6x16xf32>, memref<?x?xf32>, memref<?x?xf32>
  // CHECK: attune.tile.add
  %5 = attune.tile.add %4, %1 : !attune.tile<6x16xf32>
  // CHECK: attune.tile.activation <relu>
  %6 = attune.tile.activation <relu> %5 : !attune.tile<6x16xf32>
  // CHECK: attune.tile.transpose %{{.*}} : <6x16xf32> -> <16x6xf32>
  %7 = attune.tile.transpose %6 : !attune.tile<6x16xf32> -> !attune.tile<16x6xf32>
  // CHECK: attune.tile.fold_max %{{.*}}, %{{.*}}[%{{.*}}] : <6x16xf32>, memref<6x8xf32>
  attune.tile.fold_max %6, %lanes[%n] : !attune.tile<6x16xf32>, memref<6x8xf32>
  // CHECK: attune.tile.store %{{.*}}, %{{.*}}[%{{.*}}, %{{.*}}] columns %{{.*}} : <6x16xf32>, memref<?x?xf32>
  attune.tile.store %6, %a[%n, %n] columns %n : !attune.tile<6x16xf32>, memref<?x?xf32>
  attune.tile.store %0, %a[%n, %n] : !attune.tile<6x16xf32>, memref<?x?xf32>
  return
}
