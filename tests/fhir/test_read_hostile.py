"""Bundles, lines and whatever else is sent: nothing breaks, and nothing broken hides what is whole."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients import ON
from ruggespraak.consult import decide
from ruggespraak.course.answers import SETS_ASIDE
from ruggespraak.fhir.read import Reading, read, resources_in
from ruggespraak.fhir.read.heard import MOST_PROBLEMS
from ruggespraak.pathway.codes.addresses import FINDINGS
from said_no import said, said_no
from sent import (
    AGO,
    HERS,
    PATIENT,
    Json,
    asks,
    coded,
    concept,
    condition,
    item,
    measured,
    medicine,
    observation,
    of,
    prescription,
    problems,
    puncture,
    quantity,
    response,
)

# -- bundles, lines, versions -----------------------------------------------------------------------------------------


def test_a_bundle_in_a_bundle_is_opened_and_the_order_is_kept():
    inner = {"resourceType": "Bundle", "entry": [{"resource": observation("leg_pain")}, {}, "x", {"resource": None}]}
    outer = {
        "resourceType": "Bundle",
        "entry": [{"resource": PATIENT}, {"resource": inner}, {"resource": observation("foot_drop")}],
    }
    reading = read([outer], ON)
    assert list(reading.found) == ["leg_pain", "foot_drop"]
    assert problems(reading) == ["entry 3: nothing given, a FHIR resource as JSON expected"]


def test_an_error_among_the_resources_is_reported_and_hides_nothing():
    error = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
    reading = of(error, observation("saddle_numbness"))
    assert set(reading.found) == {"saddle_numbness"}
    assert problems(reading) == ["entry 2: an error instead of a resource given, a FHIR resource expected"]


def test_of_two_versions_of_a_resource_the_newest_is_read():
    old = observation("saddle_numbness", value=False, meta={"lastUpdated": f"{AGO[3]}T10:00:00Z"})
    new = {**old, "status": "entered-in-error", "meta": {"lastUpdated": f"{AGO[1]}T10:00:00Z"}}
    assert not of(old, new).found
    assert not of(new, old).found


def test_two_resources_under_one_id_are_both_looked_at_and_only_the_newest_is_believed():
    old = {**observation("saddle_numbness", meta={"lastUpdated": f"{AGO[3]}T10:00:00Z"}), "id": "1"}
    new = {**observation("leg_pain", value=False, meta={"lastUpdated": f"{AGO[1]}T10:00:00Z"}), "id": "1"}
    reading = of(old, new)
    assert (set(reading.found), asks(reading)) == ({"leg_pain"}, {"saddle_numbness"})
    assert "under one id" in problems(reading)[0]


def test_what_was_taken_back_and_not_nobody_knows_in_which_order_is_a_reason_to_ask():
    no = observation("saddle_numbness", value=False)
    for sent in ([no, {**no, "status": "entered-in-error"}], [{**no, "status": "entered-in-error"}, no]):
        reading = of(*sent)
        assert (dict(reading.found), asks(reading)) == ({}, {"saddle_numbness"})
    problem = condition("ICPC-1-NL", "T90")
    refuted = condition("ICPC-1-NL", "T90", verified="entered-in-error")
    assert asks(of(problem, refuted)) == {"diabetes"}


def test_what_was_sent_twice_is_read_once():
    reading = of(*[observation("leg_pain", on=AGO[3])] * 3)
    assert set(reading.found) == {"leg_pain"}
    assert (reading.older, reading.conflicts) == ((), ())


def test_our_own_decisions_are_nothing_to_decide_from():
    reading = of({"resourceType": "RiskAssessment", "subject": HERS, "status": "final", "mitigation": "Emergency."})
    assert (dict(reading.found), reading.passed) == ({}, ())


def lines(*resources: object) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in resources)


def test_one_resource_a_bundle_a_list_and_lines_are_all_read():
    bundle = {"resourceType": "Bundle", "entry": [{"resource": PATIENT}]}
    indented = json.dumps(bundle, indent=2).encode()
    for data, kinds in (
        (lines(PATIENT), ["Patient"]),
        (b"\xef\xbb\xbf" + indented, ["Bundle"]),
        (lines([PATIENT, bundle]), ["Patient", "Bundle"]),
        (lines(PATIENT, bundle) + b"\r\n\n", ["Patient", "Bundle"]),
    ):
        assert [one["resourceType"] for one in resources_in(data)] == kinds


def test_a_broken_line_is_named_and_the_others_are_read():
    data = (
        lines(PATIENT, observation("saddle_numbness"))
        + b'\n{"resourceType": "Observation", \n"\xff"\n'
        + lines(observation("leg_pain"))
    )
    reading = read(resources_in(data), ON)
    assert set(reading.found) == {"saddle_numbness", "leg_pain"}
    assert problems(reading) == [
        "line 3: no JSON, or nested too deep given, a FHIR resource as JSON expected",
        "line 4: no UTF-8 given, a FHIR resource as JSON expected",
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  \n",
        b"{",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff\xfe{",
    ],
    ids=range(6),
)
def test_what_is_no_json_is_named_and_nothing_breaks(data):
    reading = read(resources_in(data), ON)
    assert not reading.found
    assert reading.passed[0].place == "the data"


def in_a_bundle(broken: bytes) -> bytes:
    """Bytes of a bundle with one resource in it that is written like this, and one that is whole."""
    whole = {"resourceType": "Bundle", "entry": [{"resource": one} for one in (PATIENT, "?", observation("leg_pain"))]}
    return json.dumps(whole).encode().replace(b'"?"', broken)


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        (b'"status": "final"', b'"status": "entered-in-error", "status": "final"'),
        (b'"valueBoolean": false', b'"valueBoolean": true, "valueBoolean": false'),
        (b'"valueBoolean": false', b'"valueBoolean": NaN'),
        (b'"valueBoolean": false', b'"valueInteger": ' + b"9" * 5000),
        (b'"coding": [', b'"coding": [], "coding": ['),
        (b'"subject": {', b'"subject": {"reference": "Patient/p2", '),
        (b'"valueBoolean": false', b'"valueBoolean": false, "modifierExtension": [{"url": "x", "url": "y"}]'),
    ],
    ids=range(7),
)
def test_what_json_does_not_know_spoils_only_the_resource_that_it_is_in(written, instead):
    said = json.dumps(observation("saddle_numbness", value=False)).encode()
    assert written in said
    reading = read(resources_in(in_a_bundle(said.replace(written, instead))), ON)
    assert set(reading.found) == {"leg_pain"}
    assert len(reading.passed) == 1


def test_a_line_without_end_is_not_read(monkeypatch):
    monkeypatch.setattr("ruggespraak.fhir.read.unpack.LONGEST_LINE", 1000)
    data = lines(PATIENT, {**observation("foot_drop"), "note": [{"text": "x" * 2000}]}, observation("leg_pain"))
    reading = read(resources_in(data), ON)
    assert set(reading.found) == {"leg_pain"}
    assert reading.passed[0].place == "line 2"


# -- whatever is sent -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong", [None, True, 5, 1.5, "x", [], {}, [PATIENT], {"resourceType": 5}, {"resourceType": None}], ids=str
)
def test_what_is_no_resource_is_named(wrong):
    reading = of(wrong, observation("saddle_numbness"))
    assert set(reading.found) == {"saddle_numbness"}
    assert len(reading.passed) == 1


def test_a_page_of_broken_lines_is_counted():
    reading = read(resources_in(b"{\n" * 10_000 + lines(PATIENT, observation("leg_pain"))), ON)
    assert set(reading.found) == {"leg_pain"}
    assert len(reading.passed) == MOST_PROBLEMS + 1


def test_an_odd_id_is_not_repeated():
    odd = "<script>" * 1000
    reading = of(
        {**observation("saddle_numbness", value=False), "id": odd, "status": odd}, {"resourceType": odd, "id": odd}
    )
    assert not reading.found
    assert all(len(text) < 300 for text in problems(reading))
    assert reading.passed[0].place == "entry 2"


def test_ten_thousand_broken_resources_are_counted_and_the_one_that_is_whole_is_read():
    reading = of(*[observation("leg_pain", status="?")] * 10_000, observation("saddle_numbness"))
    assert set(reading.found) == {"saddle_numbness"}
    assert len(reading.passed) == MOST_PROBLEMS + 1
    assert reading.passed[-1].value == f"{10_000 - MOST_PROBLEMS} more"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
EVERYTHING: list[Json] = [
    {**PATIENT, "birthDate": "1980-05-12", "gender": "female", "name": [{"family": "Bak", "given": ["Jo"]}]},
    observation("saddle_numbness", value=False),
    observation("leg_pain", value=False, on=f"{ON}T10:00:00+01:00", by="patient"),
    observation("foot_drop", None),
    observation("fever_c", 37.2),
    observation("course", "worse"),
    observation("onset_date", ON),
    observation("saddle_numbness_before_episode"),
    {**condition("ICPC-1-NL", "T90", "resolved"), "code": concept(FINDINGS, "cancer_pain_unchanged")},
    measured("LOINC", "1988-5", **quantity(4, "mg/L", comparator="<")),
    measured("SNOMED-CT", "386661006", valueBoolean=False),
    measured("LOINC", "55399-0", component=[{"code": concept(FINDINGS, "lhermitte"), "valueBoolean": False}]),
    condition("ICPC-1-NL", "T90", verified="refuted"),
    condition("SNOMED-CT", "363346000", clinical="resolved"),
    response(
        item("gait_unsteady", coded("no")), {"linkId": "g", "item": [item("fever_c/unclear", {"valueBoolean": True})]}
    ),
    medicine("N02AA05", status="not-taken"),
    prescription(),
    puncture(performedDateTime=AGO[10]),
]


def places(json: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in this JSON."""
    inside = json.items() if isinstance(json, dict) else enumerate(json) if isinstance(json, list) else ()
    return [here, *(place for key, value in inside for place in places(value, (*here, key)))]


