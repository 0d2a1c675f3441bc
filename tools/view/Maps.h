/// Matrices of numbers as a figure: one colour scale for all of them.
#ifndef ATTUNE_VIEW_MAPS_H
#define ATTUNE_VIEW_MAPS_H

#include "tools/view/MapFigure.h"

namespace attune::view {

/// A matrix of `y.size` x `x.size` numbers, row by row.
struct Map {
  std::string title;
  Axis x, y;
  std::vector<double> values;
  /// Cells without a value: keys that a query does not attend to. Empty: none.
  std::vector<char> masked = {};
};

struct MapRow {
  std::string title;
  std::vector<Map> maps;
};

/// What one picture shows.
struct MapSet {
  std::string title, subtitle;
  std::vector<MapRow> rows;
  std::string quantity; ///< what the colour bar measures
  /// Ends of the scale; without: those of the finite values. Shares of 1, such
  /// as probabilities, begin at 0, and end at 1 where none is a number.
  std::optional<std::pair<double, double>> range = {};
  bool areShares = false;
  /// The scale ends where most values do, when few are far beyond; a legend
  /// says how far these go.
  bool cutsOutliers = false;
};

/// The most maps and the most cells along a side of one that a picture shows; a
/// longer side is shown by the means of blocks.
inline constexpr size_t maxMaps = 400;
inline constexpr int64_t maxSide = 1000;

/// Colours the maps. Nothing where no value is a finite number.
std::optional<MapFigure> colorMaps(MapSet set);

} // namespace attune::view

#endif
