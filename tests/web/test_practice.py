"""The practice's pages: whole stories through them, and what must never happen there."""

import logging
import re
from datetime import timedelta

import pytest

from ruggespraak.consult import Case
from ruggespraak.course import Answers, Contact, EditionChanged, HandOver, Recovery
from ruggespraak.documents.letters import ADDRESSEES
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.texts import LANGUAGES, plan_text, term, text, word
from workplace import BACK, CAUDA, NAME, ROOT, SENT_WHO, Office, facts, words


@pytest.fixture
def clock(monkeypatch):
    """The day on which the practice works; ``clock(7)`` is a week later."""
    from django.utils import timezone

    real, first = timezone.localdate, timezone.localdate()

    def at(days=0):
        monkeypatch.setattr(timezone, "localdate", lambda *of: real(*of) if of else first + timedelta(days=days))
        return first + timedelta(days=days)

    at()
    return at


@pytest.fixture
def office(clock):
    """A practice of a kind, its worklist opened: ``office("gp")``."""
    return lambda profession="gp", lang="nl", **how: Office(profession, lang, clock=clock, **how)


def fresh(episode):
    episode.refresh_from_db()
    return episode


def stored(episode):
    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import Decision

    return [record.known(one) for one in Decision.objects.filter(fact__episode=episode).order_by("fact__number")]


# -- whole stories -----------------------------------------------------------------------------------------------------


def test_a_gps_morning_from_an_emergency_to_an_arrival_that_is_confirmed(office):
    gp = office(lang="en")
    plain = gp.patient(BACK, on=-16)
    numb = gp.patient(CAUDA)
    first, second = gp.rows()
    assert "Alarm" in first
    assert "by phone" in first
    assert "Late" in second
    page = words(gp.open(numb).page)
    assert word("urgency.emergency.name", "en")[1:] in page
    assert "Open: nobody has looked at it yet" in page
    gp.does(numb, "phone")
    assert fresh(numb).alarm_open, "a call is no examination"
    assert gp.open(numb, "letter-neurologist.pdf").response.content.startswith(b"%PDF")
    gp.does(numb, "hand_over", to="neurologist")
    assert "Alarm" in gp.rows()[0], "handed over, and nobody has said that she arrived"
    gp.does(numb, "confirmed")
    assert facts(numb) == ["answers", "contact", "hand_over", "confirmed"]
    assert fresh(numb).next_contact is None
    assert len(gp.rows()) == 1
    gp.does(plain, "phone")
    assert gp.rows() == []
    assert fresh(plain).next_contact > gp.clock()


def test_a_physiotherapist_sends_an_alarm_back_to_the_gp_and_keeps_it_until_that_is_confirmed(office):
    physio = office("physiotherapist", "en")
    visitor, new = physio.visitor, f"practice/{physio.practice.id}/new/"
    visitor.get(new)
    visitor.post(new, SENT_WHO)
    person = {"place": ["low_back"], "age_years": 64, "duration_days": 20, "cancer_history": True, "night_pain": True}
    for _ in range(40):
        if "screen" not in visitor.fields:
            break
        path = visitor.path.removeprefix("/en/")
        visitor.post(path, {"screen": visitor.fields["screen"][0][1], "go": "on", **visitor.as_person(person)})
    assert visitor.path.endswith("/new/examination/")
    visitor.post(f"{new}examination/", {"slr_positive": "no", "mrc_knee_extension": "5"})
    assert "Send this patient to the GP" in visitor.page
    assert visitor.page.index("letter-gp.pdf") < visitor.page.index("The letter was sent")
    episode = physio.practice.episodes.get()
    assert physio.open(episode, "letter-gp.pdf").response.content.startswith(b"%PDF")
    physio.does(episode, "hand_over", to="gp")
    assert facts(episode) == ["answers", "hand_over"]
    assert "Send this patient to the GP" not in physio.open(episode).page
    assert len(physio.rows()) == 1
    physio.clock(30)
    assert len(physio.rows()) == 1, "nobody has confirmed"
    physio.does(episode, "confirmed")
    assert physio.rows() == []


