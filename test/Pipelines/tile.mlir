// RUN: %attune-opt %s --attune-stage-normalize --attune-stage-fuse --attune-stage-bufferize --attune-stage-plan --attune-stage-tile | FileCheck %s

!x = tensor<?x?x48xf32, #attune.shape<B, T, 48>>
!h = tensor<?x3x?x16xf32, #attune.shape<B, 3, T, 16>>

// Self-attention of torch: three products become one GEMM; the attend reads its
// strided columns and writes the merged heads. Only kernels are left.
module attributes {attune.target = #attune.target<cpu = "haswell", vector_width = 8, registers = 16, l1 = 32768, l2 = 262144, features = "+avx2,+fma">} {
  // CHECK-LABEL: func.func @attention
  // CHECK-SAME: [#attune.weight<"w", [144, 48], <panels, 16>, 0>, #attune.weight<"b", [144], <pad, 16>, 6912>]
  // CHECK-NOT: attune.linear
  // CHECK: attune.kernel <gemm> {{.*}} out(%[[QKV:[^)]*]])
  // CHECK-DAG: %[[Q:.*]] = memref.reinterpret_cast %[[QKV]] to offset: [0],
  // CHECK-DAG: %[[K:.*]] = memref.reinterpret_cast %[[QKV]] to offset: [48],
  // CHECK-DAG: %[[V:.*]] = memref.reinterpret_cast %[[QKV]] to offset: [96],
  // CHECK-NOT: memref.copy
  // CHECK: attune.kernel <attend> lhs(%[[Q]]) rhs(%[[K]]) value(%[[V]])
  // CHECK-NOT: attune.attend
  // CHECK: return
  func.func @attention(%x: !x) -> !x attributes {attune.dims = [#attune.dim<"B", bound = 64, argument = 0, axis = 0>, #attune.dim<"T", bound = 2048, argument = 0, axis = 1>]} {
    %w = attune.param "w" : tensor<144x48xf32>
    %b = attune.param "b" : tensor<144xf32>
    %wq = attune.slice %w axis 0 offset <0> : (tensor<144x48xf32>) -> tensor<48x48xf32>
    %bq = attune.slice %b axis 0 offset <0> : (tensor<144xf32>) -> tensor<48xf32>
    %q = attune.linear %x, %wq bias %bq : (!x, tensor<48x48xf32>, tensor<48xf32>) -> !x
    %wk = attune.slice %w axis 0 offset <48> : (tensor<144x48xf32>) -> tensor<48x48xf32>
    %bk = attune.slice %b axis 0 offset <48> : (tensor<144xf32>) -> tensor<48xf32>
    %k = attune.linear %x, %wk bias %bk : (!x, tensor<48x48xf32>, tensor<48xf32>) -> !x
    %wv = attune.slice %w axis 0 offset <96> : (tensor<144x48xf32>) -> tensor<48x48xf32>
    %bv = attune.slice %b axis 0 offset <96> : (tensor<144xf32>) -> tensor<48xf32>
    %v = attune.linear %x, %wv bias %bv : (!x, tensor<48x48xf32>, tensor<48xf32>) -> !x
    %qh = attune.head_split %q heads 3 : (!x) -> !h
    %kh = attune.head_split %k heads 3 : (!x) -> !h
    %vh = attune.head_split %v heads 3 : (!x) -> !h
    %s = attune.dot %qh, %kh scale 0.25 : (!h, !h) -> !attune.scores<?x3x?x?xf32>
    %o = attune.attend %s, %vh : (!attune.scores<?x3x?x?xf32>, !h) -> !h
    %m = attune.head_merge %o : (!h) -> !x
    return %m : !x
  }
}
