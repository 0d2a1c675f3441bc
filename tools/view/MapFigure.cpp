#include "tools/view/MapFigure.h"
#include "tools/view/Font.h"
#include "tools/view/Legend.h"
#include "tools/view/Ticks.h"
#include <algorithm>
#include <cmath>

namespace attune::view {

static constexpr double tickSize = 10, labelSize = 11, headSize = 12,
                        tickLength = 4, margin = 16, gap = 14;
/// Longer position labels are cut.
static constexpr double maxLabel = 110;

double cellPixels(int64_t size, int64_t longest, int64_t panels) {
  constexpr double largest = 48;
  double side = panels == 1    ? 420
                : panels <= 4  ? 280
                : panels <= 16 ? 200
                               : 150;
  double cell = std::floor(side / double(std::max<int64_t>(longest, 1)));
  cell = std::clamp(cell, 1.0, largest);
  if (size >= (longest + shortSide - 1) / shortSide)
    return cell;
  // A short side becomes half as long as the longest, if its cells stay small.
  double half = cell * double(longest) / 2 / double(std::max<int64_t>(size, 1));
  return std::clamp(std::floor(half), cell, largest);
}

namespace {
/// The labels along one axis, as they are drawn.
struct AxisLabels {
  std::vector<std::pair<int64_t, std::string>> labels; ///< cell, text
  double extent = 0; ///< pixels away from the axis
  bool upwards = false;

  /// `along`: labels are written in the direction of the axis.
  AxisLabels(const Axis &axis, double cell, bool along) {
    double widest = 0;
    auto add = [&](int64_t cell, std::string text) {
      widest = std::max(widest, textWidth(text, tickSize));
      labels.emplace_back(cell, std::move(text));
    };
    if (axis.labels.empty()) {
      int64_t end = axis.size * axis.stride;
      double last = textWidth(std::to_string(end), tickSize);
      int64_t step = indexStep(cell / double(axis.stride),
                               along ? last + 6 : tickSize * 2);
      for (int64_t i = 0; i < end; i += step)
        add(i / axis.stride, std::to_string(i));
    } else {
      for (const std::string &label : axis.labels)
        widest = std::max(widest, textWidth(label, tickSize));
      upwards = along && widest + 6 > cell;
      widest = 0;
      int64_t step = int64_t(std::ceil((tickSize + 3) / cell));
      for (int64_t i = 0; i < axis.size; i += along && !upwards ? 1 : step)
        add(i, cutToWidth(axis.labels[i], tickSize, maxLabel));
    }
    extent = along && !upwards ? tickSize : widest;
  }
};

/// What the sizes of all panels say about those of cells.
struct Scale {
  int64_t longest = 1, panels = 0;

  explicit Scale(const MapFigure &figure) {
    for (const PanelRow &row : figure.rows)
      for (const Panel &panel : row.panels) {
        longest = std::max({longest, panel.x.size, panel.y.size});
        ++panels;
      }
  }
  double cell(const Axis &axis) const {
    return cellPixels(axis.size, longest, panels);
  }
};

/// Where the parts of one panel are, from its top left corner.
struct PanelLayout {
  double cellWidth, cellHeight;
  AxisLabels x, y;
  bool showsY;
  double left, top, width, height; ///< the cells
  double totalWidth = 0, totalHeight = 0;

