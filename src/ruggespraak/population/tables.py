"""From the parameters to the whole numbers that the kernel is given (``kernel.given``)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from ruggespraak.population import people
from ruggespraak.population.kernel.age import LAST
from ruggespraak.population.kernel.given import CHANCES, TABLES
from ruggespraak.population.kernel.quantile import KNOTS
from ruggespraak.population.kernel.tally import BANDS, CAUSES, DAY
from ruggespraak.population.laws import LEVELS, NEVER, Floats, Table, level, log_logistic, table, through
from ruggespraak.population.parameters import Parameters

REFERENCE = 47  # the age to which the hazards of onset belong: the middle of 45-49
SHAPE = 2.0  # of the log-logistic waits (delay, specialist, operation, patience, worse): own choice

# The radicular part of the GP cases by age, against that at 50-59. NHG55-05 has 16 per 1,000 people at 45-64, 11 over
# 65 and 9 overall, V-2. That is by people, and the old come with any back pain more often (here a seventh more
# at 75, a quarter at 85), so the part falls faster than the rate; a test counts the rates. What the figures leave for
# the young is spread over their ages by own choice.
RADICULAR_BY_BAND = np.array([0.0, 0.07, 0.3, 0.5, 0.93, 1.0, 0.77, 0.57, 0.52, 0.5])


@dataclass(frozen=True, slots=True)
class Given:
    """All that a life is given beside scenario and edition: see ``kernel.given``."""

    guide: Table
    levels: Table
    tables: Table
    chances: Table
    causes: Table


def given(parameters: Parameters) -> Given:
    """The tables that belong to these parameters. Raises TableError where one cannot be."""
    made = {
        "recurs": _recurs(parameters),
        "delay": log_logistic(parameters["course.delay"], SHAPE),
        "nonspecific_kngf": through(
            [
                (30, parameters["course.kngf_month"]),
                (90, parameters["course.kngf_quarter"]),
                (365, parameters["course.henschke_year"]),
                (3650, parameters["course.decade"]),
            ]
        ),
        "nonspecific_leaflet": through(
            [(14, parameters["course.leaflet_fortnight"]), (90, parameters["course.leaflet_quarter"])]
        ),
        "radicular": log_logistic(parameters["course.radicular_median"], parameters["course.radicular_shape"]),
        "radicular_severe": log_logistic(
            parameters["course.radicular_severe_median"], parameters["course.radicular_shape"]
        ),
        "specific": log_logistic(parameters["course.specific_median"], parameters["course.specific_shape"]),
        "wait_specialist": log_logistic(parameters["care.wait_specialist"], SHAPE),
        "wait_operation": log_logistic(parameters["surgery.wait"], SHAPE),
        "patience": log_logistic(parameters["surgery.patience"], SHAPE),
        "after_operation": log_logistic(parameters["surgery.recovery"], parameters["surgery.recovery_shape"]),
        "sick": through(
            [
                (7, parameters["work.back_week"]),
                (30, parameters["work.back_month"]),
                (182, parameters["work.back_half_year"]),
            ]
        ),
        "worse": log_logistic(parameters["care.worse_after"], SHAPE),
    }
    tables = np.stack([made[name] for name in TABLES])
    first, later = (_free(parameters[f"onset.{name}"]) for name in ("first", "later"))
    levels = np.concatenate([people.survival(), first, later])
    return checked(Given(people.guide(), levels, tables, _chances(parameters), _causes(parameters)))


class TableError(ValueError):
    """A table with a hole, or of another shape than the kernel reads."""


def checked(given: Given) -> Given:
    """The same. Raises TableError that names the table, the place and what stands there."""
    shapes = {"tables": (len(TABLES), KNOTS), "levels": (6, LAST + 1), "chances": (len(CHANCES),)}
    shapes |= {"causes": (BANDS, len(CAUSES)), "guide": (2 * people.AGES + 1,)}
    for name, shape in shapes.items():
        found: Table = getattr(given, name)
        if found.shape != shape or found.dtype != np.int64:
            raise TableError(f"{name}: {found.dtype} of shape {found.shape} given, int64 of shape {shape} expected")
    _ordered("tables", given.tables, 0, NEVER, rising=True)
    _ordered("levels", given.levels, 0, LEVELS, rising=False)
    _ordered("causes", given.causes, 0, LEVELS, rising=True)
    _ordered("guide", given.guide[None], 0, LEVELS, rising=True)
    if given.guide[-1] != LEVELS or np.any(given.causes[:, -1] != LEVELS):
        raise TableError("guide and causes must end at 2**32: everybody is of some age, and every case has a cause")
    return given


def _ordered(name: str, table: Table, least: int, most: int, *, rising: bool) -> None:
    steps = np.diff(table, axis=1) * (1 if rising else -1)
    wrong = np.argwhere((table < least) | (table > most))
    wrong = wrong if len(wrong) else np.argwhere(steps < 0) + np.array([0, 1])
    if len(wrong):
        row, column = wrong[0]
        way = "rising" if rising else "falling"
        raise TableError(f"{name}[{row}, {column}]: {table[row, column]} given, {least} to {most} and {way} expected")


def _recurs(parameters: Parameters) -> Table:
    """Hours until it comes back, of who has it back within a year: straight lines between the published points."""
    year = parameters["onset.recurs"]
    known = [0.0, parameters["onset.recurs_3_months"], parameters["onset.recurs_6_months"], year]
    back = np.minimum(np.array(known) / year, 1)
    return table(lambda left: np.interp(1 - left, back, [0.0, 91, 182, 365]))


@cache
def known_to_gp() -> Floats:
    """[2, ages 0..LAST - 1]: people known to a GP with neck or back trouble, against those at 45-49 of both sexes."""
    rows = list(csv.DictReader(files(__package__).joinpath("known_to_gp.csv").read_text(encoding="utf-8").splitlines()))
    middle = np.array([float(row["from"]) + 2.5 for row in rows])
    shape = np.stack([np.interp(np.arange(LAST) + 0.5, middle, [float(r[s]) for r in rows]) for s in ("men", "women")])
    found: Floats = shape / shape[:, REFERENCE].mean()
    return found


def _free(a_year: float) -> Table:
    """[2, LAST + 1]: who is free of it still at each birthday, with this hazard a year at 45-49."""
    hazard = np.cumsum(known_to_gp() * a_year, axis=1)
    free = np.exp(-np.concatenate([np.zeros((2, 1)), hazard], axis=1))
    found: Table = np.round(free * LEVELS).astype(np.int64)
    return found


def _causes(parameters: Parameters) -> Table:
    """[BANDS, CAUSES]: of the GP cases in an age band, the levels of the causes, added up along a row."""
    share = np.zeros((BANDS, len(CAUSES)))
    kind = {one.id.partition(".")[2]: one.value for one in parameters.group("kind")}
    share[:, CAUSES.index("radicular")] = kind["radicular"] * RADICULAR_BY_BAND
    share[:, CAUSES.index("cauda_equina")] = kind["cauda_equina"]
    old = _older(55)
    share[:, CAUSES.index("fracture")] = old * kind["fracture_old"] + (1 - old) * kind["fracture_young"]
    share[:, CAUSES.index("infection")] = kind["infection"]
    for cause, some in (
        ("tumour", _older(50)), ("axial_spa", 1 - _older(45)), ("aneurysm", _older(60)), ("stenosis", _older(60)),
        ("listhesis", 1 - _older(20)),
    ):  # fmt: skip
        share[:, CAUSES.index(cause)] = some * kind[cause]
    share[:, 0] = 1 - share[:, 1:].sum(axis=1)
    if np.any(share < 0):
        raise TableError(f"kind.*: the shares of the causes add up to {1 - share[:, 0].min():g}, at most 1 expected")
    found: Table = np.round(np.cumsum(share, axis=1) * LEVELS).astype(np.int64)
    found[:, -1] = LEVELS
    return found


def _older(age: int) -> Floats:
    """[BANDS]: the part of each band of ten years that is over this age."""
    found: Floats = np.clip(np.arange(1, BANDS + 1) - age / 10, 0, 1)
    return found


def _chances(parameters: Parameters) -> Table:
    p = parameters
    hours = {"session_every": p["care.session_every"], "friction": p["work.friction"], "sick_pay": p["work.sick_pay"]}
    hours["occupational_after"] = p["work.occupational_after"]
    whole = {
        "sessions": p["care.sessions"],
        "psychologist_visits": p["care.psychologist_visits"],
        "pain_team_visits": p["care.pain_team_visits"],
        "hospital_days": p["care.hospital_days"],
        "operation_days": p["care.hospital_days_operation"],
    }
    shares = {
        "ever": 1 - p["onset.never"],
        "within_year": p["onset.recurs"],
        "comes": p["kind.comes_to_gp"],
        "severe": p["kind.severe"],
        "radicular_severe": p["kind.radicular_severe"],
        "paresis": p["kind.paresis"],
        "unbearable": p["kind.unbearable"],
        "false_alarm": p["kind.false_alarm"],
        "shows": p["kind.shows"],
        "told": p["care.told"],
        "returns": p["care.returns"],
        "returns_root": p["care.returns_root"],
        "leads_on": p["care.finding_leads_on"],
        "again": p["surgery.again"],
        "employed": p["work.employed"],
        "absent": p["work.absent"],
        "absent_mild": p["work.absent_mild"],
        "longer": p["effect.needless_scan"],
        "shorter": p["effect.physiotherapy"],
    }
    values = {name: round(value * DAY) for name, value in hours.items()}
    values |= {name: round(value) for name, value in whole.items()}
    values |= {name: level(value) for name, value in shares.items()}
    return np.array([values[name] for name in CHANCES], dtype=np.int64)
