#include "tools/view/CurveFigure.h"
#include "tools/view/Font.h"
#include "tools/view/Legend.h"
#include "tools/view/Ticks.h"
#include <algorithm>
#include <cmath>

namespace attune::view {

static constexpr double tickSize = 10, labelSize = 11, margin = 16, width = 560,
                        height = 260;

/// The finite values' ends with a margin, or what is given.
static std::optional<std::pair<double, double>>
rangeOf(const CurveFigure &figure) {
  if (figure.range)
    return figure.range;
  double low = INFINITY, high = -INFINITY;
  for (const Curve &curve : figure.curves)
    for (double value : curve.values)
      if (std::isfinite(value)) {
        low = std::min(low, value);
        high = std::max(high, value);
      }
  if (low > high)
    return std::nullopt;
  // Halves: the difference of two large numbers may not be finite.
  double pad = low == high ? std::max(std::abs(low), 1.0) / 2
                           : (high / 2 - low / 2) * 0.1;
  return std::pair(std::max(low - pad, -1.7e308),
                   std::min(high + pad, 1.7e308));
}

namespace {
/// The plane of the curves.
struct Plane {
  double left, top, low, high;
  int64_t positions;

  double x(double position) const {
    return left +
           (positions > 1 ? position / double(positions - 1) : 0.5) * width;
  }
  double y(double value) const {
    double share = (value / 2 - low / 2) / (high / 2 - low / 2);
    return top + (1 - std::clamp(share, 0.0, 1.0)) * height;
  }
};
} // namespace

static void drawCurve(Picture &picture, const Plane &plane, const Curve &curve,
                      Color color) {
  Polyline line{{}, color, 1.6};
  auto finish = [&] {
    // A single value between two gaps is a short dash.
    if (line.points.size() == 1) {
      Point point = line.points[0];
      line.points = {{point.x - 2, point.y}, {point.x + 2, point.y}};
    }
    if (!line.points.empty())
      picture.add(line);
    line.points.clear();
  };
  for (size_t i = 0; i < curve.values.size(); ++i) {
    if (std::isfinite(curve.values[i]))
      line.points.push_back({plane.x(double(i)), plane.y(curve.values[i])});
    else
      finish();
  }
  finish();
}

/// The vertical axis; returns the widest label.
static double drawValues(Picture &picture, const Plane &plane,
                         const std::vector<double> &ticks, bool measure) {
  double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 0, widest = 0;
  for (double value : ticks) {
    std::string label = tickLabel(value, step);
    widest = std::max(widest, textWidth(label, tickSize));
    if (measure)
      continue;
    double y = plane.y(value);
    picture.add(
        Polyline{{{plane.left, y}, {plane.left + width, y}}, lightGray, 0.5});
    picture.add(Text{
        {plane.left - 6, y + tickSize * 0.36}, label, tickSize, Anchor::End});
  }
  return widest;
}

/// The positions; returns how far labels reach below the plane.
static double drawPositions(Picture &picture, const Plane &plane,
                            const Axis &axis) {
  double cell = width / double(std::max<int64_t>(axis.size - 1, 1));
  double bottom = plane.top + height, widest = 0;
  for (const std::string &label : axis.labels)
    widest = std::max(widest, textWidth(label, tickSize));
  // Half of the first and of the last stand out of the plane.
  bool upwards =
      !axis.labels.empty() && (widest + 6 > cell || widest > 2 * margin);
  double longest = axis.labels.empty()
                       ? textWidth(std::to_string(axis.size), tickSize) + 8
                   : upwards ? tickSize + 3
                             : 0;
  int64_t step = indexStep(cell, longest);
  double reach = tickSize;
  for (int64_t i = 0; i < axis.size; i += step) {
    std::string label = axis.labels.empty()
                            ? std::to_string(i)
                            : cutToWidth(axis.labels[i], tickSize, 110);
    double x = plane.x(double(i));
    picture.add(Polyline{{{x, bottom}, {x, bottom + 4}}, gray, 1});
    if (upwards) {
      picture.add(Text{{x + tickSize * 0.36, bottom + 7},
                       label,
                       tickSize,
                       Anchor::End,
                       true});
      reach = std::max(reach, textWidth(label, tickSize));
    } else {
      picture.add(Text{
          {x, bottom + 7 + tickSize * 0.8}, label, tickSize, Anchor::Middle});
    }
  }
  return 7 + reach;
}

std::optional<Picture> draw(const CurveFigure &figure) {
  auto range = rangeOf(figure);
  if (!range)
    return std::nullopt;
  Picture picture;
  auto [titleEnd, y] =
      drawTitles(picture, figure.title, figure.subtitle, margin);
  picture.width = std::max(picture.width, titleEnd);
  Plane plane{0, std::ceil(y) + 8, range->first, range->second, figure.x.size};
  std::vector<double> ticks = roundTicks(plane.low, plane.high, 7);
  plane.left = std::ceil(margin + labelSize + 8 +
                         drawValues(picture, plane, ticks, true) + 6);
  drawValues(picture, plane, ticks, false);
  size_t color = 0;
  for (const Curve &curve : figure.curves)
    drawCurve(picture, plane, curve, curveColor(color++));
  double right = plane.left + width, bottom = plane.top + height;
  picture.add(Polyline{{{plane.left, plane.top},
                        {right, plane.top},
                        {right, bottom},
                        {plane.left, bottom},
                        {plane.left, plane.top}},
                       gray,
                       1});
  double below = bottom + drawPositions(picture, plane, figure.x) + 6;
  picture.add(Text{{plane.left + width / 2, below + labelSize * 0.8},
                   figure.x.name,
                   labelSize,
                   Anchor::Middle});
  picture.add(Text{{margin + labelSize, plane.top + height / 2},
                   figure.quantity,
                   labelSize,
                   Anchor::Middle,
                   true});
  std::vector<LegendEntry> legend;
  for (size_t i = 0; i < figure.curves.size(); ++i)
    legend.push_back({curveColor(i), figure.curves[i].name});
  Extent end =
      drawLegend(picture, legend, plane.left, below + labelSize + 10, right);
  picture.width =
      std::ceil(std::max({picture.width, right, end.right}) + margin);
  picture.height = std::ceil(end.bottom + margin);
  return picture;
}

} // namespace attune::view