def test_a_hernia_from_the_first_day_to_week_26(office):
    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import Choice, Decision
    from ruggespraak.clinic.sharing import keep

    gp = office()
    code = keep(Case(on=gp.clock(), answers=ROOT, answered_by="patient"))
    gp.visitor.post(f"practice/{gp.practice.id}/", {"code": code, **SENT_WHO})
    episode = gp.practice.episodes.get()
    assert stored(episode)[-1]["decision"]["complaint"] == "radicular"
    gp.clock(10)
    gp.examines(episode, slr_positive="yes", foot_drop="no", course="same", pain_leg_nrs="7")
    assert stored(episode)[-1]["decision"]["imaging"] == "not_useful"
    assert "no_scan_root_yet" in {line["id"] for line in stored(episode)[-1]["decision"]["plan"]}
    gp.clock(48)
    gp.examines(episode, slr_positive="yes", relief_sufficient="no", course="same", pain_leg_nrs="6")
    assert "weigh_surgery" in {line["id"] for line in stored(episode)[-1]["decision"]["plan"]}
    page = gp.open(episode, "weigh/").page
    assert text("letters", "weigh_page", "title", "nl") in page
    assert gp.open(episode, "weigh.pdf").response.content.startswith(b"%PDF")
    fields = {"choice-weigh_surgery": "deviate", "reason-weigh_surgery": "Ziet op tegen een operatie."}
    gp.does(episode, "choose", **fields)
    assert not Choice.objects.get(decision__fact__episode=episode).follows
    gp.clock(90)
    gp.examines(episode, course="better", relief_sufficient="yes", pain_leg_nrs="2")
    gp.clock(182)
    gp.does(episode, "recovered")
    assert fresh(episode).next_contact is None
    made = Decision.objects.filter(fact__episode=episode)
    assert len(made) >= 4
    assert all(stored == again for stored, again in map(record.made_again, made))


# -- the worklist ------------------------------------------------------------------------------------------------------


def test_each_reason_stands_on_the_worklist_in_words_and_is_counted(office):
    gp = office(lang="en")
    gp.patient(CAUDA)
    gp.patient(ROOT, HandOver(gp.clock(), "neurologist"))
    slow = gp.patient(BACK, on=-30)
    from ruggespraak.clinic import record

    record.add(slow, Answers(gp.clock() - timedelta(days=13), {"course": "same"}), "patient")
    gp.patient(BACK, on=-12)
    today = gp.patient(BACK, on=-9)
    rows = gp.rows()
    assert fresh(today).next_contact == gp.clock()
    for reason, row in zip(("Alarm", "Not confirmed as arrived", "Deviates", "Late", "Due today"), rows, strict=True):
        assert f"{reason} " in row
        assert re.search(rf"<dt>{reason}</dt><dd>1</dd>", gp.visitor.page)
    assert NAME in rows[0]
    assert "1980" in rows[0]
    assert "days late" in rows[3]
    assert text("reviews", fresh(today).why, "why", "en") in rows[4]


def test_whom_the_worklist_showed_is_in_the_log(office):
    from ruggespraak.clinic import log

    gp = office()
    shown, calm = gp.patient(CAUDA), gp.patient(BACK)
    gp.worklist()
    assert [(row.page, row.account) for row in log.of_patient(shown.patient)] == [("worklist", gp.account.pk)]
    assert not log.of_patient(calm.patient)


def test_fifty_patients_stand_on_a_page(office):
    gp = office()
    for _ in range(51):
        gp.patient(CAUDA)
    assert len(gp.rows()) == 50
    assert "?page=2" in gp.visitor.page
    gp.visitor.get(f"practice/{gp.practice.id}/?page=2")
    assert gp.visitor.page.count('scope="row"') == 1
    for odd in ("0", "99", "-1", "een", "9" * 400):
        assert gp.visitor.get(f"practice/{gp.practice.id}/?page={odd}").response.status_code == 200


