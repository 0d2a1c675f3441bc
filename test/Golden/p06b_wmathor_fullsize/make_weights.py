#!/usr/bin/env python3
"""Makes the weights of this case (168 MiB), as the formula in case.json says.

usage: make_weights.py TARGET.safetensors

Wants NumPy. The position table, whose first rows are in weights.safetensors, is
that of encoder and decoder.
"""

import json
import os
import struct
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def hashed(number, shape, power):
    """Tensor `number` of the sorted names, uniform in [-2^power, 2^power)."""
    x = np.arange(np.prod(shape), dtype=np.uint32)
    x *= np.uint32(2654435761)
    x += np.uint32((7 * 1000003 + number * 7919 + 12345) % 2**32)
    for shift, factor in ((16, 2246822519), (13, 3266489917), (16, 1)):
        x ^= x >> np.uint32(shift)
        x *= np.uint32(factor)
    x >>= np.uint32(8)
    unit = x.astype(np.float32) * np.float32(2.0**-24) - np.float32(0.5)
    return unit * np.float32(2.0 ** (power + 1))


def main():
    with open(os.path.join(HERE, "case.json"), encoding="utf-8") as file:
        case = json.load(file)
    with open(os.path.join(HERE, "weights.safetensors"), "rb") as file:
        data = file.read()
    size = struct.unpack("<Q", data[:8])[0]
    table = json.loads(data[8:8 + size])["encoder.pos_emb.pe"]
    shapes = case["weight_shapes"]
    names = case["weight_order"]
    assert names == sorted(names)
    for name in ("encoder.pos_emb.pe", "decoder.pos_emb.pe"):
        shapes[name] = table["shape"]
    header, end = {}, 0
    for name in sorted(shapes):
        begin, end = end, end + 4 * int(np.prod(shapes[name]))
        header[name] = {"dtype": "F32", "shape": shapes[name], "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(sys.argv[1], "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in sorted(shapes):
            if name.endswith(".pe"):
                file.write(data[8 + size:])
            else:
                power = 0 if name.endswith("_emb.weight") else -4
                file.write(hashed(names.index(name), shapes[name], power).tobytes())


if __name__ == "__main__":
    main()
