// RUN: %attune-opt %s --attune-stage-bufferize | FileCheck %s

// A step's value is copied to its place in the stacked result, which is the
// output itself.
// CHECK-LABEL: func.func @stack
// CHECK-SAME: %[[X:.*]]: memref<?x4xf32>
// CHECK-SAME: %[[Y:.*]]: memref<3x?x4xf32>
func.func @stack(%x: tensor<?x4xf32, #attune.shape<T, 4>> {attune.name = "x"}) -> (tensor<3x?x4xf32, #attune.shape<3, T, 4>> {attune.name = "y"}) attributes {attune.model, attune.dims = [#attune.dim<"T", bound = 64, argument = 0, axis = 0>], attune.conditions = []} {
  // CHECK: scf.for %[[I:.*]] = %c2{{.*}} to %c5
  // CHECK: %[[STEP:.*]] = arith.subi %[[I]], %c2
  // CHECK: %[[OFFSET:.*]] = arith.muli %[[STEP]], %{{.*}}
  // CHECK: %[[PART:.*]] = memref.reinterpret_cast %[[Y]] to offset: [%{{.*}}], sizes: [%{{.*}}, 4], strides: [4, 1]
  // CHECK: memref.copy %{{.*}}, %[[PART]]
  %0:2 = attune.for "i" from 2 to 5 carry(%x : tensor<?x4xf32, #attune.shape<T, 4>>) {
  ^bb0(%i: index, %a: tensor<?x4xf32, #attune.shape<T, 4>>):
    %b = attune.activation <tanh> %a : (tensor<?x4xf32, #attune.shape<T, 4>>) -> tensor<?x4xf32, #attune.shape<T, 4>>
    attune.yield %b, %b : tensor<?x4xf32, #attune.shape<T, 4>>, tensor<?x4xf32, #attune.shape<T, 4>>
  } : tensor<?x4xf32, #attune.shape<T, 4>>, tensor<3x?x4xf32, #attune.shape<3, T, 4>>
  return %0#1 : tensor<3x?x4xf32, #attune.shape<3, T, 4>>
}
