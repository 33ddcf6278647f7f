"""A report says what was found, as far as it is known, and of nobody who it was."""

from __future__ import annotations

import ast
import inspect
import json
import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser

import pyarrow.parquet as parquet
import pytest

from practices import audited, case, some
from readability import LONGEST_SENTENCE, sentences, words
from ruggespraak.audit import measures
from ruggespraak.audit.audit import Audited
from ruggespraak.audit.figures import suppressed
from ruggespraak.audit.hedis import AGES, EXCLUSIONS, NOT_NEW, TOO_RECENT
from ruggespraak.audit.records import TABLES
from ruggespraak.audit.report import body, put, three, write
from ruggespraak.audit.report.page import page
from ruggespraak.audit.report.tables import ROWS, tables
from ruggespraak.audit.report.told import OF_RECORDING
from ruggespraak.audit.words import word
from ruggespraak.audit.words import words as every_word
from ruggespraak.folder import FolderError
from ruggespraak.wording import JOIN, LANGS, percent

in_both = pytest.mark.parametrize("lang", LANGS)
ALARM, PICTURE, SCAN, REVIEW = (
    "alarm_without_action", "picture_without_indication", "hernia_scanned_early", "no_dated_review",
)  # fmt: skip


def cases(measure, met=0, not_met=0, unknown=0, **more):
    answers = [True] * met + [False] * not_met + [None] * unknown
    return [case(measure, answer, number, **more) for number, answer in enumerate(answers)]


def found(*of, **more):
    return audited([one for some in of for one in some] or [case(ALARM, True, excluded="acted_before")], **more).found


def table(found, caption, lang="en"):
    return next(one for one in tables(found, lang) if one.caption == word(f"caption.{caption}", lang))


# -- three findings


def test_the_first_finding_is_the_alarms_with_their_counts_their_interval_and_what_is_not_known():
    said = found(cases(ALARM, met=68, not_met=11, unknown=20), cases(ALARM, not_met=1, reason=True))
    first, *_ = three(said, "nl")
    assert (first.kind, first.measure) == ("safety", ALARM)
    assert " ".join(first.says).replace(JOIN, " ") == (
        "12 van de 80 contacten waarbij een alarm vaststond dat die dag actie vraagt. Van die dag staat er geen "
        "contact met of verwijzing naar ziekenhuis, spoedzorg of specialist. Dat is 15 %; door toeval kan het 8,8 % "
        "tot 24 % zijn. Van 20 andere is niet bekend wat er die dag verder gebeurde. Met hen erbij ligt het tussen "
        "12 % en 32 %. Bij 1 van de 12 staat een reden om af te wijken."
    )


def test_the_second_finding_is_the_care_that_most_often_could_be_left_out():
    said = found(cases(PICTURE, met=1, not_met=4), cases(SCAN, met=90, not_met=9), cases(REVIEW, not_met=50))
    _, second, _ = three(said, "en")
    assert second.measure == SCAN
    assert second.says[0].startswith("9 of the 99 episodes")


def test_the_third_finding_is_what_was_recorded_least_whether_it_is_unknown_or_not_there():
    asked_little = found(cases(PICTURE, met=5, unknown=15), cases(REVIEW, met=5, not_met=5))
    assert three(asked_little, "en")[2].says == (
        "For 15 of the 20 pictures and scans it is not known whether there was an alarm, and which complaint it was.",
        "That is needed for the measure ‘Picture or scan without a reason in the pathway’.",
    )
    no_dates = found(cases(PICTURE, met=5, unknown=15), cases(REVIEW, met=1, not_met=9))
    assert three(no_dates, "en")[2].measure == REVIEW
    assert three(no_dates, "en")[2].says[0] == "9 of the 10 contacts with the GP."


def test_where_nothing_deviated_no_deviation_is_told():
    first, second, third = three(found(cases(ALARM, met=30), cases(PICTURE, met=7)), "nl")
    assert first.says[0].startswith("Geen afwijking bij 30 contacten")
    assert not any("ziekenhuis" in one for one in first.says)
    assert second.says == ("Waar iets over te zeggen is, week geen foto, scan, verwijzing of recept af.",)
    assert third.says == ("Alles wat deze maten nodig hebben, is vastgelegd.",)


