#!/usr/bin/env python3
"""Seeded faults, each of which the tests must notice.

usage: mutants.py check
       mutants.py run BUILD FOLDER [--quick] [NAME...]

A mutant is an entry of a *.mutants file here: `== name`, what it breaks, the file,
the tests that notice (the first that fails ends it), and after `---` the old text,
which is once in the file, and after `+++` the new one. `check` verifies that every
old text is there.

`run` builds what the tests want in BUILD, which must pass them. Then each mutant gets
a folder below FOLDER with a copy of its file, of the library that the file is in and
of the programs that its tests run: one file is compiled, and nothing of the checkout
or of BUILD is written. A line a mutant; the exit code is 1 when a mutant survives its
tests, 2 when there is no answer: a text that is not there, a mutant that does not
compile, a test that fails without any mutant.

The whole suite is tried on a survivor, to say which of its tests would have noticed;
not with --quick.

tests: lit:REGEX  gtest:PROGRAM:FILTER  golden:REGEX  random:COUNT
"""

import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LLVM = "/usr/lib/llvm-22/bin"
SECONDS = 900  # of a selection; the whole suite, or a build, may take longer
LONG = 4 * SECONDS
PROGRAMS = {"lit": ["bin/attune", "bin/attune-opt"], "golden": ["bin/attune"], "random": ["bin/attune"]}


@dataclass
class Mutant:
    name: str
    file: str
    why: str
    tests: list
    old: str
    new: str


class NoAnswer(Exception):
    """Why a mutant is neither killed nor alive."""


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


def misplaced(mutants):
    """What is wrong with the texts, one line each."""
    problems = [f"{m.name}: there are two of this name"
                for i, m in enumerate(mutants) if m.name in [x.name for x in mutants[:i]]]
    for m in mutants:
        try:
            with open(os.path.join(ROOT, m.file), encoding="utf-8") as file:
                count = file.read().count(m.old) if m.old else 0
        except FileNotFoundError:
            count = 0
        if count != 1:
            problems.append(f"{m.name}: its old text is {count} times in {m.file}, expected once")
        if m.old == m.new:
            problems.append(f"{m.name}: it changes nothing")
    return problems


def run(words, cwd, seconds=SECONDS, **environment):
    """Exit code and output; 124 where it takes too long."""
    try:
        done = subprocess.run(words, cwd=cwd, stdin=subprocess.DEVNULL, text=True, errors="replace", timeout=seconds,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              env={**os.environ, **environment})
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        return 124, f"not done within {seconds} seconds"


def must(words, cwd):
    code, said = run(words, cwd, LONG)
    if code:
        raise NoAnswer(f"{' '.join(words)[:200]}\n{said[-3000:]}")
    return said


def programs(test):
    """What a test runs, as paths in a build folder."""
    kind, _, rest = test.partition(":")
    return [f"test/unit/{rest.split(':')[0]}"] if kind == "gtest" else PROGRAMS[kind]


def failure(test, build, tmp, seconds=SECONDS):
    """The first test of a selection that fails with the programs of a build folder, or None."""
    kind, _, rest = test.partition(":")
    attune = os.path.join(build, "bin", "attune")
    words = [sys.executable]
    if kind == "lit":
        words += [f"{LLVM}/lit", "-v", "-j2", "--max-failures=1", f"{build}/test", "--filter", rest]
    elif kind == "gtest":
        program, _, pattern = rest.partition(":")
        words = [os.path.join(build, "test", "unit", program), f"--gtest_filter={pattern}", "--gtest_fail_fast"]
    elif kind == "golden":
        words += [os.path.join("test", "Golden", "run_cases.py"), attune, "native", "2", rest]
    else:
        words += [os.path.join("test", "Random", "random_models.py"), attune, "language", rest]
    os.makedirs(tmp, exist_ok=True)
    code, said = run(words, ROOT, seconds, TMPDIR=tmp, ATTUNE_NUM_THREADS="2")
    if not code:
        return None
    first = re.search(r"^\[  FAILED  \] ([\w./]+)|^FAIL: Attune :: (\S+)|^FAIL ([^:]+):", said, re.M)
    if first:
        return next(name for name in first.groups() if name)
    # One that crashed, or did not end.
    began = re.findall(r"^\[ RUN      \] (\S+)", said, re.M)
    return f"exit code {code} {'in ' + began[-1] if began else said[-1000:]}"


