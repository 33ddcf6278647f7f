"""Every small mistake that somebody could make in an edition: one rule negated, one part dropped, one number moved, one
urgency lowered (DESIGN §6). What tells an edition from its mutants is what its tests and proofs really say.

What is written once is mutated once. A named concept changes wherever it is used; what is said of all alarms or of all
kinds of complaint ("hard_alarm", "is_nonspecific") is no statement of its own and follows the rules that it is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from ruggespraak.logic import And, AtLeast, Compare, Expression, Finding, In, Named, Not, Or, Unless, all_of, any_of
from ruggespraak.pathway.editions.classes import is_a
from ruggespraak.pathway.rules import (
    Alarm,
    Class,
    Complaint,
    Conflict,
    Derivation,
    Edition,
    Parameter,
    Recommendation,
    Review,
    Urgency,
    rewritten,
    with_concepts,
    with_numbers,
)

NEGATED, DROPPED, MOVED, LOWERED = "negated", "dropped", "moved", "lowered"

Rule = Alarm | Class | Recommendation | Review | Derivation | Conflict


@dataclass(frozen=True)
class Mutant:
    """An edition with one mistake in it. ``rule``: the rule, concept or parameter that has it.

    ``make`` gives the edition, when it is asked for: of a thousand mutants a sample is looked at.
    """

    id: str
    kind: str
    rule: str
    make: Callable[[], Edition]

    @cached_property
    def edition(self) -> Edition:
        return self.make()


@dataclass(frozen=True, slots=True)
class _Change:
    """A condition with one mistake in it."""

    kind: str
    what: str
    new: Expression


def mutants(edition: Edition, besides: Edition | None = None) -> Iterator[Mutant]:
    """All mutants of an edition. Their ids are stable and differ.

    ``besides``: what that edition shares with this one (the same rule, concept or number) is passed over.
    """
    seen: dict[str, int] = {}
    for mutant in _all(edition, besides):
        seen[mutant.id] = seen.get(mutant.id, 0) + 1
        yield replace(mutant, id=f"{mutant.id} ({seen[mutant.id]})") if seen[mutant.id] > 1 else mutant


def _all(edition: Edition, besides: Edition | None) -> Iterator[Mutant]:
    shared = {id(rule) for rule in _rules(besides)} if besides else set()
    for place in _PLACES:
        for index, rule in enumerate(getattr(edition, place)):
            if id(rule) not in shared:
                yield from _of_rule(edition, place, index, rule)
    concepts = _concepts(besides) if besides else {}
    for name, concept in _concepts(edition).items():
        if concepts.get(name) != concept:
            for change in _changes(concept.part):
                altered = partial(with_concepts, edition, {name: change.new.named(name)})
                yield Mutant(f"{name}: {change.what}", change.kind, name, altered)
    numbers = _used(besides) if besides else {}
    for parameter in _used(edition).values():
        if parameter.name not in numbers:
            for value in _moved(parameter):
                what = f"{parameter.name}: {parameter:g} moved to {value:g}"
                altered = partial(with_numbers, edition, {parameter.name: value})
                yield Mutant(what, MOVED, parameter.name, altered)


# -- rules ----------------------------------------------------------------------------------------------------------

_PLACES = ("alarms", "classes", "recommendations", "reviews", "derivations", "conflicts")


def _rules(edition: Edition) -> list[Rule]:
    return [rule for place in _PLACES for rule in getattr(edition, place)]


def name(rule: Rule) -> str:
    """What a rule is called: its id, or what it concludes."""
    match rule:
        case Class(complaint=complaint):
            return str(complaint)
        case Derivation(finding=finding, value=value):
            return f"{finding}={str(value).lower()}"
        case _:
            return rule.id


def _of_rule(edition: Edition, place: str, index: int, rule: Rule) -> Iterator[Mutant]:
    called = name(rule)
    for kind, what, new in (*_of_conditions(rule), *_of_urgency(rule)):
        rules = getattr(edition, place)
        swapped: dict[str, Any] = {place: (*rules[:index], new, *rules[index + 1 :])}
        altered = replace(edition, **swapped)
        yield Mutant(f"{called}: {what}", kind, called, partial(_consistent, altered))


def _of_conditions(rule: Rule) -> Iterator[tuple[str, str, Rule]]:
    for change in _changes(rule.when):
        yield change.kind, change.what, replace(rule, when=change.new)
    if isinstance(rule, Class):
        for change in _changes(rule.probable) if rule.probable is not None else ():
            yield change.kind, f"probable, {change.what}", replace(rule, probable=change.new)
    if isinstance(rule, Alarm):
        for index, (image, when) in enumerate(rule.imaging):
            if when is not None:
                for kind, what, new in [*_as_optional(_changes(when)), (DROPPED, "condition dropped", None)]:
                    pictures = (*rule.imaging[:index], (image, new), *rule.imaging[index + 1 :])
                    yield kind, f"picture {index + 1}, {what}", replace(rule, imaging=pictures)


def _as_optional(changes: Iterable[_Change]) -> Iterator[tuple[str, str, Expression | None]]:
    for change in changes:
        yield change.kind, change.what, change.new


def _of_urgency(rule: Rule) -> Iterator[tuple[str, str, Rule]]:
    if isinstance(rule, Alarm | Recommendation | Review) and rule.urgency:
        lower = Urgency(rule.urgency - 1)
        yield LOWERED, f"{rule.urgency} lowered to {lower}", replace(rule, urgency=lower)


# -- conditions -----------------------------------------------------------------------------------------------------


def _changes(condition: Expression) -> Iterator[_Change]:
    """The whole negated, then every mistake inside it; not in what has a name: that is changed where it is defined."""
    if isinstance(condition, Not):
        yield _Change(NEGATED, "negated", condition.part)
        yield from _in_part(condition.part, Not)
    else:
        yield _Change(NEGATED, "negated", ~condition)
        yield from _inside(condition)


def _inside(node: Expression) -> Iterator[_Change]:
    match node:
        case Not(part):
            yield _Change(NEGATED, f"'{words(node)}' negated", part)
            yield from _in_part(part, Not)
        case And(parts):
            yield from _in_parts(parts, all_of)
        case Or(parts):
            yield from _in_parts(parts, any_of)
        case AtLeast(n, parts):
            for other in (n - 1, n + 1):
                yield _Change(MOVED, f"at least {n} of {len(parts)} moved to {other}", AtLeast(other, parts))
            yield from _in_parts(parts, lambda parts: AtLeast(n, tuple(parts)))
        case Unless(part, exception):
            yield _Change(DROPPED, f"exception '{exception.name}' dropped", part)
            yield from _in_part(part, lambda part: Unless(part, exception))
        case In(finding, choices) if len(choices) > 1:
            for choice in sorted(choices):
                yield _Change(DROPPED, f"choice '{finding.id}={choice}' dropped", In(finding, choices - {choice}))
        case Compare(finding, operator, limit) if not isinstance(limit, Parameter):
            for moved in (limit - 1, limit + 1):
                yield _Change(MOVED, f"'{words(node)}' moved to {moved:g}", Compare(finding, operator, moved))


def _in_part(part: Expression, around: Callable[[Expression], Expression]) -> Iterator[_Change]:
    for change in _inside(part):
        yield replace(change, new=around(change.new))


def _in_parts(
    parts: tuple[Expression, ...], around: Callable[[tuple[Expression, ...]], Expression]
) -> Iterator[_Change]:
    for index, part in enumerate(parts):
        before, after = parts[:index], parts[index + 1 :]
        if len(parts) > 1:
            yield _Change(DROPPED, f"part '{words(part)}' dropped", around((*before, *after)))
        for change in _inside(part):
            yield replace(change, new=around((*before, change.new, *after)))


def words(node: Expression) -> str:
    """A condition in one short line, to tell mutants apart."""
    match node:
        case Finding(id=id):
            return id
        case Named(name=name):
            return name
        case Compare(finding, operator, limit):
            return f"{finding.id} {operator} {limit:g}"
        case In(finding, choices):
            return f"{finding.id}={'/'.join(sorted(choices))}"
        case Not(part):
            return f"not {words(part)}"
        case Unless(part, exception):
            return f"{words(part)} unless {exception.name}"
        case AtLeast(n, parts):
            return f"{n} of ({', '.join(map(words, parts))})"
    return "(" + (" and " if isinstance(node, And) else " or ").join(map(words, node.children())) + ")"


# -- concepts -------------------------------------------------------------------------------------------------------


def _concepts(edition: Edition) -> dict[str, Named]:
    """The named conditions that are defined on their own. What speaks of all alarms or all kinds is not."""
    made = {*edition.groups(edition.alarms), *(f"is_{complaint}" for complaint in Complaint)}
    found: dict[str, Named] = {}

    def look(value: Any) -> Any:
        if isinstance(value, Named) and value.name not in made and not value.name.startswith("before_"):
            found.setdefault(value.name, value)
        return value

    for rule in _rules(edition):
        rewritten(rule, look)
    return found


def _consistent(edition: Edition) -> Edition:
    """What is said of all alarms and of all kinds of complaint, said of those that there are now."""
    edition = with_concepts(edition, edition.groups(edition.alarms))
    kinds = (is_a(complaint, edition.classes) for complaint in Complaint)
    return with_concepts(edition, {kind.name: kind for kind in kinds if isinstance(kind, Named)})


# -- numbers --------------------------------------------------------------------------------------------------------

_STEPS = {"degrees C": 0.1, "hours": 24.0}
_NAMED_BY_URGENCY = "seen_"  # the decision looks these up by name


def _used(edition: Edition) -> dict[str, Parameter]:
    """The numbers that a rule or a referral of this edition uses, by name."""
    found: dict[str, Parameter] = {}

    def look(value: Any) -> Any:
        if isinstance(value, Parameter):
            found.setdefault(value.name, value)
        return value

    for rule in _rules(edition):
        rewritten(rule, look)
    return {one.name: one for one in edition.parameters if one.name in found or one.name.startswith(_NAMED_BY_URGENCY)}


def _moved(parameter: Parameter) -> tuple[float, float]:
    step = _STEPS.get(parameter.unit, 1.0)
    return round(parameter - step, 1), round(parameter + step, 1)
