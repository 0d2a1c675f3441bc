#include "bench/Peak.h"
#include <chrono>
#include <immintrin.h>
#include <thread>
#include <vector>

namespace attune::bench {

using Clock = std::chrono::steady_clock;

bool supported(Width width) {
  return width == Width::Avx512
             ? __builtin_cpu_supports("avx512f")
             : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

namespace {
struct Sample {
  double flops = 0, seconds = 0;
  float sink = 0; // keeps the loop's result alive
};
} // namespace

// Twelve accumulators hide the latency of four cycles on two units. The barrier
// hides their values: LLVM had found the one that starts at the fixed point 10
// of x a + y and dropped its multiply-adds, which made the peak 8 % too high.
#define ATTUNE_PEAK_LOOP(VECTOR, SET, FMA, LANES)                              \
  VECTOR a[12], x = SET(0.9999f), y = SET(1e-3f);                              \
  for (int i = 0; i < 12; ++i)                                                 \
    a[i] = SET(float(i));                                                      \
  auto start = Clock::now();                                                   \
  do {                                                                         \
    for (int r = 0; r < 4096; ++r) {                                           \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < 12; ++i) {        \
        a[i] = FMA(a[i], x, y);                                                \
        asm volatile("" : "+v"(a[i]));                                         \
      }                                                                        \
    }                                                                          \
    sample.flops += 4096.0 * 12 * LANES * 2;                                   \
    sample.seconds =                                                           \
        std::chrono::duration<double>(Clock::now() - start).count();           \
  } while (sample.seconds < seconds);                                          \
  for (int i = 0; i < 12; ++i)                                                 \
    sample.sink += a[i][0];

__attribute__((target("avx512f"))) static void runAvx512(double seconds,
                                                         Sample &sample) {
  ATTUNE_PEAK_LOOP(__m512, _mm512_set1_ps, _mm512_fmadd_ps, 16)
}

__attribute__((target("avx2,fma"))) static void runAvx2(double seconds,
                                                        Sample &sample) {
  ATTUNE_PEAK_LOOP(__m256, _mm256_set1_ps, _mm256_fmadd_ps, 8)
}

double fmaPeak(Width width, int threads, int milliseconds) {
  std::vector<Sample> samples(threads);
  std::vector<std::thread> pool;
  auto run = [&](int i) {
    (width == Width::Avx512 ? runAvx512 : runAvx2)(milliseconds * 1e-3,
                                                   samples[i]);
  };
  for (int i = 1; i < threads; ++i)
    pool.emplace_back(run, i);
  run(0);
  for (std::thread &thread : pool)
    thread.join();
  double rate = 0;
  for (const Sample &sample : samples)
    rate += sample.flops / sample.seconds * 1e-9;
  return rate;
}

} // namespace attune::bench
