/// Grids of coloured cells with labelled axes: attention maps, matrices, mask
/// tiles.
#ifndef ATTUNE_VIEW_MAPFIGURE_H
#define ATTUNE_VIEW_MAPFIGURE_H

#include "tools/view/Picture.h"
#include <optional>

namespace attune::view {

/// The positions along one side of a panel.
struct Axis {
  std::string name; ///< "keys"
  int64_t size = 0;
  /// One a position; empty: positions are numbered.
  std::vector<std::string> labels = {};
  /// Each cell stands for so many positions of the array.
  int64_t stride = 1;
};

/// One matrix: `y.size` x `x.size` colours, row by row.
struct Panel {
  std::string title; ///< "head 0"
  Axis x, y;
  std::vector<Color> colors;
  /// Lines of text below.
  std::vector<std::string> notes = {};
  /// Positions at which a line is drawn before the cell.
  std::vector<int64_t> xLines = {}, yLines = {};
};

/// Panels side by side under one heading.
struct PanelRow {
  std::string title;
  std::vector<Panel> panels;
};

/// What a colour that is not on the scale means.
struct LegendEntry {
  Color color;
  std::string text;
};

struct MapFigure {
  std::string title, subtitle;
  std::vector<PanelRow> rows;
  /// The one colour bar of all panels, and what it measures.
  std::optional<ColorScale> scale;
  std::string quantity;
  std::vector<LegendEntry> legend;
};

/// A side with less than one in so many of the cells of a figure's longest one
/// is short: its cells are no squares, but long enough to be seen.
inline constexpr int64_t shortSide = 4;

/// The pixels of one cell along a side of `size` cells, in a figure whose
/// longest side has `longest` and which has `panels` panels.
double cellPixels(int64_t size, int64_t longest, int64_t panels);

Picture draw(const MapFigure &figure);

} // namespace attune::view

#endif
