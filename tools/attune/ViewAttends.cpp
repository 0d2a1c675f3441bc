/// Attention maps: the probabilities of every attend that the oracle runs.
#include "tools/attune/ViewAttends.h"
#include "tools/attune/Report.h"
#include "tools/attune/ViewArrays.h"
#include "tools/view/Maps.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using attune::reference::AttendVisit;

namespace attune::tool {

/// Heads side by side; more go to the next line.
static constexpr int64_t headsInRow = 16;
/// Cells of all maps: 1 GiB of numbers.
static constexpr int64_t maxNumbers = int64_t(1) << 27;

bool isChosen(ArrayRef<int64_t> chosen, int64_t number) {
  return chosen.empty() || is_contained(chosen, number);
}

Error checkAttend(const ViewedAttend &attend, const ViewOptions &options) {
  auto fail = [&](const Twine &message) {
    return createStringError("`" + attend.label + "` " + message);
  };
  if (attend.queries == 0 || attend.keys == 0 || attend.heads == 0)
    return fail("has " + Twine(attend.queries) + " queries, " +
                Twine(attend.keys) + " keys and " + Twine(attend.heads) +
                " heads: there is nothing to draw");
  if (options.batch >= attend.batch)
    return fail("has " + Twine(attend.batch) +
                " batch elements: there is no --batch=" + Twine(options.batch));
  for (int64_t head : options.heads)
    if (head >= attend.heads)
      return fail("has " + Twine(attend.heads) + " heads: there is no head " +
                  Twine(head));
  return Error::success();
}

namespace {
/// Keeps the probabilities of the batch element and heads that are wanted.
class ProbabilityRecorder : public reference::AttendObserver {
public:
  explicit ProbabilityRecorder(ViewOptions &options) : options(options) {}

  Error visit(const AttendVisit &visit) override {
    ViewedAttend attend(count++, visit);
    maps.clear();
    if (!isChosen(options.attends, attend.number))
      return Error::success();
    if (Error error = checkAttend(attend, options))
      return error;
    auto op = cast<AttendOp>(visit.op);
    hasScores |= op.getNoSoftmax();
    SmallVector<int64_t> heads(options.heads);
    if (heads.empty())
      for (int64_t head = 0; head < attend.heads; ++head)
        heads.push_back(head);
    numbers += int64_t(heads.size()) * attend.queries * attend.keys;
    mapCount += heads.size();
    if (numbers > maxNumbers || mapCount > view::maxMaps)
      return createStringError("the picture would have more than " +
                               (numbers > maxNumbers
                                    ? Twine(maxNumbers) + " cells"
                                    : Twine(view::maxMaps) + " maps") +
                               ": choose some with --attends and --heads");
    view::Axis x{"keys", attend.keys, {}}, y{"queries", attend.queries, {}};
    if (attend.keyDim != attend.queryDim) {
      x.name += attend.keyDim.empty() ? "" : " (" + attend.keyDim + ")";
      y.name += attend.queryDim.empty() ? "" : " (" + attend.queryDim + ")";
    }
    options.tokens.label(x, attend.keyDim);
    options.tokens.label(y, attend.queryDim);
    for (auto [i, head] : enumerate(heads)) {
      if (i % headsInRow == 0)
        rows.push_back({i == 0 ? attend.title() : "", {}});
      rows.back().maps.push_back(
          {"head " + std::to_string(head), x, y, {}, {}});
      maps[head] = {rows.size() - 1, rows.back().maps.size() - 1};
    }
    return Error::success();
  }

  void row(int64_t b, int64_t h, int64_t, ArrayRef<double> probabilities,
           ArrayRef<char> attended) override {
    auto found = maps.find(h);
    if (b != options.batch || found == maps.end())
      return;
    view::Map &map = rows[found->second.first].maps[found->second.second];
    append_range(map.values, probabilities);
    // A row without keys may attend to all of them alike (`empty_row`).
    for (auto [probability, isAttended] : zip(probabilities, attended))
      map.masked.push_back(!isAttended && probability == 0);
  }

  std::vector<view::MapRow> rows;
  int64_t count = 0;
  bool hasScores = false; // of an attend without softmax

private:
  ViewOptions &options;
  /// Where the maps of the present attend's heads are in `rows`.
  DenseMap<int64_t, std::pair<size_t, size_t>> maps;
  int64_t numbers = 0;
  size_t mapCount = 0;
};
} // namespace

int observeAttends(Session &session, ViewOptions &options,
                   reference::AttendObserver &observer, const int64_t &count,
                   const int64_t &gates) {
  if (int code = session.runInterpreted(&observer))
    return code;
  if (count + gates == 0)
    return userError("T0509",
                     "model `" + session.signature.model + "` has no attention",
                     "draw an output or a weight: --output, --weight");
  for (int64_t number : options.attends)
    if (number >= count)
      return userError("T0509", "model `" + session.signature.model + "` has " +
                                    Twine(count) + " attends: there is no " +
                                    Twine(number));
  return options.tokens.checkUsed();
}

int viewProbabilities(Session &session, ViewOptions &options) {
  ProbabilityRecorder recorder(options);
  if (int code = observeAttends(session, options, recorder, recorder.count))
    return code;
  view::MapSet set;
  set.title = options.title.empty() ? session.signature.model : options.title;
  if (options.title.empty())
    set.subtitle = "attention, batch element " + std::to_string(options.batch);
  set.quantity = recorder.hasScores ? "weight" : "probability";
  set.range = options.range;
  set.areShares = set.cutsOutliers = !recorder.hasScores;
  set.rows = std::move(recorder.rows);
  std::optional<view::MapFigure> figure = view::colorMaps(std::move(set));
  if (!figure)
    return userError("T0506", "no probability is a finite number",
                     "give the scale its ends: --range=0:1");
  return writePicture(view::draw(*figure), options);
}

int viewOutput(Session &session, ViewOptions &options) {
  SmallVector<StringRef> names;
  for (const TensorInfo &output : session.signature.outputs)
    names.push_back(output.name);
  auto *found = find(names, options.name);
  if (found == names.end()) {
    StringRef meant = nearest(options.name, names);
    return userError("T0504",
                     "model `" + session.signature.model + "` has no output `" +
                         options.name + "`",
                     meant.empty() ? "it has " + join(names, ", ")
                                   : "did you mean `" + meant.str() + "`?");
  }
  if (int code = session.runInterpreted())
    return code;
  size_t index = found - names.begin();
  std::vector<std::string> dims;
  for (const Extent &extent : session.signature.outputs[index].extents)
    dims.push_back(extent.asDim().value_or(""));
  return drawArray(session.result.outputs[index], options.name, dims, options);
}

} // namespace attune::tool
