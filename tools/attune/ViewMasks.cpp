/// Masks as tiles: what is skipped, what is computed without mask code.
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/TileKernels.h"
#include "tools/attune/MaskTiles.h"
#include "tools/attune/Report.h"
#include "tools/attune/ViewAttends.h"
#include "tools/view/Maps.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using attune::reference::AttendVisit;
using attune::view::Color;

namespace attune::tool {

static constexpr Color emptyColor = {238, 240, 242}, fullColor = {49, 108, 160},
                       keptColor = {238, 154, 52},
                       testedColor = {252, 224, 181};

/// Masks of one map each, side by side.
static constexpr size_t masksInRow = 3;
/// Pairs of all masks of one picture that are evaluated.
static constexpr int64_t maxPairs = int64_t(1) << 27;

namespace {
/// Attends with the same tiles share a row.
struct MaskRow {
  std::vector<std::string> labels;
  std::vector<MaskTiles> heads;
  view::Axis x, y;
  std::string headName;
  bool sameHeads;
};

class MaskRecorder : public reference::AttendObserver {
public:
  MaskRecorder(ViewOptions &options, DenseSet<mlir::Operation *> needed,
               BlockingAttr tile)
      : options(options), needed(std::move(needed)), tile(tile) {}

  bool runs(mlir::Operation *op) override {
    return isa<ForOp>(op) || needed.contains(op);
  }
  Error visit(const AttendVisit &visit) override {
    ViewedAttend attend(count++, visit);
    return isChosen(options.attends, attend.number) ? add(attend, visit)
                                                    : Error::success();
  }
  Error visitGate(const AttendVisit &visit) override {
    ++gates;
    bool isWanted = options.attends.empty() && options.heads.empty();
    return isWanted ? add(ViewedAttend(-1, visit), visit) : Error::success();
  }

  std::vector<MaskRow> rows;
  int64_t count = 0, gates = 0;

private:
  Error add(const ViewedAttend &attend, const AttendVisit &visit);

