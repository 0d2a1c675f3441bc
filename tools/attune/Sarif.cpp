#include "tools/attune/Sarif.h"
#include "tools/attune/Explain.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace attune::tool {

/// A relative or absolute path as a URI reference.
static std::string uriOf(StringRef path) {
  std::string uri;
  for (unsigned char c : path)
    if (isAlnum(c) || StringRef("-._~/").contains(c))
      uri += char(c);
    else
      uri += {'%', hexdigit(c >> 4), hexdigit(c & 15)};
  return uri;
}

/// SARIF counts characters where we count bytes.
static int64_t columnIn(StringRef text, int64_t line, int64_t column) {
  for (; line > 1; --line)
    text = text.drop_front(std::min(text.size(), text.find('\n') + 1));
  return 1 + count_if(text.take_front(column - 1),
                      [](char c) { return (c & 0xC0) != 0x80; });
}

/// Where a diagnostic or note is; nothing where no file is known.
static std::optional<json::Value> locationOf(const json::Object &entry) {
  std::optional<StringRef> file = entry.getString("file");
  std::optional<int64_t> line = entry.getInteger("line"),
                         column = entry.getInteger("column");
  if (!file || !line || !column || *line < 1 || *column < 1)
    return std::nullopt;
  json::Object region{{"startLine", *line}};
  const json::Object *span = entry.getObject("span");
  if (span) {
    int64_t begin = *span->getInteger("begin"), end = *span->getInteger("end");
    region["byteOffset"] = begin;
    region["byteLength"] = end - begin;
    region["endLine"] = *span->getInteger("end_line");
  }
  if (auto buffer = MemoryBuffer::getFile(*file)) {
    StringRef text = (*buffer)->getBuffer();
    region["startColumn"] = columnIn(text, *line, *column);
    if (span)
      region["endColumn"] = columnIn(text, *span->getInteger("end_line"),
                                     *span->getInteger("end_column"));
  }
  json::Object artifact{{"uri", uriOf(*file)}};
  return json::Object{{"physicalLocation",
                       json::Object{{"artifactLocation", std::move(artifact)},
                                    {"region", std::move(region)}}}};
}

void SarifLog::add(const json::Object &diagnostic) {
  std::string severity =
      diagnostic.getString("severity").value_or("error").str();
  std::string text = diagnostic.getString("message").value_or("").str();
  json::Array related;
  for (const json::Value &value : *diagnostic.getArray("notes")) {
    const json::Object &note = *value.getAsObject();
    StringRef message = note.getString("message").value_or("");
    if (std::optional<json::Value> location = locationOf(note)) {
      location->getAsObject()->insert(
          {"message", json::Object{{"text", message.str()}}});
      related.push_back(std::move(*location));
    } else {
      text += "\nnote: " + message.str();
    }
  }
  for (const json::Value &help : *diagnostic.getArray("help"))
    text += "\nhelp: " + help.getAsString().value_or("").str();
  bool isRemark = severity == "remark";
  json::Object result{{"message", json::Object{{"text", text}}},
                      {"kind", isRemark ? "informational" : "fail"},
                      {"level", isRemark ? "none" : severity}};
  if (std::optional<StringRef> code = diagnostic.getString("code")) {
    result["ruleId"] = code->str();
    if (std::optional<Explanation> known = explain(*code))
      rules[code->str()] = json::Object{
          {"id", code->str()},
          {"shortDescription", json::Object{{"text", known->title}}},
          {"fullDescription", json::Object{{"text", known->text}}}};
  }
  if (std::optional<json::Value> location = locationOf(diagnostic))
    result["locations"] = json::Array{std::move(*location)};
  if (!related.empty())
    result["relatedLocations"] = std::move(related);
  results.push_back(std::move(result));
}

void SarifLog::print(raw_ostream &os) {
  json::Array list;
  std::vector<StringRef> codes;
  for (auto &rule : rules)
    codes.push_back(rule.first);
  sort(codes);
  for (StringRef code : codes)
    list.push_back(*rules.get(code));
  json::Object driver{{"name", "attune"}, {"rules", std::move(list)}};
  json::Object run{
      {"tool", json::Object{{"driver", std::move(driver)}}},
      {"columnKind", "unicodeCodePoints"},
      {"results", std::move(results)},
  };
  json::Object log{{"version", "2.1.0"},
                   {"runs", json::Array{json::Value(std::move(run))}}};
  os << formatv("{0:2}", json::Value(std::move(log))) << "\n";
}

} // namespace attune::tool
