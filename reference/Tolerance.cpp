//===- Tolerance.cpp - When two results agree -----------------------------===//

#include "reference/Tolerance.h"

#include <algorithm>
#include <cmath>

using namespace attune::reference;

double Comparison::ratio() const {
  if (maxError == 0)
    return 0;
  return tolerance == 0 ? INFINITY : maxError / tolerance;
}

Comparison attune::reference::compare(llvm::ArrayRef<double> result,
                                      llvm::ArrayRef<double> truth,
                                      llvm::ArrayRef<double> naive,
                                      double roundoff) {
  Comparison comparison;
  double naiveError = 0, largest = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    if (!std::isfinite(truth[i]) || !std::isfinite(result[i])) {
      bool same =
          std::isnan(truth[i]) ? std::isnan(result[i]) : truth[i] == result[i];
      if (!same && comparison.nonFiniteMismatch < 0)
        comparison.nonFiniteMismatch = int64_t(i);
      continue;
    }
    largest = std::max(largest, std::fabs(truth[i]));
    if (std::isfinite(naive[i]))
      naiveError = std::max(naiveError, std::fabs(naive[i] - truth[i]));
    double error = std::fabs(result[i] - truth[i]);
    if (error > comparison.maxError) {
      comparison.maxError = error;
      comparison.worst = int64_t(i);
    }
  }
  comparison.tolerance = 2 * naiveError + 16 * roundoff * largest;
  return comparison;
}
