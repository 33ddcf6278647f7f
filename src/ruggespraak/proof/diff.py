"""Who gets other care under another edition: the smallest patients, by the rule that makes the difference.

Per rule that the two editions do not share it is proven which aspects of care it can change (urgency, kind of
complaint, imaging, referral, acts), and the smallest patient is looked for who gets something by it that the other
edition does not give. At the end it is proven that nobody else gets anything else; where somebody does, no single rule
does it (R18, R19, what classes leave over), and that patient is shown under ``OTHER``.

Patients here do not contradict themselves, and numbers are whole where that is possible.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import z3

from ruggespraak.consult import Case, Decision, decide
from ruggespraak.consult.ready import Ready, Rule
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Act, Alarm, Class, Complaint, Edition, Recommendation, Urgency, Use
from ruggespraak.proof.decision import Symbolic
from ruggespraak.proof.patient import Patient
from ruggespraak.proof.run import Truth, every, no, same, some
from ruggespraak.proof.search import GaveUpError, Search

ASPECTS = ("urgency", "complaint", "imaging", "refer", "acts")
TOLD = frozenset({Act.EXPLAIN, Act.INFORM, Act.ASK, Act.SAFETY_NET})
"""Acts that only tell something: other words are no other care."""
OTHER = "–"
"""The rule of a difference that no single rule brings (R18, R19, and what classes leave over)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A smallest patient, and what the two editions do.

    ``rules``: what makes the difference; ``by``: the id of the edition that has them; ``aspects``: what they can
    change. ``first`` and ``second``: the decisions, in the order in which the editions were given.
    """

    rules: tuple[str, ...]
    by: str
    aspects: tuple[str, ...]
    case: Case
    first: Decision
    second: Decision


@dataclass(frozen=True, slots=True)
class Compared:
    """All differences.

    ``numbers``: the parameters of which the values differ, with both values: a clock or a date that moves shows in no
    aspect. ``undecided``: rules given up on. ``complete``: proven that nobody else who does not contradict herself
    differs in any aspect.
    """

    first: str
    second: str
    differences: tuple[Difference, ...]
    undecided: tuple[str, ...]
    numbers: tuple[tuple[str, float, float], ...] = ()

    @property
    def complete(self) -> bool:
        return not self.undecided


Notice = Callable[[str], None]


def diff(one: Edition, other: Edition, timeout: float = 60.0, notice: Notice = lambda _: None) -> Compared:
    """Who gets other care under ``other`` than under ``one``. ``timeout``: seconds a rule; ``notice``: progress."""
    pair = _Pair(one, other)
    found: list[Difference] = []
    undecided: list[str] = []
    for here, there, rule in pair.changed():
        notice(_name(rule))
        try:
            if different := pair.by(here, there, rule, time.monotonic() + timeout):
                found.append(different)
        except GaveUpError:
            undecided.append(f"{_name(rule)} ({here.here.edition.id})")
    notice(OTHER)
    try:
        found += pair.left_over(found, time.monotonic() + timeout)
    except GaveUpError:
        undecided.append(OTHER)
    return Compared(one.id, other.id, tuple(_grouped(found)), tuple(undecided), _numbers(one, other))


def _numbers(one: Edition, other: Edition) -> tuple[tuple[str, float, float], ...]:
    theirs = {number.name: float(number) for number in other.parameters}
    pairs = [(number.name, float(number), theirs.get(number.name, float(number))) for number in one.parameters]
    return tuple(pair for pair in pairs if pair[1] != pair[2])


def _grouped(found: list[Difference]) -> list[Difference]:
    """Rules that the same patient shows together; what changes the urgency most comes first."""
    groups: dict[object, list[Difference]] = {}
    for one in found:
        groups.setdefault((one.by, frozenset(one.case.answers.items()), one.case.unclear), []).append(one)
    joined = [
        replace(
            group[0],
            rules=tuple(rule for one in group for rule in one.rules),
            aspects=tuple(name for name in ASPECTS if any(name in one.aspects for one in group)),
        )
        for group in groups.values()
    ]
    return sorted(joined, key=_weight)


def _weight(one: Difference) -> tuple[int, int]:
    """Less is more important: by how much the urgency differs, then what else does."""
    changed = aspects(one.first, one.second)
    return -abs(one.first.urgency - one.second.urgency), min((ASPECTS.index(name) for name in changed), default=9)


AnyRule = Rule[Alarm] | Rule[Recommendation] | Rule[Class]


def _name(rule: AnyRule) -> str:
    return str(rule.rule.complaint) if isinstance(rule.rule, Class) else rule.rule.id


class _Pair:
    """Two editions over the same patient."""

    def __init__(self, one: Edition, other: Edition) -> None:
        self.first, self.second = Symbolic(Patient.unknown(Ready(one))), Symbolic(Patient.unknown(Ready(other)))
        one_patient, other_patient = self.first.patient, self.second.patient
        # The same variables by the same names: one patient, with the findings of both editions.
        self.patient = replace(
            other_patient,
            known=one_patient.known | other_patient.known,
            unclear=one_patient.unclear | other_patient.unclear,
            value=one_patient.value | other_patient.value,
        )
        self.given = [
            part for each in (self.first, self.second) for part in (*each.patient.possible, *each.patient.consistent)
        ]
        self.few, self.hesitations = list(self.patient.known.values()), list(self.patient.unclear.values())
        self.unclear = some(self.hesitations)
        self.whole = [z3.IsInt(self.patient.value[id]) for id in self.patient.ids if VOCABULARY[id].kind == "number"]

    def changed(self) -> Iterator[tuple[Symbolic, Symbolic, AnyRule]]:
        """The rules that one edition has and the other has not, or not like this; what is new first."""
        for here, there in ((self.second, self.first), (self.first, self.second)):
            old = there.here.edition
            known = [*old.alarms, *old.recommendations, *old.classes]
            rules: list[AnyRule] = [*here.here.alarms, *here.here.classes, *here.here.recommendations]
            for rule in rules:
                if rule.rule not in known:
                    yield here, there, rule

    def by(self, here: Symbolic, there: Symbolic, rule: AnyRule, until: float) -> Difference | None:
        """What this rule can change, and the smallest patient; one of whom only acts differ, where only acts can."""
        search = self._search(until)
        brings = {
            aspect: truth for aspect, truth in _brings(here, there, rule).items() if search.one(here.on(rule), truth)
        }
        if not brings:
            return None
        wanted = [here.on(rule), some(brings.values())]
        if set(brings) == {"acts"} and search.one(*wanted, no(self._more_than_acts)):
            wanted.append(no(self._more_than_acts))
        model = search.small(self.few, *wanted)
        assert model is not None
        return self._difference(_name(rule), here, model, tuple(brings))

    def _search(self, until: float) -> Search:
        """Consistent patients of whom a clinician tells what is known; in whole numbers if there can be any."""
        given = [*self.given, no(self.unclear), self.first.patient.by_clinician]
        return Search([*given, *self.whole], until)

    @cached_property
    def _more_than_acts(self) -> Truth:
        return some(truth for aspect, truth in self._differs() if aspect != "acts")

    def left_over(self, found: list[Difference], until: float) -> Iterator[Difference]:
        """Somebody who gets other care in a way that no rule that is found already explains; aspect by aspect."""
        named = {(rule, one.by) for one in found for rule in one.rules}
        explained: dict[tuple[str, object], list[Truth]] = {}
        for here, there, rule in self.changed():
            if (_name(rule), here.here.edition.id) in named:
                for aspect, what, brings in _gives(here, there, rule):
                    explained.setdefault((aspect, what), []).append(every([here.on(rule), brings]))
        search = Search(self.given, until)
        seen: set[str] = set()
        for aspect in ASPECTS:
            rest = some(
                every([differs, no(some(explained.get((aspect, what), [])))])
                for what, differs in self._differing(aspect)
            )
            if aspect not in seen and (model := search.small([*self.few, *self.hesitations], rest)):
                one = self._difference(OTHER, self.second, model, ())
                seen.update(aspects(one.first, one.second))
                yield replace(one, aspects=aspects(one.first, one.second))

    def _differs(self) -> Iterator[tuple[str, Truth]]:
        for aspect in ASPECTS:
            yield aspect, some(truth for _, truth in self._differing(aspect))

    def _differing(self, aspect: str) -> Iterator[tuple[object, Truth]]:
        """Where the two differ in this aspect: of what can be many (an addressee, an act), each by itself."""
        one, other = self.first, self.second
        match aspect:
            case "urgency":
                levels = (no(same(one.urgency.at_least(level), other.urgency.at_least(level))) for level in Urgency)
                yield None, some(levels)
            case "complaint":
                yield None, some(no(same(one.is_a(kind), other.is_a(kind))) for kind in Complaint)
            case "imaging":
                yield None, some(no(same(one.pictured(use), other.pictured(use))) for use in (None, *Use))
            case "refer":
                for to in dict.fromkeys([*one.here.addressees, *other.here.addressees]):
                    yield to, no(same(one.sent(to), other.sent(to)))
            case "acts":
                for act in Act:
                    if act not in TOLD:
                        yield act, no(same(one.does(act), other.does(act)))

    def _difference(self, rule: str, here: Symbolic, model: z3.ModelRef, changes: tuple[str, ...]) -> Difference:
        name, _, _ = self.second.here.edition.id.partition("@")  # without its revision: a case names an edition
        case = self.patient.case(model, name)
        first, second = (decide(case, here=one.here) for one in (self.first, self.second))
        return Difference((rule,), here.here.edition.id, changes, case, first, second)


def _gives(here: Symbolic, there: Symbolic, rule: AnyRule) -> Iterator[tuple[str, object, Truth]]:
    """What this rule gives and the other edition does not: the aspect, the addressee or act, and when."""
    it = rule.rule
    if isinstance(it, Class):
        yield "complaint", None, every([here.is_a(it.complaint), no(there.is_a(it.complaint))])
        return
    if it.urgency:
        level = it.urgency
        yield "urgency", None, every([here.urgency.values.get(int(level), False), no(there.urgency.at_least(level))])
    images = [image for image, _ in it.imaging] if isinstance(it, Alarm) else [it.imaging] if it.imaging else []
    for use in dict.fromkeys(image.use for image in images):
        yield "imaging", None, every([here.pictured(use), no(there.pictured(use))])
    for to in dict.fromkeys(one.to for one in it.refer):
        yield "refer", to, no(there.sent(to))
    if isinstance(it, Recommendation):
        for act in sorted(it.does - TOLD):
            yield "acts", act, no(there.does(act))


def _brings(here: Symbolic, there: Symbolic, rule: AnyRule) -> dict[str, Truth]:
    """Per aspect whether this rule gives something that the other edition does not."""
    found: dict[str, list[Truth]] = {}
    for aspect, _, brings in _gives(here, there, rule):
        found.setdefault(aspect, []).append(brings)
    return {aspect: some(truths) for aspect, truths in found.items()}


def acts(decision: Decision) -> frozenset[Act]:
    """What the plan does, but for what it only tells."""
    return frozenset(act for advice in decision.plan for act in advice.does) - TOLD


def aspects(first: Decision, second: Decision) -> tuple[str, ...]:
    """What differs between two decisions."""
    pairs = {
        "urgency": (first.urgency, second.urgency),
        "complaint": (first.complaint, second.complaint),
        "imaging": (first.imaging, second.imaging),
        "refer": ({one.to for one in first.refer}, {one.to for one in second.refer}),
        "acts": (acts(first), acts(second)),
    }
    return tuple(name for name in ASPECTS if pairs[name][0] != pairs[name][1])
