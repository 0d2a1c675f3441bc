"""Runs the models of layers.attn against NumPy in float64.

usage: layers.py ATTUNE EXAMPLES FOLDER
"""

import math
import os
import re
import subprocess
import sys

import numpy as np

ATTUNE, EXAMPLES, FOLDER = sys.argv[1:]
SPEC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "layers.attn")
sys.path.insert(0, EXAMPLES)
sys.dont_write_bytecode = True
from numpy_layers import Weights, draw, linear, write_weights

D, H, B = 24, 6, 2
random = np.random.default_rng(11)


def normal(*shape):
    return random.normal(size=shape).astype(np.float32)


def check(model, inputs, expected, weights=None):
    options = ["--model", model]
    if weights:
        path = os.path.join(FOLDER, f"{model}.safetensors")
        write_weights(path, weights)
        options += ["--weights", path]
    for flag, arrays in (("--input", inputs), ("--expect", expected)):
        for name, array in arrays.items():
            path = os.path.join(FOLDER, f"{model}.{name}.npy")
            np.save(path, array)
            options += [flag, f"{name}=@{path}"]
    done = subprocess.run([ATTUNE, "run", SPEC, *options], capture_output=True, text=True, check=False)
    found = re.findall(r"^(\w+): max error .* within", done.stdout, re.M)
    if done.returncode != 0 or found != list(expected):
        sys.exit(f"{model}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    print(model, "as NumPy says:", ", ".join(found))


def sinusoid(positions, width):
    angle = positions[:, None] / 10000.0 ** (np.arange(0, width, 2) / width)
    return np.stack([np.sin(angle), np.cos(angle)], axis=2).reshape(len(positions), width)


def positions():
    t, p = 37, 11
    x, past, table = normal(B, t, D), normal(B, p, D), normal(260, D)
    rows = np.arange(t)
    check("positions", {"x": x, "past": past},
          {"a": x + table[:t].astype(float), "c": x + table[3:3 + t].astype(float),
           "d": x + table[p:p + t].astype(float), "e": x + sinusoid(rows + 5, D),
           "f": x + sinusoid(rows + p, D), "g": x + table[3:3 + t].astype(float),
           "i": x + sinusoid(rows + 5, D)}, {"pos.weight": table})


def embeddings():
    weights = draw(3, {"embed.token.weight": (9, D), "embed.segment.weight": (3, D)})
    ids, kind = random.integers(9, size=(B, 21)), random.integers(3, size=(B, 21))
    token = weights["embed.token.weight"].astype(float)
    y = (token[ids] + weights["embed.segment.weight"].astype(float)[kind]) * math.sqrt(D)
    check("embeddings", {"ids": ids, "kind": kind},
          {"y": y, "tied": y @ token.T, "best": (y @ token.T).argmax(-1)}, weights)


def softmax(scores):
    p = np.exp(scores - scores.max(-1, keepdims=True))
    return p / p.sum(-1, keepdims=True)


def bucket(relative, both_ways, buckets=32, most=128):
    """T5's bucket of a distance (key - query), as Mesh TensorFlow computes it."""
    result, n = 0, -relative
    if both_ways:
        buckets //= 2
        result = buckets * (relative > 0)
        n = abs(n)
    else:
        n = max(n, 0)
    near = buckets // 2
    if n < near:
        return result + n
    far = near + int(math.log(n / near) / math.log(most / near) * (buckets - near) + 1e-9)
    return result + min(far, buckets - 1)


def relative():
    t = 163
    x, table = normal(B, H, t, 4), normal(32, H)
    xd = x.astype(float)
    dot = xd @ xd.swapaxes(-1, -2)
    distance = np.arange(t) - np.arange(t)[:, None]
    causal = np.where(distance <= 0, 0.0, -np.inf)

    def bias(both_ways):
        buckets = np.vectorize(lambda r: bucket(int(r), both_ways))(distance)
        assert len(np.unique(buckets)) == (31 if both_ways else 32)
        return table.astype(float)[buckets].transpose(2, 0, 1)

    # The paper's slopes for 6 heads: those of 4, then every other one of 8.
    slopes = np.array([2.0**-2, 2.0**-4, 2.0**-6, 2.0**-8, 2.0**-1, 2.0**-3])
    alibi = dot / 2 + slopes[:, None, None] * distance
    check("relative", {"x": x},
          {"both": softmax(dot + bias(True)) @ xd,
           "before": softmax(dot + bias(False) + causal) @ xd,
           "slopes": softmax(alibi + causal) @ xd},
          {"relative_attention_bias.weight": table})


def turn(x, pairs, angle):
    y = x.astype(float)
    for i, (a, b) in enumerate(pairs):
        c, s = np.cos(angle[:, i]), np.sin(angle[:, i])
        y[..., a], y[..., b] = x[..., a] * c - x[..., b] * s, x[..., a] * s + x[..., b] * c
    return y


def turned():
    t = 33
    x = normal(B, H, t, 8)
    at = np.arange(t)[:, None]
    check("turned", {"x": x},
          {"half": turn(x, [(i, i + 4) for i in range(4)], (at + 3) / 10000.0 ** (np.arange(4) / 4)),
           "pairs": turn(x, [(2 * i, 2 * i + 1) for i in range(3)], at / 500.0 ** (np.arange(3) / 3))})


def attention(q, k, v, hidden):
    split = lambda y: y.reshape(B, -1, H, D // H).swapaxes(1, 2)
    scores = split(q) @ split(k).swapaxes(-1, -2) / math.sqrt(D // H)
    p = softmax(np.where(hidden[:, None], -np.inf, scores))
    return (p @ split(v)).swapaxes(1, 2).reshape(B, -1, D), p


def more_heads_of_torch():
    t, s = 19, 27
    sizes = {"x": (t, D), "k": (s, D), "v": (s, D), "thin": (s, 7), "wide": (s, 31)}
    inputs = {name: normal(B, *size) for name, size in sizes.items()}
    x, k, v, thin, wide = (array.astype(float) for array in inputs.values())
    weights = draw(6, {"attn.in_proj_weight": (3 * D, D), "attn.in_proj_bias": (3 * D,),
                       "attn.out_proj.weight": (D, D), "attn.out_proj.bias": (D,),
                       "sized.q_proj_weight": (D, D), "sized.k_proj_weight": (D, 7),
                       "sized.v_proj_weight": (D, 31), "sized.in_proj_bias": (3 * D,),
                       "sized.out_proj.weight": (D, D), "sized.out_proj.bias": (D,),
                       "plain.in_proj_weight": (3 * D, D), "plain.out_proj.weight": (D, D)})
    a, b, c = (Weights(weights).at(name) for name in ("attn", "sized", "plain"))
    third = lambda i: slice(i * D, (i + 1) * D)
    qkv = [y @ a["in_proj_weight"][third(i)].T + a["in_proj_bias"][third(i)] for i, y in enumerate((x, k, v))]
    own = [y @ b[f"{n}_proj_weight"].T + b["in_proj_bias"][third(i)] for i, (n, y) in enumerate(zip("qkv", (x, thin, wide)))]
    plain = [y @ c["in_proj_weight"][third(i)].T for i, y in enumerate((x, k, k))]
    later = np.broadcast_to(np.arange(s) > np.arange(t)[:, None], (B, t, s))
    check("more_heads_of_torch", inputs,
          {"qkv": linear(attention(*qkv, later)[0], a.at("out_proj")),
           "sizes": linear(attention(*own, later & False)[0], b.at("out_proj")),
           "plain": attention(*plain, later & False)[0] @ c["out_proj.weight"].T}, weights)


def heads_of_torch():
    t, s = 23, 17
    x, mem = normal(B, t, D), normal(B, s, D)
    masked = np.arange(s) >= np.array([[s], [9]])
    weights = draw(5, {"attn.in_proj_weight": (3 * D, D), "attn.in_proj_bias": (3 * D,),
                       "attn.out_proj.weight": (D, D), "attn.out_proj.bias": (D,),
                       "attn.bias_k": (1, 1, D), "attn.bias_v": (1, 1, D)})
    w = Weights(weights).at("attn")
    q, k, v = (source.astype(float) @ w["in_proj_weight"][i * D:(i + 1) * D].T
               + w["in_proj_bias"][i * D:(i + 1) * D] for i, source in enumerate((x, mem, mem)))

    def attend(key, value, causal=False):
        hidden = np.zeros((B, t, key.shape[1]), bool)
        hidden[:, :, :s] = masked[:, None] | (causal & (np.arange(s) > np.arange(t)[:, None]))
        o, p = attention(q, key, value, hidden)
        return linear(o, w.at("out_proj")), p.mean(1)

    def behind(array, row):
        return np.concatenate([array, np.broadcast_to(row, (B, 1, D))], axis=1)

    plain, averaged = attend(k, v)
    behind_k, behind_v = (behind(behind(a, row), 0.0) for a, row in ((k, w["bias_k"]), (v, w["bias_v"])))
    check("heads_of_torch", {"x": x, "mem": mem, "masked": masked},
          {"plain": plain, "weights": averaged,
           "bias_kv": attend(behind(k, w["bias_k"]), behind(v, w["bias_v"]))[0],
           "zero_attn": attend(behind(k, 0.0), behind(v, 0.0))[0],
           "bias_kv_causal": attend(behind(k, w["bias_k"]), behind(v, w["bias_v"]), causal=True)[0],
           "zero_attn_causal": attend(behind(k, 0.0), behind(v, 0.0), causal=True)[0],
           "both": attend(behind_k, behind_v)[0],
           "both_causal": attend(behind_k, behind_v, causal=True)[0]}, weights)


if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    for run in (positions, embeddings, relative, turned, heads_of_torch, more_heads_of_torch):
        run()
