//===- ImportFunctions.cpp - The table of built-in functions --------------===//

#include "frontend/Importer.h"

using namespace mlir;
using namespace attune;
using namespace attune::frontend;
using ast::Expr;

/// A built-in function: its parameters, of which the first ones are required.
struct Importer::Builtin {
  StringRef name;
  SmallVector<StringRef, 4> parameters;
  unsigned required;
  OptionalValue (*call)(Importer &importer, const CallArguments &arguments);
};

ArrayRef<Importer::Builtin> Importer::builtins() {
  static const Builtin
      table
          [] =
              {
                  {"linear",
                   {"x", "out", "bias"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.linear(a);
                   }},
                  {"affine",
                   {"x", "w", "b"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.affine(a);
                   }},
                  {"embedding",
                   {"ids", "vocab", "dim"},
                   3,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.embedding(a);
                   }},
                  {"gather",
                   {"table", "ids"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.gather(a);
                   }},
                  {"layer_norm",
                   {"x", "eps", "affine"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.layerNorm(a);
                   }},
                  {"rms_norm",
                   {"x", "eps", "affine"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.rmsNorm(a);
                   }},
                  {"softmax",
                   {"x", "axis"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.softmax(a);
                   }},
                  {"sum",
                   {"x", "axis"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.reduce(a, ReduceKind::Sum);
                   }},
                  {"mean",
                   {"x", "axis"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.reduce(a, ReduceKind::Mean);
                   }},
                  {"max",
                   {"x", "axis"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.reduce(a, ReduceKind::Max);
                   }},
                  {"min",
                   {"x", "axis"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.reduce(a, ReduceKind::Min);
                   }},
                  {"argmax",
                   {"x", "axis"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.reduce(a, ReduceKind::ArgMax);
                   }},
                  {"heads",
                   {"x", "H"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.heads(a);
                   }},
                  {"merge",
                   {"x"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.merge(a);
                   }},
                  {"split",
                   {"x", "n", "axis"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.split(a);
                   }},
                  {"concat",
                   {"parts", "axis"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.concat(a);
                   }},
                  {"transpose",
                   {"x", "perm"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.transpose(a);
                   }},
                  {"reshape",
                   {"x", "shape"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.reshape(a);
                   }},
                  {"repeat",
                   {"x", "n", "axis"},
                   3,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.repetition(a, /*isTile=*/false);
                   }},
                  {"tile",
                   {"x", "n", "axis"},
                   3,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.repetition(a, /*isTile=*/true);
                   }},
                  {"sinusoid",
                   {"T", "D", "base", "layout"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.sinusoid(a);
                   }},
                  {"arange",
                   {"n"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.arange(a);
                   }},
                  {"zeros",
                   {"shape"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.filled(a, 0);
                   }},
                  {"ones",
                   {"shape"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.filled(a, 1);
                   }},
                  {"where",
                   {"c", "a", "b"},
                   3,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.where(a);
                   }},
                  {"clamp",
                   {"x", "low", "high"},
                   3,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.clamp(a);
                   }},
                  {"rope",
                   {"x", "dims", "base", "layout", "offset"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.rope(a);
                   }},
                  {"cast",
                   {"x", "dtype"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.castTo(a);
                   }},
                  {"dropout",
                   {"x", "p"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.dropout(a);
                   }},
                  {"dot",
                   {"q", "k", "scale"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.dot(a);
                   }},
                  {"scores",
                   {"t"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.indexScores(a);
                   }},
                  {"additive",
                   {"q", "k", "w"},
                   3,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.additive(a);
                   }},
                  {"dense",
                   {"x", "w", "bias"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.dense(a);
                   }},
                  {"random",
                   {"r"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.random(a);
                   }},
                  {"factorized_random",
                   {"r1", "r2"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.factorizedRandom(a);
                   }},
                  {"factorized_dense",
                   {"a", "b", "pattern"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.factorizedDense(a);
                   }},
                  {"spatial",
                   {"w", "x", "bias", "mask", "axis"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.spatial(a);
                   }},
                  {"attend",
                   {"s", "v", "mask", "empty_row", "dropout", "probs", "lse"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.attend(a);
                   }},
                  {"attention",
                   {"q", "k", "v", "scale", "score", "mask", "empty_row",
                    "dropout", "probs", "lse"},
                   3,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.attention(a);
                   }},
                  {"causal",
                   {"align"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.causalMask(a);
                   }},
                  {"window",
                   {"left", "right"},
                   2,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.windowMask(a);
                   }},
                  {"gelu",
                   {"x", "approx"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.activation(a, Activation::Gelu);
                   }},
                  {"relu",
                   {"x"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.activation(a, Activation::Relu);
                   }},
                  {"silu",
                   {"x"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.activation(a, Activation::Silu);
                   }},
                  {"tanh",
                   {"x"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.activation(a, Activation::Tanh);
                   }},
                  {"sigmoid",
                   {"x"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.activation(a, Activation::Sigmoid);
                   }},
                  {"exp",
                   {"x"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.activation(a, Activation::Exp);
                   }},
                  {"exp2",
                   {"x"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.activation(a, Activation::Exp2);
                   }},
                  {"log",
                   {"x"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.activation(a, Activation::Log);
                   }},
                  {"sqrt",
                   {"x"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.activation(a, Activation::Sqrt);
                   }},
                  {"rsqrt",
                   {"x"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.activation(a, Activation::Rsqrt);
                   }},
                  {"abs",
                   {"x"},
                   1,
                   [](Importer &importer, const CallArguments &a) {
                     return importer.activation(a, Activation::Abs);
                   }},
              };
  return table;
}

OptionalValue Importer::callBuiltin(const Expr *call, const FramePtr &frame) {
  StringRef name = call->callee.text;
  const Builtin *builtin = llvm::find_if(
      builtins(), [&](const Builtin &entry) { return entry.name == name; });
  if (builtin == builtins().end()) {
    std::vector<StringRef> candidates = visibleNames(frame, true);
    for (const Builtin &entry : builtins())
      candidates.push_back(entry.name);
    auto message = error(Diag::unknown_function, call->callee.span, name.str());
    if (lookUp(frame->file, name, /*asFunction=*/false, call->callee.span,
               false)
            .decl)
      message.help("it is no function: write `" + name.str() + "`");
    else
      suggest(message, name, candidates, hintForFunction(name));
    return std::nullopt;
  }
  uint64_t readsBefore = weightReads;
  std::optional<CallArguments> arguments =
      matchArguments(call, frame, builtin->parameters, builtin->required);
  OptionalValue result;
  if (arguments)
    result = builtin->call(*this, *arguments);
  if (result && call->at && weightReads == readsBefore)
    error(Diag::at_without_weights, call->at->span, name.str());
  return result;
}
