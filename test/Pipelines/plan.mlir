// RUN: %attune-opt %s --attune-stage-plan | FileCheck %s

// The panels are two vectors of the machine wide; every allocation has a slot.
module attributes {attune.target = #attune.target<cpu = "haswell", vector_width = 8, registers = 16, l1 = 32768, l2 = 262144, features = "+avx2,+fma">} {
  // CHECK-LABEL: func.func @model
  // CHECK-SAME: attune.slots = [#attune.slot<[<96>]>]
  // CHECK-SAME: attune.weights = [#attune.weight<"w", [6, 12], <panels, 16>, 0>]
  func.func @model(%x: memref<4x12xf32>, %y: memref<4x6xf32>) {
    // CHECK: attune.param "w" pack <panels, 16> offset 0 : memref<1x12x16xf32>
    // CHECK: memref.alloc() {{.*}}attune.slot = 0 : i64
    %w = attune.param "w" : memref<6x12xf32>
    %a = memref.alloc() {attune.shape = #attune.shape<4, 6>} : memref<4x6xf32>
    attune.linear %x, %w into %a : (memref<4x12xf32>, memref<6x12xf32>, memref<4x6xf32>) -> ()
    attune.activation <exp> %a into %y : (memref<4x6xf32>, memref<4x6xf32>) -> ()
    return
  }
}
