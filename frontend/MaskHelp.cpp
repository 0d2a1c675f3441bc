//===- MaskHelp.cpp - How an array becomes a mask -------------------------===//

#include "frontend/MaskHelp.h"

using namespace mlir;

void attune::frontend::helpWithMask(DiagnosticBuilder &message,
                                    const Value &given, StringRef text) {
  if (given.kind != Value::Kind::Tensor)
    return;
  static constexpr StringRef indices[] = {"k", "b, k", "b, q, k", "b, h, q, k"};
  Type element = given.tensorType().getElementType();
  int64_t rank = given.tensorType().getRank();
  std::string array = text.take_front(40).str();
  if (element.isInteger(1) && rank >= 1 && rank <= 4) {
    std::string read = array + "[" + indices[rank - 1].str() + "]";
    message.help("write what a query attends to: `{ " + read + " }`, or `{ !" +
                 read + " }` where true means masked");
  } else if (element.isF32()) {
    message.help("a mask that is added is a sum of scores: `attend(dot(q, k) + "
                 "scores(" +
                 array + "), v)`");
  }
}
