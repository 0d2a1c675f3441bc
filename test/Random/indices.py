"""Masks and score functions: expressions of the indices b, h, q, k and their sizes.

The place that they are drawn for has `state`, the numbers `batch`, `queries` and
`keys`, `square` (queries and keys have one size) and `capture(name, element,
*letters, value)`, which declares an input of the sizes of these indices.
"""


def mask(place, depth=0, reads="bh"):
    """A condition of q, k and those of b and h that it may read; without b it
    reads an array only where it reads h."""
    state = place.state
    if depth < 4 and state.random() < 0.55:
        a, b = mask(place, depth + 1, reads), mask(place, depth + 1, reads)
        return state.choice([f"({a} & {b})", f"({a} | {b})", f"!({a})"])
    if reads and state.random() < 0.35:
        return captured(place, "b" in reads)
    c, m, n = state.randint(0, place.keys), state.randint(2, 20), state.randint(0, 9)
    atoms = ["k <= q", f"k < {c}", f"k >= {c}", f"k == {c}", f"q - k in 0..{m}", "k != q",
             "k <= q + nk - nq", f"(q + k) % {m} != 1", f"q / {m} == k / {m}", f"q >= {n}",
             f"k > q + {n}", f"abs(k - q) <= {m}", f"(q - k) % {m} == 0", f"k - q in -{m}..={n}",
             f"2 * k < q + {c}", f"q * {m} >= k", "k < nk", f"k + {n} < nk", f"max(q, k) < {c}"]
    if "h" in reads:
        atoms += [f"k <= q + {m} * h", "h == 0", f"k % nh != h % {m}"]
    if "b" in reads:
        atoms += [f"k < {c} + {n} * b", "b == 0"]
    return f"({state.choice(atoms)})"


def captured(place, batch):
    """A condition that reads an array."""
    def lengths():
        return [place.state.randint(0, place.keys) for _ in range(place.queries)]
    kind = place.state.choice([0, 1, 2, 3, 4, 5, 7]) if batch else 6
    if kind == 0:
        value = str([place.state.randint(0, place.keys) for _ in range(place.batch)])
        return f"(k < {place.capture('len', 'i32', 'b', value=value)}[b])"
    if kind == 1:
        value = str([lengths() for _ in range(place.batch)])
        return f"(k < {place.capture('each', 'i32', 'b', 'q', value=value)}[b, q])"
    if kind == 2:
        return f"({place.capture('allow', 'bool', 'q', 'k')}[q, k])"
    if kind == 3 and place.square:
        doc = place.capture("doc", "i64", "b", "k")
        return f"({doc}[b, q] == {doc}[b, k])"
    if kind == 4:
        value = str([place.state.randint(0, place.keys) for _ in range(place.batch)])
        return f"(k <= q | k < {place.capture('prefix', 'i32', 'b', value=value)}[b])"
    if kind == 7:
        value = str([[place.state.randint(0, 255) for _ in range(place.keys)]
                     for _ in range(place.batch)])
        byte = place.capture("byte", "u8", "b", "k", value=value)
        return f"({byte}[b, k] {place.state.choice(['<', '>=', '!='])} {place.state.randint(1, 254)})"
    if kind == 6:
        return f"({place.capture('keep', 'bool', 'k')}[k])"
    return f"(!{place.capture('pad', 'bool', 'b', 'k')}[b, k])"


def whole(place, reads="bh"):
    """What `mask =` takes."""
    state = place.state
    inner = f"{{ {mask(place, reads=reads)} }}"
    named = [f"window({state.randint(0, 40)}, {state.randint(0, 9)})",
             f"causal(align = {state.choice(['start', 'end'])})", "full"]
    return state.choice([inner, inner, state.choice(named), f"{state.choice(named)} & {inner}",
                         f"{inner} | {state.choice(named)}", f"!{state.choice(named[:2])} & {inner}"])


def function(place, depth=0):
    """An expression of the score s, of moderate size where s is."""
    state = place.state
    if depth >= 4 or state.random() < 0.25:
        leaves = ["s", "s", "s", "0.5", f"{state.uniform(-0.05, 0.05):.3f} * (k - q)",
                  "0.01 * abs(k - q)", "0.2 * h", "exp2(-1.0 * (h + 1)) * (k - q) / nk"]
        if state.random() < 0.2:
            most = state.randint(1, 12)
            table = place.capture(f"rel{most}", "f32", "h", str(2 * most + 1))
            return f"{table}[h, clamp(k - q, -{most}, {most}) + {most}]"
        return f"({state.choice(leaves)})"
    a, b = function(place, depth + 1), function(place, depth + 1)
    condition = state.choice(["k == q", "k <= q", "k % 3 == 0", "q < k & h == 0"])
    return state.choice([f"({a} + {b})", f"({a} - {b})", f"({state.uniform(-1, 1):.3f} * {a})",
                         f"tanh({a})", f"3.0 * tanh({a} / 3.0)", f"abs({a})", f"min({a}, {b})",
                         f"max({a}, {b})", f"clamp({a}, -2.0, 1.5)", f"exp(-abs({a}))",
                         f"log(abs({a}) + 1.0)", f"where({condition}, {a}, {b})"])


def score(place):
    """What follows a source: nothing, or `>> { ... }`."""
    if place.state.random() < 0.5:
        return ""
    return f" >> {{ s + {function(place)} }}" if place.state.random() < 0.5 else f" >> {{ {function(place)} }}"
