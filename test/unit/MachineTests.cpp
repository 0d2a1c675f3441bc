//===- MachineTests.cpp - Models and the machines that run them -----------===//

#include "RuntimeCase.h"
#include "runtime/cpu.h"

using namespace attune::test;

namespace {

TEST_F(RuntimeTest, RefusesMachinesWithoutTheFeatures) {
  toy.model.features = uint64_t(1) << 40;
  expectRefused(ATTUNE_E_DEVICE, "--cpu=x86-64");
  attune_weights *other;
  EXPECT_EQ(attune_rt_weights_new(&toy.model, &other, &error), ATTUNE_E_DEVICE);
  toy.model.features = attune_cpu_features();
  EXPECT_EQ(run(), ATTUNE_OK);
#if defined(__x86_64__)
  EXPECT_TRUE(attune_cpu_features() & ATTUNE_CPU_SSE2);
  EXPECT_EQ(!!(attune_cpu_features() & ATTUNE_CPU_AVX2),
            !!__builtin_cpu_supports("avx2"));
  EXPECT_EQ(!!(attune_cpu_features() & ATTUNE_CPU_FMA),
            !!__builtin_cpu_supports("fma"));
  EXPECT_EQ(!!(attune_cpu_features() & ATTUNE_CPU_BMI2),
            !!__builtin_cpu_supports("bmi2"));
  EXPECT_EQ(!!(attune_cpu_features() & ATTUNE_CPU_AVX512VL),
            !!__builtin_cpu_supports("avx512vl"));
  EXPECT_EQ(!!(attune_cpu_features() & ATTUNE_CPU_BMI),
            !!__builtin_cpu_supports("bmi"));
  EXPECT_EQ(!!(attune_cpu_features() & ATTUNE_CPU_LZCNT),
            !!__builtin_cpu_supports("lzcnt"));
  EXPECT_EQ(!!(attune_cpu_features() & ATTUNE_CPU_POPCNT),
            !!__builtin_cpu_supports("popcnt"));
#endif
}

TEST_F(RuntimeTest, NamesTheFeaturesThatAMachineLacks) {
  // Each feature alone: what this machine has does not matter.
  const char *const names[] = {
      "sse2",     "avx",      "avx2",     "fma", "f16c",  "bmi2",  "avx512f",
      "avx512bw", "avx512dq", "avx512vl", "bmi", "lzcnt", "popcnt"};
  const uint64_t all = (uint64_t(1) << std::size(names)) - 1;
  toy.model.features = all;
  EXPECT_EQ(attune_cpu_check_on(&toy.model, all, &error), ATTUNE_OK);
  for (size_t i = 0; i < std::size(names); ++i) {
    EXPECT_EQ(
        attune_cpu_check_on(&toy.model, all & ~(uint64_t(1) << i), &error),
        ATTUNE_E_DEVICE);
    std::string lacks = std::string("lacks ") + names[i] + ": build it with";
    EXPECT_NE(std::string(error.message).find(lacks), std::string::npos)
        << error.message;
  }
  // All at once fit the message.
  EXPECT_EQ(attune_cpu_check_on(&toy.model, 0, &error), ATTUNE_E_DEVICE);
  EXPECT_NE(std::string(error.message).find("bmi, lzcnt, popcnt: build"),
            std::string::npos)
      << error.message;
  toy.model.features = ATTUNE_CPU_SSE2;
  EXPECT_EQ(attune_cpu_check_on(&toy.model, ATTUNE_CPU_SSE2, &error),
            ATTUNE_OK);
}

} // namespace
