"""Runs every block of std/torch and compares it with torch.nn's documented formulas.

usage: std_torch.py ATTUNE SCRATCH

The formulas are written here once more, in Python floats and without the
compiler's help: the order of queries, keys and values in in_proj_weight, where
the norms stand, which rows the masks remove, and the names of the weights.
"""

import json
import math
import os
import random
import re
import struct
import subprocess
import sys

B, T, S, D, H, F = 2, 5, 7, 12, 3, 20
LENGTHS = [4, 2]


class Weights:
    """Draws each weight at its first use and keeps it by its full name."""

    def __init__(self):
        self.random = random.Random(5)
        self.tensors = {}

    def get(self, name, *shape):
        if name not in self.tensors:
            count = math.prod(shape)
            # Exact in f32, so that the file holds what is computed with.
            values = [self.random.randrange(-512, 513) / 1024 for _ in range(count)]
            if name.endswith("norm") or ".norm" in name and name.endswith("weight"):
                values = [1 + value for value in values]
            self.tensors[name] = (shape, values)
        return self.tensors[name][1]

    def write(self, path):
        header, data = {}, b""
        for name, (shape, values) in self.tensors.items():
            part = struct.pack(f"<{len(values)}f", *values)
            header[name] = {"dtype": "F32", "shape": list(shape),
                            "data_offsets": [len(data), len(data) + len(part)]}
            data += part
        text = json.dumps(header).encode()
        with open(path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text + data)


def write_npy(path, descr, shape, packed):
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + packed)


def add(a, b):
    return [[x + y for x, y in zip(p, q)] for p, q in zip(a, b)]


def linear(x, weight, bias):
    size = len(x[0])
    return [[sum(row[i] * weight[n * size + i] for i in range(size)) + bias[n]
             for n in range(len(bias))] for row in x]


def layer_norm(weights, name, x):
    gamma, beta = weights.get(name + ".weight", D), weights.get(name + ".bias", D)
    result = []
    for row in x:
        mean = sum(row) / D
        variance = sum((value - mean) ** 2 for value in row) / D
        scale = 1 / math.sqrt(variance + 1e-5)
        result.append([(v - mean) * scale * g + b for v, g, b in zip(row, gamma, beta)])
    return result


def attention(weights, name, x, mem, keep):
    """torch.nn.MultiheadAttention of one batch element; keep(query, key)."""
    packed, bias = (weights.get(f"{name}.in_proj_weight", 3 * D, D),
                    weights.get(f"{name}.in_proj_bias", 3 * D))
    q, k, v = (linear(source, packed[i * D * D:(i + 1) * D * D], bias[i * D:(i + 1) * D])
               for i, source in enumerate((x, mem, mem)))
    size = D // H
    merged = [[0.0] * D for _ in x]
    for head in range(H):
        part = range(head * size, (head + 1) * size)
        for i, query in enumerate(q):
            keys = [j for j in range(len(mem)) if keep(i, j)]
            scores = [sum(query[e] * k[j][e] for e in part) / math.sqrt(size) for j in keys]
            shares = [math.exp(score - max(scores)) for score in scores]
            for e in part:
                merged[i][e] = sum(p * v[j][e] for p, j in zip(shares, keys)) / sum(shares)
    return linear(merged, weights.get(f"{name}.out_proj.weight", D, D),
                  weights.get(f"{name}.out_proj.bias", D))


def feed_forward(weights, x, gelu):
    hidden = linear(x, weights.get("layer.linear1.weight", F, D), weights.get("layer.linear1.bias", F))
    def function(value):
        return value * 0.5 * (1 + math.erf(value / math.sqrt(2))) if gelu else max(value, 0.0)
    hidden = [[function(value) for value in row] for row in hidden]
    return linear(hidden, weights.get("layer.linear2.weight", D, F), weights.get("layer.linear2.bias", D))


