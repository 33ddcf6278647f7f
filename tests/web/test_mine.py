"""A patient's own pages: the code of a kept result, the check-in behind her link, where she stands, all that is kept.

Told in English here, for there a message is its own id; the Dutch of each is held by test_messages.
"""

import json
import logging
import re
import shutil
import subprocess
from datetime import date, timedelta
from unittest.mock import patch

import pytest

from ruggespraak.course import Answers, Contact, Recovery
from ruggespraak.course.deviation import SCORES
from ruggespraak.documents.content import Points
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.texts import LANGUAGES, item, long_date, text, word

TODAY = date.today()
PLAIN = {"low_back_pain": True, "leg_pain": False, "duration_days": 5, "age_years": 40}
ROOT = {
    "low_back_pain": True, "leg_pain": True, "leg_pain_below_knee": True, "leg_worse_than_back": True,
    "leg_pain_quality": "sharp_shooting", "cough_sneeze_strain": True, "duration_days": 5, "age_years": 40,
}  # fmt: skip
SELF_CHECK = {"age_years": 40, "duration_days": 10, "course": "better"}
NAME, MAIL, BORN = "Robin van der Demo", "robin@example.org", 1980
WHO = {"name": NAME, "born": BORN, "email": MAIL, "lang": "nl"}
GOING_WELL = {"none": "on", "course": "better", "pain_back_nrs": "4", "activity_score": "6"}


@pytest.fixture
def gps():
    from ruggespraak.clinic.models import Practice

    return Practice.objects.create(name="De Wervel", profession="gp")


@pytest.fixture(autouse=True)
def nobody_stays():
    """The visits of these tests are over after them: others count who is there."""
    yield
    from django.contrib.sessions.models import Session

    Session.objects.all().delete()


@pytest.fixture
def visitor():
    return visits()


def visits(lang="en"):
    from visitor import Visitor

    return Visitor(lang)


def patient(of, ago=20, told=PLAIN, by="patient", **who):
    """An episode of a new patient who told this so many days ago."""
    from ruggespraak.clinic import record

    on = TODAY - timedelta(days=ago)
    opened = record.open_episode(record.new_patient(of, {**WHO, **who}, on), on)
    record.add(opened, Answers(on, told, frozenset(), by), by)
    return opened


def link(episode):
    from ruggespraak.clinic.sharing import link_of

    return f"mine/{link_of(episode)}/"


def on_day(day):
    """These pages as they are on that day."""
    from ruggespraak.web import mine

    return patch.object(mine, "today", lambda: day)


def last(episode):
    """What was told last."""
    from ruggespraak.clinic import record

    return record.history(episode)[-1].event


def facts(episode):
    episode.refresh_from_db()
    return episode.facts_so_far


def same_words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def standing(visitor):
    """The names that stand above the words, such as Ahead."""
    return re.findall(r"</svg>\s*([^<]+?)</p>", visitor.page)


def keep(visitor):
    """Keeps the result that the visitor looks at; the code as it stands there."""
    visitor.get("check/result/").post("mine/kept/", {})
    return code_on(visitor)


def code_on(visitor):
    return "-".join(re.findall(r'code__group">(\w{4})<', visitor.page))


# -- whole stories -----------------------------------------------------------------------------------------------------


def test_a_result_is_kept_given_to_the_practice_followed_for_weeks_and_then_it_is_over(visitor, gps):
    from ruggespraak.clinic import record, sharing

    code = keep(visitor.whole(SELF_CHECK))
    episode = sharing.take(code, gps, WHO, TODAY)
    assert last(episode).told["duration_days"] == 10
    at = link(episode)
    stands = []
    for days, pain, course in ((14, "9", "same"), (20, "4", "better"), (28, "1", "better")):
        day = TODAY + timedelta(days=days)
        with on_day(day):
            visitor.get(at).post(at, {**GOING_WELL, "pain_back_nrs": pain, "course": course})
        assert visitor.path == f"/en/{at}course/"
        stands += standing(visitor)
        assert text("recovery", f"standing_group_{('behind', 'level', 'ahead')[len(stands) - 1]}", "says", "en") in (
            same_words(visitor.page)
        )
        episode.refresh_from_db()
        assert long_date(episode.next_contact, "en") in visitor.page
    assert stands == ["A little behind", "Level", "Ahead"]
    with on_day(day):
        visitor.post(f"{at}over/", {})
    assert text("recovery", "deviation_recovered", "says", "en") in same_words(visitor.page)
    assert record.replayed(episode).ended
    assert "We ask again" not in visitor.page


