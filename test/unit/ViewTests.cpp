/// Pictures of `attune view`: colours, ticks, text, layout, the two formats.
#include "tools/view/CurveFigure.h"
#include "tools/view/Font.h"
#include "tools/view/Maps.h"
#include "tools/view/Ticks.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace attune::view;

TEST(Colors, ScaleOfOneSignGoesFromWhiteToRed) {
  ColorScale scale = ColorScale::of(0, 2);
  EXPECT_FALSE(scale.isDiverging());
  EXPECT_EQ(scale.colorOf(0).str(), "#fff5f0");
  EXPECT_EQ(scale.colorOf(1).str(), "#fb6a4a");
  EXPECT_EQ(scale.colorOf(2).str(), "#67000d");
  EXPECT_EQ(scale.colorOf(-7), scale.colorOf(0));
  EXPECT_EQ(scale.colorOf(7), scale.colorOf(2));
}

TEST(Colors, BothSignsAreSymmetricAboutZero) {
  ColorScale scale = ColorScale::of(-1, 3);
  EXPECT_TRUE(scale.isDiverging());
  EXPECT_EQ(scale.low(), -3);
  EXPECT_EQ(scale.colorOf(0).str(), "#f7f7f7");
  EXPECT_EQ(scale.colorOf(-3).str(), "#053061");
  EXPECT_EQ(scale.colorOf(3).str(), "#67001f");
}

TEST(Colors, ExtremeScalesAreFinite) {
  for (auto [low, high] :
       {std::pair(0.0, 0.0), std::pair(-5.0, -5.0),
        std::pair(-1.7e308, 1.7e308), std::pair(0.0, 5e-324)}) {
    ColorScale scale = ColorScale::of(low, high);
    EXPECT_LT(scale.low(), scale.high());
    EXPECT_TRUE(std::isfinite(scale.low()) && std::isfinite(scale.high()));
    EXPECT_EQ(scale.colorOf(low), scale.colorOf(low));
  }
  EXPECT_EQ(ColorScale::of(4, 4).colorOf(4).str(), "#fb6a4a");
  // The scale around nothing but zeros has both signs: 0 is white.
  EXPECT_TRUE(ColorScale::of(0, 0).isDiverging());
  EXPECT_EQ(ColorScale::of(0, 0).colorOf(0).str(), "#f7f7f7");
}

TEST(Colors, ThirtyCurvesAreToldApart) {
  for (size_t i = 0; i < 30; ++i)
    for (size_t j = 0; j < i; ++j)
      EXPECT_NE(curveColor(i), curveColor(j)) << i << " " << j;
}

TEST(Colors, WhatIsNoNumberIsNotOnTheScale) {
  ColorScale scale = ColorScale::of(0, 1);
  EXPECT_EQ(scale.colorOf(NAN), nanColor);
  EXPECT_EQ(scale.colorOf(INFINITY), plusInfinityColor);
  EXPECT_EQ(scale.colorOf(-INFINITY), minusInfinityColor);
  for (int i = 0; i <= 1000; ++i)
    for (Color other :
         {nanColor, plusInfinityColor, minusInfinityColor, maskedColor}) {
      Color color = scale.colorOf(i / 1000.0);
      int distance = std::abs(color.red - other.red) +
                     std::abs(color.green - other.green) +
                     std::abs(color.blue - other.blue);
      EXPECT_GT(distance, 40) << i << " " << other.str();
    }
}

TEST(Ticks, LabelsOfPositionsDoNotTouch) {
  EXPECT_EQ(indexStep(48, 20), 1);
  EXPECT_EQ(indexStep(10, 20), 2);
  EXPECT_EQ(indexStep(2, 25), 20);
  EXPECT_EQ(indexStep(1, 24), 50);
  EXPECT_EQ(indexStep(0.001, 30), 50000);
}

