//===- Passes.cpp - Registration of the passes ------------------*- C++ -*-===//
#include "passes/Passes.h"

namespace {
using namespace attune;
#define GEN_PASS_REGISTRATION
#include "passes/Passes.h.inc"
} // namespace

void attune::registerPasses() { ::registerAttunePasses(); }
