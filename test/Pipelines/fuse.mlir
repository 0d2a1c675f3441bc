// RUN: %attune-opt %s --attune-stage-fuse --remarks-filter=fuse --remark-format=emitRemark 2>&1 | FileCheck %s

// CHECK: remark: [Passed] epilogue
// CHECK: remark: [Missed] merge-projections
// CHECK-LABEL: func.func @model
func.func @model(%x: tensor<4x12xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  // CHECK: attune.linear {{.*}} {activation = #attune.activation<relu>}
  // CHECK-NOT: attune.activation %
  %w = attune.param "w" : tensor<6x12xf32>
  %v = attune.param "v" : tensor<6x12xf32>
  %a = attune.linear %x, %w : (tensor<4x12xf32>, tensor<6x12xf32>) -> tensor<4x6xf32>
  %b = attune.activation <relu> %a : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %c = attune.linear %x, %v : (tensor<4x12xf32>, tensor<6x12xf32>) -> tensor<4x6xf32>
  return %b, %c : tensor<4x6xf32>, tensor<4x6xf32>
}