TEST(Ticks, QuantitiesHaveRoundOnes) {
  EXPECT_EQ(roundTicks(0, 1, 5), (std::vector<double>{0, 0.25, 0.5, 0.75, 1}));
  EXPECT_EQ(roundTicks(-1, 1, 3), (std::vector<double>{-1, 0, 1}));
  EXPECT_EQ(roundTicks(0.13, 0.58, 3), (std::vector<double>{0.2, 0.4}));
  EXPECT_EQ(roundTicks(5, 5, 4), std::vector<double>{5});
  for (double high : {1e-300, 3e-7, 0.7, 12.0, 9e9, 1e300})
    for (int count = 2; count < 9; ++count) {
      std::vector<double> ticks = roundTicks(0, high, count);
      EXPECT_LE(ticks.size(), size_t(count));
      EXPECT_GE(ticks.size(), 1u);
      EXPECT_GE(ticks.front(), 0);
      EXPECT_LE(ticks.back(), high * (1 + 1e-9));
    }
}

TEST(Ticks, LabelsHaveTheDigitsOfTheirStep) {
  EXPECT_EQ(tickLabel(0.5, 0.25), "0.50");
  EXPECT_EQ(tickLabel(2, 1), "2");
  EXPECT_EQ(tickLabel(0, 0.5), "0.0");
  EXPECT_EQ(tickLabel(2.5e-7, 5e-8), "2.5e-07");
  EXPECT_EQ(tickLabel(1e6, 5e5), "1e+06");
  EXPECT_EQ(tickLabel(1000000.05, 0.05), "1000000.05");
  EXPECT_EQ(tickLabel(1.000025, 2.5e-5), "1.000025");
  EXPECT_EQ(tickLabel(3e30, 1e30), "3e+30");
}

TEST(Font, MeasuresAndCuts) {
  EXPECT_NEAR(textWidth("mmmm", 10), 4 * textWidth("m", 10), 1e-9);
  EXPECT_GT(textWidth("m", 10), textWidth("i", 10));
  EXPECT_NEAR(textWidth("ä", 20), 2 * textWidth("ä", 10), 1e-9);
  EXPECT_EQ(cutToWidth("kurz", 10, 100), "kurz");
  std::string cut = cutToWidth("ein längeres Wort", 10, 50);
  EXPECT_TRUE(cut.ends_with("…"));
  EXPECT_LE(textWidth(cut, 10), 50);
}

TEST(Font, CleansWhatNoPictureCanShow) {
  EXPECT_EQ(cleanText("a\tb\x01"), "a b ");
  EXPECT_EQ(cleanText("\xff"
                      "a\xc3"),
            "�a�");
  EXPECT_EQ(cleanText("\xef\xbf\xbf"), "�");
  EXPECT_EQ(cleanText("äß漢"), "äß漢");
}

static Map numbered(int64_t rows, int64_t columns) {
  Map map{"", {"x", columns, {}}, {"y", rows, {}}, {}, {}};
  for (int64_t i = 0; i < rows * columns; ++i)
    map.values.push_back(double(i));
  return map;
}

TEST(Maps, LongSidesAreMeansOfBlocks) {
  std::optional<MapFigure> figure =
      colorMaps({"t", "", {{"", {numbered(1500, 3)}}}, "value", {}, false});
  ASSERT_TRUE(figure);
  const Panel &panel = figure->rows[0].panels[0];
  EXPECT_EQ(panel.y.size, 750);
  EXPECT_EQ(panel.y.stride, 2);
  // (0 + 3) / 2 and (4496 + 4499) / 2: three columns stay what they are.
  EXPECT_EQ(panel.x.size, 3);
  EXPECT_EQ(panel.x.stride, 1);
  EXPECT_EQ(figure->scale->low(), 1.5);
  EXPECT_EQ(figure->scale->high(), (4496 + 4499) / 2.0);
  EXPECT_NE(figure->subtitle.find("2 x 1"), std::string::npos);
  // Sides of about one length have one scale.
  figure =
      colorMaps({"t", "", {{"", {numbered(1500, 900)}}}, "value", {}, false});
  ASSERT_TRUE(figure);
  EXPECT_EQ(figure->rows[0].panels[0].x.size, 450);
  EXPECT_NE(figure->subtitle.find("2 x 2"), std::string::npos);
}

