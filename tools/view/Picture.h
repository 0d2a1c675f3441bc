/// A picture as a short list of what is drawn, in the order of drawing. PNG and
/// SVG are written from the same list, so they show the same.
#ifndef ATTUNE_VIEW_PICTURE_H
#define ATTUNE_VIEW_PICTURE_H

#include "tools/view/Colors.h"
#include <string>
#include <variant>
#include <vector>

namespace attune::view {

struct Point {
  double x, y;
};

/// A filled rectangle.
struct Rectangle {
  double x, y, width, height;
  Color fill;
};

/// A grid of `rows` x `columns` cells of `cellWidth` x `cellHeight` pixels
/// each, one colour a cell, row by row.
struct Cells {
  double x, y;
  int64_t rows, columns;
  double cellWidth, cellHeight;
  std::vector<Color> colors;
};

/// Straight lines from point to point.
struct Polyline {
  std::vector<Point> points;
  Color color;
  double width;
};

enum class Anchor { Start, Middle, End };

/// One line of text (UTF-8) whose baseline passes through `at`. `upwards`: it
/// runs from bottom to top.
struct Text {
  Point at;
  std::string text;
  double size;
  Anchor anchor = Anchor::Start;
  bool upwards = false;
  Color color = {32, 32, 32};
};

struct Picture {
  double width = 0, height = 0; ///< pixels
  std::vector<std::variant<Rectangle, Cells, Polyline, Text>> items;

  template <typename Item> void add(Item item) {
    items.emplace_back(std::move(item));
  }
};

/// The largest width and height of a picture, pixels.
inline constexpr double maxExtent = 16000;

/// The bytes of a PNG file, drawn with two pixels for one where the picture is
/// not large. Empty: out of memory.
std::string toPng(const Picture &picture);

/// The text of an SVG file.
std::string toSvg(const Picture &picture);

} // namespace attune::view

#endif
