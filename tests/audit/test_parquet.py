"""Records kept as Parquet: what is there is read, and what cannot be is named and kept out."""

import csv
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ruggespraak.audit.engine import connected
from ruggespraak.audit.parquet import read_parquet
from ruggespraak.audit.records import TABLES, AuditError, schema
from ruggespraak.audit.rejects import Rejects
from ruggespraak.population import records as simulated
from ruggespraak.population.simulate import Run

ENGINE = connected()
START = date(2024, 3, 1)
GOOD = {
    "persons": {"person": "ann", "practice": "1", "birth_year": 1980, "sex": "female", "died": None},
    "episodes": {"episode": "e1", "person": "ann", "start": START, "icpc": "L03", "closed": None},
    "contacts": {"episode": "e1", "date": START, "kind": "gp", "number": 1, "review": None},
    "imaging": {"episode": "e1", "date": START, "kind": "mri", "ordered_by": None},
    "referrals": {"episode": "e1", "date": START, "to": "neurologist"},
    "answers": {"episode": "e1", "date": START, "finding": "leg_pain", "value": "true", "by": None},
    "history": {"person": "ann", "date": None, "finding": "diabetes", "value": "true"},
    "diagnoses": {"person": "ann", "date": None, "system": "ICPC-1-NL", "code": "L03"},
    "reasons": {"episode": "e1", "date": START, "about": "imaging"},
}


def written(folder, **more):
    """A folder with one good row a table, and these rows more."""
    for name, row in GOOD.items():
        table = pa.Table.from_pylist([row, *more.get(name, [])], schema(name).to_pyarrow())
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


def row(name, **changes):
    return {**GOOD[name], **changes}


def read(folder, tmp_path, until=None):
    """The tables as rows, and the rejects as (table, reason)."""
    with Rejects(tmp_path / "rejects.csv") as rejects:
        found = read_parquet(ENGINE, folder, until, rejects)
        rows = {name: found[name].to_pyarrow().to_pylist() for name in TABLES}
    with (tmp_path / "rejects.csv").open(encoding="utf-8", newline="") as file:
        reasons = [(one["file"], one["reason"]) for one in csv.DictReader(file)]
    return found, rows, reasons


def test_what_is_good_is_read_and_nothing_is_rejected(tmp_path):
    found, rows, reasons = read(written(tmp_path), tmp_path)
    assert reasons == []
    assert {name: rows[name] for name in GOOD} == {name: [row] for name, row in GOOD.items()}
    assert found.absent == {"medication", "operations"}
    assert (found.since, found.until) == (START, START)


def test_what_simulate_writes_is_read_whole(tmp_path):
    written = simulated.write(Run(people=2_000, years=1), tmp_path / "records")
    found = read_parquet(ENGINE, tmp_path / "records")
    assert written["answers"] > 1_000
    for name in set(TABLES) - found.absent:
        assert found[name].count().to_pyarrow().as_py() == written[name], name
    assert found.absent == {"medication", "history", "diagnoses", "reasons"}


def test_whole_numbers_do_as_ids_and_a_clinician_answered_where_no_column_says_who(tmp_path):
    folder = written(tmp_path)
    persons = {**GOOD["persons"], "person": 7, "practice": 3}
    pq.write_table(
        pa.Table.from_pylist([persons]).set_column(4, "died", pa.array([None], pa.date32())), folder / "persons.parquet"
    )
    pq.write_table(
        pa.Table.from_pylist([row("episodes", person="7")], schema("episodes").to_pyarrow()),
        folder / "episodes.parquet",
    )
    pq.write_table(pq.read_table(folder / "answers.parquet").drop_columns("by"), folder / "answers.parquet")
    for name in ("history", "diagnoses"):
        (folder / f"{name}.parquet").unlink()
    _, rows, reasons = read(folder, tmp_path)
    assert reasons == []
    assert (rows["persons"][0]["person"], rows["persons"][0]["practice"]) == ("7", "3")
    assert rows["answers"] == [GOOD["answers"]]


