"""--diag-format=sarif: one document with every diagnostic, its rule and its places.

usage: sarif.py ATTUNE SCRATCH
"""

import json
import subprocess
import sys

from refusals import write

attune, scratch = sys.argv[1:]


def read(*words, exit_code=2):
    done = subprocess.run([attune, *words, "--diag-format=sarif"], capture_output=True, check=False)
    assert done.returncode == exit_code, (words, done)
    log = json.loads(done.stderr.decode())
    assert log["version"] == "2.1.0" and len(log["runs"]) == 1, log
    run = log["runs"][0]
    assert run["tool"]["driver"]["name"] == "attune" and run["columnKind"] == "unicodeCodePoints", run
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == sorted({r["ruleId"] for r in run["results"] if r.get("kind") == "fail"}), rules
    return run["results"], run["tool"]["driver"]["rules"]


SPEC = """model m {
  input x: f32[4]
  let a = x
  output z = x @ "é" let a = x
  output y = sofmax(x,
    axis = 1)
}
"""
spec = write(scratch, "odd name.attn", SPEC)
results, rules = read("check", spec)
rebound = next(r for r in results if r["ruleId"] == "A0203")
place = rebound["locations"][0]["physicalLocation"]
assert place["artifactLocation"]["uri"].endswith("/odd%20name.attn"), place
begin = SPEC.encode().index(b"a = x\n  output y")
column = SPEC.splitlines()[3].index("a = x") + 1
assert place["region"] == {"startLine": 4, "startColumn": column, "endLine": 4, "endColumn": column + 1,
                           "byteOffset": begin, "byteLength": 1}, place
note = rebound["relatedLocations"][0]
assert note["message"]["text"] == "it is bound here", note
assert note["physicalLocation"]["region"]["startLine"] == 3, note
unknown = next(r for r in results if r["ruleId"] == "A0202")
assert unknown["message"]["text"] == "unknown function `sofmax`\nhelp: did you mean `softmax`?", unknown
assert unknown["level"] == "error", unknown
assert next(r for r in rules if r["id"] == "A0203")["fullDescription"]["text"], rules

# A warning, nothing, the command line, a remark.
warned = write(scratch, "warned.attn", "dim T, U\nmodel m { input x: f32[T] output y = x + 1.0 }\n")
results, _ = read("check", warned, exit_code=0)
assert [(r["ruleId"], r["level"]) for r in results] == [("A0602", "warning")], results
good = write(scratch, "good.attn", "dim T\nmodel m { input x: f32[T, 4] output y = attention(x, x, x, mask = causal) }\n")
assert read("check", good, exit_code=0) == ([], [])
results, rules = read("check", "--nonsense", good)
assert results[0]["ruleId"] == "T0002" and "locations" not in results[0], results
assert rules[0]["shortDescription"]["text"] == "unknown option", rules
results, _ = read("build", "-Rmask", good, "-o", f"{scratch}/libgood.so", exit_code=0)
assert {(r["kind"], r["level"], r["ruleId"]) for r in results} == {("informational", "none", "mask")}, results
print("done")
