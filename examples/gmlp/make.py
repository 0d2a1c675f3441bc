#!/usr/bin/env python3
"""Writes the weights, input and expected outputs of language_model.attn (NumPy, float64)."""

import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from numpy_layers import Weights, draw, gelu, layer_norm, linear, write_weights

LENGTH, D, HIDDEN, VOCAB, LAYERS, B, T = 32, 24, 64, 40, 6, 3, 29


def shapes():
    result = {"src_embed.weight": (VOCAB, D)}
    for i in range(LAYERS):
        layer = f"transformer.layers.{i}"
        result |= {f"{layer}.norm.weight": (D,), f"{layer}.norm.bias": (D,),
                   f"{layer}.proj1.weight": (HIDDEN, D), f"{layer}.proj1.bias": (HIDDEN,),
                   f"{layer}.sgu.norm.weight": (HIDDEN // 2,),
                   f"{layer}.sgu.norm.bias": (HIDDEN // 2,),
                   f"{layer}.sgu.weight": (LENGTH, LENGTH), f"{layer}.sgu.bias": (LENGTH,),
                   f"{layer}.proj2.weight": (D, HIDDEN // 2), f"{layer}.proj2.bias": (D,)}
    return result | {"transformer.norm.weight": (D,), "transformer.norm.bias": (D,),
                     "generator.weight": (VOCAB, D), "generator.bias": (VOCAB,)}


def gmlp(x, w):
    z = gelu(linear(layer_norm(x, w.at("norm")), w.at("proj1")))
    z1, z2 = np.split(z, 2, axis=-1)
    n = x.shape[1]
    gate = np.tril(w["sgu.weight"][:n, :n]) @ layer_norm(z2, w.at("sgu.norm"))
    return x + linear(z1 * (gate + w["sgu.bias"][:n, None]), w.at("proj2"))


def main():
    tensors = draw(7, shapes())
    write_weights(os.path.join(HERE, "weights.safetensors"), tensors)
    ids = np.random.default_rng(8).integers(VOCAB, size=(B, T))
    np.save(os.path.join(HERE, "ids.npy"), ids)
    w = Weights(tensors)
    angle = np.arange(T)[:, None] / 10000.0 ** (np.arange(0, D, 2) / D)
    positions = np.stack([np.sin(angle), np.cos(angle)], axis=2).reshape(T, D)
    x = w["src_embed.weight"][ids] * np.sqrt(D) + positions
    for i in range(LAYERS):
        x = gmlp(x, w.at(f"transformer.layers.{i}"))
    logits = linear(layer_norm(x, w.at("transformer.norm")), w.at("generator"))
    np.save(os.path.join(HERE, "logits.npy"), logits)
    np.save(os.path.join(HERE, "next.npy"), logits[:, -1].argmax(-1))


if __name__ == "__main__":
    main()
