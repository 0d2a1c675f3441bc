// RUN: not %attune-opt %s --split-input-file --attune-lower-abi 2>&1 | FileCheck %s

// CHECK: error: 'memref.alloc' op has no workspace slot: run attune-stage-plan
func.func @m(%y: memref<4xf32> {attune.name = "y", attune.output}) attributes {attune.model} {
  %a = memref.alloc() : memref<4xf32>
  return
}

// -----

// CHECK: error: 'attune.dim' op names a dim that the model does not have
func.func @m(%y: memref<4xf32> {attune.name = "y", attune.output}) attributes {attune.model} {
  %t = attune.dim "T" : index
  return
}

// -----

// CHECK: error: 'func.func' op has an argument without `attune.shape`
func.func @m(%y: memref<?xf32> {attune.name = "y", attune.output}) attributes {attune.model} {
  return
}

// -----

// CHECK: error: 'func.func' op has an argument that is no contiguous memref: run attune-stage-bufferize
func.func @m(%y: tensor<4xf32> {attune.name = "y", attune.output}) attributes {attune.model} {
  return
}

// -----

// CHECK: error: 'attune.param' op has no place: run attune-stage-plan
func.func @m(%y: memref<4xf32> {attune.name = "y", attune.output}) attributes {attune.model} {
  %w = attune.param "w" : memref<4xf32>
  return
}