@pytest.mark.control("C-46")
def test_of_what_nobody_knows_it_is_not_said_that_care_was_good():
    said = found(cases(ALARM, unknown=9), cases(PICTURE, unknown=3))
    first, second, third = three(said, "en")
    assert first.says == ("For 9 of the 9 contacts it is not known what else happened that day.",)
    assert second.says == (word("told.no_avoidable_known", "en"),)
    assert third.says[0].startswith("For 9 of the 9")


@pytest.mark.control("C-46")
def test_where_alarms_have_no_answer_few_alarms_are_not_told_as_safe():
    said = found(cases(ALARM, met=30), cases("alarms_not_asked", met=60, not_met=40))
    assert three(said, "en")[0].says[-1] == (
        "At 40 of the 100 contacts an answer about a hard alarm is missing. An alarm may have stayed unknown there."
    )
    first, *_ = three(found(absent={"alarms_not_asked": "answers"}), "nl")
    assert first.says[-1] == "De bron heeft geen antwoorden. Hierover is niets te zeggen."


def test_nobody_is_asked_about_a_patient_whom_there_is_not():
    assert three(found(cases(ALARM, met=30)), "nl")[0].points == ()
    assert three(found(cases(ALARM, unknown=3)), "nl")[0].points == ()
    assert len(three(found(cases(ALARM, not_met=1)), "nl")[0].points) == 2


def test_where_no_care_is_known_that_could_be_left_out_what_is_unknown_is_said():
    _, second, _ = three(found(cases(PICTURE, met=7, unknown=1_000)), "nl")
    assert second.says[1] == "Van 1.000 andere is dat niet te zeggen."


def test_not_all_is_recorded_where_the_source_lacks_a_table_or_a_number_is_hidden():
    lacks = found(cases(ALARM, met=30), absent={"opioid_chronic_nonspecific": "medication"})
    assert three(lacks, "en")[2].says == ("The source has no prescriptions. Nothing can be said about them.",)
    small = suppressed(found(cases(ALARM, met=30, unknown=3), cases(PICTURE, met=30)))
    assert three(small, "en")[2].says[0].startswith("A number below 10 is left out")
    assert three(suppressed(found(cases(ALARM, met=3))), "en")[2].measure == ALARM


def test_records_without_anything_to_count_say_so():
    first, second, third = three(found(), "nl")
    assert first.says == (
        "In deze periode waren er geen contacten waarbij een alarm vaststond dat die dag actie vraagt.",
    )
    assert second.says == (word("told.no_avoidable_known", "nl"),)
    assert third.says == ("Er is niets om iets over te zeggen.",)


def test_what_the_source_does_not_have_is_said_and_not_counted_as_none():
    said = found(absent={ALARM: "referrals"})
    assert three(said, "nl")[0].says == ("De bron heeft geen verwijzingen. Hierover is niets te zeggen.",)
    row = next(row for row in table(said, "measures").rows if row[0] == "Alarm without action on the same day")
    assert set(row[1:]) == {"–"}
    assert "The source has no referrals. Nothing can be said about them." in table(said, "measures").notes


# -- tables


def test_every_measure_stands_in_the_table_in_three_ways_with_reason_and_bounds():
    said = found(cases(PICTURE, met=30, not_met=10, unknown=60), cases(PICTURE, not_met=2, reason=True))
    row = next(row for row in table(said, "measures").rows if row[0].startswith("Picture"))
    assert [cell.replace(JOIN, " ") for cell in row[1:]] == ["30", "12", "60", "2", "29 % (17–44 %)", "12–71 %"]
    assert len(table(said, "measures").rows) == len(measures.MEASURES)


def test_a_small_number_is_hidden_with_all_that_would_tell_it_and_none_of_that_is_called_small():
    large = [one for id in ("1", "2", "3") for one in cases(PICTURE, met=70, not_met=30, practice=id)]
    every = suppressed(
        found(cases(ALARM, met=600, not_met=4), cases(ALARM, met=1, excluded="acted_before"), large,
              cases(PICTURE, met=40, not_met=7, practice="4"))
    )  # fmt: skip
    row = next(row for row in table(every, "measures").rows if row[0].startswith("Alarm"))
    assert row[1:] == (*["hidden"] * 4, "–", "–")
    assert three(every, "en")[0].says[0].startswith("A number below 10 is left out, and so is all about contacts")
    assert word("note.suppressed", "en").format(number=10) in body(every, "en")
    assert table(every, "excluded").rows == [("Alarm without action on the same day", "< 10 referred or seen before")]
    shown = [row[2] for row in table(every, "practices").rows]
    assert shown.count("hidden") == 2
    assert shown[-1] == "hidden"