def test_a_code_opens_once(office):
    from ruggespraak.clinic.sharing import keep

    gp = office(lang="en")
    code = keep(Case(on=gp.clock(), answers=BACK, answered_by="patient"))
    gp.visitor.post(f"practice/{gp.practice.id}/", {"code": code, **SENT_WHO})
    assert NAME in gp.visitor.page
    gp.worklist()
    gp.visitor.post(f"practice/{gp.practice.id}/", {"code": code, **SENT_WHO})
    assert "Nobody kept a result with this code" in gp.visitor.page
    assert gp.practice.episodes.count() == 1


# -- what a care giver chooses, finds and puts right -------------------------------------------------------------------


def test_following_and_deviating_are_kept_and_the_reason_is_sealed(office):
    from ruggespraak.clinic.models import Choice

    gp = office()
    episode = gp.patient(BACK)
    reason = "Foto op uitdrukkelijk verzoek"
    fields = {"choice-stay_active": "follow", "choice-no_scan_back": "deviate", "reason-no_scan_back": reason}
    gp.does(episode, "choose", **fields)
    gp.does(episode, "choose", **fields)
    chosen = {row.advice: row for row in Choice.objects.filter(decision__fact__episode=episode)}
    assert len(chosen) == Choice.objects.filter(decision__fact__episode=episode).count() == 2, "once is enough"
    assert chosen["stay_active"].follows
    assert not chosen["no_scan_back"].follows
    assert reason.encode() not in bytes(chosen["no_scan_back"].reason)
    assert reason in gp.open(episode).page
    assert words(plan_text("stay_active", "nl"))[:40] in words(gp.visitor.page)


def test_an_examination_decides_again(office):
    gp = office()
    episode = gp.patient(ROOT)
    gp.examines(episode, mrc_ankle_dorsiflexion="2", slr_positive="yes", seen="yes")
    before, *_, after = stored(episode)
    assert facts(episode) == ["answers", "answers", "contact"]
    assert after["case"]["findings"]["mrc_ankle_dorsiflexion"] == 2
    assert before["decision"]["urgency"] != after["decision"]["urgency"]
    soep = gp.open(episode).page.partition('id="soep"')[2].partition("</textarea>")[0]
    examined = next(line for line in soep.splitlines() if line.startswith("O:"))
    assert "MRC" in examined
    assert "MRC" not in soep.partition("\nO:")[0]


def test_examined_and_found_nothing_is_no_and_what_was_left_open_is_not(office):
    gp = office()
    episode = gp.patient(ROOT)
    gp.examines(episode, none="reflexes")
    found = stored(episode)[-1]["case"]["findings"]
    assert found["slr_positive"] is False
    assert found["babinski_or_clonus"] is False
    assert "perianal_sensation_reduced" not in found
    assert "mrc_knee_extension" not in found


def test_a_correction_decides_again_and_leaves_the_old_decision(office):
    gp = office()
    episode = gp.patient(CAUDA)
    right = {id: "no" for id, value in CAUDA.items() if value is False}
    right |= {id: "yes" for id, value in CAUDA.items() if value is True} | {"saddle_numbness": "no"}
    right |= {"leg_pain_side": "left", "age_years": "46", "pain_leg_nrs": "7", "pain_back_nrs": "4"}
    right |= {"duration_days": "1", "duration_days-unit": "days", "urinary_retention": "no"}
    gp.examines(episode, "correct/1/", **right)
    old, new = stored(episode)
    assert old["decision"]["urgency"] == "emergency"
    assert new["decision"]["urgency"] != "emergency"
    assert "<s>" in gp.open(episode).page
    assert gp.open(episode, "correct/1/").response.status_code == 404, "corrected already"
    assert gp.open(episode, "correct/2/").response.status_code == 404, "a correction is not corrected"


def test_another_edition_shows_what_it_changes_and_drops_no_contact(office):
    gp = office(lang="en")
    episode = gp.patient(BACK, EditionChanged(gp.clock(), "nice"))
    before = fresh(episode).next_contact
    assert "There is a newer edition" in gp.open(episode).page
    gp.does(episode, "edition")
    assert facts(episode)[-1] == "edition"
    assert stored(episode)[-1]["case"]["edition"] == "current"
    assert fresh(episode).next_contact <= before
    page = gp.open(episode).page
    assert "There is a newer edition" not in page
    assert page.count("What this edition changed") == 2