class Build:
    """A build folder without mutants, and how its files are made."""

    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "compile_commands.json"), encoding="utf-8") as file:
            self.compilations = json.load(file)
        self.lock, self.whole = threading.Lock(), False

    def ninja(self, *words):
        return must(["ninja", "-C", self.folder, *words], self.folder)

    def everything(self):
        """Builds what no list of tests names: such programs are old, or not there."""
        with self.lock:
            if not self.whole:
                self.ninja()
            self.whole = True

    def member(self, file):
        """How a file is compiled, its object, and the library that has it."""
        for entry in self.compilations:
            if os.path.relpath(entry["file"], ROOT) != file:
                continue
            words = shlex.split(entry["command"])
            made = words[words.index("-o") + 1]
            # A file may be part of a test program too.
            for user in self.ninja("-t", "query", made).partition("outputs:")[2].split():
                if re.match(r"lib/lib\w+\.a$", user):
                    return words, made, user
        raise NoAnswer(f"{file} is in no library")

    def link(self, program):
        """The command that links a program."""
        return self.ninja("-t", "commands", "-s", program).strip().split("\n")[-1]


class Mutated:
    """A build folder in which one member of one library is another."""

    def __init__(self, mutant, build, folder):
        self.build, self.made = build, {}
        self.folder, self.tmp = os.path.join(folder, "build"), os.path.join(folder, "tmp")
        shutil.rmtree(folder, ignore_errors=True)
        for name in ("bin", "lib", "test/unit"):
            os.makedirs(os.path.join(self.folder, name))
        for part, own in (("", ("bin", "lib", "test")), ("lib", ()), ("test", ("unit", "lit.site.cfg.py"))):
            for name in set(os.listdir(os.path.join(build.folder, part))) - set(own):
                os.symlink(os.path.join(build.folder, part, name), os.path.join(self.folder, part, name))
        with open(os.path.join(build.folder, "test", "lit.site.cfg.py"), encoding="utf-8") as file:
            text = file.read().replace(f'"{build.folder}"', f'"{self.folder}"')
        write(os.path.join(self.folder, "test", "lit.site.cfg.py"), text)
        self.archive(mutant, folder)

    def archive(self, mutant, folder):
        words, made, self.library = self.build.member(mutant.file)
        target = os.path.join(folder, os.path.basename(made))
        source = os.path.join(folder, os.path.basename(mutant.file))
        with open(os.path.join(ROOT, mutant.file), encoding="utf-8") as file:
            write(source, file.read().replace(mutant.old, mutant.new))
        for option in ("-o", "-c"):
            at = words.index(option)
            del words[at:at + 2]
        # As CMake calls it; a later run finds the object again.
        cache = ["ccache"] if shutil.which("ccache") else []
        must([*cache, *words, "-o", target, "-c", source], self.build.folder)
        original = os.path.join(self.build.folder, self.library)
        members = must([f"{LLVM}/llvm-ar", "t", original], folder).split()
        if members.count(os.path.basename(made)) != 1:
            raise NoAnswer(f"{self.library} has two members {os.path.basename(made)}")
        library = os.path.join(self.folder, self.library)
        os.unlink(library)
        shutil.copyfile(original, library)
        must([f"{LLVM}/llvm-ar", "r", library, target], folder)

    def has(self, program):
        """Links a program; False where it has nothing of the library, and is what it was."""
        if program not in self.made:
            target, command = os.path.join(self.folder, program), self.build.link(program)
            library = rf"(?<=\s){re.escape(self.library)}(?=\s)"
            self.made[program] = bool(re.search(library, command))
            if self.made[program]:
                command = re.sub(library, os.path.join(self.folder, self.library), command)
                must(["sh", "-c", command.replace(f"-o {program} ", f"-o {target} ")], self.build.folder)
            else:
                os.symlink(os.path.join(self.build.folder, program), target)
        return self.made[program]

    def runs(self, test):
        """Makes the programs of a test; whether one of them is another than before."""
        return any([self.has(program) for program in programs(test)])

    def failure(self, test, seconds=SECONDS):
        if not self.runs(test):
            raise NoAnswer(f"{test} runs nothing of {self.library}")
        return failure(test, self.folder, self.tmp, seconds)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def suite(mutated):
    """The whole of the tests, as far as they run what is mutated."""
    mutated.build.everything()
    units = sorted(glob.glob(os.path.join(mutated.build.folder, "test", "unit", "*Tests")))
    chosen = ["lit:.", *[f"gtest:{os.path.basename(path)}:*" for path in units], "golden:.", "random:100"]
    return [test for test in chosen if mutated.runs(test)]


