"""The patient's pages: what a person meets on the way, and what must never happen there."""

import logging
import re
import sqlite3
from datetime import date, timedelta

import pytest

from ruggespraak.consult import Case, decide, urgent_alarms
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.rules import Tier, Urgency
from ruggespraak.pathway.texts import LANGUAGES, item, long_date, table, term, text, word

PLAIN = {"age_years": 40, "duration_days": 10, "course": "better"}
HERNIA = {
    "place": ["low_back", "upper_leg_left", "lower_leg_left"], "age_years": 46, "duration_days": 49, "course": "same",
    "leg_worse_than_back": True, "cough_sneeze_strain": True, "leg_pain_dermatomal": True,
    "wants_surgery_weighed": True,
}  # fmt: skip
CAUDA = {"saddle_numbness": True}


@pytest.fixture
def visitor():
    from visitor import Visitor

    return Visitor()


def visitors(lang):
    from visitor import Visitor

    return Visitor(lang)


def same_words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


# -- the way through ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_plain_back_comes_to_its_advice(lang):
    visitor = visitors(lang).whole(PLAIN)
    assert visitor.path == f"/{lang}/check/answers/"
    page = same_words(visitor.get("check/result/").page)
    assert word("urgency.self_care.headline", lang) in page
    assert word("complaint.nonspecific.name", lang)[1:] in page
    assert word("word.no_alarm_told", lang) in page
    assert re.search(rf"{word('result.next_look', lang).split('{')[0]}.* 20\d\d", page)


@pytest.mark.control("C-08")
def test_the_questions_start_with_the_alarms_and_say_why_they_are_asked(visitor):
    visitor.begin()
    assert visitor.title == table("screens")["alarm"]["title"]["nl"]
    assert table("screens")["alarm"]["why"]["nl"] in visitor.page


@pytest.mark.parametrize("person", [PLAIN, HERNIA, {}])
def test_i_do_not_know_can_be_said_on_every_page(visitor, person):
    visitor.begin()
    pages = 0
    while visitor.number:
        asked = {name.partition("-")[0] for name in visitor.fields} - {"csrfmiddlewaretoken", "screen", "place"}
        for name in asked:
            offered = [value for _, value, _ in visitor.fields.get(name, [])]
            assert {"unclear", "unknown"} & set(offered) or f"{name}-unclear" in visitor.fields, name
        pages += 1
        visitor.answer(**visitor.as_person(person))
    assert pages >= 8


@pytest.mark.control("C-11")
def test_who_knows_nothing_is_never_told_that_all_is_well(visitor):
    everything = dict.fromkeys(VOCABULARY, "?") | {"place": ["unclear"]}
    visitor.whole(everything).get("check/result/")
    assert word("urgency.same_day.headline", "nl") in visitor.page
    assert word("word.no_alarm_told", "nl") not in visitor.page


def test_what_the_page_decides_is_what_the_consult_decides_on_the_same_answers(visitor):
    visitor.whole(HERNIA).get("check/result/")
    answers = {"low_back_pain": True, "leg_pain": True, "leg_pain_side": "left", "leg_pain_below_knee": True}
    answers |= {id: value for id, value in HERNIA.items() if id != "place"}
    decision = decide(Case(on=date.today(), answers=answers, answered_by="patient"))
    assert long_date(decision.review.on, "nl") in visitor.page
    assert word(f"complaint.{decision.complaint}.name", "nl")[1:] in visitor.page
    assert next(one.text for one in decision.plan if one.id == "weigh_surgery") in same_words(visitor.page)


@pytest.mark.control("C-65")
def test_somebody_else_can_answer_and_the_gp_reads_that(visitor):
    visitor.begin("other")
    while visitor.number:
        visitor.answer(**visitor.as_person(PLAIN))
    assert word("soep.proxy", "nl") in visitor.get("check/result/").page


# -- going back, reloading, changing -----------------------------------------------------------------------------------


