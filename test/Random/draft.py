"""A model in the making: its inputs, params, statements and the values so far.

Values are kept well-conditioned: `most` is about the largest magnitude; a value
whose last digits depend on rounding is never compared, rounded or counted (those
that do not are `exact`), and one that may not be finite is only an output.
"""

import re
from dataclasses import dataclass
from math import prod

from sizes import Dim, Size, draw

# Elements of an array, and multiplications of an op, at most.
ELEMENTS, WORK = 1 << 17, 1 << 21


@dataclass(eq=False)
class Array:
    name: str
    shape: tuple
    kind: str = "f32"
    most: float = 1.0
    exact: bool = False
    finite: bool = True
    # Elements along the last axis differ much: a norm does not amplify errors.
    varied: bool = False
    used: bool = False

    def __str__(self):
        self.used = True
        return self.name

    @property
    def last(self):
        return self.shape[-1]


def count(shape):
    return prod(size.value for size in shape)


class Draft:
    def __init__(self, state, number):
        self.state, self.number = state, number
        self.dims, self.inputs, self.literals = {}, [], {}
        self.params, self.lines, self.values, self.outputs = [], [], [], []
        self.taken = 0
        # What is drawn into loops has no names of its own outside.
        self.indent = "  "
        for letter in "BTS":
            value = state.randint(1, 4) if letter == "B" else draw(state)
            bound = state.choice([value, value + 3, max(value, 140), max(value, 2048)])
            self.dims[f"{letter}{number}"] = Dim(value, 64 if letter == "B" else bound)
        self.B, self.T, self.S = (Size({(name,): 1}, self.dims) for name in self.dims)

    def constant(self, n):
        return Size({(): n}, self.dims)

    def size(self, most=130):
        return self.constant(draw(self.state, most))

    def name(self, stem="v"):
        self.taken += 1
        return f"{stem}{self.taken}"

    def often(self, share=0.5):
        return self.state.random() < share

    # Values.

    def let(self, text, shape, kind="f32", **facts):
        """A value of an expression; None where it would be too large."""
        if count(shape) > ELEMENTS or len(shape) > 6:
            return None
        name = self.name()
        self.lines.append(f"{self.indent}let {name} = {text}")
        return self.known(name, shape, kind, **facts)

    def known(self, name, shape, kind="f32", **facts):
        """A value that a statement gave this name."""
        self.values.append(Array(name, tuple(shape), kind, **facts))
        return self.values[-1]

    def input(self, shape, kind="f32", literal=None):
        array = Array(self.name("x"), tuple(shape), kind, exact=True, varied=True)
        self.inputs.append(array)
        self.literals[array.name] = literal or f"random({self.state.randint(1, 10**6)})"
        return array

    def param(self, *sizes):
        """A weight; its values are within 1 / sqrt(last size)."""
        array = Array(self.name("w"), tuple(sizes), varied=True)
        assert all(size.constant for size in sizes)
        self.params.append(f"{array.name}: f32{self.brackets(sizes)}"
                           + (f' at "p.{array.name}"' if self.often() else ""))
        return array

    @staticmethod
    def brackets(shape):
        return f"[{', '.join(map(str, shape))}]"

    def shape(self, rank):
        """Sizes for a new input of this rank: dims in front, mostly."""
        while True:
            front = [self.state.choice([self.B, self.T, self.S, self.size(12)])
                     for _ in range(rank - 1)]
            shape = [*front, self.size() if self.often(0.8) else self.T]
            if count(shape) <= ELEMENTS // 4:
                return shape

    def pick(self, fits, kind="f32"):
        """A value that fits, the last ones rather; None where there is none."""
        known = [x for x in self.values + self.inputs
                 if x.kind == kind and x.finite and x.shape and fits(x)]
        unused = [x for x in known if not x.used]
        if unused and self.often(0.7):
            return unused[-1]
        return self.state.choice(known) if known else None

    def array(self, fits=lambda x: True, rank=None, kind="f32"):
        """A value that fits, or a new input; None where a new one does not fit."""
        known = self.pick(lambda x: fits(x) and rank in (None, len(x.shape)), kind)
        if known and self.often(0.85):
            return known
        for _ in range(8):
            shape = self.shape(rank or self.state.choice([1, 2, 3, 3, 3, 4]))
            if fits(Array("", tuple(shape), kind, exact=True, varied=True)):
                return self.input(shape, kind)
        return known

    def like(self, shape, kind="f32"):
        """A value of this shape."""
        known = self.pick(lambda x: x.shape == tuple(shape), kind)
        return known if known and self.often(0.6) else self.input(shape, kind)

    def held(self, x, most):
        """x, scaled where it may exceed `most`."""
        return str(x) if x.most <= most else f"({x} * {most / x.most:.3g})"

    def output(self, text):
        self.outputs.append(self.name("y"))
        self.lines.append(f"{self.indent}output {self.outputs[-1]} = {text}")

    # The spec.

    def finish(self):
        # A dim is read from an input that shows it.
        words = set(re.findall(r"\w+", "\n".join(self.lines)))
        shown = {str(size) for x in self.inputs if x.name in words for size in x.shape}
        for size in (self.B, self.T, self.S):
            if str(size) in words and str(size) not in shown:
                self.output(str(self.input([size])))
        for x in self.values:
            if not x.used:
                self.output(str(x))
        if not self.outputs:
            self.output(str(self.values[-1] if self.values else self.inputs[-1]))

    def text(self):
        """The model and its test."""
        dims = ", ".join(f"{name} <= {dim.bound}" for name, dim in self.dims.items())
        # Some were drawn for alternatives that were not taken.
        words = set(re.findall(r"\w+", "\n".join(self.lines)))
        inputs = [x for x in self.inputs if x.name in words]
        fields = ", ".join(f"{x.name}: {x.kind}{self.brackets(x.shape)}" for x in inputs)
        body = ([f"  input {fields}"] if fields else []) + [
            f"  param {x}" for x in self.params if x.split(":")[0] in words]
        name = f"m{self.number}"
        shown = {str(size) for x in inputs for size in x.shape}
        items = [f"{dim} = {self.dims[dim].value}" for dim in self.dims if dim in shown]
        items += [f"{x.name} = {self.literals[x.name]}" for x in inputs]
        items += [f"expect {y} ~ reference()" for y in self.outputs]
        return (f"dim {dims}\nmodel {name} {{\n" + "\n".join(body + self.lines) + "\n}\n"
                f'test "{name}" {{\n  model = "{name}"  seed = {self.number % 1000003}\n  '
                + "\n  ".join(items) + "\n}\n")
