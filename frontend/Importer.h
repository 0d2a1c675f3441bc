//===- Importer.h - State of the import (internal) --------------*- C++ -*-===//
//
// Checks and imports in one walk: blocks are expanded where they are called, so
// every check sees concrete types, and every op is made where it is checked.
//
//===----------------------------------------------------------------------===//
#ifndef ATTUNE_FRONTEND_IMPORTER_H
#define ATTUNE_FRONTEND_IMPORTER_H

#include "dialect/Attune.h"
#include "frontend/Hints.h"
#include "frontend/Import.h"
#include "frontend/Imports.h"
#include "frontend/Interval.h"
#include "frontend/Scope.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace attune::frontend {

using OptionalValue = std::optional<Value>;
using FramePtr = std::shared_ptr<Frame>;

/// A file-level declaration that a name means.
struct FoundDecl {
  const ast::Decl *decl = nullptr;
  size_t file = 0;
  /// Two imports define the name, which was reported; `decl` is null.
  bool isAmbiguous = false;
};

/// A call with its arguments evaluated and matched to parameter names.
struct CallArguments {
  const ast::Expr *call;
  llvm::StringMap<const ast::Expr *> given;
  FramePtr frame;
};

/// Stands in a weight name between the name of a step and the loop's number
/// among those around it.
constexpr char stepMark = '\x01';

/// The run-time value of a polynomial in dims, as an integer of type `integer`.
mlir::Value emitExtent(mlir::OpBuilder &builder, mlir::Location loc,
                       const Extent &extent, mlir::Type integer);

class Importer {
public:
  Importer(const Program &program, mlir::MLIRContext &context,
           const Sources &sources, Diagnostics &diagnostics,
           const ImportOptions &options)
      : program(program), sources(sources), diagnostics(diagnostics),
        options(options), context(context), builder(&context) {}

  mlir::OwningOpRef<mlir::ModuleOp> run(llvm::StringRef onlyModel);

private:
  // ImportDeclarations.cpp: names of files.
  bool checkDeclarations();
  FoundDecl lookUp(size_t file, llvm::StringRef name, bool asFunction, Span use,
                   bool report);
  OptionalValue valueOfConst(FoundDecl found, Span use);
  std::optional<int64_t> boundOfDim(FoundDecl found);
  bool countOperations(FoundDecl found, uint64_t &count);
  uint64_t countExpr(const ast::Expr *expr, size_t file, bool &ok);
  uint64_t countBody(llvm::ArrayRef<const ast::Stmt *> body, size_t file,
                     bool &ok);
  std::string suggestion(llvm::StringRef name,
                         llvm::ArrayRef<llvm::StringRef> candidates);
  /// Adds `hint`, or else the nearest candidate, as help.
  void suggest(DiagnosticBuilder message, llvm::StringRef name,
               llvm::ArrayRef<llvm::StringRef> candidates,
               llvm::StringRef hint);
  std::vector<llvm::StringRef> visibleNames(const FramePtr &frame,
                                            bool functions);

  // ImportModel.cpp: models and statements.
  bool importModel(const ast::Decl &model, size_t file);
  bool importInputs(const ast::Decl &model, const FramePtr &frame,
                    mlir::func::FuncOp function);
  bool importBody(llvm::ArrayRef<const ast::Stmt *> body,
                  const FramePtr &frame);
  bool importStatement(const ast::Stmt &stmt, const FramePtr &frame);
  bool importParam(const ast::Field &field, const FramePtr &frame);
  bool importLet(const ast::Stmt &stmt, const FramePtr &frame);
  bool importAssign(const ast::Stmt &stmt, const FramePtr &frame);
  bool importFor(const ast::Stmt &stmt, const FramePtr &frame);
  bool importOutput(const ast::Stmt &stmt, const FramePtr &frame);
  struct Output;
  bool checkOutput(const Output &output, const FramePtr &frame);
  bool finishModel(mlir::func::FuncOp function, const ast::Decl &model);
  bool bind(const FramePtr &frame, ast::Name name, Value value, bool isLet);
  /// Tells `options.onName` of a name of a model.
  void announce(const FramePtr &frame, llvm::StringRef kind, ast::Name name,
                const Value &value);
  void poison(const FramePtr &frame, llvm::ArrayRef<ast::Name> names);
  void warnUnused(const FramePtr &frame);

