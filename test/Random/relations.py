"""Random attention models of two outputs that mathematics says are equal.

Each model has random sizes, score sources, score function and mask. Its library
must agree with the float64 oracle by the tolerance rule, and its outputs `a` and
`b` with each other: masks joined with themselves, De Morgan, rolled batches, heads
and keys, keys cut off or masked.
"""

import os
import random

import indices


class Model:
    """One model of a spec: two outputs, `a` and `b`, that are to be equal."""

    def __init__(self, state, name):
        self.state, self.name = state, name
        pick = state.choice
        self.batch, self.heads = pick([1, 2, 3]), pick([1, 2, 4])
        self.shared = pick([h for h in (1, 2, 4) if self.heads % h == 0])
        self.queries, self.keys = state.randint(1, 70), state.randint(1, 70)
        self.size, self.width = pick([1, 3, 8, 12, 16, 20]), pick([1, 5, 8, 16, 24])
        self.inputs, self.values = {}, {}
        self.relation = pick(sorted(RELATIONS))
        self.body = RELATIONS[self.relation](self)

    def array(self, name, element, *shape, value=None):
        if name not in self.inputs:
            self.inputs[name] = f"{element}[{', '.join(map(str, shape))}]"
            self.values[name] = value or f"random:{self.state.randint(1, 10**6)}"
        return name

    def q(self):
        return self.array("x", "f32", self.batch, self.heads, self.queries, self.size)

    def k(self):
        return self.array("y", "f32", self.batch, self.shared, self.keys, self.size)

    def v(self):
        return self.array("z", "f32", self.batch, self.shared, self.keys, self.width)

    def source(self, depth=0):
        """An expression of type scores."""
        state, h, tq, tk = self.state, self.heads, self.queries, self.keys
        kind = state.randrange(9 if depth < 2 else 6)
        if kind <= 1:
            return f"dot({self.q()}, {self.k()}, scale = {state.uniform(-1.5, 1.5):.3f})"
        if kind == 2:
            return f"additive({self.q()}, {self.k()}, {self.array('w', 'f32', self.size)})"
        if kind == 3:
            weight = self.array("dw", "f32", h, tk + state.randint(0, 3), self.size)
            bias = self.array("db", "f32", tk)
            return f"dense({self.q()}, {weight}, {bias})"
        if kind == 4:
            # The queries of a random source alone are its keys.
            return f"(dot({self.q()}, {self.k()}) + random({self.array('r', 'f32', h, tq, tk)}))"
        if kind == 5:
            n = state.randint(1, 8)
            left = self.array("fa", "f32", self.batch, h, tq, n)
            right = self.array("fb", "f32", self.batch, h, tq, -(-tk // n))
            pattern = state.choice(["repeat_tile", "tile_tile", "repeat_repeat", "tile_repeat"])
            if "fc" not in self.values:
                self.values["fc"] = None
                return f"factorized_dense({left}, {right}, pattern = {pattern})"
            return f"scores({{ {state.uniform(-0.1, 0.1):.3f} * (k - q) }})"
        a, b = self.source(depth + 1), self.source(depth + 1)
        if kind == 6:
            return f"({a} + {state.uniform(-1, 1):.3f} * {b})"
        if kind == 7:
            return f"({self.array('hw', 'f32', h)} * {a} - {b})"
        return f"({a} + scores({{ {state.uniform(-0.1, 0.1):.3f} * abs(k - q) }}))"

    square = property(lambda self: self.queries == self.keys)

    def capture(self, name, element, *letters, value=None):
        known = {"b": self.batch, "h": self.heads, "q": self.queries, "k": self.keys}
        return self.array(name, element, *(known.get(x, x) for x in letters), value=value)

    def mask(self, depth=0, reads="bh"):
        return indices.mask(self, depth, reads)

    def attend(self, scores, mask, values=None):
        policy = self.state.choice(["zero", "zero", "uniform"])
        self.policy = getattr(self, "policy", policy)
        return (f"attend({scores}, {values or self.v()}, mask = {{ {mask} }}, "
                f"empty_row = {self.policy})")

    def text(self):
        inputs = ", ".join(f"{name}: {kind}" for name, kind in self.inputs.items())
        return f"// {self.relation}\nmodel {self.name} {{\n  input {inputs}\n{self.body}}}\n"


def outputs(a, b):
    return f"  output a = {a}\n  output b = {b}\n"


def roll(array, axis, size):
    """The array with its first element of an axis last."""
    if size < 2:
        return array
    front = ", ".join([":"] * axis)
    before = f"{front}, " if front else ""
    return f"concat([{array}[{before}1:{size}], {array}[{before}0:1]], axis = {axis})"


def twice(m):
    scores, mask = m.source() + indices.score(m), m.mask()
    return outputs(m.attend(scores, mask), m.attend(scores, f"({mask}) & ({mask})"))


def de_morgan(m):
    scores, x, y = m.source() + indices.score(m), m.mask(2), m.mask(2)
    return outputs(m.attend(scores, f"!({x} | {y})"), m.attend(scores, f"!{x} & !{y}"))


def double(m):
    scores, mask = m.source(), m.mask()
    return outputs(m.attend(f"({scores} + {scores})", mask), m.attend(f"2.0 * {scores}", mask))


def rolled_batch(m):
    mask = m.mask(reads="")
    y = m.attend(f"dot({m.q()}, {m.k()})", mask)
    q, k, v = (roll(x, 0, m.batch) for x in (m.q(), m.k(), m.v()))
    return f"  let y1 = {y}\n" + outputs(roll("y1", 0, m.batch), m.attend(f"dot({q}, {k})", mask, v))


def rolled_heads(m):
    m.shared = m.heads
    mask = m.mask(reads="b")
    y = m.attend(f"dot({m.q()}, {m.k()})", mask)
    q, k, v = (roll(x, 1, m.heads) for x in (m.q(), m.k(), m.v()))
    return f"  let y1 = {y}\n" + outputs(roll("y1", 1, m.heads), m.attend(f"dot({q}, {k})", mask, v))


def rolled_keys(m):
    k, v = (roll(x, 2, m.keys) for x in (m.k(), m.v()))
    return outputs(f"attention({m.q()}, {m.k()}, {m.v()})", f"attention({m.q()}, {k}, {v})")


def cut_keys(m):
    n = m.state.randint(1, m.keys)
    q, k, v = m.q(), m.k(), m.v()
    return outputs(f"attention({q}, {k}[:, :, 0:{n}], {v}[:, :, 0:{n}])",
                   f"attention({q}, {k}, {v}, mask = {{ k < {n} }})")


RELATIONS = {f.__name__: f for f in (twice, de_morgan, double, rolled_batch, rolled_heads,
                                     rolled_keys, cut_keys)}


def check(run, spec, library, model, folder):
    """What is wrong with a model, or nothing."""
    common = [spec, "--model", model.name]
    for name in model.inputs:
        common += ["--input", f"{name}={model.values[name]}"]
    path = {x: os.path.join(folder, f"{model.name}_{x}.npy") for x in ("a", "b", "oracle_a", "oracle_b")}
    code, said = run("run", *common, "--interpret", "--output", f"a=@{path['oracle_a']}",
                     "--output", f"b=@{path['oracle_b']}")
    if not code:
        code, said = run("run", *common, "--library", library, "--threads", "2",
                         "--output", f"a=@{path['a']}", "--output", f"b=@{path['b']}",
                         "--expect", f"a=@{path['oracle_a']}", "--expect", f"b=@{path['oracle_b']}")
    if not code:
        code, said = run("cmp", "--rtol", "1e-4", "--atol", "1e-4", path["a"], path["b"])
    return f"exit code {code}\n{said}" if code else None


def faults(run, seeds, folder):
    """Seed, text and fault, or None, of each model; run(*words) runs attune."""
    models = [Model(random.Random(n), f"m{n}") for n in seeds]
    spec, library = (os.path.join(folder, f"relations{seeds[0]}{end}") for end in (".attn", ".so"))
    with open(spec, "w", encoding="utf-8") as file:
        file.write("\n".join(model.text() for model in models))
    code, said = run("build", spec, "-o", library)
    return [(n, model.text(), said if code else check(run, spec, library, model, folder))
            for n, model in zip(seeds, models)]
