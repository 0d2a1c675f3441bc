// RUN: %attune-opt %s --attune-lower-abi | FileCheck %s

// Arguments, dims, weights and buffers come from the pointers of attune_body.

// CHECK-LABEL: func.func @m.body(
// CHECK-SAME: %[[W:.*]]: !llvm.ptr {llvm.noalias, llvm.readonly}, %[[WS:.*]]: !llvm.ptr {llvm.noalias}, %[[OFFSETS:.*]]: !llvm.ptr {{.*}}, %[[DIMS:.*]]: !llvm.ptr {{.*}}, %[[T:.*]]: !llvm.ptr {{.*}}, %[[CALL:.*]]: !llvm.ptr) -> i32
// CHECK-SAME: attune.arguments = [#attune.argument<"x", f32, <T, 4>, output = false>, #attune.argument<"y", i1, <T>, output = true>]
// CHECK-SAME: llvm.linkage = #llvm.linkage<internal>
func.func @m(%x: memref<?x4xf32> {attune.name = "x", attune.shape = #attune.shape<T, 4>},
             %y: memref<?xi8> {attune.name = "y", attune.output, attune.shape = #attune.shape<T>})
    attributes {attune.model, attune.dims = [#attune.dim<"T", bound = 8, argument = 0, axis = 0>],
                attune.slots = [#attune.slot<[<16 * T>]>, #attune.slot<[<16 * T>]>]} {
  // CHECK: %[[AT:.*]] = llvm.getelementptr %[[DIMS]][0]
  // CHECK: llvm.load %[[AT]] : !llvm.ptr -> i64
  // CHECK: %[[XP:.*]] = llvm.getelementptr %[[T]][0]
  // CHECK: llvm.load %[[XP]] : !llvm.ptr -> !llvm.ptr
  // CHECK: %[[YP:.*]] = llvm.getelementptr %[[T]][1]
  // CHECK: llvm.load %[[YP]] : !llvm.ptr -> !llvm.ptr
  %t = attune.dim "T" : index
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  // CHECK-NOT: memref.alloc
  // CHECK: %[[SP:.*]] = llvm.getelementptr %[[OFFSETS]][1]
  // CHECK: %[[S:.*]] = llvm.load %[[SP]]
  // CHECK: llvm.getelementptr %[[WS]][%[[S]]] : (!llvm.ptr, i64) -> !llvm.ptr, i8
  %a = memref.alloc(%t) {attune.slot = 1 : i64} : memref<?x4xf32>
  // CHECK: scf.for %[[I:.*]] =
  scf.for %i = %c0 to %c3 step %c1 {
    // A layer's weights: offset + i * stride floats.
    // CHECK: %[[C32:.*]] = llvm.mlir.constant(32 : i64)
    // CHECK: %[[STEP:.*]] = arith.index_cast %[[I]]
    // CHECK: %[[C64:.*]] = llvm.mlir.constant(64 : i64)
    // CHECK: %[[MUL:.*]] = llvm.mul %[[STEP]], %[[C64]]
    // CHECK: %[[SUM:.*]] = llvm.add %[[C32]], %[[MUL]]
    // CHECK: llvm.getelementptr %[[W]][%[[SUM]]] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    %w = attune.param "l.{i}.w"[%i] pack <copy, 0> offset 32 strides [64] : memref<4xf32>
    memref.copy %w, %w : memref<4xf32> to memref<4xf32>
  }
  memref.copy %a, %x : memref<?x4xf32> to memref<?x4xf32>
  // CHECK: %[[OK:.*]] = llvm.mlir.constant(0 : i32)
  // CHECK: return %[[OK]] : i32
  return
}
