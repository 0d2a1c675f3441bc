/// The options of `attune view` that concern the picture, not the model.
#ifndef ATTUNE_TOOLS_VIEWOPTIONS_H
#define ATTUNE_TOOLS_VIEWOPTIONS_H

#include "tools/attune/Options.h"
#include "tools/attune/ViewTokens.h"
#include "tools/view/Picture.h"

namespace attune::tool {

/// What a picture shows.
enum class Subject { Probabilities, Mask, Output, Weight, Array };

struct ViewOptions {
  Subject subject = Subject::Probabilities;
  std::string name; ///< of the output, weight or array file
  std::string path; ///< of the picture
  bool isSvg = false;
  std::string title; ///< empty: the subject's own
  std::optional<std::pair<double, double>> range;
  /// Of leading axes.
  llvm::SmallVector<int64_t> index;
  int64_t batch = 0;
  /// Empty: all.
  llvm::SmallVector<int64_t> heads, attends, columns;
  bool curves = false;
  TokenLabels tokens;

  /// Reads all of them but the tokens' dims; returns an ExitCode.
  int read(const Arguments &arguments);
};

/// `0,3,5-7` as numbers from 0 on; empty when it is no such list.
llvm::SmallVector<int64_t> parseIndexList(llvm::StringRef text);

/// Writes the picture where `options` say; returns an ExitCode.
int writePicture(const view::Picture &picture, const ViewOptions &options);

} // namespace attune::tool

#endif
