// The micro kernels live in registers: no stack reference in any loop with at
// least 8 multiply-adds, on a machine with 16 and one with 32 registers. (Not so
// for the last columns of a product whose width is a run-time dim: two masks and
// 12 sums leave too few of 16.)
//
// DEFINE: %{passes} = attune-cpu-expand-kernels,func.func(attune-cpu-lower-tiles),attune-cpu-expand-math,scf-parallel-for-to-nested-fors,canonicalize,cse,loop-invariant-code-motion,convert-vector-to-scf,expand-strided-metadata,lower-affine,convert-scf-to-cf,arith-expand,convert-vector-to-llvm,convert-math-to-llvm,convert-arith-to-llvm,convert-index-to-llvm,finalize-memref-to-llvm,convert-func-to-llvm,convert-cf-to-llvm,reconcile-unrealized-casts,canonicalize,cse
// DEFINE: %{lower} = %attune-opt --pass-pipeline="builtin.module(%{passes})"
// DEFINE: %{assemble} = sed "s/^module attributes .*/module {/" | %mlir-translate --mlir-to-llvmir | %opt -passes="default<O2>" -unroll-runtime=false -unroll-allow-partial=false -unroll-threshold=0 -vectorize-slp=false -vectorize-loops=false | %llc -O3 -relocation-model=pic
//
// RUN: sed -e 's/@ROWS@/6/; s/@COLUMNS@/16/g; s/@WIDTH@/8/; s/@REGISTERS@/16/; s/@PANELS@/32/g' %S/Inputs/kernels.mlir > %t.haswell.mlir
// RUN: %{lower} %t.haswell.mlir | %{assemble} -mcpu=haswell -o %t.haswell.s
// RUN: %python %S/Inputs/stack_references.py %t.haswell.s 8 | FileCheck %s
// RUN: sed -e 's/@ROWS@/12/; s/@COLUMNS@/32/g; s/@WIDTH@/16/; s/@REGISTERS@/32/; s/@PANELS@/16/g' %S/Inputs/kernels.mlir > %t.znver5.mlir
// RUN: %{lower} %t.znver5.mlir | %{assemble} -mcpu=znver5 -o %t.znver5.s
// RUN: %python %S/Inputs/stack_references.py %t.znver5.s 8 | FileCheck %s
//
// Nothing in the softmax is a masked store: they are slow on AMD.
// RUN: FileCheck %s --check-prefix=STORES --input-file=%t.haswell.s

// CHECK: loops: {{[0-9]+}}
// CHECK: stack references: 0

// STORES-LABEL: full:
// STORES-NOT: vmaskmov
// STORES-LABEL: causal:
