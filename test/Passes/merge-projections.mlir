// RUN: %attune-opt %s --attune-merge-projections | FileCheck %s
// RUN: %attune-opt %s --attune-merge-projections --remarks-filter=fuse --remark-format=emitRemark -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

!x = tensor<?x12xf32, #attune.shape<B, 12>>
!y = tensor<?x6xf32, #attune.shape<B, 6>>
!w = tensor<6x12xf32>
!b = tensor<6xf32>

// Queries, keys and values of one weight, with their biases.
// CHECK-LABEL: func.func @qkv
func.func @qkv(%x: !x) -> (!y, !y, !y) {
  // REMARK: [[@LINE+13]]:{{.*}} [Passed] merge-projections {{.*}}"3 projections of one input merged"
  // CHECK: %[[Y:.*]] = attune.linear %{{.*}}, %[[W:.*]] bias %[[B:.*]] : {{.*}} -> tensor<?x18xf32, #attune.shape<B, 18>>
  // CHECK-DAG: %[[Q:.*]] = attune.slice %[[Y]] axis 1 offset <0>
  // CHECK-DAG: %[[K:.*]] = attune.slice %[[Y]] axis 1 offset <6>
  // CHECK-DAG: %[[V:.*]] = attune.slice %[[Y]] axis 1 offset <12>
  // CHECK: return %[[Q]], %[[K]], %[[V]]
  %w = attune.param "w" : tensor<18x12xf32>
  %b = attune.param "b" : tensor<18xf32>
  %wq = attune.slice %w axis 0 offset <0> : (tensor<18x12xf32>) -> !w
  %wk = attune.slice %w axis 0 offset <6> : (tensor<18x12xf32>) -> !w
  %wv = attune.slice %w axis 0 offset <12> : (tensor<18x12xf32>) -> !w
  %bq = attune.slice %b axis 0 offset <0> : (tensor<18xf32>) -> !b
  %bk = attune.slice %b axis 0 offset <6> : (tensor<18xf32>) -> !b
  %q = attune.linear %x, %wq bias %bq : (!x, !w, !b) -> !y
  %k = attune.linear %x, %wk bias %bk : (!x, !w, !b) -> !y
  %bv = attune.slice %b axis 0 offset <12> : (tensor<18xf32>) -> !b
  %v = attune.linear %x, %wv bias %bv : (!x, !w, !b) -> !y
  return %q, %k, %v : !y, !y, !y
}

// The biases are not those of the weights' rows: one wide bias would swap them.
// CHECK-LABEL: func.func @swapped_biases
func.func @swapped_biases(%x: !x) -> (!y, !y) {
  // CHECK: %[[Q:.*]] = attune.linear %{{.*}} bias %{{.*}} -> tensor<?x6xf32
  // CHECK: %[[K:.*]] = attune.linear %{{.*}} bias %{{.*}} -> tensor<?x6xf32
  // CHECK: return %[[Q]], %[[K]]
  %w = attune.param "w" : tensor<12x12xf32>
  %b = attune.param "b" : tensor<12xf32>
  %wq = attune.slice %w axis 0 offset <0> : (tensor<12x12xf32>) -> !w
  %wk = attune.slice %w axis 0 offset <6> : (tensor<12x12xf32>) -> !w
  %bq = attune.slice %b axis 0 offset <6> : (tensor<12xf32>) -> !b
  %bk = attune.slice %b axis 0 offset <0> : (tensor<12xf32>) -> !b
  %q = attune.linear %x, %wq bias %bq : (!x, !w, !b) -> !y
  %k = attune.linear %x, %wk bias %bk : (!x, !w, !b) -> !y
  return %q, %k : !y, !y
}

// Keys and values of the memory are merged; the queries read something else.
// CHECK-LABEL: func.func @cross
// CHECK-SAME: (%[[X:.*]]: tensor<?x12xf32, {{.*}}, %[[M:.*]]: tensor
func.func @cross(%x: !x, %m: !x) -> (!y, !y, !y) {
  // CHECK: attune.linear %[[X]], %{{.*}} -> tensor<?x6xf32
  // CHECK: %[[R:.*]] = attune.slice %{{.*}} axis 0 offset <6> : (tensor<18x12xf32>) -> tensor<12x12xf32>
  // CHECK: attune.linear %[[M]], %[[R]] : {{.*}} -> tensor<?x12xf32
  // CHECK-NOT: attune.linear
  // CHECK: return
  %w = attune.param "w" : tensor<18x12xf32>
  %wq = attune.slice %w axis 0 offset <0> : (tensor<18x12xf32>) -> !w
  %wk = attune.slice %w axis 0 offset <6> : (tensor<18x12xf32>) -> !w
  %wv = attune.slice %w axis 0 offset <12> : (tensor<18x12xf32>) -> !w
  %q = attune.linear %x, %wq : (!x, !w) -> !y
  %k = attune.linear %m, %wk : (!x, !w) -> !y
  %v = attune.linear %m, %wv : (!x, !w) -> !y
  return %q, %k, %v : !y, !y, !y
}

