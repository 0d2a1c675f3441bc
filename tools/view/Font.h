/// The font of all pictures, DejaVu Sans, which is part of the program: text
/// looks and measures the same on every machine.
#ifndef ATTUNE_VIEW_FONT_H
#define ATTUNE_VIEW_FONT_H

#include <span>
#include <string>
#include <string_view>

namespace attune::view {

/// The font file's bytes.
std::span<const unsigned char> fontBytes();

/// The width of one line of UTF-8 text, pixels.
double textWidth(std::string_view text, double size);

/// `text`, or as much of its beginning as fits `width` together with "…".
std::string cutToWidth(std::string_view text, double size, double width);

/// The width at which titles are cut, pixels.
inline constexpr double maxTitle = 1200;

/// Text of any bytes as one line of UTF-8 that a picture can show: control
/// characters become spaces, bytes that are no UTF-8 the replacement character.
std::string cleanText(std::string_view bytes);

} // namespace attune::view

#endif
