"""What a GP's system hands over as CSV: what is right is read, what is wrong is named, and nothing vanishes."""

import csv
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ruggespraak.audit.engine import connected
from ruggespraak.audit.extract import read_extract
from ruggespraak.audit.files import FILES, Days
from ruggespraak.audit.records import TABLES, AuditError, schema
from ruggespraak.audit.rejects import Rejects
from ruggespraak.pathway.codes import BACK, back, meanings

PERSONS = "patient,geboortejaar,geslacht,praktijk,overleden"
CONTACTS = "patient,datum,icpc,soort,vervolgafspraak"
FIRST = {
    "patienten.csv": [PERSONS, "p1,1980,vrouw,Dorp,", "p2,1950,man,Dorp,2024-03-01"],
    "contacten.csv": [CONTACTS, "p1,2024-01-08,L03,huisarts,2024-01-22", "p2,2024-02-05,L86,huisarts,"],
}
HEADERS = {name: ",".join(file.columns) for name, file in FILES.items()}


class Read:
    """An extract that was read: its records, and what was rejected."""

    def __init__(self, records, rejects, rows):
        self.records, self.rejects, self.rows = records, rejects, rows

    def __getitem__(self, name):
        return self.records[name].to_pyarrow().to_pylist()

    def counts(self):
        return {name: self.records[name].count().execute() for name in TABLES}


def written_and_read(place, files=None, until=date(2024, 12, 31), **options):
    """``files``: lines as text, or bytes, of each file behind those of FIRST."""
    folder = place / "extract"
    folder.mkdir(exist_ok=True)
    for name, lines in {**FIRST, **(files or {})}.items():
        rows = lines if isinstance(lines, bytes) else "".join(f"{line}\n" for line in lines).encode()
        (folder / name).write_bytes(rows)
    path = place / "rejects.csv"
    with Rejects(path) as rejects:
        records = read_extract(connected(), folder, rejects, until=until, **options)
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [(row["file"], int(row["line"]), row["reason"]) for row in csv.DictReader(lines)]
    return Read(records, rejects, rows)


@pytest.fixture
def extract(tmp_path):
    """Writes an extract and reads it."""
    return partial(written_and_read, tmp_path)


def more(name, *rows):
    """The first rows of this file, and these."""
    return {name: [*FIRST.get(name, [HEADERS[name]]), *rows]}


# -- what is right ---------------------------------------------------------------------------------------------------


def test_every_table_has_the_columns_of_the_normal_form(extract):
    records = extract().records
    assert {name: records[name].schema() for name in TABLES} == {name: schema(name) for name in TABLES}


def test_a_contact_for_the_back_begins_an_episode_of_its_patient(extract):
    found = extract()
    assert [
        (row["person"], row["start"], row["icpc"]) for row in sorted(found["episodes"], key=lambda row: row["person"])
    ] == [
        ("p1", date(2024, 1, 8), "L03"),
        ("p2", date(2024, 2, 5), "L86"),
    ]
    assert found.rows == []


def test_a_contact_for_a_cough_is_none_of_an_episode_of_back_pain_and_one_for_nobody_knows_what_is(extract):
    found = extract(more("contacten.csv", "p1,2024-01-10,R05,huisarts,", "p1,2024-01-11,,huisarts,"))
    days = {row["date"] for row in found["contacts"]}
    assert date(2024, 1, 11) in days
    assert date(2024, 1, 10) not in days


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_separator_the_order_of_the_columns_and_a_mark_before_the_first_do_not_matter(extract, mark):
    rows = mark + b'praktijk;patient;overleden;geslacht;geboortejaar\r\nDorp;p1;;vrouw;1980\r\n"Dorp; Haven";p2;;;\r\n'
    found = extract({"patienten.csv": rows})
    assert sorted((row["person"], row["practice"], row["birth_year"], row["sex"]) for row in found["persons"]) == [
        ("p1", "Dorp", 1980, "female"),
        ("p2", "Dorp; Haven", None, None),
    ]
    assert "cells between , or ;" in found.records.source


def test_a_day_is_read_in_both_ways_and_which_is_said(extract):
    found = extract(more("contacten.csv", "p1,09-01-2024,L03,huisarts,", "p1,9-2-2024,L03,huisarts,"))
    assert {date(2024, 1, 9), date(2024, 2, 9)} <= {row["date"] for row in found["contacts"]}
    assert found.records.source.endswith("days as 2026-01-31 or 31-01-2026)")


