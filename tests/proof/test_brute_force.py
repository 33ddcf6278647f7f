"""Where a proof is about few inputs, trying everything one by one comes to the same.

Property 11 (a rule's bounds are exact) is tried on every set of answers that tells a rule's parts apart, each finding
unknown or any of its values, and compared with what its completions turn out to be: two-valued logic, written here once
more. So are Z3's formulas. Property 9 is tried in every state, on days on both sides of every border.
"""

from __future__ import annotations

import os
import random
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count, islice, product
from math import prod

import pytest

from patients import ON
from ruggespraak.consult import Case
from ruggespraak.consult.ready import ready
from ruggespraak.course.episode import ALARM_FROM, ENDED, Status, unseen
from ruggespraak.course.events import HandOverConfirmed, Recovery, Silence
from ruggespraak.course.follow_up import FURTHEST, concern_of, next_status, within
from ruggespraak.logic import Alphabet, And, AtLeast, Expression, Named, Not, Or, Unless
from ruggespraak.logic.finding import Answers, Value
from ruggespraak.logic.source import compiled, nodes
from ruggespraak.pathway.editions import EDITIONS
from ruggespraak.pathway.findings import age_years, cancer_history, duration_days, saddle_numbness
from ruggespraak.pathway.findings import course as course_told
from ruggespraak.pathway.rules import Urgency
from ruggespraak.proof import nobody_lost
from ruggespraak.proof.bounds import completable, urgent
from ruggespraak.proof.nobody_lost import KINDS, FollowUp, Model, Report, State, lost, wrong
from ruggespraak.proof.patient import Patient
from ruggespraak.proof.properties import Subject
from ruggespraak.proof.run import holds_in

WHOLE = os.environ.get("RUG_CHECK") == "whole"
FEW = 14
"""A rule that asks no more findings is tried whole."""
MOST = 10_000_000 if WHOLE else 20_000
"""So many sets of answers to a rule are tried at most: in the whole check none of few inputs has more."""
FOR_THE_SOLVER = 200 if WHOLE else 20
TRUTHS = (False, True)
SAID = (None, False, True)


# -- every set of answers to one condition ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Tried:
    """A condition, and every set of answers to it, numbered: the last finding counts fastest, unknown comes first.

    Answers without an unknown have an *outcome*: 0 for true, else 1 + the exceptions that hold, as bits.
    """

    edition: str
    name: str
    when: Expression

    @cached_property
    def values(self) -> dict[str, list[Value | None]]:
        """Per finding: unknown, and a value of every region between the limits of this condition."""
        alphabet = Alphabet()
        alphabet.form(self.when)
        asked = sorted(self.when.findings(), key=lambda finding: finding.id)
        return {finding.id: [None, *alphabet.samples(finding)] for finding in asked}

    @cached_property
    def exceptions(self) -> list[Named]:
        return list(dict.fromkeys(node.exception for node in self.when.walk() if isinstance(node, Unless)))

    @property
    def size(self) -> int:
        return prod(map(len, self.values.values()))

    def all(self) -> Iterator[dict[str, Value | None]]:
        return (dict(zip(self.values, chosen, strict=True)) for chosen in product(*self.values.values()))

    def answers(self, number: int) -> dict[str, Value]:
        """The answers with this number, without what is unknown."""
        found = {}
        for id, values in reversed(self.values.items()):
            number, place = divmod(number, len(values))
            if values[place] is not None:
                found[id] = values[place]
        return found

    def said(self) -> bytearray:
        """What Kleene's logic says of each: its place in SAID, + 3 * the exceptions that are established, as bits."""
        run, order = compiled(self.when), nodes(self.when)
        places = [(order.index(one), 3 << bit) for bit, one in enumerate(self.exceptions)]
        found = bytearray(self.size)
        for number, answers in enumerate(self.all()):
            told = run(answers)
            here = SAID.index(told[-1])
            for place, bit in places:
                if told[place] is True:
                    here += bit
            found[number] = here
        return found

    def reached(self) -> memoryview:
        """Of each, which outcomes its completions have: a bit for every outcome."""
        found = array("I", bytes(4 * self.size))
        for number, answers in enumerate(self.all()):
            if None not in answers.values():
                found[number] = 1 << self._outcome(answers)
        return memoryview(united(found.tobytes(), [len(values) for values in self.values.values()])).cast("I")

    def _outcome(self, answers: Answers) -> int:
        if plain(self.when, answers):
            return 0
        return 1 + sum(1 << bit for bit, one in enumerate(self.exceptions) if plain(one, answers))


