//===- AttendKernelTests.cpp - The attend kernel against double sums ------===//

#include "AttendCase.h"
#include <gtest/gtest.h>

using namespace attune::test;

namespace {

AttendCase sizes(int64_t queries, int64_t keys, int64_t depth,
                 int64_t valueDepth) {
  AttendCase c;
  c.queries = queries;
  c.keys = keys;
  c.depth = depth;
  c.valueDepth = valueDepth;
  return c;
}

/// k <= q, with key ranges in closed form.
void makeCausal(AttendCase &c) {
  c.ranges = "^bb0(%b: index, %h: index, %f: index, %l: index, %nq: index, "
             "%nk: index):\n"
             "%c0 = arith.constant 0 : index\n"
             "%c1 = arith.constant 1 : index\n"
             "%f1 = arith.addi %f, %c1 : index\n"
             "%l1 = arith.addi %l, %c1 : index\n"
             "%fh = arith.minsi %f1, %nk : index\n"
             "%hi = arith.minsi %l1, %nk : index\n"
             "attune.yield %c0, %c0, %fh, %hi : index, index, index, index";
  c.mask = "^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, "
           "%nq: i32, %nk: i32):\n"
           "%m = arith.cmpi sle, %k, %q : i32\n"
           "attune.yield %m : i1";
  c.attends = [](int64_t, int64_t, int64_t q, int64_t k) { return k <= q; };
}

/// q - w < k <= q.
void makeWindow(AttendCase &c, int64_t window) {
  std::string w = std::to_string(window);
  c.ranges = "^bb0(%b: index, %h: index, %f: index, %l: index, %nq: index, "
             "%nk: index):\n"
             "%c0 = arith.constant 0 : index\n"
             "%c1 = arith.constant 1 : index\n"
             "%cw = arith.constant " +
             w +
             " : index\n"
             "%f1 = arith.addi %f, %c1 : index\n"
             "%l1 = arith.addi %l, %c1 : index\n"
             "%hi = arith.minsi %l1, %nk : index\n"
             "%a = arith.subi %f1, %cw : index\n"
             "%a0 = arith.maxsi %a, %c0 : index\n"
             "%lo = arith.minsi %a0, %hi : index\n"
             "%d = arith.subi %l1, %cw : index\n"
             "%d0 = arith.maxsi %d, %c0 : index\n"
             "%fl = arith.minsi %d0, %hi : index\n"
             "%g = arith.minsi %f1, %hi : index\n"
             "%fh = arith.maxsi %g, %fl : index\n"
             "attune.yield %lo, %fl, %fh, %hi : index, index, index, index";
  c.mask = "^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, "
           "%nq: i32, %nk: i32):\n"
           "%cw = arith.constant " +
           w +
           " : i32\n"
           "%d = arith.subi %q, %k : i32\n"
           "%z = arith.constant 0 : i32\n"
           "%x = arith.cmpi sge, %d, %z : i32\n"
           "%y = arith.cmpi slt, %d, %cw : i32\n"
           "%m = arith.andi %x, %y : i1\n"
           "attune.yield %m : i1";
  c.attends = [=](int64_t, int64_t, int64_t q, int64_t k) {
    return k <= q && k > q - window;
  };
}

/// A mask without ranges: evaluated everywhere.
void makePadded(AttendCase &c) {
  c.mask = "^bb0(%b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, %nh: i32, "
           "%nq: i32, %nk: i32):\n"
           "%p = attune.capture %pad[%b, %k] : memref<" +
           std::to_string(c.batch) + "x" + std::to_string(c.keys) +
           "xi8> -> i1\n"
           "%n = attune.capture %len[%b] : memref<" +
           std::to_string(c.batch) +
           "xi32> -> i32\n"
           "%x = arith.cmpi slt, %k, %n : i32\n"
           "%m = arith.andi %p, %x : i1\n"
           "attune.yield %m : i1";
  c.edit = [](AttendCase &c) {
    for (int64_t b = 0; b < c.batch; ++b) {
      c.lengths[b] = b * c.keys / 2; // none for the first
      for (int64_t k = 0; k < c.keys; ++k)
        c.pads[b * c.keys + k] = k % 3 ? 2 : 0;
    }
    c.attends = [&c](int64_t b, int64_t, int64_t, int64_t k) {
      return c.pads[b * c.keys + k] && k < c.lengths[b];
    };
  };
}

TEST(AttendKernel, QueryAndKeyLengths) {
  for (int64_t queries : {1, 5, 6, 7, 33, 48, 67})
    for (int64_t keys : {1, 15, 16, 17, 63, 64, 65, 130})
      sizes(queries, keys, 8, 8).run();
}

TEST(AttendKernel, Depths) {
  for (int64_t depth : {1, 3, 8, 12, 64})
    for (int64_t valueDepth : {1, 7, 8, 12, 16, 20, 24, 40})
      sizes(13, 37, depth, valueDepth).run();
}

TEST(AttendKernel, DynamicLengths) {
  for (int64_t queries : {1, 7, 50})
    for (int64_t keys : {1, 16, 67, 200}) {
      AttendCase c = sizes(queries, keys, 12, 20);
      c.dynamicLengths = true;
      c.batch = 2;
      c.run();
      AttendCase causal = sizes(queries, keys, 12, 20);
      causal.dynamicLengths = true;
      makeCausal(causal);
      causal.run();
    }
}

TEST(AttendKernel, ZeroExtents) {
  for (bool dynamic : {false, true}) {
    for (auto [queries, keys] : {std::pair{0, 5}, {5, 0}, {0, 0}}) {
      AttendCase c = sizes(queries, keys, 8, 8);
      c.dynamicLengths = dynamic;
      c.run();
    }
    AttendCase c = sizes(3, 4, 8, 8);
    c.batch = 0;
    c.dynamicLengths = dynamic;
    c.run();
  }
}

TEST(AttendKernel, Causal) {
  for (auto [queries, keys] :
       {std::pair{1, 1}, {67, 67}, {130, 130}, {200, 64}, {33, 129}, {6, 16}}) {
    AttendCase c = sizes(queries, keys, 8, 16);
    makeCausal(c);
    c.run();
  }
}

TEST(AttendKernel, Window) {
  for (int64_t window : {1, 5, 17, 40, 1000})
    for (auto [queries, keys] : {std::pair{130, 130}, {150, 70}, {40, 64}}) {
      AttendCase c = sizes(queries, keys, 8, 16);
      makeWindow(c, window);
      c.run();
    }
}

TEST(AttendKernel, CapturedMaskAndEmptyRows) {
  for (int64_t keys : {1, 16, 67, 130}) {
    AttendCase c = sizes(19, keys, 8, 16);
    c.batch = 3;
    makePadded(c);
    c.run();
  }
}

TEST(AttendKernel, GroupedQueries) {
  for (auto [keyHeads, valueHeads] : {std::pair{1, 1}, {2, 4}, {4, 2}, {1, 4}})
    for (int64_t workspaceHeads : {0, 1, 3}) {
      AttendCase c = sizes(9, 33, 8, 8);
      c.batch = 2;
      c.heads = 4;
      c.keyHeads = keyHeads;
      c.valueHeads = valueHeads;
      c.workspaceHeads = workspaceHeads;
      c.run();
    }
}

TEST(AttendKernel, SeveralSourcesAndHeadWeights) {
  for (bool weights : {false, true})
    for (int64_t workspaceHeads : {0, 1}) {
      AttendCase c = sizes(20, 37, 12, 8);
      c.sources = 2;
      c.headWeights = weights;
      c.workspaceHeads = workspaceHeads;
      c.run();
      makeCausal(c = sizes(20, 37, 12, 8));
      c.sources = 2;
      c.headWeights = weights;
      c.run();
    }
}

TEST(AttendKernel, ScoreFunction) {
  for (bool causal : {false, true})
    for (int64_t keys : {32, 37}) {
      AttendCase c = sizes(20, keys, 8, 8);
      if (causal)
        makeCausal(c);
      c.score = "^bb0(%s: f32, %b: i32, %h: i32, %q: i32, %k: i32, %nb: i32, "
                "%nh: i32, %nq: i32, %nk: i32):\n"
                "%c = attune.capture %bias[%h, %k] : memref<2x" +
                std::to_string(keys) +
                "xf32> -> f32\n"
                "%d = arith.subi %q, %k : i32\n"
                "%f = arith.sitofp %d : i32 to f32\n"
                "%g = arith.constant 0.125 : f32\n"
                "%x = arith.mulf %f, %g : f32\n"
                "%e = math.exp %s : f32\n"
                "%y = arith.addf %e, %c : f32\n"
                "%z = arith.subf %y, %x : f32\n"
                "attune.yield %z : f32";
      c.edit = [](AttendCase &c) {
        for (size_t i = 0; i < c.bias.size(); ++i)
          c.bias[i] = float(i % 7) * 0.25f;
        c.scoreOf = [&c](double s, int64_t, int64_t h, int64_t q, int64_t k) {
          return std::exp(s) + c.bias[h * c.keys + k] - 0.125 * double(q - k);
        };
      };
      c.run();
    }
}

TEST(AttendKernel, Layouts) {
  for (Layout layout : {Layout::HeadsInside, Layout::Transposed})
    for (bool causal : {false, true}) {
      AttendCase c = sizes(50, 37, 12, 20);
      c.batch = 2;
      c.layout = layout;
      if (causal)
        makeCausal(c);
      c.run();
    }
}

TEST(AttendKernel, OtherVectorWidths) {
  for (int64_t width : {4, 16})
    for (auto [queries, keys] : {std::pair{1, 1}, {67, 130}, {50, 64}}) {
      AttendCase c = sizes(queries, keys, 20, 40);
      c.width = width;
      c.rows = width == 16 ? 12 : 6;
      c.run();
      makeCausal(c = sizes(queries, keys, 20, 40));
      c.width = width;
      c.rows = width == 16 ? 12 : 6;
      c.run();
    }
}

TEST(AttendKernel, LargeScores) {
  AttendCase c = sizes(20, 150, 8, 8);
  c.edit = [](AttendCase &c) {
    for (float &x : c.q[0])
      x *= 40;
    for (float &x : c.k[0])
      x *= 40;
  };
  c.run();
}

TEST(AttendKernel, NanAndInfinity) {
  // A NaN or infinite score poisons its row only; masked keys never do.
  for (float bad : {NAN, INFINITY, -INFINITY, 3e38f}) {
    AttendCase c = sizes(40, 70, 1, 16);
    makeCausal(c);
    c.edit = [=](AttendCase &c) {
      for (float &x : c.q[0])
        x = std::abs(x) + 1e-3f;
      c.k[0][c.keyIndex(0, 0, 10, 0)] = bad;
      c.k[0][c.keyIndex(0, 1, 30, 0)] = -bad;
      // Never read: no query attends the keys from 40 on.
      for (int64_t t = 40; t < 70; ++t)
        c.v[c.valueIndex(0, 0, t, 3)] = NAN;
    };
    if (bad == 3e38f)
      c.edit = [](AttendCase &c) {
        // Finite garbage at masked keys.
        for (int64_t t = 40; t < 70; ++t)
          c.k[0][c.keyIndex(0, 0, t, 0)] = 3e38f;
      };
    c.run();
  }
}

TEST(AttendKernel, MaskedValuesThatAreNotFinite) {
  // Queries that attend to them get NaN or infinity, those beside them in the
  // same tiles do not.
  for (void (*makeMask)(AttendCase &) : {makeCausal, makePadded})
    for (int64_t valueDepth : {16, 40}) {
      AttendCase c = sizes(67, 67, 8, valueDepth);
      c.batch = 2;
      makeMask(c);
      auto edit = c.edit;
      c.edit = [edit](AttendCase &c) {
        if (edit)
          edit(c);
        c.v[c.valueIndex(0, 0, 20, 3)] = NAN;
        c.v[c.valueIndex(0, 1, 25, 5)] = INFINITY;
        c.v[c.valueIndex(1, 0, 66, 0)] = -INFINITY;
        c.v[c.valueIndex(1, 1, 3, 7)] = NAN;
      };
      c.run();
    }
}

TEST(AttendKernel, NanPayloads) {
  AttendCase c = sizes(7, 20, 8, 8);
  c.edit = [](AttendCase &c) {
    uint32_t bits = 0x7FC00001;
    float nan;
    static_assert(sizeof nan == sizeof bits);
    std::memcpy(&nan, &bits, sizeof nan);
    c.q[0][c.queryIndex(0, 0, 3, 2)] = nan;
  };
  c.run();
}

} // namespace
