#include "tools/attune/Remarks.h"
#include "mlir/IR/Remarks.h"
#include "tools/attune/Options.h"
#include "tools/attune/Report.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mlir;

namespace attune::tool {

namespace {
class TextStreamer : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit TextStreamer(ArrayRef<std::string> wanted)
      : wanted(wanted.begin(), wanted.end()) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    std::string kind = remark.getRemarkTypeString().lower();
    if (!is_contained(wanted, remark.getCategoryName()) &&
        !is_contained(wanted, kind) && !is_contained(wanted, "all"))
      return;
    std::string message;
    for (const remark::detail::Remark::Arg &part : remark.getArgs())
      message += (message.empty() ? "" : " ") + part.val;
    printRemark(remark.getCategoryName(), kind, remark.getRemarkName(), message,
                Place::of(remark.getLocation()));
  }

private:
  /// Categories and kinds; one of them is enough.
  SmallVector<std::string> wanted;
};
} // namespace

int enableRemarks(MLIRContext &context, ArrayRef<std::string> categories) {
  static constexpr StringRef known[] = {"all", "fuse", "mask", "passed",
                                        "missed"};
  if (categories.empty())
    return Done;
  for (StringRef category : categories)
    if (!is_contained(known, category))
      return userError("T0010",
                       "there are no remarks of category `" + category + "`",
                       "known are " + join(ArrayRef(known), ", "));
  // The streamer chooses: the engine would not take "missed" or "fuse".
  remark::RemarkCategories enabled{".*", ".*", ".*", ".*", ".*"};
  auto engine = std::make_unique<remark::detail::RemarkEngine>(false, enabled);
  std::string message;
  if (failed(engine->initialize(
          std::make_unique<TextStreamer>(categories),
          std::make_unique<remark::RemarkEmittingPolicyAll>(), &message)))
    return internalError("remarks cannot be enabled: " + message);
  context.setRemarkEngine(std::move(engine));
  return Done;
}

} // namespace attune::tool
