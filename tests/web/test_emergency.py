"""A record that is open to some only: who sees what of it, who opens it in an emergency, and who judges that."""

from datetime import timedelta

import pytest

from ruggespraak.pathway.texts import word
from workplace import BACK, CAUDA, NAME, Office, facts, words

WHY = {"kind": "danger", "why": "Ligt bewusteloos op de stoep"}
PAGES = ("", "examination/", "correct/1/", "letter-neurologist.pdf", "work-plan.pdf", "weigh/", "weigh.pdf")


@pytest.fixture
def mail(monkeypatch):
    """The mail that was sent."""
    from django.conf import settings
    from django.core import mail

    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    return mail.outbox


@pytest.fixture
def owner():
    """The GP to whom the record is open."""
    return Office(lang="en")


@pytest.fixture
def closed(owner):
    """A record with an alarm that is open to that GP only."""
    episode = owner.patient({**CAUDA, "works": True})
    owner.does(episode, "open_to", open_to="some")
    return episode


@pytest.fixture
def other(owner):
    """A colleague to whom it is not open."""
    return Office(lang="en", practice=owner.practice)


@pytest.fixture
def guard(owner):
    """The privacy officer of that practice."""
    return Guard(owner.practice)


class Guard:
    def __init__(self, practice):
        from signing import care_giver, signed_in
        from visitor import Visitor

        self.practice, self.account = practice, care_giver(practice, "privacy_officer")
        self.visitor = Visitor("en")
        signed_in(self.visitor.client, self.account)

    def reads(self, query=""):
        return words(self.visitor.get(f"practice/{self.practice.id}/log/{query}").page)

    def signs_off(self, emergency):
        self.reads()
        return self.visitor.post(f"practice/{self.practice.id}/log/", {"emergency": emergency.pk})


def opens(who, episode, **fields):
    who.open(episode, "emergency/")
    return who.visitor.post(f"practice/episode/{episode.id}/emergency/", {**WHY, **fields})


def rows(episode, event):
    from ruggespraak.clinic import log

    return list(log.of_patient(episode.patient).filter(event=event))


# -- closed ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_a_closed_record_opens_for_nobody_else(closed, owner, other, page):
    assert NAME not in other.open(closed, page).page
    assert other.visitor.path.endswith("/emergency/")
    assert rows(closed, "refused")[0].account == other.account.pk
    assert owner.open(closed, page).response.status_code == (404 if page == "letter-gp.pdf" else 200)


def test_what_is_sent_to_a_closed_record_is_not_written(closed, other):
    other.worklist()
    other.visitor.post(f"practice/episode/{closed.id}/", {"do": "phone", "so_far": "1"})
    assert facts(closed) == ["answers"]


@pytest.mark.control("C-54")
def test_the_worklist_shows_of_a_closed_record_that_it_is_urgent_and_no_more(closed, owner, other):
    from ruggespraak.clinic import log

    before = len(rows(closed, "read"))
    (row,) = other.rows()
    assert row == f"Closed record {word('urgency.emergency.name', 'en')}"
    assert NAME not in other.visitor.page
    assert f"/practice/episode/{closed.id}/emergency/" in other.visitor.page
    assert len(rows(closed, "read")) == before, "of whom nothing was shown, that is not noted"
    assert log.of_practice(owner.practice.pk)[0].page == "worklist"
    assert NAME in owner.rows()[0]


def test_a_record_is_opened_to_a_colleague_and_to_everybody_again(closed, owner, other):
    owner.does(closed, "open_to", open_to="some", some=[str(other.account.pk)])
    assert NAME in other.open(closed).page
    other.does(closed, "open_to", open_to="some", some=[])
    assert not closed.patient.only_for.filter(pk=owner.account.pk).exists()
    other.does(closed, "open_to", open_to="everybody")
    assert not closed.patient.only_for.exists()
    assert NAME in owner.open(closed).page
    assert [row.page for row in rows(closed, "access")] == ["open_to"] * 4


def test_only_care_givers_of_the_practice_can_be_chosen(closed, owner, guard):
    for nobody in (guard.account, Office().account):
        owner.does(closed, "open_to", open_to="some", some=[str(nobody.pk)])
        assert owner.visitor.response.status_code == 400
    assert [one.pk for one in closed.patient.only_for.all()] == [owner.account.pk]


def test_who_may_open_a_record_is_chosen_only_as_the_page_showed_it(owner):
    episode = owner.patient(BACK)
    owner.open(episode)
    shown = owner.so_far
    owner.does(episode, "phone")
    owner.visitor.post(f"practice/episode/{episode.id}/", {**shown, "do": "open_to", "open_to": "some"})
    assert owner.visitor.response.status_code == 409
    assert not episode.patient.only_for.exists()


