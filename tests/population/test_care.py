"""The table of care says what the pathway says: every cell, every day and every age, as a full decision has it."""

import os
import random
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ruggespraak.consult import decide
from ruggespraak.consult.ready import Ready, ready
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.rules import Act, Urgency, Use
from ruggespraak.population import care
from ruggespraak.population.kernel import cell
from ruggespraak.population.tables import TableError

WHOLE = os.environ.get("RUG_CHECK") == "whole"
SAMPLE = 1_500  # clinical states in a quick run, of all editions together
STATES = list(care.states())
DISTINCT = list(dict.fromkeys(STATES))  # without the classes that are not used
DONE = {  # who is seen, and what is done, by the bit of a cell
    cell.PHYSIOTHERAPY: (set(), {Act.PHYSIOTHERAPY}),
    cell.PSYCHOLOGY: (set(), {Act.PSYCHOSOCIAL}),
    cell.PAIN_TEAM: (set(), {Act.PAIN_TEAM}),
    cell.WEIGH_SURGERY: (set(), {Act.DISCUSS_SURGERY}),
    cell.OCCUPATIONAL: (set(), {Act.OCCUPATIONAL_PHYSICIAN}),
    cell.NEUROLOGIST: ({"neurologist"}, {Act.REFER_NEUROLOGIST}),
    cell.ORTHOPAEDIST: ({"orthopaedist"}, {Act.REFER_ORTHOPAEDIST}),
    cell.RHEUMATOLOGIST: ({"rheumatologist"}, set()),
    cell.HOSPITAL: ({"emergency_department", "ambulance", "oncologist", "surgical_team"}, set()),
}


def decided(state, here):
    """A cell's bits below its review, and the days until the next look, from the keys of a full decision."""
    one = care.case(*state)
    said = decide(one, "en", here)
    sent = {refer.to for refer in said.refer}
    does = {act for advice in said.plan for act in advice.does}
    bits = sum(1 << bit for bit, (to, acts) in DONE.items() if sent & to or does & acts)
    bits |= (said.imaging_by == "gp") << cell.BY_GP
    bits |= (said.imaging is Use.NOT_USEFUL) << cell.NOT_USEFUL
    rules = [*said.established, *(advice.id for advice in said.plan)]
    established = max((here.edition.rule(id).urgency for id in rules), default=Urgency.SELF_CARE)
    return bits | int(established) | int(said.imaging or 0) << cell.IMAGING, (said.review.on - one.on).days


def looked_up(row, state):
    """The same of what the kernel finds."""
    shown, day, age, asked, at_home, failed = state
    where = cell.place(
        row[None], 0, list(care.PRESENTATIONS).index(shown), day, age, care.ASKED.index(asked), int(at_home), failed
    )
    found = int(row[where])
    review = found >> cell.REVIEW
    counted_from_onset = found >> cell.FROM_ONSET & 1
    return found & (1 << cell.FROM_ONSET) - 1, review - day if counted_from_onset else review


@cache
def revised():
    """An edition that moves some days, as somebody might propose one; to find the classes of ours takes long."""
    moved = {"weigh_surgery_from": 56, "psychosocial_from": 10, "recheck_on": 17, "age_adult": 16}
    base = edition("current" if WHOLE else "leaflet")
    known = {one.name for one in base.parameters}
    return base.revise("moved", "1", parameters={name: value for name, value in moved.items() if name in known})


@cache
def tables():
    """Every edition of ours, and one that is not."""
    return [(ready(id), care.care(id).cells) for id in EDITIONS] + [(Ready(revised()), care.care(revised()).cells)]


