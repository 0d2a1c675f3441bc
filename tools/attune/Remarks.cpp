#include "tools/attune/Remarks.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/Remarks.h"
#include "tools/attune/Options.h"
#include "tools/attune/Report.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir;

namespace attune::tool {

namespace {
class TextStreamer : public remark::detail::MLIRRemarkStreamerBase {
public:
  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    if (auto place = remark.getLocation()->findInstanceOf<FileLineColLoc>())
      errs() << place.getFilename().getValue() << ":" << place.getLine() << ":"
             << place.getColumn() << ": ";
    errs() << "remark[" << remark.getCategoryName()
           << "]: " << remark.getRemarkTypeString() << ": " << remark.getMsg()
           << "\n";
  }
};
} // namespace

int enableRemarks(MLIRContext &context, ArrayRef<std::string> categories) {
  static constexpr StringRef known[] = {"all", "fuse", "mask"};
  if (categories.empty())
    return Done;
  for (StringRef category : categories)
    if (!is_contained(known, category))
      return userError("T0010",
                       "there are no remarks of category `" + category + "`",
                       "the categories are " + join(ArrayRef(known), ", "));
  std::string filter = is_contained(categories, "all")
                           ? ".*"
                           : "^(" + join(categories, "|") + ")$";
  remark::RemarkCategories enabled{filter, filter, filter, filter, filter};
  auto engine = std::make_unique<remark::detail::RemarkEngine>(false, enabled);
  std::string message;
  if (failed(engine->initialize(
          std::make_unique<TextStreamer>(),
          std::make_unique<remark::RemarkEmittingPolicyAll>(), &message)))
    return internalError("remarks cannot be enabled: " + message);
  context.setRemarkEngine(std::move(engine));
  return Done;
}

} // namespace attune::tool
