// RUN: %attune-opt %s --attune-merge-tasks | FileCheck %s
// Tasks of one code become one; other code, other types and what is no task stay.

// CHECK-LABEL: func.func @model
func.func @model() -> (f32, f32) {
  // CHECK: constant @model.task :
  // CHECK: constant @model.task :
  // CHECK: constant @other.task :
  // CHECK: constant @types.task :
  %a = func.constant @model.task : (!llvm.ptr, i64, i64) -> ()
  %b = func.constant @model.task_0 : (!llvm.ptr, i64, i64) -> ()
  %c = func.constant @other.task : (!llvm.ptr, i64, i64) -> ()
  %d = func.constant @types.task : (!llvm.ptr, i64, i64) -> ()
  // CHECK: call @helper()
  // CHECK: call @helper_0()
  %e = call @helper() : () -> f32
  %f = call @helper_0() : () -> f32
  return %e, %f : f32, f32
}
// CHECK: func.func private @model.task(
func.func private @model.task(%c: !llvm.ptr, %t: i64, %w: i64) attributes {llvm.linkage = #llvm.linkage<internal>} {
  %s = arith.addi %t, %w : i64
  llvm.store %s, %c : i64, !llvm.ptr
  return
}
// CHECK-NOT: @model.task_0
func.func private @model.task_0(%c: !llvm.ptr, %t: i64, %w: i64) attributes {llvm.linkage = #llvm.linkage<internal>} {
  %s = arith.addi %t, %w : i64
  llvm.store %s, %c : i64, !llvm.ptr
  return
}
// Equal but for an operand.
// CHECK: func.func private @other.task(
func.func private @other.task(%c: !llvm.ptr, %t: i64, %w: i64) attributes {llvm.linkage = #llvm.linkage<internal>} {
  %s = arith.addi %t, %t : i64
  llvm.store %s, %c : i64, !llvm.ptr
  return
}
// Equal but for a type.
// CHECK: func.func private @types.task(
func.func private @types.task(%c: !llvm.ptr, %t: i64, %w: i64) attributes {llvm.linkage = #llvm.linkage<internal>} {
  %s = arith.addi %t, %w : i64
  %n = arith.trunci %s : i64 to i32
  llvm.store %n, %c : i32, !llvm.ptr
  return
}
// CHECK: func.func private @helper()
// CHECK: func.func private @helper_0()
func.func private @helper() -> f32 {
  %c = arith.constant 1.0 : f32
  return %c : f32
}
func.func private @helper_0() -> f32 {
  %c = arith.constant 1.0 : f32
  return %c : f32
}