def test_of_many_practices_only_those_stand_in_the_table_that_chance_does_not_explain():
    many = [one for id in range(1, ROWS + 2) for one in cases(PICTURE, met=50, not_met=5, practice=str(id))]
    said = found(many, cases(PICTURE, met=5, not_met=50, practice="high"))
    assert [row[0] for row in table(said, "practices").rows] == ["high"]
    assert len(table(found(many[:550]), "practices").rows) == 10
    assert not any("practice" in one.caption for one in tables(found(cases(PICTURE, met=50, not_met=9)), "en"))


def test_practices_stand_in_the_order_of_their_numbers_and_who_is_of_none_last():
    said = found(*(cases(PICTURE, met=3, not_met=1, practice=id) for id in ("10", "9", None, "1")))
    assert [row[0] for row in table(said, "practices").rows] == ["1", "9", "10", "unknown"]


def test_hedis_stands_apart_and_says_that_it_counts_what_is_not_recorded_as_absent():
    said = found(cases("hedis_lbp_18_50", met=75, not_met=25, unknown=2), cases("hedis_lbp_18_75", met=9, not_met=1))
    one, other = table(said, "hedis").rows
    assert one == ("HEDIS, 18 up to and including 50 years (unverified)", "25", "75", "2", f"75{JOIN}%")
    assert other[-1] == f"90{JOIN}%"
    assert word("note.hedis_absent", "en") in table(said, "hedis").notes
    assert not any(row[0].startswith("HEDIS") for row in table(said, "measures").rows)


def test_a_share_of_almost_all_is_not_called_all():
    said = found(cases("hedis_lbp_18_50", met=999, not_met=1))
    assert table(said, "hedis").rows[0][-1] == f"99.9{JOIN}%"
    assert [percent(share, "en") for share in (0.994, 0.999999, 1)] == [f"{of}{JOIN}%" for of in ("99", "99.99", "100")]


def test_of_few_cases_a_practice_has_counts_and_no_share():
    said = found(cases(PICTURE, met=6, not_met=3, practice="1"), cases(PICTURE, met=7, not_met=3, practice="2"))
    assert [row[1] for row in table(said, "practices").rows] == ["3 of 9", f"3 of 10 (30{JOIN}%)"]


def test_what_a_picture_without_a_reason_costs_has_its_range_and_is_called_an_own_choice():
    said = found(cases(PICTURE, not_met=4))
    rows = [tuple(cell.replace(JOIN, " ") for cell in row) for row in table(said, "cost").rows]
    assert rows == [
        ("X-ray", "2", "€60 (€30–€100)", "€120 (€60–€200)"),
        ("scan", "2", "€250 (€150–€400)", "€500 (€300–€800)"),
        ("together", "4", "", "€620 (€360–€1,000)"),
    ]
    assert "own choice" in " ".join(table(said, "cost").notes)


def test_every_line_of_a_source_that_did_not_come_through_is_counted_with_its_reason():
    said = found(rejects={"Encounter.ndjson": {"not JSON": 1_200}}, passed={"Encounter.ndjson": {"cancelled": 3}})
    assert table(said, "rejects").rows == [("Encounter.ndjson", "not JSON", "1,200")]
    assert table(said, "passed").rows == [("Encounter.ndjson", "cancelled", "3")]
    small = suppressed(said)
    assert table(small, "passed").rows == [("Encounter.ndjson", "cancelled", "< 10")]
    assert "1,200 lines" in body(small, "en")


def test_events_in_no_episode_and_people_are_hidden_where_they_are_few():
    said = body(
        suppressed(found(cases(PICTURE, met=30), loose={"operations": 3}, people=7, rejects={"a": {"b": 1}})), "en"
    )
    assert "In no episode: &lt; 10 operations." in said
    assert "hidden people, 2,400 episodes" in said
    assert "hidden lines" in said


# -- the page


@cache
def html(lang):
    """The report of some practices."""
    return page(some().found, lang)


