// RUN: %attune-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func.func @combine_of_one
// CHECK-SAME: (%[[S:.*]]: !attune.scores<1x2x5x7xf32>)
func.func @combine_of_one(%s: !attune.scores<1x2x5x7xf32>) -> !attune.scores<1x2x5x7xf32> {
  %0 = attune.combine %s coefficients [1.0] index [-1] : (!attune.scores<1x2x5x7xf32>) -> !attune.scores<1x2x5x7xf32>
  // CHECK: return %[[S]]
  return %0 : !attune.scores<1x2x5x7xf32>
}

// CHECK-LABEL: func.func @combine_that_scales
func.func @combine_that_scales(%s: !attune.scores<1x2x5x7xf32>) -> !attune.scores<1x2x5x7xf32> {
  // CHECK: attune.combine %{{.*}} coefficients [2.000000e+00]
  %0 = attune.combine %s coefficients [2.0] index [-1] : (!attune.scores<1x2x5x7xf32>) -> !attune.scores<1x2x5x7xf32>
  return %0 : !attune.scores<1x2x5x7xf32>
}

// CHECK-LABEL: func.func @combine_with_a_weight
func.func @combine_with_a_weight(%s: !attune.scores<1x2x5x7xf32>, %w: tensor<2xf32>) -> !attune.scores<1x2x5x7xf32> {
  // CHECK: attune.combine %{{.*}} weights(%{{.*}}) coefficients [1.000000e+00] index [0]
  %0 = attune.combine %s weights(%w) coefficients [1.0] index [0] : (!attune.scores<1x2x5x7xf32>, tensor<2xf32>) -> !attune.scores<1x2x5x7xf32>
  return %0 : !attune.scores<1x2x5x7xf32>
}
