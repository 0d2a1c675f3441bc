"""Layers, arithmetic and reductions: ops that compute."""

from math import sqrt

from draft import WORK, count

ACTIVATIONS = ["relu({})", "silu({})", "tanh({})", "sigmoid({})", "gelu({})", "abs({})",
               "gelu({}, approx = tanh)", "-{}"]


def linear(draft):
    """With an activation and a residual around it at times, as kernels fuse them."""
    x = draft.array(lambda x: x.last.constant)
    out = x.last if draft.often(0.3) else draft.size()
    shape = [*x.shape[:-1], out]
    if count(shape) * x.last.value > 4 * WORK:
        return None
    bias = draft.state.choice(["", "", ", bias = false"])
    text = f'linear({draft.held(x, 50)}, {out}{bias}) at "{draft.name("l")}"'
    most = min(x.most, 50) * 1.5 + 1
    if draft.often(0.4):
        text = draft.state.choice(ACTIVATIONS).format(text)
    if draft.often(0.3):
        other = draft.like(shape)
        text = f"{text} + {other}" if draft.often() else f"{other} + {text}"
        most += other.most
    return draft.let(text, shape, most=most, varied=True)


def affine(draft):
    x = draft.array(lambda x: x.last.constant)
    out = draft.size(64)
    shape = [*x.shape[:-1], out]
    if count(shape) * x.last.value > 4 * WORK:
        return None
    first = draft.state.choice([0, 0, 1, 16])
    rows = draft.constant(first + out.value + draft.state.choice([0, 3]))
    w, b = draft.param(rows, x.last), draft.param(rows)
    cut = f"[{first}:{first + out.value}]"
    bias = f", {b}{cut}" if draft.often(0.7) else ""
    return draft.let(f"affine({draft.held(x, 50)}, {w}{cut}{bias})", shape,
                     most=min(x.most, 50) * 1.5 + 1, varied=True)


def embed(draft):
    """embedding or gather: rows by ids, which an input of its own has."""
    ids = draft.input(draft.shape(draft.state.choice([1, 2])), draft.state.choice(["i32", "i64"]))
    rows, width = draft.size(), draft.size()
    if count(ids.shape) * width.value > WORK // 16:
        return None
    shape = [*ids.shape, width]
    if draft.often():
        return draft.let(f'embedding({ids}, {rows}, {width}) at "{draft.name("e")}"', shape,
                         exact=True, varied=True)
    table = draft.array(lambda x: x.last.constant, rank=2) if draft.often() else draft.param(rows, width)
    if table is None:
        return None
    return draft.let(f"gather({table}, {ids})", [*ids.shape, table.last], most=table.most,
                     exact=table.exact)


def norm(draft):
    x = draft.array(lambda x: x.last.constant and x.last.value > 1)
    # A small epsilon amplifies rounding errors where a line hardly varies.
    eps = draft.state.choice(["", ", eps = 1e-6"]) if x.varied and x.exact else ", eps = 0.1"
    call = draft.state.choice(["layer_norm", "rms_norm"])
    scale = draft.state.choice(["", ", affine = false"])
    at = "" if scale else f' at "{draft.name("n")}"'
    return draft.let(f"{call}({draft.held(x, 20)}{eps}{scale}){at}", x.shape, most=4.0, varied=x.varied)


def activation(draft):
    x = draft.array()
    text = draft.held(x, 3)
    kind = draft.state.randrange(6)
    if kind < 2:
        return draft.let(draft.state.choice(ACTIVATIONS).format(draft.held(x, 20)), x.shape,
                         most=min(x.most, 20))
    if kind == 2:
        return draft.let(f"{draft.state.choice(['exp', 'exp2'])}({text})", x.shape, most=20.0)
    call = {3: "log", 4: "sqrt", 5: "rsqrt"}[kind]
    return draft.let(f"{call}(abs({text}) + 0.5)", x.shape, most=2.0)


