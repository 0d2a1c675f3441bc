#!/usr/bin/env python3
"""Writes the weights of question.attn: those of golden case p08, which has both forms in
one file, under the names that each module has on its own (NumPy)."""

import json
import os
import struct
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from numpy_layers import write_weights


def main():
    golden = os.path.join(HERE, "../../test/Golden/p08_dense_question/weights.safetensors")
    with open(golden, "rb") as file:
        data = file.read()
    size = struct.unpack("<Q", data[:8])[0]
    for form in ("asker", "paper"):
        tensors = {}
        for name, entry in json.loads(data[8:8 + size]).items():
            if name.endswith("_" + form):
                begin, end = entry["data_offsets"]
                array = np.frombuffer(data[8 + size + begin:8 + size + end], "<f4")
                tensors[name.removesuffix("_" + form)] = array.reshape(entry["shape"])
        write_weights(os.path.join(HERE, f"{form}.safetensors"), tensors)


if __name__ == "__main__":
    main()