  // ImportTypes.cpp: types and extents.
  mlir::Type elementType(const ast::Name &name);
  /// Says that there is no such type, and which one is meant.
  void unknownType(Span span, llvm::StringRef text);
  std::optional<Extent> extent(const ast::Expr *expr, const FramePtr &frame);
  std::optional<Extent> asExtent(const Value &value, Span span);
  std::optional<llvm::SmallVector<Extent>> shapeOf(const ast::Type &type,
                                                   const FramePtr &frame);
  bool checkShape(llvm::ArrayRef<Extent> shape, Span span);
  mlir::RankedTensorType tensorType(llvm::ArrayRef<Extent> shape,
                                    mlir::Type element);
  bool useDim(FoundDecl found);
  bool matchType(const ast::Field &field, const Value &value, Span span,
                 const FramePtr &callee);
  bool requireNonNegative(const Extent &value, Span span, std::string text);

  // ImportExpressions.cpp, then by operand: ImportNumbers.cpp,
  // ImportTensors.cpp, ImportScores.cpp, ImportSlices.cpp.
  OptionalValue expr(const ast::Expr *expr, const FramePtr &frame);
  OptionalValue nameExpr(const ast::Expr *expr, const FramePtr &frame);
  OptionalValue unaryExpr(const ast::Expr *expr, const FramePtr &frame);
  OptionalValue binaryExpr(const ast::Expr *expr, const FramePtr &frame);
  OptionalValue indexExpr(const ast::Expr *expr, const FramePtr &frame);
  mlir::Value rowOfStep(const ast::Expr *expr, mlir::Value value,
                        const Value &step);
  OptionalValue numberBinary(const ast::Expr *expr, const Value &a,
                             const Value &b);
  OptionalValue tensorBinary(const ast::Expr *expr, const Value &a,
                             const Value &b);
  OptionalValue scoresBinary(const ast::Expr *expr, Value a, Value b);
  ScoreProducts productsOf(mlir::Value scores);
  /// What an op made of other scores.
  Value madeScores(mlir::Value scores);
  OptionalValue maskBinary(const ast::Expr *expr, const Value &a,
                           const Value &b);
  OptionalValue matmul(const ast::Expr *expr, mlir::Value a, mlir::Value b);
  mlir::Value asTensor(const Value &value, mlir::Type element, Span span);
  mlir::Value sizeTensor(const Value &value, mlir::Type element, Span span);
  /// An i64 as a rank-0 tensor of `element`.
  mlir::Value scalarTensor(mlir::Value number, mlir::Type element,
                           mlir::Location loc);
  /// Two operands as tensors of one element type; `numbers` when neither is a
  /// tensor.
  std::optional<std::pair<mlir::Value, mlir::Value>>
  unify(const Value &a, const Value &b, mlir::Type numbers, Span aSpan,
        Span bSpan, Span span);
  mlir::Value elementwise(Binary function, mlir::Value a, mlir::Value b,
                          Span span);
  OptionalValue applyScore(const Value &scores, const Value &function,
                           Span span);

  // ImportCalls.cpp: calls of blocks, masks and scores.
  OptionalValue callExpr(const ast::Expr *call, const FramePtr &frame);
  OptionalValue callBlock(const ast::Expr *call, FoundDecl found,
                          const FramePtr &frame);
  OptionalValue callGenerator(const ast::Expr *call, FoundDecl found,
                              const FramePtr &frame);
  bool bindArguments(const ast::Expr *call, FoundDecl found,
                     const FramePtr &caller, const FramePtr &callee);
  std::string weightText(llvm::StringRef text, const FramePtr &frame);
  std::string prefixAt(const std::optional<ast::Text> &at,
                       const FramePtr &frame);

