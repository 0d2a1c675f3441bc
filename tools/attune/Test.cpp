/// attune test: runs the `test` blocks of a spec.
#include "frontend/Source.h"
#include "frontend/Tests.h"
#include "tools/attune/ArrayFile.h"
#include "tools/attune/Inputs.h"
#include "tools/attune/Report.h"
#include "tools/attune/RunReport.h"
#include "tools/attune/Session.h"
#include "tools/attune/Verbs.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir;
using attune::frontend::SpecTest;
using attune::frontend::TestValue;
using attune::reference::Array;
using attune::reference::Precision;

namespace attune::tool {

namespace {
/// One test: its items become the arguments of a session.
class TestRun {
public:
  TestRun(const SpecTest &test, const frontend::Sources &sources,
          StringRef specPath)
      : test(test), sources(sources), folder(sys::path::parent_path(specPath)) {
  }

  /// Returns an ExitCode: SaidNo when an output is not as expected.
  int run(Compiler &compiler, ModuleOp spec, bool interpret);

private:
  int readItem(const SpecTest::Item &item, const Signature &signature);
  int readSettings();
  int compare(Session &session, const SpecTest::Item &item,
              ArrayRef<Array> naive, ArrayRef<Array> oracle);
  /// Files of a test are named from the spec's folder.
  std::string resolve(StringRef file) const {
    SmallString<128> path(file);
    if (sys::path::is_relative(file)) {
      path = folder;
      sys::path::append(path, file);
    }
    return path.str().str();
  }
  int fail(const SpecTest::Item &item, const Twine &message,
           const Twine &help = "") const {
    return userError("T0302", message, help, Place::of(sources, item.span));
  }

