"""The record: facts only add up, every decision can be made again, and erasing leaves nothing to read."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ruggespraak import course
from ruggespraak.course import (
    Answers,
    Contact,
    EditionChanged,
    HandOver,
    HandOverConfirmed,
    Recovery,
    Relapse,
    Silence,
    Status,
)
from ruggespraak.pathway.rules import Urgency

ON = date(2026, 1, 5)
PLAIN = {"low_back_pain": True, "leg_pain": False, "duration_days": 5, "age_years": 40}
NUMB = {**PLAIN, "saddle_numbness": True}


@pytest.fixture
def practice():
    from ruggespraak.clinic.models import Practice

    return Practice.objects.create(name="De Wervel", profession="gp")


@pytest.fixture
def episode(practice):
    return opened(practice)


def opened(practice, on=ON):
    from ruggespraak.clinic import record

    who = {"name": "Test Persoon", "born": 1980, "email": "test@record.example.org", "lang": "nl"}
    return record.open_episode(record.new_patient(practice, who, on), on)


def answers(on, told, by="patient"):
    return Answers(on, told, frozenset(), by)


# -- facts -------------------------------------------------------------------------------------------------------------


@pytest.mark.control("C-24")
def test_an_answer_is_kept_and_decided_with_its_edition_inputs_and_explanation(episode):
    from ruggespraak.clinic import record

    fact = record.add(episode, answers(ON, NUMB), "patient")
    (decision,) = fact.decisions.all()
    stored = record.known(decision)
    assert decision.edition.startswith("current@")
    assert stored["case"]["findings"]["saddle_numbness"] is True
    assert stored["decision"]["urgency"] == "emergency"
    assert stored["explanation"]["alarms"]
    assert (episode.alarm_open, episode.concern, episode.next_contact) == (True, int(Urgency.EMERGENCY), ON)


def test_every_event_of_a_course_comes_back_as_it_was(episode):
    from ruggespraak.clinic import record
    from ruggespraak.clinic.facts import content_of, event_of

    events = [
        Answers(ON, {"onset_date": date(2026, 1, 1), "age_years": 40.0}, frozenset({"fever_reported"})),
        Contact(ON, seen=True), Silence(ON), Recovery(ON), Relapse(ON), EditionChanged(ON, "nice"),
        HandOver(ON, "neurologist"), HandOverConfirmed(ON),
    ]  # fmt: skip
    assert {type(event) for event in events} == set(course.EVENTS)
    for event in events:
        from ruggespraak.clinic.facts import NAMES

        assert event_of(NAMES[type(event)], event.on, content_of(event)) == event
        record.add(episode, event, "gp")
    assert [one.event for one in record.history(episode)] == events


@pytest.mark.control("C-24")
def test_a_fact_a_decision_and_a_choice_are_never_changed_and_never_deleted(episode):
    from django.db import DatabaseError, transaction

    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import AppendOnlyError, Choice, Decision, Fact

    fact = record.add(episode, answers(ON, PLAIN), "patient")
    decision = fact.decisions.get()
    Choice.objects.create(decision=decision, advice="stay_active", follows=True, reason=b"", by="gp")
    for row in (fact, decision, decision.choices.get()):
        with pytest.raises(AppendOnlyError):
            row.save()
        with pytest.raises(AppendOnlyError):
            row.delete()
    for table, change in ((Fact, {"by": "nobody"}), (Decision, {"edition": "x"}), (Choice, {"by": "nobody"})):
        with pytest.raises(DatabaseError, match="append only"), transaction.atomic():
            table.objects.update(**change)
        with pytest.raises(DatabaseError, match="append only"), transaction.atomic():
            table.objects.all()._raw_delete(using="default")


def test_an_event_of_before_the_last_one_changes_nothing(episode):
    from ruggespraak.clinic import record

    record.add(episode, answers(ON + timedelta(days=3), PLAIN), "patient")
    with pytest.raises(course.EventOrderError):
        record.add(episode, answers(ON, NUMB), "patient")
    assert episode.facts.count() == 1


# -- corrections -------------------------------------------------------------------------------------------------------


def test_a_correction_is_a_new_fact_decides_again_and_leaves_what_was_decided(episode):
    from ruggespraak.clinic import record

    first = record.add(episode, answers(ON, NUMB), "patient")
    later = ON + timedelta(days=1)
    record.correct(first, answers(ON, {**NUMB, "saddle_numbness": False}), "gp", later)
    episode.refresh_from_db()
    assert [one.corrected for one in record.history(episode)] == [True, False]
    assert not episode.alarm_open
    decided = [one for fact in episode.facts.all() for one in fact.decisions.all()]
    assert [record.known(one)["decision"]["urgency"] for one in decided] == ["emergency", "routine"]
    assert episode.next_contact >= later


def test_a_correction_can_be_corrected_only_once_and_at_its_latest_form(episode):
    from ruggespraak.clinic import record

    first = record.add(episode, answers(ON, NUMB), "patient")
    second = record.correct(first, answers(ON, PLAIN), "gp", ON)
    for fact in (first, second):
        with pytest.raises(record.CorrectionError):
            record.correct(fact, answers(ON, NUMB), "gp", ON)


@pytest.mark.control("C-06")
def test_a_patient_cannot_correct_an_alarm_away(episode):
    from ruggespraak.clinic import record

    first = record.add(episode, answers(ON, NUMB), "patient")
    with pytest.raises(record.CorrectionError):
        record.correct(first, answers(ON, PLAIN), "patient", ON)
    record.add(episode, answers(ON, {"saddle_numbness": False}), "patient")
    assert episode.alarm_open


@pytest.mark.parametrize("event", [Contact(ON), answers(ON + timedelta(days=1), PLAIN)])
def test_only_the_same_kind_of_fact_of_the_same_day_corrects(episode, event):
    from ruggespraak.clinic import record

    first = record.add(episode, answers(ON, NUMB), "patient")
    with pytest.raises(record.CorrectionError):
        record.correct(first, event, "gp", ON + timedelta(days=2))


# -- sealed ------------------------------------------------------------------------------------------------------------


def test_what_is_sealed_for_one_patient_and_purpose_opens_for_no_other(practice):
    from ruggespraak.clinic.sealing import SealError

    one, other = opened(practice).patient, opened(practice).patient
    sealed = one.seal("fact 1", {"a": 1})
    assert one.unseal("fact 1", sealed) == {"a": 1}
    for patient, purpose, content in ((other, "fact 1", sealed), (one, "fact 2", sealed), (one, "fact 1", sealed[:-1])):
        with pytest.raises(SealError):
            patient.unseal(purpose, content)


@pytest.mark.control("C-55")
def test_erasing_destroys_the_key_and_leaves_nothing_to_read_or_to_remind_of(episode):
    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import Decision, Reminder
    from ruggespraak.clinic.sealing import ErasedError

    fact = record.add(episode, answers(ON, NUMB), "patient")
    Reminder.objects.create(episode=episode, contact=ON)
    record.erase(episode.patient)
    assert episode.patient.erased
    decision = Decision.objects.get(fact=fact)
    for read in (lambda: episode.patient.who, lambda: record.history(episode), lambda: record.known(decision)):
        with pytest.raises(ErasedError):
            read()
    with pytest.raises(ErasedError):
        record.add(episode, Contact(ON), "gp")
    episode.refresh_from_db()
    assert (episode.alarm_open, episode.next_contact, episode.why) == (False, None, None)
    assert episode.facts.count() == 1  # what is counted survives
    assert not episode.reminders.exists()


@pytest.mark.parametrize("hold", ["held", "erase"])
def test_who_only_refers_to_a_patient_does_not_wait_for_who_writes_in_her_record(episode, hold):
    """Else two who both also add to the access log wait for each other."""
    from threading import Thread

    from django.db import connection, transaction

    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import Account, Emergency

    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    account, patient = Account.objects.create_account(f"{episode.id}@example.org"), episode.patient

    def refers():
        Emergency.objects.create(account=account, patient=patient, row=0, until="2026-01-05T12:00:00Z")
        connection.close()

    other = Thread(target=refers, daemon=True)
    with transaction.atomic():
        getattr(record, hold)(episode if hold == "held" else patient)
        other.start()
        other.join(5)
        assert not other.is_alive()


@pytest.mark.control("C-55")
def test_the_database_holds_no_name_and_no_answer_in_the_clear(episode, site):
    from ruggespraak.clinic import record

    record.add(episode, answers(ON, {**NUMB, "cancer_history": True}), "patient")
    if not site.exists():
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("select string_agg(encode(content, 'escape'), '') from clinic_fact")
            raw = str(cursor.fetchone()).encode()
    else:
        raw = b"".join(path.read_bytes() for path in site.parent.iterdir() if path.name.startswith(site.name))
    for words in (b"Test Persoon", b"record.example.org", b"cancer_history", b"saddle"):
        assert words not in raw


# -- any order of anything ---------------------------------------------------------------------------------------------

DAYS = st.integers(0, 20)
TOLD = st.fixed_dictionaries(
    {},
    optional={
        "low_back_pain": st.just(True), "leg_pain": st.booleans(), "saddle_numbness": st.booleans(),
        "course": st.sampled_from(["better", "same", "worse"]), "fever_reported": st.booleans(),
        "pain_back_nrs": st.integers(0, 10), "weak_leg_reported": st.booleans(), "duration_days": st.integers(0, 200),
    },
)  # fmt: skip
EVENT = st.one_of(
    st.builds(lambda told, by: lambda on: Answers(on, told, frozenset(), by), TOLD,
              st.sampled_from(["patient", "proxy", "clinician"])),
    st.builds(lambda seen: lambda on: Contact(on, seen), st.booleans()),
    st.sampled_from([Silence, Recovery, Relapse, HandOverConfirmed]),
    st.just(lambda on: HandOver(on, "neurologist")),
    st.sampled_from(["current", "nice", "acp"]).map(lambda id: lambda on: EditionChanged(on, id)),
    st.builds(lambda told: ("correct", told), TOLD),
    st.just(("remind", None)),
)  # fmt: skip


@pytest.mark.control("C-26")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.tuples(DAYS, EVENT), min_size=1, max_size=8))
def test_whatever_happens_nobody_is_lost_no_alarm_disappears_and_no_reminder_comes_twice(practice, happens):
    """Dated until recovery or a confirmed hand-over; an alarm goes only with who looks or corrects."""
    from ruggespraak.clinic import jobs, record
    from ruggespraak.clinic.models import Decision, Reminder

    row, on = opened(practice), ON
    for days, event in happens:
        on += timedelta(days=days)
        alarm, corrected, seen = row.alarm_open, False, False
        if isinstance(event, tuple) and event[0] == "remind":
            jobs.remind(on)
            jobs.remind(on)
        elif isinstance(event, tuple):
            told = [one.fact for one in record.history(row) if one.fact.name == "answers" and not one.corrected]
            told = [fact for fact in told if fact.corrects is None]
            if told:
                record.correct(told[-1], Answers(told[-1].on, event[1], frozenset(), "patient"), "gp", on)
                corrected = True
        else:
            made = event(on)
            record.add(row, made, "gp")
            seen = getattr(made, "seen", False) or getattr(made, "answered_by", "") == "clinician"
            seen = seen or isinstance(made, HandOverConfirmed)
        row.refresh_from_db()
        ended = row.status in (str(Status.RECOVERED), str(Status.CLOSED))
        assert (row.next_contact is None) == ended
        told = row.facts.order_by("number").last()
        assert ended or row.next_contact <= on + timedelta(days=course.follow_up.FURTHEST)
        assert ended or told is None or told.on <= row.next_contact
        if alarm and not row.alarm_open:
            assert seen or corrected or record.replayed(row).decision.urgency < Urgency.WITHIN_DAYS
    assert Reminder.objects.filter(episode=row).count() == len(
        set(Reminder.objects.filter(episode=row).values_list("contact"))
    )
    for decision in Decision.objects.filter(fact__episode=row):
        stored, again = record.made_again(decision)
        assert stored == again
    assert record.replayed(row).next_contact == row.next_contact


def test_a_key_that_was_destroyed_is_in_no_file_of_the_database(episode):
    from django.db import connection

    from ruggespraak.clinic import record

    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps old rows until it cleans up, and its journal as long as is set")
    key, file = bytes(episode.patient.key), Path(connection.settings_dict["NAME"])
    kept = [file, *file.parent.glob(f"{file.name}-*")]
    assert any(key in one.read_bytes() for one in kept)
    record.erase(episode.patient)
    assert not [one.name for one in kept if one.exists() and key in one.read_bytes()]
