// RUN: %attune-opt %s --attune-cpu-expand-kernels --split-input-file --verify-diagnostics

func.func @blocks(%q: memref<1x8x512x64xf32>, %keys: memref<?xf32>, %scratch: memref<64x16384xf32>) {
  // expected-error@+1 {{blocks must be multiples of the register block}}
  attune.kernel <attend> lhs(%q) rhs(%q) value(%q) out(%q) workspace(%keys, %scratch)
    blocking <rows = 6, columns = 16, row_block = 50, depth_block = 512>
    ranges {} score {} mask {} {scales = array<f64: 0.125>, weight_index = array<i64: -1>}
    : memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<?xf32>, memref<64x16384xf32>
  return
}

// -----

func.func @workspace(%q: memref<1x8x512x64xf32>, %keys: memref<?xf32, strided<[2]>>, %scratch: memref<64x16384xf32>) {
  // expected-error@+1 {{workspaces must be contiguous}}
  attune.kernel <attend> lhs(%q) rhs(%q) value(%q) out(%q) workspace(%keys, %scratch)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} {scales = array<f64: 0.125>, weight_index = array<i64: -1>}
    : memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<?xf32, strided<[2]>>, memref<64x16384xf32>
  return
}

// -----

func.func @bias(%x: memref<8x8xf32>, %b: memref<8xf32>) {
  // expected-error@+1 {{gemm with rhs_rows takes no bias}}
  attune.kernel <gemm> lhs(%x) rhs(%x) bias(%b) out(%x)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} {rhs_rows} : memref<8x8xf32>, memref<8x8xf32>, memref<8xf32>, memref<8x8xf32>
  return
}

// -----

func.func @gate_blocks(%w: memref<1x64x64xf32>, %x: memref<4x64x128xf32>, %p: memref<?xf32>, %s: memref<64x3936xf32>) {
  // expected-error@+1 {{blocks must be multiples of the register block}}
  attune.kernel <gate> lhs(%w) rhs(%x) out(%x) workspace(%p, %s)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 500>
    ranges {} score {} mask {} : memref<1x64x64xf32>, memref<4x64x128xf32>, memref<4x64x128xf32>, memref<?xf32>, memref<64x3936xf32>
  return
}

// -----

func.func @gate_workspace(%w: memref<1x64x64xf32>, %x: memref<4x64x128xf32>, %p: memref<?xf32, strided<[2]>>, %s: memref<64x3936xf32>) {
  // expected-error@+1 {{workspaces must be contiguous}}
  attune.kernel <gate> lhs(%w) rhs(%x) out(%x) workspace(%p, %s)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} : memref<1x64x64xf32>, memref<4x64x128xf32>, memref<4x64x128xf32>, memref<?xf32, strided<[2]>>, memref<64x3936xf32>
  return
}

// -----

func.func @gate_scratch(%w: memref<1x64x64xf32>, %x: memref<4x64x128xf32>, %p: memref<?xf32>, %s: memref<64x3935xf32>) {
  // expected-error@+1 {{gate needs more scratch}}
  attune.kernel <gate> lhs(%w) rhs(%x) out(%x) workspace(%p, %s)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} : memref<1x64x64xf32>, memref<4x64x128xf32>, memref<4x64x128xf32>, memref<?xf32>, memref<64x3935xf32>
  return
}

// -----

func.func @gate_groups(%w: memref<?x64x64xf32>, %x: memref<4x64x128xf32>, %p: memref<?xf32>, %s: memref<64x3936xf32>) {
  // expected-error@+1 {{gate needs a constant number of groups}}
  attune.kernel <gate> lhs(%w) rhs(%x) out(%x) workspace(%p, %s)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} : memref<?x64x64xf32>, memref<4x64x128xf32>, memref<4x64x128xf32>, memref<?xf32>, memref<64x3936xf32>
  return
}

// -----

func.func @gate_epsilon(%w: memref<1x64x64xf32>, %x: memref<4x64x128xf32>, %n: memref<128xf32>, %p: memref<?xf32>, %s: memref<64x3936xf32>) {
  // expected-error@+1 {{a norm needs an epsilon}}
  attune.kernel <gate> lhs(%w) rhs(%x) norm(%n, %n) out(%x) workspace(%p, %s)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} : memref<1x64x64xf32>, memref<4x64x128xf32>, memref<128xf32>, memref<128xf32>, memref<4x64x128xf32>, memref<?xf32>, memref<64x3936xf32>
  return
}

// -----

func.func @panels_of_keys(%q: memref<1x2x?x4xf32>, %k: memref<1x2x3x4x8xf32>, %w: memref<?xf32>, %z: memref<64x8192xf32>) {
  // expected-error@+1 {{panels of keys must be a register block wide}}
  attune.kernel <attend> lhs(%q) rhs(%k) value(%q) out(%q) workspace(%w, %z) blocking <rows = 6, columns = 16, row_block = 48, depth_block = 64> ranges {} score {} mask {} {scales = array<f64: 0.5>, weight_index = array<i64: -1>} : memref<1x2x?x4xf32>, memref<1x2x3x4x8xf32>, memref<1x2x?x4xf32>, memref<1x2x?x4xf32>, memref<?xf32>, memref<64x8192xf32>
  return
}
