"""Runs attune with bad input; each case must give exit code 2 and its code.

usage: bad_input.py ATTUNE EXAMPLE_FOLDER SCRATCH
"""

import os
import subprocess
import sys

attune, example, scratch = sys.argv[1:]
os.makedirs(scratch, exist_ok=True)
spec = os.path.join(example, "encoder_layer.attn")
good_weights = os.path.join(example, "weights.safetensors")


def scratch_file(name, data):
    path = os.path.join(scratch, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def run(*options):
    return ["run", spec, *options]


INPUTS = ["--input", "x=random:1", "--input", "padding=zero"]
DIMS = ["--dim", "B=1", "--dim", "T=3"]
FULL = [*INPUTS, *DIMS]
with open(good_weights, "rb") as weights:
    whole = weights.read()

CASES = [
    (["biuld"], "T0001"),
    (["build", "--outptu", "x", spec], "T0002"),
    (["build", spec, "-o"], "T0003"),
    (["build", spec, "--until-after=fuze"], "T0004"),
    (["build", spec, "--model", "encoder_layr"], "T0007"),
    (["build", spec, "--cpu=hasvell"], "T0008"),
    (["build", spec, "-o", os.path.join(scratch, "none", "lib.so")], "T0009"),
    (["build", spec, "--remarks=fuze"], "T0010"),
    (["check"], "T0011"),
    (["build", spec, "-c", "-S"], "T0012"),
    (["build", spec, "--emit=so", "--until-after=fuse"], "T0013"),
    (["build", spec, "--emit=sо"], "T0014"),
    (["check", os.path.join(scratch, "missing.attn")], "A0701"),
    (run("--input", "x"), "T0101"),
    (run("--input", "z=zero"), "T0102"),
    (run("--input", "x=zero", "--input", "x=zero"), "T0103"),
    (run(*INPUTS), "T0104"),
    (run("--input", "x=random:q", "--input", "padding=zero", *DIMS), "T0106"),
    (run("--input", "x=[1, 2]", "--input", "padding=zero", *DIMS), "T0107"),
    (run(*INPUTS, "--dim", "B=-1"), "T0108"),
    (run("--input", "x=zero"), "T0109"),
    (run("--input", "x=@" + scratch, "--input", "padding=zero"), "T0110"),
    (run("--input", "x=@" + os.path.join(example, "padding.npy"), "--input", "padding=zero"), "T0111"),
    (run(*FULL, "--repeat", "0"), "T0202"),
    (run(*FULL, "--threads", "0"), "T0203"),
    (run(*FULL, "--expect", "y=y.npy"), "T0204"),
    (run(*FULL), "T0205"),
    (run(*FULL, "--weights", good_weights, "--library", spec), "T0207"),
    (run(*FULL, "--weights", scratch), "R0015"),
    (run(*FULL, "--weights", os.path.join(scratch, "missing")), "R0015"),
    (run(*FULL, "--weights", scratch_file("empty", b"")), "R0015"),
    (run(*FULL, "--weights", scratch_file("lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")), "R0015"),
    (run(*FULL, "--weights", scratch_file("zip", b"PK\x03\x04" + bytes(60))), "R0015"),
    (run(*FULL, "--weights", scratch_file("cut", whole[:-1])), "R0015"),
    (run(*FULL, "--weights", scratch_file("long", whole + b"x")), "R0015"),
]

failures = 0
for arguments, code in CASES:
    done = subprocess.run([attune, *arguments], capture_output=True, text=True, errors="replace",
                          check=False)
    if done.returncode != 2 or done.stderr.count("error[") != 1 or f"error[{code}]" not in done.stderr:
        failures += 1
        print(f"{arguments}: exit code {done.returncode}, expected 2 and {code}\n{done.stderr}")
sys.exit(1 if failures else 0)
