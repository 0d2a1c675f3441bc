/// Colours, and numbers as colours.
#ifndef ATTUNE_VIEW_COLORS_H
#define ATTUNE_VIEW_COLORS_H

#include <cstdint>
#include <span>
#include <string>

namespace attune::view {

struct Color {
  uint8_t red, green, blue;

  bool operator==(const Color &) const = default;
  /// "#rrggbb".
  std::string str() const;
};

inline constexpr Color black = {32, 32, 32}, gray = {120, 120, 120},
                       lightGray = {205, 205, 205}, white = {255, 255, 255};

/// Cells that have no place on the colour scale: keys that a query does not
/// attend to, and values that are no numbers. None is near a scale's colours.
inline constexpr Color maskedColor = {201, 208, 217}, nanColor = {23, 190, 80},
                       minusInfinityColor = {64, 64, 64},
                       plusInfinityColor = {240, 190, 0};

/// The colour of a curve: ten that are told apart, then the same darker, then
/// lighter, and again.
Color curveColor(size_t index);

/// A map of [low, high] to colours: white to red where numbers have one sign,
/// blue over white to red, symmetric about 0, where they have both.
class ColorScale {
public:
  /// The scale of numbers from `low` to `high`, both finite. Equal ones are
  /// widened, so that the scale has an extent.
  static ColorScale of(double low, double high);

  /// The colour of a finite number, of the nearest end where it is beyond; NaN
  /// and infinities have their own.
  Color colorOf(double value) const;

  double low() const { return lowest; }
  double high() const { return highest; }
  bool isDiverging() const { return diverging; }

private:
  double lowest, highest;
  bool diverging;
};

} // namespace attune::view

#endif
