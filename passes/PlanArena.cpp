//===- PlanArena.cpp - Allocations share workspace slots --------*- C++ -*-===//
#include "dialect/Extent.h"
#include "passes/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace attune {
#define GEN_PASS_DEF_PLANARENAPASS
#include "passes/Passes.h.inc"
} // namespace attune

using namespace mlir;
using namespace attune;

namespace {

/// An allocation: live from op number `first` to op number `last`.
struct Buffer {
  memref::AllocOp alloc;
  Extent bytes;
  int64_t first = 0, last = 0;
};

struct Slot {
  SmallVector<Extent> sizes;
  int64_t busyUntil = -1;
};

/// Numbers the ops of a function in program order, nested ones included.
class ProgramOrder {
public:
  explicit ProgramOrder(func::FuncOp func) {
    int64_t next = 0;
    number(func, next);
  }
  /// The number of `op` itself.
  int64_t begin(Operation *op) const { return ranges.lookup(op).first; }
  /// The number of the last op nested in `op`, or its own.
  int64_t end(Operation *op) const { return ranges.lookup(op).second; }

private:
  void number(Operation *op, int64_t &next) {
    int64_t begin = next++;
    for (Region &region : op->getRegions())
      for (Operation &nested : region.getOps())
        number(&nested, next);
    ranges[op] = {begin, next - 1};
  }
  DenseMap<Operation *, std::pair<int64_t, int64_t>> ranges;
};

} // namespace

/// True when memory that `op` gets through an operand may be reached through
/// its results: views, and the generators that read when they are consumed.
static bool forwardsMemory(Operation *op) {
  return isa<ViewLikeOpInterface>(op) || isScoreOrMaskProducer(op);
}

/// The number of the last op that may touch the memory of `alloc`.
static int64_t findLastUse(memref::AllocOp alloc, const ProgramOrder &order) {
  Block *home = alloc->getBlock();
  int64_t last = order.begin(alloc);
  SmallVector<Value> worklist = {alloc.getResult()};
  llvm::SmallDenseSet<Value> seen;
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    for (Operation *user : value.getUsers()) {
      // A use in a loop that the allocation is not in happens at every step: it
      // reaches to the end of the outermost such loop.
      Operation *ancestor = home->findAncestorOpInBlock(*user);
      last = std::max(last, order.end(ancestor ? ancestor : user));
      // A capture belongs to the generator around it.
      for (Operation *op = user; op && op != ancestor; op = op->getParentOp())
        if (forwardsMemory(op))
          llvm::append_range(worklist, op->getResults());
      if (ancestor && forwardsMemory(ancestor))
        llvm::append_range(worklist, ancestor->getResults());
    }
  }
  return last;
}

namespace {

/// The slots of one function and how buffers are put into them.
class Arena {
public:
  explicit Arena(func::FuncOp func);
  size_t add(const Buffer &buffer);
  ArrayAttr toAttr(MLIRContext *context) const;

private:
  bool isAtMost(const Extent &small, const Extent &large) const;
  int rankFit(const Slot &slot, const Extent &bytes) const;
  void addSize(Slot &slot, const Extent &bytes) const;

  llvm::StringMap<int64_t> bounds;
  SmallVector<Slot> slots;
};

} // namespace

Arena::Arena(func::FuncOp func) {
  auto dims = func->getAttrOfType<ArrayAttr>("attune.dims");
  if (!dims)
    return;
  for (auto dim : dims.getAsRange<DimAttr>())
    bounds[dim.getName()] = dim.getBound();
}

bool Arena::isAtMost(const Extent &small, const Extent &large) const {
  std::optional<Extent> difference = large - small;
  if (!difference)
    return false;
  constexpr int64_t unbounded = int64_t(1) << 31;
  std::optional<int64_t> lower = difference->lowerBound([&](StringRef name) {
    auto known = bounds.find(name);
    return known == bounds.end() ? unbounded : known->second;
  });
  return lower && *lower >= 0;
}

