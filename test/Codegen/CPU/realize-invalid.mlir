// RUN: not %attune-opt %s --split-input-file --attune-cpu-realize 2>&1 | FileCheck %s

// CHECK: error: 'attune.elementwise' op is not defined for these elements
func.func @bools(%x: memref<4xi8>, %y: memref<4xi8>) {
  attune.elementwise <add> %x, %x into %y : (memref<4xi8>, memref<4xi8>, memref<4xi8>) -> ()
  return
}

// -----

// CHECK: error: 'attune.activation' op (C2) `gelu` does not take 'i32'
func.func @integers(%x: memref<4xi32>, %y: memref<4xi32>) {
  attune.activation <gelu> %x into %y : (memref<4xi32>, memref<4xi32>) -> ()
  return
}
