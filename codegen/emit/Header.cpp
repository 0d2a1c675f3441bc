//===- Header.cpp - The C header of a library -----------------------------===//

#include "codegen/emit/Header.h"
#include "dialect/Shape.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include <fmt/format.h>

using namespace mlir;
using namespace attune;

/// runtime/include/attune/attune.h, made into a string by CMake.
static constexpr const char attuneHeader[] =
#include "codegen/emit/AttuneHeader.inc"
    ;

/// Names that a parameter cannot have: keywords of C and C++ and the other
/// parameters of `run`.
static bool isTaken(StringRef name) {
  static const llvm::StringSet<> taken = {"alignas",
                                          "alignof",
                                          "and",
                                          "and_eq",
                                          "asm",
                                          "auto",
                                          "bitand",
                                          "bitor",
                                          "bool",
                                          "break",
                                          "call",
                                          "case",
                                          "catch",
                                          "char",
                                          "class",
                                          "compl",
                                          "concept",
                                          "const",
                                          "consteval",
                                          "constexpr",
                                          "constinit",
                                          "const_cast",
                                          "continue",
                                          "co_await",
                                          "co_return",
                                          "co_yield",
                                          "decltype",
                                          "default",
                                          "delete",
                                          "do",
                                          "double",
                                          "dynamic_cast",
                                          "else",
                                          "enum",
                                          "error",
                                          "explicit",
                                          "export",
                                          "extern",
                                          "false",
                                          "float",
                                          "for",
                                          "friend",
                                          "goto",
                                          "if",
                                          "inline",
                                          "int",
                                          "linux",
                                          "long",
                                          "mutable",
                                          "namespace",
                                          "new",
                                          "noexcept",
                                          "not",
                                          "not_eq",
                                          "nullptr",
                                          "operator",
                                          "or",
                                          "or_eq",
                                          "private",
                                          "protected",
                                          "public",
                                          "register",
                                          "reinterpret_cast",
                                          "requires",
                                          "restrict",
                                          "return",
                                          "short",
                                          "signed",
                                          "sizeof",
                                          "static",
                                          "static_assert",
                                          "static_cast",
                                          "struct",
                                          "switch",
                                          "template",
                                          "this",
                                          "thread_local",
                                          "throw",
                                          "true",
                                          "try",
                                          "typedef",
                                          "typeid",
                                          "typename",
                                          "typeof",
                                          "union",
                                          "unix",
                                          "unsigned",
                                          "using",
                                          "virtual",
                                          "void",
                                          "volatile",
                                          "wchar_t",
                                          "weights",
                                          "while",
                                          "workspace",
                                          "workspace_bytes",
                                          "xor",
                                          "xor_eq",
                                          "attune_tensor",
                                          "attune_error",
                                          "attune_call",
                                          "size_t",
                                          "NULL"};
  return taken.contains(name);
}

/// A parameter's name: the argument's with `_` behind it where C wants that.
static std::string parameterName(ArgumentAttr argument) {
  std::string name;
  for (char c : argument.getName().getValue())
    name += llvm::isAlnum(c) || c == '_' ? c : '_';
  if (name.empty() || llvm::isDigit(name.front()) || name.front() == '_')
    name = "tensor" + name;
  while (isTaken(name))
    name += '_';
  return name;
}

static std::string guardOf(StringRef fileName) {
  std::string guard = "ATTUNE_MODEL_";
  for (char c : fileName)
    guard += llvm::isAlnum(c) ? llvm::toUpper(c) : '_';
  return guard;
}

/// " *   x: f32[B, T, 48]" for each argument. No text of a spec can end the
/// comment: names are identifiers and shapes have no slash.
static std::string describe(StringRef title, ArrayRef<ArgumentAttr> arguments) {
  std::string text;
  for (ArgumentAttr argument : arguments)
    text += fmt::format(" * {} {}: {}{}\n", title.str(),
                        argument.getName().getValue().str(),
                        elementName(argument.getElement()),
                        shapeText(symbolicShape(argument.getShape())));
  return text;
}

static std::string modelText(const ModelInfo &model) {
  const std::string &m = model.name;
  std::string parameters;
  llvm::StringSet<> used;
  auto add = [&](ArgumentAttr argument, const char *type) {
    std::string name = parameterName(argument);
    while (!used.insert(name).second)
      name += '_';
    parameters += fmt::format("{}{},\n    ", type, name);
  };
  for (ArgumentAttr input : model.inputs)
    add(input, "const attune_tensor *");
  for (ArgumentAttr output : model.outputs)
    add(output, "attune_tensor *");
  std::string dims;
  for (DimAttr dim : model.dims)
    dims += fmt::format("{}{} <= {}", dims.empty() ? "" : ", ",
                        dim.getName().getValue().str(), dim.getBound());
  std::string text = fmt::format("\n/* Model {}, for {}.\n", m,
                                 model.target.getCpu().getValue().str());
  text += describe("Input", model.inputs) + describe("Output", model.outputs);
  text += fmt::format(" * Dims: {}. */\n", dims.empty() ? "none" : dims);
  text += fmt::format("typedef struct {0}_weights {0}_weights;\n\n", m);
  text += fmt::format(
      R"(/* Weights from a safetensors file; read-only afterwards. */
int {0}_weights_load(const char *path, {0}_weights **out,
    attune_error *error);
/* Or from memory: new, set each, finish. */
int {0}_weights_new({0}_weights **out, attune_error *error);
int {0}_weights_set({0}_weights *weights, const char *name,
    const attune_tensor *tensor, attune_error *error);
int {0}_weights_finish({0}_weights *weights, attune_error *error);
void {0}_weights_free({0}_weights *weights);
/* Bytes of workspace of a run with these dims, in order of declaration. */
int {0}_workspace(const int64_t *dims, size_t *bytes, attune_error *error);
/* The workspace is aligned to 64 bytes; call may be NULL. Weights may be NULL
 * for a model that has none. Returns ATTUNE_OK or the error's code. */
int {0}_run(const {0}_weights *weights,
    {1}void *workspace, size_t workspace_bytes, const attune_call *call,
    attune_error *error);
const char *{0}_manifest(void); /* JSON */
int {0}_abi_version(void);
)",
      m, parameters);
  return text;
}

std::string attune::emitHeader(ArrayRef<ModelInfo> models, StringRef fileName) {
  std::string guard = guardOf(fileName);
  std::string text =
      fmt::format("/* Generated by Attune: do not edit. C99 and C++. */\n"
                  "#ifndef {0}\n#define {0}\n\n",
                  guard);
  text += attuneHeader;
  text += "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n";
  for (const ModelInfo &model : models)
    text += modelText(model);
  text += "\n#ifdef __cplusplus\n}\n#endif\n#endif\n";
  return text;
}