def test_going_back_and_reloading_keep_every_answer(visitor):
    visitor.begin()
    sent = {}
    while visitor.number:
        number = visitor.number
        sent[number] = visitor.as_person(HERNIA)
        visitor.answer(**sent[number])
        there, filled = visitor.path, visitor.filled
        visitor.get(f"check/{number}/")
        told = {
            name: value for name, value in sent[number].items() if not name.endswith("-unclear") and name != "place"
        }
        assert told.items() <= visitor.filled.items() | {("place", "")}
        visitor.get(there.removeprefix("/nl/"))
        assert (visitor.path, visitor.filled) == (there, filled)


def test_the_places_that_were_pointed_at_are_still_there(visitor):
    visitor.begin()
    while "place" not in visitor.fields:
        visitor.answer(**visitor.as_person(HERNIA))
    number = visitor.number
    visitor.answer(**visitor.as_person(HERNIA)).get(f"check/{number}/")
    assert {value for _, value, checked in visitor.fields["place"] if checked} == set(HERNIA["place"])


def test_an_answer_can_be_changed_from_the_page_with_all_answers_and_the_rest_stays(visitor):
    visitor.whole(PLAIN)
    before = same_words(visitor.page)
    assert item("osteoporosis_known", "nl") in before
    age = next(n for n in range(1, 30) if "age_years" in visitor.get(f"check/{n}/").fields)
    assert visitor.filled == {"age_years": "40"}
    visitor.answer(age_years="41")
    assert visitor.path == "/nl/check/answers/"
    assert same_words(visitor.page).replace("41 jaar", "40 jaar") == before.replace("41 jaar", "40 jaar")
    assert visitor.get(f"check/{age}/").filled == {"age_years": "41"}


@pytest.mark.control("C-10")
def test_a_half_answered_list_is_asked_about_and_nothing_becomes_no_unsaid(visitor):
    visitor.begin().answer(foot_drop="no")
    assert visitor.number == 1
    assert visitor.buttons == ["on", "rest_no", "rest_unclear", "rest_open"]  # Enter sends the first: never a no
    assert visitor.page.count("Nog geen antwoord") == 11
    assert visitor.filled == {"foot_drop": "no"}
    visitor.answer("rest_open", foot_drop="no")
    assert visitor.number == 2
    visitor.get("check/1/")
    assert visitor.filled == {"foot_drop": "no"}


def test_what_was_left_open_is_said_to_be_open_in_the_result(visitor):
    visitor.begin().answer("rest_open", foot_drop="no")
    for _ in range(60):
        if not visitor.number:
            break
        visitor.answer(**visitor.as_person(PLAIN))
    assert word("urgency.self_care.headline", "nl") not in visitor.get("check/result/").page
    assert word("word.not_said_yet", "nl") in visitor.page
    assert item("saddle_numbness", "nl") in visitor.page


# -- what cannot wait --------------------------------------------------------------------------------------------------


def hard_alarms():
    """Every hard alarm that one yes of a person establishes at same day or higher.

    Pain despite an opioid is left out: it is asked only where the pain cannot be borne, and that interrupts before.
    """
    found = []
    for finding in VOCABULARY.values():
        if finding.id == "pain_uncontrolled_despite_opioid":
            continue
        if finding.kind == "boolean" and finding.who != CLINICIAN:
            case = Case(on=date.today(), answers={finding.id: True}, answered_by="patient")
            here = edition("current")
            hard = [id for id in urgent_alarms(case) if here.rule(id).tier is Tier.HARD]
            if hard:
                found.append(finding.id)
    return found


@pytest.mark.control("C-09")
@pytest.mark.parametrize("finding", hard_alarms())
def test_a_hard_alarm_interrupts_on_the_page_after_its_answer(visitor, finding):
    person = {**PLAIN, finding: True}
    question_with(visitor, finding, person).answer(**visitor.as_person(person))
    assert visitor.interrupted
    page = same_words(visitor.page)
    assert "112" in page
    first = decide(Case(on=date.today(), answers={finding: True})).refer[0].to
    assert ("Wie belt u?" in page) == (first != "ambulance")
    assert ("huisartsenpost" in page) == (first != "ambulance")
    assert "eigen keuze" not in page
    assert "keuze van dit project" not in page
    assert decide(Case(on=date.today(), answers={finding: True})).refer[0].patient_does in page


