//===- FuzzOptions.cpp - Options of the sanitizers ------------------------===//
//
// LLVM and MLIR are not instrumented, but our copies of their inline functions
// are: memory that they poison and we do not (containers, bump allocators) must
// not count. Contexts keep what they unique, which is no leak of ours.
//
//===----------------------------------------------------------------------===//

extern "C" const char *__asan_default_options() {
  return "detect_container_overflow=0:allow_user_poisoning=0:detect_leaks=0:"
         "allocator_may_return_null=1:detect_stack_use_after_return=0";
}

extern "C" const char *__ubsan_default_options() {
  return "print_stacktrace=1";
}
