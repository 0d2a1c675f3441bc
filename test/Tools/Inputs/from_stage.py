"""Resumes from the dump of every stage. usage: from_stage.py ATTUNE SOURCE_DIR SCRATCH

The library, header and manifest are the bytes that the whole compilation
writes; from an edited dump, those of the edited spec.
"""

import os
import shutil
import subprocess
import sys

attune, source, scratch = sys.argv[1:]
shutil.rmtree(scratch, ignore_errors=True)
STAGES = ["import", "normalize", "fuse", "bufferize", "plan", "tile", "realize", "lower"]
FILES = ("libm.so", "m.h", "m.json")
problems = 0

# Loops, masks of captured arrays, integers, several models.
OWN = """import "std/torch"
dim B <= 4, T <= 64
mask keep(lengths: i64[B]) = k < lengths[b]
model first {
  input x: f32[B, T, 16], lengths: i64[B], ids: i32[T]
  let h = x
  for l in 0..2 {
    let n = layer_norm(h) at "norm.{l}"
    h = h + mha(n, n, heads = 2, mask = keep(lengths)) at "attn.{l}"
  }
  output y = h * 1.25
  output z = embedding(ids, 32, 8) at "table"
}
model second { input x: f32[B, 3] output y = softmax(x + 1.25, axis = 1) }
model third {
  input v: f32[B, 1, T, 8], x: f32[]
  param r: f32[1, 64, 64], w: f32[]
  output y = attend(random(r), v, mask = causal)
  output z: f32[] = x * w
}
"""


def call(*words):
    done = subprocess.run([attune, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"attune {' '.join(words)}: exit code {done.returncode}\n{done.stderr}")
        sys.exit(1)
    return done


def build(name, *words):
    """The bytes that a build writes to a folder of that name."""
    folder = os.path.join(scratch, name)
    os.makedirs(folder, exist_ok=True)
    call("build", *words, "-o", os.path.join(folder, FILES[0]))
    return [open(os.path.join(folder, file), "rb").read() for file in FILES]


def expect(what, got, wanted):
    global problems
    for file, left, right in zip(FILES, got, wanted):
        if left != right:
            problems += 1
            print(f"{what}: {file} differs ({len(left)} and {len(right)} bytes)")


def check(name, spec, options, edits=(), stages=STAGES):
    """`edits`: pairs of a text of the spec and its dumps, and what replaces it."""
    dumps = os.path.join(scratch, name + "-stages")
    whole = build(name, spec, *options, "--dump-stages", dumps)
    found = sorted(os.listdir(dumps))
    wanted = [f"{number}-{stage}.mlir" for number, stage in enumerate(STAGES)]
    if found != wanted:
        sys.exit(f"{name}: the dumps are {found}")
    edited = None
    if edits:
        text = open(spec, encoding="utf-8").read()
        for _, _, old, new in edits:
            text = text.replace(old, new)
        changed = os.path.join(scratch, name + "-edited.attn")
        with open(changed, "w", encoding="utf-8") as file:
            file.write(text)
        edited = build(name + "-edited", changed, *options)
        if edited[0] == whole[0]:
            sys.exit(f"{name}: the edit changes nothing")
    for stage, file in zip(STAGES, found):
        if stage not in stages:
            continue
        dump = os.path.join(dumps, file)
        resumed = f"{name}-{stage}"
        text = open(dump, encoding="utf-8").read()
        for old, new, _, _ in edits:
            if old not in text:
                sys.exit(f"{dump} has no `{old}` to edit")
            text = text.replace(old, new)
        with open(dump, "w", encoding="utf-8") as file:
            file.write(text)
        # No --cpu: the dump says for which machine it is.
        expect(resumed, build(resumed, dump, f"--from={stage}"), edited or whole)


os.makedirs(scratch)
own = os.path.join(scratch, "own.attn")
with open(own, "w", encoding="utf-8") as out:
    out.write(OWN)
# What the dumps say for what the spec says.
constant = ("1.250000e+00", "2.500000e+00", "1.25", "2.5")
check("own", own, ["--cpu=x86-64"], [constant])
check("example", os.path.join(source, "examples", "encoder_layer", "encoder_layer.attn"),
      ["--cpu=znver5"], stages=["normalize", "bufferize", "tile"])
with open(os.path.join(scratch, "gpu.attn"), "w", encoding="utf-8") as out:
    out.write("dim T <= 64\nmodel m { input x: f32[T, 32] output y = attention(x, x, x, mask = causal) }\n")
check("cuda", os.path.join(scratch, "gpu.attn"), ["--target=cuda", "--sm=86"],
      stages=["tile", "realize", "lower"])
sys.exit(1 if problems else 0)
