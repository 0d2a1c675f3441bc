//===- Epilogues.cpp - What kernels compute on their results --------------===//
#include "passes/Epilogues.h"

#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace attune;

bool attune::isEpilogueActivation(Activation activation) {
  switch (activation) {
  case Activation::Relu:
  case Activation::Gelu:
  case Activation::GeluTanh:
  case Activation::Silu:
  case Activation::Tanh:
  case Activation::Sigmoid:
    return true;
  default:
    return false;
  }
}

static remark::RemarkOpts fuseRemark() {
  return remark::RemarkOpts::name("epilogue").category("fuse");
}

void attune::reportFused(Location loc, StringRef what, StringRef target) {
  remark::passed(loc, fuseRemark())
      << (Twine(what) + " fused into " + target).str();
}

void attune::reportMissed(Location loc, StringRef what, StringRef target,
                          StringRef reason) {
  remark::missed(loc, fuseRemark())
      << (Twine(what) + " not fused into " + target + ": " + reason).str();
}
