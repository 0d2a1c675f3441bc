"""Writes what view.test draws. usage: view_arrays.py FOLDER"""

import json
import math
import os
import struct
import sys

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
FORMATS = {"<i4": "i", "<f4": "f", "<i8": "q", "|b1": "?"}
nan, inf = math.nan, math.inf


def save(name, shape, values, dtype="<f4"):
    header = repr({"descr": dtype, "fortran_order": False, "shape": tuple(shape)})
    header = (header + " " * (63 - (10 + len(header)) % 64) + "\n").encode()
    with open(os.path.join(folder, name), "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        file.write(struct.pack(f"<{len(values)}{FORMATS[dtype]}", *values))


def save_weights(name, tensors):
    header, data = {}, b""
    for key, (shape, values) in tensors.items():
        begin = len(data)
        data += struct.pack(f"<{len(values)}f", *values)
        header[key] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    with open(os.path.join(folder, name), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def write(name, text):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(text)


def sinusoid(positions, width):
    values = []
    for p in range(positions):
        for i in range(width // 2):
            angle = p / 10000 ** (2 * i / width)
            values += [math.sin(angle), math.cos(angle)]
    return values


save("positive.npy", [2, 2], [0, 0.5, 1, 0.25])
save("signed.npy", [1, 3], [-2, 0, 1])
save("odd.npy", [2, 2], [nan, -inf, inf, 1])
save("nan.npy", [3], [nan] * 3)
save("scalar.npy", [], [1])
save("empty.npy", [0, 4], [])
save("ids.npy", [2, 3], [0, 1, 2, 3, 4, 5], "<i8")
save("doc.npy", [1, 400], [(i >= 150) + (i >= 200) + (i >= 390) for i in range(400)], "<i4")
save("masked.npy", [1, 400], [i == 20 or i >= 170 for i in range(400)], "|b1")
save("each.npy", [1, 400], [min(2 * i, 400) for i in range(400)], "<i4")
save("grid.npy", [2, 3, 2, 2], [i / 24 for i in range(24)])
save("deep.npy", [2, 1, 1, 1, 1, 2], [0, 1, 2, 3])
save("many.npy", [500, 2, 2], [0] * 2000)
save("long.npy", [2001, 2], [i // 2 for i in range(4002)])
save("p5.npy", [5, 8], sinusoid(5, 8))
save("p200.npy", [200, 32], sinusoid(200, 32))
save_weights("w.safetensors", {
    "mixer.R": ([2, 4, 4], [i / 32 for i in range(32)]),
    "gate.weight": ([3, 3], [1, 0, 0, 1, 1, 0, 1, 1, 1])})
write("two.txt", b"<s> & Co\nein sehr langes Wort, das niemand ganz lesen kann\n")
write("bytes.txt", b"\xff\xfe\x01\r\n\xc3\xa4\n")
write("three.txt", b"a\nb\nc\n")
write("four.txt", "eins\nzwei\ndrei\nvier\n".encode())
