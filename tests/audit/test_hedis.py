"""HEDIS for low back pain: who is counted, who is left out, what counts; and a judge of others finds the same.

The judge runs the same measure, written once more in CQL, on FHIR bundles of the same people: 60 in ``make test`` and
2,000 in ``make check-all``.
"""

from __future__ import annotations

import csv
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import ibis
import pytest
from hedis_people import OF_PERSONS, UNTIL, Cases, Person, bundle, judged, people, records, said

from ruggespraak.audit import hedis as measure
from ruggespraak.audit.episodes import BACK
from ruggespraak.audit.figures import figures
from ruggespraak.audit.hedis import AGES, EXCLUSIONS, OURS, hedis
from ruggespraak.audit.ndjson.loading import read_ndjson
from ruggespraak.audit.records import TABLES, Records, schema
from ruggespraak.audit.rejects import Rejects
from ruggespraak.audit.words import word
from ruggespraak.course.answers import LASTING
from ruggespraak.pathway.codes import CODES
from ruggespraak.pathway.findings import VOCABULARY

WHOLE = os.environ.get("RUG_CHECK") == "whole"
COUNT = 2000 if WHOLE else 60
INDEX = date(2024, 5, 1)
YOUNG, OLD = AGES


Row = dict[str, Any]


def after(days: int) -> date:
    return INDEX + timedelta(days)


def ann(born: int | None = 1990, icpc: str | None = "L03", start: date = INDEX, **rows: list[Any]) -> Row:
    """One person, with one episode and what else there is: rows of tables, without the id that they begin with."""
    return {"born": born, "icpc": icpc, "start": start, "rows": rows}


@cache
def compiled(clean: int) -> tuple[ibis.BaseBackend, ibis.Table, str]:
    """The measure over tables that each test fills, and its SQL: what takes most of the time is done once."""
    engine = ibis.duckdb.connect()
    tables = {name: engine.create_table(name, schema=schema(name)) for name in TABLES}
    found = hedis(Records(engine, tables, frozenset(), date(2010, 1, 1), UNTIL, "by hand"), clean)
    found.to_pyarrow()  # its small tables are there from now on, for as long as it is
    return engine, found, engine.compile(found)


def cases(*people: Row, clean: int = 0) -> list[list[Row]]:
    """Of each of these, what is said of her: a row for each version. Who is given as ``before`` is the same person."""
    given: dict[str, list[Any]] = {name: [] for name in TABLES}
    for number, person in enumerate(people):
        given["persons"].append((f"{number}", "east", person["born"], "female", None))
        for episode, part in ((f"{number}/1", person), (f"{number}/0", person.get("before"))):
            if part:
                given["episodes"].append((episode, f"{number}", part["start"], part["icpc"], None))
                for name, rows in part["rows"].items():
                    first = f"{number}" if name in OF_PERSONS else episode
                    given[name] += [(first, *row) for row in rows]
    engine, _, sql = compiled(clean)
    for name, listed in given.items():
        engine.truncate_table(name)
        if listed:
            engine.con.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(listed[0]))})", listed)
    rows = sorted(engine.con.execute(sql).to_arrow_table().to_pylist(), key=lambda row: row["measure"])
    return [[row for row in rows if row["episode"] == f"{number}/1"] for number in range(len(people))]


def met(*people: Row) -> list[bool | None]:
    """What is said of each of them, in the wider version."""
    return [rows[-1]["met"] for rows in cases(*people)]


def excluded(*people: Row, clean: int = 0) -> list[str | None]:
    """Why each of them is left out; None where she is not."""
    return [rows[-1]["excluded"] for rows in cases(*people, clean=clean)]


def test_who_had_no_picture_is_counted_once_in_each_version_and_met():
    assert cases(ann()) == [
        [
            {
                "measure": id, "practice": "east", "person": "0", "episode": "0/1", "date": INDEX,
                "excluded": None, "met": True, "reason": False, "shown": False,
            }
            for id in (YOUNG, OLD)
        ]
    ]  # fmt: skip


def test_a_picture_counts_from_the_day_of_the_index_to_28_days_after_it():
    pictured = [ann(imaging=[(after(day), "x_ray", None)]) for day in (-1, 0, 1, 28, 29)]
    assert met(*pictured) == [True, False, False, False, True]


def test_every_picture_of_the_spine_counts_whoever_ordered_it_and_two_count_once():
    kinds = [ann(imaging=[(after(3), kind, "hospital"), (after(9), kind, None)]) for kind in ("x_ray", "mri", "ct")]
    assert [[row["met"] for row in rows] for rows in cases(*kinds)] == [[False, False]] * 3


def test_the_age_is_that_at_the_end_of_the_year():
    found = cases(*(ann(born=INDEX.year - age) for age in (17, 18, 50, 51, 75, 76)))
    both, wider = [YOUNG, OLD], [OLD]
    assert [[row["measure"] for row in rows] for rows in found] == [[], both, both, wider, wider, []]


