// RUN: %attune-opt %s --attune-cuda-lower-launch -split-input-file -verify-diagnostics | FileCheck %s

module attributes {gpu.container_module} {
  // CHECK-DAG: llvm.mlir.global internal constant @attune.kernel.m_0_gemm("m_0_gemm\00")
  // CHECK-DAG: func.func private @attune_cuda_launch(!llvm.ptr, !llvm.ptr, i64, i64, i64, i64, i32, !llvm.ptr)
  // CHECK: func.func @m(%{{.*}}, %[[CALL:.*]]: !llvm.ptr) -> i32
  func.func @m(%w: !llvm.ptr, %ws: !llvm.ptr, %off: !llvm.ptr, %dims: !llvm.ptr, %t: !llvm.ptr, %run: !llvm.ptr) -> i32 {
    %zero = arith.constant 0 : i32
    %n = arith.constant 7 : i32
    %one = arith.constant 1 : index
    %blocks = arith.constant 12 : index
    %threads = arith.constant 256 : index
    %bytes = arith.constant 9216 : i32
    // The slots are in the frame once, before any loop.
    // CHECK-NEXT: %[[COUNT:.*]] = llvm.mlir.constant(2 : i64)
    // CHECK-NEXT: %[[TABLE:.*]] = llvm.alloca %[[COUNT]] x !llvm.ptr
    // CHECK-NEXT: %[[SLOTS:.*]] = llvm.alloca %[[COUNT]] x i64
    // CHECK: %[[NAME:.*]] = llvm.mlir.addressof @attune.kernel.m_0_gemm
    // CHECK: llvm.store %{{.*}}, %{{.*}} : !llvm.ptr<1>, !llvm.ptr
    // CHECK: llvm.store %{{.*}}, %{{.*}} : i32, !llvm.ptr
    // CHECK: call @attune_cuda_launch(%[[CALL]], %[[NAME]], %{{.*}}, %[[TABLE]])
    %c = arith.constant 4096 : i64
    %a = llvm.inttoptr %c : i64 to !llvm.ptr<1>
    gpu.launch_func @kernels::@m_0_gemm blocks in (%blocks, %one, %one) threads in (%threads, %one, %one)
      dynamic_shared_memory_size %bytes args(%a : !llvm.ptr<1>, %n : i32)
    return %zero : i32
  }
  gpu.module @kernels {
    gpu.func @m_0_gemm(%a: !llvm.ptr<1>, %n: i32) kernel {
      gpu.return
    }
  }
}

// -----

module attributes {gpu.container_module} {
  func.func @m() {
    %one = arith.constant 1 : index
    // expected-error @+1 {{expects to stand in a model of the type attune_body}}
    gpu.launch_func @kernels::@k blocks in (%one, %one, %one) threads in (%one, %one, %one)
    return
  }
  gpu.module @kernels {
    gpu.func @k() kernel {
      gpu.return
    }
  }
}
