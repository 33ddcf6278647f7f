"""Records as FHIR resources, one a line: what a line tells, and that none stops the reading or vanishes."""

import csv
import gzip
import io
import json
import subprocess
import sys
import tracemalloc
from datetime import date

import pytest

from ruggespraak.audit.engine import connected
from ruggespraak.audit.ndjson.loading import read_ndjson
from ruggespraak.audit.records import TABLES, AuditError
from ruggespraak.audit.rejects import PART, Rejects
from ruggespraak.audit.splitting import Broken, Piece, pieces, too_long
from ruggespraak.pathway.codes.addresses import ANSWERS, FINDINGS, SYSTEMS, canonical
from ruggespraak.pathway.codes.fhir_words import BIRTH_SEX

ENGINE = connected()
HERS = {"reference": "Patient/p1"}
AMBULATORY = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def concept(system, code):
    return {"coding": [{"system": SYSTEMS.get(system, system), "code": code}]}


def resource(kind, id, subject=HERS, **more):
    return {"resourceType": kind, "id": id, **({"subject": subject} if subject else {}), **more}


def patient(id="p1", **more):
    return resource("Patient", id, None, birthDate="1970-05-01", **more)


def visit(id="e1", day="2024-03-04", code="L03", system="ICPC-1-NL", **more):
    reason = {"reasonCode": [concept(system, code)]} if code else {}
    said = {"status": "finished", "class": AMBULATORY, "period": {"start": day}, **reason, **more}
    return resource("Encounter", id, **said)


def told(finding, day="2024-03-04", id="o1", **more):
    value = {} if more.keys() & {"valueBoolean", "valueQuantity", "dataAbsentReason"} else {"valueBoolean": True}
    said = {"status": "final", "code": concept(FINDINGS, finding), "effectiveDateTime": day, **value, **more}
    return resource("Observation", id, **said)


def order(code="24968-0", system="LOINC", id="s1", day="2024-03-04", **more):
    said = {"status": "active", "intent": "order", "code": concept(system, code), "authoredOn": day, **more}
    return resource("ServiceRequest", id, **said)


def problem(code, system="ICPC-1-NL", id="c1", day="2024-03-04", **more):
    return resource("Condition", id, code=concept(system, code), recordedDate=day, **more)


class Reading:
    """What was read of some files, and what was not."""

    def __init__(self, folder, **how):
        with Rejects(folder / "rejects.csv") as self.said:
            self.records = read_ndjson(ENGINE, folder, self.said, **how)
        rows = csv.DictReader((folder / "rejects.csv").open(encoding="utf-8", newline=""))
        self.rejects = {(row["file"], int(row["line"] or 0)): row["reason"] for row in rows}

    def rows(self, table, *columns):
        found = self.records[table].to_pyarrow().to_pylist()
        return sorted(tuple(row[column] for column in columns) for row in found)

    def lines(self, file):
        """Lines that were read, passed over and rejected."""
        rejected = sum(n for kind, n in self.said.counts.get(file, {}).items() if kind != PART)
        return self.said.read[file] + sum(self.said.passed[file].values()) + rejected


@pytest.fixture
def reading(tmp_path):
    def read(*resources, until=date(2024, 12, 31), **files):
        files = {f"{name}.ndjson": content for name, content in files.items()}
        for name, content in {"a.ndjson": [patient(), visit(), *resources], **files}.items():
            lines = content if isinstance(content, bytes) else b"\n".join(map(as_line, content))
            (tmp_path / name).write_bytes(lines)
        return Reading(tmp_path, until=until)

    return read


def as_line(one):
    return one if isinstance(one, bytes) else json.dumps(one).encode()


# Lines ---------------------------------------------------------------------------------------------------------------


def numbered(data, longest=100, size=64):
    """The lines of this, with their numbers; in place of one that is passed by stands the kind of reason."""
    found = []
    for piece in pieces(io.BytesIO(data), longest, size):
        if isinstance(piece, Broken):
            found.append((piece.line, piece.reason.partition(":")[0]))
        else:
            lines = enumerate(piece.data.split(b"\n"), piece.first)
            found += [(number, "too long" if too_long(line, longest) else line) for number, line in lines]
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
def test_lines_are_found_whatever_is_read_at_once(size):
    long, longer, longest = b"z" * 100, b"y" * 101, b"x" * 300
    data = b"\xef\xbb\xbf" + b"\n".join([b"one\r", b"", b"two", longest, b"three", longer, long, b"last"])
    lines = [b"one\r", b"", b"two", "too long", b"three", "too long", long, b"last"]
    assert numbered(data, size=size) == list(enumerate(lines, 1))
    assert numbered(data + b"\n", size=size) == list(enumerate(lines, 1))


