/// The attends of a model as a picture names and arranges them.
#ifndef ATTUNE_TOOLS_VIEWATTENDS_H
#define ATTUNE_TOOLS_VIEWATTENDS_H

#include "reference/Observer.h"
#include "tools/attune/Session.h"
#include "tools/attune/ViewOptions.h"

namespace attune::tool {

/// One attend, or spatial gate, of a run.
struct ViewedAttend {
  int64_t number; ///< of attends, in order of execution, from 0; of a gate -1
  /// "encoder.0.attention": what the names of the weights that make its scores
  /// and values have in common, else its place in the spec.
  std::string label;
  int64_t batch, heads, queries, keys;
  std::string queryDim, keyDim; ///< "": of none

  ViewedAttend(int64_t number, const reference::AttendVisit &visit);
  /// "0: encoder.0.attention", "gate: layers.0.sgu".
  std::string title() const {
    return (number < 0 ? "gate" : std::to_string(number)) + ": " + label;
  }
};

/// True when `--attends` names the number, or is not given.
bool isChosen(llvm::ArrayRef<int64_t> chosen, int64_t number);

/// Checks an attend against `options`; fails with a coded message (T0505: ...).
llvm::Error checkAttend(const ViewedAttend &attend, const ViewOptions &options);

inline constexpr int64_t noGates = 0;

/// Runs the session's model for `observer`, which counts its attends in
/// `count` and gates in `gates`; an error where it has neither, or no attend of
/// a number that `--attends` names, or where `--tokens` labels nothing. An
/// ExitCode.
int observeAttends(Session &session, ViewOptions &options,
                   reference::AttendObserver &observer, const int64_t &count,
                   const int64_t &gates = noGates);

/// Draws what the compiler decides about the tiles of every attend's mask.
/// Returns an ExitCode.
int viewMasks(Session &session, ViewOptions &options);

/// Draws the probabilities of every attend of the session's model, or an output
/// of it. Returns an ExitCode.
int viewProbabilities(Session &session, ViewOptions &options);
int viewOutput(Session &session, ViewOptions &options);

} // namespace attune::tool

#endif
