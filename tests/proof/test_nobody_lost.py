"""Nobody is lost, proven for courses of every length (DESIGN §6, property 9), on a model that real steps fit."""

import random
from dataclasses import fields
from datetime import date, timedelta
from itertools import product

import pytest
import z3
from hypothesis import settings

from ruggespraak.course import (
    EVENTS,
    Answers,
    Contact,
    EditionChanged,
    HandOver,
    HandOverConfirmed,
    Recovery,
    Relapse,
    Silence,
    Status,
    Verdict,
    deviation,
    open_episode,
    step,
    steps,
)
from ruggespraak.course.follow_up import next_status, within
from ruggespraak.pathway.editions import EDITIONS
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Urgency
from ruggespraak.proof import nobody_lost
from ruggespraak.proof.nobody_lost import (
    BOUND,
    KINDS,
    FollowUp,
    Model,
    Report,
    State,
    check,
    kind_of,
    state_of,
)
from ruggespraak.proof.words import course_sentences

DAY = date(2026, 1, 15)
COURSES = 6_000 if settings.default.max_examples > 100 else 600
MODEL = Model(FollowUp())
TRUTHS = (False, True)


# -- what is proven -------------------------------------------------------------------------------------------------


@pytest.mark.control("C-26")
def test_nobody_is_lost_whatever_is_reported_and_however_long_the_silence():
    found = check()
    assert (found.verdict, found.why, found.trace) == ("proven", "", ())
    assert found.bound == BOUND == 8
    assert found.seconds < 5
    assert course_sentences(found, "nl") == []


def test_what_the_solver_leaves_open_is_not_proven():
    found = check(timeout_ms=0)
    assert (found.verdict, found.why) == ("unknown", "time")


def test_a_model_in_which_no_course_comes_everywhere_proves_nothing():
    def never_closed(status, concern, seen, event):
        return status if isinstance(event, HandOverConfirmed) else next_status(status, concern, seen, event)

    found = check(FollowUp(next_status=never_closed))
    assert (found.verdict, found.why) == ("unknown", "no course reaches closed")


# -- mistakes in the table are found ----------------------------------------------------------------------------------


def ended_by_silence(status, concern, seen, event):
    return Status.CLOSED if isinstance(event, Silence) else next_status(status, concern, seen, event)


def recovered_with_an_alarm(status, concern, seen, event):
    return Status.RECOVERED if isinstance(event, Recovery) else next_status(status, concern, seen, event)


def closed_without_a_hand_over(status, concern, seen, event):
    return Status.CLOSED if isinstance(event, HandOverConfirmed) else next_status(status, concern, seen, event)


def no_wait_after_silence(status, concern, seen, event):
    return None if isinstance(event, Silence) else within(status, concern, seen, event)


def no_wait_once_handed_over(status, concern, seen, event):
    handed_over = status is Status.HANDED_OVER and concern == Urgency.SELF_CARE
    return None if handed_over and isinstance(event, Silence) else within(status, concern, seen, event)


MISTAKES = {
    "a silence ends": (FollowUp(next_status=ended_by_silence), "ended_otherwise", ["silence"]),
    "recovery with an alarm": (FollowUp(next_status=recovered_with_an_alarm), "ended_otherwise", [None, "recovery"]),
    "closed by anybody": (FollowUp(next_status=closed_without_a_hand_over), "ended_otherwise", ["confirmed"]),
    "no wait after silence": (FollowUp(within=no_wait_after_silence), "undated", ["silence"]),
    "no wait in one state": (FollowUp(within=no_wait_once_handed_over), "undated", [None, None, "silence"]),
    "handed over is the end": (FollowUp(ended=(*Status,)[1:]), "undated", ["hand_over"]),
    "no alarm is open": (FollowUp(unseen=lambda _concern, _seen: False), "alarm_lifted", [None, "edition"]),
    "fewer alarms": (FollowUp(unseen=lambda concern, _seen: concern > 3), "alarm_lifted", [None, "edition"]),
}


