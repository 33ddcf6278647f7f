"""A condition as CQL, in five ways of reading a patient; each named concept and each rule once, under its own name.

The decision asks the rules more than one question (``logic.alphabet``), and so does the CQL. ``KNOWN`` is CQL's own
logic. ``TOLD`` asks what a person could still tell: an examination that was not done counts for nothing. ``UNCLEAR``
asks what an answer "unclear" could mean: what was not asked counts for nothing. ``NOT_ASKED`` asks what a person could
tell who was not asked yet: an answer "unclear" counts for nothing. ``CERTAIN`` asks what may set an alarm aside: the
answers of who can vouch for them. In the last four a condition and its opposite can both be false, so they are written
in negation normal form, and the rest with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from ruggespraak.logic import (
    And,
    AtLeast,
    Compare,
    Expression,
    Finding,
    In,
    Named,
    Not,
    Or,
    Unless,
    opposite,
)
from ruggespraak.pathway.findings import CLINICIAN
from ruggespraak.pathway.rules import Edition

LONG = 90  # characters of a line


class Mode(StrEnum):
    """How a patient is read; the value ends the name of a definition."""

    KNOWN = ""
    TOLD = ", told"
    UNCLEAR = ", if unclear"
    NOT_ASKED = ", if not asked"
    CERTAIN = ", certain"


FUNCTIONS = """\
// Of the parts, at least n; unknown while those that are unknown could still make it n.
define function "at least"(n Integer, parts List<Boolean>):
  if Sum(parts P return all (if P is true then 1 else 0)) >= n then true
  else if Sum(parts P return all (if P is false then 0 else 1)) >= n then null
  else false

// What is known; unknown where the answer was "unclear"; and no ground for anything where nobody asked.
define function "if unclear"(known Boolean, unclear Boolean):
  if known is not null then known
  else if unclear then null
  else false

// What is known; unknown where nobody asked; and no ground for anything where the answer was "unclear".
define function "if not asked"(known Boolean, unclear Boolean):
  if known is not null then known
  else if unclear then false
  else null
