//===- Diagnostics.cpp - Messages to the author of a spec -----------------===//

#include "frontend/Diagnostics.h"

#include "llvm/Support/ConvertUTF.h"

using namespace attune::frontend;

static const DiagnosticInfo table[] = {
#define DIAGNOSTIC(NAME, CODE, SEVERITY, FORMAT, EXPLANATION)                  \
  {Diag::NAME, #NAME, CODE, Severity::SEVERITY, FORMAT, EXPLANATION},
#include "frontend/Diagnostics.def"
};

llvm::ArrayRef<DiagnosticInfo> attune::frontend::allDiagnostics() {
  return table;
}

const DiagnosticInfo *attune::frontend::findDiagnostic(llvm::StringRef code) {
  for (const DiagnosticInfo &info : table)
    if (info.code.equals_insensitive(code))
      return &info;
  return nullptr;
}

DiagnosticBuilder Diagnostics::add(Diag id, std::optional<Span> span,
                                   std::string title) {
  bool isError = table[unsigned(id)].severity == Severity::Error;
  // One message a cause: the same code at the same place is said once, and the
  // same message in one call of a block: the arguments of that are the cause.
  auto same = [](const std::optional<Span> &a, const std::optional<Span> &b) {
    return a && b && a->file == b->file && a->begin == b->begin;
  };
  auto isInCall = [&](const Diagnostic &other) {
    return isError && !calls.empty() && other.title == title &&
           llvm::any_of(other.notes, [&](const Diagnostic::Note &note) {
             return !note.isHelp && same(note.span, calls.front().span);
           });
  };
  for (const Diagnostic &other : diagnostics)
    if (other.id == id && (same(other.span, span) || isInCall(other)))
      return DiagnosticBuilder(nullptr);
  errors += isError;
  if (isError ? errors > limit : diagnostics.size() >= 2 * limit)
    return DiagnosticBuilder(nullptr);
  // Builders point into the vector only until the next report.
  diagnostics.push_back({id, std::move(title), span, {}});
  // The innermost calls and the author's.
  constexpr size_t inner = 3;
  for (size_t depth = 0; isError && depth < calls.size(); ++depth)
    if (depth < inner || depth + 1 == calls.size())
      diagnostics.back().notes.push_back(calls[calls.size() - 1 - depth]);
  return DiagnosticBuilder(&diagnostics.back());
}

/// True for characters that could change how a terminal shows a line.
static bool isHidden(uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) ||
         c == 0xfeff;
}

std::string attune::frontend::escapeForDisplay(llvm::StringRef text) {
  std::string out;
  auto *at = reinterpret_cast<const llvm::UTF8 *>(text.begin());
  auto *end = reinterpret_cast<const llvm::UTF8 *>(text.end());
  while (at != end) {
    llvm::UTF32 character;
    const llvm::UTF8 *next = at;
    if (llvm::convertUTF8Sequence(&next, end, &character,
                                  llvm::strictConversion) !=
        llvm::conversionOK) {
      out += fmt::format("\\x{:02x}", *at);
      ++at;
      continue;
    }
    if (character == '\t')
      out += ' ';
    else if (isHidden(character))
      out += fmt::format("\\u{{{:x}}}", character);
    else
      out.append(at, next);
    at = next;
  }
  return out;
}

void Diagnostics::printLine(llvm::raw_ostream &os, Span span,
                            bool color) const {
  LineColumn place = sources.lineColumn(span.file, span.begin);
  os << "  --> " << escapeForDisplay(sources.name(span.file)) << ":"
     << place.line << ":" << place.column << "\n";
  llvm::StringRef line = sources.line(span.file, span.begin);
  size_t column = std::min<size_t>(place.column - 1, line.size());
  size_t length = std::min<size_t>(span.end - span.begin, line.size() - column);
  // A window of a long line that shows the span's begin.
  constexpr size_t width = 120;
  size_t first = 0;
  if (line.size() > width) {
    first = column > width / 2 ? column - width / 2 : 0;
    line = line.substr(first, width);
    column -= first;
    length = std::min(length, line.size() - column);
  }
  std::string before = escapeForDisplay(line.take_front(column));
  std::string marked = escapeForDisplay(line.substr(column, length));
  std::string after = escapeForDisplay(line.drop_front(column + length));
  auto columns = [](llvm::StringRef text) {
    return llvm::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
  };
  std::string number = std::to_string(place.line);
  std::string blank(number.size(), ' ');
  os << number << " | " << (first ? "..." : "") << before << marked << after
     << "\n";
  os << blank << " | " << std::string((first ? 3 : 0) + columns(before), ' ');
  if (color)
    os << "\033[1;31m";
  os << std::string(std::max<size_t>(1, columns(marked)), '^');
  if (color)
    os << "\033[0m";
  os << "\n";
}

void Diagnostics::print(llvm::raw_ostream &os, bool color) const {
  for (const Diagnostic &diagnostic : diagnostics) {
    const DiagnosticInfo &info = table[unsigned(diagnostic.id)];
    bool isError = info.severity == Severity::Error;
    if (color)
      os << (isError ? "\033[1;31m" : "\033[1;35m");
    os << (isError ? "error" : "warning") << "[" << info.code << "]";
    if (color)
      os << "\033[0m";
    os << ": " << escapeForDisplay(diagnostic.title) << "\n";
    if (diagnostic.span)
      printLine(os, *diagnostic.span, color);
    for (const Diagnostic::Note &note : diagnostic.notes) {
      os << "   = " << (note.isHelp ? "help: " : "note: ")
         << escapeForDisplay(note.text) << "\n";
      if (note.span)
        printLine(os, *note.span, color);
    }
  }
  if (errors > limit)
    os << "error: too many errors: " << errors - limit << " more not shown\n";
}