def test_of_whom_the_year_of_birth_is_not_known_nothing_is_said():
    without, pictured = cases(ann(born=None), ann(born=None, imaging=[(INDEX, "mri", "gp")]))
    assert [(row["measure"], row["met"], row["shown"]) for row in without] == [(YOUNG, None, False), (OLD, None, False)]
    assert [(row["met"], row["shown"]) for row in pictured] == [(None, True), (None, True)]


def test_worn_vertebrae_a_leg_that_hurts_and_no_code_at_all_are_no_index():
    found = cases(*(ann(icpc=code) for code in ("L03", "L02", "L84", "L86", None)))
    assert [len(rows) for rows in found] == [2, 2, 0, 0, 0]


def test_an_index_of_which_the_28_days_are_not_over_is_too_recent():
    assert excluded(*(ann(start=UNTIL - timedelta(days)) for days in (28, 27))) == [None, "too_recent"]


# Exclusions


def test_what_excludes_does_so_in_its_window_and_until_28_days_after_the_index():
    """And of what is known, but not since when, only what excludes for ever."""
    people, expected = [], []
    for exclusion, before in EXCLUSIONS.items():
        longest, late = (20_000, exclusion) if before is None else (before, None)
        days = [after(-longest - 1), after(-longest), INDEX, after(28), after(29), None]
        people += [known(exclusion, day) for day in days]
        expected += [late, exclusion, exclusion, exclusion, None, late]
    assert excluded(*people) == expected


def known(exclusion: str, day: date | None) -> Row:
    _, system, code, _ = next(one for one in measure.SIGNS if one[0] == exclusion and ":" not in one[2])
    if system == OURS:
        return ann(history=[(day, code, "true")])
    return ann(diagnoses=[(day, system, code)])


def test_only_what_was_said_to_be_there_excludes():
    told = [ann(answers=[(INDEX, "cancer_history", said, "patient")]) for said in ("true", "false", "unclear")]
    assert excluded(*told) == ["cancer", None, None]


def test_what_is_not_recorded_counts_as_absent_as_it_does_in_hedis():
    other = ann(diagnoses=[(None, "ICPC-1-NL", "K86")], history=[(None, "diabetes", "true")])
    assert excluded(ann(), other) == [None, None]


def test_what_was_told_in_an_earlier_episode_excludes_in_this_one_and_in_nobody_elses():
    before = ann(icpc="L86", start=after(-400), answers=[(after(-400), "cancer_history", "true", None)])
    assert excluded(ann() | {"before": before}, ann()) == ["cancer", None]


def test_a_code_excludes_in_its_own_system_and_so_do_its_parts():
    codes = {
        ("ICD-10", "C34.1"): "cancer",
        ("ICD-10", "C341"): "cancer",
        ("ICPC-1-NL", "C34"): None,
        ("ICPC-1-NL", "X76"): "cancer",
        ("ICPC-1-NL", "X76.01"): "cancer",
        ("ICPC-1-NL", "S77"): None,  # of the skin, of which basal-cell cancer does not count
        ("ICPC-1-NL", "N18"): "neurological_impairment",
        ("ICD-10", "N18"): None,  # kidneys
        ("ICD-10", "G83.4"): "neurological_impairment",
        ("SNOMED-CT", "6077001"): "neurological_impairment",
        ("SNOMED-CT", "60770011"): None,
        ("ICD-10", "M46.4"): "spinal_infection",
        ("ICD-10", "M46.9"): None,
        ("ICD-10", "S32.0"): "recent_trauma",
        ("ICD-10", "S62.0"): None,  # a hand
    }
    people = [ann(diagnoses=[(INDEX, *code)]) for code in codes]
    assert dict(zip(codes, excluded(*people), strict=True)) == codes


def test_who_has_several_exclusions_has_one_row_with_the_first():
    several = ann(
        diagnoses=[(INDEX, "ICD-10", "B20"), (INDEX, "ICD-10", "C50"), (INDEX, "ICD-10", "C50")],
        history=[(None, "cancer_history", "true"), (INDEX, "steroids_long", "true")],
    )
    (found,) = cases(several)
    assert [(row["measure"], row["excluded"]) for row in found] == [(YOUNG, "cancer"), (OLD, "cancer")]


def test_back_pain_in_the_half_year_before_excludes_only_when_asked():
    seen = [
        ann(contacts=[(INDEX, "gp", 1, None)])
        | {"before": ann(icpc="L86", start=after(-days), contacts=[(after(-days), "gp", 1, None)])}
        for days in (180, 181)
    ]
    assert excluded(*seen, clean=180) == ["not_new", None]
    assert excluded(*seen) == [None, None]


def test_a_reason_that_was_written_down_is_seen_in_the_same_days():
    written = [ann(reasons=[(after(day), about)]) for day, about in ((28, "imaging"), (29, "imaging"), (5, "referral"))]
    assert [rows[0]["reason"] for rows in cases(*written)] == [True, False, False]


