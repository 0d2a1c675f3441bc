"""Workspace of each model of a library at lengths T and 2 T: `name: BYTES, BYTES`.

usage: workspace.py LIBRARY T
"""

import ctypes
import json
import os
import sys

path, length = sys.argv[1], int(sys.argv[2])
library = ctypes.CDLL(os.path.abspath(path))
with open(os.path.splitext(path)[0] + ".json", encoding="utf-8") as file:
    manifest = json.load(file)
for model in manifest["models"]:
    sizes = []
    for t in (length, 2 * length):
        dims = (ctypes.c_int64 * 8)(*[t] * 8)
        size, error = ctypes.c_size_t(), ctypes.create_string_buffer(4096)
        code = getattr(library, model["model"] + "_workspace")(dims, ctypes.byref(size), error)
        assert code == 0, (model["model"], code)
        sizes.append(size.value)
    mib = sizes[0] / 2**20
    print(f"{model['model']}: {mib:.1f} MiB at {length},", "fits" if mib < 64 else "TOO LARGE,",
          "linear" if sizes[1] <= 2 * sizes[0] else "GROWS FASTER")