def test_the_interruption_comes_once_and_the_questions_can_go_on(visitor):
    visitor.begin().answer("rest_no", saddle_numbness="yes")
    assert visitor.interrupted
    assert text("alarms", "R1", "says", "nl") in same_words(visitor.page)
    there = visitor.path
    visitor.get(there.removeprefix("/nl/"))
    assert visitor.interrupted  # reloading does not make it go away
    visitor.more()
    assert visitor.number
    assert not visitor.interrupted


def test_an_alarm_on_a_half_answered_list_interrupts_and_the_list_comes_back(visitor):
    visitor.begin().answer(saddle_numbness="yes")
    assert visitor.interrupted
    visitor.more()
    assert visitor.number == 1
    assert visitor.filled == {"saddle_numbness": "yes"}


def test_taking_an_alarm_back_takes_the_interruption_back(visitor):
    visitor.begin().answer("rest_no", saddle_numbness="yes")
    visitor.get("check/1/").answer("rest_no", saddle_numbness="no")
    assert not visitor.interrupted
    assert visitor.number == 2


def test_an_alarm_that_comes_back_after_it_was_taken_back_interrupts_again(visitor):
    visitor.begin().answer("rest_no", saddle_numbness="yes").more()
    visitor.get("check/1/").answer("rest_no", saddle_numbness="no")
    visitor.get("check/1/").answer(**{**visitor.filled, "saddle_numbness": "no", "faecal_incontinence_new": "yes"})
    assert visitor.interrupted


def test_a_second_click_on_the_same_button_does_not_swallow_the_interruption(visitor):
    visitor.begin()
    screen, token = (visitor.fields[name][0][1] for name in ("screen", "csrfmiddlewaretoken"))
    sent = {"csrfmiddlewaretoken": token, "screen": screen, "go": "on", "saddle_numbness": "yes"}
    for _ in range(2):
        visitor.client.post("/nl/check/1/", sent)
    assert visitor.get("check/1/").interrupted


@pytest.mark.control("C-09")
def test_another_window_cannot_swallow_the_interruption_either(visitor):
    visitor.begin()
    screen = visitor.fields["screen"][0][1]
    visitor.answer("rest_no", saddle_numbness="yes")
    there = visitor.path.removeprefix("/nl/")
    visitor.post(there, {"screen": screen, "go": "on", "pulsating_abdomen": "yes"})
    assert visitor.response.status_code == 409
    for wrong in ({"go": "more"}, {"go": "more", "alarm": "0" * 16}, {}):
        visitor.get(there).post(there, wrong)
        assert visitor.interrupted


@pytest.mark.parametrize("go", ["on", "rest_no"])
def test_from_an_interruption_the_way_back_leads_to_the_answer_that_brought_it(visitor, go):
    visitor.begin().answer(go, saddle_numbness="yes")
    back = re.search(r'class="nhsuk-back-link" href="/nl/([^"]*)"', visitor.page).group(1)
    visitor.get(back)
    assert not visitor.interrupted
    assert visitor.filled["saddle_numbness"] == "yes"
    visitor.post("check/1/", {"screen": visitor.fields["screen"][0][1], "go": "rest_no", "saddle_numbness": "no"})
    assert visitor.number == 2


@pytest.mark.control("C-12")
def test_nobody_is_told_to_phone_112_and_the_gp_as_well(visitor):
    visitor.begin().answer("rest_no", pulsating_abdomen="yes")
    assert 'href="tel:112" draggable' in visitor.page
    assert "eigen huisarts" not in same_words(visitor.page)
    result = same_words(visitor.get("check/result/").page)
    assert word("question.whom_do_i_phone", "nl") not in result


@pytest.mark.parametrize("place", ["thoracic", "flank", "low_back"])
def test_fever_is_an_alarm_wherever_the_back_hurts(visitor, place):
    person = {**PLAIN, "place": [place], "fever_reported": True}
    assert question_with(visitor, "fever_reported", person).answer(**visitor.as_person(person)).interrupted


def test_a_screen_sent_while_another_request_reads_is_not_undone_by_it(visitor):
    """A page that was loading when an answer came must not write the old answers back."""
    from ruggespraak.web.sessions import ConflictError, SessionStore

    visitor.begin()
    key = visitor.client.cookies["session"].value
    slow = SessionStore(key)
    assert slow["check"]
    visitor.answer("rest_no", saddle_numbness="yes")
    slow.put_off()
    slow["rest"] = 7
    with pytest.raises(ConflictError):
        slow.save()
    assert visitor.get("check/1/").filled["saddle_numbness"] == "yes"


