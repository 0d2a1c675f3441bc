//===- Source.h - Spec files and places in them -----------------*- C++ -*-===//
#ifndef ATTUNE_FRONTEND_SOURCE_H
#define ATTUNE_FRONTEND_SOURCE_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace attune::frontend {

/// A range of bytes of one file.
struct Span {
  uint32_t file = 0;
  uint32_t begin = 0;
  uint32_t end = 0;

  /// From the begin of `a` to the end of `b`, in one file.
  static Span join(Span a, Span b) { return {a.file, a.begin, b.end}; }
};

/// Line and column, both from 1; columns count bytes.
struct LineColumn {
  unsigned line;
  unsigned column;
};

/// The texts of all files of a compilation. Their memory lives as long as this.
class Sources {
public:
  /// Adds a file under the name that messages show; returns its number.
  uint32_t add(std::string name, std::string text);

  /// The number of files.
  uint32_t size() const { return files.size(); }
  llvm::StringRef name(uint32_t file) const { return files[file]->name; }
  /// Where the file lies: its name, unless another path was set.
  llvm::StringRef path(uint32_t file) const;
  void setPath(uint32_t file, std::string path);
  llvm::StringRef text(uint32_t file) const { return files[file]->text; }
  llvm::StringRef text(Span span) const;
  LineColumn lineColumn(uint32_t file, uint32_t offset) const;
  /// The line that holds `offset`, without its end.
  llvm::StringRef line(uint32_t file, uint32_t offset) const;

private:
  struct File {
    std::string name;
    std::string text;
    std::vector<uint32_t> lineStarts;
    std::string path;
  };
  std::vector<std::unique_ptr<File>> files;
};

} // namespace attune::frontend

#endif // ATTUNE_FRONTEND_SOURCE_H