@pytest.mark.parametrize("sign", ["saddle_numbness", "foot_drop", "weak_leg_reported", "fever_reported"])
def test_an_alarm_at_the_check_in_interrupts_at_once_and_stands_on_the_worklist(visitor, gps, sign):
    from ruggespraak.clinic.worklist import worklist

    episode = patient(gps)
    at = link(episode)
    visitor.get(at).post(at, {sign: "yes", "course": "same"})
    page = same_words(visitor.page)
    assert "Stop here for a moment" in page
    assert "Whom do you phone?" in page
    assert page.index("Phone") < page.index("Your leaflet")
    assert "Where you stand" not in page
    assert visitor.get(f"{at}course/").page.count("Stop here for a moment") == 1  # loading it again changes nothing
    assert [(row.episode, row.reason) for row in worklist(gps, TODAY)[0]] == [(episode, "alarm")]
    assert "A doctor must look at you first" in visitor.get(at).page


def test_who_does_not_know_whether_an_alarm_is_there_is_not_told_that_all_is_well(visitor, gps):
    at = link(episode := patient(gps))
    visitor.get(at).post(at, {**dict.fromkeys(signs(), "no"), "saddle_numbness": "unclear"})
    assert last(episode).unclear == {"saddle_numbness"}
    assert item("saddle_numbness", "en") in visitor.page
    assert "Where you stand" not in visitor.page


def test_after_somebody_looked_she_is_not_interrupted_again_by_the_same_alarm(visitor, gps):
    from ruggespraak.clinic import record

    episode = patient(gps, ago=3, told={**PLAIN, "weak_leg_reported": True})
    at = link(episode)
    assert "Stop here for a moment" in visitor.get(f"{at}course/").page
    record.add(episode, Contact(TODAY, seen=True), "gp")
    visitor.get(at).post(at, {"weak_leg_reported": "yes", "course": "same"})
    assert "Where you stand" in visitor.page


def test_an_alarm_that_stands_stays_on_the_page_though_she_says_no_now(visitor, gps):
    episode = patient(gps, ago=1, told={**PLAIN, "saddle_numbness": True})
    at = link(episode)
    visitor.get(at).post(at, {**GOING_WELL})
    assert "Stop here for a moment" in visitor.page
    episode.refresh_from_db()
    assert episode.alarm_open


def test_erasing_leaves_nothing_that_can_be_read_and_the_link_opens_nothing(visitor, gps):
    from ruggespraak.clinic import record
    from ruggespraak.clinic.sealing import ErasedError
    from ruggespraak.clinic.worklist import worklist

    episode = patient(gps, told={**PLAIN, "saddle_numbness": True})
    at = link(episode)
    visitor.get(f"{at}everything/").post(f"{at}everything/", {"year": str(BORN), "go": "erase"})
    assert visitor.path == "/en/mine/erased/"
    assert "Phone your GP yourself" in visitor.page
    episode.patient.refresh_from_db()
    assert episode.patient.erased
    with pytest.raises(ErasedError):
        record.history(episode)
    assert worklist(gps, TODAY) == ([], 0)
    assert visitor.get(at).response.status_code == 404


# -- the check-in ------------------------------------------------------------------------------------------------------


