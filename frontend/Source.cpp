//===- Source.cpp - Spec files and places in them -------------------------===//

#include "frontend/Source.h"

#include <algorithm>

using namespace attune::frontend;

uint32_t Sources::add(std::string name, std::string text) {
  auto file = std::make_unique<File>();
  file->name = std::move(name);
  file->text = std::move(text);
  file->lineStarts.push_back(0);
  for (uint32_t i = 0; i < file->text.size(); ++i)
    if (file->text[i] == '\n')
      file->lineStarts.push_back(i + 1);
  files.push_back(std::move(file));
  return files.size() - 1;
}

llvm::StringRef Sources::path(uint32_t file) const {
  const std::string &path = files[file]->path;
  return path.empty() ? name(file) : llvm::StringRef(path);
}

void Sources::setPath(uint32_t file, std::string path) {
  files[file]->path = std::move(path);
}

llvm::StringRef Sources::text(Span span) const {
  return text(span.file).slice(span.begin, span.end);
}

LineColumn Sources::lineColumn(uint32_t file, uint32_t offset) const {
  const std::vector<uint32_t> &starts = files[file]->lineStarts;
  auto next = std::upper_bound(starts.begin(), starts.end(), offset);
  unsigned line = next - starts.begin();
  return {line, offset - starts[line - 1] + 1};
}

llvm::StringRef Sources::line(uint32_t file, uint32_t offset) const {
  unsigned number = lineColumn(file, offset).line;
  llvm::StringRef rest =
      text(file).drop_front(files[file]->lineStarts[number - 1]);
  return rest.take_until([](char c) { return c == '\n' || c == '\r'; });
}