def test_a_file_that_ends_in_a_line_too_long_names_it():
    assert numbered(b"one\n" + b"x" * 1000) == [(1, b"one"), (2, "too long")]


class Endless:
    """Two gigabytes without an end of a line, and then a line; nothing of it is ever held."""

    def __init__(self, length, end):
        self.left, self.end = length, end

    def read(self, size):
        if self.left:
            taken = min(size, self.left)
            self.left -= taken
            return bytes(taken)
        last, self.end = self.end, b""
        return last


def test_a_line_of_two_gigabytes_is_passed_by_in_bounded_memory():
    tracemalloc.start()
    found = list(pieces(Endless(2 << 30, b"\n{}\n")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [
        Broken(1, f"too long: {2 << 30} bytes given, at most {1 << 20} expected"),
        Piece(2, b"{}"),
    ]
    assert peak < 32e6


BROKEN = {
    b'{"resourceType":"Observation","id":"o9","stat': "no JSON",
    b'{"resourceType":"Patient","id":"caf\xe9"}': "no UTF-8",
    '{"resourceType":"Patient","id":"p9"}'.encode("utf-16-le"): "no UTF-8",
    b'{"resourceType":"Patient","id":"p9","name":[{"family":"B\xe9"}]}': "no UTF-8",
    b"\0" * 20: "no UTF-8",
    b"[1, 2]": "no resource",
    b'"text"': "no resource",
    b"{}": "no resource",
    b'{"resourceType":"Observation","id":"o9"}': "Observation",
    b'{"resourceType":"Observation","id":"o9","status":"finalish"}': "status",
    b'{"resourceType":"Patient","id":"p9","birthDate":"31-12-1960"}': "birthDate",
    b'{"resourceType":"Patient","id":"p9","birthDate":"1960-13-40"}': "birthDate",
    b'{"resourceType":"Patient","id":"p 9"}': "id",
    b'{"resourceType":"Patient"}': "id",
    b'{"resourceType":"Patient","id":7}': "id",
    b'{"resourceType":"Patient","x":' + b"[" * 100_000: "no JSON",
    b'{"resourceType":"Observation","status":"final","valueDecimal":1e400}': "no number",
    b'{"resourceType":"Patient","id":"p9","x":"' + b"x" * (1 << 20) + b'"}': "too long",
}


@pytest.mark.control("C-47")
def test_every_kind_of_broken_line_is_rejected_with_its_number_and_reason_and_the_others_are_read(reading):
    lines = [one for n, broken in enumerate(BROKEN) for one in (broken, told("leg_pain", id=f"o{n}"))]
    found = reading(b=lines)
    kinds = {line: reason.partition(":")[0] for (file, line), reason in found.rejects.items() if file == "b.ndjson"}
    assert kinds == {2 * number + 1: kind for number, kind in enumerate(BROKEN.values())}
    assert found.said.read["b.ndjson"] == len(BROKEN)
    assert found.lines("b.ndjson") == 2 * len(BROKEN)


def test_a_reason_names_place_value_and_what_was_expected(reading):
    found = reading(b'{"resourceType":"Patient","id":"p9","birthDate":"31-12-1960"}', told("leg_pain", day="2024-03"))
    assert found.rejects["a.ndjson", 3] == "birthDate: '31-12-1960' given, expected `str` as FHIR writes it"
    assert found.rejects["a.ndjson", 4] == "effectiveDateTime: '2024-03' given, a day (YYYY-MM-DD) expected"


def once_more(line, name, value):
    """The line with one more element of this name, in its innermost last object."""
    inside = len(line) - len(line.rstrip(b"}"))
    return line[:-inside] + f', "{name}": {json.dumps(value)}'.encode() + b"}" * inside


def test_a_line_with_two_answers_under_one_name_hides_none_of_them(reading):
    twice = {
        "valueBoolean": once_more(as_line(told("leg_pain")), "valueBoolean", False),
        "value": once_more(as_line(told("fever_reported") | {"valueQuantity": {"value": 1}}), "value", 2),
        "code": as_line(problem("C79.5", "ICD-10")).replace(b'"code": "C79.5"', b'"code": "C79.5", "code": "L03"'),
    }
    spaced = [line.replace(b", ", between) for between in (b", ", b",", b" ,") for line in twice.values()]
    found = reading(b=spaced)
    assert found.rejects == {
        ("b.ndjson", number): f"'{name}': given twice, once expected" for number, name in enumerate([*twice] * 3, 1)
    }


def test_what_one_observation_says_is_told_of_everybody_who_has_the_same_each_on_his_day(reading):
    found = reading(
        patient("p2"),
        told("leg_pain", id="o1"),
        told("leg_pain", id="o2", day="2024-03-05"),
        told("leg_pain", id="o 3"),
        told("leg_pain", id="o4", subject={"reference": "Patient/p2"}),
        told("leg_pain", id="o5", status="cancelled"),
        told("leg_pain", id="o6", effectiveDateTime=None),
        told("leg_pain", id="o7", effectiveDateTime=None, issued="2024-03-06"),
        visit("e2", day="2024-03-04", subject={"reference": "Patient/p2"}),
    )
    assert found.rows("answers", "episode", "date") == [
        ("p1/1", date(2024, 3, 4)), ("p1/1", date(2024, 3, 5)), ("p1/1", date(2024, 3, 6)), ("p2/1", date(2024, 3, 4)),
    ]  # fmt: skip
    assert {line: reason.partition(":")[0] for (_, line), reason in found.rejects.items()} == {
        6: "id",
        9: "effectiveDateTime",
    }
    assert found.said.passed["a.ndjson"] == {"status cancelled": 1}


def test_marks_of_windows_and_empty_lines_are_no_errors(reading):
    data = b"\xef\xbb\xbf" + b"\r\n".join([as_line(told("leg_pain", id="o8")), b"", as_line(told("fever_reported"))])
    found = reading(b=data + b"\r\n")
    assert not found.rejects
    assert found.said.read["b.ndjson"] == 2
    assert found.said.passed["b.ndjson"] == {"an empty line": 1}


def test_a_file_in_gzip_is_read_and_one_that_breaks_off_is_named(tmp_path):
    (tmp_path / "a.ndjson").write_bytes(b"\n".join(map(as_line, [patient(), visit()])))
    many = b"\n".join(as_line(told("leg_pain", id=f"o{n}")) for n in range(5000)) + b"\n"
    (tmp_path / "b.ndjson.gz").write_bytes(gzip.compress(many))
    (tmp_path / "c.ndjson.gz").write_bytes(gzip.compress(many.replace(b'"o', b'"c'))[:-2000])
    found = Reading(tmp_path, until=date(2024, 12, 31))
    assert found.said.read["b.ndjson.gz"] == 5000
    ((file, line), reason) = next(iter(found.rejects.items()))
    assert len(found.rejects) == 1
    assert file == "c.ndjson.gz"
    assert reason.startswith("breaks off: ")
    assert line == found.said.read["c.ndjson.gz"] + 1


def test_kinds_that_are_not_read_and_what_counts_for_nothing_are_counted_and_no_rejects(reading):
    found = reading(
        resource("AllergyIntolerance", "x"),
        told("leg_pain", status="entered-in-error"),
        visit("e2", status="cancelled"),
        problem("L86", verificationStatus=concept(VERIFIED, "refuted")),
        order(doNotPerform=True),
        told("leg_pain", id="o2", subject={"reference": "Group/1"}),
    )
    assert not found.rejects
    assert found.said.passed["a.ndjson"] == {
        "a AllergyIntolerance is not read": 1,
        "status entered-in-error": 1,
        "status cancelled": 1,
        "verification status refuted": 1,
        "an order not to do it": 1,
        "about something else than a patient": 1,
    }
    assert found.lines("a.ndjson") == 8


# Beside each other ---------------------------------------------------------------------------------------------------


def at(moment):
    return {"meta": {"lastUpdated": moment}}


def test_of_one_resource_sent_twice_the_newest_counts_wherever_it_stands(reading):
    newer = told("leg_pain", valueBoolean=False, **at("2024-03-06T10:00:00+01:00"))
    older = told("leg_pain", valueBoolean=True, **at("2024-03-06T08:30:00Z"))
    found = reading(b=[newer, older], c=[newer])
    assert found.rows("answers", "finding", "value") == [("leg_pain", "false")]
    assert sorted(found.rejects) == [("b.ndjson", 2), ("c.ndjson", 1)]
    assert "newer version" in found.rejects["b.ndjson", 2]
    assert "the same" in found.rejects["c.ndjson", 1]


def test_an_answer_that_was_taken_back_later_is_no_answer(reading):
    taken_back = told("leg_pain", status="entered-in-error", **at("2024-03-06T10:00:00Z"))
    found = reading(told("leg_pain", **at("2024-03-05T10:00:00Z")), taken_back)
    assert found.rows("answers", "finding") == []


def test_of_two_versions_of_which_nobody_says_which_is_newer_neither_counts(reading):
    found = reading(told("leg_pain", valueBoolean=True), told("leg_pain", valueBoolean=False))
    assert found.rows("answers", "finding") == []
    assert len(found.rejects) == 2


def test_events_of_nobody_before_birth_after_death_and_after_the_last_day_are_rejected(reading):
    found = reading(
        resource("Patient", "p2", None, birthDate="1950", deceasedDateTime="2024-02-01"),
        told("leg_pain", id="o1", subject={"reference": "Patient/p9"}),
        told("leg_pain", id="o2", day="1969-01-01"),
        told("leg_pain", id="o3", subject={"reference": "Patient/p2"}, day="2024-03-03"),
        told("leg_pain", id="o4", subject={"reference": "Patient/p2"}, day="2024-03-02"),
        told("leg_pain", id="o5", day="2025-01-01"),
    )
    kinds = {line: reason.partition(":")[0] for (_, line), reason in found.rejects.items()}
    assert kinds == {4: "unknown patient", 5: "before birth", 6: "after death", 8: "after the last day"}
    assert found.lines("a.ndjson") == 8


def test_a_patient_is_found_by_every_way_of_reference(reading):
    names = ["Patient/p1", "https://x.example/fhir/Patient/p1", "Patient/p1/_history/3", "urn:uuid:p1"]
    found = reading(*(told("leg_pain", id=f"o{n}", subject={"reference": name}) for n, name in enumerate(names)))
    assert found.rows("answers", "finding") == [("leg_pain",)] * len(names)


def test_the_same_number_on_another_server_may_be_another_person(reading):
    found = reading(
        told("leg_pain", id="o1", subject={"reference": "https://a.example/Patient/p1"}),
        told("fever_reported", id="o2", subject={"reference": "https://b.example/Patient/p1"}),
    )
    assert found.rows("answers", "finding") == []
    assert {reason.partition(":")[0] for reason in found.rejects.values()} == {"subject"}


def test_a_resource_of_nobody_is_rejected(reading):
    nobody = [None, {"display": "Jansen"}, {"reference": "#p"}]
    found = reading(*(told("leg_pain", id=f"o{n}", subject=one) for n, one in enumerate(nobody)))
    assert [reason.partition(":")[0] for reason in found.rejects.values()] == ["subject"] * len(nobody)


# The manifest --------------------------------------------------------------------------------------------------------


def test_a_manifest_says_until_when_what_was_deleted_and_what_the_server_could_not_give(tmp_path):
    (tmp_path / "a.ndjson").write_bytes(b"\n".join(map(as_line, [patient(), visit(), told("leg_pain", id="o7")])))
    gone = {"resourceType": "Bundle", "entry": [{"request": {"method": "DELETE", "url": "Observation/o7"}}]}
    (tmp_path / "gone.ndjson").write_bytes(as_line(gone))
    failed = {"resourceType": "OperationOutcome", "issue": [{"code": "exception", "diagnostics": "no Encounter"}]}
    (tmp_path / "failed.ndjson").write_bytes(as_line(failed))
    manifest = {
        "transactionTime": "2024-06-30T23:30:00Z",
        "deleted": [{"type": "Bundle", "url": "https://x.example/files/gone.ndjson?token=1"}],
        "error": [{"type": "OperationOutcome", "url": "https://x.example/files/failed.ndjson"}],
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    found = Reading(tmp_path)
    assert found.records.until == date(2024, 7, 1)  # in the Netherlands
    assert found.rows("answers", "finding") == []
    assert found.said.passed["a.ndjson"] == {"deleted since, as the manifest says": 1}
    assert found.rejects == {("failed.ndjson", 1): "error of the server: exception, 'no Encounter'"}
    assert "1 deleted" in found.records.source
    assert "1 errors" in found.records.source


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"transactionTime": "yesterday"}'])
def test_a_manifest_that_is_none_stops_the_reading_with_its_name(tmp_path, content):
    (tmp_path / "a.ndjson").write_bytes(as_line(patient()))
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(AuditError, match=r"manifest\.json: .*expected"):
        Reading(tmp_path)


def test_a_folder_without_records_is_named(tmp_path):
    with pytest.raises(AuditError, match="no such folder"):
        read_ndjson(ENGINE, tmp_path / "none", None)
    with pytest.raises(AuditError, match=r"no \.ndjson"):
        read_ndjson(ENGINE, tmp_path, None)
    (tmp_path / "a.ndjson").write_bytes(as_line(patient()))
    with pytest.raises(AuditError, match="no visit"):
        Reading(tmp_path)


# What resources tell -------------------------------------------------------------------------------------------------


def test_every_table_has_its_columns(reading):
    found = reading()
    for name, (_, columns) in TABLES.items():
        table = found.records[name]
        assert {column: str(table[column].type()) for column in table.columns} == {
            column: kind for column, (kind, _) in columns.items()
        }, name


def test_who_somebody_is_and_gender_is_no_sex_at_birth(reading):
    found = reading(
        resource("Patient", "p2", None, birthDate="1950-03", gender="female", deceasedDateTime="2024-02"),
        patient(
            "p3",
            extension=[{"url": BIRTH_SEX, "valueCode": "F"}],
            managingOrganization={"reference": "Organization/7"},
            generalPractitioner=[{"reference": "Practitioner/8"}],
        ),
        patient("p4", generalPractitioner=[{"reference": "Practitioner/8"}]),
    )
    assert found.rows("persons", "person", "practice", "birth_year", "sex", "died")[1:] == [
        ("p2", None, 1950, None, date(2024, 2, 29)),
        ("p3", "7", 1970, "female", None),
        ("p4", "8", 1970, None, None),
    ]


def each_with_a_visit(*visits):
    """A patient for each of these visits, in their order."""
    return [
        line
        for n, more in enumerate(visits)
        for line in (patient(f"v{n}"), visit(f"v{n}", **{"subject": {"reference": f"Patient/v{n}"}} | more))
    ]


def test_what_a_visit_was_for_is_read_in_the_system_of_its_code(reading):
    read_as = [
        ("ICPC-1-NL", "L84", "L84"),
        ("ICPC-2", "L84", "L03"),
        ("ICPC-1-NL", "L86.01", "L86"),
        ("urn:oid:2.16.840.1.113883.2.4.4.31.1", "L02", "L02"),
        ("ICPC-2", "L86", "L86"),
        ("ICD-10", "M54.5", "L03"),
        ("ICD-10", "M51.1", "L86"),
        ("SNOMED-CT", "279039007", "L03"),
    ]
    found = reading(*each_with_a_visit(*({"system": system, "code": code} for system, code, _ in read_as)))
    assert found.rows("episodes", "person", "icpc")[1:] == [(f"v{n}", icpc) for n, (*_, icpc) in enumerate(read_as)]


def test_the_skin_of_icd_10_is_no_back(reading):
    found = reading(*each_with_a_visit(*({"system": "ICD-10", "code": code} for code in ("L03", "L86", "L84"))))
    assert found.rows("episodes", "person") == [("p1",)]


def test_an_l84_of_no_system_that_we_know_is_rejected_as_it_can_be_two_things(reading):
    systems = [{}, {"system": "http://hl7.org/fhir/sid/icpc-1"}, {"system": "urn:x:ICPC"}]
    codes = [{"coding": [{"code": "L84", **system}]} for system in systems]
    found = reading(
        *(visit(f"v{n}", code=None, reasonCode=[code]) for n, code in enumerate(codes)),
        *(problem("", id=f"c{n}") | {"code": code} for n, code in enumerate(codes)),
    )
    assert len(found.rejects) == 6
    assert all("ICPC-2" in reason for reason in found.rejects.values())


def test_a_visit_is_one_to_the_gp_unless_it_says_otherwise(reading):
    kinds = {
        "gp": {},
        "emergency": {"class": AMBULATORY | {"code": "EMER"}},
        "hospital": {"class": AMBULATORY | {"code": "IMP"}, "period": {"start": "2024-03-04", "end": "2024-03-09"}},
        "neurologist": {"serviceType": concept("SNOMED-CT", "394591006")},
        "physiotherapist": {"type": [concept("urn:oid:2.16.840.1.113883.2.4.6.7", "0400")]},
    }
    found = reading(*each_with_a_visit(*kinds.values()))
    assert found.rows("contacts", "episode", "kind", "number")[1:] == [
        (f"v{n}/1", kind, 5 if kind == "hospital" else 1) for n, kind in enumerate(kinds)
    ]


def test_a_visit_is_of_the_day_that_it_is_in_the_netherlands(tmp_path):
    (tmp_path / "a.ndjson").write_bytes(b"\n".join(map(as_line, [patient(), visit(day="2024-03-03T23:30:00Z")])))
    assert Reading(tmp_path).rows("contacts", "date") == [(date(2024, 3, 4),)]


@pytest.mark.parametrize(
    "linked",
    [
        [visit(code=None), problem("L86", encounter={"reference": "Encounter/e1"}, day="2024-03-20")],
        [visit(code=None, diagnosis=[{"condition": {"reference": "Condition/c1"}}]), problem("L86", day="2020-01-01")],
        [visit(code=None), problem("L86")],
        [visit(code="R05"), problem("L86")],
        [problem("L86")],
    ],
)
def test_a_problem_of_the_back_is_what_its_visit_was_for_and_a_contact_where_there_is_none(tmp_path, linked):
    (tmp_path / "a.ndjson").write_bytes(b"\n".join(map(as_line, [patient(), *linked])))
    found = Reading(tmp_path, until=date(2024, 12, 31))
    assert found.rows("episodes", "start", "icpc") == [(date(2024, 3, 4), "L86")]
    assert found.rows("contacts", "date", "kind") == [(date(2024, 3, 4), "gp")]


def test_a_visit_for_a_cough_belongs_to_no_episode_of_the_back(reading):
    found = reading(visit("e2", day="2024-03-10", code="R05"), visit("e3", day="2024-03-11", code=None))
    assert found.rows("contacts", "date") == [(date(2024, 3, 4),), (date(2024, 3, 11),)]


def test_what_lasts_is_history_and_what_passes_is_an_answer_of_its_day(reading):
    over = concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "resolved")
    found = reading(
        problem("T90", id="c1", day="2015-01-01"),
        problem("C50.9", "ICD-10", id="c2", day="2010-01-01", clinicalStatus=over),
        problem("A03", id="c3"),
        problem("A03", id="c4", clinicalStatus=over),
        problem("K99.01", id="c5", day="2015-01-01"),
    )
    assert found.rows("history", "date", "finding", "value") == [
        (date(2010, 1, 1), "cancer_history", "true"),
        (date(2015, 1, 1), "diabetes", "true"),
    ]
    assert found.rows("answers", "finding", "value") == [("fever_reported", "true")]
    assert len(found.rows("diagnoses", "code")) == 5


def test_what_lasts_is_of_the_person_whenever_it_was_answered(reading):
    found = reading(
        told("immunosuppressed", "2020-01-01", "o1"),
        told("fever_reported", "2020-01-01", "o2"),
        told("diabetes", "2020-01-01", "o3", valueBoolean=False),
        told("cancer_history", id="o4"),
    )
    assert found.rows("history", "date", "finding", "value") == [(date(2020, 1, 1), "immunosuppressed", "true")]
    assert found.rows("answers", "finding") == [("cancer_history",)]
    assert found.rows("loose", "table") == [("answers",), ("answers",)]


def test_an_answer_tells_who_gave_it_and_nobody_is_no_care_giver(reading):
    found = reading(
        told("leg_pain", id="o1", performer=[{"reference": "Practitioner/1"}]),
        told("foot_drop", id="o2"),
        told("fever_reported", id="o3", performer=[{"reference": "RelatedPerson/1"}]),
        resource(
            "Observation", "o4", status="final", effectiveDateTime="2024-03-04", code=concept("LOINC", "1988-5"),
            valueQuantity={"value": 12, "unit": "mg/L"},
        ),
    )  # fmt: skip
    assert found.rows("answers", "finding", "value", "by")[1:] == [
        ("fever_reported", "true", "proxy"),
        ("foot_drop", "true", "patient"),
        ("leg_pain", "true", "clinician"),
    ]
    assert found.rows("answers", "finding", "value", "by")[0] == ("crp_mg_l", "12", None)


def test_a_line_of_which_one_answer_cannot_be_read_is_read_for_the_rest(reading):
    coded = {"system": ANSWERS, "code": "yes"}
    found = reading(
        resource(
            "QuestionnaireResponse", "r1", status="completed", questionnaire=canonical("Questionnaire", "current"),
            authored="2024-03-04", source=HERS,
            item=[
                {"linkId": "leg_pain", "answer": [{"valueCoding": coded}]},
                {"linkId": "pain_back_nrs", "answer": [{"valueDecimal": 99}]},
            ],
        )
    )  # fmt: skip
    assert found.rows("answers", "finding", "by") == [("leg_pain", "patient")]
    assert found.rejects["a.ndjson", 3] == f"{PART}: pain_back_nrs: 99 given, a number from 0 to 10 (0-10) expected"
    assert found.lines("a.ndjson") == 3


def test_one_picture_is_one_however_many_resources_tell_of_it(reading):
    made = {"status": "available", "procedureCode": [concept("LOINC", "24968-0")]}
    found = reading(
        order(),
        resource("ImagingStudy", "i1", started="2024-06-30", basedOn=[{"reference": "ServiceRequest/s1"}], **made),
        resource("ImagingStudy", "i2", started="2024-05-03", **made),
        resource("ImagingStudy", "i3", started="2024-05-04", **made),
        resource(
            "Procedure", "x1", status="completed", performedDateTime="2024-05-04", code=concept("LOINC", "24968-0")
        ),
    )
    assert found.rows("imaging", "date", "kind") == [(date(2024, 3, 4), "mri"), (date(2024, 5, 4), "mri")]


def test_an_order_is_of_whom_the_person_saw_then(reading):
    neurologist = visit("e2", day="2024-03-08", code=None, serviceType=concept("SNOMED-CT", "394591006"))
    found = reading(
        neurologist,
        order(id="s1"),
        order(id="s2", code="24963-1", day="2024-03-08"),
        order(id="s3", code="24972-2", day="2024-03-12"),
        order(id="s4", code="24972-2", day="2024-03-13", encounter={"reference": "Encounter/e2"}),
        order(id="s5", code="308474002", system="SNOMED-CT"),
        order(id="s6", code="306290009", system="SNOMED-CT", day="2024-03-08"),
    )
    assert found.rows("imaging", "date", "kind", "ordered_by") == [
        (date(2024, 3, 4), "mri", "gp"),
        (date(2024, 3, 8), "ct", "neurologist"),
        (date(2024, 3, 12), "x_ray", None),
        (date(2024, 3, 13), "x_ray", "neurologist"),
    ]
    assert found.rows("referrals", "to") == [("neurologist",)]  # one specialist to the other is no referral of a GP


def test_a_reason_for_an_order_is_one_only_where_it_says_more_than_the_pain(reading):
    found = reading(
        order(id="s1", reasonCode=[concept("ICPC-1-NL", "L03")]),
        order(id="s2", code="308474002", system="SNOMED-CT", reasonCode=[{"text": "on her own wish"}]),
    )
    assert found.rows("reasons", "about") == [("referral",)]


def test_medicines_and_operations_are_read_by_their_codes(reading):
    def medicine(id, code, **more):
        named = {"medicationCodeableConcept": concept("ATC", code)} if code else {}
        said = {"status": "completed", "intent": "order", "authoredOn": "2024-03-04", **named, **more}
        return resource("MedicationRequest", id, **said)

    inside = {"resourceType": "Medication", "id": "m", "code": concept("ATC", "N02AA01")}
    found = reading(
        medicine("m1", "N02AX02"),
        medicine("m2", None, contained=[inside], medicationReference={"reference": "#m"}),
        medicine("m3", "M01AE01"),
        medicine("m4", "N02AX02", status="draft"),
        medicine("m5", "B01AA07"),
        resource(
            "Procedure", "x1", status="completed", performedPeriod={"start": "2024-03-05", "end": "2024-03-06"},
            code=concept("SNOMED-CT", "42515009"),
        ),
    )  # fmt: skip
    assert found.rows("medication", "kind") == [("opioid",), ("opioid",)]
    assert found.rows("operations", "date") == [(date(2024, 3, 5),)]
    assert found.rows("answers", "finding", "value") == [("anticoagulant", "true")]


def by_name(id, medicine, **more):
    said = {"status": "completed", "intent": "order", "authoredOn": "2024-03-04", **more}
    return resource("MedicationRequest", id, medicationReference={"reference": f"Medication/{medicine}"}, **said)


def test_a_medicine_in_a_line_of_its_own_is_what_its_requests_prescribe(reading):
    def medicine(id, code, **more):
        return resource("Medication", id, None, code=concept("ATC", code), **more)

    opioid = medicine("m1", "N02AX02")
    found = reading(
        by_name("r1", "m1"),
        by_name("r2", "m2"),
        by_name("r3", "m3"),
        by_name("r4", "m4"),
        by_name("r5", "m5"),
        medicines=[
            opioid, medicine("m2", "B01AA07"), medicine("m3", "M01AE01"),
            medicine("m5", "N02AX02", status="entered-in-error"),
        ],
        twice=[opioid],
    )  # fmt: skip
    assert found.rows("medication", "date", "kind") == [(date(2024, 3, 4), "opioid")]
    assert found.rows("answers", "finding", "value") == [("anticoagulant", "true")]
    assert found.said.passed["a.ndjson"] == {"a medicine that is in none of these files": 2}
    assert (found.lines("a.ndjson"), found.lines("medicines.ndjson"), found.lines("twice.ndjson")) == (7, 4, 1)


def test_where_no_medicine_can_be_known_nobody_says_that_no_opioid_was_prescribed(reading):
    assert "medication" in reading(by_name("r1", "m1")).records.absent


def test_where_no_line_of_a_kind_can_be_read_its_table_is_absent(reading):
    assert {"imaging", "referrals"} <= reading(order(day="2024")).records.absent


def test_what_a_source_has_nothing_of_is_absent_and_not_none(reading):
    assert reading().records.absent == {
        "imaging", "referrals", "medication", "operations", "answers", "history", "diagnoses", "reasons",
    }  # fmt: skip
    absent = reading(order(status="draft")).records.absent
    assert not absent & {"imaging", "referrals"}
    assert "medication" in absent


def test_large_files_are_read_by_several_processes_and_give_the_same(tmp_path, monkeypatch):
    lines = [patient(), visit(), *(told("leg_pain", id=f"o{n}") for n in range(2000)), b"{"]
    (tmp_path / "a.ndjson").write_bytes(b"\n".join(map(as_line, lines)))
    alone = Reading(tmp_path)
    monkeypatch.setattr("ruggespraak.audit.ndjson.loading.WORTH_A_PROCESS", 0)
    done = []
    together = Reading(tmp_path, progress=lambda *one: done.append(one))
    assert together.rows("answers", "finding") == alone.rows("answers", "finding")
    assert together.rejects == alone.rejects
    assert set(together.rejects) == {("a.ndjson", 2003)}
    assert done[-1][0] == done[-1][1] == (tmp_path / "a.ndjson").stat().st_size


READING = """
import os, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from ruggespraak.audit.ndjson.lines import alone
if __name__ == "__main__":
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=alone) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        time.sleep(60)
"""


def test_a_reading_that_is_killed_leaves_no_process_behind(tmp_path):
    (tmp_path / "reading.py").write_text(READING)
    reading = subprocess.Popen([sys.executable, tmp_path / "reading.py"], stdout=subprocess.PIPE)
    assert int(reading.stdout.readline())
    reading.kill()
    assert reading.communicate(timeout=30)[0] == b""  # which ends when nobody is left who could write to it
