"""Prints a PNG's size, and its colours at given places of the picture.

usage: png_pixel.py FILE [X,Y]...   in the pixels that `attune view` reports
"""

import struct
import sys
import zlib

data = open(sys.argv[1], "rb").read()
assert data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
at, packed = 8, b""
while at < len(data):
    size, kind = struct.unpack_from(">I4s", data, at)
    body = data[at + 8:at + 8 + size]
    if kind == b"IHDR":
        width, height, depth, color = struct.unpack_from(">IIBB", body)
    elif kind == b"IDAT":
        packed += body
    at += 12 + size
assert depth == 8 and color in (2, 6)
channels = 3 if color == 2 else 4
raw, stride = zlib.decompress(packed), width * channels
rows, last = [], bytes(stride)
for row in range(height):
    kind = raw[row * (stride + 1)]
    line = bytearray(raw[row * (stride + 1) + 1:(row + 1) * (stride + 1)])
    for i in range(stride):
        a = line[i - channels] if i >= channels else 0
        b = last[i]
        c = last[i - channels] if i >= channels else 0
        nearest = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
        line[i] = (line[i] + [0, a, b, (a + b) // 2, nearest][kind]) & 255
    rows.append(line)
    last = line
print(f"{width} x {height}")
scale = 2 if max(width, height) <= 6000 else 1
for place in sys.argv[2:]:
    x, y = (int(float(v) * scale) for v in place.split(","))
    pixel = rows[y][x * channels:x * channels + 3]
    print(f"{place}: #{pixel.hex()}")
