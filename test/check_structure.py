#!/usr/bin/env python3
"""Checks that nothing lacks its test: op, constraint, fold, pass, stage, diagnostic.

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


class Op:
    """An op as TableGen defines it: `attune.tile.fill` of family `tile`."""

    def __init__(self, family, cpp, base, mnemonic, body):
        self.family = family
        self.cpp = cpp
        self.mnemonic = ("tile." if base == "Attune_TileOp" else "") + mnemonic
        self.folds = "hasFolder = 1" in body or "hasCanonicalizer = 1" in body
        # How functions of tests name it.
        self.label = self.mnemonic.replace(".", "_")


def ops():
    found = []
    for path in files("dialect/*Ops.td"):
        family = os.path.basename(path)[:-len("Ops.td")].lower()
        definitions = re.split(r"^def ", read(path), flags=re.M)[1:]
        for text in definitions:
            match = re.match(r"Attune_(\w+Op)\s*:\s*(Attune_\w*Op)<\s*\"([\w.]+)\"", text)
            if match:
                found.append(Op(family, match[1], match[2], match[3], text))
    return found


def functions_of(text):
    """{name: body} of the C++ functions that a source defines."""
    head = r"^[\w:<>&* ]+?([\w:]+)\([^;{}]*\)\s*(?:const )?\{(?:\n(.*?)^\}| (.*?)\}$)"
    found = re.findall(head, text, flags=re.M | re.S)
    return {name: body or line for name, body, line in found}


def constraint_sites():
    """{op class: {label: number of places that report it}} and unlabelled places.

    A verifier reports with `emitOpError("(C1) ...")` or through a function of
    dialect/ that does; a label may be passed on as "C1".
    """
    problems = []
    functions = {}
    for path in files("dialect/*.cpp"):
        local = functions_of(read(path))
        for name, body in local.items():
            functions[(path, name)] = body
    public = {name.split("::")[-1]: body for (_, name), body in functions.items()
              if name.startswith("attune::")}

    def own_labels(body):
        labels = []
        for statement in re.findall(r"emitOpError\(.*?;", body, flags=re.S):
            # A condition may choose between two spellings of one message.
            labels += sorted(set(re.findall(r"\((C\d+)\)", statement)))
        labels += re.findall(r"\"(C\d+)\"", body)
        return labels

    def labels_of(path, body, seen):
        labels = own_labels(body)
        for called in set(re.findall(r"\b(verify\w+)\(", body)):
            inner = functions.get((path, called), public.get(called))
            if inner and called not in seen:
                seen.add(called)
                labels += labels_of(path, inner, seen)
        return labels

    sites = {}
    for (path, name), body in functions.items():
        for statement in re.findall(r"emitOpError\(.*?;", body, flags=re.S):
            labelled = re.search(r"\(C\d+\)", statement) or "constraint" in statement
            if not labelled:
                problems.append((f"{path}: {name}", "reports without a label (C1)"))
        if name.endswith("::verify"):
            labels = labels_of(path, body, set())
            sites[name.split("::")[0]] = {label: labels.count(label) for label in set(labels)}
    return sites, problems


def op_checks(lit):
    """Round trip, each constraint of the verifier, each fold."""
    sites, problems = constraint_sites()
    yield from problems
    for op in ops():
        name = "attune." + op.mnemonic
        pattern = re.escape(name) + r"(?![\w.])"
        path = f"test/Dialect/ops/{op.family}.mlir"
        lines = lit.get(path, "").splitlines()
        written = any(re.search(pattern, line) for line in lines if "//" not in line)
        checked = any(re.search(pattern, line) for line in lines if "CHECK" in line)
        yield f"op {name}", None if written and checked else f"no round trip in {path}"
        path = f"test/Dialect/invalid/{op.family}.mlir"
        chunks = lit.get(path, "").split("// -----")
        for label, count in sorted(sites.get(op.cpp, {}).items()):
            tests = [chunk for chunk in chunks
                     if re.search(rf"@{op.label}_{label}(_\w+)?\(", chunk)
                     and re.search(rf"expected-error.*\({label}\)", chunk)]
            problem = None
            if len(tests) < count:
                problem = f"{len(tests)} functions @{op.label}_{label}* in {path}, needs {count}"
            yield f"constraint {name} ({label})", problem
        if op.folds:
            path = f"test/Dialect/canonicalize/{op.family}.mlir"
            present = re.search(rf"^func.func @{op.label}_", lit.get(path, ""), flags=re.M)
            yield f"fold {name}", None if present else f"no @{op.label}_* in {path}"


def pass_flags():
    flags = []
    for path in files("**/Passes.td"):
        if path.startswith("build"):
            continue
        flags += re.findall(r"def\s+\w+\s*:\s*Pass<\s*\"([\w-]+)\"", read(path))
    # Passes without TableGen name their flag as their DEBUG_TYPE.
    for path in files("passes/*.cpp", "codegen/**/*.cpp"):
        text = read(path)
        if "getArgument() const final" in text:
            flags += re.findall(r"#define DEBUG_TYPE \"([\w-]+)\"", text)
    return sorted(set(flags))


def diagnostics():
    """{code: name or None} of the front end's table, the tools and the runtime."""
    codes = {}
    for path in files("frontend/*.def"):
        for name, code in re.findall(r"DIAGNOSTIC\((\w+), \"([A-Z]\d{4})\"", read(path)):
            codes[code] = name
    for path in files("tools/**/*.cpp", "tools/**/*.h"):
        for code in re.findall(r"\"([A-Z]\d{4})\"", read(path)):
            codes.setdefault(code, None)
    for path in files("runtime/*.c"):
        for status in re.findall(r"\bATTUNE_E_\w+", read(path)):
            codes.setdefault(status, None)
    return codes


