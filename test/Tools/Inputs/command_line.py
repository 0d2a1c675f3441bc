"""Runs attune with bad input; each case must give exit code 2 and its code.

usage: command_line.py ATTUNE EXAMPLE_FOLDER SCRATCH
"""

import os
import re
import subprocess
import sys

from refusals import check, write

attune, example, scratch = sys.argv[1:]
spec = os.path.join(example, "encoder_layer.attn")
good_weights = os.path.join(example, "weights.safetensors")


def run(*options):
    return ["run", spec, *options]


INPUTS = ["--input", "x=random:1", "--input", "padding=zero"]
DIMS = ["--dim", "B=1", "--dim", "T=3"]
FULL = [*INPUTS, *DIMS]
SMALL = ["run", write(scratch, "small.attn",
                      "dim B, T\nmodel m { input x: f32[B] output y = x + 1.0 }\n"
                      "model n { input x: f32[B, T], id: i64[T] output y = x + 1.0\n"
                      "  output z = gather(x, id) }\n")]
LINEAR = ["run", write(scratch, "linear.attn",
                       'model m { input x: f32[48] output y = linear(x, 72) at "linear1" }\n'),
          "--input", "x=zero", "--weights", os.path.join(example, "weights.safetensors")]
NO_MODEL = write(scratch, "none.attn", "block f(x: f32[4]) -> f32[4] { return x + 1.0 }\n")
PLACE = os.path.join(scratch, "no-such-folder", "y.npy")

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
    # The header would be written over the library, and an object lacks its -c.
    (["build", spec, "-o", os.path.join(scratch, "m.h")], "T0013"),
    (["build", spec, "-o", os.path.join(scratch, "m.o")], "T0013"),
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
    ([*LINEAR, "--strict"], "T0210"),
    ([*LINEAR, "--interpret", "--weights-prefix=l."], "T0211"),
    (run(*FULL, "--weights", good_weights, "--library", spec), "T0207"),
    (["build", NO_MODEL], "T0005"),
    ([*SMALL, "--input", "x=[1]"], "T0006"),
    ([*SMALL, "--model", "n", "--input", "x=random:1", "--input", "id=zero",
      "--dim", "B=1000000", "--dim", "T=1000000"], "T0105"),
    ([*SMALL, "--model", "n", "--interpret", "--input", "x=[[1]]", "--input", "id=[7]"], "T0206"),
    ([*SMALL, "--model", "m", "--interpret", "--input", "x=[1]", "--output", "y=@" + PLACE], "T0208"),
    ([*SMALL, "--model", "m", "--input", "x=[1]",
      "--expect", "y=@" + os.path.join(example, "x.npy")], "T0209"),
    (run(*FULL, "--weights", good_weights, "--threads", "65"), "T0203"),
]

# IR that --from reads: of another machine, of no model, of no IR at all.
DUMP = os.path.join(scratch, "tile.mlir")
LOWERED = os.path.join(scratch, "lower.mlir")
EMPTY = write(scratch, "empty.mlir", "module {}\n")
INVALID = write(scratch, "invalid.mlir",
                "func.func @m(%x: tensor<4xf32>) -> tensor<4xf32> {\n  return %x, %x : "
                "tensor<4xf32>, tensor<4xf32>\n}\n")
MINE = write(scratch, "mine.py", "print('a script of the user')\n")
GPU = write(scratch, "gpu.attn",
            "dim T\nmodel m { input x: f32[T, 32] output y = attention(x, x, x) }\n")
BUFFERS = os.path.join(scratch, "bufferize.mlir")
for dump, stage in ((BUFFERS, "bufferize"), (DUMP, "tile"), (LOWERED, "lower")):
    subprocess.run([attune, "build", SMALL[1], "--cpu=haswell", f"--until-after={stage}", "-o", dump],
                   check=True)
CASES += [
    (["build", DUMP, "--from=tile", "--cpu=x86-64"], "T0025"),
    (["build", DUMP, "--from=tile", "--target=cuda"], "T0025"),
    (["build", DUMP, "--from=tile", "--until-after=fuse"], "T0013"),
    (["build", DUMP, "--from=tyle"], "T0004"),
    (["build", DUMP, "--from=tile", "--model=k"], "T0007"),
    (["build", LOWERED, "--from=lower", "--model=m"], "T0023"),
    (["build", EMPTY, "--from=tile"], "T0005"),
    (["build", EMPTY, "--from=lower"], "T0005"),
    (["build", DUMP, "--from=realize"], "T0026"),
    (["build", DUMP, "--from=import"], "T0026"),
    (["build", BUFFERS, "--from=plan"], "T0026"),
    (["build", LOWERED, "--from=tile"], "T0026"),
    (["build", INVALID, "--from=fuse"], "T0022"),
    (["build", spec, "--from=fuse"], "T0022"),
    (["build", scratch, "--from=fuse"], "T0022"),
    (["build", os.path.join(scratch, "none.mlir"), "--from=fuse"], "T0022"),
    (["build", good_weights, "--from=fuse"], "T0022"),
    (["check", "--diag-format=xml", spec], "T0024"),
    (["check", spec, "--diag-format"], "T0024"),
    (["check", "--from=fuse", spec], "T0002"),
    (["build", spec, "-o", os.path.join(scratch, "libmine.so")], "T0028"),
    (["build", spec, "--emit=python", "-o", MINE], "T0028"),
    (["build", spec, "--emit=pyton"], "T0014"),
    (["build", GPU, "--target=cuda", "--emit=python", "-o", os.path.join(scratch, "gpu.py")], "T0027"),
    (["targets", spec], "T0011"),
    (["targets", "--cpu=haswell"], "T0002"),
    (["explain", "A9999"], "T0029"),
]

ok = True
for arguments, code in CASES:
    ok &= check([attune, *arguments], code)
# The temporary folder of `attune run`.
ok &= check([attune, *SMALL, "--model", "m", "--input", "x=[1]"],
            "T0201", environment={"TMPDIR": os.path.join(scratch, "no-such-folder")})

ok &= open(MINE, encoding="utf-8").read().startswith("print") and not os.path.exists(
    os.path.join(scratch, "libmine.so"))

# Exit code 3: a stage that fails on IR is a fault of attune, with a reproducer.
dump = os.path.join(scratch, "import.mlir")
subprocess.run([attune, "build", SMALL[1], "--model", "m", "--until-after=import", "-o", dump], check=True)
text = open(dump, encoding="utf-8").read()
write(scratch, "import.mlir", re.sub(r"attune.elementwise <add> (%\w+), .* -> ", r"math.absf \1 : ", text))
done = subprocess.run([attune, "build", dump, "--from=import", "-o", dump + ".so"],
                      capture_output=True, text=True, errors="replace", check=False,
                      env={**os.environ, "TMPDIR": scratch})
reproducer = re.search(r"a reproducer was written to (\S+)", done.stderr)
if (done.returncode != 3 or done.stderr.count("internal error: stage `bufferize` failed") != 1
        or not reproducer or "math.absf" not in open(reproducer[1], encoding="utf-8").read()):
    ok = False
    print(f"a stage that fails: exit code {done.returncode}\n{done.stderr}")
sys.exit(0 if ok else 1)
