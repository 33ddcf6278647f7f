"""Of every look in a table the same is said as of that patient alone, by the same edition."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence

import ibis
import polars
import pytest

from patients import ON, VALUES, person
from ruggespraak.audit.outcome import addressees, decided, needed
from ruggespraak.consult import Case
from ruggespraak.consult.decide import brief
from ruggespraak.consult.outcome import outcome
from ruggespraak.consult.ready import ready
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.rules import Act, Tier, Urgency

WHOLE = os.environ.get("RUG_CHECK") == "whole"
CASES = 20_000 if WHOLE else 1_000

POLARS = {"boolean": polars.Boolean, "number": polars.Float64, "choice": polars.String, "date": polars.Date}


def on_table(cases: Sequence[Case], at_least: Sequence[int | None] | None = None) -> list[dict]:
    """What is said of these cases as looks in a table, in their order."""
    here = edition(cases[0].edition)
    columns = {
        finding.id: polars.Series(
            [case.answers.get(finding.id) for case in cases], dtype=POLARS[finding.kind], strict=False
        )
        for finding in needed(here)
    }
    looks = polars.DataFrame(
        {
            "look": range(len(cases)),
            "date": [case.on for case in cases],
            "at_least": polars.Series(at_least or [None] * len(cases), dtype=polars.Int32),
            "by_clinician": [case.answered_by == "clinician" for case in cases],
            "doubt": [bool(case.unclear) for case in cases],
            **columns,
        }
    )
    engine = ibis.duckdb.connect()
    table = decided(engine, ibis.memtable(looks), here)
    return table.order_by("look").to_polars().to_dicts()


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


@pytest.mark.parametrize("name", EDITIONS)
def test_a_table_says_of_every_look_what_the_consult_says_of_that_patient(name):
    cases = list(random_cases(name, CASES))
    rows = on_table(cases)
    for row, case in zip(rows, cases, strict=True):
        assert not differences(row, case), case
    said = {column: {row[column] for row in rows} for column in ("established", "imaging", "imaging_open", "unasked")}
    assert all(len(values) > 1 for values in said.values()), said
