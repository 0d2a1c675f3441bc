#!/usr/bin/env python3
"""Runs every line of cases.txt through a built library.

usage: run_cases.py ATTUNE [CPU [THREADS [CASES]]]

CPU: what --cpu takes, native without it; `znver5/haswell` is the code for znver5,
with vectors of 16 floats and 32 registers, in instructions of haswell. Exit code 77
where this machine cannot run them. THREADS: 1,2,3 without it. CASES: a regular expression that `CASE/SPEC MODEL` has, all
without it. Each spec is built once with `attune build`; each case runs that library at
these numbers of threads. The results must have identical bits and agree with the float64
arrays of the published code by the tolerance rule of docs/architecture.md.
Weights named `made` are written by the case's make_weights.py, which wants NumPy.
Prints the worst ratio of error to tolerance; exit code 1 if a case fails.
"""

import ast
import os
import re
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


class OtherMachine(Exception):
    """The library refuses this machine."""


def cut(source, length, target):
    """Copies an f32 .npy of rank 4, the first `length` positions of axis 2."""
    with open(source, "rb") as file:
        data = file.read()
    size = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:10 + size].decode("latin-1").strip())
    assert header["descr"] == "<f4" and not header["fortran_order"], source
    b, h, t, e = header["shape"]
    body = data[10 + size:]
    rows = [body[i * t * e * 4:(i * t + length) * e * 4] for i in range(b * h)]
    header["shape"] = (b, h, length, e)
    text = repr(header).encode()
    text += b" " * (-(10 + len(text) + 1) % 64) + b"\n"
    with open(target, "wb") as file:
        file.write(data[:8] + struct.pack("<H", len(text)) + text + b"".join(rows))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def input_names(attune, spec, model):
    """The model's inputs in order of declaration, as `attune check` lists them."""
    text = subprocess.run([attune, "check", "--shapes", spec], capture_output=True, text=True,
                          check=True).stdout
    part = re.search(rf"^model {model}\n((?:  .*\n)*)", text, re.M).group(1)
    return re.findall(r"^  input (\w+):", part, re.M)


def other_instructions(attune, dump, cpu):
    """Changes the features of a dump's machine to those of another; the rest stays."""
    machines = subprocess.run([attune, "targets"], capture_output=True, text=True, check=True).stdout
    features = re.search(rf"^{cpu} .* KiB  (.*)$", machines, re.M).group(1).split()
    with open(dump, encoding="utf-8") as file:
        text, count = re.subn(r'(#attune\.target<[^>]*features = )"[^"]*"',
                              rf'\1"{",".join("+" + name for name in features)}"', file.read())
    if count != 1:
        raise RuntimeError(f"{count} machines in {dump}")
    with open(dump, "w", encoding="utf-8") as file:
        file.write(text)


def build(attune, spec, cpu, folder):
    library = os.path.join(folder, "lib" + os.path.relpath(spec, HERE).replace("/", "_") + ".so")
    if os.path.exists(library):
        return library
    cpu, _, instructions = cpu.partition("/")
    words, source = [f"--cpu={cpu}"], spec
    if instructions:
        source = library + ".mlir"
        subprocess.run([attune, "build", spec, *words, "--until-after=lower", "-o", source], check=True)
        other_instructions(attune, source, instructions)
        words = ["--from=lower"]
    subprocess.run([attune, "build", source, *words, "-o", library], check=True)
    return library


def make_weights(case, folder):
    """Runs make_weights.py with the first Python here that has NumPy."""
    target = os.path.join(folder, os.path.basename(case) + ".safetensors")
    pythons = [sys.executable, "/usr/bin/python3"]
    while not os.path.exists(target):
        if not pythons:
            raise RuntimeError("no NumPy for make_weights.py: `./dev test` installs it")
        python = pythons.pop(0)
        if subprocess.run([python, "-c", "import numpy"], capture_output=True, check=False).returncode:
            continue
        subprocess.run([python, os.path.join(case, "make_weights.py"), target], check=True)
    return target


def run_case(attune, line, cpu, threads, folder):
    """Runs one line; returns the ratio of error to tolerance."""
    spec, model, inputs, expected, weights = (part.strip() for part in line.split("|"))
    case = os.path.join(HERE, os.path.dirname(spec))
    spec = os.path.join(HERE, spec + ".attn")
    library = build(attune, spec, cpu, folder)
    options = [spec, "--model", model, "--library", library]
    if weights == "made":
        options += ["--weights", make_weights(case, folder)]
    elif weights != "-":
        options += ["--weights", os.path.join(case, weights + ".safetensors")]
    for name, text in zip(input_names(attune, spec, model), inputs.split(), strict=True):
        source, _, length = text.rstrip("]").partition("[:")
        path = os.path.join(case, f"in_{source}.npy")
        if length:
            path_cut = os.path.join(folder, f"{source}_{length}.npy")
            cut(path, int(length), path_cut)
            path = path_cut
        options += ["--input", f"{name}=@{path}"]
    pairs = [[part.strip() for part in pair.split("=")] for pair in expected.split(",")]
    for output, wanted in pairs:
        options += ["--expect", f"{output}=@{os.path.join(case, f'out_{wanted}.npy')}"]
    results = []
    for count in threads:
        files = {output: os.path.join(folder, f"{output}{count}.npy") for output, _ in pairs}
        for output, path in files.items():
            options += ["--output", f"{output}=@{path}"]
        done = subprocess.run([attune, "run", *options, "--threads", count],
                              capture_output=True, text=True, check=False)
        options = options[:-2 * len(files)]
        if done.returncode != 0:
            if "error[R0011]" in done.stderr:
                raise OtherMachine(done.stderr)
            raise RuntimeError(f"{count} threads: exit code {done.returncode}\n"
                               f"{done.stdout}{done.stderr}")
        results.append([read(path) for path in files.values()])
    if any(result != results[0] for result in results):
        raise RuntimeError(f"{', '.join(threads)} threads give different bits")
    ratios = re.findall(r"ratio ([\d.]+)", done.stdout)
    if len(ratios) != len(pairs):
        raise RuntimeError(f"{len(pairs)} outputs, {len(ratios)} ratios")
    return max(map(float, ratios))


def main():
    attune = sys.argv[1]
    cpu = sys.argv[2] if len(sys.argv) > 2 else "native"
    threads = (sys.argv[3] if len(sys.argv) > 3 else "1,2,3").split(",")
    with open(os.path.join(HERE, "cases.txt"), encoding="utf-8") as file:
        lines = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    names = [" ".join(part.strip() for part in line.split("|")[:2]) for line in lines]
    chosen = [(name, line) for name, line in zip(names, lines)
              if len(sys.argv) <= 4 or re.search(sys.argv[4], name)]
    worst, failures = 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        for name, line in chosen:
            try:
                ratio = run_case(attune, line, cpu, threads, folder)
            except OtherMachine as error:
                print(f"skipped: {error}")
                return 77
            except (RuntimeError, ValueError, OSError, subprocess.CalledProcessError) as error:
                failures += 1
                print(f"FAIL {name}: {error}")
                continue
            worst = max(worst, ratio)
            print(f"pass {name}: ratio {ratio:.3f}")
    print(f"{len(chosen) - failures} of {len(chosen)} golden cases pass with --cpu={cpu}; "
          f"worst ratio to the tolerance {worst:.3f}")
    return 1 if failures or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
