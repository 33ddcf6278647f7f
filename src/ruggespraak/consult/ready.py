"""An edition made ready for patients: every rule a function of bits, every answer a few bits (see ``logic.alphabet``).

Here is written once how answers are read: what follows from what, which answers disagree, and what may set an alarm
aside. The decision (``decide``), its questions (``ask``) and its reasons (``explain``) all stand on this reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

from ruggespraak.consult.case import Case
from ruggespraak.logic import Alphabet, Expression, Form, Missing, Value, at_least_of, shared
from ruggespraak.pathway.editions import edition as edition_by_id
from ruggespraak.pathway.findings import CLINICIAN
from ruggespraak.pathway.rules import (
    Alarm,
    Class,
    Complaint,
    Derivation,
    Edition,
    Parameter,
    Recommendation,
    Tier,
    Urgency,
    Use,
)

Holds = Callable[[int], bool]
Bits = tuple[int, int, int, int, int, int]
"""true, certain, known, not asked, unclear, not examined: see ``Known``."""


def _run(source: str, name: str) -> Any:
    scope: dict[str, Any] = {}
    exec(source, scope)  # our own source, from our own rules
    return scope[name]


R = TypeVar("R", Alarm, Class, Recommendation)


class Condition:
    """A condition as a form, as a function of bits, and as the smallest sets of literals that make it true."""

    def __init__(self, alphabet: Alphabet, form: Form) -> None:
        self.alphabet = alphabet
        self.form = form
        self.holds: Holds = form.compiled()
        self.bits = form.every_bit()
        self.implied: Mapping[int, int] = alphabet.relations[1]

    @cached_property
    def implicants(self) -> tuple[int, ...]:
        """The smallest sets of literals that make it true, as masks; found when first asked for."""
        return tuple(self.alphabet.implicants(self.form))

    def missing(self, true: int, available: int, news: int = -1) -> Missing:
        """What of the available literals would still make this true."""
        return Missing(self.implicants, true, available, news, self.implied)


class Rule(Condition, Generic[R]):
    """A rule with its condition."""

    def __init__(self, alphabet: Alphabet, rule: R) -> None:
        super().__init__(alphabet, alphabet.form(rule.when))
        self.rule: R = rule


@dataclass(slots=True)
class Known:
    """What one case says of all literals, as bits.

    ``true``: with every exception that stands. ``certain``: without exceptions; what may set an alarm aside.
    ``not_asked``: what a person can still tell. ``unclear``: asked, not known. ``not_examined``: what only an
    examination gives, unclear or not.
    """

    true: int
    certain: int
    known: int
    not_asked: int
    unclear: int
    not_examined: int
    answers: dict[str, Value]
    conflicts: list[str] = field(default_factory=list)

    @property
    def told(self) -> int:
        """Everything that is true or that this person could still bring."""
        return self.true | self.not_asked | self.unclear & ~self.not_examined

    @property
    def possible(self) -> int:
        """Everything that is true or may still become so."""
        return self.told | self.not_examined


class Ready:
    """One edition, compiled. Get it with ``ready``."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.alphabet = alphabet = Alphabet()
        self.alarms = [Rule(alphabet, alarm) for alarm in edition.alarms]
        self.pictures = {
            alarm.id: [(image, self._form(when).compiled()) for image, when in alarm.imaging]
            for alarm in edition.alarms
        }
        # What can set an alarm aside (PATHWAY §1) counts only on what is certain; every other exception gives way to
        # an alarm on whatever ground.
        self.refutations = {bit: Condition(alphabet, form) for bit, (_, form) in alphabet.exceptions.items()}
        self.classes = [Rule(alphabet, one) for one in edition.classes]
        self.probable = [
            None if one.probable is None else Condition(alphabet, alphabet.form(one.probable))
            for one in edition.classes
        ]
        self.recommendations = [Rule(alphabet, one) for one in edition.recommendations]
        self.reviews = [(review, alphabet.form(review.when).compiled()) for review in edition.reviews]
        self.hours: dict[Urgency, Parameter] = {
            level: next(p for p in edition.parameters if p.name == f"seen_{level}")
            for level in Urgency
            if level is not Urgency.SELF_CARE
        }
        derived = [(one, alphabet.form(one.when)) for one in edition.derivations]
        disagree = [(one.id, one.when, alphabet.form(one.when)) for one in edition.conflicts]
        tables, masks = alphabet.tables, alphabet.masks
        derived = [(one, form) for one, form in derived if one.finding in masks]
        self._derived = [
            (one.finding, one.value, masks[one.finding], tables[one.finding](one.value)) for one, _ in derived
        ]
        self.implied = self._implied(derived)
        conditions: list[Condition] = [*self.alarms, *self.classes, *self.recommendations, *self.refutations.values()]
        for condition in conditions:
            condition.implied = self.implied
        self.follow_source = self._derivations_source(derived)
        self._follow = _run(self.follow_source, "follow")
        self._conflicts = [(id, form.compiled()) for id, _, form in disagree]
        self._any_conflict = at_least_of(1, [form for _, _, form in disagree]).compiled()
        self.standing_source = self._exceptions_source()
        self._standing = _run(self.standing_source, "standing")
        by_clinician = [one.id for one in edition.findings.values() if one.who == CLINICIAN]
        self.clinician = alphabet.bits_of(by_clinician)
        self.person = alphabet.everything & ~self.clinician
        self.owner = {one.bit: (one.finding.id, masks[one.finding.id]) for one in alphabet.literals}

    def _form(self, when: Expression | None) -> Form:
        return at_least_of(0, []) if when is None else self.alphabet.form(when)

    # reading

    def bits(self, case: Case) -> Bits:
        """What this case says, as bare bits: all that an outcome needs."""
        answers, doubtful = case.answers, 0
        if "onset_date" in answers or "sick_leave_start" in answers:
            answers, doubtful, _ = self._dates(case)
        true, known = self.alphabet.look_up(answers)
        return self._bits(case, true | doubtful, known, doubtful)

    def _bits(self, case: Case, true: int, known: int, doubtful: int) -> Bits:
        said = self.alphabet.bits_of(case.unclear) & ~known if case.unclear else 0
        return self.reading(true, known, said, -1 if case.answered_by == "clinician" else ~self.clinician, doubtful)

    def reading(self, true: int, known: int, said: int, trusted: int, doubtful: int) -> Bits:
        """What these literals say, with what follows from them and the exceptions that they leave standing.

        ``said``: those of the answers "unclear"; ``trusted``: those that who answers can vouch for; ``doubtful``: those
        on which a date and a number of days differ.
        """
        true, known, unclear = self._follow(true, known, said)
        unclear = unclear & ~known  # what follows from another answer is no doubt any more
        certain = true & trusted & ~doubtful
        not_asked, not_examined = self.person & ~(known | said), self.clinician & ~known
        return self._standing(true, certain, unclear), certain, known, not_asked, unclear, not_examined

    def read(self, case: Case) -> Known:
        """What this case says: answers, what follows from them, where they disagree (PATHWAY §1)."""
        answers, doubtful, conflicts = self._dates(case)
        told, settled = self.alphabet.look_up(answers)
        told |= doubtful
        if "age_at_first_onset" in answers and answers["age_at_first_onset"] > answers.get("age_years", 999):  # type: ignore[operator]
            conflicts.append("first_onset_after_age")
        if self._any_conflict(told):
            conflicts += [id for id, holds in self._conflicts if holds(told)]
        true, certain, known, not_asked, unclear, not_examined = self._bits(case, told, settled, doubtful)
        for finding, value, mask, bits in self._derived:
            if true & mask == bits and known & mask and (true ^ told | known ^ settled) & mask:
                answers[finding] = value
        return Known(true, certain, known, not_asked, unclear, not_examined, answers, conflicts)

    def _dates(self, case: Case) -> tuple[dict[str, Value], int, list[str]]:
        """The answers with days counted from dates. Where a date and a number of days disagree, both count.

        Also returns the bits on which the two differ (they hold, each where it is more alarming, but are no ground to
        set an alarm aside), and the conflict.
        """
        answers = dict(case.answers)
        start, leave = answers.get("onset_date"), answers.get("sick_leave_start")
        if isinstance(leave, date):
            answers.setdefault("sick_listed_days", (case.on - leave).days)
        if not isinstance(start, date):
            return answers, 0, []
        days = (case.on - start).days
        told = answers.setdefault("duration_days", days)
        if abs(days - told) <= 1:  # type: ignore[operator]
            return answers, 0, []
        look_up = self.alphabet.tables["duration_days"]
        return answers, look_up(days) ^ look_up(told), ["onset_and_duration"]

    def told(self, known: Known, true: int, certain: int) -> int:
        """What would be true if these literals were told too, those of ``certain`` with the power to set aside."""
        bare = known.true & self.alphabet.everything
        standing: int = self._standing(bare | true, known.certain | certain, known.unclear)
        return standing

    def _implied(self, derivations: list[tuple[Derivation, Form]]) -> dict[int, int]:
        """Per literal (bit) what else is true with it: of the same finding, and by what follows whatever was said.

        Who would tell that it gets worse tells with it that it does not get better: what that brings needs no more.
        """
        implied = dict(self.alphabet.relations[1])
        for one, form in reversed(derivations):  # what follows from what follows is there first
            if one.overrules and form.n == 1:
                bits = self.alphabet.tables[one.finding](one.value)
                further = bits
                for literal in self.alphabet.literals_in(bits):
                    further |= implied.get(literal.bit, 0)
                for literal in self.alphabet.literals:
                    if (literal.bit | implied.get(literal.bit, 0)) & form.bits:
                        implied[literal.bit] = implied.get(literal.bit, 0) | further
        return implied

    def _derivations_source(self, derivations: list[tuple[Derivation, Form]]) -> str:
        """``follow``: (true, known, unclear) -> the same, with all that follows from it, in the edition's order."""
        lines = ["def follow(x, known, unclear):"]
        for one, form in derivations:
            mask = self.alphabet.masks[one.finding]
            bits = self.alphabet.tables[one.finding](one.value)
            fills = "" if one.overrules else f" and not known & {mask}"
            lines += [f"    if ({form.source()}){fills}:", f"        x = x & {~mask} | {bits}; known |= {mask}"]
            if one.overrules:
                maybe = form.source().replace("x &", "(x | unclear) &")
                lines += [f"    elif unclear and not known & {mask} and ({maybe}):", f"        unclear |= {bits}"]
        return "\n".join([*lines, "    return x, known, unclear"])

    def _exceptions_source(self) -> str:
        """``standing``: (true, certain, unclear) -> true with every exception that stands.

        Refutations go by what is certain, the other exceptions by everything that is true, the
        careful ones by doubt too.
        """
        guards = {bit: form for bit, (_, form) in self.alphabet.exceptions.items() if bit not in self.refutations}
        lines = ["def standing(true, certain, unclear):", "    x = certain"]
        for bit, refutation in self.refutations.items():
            lines += [f"    if not ({refutation.form.source()}):", f"        x |= {bit}"]
        lines += ["    x |= true"]
        common, names = shared(guards.values(), without=sum(guards))
        lines += [f"    {line}" for line in common]
        for bit, form in guards.items():
            doubt = ""
            if self.alphabet.exceptions[bit][0] in self.edition.careful:
                doubt = f" and not (unclear and ({form.source().replace('x &', '(x | unclear) &')}))"
            lines += [f"    if not ({form.source(names)}){doubt}:", f"        x |= {bit}"]
        return "\n".join([*lines, "    return x"])

    def why(self, rule: Rule[Any], known: Known) -> dict[str, Value]:
        """The smallest set of answers that already makes this rule hold; empty where none does."""
        for mask in rule.implicants:
            if mask & ~known.true == 0 and mask & (self.person | self.clinician):
                ids = (literal.finding.id for literal in self.alphabet.literals_in(mask))
                return {id: known.answers[id] for id in ids if id in known.answers}
        return {}

    # ladders

    def level(self, level: Urgency) -> list[Form]:
        """The conditions that bring exactly this urgency."""
        found = [rule.form for rule in self.alarms if rule.rule.urgency is level]
        return found + [rule.form for rule in self.recommendations if rule.rule.urgency is level]

    def hard(self) -> list[Form]:
        """The conditions of the hard alarms."""
        return [rule.form for rule in self.alarms if rule.rule.tier is Tier.HARD]

    def picture(self, use: Use) -> list[Form]:
        """The conditions that make a picture exactly this useful."""
        found = [
            at_least_of(2, [rule.form, self._form(when)])
            for rule in self.alarms
            for image, when in rule.rule.imaging
            if image.use is use
        ]
        advised = [rule for rule in self.recommendations if rule.rule.imaging and rule.rule.imaging.use is use]
        return found + [rule.form for rule in advised]

    def referred(self) -> dict[str, list[Form]]:
        """Per addressee the conditions that send somebody there."""
        found: dict[str, list[Form]] = {}
        sends = [(rule.form, rule.rule.refer) for rule in self.alarms]
        sends += [(rule.form, rule.rule.refer) for rule in self.recommendations]
        for form, referrals in sends:
            for referral in referrals:
                found.setdefault(referral.to, []).append(form)
        return found

    @cached_property
    def complaints(self) -> list[Complaint]:
        """The kinds of complaint in the edition's order, and ``undetermined`` where none holds."""
        return [rule.rule.complaint for rule in self.classes] + [Complaint.UNDETERMINED]

    @cached_property
    def addressees(self) -> list[str]:
        """Everybody whom a rule can refer to."""
        return list(self.referred())


@cache
def ready(edition: str) -> Ready:
    """The edition with this id, compiled once. Raises UnknownEditionError. Of another edition: ``Ready(edition)``."""
    return Ready(edition_by_id(edition))