TEST(Maps, MaskedValuesDoNotMakeTheScale) {
  Map map = numbered(1, 3);
  map.masked = {0, 0, 1};
  map.values[2] = 100;
  std::optional<MapFigure> figure =
      colorMaps({"", "", {{"", {map}}}, "", {}, false});
  ASSERT_TRUE(figure);
  EXPECT_EQ(figure->scale->high(), 1);
  EXPECT_EQ(figure->rows[0].panels[0].colors[2], maskedColor);
  ASSERT_EQ(figure->legend.size(), 1u);
  EXPECT_EQ(figure->legend[0].text, "masked");
}

TEST(Maps, SharesHaveAScaleWithoutANumber) {
  for (double value : {double(NAN), 0.0}) {
    Map map = numbered(1, 2);
    map.values = {value, value};
    std::optional<MapFigure> figure =
        colorMaps({"", "", {{"", {map}}}, "", {}, true});
    ASSERT_TRUE(figure);
    EXPECT_EQ(figure->scale->low(), 0);
    EXPECT_EQ(figure->scale->high(), 1);
    EXPECT_EQ(figure->rows[0].panels[0].colors[0],
              std::isnan(value) ? nanColor : figure->scale->colorOf(0));
  }
  Map map = numbered(1, 1);
  map.masked = {1};
  std::optional<MapFigure> figure =
      colorMaps({"", "", {{"", {map}}}, "", {}, true});
  ASSERT_TRUE(figure);
  EXPECT_EQ(figure->scale->high(), 1);
}

/// Whether everything that is drawn lies in the picture.
static void expectInside(const Picture &picture) {
  auto inside = [&](double x, double y) {
    EXPECT_GE(x, 0);
    EXPECT_GE(y, 0);
    EXPECT_LE(x, picture.width);
    EXPECT_LE(y, picture.height);
  };
  for (const auto &item : picture.items) {
    if (auto *r = std::get_if<Rectangle>(&item)) {
      inside(r->x, r->y);
      inside(r->x + r->width, r->y + r->height);
    } else if (auto *c = std::get_if<Cells>(&item)) {
      inside(c->x, c->y);
      inside(c->x + double(c->columns) * c->cellWidth,
             c->y + double(c->rows) * c->cellHeight);
    } else if (auto *l = std::get_if<Polyline>(&item)) {
      for (Point point : l->points)
        inside(point.x, point.y);
    } else {
      const Text &t = std::get<Text>(item);
      double width = textWidth(t.text, t.size);
      double begin = t.anchor == Anchor::Start    ? 0
                     : t.anchor == Anchor::Middle ? -width / 2
                                                  : -width;
      if (t.upwards) {
        inside(t.at.x - t.size * 0.8, t.at.y - begin - width);
        inside(t.at.x, t.at.y - begin);
      } else {
        inside(t.at.x + begin, t.at.y - t.size * 0.8);
        inside(t.at.x + begin + width, t.at.y);
      }
    }
  }
}

TEST(Layout, NothingLeavesThePicture) {
  std::string name =
      "a quite long name of an axis or a title, longer than maps are";
  for (int64_t size : {1, 5, 40, 999})
    for (size_t count : {1, 3, 20})
      for (bool labels : {false, true})
        for (bool names : {false, true}) {
          Map map = numbered(size, size > 40 ? 3 : size + 1);
          if (names)
            map.title = map.x.name = map.y.name = name;
          if (labels) {
            map.x.labels.assign(map.x.size, "wwwwwwwwwwwwwwwwwwwwwwwww");
            map.y.labels.assign(map.y.size, "long token, to be cut somewhere");
          }
          MapSet set{names ? name : "", "", {}, "value", {}, false};
          set.rows.push_back({names ? name : "", std::vector<Map>(count, map)});
          std::optional<MapFigure> figure = colorMaps(std::move(set));
          ASSERT_TRUE(figure);
          figure->legend = {{nanColor, "NaN"}, {maskedColor, name}};
          SCOPED_TRACE(std::to_string(size) + " " + std::to_string(count));
          expectInside(draw(*figure));
        }
}

