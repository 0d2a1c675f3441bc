// RUN: %attune-opt %s --attune-stage-realize | FileCheck %s

// Loops, vectors and memrefs; weights stay until their pointers are known.
module attributes {attune.target = #attune.target<cpu = "haswell", vector_width = 8, registers = 16, l1 = 32768, l2 = 262144, features = "+avx2,+fma">} {
  // CHECK-LABEL: func.func @model
  // CHECK-SAME: (%[[X:.*]]: memref<?x8xf32>
  // CHECK: %[[W:.*]] = attune.param "w"
  // CHECK-NOT: attune.kernel
  // CHECK-NOT: attune.tile
  // CHECK-NOT: attune.activation
  // CHECK: scf.parallel
  // CHECK: vector.load
  // CHECK: vector.fma {{.*}} : vector<8xf32>
  // CHECK: scf.parallel
  // CHECK: scf.reduce
  // CHECK: return
  func.func @model(%x: memref<?x8xf32> {attune.name = "x", attune.shape = #attune.shape<T, 8>}, %y: memref<?x16xf32> {attune.name = "y", attune.output, attune.shape = #attune.shape<T, 16>}) attributes {attune.model, attune.dims = [#attune.dim<"T", bound = 128, argument = 0, axis = 0>]} {
    %w = attune.param "w" pack <panels, 16> offset 0 : memref<1x8x16xf32>
    attune.kernel <gemm> lhs(%x) rhs(%w) out(%y) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 8> ranges {} score {} mask {} : memref<?x8xf32>, memref<1x8x16xf32>, memref<?x16xf32>
    attune.activation <gelu> %y into %y : (memref<?x16xf32>, memref<?x16xf32>) -> ()
    return
  }
}
