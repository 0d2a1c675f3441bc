/// Pictures as SVG files: text stays text, so that it can be searched and read
/// aloud. Grids of many cells are embedded PNG images.
#include "tools/view/Font.h"
#include "tools/view/Picture.h"
#include "llvm/Support/Base64.h"
#include <fmt/format.h>
#include <iterator>

namespace attune::view {

/// Up to so many cells a grid are rectangles.
static constexpr int64_t maxRectangles = 1600;

static std::string escape(std::string_view text) {
  std::string escaped;
  for (char c : text)
    switch (c) {
    case '&':
      escaped += "&amp;";
      break;
    case '<':
      escaped += "&lt;";
      break;
    case '>':
      escaped += "&gt;";
      break;
    default:
      escaped += c;
    }
  return escaped;
}

namespace {
class Writer {
public:
  explicit Writer(std::string &out) : out(out) {}

  void operator()(const Rectangle &item) {
    rectangle(item.x, item.y, item.width, item.height, item.fill);
  }

  void operator()(const Cells &item) {
    if (item.rows * item.columns > maxRectangles)
      return image(item);
    put("<g shape-rendering=\"crispEdges\">\n");
    for (int64_t row = 0; row < item.rows; ++row)
      for (int64_t column = 0; column < item.columns; ++column)
        rectangle(item.x + double(column) * item.cellWidth,
                  item.y + double(row) * item.cellHeight, item.cellWidth,
                  item.cellHeight, item.colors[row * item.columns + column]);
    put("</g>\n");
  }

  void operator()(const Polyline &item) {
    put("<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"{:.6g}\" "
        "stroke-linejoin=\"round\" points=\"",
        item.color.str(), item.width);
    for (Point point : item.points)
      put("{:.6g},{:.6g} ", point.x, point.y);
    out.back() = '"';
    put("/>\n");
  }

  void operator()(const Text &item) {
    static constexpr const char *anchors[] = {"start", "middle", "end"};
    put("<text x=\"{:.6g}\" y=\"{:.6g}\" font-size=\"{:.6g}\" fill=\"{}\"",
        item.at.x, item.at.y, item.size, item.color.str());
    if (item.anchor != Anchor::Start)
      put(" text-anchor=\"{}\"", anchors[int(item.anchor)]);
    if (item.upwards)
      put(" transform=\"rotate(-90 {:.6g} {:.6g})\"", item.at.x, item.at.y);
    put(" xml:space=\"preserve\">{}</text>\n", escape(item.text));
  }

private:
  template <typename... Values>
  void put(fmt::format_string<Values...> format, Values &&...values) {
    fmt::format_to(std::back_inserter(out), format,
                   std::forward<Values>(values)...);
  }

  void rectangle(double x, double y, double width, double height, Color fill) {
    put("<rect x=\"{:.6g}\" y=\"{:.6g}\" width=\"{:.6g}\" height=\"{:.6g}\" "
        "fill=\"{}\"/>\n",
        x, y, width, height, fill.str());
  }

  /// As many pixels as a viewer at scale 1 shows: none smooths the edges.
  void image(const Cells &item) {
    Picture cells{double(item.columns) * item.cellWidth,
                  double(item.rows) * item.cellHeight,
                  {}};
    Cells moved = item;
    moved.x = moved.y = 0;
    cells.add(std::move(moved));
    put("<image x=\"{:.6g}\" y=\"{:.6g}\" width=\"{:.6g}\" height=\"{:.6g}\" "
        "style=\"image-rendering: pixelated\" "
        "href=\"data:image/png;base64,{}\"/>\n",
        item.x, item.y, cells.width, cells.height,
        llvm::encodeBase64(toPng(cells)));
  }

  std::string &out;
};
} // namespace

std::string toSvg(const Picture &picture) {
  std::string text =
      fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.6g}\" "
                  "height=\"{1:.6g}\" viewBox=\"0 0 {0:.6g} {1:.6g}\" "
                  "font-family=\"DejaVu Sans, Verdana, sans-serif\">\n"
                  "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
                  picture.width, picture.height);
  Writer writer(text);
  for (const auto &item : picture.items)
    std::visit(writer, item);
  text += "</svg>\n";
  return text;
}

} // namespace attune::view