def test_who_recovered_and_falls_ill_again_is_back_with_a_date(office):
    gp = office()
    episode = gp.patient(BACK, on=-20)
    gp.does(episode, "recovered")
    assert fresh(episode).next_contact is None
    gp.does(episode, "relapse")
    assert fresh(episode).next_contact is not None


# -- the patient on one page -------------------------------------------------------------------------------------------


def test_known_denied_not_known_and_not_asked_stand_apart(office):
    gp = office(lang="en")
    told = {id: value for id, value in ROOT.items() if id != "fever_reported"}
    episode = gp.patient(Answers(gp.clock(), told, frozenset({"fever_reported"}), "patient"))
    page = words(gp.open(episode).page).partition("What was told and found")[2]
    known, denied, unclear, not_asked = re.split(" Denied | Not known | Not asked, ", page)
    stands = {"leg_pain_below_knee": known, "saddle_numbness": denied, "fever_reported": unclear}
    for id, part in stands.items():
        others = {known, denied, unclear} - {part}
        assert term(id, "en").lower() in part.lower(), id
        assert not any(term(id, "en").lower() in other.lower() for other in others), id
    assert term("diabetes", "en") in not_asked.partition("The course")[0]


@pytest.mark.parametrize(("days", "band"), [(5, True), (200, False)])
def test_her_scores_stand_beside_a_group_only_if_her_pain_was_acute(office, days, band):
    gp = office(lang="en")
    episode = gp.patient({**BACK, "duration_days": days})
    from ruggespraak.web.practice_patient import Opened

    gp.clock(14)
    gp.examines(episode, course="better", pain_back_nrs="3")
    page = gp.open(episode).page.partition('id="course-over-time"')[2].partition("</section>")[0]
    assert "<svg" in page
    assert "<table" in page
    picture, _ = Opened(episode, "en", gp.clock()).plot()
    assert ("group" in picture.alt.lower()) == band


def test_a_decision_says_why_and_from_which_sources(office):
    gp = office(lang="en")
    page = gp.open(gp.patient(CAUDA)).page
    decided = words(page.partition('id="decisions"')[2].partition("</section>")[0])
    assert "Alarms that stand" in decided
    assert "the same" in decided
    assert 'class="sources' in page


# -- letters -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ADDRESSEES)
def test_there_is_a_letter_to_everybody_but_the_own_profession(office, to):
    gp = office()
    episode = gp.patient(ROOT)
    found = gp.open(episode, f"letter-{to}.pdf").response
    if to == "gp":
        assert found.status_code == 404
    else:
        assert found.content.startswith(b"%PDF")
        assert NAME not in found["Content-Disposition"]
        assert f"letter-{to}.pdf" in gp.open(episode).page


def test_a_physiotherapist_writes_to_the_gp_and_not_to_physiotherapists(office):
    physio = office("physiotherapist")
    episode = physio.patient(BACK)
    assert physio.open(episode, "letter-gp.pdf").response.content.startswith(b"%PDF")
    assert physio.open(episode, "letter-physiotherapist.pdf").response.status_code == 404
    assert "letter-physiotherapist.pdf" not in physio.open(episode).page


def test_the_work_plan_names_no_complaint(office):
    from ruggespraak.documents.letters import work_plan
    from ruggespraak.web.practice_patient import Opened

    gp = office()
    episode = gp.patient({**ROOT, "works": True, "sick_listed_days": 10})
    assert gp.open(episode, "work-plan.pdf").response.content.startswith(b"%PDF")
    here = Opened(episode, "nl", gp.clock())
    said = repr(work_plan(here.case, here.decision, here.about, "nl")).lower()
    assert not re.search(r"\brug|hernia|radicul|been|pijn", said)
    without = gp.patient({**ROOT, "works": False})
    assert gp.open(without, "work-plan.pdf").response.status_code == 404


def test_an_operation_is_weighed_for_a_nerve_root_only(office):
    gp = office()
    assert gp.open(gp.patient(BACK), "weigh/").response.status_code == 404
    assert gp.open(gp.patient(ROOT), "weigh/").response.status_code == 200


