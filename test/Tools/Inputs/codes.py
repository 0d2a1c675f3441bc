"""Codes in the sources of the tools and the runtime against those `attune explain` lists.

usage: codes.py SOURCE_DIR LISTED
"""

import glob
import re
import sys

source, listed = sys.argv[1:]
known = {line.split()[0] for line in open(listed, encoding="utf-8")}
used = set()
for path in glob.glob(f"{source}/tools/attune/*.cpp"):
    used |= set(re.findall(r'"(T\d{4})"', open(path, encoding="utf-8").read()))
header = open(f"{source}/runtime/include/attune/attune.h", encoding="utf-8").read()
errors = re.findall(r"^\s*(ATTUNE_E_\w+)", header, flags=re.M)
used |= {f"R{number:04}" for number in range(1, len(errors) + 1)}
table = {code for code in known if code[0] in "TR"}
assert len(errors) >= 18 and len(used) > 60, (errors, used)
assert used == table, f"not explained: {sorted(used - table)}, not used: {sorted(table - used)}"