  // ImportBuiltins.cpp: built-in functions.
  OptionalValue callBuiltin(const ast::Expr *call, const FramePtr &frame);
  struct Builtin;
  static llvm::ArrayRef<Builtin> builtins();
  std::optional<CallArguments>
  matchArguments(const ast::Expr *call, const FramePtr &frame,
                 llvm::ArrayRef<llvm::StringRef> parameters, unsigned required);
  mlir::Value tensorArgument(const CallArguments &arguments,
                             llvm::StringRef name, bool f32Only = true);
  /// The same for an argument that is evaluated already.
  mlir::Value tensorArgument(const CallArguments &arguments,
                             llvm::StringRef name, const OptionalValue &value,
                             bool f32Only);
  std::optional<Extent> sizeArgument(const CallArguments &arguments,
                                     llvm::StringRef name);
  std::optional<int64_t> constantArgument(const CallArguments &arguments,
                                          llvm::StringRef name,
                                          std::optional<int64_t> otherwise);
  std::optional<double> realArgument(const CallArguments &arguments,
                                     llvm::StringRef name,
                                     std::optional<double> otherwise);
  std::optional<bool> boolArgument(const CallArguments &arguments,
                                   llvm::StringRef name, bool otherwise);
  std::optional<std::string>
  wordArgument(const CallArguments &arguments, llvm::StringRef name,
               llvm::ArrayRef<llvm::StringRef> words);
  std::optional<int64_t> axisArgument(const CallArguments &arguments,
                                      int64_t rank,
                                      std::optional<int64_t> otherwise);
  mlir::Value param(llvm::StringRef suffix, llvm::ArrayRef<Extent> shape,
                    const FramePtr &frame, Span span);

  // ImportLayers.cpp.
  OptionalValue linear(const CallArguments &arguments);
  OptionalValue affine(const CallArguments &arguments);
  OptionalValue embedding(const CallArguments &arguments);
  OptionalValue gather(const CallArguments &arguments);
  /// What every norm over the last axis reads.
  struct NormInput {
    mlir::Value x;
    double eps;
    Extent size;    ///< of the last axis, a constant
    FramePtr layer; ///< of the weights; null: none
  };
  std::optional<NormInput> normInput(const CallArguments &arguments,
                                     double defaultEps);
  OptionalValue layerNorm(const CallArguments &arguments);
  OptionalValue activation(const CallArguments &arguments, Activation kind);
  OptionalValue castTo(const CallArguments &arguments);
  OptionalValue dropout(const CallArguments &arguments);

  FramePtr layerFrame(const CallArguments &arguments);

  // ImportReduce.cpp.
  OptionalValue rmsNorm(const CallArguments &arguments);
  OptionalValue softmax(const CallArguments &arguments);
  OptionalValue reduce(const CallArguments &arguments, ReduceKind kind);

  // ImportArrays.cpp.
  OptionalShape shapeArgument(const CallArguments &arguments);
  OptionalValue filled(const CallArguments &arguments, double value);
  OptionalValue arange(const CallArguments &arguments);
  OptionalValue repetition(const CallArguments &arguments, bool isTile);
  mlir::Value angles(const CallArguments &arguments, const Extent &length,
                     int64_t width, PairLayout layout);
  OptionalValue sinusoid(const CallArguments &arguments);
  OptionalValue rope(const CallArguments &arguments);
  OptionalValue where(const CallArguments &arguments);
  OptionalValue clamp(const CallArguments &arguments);

  // ImportShapes.cpp.
  OptionalValue heads(const CallArguments &arguments);
  OptionalValue merge(const CallArguments &arguments);
  OptionalValue split(const CallArguments &arguments);
  OptionalValue concat(const CallArguments &arguments);
  OptionalValue transpose(const CallArguments &arguments);
  OptionalValue reshape(const CallArguments &arguments);

