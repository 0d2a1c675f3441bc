#!/usr/bin/env python3
"""The figures of the project: run by `./dev bench`.

usage: run.py [--build DIR] [--threads N] [--rounds N] [--cpu NAME] [--only WORD]... [--json FILE]

Each case goes through a library that `attune build` made. The FMA peak is
sampled in the same rounds, because machines drift; "%" is the median over the
rounds of useful work per second / peak of the round. A causal mask halves the
useful work. Nothing here is a pass or fail test.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# name, model, N, heads, head size, share of useful work, target %
ATTENTION = [
    ("attention B1 H8 N4096 d64 full", "full64", 4096, 8, 64, 1.0, 82),
    ("attention B1 H8 N4096 d64 causal", "causal64", 4096, 8, 64, 0.5, 78),
    ("attention B1 H8 N4096 d128 full", "full128", 4096, 8, 128, 1.0, 85),
    ("attention B1 H8 N4096 d128 causal", "causal128", 4096, 8, 128, 0.5, None),
    ("attention B1 H8 N1024 d64 full", "full64", 1024, 8, 64, 1.0, 80),
    ("attention B1 H8 N1024 d64 causal", "causal64", 1024, 8, 64, 0.5, 75),
    ("attention B1 H8 N4096 d64 window 256", "window64", 4096, 8, 64, 256 / 4096, 45),
    ("attention B1 H8 N4096 d64 causal ALiBi", "alibi64", 4096, 8, 64, 0.5, 72),
]

# Masks that read an array; name, model, batch, N, share of useful work, array,
# target %
DOCUMENT = 512
LENGTHS = [1024, 700, 512, 100]
READING_MASKS = [
    ("attention B1 H8 N4096 d64 causal documents", "documents64", 1, 4096,
     0.5 * DOCUMENT / 4096, f"documents:{DOCUMENT}:1,4096", 45),
    ("attention B4 H8 N1024 d64 padding lengths", "padded64", 4, 1024,
     sum(LENGTHS) / (4 * 1024), "i32:" + ",".join(map(str, LENGTHS)), 70),
]

# name, model, batch, N, heads, head size, work over 2 B H N N d, weights, arrays
# other than [B, H, N, d], target %
SOURCES = [
    ("dense B1 H8 N2048 d64 full", "dense64", 1, 2048, 8, 64, 2.0,
     ["w=8,2048,64", "c=8,2048"], {}, 80),
    ("dense B1 H8 N2048 d64 causal", "dense64_causal", 1, 2048, 8, 64, 1.0,
     ["w=8,2048,64", "c=8,2048"], {}, 76),
    ("factorized dense 64 x 32 B1 H8 N2048 d64", "factorized64", 1, 2048, 8, 64, 1.0,
     [], {0: (1, 8, 2048, 64), 1: (1, 8, 2048, 32)}, 70),
    ("random B8 H8 N2048 d64", "random64", 8, 2048, 8, 64, 1.0,
     ["r=8,2048,2048"], {}, 75),
    ("random B8 H8 N2048 d64, hoisted", "random64_static", 8, 2048, 8, 64, 1.0,
     ["r=8,2048,2048"], {}, None),
    ("random B8 H8 N2048 d64 causal, hoisted", "random64_causal", 8, 2048, 8, 64, 0.5,
     ["r=8,2048,2048"], {}, None),
    ("mixture dot + random B4 H8 N512 d64", "mixture64", 4, 512, 8, 64, 2.0,
     ["r=8,512,512"], {}, None),
    ("additive B4 N128 d256 hidden 64", "bahdanau", 4, 128, 1, 256, (2 * 64 + 2 * 256) / 512,
     ["W_q.weight=64,256", "W_k.weight=64,256", "w_v.weight=1,64"],
     {i: (4, 128, 256) for i in range(4)}, None),
]
# Of bench/memory.attn: weights, and arrays before the values and the output.
ROWS = (1, 8, 16384, 64)
MEMORY = {
    "dot64": ([], [ROWS]),
    "additive4": ([], [(1, 8, 16384, 4), (1, 8, 16384, 4), (4,)]),
    "dense64": (["w=8,32768,64", "c=8,32768"], [ROWS]),
    "random64": ([], [(16384, 16384)]),
    "tensor64": ([], [(16384, 16384)]),
    "factorized_random64": (["r1=8,32768,16", "r2=8,32768,16"], []),
    "factorized_dense64": ([], [(1, 8, 16384, 256), (1, 8, 16384, 128)]),
    "index64": ([], []),
    "mixture64": (["r1=8,32768,16", "alpha=8"], [ROWS, (16384, 16384)]),
}
INPUTS = {"dense64": 2, "dense64_causal": 2, "factorized64": 3, "random64": 1,
          "random64_static": 1, "random64_causal": 1, "mixture64": 3, "bahdanau": 3}


def run(command, **options):
    result = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{result.stderr}")
    return result.stdout


def has_avx512():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        return " avx512f " in file.read().replace("\n", " ")


class Bench:
    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = folder
        self.attune = os.path.join(arguments.build, "bin", "attune")
        self.program = os.path.join(arguments.build, "bin", "attune-bench")
        self.cpu = [f"--cpu={arguments.cpu}"] if arguments.cpu else []
        wide = has_avx512() and arguments.cpu in (None, "native", "znver5")
        self.peak = "avx512" if wide else "avx2"
        self.results = []

    def build(self, spec):
        library = os.path.join(self.folder, f"lib{spec}.so")
        if not os.path.exists(library):
            run([self.attune, "build", os.path.join(ROOT, "bench", spec + ".attn"),
                 "-o", library, *self.cpu])
        return library

    def measure(self, name, spec, model, flops, dims, weights, shapes, target, rounds=None):
        if self.arguments.only and not any(w in name for w in self.arguments.only):
            return
        text = run([self.program, self.build(spec), model, str(self.arguments.threads),
                    str(rounds or self.arguments.rounds), f"{flops:.17g}", self.peak,
                    ",".join(map(str, dims)), *weights, "--",
                    *(shape if isinstance(shape, str) else ",".join(map(str, shape))
                      for shape in shapes)])
        result = json.loads(text) | {"name": name, "target": target}
        self.results.append(result)
        wanted = f"  (figure: >= {target} %)" if target else ""
        print(f"{name:42} {result['gflops_median']:7.1f} GF/s  peak {result['peak_median']:6.1f}  "
              f"{100 * result['ratio_median']:5.1f} %{wanted}  "
              f"best {result['gflops_best']:.1f} of {result['peak_best']:.1f}", flush=True)

    def attention(self):
        for name, model, n, heads, size, share, target in ATTENTION:
            shape = (1, heads, n, size)
            self.measure(name, "attention", model, 4.0 * heads * n * n * size * share, (1, n), [],
                         [shape] * 4, target)

    def reading_masks(self):
        for name, model, batch, n, share, array, target in READING_MASKS:
            shape = (batch, 8, n, 64)
            self.measure(name, "attention", model, 4.0 * batch * 8 * n * n * 64 * share,
                         (batch, n), [], [shape] * 3 + [array, shape], target)

    def sources(self):
        for name, model, batch, n, heads, size, work, weights, others, target in SOURCES:
            shapes = [others.get(i, (batch, heads, n, size)) for i in range(INPUTS[model] + 1)]
            self.measure(name, "synthesizers", model, 2.0 * batch * heads * n * n * size * work,
                         (batch,) if model.endswith("_static") else (batch, n), weights,
                         shapes, target)

    def gate(self):
        batch, n, channels = 8, 512, 1024
        self.measure(f"spatial gate B{batch} T{n} C{channels} causal", "gate", "gate1024",
                     2.0 * batch * n * n * channels * 0.5, (batch, n),
                     ["w=512,512", "c=512", "norm.weight=1024", "norm.bias=1024"],
                     [(batch, n, channels)] * 3, 72)

    def linear(self):
        self.measure("linear 2048 x 512 x 2048", "linear", "linear512x2048",
                     2.0 * 2048 * 512 * 2048, (2048,), ["fc.weight=2048,512", "fc.bias=2048"],
                     [(2048, 512), (2048, 2048)], 88)

    def memory(self):
        self.memory_of("attention T=32768 H=16 d64, memory", "attention", "long64", (1, 32768), [],
                       [(1, 16, 32768, 64)] * 4)
        for model, (weights, arrays) in MEMORY.items():
            self.memory_of(f"{model} T=16384 H=8, memory", "memory", model, (16384,), weights,
                           [*arrays, ROWS, ROWS])

    def memory_of(self, name, spec, model, dims, weights, shapes):
        if self.arguments.only and not any(w in name for w in self.arguments.only):
            return
        text = run([self.program, self.build(spec), model, str(self.arguments.threads), "1", "0", "none",
                    ",".join(map(str, dims)), *weights, "--",
                    *(",".join(map(str, shape)) for shape in shapes)])
        result = json.loads(text) | {"name": name}
        self.results.append(result)
        print(f"{name:42} workspace {result['workspace_bytes'] / 2**20:.1f} MiB, process grew by "
              f"{result['run_kilobytes'] / 1024:.1f} MiB in the run  (figure: < 64 MiB)", flush=True)

    def compile_time(self):
        name = "attune build of the example"
        if self.arguments.only and not any(w in name for w in self.arguments.only):
            return
        spec = os.path.join(ROOT, "examples", "encoder_layer", "encoder_layer.attn")
        times = []
        for round_ in range(6):
            start = time.monotonic()
            run([self.attune, "build", spec, "-o", os.path.join(self.folder, "libexample.so")])
            if round_ > 0:  # the first one warms the caches
                times.append(time.monotonic() - start)
        self.results.append({"name": name, "seconds": times})
        print(f"{name:42} {statistics.median(times):.2f} s, median of 5  (figure: < 2 s)", flush=True)


def read_options(description, rounds):
    """The options of a benchmark, that of bench/peers.py too."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--cpu", help="machine to build for (default: this one)")
    parser.add_argument("--only", action="append", help="only cases whose name has WORD")
    parser.add_argument("--json", help="also write the results to FILE")
    return parser.parse_args()


def write_results(arguments, results):
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)


def main():
    arguments = read_options(__doc__.split("\n")[0], rounds=15)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments, folder)
        print(f"{arguments.threads} threads, peak of {bench.peak} fused multiply-adds, "
              f"median of {arguments.rounds} rounds")
        bench.attention()
        bench.reading_masks()
        bench.sources()
        bench.gate()
        bench.linear()
        bench.memory()
        bench.compile_time()
    write_results(arguments, bench.results)


if __name__ == "__main__":
    main()
