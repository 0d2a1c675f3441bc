#include "tools/view/Legend.h"
#include "tools/view/Font.h"
#include "tools/view/Ticks.h"
#include <algorithm>
#include <cmath>

namespace attune::view {

static constexpr double textSize = 10, nameSize = 11, barWidth = 14,
                        square = 11;

Extent drawColorBar(Picture &picture, const ColorScale &scale,
                    const std::string &quantity, double x, double y,
                    double height) {
  height = std::floor(height);
  x = std::ceil(x);
  auto valueAt = [&](double share) {
    return scale.low() * (1 - share) + scale.high() * share;
  };
  for (double row = 0; row < height; ++row)
    picture.add(Rectangle{x, y + row, barWidth, 1,
                          scale.colorOf(valueAt(1 - (row + 0.5) / height))});
  double right = x + barWidth;
  picture.add(Polyline{{{x - 0.5, y - 0.5},
                        {right + 0.5, y - 0.5},
                        {right + 0.5, y + height + 0.5},
                        {x - 0.5, y + height + 0.5},
                        {x - 0.5, y - 0.5}},
                       gray,
                       1});
  std::vector<double> ticks =
      roundTicks(scale.low(), scale.high(), std::max(3, int(height / 36)));
  double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 0;
  double end = right;
  for (double value : ticks) {
    double share = (value - scale.low()) / (scale.high() - scale.low());
    double at = y + (1 - share) * height;
    std::string label = tickLabel(value, step);
    picture.add(Polyline{{{right + 1, at}, {right + 4, at}}, gray, 1});
    picture.add(Text{{right + 7, at + textSize * 0.36}, label, textSize});
    end = std::max(end, right + 7 + textWidth(label, textSize));
  }
  double name = textWidth(quantity, nameSize);
  double bottom = y + std::max(height, name);
  picture.add(Text{{end + 6 + nameSize, y + std::max(height, name) / 2},
                   quantity,
                   nameSize,
                   Anchor::Middle,
                   true});
  return {end + 6 + nameSize + 4, bottom};
}

Extent drawLegend(Picture &picture, const std::vector<LegendEntry> &entries,
                  double x, double y, double right) {
  double left = x;
  Extent end = {x, y};
  for (const LegendEntry &entry : entries) {
    double width = square + 5 + textWidth(entry.text, textSize);
    if (left > x && left + width > right) {
      left = x;
      y += square + 8;
    }
    picture.add(Rectangle{left, y, square, square, entry.color});
    picture.add(Polyline{{{left, y},
                          {left + square, y},
                          {left + square, y + square},
                          {left, y + square},
                          {left, y}},
                         gray,
                         0.5});
    picture.add(
        Text{{left + square + 5, y + square - 2}, entry.text, textSize});
    left += width + 18;
    end.right = std::max(end.right, left - 18);
    end.bottom = y + square;
  }
  return end;
}

} // namespace attune::view
