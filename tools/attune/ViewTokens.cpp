#include "tools/attune/ViewTokens.h"
#include "tools/attune/Options.h"
#include "tools/attune/Report.h"
#include "tools/view/Font.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace attune::tool {

int TokenLabels::read(StringRef text) {
  File file;
  auto [dim, path] = text.split('=');
  bool isDim = dim.size() != text.size() && !dim.empty() &&
               all_of(dim, [](char c) { return isAlnum(c) || c == '_'; });
  file.dim = isDim ? dim.str() : "";
  file.path = isDim ? path.str() : text.str();
  auto buffer = MemoryBuffer::getFile(file.path, /*IsText=*/true);
  if (!buffer)
    return userError("T0507", "cannot read " + file.path + ": " +
                                  buffer.getError().message());
  SmallVector<StringRef> lines;
  (*buffer)->getBuffer().split(lines, '\n');
  if (lines.back().empty())
    lines.pop_back();
  for (StringRef line : lines)
    file.tokens.push_back(view::cleanText(line.rtrim('\r')));
  files.push_back(std::move(file));
  return Done;
}

void TokenLabels::label(view::Axis &axis, StringRef dim) {
  std::string described = std::to_string(axis.size) + " (" +
                          (dim.empty() ? axis.name : dim.str()) + ")";
  if (!is_contained(axes, described))
    axes.push_back(std::move(described));
  File *fitting = nullptr;
  for (File &file : files) {
    if (int64_t(file.tokens.size()) != axis.size)
      continue;
    if (!file.dim.empty() && file.dim == dim) {
      fitting = &file;
      break;
    }
    if (file.dim.empty() && !fitting)
      fitting = &file;
  }
  if (!fitting)
    return;
  fitting->used = true;
  axis.labels = fitting->tokens;
}

int TokenLabels::checkUsed() const {
  for (const File &file : files)
    if (!file.used)
      return userError("T0507",
                       file.path + " has " + Twine(file.tokens.size()) +
                           " tokens, one a line, but " +
                           (file.dim.empty()
                                ? std::string("no axis has as many positions")
                                : "no axis of dim `" + file.dim + "` has"),
                       "the axes have " + join(axes, ", "));
  return Done;
}

} // namespace attune::tool