@pytest.mark.control("C-33")
def test_of_two_answers_at_once_one_is_told_that_it_was_not_read(visitor, monkeypatch):
    from ruggespraak.web import self_check

    visitor.begin()
    answered = self_check.answered

    def while_another_window_answers(*what):
        monkeypatch.undo()
        other = visitors("nl")
        other.client.cookies = visitor.client.cookies
        other.get("check/1/").answer("rest_no", foot_drop="yes")
        return answered(*what)

    monkeypatch.setattr(self_check, "answered", while_another_window_answers)
    visitor.answer("none")
    assert visitor.response.status_code == 409
    assert visitor.get("check/1/").filled["foot_drop"] == "yes"
    assert visitor.get("check/2/").interrupted


def test_erasing_while_a_page_loads_is_said_as_it_is(visitor, monkeypatch):
    from ruggespraak.web import self_check

    visitor.begin()
    answered = self_check.answered

    def while_another_window_erases(*what):
        other = visitors("nl")
        other.client.cookies = visitor.client.cookies.copy()
        other.get("check/1/").post("check/erase/", {})
        return answered(*what)

    monkeypatch.setattr(self_check, "answered", while_another_window_erases)
    visitor.answer("none")
    assert visitor.title == "Deze pagina is te oud"


def test_pointing_again_does_not_take_back_what_was_asked_by_itself(visitor):
    person = {**HERNIA, "place": ["low_back", "upper_leg_left"], "leg_pain_below_knee": True}
    visitor.whole(person)
    chart = next(n for n in range(1, 30) if "place" in visitor.get(f"check/{n}/").fields)
    visitor.get(f"check/{chart}/").answer(**visitor.as_person(person))
    from ruggespraak.web.self_check import KEPT

    assert visitor.client.session[KEPT]["answers"]["leg_pain_below_knee"] is True
    visitor.get(f"check/{chart}/").answer(**visitor.as_person({**person, "place": ["low_back"]}))
    assert "leg_pain_below_knee" not in visitor.client.session[KEPT]["answers"]


def test_what_was_told_on_a_screen_that_is_no_longer_asked_stands_in_the_result_and_in_the_gps_text(visitor):
    visitor.whole({**PLAIN, "weak_leg_reported": True})
    visitor.get("check/1/").answer("rest_no", saddle_numbness="yes")
    result = visitor.get("check/result/").page
    assert term("weak_leg_reported", "nl") in result
    assert term("saddle_numbness", "nl") in result


@pytest.mark.parametrize("damaged", ["", "zz", "00", "not hex at all"])
def test_a_damaged_row_is_a_new_beginning_and_no_fault(visitor, damaged):
    from django.contrib.sessions.models import Session

    visitor.begin()
    Session.objects.update(session_data=damaged)
    assert visitor.get("check/1/").path == "/nl/check/"
    assert visitor.begin().number == 1


def test_after_an_alarm_the_advice_is_there_at_once_and_on_paper(visitor):
    visitor.whole(CAUDA, on_alarm=None)
    page = same_words(visitor.get("check/result/").page)
    assert word("urgency.emergency.headline", "nl") in page
    assert word("section.later", "nl") not in page
    assert visitor.get("check/result-a4.pdf").response.content.startswith(b"%PDF")


def test_without_an_alarm_there_is_no_result_before_the_questions_are_done(visitor):
    visitor.begin().answer("none")
    assert visitor.get("check/result/").number == 2
    assert visitor.get("check/result-a4.pdf").number == 2


@pytest.mark.control("C-43")
@pytest.mark.parametrize("soft", ["night_pain", "malaise", "low_body_weight", "psoriasis", "steroids_long"])
def test_a_single_soft_sign_does_not_interrupt(visitor, soft):
    visitor.begin()
    while visitor.number:
        visitor.answer(**visitor.as_person({**PLAIN, soft: True}))
        assert not visitor.interrupted
    assert decide(Case(on=date.today(), answers={"low_back_pain": True, soft: True})).urgency < Urgency.SAME_DAY


