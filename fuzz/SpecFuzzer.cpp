//===- SpecFuzzer.cpp - Any bytes as a spec: lexer, parser, checker -------===//

#include "frontend/Tests.h"
#include "fuzz/ImportedSpec.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace attune;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  static const mlir::DialectRegistry none;
  fuzz::ImportedSpec spec({reinterpret_cast<const char *>(bytes), size}, none);
  if (!spec.module && !spec.diagnostics.hasErrors())
    fuzz::fail("neither a module nor an error: " + spec.internal);
  if (!spec.internal.empty())
    fuzz::fail("the checker let wrong IR through: " + spec.internal);
  std::string shown;
  raw_string_ostream stream(shown);
  spec.diagnostics.print(stream, true);
  spec.diagnostics.print(stream, false);
  if (spec.diagnostics.hasErrors() && shown.empty())
    fuzz::fail("an error without a message");
  if (spec.module)
    spec.module->print(stream);

  frontend::Sources testSources;
  frontend::Diagnostics testDiagnostics(testSources);
  frontend::readTests(spec.path, testSources, testDiagnostics);
  testDiagnostics.print(stream, false);
  return 0;
}
