#!/usr/bin/env python3
"""Checks that nothing lacks its test: each diagnostic, pass, op and stage.

usage: check_structure.py [--junit FILE]
The lists come from the definitions themselves (TableGen and .def files), so a
new op, pass, stage or diagnostic without a test fails here at once.
"""

import argparse
import glob
import os
import re
import subprocess
import sys
from xml.sax.saxutils import quoteattr

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def files(*patterns):
    found = []
    for pattern in patterns:
        found += glob.glob(os.path.join(ROOT, pattern), recursive=True)
    return sorted(os.path.relpath(path, ROOT) for path in set(found))


def lit_text():
    """All lit tests, each with its RUN lines: what FileCheck and %attune see."""
    tests = files("test/**/*.mlir", "test/**/*.attn", "test/**/*.test", "examples/**/*.attn")
    return {path: read(path) for path in tests}


def op_names():
    names = []
    for path in files("dialect/*.td"):
        for match in re.finditer(r":\s*Attune_\w*Op\w*<\s*\"([\w.]+)\"", read(path)):
            names.append("attune." + match.group(1))
    return sorted(set(names))


def pass_flags():
    flags = []
    for path in files("**/Passes.td"):
        if path.startswith("build"):
            continue
        flags += re.findall(r"def\s+\w+\s*:\s*Pass<\s*\"([\w-]+)\"", read(path))
    return sorted(set(flags))


def diagnostic_codes():
    """The codes of the front end's table and of the tools."""
    codes = set()
    for path in files("frontend/*.def", "frontend/*.td", "frontend/*.inc"):
        codes |= set(re.findall(r"\b([A-Z]\d{4})\b", read(path)))
    for path in files("tools/**/*.cpp", "tools/**/*.h"):
        codes |= set(re.findall(r"\"([A-Z]\d{4})\"", read(path)))
    return sorted(codes)


STAGES = ["import", "normalize", "fuse", "bufferize", "plan", "tile", "realize", "lower", "emit"]


def checks():
    """Yields (name, problem or None)."""
    lit = lit_text()
    units = "\n".join(read(path) for path in files("test/unit/**/*.cpp", "test/**/*.cpp"))
    dialect = "\n".join(text for path, text in lit.items() if path.startswith("test/Dialect"))
    # An op is tested where a test of the dialect writes or checks it.
    for op in op_names():
        present = re.search(re.escape(op) + r"\b(?![\w.])", dialect)
        yield f"op {op}", None if present else "no test in test/Dialect mentions it"
    for flag in pass_flags():
        # Any test that runs the pass by its flag, alone or in a pipeline.
        present = any(re.search(r"RUN:.*" + re.escape(flag) + r"(?![\w-])", text)
                      for text in lit.values())
        yield f"pass {flag}", None if present else "no RUN line uses the flag"
    for stage in STAGES:
        own = [path for path in lit if re.fullmatch(rf"test/Pipelines/{stage}\b.*", path)]
        yield f"stage {stage}", None if own else f"no test/Pipelines/{stage}.*"
    everything = "\n".join(lit.values()) + units
    for code in diagnostic_codes():
        yield f"diagnostic {code}", None if code in everything else "no test expects the code"
    for path in files("examples/**/*.attn"):
        yield f"example {path}", None if "RUN:" in lit[path] else "no RUN line"
    tracked = subprocess.run(["git", "ls-files", "*.cpp", "*.h", "*.c", "*.py", "*.md"], cwd=ROOT,
                             capture_output=True, text=True, check=False).stdout.split()
    for path in tracked:
        if not os.path.exists(os.path.join(ROOT, path)):
            continue
        text = read(path)
        if path.endswith((".cpp", ".h", ".c")) and text.count("\n") > 600:
            yield f"size {path}", f"{text.count(chr(10))} lines: split it"
        shared = ".." + "/shared"
        if shared in text:
            yield f"path {path}", f"refers to {shared}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--junit")
    arguments = parser.parse_args()
    results = list(checks())
    failures = [(name, problem) for name, problem in results if problem]
    for name, problem in failures:
        print(f"{name}: {problem}")
    if arguments.junit:
        with open(arguments.junit, "w", encoding="utf-8") as file:
            file.write("<testsuite>\n")
            for name, problem in results:
                body = f"<failure message={quoteattr(problem)}/>" if problem else ""
                file.write(f"<testcase name={quoteattr(name)}>{body}</testcase>\n")
            file.write("</testsuite>\n")
    print(f"structure: {len(results) - len(failures)} of {len(results)} have their test")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
