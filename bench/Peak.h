/// The FMA peak of this machine right now: the yardstick of every figure.
#ifndef ATTUNE_BENCH_PEAK_H
#define ATTUNE_BENCH_PEAK_H

namespace attune::bench {

/// Vector instructions whose peak is measured.
enum class Width { Avx2, Avx512 };

/// Whether this machine has them.
bool supported(Width width);

/// GFLOP/s of register-only f32 fused multiply-adds, summed over `threads`
/// threads that run for `milliseconds`.
double fmaPeak(Width width, int threads, int milliseconds);

} // namespace attune::bench

#endif
