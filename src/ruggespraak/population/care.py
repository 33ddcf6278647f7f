"""What the pathway says at every moment of every life: an edition's decisions, tabulated for the kernel.

A life meets finitely many clinical states: how the complaint shows itself, since when, at what age, what was asked, who
is at home sick, what was tried. For each of them a case is made and decided by ``consult.brief``, the same rules as in
the consult, and what it makes people do goes into one whole number, a cell. The kernel looks up; it knows no rule. The
table carries the fingerprint of its edition: another rule is another table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ruggespraak.consult import Brief, Case, brief
from ruggespraak.consult.outcome import source
from ruggespraak.consult.ready import Ready, Rule, ready
from ruggespraak.logic import Value
from ruggespraak.pathway.editions import edition as edition_by_id
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.rules import Act, Edition, Urgency, Use
from ruggespraak.population.kept import kept
from ruggespraak.population.kernel import cell
from ruggespraak.population.tables import TableError

Cells = npt.NDArray[np.int64]
ON = date(2026, 1, 1)  # any day: a case speaks of days since the onset

BACK: Mapping[str, Value] = {"low_back_pain": True, "leg_pain": False}
ROOT: Mapping[str, Value] = {
    "low_back_pain": True,
    "leg_pain": True,
    "leg_pain_below_knee": True,
    "leg_worse_than_back": True,
    "slr_positive": True,
}
NO_RELIEF: Mapping[str, Value] = {"relief_sufficient": False, "improving": False}


@dataclass(frozen=True, slots=True)
class Presentation:
    """How a complaint shows itself: what is told whatever is asked, and the alarms, which a question brings up."""

    told: Mapping[str, Value]
    alarms: Mapping[str, Value]


def _shows(told: Mapping[str, Value], **alarms: Value) -> Presentation:
    return Presentation(told, alarms)


# In the order of ``kernel.cell``.
PRESENTATIONS: dict[str, Presentation] = {
    "back": _shows(BACK),
    "root": _shows(ROOT),
    "root_relieved": _shows({**ROOT, "relief_sufficient": True, "improving": True}),
    "root_not_relieved": _shows({**ROOT, **NO_RELIEF}),
    "root_wants_surgery": _shows({**ROOT, **NO_RELIEF, "wants_surgery_weighed": True}),
    "root_unbearable": _shows({**ROOT, **NO_RELIEF}, pain_unbearable=True),
    "root_paresis": _shows({**ROOT, **NO_RELIEF}, foot_drop=True),
    "cauda_equina": _shows({**ROOT, **NO_RELIEF}, saddle_numbness=True, urinary_retention=True),
    "fracture": _shows(BACK, osteoporosis_known=True, minor_trauma_older=True),
    "tumour": _shows(BACK, cancer_history=True),
    "infection": _shows(BACK, fever_reported=True),
    "axial_spa": _shows(BACK, age_at_first_onset=25, good_nsaid_response=True, family_spa=True),
    "aneurysm": _shows(BACK, pulsating_abdomen=True),
    "stenosis": _shows({**ROOT, "onset_mode": "gradual"}, walk_claudication=True),
    "listhesis": _shows(BACK, age_at_first_onset=16, step_off_L4L5=True),
    "false_alarm": _shows(BACK, weight_loss_unexplained=True, malaise=True),
    "back_not_improving": _shows({**BACK, "improving": False}),
}

# What a general practitioner has asked: nothing about alarms; nothing, but the patient told of them; every alarm.
ASKED = ("nothing", "told", "everything")
# First day, or year of age, of each class: between two of these none of our editions decides otherwise (a test tries).
FROM_DAY = (0, 1, 14, 15, 21, 28, 29, 42, 43, 71, 84, 90, 365, 366, 3651)
FROM_AGE = (0, 18, 51, 61)
AT_HOME = (False, True)  # sick-listed for a week or longer
FAILED = (0, 1, 2)  # treatments that did not help
SHAPE = (len(PRESENTATIONS), cell.DAY_CLASSES, cell.AGE_CLASSES, len(ASKED), len(AT_HOME), len(FAILED))
ADULT, GROWN = 35, 3650  # for which "since" can be asked


@cache
def questions() -> tuple[str, ...]:
    """The alarms of the current edition that a person can answer with yes or no: all who ask, ask these."""
    alarms = edition_by_id("current").alarms
    named = {one.id for alarm in alarms for one in alarm.when.findings()}
    boolean = (VOCABULARY[id] for id in sorted(named))
    return tuple(one.id for one in boolean if one.kind == "boolean" and one.who != CLINICIAN and one.worse == "present")


def case(shown: str, day: int, age: int, asked: str, at_home: bool, failed: int, edition: str = "current") -> Case:
    """The case of one clinical state. What is not known in it is not asked, and so not answered."""
    one = PRESENTATIONS[shown]
    answers: dict[str, Value] = {"age_years": age, "duration_days": day, **one.told}
    if asked != "nothing":
        answers |= one.alarms
    if asked == "everything":
        answers = {**dict.fromkeys((id for id in questions() if id not in answers), False), **answers}
    if at_home:
        answers |= {"works": True, "sick_listed_days": max(day, 7)}
    if failed:
        answers["treatments_failed"] = failed
    return Case(on=ON, answers=answers, edition=edition)


def states() -> product:  # type: ignore[type-arg]
    """Every clinical state of our editions, in the order of the cells; days and ages are the first of their class.

    Classes that are not used are the last one again.
    """
    days = (*FROM_DAY, *[FROM_DAY[-1]] * (cell.DAY_CLASSES - len(FROM_DAY)))
    ages = (*FROM_AGE, *[FROM_AGE[-1]] * (cell.AGE_CLASSES - len(FROM_AGE)))
    return product(PRESENTATIONS, days, ages, ASKED, AT_HOME, FAILED)


Classes = tuple[tuple[int, ...], tuple[int, ...]]


def classes(here: Ready) -> Classes:
    """The days since the onset, and the ages, from which this edition can decide otherwise than just before."""
    days, ages = (_turns(here, finding) for finding in ("duration_days", "age_years"))
    reviews = here.edition.reviews
    onset = {ceil(one.on_day) for one in reviews if one.on_day is not None}
    # A look that is counted from now comes first, until one that is counted from the onset is as near, and then nearer.
    ahead = [int(one.after or 0) for one in reviews if one.urgency is not None and one.urgency <= Urgency.ROUTINE]
    nearer = {day - after + late for day in onset for after in ahead for late in (0, 1)}
    return tuple(sorted({0, *days, *onset, *(day for day in nearer if day > 0)})), (0, *ages)


def _turns(here: Ready, finding: str) -> list[int]:
    """The whole numbers at which some comparison with this finding turns."""
    if finding not in here.alphabet.tables:
        return []
    read, limit = here.alphabet.tables[finding], {"duration_days": cell.DAYS, "age_years": cell.AGES}[finding]
    said = [read(number) for number in range(limit)]
    if read(10**9) != said[-1]:
        raise TableError(f"edition {here.edition.id}: {finding} compared with over {limit - 1}, less expected")
    return [number for number in range(1, limit) if said[number] != said[number - 1]]


HOSPITAL = frozenset({"emergency_department", "ambulance", "oncologist", "surgical_team"})


def packed(said: Brief, day: int) -> int:
    """One cell: what the pathway makes people do, in the bits that ``kernel.cell`` names."""
    came = said.outcome
    review = day + said.review_in if said.from_onset else said.review_in
    flags = (
        (cell.PHYSIOTHERAPY, Act.PHYSIOTHERAPY in said.does),
        (cell.PSYCHOLOGY, Act.PSYCHOSOCIAL in said.does),
        (cell.PAIN_TEAM, Act.PAIN_TEAM in said.does),
        (cell.WEIGH_SURGERY, Act.DISCUSS_SURGERY in said.does),
        (cell.OCCUPATIONAL, Act.OCCUPATIONAL_PHYSICIAN in said.does),
        (cell.NEUROLOGIST, "neurologist" in came.refer or Act.REFER_NEUROLOGIST in said.does),
        (cell.ORTHOPAEDIST, "orthopaedist" in came.refer or Act.REFER_ORTHOPAEDIST in said.does),
        (cell.RHEUMATOLOGIST, "rheumatologist" in came.refer),
        (cell.HOSPITAL, not HOSPITAL.isdisjoint(came.refer)),
        (cell.BY_GP, said.imaging_by == "gp"),
        (cell.NOT_USEFUL, came.imaging is Use.NOT_USEFUL),
        (cell.FROM_ONSET, said.from_onset),
    )
    bits = sum(1 << place for place, holds in flags if holds)
    use = int(came.imaging) if came.imaging is not None else 0
    # What is established, not what is open: a practice that asks nothing finds nothing urgent.
    return int(came.established) | use << cell.IMAGING | bits | review << cell.REVIEW


def fingerprint(here: Ready) -> str:
    """What an edition does, as a hash: any change to a rule, an act, a number or a review gives another."""
    text = [here.follow_source, here.standing_source, source(here)]
    rules: list[Rule[Any]] = [*here.alarms, *here.recommendations]
    for rule in rules:
        one = rule.rule
        text.append(f"{one.id} {int(one.urgency)} {rule.form.source()} {[r.to for r in one.refer]} {one.imaging!r}")
        text.append(f"{sorted(one.forbids)} {sorted(getattr(one, 'does', ()))}")
    text += [f"{one.id} {one.when!r} {one.after!r} {one.on_day!r} {one.urgency!r}" for one in here.edition.reviews]
    text += [f"{PRESENTATIONS!r} {ASKED} {FROM_DAY} {FROM_AGE} {FAILED} {questions()}"]
    return hashlib.sha256("\n".join(text).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Care:
    """An edition as the kernel sees it. ``cells``: a row of the table (``kernel.cell``)."""

    edition: str
    fingerprint: str
    cells: Cells


@cache
def care(edition: str | Edition) -> Care:
    """The table of an edition, made once and kept. Raises UnknownEditionError or TableError.

    That of an edition of ours is kept under the hash of the sources of the rules, so that a later run need not even
    read the rules. Of another one the classes of days and ages are found first, which takes some seconds.
    """
    if not isinstance(edition, str):
        return _care(Ready(edition), None)
    one = edition_by_id(edition)
    found = kept(f"care-{edition}-{_sources()}", lambda: _with_mark(_care(ready(edition), (FROM_DAY, FROM_AGE))))
    return Care(f"{one.id}@{one.version}", found[-MARK:].astype(">i8").tobytes().hex(), found[:-MARK])


MARK = 4  # whole numbers that hold a fingerprint


def _care(here: Ready, within: Classes | None) -> Care:
    return Care(f"{here.edition.id}@{here.edition.version}", fingerprint(here), tabulate(here, within))


def _with_mark(one: Care) -> Cells:
    mark = np.frombuffer(bytes.fromhex(one.fingerprint), dtype=">i8").astype(np.int64)
    return np.concatenate([one.cells, mark])


@cache
def _sources() -> str:
    """The hash of everything that a decision comes from, and of this file and the places in a cell."""
    house = Path(__file__).parents[1]
    paths = [path for part in ("logic", "pathway", "consult") for path in sorted((house / part).rglob("*"))]
    found = hashlib.sha256()
    for path in [*paths, Path(__file__), Path(__file__).parent / "kernel" / "cell.py"]:
        if path.suffix in (".py", ".csv"):
            found.update(path.read_bytes())
    return found.hexdigest()[:16]


def tabulate(here: Ready, within: Classes | None = None) -> Cells:
    """A row of the table: every clinical state decided. ``within``: the classes, where they are known.

    Cases that read the same are decided once. Raises TableError where an edition has more classes than the table.
    """
    days, ages = within or classes(here)
    found = np.empty((len(PRESENTATIONS), len(days), len(ages), len(ASKED), len(AT_HOME), len(FAILED)), dtype=np.int64)
    known: dict[tuple[object, ...], int] = {}
    for index, (shown, day, age, asked, at_home, failed) in zip(
        np.ndindex(found.shape), product(PRESENTATIONS, days, ages, ASKED, AT_HOME, FAILED), strict=True
    ):
        one = case(shown, day, age, asked, at_home, failed)
        reading = (*here.bits(one), day)
        if reading not in known:
            known[reading] = packed(brief(one, here), day)
        found[index] = known[reading]
    if within is None:
        found, days = _merged(found, days, 1)
        found, ages = _merged(found, ages, 2)
    for what, firsts, most in (("days", days, cell.DAY_CLASSES), ("ages", ages, cell.AGE_CLASSES)):
        if len(firsts) > most:
            raise TableError(f"edition {here.edition.id}: {len(firsts)} classes of {what}, at most {most} expected")
    unused = ((0, 0), (0, cell.DAY_CLASSES - len(days)), (0, cell.AGE_CLASSES - len(ages)), (0, 0), (0, 0), (0, 0))
    of_day = np.searchsorted(days, np.arange(cell.DAYS), side="right") - 1
    of_age = np.searchsorted(ages, np.arange(cell.AGES), side="right") - 1
    return np.concatenate([np.pad(found, unused, mode="edge").ravel(), of_day, of_age])


def _merged(found: Cells, firsts: tuple[int, ...], axis: int) -> tuple[Cells, tuple[int, ...]]:
    """Without the classes in which everything is decided as in the one before."""
    others = tuple(other for other in range(found.ndim) if other != axis)
    turns = np.insert(np.any(np.diff(found, axis=axis) != 0, axis=others), 0, True)
    return np.compress(turns, found, axis=axis), tuple(first for first, turn in zip(firsts, turns, strict=True) if turn)
