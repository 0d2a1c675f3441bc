/// Pictures as PNG files, by cairo.
#include "tools/view/Font.h"
#include "tools/view/Picture.h"
#include <algorithm>
#include <cairo-ft.h>
#include <cairo.h>
#include <cmath>
#include <memory>

namespace attune::view {

namespace {
template <auto destroy> struct Destroyer {
  template <typename Object> void operator()(Object *object) const {
    destroy(object);
  }
};
using Surface =
    std::unique_ptr<cairo_surface_t, Destroyer<cairo_surface_destroy>>;

/// The font as cairo and FreeType know it.
struct CairoFont {
  FT_Library library = nullptr;
  FT_Face face = nullptr;
  cairo_font_face_t *font = nullptr;

  CairoFont() {
    if (FT_Init_FreeType(&library) ||
        FT_New_Memory_Face(library, fontBytes().data(),
                           FT_Long(fontBytes().size()), 0, &face))
      return;
    font = cairo_ft_font_face_create_for_ft_face(face, FT_LOAD_NO_HINTING);
  }
};

class Painter {
public:
  Painter(cairo_surface_t *surface, double scale)
      : cairo(cairo_create(surface)) {
    cairo_scale(cairo, scale, scale);
    // Lives as long as the process: cairo caches glyphs of the face.
    static const CairoFont &font = *new CairoFont;
    if (font.font)
      cairo_set_font_face(cairo, font.font);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(cairo, options);
    cairo_font_options_destroy(options);
  }
  ~Painter() { cairo_destroy(cairo); }
  Painter(const Painter &) = delete;

  void operator()(const Rectangle &item) {
    use(item.fill);
    cairo_rectangle(cairo, item.x, item.y, item.width, item.height);
    cairo_fill(cairo);
  }

  void operator()(const Cells &item) {
    int width = int(item.columns), height = int(item.rows);
    Surface image(
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
    if (cairo_surface_status(image.get()))
      return;
    unsigned char *data = cairo_image_surface_get_data(image.get());
    int stride = cairo_image_surface_get_stride(image.get());
    for (int row = 0; row < height; ++row) {
      auto *line = reinterpret_cast<uint32_t *>(data + int64_t(row) * stride);
      for (int column = 0; column < width; ++column) {
        Color color = item.colors[int64_t(row) * width + column];
        line[column] =
            uint32_t(color.red) << 16 | uint32_t(color.green) << 8 | color.blue;
      }
    }
    cairo_surface_mark_dirty(image.get());
    cairo_save(cairo);
    cairo_translate(cairo, item.x, item.y);
    cairo_scale(cairo, item.cellWidth, item.cellHeight);
    cairo_set_source_surface(cairo, image.get(), 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
    cairo_rectangle(cairo, 0, 0, width, height);
    cairo_fill(cairo);
    cairo_restore(cairo);
  }

  void operator()(const Polyline &item) {
    use(item.color);
    cairo_set_line_width(cairo, item.width);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    cairo_new_path(cairo);
    for (Point point : item.points)
      cairo_line_to(cairo, point.x, point.y);
    cairo_stroke(cairo);
  }

  void operator()(const Text &item) {
    use(item.color);
    cairo_set_font_size(cairo, item.size);
    cairo_save(cairo);
    cairo_translate(cairo, item.at.x, item.at.y);
    if (item.upwards)
      cairo_rotate(cairo, -M_PI / 2);
    double width = textWidth(item.text, item.size);
    cairo_move_to(cairo,
                  item.anchor == Anchor::Start    ? 0
                  : item.anchor == Anchor::Middle ? -width / 2
                                                  : -width,
                  0);
    cairo_show_text(cairo, item.text.c_str());
    cairo_restore(cairo);
  }

private:
  void use(Color color) {
    cairo_set_source_rgb(cairo, color.red / 255.0, color.green / 255.0,
                         color.blue / 255.0);
  }

  cairo_t *cairo;
};
} // namespace

static cairo_status_t append(void *text, const unsigned char *data,
                             unsigned length) {
  static_cast<std::string *>(text)->append(reinterpret_cast<const char *>(data),
                                           length);
  return CAIRO_STATUS_SUCCESS;
}

std::string toPng(const Picture &picture) {
  double scale = std::max(picture.width, picture.height) <= 3000 ? 2 : 1;
  Surface surface(cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, int(std::ceil(picture.width * scale)),
      int(std::ceil(picture.height * scale))));
  std::string bytes;
  if (cairo_surface_status(surface.get()))
    return bytes;
  {
    Painter painter(surface.get(), scale);
    painter(Rectangle{0, 0, picture.width + 1, picture.height + 1, white});
    for (const auto &item : picture.items)
      std::visit(painter, item);
  }
  if (cairo_surface_write_to_png_stream(surface.get(), append, &bytes))
    bytes.clear();
  return bytes;
}

} // namespace attune::view