// Weights of their own are joined: packed one behind the other. The one that is
// no whole panels (64 rows without a target) comes last.
// CHECK-LABEL: func.func @apart
func.func @apart(%x: !x) -> (tensor<?x64xf32, #attune.shape<B, 64>>, !y) {
  // CHECK: %[[W:.*]] = attune.param "w" {attune.parts = [#attune.weight<"w", [64, 12], <copy, 1>, 0>, #attune.weight<"u", [6, 12], <copy, 1>, 64>]} : tensor<70x12xf32>
  // CHECK: %[[B:.*]] = attune.param "b" {attune.parts = [#attune.weight<"b", [64], <copy, 1>, 0>, #attune.weight<"c", [6], <copy, 1>, 64>]} : tensor<70xf32>
  // CHECK: %[[Y:.*]] = attune.linear %{{.*}}, %[[W]] bias %[[B]] : {{.*}} -> tensor<?x70xf32
  // CHECK-DAG: attune.slice %[[Y]] axis 1 offset <0> {{.*}} -> tensor<?x64xf32
  // CHECK-DAG: attune.slice %[[Y]] axis 1 offset <64> {{.*}} -> tensor<?x6xf32
  // CHECK-NOT: attune.linear
  // CHECK: return
  %u = attune.param "u" : !w
  %c = attune.param "c" : !b
  %w = attune.param "w" : tensor<64x12xf32>
  %b = attune.param "b" : tensor<64xf32>
  // REMARK: [[@LINE+1]]:{{.*}} [Passed] merge-projections {{.*}}"2 projections of one input merged"
  %p = attune.linear %x, %u bias %c : (!x, !w, !b) -> !y
  %q = attune.linear %x, %w bias %b : (!x, tensor<64x12xf32>, tensor<64xf32>) -> tensor<?x64xf32, #attune.shape<B, 64>>
  %r = attune.activation <relu> %p : (!y) -> !y
  %s = attune.activation <relu> %q : (tensor<?x64xf32, #attune.shape<B, 64>>) -> tensor<?x64xf32, #attune.shape<B, 64>>
  return %s, %r : tensor<?x64xf32, #attune.shape<B, 64>>, !y
}

// Rows with a gap, and a linear with an epilogue, stay.
// CHECK-LABEL: func.func @gap
func.func @gap(%x: !x) -> (!y, !y, !y) {
  // CHECK-COUNT-3: attune.linear
  %w = attune.param "w" : tensor<18x12xf32>
  %wq = attune.slice %w axis 0 offset <0> : (tensor<18x12xf32>) -> !w
  %wv = attune.slice %w axis 0 offset <12> : (tensor<18x12xf32>) -> !w
  %wk = attune.slice %w axis 0 offset <6> : (tensor<18x12xf32>) -> !w
  // REMARK: [[@LINE+1]]:{{.*}} [Missed] merge-projections {{.*}}"3 projections of one input stay separate: some have an epilogue or read rows of a weight"
  %q = attune.linear %x, %wq : (!x, !w) -> !y
  %v = attune.linear %x, %wv : (!x, !w) -> !y
  %k = attune.linear %x, %wk {activation = #attune.activation<relu>} : (!x, !w) -> !y
  return %q, %v, %k : !y, !y, !y
}

// CHECK-LABEL: func.func @no_panels
func.func @no_panels(%x: !x) -> (!y, !y) {
  // CHECK-COUNT-2: attune.linear
  %w = attune.param "w" : !w
  %u = attune.param "u" : !w
  // REMARK: [[@LINE+1]]:{{.*}} [Missed] merge-projections {{.*}}"2 projections of one input stay separate: the weights of one are no whole panels"
  %a = attune.linear %x, %w : (!x, !w) -> !y
  %b = attune.linear %x, %u : (!x, !w) -> !y
  return %a, %b : !y, !y
}

// CHECK-LABEL: func.func @outputs
func.func @outputs(%x: tensor<4x12xf32>) -> (tensor<4x64xf32>, tensor<4x64xf32>) {
  // CHECK-COUNT-2: attune.linear
  %w = attune.param "w" : tensor<64x12xf32>
  %u = attune.param "u" : tensor<64x12xf32>
  // REMARK: [[@LINE+1]]:{{.*}} [Missed] merge-projections {{.*}}"2 projections of one input stay separate: a result is an output"
  %a = attune.linear %x, %w : (tensor<4x12xf32>, tensor<64x12xf32>) -> tensor<4x64xf32>
  %b = attune.linear %x, %u : (tensor<4x12xf32>, tensor<64x12xf32>) -> tensor<4x64xf32>
  return %a, %b : tensor<4x64xf32>, tensor<4x64xf32>
}

// REMARK-NOT: merge-projections
// CHECK-LABEL: func.func @other_input
func.func @other_input(%x: !x, %z: !x) -> (!y, !y) {
  // CHECK-COUNT-2: attune.linear
  %w = attune.param "w" : !w
  %a = attune.linear %x, %w : (!x, !w) -> !y
  %b = attune.linear %z, %w : (!x, !w) -> !y
  return %a, %b : !y, !y
}
