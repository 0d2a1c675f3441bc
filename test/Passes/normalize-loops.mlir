// RUN: %attune-opt %s --attune-normalize-loops | FileCheck %s

// %b is not read by what is used: it goes, and what computed it. %c does not
// change: it is read from outside.
// CHECK-LABEL: func.func @drop
// CHECK-SAME: (%[[A:.*]]: tensor<4xf32>, %[[B:.*]]: tensor<4xf32>, %[[C:.*]]: tensor<4xf32>)
func.func @drop(%a: tensor<4xf32>, %b: tensor<4xf32>, %c: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: attune.for "i" from 0 to 6 carry(%[[A]] : tensor<4xf32>)
  // CHECK: ^bb0(%{{.*}}: index, %[[X:.*]]: tensor<4xf32>)
  // CHECK-NEXT: %[[S:.*]] = attune.elementwise <add> %[[X]], %[[C]]
  // CHECK-NEXT: attune.yield %[[S]]
  %r:3 = attune.for "i" from 0 to 6 carry(%a, %b, %c : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  ^bb0(%i: index, %x: tensor<4xf32>, %y: tensor<4xf32>, %z: tensor<4xf32>):
    %s = attune.elementwise <add> %x, %z : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %t = attune.elementwise <mul> %y, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    attune.yield %s, %t, %z : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  } : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  return %r#0 : tensor<4xf32>
}

// %b is not used after the loop but %a's next value is computed from it.
// CHECK-LABEL: func.func @kept
func.func @kept(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: attune.for "i" from 0 to 6 carry(%{{.*}}, %{{.*}} : tensor<4xf32>, tensor<4xf32>)
  %r:2 = attune.for "i" from 0 to 6 carry(%a, %b : tensor<4xf32>, tensor<4xf32>) {
  ^bb0(%i: index, %x: tensor<4xf32>, %y: tensor<4xf32>):
    %t = attune.activation <relu> %y : (tensor<4xf32>) -> tensor<4xf32>
    attune.yield %y, %t : tensor<4xf32>, tensor<4xf32>
  } : tensor<4xf32>, tensor<4xf32>
  return %r#0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @no_step
// CHECK-SAME: (%[[A:.*]]: tensor<4xf32>)
func.func @no_step(%a: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: return %[[A]]
  %r = attune.for "i" from 3 to 3 carry(%a : tensor<4xf32>) {
  ^bb0(%i: index, %x: tensor<4xf32>):
    %t = attune.activation <relu> %x : (tensor<4xf32>) -> tensor<4xf32>
    attune.yield %t : tensor<4xf32>
  } : tensor<4xf32>
  return %r : tensor<4xf32>
}

// Of three arrays the first and the last are read; of two the first.
// CHECK-LABEL: func.func @unread_arrays
func.func @unread_arrays(%q: tensor<1x2x5x4xf32>) -> (tensor<1x2x5x4xf32>, tensor<1x2x5xf32>, tensor<1x2x5x4xf32>, tensor<1x2x5x5xf32>) {
  %s = attune.dot %q, %q scale 0.5 : (tensor<1x2x5x4xf32>, tensor<1x2x5x4xf32>) -> !attune.scores<1x2x5x5xf32>
  // CHECK: %[[A:.*]]:2 = attune.attend %{{.*}}, %{{.*}} {empty_row = #attune.empty_row<uniform>, lse} :
  %a:3 = attune.attend %s, %q {probs, lse, empty_row = #attune.empty_row<uniform>} : (!attune.scores<1x2x5x5xf32>, tensor<1x2x5x4xf32>) -> (tensor<1x2x5x4xf32>, tensor<1x2x5x5xf32>, tensor<1x2x5xf32>)
  // CHECK: %[[B:.*]] = attune.attend %{{.*}}, %{{.*}} : (
  %b:2 = attune.attend %s, %q {probs} : (!attune.scores<1x2x5x5xf32>, tensor<1x2x5x4xf32>) -> (tensor<1x2x5x4xf32>, tensor<1x2x5x5xf32>)
  // CHECK: %[[C:.*]]:2 = attune.attend %{{.*}}, %{{.*}} {probs} :
  %c:3 = attune.attend %s, %q {probs, lse} : (!attune.scores<1x2x5x5xf32>, tensor<1x2x5x4xf32>) -> (tensor<1x2x5x4xf32>, tensor<1x2x5x5xf32>, tensor<1x2x5xf32>)
  // CHECK: return %[[A]]#0, %[[A]]#1, %[[B]], %[[C]]#1
  return %a#0, %a#2, %b#0, %c#1 : tensor<1x2x5x4xf32>, tensor<1x2x5xf32>, tensor<1x2x5x4xf32>, tensor<1x2x5x5xf32>
}
