#include "tools/attune/ViewOptions.h"
#include "tools/attune/Report.h"
#include "tools/view/Font.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace llvm;

namespace attune::tool {

SmallVector<int64_t> parseIndexList(StringRef text) {
  SmallVector<int64_t> list;
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  for (StringRef part : parts) {
    auto [first, last] = part.trim().split('-');
    std::optional<int64_t> low = parseInteger(first, 0, 1 << 30);
    std::optional<int64_t> high = first.size() == part.trim().size()
                                      ? low
                                      : parseInteger(last, 0, 1 << 30);
    if (!low || !high || *high < *low || *high - *low > 100000)
      return {};
    for (int64_t i = *low; i <= *high; ++i)
      list.push_back(i);
  }
  return list;
}

static int readSubject(const Arguments &arguments, ViewOptions &options) {
  struct {
    StringRef option;
    Subject subject;
  } static constexpr subjects[] = {{"--probs", Subject::Probabilities},
                                   {"--mask", Subject::Mask},
                                   {"--output", Subject::Output},
                                   {"--weight", Subject::Weight},
                                   {"--array", Subject::Array}};
  StringRef chosen;
  for (auto [option, subject] : subjects) {
    if (!arguments.has(option))
      continue;
    if (!chosen.empty())
      return userError("T0501",
                       "`" + chosen + "` and `" + option + "` are two pictures",
                       "draw one at a time");
    chosen = option;
    options.subject = subject;
    options.name = arguments.get(option).value_or("");
  }
  size_t files = arguments.positional.size();
  bool needsSpec =
      options.subject != Subject::Array && options.subject != Subject::Weight;
  if (needsSpec ? files != 1 : files != 0)
    return userError(
        "T0011",
        needsSpec ? Twine("`attune view` takes one file")
                  : "`attune view " + chosen + "` takes no spec",
        needsSpec ? "usage: attune view FILE.attn --input x=random:1 -o map.png"
                  : "usage: attune view " + chosen +
                        (options.subject == Subject::Array
                             ? "=FILE.npy -o map.png"
                             : "=NAME --weights=FILE.safetensors -o map.png"));
  if (options.subject == Subject::Weight && !arguments.has("--weights"))
    return userError("T0205", "a weight needs a weight file",
                     "pass `--weights FILE.safetensors`");
  return Done;
}

static int readPath(const Arguments &arguments, ViewOptions &options) {
  std::optional<std::string> path = arguments.get("-o");
  if (!path)
    return userError("T0502", "the picture has no file",
                     "pass `-o map.png` or `-o map.svg`");
  options.path = *path;
  std::string extension = sys::path::extension(*path).lower();
  if (extension != ".png" && extension != ".svg")
    return userError("T0502", "`" + *path + "` is neither .png nor .svg",
                     "pass `-o map.png` or `-o map.svg`");
  options.isSvg = extension == ".svg";
  return Done;
}

static int readRange(const Arguments &arguments, ViewOptions &options) {
  std::optional<std::string> text = arguments.get("--range");
  if (!text)
    return Done;
  auto [first, last] = StringRef(*text).split(':');
  double low, high;
  if (first.getAsDouble(low) || last.getAsDouble(high) || !std::isfinite(low) ||
      !std::isfinite(high) || !(low < high))
    return userError("T0503", "`" + *text + "` is no range of numbers",
                     "write `--range=0:0.5`");
  options.range = {low, high};
  return Done;
}

/// What would not change the picture is a mistake.
static int refuseUseless(const Arguments &arguments,
                         const ViewOptions &options) {
  bool isArray = options.subject != Subject::Probabilities &&
                 options.subject != Subject::Mask;
  struct {
    StringRef option;
    bool isOfUse;
    StringRef use;
  } const uses[] = {
      {"--index", isArray, "--output, --weight and --array"},
      {"--columns", options.curves, "--curves"},
      {"--heads", !isArray, "attention maps and masks"},
      {"--attends", !isArray, "attention maps and masks"},
      {"--batch", !isArray, "attention maps and masks"},
      {"--range", options.subject != Subject::Mask, "pictures of numbers"}};
  for (const auto &[option, isOfUse, use] : uses)
    if (arguments.has(option) && !isOfUse)
      return userError("T0501", "`" + option + "` is for " + use);
  return Done;
}

int ViewOptions::read(const Arguments &arguments) {
  if (int code = readSubject(arguments, *this))
    return code;
  if (int code = readPath(arguments, *this))
    return code;
  if (int code = readRange(arguments, *this))
    return code;
  title = view::cleanText(arguments.get("--title").value_or(""));
  curves = arguments.has("--curves");
  if (curves && (subject == Subject::Probabilities || subject == Subject::Mask))
    return userError("T0501", "curves are of an array",
                     "name it with --output, --weight or --array");
  if (int code = refuseUseless(arguments, *this))
    return code;
  struct {
    StringRef option;
    SmallVector<int64_t> &list;
  } lists[] = {{"--index", index},
               {"--heads", heads},
               {"--attends", attends},
               {"--columns", columns}};
  for (auto &[option, list] : lists)
    if (std::optional<std::string> text = arguments.get(option)) {
      list = parseIndexList(*text);
      if (list.empty())
        return userError("T0503",
                         "`" + option + "=" + *text +
                             "` is no list of numbers from 0 on",
                         "write `" + option + "=0,2-4`");
    }
  if (std::optional<std::string> text = arguments.get("--batch")) {
    std::optional<int64_t> value = parseInteger(*text, 0, 1 << 30);
    if (!value)
      return userError("T0503",
                       "`--batch=" + *text + "` is no number from 0 on");
    batch = *value;
  }
  for (const std::string &text : arguments.all("--tokens"))
    if (int code = tokens.read(text))
      return code;
  return Done;
}

int writePicture(const view::Picture &picture, const ViewOptions &options) {
  if (picture.width > view::maxExtent || picture.height > view::maxExtent)
    return userError("T0508",
                     "the picture would have " + Twine(int64_t(picture.width)) +
                         " x " + Twine(int64_t(picture.height)) + " pixels",
                     "choose fewer maps with --attends, --heads or --index");
  std::string bytes =
      options.isSvg ? view::toSvg(picture) : view::toPng(picture);
  if (bytes.empty())
    return userError("T0508", "no memory for the picture");
  std::error_code error;
  raw_fd_ostream file(options.path, error);
  if (!error) {
    file << bytes;
    file.close();
    error = file.error();
    file.clear_error();
  }
  if (error)
    return userError("T0208",
                     "cannot write " + options.path + ": " + error.message());
  outs() << options.path << ": " << int64_t(picture.width) << " x "
         << int64_t(picture.height) << "\n";
  return Done;
}

} // namespace attune::tool
