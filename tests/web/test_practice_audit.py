"""The practice's page about its own care: who sees which numbers, the episodes behind them, and what is noted."""

import json
import re
import subprocess
import threading
from datetime import timedelta

import pytest

from ruggespraak.course import HandOver
from ruggespraak.pathway.texts import LANGUAGES
from workplace import BACK, CAUDA, NAME, Office, a_day, words

VIEWS = {
    view: {
        lang: {"body": f"<h2>{view} {lang}</h2>", "pictures": {"overview": {"svg": f"<svg>{view} {lang}</svg>"}}}
        for lang in LANGUAGES
    }
    for view in ("all", "large")
}


@pytest.fixture(autouse=True)
def nothing_yet():
    from ruggespraak.web import practice_audit_job as job

    job._asked.clear()
    yield
    job._asked.clear()


@pytest.fixture
def office(site):  # noqa: ARG001
    return Office()


@pytest.fixture
def process(monkeypatch):
    """What makes the figures: ``told`` is what it was told, ``cases`` what it finds, ``may`` when it goes on."""
    from ruggespraak.web import apart

    class Process:
        told, cases, fails, may = None, {"no_dated_review": []}, False, threading.Event()

        def __call__(self, _module, told, _seconds):
            self.may.wait(60)
            self.told = told
            if self.fails:
                raise subprocess.CalledProcessError(1, "practice_audit_made")
            return json.dumps({"cases": self.cases, "views": VIEWS})

    found = Process()
    found.may.set()
    monkeypatch.setattr(apart, "computed", found)
    return found


def opened(office, page=""):
    return office.visitor.get(f"practice/{office.practice.id}/audit/{page}")


def pressed(office):
    """The button that makes the figures."""
    opened(office)
    return office.visitor.post(f"practice/{office.practice.id}/audit/", {})


def made(office):
    """The page once they are there, or failed."""
    from ruggespraak.web import practice_audit_job as job

    pressed(office)
    job._asked[office.practice.pk].exception(60)
    return opened(office)


def colleague(office, role):
    return Office(role=role, practice=office.practice)


def case(episode, met, reason=False, on=None):
    return {"episode": f"{episode.pk}/1", "date": (on or a_day()).isoformat(), "met": met, "reason": reason}


def noted(episode):
    from ruggespraak.clinic import log

    return [row.page for row in log.of_patient(episode.patient)]


def noted_here(office):
    from ruggespraak.clinic import log

    rows = log.of_practice(office.practice.pk).filter(page="audit")
    return [(row.event, row.account, row.patient) for row in rows]


# -- the report --------------------------------------------------------------------------------------------------------


def test_the_page_is_found_from_where_one_works(office):
    page = office.visitor.get("practice/").page
    assert f"/nl/practice/{office.practice.id}/audit/" in page


def test_opening_the_page_makes_nothing_and_its_button_does(office, process):
    assert "Maak de cijfers" in opened(office).page
    assert process.told is None
    assert "<h2>all nl</h2>" in made(office).page
    assert json.loads(process.told)["source"] == office.practice.name


def test_while_they_are_made_the_page_says_so_and_looks_again(office, process):
    process.may.clear()
    pressed(office)
    assert office.visitor.response.status_code == 202
    assert '<meta http-equiv="refresh" content="5">' in office.visitor.page
    seen = noted_here(office)
    opened(office)
    assert noted_here(office) == seen  # there is nothing to read yet
    process.may.set()
    assert "<h2>all nl</h2>" in made(office).page


def test_who_asks_again_while_they_are_made_gets_the_same(office, process):
    from ruggespraak.web import practice_audit_job as job

    process.may.clear()
    pressed(office)
    first = job._asked[office.practice.pk]
    pressed(office)
    assert job._asked[office.practice.pk] is first
    process.may.set()


def test_where_it_fails_the_page_says_so_and_it_can_be_tried_again(office, process, caplog):
    process.fails = True
    assert "Probeer het nog eens" in made(office).page
    assert [row.msg for row in caplog.records if row.name.startswith("ruggespraak")] == [
        "an audit of a practice failed"
    ]
    process.fails = False
    assert "<h2>all nl</h2>" in made(office).page


def test_figures_are_kept_for_a_while_and_then_gone(office, process, monkeypatch):  # noqa: ARG001
    from ruggespraak.web import practice_audit_job as job

    assert "<h2>all nl</h2>" in made(office).page
    monkeypatch.setattr(job, "KEPT", timedelta(0))
    assert "Maak de cijfers" in opened(office).page


def test_no_name_goes_to_the_process_that_makes_them_and_no_erased_patient(office, process):
    from ruggespraak.clinic import record

    here, gone = office.patient(BACK), office.patient(BACK)
    record.erase(gone.patient)
    page = words(made(office).page)
    assert str(here.patient_id) in process.told
    assert str(gone.patient_id) not in process.told
    assert NAME not in process.told
    assert "1 patiënt is gewist en telt niet mee." in page
    assert "gewist" not in words(opened(colleague(office, "manager")).page)  # a number below 10


def test_care_givers_see_all_numbers_and_the_manager_none_that_is_small(office, process):  # noqa: ARG001
    made(office)
    for role, view in (("nurse", "all"), ("physiotherapist", "all"), ("manager", "large")):
        page = opened(colleague(office, role))
        assert f"<h2>{view} nl</h2>" in page.page
        assert ("no_dated_review" in page.page) == (view == "all")
        assert f"{view} nl" in opened(page_of := colleague(office, role), "overview.svg").response.content.decode()
        assert page_of.visitor.response["Content-Type"] == "image/svg+xml"
        assert page_of.visitor.response["Cache-Control"] == "no-store"


