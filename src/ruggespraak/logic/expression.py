"""The language of rules: immutable trees over findings, in Kleene's three-valued logic.

Node types: Finding (present), Compare, In, Not, And, Or, AtLeast, Unless, Named. There is no min, max, sum or if: they
lose unknowns. "Lowest strength <= 3" is an Or of comparisons.

Unknown (None) means: with what is known, it may still turn out either way.

    a        not a          a     b      a and b   a or b
    True     False          True  None   None      True
    False    True           False None   False     None
    None     None           None  None   None      None
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ruggespraak.logic.finding import Answers, Finding

Kleene = bool | None


class Expression:
    """A condition on findings. Build one with ``&``, ``|``, ``~``, comparisons, ``at_least`` and ``unless``."""

    __slots__ = ()

    def __and__(self, other: Expression) -> And:
        return And((*_parts(And, self), *_parts(And, other)))

    def __or__(self, other: Expression) -> Or:
        return Or((*_parts(Or, self), *_parts(Or, other)))

    def __invert__(self) -> Expression:
        return Not(self)

    def __bool__(self) -> bool:
        raise TypeError("a rule has no truth of its own: use & | ~ instead of 'and', 'or', 'not', and give answers")

    def unless(self, exception: Named) -> Unless:
        """This, as long as the named exception is not *established*. See ``Unless``."""
        return Unless(self, exception)

    def named(self, name: str) -> Named:
        """The same condition under a name of its own, to be read, explained and reused."""
        return Named(name, self)

    def children(self) -> tuple[Expression, ...]:
        """The conditions that this one is made of, in their order."""
        raise NotImplementedError

    def value(self, answers: Answers) -> Kleene:
        """True, False, or None while these answers leave it open."""
        raise NotImplementedError

    def walk(self) -> Iterator[Expression]:
        """Every node of the tree, children before parents."""
        for child in self.children():
            yield from child.walk()
        yield self

    def findings(self) -> frozenset[Finding]:
        """Every finding that this condition speaks of."""
        from ruggespraak.logic.finding import Finding

        here = {node for node in self.walk() if isinstance(node, Finding)}
        return frozenset(here | {node.finding for node in self.walk() if isinstance(node, Compare | In)})


def _parts(kind: type[And] | type[Or], part: Expression) -> tuple[Expression, ...]:
    return part.parts if isinstance(part, kind) else (part,)


def _conditions(*parts: object) -> None:
    """Raises TypeError for what cannot be a condition: ``n == 3`` is plain Python, a bare number has no truth."""
    for part in parts:
        if not isinstance(part, Expression):
            raise TypeError(f"{part!r} is no condition; compare with < <= > >= or one_of")
        if getattr(part, "kind", "boolean") != "boolean":
            raise TypeError(f"{part!r} is a {part.kind}, no condition: compare it")  # type: ignore[attr-defined]


_COMPARE = {
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
}


@dataclass(frozen=True, slots=True)
class Compare(Expression):
    """A number against a limit. Unknown while the number is unknown: never "lower than"."""

    finding: Finding
    operator: str
    limit: float

    def children(self) -> tuple[Expression, ...]:
        return ()

    def value(self, answers: Answers) -> Kleene:
        number = answers.get(self.finding.id)
        return None if number is None else bool(_COMPARE[self.operator](number, self.limit))


@dataclass(frozen=True, slots=True)
class In(Expression):
    """A choice that is one of these. Unknown while the choice is unknown: never "another one"."""

    finding: Finding
    choices: frozenset[str]

    def children(self) -> tuple[Expression, ...]:
        return ()

    def value(self, answers: Answers) -> Kleene:
        choice = answers.get(self.finding.id)
        return None if choice is None else choice in self.choices


@dataclass(frozen=True, slots=True)
class Not(Expression):
    """The opposite. The opposite of unknown is unknown.

    a     True   False  None
    not a False  True   None
    """

    part: Expression

    def __post_init__(self) -> None:
        _conditions(self.part)

    def children(self) -> tuple[Expression, ...]:
        return (self.part,)

    def value(self, answers: Answers) -> Kleene:
        value = self.part.value(answers)
        return None if value is None else not value


@dataclass(frozen=True, slots=True)
class And(Expression):
    """All parts. One False decides, whatever is unknown::

               True   False  None
        True   True   False  None
        False  False  False  False
        None   None   False  None

    Of no parts: True.
    """

    parts: tuple[Expression, ...]

    def __post_init__(self) -> None:
        _conditions(*self.parts)

    def children(self) -> tuple[Expression, ...]:
        return self.parts

    def value(self, answers: Answers) -> Kleene:
        result: Kleene = True
        for part in self.parts:
            value = part.value(answers)
            if value is False:
                return False
            if value is None:
                result = None
        return result


@dataclass(frozen=True, slots=True)
class Or(Expression):
    """At least one part. One True decides, whatever is unknown::

               True   False  None
        True   True   True   True
        False  True   False  None
        None   True   None   None

    Of no parts: False.
    """

    parts: tuple[Expression, ...]

    def __post_init__(self) -> None:
        _conditions(*self.parts)

    def children(self) -> tuple[Expression, ...]:
        return self.parts

    def value(self, answers: Answers) -> Kleene:
        result: Kleene = False
        for part in self.parts:
            value = part.value(answers)
            if value is True:
                return True
            if value is None:
                result = None
        return result


@dataclass(frozen=True, slots=True)
class AtLeast(Expression):
    """At least n of the parts: True when n are known true, False when n can no longer be reached.

    Two of three:   T T ? -> True     T ? F -> None     T F F -> False     ? ? F -> None
    """

    n: int
    parts: tuple[Expression, ...]

    def __post_init__(self) -> None:
        _conditions(*self.parts)

    def children(self) -> tuple[Expression, ...]:
        return self.parts

    def value(self, answers: Answers) -> Kleene:
        known_true = possibly_true = 0
        for part in self.parts:
            value = part.value(answers)
            known_true += value is True
            possibly_true += value is not False
        if known_true >= self.n:
            return True
        return None if possibly_true >= self.n else False


@dataclass(frozen=True, slots=True)
class Unless(Expression):
    """A condition that stands until a named exception is *established*.

    An exception that is unknown changes nothing: that is the whole difference from ``part & ~exception``.

    part \\ exception   True    False   None
    True                False   True    True
    False               False   False   False
    None                False   None    None

    It is the only node through which a new answer can lower what was established; therefore the exception has a name.
    """

    part: Expression
    exception: Named

    def __post_init__(self) -> None:
        if not isinstance(self.exception, Named):
            raise TypeError("an exception needs a name: write .unless(condition.named('...'))")
        _conditions(self.part)

    def children(self) -> tuple[Expression, ...]:
        return (self.part, self.exception)

    def value(self, answers: Answers) -> Kleene:
        if self.exception.value(answers) is True:
            return False
        return self.part.value(answers)


@dataclass(frozen=True, slots=True)
class Named(Expression):
    """A concept: a condition with a name of its own."""

    name: str
    part: Expression

    def __post_init__(self) -> None:
        _conditions(self.part)

    def children(self) -> tuple[Expression, ...]:
        return (self.part,)

    def value(self, answers: Answers) -> Kleene:
        return self.part.value(answers)


def any_of(parts: Iterable[Expression]) -> Expression:
    """True when at least one part is. Of no parts: never."""
    found = tuple(parts)
    return found[0] if len(found) == 1 else Or(found)


def all_of(parts: Iterable[Expression]) -> Expression:
    """True when every part is. Of no parts: always."""
    found = tuple(parts)
    return found[0] if len(found) == 1 else And(found)


def at_least(n: int, parts: Iterable[Expression]) -> AtLeast:
    """True when n or more of the parts are."""
    return AtLeast(n, tuple(parts))


def answered(finding: Finding) -> Or:
    """True once this yes-or-no question has an answer, either way."""
    return finding | ~finding


ALWAYS = And(())
NEVER = Or(())
