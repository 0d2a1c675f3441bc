#!/usr/bin/env python3
"""Attune beside PyTorch, ONNX Runtime and OpenVINO on one machine, in one run.

usage: peers.py [--build DIR] [--threads N] [--rounds N] [--cpu NAME] [--only WORD]... [--json FILE]

Needs a Python with NumPy and PyTorch, and OpenVINO and ONNX Runtime for their
columns (a peer that cannot be imported is left out, and said so). All compute
in f32. The programs take turns in each round, and the FMA peak is sampled with
Attune's turn; what is printed is the best and the median round of each, in
GF/s of useful work (a causal mask halves it), and Attune's best over the best
peer's. Nothing here is a pass or fail test.
"""

import json
import os
import statistics
import subprocess
import tempfile
import time
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from run import Bench, read_options, run, write_results

warnings.filterwarnings("ignore")
B, H, N, E = 4, 8, 512, 64
ROWS = (B, H, N, E)
PAIRS = B * H * N * N * E


class Function(nn.Module):
    """A function of inputs whose weights are buffers."""

    def __init__(self, function, **buffers):
        super().__init__()
        self.function = function
        for name, value in buffers.items():
            self.register_buffer(name, value)

    def forward(self, *inputs):
        return self.function(self, *inputs)


class Gate(nn.Module):
    """The causal gating unit of gMLP, positions first."""

    def __init__(self, size, length):
        super().__init__()
        self.norm = nn.LayerNorm(size // 2)
        self.weight = nn.Parameter(torch.randn(length, length) * 0.01)
        self.bias = nn.Parameter(torch.ones(length))
        self.register_buffer("mask", torch.ones(length, length).tril())

    def forward(self, z):
        z1, z2 = torch.chunk(z, 2, -1)
        mixed = torch.einsum("ij,jbd->ibd", self.weight * self.mask, self.norm(z2))
        return z1 * (mixed + self.bias[:, None, None])


class Block(nn.Module):
    """The gMLP block around it."""

    def __init__(self, size, hidden, length):
        super().__init__()
        self.norm, self.gate = nn.LayerNorm(size), Gate(hidden, length)
        self.first, self.last = nn.Linear(size, hidden), nn.Linear(hidden // 2, size)

    def forward(self, x):
        return x + self.last(self.gate(F.gelu(self.first(self.norm(x)))))


class Additive(nn.Module):
    def __init__(self, size, hidden):
        super().__init__()
        self.query = nn.Linear(size, hidden, bias=False)
        self.key = nn.Linear(size, hidden, bias=False)
        self.vector = nn.Linear(hidden, 1, bias=False)

    def forward(self, q, k, v):
        features = torch.tanh(self.query(q)[:, :, None] + self.key(k)[:, None])
        return torch.softmax(self.vector(features).squeeze(-1), -1) @ v


class Encoder(nn.Module):
    """The post-norm layer, written so that every peer can convert it."""

    def __init__(self):
        super().__init__()
        self.qkv, self.out = nn.Linear(512, 1536), nn.Linear(512, 512)
        self.norm1, self.norm2 = nn.LayerNorm(512), nn.LayerNorm(512)
        self.first, self.last = nn.Linear(512, 2048), nn.Linear(2048, 512)

    def forward(self, x):
        batch, length, _ = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, 8, 64).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, length, 512)
        x = self.norm1(x + self.out(y))
        return self.norm2(x + self.last(torch.relu(self.first(x))))


def softmax(scores):
    return torch.softmax(scores, -1)


def cases():
    """name, Attune's model, its dims, shapes of the inputs and the output, useful
    work, the same as a module of PyTorch."""
    for n in (1024, 4096):
        rows = (1, H, n, E)
        for causal in (False, True):
            yield (f"attention N{n} d64 {'causal' if causal else 'full'}",
                   "causal64" if causal else "full64", (1, n), [rows] * 3, rows,
                   4 * H * n * n * E * (0.5 if causal else 1),
                   Function(lambda self, q, k, v, c=causal:
                            F.scaled_dot_product_attention(q, k, v, is_causal=c)))
    yield ("linear 2048 x 512 x 2048", "linear512x2048", (1, 2048), [(1, 2048, 512)],
           (1, 2048, 2048), 2 * 2048 * 512 * 2048, nn.Linear(512, 2048))
    table = {"r": torch.randn(H, N, N)}
    keep = torch.ones(N, N).tril().bool()
    yield ("dense B4 N512 d64", "dense", (B,), [ROWS] * 2, ROWS, 4 * PAIRS,
           Function(lambda self, x, v: softmax(torch.relu(x) @ self.w + self.c) @ v,
                    w=torch.randn(H, E, N), c=torch.randn(H, 1, N)))
    yield ("random B4 N512 d64 full", "random_full", (B,), [ROWS], ROWS, 2 * PAIRS,
           Function(lambda self, v: softmax(self.r) @ v, **table))
    yield ("random B4 N512 d64 causal", "random_causal", (B,), [ROWS], ROWS, PAIRS,
           Function(lambda self, v: softmax(self.r.masked_fill(~self.keep, -1e9)) @ v,
                    keep=keep, **table))
    yield ("factorized random k8 B4 N512 d64", "factorized_random8", (B,), [ROWS], ROWS,
           2 * PAIRS, Function(lambda self, v: softmax(self.a @ self.b) @ v,
                               a=torch.randn(H, N, 8), b=torch.randn(H, 8, N)))
    yield ("factorized dense 16 x 32 B4 N512 d64", "factorized_dense16x32", (B,),
           [(B, H, N, 16), (B, H, N, 32), ROWS], ROWS, 2 * PAIRS,
           Function(lambda self, a, b, v:
                    softmax(a.repeat_interleave(32, -1) * b.repeat(1, 1, 1, 16)) @ v))
    yield ("mixture dot + random B4 N512 d64", "mixture", (B,), [ROWS] * 3, ROWS, 4 * PAIRS,
           Function(lambda self, q, k, v:
                    softmax(0.3 * 0.125 * (q @ k.transpose(-1, -2)) + 0.7 * self.r) @ v, **table))
    yield ("additive B4 N128 d256 hidden 64", "bahdanau", (4, 128), [(4, 128, 256)] * 3,
           (4, 128, 256), 4 * 128 * 128 * (2 * 64 + 2 * 256), Additive(256, 64))
    gate = N * N * 8 * 1024
    yield ("gating unit T512 B8 C1024 causal", "gating_unit", (8,), [(N, 8, 2048)], (N, 8, 1024),
           gate, Gate(2048, N))
    yield ("gMLP block T512 B8 d512 causal", "gmlp_block", (8,), [(N, 8, 512)], (N, 8, 512),
           gate + 2 * N * 8 * (512 * 2048 + 1024 * 512), Block(512, 2048, N))
    yield ("encoder layer B4 T512 d512 ff2048", "encoder_layer512", (4, N), [(4, N, 512)],
           (4, N, 512), 4 * N * (8 * 512 * 512 + 4 * 512 * 2048) + 4 * PAIRS, Encoder())


