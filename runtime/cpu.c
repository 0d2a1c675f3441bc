#include "runtime/cpu.h"
#include "runtime/error.h"

#include <stdatomic.h>
#include <stdio.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

/* Own CPUID code: __builtin_cpu_supports needs libgcc or compiler-rt, which
 * models are not linked with. */
static uint64_t detect(void) {
  uint64_t features = 0;
#if defined(__x86_64__)
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d))
    return 0;
  features |= d & bit_SSE2 ? ATTUNE_CPU_SSE2 : 0;
  uint64_t saved = 0;
  if (c & bit_OSXSAVE) {
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    saved = low;
  }
  int ymm = (saved & 0x6) == 0x6, zmm = (saved & 0xe6) == 0xe6;
  if (ymm) {
    features |= c & bit_AVX ? ATTUNE_CPU_AVX : 0;
    features |= c & bit_FMA ? ATTUNE_CPU_FMA : 0;
    features |= c & bit_F16C ? ATTUNE_CPU_F16C : 0;
  }
  features |= c & bit_POPCNT ? ATTUNE_CPU_POPCNT : 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
    features |= b & bit_BMI ? ATTUNE_CPU_BMI : 0;
    features |= b & bit_BMI2 ? ATTUNE_CPU_BMI2 : 0;
    if (ymm)
      features |= b & bit_AVX2 ? ATTUNE_CPU_AVX2 : 0;
    if (zmm) {
      features |= b & bit_AVX512F ? ATTUNE_CPU_AVX512F : 0;
      features |= b & bit_AVX512BW ? ATTUNE_CPU_AVX512BW : 0;
      features |= b & bit_AVX512DQ ? ATTUNE_CPU_AVX512DQ : 0;
      features |= b & bit_AVX512VL ? ATTUNE_CPU_AVX512VL : 0;
    }
  }
  /* Where it is missing, lzcnt is not refused: it counts something else. */
  if (__get_cpuid(0x80000001, &a, &b, &c, &d))
    features |= c & bit_LZCNT ? ATTUNE_CPU_LZCNT : 0;
#endif
  return features;
}

uint64_t attune_cpu_features(void) {
  /* The top bit tells "known" from "nothing". Threads may detect at once: they
   * find the same. */
  static _Atomic uint64_t cached;
  const uint64_t known = (uint64_t)1 << 63;
  uint64_t features = atomic_load_explicit(&cached, memory_order_relaxed);
  if (!(features & known)) {
    features = detect() | known;
    atomic_store_explicit(&cached, features, memory_order_relaxed);
  }
  return features & ~known;
}

int attune_cpu_check(const attune_model_desc *m, attune_error *e) {
  return attune_cpu_check_on(m, attune_cpu_features(), e);
}

int attune_cpu_check_on(const attune_model_desc *m, uint64_t features,
                        attune_error *e) {
  /* In the order of the bits. */
  static const char *const names[] = {
      "sse2",     "avx",      "avx2",     "fma", "f16c",  "bmi2",  "avx512f",
      "avx512bw", "avx512dq", "avx512vl", "bmi", "lzcnt", "popcnt"};
  uint64_t missing = m->features & ~features;
  if (!missing)
    return ATTUNE_OK;
  char text[ATTUNE_TEXT];
  size_t used = 0;
  text[0] = 0;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i)
    if (missing >> i & 1)
      used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
                               used ? ", " : "", names[i]);
  return attune_fail(e, ATTUNE_E_DEVICE,
                     "`%s` was compiled for --cpu=%s, but this processor lacks "
                     "%s: build it with --cpu=native here, or --cpu=x86-64",
                     m->name, m->cpu, used ? text : "a feature that it needs");
}
