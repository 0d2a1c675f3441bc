//===- Optimize.cpp - LLVM's optimiser for code of ours -------------------===//

#include "codegen/emit/Optimize.h"

#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/LICM.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"
#include "llvm/Transforms/Scalar/LoopRotation.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"

// The loops are unrolled and vectorised as they shall be: LLVM's unroller makes
// the micro kernels spill.
static llvm::PipelineTuningOptions keepLoops() {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = false;
  tuning.LoopInterleaving = false;
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  return tuning;
}

static void run(llvm::Module &code, llvm::PassBuilder &builder,
                llvm::function_ref<llvm::ModulePassManager()> pipeline) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graph;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graph, modules);
  pipeline().run(code, modules);
}

// What the default pipeline does beyond this costs a third of a build and
// changes no loop of ours.
void attune::optimizeHostCode(llvm::Module &code,
                              llvm::TargetMachine &machine) {
  llvm::PassBuilder builder(&machine);
  run(code, builder, [] {
    llvm::LoopPassManager loops;
    loops.addPass(llvm::LoopRotatePass());
    loops.addPass(llvm::LICMPass(llvm::LICMOptions()));
    llvm::FunctionPassManager functions;
    functions.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
    functions.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
    functions.addPass(llvm::SimplifyCFGPass());
    functions.addPass(llvm::createFunctionToLoopPassAdaptor(
        std::move(loops), /*UseMemorySSA=*/true));
    llvm::ModulePassManager module;
    module.addPass(
        llvm::createModuleToFunctionPassAdaptor(std::move(functions)));
    return module;
  });
}

void attune::optimizeDeviceCode(llvm::Module &code,
                                llvm::TargetMachine &machine) {
  llvm::PassBuilder builder(&machine, keepLoops());
  run(code, builder, [&] {
    return builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3);
  });
}
