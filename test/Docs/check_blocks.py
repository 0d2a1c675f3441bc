#!/usr/bin/env python3
"""Runs a command on each code block of a language in Markdown files.

    check_blocks.py LANGUAGE FILE... -- COMMAND...

A block is ```LANGUAGE [word]... to ```. The command gets the name of a file with
the block's text and must exit 0; with a word such as A0501 it must exit 2 and
name that code. With the word `model` the block is a list of statements: it is
put into the model that docs/language.md shows under "The model of the examples"
(the block with the word `host`). With `each` every line of the block is an
expression, tried alone as an output of that model.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

FENCE = re.compile(r"^( *)```(\S*)(.*)$")
CODE = re.compile(r"A\d{4}")
HOLE = "  // ..."


def blocks(path, language):
    """Yields (line, words, text) of each block of the language in the file."""
    start = None
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    for number, line in enumerate(lines, 1):
        fence = FENCE.match(line)
        if fence and start is None:
            indent, start, words = len(fence[1]), number, fence[3].split()
            wanted, text = fence[2] == language, []
        elif fence:
            if wanted:
                yield start, words, "\n".join(text) + "\n"
            start = None
        elif start is not None:
            text.append(line[indent:])
    if start is not None:
        sys.exit(f"{path}:{start}: the block does not end")


def fault(command, text, code, suffix):
    """What is wrong with the command's answer to the text, or None."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "block" + suffix)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run(command + [path], capture_output=True, text=True)
    if done.returncode != (2 if code else 0):
        return f"exit code {done.returncode}\n{done.stderr}"
    if code and f"[{code}]" not in done.stderr:
        return f"no {code}\n{done.stderr}"
    return None


def examples(files, language):
    """Yields (file, line, text, code or None) of all that is to be tried."""
    host = None
    for path in files:
        for line, words, text in blocks(path, language):
            code = next((w for w in words if CODE.fullmatch(w)), None)
            if "host" in words:
                host = text
            if "model" in words:
                text = host.replace(HOLE, text)
            if "each" not in words:
                yield path, line, text, code
                continue
            for number, row in enumerate(text.split("\n"), 1):
                if row:
                    yield path, line + number, host.replace(HOLE, "  output each = " + row), code


def main():
    split = sys.argv.index("--")
    language, files, command = sys.argv[1], sys.argv[2:split], sys.argv[split + 1:]
    todo = list(examples(files, language))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        faults = pool.map(lambda e: fault(command, e[2], e[3], "." + language), todo)
        failed = [(path, line, why) for (path, line, *_), why in zip(todo, faults) if why]
    for path, line, why in failed:
        print(f"{path}:{line}: {why}")
    print(f"{len(todo)} blocks, {len(failed)} failed")
    sys.exit(1 if failed or not todo else 0)


if __name__ == "__main__":
    main()