@pytest.mark.parametrize(
    "cell", ["01/02/2024", "01-02-24", "20240201", "2024-2-1", "31-02-2024", "1-1-0001", "٠١-٠٢-٢٠٢٤", ""]
)
def test_a_day_that_can_be_read_in_two_ways_or_in_none_is_refused(cell):
    with pytest.raises(ValueError, match="a day as 2026-01-31 or 31-01-2026 expected"):
        Days()[cell]


def test_worn_vertebrae_are_plain_back_pain_in_the_other_edition():
    assert [back("ICPC-1-NL", code) for code in BACK] == list(BACK)
    assert back("ICPC-2", "L84") == "L03"
    assert {one.about for one in meanings("ICPC-2", "L84")} == {"complaint:nonspecific"}
    assert back("ICPC-1-NL", "L95.01") is back("ICPC-2", "R05") is None


def test_a_column_says_of_which_edition_a_code_is(extract):
    contacts = [f"{CONTACTS},stelsel", "p1,2024-01-08,L84,,,ICPC-2", "p2,2024-01-08,L84,,,"]
    assert {row["person"]: row["icpc"] for row in extract({"contacten.csv": contacts})["episodes"]} == {
        "p1": "L03",
        "p2": "L84",
    }


def test_answers_are_read_as_they_are_and_a_question_that_was_not_asked_has_no_row(extract):
    rows = [
        "p1,2024-01-08,saddle_numbness,nee,patiënt",
        "p1,2024-01-08,night_pain,onduidelijk,vertegenwoordiger",
        'p1,2024-01-08,fever_c,"38,5",zorgverlener',
        "p1,2024-01-08,crp_mg_l,7,",
        "p1,2024-01-08,course,worse,patiënt",
        "p1,2024-01-08,onset_date,01-01-2024,patiënt",
    ]
    found = extract(more("antwoorden.csv", *rows))
    assert found.rows == []
    given = {row["finding"]: (row["value"], row["by"]) for row in found["answers"] if row["episode"].startswith("p1")}
    assert given == {
        "saddle_numbness": ("false", "patient"),
        "night_pain": ("unclear", "proxy"),
        "fever_c": ("38.5", "clinician"),
        "crp_mg_l": ("7.0", None),
        "course": ("worse", "patient"),
        "onset_date": ("2024-01-01", "patient"),
        "low_back_pain": ("true", "clinician"),  # what the code L03 says
    }


def test_that_there_is_a_reason_is_kept_and_the_reason_is_not(extract):
    files = more("verwijzingen.csv", "p1,2024-01-08,neuroloog,zij is ongerust", "p2,2024-02-05,orthopeed,")
    found = extract(files | more("beeldvorming.csv", "p1,2024-01-09,mri,huisarts,wens"))
    assert sorted((row["episode"], row["about"]) for row in found["reasons"]) == [
        ("p1/1", "imaging"),
        ("p1/1", "referral"),
    ]
    assert sorted(row["to"] for row in found["referrals"]) == ["neurologist", "orthopaedist"]
    assert [(row["kind"], row["ordered_by"]) for row in found["imaging"]] == [("mri", "gp")]


def test_a_prescription_of_something_else_than_an_opioid_is_passed_over_and_counted(extract):
    found = extract(more("medicatie.csv", "p1,2024-01-08,N02AA05", "p1,2024-01-08,M01AE01"))
    assert [row["kind"] for row in found["medication"]] == ["opioid"]
    assert found.rejects.passed["medicatie.csv"] == {"no opioid": 1}


def test_what_lasts_is_history_from_its_day_on_and_what_passes_is_not(extract):
    found = extract(more("diagnoses.csv", "p1,2015-06-12,T90.02,", "p1,,L95,ICPC-1-NL", "p1,2020-01-01,A03,"))
    assert sorted((row["finding"], row["date"]) for row in found["history"] if row["date"]) == [
        ("diabetes", date(2015, 6, 12))
    ]
    assert ("osteoporosis_known", None) in {(row["finding"], row["date"]) for row in found["history"]}
    assert {"T90.02", "L95", "A03", "L03", "L86"} == {row["code"] for row in found["diagnoses"]}