def signs():
    from ruggespraak.web.mine import SIGNS

    return SIGNS


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("told", [PLAIN, ROOT, {**PLAIN, "saddle_numbness": True}, {}])
def test_at_most_three_questions_stand_on_the_page(lang, told, gps):
    page = visits(lang).get(link(patient(gps, told=told))).page
    assert page.count('<fieldset class="question">') == 3
    assert page.count('<fieldset class="scale') == 2
    assert len(re.findall(r'<button class="nhsuk-button', page)) == 1


def test_what_is_asked_can_be_an_alarm_and_is_short_enough_to_read_within_a_minute(gps):
    """240 words a minute is what an adult reads; each choice takes two seconds; what is folded is left out."""
    from ruggespraak.consult import Case, urgent_alarms

    for sign in signs():
        told = {"low_back_pain": True, sign: True}
        assert urgent_alarms(Case(on=TODAY, answers=told, answered_by="patient")), sign
    page = visits("nl").get(link(patient(gps))).page
    shown = re.sub(r"<details.*?</details>", "", page, flags=re.S)
    form = same_words(shown[shown.index("<h1>") : shown.index("</form>")])
    for answers in ("Ja Nee Weet ik niet", " ".join(map(str, range(11)))):
        form = form.replace(answers, "")
    assert len(form.split()) / 240 * 60 + 5 * 2 < 60


def test_pain_is_scored_where_it_is_worst_for_this_complaint(visitor, gps):
    assert "pain_leg_nrs" in visitor.get(link(patient(gps, told=ROOT))).fields
    assert "pain_leg_nrs" not in visitor.get(link(patient(gps))).fields
    assert {id for id, _, _ in SCORES} >= {"pain_back_nrs", "pain_leg_nrs", "activity_score"}


def test_an_answer_that_is_left_alone_stays_open_and_the_page_says_so(visitor, gps):
    at = link(episode := patient(gps))
    visitor.get(at).post(at, {"foot_drop": "no", "course": "better", "activity_score": "unclear"})
    assert last(episode).told == {"foot_drop": False, "course": "better"}
    assert last(episode).unclear == {"activity_score"}
    assert "Some questions about serious problems are open" in visitor.page


def test_none_of_these_is_no_to_each_that_stands_there_and_to_nothing_else(visitor, gps):
    at = link(episode := patient(gps))
    visitor.get(at).post(at, GOING_WELL)
    assert last(episode).told == {
        **dict.fromkeys(signs(), False), "course": "better", "pain_back_nrs": 4, "activity_score": 6,
    }  # fmt: skip
    assert (last(episode).on, last(episode).answered_by) == (TODAY, "patient")
    assert "Some questions about serious problems are open" not in visitor.page


def test_twice_on_one_day_are_two_facts(visitor, gps):
    at = link(episode := patient(gps))
    for pain in ("5", "4"):
        visitor.get(at).post(at, {**GOING_WELL, "pain_back_nrs": pain})
    assert facts(episode) == 3


def test_who_answers_for_another_goes_on_doing_so(visitor, gps):
    at = link(episode := patient(gps, told={**PLAIN, "age_years": 13}, by="proxy"))
    visitor.get(at).post(at, GOING_WELL)
    assert last(episode).answered_by == "proxy"
    assert "the person you answer for" in visitor.page


