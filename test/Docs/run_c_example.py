#!/usr/bin/env python3
"""Builds the first spec of docs/runtime.md and its C program, with a shared library and
with an object; prints their outputs.

    run_c_example.py ATTUNE CLANG RUNTIME.a runtime.md FOLDER
"""

import os
import re
import subprocess
import sys

from check_blocks import blocks


def main():
    attune, clang, runtime, page, folder = sys.argv[1:]
    warnings = ["-std=c11", "-Wall", "-Wextra", "-Werror"]
    os.makedirs(folder, exist_ok=True)
    spec = next(text for _, _, text in blocks(page, "attn"))
    name = re.search(r"model (\w+)", spec)[1]
    for path, text in ((f"{name}.attn", spec),
                       ("use.c", next(text for _, _, text in blocks(page, "c")))):
        with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
            file.write(text)
    for command in ([attune, "build", f"{name}.attn", "-o", f"lib{name}.so"],
                    [clang, *warnings, "use.c", "-I.", "-L.", f"-l{name}", "-Wl,-rpath,.", "-o", "use"],
                    ["./use"],
                    [attune, "build", f"{name}.attn", "-c"],
                    [clang, *warnings, "use.c", f"{name}.o", runtime, "-lm", "-lpthread", "-o", "use-object"],
                    ["./use-object"]):
        subprocess.run(command, cwd=folder, check=True)


main()