def test_what_lasts_is_of_the_person_also_by_an_answer_or_a_contact_outside_an_episode(extract):
    answers = "p1,2023-01-02,immunosuppressed,ja,", "p1,2023-01-02,fever_reported,ja,", "p1,2023-01-02,diabetes,nee,"
    found = extract(more("antwoorden.csv", *answers) | more("contacten.csv", "p2,2023-01-02,L95,huisarts,"))
    assert sorted((row["person"], row["finding"], row["date"]) for row in found["history"]) == [
        ("p1", "immunosuppressed", date(2023, 1, 2)),
        ("p2", "osteoporosis_known", date(2023, 1, 2)),
    ]
    loose = found.records["loose"].to_pyarrow().to_pylist()
    assert sorted((row["person"], row["table"]) for row in loose) == [("p1", "answers"), ("p1", "answers")]


def test_of_a_file_that_is_not_there_nothing_can_be_said(extract):
    records = extract().records
    assert records.absent == {"imaging", "referrals", "medication", "operations", "answers", "reasons"}
    assert all(records[name].count().execute() == 0 for name in records.absent)


def test_without_a_last_day_the_records_tell_up_to_their_last_contact(extract):
    records = extract(until=None).records
    assert (records.since, records.until) == (date(2024, 1, 8), date(2024, 2, 5))


# -- what is wrong ---------------------------------------------------------------------------------------------------

WRONG = [
    ("contacten.csv", "p1,2024-01-09,L03,huisarts", "cells: 4 given, 5 expected"),
    ("contacten.csv", "p1,2024-01-09,L03,huisarts,,", "cells: 6 given, 5 expected"),
    ("contacten.csv", 'p1,2024-01-09,L03,"huisarts,', "quotes: unexpected end of data; a row on one line"),
    ("contacten.csv", "p9,2024-01-09,L03,huisarts,", "unknown patient: p9 given"),
    ("contacten.csv", "p1,1979-12-31,L03,huisarts,", "before birth: 1979-12-31 given, born in 1980"),
    ("contacten.csv", "p2,2024-04-01,L03,huisarts,", "after death: 2024-04-01 given"),
    ("contacten.csv", "p1,2025-01-01,L03,huisarts,", "after the last day: 2025-01-01 given, a day until 2024-12-31"),
    ("contacten.csv", "p1,2024-01-08,L03,huisarts,2024-01-22", "duplicate: the same row stands above"),
    ("contacten.csv", "p1,2024-01-09,LO3,huisarts,", "icpc: 'LO3' given, a code as L03 or T90.02 expected"),
    ("contacten.csv", "p1,2024-01-09,L03,huisarst,", "soort: 'huisarst' given, huisarts,"),
    ("contacten.csv", "p1,2024-01-09,L03,huisarts,2024-01-08", "vervolgafspraak: 2024-01-08 given, a day from"),
    ("contacten.csv", ",2024-01-09,L03,huisarts,", "patient: '' given, an id expected"),
    ("contacten.csv", "p\x001,2024-01-09,L03,huisarts,", "patient: 'p\\x001' given, an id expected"),
    ("contacten.csv", "p1,2024-01-09,L03,huisarts," + "x" * 2_000_000, "too long: 2000027 bytes given"),
    ("patienten.csv", "p1,1981,vrouw,Haven,", "duplicate: a row of this patient stands above"),
    ("patienten.csv", "p3,80,vrouw,Haven,", "geboortejaar: '80' given, a year of four digits expected"),
    ("patienten.csv", "p3,1980,v,Haven,", "geslacht: 'v' given, man, vrouw expected"),
    ("patienten.csv", "p3,1980,vrouw,Haven,1979-01-01", "overleden: a day from the year of birth on expected"),
    ("beeldvorming.csv", "p1,2024-01-09,rontgen,huisarts,", "soort: 'rontgen' given, röntgen, mri, ct expected; did"),
    ("medicatie.csv", "p1,2024-01-09,morfine", "atc: 'morfine' given, a code as N02AA05 expected"),
    ("antwoorden.csv", "p1,2024-01-08,saddle_numness,ja,", "bevinding: 'saddle_numness' given, an id of"),
    ("antwoorden.csv", "p1,2024-01-08,saddle_numbness,onbekend,", "waarde: 'onbekend' given, ja, nee or"),
    ("antwoorden.csv", "p1,2024-01-08,fever_c,385,", "waarde: '385' given, a number from"),
    ("antwoorden.csv", "p1,2024-01-08,fever_c,1.000,5,", "cells: 6 given, 5 expected"),
    ("antwoorden.csv", "p1,2024-01-08,onset_date,2024-01-09,", "waarde: '2024-01-09' given, a day until 2024-01-08"),
]  # fmt: skip