def test_a_table_can_be_a_folder_of_parts(tmp_path):
    folder = written(tmp_path)
    contacts = pq.read_table(folder / "contacts.parquet")
    (folder / "contacts.parquet").unlink()
    for month in ("03", "04"):
        part = folder / "contacts" / f"month={month}"
        part.mkdir(parents=True)
        pq.write_table(contacts, part / "part-0.parquet")
    _, rows, _ = read(folder, tmp_path)
    assert rows["contacts"] == [GOOD["contacts"]] * 2


WRONG = {
    "persons": {
        "unknown sex: 'x' given, male, female expected": {"person": "ben", "sex": "x"},
        "impossible year: '80' given, a year from 1900 to 2199 expected": {"person": "ben", "birth_year": 80},
        "duplicate: 'ann' given": {"birth_year": 1981},
        "empty: nothing given, a value expected (person;": {"person": None},
    },
    "episodes": {
        "unknown person: 'ben' given": {"episode": "e3", "person": "ben"},
        "unknown icpc: 'R05' given, L02, L03, L84, L86 expected": {"episode": "e4", "icpc": "R05"},
        "closed before its start: '2024-02-29' given": {"episode": "e5", "closed": START - timedelta(days=1)},
        "before birth: '1979-12-31' given": {"episode": "e2", "start": date(1979, 12, 31)},
    },
    "contacts": {
        "unknown kind: 'doctor' given, gp, physiotherapist,": {"kind": "doctor"},
        "impossible number: '0' given, a number from 1 to 2147483647 expected (number; episode e1, date 2024-03-01)": {
            "number": 0
        },
        "unknown episode: 'e9' given": {"episode": "e9"},
        "impossible date: '1024-03-01' given": {"date": date(1024, 3, 1)},
        "impossible date: '1024-03-02' given": {"review": date(1024, 3, 2)},
        "empty: nothing given": {"date": None},
    },
    "imaging": {
        "unknown kind: 'pet' given, x_ray, mri, ct expected": {"kind": "pet"},
        "unknown ordered_by: 'me' given": {"ordered_by": "me"},
        "duplicate row: 'e1' given, a row that differs from those before expected (episode; date 2024-03-01)": {},
    },
    "reasons": {
        "unknown about: 'picture' given, imaging, referral, medication, review, or the id of a": {"about": "picture"}
    },
    "referrals": {"unknown to: 'dentist' given": {"to": "dentist"}},
    "answers": {
        "unknown finding: 'legpain' given, an id of findings.csv (leg_pain?)": {"finding": "legpain"},
        "impossible answer: 'yes' given, true, false or null of leg_pain expected": {"value": "yes"},
        "impossible answer: '1' given, true, false": {"value": "1"},
        "impossible answer: '130' given, a number from 0 to 120": {"finding": "age_years", "value": "130"},
        "impossible answer: 'NaN' given, a number": {"finding": "age_years", "value": "NaN"},
        "impossible answer: 'inf' given, a number": {"finding": "age_years", "value": "inf"},
        "impossible answer: 'left' given, one of sudden": {"finding": "onset_mode", "value": "left"},
        "impossible answer: '2024-02-30' given, a date": {"finding": "onset_date", "value": "2024-02-30"},
        "impossible answer: '2024-03-02' given, a date": {"finding": "onset_date", "value": "2024-03-02"},
        "unknown by: 'aunt' given, patient, proxy, clinician expected": {"by": "aunt"},
    },
    "history": {"unknown person: 'ben' given": {"person": "ben"}},
    "diagnoses": {"unknown system: 'ICPC' given": {"system": "ICPC"}},
}  # fmt: skip