@pytest.mark.parametrize(
    "sent",
    [
        {"saddle_numbness": "maybe"},
        {"saddle_numbness": ["yes", "no"]},
        {"crp_mg_l": "80"},
        {"low_back_pain": "no"},
        {"course": "cured"},
        {"course": "better\x00"},
        {"none": "on", "go": ["on", "on"], "screen": "x", "name": "Robin"},
    ],
)
def test_a_form_that_the_page_cannot_have_sent_is_refused_and_nothing_is_added(visitor, gps, sent):
    at = link(episode := patient(gps))
    visitor.get(at).post(at, sent)
    assert visitor.response.status_code == 400
    assert facts(episode) == 1


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"none": "on", "foot_drop": "yes", "course": "same"},
        {"none": "on", "foot_drop": "unclear"},
        {"course": "same", "pain_back_nrs": "11"},
        {"course": "same", "pain_back_nrs": "much"},
    ],
)
def test_a_mistake_is_said_and_what_was_chosen_stays_to_be_put_right(visitor, gps, sent):
    at = link(episode := patient(gps))
    visitor.get(at).post(at, sent)
    assert visitor.title.startswith("Error:")
    assert facts(episode) == 1
    (described,) = re.findall(r'aria-describedby="(error-[\w-]+)"', visitor.page)
    assert f'<span class="nhsuk-error-message" id="{described}">' in visitor.page
    chosen = {name: value for name, value in sent.items() if value not in ("11", "much")}
    assert chosen.items() <= visitor.filled.items()


# -- it is over, it is back --------------------------------------------------------------------------------------------


def test_while_an_alarm_is_open_nobody_can_say_that_it_is_over(visitor, gps):
    for told in (
        {**PLAIN, "saddle_numbness": True},
        {**PLAIN, "age_years": 64, "cancer_history": True, "night_pain": True},
    ):
        episode = patient(gps, told=told)
        assert f"{link(episode)}over/" not in visitor.get(f"{link(episode)}course/").page
        visitor.post(f"{link(episode)}over/", {})
        assert facts(episode) == 1
        episode.refresh_from_db()
        assert episode.alarm_open


def test_when_it_comes_back_she_says_so_and_the_questions_begin_anew(visitor, gps):
    from ruggespraak.clinic import record

    episode = patient(gps)
    record.add(episode, Recovery(TODAY - timedelta(days=3)), "patient")
    at = link(episode)
    visitor.get(f"{at}course/").post(f"{at}back/", {})
    assert visitor.path == f"/en/{at}"
    assert record.replayed(episode).earlier_episodes == 1
    visitor.post(f"{at}back/", {})
    assert facts(episode) == 3  # a second click adds nothing
    episode.refresh_from_db()
    assert episode.next_contact


def test_a_link_that_is_followed_never_writes(visitor, gps):
    episode = patient(gps)
    for page in ("over/", "back/"):
        assert visitor.get(link(episode) + page).response.status_code == 405
    for page in ("", "course/", "everything/", "leaflet-a4.pdf"):
        visitor.get(link(episode) + page)
    assert facts(episode) == 1


# -- what the link opens, and what it does not -------------------------------------------------------------------------

PAGES = ("", "course/", "everything/", "leaflet-a4.pdf", "leaflet-booklet.pdf")


@pytest.mark.parametrize("page", PAGES)
def test_a_wrong_or_old_link_says_whom_to_phone_and_nothing_else(visitor, gps, page):
    from django.utils import timezone

    token = link(patient(gps)).split("/")[1]
    id, when, signed = token.split(".")
    other = link(patient(gps)).split("/")[1].split(".")
    for wrong in (f"{other[0]}.{when}.{signed}", f"{id}.{other[1]}x.{signed}", f"{id}.{when}", "x", token + "A"):
        visitor.get(f"mine/{wrong}/{page}")
        assert visitor.response.status_code == 404
        assert "Phone your practice" in visitor.page
    with patch("time.time", return_value=(timezone.now() + timedelta(days=29)).timestamp()):
        assert "Phone your practice" in visitor.get(f"mine/{token}/{page}").page


@pytest.mark.control("C-35")
def test_one_patients_link_tells_and_changes_nothing_of_another(visitor, gps):
    mine, other = patient(gps), patient(gps, told={**PLAIN, "saddle_numbness": True}, name="Somebody Else", born=1971)
    at = link(mine)
    visitor.get(at).post(at, GOING_WELL)
    assert (facts(mine), facts(other)) == (2, 1)
    for page in PAGES[:3]:
        assert "Stop here" not in visitor.get(at + page).page
    visitor.post(f"{at}everything/", {"year": "1971", "go": "json"})
    assert "html" in visitor.response["Content-Type"]


