/// attune targets: the machine descriptions.
#include "dialect/Target.h"
#include "tools/attune/Report.h"
#include "tools/attune/Verbs.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace attune::tool {

/// "+avx2,+fma" as "avx2 fma".
static std::string featureText(StringRef features) {
  std::string text = features.str();
  erase_if(text, [](char c) { return c == '+'; });
  std::replace(text.begin(), text.end(), ',', ' ');
  return text;
}

static void printRow(StringRef name, const Target &target) {
  outs() << left_justify(name, 8)
         << format(" %9d  %9d  %3d KiB  %5d KiB  ", int(target.vectorWidth),
                   int(target.registers), int(target.l1 >> 10),
                   int(target.l2 >> 10))
         << featureText(target.features) << "\n";
}

/// The preset whose instructions and registers this machine's code uses.
static StringRef presetLike(const Target &native) {
  for (StringRef name : Target::names())
    if (name != "native" && Target::get(name)->features == native.features)
      return name;
  return "";
}

static int runTargets(const Arguments &arguments) {
  if (!arguments.positional.empty())
    return userError("T0011", "`attune targets` takes no file");
  Target native = *Target::get("native");
  outs() << "--cpu=   f32 lanes  registers       L1         L2  features\n";
  for (StringRef name : Target::names())
    printRow(name, *Target::get(name));
  outs() << "native is " << native.cpu << ", with the instructions of "
         << presetLike(native) << "\n\n";
  outs() << "--target=cuda --sm=  shared memory a block  registers a thread  "
            "features\n";
  for (int sm : Target::cudaNames()) {
    Target target = *Target::getCuda(sm);
    outs() << format("%-19d  %17d KiB  %18d  ", sm, int(target.l1 >> 10),
                     int(target.registers))
           << featureText(target.features) << "\n";
  }
  return Done;
}

const Verb targetsVerb = {
    "targets",
    "",
    "Prints the machines that --cpu and --sm name.\n"
    "Lanes and registers are those of the vector unit; cache sizes decide the\n"
    "size of blocks. A library needs the features, and says so where one "
    "lacks.",
    {},
    runTargets};

} // namespace attune::tool
