"""Runs attune with bad weights; each must give exit code 2 and one clear error.

usage: hostile_weights.py ATTUNE SCRATCH
"""

import io
import json
import os
import pickle
import struct
import subprocess
import sys
import zipfile

from refusals import check, write

attune, scratch = sys.argv[1:]
SPEC = "dim B\nmodel m { input x: f32[B, 3] output y = linear(x, 2) }\n"
spec = write(scratch, "linear.attn", SPEC)
RUN = [attune, "run", spec, "--input", "x=[[1, 2, 3]]"]


def entry(begin, end, shape, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


GOOD = {"weight": entry(0, 24, [2, 3]), "bias": entry(24, 32, [2])}


def tensors(header=None, data=bytes(32), size=None):
    """A file with this header (text, or what JSON makes of it) and data."""
    if not isinstance(header, (str, bytes)):
        header = json.dumps(GOOD if header is None else header)
    if isinstance(header, str):
        header = header.encode()
    return struct.pack("<Q", len(header) if size is None else size) + header + data


def changed(**entries):
    return tensors({**GOOD, **entries})


def zipped():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("model/data.pkl", pickle.dumps({"weight": [1.0]}))
    return archive.getvalue()


LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4665a5\nsize 4096\n"
DEEP = 100_000
TWICE = json.dumps(GOOD)[:-1] + ', "bias": ' + json.dumps(GOOD["bias"]) + "}"

# name: (bytes of the file, what the message must say)
FILES = {
    "empty": (b"", "empty"),
    "pickle": (pickle.dumps({"weight": [1.0]}), "pickle"),
    "zip": (zipped(), "zip"),
    "lfs": (LFS.encode(), "Git LFS"),
    "text": (b"these are no weights at all, but a text", "not a safetensors file"),
    "seven-bytes": (b"\x01" * 7, "too short"),
    "header-too-long": (tensors(size=1 << 20), "truncated"),
    "header-huge": (tensors(size=(1 << 64) - 1), "not a safetensors file"),
    "header-cut": (tensors()[:40], "truncated"),
    "truncated": (tensors()[:-1], "truncated"),
    "trailing": (tensors() + b"x", "trail"),
    "overlapping": (changed(bias=entry(20, 28, [2])), "overlap"),
    "hole": (tensors({**GOOD, "bias": entry(28, 36, [2])}, bytes(36)), "hole"),
    "hole-at-start": (tensors({"weight": entry(4, 28, [2, 3]), "bias": entry(28, 36, [2])},
                              bytes(36)), "hole"),
    "beyond-the-end": (changed(bias=entry(24, 1 << 62, [2])), "bias"),
    "offsets-swapped": (changed(bias=entry(32, 24, [2])), "bias"),
    "offsets-negative": (changed(bias=entry(-8, 0, [2])), "negative"),
    "shape-overflows": (changed(bias=entry(24, 32, [1 << 62, 1 << 62])), "bias"),
    "shape-overflows-to-fit": (changed(bias=entry(24, 32, [1 << 63, 2, 1])), "64 bits"),
    "shape-negative": (changed(bias=entry(24, 32, [-2])), "negative"),
    "shape-of-floats": (changed(bias=entry(24, 32, [2.0])), "a point or an exponent"),
    "shape-of-exponents": (tensors(json.dumps(GOOD).replace("[2]", "[2e0]")), "a point or an exponent"),
    "shape-of-text": (changed(bias=entry(24, 32, ["2"])), "expected an integer"),
    "shape-missing": (changed(bias={"dtype": "F32", "data_offsets": [24, 32]}), "bias"),
    "size-differs-from-shape": (changed(bias=entry(24, 32, [3])), "bias"),
    "dtype-unknown": (changed(bias=entry(24, 32, [2], "F33")), "bias"),
    "duplicate-keys": (tensors(TWICE), "twice"),
    "duplicate-fields": (tensors(json.dumps(GOOD).replace('"shape": [2]', '"shape": [2], "shape": [2]')), "twice"),
    "deep-arrays": (tensors("[" * DEEP + "]" * DEEP), "not a safetensors file"),
    "deep-objects": (tensors('{"a":' * DEEP + "1" + "}" * DEEP), "tensor `a`"),
    "deep-shape": (tensors('{"a":{"dtype":"F32","shape":' + "[" * DEEP), "malformed"),
    "deep-metadata": (tensors('{"__metadata__":{"a":' + "[" * DEEP), "malformed"),
    "not-an-object": (tensors("[]"), "not a safetensors file"),
    "not-json": (tensors("weights!"), "not a safetensors file"),
    "not-utf-8": (tensors(b'{"\xff\xfe": 1}'), "UTF-8"),
    "control-characters": (tensors('{"\\u001b[2J": 1}'), "malformed"),
    "misshapen": (changed(weight=entry(0, 24, [3, 2])), "weight"),
    "another-type": (changed(bias=entry(24, 32, [1], "F64")), "bias"),
    "missing": (tensors({"weight": GOOD["weight"]}, bytes(24)), "bias"),
    "nothing-inside": (tensors({}, b""), "`weight`"),
}

ok = True
for name, (data, said) in FILES.items():
    path = write(scratch, name + ".safetensors", data)
    modes = [[], ["--interpret"]]
    # Only what a well-formed file may lack is found by the model.
    inside = name in ("misshapen", "another-type", "missing", "nothing-inside")
    if inside:
        modes.append(["--weights-prefix", ""])
    for mode in modes:
        code = "R0015"
        if inside:
            code = "R0016"
            if mode == ["--interpret"]:
                code = "T0206" if name == "misshapen" else "T0211"
        ok &= check([*RUN, "--weights", path, *mode], code, said)

for path, said in ((scratch, "folder"), (os.path.join(scratch, "no-such-file"), "no-such-file"),
                   ("/dev/zero", "not a regular file"), ("", "no such file")):
    ok &= check([*RUN, "--weights", path], "R0015", said)

# A file whose names have a prefix, and one whose names lack it.
prefixed = write(scratch, "prefixed.safetensors",
                 tensors({"model." + name: value for name, value in GOOD.items()}))
plain = write(scratch, "plain.safetensors", tensors())
ok &= check([*RUN, "--weights", prefixed], "R0016", "weight")
ok &= check([*RUN, "--weights", plain, "--weights-prefix", "model."], "R0016", "weight")
ok &= check([*RUN, "--weights", prefixed, "--weights-prefix", "modle."], "R0016", "weight")
for options in (["--weights", plain], ["--weights", plain, "--interpret"],
                ["--weights", prefixed, "--weights-prefix", "model."],
                ["--weights", prefixed, "--weights-prefix", "model.", "--interpret"]):
    done = subprocess.run([*RUN, *options], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        ok = False
        print(f"{options}: good weights are refused: {done.stderr}")
sys.exit(0 if ok else 1)