@pytest.mark.control("C-35")
@pytest.mark.skipif(not shutil.which("pdftotext"), reason="to read a PDF: apt-get install poppler-utils")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_finds_the_link_does_not_learn_whose_it_is(lang, gps):
    visitor, at = visits(lang), link(patient(gps))
    visitor.get(at).post(at, GOING_WELL)
    for page in PAGES:
        found = visitor.get(at + page).response.content
        if page.endswith(".pdf"):  # its words: the bytes of a PDF hold any digits
            found = subprocess.run(["pdftotext", "-", "-"], input=found, capture_output=True, check=True).stdout
        found = found.replace(at.split("/")[1].encode(), b"")
        for personal in (NAME, MAIL, str(BORN), "De Wervel"):
            assert personal.encode() not in found
    assert not visitor.client.cookies


@pytest.mark.parametrize("go", ["json", "pdf", "erase"])
def test_without_her_birth_year_nothing_is_given_and_nothing_erased(visitor, gps, go):
    episode = patient(gps)
    at = f"{link(episode)}everything/"
    for year in ("", "1981", "year", str(BORN) + " 1"):
        visitor.get(at).post(at, {"year": year, "go": go})
        assert visitor.title.startswith("Error:")
    episode.patient.refresh_from_db()
    assert not episode.patient.erased


def test_birth_years_cannot_be_tried_day_after_day_as_long_as_a_link_lasts(visitor, gps):
    from django.core.cache import cache

    at = f"{link(patient(gps))}everything/"
    visitor.get(at)
    for year in range(1900, 1912):
        cache.clear()  # a new day, or a server that began anew
        visitor.post(at, {"year": str(year), "go": "json"})
    cache.clear()
    assert "wrong too often" in visitor.post(at, {"year": str(BORN), "go": "json"}).page


def test_birth_years_cannot_be_tried_one_by_one(visitor, gps):
    at = f"{link(patient(gps))}everything/"
    for year in range(1970, 1975):
        visitor.get(at).post(at, {"year": str(year), "go": "json"})
    visitor.get(at).post(at, {"year": str(BORN), "go": "json"})
    assert "wrong too often" in visitor.page
    other = f"{link(patient(gps))}everything/"
    visitor.post(other, {"year": str(BORN), "go": "json"})
    assert visitor.response["Content-Type"] == "application/json"


# -- all that is kept --------------------------------------------------------------------------------------------------


def test_the_file_for_computers_is_all_that_is_kept(visitor, gps):
    from ruggespraak.clinic import sharing

    at = link(episode := patient(gps))
    visitor.get(at).post(at, {**GOING_WELL, "course": "unclear"})
    visitor.post(f"{at}everything/", {"year": str(BORN), "go": "json"})
    found = json.loads(visitor.response.content)
    assert found == json.loads(json.dumps(sharing.exported(episode.patient)))
    assert found["identity"] == WHO
    (kept,) = found["episodes"]
    first, second = (fact["says"]["findings"] for fact in kept["facts"])
    assert (first, second["course"]) == (PLAIN, "unclear")
    assert len(kept["decisions"]) == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_on_paper_stand_her_name_every_fact_and_every_decision(lang, gps):
    from django.utils import translation

    from ruggespraak.clinic import record, sharing
    from ruggespraak.documents.content import Part, Table
    from ruggespraak.web.mine_everything import all_in_words

    episode = patient(gps, told={**PLAIN, "onset_date": TODAY - timedelta(days=25), "leg_pain": False})
    record.add(episode, Contact(TODAY, seen=True), "gp")
    record.add(episode, Answers(TODAY, {"slr_positive": True}, {"foot_drop"}, "clinician"), "gp")
    fact = episode.facts.get(number=1)
    record.correct(fact, Answers(fact.on, {**PLAIN, "age_years": 41}), "gp", TODAY)
    with translation.override(lang):
        document = all_in_words(sharing.exported(episode.patient), lang)
    parts = [one for one in document.blocks() if isinstance(one, Part)]
    assert len(parts) == 4
    lines = [line for one in document.blocks() if isinstance(one, Points) for line in one.items]
    assert any(NAME in line for line in lines)
    assert {"nl": "Taal: Nederlands", "en": "Language: Dutch"}[lang] in lines
    assert item("leg_pain", lang) in " ".join(lines)
    assert f"{item('foot_drop', lang)}: {word('word.dont_know', lang).lower()}" in lines
    (decided,) = (one for one in document.blocks() if isinstance(one, Table))
    assert len(decided.rows) == 4
    visitor = visits(lang)
    at = f"{link(episode)}everything/"
    assert visitor.get(at).post(at, {"year": str(BORN), "go": "pdf"}).response.content.startswith(b"%PDF")


