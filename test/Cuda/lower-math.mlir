// convert-gpu-to-nvvm makes calls of libdevice of these; it refuses the LLVM
// dialect's own ops, but not calls of the intrinsics.
// RUN: %attune-opt %s --pass-pipeline="builtin.module(gpu.module(attune-cuda-lower-math))" -split-input-file -verify-diagnostics | FileCheck %s
// RUN: %attune-opt %s --pass-pipeline="builtin.module(gpu.module(attune-cuda-lower-math,convert-gpu-to-nvvm{index-bitwidth=32}))" -split-input-file -verify-diagnostics | FileCheck %s --check-prefix=CHECK-NVVM

gpu.module @kernels {
  // CHECK-LABEL: gpu.func @all
  // CHECK: llvm.call_intrinsic "llvm.fabs"
  // CHECK: llvm.call_intrinsic "llvm.floor"
  // CHECK: llvm.call_intrinsic "llvm.roundeven"
  // CHECK: llvm.call_intrinsic "llvm.sqrt"
  // CHECK: llvm.call_intrinsic "llvm.copysign"
  // CHECK: llvm.call_intrinsic "llvm.fma"
  // CHECK: llvm.call_intrinsic "llvm.maxnum"
  // CHECK: llvm.call_intrinsic "llvm.minimum"
  // CHECK-NOT: math.
  // CHECK-NVVM-NOT: __nv_
  gpu.func @all(%p: !llvm.ptr<1>, %x: f32, %y: f32) kernel {
    %0 = math.absf %x : f32
    %1 = math.floor %0 : f32
    %2 = math.roundeven %1 : f32
    %3 = math.sqrt %2 : f32
    %4 = math.copysign %3, %y : f32
    %5 = math.fma %4, %x, %y : f32
    %6 = arith.maxnumf %5, %y : f32
    %7 = arith.minimumf %6, %x : f32
    llvm.store %7, %p : f32, !llvm.ptr<1>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @rest(%p: !llvm.ptr<1>, %x: f32) kernel {
    // expected-error @+1 {{has no code on this target}}
    %0 = math.sin %x : f32
    llvm.store %0, %p : f32, !llvm.ptr<1>
    gpu.return
  }
}