  PanelLayout(const Panel &panel, const Scale &scale, bool first)
      : cellWidth(scale.cell(panel.x)), cellHeight(scale.cell(panel.y)),
        x(panel.x, cellWidth, true), y(panel.y, cellHeight, false),
        showsY(first), left(0), top(panel.title.empty() ? 2 : headSize + 6),
        width(cellWidth * double(panel.x.size)),
        height(cellHeight * double(panel.y.size)) {
    if (showsY)
      left = std::ceil(labelSize + 8 + y.extent + tickLength + 3);
    double below = tickLength + 3 + x.extent + 4 + labelSize + 5;
    below += double(panel.notes.size()) * (tickSize + 4);
    double text = std::max(textWidth(panel.title, headSize),
                           textWidth(panel.x.name, labelSize));
    for (const std::string &note : panel.notes)
      text = std::max(text, textWidth(note, tickSize));
    totalWidth = left + std::max(width, text);
    // Half of the last label may stand out.
    if (!x.labels.empty() && !x.upwards)
      totalWidth = std::max(
          totalWidth, left + (double(x.labels.back().first) + 0.5) * cellWidth +
                          textWidth(x.labels.back().second, tickSize) / 2);
    totalHeight = top + height + below;
  }
};

class Drawer {
public:
  explicit Drawer(const MapFigure &figure) : figure(figure), scale(figure) {}
  Picture draw();

private:
  double firstPanelTop() const;
  double leftOfCells() const;
  void drawRow(const PanelRow &row, double y, double &width, double &height);
  void drawPanel(const Panel &panel, const PanelLayout &at, double x, double y);
  void addCentered(double left, double width, double y, const std::string &text,
                   double size);
  void drawFrame(double x, double y, double width, double height, Color color);