@pytest.mark.parametrize("fields", [{"do": "phone"}, {"do": "open_to", "open_to": "some"}])
@pytest.mark.parametrize(("meanwhile", "status"), [("erased", 404), ("closed", 409)])
def test_who_is_erased_or_closed_while_a_form_is_read_is_not_written_about(
    owner, other, monkeypatch, fields, meanwhile, status
):
    from ruggespraak.clinic import record

    episode, held = owner.patient(BACK), record.held
    owner.open(episode)

    def first(one):
        if meanwhile == "erased":
            record.erase(type(episode.patient).objects.get(pk=episode.patient_id))
        else:
            episode.patient.only_for.set([other.account])
        return held(one)

    monkeypatch.setattr(record, "held", first)
    owner.visitor.post(f"practice/episode/{episode.id}/", {**owner.so_far, **fields})
    assert owner.visitor.response.status_code == status
    assert facts(episode) == ["answers"]
    assert not episode.patient.only_for.filter(pk=owner.account.pk).exists()


def test_a_refused_attempt_at_a_record_says_whose_it_was(owner, guard):
    episode = owner.patient(BACK)
    stranger = Office()
    assert stranger.open(episode).response.status_code == 404
    assert guard.visitor.get(f"practice/episode/{episode.id}/").response.status_code == 403
    found = [(row.account, row.role, row.practice) for row in rows(episode, "refused")]
    assert found == [
        (guard.account.pk, "privacy_officer", owner.practice.pk),
        (stranger.account.pk, "none", owner.practice.pk),
    ]


def test_a_practice_nurse_does_not_choose_who_may_open_a_record(owner):
    nurse = Office(practice=owner.practice, role="nurse")
    episode = nurse.patient(BACK)
    nurse.does(episode, "open_to", open_to="some")
    assert nurse.visitor.response.status_code == 403
    assert not episode.patient.only_for.exists()


# -- in an emergency ---------------------------------------------------------------------------------------------------


@pytest.mark.control("C-54")
def test_with_a_reason_it_opens_for_half_an_hour_and_says_so_on_every_page(closed, other):
    from django.utils import timezone

    from ruggespraak.clinic import log
    from ruggespraak.clinic.models import Emergency

    assert NAME in opens(other, closed).page
    one = Emergency.objects.get(patient=closed.patient)
    assert timedelta(minutes=29) < one.until - timezone.now() <= timedelta(minutes=30)
    (row,) = rows(closed, "emergency")
    assert (one.row, row.account, row.emergency) == (row.number, other.account.pk, True)
    assert log.reason_of(row, closed.patient).endswith(WHY["why"])
    assert WHY["why"].encode() not in bytes(row.reason)
    for page in ("", "examination/", "correct/1/", "weigh/"):
        assert "Emergency: this record is closed to you" in other.open(closed, page).page, page
    other.does(closed, "phone")
    assert [row.emergency for row in rows(closed, "write")] == [True]


def test_after_half_an_hour_it_is_closed_again(closed, other, monkeypatch):
    from django.utils import timezone

    opens(other, closed)
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=29))
    assert NAME in other.open(closed).page
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=31))
    monkeypatch.setattr("django.conf.settings.SESSION_COOKIE_AGE", 3600)
    assert NAME not in other.open(closed).page


@pytest.mark.parametrize("fields", [{"kind": ""}, {"kind": "curious"}, {"why": ""}, {"why": "  "}, {"why": "x" * 501}])
def test_without_a_reason_nothing_opens_and_the_attempt_is_noted(closed, other, fields):
    from ruggespraak.clinic.models import Emergency

    opens(other, closed, **fields)
    assert other.visitor.title.startswith("Error:")
    assert not Emergency.objects.filter(patient=closed.patient).exists()
    assert rows(closed, "refused")[0].page == "emergency"
    assert NAME not in other.open(closed).page


def test_the_emergency_of_one_opens_nothing_for_another(closed, owner, other):
    third = Office(practice=owner.practice)
    opens(other, closed)
    assert NAME not in third.open(closed).page
    another = owner.patient(CAUDA)
    owner.does(another, "open_to", open_to="some")
    assert NAME not in other.open(another).page


