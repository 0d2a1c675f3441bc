// RUN: %attune-opt %s --attune-bufferize --canonicalize --split-input-file --verify-diagnostics | FileCheck %s

#xs = #attune.shape<B, T, 64>
#hs = #attune.shape<B, 4, T, 16>

// Slices of one buffer are strided views of it; the attend writes the merged
// layout through a view of the output.
// CHECK-LABEL: func.func @attention
// CHECK-SAME: (%[[X:.*]]: memref<?x?x192xf32> {{.*}}, %[[LEN:.*]]: memref<?xi64> {{.*}}, %[[Y:.*]]: memref<?x?x64xf32> {attune.output
func.func @attention(%x: tensor<?x?x192xf32, #attune.shape<B, T, 192>>, %len: tensor<?xi64, #attune.shape<B>>) -> tensor<?x?x64xf32, #xs> {
  // CHECK-DAG: %[[B:.*]] = attune.dim "B"
  // CHECK-DAG: %[[T:.*]] = attune.dim "T"
  // CHECK-NOT: memref.alloc
  // CHECK: %[[Q:.*]] = memref.reinterpret_cast %[[X]] to offset: [0], sizes: [%[[B]], 4, %[[T]], 16], strides: [%{{.*}}, 16, 192, 1]
  // CHECK: %[[K:.*]] = memref.reinterpret_cast %[[X]] to offset: [64], sizes: [%[[B]], 4, %[[T]], 16], strides: [%{{.*}}, 16, 192, 1]
  // CHECK: %[[V:.*]] = memref.reinterpret_cast %[[X]] to offset: [128], sizes: [%[[B]], 4, %[[T]], 16], strides: [%{{.*}}, 16, 192, 1]
  %q0 = attune.slice %x axis 2 offset <0> : (tensor<?x?x192xf32, #attune.shape<B, T, 192>>) -> tensor<?x?x64xf32, #xs>
  %k0 = attune.slice %x axis 2 offset <64> : (tensor<?x?x192xf32, #attune.shape<B, T, 192>>) -> tensor<?x?x64xf32, #xs>
  %v0 = attune.slice %x axis 2 offset <128> : (tensor<?x?x192xf32, #attune.shape<B, T, 192>>) -> tensor<?x?x64xf32, #xs>
  %q = attune.head_split %q0 heads 4 : (tensor<?x?x64xf32, #xs>) -> tensor<?x4x?x16xf32, #hs>
  %k = attune.head_split %k0 heads 4 : (tensor<?x?x64xf32, #xs>) -> tensor<?x4x?x16xf32, #hs>
  %v = attune.head_split %v0 heads 4 : (tensor<?x?x64xf32, #xs>) -> tensor<?x4x?x16xf32, #hs>
  // CHECK: attune.dot %[[Q]], %[[K]] scale 2.500000e-01
  %s = attune.dot %q, %k scale 0.25 : (tensor<?x4x?x16xf32, #hs>, tensor<?x4x?x16xf32, #hs>) -> !attune.scores<?x4x?x?xf32>
  %m = attune.mask {
  ^bb0(%b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    // CHECK: attune.capture %[[LEN]][%{{.*}}] : memref<?xi64> -> i64
    %l = attune.capture %len[%b] : tensor<?xi64, #attune.shape<B>> -> i64
    %k64 = arith.extsi %ki : i32 to i64
    %keep = arith.cmpi slt, %k64, %l : i64
    attune.yield %keep : i1
  }
  // CHECK: %[[O:.*]] = memref.reinterpret_cast %[[Y]] to offset: [0], sizes: [%[[B]], 4, %[[T]], 16], strides: [%{{.*}}, 16, 64, 1]
  // CHECK: attune.attend %{{.*}}, %[[V]] mask %{{.*}} into %[[O]]
  %o = attune.attend %s, %v mask %m : (!attune.scores<?x4x?x?xf32>, tensor<?x4x?x16xf32, #hs>, !attune.mask) -> tensor<?x4x?x16xf32, #hs>
  %y = attune.head_merge %o : (tensor<?x4x?x16xf32, #hs>) -> tensor<?x?x64xf32, #xs>
  // CHECK-NEXT: return
  return %y : tensor<?x?x64xf32, #xs>
}

// -----

// Returned twice: written once, copied once. Returned input: copied.
// CHECK-LABEL: func.func @returns
// CHECK-SAME: (%[[X:.*]]: memref<4x8xf32> {{.*}}, %[[Y:.*]]: memref<4x8xf32> {{.*}}, %[[Z:.*]]: memref<4x8xf32> {{.*}}, %[[W:.*]]: memref<4x8xf32>
func.func @returns(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  // CHECK: attune.activation <relu> %[[X]] into %[[Y]]
  %y = attune.activation <relu> %x : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // CHECK: memref.copy %[[Y]], %[[Z]]
  // CHECK: memref.copy %[[X]], %[[W]]
  return %y, %y, %x : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// No strides describe a merge of rows of a slice: a copy does.
// CHECK-LABEL: func.func @reshape
// CHECK-SAME: (%[[X:.*]]: memref<4x8xf32> {{.*}}, %[[Y:.*]]: memref<16xf32> {{.*}}, %[[Z:.*]]: memref<2x2x8xf32>
func.func @reshape(%x: tensor<4x8xf32>) -> (tensor<16xf32>, tensor<2x2x8xf32>) {
  // CHECK: %[[S:.*]] = memref.reinterpret_cast %[[X]] to offset: [4], sizes: [4, 4], strides: [8, 1]
  %s = attune.slice %x axis 1 offset <4> : (tensor<4x8xf32>) -> tensor<4x4xf32>
  // CHECK: %[[P:.*]] = memref.reinterpret_cast %[[Y]] to offset: [0], sizes: [4, 4], strides: [4, 1]
  // CHECK: memref.copy %[[S]], %[[P]]
  %r = attune.reshape %s : (tensor<4x4xf32>) -> tensor<16xf32>
  // The rows of a whole array split without one.
  // CHECK: %[[R:.*]] = memref.reinterpret_cast %[[X]] to offset: [0], sizes: [2, 2, 8], strides: [16, 8, 1]
  %t = attune.reshape %x : (tensor<4x8xf32>) -> tensor<2x2x8xf32>
  // CHECK: attune.activation <relu> %[[R]] into %[[Z]]
  %u = attune.activation <relu> %t : (tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  return %r, %u : tensor<16xf32>, tensor<2x2x8xf32>
}

// -----

// A transposed operand is made contiguous along its last axis; leading axes
// keep their strides.
// CHECK-LABEL: func.func @inner_stride
// CHECK-SAME: (%[[X:.*]]: memref<4x8x2xf32> {{.*}}, %[[Y:.*]]: memref<8x4x2xf32> {{.*}}, %[[Z:.*]]: memref<2x8x4xf32>
func.func @inner_stride(%x: tensor<4x8x2xf32>) -> (tensor<8x4x2xf32>, tensor<2x8x4xf32>) {
  // CHECK: %[[A:.*]] = memref.reinterpret_cast %[[X]] to offset: [0], sizes: [8, 4, 2], strides: [2, 16, 1]
  // CHECK: attune.activation <relu> %[[A]] into %[[Y]]
  %a = attune.transpose %x permutation [1, 0, 2] : (tensor<4x8x2xf32>) -> tensor<8x4x2xf32>
  %b = attune.activation <relu> %a : (tensor<8x4x2xf32>) -> tensor<8x4x2xf32>
  // CHECK: %[[C:.*]] = memref.reinterpret_cast %[[X]] to offset: [0], sizes: [2, 8, 4], strides: [1, 2, 16]
  // CHECK: %[[D:.*]] = memref.alloc() {attune.shape = #attune.shape<2, 8, 4>} : memref<2x8x4xf32>
  // CHECK: memref.copy %[[C]], %[[D]]
  // CHECK: attune.activation <relu> %[[D]] into %[[Z]]
  %c = attune.transpose %x permutation [2, 1, 0] : (tensor<4x8x2xf32>) -> tensor<2x8x4xf32>
  %d = attune.activation <relu> %c : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return %b, %d : tensor<8x4x2xf32>, tensor<2x8x4xf32>
}

// -----

// Nor is a transposed output written directly: its last axis would be strided.
// CHECK-LABEL: func.func @transposed_output
// CHECK-SAME: (%[[X:.*]]: memref<4x8xf32> {{.*}}, %[[Y:.*]]: memref<8x4xf32>
func.func @transposed_output(%x: tensor<4x8xf32>) -> tensor<8x4xf32> {
  // CHECK: %[[A:.*]] = memref.alloc
  // CHECK: attune.activation <relu> %[[X]] into %[[A]]
  // CHECK: %[[T:.*]] = memref.reinterpret_cast %[[A]] to offset: [0], sizes: [8, 4], strides: [1, 8]
  // CHECK: memref.copy %[[T]], %[[Y]]
  %a = attune.activation <relu> %x : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %t = attune.transpose %a permutation [1, 0] : (tensor<4x8xf32>) -> tensor<8x4xf32>
  return %t : tensor<8x4xf32>
}

// -----

// Booleans are bytes; the op remembers what they were. Constants are globals.
// CHECK-LABEL: func.func @booleans
// CHECK-SAME: (%[[X:.*]]: memref<4xf32> {{.*}}, %[[Y:.*]]: memref<4xi8>
func.func @booleans(%x: tensor<4xf32>) -> tensor<4xi1> {
  // CHECK: %[[C:.*]] = memref.get_global @[[HALF:.*]] : memref<f32>
  %c = arith.constant dense<0.5> : tensor<f32>
  // CHECK: attune.elementwise <lt> %[[X]], %[[C]] into %[[Y]] {attune.element_types = [f32, f32, i1]}
  %y = attune.elementwise <lt> %x, %c : (tensor<4xf32>, tensor<f32>) -> tensor<4xi1>
  return %y : tensor<4xi1>
}
// CHECK: memref.global "private" constant @[[HALF]] : memref<f32> = dense<5.000000e-01>

// -----

// The carried value lives in the output; its next value is written there when
// the old one is not read any more...
// CHECK-LABEL: func.func @loop
// CHECK-SAME: (%[[X:.*]]: memref<4x8xf32> {{.*}}, %[[Y:.*]]: memref<4x8xf32>
func.func @loop(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK: memref.copy %[[X]], %[[Y]]
  // CHECK: scf.for %[[I:.*]] = %c0 to %c6 step %c1
  %r = attune.for "i" from 0 to 6 carry(%x : tensor<4x8xf32>) {
  ^bb0(%i: index, %c: tensor<4x8xf32>):
    // CHECK: attune.param "g.{i}"[%[[I]]] : memref<8xf32>
    %g = attune.param "g.{i}"[%i] : tensor<8xf32>
    // CHECK: %[[A:.*]] = memref.alloc
    // CHECK: attune.layer_norm %[[Y]] {{.*}} into %[[A]]
    %a = attune.layer_norm %c gamma %g eps 1.0e-5 : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
    // CHECK: attune.activation <relu> %[[A]] into %[[Y]]
    %b = attune.activation <relu> %a : (tensor<4x8xf32>) -> tensor<4x8xf32>
    attune.yield %b : tensor<4x8xf32>
  } : tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// -----

// ... and copied there when it is, as by the second op and by the keys that the
// attend reads last.
// CHECK-LABEL: func.func @loop_reads_late
// CHECK-SAME: (%[[X:.*]]: memref<1x1x4x8xf32> {{.*}}, %[[Y:.*]]: memref<1x1x4x8xf32>
func.func @loop_reads_late(%x: tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> {
  // CHECK: scf.for
  %r:2 = attune.for "i" from 0 to 6 carry(%x, %x : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>) {
  ^bb0(%i: index, %c: tensor<1x1x4x8xf32>, %d: tensor<1x1x4x8xf32>):
    %s = attune.dot %c, %c scale 1.0 : (tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>) -> !attune.scores<1x1x4x4xf32>
    // CHECK: %[[A:.*]] = memref.alloc
    // CHECK: attune.activation <relu> %{{.*}} into %[[A]]
    %b = attune.activation <relu> %d : (tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
    // CHECK: %[[O:.*]] = memref.alloc
    // CHECK: attune.attend %{{.*}}, %{{.*}} into %[[O]]
    %o = attune.attend %s, %d : (!attune.scores<1x1x4x4xf32>, tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
    // CHECK: memref.copy %[[A]], %[[Y]]
    // CHECK: memref.copy %[[O]], %
    attune.yield %b, %o : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>
  } : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>
  return %r#0 : tensor<1x1x4x8xf32>
}

// -----

// Carried values that change places are saved first.
// CHECK-LABEL: func.func @swap
// CHECK-SAME: (%{{.*}}: memref<4xf32> {{.*}}, %{{.*}}: memref<4xf32> {{.*}}, %[[Y:.*]]: memref<4xf32> {{.*}}, %[[Z:.*]]: memref<4xf32>
func.func @swap(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK: scf.for
  // CHECK: memref.copy %[[Z]], %[[A:.*]] :
  // CHECK: memref.copy %[[Y]], %[[B:.*]] :
  // CHECK: memref.copy %[[A]], %[[Y]]
  // CHECK: memref.copy %[[B]], %[[Z]]
  %r:2 = attune.for "i" from 0 to 3 carry(%x, %y : tensor<4xf32>, tensor<4xf32>) {
  ^bb0(%i: index, %c: tensor<4xf32>, %d: tensor<4xf32>):
    attune.yield %d, %c : tensor<4xf32>, tensor<4xf32>
  } : tensor<4xf32>, tensor<4xf32>
  return %r#0, %r#1 : tensor<4xf32>, tensor<4xf32>
}

// -----

// Sizes are polynomials of dims, computed once at the entry.
// CHECK-LABEL: func.func @sizes
func.func @sizes(%x: tensor<?x?xf32, #attune.shape<B, T>>) -> tensor<?xf32, #attune.shape<B * T - B>> {
  // CHECK: %[[S:.*]] = memref.reinterpret_cast %{{.*}} to offset: [1]
  %s = attune.slice %x axis 1 offset <1> : (tensor<?x?xf32, #attune.shape<B, T>>) -> tensor<?x?xf32, #attune.shape<B, T - 1>>
  // CHECK: memref.copy %[[S]], %
  %r = attune.reshape %s : (tensor<?x?xf32, #attune.shape<B, T - 1>>) -> tensor<?xf32, #attune.shape<B * T - B>>
  return %r : tensor<?xf32, #attune.shape<B * T - B>>
}

// -----

// expected-error @+1 {{has a tensor without a symbolic shape}}
func.func @no_shape(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}

// -----

func.func @unknown_op(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{on tensors cannot be bufferized}}
  %y = arith.addf %x, %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @split(%x: tensor<4xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{is not normalized}}
  %y:2 = attune.split %x axis 0 : (tensor<4xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return %y#0 : tensor<2xf32>
}

// -----

func.func @half_done(%x: tensor<4xf32>, %y: memref<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{is bufferized already}}
  attune.activation <relu> %y into %y : (memref<4xf32>, memref<4xf32>) -> ()
  return %x : tensor<4xf32>
}

// -----

func.func @keys_are_memrefs(%q: tensor<1x2x5x4xf32>, %k: memref<1x2x5x4xf32>, %v: tensor<1x2x5x4xf32>) -> tensor<1x2x5x4xf32> {
  // expected-error @+1 {{is bufferized already}}
  %s = attune.dot %q, %k scale 0.5 : (tensor<1x2x5x4xf32>, memref<1x2x5x4xf32>) -> !attune.scores<1x2x5x5xf32>
  %o = attune.attend %s, %v : (!attune.scores<1x2x5x5xf32>, tensor<1x2x5x4xf32>) -> tensor<1x2x5x4xf32>
  return %o : tensor<1x2x5x4xf32>
}

// -----

// A number of the run is stored where it is needed.
// CHECK-LABEL: func.func @number
// CHECK-SAME: (%[[Y:.*]]: memref<i64> {attune.output
func.func @number() -> tensor<i64> {
  // CHECK: %[[T:.*]] = attune.dim "T"
  // CHECK: %[[N:.*]] = arith.index_cast %[[T]]
  // CHECK: memref.store %[[N]], %[[Y]][]
  %t = attune.dim "T" : index
  %n = arith.index_cast %t : index to i64
  %x = tensor.from_elements %n : tensor<i64>
  return %x : tensor<i64>
}

// -----

func.func @numbers(%n: i64) -> tensor<2xi64> {
  // expected-error @+1 {{is no number of the run}}
  %x = tensor.from_elements %n, %n : tensor<2xi64>
  return %x : tensor<2xi64>
}
