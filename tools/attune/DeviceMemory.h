/// Memory of the GPU for `attune run --target=cuda`, through the driver that
/// models use too.
#ifndef ATTUNE_TOOLS_DEVICEMEMORY_H
#define ATTUNE_TOOLS_DEVICEMEMORY_H

#include "attune/attune.h"
#include <cstddef>
#include <vector>

namespace attune::tool {

/// Allocations that end with this object. Functions return a C code and fill
/// `error`.
class DeviceMemory {
public:
  ~DeviceMemory();

  /// Finds the driver and the device.
  int open(attune_error &error);
  /// The device's number.
  int device() const;
  /// `bytes` may be 0: `pointer` is then null.
  int allocate(size_t bytes, void *&pointer, attune_error &error);
  int copyIn(void *to, const void *from, size_t bytes, attune_error &error);
  int copyOut(void *to, const void *from, size_t bytes, attune_error &error);

private:
  const void *driver = nullptr;
  std::vector<void *> memory;
};

} // namespace attune::tool

#endif
