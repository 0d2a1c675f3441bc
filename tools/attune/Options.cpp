#include "tools/attune/Options.h"
#include "tools/attune/Report.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace attune::tool {

bool Arguments::has(StringRef name) const {
  return any_of(values, [&](const auto &v) { return v.first == name; });
}

std::optional<std::string> Arguments::get(StringRef name) const {
  for (const auto &v : reverse(values))
    if (v.first == name)
      return v.second;
  return std::nullopt;
}

SmallVector<std::string> Arguments::all(StringRef name) const {
  SmallVector<std::string> result;
  for (const auto &v : values)
    if (v.first == name)
      result.push_back(v.second);
  return result;
}

StringRef nearest(StringRef word, ArrayRef<StringRef> candidates) {
  StringRef best;
  unsigned limit = std::max<unsigned>(1, word.size() / 3);
  for (StringRef candidate : candidates) {
    unsigned distance = word.edit_distance(candidate, true, limit + 1);
    if (distance <= limit) {
      best = candidate;
      limit = distance - (distance > 0);
      if (distance == 0)
        break;
    }
  }
  return best;
}

std::optional<int64_t> parseInteger(StringRef text, int64_t min, int64_t max) {
  int64_t value;
  if (text.getAsInteger(10, value) || value < min || value > max)
    return std::nullopt;
  return value;
}

static const Option *findOption(const Verb &verb, StringRef name) {
  for (const Option &option : verb.options)
    if (option.name == name || (option.joined && name.starts_with(option.name)))
      return &option;
  return nullptr;
}

static void reportUnknown(const Verb &verb, StringRef name) {
  SmallVector<StringRef> names;
  for (const Option &option : verb.options)
    names.push_back(option.name);
  StringRef meant = nearest(name, names);
  userError("T0002", "unknown option `" + name + "`",
            meant.empty()
                ? "`attune " + verb.name + " --help` lists the options"
                : "did you mean `" + meant + "`?");
}

std::optional<Arguments> parseArguments(const Verb &verb,
                                        ArrayRef<const char *> argv) {
  Arguments arguments;
  bool optionsEnd = false;
  for (size_t i = 0; i < argv.size(); ++i) {
    StringRef word = argv[i];
    if (optionsEnd || !word.starts_with("-") || word == "-") {
      arguments.positional.push_back(word.str());
      continue;
    }
    if (word == "--") {
      optionsEnd = true;
      continue;
    }
    auto [name, value] = word.split('=');
    bool hasValue = name.size() != word.size();
    const Option *option = findOption(verb, name);
    if (!option) {
      reportUnknown(verb, name);
      return std::nullopt;
    }
    if (option->joined && option->name != name) {
      arguments.add(option->name, word.drop_front(option->name.size()));
      continue;
    }
    if (option->value.empty()) {
      if (hasValue) {
        userError("T0003", "option `" + name + "` takes no value");
        return std::nullopt;
      }
    } else if (!hasValue) {
      if (i + 1 == argv.size()) {
        userError("T0003", "option `" + name + "` needs a value: `" + name +
                               " " + option->value + "`");
        return std::nullopt;
      }
      value = argv[++i];
    }
    arguments.add(option->name, value);
  }
  return arguments;
}

void printHelp(const Verb &verb) {
  outs() << "usage: attune " << verb.name << " " << verb.synopsis << "\n\n"
         << verb.summary << "\n";
  if (!verb.options.empty())
    outs() << "\noptions:\n";
  for (const Option &option : verb.options) {
    std::string left = option.name.str();
    if (!option.value.empty())
      left += (option.joined                   ? ""
               : option.name.starts_with("--") ? "="
                                               : " ") +
              option.value.str();
    outs() << "  " << left;
    outs().indent(left.size() < 28 ? 28 - left.size() : 1);
    outs() << option.help << "\n";
  }
}

} // namespace attune::tool