def test_every_kind_of_fact_has_its_words(gps):
    from ruggespraak.clinic import demonstration, record, sharing
    from ruggespraak.clinic.facts import NAMES
    from ruggespraak.web.mine_everything import all_in_words

    seen = set()
    for number, tell in enumerate({**demonstration.AT_THE_GP, **demonstration.AT_THE_PHYSIOTHERAPIST}):
        one = demonstration.Story(gps, number, TODAY)
        tell(one)
        one.episode.patient.refresh_from_db()
        if not one.episode.patient.erased:
            seen |= {happened.fact.name for happened in record.history(one.episode)}
            assert all_in_words(sharing.exported(one.episode.patient), "nl").sections
            assert visits().get(f"{link(one.episode)}course/").response.status_code == 200
    assert seen == set(NAMES.values())


# -- her leaflet -------------------------------------------------------------------------------------------------------


def test_her_leaflet_speaks_to_her_also_after_an_examination(visitor, gps):
    from ruggespraak.clinic import record
    from ruggespraak.web import mine

    episode = patient(gps, told=ROOT)
    record.add(episode, Answers(TODAY, {"slr_positive": True, "foot_drop": False}, frozenset(), "clinician"), "gp")
    with patch.object(mine, "printed", side_effect=mine.printed) as drawn:
        for paper in ("a4", "booklet"):
            assert visitor.get(f"{link(episode)}leaflet-{paper}.pdf").response.content.startswith(b"%PDF")
    document = drawn.call_args.args[0]
    assert document.section("who_will_help").title == word("word.who_will_help", "en")
    assert "for_gp" not in {one.id for one in document.sections}


# -- the code ----------------------------------------------------------------------------------------------------------


def test_a_kept_result_is_shown_once_more_by_loading_again_and_kept_once(visitor):
    from ruggespraak.clinic.models import Handed

    before = Handed.objects.count()
    code = keep(visitor.whole(SELF_CHECK))
    assert len(code) == 19
    assert keep(visitor) == code
    assert code_on(visitor.get("mine/kept/")) == code
    visitor.lang = "nl"
    assert code_on(visitor.get("mine/kept/")) == code
    assert Handed.objects.count() == before + 1


def test_another_result_gets_another_code(visitor):
    from ruggespraak.clinic import sharing

    code = keep(visitor.whole(SELF_CHECK))
    age = next(n for n in range(1, 30) if "age_years" in visitor.get(f"check/{n}/").fields)
    visitor.get(f"check/{age}/").answer(age_years="41")
    assert "code__group" not in visitor.get("mine/kept/").page
    other = keep(visitor)
    assert (sharing.look(code).answers["age_years"], sharing.look(other).answers["age_years"]) == (40, 41)


def test_a_code_that_the_practice_took_is_not_shown_again(visitor, gps):
    from ruggespraak.clinic import sharing

    code = keep(visitor.whole(SELF_CHECK))
    sharing.take(code, gps, WHO, TODAY)
    assert visitor.get("mine/kept/").path == "/en/check/result/"
    assert keep(visitor) not in ("", code)


