#include "tools/view/Colors.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace attune::view {

std::string Color::str() const {
  return fmt::format("#{:02x}{:02x}{:02x}", red, green, blue);
}

/// ColorBrewer's Reds and RdBu (reversed), by Cynthia Brewer: nine and eleven
/// steps with linear ones between them.
static constexpr Color reds[] = {
    {255, 245, 240}, {254, 224, 210}, {252, 187, 161},
    {252, 146, 114}, {251, 106, 74},  {239, 59, 44},
    {203, 24, 29},   {165, 15, 21},   {103, 0, 13}};
static constexpr Color blueToRed[] = {
    {5, 48, 97},     {33, 102, 172},  {67, 147, 195},  {146, 197, 222},
    {209, 229, 240}, {247, 247, 247}, {253, 219, 199}, {244, 165, 130},
    {214, 96, 77},   {178, 24, 43},   {103, 0, 31}};
static constexpr Color curves[] = {
    {31, 119, 180},  {255, 127, 14}, {44, 160, 44},   {214, 39, 40},
    {148, 103, 189}, {140, 86, 75},  {227, 119, 194}, {127, 127, 127},
    {188, 189, 34},  {23, 190, 207}};

Color curveColor(size_t index) {
  Color color = curves[index % std::size(curves)];
  size_t turn = index / std::size(curves) % 3;
  auto shade = [&](uint8_t part) {
    return uint8_t(turn == 0 ? part : turn == 1 ? part / 2 : 128 + part / 2);
  };
  return {shade(color.red), shade(color.green), shade(color.blue)};
}

ColorScale ColorScale::of(double low, double high) {
  ColorScale scale;
  if (low == high) { // a constant array is in the middle of its scale
    double pad = low == 0 ? 1 : std::abs(low) / 2;
    low -= pad;
    high += pad;
  }
  scale.diverging = low < 0 && high > 0;
  if (scale.diverging)
    high = std::max(-low, high), low = -high;
  scale.lowest = low;
  scale.highest = high;
  return scale;
}

Color ColorScale::colorOf(double value) const {
  if (std::isnan(value))
    return nanColor;
  if (std::isinf(value))
    return value < 0 ? minusInfinityColor : plusInfinityColor;
  std::span<const Color> steps = reds;
  if (diverging)
    steps = blueToRed;
  // Halves: the difference of two large numbers may not be finite.
  double share = (value / 2 - lowest / 2) / (highest / 2 - lowest / 2);
  double place = std::clamp(share, 0.0, 1.0) * double(steps.size() - 1);
  size_t step = std::min(size_t(place), steps.size() - 2);
  double part = place - double(step);
  auto mix = [&](uint8_t a, uint8_t b) {
    return uint8_t(std::lround(a + (double(b) - a) * part));
  };
  const Color &a = steps[step], &b = steps[step + 1];
  return {mix(a.red, b.red), mix(a.green, b.green), mix(a.blue, b.blue)};
}

} // namespace attune::view
