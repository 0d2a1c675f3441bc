#!/usr/bin/env python3
"""Writes the weights, inputs and expected outputs of the decoders (NumPy, float64)."""

import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from numpy_layers import Weights, draw, gelu, layer_norm, linear, relu, torch_mha, write_weights

D, HEADS, HIDDEN, B, T, S = 32, 4, 48, 2, 13, 9


def shapes():
    result = {}
    for name in ("self_attn", "multihead_attn"):
        result |= {f"{name}.in_proj_weight": (3 * D, D), f"{name}.in_proj_bias": (3 * D,),
                   f"{name}.out_proj.weight": (D, D), f"{name}.out_proj.bias": (D,)}
    result |= {"linear1.weight": (HIDDEN, D), "linear1.bias": (HIDDEN,),
               "linear2.weight": (D, HIDDEN), "linear2.bias": (D,)}
    for i in (1, 2, 3):
        result |= {f"norm{i}.weight": (D,), f"norm{i}.bias": (D,)}
    return result


def decoder_layer(x, mem, w, keep, prenorm, activation):
    """torch.nn.TransformerDecoderLayer with a causal mask; keep: of the memory."""
    causal = np.tril(np.ones((x.shape[1], x.shape[1]), bool))
    steps = (
        ("norm1", lambda y: torch_mha(y, y, w.at("self_attn"), HEADS, causal)),
        ("norm2", lambda y: torch_mha(y, mem, w.at("multihead_attn"), HEADS, keep)),
        ("norm3", lambda y: linear(activation(linear(y, w.at("linear1"))), w.at("linear2"))),
    )
    for norm, step in steps:
        if prenorm:
            x = x + step(layer_norm(x, w.at(norm)))
        else:
            x = layer_norm(x + step(x), w.at(norm))
    return x


def main():
    random = np.random.default_rng(17)
    tensors = draw(16, shapes())
    write_weights(os.path.join(HERE, "decoder.safetensors"), tensors)
    x = random.normal(size=(B, T, D)).astype(np.float32)
    mem = random.normal(size=(B, S, D)).astype(np.float32)
    padding = np.arange(S) >= np.array([[S], [5]])
    for name, array in (("x", x), ("memory", mem), ("padding", padding)):
        np.save(os.path.join(HERE, f"{name}.npy"), array)
    keep = ~padding[:, None, None, :]
    for name, prenorm, activation in (("post", False, relu), ("pre", True, gelu)):
        y = decoder_layer(x.astype(float), mem.astype(float), Weights(tensors), keep, prenorm,
                          activation)
        np.save(os.path.join(HERE, f"{name}.npy"), y)


if __name__ == "__main__":
    main()
