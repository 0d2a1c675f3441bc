#ifndef ATTUNE_TILE_OPS
#define ATTUNE_TILE_OPS
include "dialect/AttuneOpBase.td"

/// An op on register blocks. Lifespan of all tile ops: created by the expansion
/// of `attune.kernel` (attune-cpu-expand-kernels), gone after the lowering to
/// rank-1 vectors (attune-cpu-lower-tiles). Tiles never cross a region.
class Attune_TileOp<string mnemonic, list<Trait> traits = []>
    : Attune_Op<"tile." # mnemonic, traits>;

def Attune_TileFillOp : Attune_TileOp<"fill", [Pure]> {
  let summary = "A tile with one value everywhere";
  let description = [{
    result[r, c] = value: an accumulator that starts at zero.

    Lifespan: made at realize by `attune-cpu-expand-kernels`; gone after
    `attune-cpu-lower-tiles` of the same stage.

    (C0) The tile has rows, columns and element type f32.

    ```mlir
    func.func @tile(%zero: f32) {
      %t = attune.tile.fill %zero : f32 -> !attune.tile<6x16xf32>
      return
    }
    ```
  }];
  let arguments = (ins F32:$value);
  let results = (outs Attune_TileType:$result);
  let assemblyFormat = "$value attr-dict `:` type($value) `->` type($result)";
  let hasVerifier = 1;
}

