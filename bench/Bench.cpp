/// attune-bench: times one model of a built library, with the FMA peak sampled
/// in the same rounds. Called by run.py; prints one JSON object.
#include "bench/Peak.h"
#include "tools/attune/Library.h"
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <vector>

using namespace attune;
using Clock = std::chrono::steady_clock;

namespace {

/// A C-contiguous array of `bits` wide numbers, DLPack type code `code`.
struct Buffer {
  Buffer(std::vector<int64_t> extents, uint8_t code, uint8_t bits)
      : shape(std::move(extents)) {
    count = 1;
    for (int64_t extent : shape)
      count *= extent;
    data.reset(std::aligned_alloc(64, (count * bits / 8 + 63) / 64 * 64));
    tensor = {data.get(),   1,       0, int32_t(shape.size()), code, bits, 1,
              shape.data(), nullptr, 0};
  }
  Buffer(const Buffer &) = delete;

  struct Free {
    void operator()(void *p) const { std::free(p); }
  };
  std::vector<int64_t> shape;
  size_t count;
  std::unique_ptr<void, Free> data;
  attune_tensor tensor;
};

using BufferPtr = std::unique_ptr<Buffer>;

/// Small reproducible numbers.
BufferPtr makeReals(std::vector<int64_t> shape, unsigned seed) {
  auto buffer = std::make_unique<Buffer>(std::move(shape), 2, 32);
  auto *data = static_cast<float *>(buffer->data.get());
  for (size_t i = 0; i < buffer->count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    data[i] = (float(seed >> 8) / 16777216.0f - 0.5f) * 2;
  }
  return buffer;
}

[[noreturn]] void fail(const char *what, const char *why) {
  std::fprintf(stderr, "attune-bench: %s: %s\n", what, why);
  std::exit(2);
}

std::vector<int64_t> parseList(const char *text) {
  std::vector<int64_t> numbers;
  for (char *end; *text; text = *end ? end + 1 : end) {
    numbers.push_back(std::strtoll(text, &end, 10));
    if (end == text)
      fail("not a list of integers", text);
  }
  return numbers;
}

/// An array for the model: `SHAPE`, small numbers; `documents:LENGTH:SHAPE`,
/// i64 document numbers along the last axis; `i32:LIST`, those numbers.
BufferPtr makeArray(const char *text, unsigned seed) {
  char *end;
  if (std::strncmp(text, "documents:", 10) == 0) {
    int64_t length = std::strtoll(text + 10, &end, 10);
    if (*end != ':' || length < 1)
      fail("not documents:LENGTH:SHAPE", text);
    auto buffer = std::make_unique<Buffer>(parseList(end + 1), 0, 64);
    auto *data = static_cast<int64_t *>(buffer->data.get());
    for (size_t i = 0; i < buffer->count; ++i)
      data[i] = int64_t(i) % buffer->shape.back() / length;
    return buffer;
  }
  if (std::strncmp(text, "i32:", 4) == 0) {
    std::vector<int64_t> numbers = parseList(text + 4);
    auto buffer = std::make_unique<Buffer>(
        std::vector<int64_t>{int64_t(numbers.size())}, 0, 32);
    std::copy(numbers.begin(), numbers.end(),
              static_cast<int32_t *>(buffer->data.get()));
    return buffer;
  }
  return makeReals(parseList(text), seed);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Kilobytes the process ever held at once.
long peakMemory() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

} // namespace

// attune-bench LIBRARY MODEL THREADS ROUNDS FLOPS avx2|avx512|none
//              DIMS WEIGHT=SHAPE... -- ARRAY...   (inputs, then the output)
int main(int argc, char **argv) {
  if (argc < 10)
    fail("usage", "LIBRARY MODEL THREADS ROUNDS FLOPS PEAK DIMS "
                  "[NAME=SHAPE]... -- ARRAY...");
  int threads = std::atoi(argv[3]), rounds = std::atoi(argv[4]);
  double flops = std::atof(argv[5]);
  std::string peakName = argv[6];
  std::vector<int64_t> dims = parseList(argv[7]);
  bench::Width width =
      peakName == "avx512" ? bench::Width::Avx512 : bench::Width::Avx2;
  bool hasPeak = peakName != "none" && bench::supported(width);
  setenv("ATTUNE_NUM_THREADS", argv[3], 1);

  tool::Library library;
  std::string message;
  if (!library.open(argv[1], argv[2], message))
    fail(argv[1], message.c_str());
  attune_error error = {};
  auto check = [&](int code) {
    if (code != ATTUNE_OK)
      fail(argv[2], error.message);
  };
  int i = 8;
  check(library.newWeights(error));
  for (; i < argc && std::strcmp(argv[i], "--") != 0; ++i) {
    char *shape = std::strchr(argv[i], '=');
    if (!shape)
      fail("not NAME=SHAPE", argv[i]);
    *shape = '\0';
    BufferPtr weight = makeReals(parseList(shape + 1), unsigned(i));
    check(library.setWeight(argv[i], weight->tensor, error));
  }
  check(library.finishWeights(error));
  std::vector<BufferPtr> arrays;
  std::vector<attune_tensor *> tensors;
  for (++i; i < argc; ++i) {
    arrays.push_back(makeArray(argv[i], unsigned(i)));
    tensors.push_back(&arrays.back()->tensor);
  }
  size_t bytes = 0;
  check(library.workspace(dims, bytes, error));
  std::unique_ptr<void, void (*)(void *)> workspace(
      std::aligned_alloc(64, (bytes + 64) / 64 * 64), std::free);

  long before = peakMemory();
  auto run = [&] {
    auto start = Clock::now();
    check(library.run(tensors, workspace.get(), bytes, nullptr, error));
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  run(); // touches the pages, wakes the pool
  long after = peakMemory();
  std::vector<double> times, peaks, ratios;
  for (int round = 0; round < rounds; ++round) {
    double peak = hasPeak ? bench::fmaPeak(width, threads, 20) : 0;
    run(); // the pool slept meanwhile, and the caches saw other data
    double seconds = run();
    times.push_back(seconds);
    peaks.push_back(peak);
    ratios.push_back(peak > 0 ? flops / seconds * 1e-9 / peak : 0);
  }
  double best = *std::min_element(times.begin(), times.end());
  double bestPeak = *std::max_element(peaks.begin(), peaks.end());
  std::printf("{\"seconds_median\": %.9g, \"seconds_best\": %.9g, "
              "\"gflops_median\": %.6g, \"gflops_best\": %.6g, "
              "\"peak_median\": %.6g, \"peak_best\": %.6g, "
              "\"ratio_median\": %.6g, \"ratio_best\": %.6g, "
              "\"workspace_bytes\": %zu, \"run_kilobytes\": %ld}\n",
              median(times), best, flops / median(times) * 1e-9,
              flops / best * 1e-9, median(peaks), bestPeak, median(ratios),
              bestPeak > 0 ? flops / best * 1e-9 / bestPeak : 0, bytes,
              after - before);
  return 0;
}
