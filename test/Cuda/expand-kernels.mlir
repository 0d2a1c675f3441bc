// RUN: %attune-opt %s --attune-cuda-expand-kernels --canonicalize --cse | FileCheck %s

module attributes {attune.target = #attune.target<cpu = "sm_80", vector_width = 32, registers = 255, l1 = 166912, l2 = 41943040, features = "+ptx80">} {
  // A soft cap by hand, ALiBi slopes, and a mask over key lengths: what the
  // regions read becomes arguments.
  // CHECK: func.func @scored
  // CHECK-NOT: attune.kernel
  // The grid: a block for 64 queries of a head.
  // CHECK: gpu.launch_func @attune_kernels::@scored_0_attend
  func.func @scored(%q: memref<2x4x?x16xf32>, %k: memref<2x2x?x16xf32>,
                    %v: memref<2x2x?x24xf32>, %slope: memref<4xf32>,
                    %len: memref<2xi32>, %keep: memref<2x?xi8>,
                    %o: memref<2x4x?x24xf32>) attributes {attune.model} {
    attune.kernel <attend> lhs(%q) rhs(%k) value(%v) out(%o)
        blocking <rows = 4, columns = 64, row_block = 64, depth_block = 64>
    ranges {
    ^bb0(%b: index, %h: index, %q0: index, %q1: index, %nq: index, %nk: index):
      %zero = arith.constant 0 : index
      %bi = arith.index_cast %b : index to i32
      %n = attune.capture %len[%bi] : memref<2xi32> -> i32
      %ni = arith.index_cast %n : i32 to index
      %lo = arith.maxsi %ni, %zero : index
      %hi = arith.minsi %lo, %nk : index
      attune.yield %zero, %zero, %zero, %hi : index, index, index, index
    } score {
    ^bb0(%s: f32, %b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %m = attune.capture %slope[%h] : memref<4xf32> -> f32
      %d = arith.subi %ki, %qi : i32
      %f = arith.sitofp %d : i32 to f32
      %p = arith.mulf %m, %f : f32
      %t = arith.addf %s, %p : f32
      %u = math.tanh %t : f32
      attune.yield %u : f32
    } mask {
    ^bb0(%b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %n = attune.capture %len[%b] : memref<2xi32> -> i32
      %in = arith.cmpi slt, %ki, %n : i32
      %on = attune.capture %keep[%b, %ki] : memref<2x?xi8> -> i1
      %both = arith.andi %in, %on : i1
      attune.yield %both : i1
    } {scales = array<f64: 0.25>, weight_index = array<i64: -1>}
      : memref<2x4x?x16xf32>, memref<2x2x?x16xf32>, memref<2x2x?x24xf32>, memref<2x4x?x24xf32>
    return
  }

  // CHECK: gpu.module @attune_kernels
  // CHECK: llvm.mlir.global external @attune_shared() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<0 x i8>
  // CHECK: gpu.func @scored_0_attend(
  // CHECK-NOT: memref
  // CHECK-NOT: attune.capture
  // Without a score function log2(e) is part of the scale; with one it is not.
  // CHECK-DAG: arith.constant dense<2.500000e-01> : vector<4xf32>
  // CHECK-DAG: arith.constant 1.44269502 : f32
  // The key range is known before the loops: its length is read once a block.
  // CHECK: llvm.load %{{.*}} : !llvm.ptr<1> -> i32
  // The loop over full tiles is empty here, but its end is not known so; it has
  // the score function, not the mask.
  // CHECK: scf.for
  // CHECK: gpu.barrier
  // CHECK: math.tanh
  // CHECK-NOT: !llvm.ptr<1> -> i8
  // CHECK: nvvm.bar.warp.sync
  // The masked loop reads the byte, which is a boolean.
  // CHECK: scf.for
  // CHECK: math.tanh
  // CHECK: %[[BYTE:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> i8
  // CHECK: arith.cmpi ne, %[[BYTE]], %{{.*}} : i8
  // CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f"
  // CHECK-NOT: bar.warp.sync
  // CHECK: gpu.return
}