# -- what must never happen --------------------------------------------------------------------------------------------


PAGES = ("", "examination/", "correct/1/", "letter-neurologist.pdf", "work-plan.pdf", "weigh/", "weigh.pdf")


@pytest.mark.parametrize("page", PAGES)
def test_a_patient_of_another_practice_does_not_exist(office, page):
    mine, other = office(), office()
    episode = mine.patient(ROOT)
    assert mine.open(episode, page).response.status_code == 200
    assert other.open(episode, page).response.status_code == 404
    other.worklist()
    other.visitor.post(f"practice/episode/{episode.id}/", {"do": "recovered", "so_far": "1"})
    assert other.visitor.response.status_code == 404
    assert facts(episode) == ["answers"]


def test_who_is_not_signed_in_comes_to_the_sign_in_page(office):
    from visitor import Visitor

    gp = office()
    episode = gp.patient(ROOT)
    for page in ("practice/", f"practice/{gp.practice.id}/", f"practice/episode/{episode.id}/"):
        assert Visitor().get(page).path.startswith("/nl/account/sign-in/?next=")


def test_an_erased_patient_does_not_exist(office):
    from ruggespraak.clinic import record

    gp = office()
    episode = gp.patient(ROOT)
    record.erase(episode.patient)
    assert gp.open(episode).response.status_code == 404
    assert gp.rows() == []


@pytest.mark.parametrize(
    ("page", "fields", "status"),
    [
        ("", {"do": "fly"}, 400),
        ("", {}, 400),
        ("", {"do": "confirmed"}, 400),
        ("", {"do": "relapse"}, 400),
        ("", {"do": "hand_over"}, 200),
        ("", {"do": "hand_over", "to": "gp"}, 400),
        ("", {"do": "hand_over", "to": "nobody"}, 400),
        ("", {"do": "phone", "so_far": "0"}, 409),
        ("", {"do": "choose", "choice-stay_active": "perhaps"}, 400),
        ("", {"do": "choose", "choice-stay_active": "deviate"}, 200),
        ("examination/", {}, 200),
        ("examination/", {"mrc_knee_extension": "9"}, 200),
        ("examination/", {"fever_c": "warm"}, 200),
        ("examination/", {"slr_positive": "perhaps"}, 400),
        ("examination/", {"slr_positive": "yes", "none": "reflexes"}, 200),
        ("examination/", {"none": "strength"}, 400),
        ("examination/", {"stranger": "1"}, 400),
        ("examination/", {"slr_positive": "yes", "so_far": "0"}, 409),
        ("correct/1/", {"low_back_pain": "perhaps"}, 400),
        ("correct/1/", {"age_years": "900"}, 200),
        ("correct/1/", {}, 200),
        ("correct/1/", {"age_years": "40", "so_far": "0"}, 409),
    ],
)
def test_a_form_with_a_mistake_gives_a_page_and_changes_nothing(office, page, fields, status):
    from ruggespraak.clinic.models import Choice

    gp = office()
    episode = gp.patient(BACK)
    gp.open(episode, page)
    gp.visitor.post(f"practice/episode/{episode.id}/{page}", {**gp.so_far, **fields})
    assert gp.visitor.response.status_code == status
    assert "<h1" in gp.visitor.page
    assert facts(episode) == ["answers"]
    assert not Choice.objects.filter(decision__fact__episode=episode).exists()
    if status == 200:
        assert gp.visitor.title.startswith("Error:") or gp.visitor.title.startswith("Fout")


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"name": ""}, 200), ({"name": "x" * 200}, 200), ({"born": "1800"}, 200), ({"born": "jong"}, 200),
        ({"born": ""}, 200), ({"email": "geen adres"}, 200), ({"lang": "fr"}, 400),
    ],
)  # fmt: skip
@pytest.mark.parametrize("page", ["", "new/"])
def test_who_cannot_be_is_not_taken_into_the_record(office, page, wrong, status):
    from ruggespraak.clinic.sharing import keep, look

    gp = office()
    code = keep(Case(on=gp.clock(), answers=BACK, answered_by="patient"))
    path = f"practice/{gp.practice.id}/{page}"
    gp.visitor.get(path)
    gp.visitor.post(path, {"code": code, **SENT_WHO, **wrong})
    assert gp.visitor.response.status_code == status
    assert "<h1" in gp.visitor.page
    assert gp.practice.patients.count() == 0
    assert look(code)


