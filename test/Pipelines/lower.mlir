// RUN: %attune-opt %s --attune-stage-lower | FileCheck %s

// Only the llvm dialect is left; a parallel loop is a function of its own and
// one call of the pool.
module attributes {attune.target = #attune.target<cpu = "haswell", vector_width = 8, registers = 16, l1 = 32768, l2 = 262144, features = "+avx2,+fma">} {
  // CHECK: llvm.func internal @model.body(
  // CHECK: llvm.call @attune_parallel_for({{.*}}) : (!llvm.ptr, i64, !llvm.ptr, !llvm.ptr) -> ()
  // CHECK: llvm.func internal @model.body.task
  // CHECK: llvm.intr.fmuladd{{.*}} : (vector<8xf32>, vector<8xf32>, vector<8xf32>) -> vector<8xf32>
  // CHECK-NOT: {{(scf|memref|arith|vector|func|attune)\.[a-z_]+[ (]}}
  func.func @model(%x: memref<?x8xf32> {attune.name = "x", attune.shape = #attune.shape<T, 8>}, %y: memref<?x8xf32> {attune.name = "y", attune.output, attune.shape = #attune.shape<T, 8>}) attributes {attune.model, attune.dims = [#attune.dim<"T", bound = 128, argument = 0, axis = 0>]} {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %rows = memref.dim %x, %zero : memref<?x8xf32>
    scf.parallel (%i) = (%zero) to (%rows) step (%one) {
      %v = vector.load %x[%i, %zero] : memref<?x8xf32>, vector<8xf32>
      %r = vector.fma %v, %v, %v : vector<8xf32>
      vector.store %r, %y[%i, %zero] : memref<?x8xf32>, vector<8xf32>
    }
    return
  }
}