# -- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"saddle_numbness": "maybe"},
        {"saddle_numbness": ["yes", "no"]},
        {"no_such_finding": "yes"},
        {"crp_mg_l": "80"},
        {"saddle_numbness-unit": "days"},
        {"go": "everything"},
        {"place": "head"},
        {"foot_drop": "yes\x00"},
    ],
)
def test_a_tampered_form_is_refused_with_a_page_and_changes_nothing(visitor, fields):
    visitor.begin()
    screen = visitor.fields["screen"][0][1]
    visitor.post("check/1/", {"screen": screen, "go": "on", "foot_drop": "no", **fields})
    assert visitor.response.status_code == 400
    assert visitor.title == "We kunnen dit antwoord niet lezen"
    visitor.get("check/1/")
    assert visitor.filled == {}


def question_with(visitor, name, person=PLAIN):
    visitor.begin()
    while name not in visitor.fields:
        visitor.answer(**visitor.as_person(person))
    return visitor


@pytest.mark.parametrize("typed", ["-1", "121", "1e3", "veertig", "4 0", "٤٠", "1,234", "9" * 200, "<b>"])
def test_a_number_that_cannot_be_is_said_in_its_place_and_stays_to_be_corrected(visitor, typed):
    question_with(visitor, "age_years").answer(age_years=typed)
    assert visitor.title.startswith("Fout:")
    assert "Vul een getal in van 0 tot 120." in visitor.page
    assert 'href="#field-1"' in visitor.page  # it comes into the address, so it names nothing
    assert 'id="field-1"' in visitor.page
    assert visitor.filled == {"age_years": typed.replace("<", "<")}


@pytest.mark.parametrize(("typed", "unit", "days"), [("7", "weeks", 49), ("1,5", "weeks", 10.5), ("3", "months", 90),
                                                     ("2", "years", 730), ("0", "days", 0)])  # fmt: skip
def test_a_duration_is_read_in_its_unit(visitor, typed, unit, days):
    question_with(visitor, "duration_days").answer(duration_days=typed, **{"duration_days-unit": unit})
    from ruggespraak.web.self_check import KEPT

    assert visitor.client.session[KEPT]["answers"]["duration_days"] == days


@pytest.mark.control("C-21")
def test_a_duration_without_a_unit_is_not_guessed_at(visitor):
    question_with(visitor, "duration_days").answer(duration_days="7")
    assert "Kies dagen, weken, maanden of jaren." in visitor.page


def test_an_answer_and_not_knowing_do_not_go_together(visitor):
    question_with(visitor, "age_years").answer(age_years="40", **{"age_years-unclear": "unclear"})
    assert visitor.title.startswith("Fout:")


def test_none_of_these_beside_a_yes_is_a_mistake_and_counts_for_nothing(visitor):
    visitor.begin().answer("none", saddle_numbness="yes")
    assert visitor.title.startswith("Fout:")
    assert visitor.filled == {"saddle_numbness": "yes"}
    assert not visitor.interrupted


def test_a_question_without_an_answer_is_asked_again_and_can_be_skipped(visitor):
    question_with(visitor, "age_years").answer()
    assert "Kies dan: weet ik niet" in visitor.page
    number = visitor.number
    visitor.answer("rest_open")
    assert visitor.number != number


@pytest.mark.control("C-33")
def test_two_windows_never_answer_each_others_question(visitor):
    visitor.begin()
    screen = visitor.fields["screen"][0][1]
    visitor.answer("none")
    visitor.post("check/2/", {"screen": screen, "go": "none"})
    assert visitor.response.status_code == 409
    assert visitor.title == "Deze vraag is veranderd"
    assert visitor.get("check/2/").filled == {}


@pytest.mark.parametrize("path", ["check/0/", "check/99/", "check/12345678901234567890/"])
def test_a_question_that_is_not_there_leads_to_the_one_that_is(visitor, path):
    assert visitor.begin().get(path).number == 1