def united(table: bytes, widths: list[int]) -> bytes:
    """Four bytes for each number: what is unknown reaches all that its values reach. For all numbers at once.

    ``table`` as one whole number: to shift it lays the answers with another value of one finding over each other.
    """
    whole, below = int.from_bytes(table, "little"), 4
    for width in reversed(widths):
        row = b"\xff" * below + bytes(below * (width - 1))
        unknown = int.from_bytes(row * (len(table) // len(row)), "little")
        over = 0
        for place in range(1, width):
            over |= whole >> 8 * below * place
        whole |= over & unknown
        below *= width
    return whole.to_bytes(len(table), "little")


def plain(condition: Expression, answers: Answers) -> bool:
    """The condition where nothing is unknown: an exception is an "and not"."""
    match condition:
        case Named(_, part):
            return plain(part, answers)
        case Not(part):
            return not plain(part, answers)
        case And(parts):
            return all(plain(part, answers) for part in parts)
        case Or(parts):
            return any(plain(part, answers) for part in parts)
        case AtLeast(n, parts):
            return sum(plain(part, answers) for part in parts) >= n
        case Unless(part, exception):
            return plain(part, answers) and not plain(exception, answers)
    return condition.value(answers) is True


def examples(one: Tried, reached: memoryview) -> dict[tuple[int, int], int]:
    """Every pair of what is said and what is reached that occurs, with the number of answers of which it is so."""
    return dict(zip(zip(one.said(), reached, strict=True), count(), strict=False))


def exact(said: int, reached: int) -> bool:
    """Unknown: both can come. False: stays so. True: only an exception that newly holds can end it."""
    exceptions, place = divmod(said, 3)
    can_be, fails = reached & 1, [one for one in range(31) if reached >> 1 + one & 1]
    if SAID[place] is None:
        return bool(can_be and fails)
    return all(one & ~exceptions for one in fails) if SAID[place] else not can_be


def rules() -> list[Tried]:
    """The rules of all editions that bring an urgency, each once, with the conditions that ask few findings."""
    found = {}
    for name in EDITIONS:
        for rule in urgent(Subject(ready(name), ())):
            found.setdefault(id(rule), Tried(name, rule.id, rule.when))
    return [one for one in found.values() if len(one.when.findings()) <= FEW]


RULES = rules()
SMALL = [one for one in RULES if one.size <= MOST]


def test_enough_rules_are_tried_and_in_the_whole_check_all_that_ask_few_findings():
    done = f"{len(SMALL)} of {len(RULES)} rules, {sum(one.size for one in SMALL)} sets of answers"
    assert len(SMALL) >= (len(RULES) if WHOLE else 25), done
    assert len(RULES) >= 35, done
    assert sum(one.size for one in SMALL) >= (8_000_000 if WHOLE else 60_000), done


@pytest.mark.control("C-04")
@pytest.mark.parametrize("one", SMALL, ids=lambda one: f"{one.edition} {one.name}")
def test_what_a_rule_calls_unknown_can_come_out_either_way_and_what_it_calls_settled_cannot(one):
    reached = one.reached()
    kinds = examples(one, reached)
    assert {SAID[kind % 3] for kind, _ in kinds} == set(SAID)
    for kind, number in kinds.items():
        assert exact(*kind), (one.answers(number), SAID[kind[0] % 3], f"{kind[1]:b}")
    pick = random.Random(one.name)
    some = {*kinds.values(), *pick.sample(range(one.size), min(one.size, FOR_THE_SOLVER))}
    assert solver_differs(one, {number: reached[number] for number in some}) == []


def solver_differs(one: Tried, reached: dict[int, int]) -> list[tuple[Answers, bool]]:
    """The answers of which Z3's formula says otherwise what their completions come to."""
    patient = Patient.unknown(ready(one.edition))
    formulas = [(wanted, completable(patient, one.when, wanted)) for wanted in TRUTHS]
    found = []
    for number, outcomes in reached.items():
        model = patient.model(Case(on=ON, answers=one.answers(number)), one.values)
        for wanted, formula in formulas:
            if holds_in(model, formula) != bool(outcomes & 1 if wanted else outcomes >> 1):
                found.append((one.answers(number), wanted))
    return found


# Kleene's logic is too careful here, so the formulas have more to say than it does. Rules are not written like this.
CARELESS = {
    "yes or no": (cancer_history & saddle_numbness) | (cancer_history & ~saddle_numbness),
    "below a number or not": (age_years < 18) | (age_years >= 18),
    "between": (age_years > 50) & (age_years < 70) & (saddle_numbness | (age_years < 40)),
    "young or old": (age_years < 18) & saddle_numbness
    | (age_years >= 70) & ~saddle_numbness
    | cancer_history & ~cancer_history,
    "never": (duration_days < 42) & (duration_days >= 84),
    "no choice": course_told.one_of("better") & ~course_told.one_of("better", "same"),
    "any choice": course_told.one_of("better", "same") | course_told.one_of("worse") | cancer_history,
    "its own exception": saddle_numbness.unless((saddle_numbness | cancer_history).named("own")),
    "two of three": AtLeast(2, (saddle_numbness, ~saddle_numbness, cancer_history)),
}


@pytest.mark.parametrize("name", CARELESS)
def test_a_condition_that_is_more_careful_than_it_needs_to_be_is_found_and_the_solver_knows_better(name):
    one = Tried("current", name, CARELESS[name])
    reached = one.reached()
    assert not all(exact(*kind) for kind in examples(one, reached))
    assert solver_differs(one, dict(enumerate(reached))) == []


# -- property 9: who is contacted when --------------------------------------------------------------------------------


def test_in_every_state_and_whatever_is_reported_what_goes_on_has_a_day_and_what_has_ended_has_none():
    tried = set()
    for status, concern, seen, (name, event) in product(Status, Urgency, TRUTHS, KINDS.items()):
        then = next_status(status, concern, seen, event)
        if then in ENDED and then is not status:
            recovered = isinstance(event, Recovery) and not unseen(concern, seen)
            confirmed = isinstance(event, HandOverConfirmed) and status is Status.HANDED_OVER
            assert recovered or confirmed, (status, concern, seen, name)
        for urgency, looked in product(Urgency, TRUTHS):
            found = within(then, concern_of(urgency, looked), looked, event)
            assert (found is None) == (then in ENDED), (then, urgency, looked, name)
            assert found is None or 0 <= found[0] <= FURTHEST, found
        tried.add((status, concern, seen, name))
    assert len(tried) == 4 * 5 * 2 * 9


def test_to_have_been_seen_makes_nothing_more_urgent_and_lifts_no_alarm_from_who_was_not():
    for urgency in Urgency:
        assert concern_of(urgency, False) is urgency
        assert concern_of(urgency, True) == min(urgency, ALARM_FROM)


def right_states() -> list[State]:
    """Every state in which nothing is wrong; the last event is on day 0."""
    numbers = product(range(len(Status)), range(len(Urgency)), TRUTHS, TRUTHS, (0, 1, FURTHEST))
    states = [State(*each, last=0) for each in numbers]
    return [one for one in states if not any(lost(one).values()) and (one.dated or one.next == 0)]


def some_reports() -> Iterator[Report]:
    """Every kind of event with all that is open about it, early, on the day and late."""
    for kind, on, urgency in product(range(len(KINDS)), (0, 1, FURTHEST + 1), range(len(Urgency))):
        for review, *truths in product((on - 1, on + 1, on + FURTHEST + 1), TRUTHS, TRUTHS, TRUTHS):
            yield Report(kind, on, urgency, review, *truths)


def steps() -> Iterator[tuple[State, Report]]:
    """Each of these reports in each of these states; in the quick check some of them."""
    return islice(product(right_states(), some_reports()), 0, None, 1 if WHOLE else 41)


@pytest.fixture
def looked_up(monkeypatch):
    """On plain values nothing is open: an entry of a table is looked up, which is faster than ``entry``."""
    monkeypatch.setattr(nobody_lost, "entry", lambda table, *key: table[key])


@pytest.mark.usefixtures("looked_up")
def test_no_step_from_any_state_goes_wrong_tried_one_by_one():
    model, tried = Model(FollowUp()), 0
    for before, report in steps():
        after = model.after(before, report)
        assert not any(wrong(before, report, after).values()), (before, report, after)
        tried += 1
    assert tried >= (250_000 if WHOLE else 6_000), tried


def ended_by_anything(_status, _concern, _seen, _event):
    return Status.CLOSED


def recovered_with_an_alarm(status, concern, seen, event):
    return Status.RECOVERED if isinstance(event, Recovery) else next_status(status, concern, seen, event)


def no_wait_in_one_state(status, concern, seen, event):
    handed_over = status is Status.HANDED_OVER and concern == Urgency.SELF_CARE
    return None if handed_over and isinstance(event, Silence) else within(status, concern, seen, event)


MISTAKES = {
    "the end after anything": (FollowUp(next_status=ended_by_anything), "ended_otherwise"),
    "recovery with an alarm": (FollowUp(next_status=recovered_with_an_alarm), "ended_otherwise"),
    "no wait in one state": (FollowUp(within=no_wait_in_one_state), "undated"),
    "another edition lifts an alarm": (FollowUp(unseen=lambda concern, seen: not seen and concern > 3), "alarm_lifted"),
}


@pytest.mark.parametrize(("table", "why"), MISTAKES.values(), ids=MISTAKES)
@pytest.mark.usefixtures("looked_up")
def test_a_mistake_in_the_table_is_found_one_by_one_as_well(table, why):
    model = Model(table)
    tried = (wrong(before, report, model.after(before, report)) for before, report in steps())
    assert any(wrongs[why] for wrongs in tried)
