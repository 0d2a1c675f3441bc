#ifndef ATTUNE_PASSES
#define ATTUNE_PASSES

include "mlir/Pass/PassBase.td"

// normalize

def NormalizeScoresPass : Pass<"attune-normalize-scores", "::mlir::func::FuncOp"> {
  let summary = "Fold score algebra: combines into combines, factors into dots";
  let description = [{
    A combine of a combine is one combine; the coefficient of a dot becomes part
    of its scale; a combine of one score with coefficient 1 and without a head
    weight is that score.
  }];
  let dependentDialects = ["::attune::AttuneDialect"];
}

def NormalizeViewsPass : Pass<"attune-normalize-views", "::mlir::func::FuncOp"> {
  let summary = "Turn splits, transposes and products with weights into plain forms";
  let description = [{
    A split becomes slices. A product with a transposed weight, or with some
    rows of one, becomes `attune.linear`, whose weight is packed when it is
    loaded, so that the transposition costs nothing in a run. A linear whose
    weight is computed in the run becomes a product; a bias that cannot be
    packed is added on its own.
  }];
  let dependentDialects = ["::attune::AttuneDialect"];
}

def NormalizeLoopsPass : Pass<"attune-normalize-loops", "::mlir::func::FuncOp"> {
  let summary = "Drop values that nobody reads: carried ones, probabilities, log-sum-exps";
  let description = [{
    A value that an `attune.for` carries is dropped when neither its result is
    used nor another live carried value depends on it; a value that every step
    hands on unchanged is taken from outside the loop; a loop without a step is
    replaced by its inits. An `attune.attend` makes probabilities and log-sum-exps
    only where they are used.
  }];
  let dependentDialects = ["::attune::AttuneDialect"];
}

def CloneProducersPass : Pass<"attune-clone-producers", "::mlir::func::FuncOp"> {
  let summary = "Give each attend and spatial gate its own score chain and mask";
  let description = [{
    Scores and masks are generators without storage: a copy for each consumer
    costs nothing and lets the tile stage move them into the kernel. Producers
    outside of an `attune.for` are cloned into its body. No CSE may run between
    this pass and the tile stage.
  }];
  let dependentDialects = ["::attune::AttuneDialect"];
}

def VerifyNormalizedPass : Pass<"attune-verify-normalized", "::mlir::func::FuncOp"> {
  let summary = "Check what the normalize stage promises";
  let description = [{
    Each `attune.attend` and `attune.spatial_gate` has score producers and a mask in its own block that
    nobody else uses; no `attune.split` is left; a dot's factor is in its scale.
  }];
}

// fuse

def HoistProbabilitiesPass : Pass<"attune-hoist-probabilities", "::mlir::ModuleOp"> {
  let summary = "Compute probabilities that depend on weights alone when those are loaded";
  let description = [{
    An `attune.attend` whose scores and mask are made from weights and constants
    (`random`, `factorized_random` and sums of them) has the same probabilities in each
    run, where its sizes are static, or its mask lets no query see a later key: a
    row is then the same whatever the length is. They become a result of the
    function `<model>.prepare`, which the runtime calls once, and the attend
    multiplies by them (`no_softmax`). Not where they would take more than 256 MiB, or
    than 16 MiB and the weights. Not on a GPU. Remarks of category "fuse".
  }];
  let dependentDialects = ["::attune::AttuneDialect", "::mlir::arith::ArithDialect"];
}

def FuseGatePass : Pass<"attune-fuse-gate", "::mlir::func::FuncOp"> {
  let summary = "Fold layer norm, sum, activation and gate into spatial_gate";
  let description = [{
    The layer norm that only an `attune.spatial_gate` reads goes before its
    products of weights; an addition of an array of its shape (the attention of
    "tiny attention"), an activation and a product with an array of its shape
    become its epilogue, in that order, when nothing else reads the result. Each
    may stand on the other side of the transpose or reshape that brings
    [T, B, C] or [T, C] into the op's layout. Remarks of category "fuse".
  }];
  let dependentDialects = ["::attune::AttuneDialect"];
}

def FuseEpiloguePass : Pass<"attune-fuse-epilogue", "::mlir::func::FuncOp"> {
  let summary = "Fold bias, activation and residual into linear";
  let description = [{
    An elementwise addition of a bias, an activation, or an addition of an array
    of the same shape becomes part of the `attune.linear` that makes its operand
    when nothing else reads that operand. Each decision is a remark of category
    "fuse", passed or missed with the reason, at the spec's location.
  }];
  let dependentDialects = ["::attune::AttuneDialect"];
}

