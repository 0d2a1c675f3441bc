// RUN: %attune-opt %s --attune-verify-normalized --split-input-file --verify-diagnostics

!t = tensor<1x2x5x4xf32>
!s = !attune.scores<1x2x5x5xf32>

func.func @good(%q: !t, %k: !t, %v: !t) -> !t {
  %s = attune.dot %q, %k scale 1.0 : (!t, !t) -> !s
  %o = attune.attend %s, %v : (!s, !t) -> !t
  return %o : !t
}

func.func @shared(%q: !t, %k: !t, %v: !t) -> (!t, !t) {
  // expected-note @+1 {{this one is shared}}
  %s = attune.dot %q, %k scale 1.0 : (!t, !t) -> !s
  // expected-error @+1 {{does not own its scores and mask}}
  %o = attune.attend %s, %v : (!s, !t) -> !t
  %p = attune.attend %s, %o : (!s, !t) -> !t
  return %o, %p : !t, !t
}

// -----

func.func @split(%x: tensor<4xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{is left after normalize}}
  %y:2 = attune.split %x axis 0 : (tensor<4xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return %y#0 : tensor<2xf32>
}

// -----

!t = tensor<1x2x5x4xf32>
!s = !attune.scores<1x2x5x5xf32>

func.func @factor(%q: !t, %k: !t, %v: !t) -> !t {
  %s = attune.dot %q, %k scale 0.5 : (!t, !t) -> !s
  // expected-error @+1 {{has a factor that belongs in a dot's scale}}
  %c = attune.combine %s coefficients [2.0] index [-1] : (!s) -> !s
  %o = attune.attend %c, %v : (!s, !t) -> !t
  return %o : !t
}

// -----

func.func @shared_mask(%w: tensor<1x5x5xf32>, %x: tensor<2x5x8xf32>) -> tensor<2x5x8xf32> {
  // expected-note @+1 {{this one is shared}}
  %m = attune.mask {
  ^bb0(%b: i32, %h: i32, %qi: i32, %ki: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
    %keep = arith.cmpi sle, %ki, %qi : i32
    attune.yield %keep : i1
  }
  // expected-error @+1 {{does not own its scores and mask}}
  %p = attune.spatial_gate %w, %x mask %m : (tensor<1x5x5xf32>, tensor<2x5x8xf32>, !attune.mask) -> tensor<2x5x8xf32>
  %q = attune.spatial_gate %w, %p mask %m : (tensor<1x5x5xf32>, tensor<2x5x8xf32>, !attune.mask) -> tensor<2x5x8xf32>
  return %q : tensor<2x5x8xf32>
}