@cache
def without_the_wrong_row(name):
    """How many rows each table has then: read once for each file."""
    with TemporaryDirectory() as place:
        return written_and_read(Path(place), more(name)).counts()


@pytest.mark.parametrize(("name", "row", "reason"), WRONG, ids=[f"{name}: {reason[:30]}" for name, _, reason in WRONG])
def test_a_row_that_cannot_be_is_named_with_its_line_and_the_others_are_read(extract, name, row, reason):
    found = extract(more(name, row))
    line = len(FIRST.get(name, [""])) + 1
    assert [(at, number, said[: len(reason)]) for at, number, said in found.rows] == [(name, line, reason)]
    assert found.rejects.counts[name] == {reason.partition(":")[0]: 1}
    assert sum(found.rejects.counts[name].values()) + found.rejects.read[name] == line - 1
    assert found.counts() == without_the_wrong_row(name)


def test_a_line_in_another_encoding_is_named_and_never_half_read(extract):
    rows = f"{PERSONS}\np1,1980,vrouw,Zuid\n".replace("Zuid", "Zuid,").encode() + "p3,1980,man,Één,\n".encode("cp1252")
    found = extract({"patienten.csv": rows, "contacten.csv": [CONTACTS, "p1,2024-01-08,L03,huisarts,"]})
    assert found.rows == [("patienten.csv", 3, "encoding: byte 0xc9 at place 13 given, UTF-8 expected")]
    assert [row["practice"] for row in found["persons"]] == ["Zuid"]


def test_an_empty_line_is_no_row(extract):
    found = extract(more("contacten.csv", "", "  "))
    assert (found.rows, found.rejects.passed["contacten.csv"]) == ([], {"empty line": 2})


STOPS = [
    ({"contacten.csv": b""}, "contacten.csv, line 1: no header"),
    ({"contacten.csv": (CONTACTS + "\n").encode("utf-16")}, "line 1: encoding: byte 0xff at place 1 given, UTF-8"),
    ({"contacten.csv": ["patient,datum,icpc,soort"]}, "contacten.csv, line 1: no column vervolgafspraak"),
    ({"contacten.csv": [f"{CONTACTS},datum"]}, "contacten.csv, line 1: column datum given twice"),
    ({"contacten.csv": [f"{CONTACTS},naam"]}, "contacten.csv, line 1: column 'naam' given"),
    ({"contacten.csv": [CONTACTS.replace("icpc", "ipcc")]}, "did you mean icpc"),
    ({"contacten.csv": [CONTACTS]}, "no row of contacten.csv can be used"),
    ({"verwijzing.csv": [CONTACTS]}, "'verwijzing.csv' given, .* did you mean verwijzingen.csv"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "says"), STOPS, ids=[says for _, says in STOPS])
def test_an_extract_that_cannot_be_read_as_a_whole_is_not_read_at_all(extract, files, says):
    with pytest.raises(AuditError, match=says):
        extract(files)


def test_an_extract_without_patients_is_none(tmp_path):
    with Rejects(tmp_path / "rejects.csv") as rejects:
        with pytest.raises(AuditError, match="no such folder"):
            read_extract(connected(), tmp_path / "nowhere", rejects)
        with pytest.raises(AuditError, match=r"no patienten\.csv"):
            read_extract(connected(), tmp_path.joinpath("empty").mkdir() or tmp_path / "empty", rejects)


def test_more_rows_than_go_to_the_engine_at_once_are_all_there(extract, monkeypatch):
    monkeypatch.setattr("ruggespraak.audit.extract.AT_ONCE", 7)
    days = [date(2024, 1, 8) + timedelta(days=after) for after in range(1, 60)]
    wrong = [f"p9,{day},L03,huisarts," for day in days]
    found = extract(more("contacten.csv", *(f"p1,{day},L03,huisarts," for day in days), *wrong))
    assert len(found["contacts"]) == 2 + len(days)
    assert [line for _, line, _ in found.rows] == list(range(4 + len(days), 4 + 2 * len(days)))
