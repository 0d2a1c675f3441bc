// Kernels for no-spills.mlir; @NAMES@ are filled in for each machine.
module attributes {attune.target = #attune.target<cpu = "", vector_width = @WIDTH@, registers = @REGISTERS@, l1 = 32768, l2 = 1048576, features = "">} {
func.func @full(%q: memref<1x8x4096x64xf32>, %k: memref<1x8x4096x64xf32>, %v: memref<1x8x4096x64xf32>, %o: memref<1x8x4096x64xf32>, %keys: memref<?xf32>, %scratch: memref<64x65536xf32>) {
  attune.kernel <attend> lhs(%q) rhs(%k) value(%v) out(%o) workspace(%keys, %scratch)
    blocking <rows = @ROWS@, columns = @COLUMNS@, row_block = 48, depth_block = 512>
    ranges {} score {} mask {}
    {scales = array<f64: 0.125>, weight_index = array<i64: -1>}
    : memref<1x8x4096x64xf32>, memref<1x8x4096x64xf32>, memref<1x8x4096x64xf32>, memref<1x8x4096x64xf32>, memref<?xf32>, memref<64x65536xf32>
  return
}
func.func @causal(%q: memref<1x8x?x64xf32>, %k: memref<1x8x?x64xf32>, %v: memref<1x8x?x64xf32>, %o: memref<1x8x?x64xf32>, %keys: memref<?xf32>, %scratch: memref<64x65536xf32>) {
  attune.kernel <attend> lhs(%q) rhs(%k) value(%v) out(%o) workspace(%keys, %scratch)
    blocking <rows = @ROWS@, columns = @COLUMNS@, row_block = 48, depth_block = 512>
    ranges {
    ^bb0(%b: index, %h: index, %f: index, %l: index, %nq: index, %nk: index):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %f1 = arith.addi %f, %c1 : index
      %l1 = arith.addi %l, %c1 : index
      %fh = arith.minsi %f1, %nk : index
      %hi = arith.minsi %l1, %nk : index
      attune.yield %c0, %c0, %fh, %hi : index, index, index, index
    } score {} mask {
    ^bb0(%b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %m = arith.cmpi sle, %ki, %qi : i32
      attune.yield %m : i1
    }
    {scales = array<f64: 0.125>, weight_index = array<i64: -1>}
    : memref<1x8x?x64xf32>, memref<1x8x?x64xf32>, memref<1x8x?x64xf32>, memref<1x8x?x64xf32>, memref<?xf32>, memref<64x65536xf32>
  return
}
func.func @tails(%q: memref<1x8x?x72xf32>, %k: memref<1x8x?x72xf32>, %v: memref<1x8x?x40xf32>, %o: memref<1x8x?x40xf32>, %keys: memref<?xf32>, %scratch: memref<64x65536xf32>) {
  attune.kernel <attend> lhs(%q) rhs(%k) value(%v) out(%o) workspace(%keys, %scratch)
    blocking <rows = @ROWS@, columns = @COLUMNS@, row_block = 48, depth_block = 512>
    ranges {
    ^bb0(%b: index, %h: index, %f: index, %l: index, %nq: index, %nk: index):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %f1 = arith.addi %f, %c1 : index
      %l1 = arith.addi %l, %c1 : index
      %fh = arith.minsi %f1, %nk : index
      %hi = arith.minsi %l1, %nk : index
      attune.yield %c0, %c0, %fh, %hi : index, index, index, index
    } score {} mask {
    ^bb0(%b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %m = arith.cmpi sle, %ki, %qi : i32
      attune.yield %m : i1
    }
    {scales = array<f64: 0.125>, weight_index = array<i64: -1>}
    : memref<1x8x?x72xf32>, memref<1x8x?x72xf32>, memref<1x8x?x40xf32>, memref<1x8x?x40xf32>, memref<?xf32>, memref<64x65536xf32>
  return
}
func.func @softcap(%q: memref<1x8x?x64xf32>, %k: memref<1x8x?x64xf32>, %v: memref<1x8x?x64xf32>, %o: memref<1x8x?x64xf32>, %keys: memref<?xf32>, %scratch: memref<64x65536xf32>) {
  attune.kernel <attend> lhs(%q) rhs(%k) value(%v) out(%o) workspace(%keys, %scratch)
    blocking <rows = @ROWS@, columns = @COLUMNS@, row_block = 48, depth_block = 512>
    ranges {} score {
    ^bb0(%s: f32, %b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %t = math.tanh %s : f32
      attune.yield %t : f32
    } mask {}
    {scales = array<f64: 0.125>, weight_index = array<i64: -1>}
    : memref<1x8x?x64xf32>, memref<1x8x?x64xf32>, memref<1x8x?x64xf32>, memref<1x8x?x64xf32>, memref<?xf32>, memref<64x65536xf32>
  return
}
func.func @gemm(%x: memref<?x512xf32>, %w: memref<@PANELS@x512x@COLUMNS@xf32>, %b: memref<512xf32>, %r: memref<?x512xf32>, %y: memref<?x512xf32>) {
  attune.kernel <gemm> lhs(%x) rhs(%w) bias(%b) residual(%r) out(%y)
    blocking <rows = @ROWS@, columns = @COLUMNS@, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} {activation = #attune.activation<gelu>}
    : memref<?x512xf32>, memref<@PANELS@x512x@COLUMNS@xf32>, memref<512xf32>, memref<?x512xf32>, memref<?x512xf32>
  return
}
func.func @matmul(%x: memref<?x?x64xf32>, %w: memref<?x64x64xf32>, %y: memref<?x?x64xf32>) {
  attune.kernel <gemm> lhs(%x) rhs(%w) out(%y)
    blocking <rows = @ROWS@, columns = @COLUMNS@, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} {rhs_rows}
    : memref<?x?x64xf32>, memref<?x64x64xf32>, memref<?x?x64xf32>
  return
}
}
