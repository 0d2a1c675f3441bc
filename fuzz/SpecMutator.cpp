//===- SpecMutator.cpp - Changes specs token by token ---------------------===//
//
// Changed bytes seldom parse. This moves, copies, drops and replaces tokens and
// lines, so that most of a spec still checks; bytes are changed now and then.
//
//===----------------------------------------------------------------------===//

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"
#include <random>
#include <string>
#include <vector>

using llvm::StringRef;

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

namespace {

/// What specs are made of, and numbers at the edges.
constexpr StringRef words[] = {

    "import \"std/torch\"\n",
    "import \"std/masks\"\n",
    "import \"std/scores\"\n",
    "import \"std/d2l\"\n",
    "dim",
    "const",
    "mask",
    "score",
    "block",
    "model",
    "test",
    "option accumulate = f32",
    "input",
    "param",
    "let",
    "for i in 0..3 {",
    "output y =",
    "return",
    "expect",
    "tol",
    "at \"w\"",
    "at \"w.{i}\"",
    "in",
    "true",
    "false",
    "f32",
    "i64",
    "i32",
    "u8",
    "bool",
    "f64",
    "f16",
    "int",
    "float",
    "str",
    "scores",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "=",
    "~",
    "->",
    "..",
    "..=",
    ">>",
    "|",
    "&",
    "!",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "@",
    "b",
    "h",
    "q",
    "k",
    "s",
    "nb",
    "nh",
    "nq",
    "nk",
    "i",
    "T",
    "B",
    "D",
    "x",
    "full",
    "none",
    "causal",
    "causal(align = end)",
    "window(3, 0)",
    "window(0, 2)",
    "linear(",
    "affine(",
    "embedding(",
    "gather(",
    "layer_norm(",
    "rms_norm(",
    "rope(",
    "relu(",
    "silu(",
    "gelu(",
    "tanh(",
    "sigmoid(",
    "exp(",
    "exp2(",
    "log(",
    "sqrt(",
    "rsqrt(",
    "abs(",
    "cast(",
    "dropout(",
    "softmax(",
    "sum(",
    "mean(",
    "max(",
    "min(",
    "argmax(",
    "heads(",
    "merge(",
    "split(",
    "concat([",
    "transpose(",
    "reshape(",
    "repeat(",
    "tile(",
    "zeros([",
    "ones([",
    "arange(",
    "where(",
    "sinusoid(",
    "dot(",
    "attend(",
    "attention(",
    "mha(",
    "encoder_layer(",
    "scale =",
    "mask =",
    "score =",
    "axis =",
    "axis = -1",
    "bias = false",
    "eps =",
    "affine = false",
    "base =",
    "layout = interleaved",
    "offset =",
    "approx = tanh",
    "clamp(k - q, -2, 2)",
    "{ s }",
    "{ k <= q }",
    "probs",
    "lse",
    "empty_row =",
    "0",
    "1",
    "2",
    "3",
    "7",
    "8",
    "16",
    "17",
    "64",
    "-1",
    "255",
    "1048576",
    "1048577",
    "2147483647",
    "2147483648",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "0.0",
    "0.5",
    "1e-5",
    "1e38",
    "1e308",
    "1e-400",
    "\"\"",
    "// c\n"};

class Mutator {
public:
  Mutator(StringRef text, unsigned seed) : random(seed) { split(text); }

  void change() {
    switch (pick(tokens.empty() ? 1 : 12)) {
    case 0:
      return insert(pick(tokens.size() + 1),
                    {words[pick(std::size(words))].str()});
    case 1:
      return erase(pick(tokens.size()), 1);
    case 2:
      return erase(pick(tokens.size()), 1 + pick(8));
    case 3:
      return copy(pick(tokens.size()), 1 + pick(12));
    case 4:
      std::swap(tokens[pick(tokens.size())], tokens[pick(tokens.size())]);
      return;
    case 5:
    case 6:
      return replaceAlike(pick(tokens.size()));
    case 7:
    case 8:
      return changeNumber();
    case 9:
      tokens[pick(tokens.size())] = words[pick(std::size(words))].str();
      return;
    case 10:
      return copyLine();
    default:
      return eraseLine();
    }
  }

  std::string text() const { return llvm::join(tokens, ""); }

  /// Lines of `other` between ours.
  void cross(StringRef other) {
    llvm::SmallVector<StringRef> lines;
    other.split(lines, '\n');
    size_t begin = pick(lines.size());
    std::string part;
    for (size_t i = begin; i < lines.size() && i <= begin + pick(6); ++i)
      part += lines[i].str() + "\n";
    size_t at = pick(tokens.size() + 1);
    while (at < tokens.size() && !isLineEnd(at))
      ++at;
    insert(at, {"\n", part});
  }

private:
  size_t pick(size_t count) { return count ? random() % count : 0; }