  const MapFigure &figure;
  const Scale scale;
  Picture picture;
};
} // namespace

/// In the middle of [left, left + width], or from there where it is wider.
void Drawer::addCentered(double left, double width, double y,
                         const std::string &text, double size) {
  if (text.empty())
    return;
  bool fits = textWidth(text, size) <= width;
  picture.add(Text{{fits ? left + width / 2 : left, y},
                   text,
                   size,
                   fits ? Anchor::Middle : Anchor::Start});
}

void Drawer::drawFrame(double x, double y, double width, double height,
                       Color color) {
  picture.add(Polyline{{{x, y},
                        {x + width, y},
                        {x + width, y + height},
                        {x, y + height},
                        {x, y}},
                       color,
                       1});
}

void Drawer::drawPanel(const Panel &panel, const PanelLayout &at, double x,
                       double y) {
  double left = x + at.left, top = y + at.top;
  double right = left + at.width, bottom = top + at.height;
  addCentered(left, at.width, top - 6, panel.title, headSize);
  picture.add(Cells{left, top, panel.y.size, panel.x.size, at.cellWidth,
                    at.cellHeight, panel.colors});
  for (int64_t position : panel.xLines) {
    double at_ = left + double(position) * at.cellWidth;
    picture.add(Polyline{{{at_, top}, {at_, bottom}}, lightGray, 0.5});
  }
  for (int64_t position : panel.yLines) {
    double at_ = top + double(position) * at.cellHeight;
    picture.add(Polyline{{{left, at_}, {right, at_}}, lightGray, 0.5});
  }
  drawFrame(left - 0.5, top - 0.5, at.width + 1, at.height + 1, gray);
  for (const auto &[position, label] : at.x.labels) {
    double middle = left + (double(position) + 0.5) * at.cellWidth;
    picture.add(Polyline{
        {{middle, bottom + 1}, {middle, bottom + tickLength}}, gray, 1});
    double below = bottom + tickLength + 3;
    if (at.x.upwards)
      picture.add(Text{{middle + tickSize * 0.36, below},
                       label,
                       tickSize,
                       Anchor::End,
                       true});
    else
      picture.add(Text{
          {middle, below + tickSize * 0.75}, label, tickSize, Anchor::Middle});
  }
  double below = bottom + tickLength + 3 + at.x.extent + 4 + labelSize * 0.8;
  addCentered(left, at.width, below, panel.x.name, labelSize);
  for (const std::string &note : panel.notes) {
    below += tickSize + 4;
    picture.add(Text{{left, below + 1}, note, tickSize});
  }
  if (!at.showsY || panel.y.name.empty())
    return;
  for (const auto &[position, label] : at.y.labels) {
    double middle = top + (double(position) + 0.5) * at.cellHeight;
    picture.add(
        Polyline{{{left - tickLength, middle}, {left - 1, middle}}, gray, 1});
    picture.add(Text{{left - tickLength - 3, middle + tickSize * 0.36},
                     label,
                     tickSize,
                     Anchor::End});
  }
  bool fits = textWidth(panel.y.name, labelSize) <= at.height;
  picture.add(Text{{left - tickLength - 3 - at.y.extent - 8,
                    fits ? top + at.height / 2 : bottom},
                   panel.y.name,
                   labelSize,
                   fits ? Anchor::Middle : Anchor::Start,
                   true});
}

void Drawer::drawRow(const PanelRow &row, double y, double &width,
                     double &height) {
  double x = margin;
  double top = y;
  if (!row.title.empty()) {
    std::string title = cutToWidth(row.title, headSize, maxTitle);
    width = std::max(width, margin + textWidth(title, headSize));
    picture.add(Text{{margin, y + headSize}, title, headSize});
    top += headSize + 8;
  }
  height = top - y;
  double left = leftOfCells();
  // An axis name may be longer than flat panels are high.
  double extra = 0;
  if (!row.panels.empty()) {
    const Panel &first = row.panels.front();
    PanelLayout layout(first, scale, true);
    extra = std::ceil(std::max(0.0, textWidth(first.y.name, labelSize) -
                                        layout.height - layout.top));
  }
  for (const Panel &panel : row.panels) {
    bool isFirst = &panel == &row.panels.front();
    // Its neighbour's labels are for a panel of the same positions only.
    const Axis &before = (&panel - (isFirst ? 0 : 1))->y;
    PanelLayout layout(panel, scale,
                       isFirst || before.size != panel.y.size ||
                           before.name != panel.y.name ||
                           before.labels != panel.y.labels);
    if (isFirst) {
      layout.totalWidth += left - layout.left;
      layout.left = left;
    }
    drawPanel(panel, layout, x, top + extra);
    x += std::ceil(layout.totalWidth) + gap;
    height = std::max(height, top - y + extra + layout.totalHeight);
  }
  width = std::max(width, x - gap);
}

/// The cells of all rows begin at one place.
double Drawer::leftOfCells() const {
  double left = 0;
  for (const PanelRow &row : figure.rows)
    if (!row.panels.empty())
      left = std::max(left, PanelLayout(row.panels.front(), scale, true).left);
  return left;
}

/// How far below the top of the first row its cells begin.
double Drawer::firstPanelTop() const {
  if (figure.rows.empty() || figure.rows.front().panels.empty())
    return 0;
  const PanelRow &row = figure.rows.front();
  return (row.title.empty() ? 0 : headSize + 8) +
         (row.panels.front().title.empty() ? 2 : headSize + 6);
}

Picture Drawer::draw() {
  auto [width, y] = drawTitles(picture, figure.title, figure.subtitle, margin);
  if (y > margin)
    y += 6;
  y = std::ceil(y);
  double top = y, panelsWidth = 0;
  for (const PanelRow &row : figure.rows) {
    double height = 0;
    drawRow(row, y, panelsWidth, height);
    y += std::ceil(height) + gap;
  }
  double right = panelsWidth;
  if (figure.scale) {
    double height = std::clamp(y - top - 60, 60.0, 260.0);
    Extent bar = drawColorBar(picture, *figure.scale, figure.quantity,
                              panelsWidth + 26, top + firstPanelTop(), height);
    right = bar.right;
    y = std::max(y, bar.bottom + gap);
  }
  Extent legend = drawLegend(picture, figure.legend, margin, y - gap / 2,
                             std::max(right, width));
  picture.width = std::ceil(std::max({width, right, legend.right}) + margin);
  picture.height =
      std::ceil((figure.legend.empty() ? y - gap : legend.bottom) + margin);
  return std::move(picture);
}

Picture draw(const MapFigure &figure) { return Drawer(figure).draw(); }

} // namespace attune::view