@pytest.mark.control("C-47")
@pytest.mark.parametrize("name", WRONG)
def test_a_row_that_cannot_be_is_kept_out_with_its_reason(name, tmp_path):
    folder = written(tmp_path, **{name: [row(name, **changes) for changes in WRONG[name].values()]})
    _, rows, reasons = read(folder, tmp_path)
    assert rows[name] == [GOOD[name]] or name == "persons"
    assert len(rows[name]) == 1
    assert len(reasons) == len(WRONG[name])
    for expected in WRONG[name]:
        assert sum(table == name and reason.startswith(expected) for table, reason in reasons) == 1, expected


def with_column(folder, name, column, values):
    path = folder / f"{name}.parquet"
    table = pq.read_table(path)
    pq.write_table(table.set_column(table.schema.get_field_index(column), column, values), path)
    return folder


def test_a_number_too_large_for_its_column_is_a_row_that_cannot_be(tmp_path):
    folder = written(tmp_path, contacts=[row("contacts")])
    _, rows, reasons = read(with_column(folder, "contacts", "number", pa.array([1, 2**40])), tmp_path)
    assert rows["contacts"] == [GOOD["contacts"]]
    assert [reason.split(",")[0] for _, reason in reasons] == ["impossible number: '1099511627776' given"]


def test_a_column_that_is_empty_in_every_row_needs_no_type(tmp_path):
    _, rows, reasons = read(with_column(written(tmp_path), "contacts", "review", pa.nulls(1)), tmp_path)
    assert (rows["contacts"], reasons) == ([GOOD["contacts"]], [])


def test_a_folder_that_is_called_as_a_file_is_read_as_one(tmp_path):
    part = (written(tmp_path) / "persons.parquet").rename(tmp_path / "part-0.parquet")
    (tmp_path / "persons.parquet").mkdir()
    part.rename(tmp_path / "persons.parquet" / part.name)
    _, rows, _ = read(tmp_path, tmp_path)
    assert rows["persons"] == [GOOD["persons"]]


def test_unclear_and_every_kind_of_answer_can_be(tmp_path):
    said = {
        "leg_pain": "unclear", "age_years": "44.5", "onset_mode": "sudden", "onset_date": "2024-03-01", "fever_c": "37",
    }  # fmt: skip
    more = [row("answers", finding=id, value=value) for id, value in said.items()]
    _, rows, reasons = read(written(tmp_path, answers=more), tmp_path)
    assert reasons == []
    assert len(rows["answers"]) == 1 + len(said)


def test_what_hangs_on_a_row_that_cannot_be_is_named_too(tmp_path):
    more = {
        "persons": [row("persons", person="ben", sex="x")],
        "episodes": [row("episodes", episode="e2", person="ben")],
        "contacts": [row("contacts", episode="e2")],
    }
    _, _, reasons = read(written(tmp_path, **more), tmp_path)
    assert [(name, reason.split(":")[0]) for name, reason in reasons] == [
        ("persons", "unknown sex"), ("episodes", "unknown person"), ("contacts", "unknown episode"),
    ]  # fmt: skip


def test_a_month_after_death_something_is_still_written_down_and_then_no_more(tmp_path):
    more = {
        "persons": [row("persons", person="ben", died=START)],
        "episodes": [row("episodes", episode="e2", person="ben")],
        "contacts": [row("contacts", episode="e2", date=START + timedelta(days=days)) for days in (0, 30, 31)],
    }
    _, rows, reasons = read(written(tmp_path, **more), tmp_path)
    assert len(rows["contacts"]) == 3
    assert [reason.split(" given")[0] for _, reason in reasons] == ["after death: '2024-04-01'"]


def test_what_came_after_the_last_day_is_not_known(tmp_path):
    until = START + timedelta(days=9)
    more = {
        "persons": [row("persons", person="ben", died=until + timedelta(days=1))],
        "episodes": [row("episodes", episode="e2", closed=until + timedelta(days=1))],
        "contacts": [row("contacts", date=until), row("contacts", date=until + timedelta(days=1))],
    }
    found, rows, reasons = read(written(tmp_path, **more), tmp_path, until)
    assert found.until == until
    assert {one["died"] for one in rows["persons"]} == {one["closed"] for one in rows["episodes"]} == {None}
    assert [one["date"] for one in rows["contacts"]] == [START, until]
    assert [reason.split(":")[0] for _, reason in reasons] == ["after the last day"]