@pytest.mark.parametrize("path", ["nope/", "check/x/", "leaflets/nope/", "check/result-a3.pdf", "leaflets/nope-a4.pdf"])
def test_a_page_that_is_not_there_says_so(visitor, path):
    assert visitor.get(path).response.status_code == 404
    assert visitor.title == "Deze pagina bestaat niet"


@pytest.mark.control("C-62")
def test_a_fault_of_ours_is_a_page_without_a_trace(monkeypatch):
    visitor = visitors("nl")
    visitor.client.raise_request_exception = False
    monkeypatch.setattr("ruggespraak.web.pages.edition", lambda _id: 1 / 0)
    response = visitor.client.get("/nl/")
    assert response.status_code == 500
    assert "Er ging iets mis bij ons" in response.content.decode()
    assert "112" in response.content.decode()
    assert "Traceback" not in response.content.decode()


# -- private -----------------------------------------------------------------------------------------------------------


def test_half_an_hour_without_a_page_ends_the_answers(visitor):
    visitor.begin().answer("none")
    age_of_session(minutes=31)
    assert visitor.get("check/2/").path == "/nl/check/"
    visitor.begin()
    assert visitor.number == 1
    assert visitor.filled == {}


def test_a_form_of_a_session_that_ended_gets_a_clear_page_and_no_answer(visitor):
    visitor.begin()
    age_of_session(minutes=31)
    visitor.answer("none")
    assert visitor.response.status_code == 403
    assert visitor.title == "Deze pagina is te oud"


def test_reading_puts_the_end_off(visitor):
    visitor.begin()
    for _ in range(3):
        age_of_session(minutes=20)
        assert visitor.get("check/1/").number == 1


def age_of_session(minutes):
    """As if the last page was so long ago."""
    from django.contrib.sessions.models import Session

    for row in Session.objects.all():
        row.expire_date -= timedelta(minutes=minutes)
        row.save()


def test_erasing_ends_the_answers_at_once(visitor):
    visitor.begin().answer("none")
    visitor.post("check/erase/", {})
    assert visitor.title == "Uw antwoorden zijn gewist"
    assert visitor.get("check/2/").path == "/nl/check/"
    from django.contrib.sessions.models import Session

    assert "check" not in "".join(row.session_data for row in Session.objects.all())


def test_erasing_needs_a_click_and_not_a_link(visitor):
    visitor.begin()
    assert visitor.client.get("/nl/check/erase/").status_code == 405
    assert visitor.get("check/1/").number == 1


def test_a_form_from_elsewhere_is_refused(visitor):
    visitor.begin()
    screen = visitor.fields["screen"][0][1]
    assert visitor.client.post("/nl/check/1/", {"screen": screen, "go": "none"}).status_code == 403


def test_the_database_and_its_journal_hold_no_readable_answer(visitor, site):
    visitor.whole({**PLAIN, "diabetes": True})
    raw = b"".join(path.read_bytes() for path in site.parent.iterdir() if path.name.startswith(site.name))
    assert b"django_session" in raw
    for words in (b"diabetes", b"saddle", visitor.client.cookies["session"].value.encode()):
        assert words not in raw


def test_with_another_key_a_row_opens_to_nothing(visitor, site):
    from ruggespraak.web.sessions import SessionStore, row_of

    visitor.begin()
    key = visitor.client.cookies["session"].value
    with sqlite3.connect(site) as database:
        database.execute(
            "update django_session set session_key = ? where session_key = ?", (row_of("b" * 32), row_of(key))
        )
    assert SessionStore("b" * 32).load() == {}


def test_a_finished_session_is_deleted(visitor):
    from django.contrib.sessions.models import Session

    from ruggespraak.web.sessions import SessionStore

    visitor.begin()
    age_of_session(minutes=31)
    visitors("nl").begin()
    SessionStore.clear_expired()
    assert Session.objects.count() == 1


def test_who_only_looks_at_the_first_question_makes_no_row(visitor):
    from django.contrib.sessions.models import Session

    before = Session.objects.count()
    visitor.get("check/")
    assert Session.objects.count() == before
    assert not visitor.client.cookies


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_check_cannot_be_begun_from_another_website(visitor, headers):
    response = visitor.client.post("/nl/check/", {"who": "me"}, headers=headers)
    assert response.status_code == 403
    assert "session" not in visitor.client.cookies


