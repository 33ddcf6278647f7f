"""The way through a self-check, without pages: any order of answering, going back and changing."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ruggespraak.consult import CaseError, decide, next_screen, urgent_alarms
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.web.check import (
    OF_THE_CHART,
    Reading,
    acknowledged,
    answered,
    begin,
    findings_of,
    fingerprint,
    from_session,
    has_chart,
    interrupted,
    to_session,
)

ON = date(2026, 1, 15)
WORDS = {"boolean": st.sampled_from([True, False]), "date": st.dates(date(2020, 1, 1), ON)}


def value_of(finding):
    if finding.kind == "choice":
        return st.sampled_from(finding.choices)
    if finding.kind == "number":
        return st.integers(int(finding.minimum), min(int(finding.maximum), 400))
    return WORDS[finding.kind]


@st.composite
def people(draw):
    """What a person would say to every question: a value, not known (None is left out of both), or nothing."""
    told, unclear = {}, set()
    for finding in VOCABULARY.values():
        if finding.who == "clinician" or finding.id in OF_THE_CHART:
            continue
        how = draw(st.sampled_from(["no", "no", "no", "no", "value", "unclear", "open"]))
        if how == "unclear":
            unclear.add(finding.id)
        elif how == "no" and finding.kind == "boolean":
            told[finding.id] = False
        elif how != "open":
            told[finding.id] = draw(value_of(finding))
    return told, unclear


def reading(screen, person):
    told, unclear = person
    return Reading(
        {id: told[id] for id in screen.items if id in told}, frozenset(id for id in screen.items if id in unclear)
    )


def walked(person, check=None):
    """The whole way of this person, from where the check is."""
    check = check or begin(ON, "patient")
    while not check.done:
        check = answered(check, check.at, reading(check.screens[-1], person))
    return check


@given(people())
def test_every_way_ends_with_nothing_left_to_ask(person):
    check = walked(person)
    asked = [id for screen in check.screens for id in screen.items]
    assert len(asked) == len(set(asked))
    assert next_screen(check.case(), asked) is None
    assert check.at == len(check.screens) + 1


@given(people(), people(), st.data())
def test_changing_an_answer_ends_where_answering_so_at_once_would_have_ended(first, second, data):
    check = walked(first)
    number = data.draw(st.integers(1, len(check.screens)))
    screen = check.screens[number - 1]
    changed = ({**first[0]}, {*first[1]})
    for id in screen.items:
        changed[0].pop(id, None)
        changed[1].discard(id)
        if id in second[0]:
            changed[0][id] = second[0][id]
        if id in second[1]:
            changed[1].add(id)
    after = walked(changed, answered(check, number, reading(screen, changed)))
    at_once = walked(changed)
    assert after.screens == at_once.screens
    assert after.case() == at_once.case()


@pytest.mark.control("C-09")
@given(people(), st.lists(st.tuples(st.integers(0, 30), people()), max_size=4))
def test_an_alarm_told_on_the_first_screen_is_never_lost_by_what_is_answered_elsewhere(person, changes):
    told, unclear = {**person[0], "saddle_numbness": True}, person[1] - {"saddle_numbness"}
    check = walked((told, unclear))
    for place, other in changes:
        number = place % len(check.screens) + 1
        if number > 1 and "saddle_numbness" not in check.screens[number - 1].items:
            check = answered(check, number, reading(check.screens[number - 1], other))
        assert check.told().answers["saddle_numbness"] is True
    assert "saddle_numbness" in check.screens[0].items


@given(people())
def test_whoever_stops_early_loses_nothing_that_was_told(person):
    check = walked(person)
    everything = set(check.told().answers)
    again = answered(check, 1, reading(check.screens[0], person), rest=check.screens[0].items[:1])
    assert not again.done
    assert again.at == 1
    assert everything - set(again.told().answers) == set()


@given(people(), people(), st.data())
def test_no_result_is_calmer_than_the_answers_on_its_way(first, second, data):
    check = walked(first)
    number = data.draw(st.integers(1, len(check.screens)))
    check = walked(second, answered(check, number, reading(check.screens[number - 1], second)))
    assert decide(check.told()).urgency >= decide(check.case()).urgency


@given(people())
@settings(max_examples=settings.default.max_examples // 4)
def test_a_check_comes_through_a_session_unchanged(person):
    check = walked(person)
    assert from_session(json.loads(json.dumps(to_session(check)))) == check


@pytest.mark.parametrize("spoiled", [{"answers": {"no_such": True}}, {"answers": {"age_years": -1}}, {"on": "soon"},
                                     {"answered_by": "nobody"}, {"screens": [["alarm", "no_such"]]}])  # fmt: skip
def test_a_session_of_another_version_is_an_error_and_no_half_read_answer(spoiled):
    kept = to_session(begin(ON, "patient")) | spoiled
    with pytest.raises((CaseError, KeyError)):
        from_session(kept)


def test_an_alarm_interrupts_once_and_again_after_it_was_taken_back():
    check = begin(ON, "patient")
    screen = check.screens[0]
    numb = answered(check, 1, Reading({**dict.fromkeys(screen.items, False), "saddle_numbness": True}))
    assert interrupted(numb)
    seen = acknowledged(numb)
    assert not interrupted(seen)
    back = answered(seen, 1, Reading(dict.fromkeys(screen.items, False)))
    assert not urgent_alarms(back.told())
    again = answered(acknowledged(back), 1, Reading({**dict.fromkeys(screen.items, False), "saddle_numbness": True}))
    assert interrupted(again)


def test_a_part_left_alone_keeps_the_same_screen_next():
    check = begin(ON, "patient")
    screen = check.screens[0]
    half = answered(check, 1, Reading({screen.items[0]: False}), rest=screen.items[1:])
    assert half.screens == check.screens
    assert (half.at, half.done) == (1, False)


def test_no_two_screens_have_the_same_fingerprint():
    check = walked(({"low_back_pain": True, "leg_pain": True, "duration_days": 100, "age_years": 30}, set()))
    assert len({fingerprint(screen) for screen in check.screens}) == len(check.screens)


def test_the_body_chart_adds_what_pointing_can_answer_only_where_it_stands():
    check = walked(({"low_back_pain": True, "leg_pain": False}, set()))
    with_chart = [screen for screen in check.screens if has_chart(screen)]
    assert len(with_chart) == 1
    assert set(OF_THE_CHART) < set(findings_of(with_chart[0]))
    assert all(findings_of(screen) == screen.items for screen in check.screens if screen not in with_chart)