def test_who_has_no_picture_of_that_name_gets_none(office, process):  # noqa: ARG001
    made(office)
    assert opened(office, "funnel.svg").response.status_code == 404


def test_the_page_is_there_in_english_too(office, process):  # noqa: ARG001
    made(office)
    office.visitor.lang = "en"
    assert "<h2>all en</h2>" in opened(office).page
    assert "The patients behind the numbers" in office.visitor.page


def test_without_the_extra_the_page_says_which_line_installs_it(office, monkeypatch):
    from ruggespraak.web import practice_audit_job as job

    monkeypatch.setattr(job, "able", lambda: False)
    assert "pip install 'ruggespraak[web,audit]'" in pressed(office).page.replace("&#39;", "'")
    assert job._asked == {}


def test_a_practice_without_a_gp_has_nothing_that_can_be_counted(site):  # noqa: ARG001
    office = Office(profession="physiotherapist")
    assert "contacten met een huisarts" in words(opened(office).page)


def test_one_practice_s_figures_are_not_another_s(office, process):  # noqa: ARG001
    made(office)
    assert "Maak de cijfers" in opened(Office()).page


def test_whoever_makes_or_reads_the_figures_is_in_the_log(office, process):  # noqa: ARG001
    made(office)
    assert set(noted_here(office)) == {("read", office.account.pk, None)}
    guard = colleague(office, "privacy_officer")
    assert "onze zorg en het zorgpad" in guard.visitor.get(f"practice/{office.practice.id}/log/").page


# -- the episodes behind a number --------------------------------------------------------------------------------------


def listed(office, measure="no_dated_review", query=""):
    """The lines of the list, as text."""
    page = opened(office, f"{measure}/{query}").page
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [words(row) for row in re.findall(r"<tr>.*?</tr>", body, re.S)]


def test_the_list_has_who_did_not_go_as_the_pathway_says_and_each_leads_to_the_record(office, process):
    one, other, third = (office.patient(BACK) for _ in range(3))
    process.cases = {"no_dated_review": [case(one, False, reason=True), case(other, True), case(third, None)]}
    made(office)
    assert len(found := listed(office)) == 1
    assert NAME in found[0]
    assert "Staat in het dossier" in found[0]
    assert f"/nl/practice/episode/{one.pk}/" in office.visitor.page
    for which, episode in (("met", other), ("unknown", third)):
        assert len(listed(office, query=f"?which={which}")) == 1
        assert f"/nl/practice/episode/{episode.pk}/" in office.visitor.page


def test_everybody_on_the_list_is_in_the_log_and_nobody_else(office, process):
    shown, other = office.patient(BACK), office.patient(BACK)
    process.cases = {"no_dated_review": [case(shown, False), case(shown, False), case(other, True)]}
    made(office)
    listed(office)
    assert noted(shown) == ["audit_cases"]
    assert noted(other) == []


def test_a_closed_record_has_no_name_and_no_day_on_the_list_and_is_not_noted(office, process):
    closed = office.patient(BACK)
    closed.patient.only_for.add(Office(practice=office.practice).account)
    process.cases = {"no_dated_review": [case(closed, False, reason=True)]}
    made(office)
    assert listed(office) == ["Gesloten dossier"]
    assert f"/nl/practice/episode/{closed.pk}/emergency/" in office.visitor.page
    assert noted(closed) == []


def test_who_was_erased_since_is_not_on_the_list(office, process):
    from ruggespraak.clinic import record

    gone = office.patient(BACK)
    process.cases = {"no_dated_review": [case(gone, False)]}
    made(office)
    record.erase(gone.patient)
    assert listed(office) == []


def test_a_long_list_has_pages_and_an_address_that_no_page_has_is_no_failure(office, process):
    one = office.patient(BACK)
    process.cases = {"no_dated_review": [case(one, False) for _ in range(51)]}
    made(office)
    assert len(listed(office)) == 50
    assert len(listed(office, query="?which=not_met&page=2")) == 1
    assert len(listed(office, query="?which=nobody&page=x")) == 50


def test_the_manager_gets_no_list_and_a_measure_that_counts_nothing_has_none(office, process):  # noqa: ARG001
    made(office)
    assert opened(colleague(office, "manager"), "no_dated_review/").response.status_code == 403
    assert opened(office, "alarm_without_action/").response.status_code == 404


def test_before_there_are_figures_the_list_leads_to_the_button(office):
    assert "Maak de cijfers" in opened(office, "no_dated_review/").page


# -- what is really computed -------------------------------------------------------------------------------------------


def test_an_alarm_that_was_told_and_nothing_done_is_counted_and_shown_as_the_page_may_show_it(office):
    alarm = office.patient(CAUDA, on=-2)
    office.patient(BACK, HandOver(a_day(), "neurologist"))
    page = made(office).page
    assert office.visitor.response.status_code == 200
    assert "Drie bevindingen" in page
    body = page.partition("<main")[2].partition("</main>")[0]
    assert not re.search(r"<style|<script| style=|data:", body)  # the page's own policy forbids it
    assert listed(office, "alarm_without_action") != []
    assert f"/nl/practice/episode/{alarm.pk}/" in office.visitor.page
    for name in re.findall(r'<img src="(\w+\.svg)"', body):
        picture = opened(office, name).response
        assert picture["Content-Type"] == "image/svg+xml"
        assert b"<style" not in picture.content
    manager = opened(colleague(office, "manager")).page
    assert "Getallen onder 10 staan er niet" in words(manager)
    assert "Getallen onder 10 staan er niet" not in words(page)
    assert str(alarm.pk) not in manager