/// How well a buffer fits a free slot: 0 is best.
int Arena::rankFit(const Slot &slot, const Extent &bytes) const {
  if (llvm::is_contained(slot.sizes, bytes))
    return 0;
  if (llvm::any_of(slot.sizes,
                   [&](const Extent &size) { return isAtMost(bytes, size); }))
    return 1;
  if (llvm::all_of(slot.sizes,
                   [&](const Extent &size) { return isAtMost(size, bytes); }))
    return 2;
  return 3;
}

/// Adds a size and drops those that it makes needless.
void Arena::addSize(Slot &slot, const Extent &bytes) const {
  if (llvm::any_of(slot.sizes, [&](const Extent &size) {
        return size == bytes || isAtMost(bytes, size);
      }))
    return;
  llvm::erase_if(slot.sizes,
                 [&](const Extent &size) { return isAtMost(size, bytes); });
  slot.sizes.push_back(bytes);
}

size_t Arena::add(const Buffer &buffer) {
  size_t best = slots.size();
  int bestRank = 4;
  for (auto [i, slot] : llvm::enumerate(slots)) {
    if (slot.busyUntil >= buffer.first)
      continue;
    int rank = rankFit(slot, buffer.bytes);
    if (rank < bestRank) {
      bestRank = rank;
      best = i;
    }
  }
  if (best == slots.size())
    slots.emplace_back();
  addSize(slots[best], buffer.bytes);
  slots[best].busyUntil = std::max(slots[best].busyUntil, buffer.last);
  return best;
}

ArrayAttr Arena::toAttr(MLIRContext *context) const {
  SmallVector<Attribute> table;
  for (const Slot &slot : slots) {
    SmallVector<ExtentAttr> sizes;
    for (const Extent &size : slot.sizes)
      sizes.push_back(size.toAttr(context));
    table.push_back(SlotAttr::get(context, sizes, ArrayRef<ExtentAttr>()));
  }
  return ArrayAttr::get(context, table);
}

static FailureOr<Extent> getBytes(memref::AllocOp alloc) {
  auto shape = alloc->getAttrOfType<ShapeAttr>("attune.shape");
  MemRefType type = alloc.getType();
  if (!shape || !type.getLayout().isIdentity())
    return alloc.emitOpError("has no `attune.shape` or has a layout");
  Type element = type.getElementType();
  int64_t width = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  std::optional<Extent> bytes = Extent::constant(llvm::divideCeil(width, 8));
  for (ExtentAttr extent : shape.getExtents())
    if (bytes)
      bytes = *bytes * Extent::get(extent);
  if (!bytes)
    return alloc.emitOpError("has a size that overflows 64 bits");
  return *bytes;
}

namespace {
struct PlanArenaPass : attune::impl::PlanArenaPassBase<PlanArenaPass> {
  void runOnOperation() override;
};
} // namespace

void PlanArenaPass::runOnOperation() {
  func::FuncOp func = getOperation();
  if (func.isDeclaration())
    return;
  ProgramOrder order(func);
  SmallVector<Buffer> buffers;
  WalkResult result = func.walk([&](memref::AllocOp alloc) -> WalkResult {
    FailureOr<Extent> bytes = getBytes(alloc);
    if (failed(bytes))
      return failure();
    buffers.push_back(
        {alloc, *bytes, order.begin(alloc), findLastUse(alloc, order)});
    return success();
  });
  if (result.wasInterrupted())
    return signalPassFailure();
  llvm::sort(buffers, [](const Buffer &a, const Buffer &b) {
    return a.first < b.first;
  });

  Arena arena(func);
  OpBuilder builder(&getContext());
  for (Buffer &buffer : buffers)
    buffer.alloc->setAttr("attune.slot",
                          builder.getI64IntegerAttr(arena.add(buffer)));
  func->setAttr("attune.slots", arena.toAttr(&getContext()));
}
