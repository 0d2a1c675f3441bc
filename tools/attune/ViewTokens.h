/// The tokens that label the axes of a picture.
#ifndef ATTUNE_TOOLS_VIEWTOKENS_H
#define ATTUNE_TOOLS_VIEWTOKENS_H

#include "tools/view/MapFigure.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

namespace attune::tool {

class TokenLabels {
public:
  /// `FILE` or `DIM=FILE`, a file with one token a line. Returns an ExitCode.
  int read(llvm::StringRef text);

  /// Labels the axis of the dim `dim` ("": of none) with the file of that dim,
  /// else with the first file that has as many lines as the axis positions.
  void label(view::Axis &axis, llvm::StringRef dim);

  /// After all axes: an error for a file that fitted none. An ExitCode.
  int checkUsed() const;

private:
  struct File {
    std::string dim, path;
    std::vector<std::string> tokens;
    bool used = false;
  };
  llvm::SmallVector<File> files;
  /// "5 (keys)", of each axis that was asked for.
  llvm::SmallVector<std::string> axes;
};

} // namespace attune::tool

#endif
