"""Layers in NumPy, float64: what the make.py of the examples compute with."""

import json
import math
import struct

import numpy as np


def write_weights(path, tensors):
    """A safetensors file of float32 arrays."""
    header, end = {}, 0
    for name, array in tensors.items():
        begin, end = end, end + 4 * array.size
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values():
            file.write(array.astype("<f4").tobytes())


def draw(seed, shapes):
    """Random float32 weights: of size 1 / sqrt(inputs), norms around 1, biases small."""
    random, weights = np.random.default_rng(seed), {}
    for name, shape in shapes.items():
        scale = 0.1 if len(shape) == 1 else 1 / math.sqrt(shape[-1])
        values = random.normal(size=shape) * scale
        if "norm" in name.lower() and name.endswith("weight"):
            values += 1
        weights[name] = values.astype(np.float32)
    return weights


class Weights:
    """Weights below a prefix, as float64."""

    def __init__(self, tensors, prefix=""):
        self.tensors, self.prefix = tensors, prefix

    def at(self, name):
        return Weights(self.tensors, self.prefix + name + ".")

    def __getitem__(self, name):
        return self.tensors[self.prefix + name].astype(np.float64)

    def __contains__(self, name):
        return self.prefix + name in self.tensors


def linear(x, w):
    y = x @ w["weight"].T
    return y + w["bias"] if "bias" in w else y


def layer_norm(x, w, eps=1e-5):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + eps) * w["weight"] + w["bias"]


def gelu(x):
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def relu(x):
    return np.maximum(x, 0)


def attention(q, k, v, heads, keep):
    """Heads of the last axis; keep[.., q, k]: true = attend."""
    def split(x):
        return x.reshape(*x.shape[:-1], heads, -1).swapaxes(-3, -2)

    q, k, v = split(q), split(k), split(v)
    scores = q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1])
    scores = np.where(keep, scores, -np.inf)
    p = np.exp(scores - scores.max(-1, keepdims=True))
    o = (p / p.sum(-1, keepdims=True)) @ v
    return o.swapaxes(-3, -2).reshape(*o.shape[:-3], o.shape[-2], -1)


def torch_mha(x, mem, w, heads, keep):
    """torch.nn.MultiheadAttention, batch first."""
    d = x.shape[-1]
    weight, bias = w["in_proj_weight"], w["in_proj_bias"]
    q, k, v = (source @ weight[i * d:(i + 1) * d].T + bias[i * d:(i + 1) * d]
               for i, source in enumerate((x, mem, mem)))
    return linear(attention(q, k, v, heads, keep), w.at("out_proj"))