def Attune_TileLoadOp : Attune_TileOp<"load", [AttrSizedOperandSegments]> {
  let summary = "A block of a rank-2 memref";
  let description = [{
    result[r, c] = source[row + r, column + c].

    `rows n`: row indices above n - 1 are read as n - 1 (n >= 1), so a block may
    hang over the last row. `columns n`: elements of columns from n on are not
    read and are zero. Without them the block lies inside the memref.
    The innermost stride may be anything; 1 is fast.

    Lifespan: made at realize by `attune-cpu-expand-kernels`; gone after
    `attune-cpu-lower-tiles` of the same stage.

    (C1) The source has rank 2 and element type f32. (C0) The tile has rows, columns
    and element type f32.

    ```mlir
    func.func @tile(%a: memref<?x?xf32>, %i: index, %n: index) {
      %t = attune.tile.load %a[%i, %i] rows %n columns %n : memref<?x?xf32> -> !attune.tile<6x16xf32>
      return
    }
    ```
  }];
  let arguments = (ins Arg<AnyMemRef, "", [MemRead]>:$source, Index:$row, Index:$column,
                       Optional<Index>:$row_bound, Optional<Index>:$column_bound);
  let results = (outs Attune_TileType:$result);
  let assemblyFormat = [{
    $source `[` $row `,` $column `]` (`rows` $row_bound^)? (`columns` $column_bound^)?
    attr-dict `:` type($source) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Attune_TileLoadRowOp : Attune_TileOp<"load_row"> {
  let summary = "A row vector repeated in every row";
  let description = [{
    result[r, c] = source[column + c]: a bias as the initial accumulator.

    Lifespan: made at realize by `attune-cpu-expand-kernels`; gone after
    `attune-cpu-lower-tiles` of the same stage.

    (C1) The source has rank 1 and element type f32. (C0) The tile has rows, columns
    and element type f32.

    ```mlir
    func.func @tile(%bias: memref<64xf32>, %i: index) {
      %t = attune.tile.load_row %bias[%i] : memref<64xf32> -> !attune.tile<6x16xf32>
      return
    }
    ```
  }];
  let arguments = (ins Arg<AnyMemRef, "", [MemRead]>:$source, Index:$column);
  let results = (outs Attune_TileType:$result);
  let assemblyFormat = "$source `[` $column `]` attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
}

def Attune_TileStoreOp : Attune_TileOp<"store"> {
  let summary = "Writes a tile to a block of a rank-2 memref";
  let description = [{
    destination[row + r, column + c] = tile[r, c]. `columns n`: columns from n
    on are not written.

    Lifespan: made at realize by `attune-cpu-expand-kernels`; gone after
    `attune-cpu-lower-tiles` of the same stage.

    (C1) The destination has rank 2 and element type f32. (C0) The tile has rows,
    columns and element type f32.

    ```mlir
    func.func @tile(%t: !attune.tile<6x16xf32>, %a: memref<?x?xf32>, %i: index, %n: index) {
      attune.tile.store %t, %a[%i, %i] columns %n : !attune.tile<6x16xf32>, memref<?x?xf32>
      return
    }
    ```
  }];
  let arguments = (ins Attune_TileType:$tile, Arg<AnyMemRef, "", [MemWrite]>:$destination,
                       Index:$row, Index:$column, Optional<Index>:$column_bound);
  let assemblyFormat = [{
    $tile `,` $destination `[` $row `,` $column `]` (`columns` $column_bound^)?
    attr-dict `:` type($tile) `,` type($destination)
  }];
  let hasVerifier = 1;
}

def Attune_TileContractOp : Attune_TileOp<"contract", [AttrSizedOperandSegments,
    AllTypesMatch<["accumulator", "result"]>]> {
  let summary = "acc + A B over a depth: the micro kernel and its loop";
  let description = [{
    result[r, c] = accumulator[r, c] + sum over d in [0, depth) of
    lhs[row + r, lhs_depth + d] * rhs[rhs_depth + d, column + c].

    The lhs is read as scalars that are broadcast, the rhs as vectors. A rank-3
    rhs holds panels `[panel][depth][width]`: its indices are
    `[panel, rhs_depth, column]` and a tile wider than a panel goes on in the
    next one at column 0. `columns n` (rank-2 rhs only): columns from n on are
    not read and count as zero.

    Lifespan: made at realize by `attune-cpu-expand-kernels`; gone after
    `attune-cpu-lower-tiles` of the same stage.

    (C1) lhs has rank 2 and element type f32; rhs has rank 2, or 3 with static width.
    (C2) There is one index for each dimension of the rhs. (C3) rhs is a memref of
    f32. (C4) A bound on columns needs a rhs of rank 2. (C0) The tile has rows,
    columns and element type f32.

    ```mlir
    func.func @tile(%acc: !attune.tile<6x16xf32>, %a: memref<?x?xf32>, %panels: memref<4x32x16xf32>, %i: index, %n: index) {
      %t = attune.tile.contract %acc, %a[%i, %i], %panels[%i, %i, %i] depth %n : !attune.tile<6x16xf32>, memref<?x?xf32>, memref<4x32x16xf32>
      return
    }
    ```
  }];
  let arguments = (ins Attune_TileType:$accumulator,
                       Arg<AnyMemRef, "", [MemRead]>:$lhs, Index:$row, Index:$lhs_depth,
                       Arg<AnyMemRef, "", [MemRead]>:$rhs, Variadic<Index>:$rhs_indices,
                       Index:$depth, Optional<Index>:$column_bound,
                       UnitAttr:$skip_zeros);
  let results = (outs Attune_TileType:$result);
  let assemblyFormat = [{
    $accumulator `,` $lhs `[` $row `,` $lhs_depth `]` `,` $rhs `[` $rhs_indices `]`
    `depth` $depth (`columns` $column_bound^)? (`skip_zeros` $skip_zeros^)? attr-dict
    `:` type($accumulator) `,` type($lhs) `,` type($rhs)
  }];
  let hasVerifier = 1;
}

def Attune_TileAddOp : Attune_TileOp<"add", [Pure, SameOperandsAndResultType]> {
  let summary = "Elementwise sum of two tiles";
  let description = [{
    result[r, c] = lhs[r, c] + rhs[r, c]: the residual of a linear.

    Lifespan: made at realize by `attune-cpu-expand-kernels`; gone after
    `attune-cpu-lower-tiles` of the same stage.

    ```mlir
    func.func @tile(%a: !attune.tile<6x16xf32>, %b: !attune.tile<6x16xf32>) {
      %t = attune.tile.add %a, %b : !attune.tile<6x16xf32>
      return
    }
    ```
  }];
  let arguments = (ins Attune_TileType:$lhs, Attune_TileType:$rhs);
  let results = (outs Attune_TileType:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($result)";
}

def Attune_TileActivationOp : Attune_TileOp<"activation", [Pure, SameOperandsAndResultType]> {
  let summary = "A function of one number on each element";
  let description = [{
    result[r, c] = function(input[r, c]), the functions of `attune.activation`.

    Lifespan: made at realize by `attune-cpu-expand-kernels`; gone after
    `attune-cpu-lower-tiles` of the same stage.

    ```mlir
    func.func @tile(%a: !attune.tile<6x16xf32>) {
      %t = attune.tile.activation <relu> %a : !attune.tile<6x16xf32>
      return
    }
    ```
  }];
  let arguments = (ins Attune_ActivationAttr:$function, Attune_TileType:$input);
  let results = (outs Attune_TileType:$result);
  let assemblyFormat = "$function $input attr-dict `:` type($result)";
}

def Attune_TileTransposeOp : Attune_TileOp<"transpose", [Pure]> {
  let summary = "result[c, r] = input[r, c]";
  let description = [{
    result[c, r] = input[r, c]. The CPU lowering takes square tiles of one
    vector width (4, 8 or 16) and uses shuffles inside 128-bit lanes first.

    Lifespan: made at realize by `attune-cpu-expand-kernels`; gone after
    `attune-cpu-lower-tiles` of the same stage.

    (C1) Rows and columns swap. (C0) The tile has rows, columns and element type f32.

    ```mlir
    func.func @tile(%a: !attune.tile<8x8xf32>) {
      %t = attune.tile.transpose %a : !attune.tile<8x8xf32> -> !attune.tile<8x8xf32>
      return
    }
    ```
  }];
  let arguments = (ins Attune_TileType:$input);
  let results = (outs Attune_TileType:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Attune_TileFoldMaxOp : Attune_TileOp<"fold_max"> {
  let summary = "Running maxima of rows, a lane apart";
  let description = [{
    With W = the vector width: lanes[row + r, l] = max(lanes[row + r, l],
    tile[r, l], tile[r, l + W], ...). The maximum of a row is the maximum of its
    lanes, left to the reader. An element that is NaN never becomes a maximum.

    Lifespan: made at realize by `attune-cpu-expand-kernels`; gone after
    `attune-cpu-lower-tiles` of the same stage.

    (C1) lanes has rank 2 and element type f32. (C0) The tile has rows, columns and
    element type f32.

    ```mlir
    func.func @tile(%t: !attune.tile<6x16xf32>, %lanes: memref<6x8xf32>, %i: index) {
      attune.tile.fold_max %t, %lanes[%i] : !attune.tile<6x16xf32>, memref<6x8xf32>
      return
    }
    ```
  }];
  let arguments = (ins Attune_TileType:$tile, Arg<AnyMemRef, "", [MemRead, MemWrite]>:$lanes,
                       Index:$row);
  let assemblyFormat = "$tile `,` $lanes `[` $row `]` attr-dict `:` type($tile) `,` type($lanes)";
  let hasVerifier = 1;
}
#endif