class PyTorch:
    def __init__(self, threads):
        torch.set_num_threads(threads)
        self.version = torch.__version__

    def prepare(self, module, inputs, _folder):
        return lambda: module(*inputs)


class OpenVino:
    def __init__(self, threads):
        import openvino
        self.openvino, self.version = openvino, openvino.__version__
        self.options = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}

    def prepare(self, module, inputs, _folder):
        example = inputs if len(inputs) > 1 else inputs[0]
        model = self.openvino.convert_model(module, example_input=example,
                                            input=[list(x.shape) for x in inputs])
        request = self.openvino.Core().compile_model(model, "CPU",
                                                     self.options).create_infer_request()
        for i, x in enumerate(inputs):
            request.set_input_tensor(i, self.openvino.Tensor(x.numpy()))
        return request.infer


class OnnxRuntime:
    def __init__(self, threads):
        import onnxruntime
        self.runtime, self.version = onnxruntime, onnxruntime.__version__
        self.options = onnxruntime.SessionOptions()
        self.options.intra_op_num_threads = threads
        # Its threads would go on spinning in the turns of the others.
        self.options.add_session_config_entry("session.intra_op.allow_spinning", "0")

    def prepare(self, module, inputs, folder):
        path = os.path.join(folder, "model.onnx")
        torch.onnx.export(module, inputs, path, dynamo=False, opset_version=17,
                          input_names=[f"x{i}" for i in range(len(inputs))])
        session = self.runtime.InferenceSession(path, self.options,
                                                providers=["CPUExecutionProvider"])
        feed = {f"x{i}": x.numpy() for i, x in enumerate(inputs)}
        return lambda: session.run(None, feed)


def seconds(function):
    """Of a call, over at least 0.2 s of them."""
    calls, begin = 0, time.perf_counter()
    while True:
        function()
        calls += 1
        total = time.perf_counter() - begin
        if total > 0.2:
            return total / calls


def describe(rates):
    return f"{max(rates):6.1f} ({statistics.median(rates):5.1f})"


def main():
    arguments = read_options(__doc__.split("\n")[0], rounds=5)
    peers = {}
    for kind in (PyTorch, OnnxRuntime, OpenVino):
        try:
            peers[kind.__name__] = kind(arguments.threads)
            print(kind.__name__, peers[kind.__name__].version)
        except ImportError as error:
            print(f"{kind.__name__} is left out: {error}")
    results = []
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        bench = Bench(arguments, folder)
        library = bench.build("peers")
        with open(os.path.join(folder, "peers.json"), encoding="utf-8") as file:
            manifest = {model["model"]: model for model in json.load(file)["models"]}
        print(f"{arguments.threads} threads, best (median) GF/s of {arguments.rounds} rounds")
        for name, model, dims, inputs, output, work, module in cases():
            if arguments.only and not any(word in name for word in arguments.only):
                continue
            weights = [w["name"] + "=" + ",".join(map(str, w["shape"]))
                       for w in manifest[model]["weights"]]
            command = [bench.program, library, model, str(arguments.threads), "3", f"{work:.17g}",
                       bench.peak, ",".join(map(str, dims)), *weights, "--",
                       *(",".join(map(str, shape)) for shape in [*inputs, output])]
            arrays = tuple(torch.randn(shape) for shape in inputs)
            ready, rates, peaks = {}, {"Attune": []}, []
            for peer, program in peers.items():
                try:
                    ready[peer] = program.prepare(module.eval(), arrays, folder)
                    ready[peer]()
                    rates[peer] = []
                except Exception as error:  # a peer may not know an operation
                    ready.pop(peer, None)
                    print(f"{name}: {peer} cannot: {str(error).splitlines()[0][:120]}")
            for _ in range(arguments.rounds):
                own = json.loads(run(command))
                rates["Attune"].append(own["gflops_median"])
                peaks.append(own["peak_best"])
                for peer, function in ready.items():
                    rates[peer].append(work / seconds(function) / 1e9)
            best = max((max(rates[peer]) for peer in ready), default=float("nan"))
            results.append({"name": name, "work": work, "peak": max(peaks), "rates": rates})
            print(f"{name:38} peak {max(peaks):5.1f}  " +
                  "  ".join(f"{peer} {describe(rate)}" for peer, rate in rates.items()) +
                  f"  Attune / best peer {max(rates['Attune']) / best:.2f}", flush=True)
    write_results(arguments, results)


if __name__ == "__main__":
    main()
