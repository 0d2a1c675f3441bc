#include "tools/view/Font.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/ConvertUTF.h"
#include <ft2build.h>
#include <unordered_map>
#include <vector>
#include FT_FREETYPE_H

extern "C" const unsigned char attune_view_font[];
extern "C" const unsigned long attune_view_font_size;

namespace attune::view {

std::span<const unsigned char> fontBytes() {
  return {attune_view_font, attune_view_font_size};
}

namespace {
/// Advances of the font's glyphs, in its own units.
struct Metrics {
  FT_Library library = nullptr;
  FT_Face face = nullptr;

  Metrics() {
    if (!FT_Init_FreeType(&library))
      FT_New_Memory_Face(library, attune_view_font,
                         FT_Long(attune_view_font_size), 0, &face);
  }
  ~Metrics() {
    if (face)
      FT_Done_Face(face);
    if (library)
      FT_Done_FreeType(library);
  }
  Metrics(const Metrics &) = delete;

  double advance(char32_t character) {
    auto [known, isNew] = advances.try_emplace(character, 0.5);
    // Half the size where there is no font at all: layouts stay sound.
    if (isNew && face && !FT_Load_Char(face, character, FT_LOAD_NO_SCALE))
      known->second =
          double(face->glyph->metrics.horiAdvance) / face->units_per_EM;
    return known->second;
  }

private:
  std::unordered_map<char32_t, double> advances;
};
} // namespace

/// The code points of a text; bytes that are none become U+FFFD.
static std::vector<char32_t> decode(std::string_view text) {
  std::vector<char32_t> characters;
  auto *at = reinterpret_cast<const llvm::UTF8 *>(text.data());
  const llvm::UTF8 *end = at + text.size();
  while (at != end) {
    llvm::UTF32 character;
    if (llvm::convertUTF8Sequence(&at, end, &character,
                                  llvm::strictConversion) !=
        llvm::conversionOK) {
      character = 0xFFFD;
      ++at;
    }
    characters.push_back(character);
  }
  return characters;
}

static void encode(char32_t character, std::string &text) {
  char buffer[UNI_MAX_UTF8_BYTES_PER_CODE_POINT], *end = buffer;
  if (llvm::ConvertCodePointToUTF8(character, end))
    text.append(buffer, end);
}

double textWidth(std::string_view text, double size) {
  static Metrics metrics;
  double width = 0;
  for (char32_t character : decode(text))
    width += metrics.advance(character);
  return width * size;
}

std::string cutToWidth(std::string_view text, double size, double width) {
  if (textWidth(text, size) <= width)
    return std::string(text);
  static constexpr std::string_view dots = "…";
  double left = width - textWidth(dots, size);
  std::string kept;
  for (char32_t character : decode(text)) {
    std::string next = kept;
    encode(character, next);
    if (textWidth(next, size) > left)
      break;
    kept = std::move(next);
  }
  return kept + std::string(dots);
}

std::string cleanText(std::string_view bytes) {
  std::string text;
  for (char32_t character : decode(bytes)) {
    // XML has no place for these, not even escaped.
    bool isControl =
        character < 0x20 || (character >= 0x7F && character < 0xA0);
    bool isNone = character == 0xFFFE || character == 0xFFFF;
    encode(isControl ? U' ' : isNone ? char32_t(0xFFFD) : character, text);
  }
  return text;
}

} // namespace attune::view