  ViewOptions &options;
  DenseSet<mlir::Operation *> needed;
  BlockingAttr tile;
  int64_t pairs = 0;
};
} // namespace

Error MaskRecorder::add(const ViewedAttend &attend, const AttendVisit &visit) {
  if (Error error = checkAttend(attend, options))
    return error;
  auto mask = visit.mask ? visit.mask.getDefiningOp<MaskOp>() : MaskOp();
  MaskRow row;
  row.labels.push_back(attend.title());
  row.headName = attend.number < 0 ? "group " : "head ";
  row.sameHeads = !mask || mask.getBody().getArgument(1).use_empty();
  SmallVector<int64_t> heads(options.heads);
  if (row.sameHeads)
    heads = {0};
  else if (heads.empty())
    for (int64_t head = 0; head < attend.heads; ++head)
      heads.push_back(head);
  pairs += attend.queries * attend.keys * int64_t(heads.size());
  if (pairs > maxPairs)
    return createStringError("the masks have more than " + Twine(maxPairs) +
                             " pairs of query and key: choose some with "
                             "--attends and --heads");
  for (int64_t head : heads) {
    Expected<MaskTiles> tiles = classifyTiles(visit, options.batch, head, tile);
    if (!tiles)
      return tiles.takeError();
    row.heads.push_back(std::move(*tiles));
  }
  for (MaskRow &other : rows)
    if (other.heads == row.heads) {
      other.labels.push_back(attend.title());
      return Error::success();
    }
  row.x = {"keys", attend.keys, {}};
  row.y = {"queries", attend.queries, {}};
  options.tokens.label(row.x, attend.keyDim);
  options.tokens.label(row.y, attend.queryDim);
  rows.push_back(std::move(row));
  return Error::success();
}

static std::string percent(double share) {
  std::string text;
  raw_string_ostream(text) << format("%.1f %%", 100 * share);
  return text;
}

/// "12 full, 8 partial and 20 empty tiles".
static std::string countsText(const MaskTiles &tiles) {
  return std::to_string(tiles.count(TileClass::Full)) + " full, " +
         std::to_string(tiles.count(TileClass::Partial)) + " partial and " +
         std::to_string(tiles.count(TileClass::Empty)) + " empty tiles";
}

static std::string sharesText(const MaskTiles &tiles) {
  return percent(tiles.skipped()) + " of the pairs skipped, " +
         percent(tiles.attendedShare()) + " attended to";
}

/// Small masks pair by pair, with lines between the tiles; of large ones a cell
/// is a tile.
static view::Panel panelOf(const MaskRow &row, const MaskTiles &tiles,
                           bool byTile) {
  view::Panel panel{"", row.x, row.y, {}};
  panel.notes = {countsText(tiles), sharesText(tiles)};
  if (byTile) {
    panel.x = {"keys", tiles.columns(), {}, tiles.tileKeys};
    panel.y = {"queries", tiles.rows(), {}, tiles.tileQueries};
    for (TileClass kind : tiles.classes)
      panel.colors.push_back(kind == TileClass::Empty  ? emptyColor
                             : kind == TileClass::Full ? fullColor
                                                       : keptColor);
    return panel;
  }
  for (int64_t q = 0; q < tiles.queries; ++q)
    for (int64_t k = 0; k < tiles.keys; ++k) {
      TileClass kind = tiles.at(q, k);
      panel.colors.push_back(kind == TileClass::Empty  ? emptyColor
                             : kind == TileClass::Full ? fullColor
                             : tiles.attended[q * tiles.keys + k]
                                 ? keptColor
                                 : testedColor);
    }
  for (int64_t key = tiles.tileKeys; key < tiles.keys; key += tiles.tileKeys)
    panel.xLines.push_back(key);
  for (int64_t query = tiles.tileQueries; query < tiles.queries;
       query += tiles.tileQueries)
    panel.yLines.push_back(query);
  return panel;
}

static std::string titleOf(const MaskRow &row) {
  std::string title = row.labels.front();
  if (row.labels.size() > 1)
    title += ", and " + std::to_string(row.labels.size() - 1) + " alike";
  return title;
}

static view::MapFigure figureOf(const std::vector<MaskRow> &rows,
                                const ViewOptions &options) {
  int64_t longest = 0;
  for (const MaskRow &row : rows)
    longest = std::max({longest, row.x.size, row.y.size});
  bool byTile = longest > view::maxSide;
  view::MapFigure figure;
  bool hasEmpty = false, hasPartial = false, hasFull = false;
  for (const MaskRow &row : rows) {
    // Masks of one map each are side by side.
    bool goesOn = row.sameHeads && !figure.rows.empty() &&
                  figure.rows.back().title.empty() &&
                  figure.rows.back().panels.size() < masksInRow;
    if (!goesOn)
      figure.rows.push_back({row.sameHeads ? "" : titleOf(row), {}});
    for (auto [i, tiles] : enumerate(row.heads)) {
      std::vector<view::Panel> &panels = figure.rows.back().panels;
      panels.push_back(panelOf(row, tiles, byTile));
      panels.back().title =
          row.sameHeads ? titleOf(row)
                        : row.headName + std::to_string(options.heads.empty()
                                                            ? i
                                                            : options.heads[i]);
      hasEmpty |= tiles.count(TileClass::Empty) > 0;
      hasPartial |= tiles.count(TileClass::Partial) > 0;
      hasFull |= tiles.count(TileClass::Full) > 0;
    }
  }
  if (hasEmpty)
    figure.legend.push_back({emptyColor, "empty: skipped"});
  if (hasFull)
    figure.legend.push_back({fullColor, "full: no mask code"});
  if (hasPartial) {
    figure.legend.push_back({keptColor, byTile
                                            ? "partial: tested"
                                            : "partial: tested, attended to"});
    if (!byTile)
      figure.legend.push_back({testedColor, "partial: tested, masked"});
  }
  return figure;
}

int viewMasks(Session &session, ViewOptions &options) {
  mlir::ModuleOp module = *session.module;
  if (int code = session.compiler.setTarget(module, /*from=*/nullptr))
    return code;
  if (session.compiler.isCuda())
    return userError("T0503", "masks are drawn for CPUs",
                     "choose one with --cpu");
  if (int code =
          session.compiler.runStages(module, nullptr, findStage("normalize")))
    return code;
  session.model = modelsOf(module).front();
  DenseSet<mlir::Operation *> needed = opsThatMasksNeed(session.model);
  if (any_of(needed, [](mlir::Operation *op) { return isa<ParamOp>(op); }))
    if (int code = session.openWeights(/*seed=*/std::nullopt))
      return code;
  BlockingAttr tile =
      registerBlocking(module->getAttrOfType<TargetAttr>("attune.target"));
  MaskRecorder recorder(options, std::move(needed), tile);
  if (int code = observeAttends(session, options, recorder, recorder.count,
                                recorder.gates))
    return code;
  view::MapFigure figure = figureOf(recorder.rows, options);
  figure.title = options.title;
  if (figure.title.empty()) {
    figure.title = "masks of " + session.signature.model;
    figure.subtitle = "tiles of " + std::to_string(tile.getRows()) +
                      " queries x " + std::to_string(tile.getColumns()) +
                      " keys, batch element " + std::to_string(options.batch);
  }
  for (const MaskRow &row : recorder.rows)
    for (const MaskTiles &tiles : row.heads)
      outs() << titleOf(row) << ": " << countsText(tiles) << ", "
             << sharesText(tiles) << "\n";
  return writePicture(view::draw(figure), options);
}

} // namespace attune::tool
