"""usage: translate.py WEIGHTS.safetensors < sentences; as translate.c"""
import sys

import numpy as np
from translate_models import encoder, step

SOURCE, TARGET = "P ich mochte ein bier cola".split(), "P i want a beer coke S E .".split()
source = np.array([[SOURCE.index(word) for word in line.split()] for line in sys.stdin])
keys, values = encoder(weights=sys.argv[1])(source)
decode = step(weights=sys.argv[1])
ids = np.full((len(source), 1), TARGET.index("S"))
past = np.zeros((2, 2, len(source), 8, 0, 16), np.float32)
for _ in range(6):
    *past, token, logits = decode(ids, *past, source, keys, values)
    ids = np.column_stack([ids, token])
for row in ids[:, 1:]:
    print(" ".join(TARGET[id] for id in row))
