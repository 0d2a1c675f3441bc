"""Runs the `$` commands of the documentation and compares what they print.

usage: run_transcripts.py ATTUNE CLANG SOURCE_DIR SCRATCH

The commands of a page run one after the other in one shell, in a copy of the examples;
`attune`, `cc` and `python3` are the ones of the tests. Times, errors and sizes of
workspaces differ between machines and count as equal.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys

# A page, and the folder that it speaks of.
PAGES = [("README.md", "."), ("docs/tools.md", "."), ("examples/translate/README.md", "examples/translate")]
EXAMPLES = ["encoder_layer", "d2l_transformer", "translate"]
MARK = "---- next command ----"


def transcripts(text):
    """(command, output or None where the page shows none) of each `$` line."""
    found = []
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S):
        if not block.startswith("$ "):
            continue
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            lines = part.splitlines()
            size = next(i for i, line in enumerate(lines) if not line.endswith("\\")) + 1
            found.append(("\n".join(lines[:size]), lines[size:]))
    return found


def without_measurements(line):
    line = re.sub(r"^(time|workspace) [0-9.]+", r"\1 #", line)
    return re.sub(r"(max error|tolerance|ratio) [0-9.e+-]+", r"\1 #", line)


def link(target, path):
    """Makes `path` stand for `target`."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(target, path)


def run(commands, folder, scratch):
    """What each command prints; standard error comes with it."""
    script = "".join(f"{command}\necho {shlex.quote(MARK)} $?\n" for command in commands)
    done = subprocess.run(["bash", "-c", script], cwd=folder, text=True, stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "PATH": os.path.join(scratch, "bin") + ":" + os.environ["PATH"]})
    return re.findall(rf"(.*?){MARK} (\d+)\n", done.stdout, re.S)


def main():
    attune, clang, source, scratch = sys.argv[1:]
    shutil.rmtree(scratch, ignore_errors=True)
    root = os.path.join(scratch, "root")
    for name in EXAMPLES:
        shutil.copytree(os.path.join(source, "examples", name), os.path.join(root, "examples", name))
    link(os.path.join(source, "test", "Golden"), os.path.join(root, "test", "Golden"))
    for name, program in (("attune", attune), ("cc", clang), ("python3", sys.executable)):
        link(program, os.path.join(scratch, "bin", name))
    link(os.path.dirname(attune), os.path.join(root, "build", "bin"))
    # What `attune cmp` compares on its page.
    arrays = os.path.join(source, "test", "Tools", "Inputs", "arrays.py")
    subprocess.run([sys.executable, arrays, scratch + "/arrays"], check=True)
    shutil.copyfile(scratch + "/arrays/ulps.npy", root + "/result.npy")
    shutil.copyfile(scratch + "/arrays/same.npy", root + "/reference.npy")

    failed = 0
    for page, folder in PAGES:
        with open(os.path.join(source, page), encoding="utf-8") as file:
            shown = transcripts(file.read())
        printed = run([command for command, _ in shown], os.path.join(root, folder), scratch)
        for (command, expected), (output, code) in zip(shown, printed, strict=True):
            lines = output.splitlines()
            same = [without_measurements(line) for line in lines] == [without_measurements(line) for line in expected]
            if code != "0" or (expected and not same):
                failed += 1
                print(f"{page}: $ {command}\nexit code {code}, printed:\n{output}expected:\n" + "\n".join(expected))
        print(f"{page}: {len(shown)} commands")
    return 1 if failed else 0


sys.exit(main())