@pytest.mark.parametrize(("table", "why", "events"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_table_is_found_with_the_shortest_course_that_shows_it(table, why, events):
    found = check(table)
    assert (found.verdict, found.reachable) == ("counterexample", True)
    told = [moment.event for moment in found.trace]
    assert told[0] is None
    assert len(told) == 1 + len(events)
    assert all(wanted in (None, event) for wanted, event in zip(events, told[1:], strict=True))
    assert found.why == why


def test_a_state_that_no_course_reaches_must_be_right_as_well():
    def seen_for_an_emergency(status, concern, seen, event):
        return None if seen and concern == Urgency.EMERGENCY else within(status, concern, seen, event)

    found = check(FollowUp(within=seen_for_an_emergency))
    assert (found.verdict, found.why, found.reachable) == ("counterexample", "undated", False)
    assert len(found.trace) == 2


def test_these_mistakes_lose_a_real_person_too(monkeypatch):
    new = open_episode("someone", DAY)
    numb = step(new, Answers(DAY, {"low_back_pain": True, "saddle_numbness": True}))
    assert not step(numb, Recovery(DAY)).ended
    monkeypatch.setattr(steps, "next_status", recovered_with_an_alarm)
    assert step(numb, Recovery(DAY)).ended
    monkeypatch.setattr(steps, "next_status", ended_by_silence)
    assert step(new, Silence(DAY)).ended
    monkeypatch.setattr(steps, "next_status", next_status)
    monkeypatch.setattr(steps, "within", no_wait_after_silence)
    with pytest.raises(ValueError, match="empty"):  # no date to choose from: the model calls that undated
        step(new, Silence(DAY))


def test_a_counterexample_reads_as_a_course():
    found = check(FollowUp(next_status=ended_by_silence))
    assert course_sentences(found, "nl") == [
        "dag 0: begin. Loopt; binnen twee weken; nog niet gezien; volgend contact op dag 0.",
        "dag 0: stilte. Afgesloten; binnen twee weken; nog niet gezien; geen volgend contact.",
        "De episode is voorbij zonder herstel of bevestigde overdracht.",
    ]
    assert (
        course_sentences(found, "en")[1] == "day 0: silence. Closed; within two weeks; not seen yet; no next contact."
    )


# -- real steps fit the model ---------------------------------------------------------------------------------------

VALUES = {
    "low_back_pain": [True, False],
    "saddle_numbness": [True, False],
    "saddle_numbness_before_episode": [True, False],
    "bilateral_radicular": [True, False],
    "bilateral_since_days": [1, 80, 100],
    "weak_leg_reported": [True, False],
    "cancer_history": [True, False],
    "significant_trauma": [True, False],
    "trauma_days_ago": [1, 13, 20],
    "age_years": [12, 44, 80],
    "duration_days": [1, 13, 40, 90],
    "course": ["better", "same", "worse"],
    "pain_back_nrs": [0, 3, 6, 10],
    "mrc_ankle_dorsiflexion": [3, 4, 5],
}


PLAIN_BACK = {
    id: False for id, finding in VOCABULARY.items() if finding.worse == "present" and finding.who != "clinician"
} | {"low_back_pain": True, "leg_pain": False, "pregnant": False, "age_years": 40}


def some_answers(pick, on):
    chosen = pick.sample(sorted(VALUES), pick.choice([0, 1, 3, 6]))
    answers = (PLAIN_BACK if pick.random() < 0.4 else {}) | {id: pick.choice(VALUES[id]) for id in chosen}
    unclear = frozenset(pick.sample(["saddle_numbness", "bilateral_radicular"], pick.randint(0, 1)))
    return Answers(on, answers, unclear, pick.choice(["patient", "proxy", "clinician"]))


def some_event(pick, on):
    kind = pick.choice([*EVENTS, Answers, Silence])
    if kind is Answers:
        return some_answers(pick, on)
    more = {
        Contact: {"seen": pick.random() < 0.5},
        EditionChanged: {"edition": pick.choice(EDITIONS)},
        HandOver: {"to": "neurologist"},
    }
    return kind(on=on, **more.get(kind, {}))


def real_steps(courses, length=10):
    """Episodes before and after real events, and the event between them."""
    for seed in range(courses):
        pick = random.Random(seed)
        before = open_episode("someone", DAY)
        for _ in range(length):
            wait = pick.choice([0, 0, 1, 3, pick.randint(0, 40), pick.randint(0, 400)])
            event = some_event(pick, before.last + timedelta(days=wait))
            after = step(before, event)
            yield before, event, after
            before = after


def reports(before, event, after):
    """All that the model may take this event for."""
    new = len(after.decisions) > len(before.decisions)
    urgency = int(after.decision.urgency) if new else 0
    review = (after.decision.review_on - DAY).days if new else 0
    worse = isinstance(event, Answers) and deviation(after, event.on).verdict is Verdict.WORSE
    for news, stands in product(TRUTHS, TRUTHS):
        yield Report(kind_of(event), (event.on - DAY).days, urgency, review, news, stands, worse)


def same_state(one, other):
    """Without a next contact its day says nothing."""
    return one.parts[:4] == other.parts[:4] and one.last == other.last and (not one.dated or one.next == other.next)


def fits(before, event, after):
    """Whether this real step is one of those that the model allows."""
    if (after.next_contact is None) != (after.why is None):
        return False
    mine, its = state_of(before, DAY), state_of(after, DAY)
    return any(same_state(MODEL.after(mine, report), its) for report in reports(before, event, after))


def test_the_kinds_of_event_are_all_there_are():
    assert {type(event) for event in KINDS.values()} == set(EVENTS)
    assert [kind_of(event) for event in KINDS.values()] == list(range(len(KINDS)))


def test_every_real_step_is_one_that_the_model_allows():
    seen = set()
    for before, event, after in real_steps(COURSES):
        assert fits(before, event, after), (before, event, after)
        seen |= {(kind_of(event), before.status), (kind_of(event), before.concern)}
    assert seen == set(product(range(len(KINDS)), (*Status, *Urgency)))


CHANGES = {
    "a silence counts before its day": ("_was_due", lambda _episode, _silence: True),
    "nobody looks": ("_looked_at", lambda episode: episode),
    "an alarm never stands": ("_stands", lambda _episode, _on: Urgency.SELF_CARE),
    "further away": ("FURTHEST", 40),
    "sooner when worse": ("GOT_WORSE", 1),
    "seen for an emergency only": ("ALARM_FROM", Urgency.EMERGENCY),
    "never over": ("ENDED", frozenset()),
    "who was seen counts as before": ("concern_of", lambda urgency, _seen: urgency),
}


@pytest.mark.parametrize(("name", "value"), CHANGES.values(), ids=CHANGES)
def test_other_steps_do_not_fit_the_model(monkeypatch, name, value):
    monkeypatch.setattr(steps, name, value)
    assert not all(fits(*each) for each in real_steps(300))


def test_the_table_looks_at_nothing_else_of_an_event():
    answers = [Answers(DAY + timedelta(days=9), {"saddle_numbness": True}, by) for by in ("proxy", "clinician")]
    others = [*answers, Contact(DAY), HandOver(DAY, "physiotherapist"), EditionChanged(DAY, "leaflet"), Relapse(DAY)]
    for event, status, concern, seen in product(others, Status, Urgency, TRUTHS):
        example = list(KINDS.values())[kind_of(event)]
        assert next_status(status, concern, seen, event) is next_status(status, concern, seen, example)
        assert within(status, concern, seen, event) == within(status, concern, seen, example)


# -- formulas and plain values say the same ---------------------------------------------------------------------------


def plain_values(pick):
    """Any state and any report, as numbers and truths."""
    truths = [pick.random() < 0.5 for _ in range(5)]
    day, last, on, review = (pick.randint(-100, 100) for _ in range(4))
    state = State(pick.randrange(len(Status)), pick.randrange(len(Urgency)), *truths[:2], day, last)
    return state, Report(pick.randrange(len(KINDS)), on, pick.randrange(len(Urgency)), review, *truths[2:])


def parts(state, report):
    return *state.parts, *(getattr(report, field.name) for field in fields(report))


def test_the_formulas_say_what_the_model_says_on_plain_values():
    pick = random.Random(9)
    state, report = nobody_lost._open_state("s"), nobody_lost._open_report("r")
    after = MODEL.after(state, report)
    formulas = [*after.parts, *nobody_lost.wrong(state, report, after).values()]
    for _ in range(500):
        mine, told = plain_values(pick)
        then = MODEL.after(mine, told)
        put = [
            (part, z3.BoolVal(its) if isinstance(its, bool) else z3.IntVal(its))
            for part, its in zip(parts(state, report), parts(mine, told), strict=True)
        ]
        found = [str(z3.simplify(z3.substitute(one, *put))) for one in formulas]
        assert found == [str(one) for one in (*then.parts, *nobody_lost.wrong(mine, told, then).values())]
