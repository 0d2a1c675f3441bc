// RUN: %attune-opt %s --attune-plan-weights --split-input-file | FileCheck %s

// Keys that are a weight are put into panels when they are loaded.

module attributes {attune.target = #attune.target<cpu = "haswell", vector_width = 8, registers = 16, l1 = 32768, l2 = 262144, features = "+avx2,+fma">} {
  // A matrix a head, from the first key on: 13 keys make one panel of 16.
  // CHECK-LABEL: func.func @heads
  // CHECK-SAME: attune.packed_floats = 480 : i64
  // CHECK-SAME: attune.weights = [#attune.weight<"w", [3, 13, 10], <panels, 16>, 0>]
  // CHECK: %[[W:.*]] = attune.param "w" pack <panels, 16> offset 0 : memref<3x1x10x16xf32>
  // CHECK: %[[K:.*]] = memref.reinterpret_cast %[[W]] to offset: [0], sizes: [1, 3, 1, 10, 16], strides: [480, 160, 160, 16, 1]
  // CHECK: attune.dot %{{.*}}, %[[K]] scale
  func.func @heads(%q: memref<?x3x?x10xf32>, %v: memref<?x3x?x8xf32>, %o: memref<?x3x?x8xf32>, %n: index) {
    %w = attune.param "w" : memref<3x13x10xf32>
    %k = memref.reinterpret_cast %w to offset: [0], sizes: [1, 3, %n, 10], strides: [390, 130, 10, 1] : memref<3x13x10xf32> to memref<1x3x?x10xf32, strided<[390, 130, 10, 1]>>
    %s = attune.dot %q, %k scale 1.000000e+00 : (memref<?x3x?x10xf32>, memref<1x3x?x10xf32, strided<[390, 130, 10, 1]>>) -> !attune.scores<?x3x?x?xf32>
    attune.attend %s, %v into %o : (!attune.scores<?x3x?x?xf32>, memref<?x3x?x8xf32>, memref<?x3x?x8xf32>) -> ()
    return
  }

  // Heads that are whole panels of one matrix; its other use reads it as it is.
  // CHECK-LABEL: func.func @one_matrix
  // CHECK-SAME: [#attune.weight<"w", [64, 4], <copy, 1>, 0>, #attune.weight<"w", [64, 4], <panels, 16>, 256>]
  // CHECK: attune.param "w" pack <panels, 16> offset 256 : memref<4x4x16xf32>
  // CHECK: sizes: [1, 2, 2, 4, 16], strides: [256, 128, 64, 16, 1]
  func.func @one_matrix(%q: memref<1x2x5x4xf32>, %v: memref<1x2x32x8xf32>, %o: memref<1x2x5x8xf32>, %ids: memref<3xi64>, %z: memref<3x4xf32>) {
    %w = attune.param "w" : memref<64x4xf32>
    %k = memref.reinterpret_cast %w to offset: [0], sizes: [1, 2, 32, 4], strides: [256, 128, 4, 1] : memref<64x4xf32> to memref<1x2x32x4xf32, strided<[256, 128, 4, 1]>>
    %s = attune.dot %q, %k scale 1.000000e+00 : (memref<1x2x5x4xf32>, memref<1x2x32x4xf32, strided<[256, 128, 4, 1]>>) -> !attune.scores<1x2x5x32xf32>
    attune.attend %s, %v into %o : (!attune.scores<1x2x5x32xf32>, memref<1x2x32x8xf32>, memref<1x2x5x8xf32>) -> ()
    attune.gather %w, %ids into %z : (memref<64x4xf32>, memref<3xi64>, memref<3x4xf32>) -> ()
    return
  }