def test_nothing_is_kept_by_looking_nor_before_there_is_a_result(visitor):
    from ruggespraak.clinic.models import Handed

    before = Handed.objects.count()
    visitor.whole(SELF_CHECK).get("mine/kept/")
    assert visitor.path == "/en/check/result/"
    visitor.begin().answer("none").post("mine/kept/", {})
    assert visitor.number == 2
    assert visits().get("mine/kept/").path == "/en/check/"
    assert Handed.objects.count() == before


def test_with_an_alarm_the_result_can_be_kept_at_once(visitor):
    assert len(keep(visitor.whole({"saddle_numbness": True}, on_alarm=None))) == 19


def test_the_code_opens_the_result_again_also_in_small_letters_and_on_paper(visitor):
    code = keep(visitor.whole(SELF_CHECK))
    other = visits()
    other.get("mine/open/").post("mine/open/", {"code": f" {code.lower().replace('-', ' ')} "})
    assert other.path == "/en/mine/opened/"
    assert word("urgency.self_care.headline", "en") in other.page
    assert long_date(TODAY, "en") in other.page
    for paper in ("a4", "booklet"):
        assert other.get(f"mine/opened-{paper}.pdf").response.content.startswith(b"%PDF")
    other.get("mine/opened/").post("mine/opened/", {})
    assert other.get("mine/opened/").path == "/en/mine/open/"


@pytest.mark.parametrize("code", ["", "ABCD-EFGH-JKLM-NPQR", "x" * 5000, "\x00", "' or 1=1", "💥"])
def test_a_code_that_opens_nothing_says_so(visitor, code):
    visitor.get("mine/open/").post("mine/open/", {"code": code})
    assert visitor.title.startswith("Error:")
    assert "No result has this code" in visitor.page


def test_a_code_that_is_too_old_opens_nothing(visitor):
    from django.utils import timezone

    code = keep(visitor.whole(SELF_CHECK))
    with patch("ruggespraak.clinic.sharing.timezone.now", return_value=timezone.now() + timedelta(days=15)):
        visitor.get("mine/open/").post("mine/open/", {"code": code})
        assert "No result has this code" in visitor.page


def test_a_code_cannot_be_guessed_without_end(monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "ANSWERS_A_MINUTE", 3)
    fresh = visits()
    fresh.get("mine/open/")
    codes = []
    for _ in range(5):
        fresh.client.post("/en/mine/open/", {"code": "A"})
        codes.append(fresh.post("mine/open/", {"code": "A"}).response.status_code)
    assert codes[-1] == 429


# -- what nobody else may see ------------------------------------------------------------------------------------------


def rows_of(episode):
    """The access log of this patient, the oldest first: what happened, on which page, in which role."""
    from ruggespraak.clinic import log

    return [(row.event, row.page, row.role) for row in reversed(log.of_patient(episode.patient))]


def test_every_page_is_in_the_access_log_before_it_is_shown_and_never_with_what_was_told(visitor, gps, caplog):
    from ruggespraak.clinic import log

    episode = patient(gps)
    at = link(episode)
    with caplog.at_level(logging.DEBUG):
        visitor.get(at).post(at, {**GOING_WELL, "foot_drop": "no"} | {"none": ""})
        visitor.post(at, GOING_WELL).get(f"{at}leaflet-a4.pdf").post(f"{at}over/", {}).post(f"{at}back/", {})
        visitor.get(f"{at}everything/").post(f"{at}everything/", {"year": str(BORN), "go": "json"})
        visitor.post(f"{at}everything/", {"year": "1981", "go": "json"})
    happened = rows_of(episode)
    assert {role for _, _, role in happened} == {"patient"}
    assert [page for event, page, _ in happened if event == "write"] == ["check_in"] * 2 + ["recovery", "relapse"]
    assert {page for event, page, _ in happened if event == "read"} == {
        "check_in", "my_course", "leaflet_pdf", "over", "back", "everything",
    }  # fmt: skip
    assert [page for event, page, _ in happened if event in ("export", "refused")] == ["everything", "birth year"]
    assert not log.of_patient(episode.patient).exclude(address="", account=None).exists()
    lines = "\n".join(one.getMessage() for one in caplog.records if not one.name.startswith("django.db"))
    assert not re.search("|".join([*VOCABULARY, NAME, MAIL, str(BORN), at.split("/")[1]]), lines)


