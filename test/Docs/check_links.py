#!/usr/bin/env python3
"""Checks the links of the repository's Markdown: files and headings exist, and so
do the files that its code spans name (`passes/Bufferize*.cpp`, `RealizeTests.cpp`).

    check_links.py ROOT
"""

import glob
import os
import re
import sys

LINK = re.compile(r"\]\(([^)#\s]*)(#[^)\s]*)?\)")
SPAN = re.compile(r"`([\w./{},*-]+\.(?:cpp|h|td|def|py|attn|mlir|test)|[\w-]+(?:/[\w.{},*-]*)+)`")


def expand(text):
    """The names that a text with {a,b} stands for."""
    match = re.search(r"\{([^{}]*)\}", text)
    if not match:
        return [text]
    return [name for choice in match[1].split(",")
            for name in expand(text[:match.start()] + choice + text[match.end():])]


def missing(root, span, folders):
    """The files that a code span names and that are not there."""
    for name in expand(span):
        if name.split("/")[0] in folders:
            if not glob.glob(os.path.join(root, name)):
                yield name
        elif "/" not in name and name.endswith((".cpp", ".td", ".def")):
            if not any(glob.glob(os.path.join(root, folder, "**", name), recursive=True)
                       for folder in folders):
                yield name


def anchors(path):
    """The headings of a page as GitHub names them."""
    with open(path, encoding="utf-8") as file:
        headings = re.findall(r"^#+ (.*)$", file.read(), re.M)
    return {"#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            for heading in headings}


def main():
    root = sys.argv[1]
    pages = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith((".", "build"))]
        pages += [os.path.relpath(os.path.join(folder, name), root)
                  for name in files if name.endswith(".md")]
    top = [name for name in os.listdir(root)
           if os.path.isdir(os.path.join(root, name)) and not name.startswith((".", "build"))]
    count, failed = 0, 0
    for page in pages:
        path = os.path.join(root, page)
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"```.*?```", "", file.read(), flags=re.S)
        if "generated" not in page:
            for span in SPAN.findall(text):
                count += 1
                for name in missing(root, span, top):
                    print(f"{page}: no {name}")
                    failed += 1
        text = re.sub(r"`[^`\n]*`", "", text)
        for target, anchor in LINK.findall(text):
            if re.match(r"\w+:", target):
                continue
            count += 1
            goal = os.path.join(os.path.dirname(path), target) if target else path
            if not os.path.exists(goal):
                print(f"{page}: no {target}")
            elif anchor and goal.endswith(".md") and anchor not in anchors(goal):
                print(f"{page}: no {target}{anchor}")
            else:
                continue
            failed += 1
    print(f"{count} links, {failed} broken")
    sys.exit(1 if failed or not count else 0)


main()