def test_every_row_of_the_codes_names_what_there_is_and_says_how_sure_it_is():
    with Path(measure.__file__).with_suffix(".csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["exclusion"] for row in rows} == set(EXCLUSIONS)
    assert len({(row["exclusion"], row["system"], row["code"]) for row in rows}) == len(rows)
    about = {one.about for one in CODES}
    for row in rows:
        if row["system"] == OURS:
            assert row["code"] in about if ":" in row["code"] else VOCABULARY[row["code"]].kind == "boolean", row
            assert row["certainty"] == "seen"
        else:
            assert row["certainty"] == "unsure", row
            assert row["note"].startswith("from memory"), row
            assert not any(one.system == row["system"] and one.code == row["code"] for one in CODES), row
            assert row["system"] != "SNOMED-CT" or row["below"] == "", row


def test_a_measure_of_which_codes_and_windows_are_from_memory_says_so_wherever_it_shows():
    _, found, _ = compiled(0)
    status = {one["id"]: one["status"] for one in figures(found)["measures"]}
    for id in AGES:
        assert status[id] == "M"
        assert "niet geverifieerd" in word(f"measure.{id}.title", "nl")
        assert "unverified" in word(f"measure.{id}.title", "en")


# Judged from outside


@cache
def both() -> tuple[Cases, Cases, list[dict[str, Any]]]:
    """What the judge finds, and what we do, of the same people; and our rows."""
    these = people(COUNT)
    found = hedis(records(ibis.duckdb.connect(), these)).to_pyarrow().to_pylist()
    return judged(these).cases, said(found), found


def test_a_judge_of_others_counts_excludes_and_finds_the_same_pictures():
    theirs, ours, _ = both()
    assert {key: (ours.get(key), theirs.get(key)) for key in ours.keys() ^ theirs.keys()} == {}
    assert {key: (ours[key], theirs[key]) for key in ours if ours[key] != theirs[key]} == {}
    for id in AGES:
        assert {found for (measured, *_), found in ours.items() if measured == id} == {"excluded", "none", "picture"}


def test_whom_the_judge_leaves_out_for_want_of_an_age_is_counted_as_unknown():
    theirs, _, rows = both()
    unknown = {(row["measure"], row["person"], row["date"]) for row in rows if row["met"] is None}
    assert unknown
    assert unknown.isdisjoint(theirs)


def test_the_same_bundles_read_as_bulk_data_are_judged_the_same(tmp_path):
    """But of whom something passing was observed on another day than that of a visit: that belongs to no episode."""
    these = [
        one
        for one in people(COUNT)
        if all(day and (id in LASTING or one.visits.get(day) in BACK) for day, id, _ in one.findings)
    ]
    write(tmp_path / "bulk", these)
    with Rejects(tmp_path / "rejects.csv") as rejects:
        of = read_ndjson(ibis.duckdb.connect(), tmp_path / "bulk", rejects, until=UNTIL)
        found = said(hedis(of).to_pyarrow().to_pylist())
    names = {one.id for one in these}
    assert len(names) > COUNT / 2
    assert not rejects.counts
    assert found == {case: says for case, says in both()[0].items() if case[1] in names}


def write(folder: Path, these: list[Person]) -> None:
    """The resources of all of them, in a file for each kind."""
    folder.mkdir()
    lines: dict[str, list[str]] = defaultdict(list)
    for person in these:
        for entry in bundle(person)["entry"]:
            lines[entry["resource"]["resourceType"]].append(json.dumps(entry["resource"]))
    for kind, listed in lines.items():
        (folder / f"{kind}.ndjson").write_text("\n".join(listed) + "\n", encoding="utf-8")


def changed() -> Iterator[tuple[str, Any]]:
    """The measure with one of its numbers or codes a little different."""
    for id, (youngest, oldest) in AGES.items():
        for ages in ((youngest - 1, oldest), (youngest + 1, oldest), (youngest, oldest - 1), (youngest, oldest + 1)):
            yield "AGES", {**AGES, id: ages}
    yield from (("WITHIN", days) for days in (27, 29))
    yield from (("UNCOMPLICATED", codes) for codes in (("L03",), ("L02", "L03", "L86")))
    for id, before in EXCLUSIONS.items():
        for days in (365,) if before is None else (before - 1, before + 1):
            yield "EXCLUSIONS", {**EXCLUSIONS, id: days}


@pytest.mark.skipif(not WHOLE, reason="60 people do not stand on every edge: make check-all")
def test_the_judge_would_notice_a_day_a_year_or_a_code_more_or_less(monkeypatch):
    theirs, same = both()[0], []
    these = records(ibis.duckdb.connect(), people(COUNT))
    for name, value in changed():
        with monkeypatch.context() as here:
            here.setattr(measure, name, value)
            if said(hedis(these).to_pyarrow().to_pylist()) == theirs:
                same.append((name, value))
    assert same == []
