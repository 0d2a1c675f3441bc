"""Ops that move elements, loops and blocks of the standard library."""

import layers
from draft import count


def facts(x):
    return {"kind": x.kind, "most": x.most, "exact": x.exact}


def any_array(draft, fits=lambda x: True):
    kind = draft.state.choice(["f32"] * 6 + ["i64", "i32", "bool"])
    return draft.array(fits, kind=kind)


def turn(draft):
    x = any_array(draft, lambda x: len(x.shape) >= 2)
    if draft.often(0.3):
        return draft.let(f"transpose({x})", [*x.shape[:-2], x.shape[-1], x.shape[-2]], **facts(x))
    axes = list(range(len(x.shape)))
    draft.state.shuffle(axes)
    return draft.let(f"transpose({x}, {axes})", [x.shape[i] for i in axes], **facts(x))


def reshape(draft):
    x = any_array(draft)
    shape = list(x.shape)
    axis = draft.state.randrange(len(shape))
    n = shape[axis].value
    parts = [p for p in range(1, n + 1) if n % p == 0]
    if shape[axis].constant and draft.often(0.6):
        part = draft.state.choice(parts)
        shape[axis:axis + 1] = [draft.constant(part), draft.constant(n // part)]
    elif len(shape) > 1:
        axis = draft.state.randrange(len(shape) - 1)
        shape[axis:axis + 2] = [shape[axis] * shape[axis + 1]]
    else:
        shape.insert(draft.state.choice([0, 1]), draft.constant(1))
    return draft.let(f"reshape({x}, {draft.brackets(shape)})", shape, **facts(x))


def cut(draft):
    """A slice or an index, some of sizes that are known at run time only."""
    x = any_array(draft)
    shape, items = [], []
    for size in x.shape:
        kind = draft.state.randrange(5)
        first = draft.state.randint(0, size.value - 1)
        if kind == 0 and len(x.shape) > 1 and len(shape) + 1 < len(items) + len(x.shape):
            # An index that every value of a dim allows: the first.
            items.append(str(first if size.constant else 0))
        elif kind == 1 and size.constant:
            end = draft.state.randint(first + 1, size.value)
            items.append(f"{first}:{end}")
            shape.append(draft.constant(end - first))
        elif kind == 2 and size.value > first:
            items.append(f"{first}:")
            shape.append(size + draft.constant(-first))
        else:
            items.append(":")
            shape.append(size)
    if not shape:
        return None
    return draft.let(f"{x}[{', '.join(items)}]", shape, **facts(x))


def concat(draft):
    x = any_array(draft)
    axis = draft.state.randrange(len(x.shape))
    shape = list(x.shape)
    shape[axis] = draft.state.choice([x.shape[axis], draft.size(20)])
    y = draft.like(shape, x.kind)
    parts = [x, y] if draft.often() else [y, x]
    if draft.often(0.3):
        parts.append(x)
    size = parts[0].shape[axis]
    for part in parts[1:]:
        size = size + part.shape[axis]
    shape[axis] = size
    text = ", ".join(map(str, parts))
    return draft.let(f"concat([{text}], axis = {draft.state.choice([axis, axis - len(shape)])})", shape,
                     kind=x.kind, most=max(x.most, y.most), exact=x.exact and y.exact)


def split(draft):
    x = any_array(draft, lambda x: any(size.constant and size.value > 1 for size in x.shape))
    if x is None or x.kind != "f32":
        return None
    axis = draft.state.choice([i for i, size in enumerate(x.shape) if size.constant and size.value > 1])
    n = draft.state.choice([p for p in range(2, x.shape[axis].value + 1) if x.shape[axis].value % p == 0])
    if n > 4:
        return None
    names = [draft.name("s") for _ in range(n)]
    draft.lines.append(f"{draft.indent}let {', '.join(names)} = split({x}, {n}, axis = {axis})")
    shape = list(x.shape)
    shape[axis] = draft.constant(shape[axis].value // n)
    for name in names:
        draft.known(name, shape, **facts(x))
    return True


def again(draft):
    """repeat or tile."""
    x = any_array(draft)
    axis, n = draft.state.randrange(len(x.shape)), draft.state.randint(1, 3)
    shape = list(x.shape)
    shape[axis] = shape[axis] * draft.constant(n)
    named = draft.state.choice([axis, axis - len(shape)])
    return draft.let(f"{draft.state.choice(['repeat', 'tile'])}({x}, {n}, axis = {named})", shape, **facts(x))


def heads(draft):
    if draft.often():
        x = draft.array(lambda x: len(x.shape) >= 3 and x.shape[-3].constant and x.last.constant)
        if x is None:
            return None
        width = draft.constant(x.shape[-3].value * x.last.value)
        return draft.let(f"merge({x})", [*x.shape[:-3], x.shape[-2], width], most=x.most, exact=x.exact)
    x = draft.array(lambda x: len(x.shape) >= 2 and x.last.constant)
    n = draft.state.choice([p for p in range(1, x.last.value + 1) if x.last.value % p == 0 and p <= 16])
    shape = [*x.shape[:-2], draft.constant(n), x.shape[-2], draft.constant(x.last.value // n)]
    return draft.let(f"heads({x}, {n})", shape, most=x.most, exact=x.exact)


def made(draft):
    size = draft.state.choice([draft.T, draft.size()])
    kind = draft.state.randrange(3)
    if kind == 0:
        return draft.let(f"arange({size}) * 2", [size], "i64", exact=True)
    x = draft.array()
    shape = x.shape[draft.state.randrange(len(x.shape)):]
    call = "zeros" if kind == 1 else "ones"
    return draft.let(f"{x} - 0.5 * {call}({draft.brackets(shape)})", x.shape, most=x.most + 1)


def loop(draft):
    """A value that steps change, with weights of each step; its steps stacked."""
    x = draft.array(lambda x: len(x.shape) >= 2 and x.last.constant and x.last.value > 1)
    steps, first = draft.state.randint(1, 4), draft.state.choice([0, 0, 1, 7])
    if count(x.shape) * x.last.value * steps > layers.WORK * 2:
        return None
    h, other, i = draft.name("h"), draft.name("g"), draft.name("i")
    swaps = draft.often(0.3)
    outer = draft.like(x.shape)
    lines = [f"let {h} = {draft.held(x, 2)}"] + ([f"let {other} = tanh({outer})"] if swaps else [])
    lines.append(f"for {i} in {first}..{first + steps} {{")
    for _ in range(draft.state.randint(1, 3)):
        at = f'at "{draft.name("r")}.{{{i}}}"'
        body = [f"tanh(linear({h}, {x.last}) {at})", f"0.5 * {h} + gelu(linear({h}, {x.last}) {at}) * 0.3",
                f"layer_norm({h}, eps = 0.1) {at}", f"0.7 * {h} + 0.3 * {draft.held(outer, 2)}",
                f"silu({h}) * 0.9"]
        if (len(x.shape) == 3 or len(x.shape) == 4 and x.shape[1].constant) and count(x.shape) * x.shape[-2].value * steps < layers.WORK:
            body += [f"attention({h}, {h}, {h}, mask = causal)",
                     f"0.5 * {h} + 0.5 * attention({h}, {h}, {h}, score = {{ s - 0.01 * {i} * abs(k - q) }})"]
        lines.append(f"  {h} = {draft.state.choice(body)}")
    if swaps:
        old = draft.name("old")
        lines += [f"  let {old} = {h}", f"  {h} = 0.5 * {other}", f"  {other} = tanh({old})"]
    stacked = []
    if draft.often(0.4):
        stacked.append(draft.name("y"))
        lines.append(f"  output {stacked[0]} = {h}")
    draft.lines += [draft.indent + line for line in [*lines, "}"]]
    draft.outputs += stacked
    for name in [h, *([other] if swaps else [])]:
        draft.known(name, x.shape, most=4.0)
    return True


def block(draft):
    """A block of the standard library."""
    x = draft.array(lambda x: x.last.constant and x.last.value % 2 == 0, rank=3)
    if x is None or count(x.shape) * max(x.last.value, x.shape[1].value) > layers.WORK:
        return None
    n = draft.state.choice([p for p in range(1, 9) if x.last.value % p == 0])
    hidden = draft.size(64)
    text, at = draft.held(x, 4), f'at "{draft.name("b")}"'
    calls = [f"encoder_layer({text}, heads = {n}, hidden = {hidden}) {at}",
             f"encoder_layer_prenorm_gelu({text}, heads = {n}, hidden = {hidden}, mask = causal) {at}",
             f"decoder_layer({text}, {text}, heads = {n}, hidden = {hidden}) {at}",
             f"mha({text}, {text}, heads = {n}) {at}"]
    if x.shape[1].most <= 160:
        calls.append(f"gmlp({text}, hidden = {2 * hidden.value}, length = {x.shape[1].most}, mask = causal) {at}")
    return draft.let(draft.state.choice(calls), x.shape, most=6.0, varied=True)


OPS = [turn, reshape, cut, concat, split, again, heads, made, loop, loop, block]
