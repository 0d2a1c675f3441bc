// RUN: %attune-opt %s --attune-merge-projections --remarks-filter=fuse --remark-format=emitRemark -o /dev/null 2>&1 | FileCheck %s

!x = tensor<4x12xf32>
!y = tensor<4x6xf32>

// CHECK: [[@LINE+4]]:{{.*}} [Missed] merge-projections {{.*}}"2 projections of one input stay separate
func.func @two(%x: !x) -> (!y, !y) {
  %w = attune.param "w" : tensor<6x12xf32>
  %v = attune.param "v" : tensor<6x12xf32>
  %a = attune.linear %x, %w : (!x, tensor<6x12xf32>) -> !y
  %b = attune.linear %x, %v : (!x, tensor<6x12xf32>) -> !y
  return %a, %b : !y, !y
}

// CHECK-NOT: Missed
func.func @apart(%x: !x, %z: !x) -> (!y, !y) {
  %w = attune.param "w" : tensor<6x12xf32>
  %a = attune.linear %x, %w : (!x, tensor<6x12xf32>) -> !y
  %b = attune.linear %z, %w : (!x, tensor<6x12xf32>) -> !y
  return %a, %b : !y, !y
}