def test_without_a_place_for_rejects_the_first_row_that_cannot_be_stops_the_run(tmp_path):
    folder = written(tmp_path, contacts=[row("contacts", kind="doctor"), row("contacts", number=0)])
    with pytest.raises(AuditError, match=r"^contacts: .* given, .* expected .*; rows that cannot be: 2$"):
        read_parquet(ENGINE, folder)


def without(folder, name):
    (folder / f"{name}.parquet").unlink()


def changed(folder, change):
    path = folder / "contacts.parquet"
    pq.write_table(change(pq.read_table(path)), path)


def twice(folder):
    (folder / "contacts").mkdir()
    pq.write_table(pq.read_table(folder / "contacts.parquet"), folder / "contacts" / "part-0.parquet")


def damaged(folder):
    path = folder / "contacts.parquet"
    pq.write_table(pa.concat_tables([pq.read_table(path)] * 5_000), path, use_dictionary=False)
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + b"?" * (len(whole) // 2) + whole[4 + len(whole) // 2 :])


def parts_that_differ(folder):
    (folder / "contacts").mkdir()
    for name in ("contacts", "imaging"):
        (folder / f"{name}.parquet").rename(folder / "contacts" / f"{name}.parquet")


CANNOT_BE_READ = {
    r"no contacts.parquet and no folder contacts; .* expected": lambda f: without(f, "contacts"),
    r"contacts.parquet: no column kind; episode, date, kind": lambda f: changed(f, lambda t: t.drop_columns("kind")),
    r"contacts.parquet: column number is string, int32 expected": lambda f: changed(
        f, lambda t: t.set_column(3, "number", pa.array(["1"]))
    ),
    r"contacts.parquet: column date is timestamp\('UTC'.*, date expected": lambda f: with_column(
        f, "contacts", "date", pa.array([0], pa.timestamp("us", "Europe/Amsterdam"))
    ),
    r"both contacts.parquet and contacts, one of them expected": twice,
    r"contacts: cannot be read \(.*\); Parquet that is whole expected": damaged,
    r"contacts.parquet: column date is string, date expected": lambda f: changed(
        f, lambda t: t.set_column(1, "date", pa.array(["2024-03-01"]))
    ),
    r"contacts.parquet: column kind is int64, string expected": lambda f: changed(
        f, lambda t: t.set_column(2, "kind", pa.array([1]))
    ),
    r"contacts.parquet: cannot be read .* a Parquet file expected": lambda f: (f / "contacts.parquet").write_text(""),
    r"imaging.parquet: other columns than in contacts.parquet": parts_that_differ,
    r"no row of contacts can be used, at least one expected": lambda f: changed(f, lambda t: t.slice(1)),
}  # fmt: skip


@pytest.mark.parametrize("message", CANNOT_BE_READ)
def test_a_file_that_cannot_be_read_stops_the_run_and_is_named(message, tmp_path):
    folder = written(tmp_path)
    CANNOT_BE_READ[message](folder)
    with pytest.raises(AuditError, match=message):
        read_parquet(ENGINE, folder)


def test_a_folder_that_is_none_is_named(tmp_path):
    with pytest.raises(AuditError, match=r"nowhere: no such folder; a folder of Parquet files expected"):
        read_parquet(ENGINE, tmp_path / "nowhere")


def test_an_engine_that_cannot_be_reached_is_named_without_its_password():
    with pytest.raises(AuditError, match=r"^engine: nosuch://…@host/name cannot be reached .* expected$"):
        connected("nosuch://somebody:secret@host/name")