  // ImportAttention.cpp.
  OptionalValue dot(const CallArguments &arguments);
  OptionalValue attend(const CallArguments &arguments);
  OptionalValue attendTo(const Value &scores, const CallArguments &arguments);
  OptionalValue attention(const CallArguments &arguments);
  OptionalValue windowMask(const CallArguments &arguments);
  OptionalValue causalMask(const CallArguments &arguments);
  mlir::Value toRank4(mlir::Value tensor, Span span);
  OptionalValue makeDot(mlir::Value q, mlir::Value k,
                        std::optional<double> scale, Span span);
  /// What attend gives besides its output, and for empty rows.
  struct AttendOptions {
    EmptyRow emptyRow;
    bool probs, lse;
    bool noSoftmax = false;
  };
  OptionalValue makeAttend(const Value &scores, mlir::Value v,
                           const OptionalValue &mask,
                           const AttendOptions &options, Span span,
                           Span maskSpan);
  /// Whether kernels can count these sizes; an error otherwise.
  bool fitIndices(const AttendSizes &sizes, Span span);
  /// The argument `mask`, if it is given, and where; false after an error.
  bool maskArgument(const CallArguments &arguments, OptionalValue &mask,
                    Span &span);
  /// An `attune.mask`; null after an error.
  mlir::Value emitMask(const MaskValue &mask, const AttendSizes &sizes,
                       Span span);
  // ImportSpatial.cpp.
  OptionalValue spatial(const CallArguments &arguments);
  OptionalValue spatialScores(const Value &scores,
                              const CallArguments &arguments);
  struct Mixed;
  std::optional<Mixed> mixedArgument(const CallArguments &arguments);
  bool checkGroups(const Extent &groups, const Extent &channels, Span span);
  bool biasArgument(const CallArguments &arguments, const Extent &groups,
                    const Extent &positions, mlir::Value &bias);
  // ImportSynthesizers.cpp.
  OptionalValue additive(const CallArguments &arguments);
  OptionalValue dense(const CallArguments &arguments);
  OptionalValue random(const CallArguments &arguments);
  OptionalValue factorizedRandom(const CallArguments &arguments);
  OptionalValue factorizedDense(const CallArguments &arguments);
  /// An operand of a score source at its highest rank: 4 has a batch, 3 and 2
  /// lead with heads.
  mlir::Value sourceOperand(const CallArguments &arguments,
                            llvm::StringRef name, size_t rank);
  mlir::Value sourceOperand(const CallArguments &arguments,
                            llvm::StringRef name, size_t rank,
                            mlir::Value array);
  mlir::Value cutPositions(mlir::Value array, llvm::ArrayRef<Extent> positions,
                           Span span);
  /// The heads of `array`, when they divide `heads`.
  std::optional<int64_t> headsOf(mlir::Value array, int64_t axis,
                                 const Extent &heads, Span span);
  bool fitsQueries(mlir::Value array, const AttendSizes &sizes, Span span);
  /// `scores(t)`, `scores({ expr })`, `scores(f)`.
  OptionalValue indexScores(const CallArguments &arguments);
  OptionalValue scoresOfTensor(mlir::Value tensor, Span span);
  OptionalValue scoresOfFunction(std::shared_ptr<ScoreFunction> function);
  /// Scores that wait for those of their sizes that are not `known`.
  Value delayed(PartialSizes known,
                std::function<OptionalValue(const AttendSizes &)> emit);
  /// The scores of an expression that waited for its sizes.
  OptionalValue settle(const Value &scores, const AttendSizes &sizes);
  /// -s.
  /// productsOf() of ops that were asked before.
  llvm::DenseMap<mlir::Operation *, ScoreProducts> scoreProducts;
  OptionalValue negatedScores(const Value &scores, Span span);

  friend class IndexEmitter;

  mlir::Location location(Span span);
  template <typename... Arguments>
  DiagnosticBuilder error(Diag id, Span span, const Arguments &...arguments) {
    return diagnostics.report(id, span, arguments...);
  }
  OptionalValue notSupported(Span span, llvm::StringRef what);

  const Program &program;
  const Sources &sources;
  Diagnostics &diagnostics;
  const ImportOptions &options;
  mlir::MLIRContext &context;
  mlir::OpBuilder builder;

  // By declaration.
  llvm::DenseMap<const ast::Decl *, Value> constants;
  llvm::DenseMap<const ast::Decl *, int> constantState; // 1 open, 2 done, 3 bad
  llvm::DenseMap<const ast::Decl *, uint64_t> operationCounts;
  llvm::DenseMap<const ast::Decl *, int> countState;
  llvm::DenseSet<const ast::Decl *> usedDecls;

  // By model.
  struct WeightUse {
    std::string shape;
    Span span;
  };
  llvm::StringMap<WeightUse> weights;
  std::vector<std::pair<std::string, Span>> usedDims; // in order of use
  DimBounds dimBounds;
  struct Output {
    ast::Name name;
    mlir::Value value;
    const ast::Type *type; ///< declared, or null
    Span span;
  };
  std::vector<Output> outputs;
  llvm::StringMap<Span> interfaceNames;
  std::vector<std::pair<Extent, std::string>> conditions;
  /// Number of `at` uses whose prefix a weight has read, to find idle ones.
  uint64_t weightReads = 0;
  /// Operations of masks and score functions so far.
  uint64_t indexOperations = 0;
  std::string modelName;
};

} // namespace attune::frontend

#endif // ATTUNE_FRONTEND_IMPORTER_H
