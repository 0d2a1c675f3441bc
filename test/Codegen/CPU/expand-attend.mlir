// RUN: %attune-opt %s --attune-cpu-expand-kernels --canonicalize --cse --split-input-file | FileCheck %s

// Keys that fill panels and no mask: one copy of the scores, no mask code.
// CHECK: func.func private @attune_worker() -> index
// CHECK-LABEL: func.func @full
// The loop that packs: squares of keys, transposed.
// CHECK: scf.parallel
// CHECK: %[[K:.*]] = attune.tile.load %{{.*}} : {{.*}} -> <8x8xf32>
// CHECK: attune.tile.transpose %[[K]]
// The loop that copies values into strips of 16 columns.
// CHECK: scf.parallel
// 0 * value is summed for each chunk of 256 keys: NaN when one is not finite.
// CHECK: %[[CHECKS:.*]] = scf.for
// CHECK: %[[V:.*]] = vector.load %{{.*}} : memref<512x64xf32, {{.*}}>, vector<8xf32>
// CHECK: vector.store %[[V]], %{{.*}} : memref<4x512x16xf32
// CHECK: vector.fma %[[V]],
// CHECK: %[[FLAG:.*]] = vector.reduction <add>, %[[CHECKS]]
// CHECK: memref.store %[[FLAG]], %{{.*}} : memref<2xf32
// The loop that computes: one task of one worker.
// CHECK: scf.parallel
// CHECK: call @attune_worker
// CHECK: attune.tile.contract {{.*}} depth %{{.*}} : <6x16xf32>, memref<48x64xf32{{.*}}>, memref<32x64x16xf32
// CHECK: attune.tile.store
// CHECK: attune.tile.fold_max
// CHECK-NOT: arith.cmpi sle
// CHECK: arith.cmpf ogt
// CHECK: attune.tile.contract {{.*}} : <6x16xf32>, memref<6x512xf32{{.*}}>, memref<4x512x16xf32
// CHECK-NOT: attune.tile.contract
// CHECK: return
func.func @full(%q: memref<1x8x512x64xf32>, %k: memref<1x8x512x64xf32>, %v: memref<1x8x512x64xf32>, %o: memref<1x8x512x64xf32>, %keys: memref<?xf32>, %scratch: memref<64x16384xf32>) {
  attune.kernel <attend> lhs(%q) rhs(%k) value(%v) out(%o) workspace(%keys, %scratch)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} {scales = array<f64: 0.125>, weight_index = array<i64: -1>}
    : memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<?xf32>, memref<64x16384xf32>
  return
}

// -----

// A mask: full panels without it, then the others with it, row by row.
// CHECK-LABEL: func.func @causal
// CHECK: scf.parallel
// CHECK: scf.parallel
// CHECK: scf.parallel
// CHECK: attune.tile.contract {{.*}} memref<48x64xf32
// CHECK: attune.tile.fold_max
// CHECK: attune.tile.contract {{.*}} memref<48x64xf32
// CHECK-NOT: attune.tile.fold_max
// CHECK: scf.for
// CHECK: %[[M:.*]] = arith.cmpi sle, %{{.*}}, %{{.*}} : vector<8xi32>
// CHECK: arith.select %[[M]], %{{.*}}, %{{.*}} : vector<8xi1>, vector<8xf32>
// Values that are not finite are left out where a probability is zero.
// CHECK: %[[DIRTY:.*]] = arith.cmpf uno, %[[SUM:.*]], %[[SUM]] : f32
// CHECK: scf.if %[[DIRTY]] {
// CHECK: attune.tile.contract {{.*}} skip_zeros {{.*}} memref<6x512xf32
// CHECK: } else {
// CHECK-NOT: skip_zeros
// CHECK: attune.tile.contract {{.*}} memref<6x512xf32
func.func @causal(%q: memref<1x8x512x64xf32>, %k: memref<1x8x512x64xf32>, %v: memref<1x8x512x64xf32>, %o: memref<1x8x512x64xf32>, %keys: memref<?xf32>, %scratch: memref<64x16384xf32>) {
  attune.kernel <attend> lhs(%q) rhs(%k) value(%v) out(%o) workspace(%keys, %scratch)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
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
    } {scales = array<f64: 0.125>, weight_index = array<i64: -1>}
    : memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<?xf32>, memref<64x16384xf32>
  return
}

// -----