@st.composite
def mutated(draw: st.DrawFn) -> list[Any]:
    """What a record sends, broken in a few places."""
    sent = json.loads(json.dumps(EVERYTHING))
    for _ in range(draw(st.integers(1, 4))):
        *way, last = draw(st.sampled_from([place for place in places(sent) if place]))
        at = sent
        for key in way:
            at = at[key]
        match draw(st.sampled_from(["drop", "anything", "other", "copy"])):
            case "drop":
                del at[last]
            case "anything":
                at[last] = draw(ANYTHING)
            case "other":
                *other, end = draw(st.sampled_from([place for place in places(sent) if place]))
                there = sent
                for key in other:
                    there = there[key]
                at[last] = json.loads(json.dumps(there[end]))
            case "copy" if isinstance(at, list):
                at.append(at[last])
    return sent


@pytest.mark.control("C-39")
@given(mutated())
def test_whatever_is_broken_nothing_breaks_and_no_no_comes_out_of_nothing(sent):
    reading = read(sent, ON)
    case = reading.case(ON)
    assert {id for id, value in case.answers.items() if value is False} <= said_no(sent)
    assert {id for id in SETS_ASIDE if case.answers.get(id)} <= said(sent, True)
    decide(case)
    str(reading)


@given(mutated(), st.data())
def test_whatever_bytes_are_sent_nothing_breaks(sent, data):
    raw = bytearray(lines(*sent) if data.draw(st.booleans()) else json.dumps(sent).encode())
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(raw)))
        raw[start : start + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    assert isinstance(read(resources_in(bytes(raw)), ON), Reading)


CORPUS = sorted((Path(__file__).parent / "fuzz").iterdir())


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.name)
def test_what_was_once_found_by_chance_stays_harmless(file):
    """The corpus of ``fuzz_read.py``."""
    sent = list(resources_in(file.read_bytes()))
    answers = read(sent, ON).case(ON).answers
    assert {id for id, value in answers.items() if value is False} <= said_no(sent)


def test_the_corpus_stays_small():
    assert len(CORPUS) > 10
    assert sum(file.stat().st_size for file in CORPUS) < 200_000


@given(st.lists(ANYTHING))
def test_anything_at_all_can_be_sent(sent):
    assert not read(sent, ON).found


def test_reading_takes_no_time_to_speak_of():
    started = datetime.now()
    read([PATIENT, *(observation("leg_pain", on=ON - timedelta(days=n)) for n in range(1000))], ON)
    assert datetime.now() - started < timedelta(seconds=5)