def beside(draft, x):
    """A shape that broadcasts with that of x."""
    one = draft.constant(1)
    shape = [size if draft.often(0.7) else one for size in x.shape]
    return shape[draft.state.randint(0, len(shape) - 1):] if draft.often(0.3) else shape


def arithmetic(draft):
    x = draft.array()
    kind = draft.state.randrange(9)
    if kind == 8:
        # A size of the run as a number.
        n = draft.state.choice([draft.T, draft.S + draft.constant(1), draft.B * draft.T])
        text = draft.state.choice([f"{x} / ({n} + 1)", f"{x} * ({n}) * {1 / n.value:.4f}",
                                   f"{x} - 0.5 / sqrt({n})"])
        return draft.let(text, x.shape, most=x.most + 1)
    if kind == 0:
        c = f"{draft.state.uniform(-2, 2):.3f}"
        text = draft.state.choice([f"{x} * {c}", f"{c} - {x}", f"{x} / 1.7", f"{x} + {c}", f"{c} + 2.0 * {x}"])
        return draft.let(text, x.shape, most=2 * x.most + 2)
    y = draft.like(x.shape if kind < 4 else beside(draft, x))
    if kind == 1:
        return draft.let(f"{draft.held(x, 10)} / (abs({y}) + 0.5)", x.shape, most=20.0)
    if kind in (2, 5):
        return draft.let(f"{draft.held(x, 8)} * {draft.held(y, 8)}", x.shape,
                         most=min(x.most, 8) * min(y.most, 8))
    if kind == 6:
        return draft.let(f"{y} * {draft.state.choice(['sigmoid', 'tanh'])}({x}) + {x}", x.shape,
                         most=x.most + y.most)
    sign = draft.state.choice("+-")
    text = f"{x} {sign} {y}" if x is not y else f"{x} + 0.5 * {y}"
    return draft.let(text, x.shape, most=x.most + y.most)


def integers(draft):
    """Arithmetic of ids, comparisons, logic, casts and choices: all exact."""
    kind = draft.state.randrange(7)
    if kind == 0:
        element = draft.state.choice(["i32", "i64"])
        x = draft.array(kind=element)
        text = draft.state.choice([f"{x} * 3 - 5", f"({x} + 7) / 3", f"(2 - {x}) % 4", f"abs({x} - 3)",
                                   f"{x} + {x}", f"(0 - {x}) / 2", f"{x} * {draft.T} - {draft.B}"])
        return draft.let(text, x.shape, element, exact=True)
    if kind == 1:
        x = draft.array(lambda x: x.exact)
        sign = draft.state.choice(["<", "<=", ">", ">="])
        other = draft.state.choice(["0.1", str(draft.input(beside(draft, x)))])
        return draft.let(f"{x} {sign} {other}", x.shape, "bool", exact=True)
    if kind == 2:
        x = draft.array(kind="bool")
        y = draft.like(x.shape, "bool")
        return draft.let(draft.state.choice([f"!{x}", f"{x} & {y}", f"{x} | !{y}"]), x.shape, "bool", exact=True)
    if kind == 3:
        x = draft.array(kind=draft.state.choice(["bool", "i32", "i64", "u8"]))
        element = draft.state.choice([e for e in ("f32", "i64", "i32", "u8", "bool") if e != x.kind])
        text = f"cast({x}, {element})" if x.kind in ("bool", "u8") else f"cast({x} % 8, {element})"
        return draft.let(text, x.shape, element, exact=True, most=255.0)
    if kind == 4:
        x = draft.array(lambda x: x.exact)
        element = draft.state.choice(["i64", "i32", "u8", "bool"])
        return draft.let(f"cast({x} * 5.0, {element})", x.shape, element, exact=True)
    if kind == 5:
        c = draft.array(kind="bool")
        a, b = draft.like(c.shape), draft.like(beside(draft, c))
        return draft.let(f"where({c}, {draft.state.choice([str(a), '0.5'])}, {b})", c.shape,
                         most=max(a.most, b.most))
    c = draft.array(kind="bool")
    a, b = draft.like(c.shape, "i64"), draft.like(c.shape, "i64") if draft.often() else 7
    return draft.let(f"where({c}, {a}, {b})", c.shape, "i64", exact=True)


