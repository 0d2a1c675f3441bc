// RUN: %attune-opt %s --attune-lower-checks | FileCheck %s

llvm.func @attune_check_ids(!llvm.ptr, !llvm.ptr, !llvm.ptr, i32, i64, i64) -> i32
llvm.func @next()

// A model leaves at once with ATTUNE_E_VALUE (17).

// CHECK-LABEL: llvm.func @m
llvm.func @m(%run: !llvm.ptr, %p: !llvm.ptr, %w: i32, %n: i64) -> i32 {
  %zero = llvm.mlir.constant(0 : i32) : i32
  // CHECK: %[[R:.*]] = llvm.call @attune_check_ids
  // CHECK: %[[OK:.*]] = llvm.icmp "ne" %[[R]]
  // CHECK: llvm.cond_br %[[OK]], ^[[REST:.*]], ^[[EXIT:.*]]
  %ok = llvm.call @attune_check_ids(%run, %p, %p, %w, %n, %n) : (!llvm.ptr, !llvm.ptr, !llvm.ptr, i32, i64, i64) -> i32
  // CHECK: ^[[REST]]:
  // CHECK: llvm.call @next
  llvm.call @next() : () -> ()
  llvm.return %zero : i32
  // CHECK: ^[[EXIT]]:
  // CHECK: %[[CODE:.*]] = llvm.mlir.constant(17 : i32)
  // CHECK: llvm.return %[[CODE]]
}
