"""Writes the .npy files that cmp.test compares. usage: arrays.py FOLDER"""

import os
import struct
import sys

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
FORMATS = {"<f2": "e", "<f4": "f", "<f8": "d", "|b1": "?", "<i4": "i", "<i8": "q", "|u1": "B"}


def save(name, dtype, shape, values):
    header = repr({"descr": dtype, "fortran_order": False, "shape": tuple(shape)})
    header = (header + " " * (63 - (10 + len(header)) % 64) + "\n").encode()
    with open(os.path.join(folder, name + ".npy"), "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        file.write(struct.pack(f"<{len(values)}{FORMATS[dtype]}", *values))


def above(value, ulps, code="f", bits="I"):
    """The float `ulps` above a positive `value`."""
    return struct.unpack("<" + code, struct.pack(
        "<" + bits, struct.unpack("<" + bits, struct.pack("<" + code, value))[0] + ulps))[0]


nan, inf = float("nan"), float("inf")
base = [1.0, 2.0, -4.0, 0.0, 0.5, 8.0]
save("base", "<f4", [2, 3], base)
save("same", "<f8", [2, 3], base)
save("half", "<f2", [2, 3], base)
save("zero-sign", "<f4", [2, 3], [1.0, 2.0, -4.0, -0.0, 0.5, 8.0])
# 0.25 too much at [1, 1]: half of B's value there; 1 too little at [1, 2].
save("off", "<f4", [2, 3], [1.0, 2.0, -4.0, 0.0, 0.75, 7.0])
save("ulps", "<f4", [2, 3], [1.0, above(2.0, 3), -4.0, 0.0, 0.5, above(8.0, 1)])
save("ulps64", "<f8", [2, 3], [1.0, above(2.0, 5, "d", "Q"), -4.0, 0.0, 0.5, 8.0])
save("around-zero", "<f4", [2, 3], [1.0, 2.0, -4.0, -above(0.0, 2), 0.5, 8.0])
save("nan", "<f4", [2, 3], [nan, 2.0, nan, 0.0, inf, 8.0])
save("nan-too", "<f4", [2, 3], [nan, 2.0, -4.0, nan, -inf, 8.0])
save("long", "<f4", [6], base)
save("ids", "<i8", [3], [1, -(1 << 63), 7])
save("ids-off", "<i4", [3], [1, 5, 9])
save("flags", "|b1", [3], [True, False, True])
save("flags-off", "|b1", [3], [True, True, True])
save("bytes", "|u1", [3], [1, 0, 1])
save("empty", "<f4", [0, 4], [])
save("scalar", "<f4", [], [3.0])
save("scalar-off", "<f8", [], [4.0])
save("huge", "<f8", [2], [1.7e308, 1.0])
save("minus-huge", "<f8", [2], [-1.7e308, 1.0])
with open(os.path.join(folder, "text.npy"), "w", encoding="utf-8") as file:
    file.write("not an array\n")
