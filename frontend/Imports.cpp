//===- Imports.cpp - A spec and all files that it imports -----------------===//

#include "frontend/Imports.h"

#include "frontend/Parser.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace attune::frontend;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

namespace {

class Loader {
public:
  Loader(llvm::StringRef libraryDirectory, Sources &sources,
         ast::Context &context, Diagnostics &diagnostics)
      : libraryDirectory(libraryDirectory), sources(sources), context(context),
        diagnostics(diagnostics) {}

  /// Loads the file at `file`, shown as `shown`; `from` is the import, if any.
  /// Nothing after an error that was reported.
  std::optional<size_t> load(const std::string &file, std::string shown,
                             std::optional<Span> from);

  Program program;

private:
  std::optional<size_t> loadImport(const ast::Decl &import,
                                   llvm::StringRef importer);

  /// Longer chains of imports are refused: this recursion is one level a file.
  static constexpr size_t maxDepth = 64;

  llvm::StringRef libraryDirectory;
  Sources &sources;
  ast::Context &context;
  Diagnostics &diagnostics;
  llvm::StringMap<size_t> known;                         // real path -> index
  std::vector<std::pair<std::string, std::string>> open; // real path, shown
};

} // namespace

std::optional<size_t> Loader::load(const std::string &file, std::string shown,
                                   std::optional<Span> from) {
  llvm::SmallString<256> real;
  if (std::error_code error = fs::real_path(file, real)) {
    if (error == std::errc::no_such_file_or_directory ||
        error == std::errc::not_a_directory) {
      auto message = diagnostics.report(Diag::import_not_found, from, shown);
      if (llvm::StringRef(shown).ends_with(".attn.attn"))
        message.help("leave out the ending: `import` adds `.attn`");
    } else {
      diagnostics.report(Diag::import_unreadable, from, shown, error.message());
    }
    return std::nullopt;
  }
  if (fs::is_directory(real)) {
    diagnostics.report(Diag::import_unreadable, from, shown, "it is a folder");
    return std::nullopt;
  }
  std::string key = real.str().str();
  for (size_t i = 0; i < open.size(); ++i)
    if (open[i].first == key) {
      std::string cycle;
      for (size_t j = i; j < open.size(); ++j)
        cycle += open[j].second + " -> ";
      diagnostics.report(Diag::import_cycle, from, shown, cycle + shown);
      return std::nullopt;
    }
  if (auto found = known.find(key); found != known.end())
    return found->second;
  if (open.size() >= maxDepth) {
    diagnostics.report(Diag::import_unreadable, from, shown,
                       "imports are more than 64 deep");
    return std::nullopt;
  }
  // A pipe or device could block or never end; only regular files are read.
  fs::file_status status;
  if (fs::status(real, status) || !fs::is_regular_file(status)) {
    diagnostics.report(Diag::import_unreadable, from, shown,
                       "it is not a regular file");
    return std::nullopt;
  }
  constexpr uint64_t limit = uint64_t(1) << 20;
  if (status.getSize() > limit) {
    // Registered without its text, for the message alone.
    diagnostics.report(Diag::file_too_large, from, status.getSize());
    return std::nullopt;
  }
  auto buffer = llvm::MemoryBuffer::getFile(real);
  if (!buffer) {
    diagnostics.report(Diag::import_unreadable, from, shown,
                       buffer.getError().message());
    return std::nullopt;
  }
  uint32_t number = sources.add(shown, (*buffer)->getBuffer().str());
  if (!open.empty()) // messages name an import as it is written
    sources.setPath(number, key);
  size_t index = program.files.size();
  known[key] = index;
  program.files.emplace_back();
  ast::File tree = parse(sources, number, context, diagnostics);
  open.push_back({key, shown});
  std::vector<LoadedFile::Import> imports;
  for (const ast::Decl *decl : tree.declarations)
    if (decl->kind == ast::Decl::Kind::Import)
      if (std::optional<size_t> imported = loadImport(*decl, key))
        imports.push_back({decl->text.span, *imported});
  open.pop_back();
  program.files[index] = {std::move(tree), std::move(imports)};
  return index;
}

std::optional<size_t> Loader::loadImport(const ast::Decl &import,
                                         llvm::StringRef importer) {
  llvm::StringRef name = import.text.value;
  Span span = import.text.span;
  bool escapes = name.empty() || path::is_absolute(name) ||
                 name.contains('\0') || name.contains('\\');
  llvm::SmallVector<llvm::StringRef> parts;
  name.split(parts, '/');
  for (llvm::StringRef part : parts)
    escapes |= part == ".." || part == "." || part.empty();
  if (escapes) {
    diagnostics.report(Diag::import_escapes, span, name.str());
    return std::nullopt;
  }
  llvm::SmallString<256> file;
  if (parts.front() == "std" && parts.size() > 1) {
    file = libraryDirectory;
    path::append(file, name.drop_front(4) + ".attn");
  } else {
    file = path::parent_path(importer);
    path::append(file, name + ".attn");
  }
  // A symbolic link may not lead out of the folder either.
  llvm::SmallString<256> realFile, realRoot;
  llvm::StringRef root = parts.front() == "std" && parts.size() > 1
                             ? libraryDirectory
                             : path::parent_path(importer);
  if (!fs::real_path(file, realFile) && !fs::real_path(root, realRoot)) {
    llvm::StringRef rest = realFile;
    if (!rest.consume_front(realRoot) ||
        !(rest.starts_with("/") || realRoot == "/")) {
      diagnostics.report(Diag::import_escapes, span, name.str());
      return std::nullopt;
    }
  }
  return load(file.str().str(), (name + ".attn").str(), span);
}

Program attune::frontend::loadProgram(llvm::StringRef path,
                                      llvm::StringRef libraryDirectory,
                                      Sources &sources, ast::Context &context,
                                      Diagnostics &diagnostics) {
  Loader loader(libraryDirectory, sources, context, diagnostics);
  loader.load(path.str(), path.str(), std::nullopt);
  return std::move(loader.program);
}