TEST(Layout, CurvesStayInThePicture) {
  for (int64_t size : {1, 2, 5, 200, 5000})
    for (bool labels : {false, true}) {
      CurveFigure figure{
          "a title", "[5, 12]", {"axis 0", size, {}}, "value", {}};
      if (labels)
        figure.x.labels.assign(size, "a label that is longer than its place");
      for (int column = 0; column < 12; ++column) {
        Curve &curve = figure.curves.emplace_back();
        curve.name = "column " + std::to_string(column);
        for (int64_t i = 0; i < size; ++i)
          curve.values.push_back(i % 7 == 3 ? NAN
                                            : column * std::sin(double(i)));
      }
      std::optional<Picture> picture = draw(figure);
      ASSERT_TRUE(picture);
      expectInside(*picture);
    }
}

TEST(Layout, CurvesNeedANumber) {
  CurveFigure figure{"", "", {"", 2, {}}, "", {{"", {NAN, INFINITY}}}};
  EXPECT_FALSE(draw(figure));
  figure.range = {0, 1};
  EXPECT_TRUE(draw(figure));
}

TEST(Layout, CellsAreSquareUnlessASideIsShort) {
  EXPECT_EQ(cellPixels(200, 200, 1), 2);
  EXPECT_EQ(cellPixels(50, 200, 1), 2);
  // Half of 400 pixels on 16, and no cell above 48.
  EXPECT_EQ(cellPixels(16, 200, 1), 12);
  EXPECT_EQ(cellPixels(1, 200, 1), 48);
  EXPECT_EQ(cellPixels(1, 5, 1), 48);
  EXPECT_EQ(cellPixels(0, 0, 1), 48);
  auto cellsOf = [](std::vector<Map> maps) {
    std::optional<MapFigure> figure =
        colorMaps({"", "", {{"", std::move(maps)}}, "", {}, false});
    std::vector<Cells> cells;
    for (const auto &item : draw(*figure).items)
      if (auto *found = std::get_if<Cells>(&item))
        cells.push_back(*found);
    return cells;
  };
  Cells narrow = cellsOf({numbered(200, 16)})[0];
  EXPECT_EQ(narrow.cellWidth, 12);
  EXPECT_EQ(narrow.cellHeight, 2);
  // A small map beside a large one is large enough to be read.
  std::vector<Cells> cells = cellsOf({numbered(200, 200), numbered(5, 5)});
  EXPECT_EQ(cells[0].cellWidth, cells[0].cellHeight);
  EXPECT_EQ(cells[1].cellWidth, cells[1].cellHeight);
  EXPECT_GE(cells[1].cellWidth * 5, 60);
}

/// The labels of an axis as (begin, end) along it.
TEST(Layout, LabelsOfOnePanelDoNotOverlap) {
  for (int64_t size : {1, 3, 7, 30, 77, 200, 640}) {
    std::optional<MapFigure> figure =
        colorMaps({"", "", {{"", {numbered(size, size)}}}, "", {}, false});
    Picture picture = draw(*figure);
    double lastX = -1e9, lastY = -1e9;
    for (const auto &item : picture.items) {
      auto *text = std::get_if<Text>(&item);
      if (!text || text->upwards || text->size != 10)
        continue;
      if (text->anchor == Anchor::Middle) {
        double half = textWidth(text->text, 10) / 2;
        EXPECT_GE(text->at.x - half, lastX + 2) << size << " " << text->text;
        lastX = text->at.x + half;
      } else if (text->anchor == Anchor::End) {
        EXPECT_GE(text->at.y - 8, lastY) << size << " " << text->text;
        lastY = text->at.y;
      }
    }
    EXPECT_GT(lastX, 0);
    EXPECT_GT(lastY, 0);
  }
}

TEST(Formats, SvgEscapesText) {
  Picture picture{50, 20, {}};
  picture.add(Text{{2, 10}, "<a> & \"b\"", 10});
  std::string svg = toSvg(picture);
  EXPECT_NE(svg.find("&lt;a&gt; &amp; \"b\"</text>"), std::string::npos);
  EXPECT_EQ(toPng(picture).substr(1, 3), "PNG");
}