def reduction(draft):
    kind = draft.state.choice(["softmax", "softmax", "sum", "mean", "max", "min", "argmax", "count"])
    element = draft.state.choice(["bool", "i64", "i32"]) if kind == "count" else "f32"
    x = draft.array(lambda x: x.exact or kind != "argmax", kind=element)
    axis = draft.state.randrange(len(x.shape))
    n = x.shape[axis].value
    named = draft.state.choice([axis, axis - len(x.shape)])
    rest = [size for i, size in enumerate(x.shape) if i != axis]
    if kind == "softmax":
        return draft.let(f"softmax({draft.held(x, 8)}, axis = {named})", x.shape, most=1.0)
    if not rest:
        return None
    if kind == "count":
        call = "sum" if element == "bool" else draft.state.choice(["sum", "max", "min", "argmax"])
        result = "i64" if call in ("sum", "argmax") else element
        return draft.let(f"{call}({x}, axis = {named})", rest, result, exact=True)
    if kind == "argmax":
        return draft.let(f"argmax({x}, axis = {named})", rest, "i64", exact=True)
    most = x.most * sqrt(n) * 2 if kind == "sum" else x.most
    text = f"{kind}({x}, axis = {named})"
    if kind == "sum" and n > 1:
        text, most = f"{text} * {1 / sqrt(n):.4f}", 2 * x.most
    return draft.let(text, rest, most=most, exact=x.exact and kind in ("max", "min"))


def product(draft):
    """x @ y."""
    x = draft.array(lambda x: len(x.shape) >= 2)
    if draft.often(0.3):
        y, columns = f"transpose({x})", x.shape[-2]
    elif draft.often() and x.last.constant:
        columns = draft.size()
        w = draft.param(x.last, columns) if draft.often() else draft.param(columns, x.last)
        y = str(w) if w.last == columns and w.shape[0] == x.last else f"transpose({w})"
    else:
        columns = draft.state.choice([draft.T, draft.size()])
        front = x.shape[:-2] if draft.often(0.7) else ()
        y = draft.held(draft.like([*front, x.last, columns]), 4)
    shape = [*x.shape[:-1], columns]
    if count(shape) * x.last.value > 4 * WORK:
        return None
    text, scale = draft.held(x, 4), 1 / sqrt(x.last.value)
    return draft.let(f"({text} @ {y}) * {scale:.4f}", shape, most=8.0 * max(1, sqrt(x.last.value) / 4))


def positions(draft):
    """rope or sinusoid."""
    x = draft.array(lambda x: x.last.constant and x.last.value > 1, rank=draft.state.choice([2, 3, 4]))
    if x is None:
        return None
    layout = draft.state.choice(["", ", base = 500"])
    even = x.last.value // 2 * 2
    if draft.often() or even != x.last.value:
        n = draft.state.choice([even, draft.state.randint(1, even // 2) * 2])
        layout += draft.state.choice(["", ", layout = interleaved"])
        layout += draft.state.choice(["", ", offset = 3", f", offset = {draft.T}"]) if draft.T in x.shape else ""
        return draft.let(f"rope({x}, {n}{layout})", x.shape, most=2 * x.most)
    layout += draft.state.choice(["", ", layout = concatenated"])
    return draft.let(f"{x} + sinusoid({x.shape[-2]}, {even}{layout})", x.shape, most=x.most + 1)


OPS = [linear, linear, affine, embed, norm, activation, arithmetic, arithmetic, integers, reduction,
       product, positions]
