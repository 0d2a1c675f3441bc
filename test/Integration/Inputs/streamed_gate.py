"""usage: streamed_gate.py DIR: results of several sizes at several addresses."""
import sys

import numpy

sys.path.insert(0, sys.argv[1])
import gate

random = numpy.random.default_rng(1)
w, c = random.standard_normal((16, 16), numpy.float32), random.standard_normal(16, numpy.float32)
model = gate.gate(weights={"w": w, "c": c})
for batch in (1, 255, 256, 300):  # 256: 8 MiB
    x = random.standard_normal((batch, 16, 512), numpy.float32)
    z = random.standard_normal((batch, 16, 512), numpy.float32)
    expected = z * (numpy.einsum("ij,bjc->bic", numpy.tril(w).astype(float), x) + c[:, None])
    memory = numpy.empty(x.size + 64, numpy.float32)
    first = -memory.ctypes.data // 4 % 16  # of a line of 64 bytes
    results = []
    for offset in (0, 1, 4, 8):
        place = memory[first + offset:first + offset + x.size].reshape(x.shape)
        place.fill(numpy.nan)
        model(x, z, out=place)
        results.append(place.copy())
    assert numpy.abs(results[0] - expected).max() < 1e-4, batch
    assert all(numpy.array_equal(results[0], other) for other in results), batch
