//===- Target.cpp - Machine descriptions ----------------------------------===//

#include "dialect/Target.h"

#include "mlir/IR/BuiltinOps.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"

#include <algorithm>
#include <unistd.h>

using namespace mlir;
using namespace attune;

static constexpr llvm::StringRef avx2Features =
    "+avx,+avx2,+bmi,+bmi2,+f16c,+fma,+lzcnt,+popcnt";
static constexpr llvm::StringRef avx512Features =
    "+avx,+avx2,+avx512bw,+avx512dq,+avx512f,+avx512vl,+bmi,+bmi2,+f16c,+fma,"
    "+lzcnt,+popcnt";

/// The second-level cache of one core; virtual machines may hide it.
static int64_t getNativeL2() {
#ifdef _SC_LEVEL2_CACHE_SIZE
  long size = sysconf(_SC_LEVEL2_CACHE_SIZE);
  if (size > 0)
    return std::clamp<int64_t>(size, 128 << 10, 8 << 20);
#endif
  return 1 << 20;
}

/// This machine: the widest of the three instruction sets that it has.
static Target getNative() {
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  auto hasAll = [&](llvm::StringRef features) {
    llvm::SmallVector<llvm::StringRef> list;
    features.split(list, ',');
    return llvm::all_of(list, [&](llvm::StringRef feature) {
      return host.lookup(feature.drop_front());
    });
  };
  std::string cpu = llvm::sys::getHostCPUName().str();
  int64_t l1 = 32 << 10, l2 = getNativeL2();
  if (hasAll(avx512Features))
    return {cpu, avx512Features.str(), 16, 32, l1, l2};
  if (hasAll(avx2Features))
    return {cpu, avx2Features.str(), 8, 16, l1, l2};
  // The name alone could bring instructions that this machine hides.
  return {"x86-64", "+sse2", 4, 16, l1, l2};
}

std::optional<Target> Target::get(llvm::StringRef name) {
  if (name == "native")
    return getNative();
  if (name == "x86-64")
    return Target{"x86-64", "+sse2", 4, 16};
  if (name == "haswell")
    return Target{"haswell", avx2Features.str(), 8, 16};
  if (name == "znver5")
    return Target{"znver5", avx512Features.str(), 16, 32};
  return std::nullopt;
}

llvm::ArrayRef<llvm::StringRef> Target::names() {
  static constexpr llvm::StringRef all[] = {"native", "x86-64", "haswell",
                                            "znver5"};
  return all;
}

std::optional<Target> Target::getCuda(int sm) {
  // Shared memory that one block may have, KiB.
  int64_t shared;
  switch (sm) {
  case 80:
    shared = 163;
    break;
  case 86:
  case 89:
    shared = 99;
    break;
  case 90:
    shared = 227;
    break;
  default:
    return std::nullopt;
  }
  // PTX ISA 8.0 is what drivers since CUDA 12.0 read. Panels are two vectors
  // wide: 64 columns.
  return Target{"sm_" + std::to_string(sm), "+ptx80",     /*vectorWidth=*/32,
                /*registers=*/255,          shared << 10, /*l2=*/40 << 20};
}

llvm::ArrayRef<int> Target::cudaNames() {
  static constexpr int all[] = {80, 86, 89, 90};
  return all;
}

bool attune::isCuda(TargetAttr target) {
  return target.getCpu().getValue().starts_with("sm_");
}

TargetAttr attune::getTarget(Operation *op) {
  auto module = op->getParentOfType<ModuleOp>();
  return module ? module->getAttrOfType<TargetAttr>("attune.target")
                : TargetAttr();
}

TargetAttr Target::toAttr(MLIRContext *context) const {
  return TargetAttr::get(context, StringAttr::get(context, cpu), vectorWidth,
                         registers, l1, l2, StringAttr::get(context, features));
}
