#!/usr/bin/env python3
"""Seeded faults, each of which the tests must notice.

usage: mutants.py check
       mutants.py run TREE BUILD [--quick] [NAME...]

A mutant is an entry of a *.mutants file here: `== name`, what it breaks, the file,
the tests that should notice (the first that fails ends it, then the whole suite is
tried), and after `---` the old text, which is once in the file, and after `+++` the
new one. `check` verifies that every old text is there. `run` changes the files of
TREE, a copy of the sources that is built in BUILD, one after the other; `./dev
mutants` makes that copy. The exit code is 1 when a mutant survives, 2 when there is
no answer: a text that is not there, a mutant that does not compile, a test that
fails without any mutant.

With --quick the whole suite is left out.

tests: lit:REGEX  gtest:PROGRAM:FILTER  ctest:REGEX  golden  random:COUNT  suite
"""

import glob
import os
import re
import subprocess
import sys
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LIT = "/usr/lib/llvm-22/bin/lit"
SECONDS = 1200


@dataclass
class Mutant:
    name: str
    file: str
    why: str
    tests: list
    old: str
    new: str


def load():
    found = []
    for path in sorted(glob.glob(os.path.join(HERE, "*.mutants"))):
        with open(path, encoding="utf-8") as file:
            entries = re.split(r"^== ", file.read(), flags=re.M)[1:]
        for entry in entries:
            head, _, texts = entry.partition("\n---\n")
            old, _, new = texts.partition("+++\n")
            name, *lines = head.split("\n")
            fields = dict(line.split(": ", 1) for line in lines if line)
            found.append(Mutant(name, fields["file"], fields["why"], fields["tests"].split(), old, new))
    return found


def misplaced(mutants, tree):
    """What is wrong with the texts, one line each."""
    problems = [f"{m.name}: there are two of this name"
                for i, m in enumerate(mutants) if m.name in [x.name for x in mutants[:i]]]
    for m in mutants:
        try:
            with open(os.path.join(tree, m.file), encoding="utf-8") as file:
                count = file.read().count(m.old) if m.old else 0
        except FileNotFoundError:
            count = 0
        if count != 1:
            problems.append(f"{m.name}: its old text is {count} times in {m.file}, expected once")
        if m.old == m.new:
            problems.append(f"{m.name}: it changes nothing")
    return problems


class Tests:
    """Builds and runs a selection of the tests in a tree."""

    def __init__(self, tree, build):
        self.tree, self.build = tree, build

    def run(self, words, **more):
        """Exit code and output; 124 where it takes too long."""
        try:
            done = subprocess.run(words, cwd=self.tree, stdin=subprocess.DEVNULL, text=True, timeout=SECONDS,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **more)
            return done.returncode, done.stdout
        except subprocess.TimeoutExpired:
            return 124, f"not done within {SECONDS} seconds"

    def compile(self, test):
        kind, _, rest = test.partition(":")
        targets = {"gtest": [rest.split(":")[0]], "golden": ["attune", "attune-std"],
                   "random": ["attune", "attune-std"]}.get(kind, [])
        if kind == "lit":
            targets = ["attune", "attune-opt", "attune-std"]
        return self.run(["ninja", "-C", self.build, *targets])

    def passes(self, test):
        """Whether a selection passes, and its output."""
        kind, _, rest = test.partition(":")
        attune = os.path.join(self.build, "bin", "attune")
        if kind == "lit":
            words = [sys.executable, LIT, "-sv", os.path.join(self.build, "test"), "--filter", rest]
        elif kind == "gtest":
            program, _, pattern = rest.partition(":")
            words = [os.path.join(self.build, "test", "unit", program), f"--gtest_filter={pattern or '*'}"]
        elif kind == "golden":
            words = [sys.executable, os.path.join("test", "Golden", "run_cases.py"), attune]
        elif kind == "random":
            words = [sys.executable, os.path.join("test", "Random", "random_models.py"), attune, "language", rest]
        elif kind == "ctest":
            words = ["ctest", "--test-dir", self.build, "--no-tests=error", "-R", rest]
        else:
            code, said = self.run([sys.executable, LIT, "-sv", os.path.join(self.build, "test")])
            if code:
                return False, said
            words = ["ctest", "--test-dir", self.build, "--no-tests=error"]
        code, said = self.run(words)
        return code == 0, said


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def baseline(mutants):
    """The selections that are used; of random models the most, which has the others."""
    chosen = {test for m in mutants for test in m.tests}
    counts = [int(test.split(":")[1]) for test in chosen if test.startswith("random:")]
    rest = sorted(test for test in chosen if not test.startswith("random:"))
    return rest + ([f"random:{max(counts)}"] if counts else [])


def verdict(mutant, tests, last):
    """`killed by TEST`, `SURVIVED`, or `ERROR` and why; last: tried after its own."""
    for test in [*mutant.tests, *last]:
        code, said = tests.compile(test)
        if code:
            return f"ERROR it does not compile\n{said[-3000:]}"
        if not tests.passes(test)[0]:
            return f"killed by {test}"
    return "SURVIVED"


def run(tree, build, names, last):
    mutants = load()
    unknown = set(names) - {m.name for m in mutants}
    if unknown:
        print(f"there is no mutant {', '.join(sorted(unknown))}")
        return 2
    mutants = [m for m in mutants if not names or m.name in names]
    problems = misplaced(mutants, tree)
    print("".join(f"ERROR {line}\n" for line in problems), end="", flush=True)
    if problems:
        return 2
    tests = Tests(tree, build)
    # What a run that was killed left: an old time would hide that it is back.
    marker = os.path.join(build, "mutated")
    if os.path.exists(marker):
        with open(marker, encoding="utf-8") as file:
            os.utime(os.path.join(tree, file.read()))
    for test in baseline(mutants):
        code, said = tests.compile(test)
        passed, said = (False, said) if code else tests.passes(test)
        if not passed:
            print(f"ERROR {test} fails without any mutant\n{said[-3000:]}")
            return 2
    counts = {"killed": 0, "SURVIVED": 0, "ERROR": 0}
    for mutant in mutants:
        path = os.path.join(tree, mutant.file)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        write(marker, mutant.file)
        write(path, text.replace(mutant.old, mutant.new))
        try:
            result = verdict(mutant, tests, last)
        finally:
            write(path, text)
        counts[result.split()[0]] += 1
        print(f"{mutant.name}: {result}", flush=True)
    print(f"{counts['killed']} of {len(mutants)} mutants killed, {counts['SURVIVED']} survived")
    return 2 if counts["ERROR"] else 1 if counts["SURVIVED"] else 0


def main():
    if sys.argv[1:] == ["check"]:
        mutants = load()
        problems = misplaced(mutants, ROOT)
        print("\n".join(problems) or f"{len(mutants)} mutants are in place")
        return 1 if problems else 0
    if len(sys.argv) < 4 or sys.argv[1] != "run":
        print(__doc__)
        return 2
    names = [word for word in sys.argv[4:] if word != "--quick"]
    return run(sys.argv[2], sys.argv[3], names, ["suite"] if "--quick" not in sys.argv else [])


if __name__ == "__main__":
    sys.exit(main())