def test_who_answers_for_another_stands_in_the_log_as_that(visitor, gps):
    episode = patient(gps, told={**PLAIN, "age_years": 13}, by="proxy")
    visitor.get(link(episode))
    assert rows_of(episode) == [("read", "check_in", "proxy")]


def test_an_answer_and_its_row_in_the_log_stand_or_fall_together(visitor, gps):
    from ruggespraak.clinic import log
    from ruggespraak.clinic.log import What

    at = link(episode := patient(gps))
    visitor.get(at)

    def full(what, *given, **more):
        if what is What.WRITE:
            raise OSError("the disk is full")
        return note(what, *given, **more)

    note = log.note
    with patch.object(log, "note", full), pytest.raises(OSError, match="full"):
        visitor.post(at, GOING_WELL)
    assert facts(episode) == 1
    assert log.verify()


@pytest.mark.control("C-62")
def test_where_nothing_can_be_written_down_nothing_is_shown(visitor, gps):
    from ruggespraak.clinic import log

    at = link(patient(gps))
    for page in PAGES:
        with patch.object(log, "note", side_effect=OSError("the disk is full")), pytest.raises(OSError, match="full"):
            visitor.get(at + page)


def test_no_address_cookie_or_log_line_has_the_code_or_an_answer(visitor, caplog):
    with caplog.at_level(logging.DEBUG):
        code = keep(visitor.whole(SELF_CHECK))
        visitor.get("mine/open/").post("mine/open/", {"code": code}).get("mine/opened-a4.pdf")
    lines = "\n".join(one.getMessage() for one in caplog.records if not one.name.startswith("django.db"))
    for place in (lines, " ".join(visitor.seen), str(visitor.client.cookies)):
        assert code not in place
        assert code.replace("-", "") not in place
    assert set(visitor.client.cookies) == {"session"}
    assert not re.search("|".join(VOCABULARY), lines + " ".join(visitor.seen))


def test_the_database_has_no_code(visitor, site):
    code = keep(visitor.whole(SELF_CHECK))
    for file in site.parent.glob(f"{site.name}*"):
        content = file.read_bytes()
        assert code.encode() not in content
        assert code.replace("-", "").encode() not in content


def test_nothing_keeps_a_copy_of_these_pages(visitor, gps):
    keep(visitor.whole(SELF_CHECK))
    at = link(patient(gps))
    for page in ("mine/kept/", "mine/open/", *(at + page for page in PAGES), "mine/x/"):
        assert visitor.get(page).response["Cache-Control"] == "no-store"
    assert visitor.post(f"{at}everything/", {"year": str(BORN), "go": "json"}).response["Cache-Control"] == "no-store"


def shape(page):
    """The elements of a page with their classes, without its words."""
    main = page[page.index("<main") : page.index("</main>")]
    return re.findall(r'<(/?\w+)(?: [^>]*?class="([^"]*)")?', re.sub(r"<svg.*?</svg>", "", main, flags=re.S))


def test_both_languages_have_the_same_pages(gps):
    episodes = [patient(gps), patient(gps, told={**PLAIN, "saddle_numbness": True}), patient(gps, told=ROOT)]
    for path in (
        "mine/open/",
        "mine/erased/",
        "mine/x/",
        *(link(one) + page for one in episodes for page in PAGES[:3]),
    ):
        dutch, english = (visits(lang).get(path).page for lang in ("nl", "en"))
        assert shape(dutch) == shape(english), path
