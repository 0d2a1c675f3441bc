"""Sizes of axes: polynomials in dims, as the language has them, with their values."""

# Around the edges of tiles, vectors and blocks.
EDGES = [n + d for n in (6, 8, 16, 48, 64, 128) for d in (-1, 0, 1)]


def draw(state, most=130):
    """A number from 1 to `most`, mostly next to an edge."""
    if state.random() < 0.02 and most >= 130:
        return state.choice([255, 256, 257])
    if state.random() < 0.6:
        return state.choice([n for n in EDGES + [1, 2, 3] if n <= most])
    return state.randint(1, most)


class Size:
    """terms: the coefficient of each product of dims, () for the constant."""

    def __init__(self, terms, dims):
        self.terms = {dims_of: c for dims_of, c in terms.items() if c}
        self.dims = dims

    @property
    def value(self):
        total = 0
        for names, c in self.terms.items():
            for name in names:
                c *= self.dims[name].value
            total += c
        return total

    @property
    def most(self):
        """The largest value that the dims' bounds allow."""
        total = 0
        for names, c in self.terms.items():
            for name in names:
                c *= self.dims[name].bound if c > 0 else 1
            total += c
        return total

    @property
    def constant(self):
        return all(names == () for names in self.terms)

    def __add__(self, other):
        terms = dict(self.terms)
        for names, c in other.terms.items():
            terms[names] = terms.get(names, 0) + c
        return Size(terms, self.dims)

    def __mul__(self, other):
        terms = {}
        for a, x in self.terms.items():
            for b, y in other.terms.items():
                names = tuple(sorted(a + b))
                terms[names] = terms.get(names, 0) + x * y
        return Size(terms, self.dims)

    def __eq__(self, other):
        return self.terms == other.terms

    def __hash__(self):
        return hash(frozenset(self.terms.items()))

    def __str__(self):
        parts = [" * ".join([*([str(c)] if c != 1 or not names else []), *names])
                 for names, c in sorted(self.terms.items(), reverse=True)]
        return " + ".join(parts) or "0"


class Dim:
    def __init__(self, value, bound):
        self.value, self.bound = value, bound