def test_a_question_of_another_tab_or_with_a_stranger_is_not_read(office):
    gp = office()
    new = f"practice/{gp.practice.id}/new/"
    gp.visitor.get(new)
    gp.visitor.post(new, SENT_WHO)
    screen = gp.visitor.fields["screen"][0][1]
    for fields, status in (({"screen": "x", "go": "on"}, 409), ({"screen": screen, "go": "on", "stranger": "1"}, 400)):
        gp.visitor.get(f"{new}1/")
        assert gp.visitor.post(f"{new}1/", fields).response.status_code == status
    gp.visitor.get(f"{new}examination/")
    assert gp.visitor.post(f"{new}examination/", {"stranger": "1"}).response.status_code == 400
    assert gp.practice.patients.count() == 0
    assert gp.visitor.get(f"{new}7/").response.status_code == 200


@pytest.mark.control("C-33")
def test_who_sends_the_last_form_twice_at_once_is_one_patient(office, monkeypatch):
    from ruggespraak.web import practice_new

    gp = office()
    new = f"practice/{gp.practice.id}/new/"
    gp.visitor.get(new)
    gp.visitor.post(new, SENT_WHO)
    gp.visitor.get(f"{new}examination/")
    once, seen = practice_new.read_form, []

    def again(*values):  # both forms are read before either is written
        if not seen:
            seen.append(1)
            token = gp.visitor.fields["csrfmiddlewaretoken"][0][1]
            seen.append(gp.visitor.client.post(f"/nl/{new}examination/", {"csrfmiddlewaretoken": token}).status_code)
        return once(*values)

    monkeypatch.setattr(practice_new, "read_form", again)
    second = gp.visitor.post(f"{new}examination/", {}).response.status_code
    assert (seen[1], second) == (302, 409)
    assert gp.practice.patients.count() == 1


def test_no_form_is_read_without_its_token(office):
    gp = office()
    episode = gp.patient(BACK)
    for page in ("", "examination/", "correct/1/"):
        gp.open(episode, page)
        gp.visitor.fields = {}
        fields = {"so_far": "1", "do": "phone", "slr_positive": "yes"}
        assert gp.visitor.post(f"practice/episode/{episode.id}/{page}", fields).response.status_code == 403
    for page in ("", "new/", "new/1/", "new/examination/"):
        gp.visitor.fields = {}
        assert gp.visitor.post(f"practice/{gp.practice.id}/{page}", SENT_WHO).response.status_code == 403
    assert facts(episode) == ["answers"]


def test_nothing_personal_is_in_an_address_or_a_log_and_every_read_is_noted(office, caplog):
    from ruggespraak.clinic import log

    caplog.set_level(logging.DEBUG)
    gp = office()
    episode = gp.patient(ROOT)
    gp.worklist()
    for page in PAGES:
        gp.open(episode, page)
    gp.examines(episode, slr_positive="yes")
    read = [row for row in log.of_patient(episode.patient) if row.event == "read"]
    assert {row.page for row in read} == {
        "episode", "examination", "correct", "letter", "work_plan", "weigh", "weigh_pdf",
    }  # fmt: skip
    assert {(row.account, row.role, row.practice) for row in read} == {(gp.account.pk, "gp", gp.practice.pk)}
    everything = "\n".join(
        [*gp.visitor.seen, *(one.getMessage() for one in caplog.records if one.name != "django.db.backends")]
    )
    assert NAME not in everything
    assert "wil@" not in everything
    assert not [id for id in VOCABULARY if re.search(rf"\b{id}\b", "\n".join(gp.visitor.seen))]


