/// The verbs: one file each.
#ifndef ATTUNE_TOOLS_VERBS_H
#define ATTUNE_TOOLS_VERBS_H

#include "tools/attune/Options.h"

namespace attune::tool {

extern const Verb checkVerb;   // Check.cpp
extern const Verb buildVerb;   // Build.cpp
extern const Verb runVerb;     // Run.cpp
extern const Verb testVerb;    // Test.cpp
extern const Verb cmpVerb;     // Cmp.cpp
extern const Verb targetsVerb; // Targets.cpp
extern const Verb viewVerb;    // View.cpp
extern const Verb explainVerb; // Explain.cpp

} // namespace attune::tool

#endif