  const SpecTest &test;
  const frontend::Sources &sources;
  StringRef folder;
  Arguments arguments;
  std::optional<int64_t> seed;
};
} // namespace

/// What does not depend on the model: its name, the seed, the weights.
int TestRun::readSettings() {
  for (const SpecTest::Item &item : test.items) {
    if (item.isExpect)
      continue;
    const TestValue &value = item.value;
    bool isString = value.kind == TestValue::Kind::String;
    if (item.name == "model" || item.name == "weights") {
      if (!isString)
        return fail(item, "`" + item.name + "` is a string");
      arguments.add("--" + item.name,
                    item.name == "model" ? value.text : resolve(value.text));
    } else if (item.name == "seed") {
      seed = value.kind == TestValue::Kind::Literal
                 ? parseInteger(value.text, 0, INT64_MAX)
                 : std::nullopt;
      if (!seed)
        return fail(item, "`seed` is an integer from 0 on");
    }
  }
  return Done;
}

/// A dim's or an input's value.
int TestRun::readItem(const SpecTest::Item &item, const Signature &signature) {
  if (item.isExpect || item.name == "model" || item.name == "weights" ||
      item.name == "seed")
    return Done;
  const TestValue &value = item.value;
  for (DimAttr dim : signature.dims)
    if (dim.getName() == item.name) {
      if (value.kind != TestValue::Kind::Literal)
        return fail(item, "dim `" + item.name + "` is a number");
      arguments.add("--dim", item.name + "=" + value.text);
      return Done;
    }
  SmallVector<StringRef> known = {"model", "weights", "seed"};
  bool isInput = false;
  for (const TensorInfo &info : signature.inputs) {
    isInput |= info.name == item.name;
    known.push_back(info.name);
  }
  for (DimAttr dim : signature.dims)
    known.push_back(dim.getName().getValue());
  if (!isInput) {
    StringRef meant = nearest(item.name, known);
    return fail(item,
                "model `" + signature.model + "` has no input or dim `" +
                    item.name + "`",
                meant.empty() ? "" : "did you mean `" + meant + "`?");
  }
  switch (value.kind) {
  case TestValue::Kind::File:
    arguments.add("--input", item.name + "=@" + resolve(value.text));
    return Done;
  case TestValue::Kind::Random:
    arguments.add("--input", item.name + "=random:" + value.text);
    return Done;
  case TestValue::Kind::Literal:
    arguments.add("--input", item.name + "=" + value.text);
    return Done;
  default:
    return fail(item, "an input cannot have this value");
  }
}

int TestRun::compare(Session &session, const SpecTest::Item &item,
                     ArrayRef<Array> naive, ArrayRef<Array> oracle) {
  for (auto [i, info] : enumerate(session.signature.outputs)) {
    if (info.name != item.name)
      continue;
    const Array &output = session.result.outputs[i];
    std::optional<Array> expected;
    std::string message;
    switch (item.value.kind) {
    case TestValue::Kind::Reference:
      expected = oracle[i];
      break;
    case TestValue::Kind::File:
      expected = readArrayFile(resolve(item.value.text),
                               "expected `" + item.name + "`", output.isFloat,
                               /*allowDouble=*/true);
      if (!expected)
        return BadInput;
      break;
    case TestValue::Kind::Literal:
      expected = parseLiteral(item.value.text, output.isFloat, message);
      break;
    default:
      break;
    }
    if (!expected)
      return fail(item, "an output cannot be compared with this value" +
                            (message.empty() ? "" : ": " + message));
    if (expected->shape != output.shape)
      return fail(item, "the expected value has another shape than output `" +
                            item.name + "` of type " + info.str());
    outs() << "  ";
    return compareOutput(info, output, *expected, naive[i], oracle[i],
                         item.tolerance)
               ? Done
               : SaidNo;
  }
  return fail(item, "model `" + session.signature.model + "` has no output `" +
                        item.name + "`");
}

int TestRun::run(Compiler &compiler, ModuleOp spec, bool interpret) {
  if (int code = readSettings())
    return code;
  OwningOpRef<ModuleOp> module(spec.clone());
  func::FuncOp model =
      compiler.selectModel(*module, arguments.get("--model"), true);
  if (!model)
    return BadInput;
  Signature signature = Signature::of(model);
  for (const SpecTest::Item &item : test.items)
    if (int code = readItem(item, signature))
      return code;
  for (const TensorInfo &info : signature.inputs) {
    bool isGiven = any_of(test.items, [&](const SpecTest::Item &item) {
      return !item.isExpect && item.name == info.name;
    });
    if (!isGiven && !seed)
      return userError(
          "T0303",
          "input `" + info.name + "` of type " + info.str() + " has no value",
          "write `" + info.name + " = random(1)`, or `seed = 1` for all",
          Place::of(sources, test.span));
    if (!isGiven)
      arguments.add("--input", info.name + "=random:" + std::to_string(*seed));
  }
  Session session(arguments, compiler);
  if (int code = session.prepare(std::move(module)))
    return code;
  if (int code = session.openWeights(seed))
    return code;
  if (int code = interpret ? session.runInterpreted() : session.runCompiled())
    return code;
  std::vector<Array> naive, oracle;
  if (int code = session.runOracles(naive, oracle))
    return code;
  int result = Done;
  for (const SpecTest::Item &item : test.items)
    if (item.isExpect)
      if (int code = compare(session, item, naive, oracle))
        result = std::max(result, code);
  return result;
}

static int runTests(const Arguments &arguments) {
  if (arguments.positional.size() != 1)
    return userError("T0011", "`attune test` takes one file",
                     "usage: attune test FILE.attn");
  const std::string &path = arguments.positional[0];
  Compiler compiler(arguments);
  OwningOpRef<ModuleOp> spec = compiler.importSpec(path);
  if (!spec)
    return BadInput;
  frontend::Sources sources;
  frontend::Diagnostics diagnostics(sources);
  std::vector<SpecTest> tests = readTests(path, sources, diagnostics);
  if (diagnostics.hasErrors()) {
    printDiagnostics(diagnostics, sources);
    return BadInput;
  }
  std::string filter = arguments.get("--filter").value_or("");
  unsigned count = 0, failed = 0;
  int result = Done;
  for (const SpecTest &test : tests) {
    if (!StringRef(test.name).contains(filter))
      continue;
    ++count;
    outs() << "test \"" << frontend::escapeForDisplay(test.name) << "\"\n";
    PlaceScope scope(Place::of(sources, test.span));
    int code = TestRun(test, sources, path)
                   .run(compiler, *spec, arguments.has("--interpret"));
    outs() << (code ? "  failed\n" : "  passed\n");
    outs().flush();
    failed += code != Done;
    result = std::max(result, code);
  }
  if (count == 0)
    return userError("T0301", "no test to run in " + path,
                     "write `test \"name\" { ... expect y ~ reference() }`");
  outs() << count << (count == 1 ? " test, " : " tests, ") << failed
         << " failed\n";
  return result;
}

static constexpr Option options[] = {
    {"--filter", "TEXT", "only the tests whose names hold TEXT"},
    {"--interpret", "", "run the float64 reference, not compiled code"},
    {"--cpu", "NAME", "machine: native (default), x86-64, haswell, znver5"},
    {"--diag-format", "KIND", "diagnostics as text (default), json or sarif"},
};

const Verb testVerb = {"test", "[OPTION]... FILE.attn",
                       "Runs the tests that a spec file holds.", options,
                       runTests};

} // namespace attune::tool
