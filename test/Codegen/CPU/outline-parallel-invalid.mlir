// RUN: not %attune-opt %s --split-input-file --attune-outline-parallel 2>&1 | FileCheck %s

// CHECK: error: 'scf.parallel' op is in no lowered model: run attune-lower-abi
func.func @f() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%c1) step (%c1) {
    scf.reduce
  }
  return
}

// -----

// CHECK: error: 'scf.parallel' op must not be inside another parallel loop
func.func @f(%w: !llvm.ptr, %ws: !llvm.ptr, %o: !llvm.ptr, %d: !llvm.ptr, %t: !llvm.ptr, %run: !llvm.ptr) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%c1) step (%c1) {
    scf.parallel (%j) = (%c0) to (%c1) step (%c1) {
      scf.reduce
    }
    scf.reduce
  }
  return
}

// -----

// CHECK: error: 'scf.parallel' op must count from 0 by 1 and have no result
func.func @f(%w: !llvm.ptr, %ws: !llvm.ptr, %o: !llvm.ptr, %d: !llvm.ptr, %t: !llvm.ptr, %run: !llvm.ptr) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  scf.parallel (%i) = (%c0) to (%c2) step (%c2) {
    scf.reduce
  }
  return
}