def test_beginning_anew_gives_a_new_session(visitor):
    visitor.begin()
    first = visitor.client.cookies["session"].value
    visitor.begin()
    assert visitor.client.cookies["session"].value != first


@pytest.mark.control("C-55")
@pytest.mark.parametrize("person", [HERNIA, CAUDA])
def test_no_address_cookie_or_log_line_tells_anything_of_anybody(visitor, caplog, person):
    with caplog.at_level(logging.DEBUG):
        visitor.whole(person).get("check/result/").get("check/result-a4.pdf")
        visitor.post("check/1/", {"screen": "wrong", "saddle_numbness": "yes", "go": "on"})
    allowed = re.compile(r"/nl/check/((\d+|answers|result)/|result-a4\.pdf)?")
    assert all(allowed.fullmatch(url) for url in visitor.seen)
    assert set(visitor.client.cookies) == {"session"}
    lines = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    assert not re.search("|".join(VOCABULARY), lines)
    assert "49" not in lines


def test_nothing_keeps_a_copy_of_a_page_with_answers(visitor):
    visitor.whole(PLAIN)
    for path in ("check/", "check/1/", "check/answers/", "check/result/", "check/result-a4.pdf"):
        assert visitor.get(path).response["Cache-Control"] == "no-store"


@pytest.mark.control("C-56")
def test_every_page_forbids_what_it_does_not_need(visitor):
    for path in ("", "check/", "leaflets/", "country/", "country/run/", "nope/"):
        headers = visitor.get(path).response.headers
        policy = headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
            assert part in policy
        assert "script" not in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"


def test_a_page_loads_nothing_but_our_own_style_font_and_icon(visitor):
    for path in ("", "leaflets/hernia/", "country/", "country/run/"):
        page = visitor.get(path).page
        assert "<script" not in page
        assert " style=" not in page
        assert set(re.findall(r'(?:src|href)="(https?:[^"]*)"', page)) == set()


def test_who_reads_only_gets_no_cookie(visitor):
    visitor.get("").get("leaflets/").get("leaflets/hernia/").get("country/").get("privacy/")
    assert not visitor.client.cookies


@pytest.mark.control("C-57")
def test_one_address_cannot_send_without_end(settings_of):
    settings_of(ANSWERS_A_MINUTE=3, PDFS_A_MINUTE=1)
    visitor = visitors("en")
    visitor.begin()
    codes = [visitor.answer("none").response.status_code for _ in range(3) if visitor.number]
    assert codes[-1] == 429
    assert int(visitor.response["Retry-After"]) <= 60
    assert "Phone your GP" in visitor.page
    assert visitor.get("check/2/").response.status_code == 200  # reading goes on


@pytest.fixture
def settings_of(monkeypatch):
    from django.conf import settings

    def change(**values):
        for name, value in values.items():
            monkeypatch.setattr(settings, name, value)

    return change


# -- both languages ----------------------------------------------------------------------------------------------------


def test_the_language_can_be_changed_on_the_way_and_changes_no_decision(visitor):
    visitor.whole(HERNIA)
    nl = visitor.get("check/result/").page
    assert 'href="/en/check/result/"' in nl
    visitor.lang = "en"
    en = visitor.get("check/result/").page
    assert '<html lang="en">' in en
    levels = re.compile(r"card--(\w+)")
    assert levels.findall(nl) == levels.findall(en)


@pytest.mark.parametrize(("accepts", "to"), [("en-GB,en", "/en/"), ("nl", "/nl/"), ("fr", "/nl/"), ("", "/nl/")])
def test_the_first_page_is_in_the_language_of_the_browser(accepts, to):
    from django.test import Client

    response = Client(headers={"accept-language": accepts} if accepts else {}).get("/")
    assert response["Location"] == to


def test_what_the_gp_can_paste_has_the_four_letters_and_the_gps_words(visitor):
    page = visitor.whole(HERNIA).get("check/result/").page
    soep = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.S).group(1)
    assert [line[:2] for line in soep.strip().splitlines()] == ["S:", "O:", "E:", "P:"]
    assert "Lumbosacraal radiculair syndroom" in soep
    assert "Niet onderzocht" in soep