  static int classOf(StringRef token) {
    char c = token.front();
    return llvm::isDigit(c)               ? 0
           : llvm::isAlpha(c) || c == '_' ? 1
           : llvm::isSpace(c)             ? 2
           : c == '"'                     ? 3
                                          : 4;
  }

  /// Names, numbers, strings, white space, and single other characters.
  void split(StringRef text) {
    while (!text.empty()) {
      int kind = classOf(text);
      size_t length = 1;
      while (length < text.size() &&
             ((kind == 1 && classOf(text.drop_front(length)) <= 1) ||
              (kind == 0 && (llvm::isDigit(text[length]) ||
                             (text[length] == '.' && text[length - 1] != '.' &&
                              length + 1 < text.size() &&
                              llvm::isDigit(text[length + 1])))) ||
              (kind == 2 && llvm::isSpace(text[length])) ||
              (kind == 3 && text[length] != '\n' &&
               (length == 1 || text[length - 1] != '"')) ||
              (kind == 4 && length == 1 &&
               StringRef("..>><=>===!=->").contains(text.take_front(2)) &&
               classOf(text.drop_front(1)) == 4)))
        ++length;
      tokens.push_back(text.take_front(length).str());
      text = text.drop_front(length);
    }
  }

  void insert(size_t at, std::vector<std::string> what) {
    tokens.insert(tokens.begin() + at, " ");
    tokens.insert(tokens.begin() + at + 1, what.begin(), what.end());
    tokens.insert(tokens.begin() + at + 1 + what.size(), " ");
  }
  void erase(size_t at, size_t count) {
    tokens.erase(tokens.begin() + at,
                 tokens.begin() + std::min(at + count, tokens.size()));
  }
  void copy(size_t at, size_t count) {
    std::vector<std::string> part(tokens.begin() + at,
                                  tokens.begin() +
                                      std::min(at + count, tokens.size()));
    insert(pick(tokens.size() + 1), part);
  }
  /// Another token of the same kind in its place.
  void replaceAlike(size_t at) {
    for (int tries = 0; tries < 20; ++tries) {
      const std::string &other = tokens[pick(tokens.size())];
      if (other != tokens[at] && classOf(other) == classOf(tokens[at])) {
        tokens[at] = other;
        return;
      }
    }
  }
  void changeNumber() {
    for (int tries = 0; tries < 40; ++tries) {
      std::string &token = tokens[pick(tokens.size())];
      int64_t value;
      if (classOf(token) != 0 || StringRef(token).getAsInteger(10, value))
        continue;
      uint64_t v = uint64_t(value);
      uint64_t values[] = {v + 1, v - 1, v * 2,      v / 2,     0,
                           1,     v * v, v + 0xffff, 1u << 31u, pick(40)};
      token = std::to_string(int64_t(values[pick(std::size(values))]));
      return;
    }
  }

  bool isLineEnd(size_t at) const {
    return StringRef(tokens[at]).contains('\n');
  }
  std::pair<size_t, size_t> line() {
    size_t begin = pick(tokens.size()), end = begin;
    while (begin > 0 && !isLineEnd(begin - 1))
      --begin;
    while (end < tokens.size() && !isLineEnd(end))
      ++end;
    return {begin, std::min(end + 1, tokens.size())};
  }
  void eraseLine() {
    auto [begin, end] = line();
    erase(begin, end - begin);
  }
  /// A line again, in front of another one.
  void copyLine() {
    auto [begin, end] = line();
    std::vector<std::string> part(tokens.begin() + begin, tokens.begin() + end);
    size_t at = line().first;
    tokens.insert(tokens.begin() + at, part.begin(), part.end());
  }

  std::minstd_rand random;
  std::vector<std::string> tokens;
};

size_t store(const std::string &text, uint8_t *to, size_t room) {
  size_t size = std::min(text.size(), room);
  std::copy_n(text.begin(), size, to);
  return size;
}

} // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t maxSize, unsigned seed) {
  if (seed % 16 == 0)
    return LLVMFuzzerMutate(data, size, maxSize);
  Mutator mutator({reinterpret_cast<char *>(data), size}, seed);
  for (unsigned i = 0; i <= seed / 16 % 4; ++i)
    mutator.change();
  return store(mutator.text(), data, maxSize);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t aSize,
                                            const uint8_t *b, size_t bSize,
                                            uint8_t *out, size_t outSize,
                                            unsigned seed) {
  Mutator mutator({reinterpret_cast<const char *>(a), aSize}, seed);
  mutator.cross({reinterpret_cast<const char *>(b), bSize});
  return store(mutator.text(), out, outSize);
}