def test_in_an_emergency_a_record_is_not_opened_for_good(closed, owner, other):
    opens(other, closed)
    other.does(closed, "open_to", open_to="everybody")
    assert other.visitor.response.status_code == 403
    assert closed.patient.only_for.exists()
    owner.practice.members.filter(account=owner.account).update(until=owner.clock())
    other.does(closed, "open_to", open_to="everybody")
    assert not closed.patient.only_for.exists(), "nobody to whom it is open works here any more"


def test_the_record_of_another_practice_or_of_the_erased_does_not_exist_in_an_emergency_either(closed, other):
    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import Emergency

    stranger = Office()
    stranger.worklist()
    stranger.visitor.post(f"practice/episode/{closed.id}/emergency/", WHY)
    assert stranger.visitor.response.status_code == 404
    other.open(closed, "emergency/")
    record.erase(closed.patient)
    other.visitor.post(f"practice/episode/{closed.id}/emergency/", WHY)
    assert other.visitor.response.status_code == 404
    assert not Emergency.objects.filter(patient=closed.patient).exists()


def test_an_open_record_needs_no_emergency(owner, other):
    episode = owner.patient(BACK)
    assert other.open(episode, "emergency/").path == f"/en/practice/episode/{episode.id}/"


# -- judged ------------------------------------------------------------------------------------------------------------


def test_the_privacy_officers_get_a_mail_that_says_nothing_of_the_patient(closed, other, guard, mail):
    elsewhere = Guard(Office().practice)
    opens(other, closed)
    (message,) = mail
    assert message.to == [guard.account.email] != [elsewhere.account.email]
    assert message.body.rstrip().endswith(f"/practice/{guard.practice.id}/log/")
    for private in (NAME, WHY["why"], str(closed.id), str(closed.patient_id)):
        assert private not in message.subject + message.body


@pytest.mark.parametrize("own", [False, True])
def test_where_nobody_can_judge_an_emergency_who_manages_the_practice_hears_so(closed, owner, other, mail, own):
    from ruggespraak.clinic.models import Member
    from signing import care_giver

    manager = care_giver(owner.practice, "manager")
    if own:
        Member.objects.create(
            account=other.account, practice=owner.practice, role="privacy_officer", since=other.clock()
        )
    opens(other, closed)
    assert [one.to for one in mail] == [[other.account.email]] * own + [[manager.email]]
    assert mail[-1].body.rstrip().endswith(f"/practice/{owner.practice.id}/members/")
    for private in (NAME, WHY["why"], str(closed.id), str(closed.patient_id)):
        assert private not in mail[-1].subject + mail[-1].body


def test_with_a_privacy_officer_who_manages_the_practice_gets_no_mail(closed, other, guard, mail):
    from signing import care_giver

    care_giver(other.practice, "manager")
    opens(other, closed)
    assert [one.to for one in mail] == [[guard.account.email]]


def test_who_is_erased_at_that_moment_is_not_opened(closed, other, monkeypatch):
    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import Emergency

    held = record.held

    def first(one):
        record.erase(type(one.patient).objects.get(pk=one.patient_id))
        return held(one)

    monkeypatch.setattr(record, "held", first)
    assert opens(other, closed).response.status_code == 404
    assert not Emergency.objects.filter(patient=closed.patient).exists()
    assert rows(closed, "emergency") == []


@pytest.mark.control("C-54")
@pytest.mark.usefixtures("guard")
def test_a_mail_server_that_is_down_does_not_stop_an_emergency(closed, other, monkeypatch):
    from django.core.mail import EmailMessage

    def down(*_):
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailMessage, "send", down)
    assert NAME in opens(other, closed).page


def test_the_privacy_officer_reads_why_and_signs_it_off(closed, other, guard):
    from ruggespraak.clinic.models import Emergency

    opens(other, closed)
    assert WHY["why"] in guard.reads()
    assert NAME not in guard.visitor.page
    one = Emergency.objects.get(patient=closed.patient)
    assert WHY["why"] not in words(guard.signs_off(one).page)
    one.refresh_from_db()
    assert one.signed_by == guard.account
    assert [row.about for row in rows(closed, "sign_off")] == [one.row]
    assert guard.signs_off(one).response.status_code == 409, "once is enough"


def test_nobody_signs_off_what_they_opened_themselves_nor_what_another_practice_did(closed, other):
    from ruggespraak.clinic.models import Emergency, Member

    Member.objects.create(account=other.account, practice=other.practice, role="privacy_officer", since=other.clock())
    opens(other, closed)
    one = Emergency.objects.get(patient=closed.patient)
    other.visitor.get(f"practice/{other.practice.id}/log/")
    assert "another privacy officer must sign it off" in words(other.visitor.page)
    other.visitor.post(f"practice/{other.practice.id}/log/", {"emergency": one.pk})
    assert other.visitor.response.status_code == 400
    assert Guard(Office().practice).signs_off(one).response.status_code == 409
    one.refresh_from_db()
    assert one.signed_by is None


