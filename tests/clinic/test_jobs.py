"""What happens without anybody clicking: a reminder is sent once and tells nothing, and every silence gets a date."""

import socketserver
import threading
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from smtplib import SMTPServerDisconnected

import pytest

from at_once import at_once
from clinic_people import CANCER, NUMB, PLAIN, answers, episode, practice
from ruggespraak.course import Silence

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
DAYS = count(0, 400)


@pytest.fixture
def on():
    """A day of its own: what other tests left in the database has no contact near it."""
    return date(2031, 1, 1) + timedelta(days=next(DAYS))


@pytest.fixture
def gps():
    return practice()


@pytest.fixture(autouse=True)
def outbox():
    """Every mail of this test."""
    from django.core import mail
    from django.test import override_settings

    with override_settings(EMAIL_BACKEND=LOCMEM):
        mail.outbox = []
        yield mail.outbox


def days(number):
    return timedelta(days=number)


def reminded(today, outbox):
    from ruggespraak.clinic import jobs

    jobs.remind(today)
    return [address for message in outbox for address in message.to]


# -- who is reminded ---------------------------------------------------------------------------------------------------


def test_who_has_a_contact_today_is_reminded_and_nobody_else(gps, on, outbox):
    one = episode(gps, on)
    episode(gps, on - days(1))
    episode(gps, on + days(1))
    assert reminded(one.next_contact, outbox) == [one.patient.who["email"]]


@pytest.mark.control("C-27")
@pytest.mark.parametrize("told", [NUMB, {**PLAIN, "fever_reported": True, "immunosuppressed": True}])
def test_an_alarm_that_must_be_phoned_gets_no_mail(gps, on, outbox, told):
    from ruggespraak.clinic import record

    one = episode(gps, on, told)
    assert record.replayed(one).channel == "phone"
    assert reminded(one.next_contact, outbox) == []


@pytest.mark.control("C-27")
def test_after_two_silences_a_person_calls_and_no_mail_is_sent(gps, on, outbox):
    from ruggespraak.clinic import record

    one = episode(gps, on)
    for _ in range(2):
        record.add(one, Silence(one.next_contact), "system")
    assert record.replayed(one).channel == "phone"
    assert reminded(one.next_contact, outbox) == []


@pytest.mark.parametrize("told", [{}, PLAIN, CANCER])
def test_whose_contact_is_made_by_message_is_reminded(gps, on, outbox, told):
    """Also with an alarm that may wait for days: the practice sees it, and she is asked how it goes."""
    from ruggespraak.clinic import record

    one = episode(gps, on, told)
    assert record.replayed(one).channel == "message"
    assert reminded(one.next_contact, outbox) == [one.patient.who["email"]]


def test_who_has_no_address_is_not_reminded(gps, on, outbox):
    one = episode(gps, on, email="")
    assert reminded(one.next_contact, outbox) == []


def test_the_erased_are_not_reminded(gps, on, outbox):
    from ruggespraak.clinic import record

    one = episode(gps, on)
    contact = one.next_contact
    record.erase(one.patient)
    assert reminded(contact, outbox) == []


# -- once --------------------------------------------------------------------------------------------------------------


def test_asking_again_on_the_same_day_sends_nothing_more(gps, on, outbox):
    from ruggespraak.clinic import jobs

    one = episode(gps, on)
    assert [jobs.remind(one.next_contact) for _ in range(3)] == [1, 0, 0]
    assert len(outbox) == 1


def failed(outcomes):
    return [one for one in outcomes if isinstance(one, Exception)]


def test_two_workers_at_once_send_it_once(gps, on, outbox):
    from ruggespraak.clinic import jobs

    people = [episode(gps, on) for _ in range(5)]
    assert not failed(at_once(4, lambda: jobs.remind(people[0].next_contact)))
    assert sorted(address for message in outbox for address in message.to) == sorted(
        one.patient.who["email"] for one in people
    )


