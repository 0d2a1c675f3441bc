// RUN: %attune-opt %s --attune-hoist-probabilities --split-input-file | FileCheck %s

// The function for the time of loading takes T at its bound; the attend reads
// the first T rows and columns of what it made.

// CHECK-LABEL: func.func @model
// CHECK-SAME: attune.prepare = "model.prepare"
// CHECK: %[[P:.*]] = attune.param "hoisted.0" pack <hoisted, 1> : tensor<2x9x9xf32>
// CHECK: %[[ROWS:.*]] = attune.slice %[[P]] axis 1 offset <0>
// CHECK: %[[PART:.*]] = attune.slice %[[ROWS]] axis 2 offset <0> {{.*}} -> tensor<2x?x?xf32, #attune.shape<2, T, T>>
// CHECK: attune.index_scores <B, 2, T, T>
// CHECK-NEXT: ^bb0(%{{[a-z0-9]+}}: i32, %[[H:[a-z0-9]+]]: i32, %[[Q:[a-z0-9]+]]: i32, %[[K:[a-z0-9]+]]: i32,
// CHECK-NEXT: attune.capture %[[PART]][%[[H]], %[[Q]], %[[K]]]
// CHECK: attune.attend {{.*}} {no_softmax}
// CHECK-LABEL: func.func @model.prepare() -> (tensor<2x9x9xf32> {attune.name = "hoisted.0"})
// CHECK-SAME: attune.model, attune.prepares = "model"
// CHECK: attune.param "r" : tensor<2x9x9xf32>
// CHECK: attune.index_scores <1, 2, 9, 9>
// CHECK: attune.attend {{.*}} {probs} : (!attune.scores<1x2x9x9xf32>, tensor<1x1x9x1xf32>, !attune.mask)
module {
  func.func @model(%v: tensor<?x2x?x4xf32, #attune.shape<B, 2, T, 4>> {attune.name = "v"}) -> (tensor<?x2x?x4xf32, #attune.shape<B, 2, T, 4>> {attune.name = "y"})
      attributes {attune.model, attune.dims = [#attune.dim<"B", bound = 64, argument = 0, axis = 0>, #attune.dim<"T", bound = 9, argument = 0, axis = 2>]} {
    %r = attune.param "r" : tensor<2x9x9xf32>
    %rows = attune.slice %r axis 1 offset <0> : (tensor<2x9x9xf32>) -> tensor<2x?x9xf32, #attune.shape<2, T, 9>>
    %part = attune.slice %rows axis 2 offset <0> : (tensor<2x?x9xf32, #attune.shape<2, T, 9>>) -> tensor<2x?x?xf32, #attune.shape<2, T, T>>
    %s = attune.index_scores <B, 2, T, T> {
    ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %e = attune.capture %part[%h, %q, %k] : tensor<2x?x?xf32, #attune.shape<2, T, T>> -> f32
      attune.yield %e : f32
    } : <?x2x?x?xf32>
    %m = attune.mask {
    ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %c = arith.cmpi sle, %k, %q : i32
      attune.yield %c : i1
    }
    %y = attune.attend %s, %v mask %m : (!attune.scores<?x2x?x?xf32>, tensor<?x2x?x4xf32, #attune.shape<B, 2, T, 4>>, !attune.mask) -> tensor<?x2x?x4xf32, #attune.shape<B, 2, T, 4>>
    return %y : tensor<?x2x?x4xf32, #attune.shape<B, 2, T, 4>>
  }
}

// -----

// In a loop: the probabilities of all steps, stacked; each step reads its own.

// CHECK-LABEL: func.func @loop
// CHECK: attune.for "i" from 3 to 5
// CHECK-NEXT: ^bb0(%[[I:.*]]: index,
// CHECK: attune.param "hoisted.0" pack <hoisted, 1> : tensor<2x1x7x7xf32>
// CHECK: %[[STEP:.*]] = arith.index_cast %[[I]] : index to i32
// CHECK: %[[FIRST:.*]] = arith.constant 3 : i32
// CHECK: %[[OWN:.*]] = arith.subi %[[STEP]], %[[FIRST]]
// CHECK: attune.capture %{{.*}}[%[[OWN]], %{{.*}}, %{{.*}}, %{{.*}}] : tensor<2x1x7x7xf32>
// CHECK-LABEL: func.func @loop.prepare() -> (tensor<2x1x7x7xf32>
// CHECK: attune.for "i" from 3 to 5
// CHECK: attune.param "w.{i}"[%{{.*}}]
// CHECK: attune.yield %{{.*}} : tensor<1x1x7x7xf32>
module {
  func.func @loop(%v: tensor<?x1x7x4xf32, #attune.shape<B, 1, 7, 4>> {attune.name = "v"}) -> (tensor<?x1x7x4xf32, #attune.shape<B, 1, 7, 4>> {attune.name = "y"})
      attributes {attune.model, attune.dims = [#attune.dim<"B", bound = 64, argument = 0, axis = 0>]} {
    %y = attune.for "i" from 3 to 5 carry(%v : tensor<?x1x7x4xf32, #attune.shape<B, 1, 7, 4>>) {
    ^bb0(%i: index, %x: tensor<?x1x7x4xf32, #attune.shape<B, 1, 7, 4>>):
      %r = attune.param "w.{i}"[%i] : tensor<1x7x7xf32>
      %s = attune.index_scores <B, 1, 7, 7> {
      ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
        %e = attune.capture %r[%h, %q, %k] : tensor<1x7x7xf32> -> f32
        attune.yield %e : f32
      } : <?x1x7x7xf32>
      %z = attune.attend %s, %x : (!attune.scores<?x1x7x7xf32>, tensor<?x1x7x4xf32, #attune.shape<B, 1, 7, 4>>) -> tensor<?x1x7x4xf32, #attune.shape<B, 1, 7, 4>>
      attune.yield %z : tensor<?x1x7x4xf32, #attune.shape<B, 1, 7, 4>>
    } : tensor<?x1x7x4xf32, #attune.shape<B, 1, 7, 4>>
    return %y : tensor<?x1x7x4xf32, #attune.shape<B, 1, 7, 4>>
  }
}

// -----

// A query that sees a later key: nothing is hoisted.

// CHECK-LABEL: func.func @later_keys
// CHECK-NOT: no_softmax
// CHECK-NOT: prepare
module {
  func.func @later_keys(%v: tensor<?x1x?x4xf32, #attune.shape<B, 1, T, 4>> {attune.name = "v"}) -> (tensor<?x1x?x4xf32, #attune.shape<B, 1, T, 4>> {attune.name = "y"})
      attributes {attune.model, attune.dims = [#attune.dim<"B", bound = 64, argument = 0, axis = 0>, #attune.dim<"T", bound = 9, argument = 0, axis = 2>]} {
    %r = attune.param "r" : tensor<1x9x9xf32>
    %rows = attune.slice %r axis 1 offset <0> : (tensor<1x9x9xf32>) -> tensor<1x?x9xf32, #attune.shape<1, T, 9>>
    %part = attune.slice %rows axis 2 offset <0> : (tensor<1x?x9xf32, #attune.shape<1, T, 9>>) -> tensor<1x?x?xf32, #attune.shape<1, T, T>>
    %s = attune.index_scores <B, 1, T, T> {
    ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %e = attune.capture %part[%h, %q, %k] : tensor<1x?x?xf32, #attune.shape<1, T, T>> -> f32
      attune.yield %e : f32
    } : <?x1x?x?xf32>
    %m = attune.mask {
    ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %one = arith.constant 1 : i32
      %end = arith.addi %q, %one : i32
      %c = arith.cmpi sle, %k, %end : i32
      attune.yield %c : i1
    }
    %y = attune.attend %s, %v mask %m : (!attune.scores<?x1x?x?xf32>, tensor<?x1x?x4xf32, #attune.shape<B, 1, T, 4>>, !attune.mask) -> tensor<?x1x?x4xf32, #attune.shape<B, 1, T, 4>>
    return %y : tensor<?x1x?x4xf32, #attune.shape<B, 1, T, 4>>
  }
}
