"""Of every look in a table the same is said as of that patient alone, by the same edition."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache

import ibis
import polars
import pytest

from audit.on_engines import as_frame
from patients import ON, VALUES, person
from ruggespraak.audit.outcome import KINDS, addressees, decided, needed
from ruggespraak.consult import Case
from ruggespraak.consult.decide import brief
from ruggespraak.consult.outcome import outcome
from ruggespraak.consult.ready import ready
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.rules import Act, Complaint, Tier, Urgency, Use

WHOLE = os.environ.get("RUG_CHECK") == "whole"
CASES = 20_000 if WHOLE else 400
SOME = EDITIONS if WHOLE else ("current", "leaflet")  # nice and acp revise current


def looks_of(cases: Sequence[Case], at_least: Sequence[int | None] | None = None) -> polars.DataFrame:
    """The cases as a table of looks."""
    findings = {finding.id: finding for finding in needed(edition(cases[0].edition))}
    return as_frame([case.answers for case in cases], findings).with_columns(
        polars.Series("date", [case.on for case in cases]),
        polars.Series("at_least", at_least or [None] * len(cases), dtype=polars.Int32),
        polars.Series("by_clinician", [case.answered_by == "clinician" for case in cases]),
        polars.Series("doubt", [bool(case.unclear) for case in cases]),
    )


def on_table(
    cases: Sequence[Case], at_least: Sequence[int | None] | None = None, keep: Sequence[str] = ()
) -> list[dict]:
    """What is said of these cases as looks in a table, in their order."""
    table = decided(ibis.duckdb.connect(), ibis.memtable(looks_of(cases, at_least)), edition(cases[0].edition), keep)
    return table.order_by("row").to_polars().to_dicts()


def random_cases(name: str, count: int, *, doubt: bool = False) -> Iterator[Case]:
    """Answers of every kind, contradictions included; and people of whom nearly everything is known."""
    pick = random.Random(name)
    ids = [finding.id for finding in needed(edition(name))]
    for _ in range(count):
        if pick.random() < 0.5:
            told = {id: value for id, value in person(pick).items() if id in ids}
            missing = pick.choice([0, 0, 1, 3, 20])
            answers = {id: told[id] for id in pick.sample(sorted(told), max(len(told) - missing, 0))}
            answers |= {id: pick.choice(VALUES[id]) for id in pick.sample(ids, pick.choice([0, 0, 1, 3]))}
        else:
            answers = {
                id: pick.choice(VALUES[id]) for id in pick.sample(ids, min(pick.choice([0, 3, 10, 30, 80]), len(ids)))
            }
        unclear = frozenset(id for id in pick.sample(ids, 5) if id not in answers) if doubt else frozenset()
        by = pick.choice(["patient", "proxy", "clinician"])
        yield Case(on=ON, answers=answers, unclear=unclear, edition=name, answered_by=by)


def by_consult(case: Case) -> dict[str, object]:
    """The same columns, as the consult has them."""
    here = ready(case.edition)
    known = here.read(case)
    came, advice = outcome(here, known), brief(case)
    hard = [rule for rule in here.alarms if rule.rule.tier is Tier.HARD]
    found: dict[str, object] = {
        "established": int(came.established),
        "possible": max(
            (int(level) for level in Urgency if any(form.holds(known.possible) for form in here.level(level))),
            default=0,
        ),
        "imaging": None if came.imaging is None else str(came.imaging),
        "imaging_open": None if came.imaging_not_excluded is None else str(came.imaging_not_excluded),
        "complaint": str(came.complaint),
        "unasked": came.open and not any(rule.holds(known.true) for rule in hard),
    }

    def kleene(forms: list) -> bool | None:
        if any(form.holds(known.true) for form in forms):
            return True
        return None if any(form.holds(known.possible) for form in forms) else False

    found |= {f"refer_{to}": kleene(here.referred().get(to, [])) for to in addressees()}
    found |= {f"alarm_{rule.rule.id}": kleene([rule.form]) for rule in here.alarms}
    rules = [*here.alarms, *here.recommendations]
    for act in Act:
        found[f"does_{act}"] = kleene([rule.form for rule in here.recommendations if act in rule.rule.does])
        found[f"forbids_{act}"] = kleene([rule.form for rule in rules if act in rule.rule.forbids])
        assert (found[f"does_{act}"] is True) is (act in advice.does)
        assert (found[f"forbids_{act}"] is True) is (act in advice.forbids)
    return found


def differences(row: Mapping, case: Case) -> dict[str, tuple]:
    expected = by_consult(case)
    return {name: (row[name], value) for name, value in expected.items() if row[name] != value}


@pytest.mark.control("C-41")
@pytest.mark.parametrize("name", EDITIONS)
def test_a_table_says_of_every_look_what_the_consult_says_of_that_patient(name):
    cases = list(random_cases(name, CASES))
    rows = on_table(cases)
    for row, case in zip(rows, cases, strict=True):
        assert not differences(row, case), case
    said = {column: {row[column] for row in rows} for column in ("established", "imaging", "imaging_open", "unasked")}
    assert all(len(values) > 1 for values in said.values()), said


# -- what the consult is not told -------------------------------------------------------------------------------------


def claims(row: Mapping) -> dict[str, bool | None]:
    """What is said of alarms, referrals and acts."""
    return {name: value for name, value in row.items() if name.startswith(("alarm_", "refer_", "does_", "forbids_"))}


USE = {None: -1, **{str(use): int(use) for use in Use}}


@pytest.mark.parametrize("name", SOME)
def test_an_answer_unclear_never_makes_a_table_claim_what_the_consult_does_not(name):
    cases = list(random_cases(name, CASES // 2, doubt=True))
    left_open = 0
    for row, case in zip(on_table(cases), cases, strict=True):
        said = by_consult(case)
        for column, claim in claims(row).items():
            assert claim is None or claim is said[column], (column, case)
            left_open += claim is None and said[column] is not None
        assert row["established"] <= said["established"], case
        assert row["possible"] >= said["possible"], case
        assert USE[row["imaging"]] <= USE[said["imaging"]] <= USE[row["imaging_open"]], case
        assert USE[said["imaging_open"]] <= USE[row["imaging_open"]], case
        assert (row["complaint"], row["unasked"]) == (said["complaint"], said["unasked"]), case
    assert left_open  # careful advice gave way


@pytest.mark.parametrize("name", SOME)
def test_pain_that_is_at_least_so_old_says_what_it_says_however_long_it_lasts(name):
    pick = random.Random(name)
    cases = [without_days(case) for case in random_cases(name, CASES // 10)]
    passed = [pick.choice([0, 1, 41, 42, 50, 84, 85, 400]) for _ in cases]
    helped = 0
    for row, bare, case, at_least in zip(on_table(cases, passed), on_table(cases), cases, passed, strict=True):
        lasting = [
            by_consult(replace(case, answers={**case.answers, "duration_days": days}))
            for days in {at_least, *pick.sample(LASTING, 8)}
            if days >= at_least
        ]
        for column, claim in claims(row).items():
            if claim is not bare[column]:
                said = {one[column] for one in lasting}
                assert claim is None or (True in said if claim else said == {False}), (column, at_least, case)
        assert all(USE[row["imaging_open"]] >= USE[one["imaging_open"]] for one in lasting), (at_least, case)
        helped += claims(row) != claims(bare)
    assert helped


LASTING = [*VALUES["duration_days"], 50, 200]


def without_days(case: Case) -> Case:
    days = ("duration_days", "onset_date")
    return replace(case, answers={id: value for id, value in case.answers.items() if id not in days})


@pytest.mark.parametrize("name", SOME)
def test_a_kind_of_complaint_that_is_sure_stays_whatever_is_still_answered(name):
    pick = random.Random(name)
    here = edition(name)
    ids = {finding.id for finding in needed(here)}
    people = [{id: value for id, value in person(pick).items() if id in ids} for _ in range(CASES)]
    asked = [{id: who[id] for id in pick.sample(sorted(who), pick.randint(0, len(who)))} for who in people]
    whole = [Case(on=ON, answers=who, edition=name) for who in people]
    sure = 0
    half = [replace(case, answers=some) for case, some in zip(whole, asked, strict=True)]
    for row, case in zip(on_table(half), whole, strict=True):
        becomes = str(decide_kind(case))
        for kind in KINDS:
            assert row[f"is_{kind}"] is not (kind != becomes), (kind, case)
            sure += row[f"is_{kind}"] is not None
    assert sure > CASES / 2


def decide_kind(case: Case) -> Complaint:
    here = ready(case.edition)
    return outcome(here, here.read(case)).complaint


# -- one patient at a time --------------------------------------------------------------------------------------------

BACK = {"low_back_pain": True, "leg_pain": False}
WEAK = {"weak_leg_reported": True, "babinski_or_clonus": False, **{id: 5 for id in VALUES if id.startswith("mrc_")}}
PATIENTS = {
    "nothing asked": Case(on=ON),
    "numb saddle": Case(on=ON, answers={"saddle_numbness": True}),
    "examined": Case(on=ON, answers=WEAK),
    "told": Case(on=ON, answers=WEAK, answered_by="patient"),
    "100 days": Case(on=ON, answers={**BACK, "duration_days": 100}),
    "since": Case(on=ON, answers={**BACK, "onset_date": ON - timedelta(days=100)}),
}


@cache
def looks() -> dict[str, dict]:
    return dict(zip(PATIENTS, on_table(list(PATIENTS.values()), keep=["duration_days"]), strict=True))


def test_nothing_asked_is_nothing_excluded():
    row = looks()["nothing asked"]
    assert (row["established"], row["possible"]) == (Urgency.SELF_CARE, Urgency.EMERGENCY)
    assert (row["imaging_open"], row["complaint"]) == ("needed", "undetermined")
    assert [row[f"is_{kind}"] for kind in KINDS] == [None] * len(KINDS)
    assert row["unasked"] is True


def test_a_numb_saddle_is_an_emergency_whatever_else_is_not_known():
    row = looks()["numb saddle"]
    assert (row["established"], row["refer_neurologist"], row["unasked"]) == (Urgency.EMERGENCY, True, False)


def test_a_reflex_that_a_patient_tells_of_sets_no_alarm_aside():
    assert looks()["told"]["established"] > looks()["examined"]["established"]


def test_days_of_pain_are_counted_from_the_date_of_onset():
    assert looks()["since"] == {**looks()["100 days"], "row": looks()["since"]["row"]}


def test_a_finding_that_is_kept_has_what_follows_from_the_other_answers():
    assert looks()["since"]["duration_days"] == 100
    assert "onset_date" not in looks()["since"]