def MergeProjectionsPass : Pass<"attune-merge-projections", "::mlir::func::FuncOp"> {
  let summary = "Make one GEMM of linears that share their input";
  let description = [{
    Linears of one input whose weights are neighbouring rows of one weight, such
    as the queries, keys and values of `in_proj_weight`, become one linear; so do
    linears of whole weights of their own, which the plan stage then packs one
    behind the other: their `attune.param` stands for all of them, listed in
    `attune.parts` (name, shape, first row). Each old result becomes some columns
    of the new one. Biases must go together as the weights do, and of joined
    weights all but one must be whole panels.

    A linear with an activation or residual stays, as does one that is an
    output: a "fuse" remark (missed) says why for each group.
  }];
  let dependentDialects = ["::attune::AttuneDialect"];
}

def AlignProjectionsPass : Pass<"attune-align-projections", "::mlir::func::FuncOp"> {
  let summary = "Widen linears of some rows of a weight to whole panels";
  let description = [{
    Weights are packed in panels of as many rows as two vectors of the module's
    `attune.target` have lanes (64 without one). A linear that reads rows which
    start or end within a panel computes the whole panels; its result becomes
    some columns of that.
  }];
  let dependentDialects = ["::attune::AttuneDialect"];
}

// bufferize

def BufferizePass : Pass<"attune-bufferize", "::mlir::ModuleOp"> {
  let summary = "Tensors become memrefs, views become strided views";
  let description = [{
    Single assignment makes this simpler than one-shot bufferization: each value
    has a buffer of its own, chosen before its producer is converted.

    * A function's results become arguments behind its inputs, marked
      `attune.output`.
    * A value that is returned is written straight into the output; a value that
      is only read through a head merge, transpose or reshape is written straight
      into the buffer of that view; any other value gets a `memref.alloc`.
    * A view becomes one `memref.reinterpret_cast` of the buffer below it, with
      offset and strides computed from the dims; where no strides describe the
      view (a reshape across a non-contiguous axis), a copy is made.
    * `attune.for` becomes `scf.for` over buffers that hold the carried values.
    * Innermost strides are 1 for every operand and destination of a layer op
      and for the operands of `attune.dot`: else a copy is made.
    * Booleans and u8 are stored as i8. An op one of whose arrays is such has
      `attune.element_types`: the element types of its operands and its result.

    Every array argument, `memref.alloc` and `attune.attend` (`attune.value_shape`)
    gets its symbolic shape as an attribute.
  }];
  let dependentDialects = ["::attune::AttuneDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"];
}

// plan

def PlanWeightsPass : Pass<"attune-plan-weights", "::mlir::func::FuncOp"> {
  let summary = "Choose the packed layout and the place of every weight";
  let description = [{
    Weights of `attune.linear` are packed into GEMM panels, their biases padded,
    all others copied. The function gets the table `attune.weights` and the size
    `attune.packed_floats`; each `attune.param` gets its layout, offset and the
    strides of the loops it is in: the weight of step values i, j, ... is at
    offset + strides[0] * i + strides[1] * j + ... floats. Offsets and strides
    are multiples of 16 floats, save for the offset's correction when a loop
    does not start at 0. One name with two layouts has two rows.

    The panel width is twice the vector width of the module's `attune.target`,
    or 8 without one.
  }];
  let dependentDialects = ["::attune::AttuneDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect"];
}

def PlanArenaPass : Pass<"attune-plan-arena", "::mlir::func::FuncOp"> {
  let summary = "Assign allocations to workspace slots";
  let description = [{
    Each `memref.alloc` gets `attune.slot`, an index into the function's
    `attune.slots`. Allocations that are never live at the same time may share a
    slot. A buffer lives from its allocation to the last use of it or of a view
    of it; a use inside a loop that does not contain the allocation extends to
    the loop's end; a use by a score or mask producer extends to the uses of
    that.

    Sizes are polynomials in the dims. First fit, in program order, among the
    free slots: first a slot of an equal size, then one whose size provably
    bounds the new one, then one that it provably bounds, then any: a slot is as
    large as the largest of its sizes, never more than their sum, so that
    sharing never costs memory against not sharing.
  }];
  let dependentDialects = ["::attune::AttuneDialect"];
}

// tile

def TileKernelsPass : Pass<"attune-tile-kernels", "::mlir::func::FuncOp"> {
  let summary = "Turn attend, spatial_gate, linear and matmul into structured kernels";
  let description = [{
    An attend's score chain is flattened to a sum of dots followed by one score
    region; its mask becomes key ranges in closed form and a predicate for the
    keys that the ranges leave open. Block sizes come from the module's
    `attune.target`. Kernel workspace is added to `attune.slots`. How each mask
    was decided is a remark of category "mask".
  }];
  let dependentDialects = ["::attune::AttuneDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect"];
}

#endif
