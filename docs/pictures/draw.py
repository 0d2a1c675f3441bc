#!/usr/bin/env python3
"""Draws the pictures of the documentation beside this file.

    docs/pictures/draw.py build/bin/attune [FOLDER]

stages.svg: the stages of the compiler. masks.svg: which keys each block of
queries reads under three masks; the ranges are those of the kernel that attune
makes of masks.attn at the tile stage, evaluated here.
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
INK, SOFT, LINE = "#1f2328", "#59636e", "#d1d9e0"
FULL, PARTIAL, EMPTY = "#1f6feb", "#d4780a", "#eef1f4"


class Picture:
    def __init__(self, width, height, title):
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" '
            'font-family="Helvetica, Arial, sans-serif">',
            f"<title>{title}</title>",
        ]
        self.rect(0, 0, width, height, "#ffffff", radius=6)

    def rect(self, x, y, width, height, fill, stroke=None, radius=0):
        edge = f' stroke="{stroke}"' if stroke else ""
        self.parts.append(f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
                          f'rx="{radius}" fill="{fill}"{edge}/>')

    def text(self, x, y, text, size=12, fill=INK, anchor="start", weight="normal"):
        text = text.replace("&", "&amp;").replace("<", "&lt;")
        self.parts.append(f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{fill}" '
                          f'text-anchor="{anchor}" font-weight="{weight}">{text}</text>')

    def arrow(self, x, y, length):
        self.parts.append(f'<path d="M{x:g} {y:g}h{length - 4:g}m-4 -4l4 4l-4 4" '
                          f'stroke="{SOFT}" fill="none"/>')

    def write(self, folder, name):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write("\n".join(self.parts + ["</svg>"]) + "\n")


def stages(folder):
    """Two rows of boxes; what each stage does, in a few words."""
    rows = [
        ("the program", [
            ("import", ["one op a construct", "of the spec"]),
            ("normalize", ["fold; each attend", "owns scores, mask"]),
            ("fuse", ["bias, activation,", "residual, QKV"]),
            ("bufferize", ["tensors to", "memrefs, views"]),
            ("plan", ["weight layout,", "workspace slots"])]),
        ("its kernels, for one machine", [
            ("tile", ["kernels with key", "ranges of masks"]),
            ("realize", ["loops, tile ops,", "vectors"]),
            ("lower", ["LLVM dialect,", "the C ABI"]),
            ("emit", [".so .h .json"])]),
    ]
    width, height, gap, left = 118, 62, 26, 24
    picture = Picture(left * 2 + 5 * width + 4 * gap, 236, "The stages of Attune")
    for row, (caption, boxes) in enumerate(rows):
        y = 34 + row * 100
        picture.text(left, y - 10, caption, 12, SOFT)
        for column, (name, lines) in enumerate(boxes):
            x = left + column * (width + gap)
            picture.rect(x, y, width, height, "#f6f8fa", LINE, 6)
            picture.text(x + width / 2, y + 19, name, 14, INK, "middle", "bold")
            for number, line in enumerate(lines):
                picture.text(x + width / 2, y + 36 + 15 * number, line, 11, SOFT, "middle")
            if column + 1 < len(boxes) or row == 0:
                picture.arrow(x + width + 3, y + height / 2, gap - 4)
    picture.text(left, 222, "To see the program after a stage: attune build m.attn "
                 "--until-after=STAGE -o -", 12, SOFT)
    picture.write(folder, "stages.svg")


def floor_div(a, b):
    return a // b


OPS = {
    "addi": lambda a, b: a + b, "subi": lambda a, b: a - b, "muli": lambda a, b: a * b,
    "minsi": min, "maxsi": max, "andi": lambda a, b: a & b, "ori": lambda a, b: a | b,
    "xori": lambda a, b: a ^ b, "floordivsi": floor_div,
    "ceildivsi": lambda a, b: -floor_div(-a, b), "index_cast": lambda a: a,
    "select": lambda c, a, b: a if c else b,
}
COMPARE = {"slt": lambda a, b: a < b, "sle": lambda a, b: a <= b, "sgt": lambda a, b: a > b,
           "sge": lambda a, b: a >= b, "eq": lambda a, b: a == b, "ne": lambda a, b: a != b}


def evaluate(lines, values):
    """Runs lines of arith; returns what the yield at their end takes."""
    for line in lines:
        words = re.findall(r"[%\w.+-]+", line.split(" : ")[0])
        if words and words[0] == "attune.yield":
            return [values[word] for word in words[1:]]
        if len(words) < 3 or not words[1].startswith("arith."):
            continue
        name, op, operands = words[0], words[1][len("arith."):], words[2:]
        if op == "constant":
            values[name] = {"true": True, "false": False}.get(operands[0]) \
                if operands[0] in ("true", "false") else int(operands[0])
        elif op == "cmpi":
            values[name] = COMPARE[operands[0]](values[operands[1]], values[operands[2]])
        else:
            values[name] = OPS[op](*(values[operand] for operand in operands))
    sys.exit("draw.py: a region without a yield")


def key_ranges(attune, size):
    """{model: (rows of a block, [(lo, full_lo, full_hi, hi) of each block])}."""
    text = subprocess.run([attune, "build", os.path.join(HERE, "masks.attn"), "--cpu=haswell",
                           "--until-after=tile", "-o", "-"],
                          capture_output=True, text=True, check=True).stdout
    models = {}
    for function in text.split("func.func @")[1:]:
        name = re.match(r"\w+", function)[0]
        before, _, rest = function.partition(" ranges {")
        block = int(re.search(r"row_block = (\d+)", before)[1])
        region = rest.partition("} score")[0].split("\n")
        arguments = re.findall(r"%\w+(?=: index)", region[1])
        outside = [line for line in before.split("\n") if "arith.constant" in line]
        ranges = []
        for first in range(0, size, block):
            values = {}
            evaluate(outside + ["attune.yield"], values)
            last = min(first + block, size) - 1
            values.update(zip(arguments, (0, 0, first, last, size, size)))
            ranges.append(tuple(evaluate(region, values)))
        models[name] = (block, ranges)
    return models


def masks(attune, folder):
    size, side = 384, 186
    titles = [("causal_mask", "causal"), ("window_mask", "window(95, 0)"),
              ("prefix_mask", "causal | { k < 120 }")]
    ranges = key_ranges(attune, size)
    gap, left, top = 28, 62, 62
    picture = Picture(left + 3 * side + 2 * gap + 24, top + side + 92,
                      "Which keys each block of queries reads")
    scale = side / size
    for index, (model, title) in enumerate(titles):
        block, rows = ranges[model]
        x, read, open_ = left + index * (side + gap), 0, 0
        picture.text(x, top - 32, title, 14, INK, weight="bold")
        for number, (lo, full_lo, full_hi, hi) in enumerate(rows):
            count = min(block, size - number * block)
            y, height = top + number * block * scale, count * scale - 1
            picture.rect(x, y, side, height, EMPTY)
            picture.rect(x + lo * scale, y, (hi - lo) * scale, height, PARTIAL)
            if full_hi > full_lo:
                picture.rect(x + full_lo * scale, y, (full_hi - full_lo) * scale, height, FULL)
            read += count * (hi - lo)
            open_ += count * (hi - lo - full_hi + full_lo)
        picture.text(x, top - 14, f"{100 * read / size ** 2:.0f} % computed, "
                     f"{100 * open_ / size ** 2:.0f} % tested", 11, SOFT)
        picture.text(x, top + side + 16, "0", 11, SOFT)
        picture.text(x + side, top + side + 16, f"key {size}", 11, SOFT, "end")
    picture.text(left - 8, top + 12, "query 0", 11, SOFT, "end")
    picture.text(left - 8, top + side - 4, f"{size}", 11, SOFT, "end")
    y = top + side + 42
    for x, fill, text in ((left, FULL, "full: no mask code"),
                          (left + 150, PARTIAL, "partial: mask tested per element"),
                          (left + 370, EMPTY, "empty: never read")):
        picture.rect(x, y - 10, 12, 12, fill)
        picture.text(x + 18, y, text, 12, INK)
    picture.text(left, y + 26, f"{ranges['causal_mask'][0]} queries a block; the ranges are those "
                 "of the compiled kernels, at T = 384", 11, SOFT)
    picture.write(folder, "masks.svg")


def main():
    folder = sys.argv[2] if len(sys.argv) > 2 else HERE
    stages(folder)
    masks(sys.argv[1], folder)


main()
