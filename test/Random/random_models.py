#!/usr/bin/env python3
"""Random models: library against oracle, and against itself.

usage: random_models.py ATTUNE language|relations [COUNT [SEED]]    (default 100, seed 1)

KIND `language`: models of 1 to 12 ops over the whole language (language.py), whose
library must agree with the float64 oracle by the tolerance rule. KIND `relations`:
attention models of two outputs that mathematics says are equal (relations.py). A
failure prints the spec, where it was kept, and the command that repeats it.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import language
import relations

# One process compiles and runs so many.
BATCH = {"language": 10, "relations": 5}


def run(attune, *words):
    """An exit code, 0 when all is well, and what was said."""
    try:
        done = subprocess.run([attune, *words], capture_output=True, text=True, check=False, timeout=600)
        return done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        return 124, "it did not end within 10 minutes"


def language_faults(attune, seeds, folder):
    """Yields the seed, the text and the fault, or None, of each model."""
    texts = {n: language.draw(n) for n in seeds}
    spec = os.path.join(folder, f"language{seeds[0]}.attn")

    def test(chosen):
        with open(spec, "w", encoding="utf-8") as file:
            file.write(language.IMPORTS + "".join(texts[n] for n in chosen))
        code, said = run(attune, "test", spec)
        return f"exit code {code}\n{said}" if code else None

    if not test(seeds):
        return [(n, texts[n], None) for n in seeds]
    # Each alone: one that is not accepted, or crashes, hides the others.
    return [(n, language.IMPORTS + texts[n], test([n])) for n in seeds]


def relation_faults(attune, seeds, folder):
    return relations.faults(lambda *words: run(attune, *words), seeds, folder)


FAULTS = {"language": language_faults, "relations": relation_faults}


def main():
    attune, kind = sys.argv[1:3]
    count, seed = (int(word) for word in ([*sys.argv[3:], *['100', '1'][len(sys.argv) - 3:]]))
    seeds = list(range(seed, seed + count))
    batches = [seeds[i:i + BATCH[kind]] for i in range(0, count, BATCH[kind])]
    kept = os.path.join(tempfile.gettempdir(), "attune-sweep")
    failures = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda batch: FAULTS[kind](attune, batch, folder), batches):
            for n, text, fault in found:
                if not fault:
                    continue
                failures += 1
                os.makedirs(kept, exist_ok=True)
                path = os.path.join(kept, f"{kind}{n}.attn")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                print(f"FAIL model {n}: {fault}\n{text}\nkept as {path}\n"
                      f"repeat: ./dev sweep 1 {n} {kind}", flush=True)
    # The test run's.
    missing = language.undrawn(map(language.draw, seeds)) if kind == "language" and count >= 100 else []
    if missing and seed == 1:
        failures += 1
        print(f"FAIL no model has {', '.join(missing)}")
    print(f"{count - failures} of {count} random models of `{kind}` agree")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
