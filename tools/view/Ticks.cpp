#include "tools/view/Ticks.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace attune::view {

int64_t indexStep(double cell, double extent) {
  for (int64_t power = 1; power < int64_t(1) << 50; power *= 10)
    for (int64_t factor : {1, 2, 5})
      if (double(power * factor) * cell >= extent)
        return power * factor;
  return int64_t(1) << 50;
}

std::vector<double> roundTicks(double low, double high, int count) {
  double range = high - low;
  if (!(range > 0) || !std::isfinite(range))
    return {low};
  double least = range / std::max(count - 1, 1);
  double power = std::pow(10, std::floor(std::log10(least)));
  for (double factor : {1.0, 2.0, 2.5, 5.0, 10.0, 20.0}) {
    double step = factor * power;
    double first = std::ceil(low / step - 1e-9);
    double last = std::floor(high / step + 1e-9);
    if (last - first + 1 > count)
      continue;
    std::vector<double> ticks;
    for (double i = first; i <= last; ++i)
      ticks.push_back(i == 0 ? 0 : i * step);
    return ticks.empty() ? std::vector<double>{low} : ticks;
  }
  return {low};
}

std::string tickLabel(double value, double step) {
  double size = std::max(std::abs(value), std::abs(step));
  if (size != 0 && (size >= 1e5 || std::abs(step) < 1e-4)) {
    // As many digits as tell neighbours apart.
    double ratio = step == 0 ? 1 : size / std::abs(step);
    int digits = std::clamp(int(std::ceil(std::log10(ratio))) + 2, 3, 15);
    return fmt::format("{:.{}g}", value, digits);
  }
  int digits = 0;
  // 2.5 and 0.25 need one digit more than their power of ten.
  for (double scaled = std::abs(step);
       digits < 6 && std::abs(scaled - std::round(scaled)) > 1e-6 * scaled;
       scaled *= 10)
    ++digits;
  return fmt::format("{:.{}f}", value, digits);
}

} // namespace attune::view
