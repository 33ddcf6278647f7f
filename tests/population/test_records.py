"""What practices would have stored of simulated lives is what was lived, no more and no less."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pyarrow.parquet as pq
import pytest

from ruggespraak.consult import brief, read_case
from ruggespraak.consult.ready import ready
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Tier
from ruggespraak.population import care, compiled, records
from ruggespraak.population.kernel import cell, tally
from ruggespraak.population.kernel.life import NEWBORN
from ruggespraak.population.scenarios import Scenario, scenario
from ruggespraak.population.simulate import Option, Run, prepared

# A year of much care beside the current edition, then everybody follows the leaflet: both rows of the table are used.
BUSY = Scenario(
    "busy",
    nl="Druk",
    en="Busy",
    changes={"asks": 0.3, "follows": 0.5, "scan_anyway_back": 0.2, "scan_anyway_root": 0.2, "refers_anyway_back": 0.2}
    | {"refers_anyway_root": 0.2, "wants_surgery": 0.3, "asks_surgery_later": 0.3, "psychology": 0.5, "pain_team": 0.5},
)
RUN = Run(
    people=20_000,
    years=3,
    born=300,
    since=1,
    options=(Option("current", BUSY), Option("leaflet", scenario("full_adherence"))),
)
OPTION = 1
FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
SINCE = FIRST + timedelta(hours=tally.YEAR)
SPECIALISTS = ("neurologist", "orthopaedist", "rheumatologist")


def lived(logs: bool):
    """The tallies of everybody, and the log."""
    counts, me = np.zeros(tally.size(RUN.years), np.int64), np.zeros(tally.CARRIED, np.int64)
    log = np.zeros((1_000_000 if logs else 0, 6), np.int64)
    compiled.compiled()(counts, log, me, 0, RUN.lives, 1, *prepared(RUN)[OPTION])
    return counts, log[1 : log[0, 0] + 1] if logs else log


@pytest.fixture(scope="module")
def counts():
    return lived(logs=False)[0]


@pytest.fixture(scope="module")
def log():
    return lived(logs=True)[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    into = tmp_path_factory.mktemp("records") / "all"
    records.write(RUN, into, option=OPTION)
    return into


@pytest.fixture(scope="module")
def rows(folder):
    """Every file as a list of rows."""
    return {name: pq.read_table(folder / f"{name}.parquet").to_pylist() for name in records.FILES}


@pytest.fixture(scope="module")
def looked_up(log):
    """At each recorded contact with a GP, in order: the hour, and the place in the table of care."""
    return [(row[0], row[5]) for row in recorded_log(log) if row[4] == tally.CLINICAL_STATE]


def by_episode(rows):
    found = defaultdict(list)
    for row in rows:
        found[row["episode"]].append(row)
    return found


def by_contact(answers):
    found = defaultdict(list)
    for row in answers:
        found[row["episode"], row["date"]].append(row)
    return found


def total(counts, measure):
    """Over all years, sexes and ages."""
    yearly = counts[: RUN.years * 2 * tally.BANDS * tally.N].reshape(-1, tally.N)
    return yearly[:, tally.MEASURES.index(measure)].sum()


def recorded_log(log):
    """The rows of the episodes whose first contact falls in the run."""
    cases = {tuple(row[1:3]) for row in log[log[:, 4] == tally.GP_CASES].tolist()}
    return [row for row in log.tolist() if tuple(row[1:3]) in cases]


def test_what_is_written_down_adds_up_to_what_is_counted(counts, log):
    start = RUN.years * 2 * tally.BANDS * tally.N
    counted = counts[start : start + len(tally.CAUSES) * tally.N].reshape(len(tally.CAUSES), tally.N)
    written = np.zeros_like(counted)
    of_measures = log[log[:, 4] < tally.N]
    np.add.at(written, (of_measures[:, 3], of_measures[:, 4]), of_measures[:, 5])
    assert written.tolist() == counted.tolist()
    assert written.sum(axis=0).tolist() == [total(counts, measure) for measure in tally.MEASURES]
    assert all(total(counts, measure) for measure in ("gp", "scan", "operation", "alarms_missed", "emergency"))


def test_writing_down_changes_no_count(counts):
    assert lived(logs=True)[0].tolist() == counts.tolist()


def test_every_first_contact_and_every_alarm_is_there_once(counts, rows):
    recorded = [row for row in rows["truth"] if row["recorded"]]
    assert len(rows["episodes"]) == len(recorded) == total(counts, "gp_cases")
    assert {row["episode"] for row in rows["episodes"]} == {row["episode"] for row in recorded}
    assert sum(row["cause"] == "radicular" for row in recorded) == total(counts, "radicular_cases")
    assert sum(row["cause"] not in ("nonspecific", "radicular") for row in recorded) == total(counts, "specific_cases")
    assert sum(row["alarm"] for row in recorded) == total(counts, "alarms")
    assert sum(row["missed"] for row in rows["truth"]) == total(counts, "alarms_missed")
    assert sum(row["needless"] for row in rows["truth"]) == total(counts, "scan_needless")


def test_the_records_hold_all_care_of_their_episodes(log, rows):
    lived, stored = defaultdict(int), defaultdict(int)
    for row in recorded_log(log):
        if row[4] < tally.N:
            lived[tally.MEASURES[row[4]]] += row[5]
    for row in rows["contacts"]:
        stored[row["kind"]] += row["number"]
    for kind in records.KINDS:
        assert stored[kind] == lived["hospital_days" if kind == "hospital" else kind], kind
    assert sum(row["kind"] == "mri" for row in rows["imaging"]) == lived["scan"]
    assert sum(row["kind"] == "x_ray" for row in rows["imaging"]) == lived["x_ray"]
    assert sum(row["again"] for row in rows["operations"]) == lived["operation_again"]
    assert sum(not row["again"] for row in rows["operations"]) == lived["operation"]
    assert len(rows["sick_leave"]) == lived["sick_spells"]


def test_the_recorded_answers_are_decided_as_the_kernel_was_told(rows, looked_up):
    """The cell in the table of care is what the edition of that day says of the answers that were stored."""
    cells = prepared(RUN)[OPTION][-2]
    editions = ready("current"), ready("leaflet")
    contacts = by_contact(rows["answers"])
    gp = [(row["episode"], row["date"]) for row in rows["contacts"] if row["kind"] == "gp"]
    assert list(contacts) == gp
    assert len(contacts) > 5_000
    for (contact, answers), (hour, place) in zip(contacts.items(), looked_up, strict=True):
        ruling = int(hour >= tally.YEAR)
        findings = {row["finding"]: read(row) for row in answers}
        case = read_case({"on": contact[1].isoformat(), "findings": findings})
        said = care.packed(brief(case, editions[ruling]), findings["duration_days"])
        told = int(cells[ruling, place])
        assert said == told, (contact, f"{said:b}", f"{told:b}")


def read(answer):
    """The value of a stored answer, as a case has it."""
    choice = VOCABULARY[answer["finding"]].kind == "choice"
    return answer["value"] if choice else json.loads(answer["value"])


def test_the_recorded_answers_are_those_of_the_case_behind_the_cell(rows, looked_up):
    """Also where another answer would be decided the same: nothing more is stored, and nothing less."""
    stored = [{row["finding"]: row["value"] for row in one} for one in by_contact(rows["answers"]).values()]
    cells = prepared(RUN)[OPTION][-2]
    for found, (hour, place) in zip(stored, looked_up, strict=True):
        shown, _, _, asked, at_home, failed = np.unravel_index(place, care.SHAPE)
        day, age = int(found["duration_days"]), int(found["age_years"])
        assert place == cell.place(cells, int(hour >= tally.YEAR), shown, day, age, asked, at_home, failed)
        shows = list(care.PRESENTATIONS)[shown]
        told = records.told(shows, day, age, care.ASKED[asked], care.AT_HOME[at_home], care.FAILED[failed])
        assert {id: records._text(value) for id, value in told.items()} == found


def test_what_was_not_asked_is_not_answered_with_no(rows, looked_up):
    alarms = set(care.questions())
    silent = 0
    for contact, (_, place) in zip(by_contact(rows["answers"]).values(), looked_up, strict=True):
        everything = care.ASKED[np.unravel_index(place, care.SHAPE)[3]] == "everything"
        said_no = {row["finding"] for row in contact if row["value"] == "false"} & alarms
        assert bool(said_no) == everything
        silent += not everything
    assert silent > 500


WAITS = {("current", "root"), ("leaflet", "root"), ("leaflet", "stenosis")}  # on whether the relief is enough


@pytest.mark.parametrize("edition", ["current", "leaflet"])
def test_an_examination_changes_no_decision_and_leaves_no_picture_open(edition):
    """In every clinical state, and of the old too: what the kernel was told stays, and nothing more urgent is open."""
    here, tried = ready(edition), {}
    states = [state for state in care.states() if state[3] == "everything"]
    older = [(shown, day, age, *rest) for shown, day, first, *rest in states if first == 61 for age in (70, 75)]
    for state in dict.fromkeys([*states, *older]):
        shown, day = state[:2]
        bare = care.case(*state)
        full = replace(bare, answers=records.told(*state))
        true, *others = here.bits(full)
        reading = (*here.bits(bare), true, *others, day)
        if reading in tried:
            continue
        said = tried[reading] = brief(full, here)
        assert care.packed(said, day) == care.packed(brief(bare, here), day), state
        found = said.outcome
        if found.imaging is not found.imaging_not_excluded:
            assert (edition, shown) in WAITS, state
            assert day >= 42, state
            assert found.imaging is None, state
        hard = any(alarm.rule.tier is Tier.HARD and alarm.holds(true) for alarm in here.alarms)
        assert found.open == hard, state
    assert len(tried) > 500


def test_who_asks_nothing_examines_nothing(rows):
    examined = by_contact(row for row in rows["answers"] if VOCABULARY[row["finding"]].who == "clinician")
    asked = by_contact(row for row in rows["answers"] if row["finding"] == "wound_problem")
    told_with_the_leg = {"slr_positive"}
    assert {key for key, told in examined.items() if {row["finding"] for row in told} != told_with_the_leg} == set(
        asked
    )


def test_nobody_with_a_foot_that_drops_is_as_strong_as_ever(rows):
    weak = [told for told in by_contact(rows["answers"]).values() if ("foot_drop", "true") in values(told)]
    assert weak
    assert not [row for told in weak for row in told if row["finding"].startswith("mrc_")]


def values(told):
    return {(row["finding"], row["value"]) for row in told}


def test_a_cause_is_coded_as_it_looks_at_the_first_contact(rows):
    leg = {(row["episode"], row["date"]): row["value"] for row in rows["answers"] if row["finding"] == "leg_pain"}
    codes = {row["episode"]: row["icpc"] for row in rows["episodes"]}
    for row in rows["episodes"]:
        assert row["icpc"] == ("L86" if leg[row["episode"], row["start"]] == "true" else "L03")
    hidden = [row for row in rows["truth"] if row["recorded"] and row["alarm"] is False and row["cause"] == "tumour"]
    assert hidden
    assert {codes[row["episode"]] for row in hidden} == {"L03"}


def test_who_sees_a_specialist_was_sent_there_or_came_to_the_hospital(rows):
    sent, contacts = by_episode(rows["referrals"]), by_episode(rows["contacts"])
    visits = 0
    for episode, seen in contacts.items():
        emergencies = {row["date"] for row in seen if row["kind"] == "emergency"}
        for visit in seen:
            if visit["kind"] in SPECIALISTS:
                visits += 1
                before = [to for to in sent[episode] if to["to"] == visit["kind"] and to["date"] <= visit["date"]]
                assert before or visit["date"] in emergencies
    assert visits > 300


def test_an_alarm_that_a_gp_acts_on_is_referred_that_day(rows):
    sent, contacts = by_episode(rows["referrals"]), by_episode(rows["contacts"])
    pictures = by_episode(rows["imaging"])
    acted = 0
    for row in rows["truth"]:
        if not (row["recorded"] and row["recognised"]):
            continue
        acted += 1
        kinds = {one["kind"] for one in contacts[row["episode"]] if one["date"] == row["recognised"]}
        to = {one["to"] for one in sent[row["episode"]] if one["date"] == row["recognised"]}
        if "emergency" in kinds:
            assert not to
            ordered = {one["ordered_by"] for one in pictures[row["episode"]] if one["kind"] == "x_ray"}
            assert ordered == ({"hospital"} if row["cause"] == "fracture" else set())
        elif row["cause"] == "fracture":
            assert not to & {*SPECIALISTS, "hospital"}
            assert ("x_ray", "gp") in {(one["kind"], one["ordered_by"]) for one in pictures[row["episode"]]}
        else:
            assert to & kinds & {*SPECIALISTS, "hospital"}
    assert acted > 30


def test_who_follows_the_pathway_orders_no_scan_beside_it(rows):
    by_gp = [row["date"] for row in rows["imaging"] if row["kind"] == "mri" and row["ordered_by"] == "gp"]
    assert by_gp
    assert max(by_gp) <= SINCE


def test_every_id_is_known_and_stands_for_one(rows):
    people = [row["person"] for row in rows["persons"]]
    assert len(set(people)) == len(people) == RUN.lives
    known = {row["episode"]: row["person"] for row in rows["truth"]}
    assert len(known) == len(rows["truth"])
    assert not set(known) & set(people)
    assert set(known.values()) <= set(people)
    stored = {row["episode"] for row in rows["episodes"]}
    for row in rows["episodes"]:
        assert known[row["episode"]] == row["person"]
    for name in ("contacts", "imaging", "referrals", "operations", "sick_leave", "answers"):
        assert {row["episode"] for row in rows[name]} <= stored


def test_an_id_tells_neither_the_number_of_a_person_nor_that_of_an_episode(rows):
    people = [row["person"] for row in rows["persons"]]
    assert people != sorted(people)
    assert {len(id) for id in people} == {16}
    bits = sum(int(id, 16).bit_count() for id in people) / len(people)
    assert bits == pytest.approx(32, abs=0.2)  # of 64: 7 standard errors
    other = records._mixed(np.arange(1_000), 2)
    assert not set(other.tolist()) & {int(id, 16) for id in people}


def test_rows_stand_in_the_order_of_the_episodes_and_of_time(rows):
    place = {row["episode"]: number for number, row in enumerate(rows["episodes"])}
    for name in ("contacts", "imaging", "referrals", "operations", "answers"):
        order = [(place[row["episode"]], row["date"]) for row in rows[name]]
        assert order == sorted(order), name


def test_what_happens_lies_in_the_run_and_in_the_life(rows):
    died = {row["person"]: row["died"] or LAST for row in rows["persons"]}
    born = {row["person"]: row["birth_year"] for row in rows["persons"]}
    episodes = {row["episode"]: row for row in rows["episodes"]}
    for name in ("contacts", "imaging", "referrals", "operations", "answers"):
        for row in rows[name]:
            episode = episodes[row["episode"]]
            assert FIRST <= episode["start"] <= row["date"] <= died[episode["person"]] <= LAST, name
    for row in rows["episodes"]:
        assert row["closed"] is None or row["start"] < row["closed"] <= died[row["person"]]
        assert born[row["person"]] <= row["start"].year
    for row in rows["sick_leave"]:
        assert row["end"] is None or FIRST <= row["start"] <= row["end"] <= LAST
    for row in rows["truth"]:
        assert row["onset"] <= (row["pain_until"] or LAST) <= LAST
    assert sum(row["died"] is not None for row in rows["persons"]) > 200


def test_an_episode_is_closed_90_days_after_its_last_contact_or_at_death(rows):
    died = {row["person"]: row["died"] or date.max for row in rows["persons"]}
    contacts = by_episode(rows["contacts"])
    still_open = 0
    for row in rows["episodes"]:
        last = max(contact["date"] for contact in contacts[row["episode"]])
        closes = min(last + timedelta(days=90), died[row["person"]])
        if closes == LAST:  # on which the run ends at six in the evening, as a year has 365.25 days
            assert row["closed"] in (LAST, None)
        else:
            assert row["closed"] == (None if closes > LAST else closes)
        still_open += row["closed"] is None
    assert 0 < still_open < len(rows["episodes"]) / 2


def test_a_contact_with_the_gp_has_a_day_of_its_own_and_the_next_look_lies_after_it(rows):
    gp = [row for row in rows["contacts"] if row["kind"] == "gp"]
    assert len({(row["episode"], row["date"]) for row in gp}) == len(gp)
    assert all(row["review"] > row["date"] for row in gp)
    assert all(row["review"] is None for row in rows["contacts"] if row["kind"] != "gp")
    for one in by_episode(gp).values():
        for contact, following in pairwise(one):
            assert timedelta(0) <= following["date"] - contact["review"] <= timedelta(days=7)


def test_the_people_are_those_that_the_kernel_lives(rows):
    arguments = prepared(RUN)[OPTION]
    number, sex, born = records.who(arguments, 0, RUN.lives)
    me, counts, log = (
        np.zeros(tally.CARRIED, np.int64),
        np.zeros(tally.size(RUN.years), np.int64),
        np.zeros((0, 6), np.int64),
    )
    for person in [*range(0, RUN.people, 37), *range(RUN.people, RUN.lives, 11)]:
        compiled.compiled()(counts, log, me, person, person + 1, 1, *arguments)
        assert (me[tally.PERSON], me[tally.SEX], me[tally.BORN]) == (number[person], sex[person], born[person])
    assert (number >= NEWBORN).sum() == RUN.born * RUN.years
    assert {row["birth_year"] for row in rows["persons"][RUN.people :]} == {2024, 2025, 2026}


def test_practices_have_about_the_size_that_was_chosen(rows):
    sizes = np.bincount([row["practice"] for row in rows["persons"]])[1:]
    assert len(sizes) == round(RUN.lives / records.LIST_SIZE)
    assert sizes == pytest.approx(np.full(len(sizes), RUN.lives / len(sizes)), rel=0.12)  # 5 standard errors


def test_the_same_run_gives_the_same_bytes(folder, tmp_path):
    records.write(RUN, tmp_path / "again", option=OPTION)
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(["README.md", *(f"{name}.parquet" for name in records.FILES)])
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_parts_of_any_size_and_a_log_that_grows_give_the_same_rows(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(records, "PERSON_YEARS", 10_000)
    monkeypatch.setattr(records, "ROWS", 10)
    seen = []
    written = records.write(RUN, tmp_path / "cut", option=OPTION, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(number, 7) for number in range(1, 8)]
    for name in records.FILES:
        table = pq.read_table(tmp_path / "cut" / f"{name}.parquet")
        assert table.equals(pq.read_table(folder / f"{name}.parquet")), name
        assert table.num_rows == written[name]


def test_one_person_at_a_time_gives_the_rows_of_all_at_once(tmp_path, monkeypatch):
    """A part without an episode, without a contact and without a newborn, and one of only a newborn."""
    few = Run(people=64, years=2, born=3)
    records.write(few, tmp_path / "all")
    monkeypatch.setattr(records, "PERSON_YEARS", 2)
    records.write(few, tmp_path / "each")
    for name in records.FILES:
        alone, together = (pq.read_table(tmp_path / folder / f"{name}.parquet") for folder in ("each", "all"))
        assert alone.equals(together), name


def test_every_column_is_explained_beside_the_files(folder):
    words = (folder / "README.md").read_text(encoding="utf-8")
    for name in records.FILES:
        assert pq.read_schema(folder / f"{name}.parquet").equals(records.schema(name))
        chapter = words.split(f"## {name}.parquet")[1].split("\n## ")[0]
        explained = [line.split("|")[1].strip() for line in chapter.splitlines() if line.startswith("| ")][1:]
        assert explained == records.schema(name).names
    assert "leaflet/full_adherence from year 1, current/busy before it" in words


def test_nothing_is_left_where_it_stops_halfway(tmp_path):
    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        records.write(Run(people=64, years=1), tmp_path / "new", progress=stop)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("said", [{"option": 1}, {"option": -1}, {"year": 0}, {"year": 2199}])
def test_what_cannot_be_is_said_before_anything_is_written(said, tmp_path):
    (name,) = said
    with pytest.raises(records.RecordsError, match=rf"{name}: {said[name]} given, .* expected"):
        records.write(Run(people=64, years=1), tmp_path / "new", **said)
    assert not list(tmp_path.iterdir())
