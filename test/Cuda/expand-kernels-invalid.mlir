// RUN: %attune-opt %s --attune-cuda-expand-kernels -verify-diagnostics -split-input-file

#gpu = #attune.target<cpu = "sm_80", vector_width = 32, registers = 255, l1 = 166912, l2 = 41943040, features = "+ptx80">
module attributes {attune.target = #gpu} {
  func.func @uniform(%q: memref<1x1x8x16xf32>) {
    // expected-error @+1 {{`empty_row` other than `zero` has no CUDA kernel yet}}
    attune.kernel <attend> lhs(%q) rhs(%q) value(%q) out(%q)
        blocking <rows = 4, columns = 64, row_block = 64, depth_block = 64>
      ranges {} score {} mask {}
      {scales = array<f64: 1.0>, weight_index = array<i64: -1>, empty_row = #attune.empty_row<uniform>}
      : memref<1x1x8x16xf32>, memref<1x1x8x16xf32>, memref<1x1x8x16xf32>, memref<1x1x8x16xf32>
    return
  }
}

// -----

#gpu = #attune.target<cpu = "sm_80", vector_width = 32, registers = 255, l1 = 166912, l2 = 41943040, features = "+ptx80">
module attributes {attune.target = #gpu} {
  func.func @dynamic(%q: memref<1x1x8x?xf32>) {
    // expected-error @+1 {{a head size that is a run-time dim has no CUDA kernel yet}}
    attune.kernel <attend> lhs(%q) rhs(%q) value(%q) out(%q)
        blocking <rows = 4, columns = 64, row_block = 64, depth_block = 64>
      ranges {} score {} mask {}
      {scales = array<f64: 1.0>, weight_index = array<i64: -1>}
      : memref<1x1x8x?xf32>, memref<1x1x8x?xf32>, memref<1x1x8x?xf32>, memref<1x1x8x?xf32>
    return
  }
}

// -----

#gpu = #attune.target<cpu = "sm_80", vector_width = 32, registers = 255, l1 = 166912, l2 = 41943040, features = "+ptx80">
module attributes {attune.target = #gpu} {
  func.func @panels(%x: memref<5x7xf32>, %w: memref<2x7x16xf32>, %y: memref<5x32xf32>) {
    // expected-error @+1 {{weights must be packed in panels of 64 columns}}
    attune.kernel <gemm> lhs(%x) rhs(%w) out(%y)
        blocking <rows = 4, columns = 64, row_block = 64, depth_block = 64>
      ranges {} score {} mask {} : memref<5x7xf32>, memref<2x7x16xf32>, memref<5x32xf32>
    return
  }
}