"""


class Conditions:
    """Writes conditions of one edition, and keeps the definitions that they rest on, in an order that reads upward."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.definitions: dict[str, str] = {}
        self._value = {id: f'Findings."{id}"' for id in edition.findings}
        self._maybe: dict[tuple[str, bool], str] = {}
        self._alarms = {alarm.id for alarm in edition.alarms}
        self._rules: dict[Expression, str] = {}
        self._names: dict[str, Expression] = {}
        self._refutations = {
            node.exception
            for alarm in edition.alarms
            for condition in (alarm.when, *(when for _, when in alarm.imaging if when is not None))
            for node in condition.walk()
            if isinstance(node, Unless)
        }
        self._days()
        self._consequences()

    def define(self, name: str, body: str) -> str:
        """A definition of this name; how others refer to it."""
        if self.definitions.setdefault(name, body) != body:
            raise ValueError(f"edition {self.edition.id} means two things by {name!r}")
        return f'"{name}"'

    def rule(self, id: str, when: Expression, mode: Mode = Mode.KNOWN) -> str:
        """The definition of a rule. What speaks of a whole alarm refers to it from now on."""
        name = f"{id}{mode}"
        if name not in self.definitions:
            self.define(name, self._body(when, mode))
        if id in self._alarms and not isinstance(when, Finding | Compare | In | Named):  # these have a name already
            self._rules.setdefault(when, id)
        return f'"{name}"'

    def holds(self, condition: Expression, mode: Mode = Mode.KNOWN, *, negate: bool = False) -> str:
        """The condition as CQL: Boolean, null while it is unknown. Raises TypeError for a node that has no CQL."""
        if not negate and condition in self._rules:
            return self.rule(self._rules[condition], condition, mode)
        match condition:
            case Named(name, part) if not negate and not (isinstance(part, Finding) and part.id == name):
                if self._names.setdefault(name, part) != part:
                    raise ValueError(f"edition {self.edition.id} has two concepts {name!r}")
                if f"{name}{mode}" not in self.definitions:
                    self.define(f"{name}{mode}", self._body(part, mode))
                return f'"{name}{mode}"'
            case Named(_, part):
                return self.holds(part, mode, negate=negate)
        return self._body(condition, mode, negate=negate)

    def _body(self, condition: Expression, mode: Mode, *, negate: bool = False) -> str:
        match condition:
            case Finding() | Compare() | In():
                return self._literal(opposite(condition) if negate else condition, mode)
            case Named():
                return self.holds(condition, mode, negate=negate)
            case Not(part):
                return self._body(part, mode, negate=not negate)
            case And(parts) | Or(parts):
                word = "and" if isinstance(condition, And) is not negate else "or"
                return _joined(word, [self.holds(part, mode, negate=negate) for part in parts])
            case AtLeast(n, parts):
                n = len(parts) - n + 1 if negate else n
                return f'"at least"({n}, {listed([self.holds(part, mode, negate=negate) for part in parts])})'
            case Unless(part, exception) if negate:
                return _joined("or", [self.holds(part, mode, negate=True), self.holds(exception, mode)])
            case Unless(part, exception):
                stands = self._stands(exception)
                return stands if part == And(()) else _joined("and", [self.holds(part, mode), stands])
        raise TypeError(f"no CQL for {type(condition).__name__}")

    def _stands(self, exception: Named) -> str:
        """True while this exception is not established (``logic.Unless``); never null.

        An alarm is set aside by what is certain only; careful advice gives way to doubt too (``consult.ready``).
        """
        mode = Mode.CERTAIN if exception in self._refutations else Mode.KNOWN
        body = f"{in_brackets(self.holds(exception, mode))} is not true"
        if mode is Mode.KNOWN and exception.name in self.edition.careful:
            body += f" and {in_brackets(self.holds(exception, Mode.UNCLEAR))} is false"
        return self.define(f"{exception.name}: does not stand in the way", body)

    # -- the smallest conditions ---------------------------------------------------------------------------------

    def _literal(self, literal: Expression, mode: Mode) -> str:
        (finding,) = literal.findings()
        known = self._compared(literal, "and" if mode is Mode.CERTAIN else "or")
        by_clinician = finding.who == CLINICIAN
        if mode in (Mode.TOLD, Mode.NOT_ASKED) and by_clinician:
            return f"Coalesce({known}, false)"
        if mode is Mode.CERTAIN and by_clinician:
            return f'{in_brackets(known)} and Findings."by a clinician"'
        if mode is Mode.UNCLEAR:
            return f'"if unclear"({known}, {self._may_be(finding, not isinstance(literal, Not))})'
        if mode is Mode.NOT_ASKED:
            return f'"if not asked"({known}, {_unclear(finding)})'
        return known

    def _compared(self, literal: Expression, both: str) -> str:
        """``both`` joins a number of days and a date that disagree: each counts where it is more alarming, and only
        what they agree on is certain."""
        match literal:
            case Finding(id):
                return self._value[id]
            case Not(Finding(id)):
                return f"not {self._value[id]}"
            case In(Finding(id) as finding, choices):
                return _joined("or", [f"{self._value[id]} = '{one}'" for one in finding.choices if one in choices])
            case Compare(Finding(id), operator, limit):
                found = f"{self._value[id]} {operator} {number(limit)}"
                if id != "duration_days":
                    return found
                return f'{found} {both} "duration_days, by the date of onset" {operator} {number(limit)}'
        raise TypeError(f"no CQL for {type(literal).__name__}")

    def _may_be(self, finding: Finding, present: bool) -> str:
        return self._maybe.get((finding.id, present), _unclear(finding))

    # -- what follows from what was said (pathway/findings/consequences.py) ------------------------------------

    def _days(self) -> None:
        """Days counted from dates; see ``Ready._dates``."""
        since = self._counted("duration_days", "onset_date")
        self._counted("sick_listed_days", "sick_leave_start")
        told = self._value["duration_days"]
        agree = f"{since} is null or Abs({since} - {told}) <= 1.0"
        self.define("duration_days, by the date of onset", f"if {agree} then {told} else {since}")

    def _counted(self, days: str, start: str) -> str:
        """The days since this date, which count where no number of days was told."""
        since = f'ToDecimal(difference in days between {self._value[start]} and Findings."on")'
        since = self.define(f"{start}: days ago", since)
        self._value[days] = self.define(days, f"Coalesce({self._value[days]}, {since})")
        return since

    def _consequences(self) -> None:
        """Each in its turn: a later one may rest on what an earlier one filled in, an earlier one not on a later."""
        turns = [one.finding for one in self.edition.derivations]
        for turn, one in enumerate(self.edition.derivations):
            id, before, value = one.finding, self._value[one.finding], constant(one.value)
            last = id not in turns[turn + 1 :]
            name = id if last else f"{id}, {turns[: turn + 1].count(id)}"
            when = self._body(one.when, Mode.KNOWN)
            follows = f"({when}) is true" if one.overrules else f"{before} is null and ({when}) is true"
            if one.overrules:
                if not isinstance(one.value, bool):
                    raise TypeError(f"{id}: only a yes or a no can overrule an answer here")
                doubted = self._may_be(self.edition.findings[id], one.value)
                may_be = f"{doubted} or ({self._body(one.when, Mode.UNCLEAR)}) is not false"
                self._maybe[id, one.value] = self.define(f"{name}: may be {value}", may_be)
            self._value[id] = self.define(name, f"if {follows} then {value} else {before}")


def _joined(word: str, parts: list[str]) -> str:
    """The parts joined by ``and`` or ``or``; of none what joining none means."""
    if not parts:
        return "true" if word == "and" else "false"
    if len(parts) == 1:
        return parts[0]
    operands = list(dict.fromkeys(map(in_brackets, parts)))
    return f" {word} ".join(operands) if _short(operands) else f"\n  {word} ".join(map(_deeper, operands))


def listed(parts: list[str]) -> str:
    """The parts as a list."""
    if _short(parts):
        return f"{{ {', '.join(parts)} }}"
    return "{\n  " + ",\n  ".join(map(_deeper, parts)) + "\n}"


def _short(parts: list[str]) -> bool:
    return sum(map(len, parts)) < LONG and not any("\n" in part for part in parts)


def _deeper(part: str) -> str:
    return part.replace("\n", "\n  ")


def in_brackets(part: str) -> str:
    """The part as one operand; a name or a word is that already."""
    return part if _OPERAND.fullmatch(part) else f"({part})"


_OPERAND = re.compile(r'(Findings\.)?"[^"]*"|\w+')


def _unclear(finding: Finding) -> str:
    return f"""'{finding.id}' in Findings."unclear\""""


def number(value: float) -> str:
    """A number as a Decimal of CQL."""
    return f"{float(value):.8f}".rstrip("0") + "0" * float(value).is_integer()


def constant(value: object) -> str:
    """A value of a finding as CQL writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return number(value) if isinstance(value, int | float) else f"'{value}'"


def any_of_these(conditions: Iterable[str]) -> str:
    """At least one of these, each a Boolean that is never null."""
    return _joined("or", list(conditions))
