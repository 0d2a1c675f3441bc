//===- RealizeMap.cpp - Loops over the elements of arrays -----------------===//

#include "codegen/cpu/RealizeOps.h"
#include "codegen/cpu/RealizeRows.h"

using namespace mlir;
using namespace attune;

void attune::buildTasks(LoopBuilder &loops, Value count,
                        LoopBuilder::Body body) {
  Operation *parent = loops.builder.getInsertionBlock()->getParentOp();
  if (isa<scf::ParallelOp>(parent) ||
      parent->getParentOfType<scf::ParallelOp>())
    loops.forEach(loops.constant(0), count, 1, body);
  else
    loops.parallel(count, body);
}

void attune::buildRows(LoopBuilder &loops, ArrayRef<Value> extents,
                       Value rowElements, RowBody body) {
  Value rows = loops.constant(1);
  for (Value extent : extents)
    rows = loops.mul(rows, extent);
  Value one = loops.constant(1);
  Value perTask = loops.max(
      loops.div(loops.constant(taskElements), loops.max(rowElements, one)),
      one);
  buildTasks(loops, loops.ceilDiv(rows, perTask), [&](Value task) {
    Value lower = loops.mul(task, perTask);
    Value upper = loops.min(loops.add(lower, perTask), rows);
    loops.forEach(lower, upper, 1, [&](Value row) {
      SmallVector<Value> indices(extents.size());
      for (size_t axis = extents.size(); axis-- > 0;) {
        indices[axis] = axis == 0 ? row : loops.rem(row, extents[axis]);
        row = axis == 0 ? row : loops.div(row, extents[axis]);
      }
      body(indices);
    });
  });
}

Value attune::collapseTrailing(LoopBuilder &loops, Value memref,
                               int64_t count) {
  auto type = cast<MemRefType>(memref.getType());
  int64_t rank = type.getRank();
  // What is one element has any stride: a transposed column is one.
  bool isOne =
      count > 0 && llvm::all_of(type.getShape().take_back(count),
                                [](int64_t size) { return size == 1; });
  if (count <= 1 && (!isOne || hasUnitStride(type)))
    return memref;
  SmallVector<ReassociationIndices> groups;
  for (int64_t axis = 0; axis <= rank - count; ++axis)
    groups.push_back({axis});
  for (int64_t axis = rank - count + 1; axis < rank; ++axis)
    groups.back().push_back(axis);
  Value collapsed = memref;
  if (count > 1)
    collapsed = memref::CollapseShapeOp::create(loops.builder, loops.loc,
                                                memref, groups);
  if (hasUnitStride(cast<MemRefType>(collapsed.getType())) ||
      (!isOne && !hasUnitStride(type)))
    return collapsed;
  // Axes of one element: the stride of the collapsed axis means nothing, but
  // vectors want a 1 there.
  auto parts = memref::ExtractStridedMetadataOp::create(loops.builder,
                                                        loops.loc, collapsed);
  SmallVector<OpFoldResult> strides = parts.getConstifiedMixedStrides();
  strides.back() = loops.builder.getIndexAttr(1);
  return memref::ReinterpretCastOp::create(
      loops.builder, loops.loc, collapsed, parts.getConstifiedMixedOffset(),
      parts.getConstifiedMixedSizes(), strides);
}

Value attune::loadLanes(LoopBuilder &loops, Value memref, ValueRange indices,
                        int64_t lanes) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  return vector::LoadOp::create(loops.builder, loops.loc,
                                VectorType::get({lanes}, element), memref,
                                indices);
}

namespace {

/// An input of the map, seen against the output's axes.
struct Source {
  Value memref;
  /// The output's axes in front of those that it has.
  int64_t missing = 0;
  /// Per axis of the output: whether one element serves the whole axis.
  SmallVector<bool> stretches;
  /// One element serves all inner axes.
  bool isUniform = false;
};

class MapBuilder {
public:
  MapBuilder(LoopBuilder &loops, ValueRange inputs, Value out,
             int64_t vectorBytes, ElementBody body);
  void build();

private:
  MemRefType typeOf(Value memref) const {
    return cast<MemRefType>(memref.getType());
  }
  bool isInner(int64_t count) const;
  void chooseInner();
  /// The indices of `source` at the output's outer indices and `inner`.
  SmallVector<Value> indicesOf(const Source &source, ValueRange outer,
                               Value inner);
  void buildRange(ValueRange outer, Value lower, Value upper);
  void buildScalars(ValueRange outer, Value lower, Value upper);

  LoopBuilder &loops;
  SmallVector<Source> sources;
  Value out;
  int64_t rank, lanes = 1;
  /// Trailing axes that are one contiguous range; 0: elements are strided.
  int64_t numInner = 0;
  ElementBody body;
};

} // namespace

