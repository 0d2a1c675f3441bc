// RUN: %attune-opt %s --allow-unregistered-dialect --attune-outline-parallel | FileCheck %s

// The loop becomes a call; its body a function that rebuilds what it reads.

// CHECK: func.func private @attune_parallel_for(!llvm.ptr, i64, !llvm.ptr, !llvm.ptr)
// CHECK-NOT: @attune_worker
func.func private @attune_worker() -> index

// CHECK-LABEL: func.func @body(
// CHECK-SAME: %[[CALL:[a-z0-9]+]]: !llvm.ptr)
func.func @body(%w: !llvm.ptr, %ws: !llvm.ptr, %o: !llvm.ptr, %d: !llvm.ptr, %t: !llvm.ptr, %run: !llvm.ptr) {
  // On the stack once, not in a loop.
  // CHECK: %[[CONTEXT:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(f32, ptr, i64, i64, i64)>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = "test.size"() : () -> index
  %a = "test.array"() : () -> memref<?x16xf32, strided<[?, 1], offset: ?>>
  %f = "test.scalar"() : () -> f32
  %two = arith.constant 2.0 : f32
  // CHECK: scf.for
  scf.for %i = %c0 to %n step %c1 {
    // CHECK: llvm.store %{{.*}}, %{{.*}} : f32
    // CHECK: %[[N:.*]] = arith.index_cast
    // CHECK: %[[F:.*]] = func.constant @body.task : (!llvm.ptr, i64, i64) -> ()
    // CHECK: %[[P:.*]] = builtin.unrealized_conversion_cast %[[F]]
    // CHECK: func.call @attune_parallel_for(%[[CALL]], %[[N]], %[[P]], %[[CONTEXT]])
    scf.parallel (%p) = (%c0) to (%n) step (%c1) {
      %worker = func.call @attune_worker() : () -> index
      %x = arith.addf %f, %two : f32
      memref.store %x, %a[%p, %worker] : memref<?x16xf32, strided<[?, 1], offset: ?>>
      scf.reduce
    }
  }
  return
}

// CHECK-LABEL: func.func private @body.task(
// CHECK-SAME: %[[C:.*]]: !llvm.ptr {llvm.noalias, llvm.readonly}, %[[TASK:.*]]: i64, %[[WORKER:.*]]: i64)
// CHECK-SAME: llvm.linkage = #llvm.linkage<internal>
// The constant is cloned; the array's known stride stays known. Address, size,
// stride, offset and the number travel.
// CHECK: arith.constant 2.000000e+00 : f32
// CHECK-COUNT-5: llvm.load
// CHECK-DAG: %[[I:.*]] = arith.index_cast %[[TASK]]
// CHECK-DAG: %[[J:.*]] = arith.index_cast %[[WORKER]]
// CHECK: memref.store %{{.*}}, %{{.*}}[%[[I]], %[[J]]]