// A score function: log2(e) comes after it, so the queries get the scale only.
// CHECK-LABEL: func.func @score
// CHECK-DAG: %[[LOG2E:.*]] = arith.constant dense<1.44269502> : vector<8xf32>
// CHECK-DAG: arith.constant dense<5.000000e-01> : vector<8xf32>
// CHECK: %[[S:.*]] = math.tanh %{{.*}} : vector<8xf32>
// CHECK: arith.mulf %[[S]], %[[LOG2E]]
func.func @score(%q: memref<1x8x512x64xf32>, %k: memref<1x8x512x64xf32>, %v: memref<1x8x512x64xf32>, %o: memref<1x8x512x64xf32>, %keys: memref<?xf32>, %scratch: memref<64x16384xf32>) {
  attune.kernel <attend> lhs(%q) rhs(%k) value(%v) out(%o) workspace(%keys, %scratch)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {
    ^bb0(%s: f32, %b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %t = math.tanh %s : f32
      attune.yield %t : f32
    } mask {} {scales = array<f64: 0.5>, weight_index = array<i64: -1>}
    : memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<?xf32>, memref<64x16384xf32>
  return
}

// -----

// Probabilities: a second pass makes the scores again, when the sums are known,
// and writes them where they belong. The log-sum-exp comes with the results.
// CHECK-LABEL: func.func @probs_lse
// CHECK: attune.tile.contract {{.*}} memref<48x64xf32
// CHECK: attune.tile.contract {{.*}} memref<6x512xf32
// CHECK: attune.tile.contract {{.*}} memref<48x64xf32
// CHECK-NOT: attune.tile.contract
// CHECK: %[[P:.*]] = arith.mulf %{{.*}}, %{{.*}} : vector<8xf32>
// CHECK: vector.store %{{.*}}, %{{.*}} : memref<512x512xf32{{.*}}>, vector<8xf32>
// CHECK: %[[LN2:.*]] = arith.mulf %{{.*}}, %{{.*}} : f32
// CHECK: %[[LOG:.*]] = math.log %{{.*}} : f32
// CHECK: %[[LSE:.*]] = arith.addf %[[LN2]], %[[LOG]] : f32
// CHECK: memref.store %{{.*}}, %{{.*}} : memref<1x8x512xf32>
func.func @probs_lse(%q: memref<1x8x512x64xf32>, %v: memref<1x8x512x64xf32>, %o: memref<1x8x512x64xf32>, %p: memref<1x8x512x512xf32>, %l: memref<1x8x512xf32>, %keys: memref<?xf32>, %scratch: memref<64x16384xf32>) {
  attune.kernel <attend> lhs(%q) rhs(%q) value(%v) out(%o) probs(%p) lse(%l) workspace(%keys, %scratch)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} {scales = array<f64: 0.125>, weight_index = array<i64: -1>}
    : memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x512xf32>, memref<1x8x512xf32>, memref<?xf32>, memref<64x16384xf32>
  return
}

// -----

// A row without keys: the mean of all values.
// CHECK-LABEL: func.func @uniform
// CHECK-DAG: %[[INVERSE:.*]] = arith.constant dense<0.001953125> : vector<8xf32>
// CHECK: scf.if
// CHECK: %[[SUM:.*]] = scf.for {{.*}} -> (vector<8xf32>) {
// CHECK: arith.mulf %[[SUM]], %[[INVERSE]]
func.func @uniform(%q: memref<1x8x512x64xf32>, %o: memref<1x8x512x64xf32>, %keys: memref<?xf32>, %scratch: memref<64x16384xf32>) {
  attune.kernel <attend> lhs(%q) rhs(%q) value(%q) out(%o) workspace(%keys, %scratch)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} {empty_row = #attune.empty_row<uniform>, scales = array<f64: 0.125>, weight_index = array<i64: -1>}
    : memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<?xf32>, memref<64x16384xf32>
  return
}

// -----

// A key bias is one more row of each panel of keys and one more column of the
// queries, times its own scale.
// CHECK-LABEL: func.func @key_bias
// CHECK-DAG: %[[SCALE:.*]] = arith.constant 1.44269502 : f32
// CHECK: scf.parallel
// CHECK: attune.tile.transpose
// CHECK: %[[B:.*]] = memref.load %{{.*}} : memref<1x512xf32>
// CHECK: memref.store %[[B]], %{{.*}} : memref<2080x16xf32
// CHECK: scf.parallel
// CHECK: scf.parallel
// CHECK: memref.store %[[SCALE]], %{{.*}} : memref<48x80xf32
// CHECK: attune.tile.contract {{.*}} : <6x16xf32>, memref<48x80xf32{{.*}}>, memref<32x65x16xf32
func.func @key_bias(%q: memref<1x8x512x64xf32>, %k: memref<1x1x512x64xf32>, %b: memref<1x512xf32>, %v: memref<1x8x512x64xf32>, %o: memref<1x8x512x64xf32>, %keys: memref<?xf32>, %scratch: memref<64x16384xf32>) {
  attune.kernel <attend> lhs(%q) rhs(%k) key_biases(%b) value(%v) out(%o) workspace(%keys, %scratch)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} {bias_index = array<i64: 0>, bias_scales = array<f64: 1.0>, scales = array<f64: 0.125>, weight_index = array<i64: -1>}
    : memref<1x8x512x64xf32>, memref<1x1x512x64xf32>, memref<1x512xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<?xf32>, memref<64x16384xf32>
  return
}

