#include "tools/view/Titles.h"
#include "tools/view/Font.h"

#include <algorithm>

namespace attune::view {

static constexpr double titleSize = 15, subtitleSize = 11;

Extent drawTitles(Picture &picture, const std::string &title,
                  const std::string &subtitle, double margin) {
  Extent end{0, margin};
  auto line = [&](const std::string &whole, double size, Color color) {
    if (whole.empty())
      return;
    std::string text = cutToWidth(whole, size, maxTitle);
    end.bottom += size;
    picture.add(
        Text{{margin, end.bottom}, text, size, Anchor::Start, false, color});
    end.right = std::max(end.right, margin + textWidth(text, size));
    end.bottom += size * 0.5;
  };
  line(title, titleSize, black);
  line(subtitle, subtitleSize, gray);
  return end;
}

} // namespace attune::view
