#!/usr/bin/env python3
"""Checks the links of the repository's Markdown: files and headings exist.

    check_links.py ROOT
"""

import os
import re
import sys

LINK = re.compile(r"\]\(([^)#\s]*)(#[^)\s]*)?\)")


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
    count, failed = 0, 0
    for page in pages:
        path = os.path.join(root, page)
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"```.*?```|`[^`\n]*`", "", file.read(), flags=re.S)
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
