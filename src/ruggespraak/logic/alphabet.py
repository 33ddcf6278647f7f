"""Rules as bits: every literal of a set of rules has a bit, every answer sets some, every rule is a monotone function.

A *literal* is the smallest thing that a rule can ask: present, absent, a comparison, a set of choices. What is known of
a patient is then one whole number (the literals that are true), and what is still possible is another (those that are
not false). A rule in negation normal form is a monotone function of such a number, so one and the same function,
applied to different numbers, answers different questions:

- on what is known: is the rule established?
- on what is possible: could it still be?
- on what is known plus what this person could still tell: could the person's own answers bring it?
- on what is known plus what stayed unclear: did somebody hesitate about exactly this?

Nothing is written twice, and a whole guideline is read in microseconds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from ruggespraak.logic.expression import And, AtLeast, Compare, Expression, In, Named, Not, Or, Unless
from ruggespraak.logic.finding import Answers, Finding, Value

_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


# -- rules as monotone functions of bits --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Form:
    """A monotone function of bits: at least ``n`` of ``bits`` and of the nested ``parts``.

    ``n = 1`` is Or, ``n = len`` is And.
    """

    n: int
    bits: int
    parts: tuple[Form, ...] = ()

    @property
    def size(self) -> int:
        """How many bits and parts it counts."""
        return self.bits.bit_count() + len(self.parts)

    def every_bit(self) -> int:
        """The bits that this looks at, its parts included."""
        found = self.bits
        for part in self.parts:
            found |= part.every_bit()
        return found

    def depth(self) -> int:
        """How many levels of parts this has."""
        return 1 + max((part.depth() for part in self.parts), default=0)

    def holds(self, reading: int) -> bool:
        """Whether this is true when exactly the literals of ``reading`` are."""
        count = (reading & self.bits).bit_count()
        return count >= self.n or count + sum(part.holds(reading) for part in self.parts) >= self.n

    def source(self, names: Mapping[Form, str] | None = None) -> str:
        """The same as a Python expression of ``x``. A part that has a name already is written as that name."""
        if names and self in names:
            return names[self]
        own, count = f"x & {self.bits:#x}", self.bits.bit_count()
        terms = [f"({part.source(names)})" for part in sorted(self.parts, key=lambda part: part.size)]
        if self.n == 0:
            return "True"
        if self.n == 1:
            return " or ".join([f"{own} != 0"] * (count > 0 or not terms) + terms)
        if self.n == self.size:
            return " and ".join([f"{own} == {self.bits:#x}"] * (count > 0) + terms)
        return " + ".join([f"({own}).bit_count()", *terms]) + f" >= {self.n}"

    def compiled(self) -> Callable[[int], bool]:
        """``holds``, compiled from ``source``."""
        return eval(f"lambda x: {self.source()}")  # type: ignore[no-any-return]  # our own source, from our own form


def shared(forms: Iterable[Form], without: int = 0) -> tuple[list[str], dict[Form, str]]:
    """Lines that compute every part that these forms have in common once, and the names that the parts get.

    Parts that look at a bit of ``without`` are left where they are.
    """
    seen: dict[Form, int] = {}

    def count(form: Form) -> None:
        seen[form] = seen.get(form, 0) + 1
        if seen[form] == 1:
            for part in form.parts:
                count(part)

    for form in forms:
        count(form)
    names: dict[Form, str] = {}
    lines = []
    common = [form for form, times in seen.items() if times > 1 and not form.every_bit() & without]
    for form in sorted(common, key=Form.depth):
        lines.append(f"{(name := f'p{len(names)}')} = {form.source(names)}")
        names[form] = name
    return lines, names


TRUE = Form(0, 0)
FALSE = Form(1, 0)


def at_least_of(n: int, parts: Iterable[Form]) -> Form:
    """At least n of these, flattened: single literals become bits, Or in Or and And in And dissolve."""
    todo = list(parts)
    total = len(todo)
    for constant, lowers in ((TRUE, 1), (FALSE, 0)):
        found = todo.count(constant)
        todo = [part for part in todo if part != constant]
        n -= found * lowers
        total -= found
    if n <= 0:
        return TRUE
    if n > total:
        return FALSE
    if total == 1:
        return todo[0]
    is_or, is_and = n == 1, n == total
    bits, rest = 0, []
    for part in todo:
        dissolves = (is_or and part.n == 1) or (is_and and part.n == part.size)
        single = part.size == 1 and not part.parts
        if dissolves or single:
            if bits & part.bits and not (is_or or is_and):
                rest.append(part)
                continue
            bits |= part.bits
            rest.extend(part.parts)
        else:
            rest.append(part)
    rest = list(dict.fromkeys(rest)) if is_or or is_and else rest
    size = bits.bit_count() + len(rest)
    return Form(size if is_and else n, bits, tuple(rest))


# -- the alphabet -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """One smallest condition on one finding: the values for which it is true."""

    finding: Finding
    expression: Expression
    index: int

    @property
    def bit(self) -> int:
        """Its bit, as a mask."""
        return 1 << self.index

    def holds(self, value: Value) -> bool:
        """Whether this value of its finding makes it true."""
        return self.expression.value({self.finding.id: value}) is True


@dataclass(frozen=True, slots=True)
class Reading:
    """What the answers of one person say of all literals. ``true`` includes the exceptions that are not established."""

    true: int
    known: int


@dataclass(slots=True)
class Alphabet:
    """The literals of a set of rules. Fill it with ``form``; then read answers with ``read``.

    Exceptions (``Unless``) get a bit too: it is set in every reading as long as the exception is not established.
    """

    literals: list[Literal] = field(default_factory=list)
    exceptions: dict[int, tuple[str, Form]] = field(default_factory=dict)
    _index: dict[Expression, int] = field(default_factory=dict)
    _width: int = 0
    _tables: dict[str, Callable[[Value], int]] = field(default_factory=dict)
    _masks: dict[str, int] = field(default_factory=dict)
    _hits: dict[tuple[str, Value | None], int] = field(default_factory=dict)
    _numbers: dict[str, Callable[[Value], int]] = field(default_factory=dict)
    _by_bit: dict[int, Literal] = field(default_factory=dict)
    _related: tuple[dict[int, int], dict[int, int]] | None = None

    # building

    def form(self, expression: Expression, negate: bool = False) -> Form:
        """The expression in negation normal form over bits. Raises TypeError for a node that it does not know."""
        match expression:
            case Finding() | Compare() | In():
                return Form(1, self._literal(opposite(expression) if negate else expression))
            case Named(_, part):
                return self.form(part, negate)
            case Not(part):
                return self.form(part, not negate)
            case And(parts):
                return at_least_of(1 if negate else len(parts), [self.form(part, negate) for part in parts])
            case Or(parts):
                return at_least_of(len(parts) if negate else 1, [self.form(part, negate) for part in parts])
            case AtLeast(n, parts):
                n = len(parts) - n + 1 if negate else n
                return at_least_of(n, [self.form(part, negate) for part in parts])
            case Unless(part, exception):
                standing = self._standing(exception)
                if negate:
                    return at_least_of(1, [self.form(part, True), self.form(exception)])
                return at_least_of(2, [self.form(part), Form(1, standing)])
        raise TypeError(f"no bits for {type(expression).__name__}")

    def _literal(self, expression: Expression) -> int:
        if expression not in self._index:
            (finding,) = expression.findings()
            self._index[expression] = self._width
            self.literals.append(Literal(finding, expression, self._width))
            self._width += 1
            self._tables.clear()
            self._related = None
        return 1 << self._index[expression]

    def _standing(self, exception: Named) -> int:
        if exception not in self._index:
            established = self.form(exception.part)
            self._index[exception] = self._width
            self.exceptions[1 << self._width] = (exception.name, established)
            self._width += 1
            self._tables.clear()
        return 1 << self._index[exception]

    # reading

    def _prepare(self) -> None:
        by_finding: dict[Finding, list[Literal]] = {}
        for literal in self.literals:
            by_finding.setdefault(literal.finding, []).append(literal)
        for finding, literals in by_finding.items():
            self._masks[finding.id] = sum(literal.bit for literal in literals)
            self._tables[finding.id] = table = _table(finding, literals)
            settled = self._masks[finding.id] << self._width
            if finding.kind in ("boolean", "choice"):
                self._hits.update({(finding.id, value): table(value) | settled for value in _samples(finding)})
            else:
                self._numbers[finding.id] = _table(finding, literals, settled)

    @property
    def tables(self) -> dict[str, Callable[[Value], int]]:
        """Per finding id: from a value to the bits of the literals that it makes true."""
        if not self._tables:
            self._prepare()
        return self._tables

    @property
    def masks(self) -> dict[str, int]:
        """Per finding id: the bits of all its literals."""
        if not self._tables:
            self._prepare()
        return self._masks

    @property
    def everything(self) -> int:
        """The bits of all literals (not of the exceptions)."""
        return sum(self.masks.values())

    def samples(self, finding: Finding) -> list[Value]:
        """Values that tell the literals of this finding apart: every region between their limits."""
        return _samples(finding, *(literal for literal in self.literals if literal.finding == finding))

    def look_up(self, answers: Answers) -> tuple[int, int]:
        """The literals that these answers make true, and those that they settle. Findings of no rule are left out."""
        if not self._tables:
            self._prepare()
        hits, numbers, both = self._hits, self._numbers, 0
        for answer in answers.items():
            bits = hits.get(answer)
            if bits is None:
                finding, value = answer
                if finding not in numbers or value is None:
                    continue
                bits = numbers[finding](value)
            both |= bits
        return both & ((1 << self._width) - 1), both >> self._width

    def read(self, answers: Answers) -> Reading:
        """What these answers say, with the exceptions that they leave standing."""
        true, known = self.look_up(answers)
        return Reading(self.with_exceptions(true), known)

    def with_exceptions(self, true: int) -> int:
        """Adds the bit of every exception that these true literals do not establish."""
        for bit, (_, established) in self.exceptions.items():  # one that another rests on stands before it
            if not established.holds(true):
                true |= bit
        return true

    def possible(self, reading: Reading) -> int:
        """The literals that are true or still may become so."""
        return reading.true | (self.everything & ~reading.known)

    def bits_of(self, findings: Iterable[str]) -> int:
        """The bits of all literals of these findings."""
        masks = self.masks
        found = 0
        for finding in findings:
            found |= masks.get(finding, 0)
        return found

    # implicants

    def implicants(self, form: Form) -> list[int]:
        """All smallest sets of literals that make the form true, as bit masks, fewest literals first.

        Sets that no single value can satisfy (younger than 18 and older than 60) are left out; a literal that
        another one of the set implies (60 days implies 42 days) is too. For a form in which no finding stands in both
        polarities these are exactly the prime implicants.
        """
        conflicts, implied = self.relations
        found = filter(self._can_hold, _implicants(form, conflicts, implied))
        return sorted(found, key=lambda mask: (mask.bit_count(), mask))

    def _can_hold(self, mask: int) -> bool:
        """Whether values exist for which all these literals hold: three sets of choices may exclude each other."""
        asked: dict[str, list[Literal]] = {}
        for literal in self.literals_in(mask):
            if literal.finding.kind != "boolean":
                asked.setdefault(literal.finding.id, []).append(literal)
        return all(
            any(all(literal.holds(value) for literal in literals) for value in _samples(literals[0].finding, *literals))
            for literals in asked.values()
        )

    @property
    def relations(self) -> tuple[dict[int, int], dict[int, int]]:
        """Per literal (bit) the literals that it excludes, and those that it implies."""
        if self._related is None:
            self._related = self._relations()
        return self._related

    def _relations(self) -> tuple[dict[int, int], dict[int, int]]:
        conflicts: dict[int, int] = {}
        implied: dict[int, int] = {}
        for literal in self.literals:
            for other in self.literals:
                if other.finding != literal.finding or other.index == literal.index:
                    continue
                samples = _samples(literal.finding, literal, other)
                mine = [other.holds(value) for value in samples if literal.holds(value)]
                if not any(mine):
                    conflicts[literal.bit] = conflicts.get(literal.bit, 0) | other.bit
                elif all(mine):
                    implied[literal.bit] = implied.get(literal.bit, 0) | other.bit
        return conflicts, implied

    def literals_in(self, mask: int) -> list[Literal]:
        """The literals of a mask, in the order in which the rules first name them."""
        by_bit = self._by_bit
        if len(by_bit) != len(self.literals):
            by_bit.update((literal.bit, literal) for literal in self.literals)
        found = []
        while mask:
            bit = mask & -mask
            if bit in by_bit:
                found.append(by_bit[bit])
            mask ^= bit
        return found


class Missing:
    """What is still missing of each implicant: the sets of available literals that, with the true ones, complete it.

    An implicant that needs a literal that is neither true nor available is dead. Iterates over the sets that no other
    one makes superfluous, fewest literals first; ``[0]`` when nothing is missing. Sets without a literal of ``news``
    are passed over; lower it while iterating to skip what has become old. ``implied``: per literal those that
    it implies.
    """

    def __init__(
        self,
        implicants: Iterable[int],
        true: int,
        available: int,
        news: int = -1,
        implied: Mapping[int, int] | None = None,
    ) -> None:
        self.news = news
        dead, missing = ~(true | available), ~true
        alive = [mask for mask in implicants if not mask & dead]
        begun = {mask & missing for mask in alive if mask & true}
        self._whole = [mask for mask in alive if not mask & true]
        self._complete = 0 in begun or 0 in self._whole
        # Implicants of which nothing is true yet cannot make each other superfluous; only what is begun can.
        self._single = some_begun = 0
        for mask in begun:
            some_begun |= mask
            if not mask & (mask - 1):
                self._single |= mask
        # A set that implies what is begun is superfluous too: 60 days would do, but 42 days do. Mostly nothing does.
        self._implied = {bit: others for bit, others in (implied or {}).items() if others & some_begun}
        self._implying = sum(self._implied)
        for mask in begun:
            if mask & self._single == mask and self._closed(mask) & self._single != mask:
                self._single ^= mask
        self._begun: dict[int, list[int]] = {}  # by their lowest literal
        for mask in begun:
            if not mask & self._single:
                self._begun.setdefault(mask & -mask, []).append(mask)

    def __iter__(self) -> Iterator[int]:
        if self._complete:
            yield 0
            return
        single = self._single
        while single & self.news:
            bit = single & self.news & -(single & self.news)
            single ^= bit
            yield bit
        news, single = self.news, self._single
        sets = [mask for masks in (*self._begun.values(), self._whole) for mask in masks if mask & news]
        if single:
            sets = [mask for mask in sets if not self._closed(mask) & single]
        sets.sort(key=lambda mask: (mask.bit_count(), mask))
        for mask in sets:
            if mask & self.news and (not mask & (mask - 1) or not self._superfluous(mask)):
                yield mask

    def _closed(self, mask: int) -> int:
        return _close(mask, self._implied) if mask & self._implying else mask

    def _superfluous(self, mask: int) -> bool:
        begun = self._begun
        if not begun:
            return False
        rest = closed = self._closed(mask)
        while rest:
            bit = rest & -rest
            for part in begun.get(bit, ()):
                if part & closed == part and part != mask:
                    return True
            rest ^= bit
        return False


def opposite(literal: Expression) -> Expression:
    """The smallest condition that holds where this one does not."""
    match literal:
        case Compare(finding, operator, limit):
            return Compare(finding, _OPPOSITE[operator], limit)
        case In(finding, choices):
            return In(finding, frozenset(finding.choices) - choices)
    return Not(literal)


def _samples(finding: Finding, *literals: Literal) -> list[Value]:
    """Values that tell these literals apart: every region between their limits."""
    if finding.kind == "boolean":
        return [True, False]
    if finding.kind == "choice":
        return list(finding.choices)
    limits = sorted({literal.expression.limit for literal in literals if isinstance(literal.expression, Compare)})
    return _regions(limits, finding)


def _regions(limits: list[float], finding: Finding) -> list[Value]:
    low = finding.minimum if finding.minimum is not None else limits[0] - 1
    high = finding.maximum if finding.maximum is not None else limits[-1] + 1
    edges = [low, *limits, high]
    between = [(left + right) / 2 for left, right in pairwise(edges) if right > left]
    return sorted({*edges, *between})


def _table(finding: Finding, literals: list[Literal], settled: int = 0) -> Callable[[Value], int]:
    def bits(value: Value) -> int:
        return sum(literal.bit for literal in literals if literal.holds(value)) | settled

    if finding.kind in ("boolean", "choice"):
        return {value: bits(value) for value in _samples(finding)}.__getitem__
    limits = sorted({literal.expression.limit for literal in literals if isinstance(literal.expression, Compare)})
    steps = [limits[0] - 1.0]
    for left, right in zip(limits, [*limits[1:], limits[-1] + 2.0], strict=True):
        steps += [left, (left + right) / 2]
    masks = [bits(step) for step in steps]

    def look_up(value: Value) -> int:
        # below the first limit, on it, between it and the next, on the next, ...
        return masks[bisect_left(limits, value) + bisect_right(limits, value)]

    return look_up


def _implicants(form: Form, conflicts: dict[int, int], implied: dict[int, int]) -> set[int]:
    parts = [{1 << index} for index in _indexes(form.bits)]
    parts += [_implicants(part, conflicts, implied) for part in form.parts]
    if form.n == 0:
        return {0}
    if form.n == 1:
        return _absorb(set().union(*parts), implied)
    found: set[int] = set()
    for chosen in combinations(parts, form.n):
        products = {0}
        for part in chosen:
            joined = (_join(left, right, conflicts, implied) for left in products for right in part)
            products = _absorb({mask for mask in joined if mask is not None}, implied)
        found |= products
    return _absorb(found, implied)


def _join(left: int, right: int, conflicts: dict[int, int], implied: dict[int, int]) -> int | None:
    """Both sets of literals together; None when they cannot hold at once."""
    both = left | right
    drop = 0
    for index in _indexes(both):
        if conflicts.get(1 << index, 0) & both:
            return None
        drop |= implied.get(1 << index, 0)
    return both & ~drop


def _absorb(masks: set[int], implied: dict[int, int]) -> set[int]:
    """Only the masks that no other one makes superfluous."""
    closed = {mask: _close(mask, implied) for mask in masks}
    kept: list[int] = []
    for mask in sorted(masks, key=lambda mask: (mask.bit_count(), closed[mask].bit_count(), mask)):
        if not any(smaller & closed[mask] == smaller for smaller in kept):
            kept.append(mask)
    return set(kept)


def _close(mask: int, implied: Mapping[int, int]) -> int:
    closed = mask
    while mask:
        bit = mask & -mask
        closed |= implied.get(bit, 0)
        mask ^= bit
    return closed


def _indexes(bits: int) -> Iterable[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
