"""Counts stack references in the micro kernels of assembly.

usage: stack_references.py FILE.s MINIMUM

A micro kernel is a loop without inner labels or branches that has at least
MINIMUM multiply-adds and broadcasts scalars from memory (not constants).
Prints one line a loop and a summary.
"""

import re
import sys

SCALAR = re.compile(r"vbroadcastss\s+[^,]*\((?!%rip)|\((?!%rip)[^)]*\)\{1to")


def simple_loops(lines):
    """(function, first, last) of each straight loop."""
    function, label, label_name = None, None, None
    for index, line in enumerate(lines):
        if match := re.match(r"([.\w$]+):", line):
            label, label_name = index, match.group(1)
            if not label_name.startswith("."):
                function = label_name
        elif match := re.match(r"\s+j\w+\s+([.\w$]+)", line):
            if label is not None and match.group(1) == label_name:
                yield function, label, index
            label = None


def main():
    with open(sys.argv[1]) as file:
        lines = file.read().splitlines()
    count = total = 0
    for function, first, last in simple_loops(lines):
        body = lines[first : last + 1]
        multiplies = sum("vfmadd" in line for line in body)
        if multiplies < int(sys.argv[2]) or not SCALAR.search("\n".join(body)):
            continue
        # References through a frame pointer carry LLVM's comment.
        stack = sum(
            bool(re.search(r"\(%rsp|Spill|Reload", line)) for line in body
        )
        count += 1
        total += stack
        print(f"{function}: line {first + 1}: {multiplies} fma, {stack} stack")
    print(f"loops: {count}")
    print(f"stack references: {total}")


main()
