#include "tools/attune/Inputs.h"
#include <cmath>

using namespace llvm;

namespace attune::tool {

namespace {
/// A recursive list reader; the depth is bounded by the largest rank.
class LiteralParser {
public:
  LiteralParser(StringRef text, bool isFloat) : rest(text.trim()) {
    array.isFloat = isFloat;
  }

  bool parse() {
    if (!parseValue(0))
      return false;
    if (!rest.trim().empty())
      return fail("nothing may follow the value");
    return true;
  }

  reference::Array array;
  std::string message;

private:
  static constexpr size_t maxRank = 8;

  bool fail(const Twine &why) {
    if (message.empty())
      message = why.str();
    return false;
  }

  bool consume(char c) {
    rest = rest.ltrim();
    return rest.consume_front(StringRef(&c, 1));
  }

  bool parseValue(size_t depth) {
    if (!consume('['))
      return parseNumber(depth);
    if (depth == maxRank)
      return fail("lists nest deeper than rank 8");
    bool first = shapeKnown <= depth;
    int64_t count = 0;
    if (first) {
      if (rankKnown)
        return fail("the lists nest to different depths");
      array.shape.push_back(0);
      shapeKnown = depth + 1;
    }
    while (!consume(']')) {
      if (count > 0 && !consume(','))
        return fail("expected `,` or `]`");
      if (count > 0 && consume(']'))
        break;
      if (!parseValue(depth + 1))
        return false;
      ++count;
    }
    if (first)
      array.shape[depth] = count;
    else if (array.shape[depth] != count)
      return fail("the lists have different lengths");
    return true;
  }

  bool parseNumber(size_t depth) {
    if (depth != array.shape.size())
      return fail("the lists nest to different depths");
    rankKnown = true;
    size_t length = 0;
    while (length < rest.size() && !StringRef(",] \t").contains(rest[length]))
      ++length;
    StringRef word = rest.take_front(length);
    rest = rest.drop_front(length);
    if (word == "true" || word == "false") {
      if (array.isFloat)
        return fail("`" + word + "` is not a float");
      array.integers.push_back(word == "true");
      return true;
    }
    double real;
    int64_t integer;
    if (!array.isFloat) {
      if (word.getAsInteger(10, integer))
        return fail("`" + word + "` is not an integer");
      array.integers.push_back(integer);
      return true;
    }
    if (word == "nan" || word == "inf" || word == "-inf")
      real = word == "nan" ? NAN : word == "inf" ? INFINITY : -INFINITY;
    else if (word.empty() || word.getAsDouble(real))
      return fail("`" + word + "` is not a number");
    array.reals.push_back(float(real));
    return true;
  }

  StringRef rest;
  size_t shapeKnown = 0;
  bool rankKnown = false;
};
} // namespace

std::optional<reference::Array> parseLiteral(StringRef text, bool isFloat,
                                             std::string &message) {
  LiteralParser parser(text, isFloat);
  if (parser.parse())
    return std::move(parser.array);
  message = parser.message;
  return std::nullopt;
}

} // namespace attune::tool