def noticed(mutated):
    """What the whole suite says of a survivor. A test that fails without the mutant, too, says nothing."""
    useless = ""
    for test in suite(mutated):
        first = mutated.failure(test, LONG)
        if not first:
            continue
        if not failure(test, mutated.build.folder, mutated.tmp, LONG):
            return f"; {test} ({first}) notices it"
        useless += f"; {test} ({first}) fails without it, too"
    return f", and the whole suite{useless}"


def verdict(mutant, build, folder, quick):
    """`killed by TEST`, `SURVIVED`, or `ERROR` and why."""
    folder = os.path.join(folder, mutant.name)
    try:
        mutated = Mutated(mutant, build, folder)
        for test in mutant.tests:
            first = mutated.failure(test)
            if first:
                shutil.rmtree(folder)
                return f"killed by {test} ({first})"
        said = f"SURVIVED {' '.join(mutant.tests)}"
        return said if quick else said + noticed(mutated)
    except NoAnswer as error:
        return f"ERROR {error}"


def baseline(mutants):
    """The selections that are used; of random models the most, which has the others."""
    chosen = {test for m in mutants for test in m.tests}
    counts = [int(test.split(":")[1]) for test in chosen if test.startswith("random:")]
    rest = sorted(test for test in chosen if not test.startswith("random:"))
    return rest + ([f"random:{max(counts)}"] if counts else [])


def run_all(build_folder, folder, names, quick):
    mutants = load()
    unknown = set(names) - {m.name for m in mutants}
    if unknown:
        print(f"there is no mutant {', '.join(sorted(unknown))}")
        return 2
    mutants = [m for m in mutants if not names or m.name in names]
    problems = misplaced(mutants)
    print("".join(f"ERROR {line}\n" for line in problems), end="", flush=True)
    if problems:
        return 2
    build = Build(build_folder)
    tests = baseline(mutants)
    try:
        wanted = {program for test in tests for program in programs(test)}
        build.ninja(*sorted(wanted | ({"attune-std"} if "bin/attune" in wanted else set())))
    except NoAnswer as error:
        print(f"ERROR {error}")
        return 2
    start = time.time()
    counts = {"killed": 0, "SURVIVED": 0, "ERROR": 0}
    with ThreadPoolExecutor(int(os.environ.get("ATTUNE_JOBS") or os.cpu_count())) as pool:
        for test, first in zip(tests, pool.map(lambda test: failure(test, build.folder, f"{folder}/tmp"), tests)):
            if first:
                print(f"ERROR {test} ({first}) fails without any mutant", flush=True)
                counts["ERROR"] += 1
        if counts["ERROR"]:
            return 2
        print(f"without a mutant all {len(tests)} selections pass: {time.time() - start:.0f} s\n", end="", flush=True)

        def tell(mutant):
            begin = time.time()
            result = verdict(mutant, build, folder, quick)
            counts[result.split()[0]] += 1
            print(f"{mutant.name}: {result} {time.time() - begin:.0f} s\n", end="", flush=True)

        list(pool.map(tell, mutants))
    print(f"{counts['killed']} of {len(mutants)} mutants killed, {counts['SURVIVED']} survived, "
          f"{counts['ERROR']} errors: {time.time() - start:.0f} s")
    return 2 if counts["ERROR"] else 1 if counts["SURVIVED"] else 0


def main():
    words = sys.argv[1:]
    if words == ["check"]:
        mutants = load()
        problems = misplaced(mutants)
        print("\n".join(problems) or f"{len(mutants)} mutants are in place")
        return 1 if problems else 0
    if len(words) < 3 or words[0] != "run":
        print(__doc__)
        return 2
    names = [word for word in words[3:] if word != "--quick"]
    return run_all(os.path.abspath(words[1]), os.path.abspath(words[2]), names, "--quick" in words)


if __name__ == "__main__":
    sys.exit(main())
