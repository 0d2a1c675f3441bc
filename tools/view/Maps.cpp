#include "tools/view/Maps.h"
#include <algorithm>
#include <cmath>
#include <cstdio>

namespace attune::view {

namespace {
/// What occurs in the maps that colours must tell apart.
struct Contents {
  double low = INFINITY, high = -INFINITY;
  bool masked = false, nan = false, plus = false, minus = false;

  void add(const Map &map) {
    for (size_t i = 0; i < map.values.size(); ++i) {
      double value = map.values[i];
      if (!map.masked.empty() && map.masked[i]) {
        masked = true;
      } else if (std::isfinite(value)) {
        low = std::min(low, value);
        high = std::max(high, value);
      } else {
        (std::isnan(value) ? nan : value > 0 ? plus : minus) = true;
      }
    }
  }
};
} // namespace

/// Blocks of `stride` positions along the axis become one.
static Axis shorten(Axis axis, int64_t stride) {
  int64_t size = (axis.size + stride - 1) / stride;
  for (int64_t i = 0; !axis.labels.empty() && i < size; ++i)
    axis.labels[i] = std::move(axis.labels[i * stride]);
  if (!axis.labels.empty())
    axis.labels.resize(size);
  axis.size = size;
  axis.stride *= stride;
  return axis;
}

/// How many positions one cell stands for, in a set whose longest side has
/// `longest`. Sides of about one length have one scale, others their own.
static int64_t strideOf(const Axis &axis, int64_t longest) {
  int64_t side = axis.size > longest / shortSide ? longest : axis.size;
  return (side + maxSide - 1) / maxSide;
}

/// The map with the means of blocks of values; a block that has a NaN or an
/// infinity shows it, and one is masked where all of it is.
static Map shrink(const Map &map, int64_t strideX, int64_t strideY) {
  Map small{
      map.title, shorten(map.x, strideX), shorten(map.y, strideY), {}, {}};
  for (int64_t row = 0; row < small.y.size; ++row)
    for (int64_t column = 0; column < small.x.size; ++column) {
      double sum = 0;
      int64_t count = 0;
      for (int64_t i = row * strideY;
           i < std::min((row + 1) * strideY, map.y.size); ++i)
        for (int64_t j = column * strideX;
             j < std::min((column + 1) * strideX, map.x.size); ++j) {
          int64_t at = i * map.x.size + j;
          if (!map.masked.empty() && map.masked[at])
            continue;
          sum += map.values[at];
          ++count;
        }
      small.values.push_back(count ? sum / double(count) : 0);
      if (!map.masked.empty())
        small.masked.push_back(count == 0);
    }
  return small;
}

/// A round number that few of the visible values are above, far below `most`;
/// nothing where there is none.
static std::optional<double> endOfMost(const MapSet &set, double most) {
  constexpr size_t samples = 1 << 18;
  constexpr double share = 0.995, far = 3;
  size_t cells = 0;
  for (const MapRow &row : set.rows)
    for (const Map &map : row.maps)
      cells += map.values.size();
  size_t step = cells / samples + 1, skipped = 0;
  std::vector<double> values;
  for (const MapRow &row : set.rows)
    for (const Map &map : row.maps)
      for (size_t i = 0; i < map.values.size(); ++i) {
        if (!map.masked.empty() && map.masked[i])
          continue;
        if (++skipped < step)
          continue;
        skipped = 0;
        if (std::isfinite(map.values[i]))
          values.push_back(map.values[i]);
      }
  if (values.empty())
    return std::nullopt;
  auto end = values.begin() + size_t(share * double(values.size() - 1));
  std::nth_element(values.begin(), end, values.end());
  if (!(*end > 0))
    return std::nullopt;
  double unit = std::pow(10, std::floor(std::log10(*end)));
  double round = std::ceil(*end / unit) * unit;
  return round * far < most ? std::optional(round) : std::nullopt;
}

/// At most three digits, for a legend.
static std::string shortNumber(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

std::optional<MapFigure> colorMaps(MapSet set) {
  int64_t longest = 1;
  for (const MapRow &row : set.rows)
    for (const Map &map : row.maps)
      longest = std::max({longest, map.x.size, map.y.size});
  int64_t mostX = 1, mostY = 1;
  Contents contents;
  for (MapRow &row : set.rows)
    for (Map &map : row.maps) {
      int64_t strideX = strideOf(map.x, longest);
      int64_t strideY = strideOf(map.y, longest);
      if (strideX > 1 || strideY > 1)
        map = shrink(map, strideX, strideY);
      mostX = std::max(mostX, strideX);
      mostY = std::max(mostY, strideY);
      contents.add(map);
    }
  if (!set.range && contents.low > contents.high) {
    // All masked: there is no number, but there is a picture.
    bool isMasked =
        contents.masked && !contents.nan && !contents.plus && !contents.minus;
    if (!isMasked && !set.areShares)
      return std::nullopt;
    contents.low = contents.high = 0;
  }
  if (set.areShares && contents.high <= 0)
    contents.high = 1;
  auto [low, high] = set.range.value_or(
      std::pair(set.areShares ? std::min(contents.low, 0.0) : contents.low,
                contents.high));
  std::optional<double> cut =
      set.cutsOutliers && !set.range ? endOfMost(set, high) : std::nullopt;
  double beyond = high;
  high = cut.value_or(high);
  MapFigure figure;
  figure.title = std::move(set.title);
  figure.subtitle = std::move(set.subtitle);
  if (mostX > 1 || mostY > 1)
    figure.subtitle +=
        (figure.subtitle.empty() ? "" : "; ") +
        ("each cell is the mean of up to " + std::to_string(mostY) + " x " +
         std::to_string(mostX) + " values");
  figure.scale = ColorScale::of(low, high);
  figure.quantity = std::move(set.quantity);
  for (MapRow &row : set.rows) {
    PanelRow &panels = figure.rows.emplace_back();
    panels.title = std::move(row.title);
    for (Map &map : row.maps) {
      Panel panel{std::move(map.title), std::move(map.x), std::move(map.y), {}};
      panel.colors.reserve(map.values.size());
      for (size_t i = 0; i < map.values.size(); ++i)
        panel.colors.push_back(!map.masked.empty() && map.masked[i]
                                   ? maskedColor
                                   : figure.scale->colorOf(map.values[i]));
      panels.panels.push_back(std::move(panel));
    }
  }
  if (contents.masked)
    figure.legend.push_back({maskedColor, "masked"});
  if (cut)
    figure.legend.push_back(
        {figure.scale->colorOf(high),
         "from " + shortNumber(high) + " to " + shortNumber(beyond)});
  if (contents.nan)
    figure.legend.push_back({nanColor, "NaN"});
  if (contents.minus)
    figure.legend.push_back({minusInfinityColor, "-inf"});
  if (contents.plus)
    figure.legend.push_back({plusInfinityColor, "+inf"});
  return figure;
}

} // namespace attune::view
