/// Where an axis has its labels.
#ifndef ATTUNE_VIEW_TICKS_H
#define ATTUNE_VIEW_TICKS_H

#include <cstdint>
#include <string>
#include <vector>

namespace attune::view {

/// The distance of labelled positions, in positions `cell` pixels apart, so
/// that labels of `extent` pixels do not touch: 1, 2, 5, 10, 20, 50, ...
int64_t indexStep(double cell, double extent);

/// Round numbers in [low, high], at most `count` (at least 2) of them, for the
/// axis of a quantity.
std::vector<double> roundTicks(double low, double high, int count);

/// A tick's label, with the digits that ticks `step` apart need.
std::string tickLabel(double value, double step);

} // namespace attune::view

#endif