def test_every_cell_is_what_a_full_decision_says():
    """Whole with RUG_CHECK=whole; else some of each way that a complaint shows itself, in each edition."""
    pick = random.Random(7)
    for id in EDITIONS:
        here, row = ready(id), care.care(id).cells
        for shown in care.PRESENTATIONS:
            mine = [state for state in DISTINCT if state[0] == shown]
            for state in mine if WHOLE else pick.sample(mine, SAMPLE // len(EDITIONS) // len(care.PRESENTATIONS)):
                assert looked_up(row, state) == decided(state, here), (id, state)


ANY = st.tuples(
    st.sampled_from(list(care.PRESENTATIONS)),
    st.one_of(st.integers(0, 100), st.integers(101, 400), st.integers(401, 40_000)),
    st.integers(0, 119),
    st.sampled_from(care.ASKED),
    st.booleans(),
    st.sampled_from(care.FAILED),
)


@settings(max_examples=2_000 if WHOLE else 250)
@given(st.sampled_from(range(len(EDITIONS) + 1)), ANY)
def test_between_two_classes_nothing_is_decided_otherwise(which, state):
    """On any day and at any age the cell is what the edition decides on that day, at that age."""
    here, row = tables()[which]
    assert looked_up(row, state) == decided(state, here)


def test_the_next_look_is_that_of_the_day_itself():
    """It comes nearer with each day, so here a class can be wrong by one day and look right."""
    for here, row in tables():
        for shown, asked in (("back", "nothing"), ("root_not_relieved", "everything")):
            for day in range(182) if WHOLE else (0, 1, 7, 13, 14, 15, 17, 27, 28, 41, 56, 69, 70, 71, 83, 84, 100):
                state = (shown, day, 35, asked, False, 0)
                assert looked_up(row, state) == decided(state, here), (here.edition.id, state)


@pytest.mark.parametrize("id", EDITIONS)
def test_a_threshold_that_is_no_class_makes_no_difference(id):
    """Every day and age that a rule of ours compares with begins a class, or the day before is decided the same."""
    here, pick = ready(id), random.Random(id)
    days, ages = care.classes(here)
    assert set(days) | set(ages) >= {0}
    others = [(1, day) for day in set(days) - set(care.FROM_DAY)] + [(2, age) for age in set(ages) - set(care.FROM_AGE)]
    assert others or id == "leaflet"
    row = care.care(id).cells
    for place, turn in others:
        for state in pick.sample(DISTINCT, 1_000 if WHOLE else 25):
            before, after = ((*state[:place], number, *state[place + 1 :]) for number in (turn - 1, turn))
            assert decided(before, here)[0] == decided(after, here)[0] == looked_up(row, after)[0], (id, state, turn)


def test_an_edition_that_moves_a_day_is_followed_on_that_day():
    """Surgery weighed from day 56: not from the next day of somebody else's list."""
    row = care.care(revised()).cells
    weighs = [
        day
        for day in range(100)
        if looked_up(row, ("root_not_relieved", day, 40, "everything", False, 0))[0] >> cell.WEIGH_SURGERY & 1
    ]
    assert weighs == list(range(56, 100))
    assert care.care(revised()).fingerprint not in {care.care(id).fingerprint for id in EDITIONS}


@pytest.mark.parametrize(
    ("state", "urgency", "does"),
    [
        (("cauda_equina", 1, 40, "everything", False, 0), Urgency.EMERGENCY, {cell.NEUROLOGIST}),
        (("cauda_equina", 1, 40, "nothing", False, 0), Urgency.SELF_CARE, set()),
        (("aneurysm", 1, 70, "told", False, 0), Urgency.EMERGENCY, {cell.HOSPITAL}),
        (("tumour", 30, 66, "told", False, 0), Urgency.WITHIN_DAYS, {cell.HOSPITAL}),
        (("back", 5, 40, "everything", False, 0), Urgency.SELF_CARE, {cell.NOT_USEFUL}),
        (("root_not_relieved", 41, 40, "everything", False, 0), Urgency.SELF_CARE, set()),
        (("root_not_relieved", 42, 40, "everything", False, 0), Urgency.ROUTINE, {cell.WEIGH_SURGERY}),
    ],
)
def test_what_the_kernel_meets_in_words(state, urgency, does):
    bits, _ = looked_up(care.care("current").cells, state)
    assert bits & 7 == urgency
    assert all(bits >> one & 1 for one in does)
    assert bool(bits >> cell.WEIGH_SURGERY & 1) == (cell.WEIGH_SURGERY in does)


def test_presentations_stand_where_the_kernel_looks_for_them():
    names = [name.lower() for name in vars(cell) if name.lower() in care.PRESENTATIONS]
    assert len(names) == len(care.PRESENTATIONS) == cell.SHOWN
    for shown, name in enumerate(care.PRESENTATIONS):
        assert getattr(cell, name.upper()) == shown
    assert len(care.care("current").cells) == cell.SIZE
    assert int(np.prod(care.SHAPE)) == cell.DAY_CLASS


def test_a_place_is_that_of_its_state():
    row = care.care("current").cells[None]
    shape = care.SHAPE
    for index in random.Random(3).sample(range(len(STATES)), 500):
        shown, day_class, age_class, asked, at_home, failed = np.unravel_index(index, shape)
        if day_class >= len(care.FROM_DAY) or age_class >= len(care.FROM_AGE):
            continue
        state = STATES[index]
        assert cell.place(row, 0, shown, state[1], state[2], asked, at_home, failed) == index


def test_an_edition_that_does_not_fit_the_table_is_refused(monkeypatch):
    later = edition("leaflet").revise("later", "1", parameters={"very_long_from": 5_000})
    with pytest.raises(TableError, match="edition later: duration_days compared with over 3999, less expected"):
        care.care(later)
    monkeypatch.setattr(cell, "DAY_CLASSES", 5)
    with pytest.raises(TableError, match="edition leaflet: 10 classes of days, at most 5 expected"):
        care.tabulate(ready("leaflet"))