def test_the_same_task_twice_at_once_sends_it_once(gps, on, outbox):
    from ruggespraak.clinic import jobs
    from ruggespraak.clinic.models import Reminder

    one = episode(gps, on)
    Reminder.objects.create(episode=one, contact=one.next_contact)
    assert not failed(at_once(4, lambda: jobs.send_reminder.call(str(one.pk), one.next_contact.isoformat())))
    assert len(outbox) == 1


# -- when the mail server is down --------------------------------------------------------------------------------------


@pytest.mark.control("C-27")
def test_a_mail_that_could_not_be_sent_is_sent_later_and_then_once(gps, on):
    from ruggespraak.clinic import jobs
    from ruggespraak.clinic.models import Reminder

    one = episode(gps, on)
    with MailServer(refuses=1) as server, server.settings():
        assert jobs.remind(one.next_contact) == 1
        reminder = Reminder.objects.get(episode=one)
        assert (server.mails, reminder.sent) == ([], None)
        assert [jobs.send_again(), jobs.send_again()] == [1, 0]
        reminder.refresh_from_db()
        assert (len(server.mails), reminder.sent is None) == (1, False)


def test_a_mail_server_that_is_gone_keeps_no_other_from_being_tried(gps, on, monkeypatch, caplog):
    from django.core.mail import EmailMessage

    from ruggespraak.clinic import jobs
    from ruggespraak.clinic.models import Reminder

    people = [episode(gps, on) for _ in range(2)]
    with monkeypatch.context() as patched:
        patched.setattr(EmailMessage, "send", _gone)
        assert jobs.remind(people[0].next_contact) == 2
    assert Reminder.objects.filter(episode__in=people, sent=None).count() == 2
    assert not any(one.patient.who["email"] in caplog.text for one in people)
    assert jobs.send_again() == 2


def _gone(_message):
    raise SMTPServerDisconnected("gone")


def test_who_answered_in_the_meantime_is_not_asked_again(gps, on, outbox, monkeypatch):
    from django.core.mail import EmailMessage

    from ruggespraak.clinic import jobs, record

    one = episode(gps, on)
    with monkeypatch.context() as patched:
        patched.setattr(EmailMessage, "send", _gone)
        jobs.remind(one.next_contact)
    record.add(one, answers(one.next_contact, {"course": "better"}), "patient")
    assert jobs.send_again() == 0
    assert outbox == []


@pytest.mark.parametrize("happens", ["alarm", "erased"])
def test_what_happened_in_the_meantime_counts_when_it_is_tried_again(gps, on, outbox, monkeypatch, happens):
    from django.core.mail import EmailMessage

    from ruggespraak.clinic import jobs, record

    one = episode(gps, on)
    with monkeypatch.context() as patched:
        patched.setattr(EmailMessage, "send", _gone)
        jobs.remind(one.next_contact)
    if happens == "alarm":
        record.add(one, answers(one.next_contact, {"saddle_numbness": True}), "patient")
    else:
        record.erase(one.patient)
    assert jobs.send_again() == 0
    assert outbox == []


# -- what it says ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "says"), [("nl", "Hoe gaat het?"), ("en", "How is it going?")])
def test_the_mail_is_in_the_language_of_the_patient_and_its_link_too(gps, on, outbox, lang, says):
    from ruggespraak.clinic import sharing

    one = episode(gps, on, lang=lang)
    reminded(one.next_contact, outbox)
    (mail,) = outbox
    assert mail.subject == says
    link = mail.body.rpartition(" ")[2]
    assert f"/{lang}/mine/" in link
    assert sharing.episode_of(link.strip("/").rpartition("/")[2]) == one


def test_the_mail_tells_nothing_about_anybody(gps, on, outbox):
    """Who reads along learns that there is a practice, and no more: not even which."""
    one = episode(gps, on, CANCER | {"pain_back_nrs": 7}, name="Naam Achternaam", email="adres@example.org")
    reminded(one.next_contact, outbox)
    (mail,) = outbox
    whole = mail.message().as_string()
    for word in ("Naam", "Achternaam", "1980", "De Wervel", "kanker", "cancer", "rug", "pijn", str(one.patient_id)):
        assert word.lower() not in mail.body.lower().replace("ruggespraak", "")
        assert word.lower() not in mail.subject.lower()
    assert "Naam" not in whole
    assert mail.recipients() == ["adres@example.org"]


