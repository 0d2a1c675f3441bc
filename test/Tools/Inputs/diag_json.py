"""--diag-format=json: one object a line, each with every key.

usage: diag_json.py ATTUNE SOURCE_DIR SCRATCH
"""

import json
import os
import re
import subprocess
import sys

from refusals import write

attune, source, scratch = sys.argv[1:]
KEYS = {"code", "severity", "file", "line", "column", "span", "message", "notes", "help"}
PLACE = {"file", "line", "column", "span", "message"}
problems = 0


def fail(text):
    global problems
    problems += 1
    print(text)


def call(*words, environment=None):
    return subprocess.run([attune, *words], capture_output=True, check=False,
                          env={**os.environ, **(environment or {})})


def read(*words, exit_code=2, environment=None):
    """The objects that a call with --diag-format=json writes to standard error."""
    done = call(*words, "--diag-format=json", environment=environment)
    what = " ".join(words)[:100]
    if done.returncode != exit_code:
        fail(f"{what}: exit code {done.returncode}\n{done.stderr.decode()}")
    found = [json.loads(line) for line in done.stderr.decode().splitlines()]
    for entry in found:
        keys = KEYS | ({"kind", "name"} if entry["severity"] == "remark" else set())
        if set(entry) != keys or any(set(note) != PLACE for note in entry["notes"]):
            fail(f"{what}: the keys of {entry}")
        if entry["severity"] not in ("error", "warning", "remark"):
            fail(f"{what}: the severity of {entry}")
    return found


def expect(what, entry, **wanted):
    for key, value in wanted.items():
        if entry[key] != value:
            fail(f"{what}: {key} is {entry[key]!r}, not {value!r}")


def spelled(entry, text):
    """What the entry's span marks."""
    return text.encode()[entry["span"]["begin"]:entry["span"]["end"]].decode()


# A front end error: place, span, note with its own place, help.
SPEC = """// é
dim T, U
model m {
  input x: f32[T, 4]
  let a = x
  let a = x + 1.0
  output y = sofmax(x,
    axis = 1)
}
"""
spec = write(scratch, "bad.attn", SPEC)
for verb in ("check", "build", "run", "test"):
    entries = read(verb, spec)
    codes = [(e["severity"], e["code"]) for e in entries]
    if codes != [("error", "A0203"), ("error", "A0202")]:
        fail(f"{verb}: {codes}")
        continue
    rebound, unknown = entries
    expect(verb, rebound, file=spec, line=6, column=7, message="`a` is bound already")
    begin = SPEC.encode().index(b"a = x + 1.0")
    expect(verb, rebound, span={"begin": begin, "end": begin + 1, "end_line": 6, "end_column": 8})
    expect(verb, rebound["notes"][0], file=spec, line=5, column=7, message="it is bound here")
    if spelled(rebound["notes"][0], SPEC) != "a":
        fail("the span of the note")
    expect(verb, unknown, line=7, column=14, message="unknown function `sofmax`", help=["did you mean `softmax`?"])
    if spelled(unknown, SPEC) != "sofmax":
        fail("the span of a call")

# Warnings do not change the exit code.
warned = write(scratch, "warned.attn", "dim T, U\nmodel m { input x: f32[T] output y = x + 1.0 }\n")
entries = read("check", warned, exit_code=0)
if [(e["severity"], e["code"], e["line"], e["column"]) for e in entries] != [("warning", "A0602", 1, 8)]:
    fail(f"warnings: {entries}")

# Text and JSON say the same of many errors; the limit is said, too.
many = write(scratch, "many.attn", "dim T\nmodel m {\n  input x: f32[T]\n" + "".join(
    f"  let v{i} = y{i} + z{i} @ é\n" if i % 7 == 0 else f"  let v{i} = y{i} + x\n" for i in range(30)) + "}\n")