  // Heads within panels, keys from the second one on, columns as keys: each
  // call packs them.
  // CHECK-LABEL: func.func @others
  // CHECK-SAME: attune.weights = [#attune.weight<"w", [30, 4], <copy, 1>, 0>]
  // CHECK-NOT: panels
  func.func @others(%q: memref<1x2x5x4xf32>, %p: memref<1x1x5x15xf32>, %s0: memref<1x1x5x4xf32>, %v: memref<1x2x15x8xf32>, %t: memref<1x1x4x8xf32>, %f: memref<1x1x29x8xf32>, %o: memref<1x2x5x8xf32>, %u: memref<1x1x5x8xf32>) {
    %w = attune.param "w" : memref<30x4xf32>
    %k = memref.reinterpret_cast %w to offset: [0], sizes: [1, 2, 15, 4], strides: [120, 60, 4, 1] : memref<30x4xf32> to memref<1x2x15x4xf32, strided<[120, 60, 4, 1]>>
    %s = attune.dot %q, %k scale 1.000000e+00 : (memref<1x2x5x4xf32>, memref<1x2x15x4xf32, strided<[120, 60, 4, 1]>>) -> !attune.scores<1x2x5x15xf32>
    attune.attend %s, %v into %o : (!attune.scores<1x2x5x15xf32>, memref<1x2x15x8xf32>, memref<1x2x5x8xf32>) -> ()
    %later = memref.reinterpret_cast %w to offset: [4], sizes: [1, 1, 29, 4], strides: [116, 116, 4, 1] : memref<30x4xf32> to memref<1x1x29x4xf32, strided<[116, 116, 4, 1], offset: 4>>
    %s1 = attune.dot %s0, %later scale 1.000000e+00 : (memref<1x1x5x4xf32>, memref<1x1x29x4xf32, strided<[116, 116, 4, 1], offset: 4>>) -> !attune.scores<1x1x5x29xf32>
    attune.attend %s1, %f into %u : (!attune.scores<1x1x5x29xf32>, memref<1x1x29x8xf32>, memref<1x1x5x8xf32>) -> ()
    %columns = memref.reinterpret_cast %w to offset: [0], sizes: [1, 1, 4, 15], strides: [60, 60, 1, 4] : memref<30x4xf32> to memref<1x1x4x15xf32, strided<[60, 60, 1, 4]>>
    %s2 = attune.dot %p, %columns scale 1.000000e+00 : (memref<1x1x5x15xf32>, memref<1x1x4x15xf32, strided<[60, 60, 1, 4]>>) -> !attune.scores<1x1x5x4xf32>
    attune.attend %s2, %t into %u : (!attune.scores<1x1x5x4xf32>, memref<1x1x4x8xf32>, memref<1x1x5x8xf32>) -> ()
    return
  }
}

// -----

// Kernels of a GPU read keys as they are.
module attributes {attune.target = #attune.target<cpu = "sm_80", vector_width = 32, registers = 255, l1 = 101376, l2 = 41943040, features = "+ptx70">} {
  // CHECK-LABEL: func.func @gpu
  // CHECK-SAME: attune.weights = [#attune.weight<"w", [3, 13, 10], <copy, 1>, 0>]
  func.func @gpu(%q: memref<?x3x?x10xf32>, %v: memref<?x3x?x8xf32>, %o: memref<?x3x?x8xf32>, %n: index) {
    %w = attune.param "w" : memref<3x13x10xf32>
    %k = memref.reinterpret_cast %w to offset: [0], sizes: [1, 3, %n, 10], strides: [390, 130, 10, 1] : memref<3x13x10xf32> to memref<1x3x?x10xf32, strided<[390, 130, 10, 1]>>
    %s = attune.dot %q, %k scale 1.000000e+00 : (memref<?x3x?x10xf32>, memref<1x3x?x10xf32, strided<[390, 130, 10, 1]>>) -> !attune.scores<?x3x?x?xf32>
    attune.attend %s, %v into %o : (!attune.scores<?x3x?x?xf32>, memref<?x3x?x8xf32>, memref<?x3x?x8xf32>) -> ()
    return
  }
}
