#!/usr/bin/env python3
"""Writes the weights, inputs and expected outputs of bert.attn (NumPy, float64)."""

import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from numpy_layers import Weights, attention, draw, gelu, layer_norm, linear, write_weights

D, HEADS, HIDDEN, VOCAB, POSITIONS, LAYERS, B, T = 32, 4, 64, 50, 24, 3, 2, 17
EPS = 1e-12


def shapes():
    result = {"embeddings.word_embeddings.weight": (VOCAB, D),
              "embeddings.position_embeddings.weight": (POSITIONS, D),
              "embeddings.token_type_embeddings.weight": (2, D), "cls.predictions.bias": (VOCAB,)}

    def dense(name, outputs, inputs):
        result.update({f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)})

    def norm(name):
        result.update({f"{name}.weight": (D,), f"{name}.bias": (D,)})

    norm("embeddings.LayerNorm")
    for i in range(LAYERS):
        layer = f"encoder.layer.{i}"
        for name in ("query", "key", "value"):
            dense(f"{layer}.attention.self.{name}", D, D)
        dense(f"{layer}.attention.output.dense", D, D)
        norm(f"{layer}.attention.output.LayerNorm")
        dense(f"{layer}.intermediate.dense", HIDDEN, D)
        dense(f"{layer}.output.dense", D, HIDDEN)
        norm(f"{layer}.output.LayerNorm")
    dense("pooler.dense", D, D)
    dense("cls.predictions.transform.dense", D, D)
    norm("cls.predictions.transform.LayerNorm")
    return result


def main():
    random = np.random.default_rng(5)
    tensors = draw(4, shapes())
    write_weights(os.path.join(HERE, "weights.safetensors"), tensors)
    ids = random.integers(VOCAB, size=(B, T))
    segments = (np.arange(T) >= np.array([[9], [4]])).astype(np.int64)
    attend_to = (np.arange(T) < np.array([[T], [11]])).astype(np.int64)
    for name, array in (("ids", ids), ("segments", segments), ("attend_to", attend_to)):
        np.save(os.path.join(HERE, f"{name}.npy"), array)

    w = Weights(tensors)
    e = w.at("embeddings")
    x = (e["word_embeddings.weight"][ids] + e["position_embeddings.weight"][:T]
         + e["token_type_embeddings.weight"][segments])
    x = layer_norm(x, e.at("LayerNorm"), EPS)
    keep = attend_to[:, None, None, :] != 0
    for i in range(LAYERS):
        layer = w.at(f"encoder.layer.{i}")
        a = layer.at("attention")
        q, k, v = (linear(x, a.at(f"self.{name}")) for name in ("query", "key", "value"))
        y = linear(attention(q, k, v, HEADS, keep), a.at("output.dense"))
        x = layer_norm(y + x, a.at("output.LayerNorm"), EPS)
        y = linear(gelu(linear(x, layer.at("intermediate.dense"))), layer.at("output.dense"))
        x = layer_norm(y + x, layer.at("output.LayerNorm"), EPS)
    p = w.at("cls.predictions")
    t = layer_norm(gelu(linear(x, p.at("transform.dense"))), p.at("transform.LayerNorm"), EPS)
    np.save(os.path.join(HERE, "y.npy"), x)
    np.save(os.path.join(HERE, "pooled.npy"), np.tanh(linear(x[:, 0], w.at("pooler.dense"))))
    np.save(os.path.join(HERE, "logits.npy"), t @ e["word_embeddings.weight"].T + p["bias"])


if __name__ == "__main__":
    main()
