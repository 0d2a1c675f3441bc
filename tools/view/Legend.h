/// The colour bar and the legend of a figure.
#ifndef ATTUNE_VIEW_LEGEND_H
#define ATTUNE_VIEW_LEGEND_H

#include "tools/view/MapFigure.h"
#include "tools/view/Titles.h"

namespace attune::view {

/// Draws the bar of `scale` with its ticks; its top left corner is (x, y).
Extent drawColorBar(Picture &picture, const ColorScale &scale,
                    const std::string &quantity, double x, double y,
                    double height);

/// Draws coloured squares with their texts, in lines that end before `right`
/// where that is possible.
Extent drawLegend(Picture &picture, const std::vector<LegendEntry> &entries,
                  double x, double y, double right);

} // namespace attune::view

#endif
