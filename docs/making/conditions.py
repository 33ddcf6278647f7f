"""The condition of a rule as a page tells it: in words, as a picture, and with the numbers in it.

A condition that takes over whole other rules (a hard alarm, a kind of complaint) is not opened: those have pages of
their own. Other concepts stand under their own name, which the page of concepts explains.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from ruggespraak.logic import Compare, Expression, Finding, In, Named, Not, svg
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.rules import Alarm, Class, Parameter, Recommendation, Review, rewritten
from ruggespraak.pathway.texts import in_words, say, value_words

Rule = Alarm | Class | Recommendation | Review


def key(rule: Rule) -> str:
    """What no other rule of its edition is called: a kind of complaint can stand twice in their order."""
    return f"{rule.complaint}-{place(rule)}" if isinstance(rule, Class) else rule.id


def place(one: Class) -> int:
    """Where a class stands in the order in which they are tried. Raises StopIteration where no edition has it."""
    return next(at for name in EDITIONS for at, other in enumerate(edition(name).classes, 1) if one is other)


@cache
def _gathering() -> frozenset[str]:
    """The concepts that stand for whole rules or classes, not for findings of their own."""
    found = {one.name for name in EDITIONS for one in edition(name).concepts.values() if isinstance(one, Named)}
    return frozenset(found | {"specific_alarm", "nerve_alarm"})


def gathers(part: Expression) -> bool:
    return isinstance(part, Named) and (part.name in _gathering() or part.name.startswith("before_"))


def opened(when: Expression) -> Expression:
    """A condition that is one concept as a whole is told by what that concept says."""
    return when.part if isinstance(when, Named) and not gathers(when) else when


def told(when: Expression, lang: str) -> str:
    """The condition in words."""
    return in_words(opened(when), lang, open_names=False)


def has_parts(when: Expression) -> bool:
    """Whether there is something to draw: more than one finding or concept."""
    whole = opened(when)
    return not isinstance(whole, Finding | Compare | In | Named) and not (
        isinstance(whole, Not) and isinstance(whole.part, Finding)
    )


def drawn(when: Expression, result: str, lang: str) -> str:
    """The condition as a flow chart that ends in the result; concepts stay closed, as in the words."""

    def closed(value: Any) -> Any:
        if isinstance(value, Named) and not isinstance(value.part, Compare | In):
            return replace(value, part=Finding(value.name))
        return value

    return svg(rewritten(opened(when), closed), result, lang, say(lang), value_words(lang))


def asked(rule: Rule) -> list[Expression]:
    """Everything that this rule asks."""
    if isinstance(rule, Class):
        return [rule.when, *([rule.probable] if rule.probable is not None else [])]
    if isinstance(rule, Alarm):
        return [rule.when, *(when for _, when in rule.imaging if when is not None)]
    return [rule.when]


def own_parts(expression: Expression) -> Iterator[Expression]:
    """Every node that a condition itself speaks of; what it takes over from whole other rules is left out."""
    if not gathers(expression):
        for child in expression.children():
            yield from own_parts(child)
    yield expression


def limits(*expressions: Expression) -> list[float]:
    """The numbers that these conditions compare with."""
    return [part.limit for one in expressions for part in own_parts(one) if isinstance(part, Compare)]


def named(found: Iterable[object]) -> list[Parameter]:
    """Those that are parameters, each once."""
    return list({one.name: one for one in found if isinstance(one, Parameter)}.values())


def parameters(rule: Rule) -> list[Parameter]:
    """The parameters that a rule uses: in its conditions, as its clock, as its day."""
    found: list[object] = list(limits(*asked(rule)))
    if isinstance(rule, Alarm):
        found += [image.within_hours for image, _ in rule.imaging]
    if isinstance(rule, Recommendation) and rule.imaging:
        found.append(rule.imaging.within_hours)
    if isinstance(rule, Review):
        found += [rule.after, rule.on_day]
    return named(found)