def layer(weights, x, mem, length, decoder, norm_first, gelu):
    """TransformerEncoderLayer or TransformerDecoderLayer of one batch element."""
    def causal(query, key):
        return key <= query

    def valid(_, key):
        return key < length

    def self_attention(y):
        return attention(weights, "layer.self_attn", y, y, causal if decoder else valid)

    def cross_attention(y):
        return attention(weights, "layer.multihead_attn", y, mem, valid)

    steps = [self_attention] + ([cross_attention] if decoder else [])
    steps.append(lambda y: feed_forward(weights, y, gelu))
    for number, step in enumerate(steps, 1):
        norm = f"layer.norm{number}"
        if norm_first:
            x = add(x, step(layer_norm(weights, norm, x)))
        else:
            x = layer_norm(weights, norm, add(x, step(x)))
    return x


def spec_of(block):
    decoder = block.startswith("decoder")
    memory = ", mem: f32[B, S, D]" if decoder else ""
    arguments = "x, mem" if decoder else "x"
    mask = "mem_mask" if decoder else "mask"
    if block == "mha":
        memory, arguments, mask = ", mem: f32[B, S, D]", "x, mem", "mask"
    hidden = "" if block == "mha" else f", hidden = {F}"
    dims = "B, T, S" if memory else "B, T"
    return (f'import "std/torch"\ndim {dims}\nconst D = {D}\n'
            "mask valid(len: i32[B]) = k < len[b]\n"
            f"model m {{ input x: f32[B, T, D]{memory}, len: i32[B]\n"
            f'  output y = {block}({arguments}, heads = {H}{hidden}, {mask} = valid(len)) at "layer" }}\n')


def run_block(attune, scratch, block):
    numbers = random.Random(9)
    def draw(rows):
        return [[[numbers.randrange(-1024, 1025) / 512 for _ in range(D)] for _ in range(rows)]
                for _ in range(B)]
    x, mem = draw(T), draw(S)
    weights = Weights()
    flags = {"decoder": block.startswith("decoder"), "norm_first": "prenorm" in block,
             "gelu": block.endswith("gelu")}
    result = []
    for b in range(B):
        if block == "mha":
            result.append(attention(weights, "layer", x[b], mem[b], lambda _, key: key < LENGTHS[b]))
        else:
            result.append(layer(weights, x[b], mem[b], LENGTHS[b], **flags))

    def flat(array):
        return [value for matrix in array for row in matrix for value in row]

    folder = os.path.join(scratch, block)
    os.makedirs(folder, exist_ok=True)
    def path(name):
        return os.path.join(folder, name)
    with open(path("m.attn"), "w", encoding="utf-8") as file:
        file.write(spec_of(block))
    weights.write(path("w.safetensors"))
    for name, array, rows in (("x", x, T), ("mem", mem, S)):
        write_npy(path(name + ".npy"), "<f4", (B, rows, D),
                  struct.pack(f"<{B * rows * D}f", *flat(array)))
    write_npy(path("y.npy"), "<f8", (B, T, D), struct.pack(f"<{B * T * D}d", *flat(result)))
    command = [attune, "run", path("m.attn"), "--weights", path("w.safetensors"),
               "--input", "x=@" + path("x.npy"), "--input", f"len={LENGTHS}",
               "--expect", "y=@" + path("y.npy")]
    if "mem:" in spec_of(block):
        command += ["--input", "mem=@" + path("mem.npy")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(f"{block}: {done.stdout.splitlines()[-1:]}{done.stderr}")
    return done.returncode == 0


def main():
    attune, scratch = sys.argv[1:]
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    with open(os.path.join(root, "frontend", "lib", "torch.attn"), encoding="utf-8") as file:
        blocks = re.findall(r"^block (\w+)", file.read(), flags=re.M)
    # layers.py has the variants of mha; feed_forward is in every layer.
    blocks = [block for block in blocks if not block.startswith(("feed_forward", "mha_"))]
    results = [run_block(attune, scratch, block) for block in blocks]
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