def provoked():
    """All text in which a test says which diagnostic it expects."""
    parts = []
    # Tables of cases: the diagnostic is the first or last field of a row.
    parts += re.findall(r"\{Diag::\w+,", read("test/unit/SemaCases.cpp"))
    parts += re.findall(r"\"[A-Z]\d{4}\"(?:\),?$|, environment=|, said\)| if )",
                        "\n".join(read(p) for p in files("test/Tools/Inputs/*.py")), flags=re.M)
    for path in files("test/unit/*.cpp", "test/unit/*.h"):
        text = read(path)
        parts += re.findall(r"\b(?:(?:EXPECT|ASSERT)_\w+|expectRefused)\([^;]*;", text)
        parts += re.findall(r"\bcode\(Diag::\w+\)", text)
    for path, text in lit_text().items():
        parts += [line for line in text.splitlines() if "CHECK" in line]
    return "\n".join(parts)


STAGES = ["import", "normalize", "fuse", "bufferize", "plan", "tile", "realize", "lower", "emit"]


def stage_problem(stage, lit):
    own = {path: text for path, text in lit.items()
           if re.fullmatch(rf"test/Pipelines/{stage}\.(mlir|attn|test)", path)}
    if not own:
        return f"no test/Pipelines/{stage}.*"
    ways = rf"attune-stage-{stage}\b|--until-after={stage}\b" + (r"|--emit=" if stage == "emit" else "")
    runs = any(re.search(rf"RUN:.*({ways})", text) for text in own.values())
    return None if runs else "its test does not run the stage"


def checks():
    """Yields (name, problem or None)."""
    lit = lit_text()
    yield from op_checks(lit)
    for flag in pass_flags():
        # Any test that runs the pass by its flag, alone or in a pipeline.
        present = any(re.search(r"RUN:.*" + re.escape(flag) + r"(?![\w-])", text)
                      for text in lit.values())
        yield f"pass {flag}", None if present else "no RUN line uses the flag"
    for stage in STAGES:
        yield f"stage {stage}", stage_problem(stage, lit)
    expectations = provoked()
    for code, name in sorted(diagnostics().items()):
        words = [code] + ([f"Diag::{name}"] if name else [])
        present = any(re.search(re.escape(word) + r"\b", expectations) for word in words)
        shown = f"{code} ({name})" if name else code
        yield f"diagnostic {shown}", None if present else "no test expects it"
    for path in files("examples/**/*.attn"):
        yield f"example {path}", None if "RUN:" in lit[path] else "no RUN line"
    tracked = subprocess.run(["git", "ls-files", "*.cpp", "*.h", "*.c", "*.py", "*.md"], cwd=ROOT,
                             capture_output=True, text=True, check=False).stdout.split()
    for path in tracked:
        if not os.path.exists(os.path.join(ROOT, path)):
            continue
        text = read(path)
        if path.endswith((".cpp", ".h", ".c")) and text.count("\n") > 400:
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
