"""Random models of 1 to 12 ops over the whole language."""

import random
import re

import attention
import layers
import shapes
from draft import Draft

IMPORTS = 'import "std/torch"\nimport "std/gmlp"\n'
# What a hundred models must have drawn, so that none of it goes missing unseen.
WORDS = """linear affine embedding gather layer_norm rms_norm rope relu silu tanh sigmoid exp exp2
log sqrt rsqrt abs gelu cast softmax sum mean max min argmax heads merge split concat transpose
reshape repeat tile zeros ones arange where sinusoid dot additive dense random factorized_random
factorized_dense scores spatial attend attention for output probs lse zero uniform nan causal window
repeat_tile tile_tile repeat_repeat tile_repeat encoder_layer gmlp mha clamp bool i32 i64 u8""".split()
FAMILIES = [attention.OPS, layers.OPS, layers.OPS, shapes.OPS]


def draw(seed):
    """The text of model and test `m<seed>`, below IMPORTS."""
    state = random.Random(seed)
    draft = Draft(state, seed)
    for _ in range(state.randint(1, 12)):
        while not state.choice(state.choice(FAMILIES))(draft):
            pass
    draft.finish()
    return draft.text()


def undrawn(texts):
    """Words of the language that no model uses: of a hundred, there are none."""
    # Parameters of a test say `random` too.
    models = "\n".join(text.partition("\ntest ")[0] for text in texts)
    return sorted(set(WORDS) - set(re.findall(r"\w+", models)))