def test_what_a_care_giver_does_has_an_author_and_stands_in_the_log_with_it(office):
    from ruggespraak.clinic import log
    from ruggespraak.clinic.models import Choice

    gp = office(lang="en", role="nurse")
    episode = gp.patient(BACK)
    gp.does(episode, "phone")
    gp.does(episode, "choose", **{"choice-stay_active": "follow"})
    fact, choice = episode.facts.last(), Choice.objects.get(decision__fact__episode=episode)
    assert (fact.by, fact.author) == (choice.by, choice.author) == ("nurse", gp.account)
    assert f"practice nurse, {gp.account.name}" in words(gp.open(episode).page)
    assert [row.page for row in log.of_patient(episode.patient) if row.event == "write"] == ["episode", "episode"]


def test_a_fact_that_cannot_be_noted_is_not_written(office, monkeypatch):
    from ruggespraak.clinic import log

    gp = office()
    episode = gp.patient(BACK)
    gp.open(episode)
    note = log.note

    def fails(what, *more, **rest):
        if what == "write":
            raise OSError("the disk is full")
        return note(what, *more, **rest)

    monkeypatch.setattr(log, "note", fails)
    gp.visitor.client.raise_request_exception = False
    gp.visitor.post(f"practice/episode/{episode.id}/", {**gp.so_far, "do": "phone"})
    assert gp.visitor.response.status_code == 500
    assert facts(episode) == ["answers"]


def test_a_letter_that_leaves_the_record_is_noted(office):
    from ruggespraak.clinic import log

    gp = office()
    episode = gp.patient({**ROOT, "works": True})
    for page in ("letter-neurologist.pdf", "work-plan.pdf", "weigh.pdf", "letter-gp.pdf"):
        gp.open(episode, page)
    exported = [row.page for row in log.of_patient(episode.patient) if row.event == "export"]
    assert sorted(exported) == ["letter", "weigh_pdf", "work_plan"]


@pytest.mark.parametrize("page", ["correct/1/", "letter-neurologist.pdf", "weigh/", "weigh.pdf", "work-plan.pdf"])
def test_what_a_doctor_decides_is_not_for_a_practice_nurse(office, page):
    nurse = office(role="nurse")
    episode = nurse.patient({**ROOT, "works": True})
    assert nurse.open(episode, page).response.status_code == 403
    assert f"/{page}" not in nurse.open(episode).page, "nor is it offered"


def test_a_practice_nurse_decides_under_no_other_edition(office):
    nurse = office(role="nurse")
    episode = nurse.patient(BACK, EditionChanged(nurse.clock(), "nice"))
    nurse.does(episode, "edition")
    assert nurse.visitor.response.status_code == 403
    assert facts(episode) == ["answers", "edition"]
    assert 'value="edition"' not in nurse.open(episode).page


def test_no_page_is_kept_or_listed(office):
    gp = office()
    episode = gp.patient(ROOT)
    for page in PAGES:
        found = gp.open(episode, page).response
        assert found["Cache-Control"] == "no-store"
        assert found["X-Robots-Tag"] == "noindex"
    for path in ("practice/", f"practice/{gp.practice.id}/", f"practice/{gp.practice.id}/new/"):
        assert gp.visitor.get(path).response["Cache-Control"] == "no-store"


def test_dutch_and_english_have_the_same_shape(office):
    gp = office()
    episode = gp.patient(ROOT, Contact(gp.clock(), seen=True), EditionChanged(gp.clock(), "nice"))
    done = gp.patient(BACK, Recovery(gp.clock()))
    paths = ["practice/", f"practice/{gp.practice.id}/", f"practice/{gp.practice.id}/new/"]
    paths += [
        f"practice/episode/{one.id}/{page}" for one in (episode, done) for page in ("", "examination/", "correct/1/")
    ]
    for path in paths:
        dutch, english = (shape(gp, path, lang) for lang in LANGUAGES)
        assert dutch == english, path


def shape(gp, path, lang):
    """The tags of a page, but for what is inside a drawing or one line more or less of a list."""
    gp.visitor.lang = lang
    page = re.sub(r"<svg.*?</svg>", "", gp.visitor.get(path).page, flags=re.S)
    assert f'<html lang="{lang}">' in page
    return [tag for tag in re.findall(r"<(\w+)", page) if tag not in ("li", "p")]