// -----

// Additive attention: no product with the keys, but tanh of a sum for each
// element of the head, two rows and a panel of keys side by side.
// CHECK-LABEL: func.func @additive
// CHECK: call @attune_worker
// CHECK: %[[SUMS:.*]]:4 = scf.for
// CHECK: arith.addf %{{.*}}, %{{.*}} : vector<8xf32>
// CHECK: %[[TANH:.*]] = arith.divf %{{.*}}, %{{.*}} : vector<32xf32>
// CHECK: scf.yield
// CHECK: vector.fma %{{.*}}, %[[SUMS]]#0
// CHECK: vector.fma %{{.*}}, %[[SUMS]]#3
// CHECK: attune.tile.contract {{.*}} memref<6x512xf32
// CHECK-NOT: attune.tile.contract
func.func @additive(%q: memref<1x8x512x64xf32>, %w: memref<64xf32>, %o: memref<1x8x512x64xf32>, %keys: memref<?xf32>, %scratch: memref<64x16384xf32>) {
  attune.kernel <attend> lhs(%q) rhs(%q) vectors(%w) value(%q) out(%o) workspace(%keys, %scratch)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {} {vector_index = array<i64: 0>, scales = array<f64: 1.0>, weight_index = array<i64: -1>}
    : memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<?xf32>, memref<64x16384xf32>
  return
}

// -----

// An array indexed by the key is read as vectors, where it may be.
// CHECK-LABEL: func.func @capture
// CHECK: vector.load %{{.*}} : memref<8x512xf32>, vector<8xf32>
// CHECK-NOT: vector.from_elements
func.func @capture(%q: memref<1x8x512x64xf32>, %bias: memref<8x512xf32>, %o: memref<1x8x512x64xf32>, %keys: memref<?xf32>, %scratch: memref<64x16384xf32>) {
  attune.kernel <attend> lhs(%q) rhs(%q) value(%q) out(%o) workspace(%keys, %scratch)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {
    ^bb0(%s: f32, %b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %c = attune.capture %bias[%h, %ki] : memref<8x512xf32> -> f32
      %t = arith.addf %s, %c : f32
      attune.yield %t : f32
    } mask {} {scales = array<f64: 0.5>, weight_index = array<i64: -1>}
    : memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<?xf32>, memref<64x16384xf32>
  return
}

// -----

// A mask that reads an array at the key: the least and the largest element of
// each chunk of 64 keys, once for a block of keys; the class of each chunk for a
// tile of queries; then the runs of chunks that are not empty.
// CHECK-LABEL: func.func @documents
// CHECK: call @attune_worker
// CHECK: vector.load %{{.*}} : memref<1x512xi32>, vector<8xi32>
// CHECK: %[[LEAST:.*]] = vector.reduction <minsi>
// CHECK: %[[LARGEST:.*]] = vector.reduction <maxsi>
// CHECK: arith.minsi
// CHECK: arith.bitcast %{{.*}} : i32 to f32
// CHECK: memref.store %{{.*}} : memref<3x8xf32
// The element of the queries of the tile; its chunks.
// CHECK: scf.for
// CHECK: memref.load %{{.*}} : memref<1x512xi32>
// CHECK: memref.load %{{.*}} : memref<3x8xf32
// CHECK: %[[SURE:.*]] = arith.extui %{{.*}} : i1 to i32
// CHECK: %[[MAYBE:.*]] = arith.extui %{{.*}} : i1 to i32
// CHECK: arith.addi %[[SURE]], %[[MAYBE]] : i32
// CHECK: memref.store %{{.*}} : memref<3x8xf32
// CHECK: scf.if
// CHECK: attune.tile.contract {{.*}} memref<48x64xf32
func.func @documents(%q: memref<1x8x512x64xf32>, %k: memref<1x8x512x64xf32>, %v: memref<1x8x512x64xf32>, %doc: memref<1x512xi32>, %o: memref<1x8x512x64xf32>, %keys: memref<?xf32>, %scratch: memref<64x16384xf32>) {
  attune.kernel <attend> lhs(%q) rhs(%k) value(%v) out(%o) workspace(%keys, %scratch)
    blocking <rows = 6, columns = 16, row_block = 48, depth_block = 512>
    ranges {} score {} mask {
    ^bb0(%b: i32, %h: i32, %i: i32, %j: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
      %x = attune.capture %doc[%b, %i] : memref<1x512xi32> -> i32
      %y = attune.capture %doc[%b, %j] : memref<1x512xi32> -> i32
      %same = arith.cmpi eq, %x, %y : i32
      attune.yield %same : i1
    } {scales = array<f64: 0.125>, weight_index = array<i64: -1>}
    : memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<1x8x512x64xf32>, memref<?xf32>, memref<64x16384xf32>
  return
}