entries = read("check", many)
text = call("check", many).stderr.decode()
places = re.findall(r"^error\[(\w+)\].*\n  --> (.*):(\d+):(\d+)", text, flags=re.M)
if places != [(e["code"], e["file"], str(e["line"]), str(e["column"])) for e in entries if e["line"]]:
    fail("text and JSON differ")
unknown = write(scratch, "unknown.attn", "model m {\n  input x: f32[2]\n" + "".join(
    f"  output o{i} = y{i}\n" for i in range(30)) + "}\n")
entries = read("check", unknown)
if len(entries) != 21 or entries[-1]["code"] is not None or "10 more not shown" not in entries[-1]["message"]:
    fail(f"too many errors: {len(entries)} {entries[-1]}")

# The command line, in any order; files; the library.
entries = read("check")
expect("no file", entries[0], code="T0011", file=None, line=None, span=None, help=["usage: attune check FILE.attn"])
expect("option", read("run", "--outptu=y", spec)[0], code="T0002", help=["did you mean `--output`?"])
expect("verb", json.loads(call("biuld", "--diag-format", "json").stderr), code="T0001")
expect("format", json.loads(call("check", "--diag-format=json", "--nonsense").stderr), code="T0002")
good = write(scratch, "good.attn", "dim T <= 8\nmodel m { input x: f32[T, 2], i: i64[T] output y = gather(x, i) }\n")
entries = read("run", good, "--input", "x=[[1, 2]]", "--input", "i=[7]")
expect("library", entries[0], code="R0017", severity="error", file=None)
odd = os.path.join(scratch.encode(), b"\xff\x1b[31m.attn")
done = subprocess.run([attune.encode(), b"check", odd, b"--diag-format=json"], capture_output=True, check=False)
expect("file name", json.loads(done.stderr.decode()), code="A0701")

# Tests: the place of the item.
tests = write(scratch, "tests.attn", "model m { input x: f32[2] output y = x + 1.0 }\n"
              "test \"t\" {\n  x = [1, 2]\n  w = 3\n  expect y ~ reference()\n}\n"
              "test \"u\" { expect y ~ reference() }\n"
              "test \"v\" {\n  x = [1]\n  expect y ~ reference()\n}\n")
entries = read("test", tests)
expect("item", entries[0], code="T0302", file=tests, line=4, column=3)
expect("test", entries[1], code="T0303", file=tests, line=7)
expect("value", entries[2], code="T0107", file=tests, line=8, column=1)

# Dumps, faults of attune, remarks.
dump = write(scratch, "dump.mlir", "func.func @m() {\n  retrun\n}\n")
expect("dump", read("build", dump, "--from=fuse")[0], code="T0022", file=dump, line=2)
call("build", warned, "--until-after=import", "-o", dump)
write(scratch, "dump.mlir", re.sub(r"attune.elementwise <add> (%\w+), .* -> ", r"math.absf \1 : ",
                                   open(dump, encoding="utf-8").read()))
entries = read("build", dump, "--from=import", exit_code=3, environment={"TMPDIR": scratch})
expect("fault", entries[-1], code="internal", severity="error")
if "reproducer" not in entries[-1]["notes"][0]["message"]:
    fail("the reproducer")
example = os.path.join(source, "examples", "encoder_layer", "encoder_layer.attn")
entries = read("build", example, "-o", os.path.join(scratch, "libe.so"), "-Rall", exit_code=0)
kinds = {(e["severity"], e["code"], e["kind"]) for e in entries}
if kinds != {("remark", "fuse", "passed"), ("remark", "mask", "passed")} or not all(e["line"] for e in entries):
    fail(f"remarks: {kinds}")
expect("remark", entries[0], name="epilogue", message="residual fused into linear", line=18)

# Standard output is as ever.
done = call("check", "--shapes", warned, "--diag-format=json")
if not done.stdout.startswith(b"model m\n  input x"):
    fail("standard output")
sys.exit(1 if problems else 0)
