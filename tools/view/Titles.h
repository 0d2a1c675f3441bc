/// The title lines of a figure.
#ifndef ATTUNE_VIEW_TITLES_H
#define ATTUNE_VIEW_TITLES_H

#include "tools/view/Picture.h"

#include <string>

namespace attune::view {

/// The right and bottom end of what was drawn.
struct Extent {
  double right, bottom;
};

/// Draws the lines that are not empty from (margin, margin) on, cut where they
/// are wider than a page.
Extent drawTitles(Picture &picture, const std::string &title,
                  const std::string &subtitle, double margin);

} // namespace attune::view

#endif
