#include "tools/attune/ViewArrays.h"
#include "tools/attune/Report.h"
#include "tools/attune/RunReport.h"
#include "tools/view/CurveFigure.h"
#include "tools/view/Font.h"
#include "tools/view/Maps.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using attune::reference::Array;
using attune::view::Axis;
using attune::view::Map;
using attune::view::MapRow;
using attune::view::MapSet;

namespace attune::tool {

/// Maps of one row, where a row has no meaning of its own.
static constexpr int64_t mapsInRow = 8;

namespace {
/// An array without the axes that `--index` fixes.
struct Part {
  std::string name; ///< "R[0]"
  SmallVector<int64_t> shape;
  SmallVector<std::string> axisNames, dims;
  std::vector<double> values;
};
} // namespace

static std::string shapeText(ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (auto [i, extent] : enumerate(shape))
    text += (i ? ", " : "") + std::to_string(extent);
  return text + "]";
}

/// Fixes the leading axes; returns an ExitCode.
static int takePart(const Array &array, StringRef name,
                    ArrayRef<std::string> dims, ArrayRef<int64_t> index,
                    Part &part) {
  std::string shown = "`" + name.str() + "` " + shapeText(array.shape);
  if (is_contained(array.shape, 0))
    return userError("T0505", shown + " has no elements");
  if (index.size() >= array.shape.size())
    return userError("T0505",
                     index.empty() ? shown + " is one number, no matrix"
                                   : shown + " has no axis left after " +
                                         Twine(index.size()) + " indices",
                     index.empty() ? "" : "give --index fewer numbers");
  int64_t first = 0, count = 1;
  for (auto [axis, extent] : enumerate(array.shape)) {
    if (axis >= index.size()) {
      count *= extent;
      part.shape.push_back(extent);
      std::string dim = axis < dims.size() ? dims[axis] : "";
      part.axisNames.push_back("axis " + std::to_string(axis) +
                               (dim.empty() ? "" : " (" + dim + ")"));
      part.dims.push_back(dim);
    } else if (index[axis] >= extent) {
      return userError("T0505", shown + " has no index " + Twine(index[axis]) +
                                    " along axis " + Twine(axis));
    } else {
      first = first * extent + index[axis];
    }
  }
  if (part.shape.size() > 4)
    return userError(
        "T0505", shown + " has more than 4 axes",
        "fix the leading ones: --index=" + [&] {
          std::string zeros = "0";
          for (size_t i = 5; i < part.shape.size(); ++i)
            zeros += ",0";
          return zeros;
        }());
  part.name = name.str();
  if (!index.empty())
    part.name += shapeText(index);
  for (int64_t i = first * count; i < (first + 1) * count; ++i)
    part.values.push_back(array.isFloat ? array.reals[i]
                                        : double(array.integers[i]));
  return Done;
}

/// The matrices of the last two axes as rows of maps.
static std::vector<MapRow> mapsOf(const Part &part, ViewOptions &options) {
  size_t rank = part.shape.size();
  auto axisOf = [&](size_t axis) {
    Axis result{part.axisNames[axis], part.shape[axis], {}};
    options.tokens.label(result, part.dims[axis]);
    return result;
  };
  Axis x = axisOf(rank - 1);
  Axis y = rank > 1 ? axisOf(rank - 2) : Axis{"", 1, {""}};
  int64_t outer = rank > 3 ? part.shape[rank - 4] : 1;
  int64_t inner = rank > 2 ? part.shape[rank - 3] : 1;
  std::vector<MapRow> rows;
  auto *next = part.values.data();
  for (int64_t i = 0; i < outer; ++i)
    for (int64_t j = 0; j < inner; ++j) {
      if (j % mapsInRow == 0)
        rows.push_back({rank > 3 && j == 0
                            ? part.name + "[" + std::to_string(i) + "]"
                            : "",
                        {}});
      std::string title;
      if (rank > 2)
        title = "[" + (rank > 3 ? std::to_string(i) + ", " : "") +
                std::to_string(j) + "]";
      rows.back().maps.push_back({title, x, y, {next, next + x.size * y.size}});
      next += x.size * y.size;
    }
  return rows;
}

/// The columns that `--columns` names, or up to six from the first to the last.
static SmallVector<int64_t> chosenColumns(int64_t count,
                                          const ViewOptions &options) {
  SmallVector<int64_t> columns(options.columns);
  int64_t most = std::min<int64_t>(count, 6);
  if (columns.empty())
    for (int64_t i = 0; i < most; ++i)
      columns.push_back(most == 1 ? 0 : i * (count - 1) / (most - 1));
  return columns;
}

/// Columns of a matrix, or a vector, over the positions of its first axis.
static int drawCurves(const Part &part, ViewOptions &options) {
  if (part.shape.size() > 2)
    return userError("T0505",
                     "curves are the columns of a matrix; `" + part.name +
                         "` has " + Twine(part.shape.size()) + " axes",
                     "fix the leading ones with --index");
  int64_t positions = part.shape[0];
  int64_t count = part.shape.size() == 2 ? part.shape[1] : 1;
  view::CurveFigure figure;
  figure.title =
      options.title.empty() ? view::cleanText(part.name) : options.title;
  figure.subtitle = shapeText(part.shape);
  figure.x = {part.axisNames[0], positions, {}};
  options.tokens.label(figure.x, part.dims[0]);
  if (int code = options.tokens.checkUsed())
    return code;
  figure.quantity = "value";
  figure.range = options.range;
  for (int64_t column : chosenColumns(count, options)) {
    if (column >= count)
      return userError("T0505", "`" + part.name + "` has " + Twine(count) +
                                    " columns: there is no " + Twine(column));
    view::Curve &curve = figure.curves.emplace_back();
    curve.name = "column " + std::to_string(column);
    for (int64_t i = 0; i < positions; ++i)
      curve.values.push_back(part.values[i * count + column]);
  }
  std::optional<view::Picture> picture = view::draw(figure);
  return picture
             ? writePicture(*picture, options)
             : userError("T0506", "`" + part.name + "` has no finite number",
                         "give the axis its ends: --range=0:1");
}

int drawArray(const Array &array, StringRef name, ArrayRef<std::string> dims,
              ViewOptions &options) {
  Part part;
  if (int code = takePart(array, name, dims, options.index, part))
    return code;
  if (options.curves)
    return drawCurves(part, options);
  size_t rank = part.shape.size();
  int64_t maps = 1;
  for (size_t axis = 0; axis + 2 < rank; ++axis)
    if (__builtin_mul_overflow(maps, part.shape[axis], &maps))
      maps = INT64_MAX;
  if (maps > int64_t(view::maxMaps))
    return userError("T0508",
                     "`" + name + "` has " + Twine(maps) +
                         " matrices, more than " + Twine(view::maxMaps),
                     "choose some with --index");
  MapSet set;
  set.title =
      options.title.empty() ? view::cleanText(part.name) : options.title;
  set.subtitle = shapeText(part.shape);
  set.quantity = "value";
  set.range = options.range;
  set.rows = mapsOf(part, options);
  if (int code = options.tokens.checkUsed())
    return code;
  std::optional<view::MapFigure> figure = view::colorMaps(std::move(set));
  if (!figure)
    return userError("T0506", "`" + name + "` has no finite number",
                     "give the scale its ends: --range=0:1");
  return writePicture(view::draw(*figure), options);
}

} // namespace attune::tool