MapBuilder::MapBuilder(LoopBuilder &loops, ValueRange inputs, Value out,
                       int64_t vectorBytes, ElementBody body)
    : loops(loops), out(out), rank(typeOf(out).getRank()), body(body) {
  unsigned widest = typeOf(out).getElementTypeBitWidth();
  for (Value input : inputs) {
    Source source;
    source.memref = input;
    MemRefType type = typeOf(input);
    widest = std::max(widest, type.getElementTypeBitWidth());
    source.missing = rank - type.getRank();
    for (int64_t axis = 0; axis < rank; ++axis)
      source.stretches.push_back(axis < source.missing ||
                                 (type.getDimSize(axis - source.missing) == 1 &&
                                  typeOf(out).getDimSize(axis) != 1));
    sources.push_back(source);
  }
  lanes = std::max<int64_t>(vectorBytes * 8 / widest, 1);
}

/// Whether the last `count` axes are one range for the output, and one range or
/// one element for each input.
bool MapBuilder::isInner(int64_t count) const {
  if (!typeOf(out).areTrailingDimsContiguous(count))
    return false;
  for (const Source &source : sources) {
    auto inner = ArrayRef<bool>(source.stretches).take_back(count);
    if (llvm::all_of(inner, [](bool stretch) { return stretch; }))
      continue;
    MemRefType type = typeOf(source.memref);
    if (llvm::is_contained(inner, true) ||
        !type.areTrailingDimsContiguous(count))
      return false;
  }
  return true;
}

void MapBuilder::chooseInner() {
  numInner = rank;
  while (numInner > 0 && !isInner(numInner))
    --numInner;
  if (numInner == 0)
    return;
  out = collapseTrailing(loops, out, numInner);
  for (Source &source : sources) {
    source.isUniform = source.stretches.back();
    if (!source.isUniform)
      source.memref = collapseTrailing(loops, source.memref, numInner);
  }
}

SmallVector<Value> MapBuilder::indicesOf(const Source &source, ValueRange outer,
                                         Value inner) {
  SmallVector<Value> indices;
  for (auto [axis, index] : llvm::enumerate(outer))
    if (static_cast<int64_t>(axis) >= source.missing)
      indices.push_back(source.stretches[axis] ? loops.constant(0) : index);
  int64_t memrefRank = typeOf(source.memref).getRank();
  if (source.isUniform || (numInner == 0 && source.stretches.back()))
    inner = loops.constant(0);
  while (static_cast<int64_t>(indices.size()) < memrefRank)
    indices.push_back(inner);
  return indices;
}

void MapBuilder::buildScalars(ValueRange outer, Value lower, Value upper) {
  loops.forEach(lower, upper, 1, [&](Value i) {
    SmallVector<Value> elements;
    for (const Source &source : sources)
      elements.push_back(
          loops.load(source.memref, indicesOf(source, outer, i)));
    SmallVector<Value> place(outer);
    place.push_back(i);
    loops.store(body(loops, elements), out, place);
  });
}

void MapBuilder::buildRange(ValueRange outer, Value lower, Value upper) {
  if (numInner == 0 || lanes == 1)
    return buildScalars(outer, lower, upper);
  // Elements that serve the whole range are read once.
  SmallVector<Value> uniform(sources.size());
  for (auto [source, value] : llvm::zip_equal(sources, uniform))
    if (source.isUniform)
      value = loops.broadcast(
          loops.load(source.memref, indicesOf(source, outer, lower)), lanes);
  Value whole = loops.mul(loops.div(loops.sub(upper, lower), lanes), lanes);
  Value split = loops.add(lower, whole);
  loops.forEach(lower, split, lanes, [&](Value i) {
    SmallVector<Value> vectors;
    for (auto [source, value] : llvm::zip_equal(sources, uniform))
      vectors.push_back(value ? value
                              : loadLanes(loops, source.memref,
                                          indicesOf(source, outer, i), lanes));
    SmallVector<Value> place(outer);
    place.push_back(i);
    loops.storeVector(body(loops, vectors), out, place);
  });
  buildScalars(outer, split, upper);
}

void MapBuilder::build() {
  if (rank == 0) {
    SmallVector<Value> elements;
    for (const Source &source : sources)
      elements.push_back(loops.load(source.memref, ValueRange()));
    return loops.store(body(loops, elements), out, ValueRange());
  }
  chooseInner();
  int64_t numOuter = rank - std::max<int64_t>(numInner, 1);
  SmallVector<Value> extents;
  for (int64_t axis = 0; axis < numOuter; ++axis)
    extents.push_back(loops.extent(out, axis));
  Value inner = loops.extent(out, numOuter);
  Value zero = loops.constant(0);
  if (numOuter > 0)
    return buildRows(loops, extents, inner,
                     [&](ValueRange outer) { buildRange(outer, zero, inner); });
  buildTasks(loops, loops.ceilDiv(inner, taskElements), [&](Value task) {
    Value lower = loops.mul(task, taskElements);
    Value upper = loops.min(loops.add(lower, taskElements), inner);
    buildRange({}, lower, upper);
  });
}

void attune::buildMap(LoopBuilder &loops, ValueRange inputs, Value out,
                      int64_t vectorBytes, ElementBody body) {
  // Views of arrays without elements do not verify: 0 times a dynamic extent is
  // static for some rules of MLIR and dynamic for others.
  if (llvm::is_contained(cast<MemRefType>(out.getType()).getShape(), 0))
    return;
  MapBuilder(loops, inputs, out, vectorBytes, body).build();
}
