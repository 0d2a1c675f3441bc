"""attune run SPEC with the options of a file, then those given.

usage: run_with.py ATTUNE SPEC OPTIONS_FILE [OPTION]...
"""

import subprocess
import sys

attune, spec, path, *more = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    options = file.read().split()
sys.exit(subprocess.run([attune, "run", spec, *options, *more], check=False).returncode)
