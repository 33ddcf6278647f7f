"""A patient of whom nothing is fixed: per finding an answer, "unclear", or nothing; and what ties findings together.

What always holds, because ``consult.read_case`` accepts nothing else: a number lies in its range, a choice is one of
its choices, no date lies after the day of the case. What holds of a person who does not contradict herself
(``consistent``): no two answers disagree, what follows from an answer agrees with what is said, and a first long back
pain came at an age that she has had. Properties are proven of everybody, contradictions included; counterexamples and
differences show somebody consistent, where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

import z3

from ruggespraak.consult import Case
from ruggespraak.consult.ready import Ready
from ruggespraak.course.answers import DAYS_IN_A_YEAR
from ruggespraak.logic import Compare, Expression, Finding, In, Literal, Not, Value
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.findings.consequences import CONFLICTS, CONSEQUENCES
from ruggespraak.proof.run import Bits, Truth, either, every, holds_in, no, same, some
from ruggespraak.proof.translate import Kleene, Translation

ON = date(2026, 1, 15)
FURTHEST_BACK = 36_500  # days: as far as a number of days may go
COUNTED_FROM = {"duration_days": "onset_date", "sick_listed_days": "sick_leave_start"}


@dataclass(frozen=True)
class Patient:
    """The answers of one person as formulas.

    ``known``, ``unclear``: per finding id. ``value``: a truth for a yes-or-no question, a number (for a date the days
    that have passed since), or a truth per choice. ``beside``: what ties this patient to the one it was made from.
    """

    here: Ready
    known: dict[str, Truth]
    unclear: dict[str, Truth]
    value: dict[str, Any]
    by_clinician: Truth
    beside: tuple[Truth, ...] = ()

    @classmethod
    def unknown(cls, here: Ready, also: Iterable[Expression] = ()) -> Patient:
        """Somebody of whom nothing is fixed. ``also``: conditions whose findings count too, of other editions."""
        used = dict.fromkeys(here.alphabet.masks)
        asked = {finding.id for when in also for finding in when.findings()}
        used |= dict.fromkeys(id for id in VOCABULARY if id in asked)
        ids = [*used, *(start for counted, start in COUNTED_FROM.items() if counted in used)]
        return cls(
            here=here,
            known={id: z3.Bool(f"{id} known") for id in ids},
            unclear={id: z3.Bool(f"{id} unclear") for id in ids},
            value={id: _variable(VOCABULARY[id], id) for id in ids},
            by_clinician=z3.Bool("answered by a clinician"),
        )

    def worse(self) -> Patient:
        """The same person, with every finding the same or worse in its declared direction."""
        value, beside = dict(self.value), []
        for id in self.ids:
            finding = VOCABULARY[id]
            if finding.worse:
                value[id] = _variable(finding, f"{id} later")
                beside.append(_as_bad(finding, self.value[id], value[id]))
        return replace(self, value=value, beside=(*self.beside, *beside))

    def fuller(self, fixed: Collection[str], name: str = "later") -> Patient:
        """The same person with more answers; what is known of the ``fixed`` findings stays as it is.

        Who told a date has told the number of days, and the other way round.
        """
        known = {id: self.known[id] if id in fixed else z3.Bool(f"{id} known {name}") for id in self.ids}
        beside = [z3.Implies(self.known[id], known[id]) for id in self.ids if id not in fixed]
        for twins in COUNTED_FROM.items():
            told = some(self.known[id] for id in twins if id in self.known)
            beside += [z3.Or(z3.Not(told), known[id] == self.known[id]) for id in twins if id in self.known]
        unclear = {id: every([self.unclear[id], no(known[id])]) for id in self.ids}
        return replace(self, known=known, unclear=unclear, beside=(*self.beside, *beside))

    def given(self, *more: Truth) -> Patient:
        """The same person, of whom this holds too."""
        return replace(self, beside=(*self.beside, *more))

    @property
    def ids(self) -> list[str]:
        """The findings that the edition speaks of."""
        return list(self.value)

    @cached_property
    def says(self) -> Translation:
        """Conditions on the answers as they were given, before anything follows from them."""
        return Translation(self._told)

    # what always holds

    @cached_property
    def possible(self) -> list[Truth]:
        """What ``read_case`` accepts."""
        found: list[Truth] = list(self.beside)
        found += [no(every([self.known[id], self.unclear[id]])) for id in self.ids]
        for id in self.ids:
            finding, value = VOCABULARY[id], self.value[id]
            if finding.kind == "choice":
                found += [z3.AtMost(*value.values(), 1), z3.Or(*value.values())]
            elif finding.kind == "date":
                found.append(z3.And(value >= 0, value <= FURTHEST_BACK))
            elif finding.kind == "number":
                assert finding.minimum is not None
                assert finding.maximum is not None
                found.append(z3.And(value >= finding.minimum, value <= finding.maximum))
        return found

    @cached_property
    def consistent(self) -> list[Truth]:
        """What holds of somebody who does not contradict herself, by what the answers mean.

        That is a matter of the vocabulary, whatever an edition makes of it.
        """
        found = [no(self.says(conflict.when)[0]) for conflict in CONFLICTS]
        for one in CONSEQUENCES:
            if one.finding in self.known and isinstance(one.value, bool):
                true, false = self.says(VOCABULARY[one.finding])
                found.append(no(every([self.says(one.when)[0], false if one.value else true])))
        found.append(no(self._both("age_years", "age_at_first_onset", lambda age, first: first > age)))
        found.append(no(self._both("age_years", "duration_days", lambda age, days: days > age * DAYS_IN_A_YEAR)))
        for counted, start in COUNTED_FROM.items():
            found.append(no(self._both(counted, start, _differ)))
        return found

    def contradicts_no_more_than(self, before: Patient) -> Truth:
        """Two answers disagree only where they did in the other patient."""
        return every(some([no(one), other]) for one, other in zip(before.consistent, self.consistent, strict=True))

    def _both(self, one: str, other: str, when: Callable[[Any, Any], Truth]) -> Truth:
        """Both are known, and this holds of them."""
        if one not in self.value or other not in self.value:
            return False
        return every([self.known[one], self.known[other], when(self.value[one], self.value[other])])

    # what is said of a literal

    def _told(self, expression: Finding | Compare | In) -> Kleene:
        finding = expression if isinstance(expression, Finding) else expression.finding
        if finding.id not in self.known:
            return False, False
        known, holds = self.known[finding.id], self._holds(expression, self.value[finding.id])
        if finding.id in COUNTED_FROM:
            start = COUNTED_FROM[finding.id]
            later = self._holds(expression, self.value[start])
            holds = either(known, holds, later)
            known = some([known, self.known[start]])
        return every([known, holds]), every([known, no(holds)])

    def _holds(self, expression: Expression, value: Any) -> Truth:
        match expression:
            case Finding():
                return value
            case Not(part):
                return no(self._holds(part, value))
            case Compare(_, operator, limit):
                exact = exactly(limit)
                return {"<": value < exact, "<=": value <= exact, ">": value > exact, ">=": value >= exact}[operator]
            case In(_, choices):
                return some(value[choice] for choice in sorted(choices))
        raise TypeError(f"{type(expression).__name__} is no literal")

    # what the code reads (``Ready.bits``): literals that are true and known, as bits

    def told(self) -> tuple[Bits, Bits, Bits, Bits]:
        """true, known, said to be unclear, doubtful: the bits that ``Ready.reading`` starts from."""
        alphabet = self.here.alphabet
        width = len(alphabet.literals) + len(alphabet.exceptions)
        true, known, said, doubtful = ([False] * width for _ in range(4))
        for literal in alphabet.literals:
            at = literal.index
            id = literal.finding.id
            holds, fails = self.says(literal.expression)
            true[at], known[at] = holds, some([holds, fails])
            said[at] = every([self.unclear[id], no(known[at])])
            if id == "duration_days":
                doubtful[at] = self._doubtful(literal)
                true[at] = some([true[at], doubtful[at]])
        return Bits(true), Bits(known), Bits(said), Bits(doubtful)

    def _doubtful(self, literal: Literal) -> Truth:
        """The number of days and the date differ by more than a day, and this literal by them."""
        days, start = self.value["duration_days"], self.value["onset_date"]
        other = no(same(self._holds(literal.expression, days), self._holds(literal.expression, start)))
        return every([self._both("duration_days", "onset_date", _differ), other])

    # a patient of a model

    def case(self, model: z3.ModelRef, edition: str) -> Case:
        """The case that a model of Z3 describes."""
        answers: dict[str, Value] = {}
        for id in self.ids:
            if holds_in(model, self.known[id]):
                answers[id] = self._read(model, VOCABULARY[id])
        unclear = [id for id in self.ids if holds_in(model, self.unclear[id])]
        by = "clinician" if holds_in(model, self.by_clinician) else "patient"
        return Case(on=ON, answers=answers, unclear=frozenset(unclear), edition=edition, answered_by=by)

    def _read(self, model: z3.ModelRef, finding: Finding) -> Value:
        value = self.value[finding.id]
        if finding.kind == "boolean":
            return holds_in(model, value)
        if finding.kind == "choice":
            return str(next(choice for choice, truth in value.items() if holds_in(model, truth)))
        number = model.eval(value, model_completion=True)
        if finding.kind == "date":
            return ON - timedelta(days=number.as_long())
        exact: Fraction = number.as_fraction()
        return int(exact) if exact.denominator == 1 else float(exact)

    def model(self, case: Case, ids: Iterable[str] | None = None) -> z3.ModelRef:
        """The model of Z3 that this case is, of these findings only; of all that the edition speaks of where None."""
        found = z3.Model()
        found.update_value(self.by_clinician, z3.BoolVal(case.answered_by == "clinician"))
        for id in self.ids if ids is None else ids:
            value = case.answers.get(id)
            found.update_value(self.known[id], z3.BoolVal(value is not None))
            found.update_value(self.unclear[id], z3.BoolVal(id in case.unclear))
            self._write(found, id, case, value)
        return found

    def _write(self, model: z3.ModelRef, id: str, case: Case, value: Value | None) -> None:
        variable = self.value[id]
        match VOCABULARY[id].kind:
            case "boolean":
                model.update_value(variable, z3.BoolVal(value is True))
            case "choice":
                for choice, truth in variable.items():
                    model.update_value(truth, z3.BoolVal(choice == value))
            case "date":
                model.update_value(variable, z3.IntVal((case.on - value).days if isinstance(value, date) else 0))
            case _:
                model.update_value(variable, exactly(value or 0))  # type: ignore[arg-type]

    def answers(self) -> list[Truth]:
        """What a small patient has few of: answers, and hesitations."""
        return [*self.known.values(), *self.unclear.values()]


def _variable(finding: Finding, name: str) -> Any:
    if finding.kind == "boolean":
        return z3.Bool(name)
    if finding.kind == "choice":
        return {choice: z3.Bool(f"{name} {choice}") for choice in finding.choices}
    return z3.Int(name) if finding.kind == "date" else z3.Real(name)


def _as_bad(finding: Finding, before: Any, after: Any) -> Truth:
    """The answer is the same, or worse in its declared direction."""
    match finding.worse:
        case "present":
            return z3.Implies(before, after)
        case "absent":
            return z3.Implies(after, before)
        case "higher":
            return after >= before
        case "lower":
            return after <= before
    return some([after[finding.worse], every(before[one] == after[one] for one in finding.choices)])


def _differ(days: Any, start: Any) -> Truth:
    """A number of days and a date that is more than a day away from it."""
    return z3.Or(days - start > 1, start - days > 1)


def exactly(number: float) -> z3.RatNumRef:
    """The number as it is written: 0.1 is a tenth."""
    return z3.RealVal(str(Fraction(repr(float(number)))))