class Read(HTMLParser):
    """What a page is made of: each tag with its attributes."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@in_both
def test_the_page_asks_for_nothing_elsewhere_and_its_policy_allows_nothing_else(lang):
    policy = re.search('Policy" content="([^"]*)"', html(lang))[1]
    style = re.search("<style>(.*)</style>", html(lang), re.S)[1]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'; img-src data:"
    )
    read = Read(html(lang))
    assert {one["src"].partition(",")[0] for one in read.all("img")} == {"data:image/svg+xml;base64"}
    assert {one["href"] for one in read.all("a")} == {"#main"}
    assert not {"script", "link"} & {tag for tag, _ in read.tags}
    assert not re.search(r"url\(|@import", style)


@in_both
def test_the_inside_stands_in_a_page_with_a_strict_policy_and_takes_its_pictures_from_there(lang):
    read = Read(body(some().found, lang, picture=lambda name: f"/there/{name}.svg"))
    assert not any("style" in attrs or any(name.startswith("on") for name in attrs) for _, attrs in read.tags)
    assert not {"script", "style", "h1"} & {tag for tag, _ in read.tags}
    assert [one["src"] for one in read.all("img")] == [f"/there/{name}.svg" for name in ("overview", "funnel", "trend")]


@in_both
def test_who_hears_the_page_hears_what_every_table_and_picture_is(lang):
    read = Read(html(lang))
    assert len(read.all("h1")) == 1
    assert read.all("html") == [{"lang": lang}]
    assert len(read.all("caption")) == len(read.all("table")) >= 7
    assert all(one["scope"] in ("col", "row") for one in read.all("th"))
    assert all(re.search(r"\d", one["alt"]) for one in read.all("img"))


def test_findings_come_before_pictures_and_pictures_before_tables():
    places = [html("en").index(f'id="{id}-title"') for id in ("three", "plots", "figures", "measures", "made")]
    assert places == sorted(places)


def test_whatever_a_source_calls_itself_is_text():
    of = cases(PICTURE, met=3, practice="<script>") + cases(PICTURE, met=3)
    html = body(found(of, source="<b>&", rejects={"<i>": {"&": 2}}), "en")
    assert not re.search("<(script|b|i)>", html)
    for said in ("&lt;script&gt;", "&lt;b&gt;&amp;", "&lt;i&gt;"):
        assert said in html


def test_the_page_says_how_it_was_made():
    for said in (
        "1 January 2024 up to and including 31 December 2025", "current@2026.1", "12,000 people", "17 lines",
        "41 pictures and scans", "not a certified medical device", "not for ranking", "own choice",
    ):  # fmt: skip
        assert said in html("en")
    assert "no line at all" in body(found(cases(ALARM, met=12)), "en")


@pytest.mark.control("C-48")
@in_both
def test_nobody_is_in_the_report(lang):
    made = audited([case(PICTURE, False, 1, person="PERSON", episode="EPISODE")])
    assert not re.search("PERSON|EPISODE", page(made.found, lang))
    assert not re.search("PERSON|EPISODE", json.dumps(made.found))


# -- the folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    into = tmp_path_factory.mktemp("reports") / "new"
    write(some(), into)
    return into


def test_a_folder_has_both_pages_all_figures_and_the_cases_behind_them(folder):
    assert {path.name for path in folder.iterdir()} == {
        "report.nl.html", "report.en.html", "figures.json", "figures.parquet", "cases.parquet",
    }  # fmt: skip
    assert json.loads((folder / "figures.json").read_text(encoding="utf-8")) == some().found
    assert (folder / "report.nl.html").read_text(encoding="utf-8") == html("nl")
    behind = parquet.read_table(folder / "cases.parquet").to_pylist()
    one = next(one for one in some().found["measures"] if one["id"] == PICTURE)
    counted = [row for row in behind if row["measure"] == PICTURE and row["excluded"] is None]
    assert len(counted) == one["of"]
    assert sum(row["met"] is False for row in counted) == one["not_met"]


def test_the_flat_figures_add_up_over_practices_and_over_quarters(folder):
    rows = parquet.read_table(folder / "figures.parquet").to_pylist()
    for one in some().found["measures"]:
        of = [row for row in rows if row["measure"] == one["id"]]
        (whole,) = [row for row in of if row["by"] == "all"]
        for parts in ([row for row in of if row["by"] == by] for by in ("practice", "period")):
            for name in ("of", "met", "not_met", "unknown", "not_met_with_reason", "shown"):
                assert whole[name] == sum(row[name] for row in parts) == one[name]
        assert (whole["value"], whole["bound_low"]) == (one["rate"]["value"], one["bounds"][0])


def test_cases_of_no_known_practice_are_a_row_of_their_own_in_the_flat_figures(tmp_path):
    put(audited(cases(PICTURE, met=3) + cases(PICTURE, met=2, practice=None)), tmp_path)
    rows = parquet.read_table(tmp_path / "figures.parquet").to_pylist()
    told = [(row["by"], row["practice"], row["of"]) for row in rows if row["measure"] == PICTURE and not row["period"]]
    assert sorted(told, key=str) == [("all", None, 5), ("practice", "1", 3), ("practice", None, 2)]


def test_what_is_suppressed_is_empty_in_the_flat_figures_too(tmp_path):
    made = audited(cases(ALARM, met=50, not_met=3))
    put(Audited(suppressed(made.found), made.cases), tmp_path)
    rows = parquet.read_table(tmp_path / "figures.parquet").to_pylist()
    assert {row["not_met"] for row in rows if row["measure"] == ALARM} == {None}


def test_the_same_cases_in_another_order_are_the_same_files(tmp_path):
    made = cases(SCAN, met=20, not_met=5, unknown=3) + cases(ALARM, met=4)
    for name, order in (("one", made), ("other", made[::-1])):
        (tmp_path / name).mkdir()
        put(audited(order), tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes(), path.name


def test_nothing_is_left_where_it_cannot_be_written_whole(tmp_path):
    class Full:
        def order_by(self, _columns):
            return self

        def to_parquet(self, path):
            raise OSError(28, "No space left on device", str(path))

    with pytest.raises(FolderError, match="No space left on device"):
        write(Audited(found(), Full()), tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


# -- the words


def test_every_measure_has_its_words_and_no_words_are_of_another():
    parts = {"title", "of", "deviates", "out", "why", "fine", "talk"}
    expected = {f"measure.{one.id}.{part}" for one in measures.MEASURES for part in parts}
    expected |= {f"measure.{one.id}.unknown" for one in measures.MEASURES if one.id not in OF_RECORDING}
    assert {id for id in every_word() if id.startswith("measure.")} == expected | {f"measure.{id}.title" for id in AGES}


def test_everything_that_is_counted_has_a_word():
    assert {id for id in every_word() if id.startswith("unit.")} == {f"unit.{one.unit}" for one in measures.MEASURES}


def test_every_reason_to_leave_somebody_out_has_a_word():
    calls = [one for one in ast.walk(ast.parse(inspect.getsource(measures))) if isinstance(one, ast.Call)]
    of = [one.args for one in calls if isinstance(one.func, ast.Name) and one.func.id == "excluded"]
    given = {arg.elts[1].value for args in of for arg in args if isinstance(arg, ast.Tuple)}
    assert len(given) > 3
    known = {id.removeprefix("excluded.") for id in every_word() if id.startswith("excluded.")}
    assert given | {*EXCLUSIONS, NOT_NEW, TOO_RECENT, "outside"} == known


def test_every_table_that_a_source_can_lack_has_a_word():
    assert {f"table.{name}" for name in TABLES} - {"table.persons", "table.episodes"} <= set(every_word())


def test_both_languages_fill_in_the_same_and_say_the_same_figures():
    for id, said in every_word().items():
        for what in (r"\{\w+\}", r"\d+"):
            assert sorted(re.findall(what, said["nl"])) == sorted(re.findall(what, said["en"])), id


def test_the_dutch_is_plain():
    for id, said in every_word().items():
        for sentence in sentences(said["nl"]):
            assert len(words(sentence)) <= LONGEST_SENTENCE, (id, sentence)


@pytest.mark.control("C-48")
def test_no_word_blames():
    blames = re.compile(
        r"\b(fouten|schuld|slecht|verkeerd|nalatig|onterecht|wrong|bad|mistake|fail|blame|guilty)", re.I
    )
    for id, said in every_word().items():
        assert not blames.search(f"{said['nl']} {said['en']}"), id
