/// Curves over positions: the columns of a positional encoding.
#ifndef ATTUNE_VIEW_CURVEFIGURE_H
#define ATTUNE_VIEW_CURVEFIGURE_H

#include "tools/view/MapFigure.h"

namespace attune::view {

/// One value a position. NaN and infinities leave gaps.
struct Curve {
  std::string name;
  std::vector<double> values;
};

struct CurveFigure {
  std::string title, subtitle;
  Axis x;
  std::string quantity; ///< of the vertical axis
  std::vector<Curve> curves;
  /// Ends of the vertical axis; without: those of the finite values.
  std::optional<std::pair<double, double>> range = {};
};

/// Nothing where no value is a finite number.
std::optional<Picture> draw(const CurveFigure &figure);

} // namespace attune::view

#endif
