#!/usr/bin/env python3
"""What a fuzz target starts from, and what its replay runs.

usage: seeds.py copy TARGET FOLDER     copies all seeds into FOLDER
       seeds.py replay TARGET PROGRAM  runs PROGRAM on all seeds

Seeds: the kept corpus, fuzz/corpus/TARGET, which has minimised findings too, and
what the repository has of that kind anyway.
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Where the repository has such files, by their ends.
PLACES = {
    "spec": (".attn", ["examples", "frontend/lib", "test"]),
    "compile": (".attn", ["examples", "test/Golden", "test/Misuse"]),
    "npy": (".npy", ["examples", "test/Golden/p05_posenc"]),
    "safetensors": (".safetensors", ["examples", "test/Golden/p16_torch_postnorm_relu"]),
}
LARGEST = 200_000  # bytes: larger ones only slow the fuzzer down


def files_below(folder, end):
    for path, _, names in os.walk(os.path.join(ROOT, folder)):
        for name in sorted(names):
            if name.endswith(end):
                yield os.path.join(path, name)


def blocks():
    """The examples of the documentation that are whole files."""
    with open(os.path.join(ROOT, "docs/language.md"), encoding="utf-8") as file:
        for block in re.findall(r"```attn(?: A\d+)?\n(.*?)```", file.read(), re.S):
            yield block.encode()


def seeds(target):
    """The bytes of every seed, by a name for people."""
    end, folders = PLACES[target]
    found = {}
    for path in files_below(os.path.join("fuzz/corpus", target), ""):
        with open(path, "rb") as file:
            found[os.path.basename(path)] = file.read()
    for folder in folders:
        for path in files_below(folder, end):
            if os.path.getsize(path) <= LARGEST:
                with open(path, "rb") as file:
                    found[os.path.relpath(path, ROOT).replace("/", "_")] = file.read()
    if end == ".attn":
        for block in blocks():
            found["block-" + hashlib.sha1(block).hexdigest()[:12]] = block
    return found


def copy(target, folder):
    os.makedirs(folder, exist_ok=True)
    for name, data in seeds(target).items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


def main():
    if len(sys.argv) != 4 or sys.argv[2] not in PLACES:
        sys.exit(__doc__)
    _, verb, target, place = sys.argv
    if verb == "copy":
        copy(target, place)
    elif verb == "replay":
        with tempfile.TemporaryDirectory() as folder:
            copy(target, folder)
            names = sorted(os.listdir(folder))
            sys.exit(subprocess.run([place, *(os.path.join(folder, n) for n in names)]).returncode)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