def test_of_the_erased_it_still_stands_that_there_was_an_emergency(closed, other, guard):
    from ruggespraak.clinic import record

    opens(other, closed)
    record.erase(closed.patient)
    assert "the reason with it" in guard.reads()


# -- the log -----------------------------------------------------------------------------------------------------------


def lines(guard, query=""):
    guard.reads(query)
    body = guard.visitor.page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [words(row) for row in body.split("</tr>") if row.strip()]


def test_the_log_says_who_did_what_with_whose_record_by_a_random_id(closed, other, guard):
    opens(other, closed)
    found = lines(guard)
    assert any("opened a closed record in an emergency" in row and "Emergency" in row for row in found)
    assert any(row.endswith(str(closed.patient_id)[:8]) for row in found)
    assert NAME not in guard.visitor.page
    assert str(closed.patient_id) not in guard.visitor.page
    assert other.account.name in guard.visitor.page


def test_equal_rows_of_a_day_are_one_line_with_their_number(owner, guard):
    episode = owner.patient(BACK)
    for _ in range(3):
        owner.open(episode)
    assert [
        row for row in lines(guard, f"?who={owner.account.pk}&event=read") if "(3×)" in row and "patient's page" in row
    ]


def test_a_worklist_is_one_line_of_the_log_with_how_many_records_it_showed(owner, guard):
    for _ in range(3):
        owner.patient(CAUDA)
    owner.rows()
    owner.rows()
    (line,) = lines(guard, f"?who={owner.account.pk}&event=read")
    assert line.endswith("read: worklist 3 records")


def test_the_log_is_of_one_practice_and_reading_it_is_noted(guard):
    elsewhere = Office(lang="en")
    elsewhere.open(elsewhere.patient(BACK))
    elsewhere.account.name = "Iemand Anders"
    elsewhere.account.save()
    first = lines(guard)
    assert not any("Iemand Anders" in row for row in first)
    assert any("access log" in row and guard.account.name in row for row in lines(guard))
    lines(guard, f"?who={elsewhere.account.pk}")
    assert "Iemand Anders" not in guard.visitor.page


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-05", "9999-12-31"])
@pytest.mark.parametrize("name", ["since", "until"])
def test_a_day_of_another_age_is_no_day_of_the_log(guard, name, day):
    guard.reads(f"?{name}={day}")
    assert guard.visitor.response.status_code == 200
    assert "This is no day" in words(guard.visitor.page)


def test_the_log_is_filtered_by_day_person_event_and_emergency(closed, owner, other, guard):
    opens(other, closed)
    assert all("Emergency" in row for row in lines(guard, "?emergencies=yes"))
    assert len(lines(guard, "?event=emergency")) == 1
    assert all(owner.account.name in row for row in lines(guard, f"?who={owner.account.pk}"))
    assert lines(guard, "?since=2001-01-01&until=2001-02-01") == []
    tomorrow = owner.clock(1)
    assert lines(guard, f"?since={tomorrow}&until={tomorrow}") == []


@pytest.mark.parametrize(
    "query",
    ["?since=gisteren", "?until=2026-13-45", "?who=x", "?who=%00", "?event=fly", "?page=999999", "?page=-1", "?page=²"],
)
def test_an_odd_filter_gives_a_page(guard, query):
    assert guard.visitor.get(f"practice/{guard.practice.id}/log/{query}").response.status_code == 200


def test_fifty_lines_of_the_log_stand_on_a_page(owner, guard):
    from ruggespraak.clinic import log
    from ruggespraak.clinic.log import Actor, What

    patient = owner.patient(BACK).patient
    for number in range(60):
        log.note(What.READ, Actor("gp", owner.account.pk, owner.practice.pk), "episode", [patient], about=number)
    assert len(lines(guard)) == 50
    assert "page=2" in guard.visitor.page
    assert len(lines(guard, "?page=2")) > 10


@pytest.mark.parametrize("sent", [{}, {"emergency": "x"}, {"emergency": "²"}, {"emergency": "9" * 40}])
def test_a_sign_off_that_no_page_sent_is_refused(guard, sent):
    guard.reads()
    assert guard.visitor.post(f"practice/{guard.practice.id}/log/", sent).response.status_code == 400
