"""Runs attune check and build on hostile specs: exit code 2 and one error each.

usage: hostile_specs.py ATTUNE SCRATCH
"""

import os
import sys

from refusals import check, write

attune, scratch = sys.argv[1:]


def model(expression, before=""):
    return f"dim B\n{before}model m {{ input x: f32[B] output y = {expression} }}\n"


def doubling(count):
    text = "block f0(x: f32[B]) -> f32[B] { return x + x }\n"
    for i in range(count):
        text += f"block f{i + 1}(x: f32[B]) -> f32[B] {{ return f{i}(f{i}(x)) }}\n"
    return text


def doubling_masks(count):
    text = "dim T\nmask m0 = q < k\n"
    for i in range(count):
        text += f"mask m{i + 1} = m{i} & m{i}\n"
    return text


PARENTHESES, CHAIN, LONG = 50_000, 100_000, 1_000_000
ATTENTION = ("dim B\n{}model m {{ input x: f32[B, T, 8]\n"
             "  output y = attention(x, x, x, mask = {}) }}\n")

# name: (text or bytes, code)
SPECS = {
    "parentheses": (model("(" * PARENTHESES + "x" + ")" * PARENTHESES), "A0102"),
    "parentheses-open": (model("(" * PARENTHESES), "A0102"),
    "brackets": (model("x" + "[" * PARENTHESES), "A0102"),
    "braces": (model("{" * PARENTHESES), "A0102"),
    "calls": (model("relu(" * PARENTHESES + "x" + ")" * PARENTHESES), "A0102"),
    "minus": (model("-" * CHAIN + "x"), "A0102"),
    "not": (model("!" * CHAIN + "x"), "A0102"),
    "sum": (model("x" + " + x" * CHAIN), "A0104"),
    "long-name": (model("n" * LONG), "A0008"),
    "long-dim": ("dim " + "n" * LONG + "\n" + model("x + 1.0"), "A0008"),
    "long-file": (model("x + 1.0") + "//" + "x" * (1 << 20), "A0001"),
    "many-declarations": ("".join(f"dim D{i}\n" for i in range(10_001)), "A0103"),
    "doubling": (model("f47(x)", doubling(47)), "A0209"),
    "doubling-masks": (ATTENTION.format(doubling_masks(47), "m47"), "A0209"),
    "nul": (model("x\0"), "A0003"),
    "not-utf-8": (model("x").encode() + b"// \xff\n", "A0002"),
    "overlong-utf-8": (model("x").encode() + b"// \xc0\x80\n", "A0002"),
    "utf-16": (model("x").encode("utf-16"), "A0003"),
    "escape-sequence": (model("x \x1b + 1.0"), "A0004"),
    "binary": (bytes(range(256)), "A0003"),
    "absolute-import": ('import "/etc/passwd"\n' + model("x + 1.0"), "A0702"),
    "escaping-import": ('import "../secret"\n' + model("x + 1.0"), "A0702"),
    "escaping-std": ('import "std/../../secret"\n' + model("x + 1.0"), "A0702"),
    "self-import": ('import "self-import"\n' + model("x + 1.0"), "A0703"),
    "cycle": ('import "cycle-b"\n' + model("x + 1.0"), "A0703"),
    "import-of-folder": ('import "folder"\n' + model("x + 1.0"), "A0704"),
    "import-of-nothing": ('import "nothing"\n' + model("x + 1.0"), "A0701"),
    "ambiguous-import": ('import "one"\nimport "two"\n' + model("f(x)"), "A0206"),
    "ambiguous-name": ('import "one"\nimport "two"\n' + model("x + C"), "A0206"),
    "ambiguous-in-mask": ('import "one"\nimport "two"\n' +
                          ATTENTION.format("dim T\n", "{ g(q) }"), "A0206"),
    "input-in-block": ("block f(x: f32[4]) -> f32[4] { input z: f32[4] return x }\n" +
                       model("x + 1.0"), "A0105"),
    "number-overflows": (model("x + 99999999999999999999"), "A0007"),
    "constant-overflows": (model("x + C", "const C = 9223372036854775807 + 1\n"), "A0212"),
    "division-by-zero": (model("x + C", "const C = 1 / 0\n"), "A0213"),
    "remainder-by-zero": (model("x + C", "const C = 1 % 0\n"), "A0213"),
}

write(scratch, "cycle-b.attn", 'import "cycle-c"\n')
write(scratch, "cycle-c.attn", 'import "cycle"\n')
for name in ("one.attn", "two.attn"):
    write(scratch, name, "block f(x: f32[4]) -> f32[4] { return x }\n"
          "const C = 1.0\nmask g(i: i32) = i < 3\n")
os.makedirs(os.path.join(scratch, "folder.attn"), exist_ok=True)

ok = True
for name, (text, code) in SPECS.items():
    path = write(scratch, name + ".attn", text)
    ok &= check([attune, "check", path], code)
    ok &= check([attune, "build", path, "-o", os.path.join(scratch, name + ".so")], code)

# A folder, a pipe and a device are no specs.
pipe = os.path.join(scratch, "pipe.attn")
if not os.path.exists(pipe):
    os.mkfifo(pipe)
for path in (scratch, pipe, "/dev/zero"):
    ok &= check([attune, "check", path], "A0704")
ok &= check([attune, "check", os.path.join(scratch, "none.attn")], "A0701")
sys.exit(0 if ok else 1)
