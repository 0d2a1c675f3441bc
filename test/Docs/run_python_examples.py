"""Runs the Python examples of README.md and docs/python.md on the encoder example.

usage: run_python_examples.py ATTUNE SOURCE_DIR SCRATCH
"""

import os
import re
import shutil
import subprocess
import sys

attune, source, scratch = sys.argv[1:]
shutil.rmtree(scratch, ignore_errors=True)
shutil.copytree(os.path.join(source, "examples", "encoder_layer"), scratch)
subprocess.run([attune, "build", "encoder_layer.attn", "--emit=python"], cwd=scratch, check=True)
for page in ("README.md", "docs/python.md"):
    with open(os.path.join(source, page), encoding="utf-8") as file:
        blocks = re.findall(r"^```python\n(.*?)^```", file.read(), re.M | re.S)
    print(f"{page}: {len(blocks)} example")
    sys.stdout.flush()
    for block in blocks:
        subprocess.run([sys.executable, "-c", block], cwd=scratch, check=True)
