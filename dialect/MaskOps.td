#ifndef ATTUNE_MASK_OPS
#define ATTUNE_MASK_OPS
include "dialect/AttuneOpBase.td"

def Attune_MaskOp : Attune_Op<"mask", [Pure, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "A mask: true = attend";
  let description = [{
    A predicate `body(b, h, q, k, nb, nh, nq, nk)` without storage or shape: its
    consumer evaluates it, as `mask_mod` of FlexAttention (Dong et al. 2024,
    arXiv:2412.05496). Index arithmetic is 32-bit and does not wrap: the front
    end proves its range. The region reads tensors of the enclosing body with
    `attune.capture`.

    Lifespan: made at import, one for each attend, with `&`, `|`, `!` and nested
    masks expanded into one expression; after normalize each attend owns its
    mask; gone after tile, as the regions `ranges` (key ranges in closed form)
    and `mask` (the predicate where the ranges do not decide) of `attune.kernel`.

    (C1) The region has the arguments (b, h, q, k, nb, nh, nq, nk: i32).
    (C2) It yields one i1.

    ```mlir
    func.func @causal() -> !attune.mask {
      %m = attune.mask {
      ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
        %keep = arith.cmpi sle, %k, %q : i32
        attune.yield %keep : i1
      }
      return %m : !attune.mask
    }
    ```
  }];
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Attune_MaskType:$mask);
  let assemblyFormat = "$body attr-dict";
  let hasVerifier = 1;
}

def Attune_CaptureOp : Attune_Op<"capture", []> {
  let summary = "One element of an array, inside a mask or score region";
  let description = [{
    `element = array[indices]`. The indices are proven in range by the front
    end. Booleans read as i1 (a memref of i8 holds them after bufferize: any
    non-zero byte is true).

    Lifespan: made at import inside `attune.mask` and `attune.modify`; moves with
    the region into `attune.kernel` at tile; gone after realize.

    (C1) There is one index for each axis. (C2) The element has the element type
    of the array; i8 and ui8 read as i1 or i32.

    ```mlir
    func.func @keys_below(%len: tensor<2xi32>) -> !attune.mask {
      %m = attune.mask {
      ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
        %n = attune.capture %len[%b] : tensor<2xi32> -> i32
        %keep = arith.cmpi slt, %k, %n : i32
        attune.yield %keep : i1
      }
      return %m : !attune.mask
    }
    ```
  }];
  let arguments = (ins Attune_Array:$array, Variadic<I32>:$indices);
  let results = (outs AnyType:$element);
  let assemblyFormat = "$array `[` $indices `]` attr-dict `:` type($array) `->` type($element)";
  let hasVerifier = 1;
}

def Attune_YieldOp : Attune_Op<"yield", [Pure, Terminator,
    ParentOneOf<["MaskOp", "ModifyOp", "IndexScoresOp", "ForOp", "KernelOp"]>]> {
  let summary = "The result of a region";
  let description = [{
    Ends the region of `attune.mask`, `attune.modify`, `attune.index_scores`,
    `attune.for` and the
    regions of `attune.kernel`; those ops say which values it takes.

    Lifespan: that of the region it ends.

    ```mlir
    func.func @everything() -> !attune.mask {
      %m = attune.mask {
      ^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, %nq: i32, %nk: i32):
        %true = arith.constant true
        attune.yield %true : i1
      }
      return %m : !attune.mask
    }
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let builders = [OpBuilder<(ins), [{ (void)$_builder; (void)$_state; }]>];
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}
#endif