def test_a_real_mail_server_gets_one_mail_for_one_address(gps, on):
    from ruggespraak.clinic import jobs

    people = [episode(gps, on) for _ in range(2)]
    with MailServer() as server, server.settings():
        jobs.remind(people[0].next_contact)
    assert sorted(to for to, _text in server.mails) == sorted(f"<{one.patient.who['email']}>" for one in people)
    assert all("Subject: Hoe gaat het?" in text for _to, text in server.mails)


class MailServer:
    """As much of an SMTP server as Django speaks with. It first refuses so many mails."""

    def __init__(self, refuses=0):
        self.refuses, self.mails = refuses, []
        hears = type("Hears", (_Hears,), {"owner": self})
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), hears)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error):
        self.server.shutdown()
        self.server.server_close()

    @contextmanager
    def settings(self):
        from django.test import override_settings

        with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=self.server.server_address[1]):
            yield


class _Hears(socketserver.StreamRequestHandler):
    def handle(self):
        self.says("220 here")
        to = ""
        while command := self.rfile.readline().decode().strip():
            match command.split(":")[0].split()[0].upper():
                case "RCPT":
                    to = command.partition(":")[2].split()[0]
                    self.says("250 ok")
                case "DATA" if self.owner.refuses:
                    self.owner.refuses -= 1
                    self.says("451 not now")
                case "DATA":
                    self.says("354 go on")
                    lines = iter(lambda: self.rfile.readline().decode(), ".\r\n")
                    self.owner.mails.append((to, "".join(lines)))
                    self.says("250 taken")
                case "QUIT":
                    self.says("221 bye")
                    return
                case _:
                    self.says("250 ok")

    def says(self, line):
        self.wfile.write(f"{line}\r\n".encode())


# -- silences ----------------------------------------------------------------------------------------------------------


def test_a_contact_that_passed_is_noted_once_and_gets_its_next_date(gps, on):
    from ruggespraak.clinic import jobs

    one = episode(gps, on)
    passed = one.next_contact + days(1)
    assert [jobs.note_silences(passed) >= 1, jobs.note_silences(passed)] == [True, 0]
    one.refresh_from_db()
    assert [fact.name for fact in one.facts.order_by("number")] == ["answers", "silence"]
    assert one.facts.last().by == "system"
    assert (one.missed, one.next_contact > passed) == (1, True)


def test_on_the_day_itself_nobody_is_silent_yet(gps, on):
    from ruggespraak.clinic import jobs

    one = episode(gps, on)
    jobs.note_silences(one.next_contact)
    assert one.facts.count() == 1


def test_an_emergency_that_stays_silent_is_called_about_every_other_day_and_stays_an_alarm(gps, on):
    from ruggespraak.clinic import jobs

    one = episode(gps, on, NUMB)
    for passed in range(1, 7):
        today = on + days(passed)
        jobs.note_silences(today)
        one.refresh_from_db()
        assert one.alarm_open
        assert one.next_contact in (today, today + days(1))
    assert one.missed == 3


def test_the_erased_and_the_recovered_are_not_silent(gps, on):
    from ruggespraak.clinic import jobs, record
    from ruggespraak.course import Recovery

    erased, better = episode(gps, on), episode(gps, on)
    record.erase(erased.patient)
    record.add(better, Recovery(on), "patient")
    jobs.note_silences(on + days(300))
    assert [one.facts.filter(name="silence").count() for one in (erased, better)] == [0, 0]


def test_months_without_a_word_loses_nobody(gps, on):
    """Every day the jobs run; there is always a next date, and never two reminders of one."""
    from ruggespraak.clinic import jobs
    from ruggespraak.clinic.models import Reminder

    one = episode(gps, on)
    for passed in range(120):
        today = on + days(passed)
        jobs.note_silences(today)
        jobs.remind(today)
        one.refresh_from_db()
        assert today <= one.next_contact <= today + days(84)
    contacts = list(Reminder.objects.filter(episode=one).values_list("contact", flat=True))
    assert len(contacts) == len(set(contacts)) == 2  # then a person calls
