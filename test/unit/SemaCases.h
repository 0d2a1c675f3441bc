//===- SemaCases.h - Specs that must be refused -----------------*- C++ -*-===//
#ifndef ATTUNE_TEST_UNIT_SEMACASES_H
#define ATTUNE_TEST_UNIT_SEMACASES_H

#include "frontend/Diagnostics.h"

#include <string>
#include <vector>

/// A spec, the diagnostic that it must give at its «mark», and a part of the
/// message.
struct SemaCase {
  attune::frontend::Diag id;
  std::string source;
  std::string text;
};

std::vector<SemaCase> semaCases();

#endif // ATTUNE_TEST_UNIT_SEMACASES_H
