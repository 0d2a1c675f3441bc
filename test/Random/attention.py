"""Attention and spatial gating with drawn sources, score functions and masks."""

from math import sqrt

import indices
from draft import WORK

PATTERNS = ["repeat_tile", "tile_tile", "repeat_repeat", "tile_repeat"]


class Place:
    """One attend: its sizes, and what masks and score functions capture."""

    def __init__(self, draft, heads, queries, keys, size, rank, batch=None):
        self.draft, self.state, self.rank = draft, draft.state, rank
        self.B = batch or (draft.B if rank > 2 else draft.constant(1))
        self.H, self.Q, self.K, self.E = draft.constant(heads), queries, keys, draft.constant(size)
        self.heads, self.size = heads, size
        self.captures, self.sized = {}, False

    batch = property(lambda self: self.B.value)
    queries = property(lambda self: self.Q.value)
    keys = property(lambda self: self.K.value)
    square = property(lambda self: self.Q == self.K)

    def capture(self, name, element, *letters, value=None):
        if name not in self.captures:
            known = {"b": self.B, "h": self.H, "q": self.Q, "k": self.K}
            shape = [known[x] if x in known else self.draft.constant(int(x)) for x in letters]
            self.captures[name] = self.draft.input(shape, element, value)
        return str(self.captures[name])

    def shape(self, *sizes, heads=None):
        """[B, H, ...], without what this rank leaves out."""
        front = [self.B, self.draft.constant(heads or self.heads)]
        return [*front[:self.rank - 2], *sizes]

    def fewer(self):
        """Heads of an operand that others share."""
        if self.rank < 4:
            return 1
        return self.state.choice([n for n in range(1, self.heads + 1) if self.heads % n == 0])

    def operand(self, *sizes, heads=None):
        x = self.draft.like(self.shape(*sizes, heads=heads))
        return self.draft.held(x, 3)

    def table(self, positions, *rest, square=False, heads=None):
        """A weight [H, L, ...] or [L, ...], or an input of that shape."""
        state, draft = self.state, self.draft
        front = [draft.constant(heads or self.fewer())] if heads or state.random() < 0.6 else []
        make = draft.input
        if positions.most <= 160 and state.random() < 0.6:
            positions = draft.constant(positions.most + state.choice([0, 0, 1, 5]))
            make = lambda sizes: draft.param(*sizes)
        return str(make([*front, positions, *([positions] if square else rest)]))

    # Sources.

    def dot(self):
        q = self.operand(self.Q, self.E)
        k = self.operand(self.K, self.E, heads=self.fewer())
        self.sized = True
        scale = self.state.uniform(-2, 2) / sqrt(self.size)
        return f"dot({q}, {k}{self.state.choice(['', f', scale = {scale:.4f}'])})"

    def additive(self):
        e = self.draft.size(24)
        w = self.draft.input([e] if self.state.random() < 0.5 else [self.draft.constant(1), e])
        self.sized = True
        return f"additive({self.operand(self.Q, e)}, {self.operand(self.K, e, heads=self.fewer())}, {w})"

    def dense(self):
        self.sized = True
        bias = f", {self.table(self.K)}" if self.state.random() < 0.6 else ""
        return f"dense({self.operand(self.Q, self.E)}, {self.table(self.K, self.E)}{bias})"

    def random(self):
        if self.square:
            return f"random({self.table(self.Q, square=True)})"
        return f"random({self.draft.input([self.draft.constant(self.fewer()), self.Q, self.K])})"

    def factorized_random(self):
        n = self.draft.size(20)
        shared = self.fewer()
        return (f"factorized_random({self.table(self.Q, n, heads=shared)}, "
                f"{self.table(self.K, n, heads=self.state.choice([1, shared]))})")

    def factorized_dense(self):
        n = self.state.randint(1, 9) if self.K.most < 1000 else self.state.randint(30, 60)
        m = -(-self.K.most // n) + self.state.choice([0, 0, 1])
        a = self.operand(self.Q, self.draft.constant(n))
        b = self.operand(self.Q, self.draft.constant(m), heads=self.fewer())
        self.sized = True
        return f"factorized_dense({a}, {b}, pattern = {self.state.choice(PATTERNS)})"

    def bias(self):
        if self.state.random() < 0.4:
            return f"scores({{ {self.state.uniform(-0.1, 0.1):.3f} * abs(k - q) + 0.1 * h }})"
        if self.rank < 4 or self.state.random() < 0.5:
            return f"scores({self.draft.held(self.draft.like([self.Q, self.K]), 4)})"
        one = self.draft.constant(1)
        shape = [self.state.choice([self.B, one]), self.state.choice([self.H, one]), self.Q, self.K]
        return f"scores({self.draft.held(self.draft.like(shape), 4)})"

    def weight(self):
        """A factor of scores."""
        kind = self.state.randrange(4)
        if kind == 0 and self.rank == 4:
            return str(self.draft.input([self.H]))
        if kind == 1:
            return str(self.draft.param())
        if kind == 2:
            return f"sigmoid({self.draft.param()})"
        return f"{self.state.uniform(-1.5, 1.5):.3f}"

    def source(self, depth=0):
        """An expression of type scores."""
        if depth < 2 and self.state.random() < 0.35:
            a, b = self.source(depth + 1), self.source(depth + 1)
            return self.state.choice([f"({a} + {self.weight()} * {b})", f"({self.weight()} * {a} - {b})",
                                      f"({a} + {b})", f"(-{a} + {b} / 2.0)",
                                      f"({self.weight()} * ({a} - {self.weight()} * {b}))"])
        return self.state.choice([self.dot, self.dot, self.dot, self.additive, self.dense, self.random,
                                  self.factorized_random, self.factorized_dense, self.bias])()

    def scores(self, value):
        """The scores of an attend whose values have this size, and the values."""
        if self.square and self.state.random() < 0.2:
            # Tables alone take their sizes from the keys and v; of weights, their
            # probabilities may be computed when those are loaded.
            heads = self.state.choice([1, self.heads])
            source = self.state.choice([
                lambda: f"random({self.table(self.K, square=True, heads=self.fewer())})",
                lambda: f"factorized_random({self.table(self.K, self.E, heads=heads)}, "
                        f"{self.table(self.K, self.E, heads=self.state.choice([1, heads]))})"])()
            return source, self.operand(self.K, value)
        source = self.source()
        # What has no queries of its own takes sizes from the keys and heads of v.
        if not self.sized:
            source = f"({source} + {self.dot()})"
        return source, self.operand(self.K, value, heads=self.fewer())


def sizes(draft):
    """Heads, queries, keys, head size and rank that are not too much work."""
    state = draft.state
    while True:
        rank = state.choice([4, 4, 4, 3, 2])
        heads = state.choice([1, 2, 3, 4, 6, 8]) if rank == 4 else 1
        queries, keys = (state.choice([draft.T, draft.T, draft.S, draft.size()]) for _ in range(2))
        size = draft.size(96).value
        batch = draft.B.value if rank > 2 else 1
        if batch * heads * queries.value * keys.value * (size + 30) <= WORK:
            return heads, queries, keys, size, rank
        if state.random() < 0.1:
            return 1, draft.size(60), draft.size(60), 16, 2


def extras(draft):
    """Arguments after the mask, and whether every result is finite."""
    policy = draft.state.choice(["", "zero", "zero", "uniform", "uniform", "nan"])
    return f", empty_row = {policy}" if policy else "", policy != "nan"


def attend(draft):
    place = Place(draft, *sizes(draft))
    value = draft.size(80)
    scores, v = place.scores(value)
    scores += indices.score(place)
    mask = f", mask = {indices.whole(place)}" if draft.often(0.8) else ""
    policy, finite = extras(draft)
    call = f"attend({scores}, {v}{mask}{policy}"
    shape = place.shape(place.Q, value)
    if draft.often(0.75):
        return draft.let(call + ")", shape, most=3.0, finite=finite)
    front = place.shape(heads=place.heads)[:place.rank - 2]
    with_probs, with_lse = draft.state.choice([(True, True), (True, False), (False, True)])
    names = [draft.name("o")]
    results = [(names[0], shape, finite, 3.0)]
    for wanted, option, tail, is_finite in ((with_probs, "probs", [place.Q, place.K], finite),
                                            (with_lse, "lse", [place.Q], False)):
        if wanted:
            call += f", {option} = true"
            names.append(draft.name("o"))
            results.append((names[-1], [*front, *tail], is_finite, 1.0))
    draft.lines.append(f"{draft.indent}let {', '.join(names)} = {call})")
    for name, its_shape, is_finite, most in results:
        draft.known(name, its_shape, most=most, finite=is_finite)
    return True


def self_attend(draft):
    """Heads of projections of one value, merged."""
    x = draft.array(lambda x: x.last.constant, rank=3)
    if x is None:
        return None
    heads, size = draft.state.choice([1, 2, 3, 4, 8]), draft.state.choice([1, 4, 8, 15, 16, 32, 33])
    shared = draft.state.choice([n for n in (1, 2, 4, 8) if heads % n == 0])
    if x.shape[0].value * heads * x.shape[1].value**2 * size > WORK:
        return None
    place = Place(draft, heads, x.shape[1], x.shape[1], size, 4, batch=x.shape[0])
    at, text = draft.name("att"), draft.held(x, 4)
    q, k, v = (f'heads(linear({text}, {n * size}{draft.state.choice(["", ", bias = false"])}) at "{at}.{name}", {n})'
               for name, n in (("q", heads), ("k", shared), ("v", shared)))
    if draft.often(0.3):
        q, k = (f"rope({y}, {size // 2 * 2}{draft.state.choice(['', ', layout = interleaved'])})"
                if size > 1 else y for y in (q, k))
    mask = f", mask = {indices.whole(place)}" if draft.often(0.8) else ""
    policy, finite = extras(draft)
    score = f", score = {{ {indices.function(place)} }}" if draft.often(0.4) else ""
    return draft.let(f"merge(attention({q}, {k}, {v}{score}{mask}{policy}))",
                     [*x.shape[:2], draft.constant(heads * size)], most=3.0, finite=finite)


def spatial(draft):
    """Positions mixed by a weight; sometimes the whole gate that kernels fuse."""
    state = draft.state
    rank, first = state.choice([(3, False), (3, False), (3, True), (2, False)])
    groups = state.choice([1, 1, 2, 3])
    channels = groups * draft.size(80).value
    positions = state.choice([draft.T, draft.size()])
    batch = draft.B if rank == 3 else draft.constant(1)
    if batch.value * positions.value**2 * channels > WORK:
        return None
    place = Place(draft, groups, positions, positions, 1, 4, batch=batch)
    shape = [draft.B, positions] if not first else [positions, draft.B]
    shape = ([positions] if rank == 2 else shape) + [draft.constant(channels)]
    front = [draft.constant(groups)] if groups > 1 else []
    # Half of the weights are longer than the input.
    if positions.most <= 200 and draft.often():
        longest = draft.constant(positions.most + state.choice([0, 3]))
        w, bias = draft.param(*front, longest, longest), draft.param(*front, longest)
    else:
        w, bias = draft.input([*front, positions, positions]), draft.input([*front, positions])
    text = draft.held(draft.like(shape), 4)
    if draft.often():
        text = f'layer_norm({text}, eps = 0.1) at "{draft.name("n")}"'
    text = f"spatial({w}, {text}"
    text += f", bias = {bias}" if draft.often(0.6) else ""
    text += f", mask = {indices.whole(place, reads='h')}" if draft.often(0.6) else ""
    text += ", axis = 0)" if first else state.choice([")", f", axis = {rank - 2})"])
    most = 3.0 * sqrt(positions.value) + 2
    if draft.often(0.4):
        text, most = f"({text} + {draft.held(draft.like(shape), 4)})", most + 4
    if draft.often(0.4):
        text = f"{state.choice(['gelu', 'tanh', 'relu', 'silu', 'sigmoid'])}({text})"
    if draft.often(0.7):
        text, most = f"{draft.held(draft.like(shape), 4)} * {text}", most * 4
    return draft.let(text, shape, most=most)


def spatial_scores(draft):
    """Positions mixed by scores, without softmax."""
    state = draft.state
    first = draft.often(0.3)
    groups, positions = state.choice([1, 1, 2, 3]), state.choice([draft.T, draft.size()])
    channels = groups * draft.size(40).value
    if draft.B.value * positions.value**2 * (channels + 30 * groups) > WORK:
        return None
    place = Place(draft, groups, positions, positions, draft.size(40).value, 4)
    source = place.source()
    if not place.sized:
        source = f"({source} + {place.dot()})"
    shape = [positions, draft.B] if first else [draft.B, positions]
    shape.append(draft.constant(channels))
    front = [draft.constant(groups)] if groups > 1 else []
    text = f"spatial({source} >> {{ tanh(s) }}, {draft.held(draft.like(shape), 4)}"
    text += f", bias = {draft.input([*front, positions])}" if draft.often(0.6) else ""
    text += f", mask = {indices.whole(place)}" if draft.often(0.6) else ""
    return draft.let(text + (", axis = 0)" if first else ")"), shape, most=4.0 * positions.value + 2)


OPS = [attend, attend, attend, attend, self_attend, spatial, spatial_scores]
