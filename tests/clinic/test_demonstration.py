"""The demonstration: 200 invented patients whose stories come out of ``course`` exactly as a real one would."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import transaction

from ruggespraak.course import (
    Answers,
    Contact,
    EditionChanged,
    HandOver,
    HandOverConfirmed,
    Recovery,
    Relapse,
    Silence,
    deviation,
)

TODAY = date(2026, 3, 30)  # the day after the clock went forward


class Filled:
    """Everything that a filling wrote."""

    def __init__(self, today):
        from ruggespraak.clinic import demonstration
        from ruggespraak.clinic.models import Decision, Episode, Practice

        before = list(Practice.objects.values_list("pk", flat=True))
        self.today, self.gps = today, demonstration.fill(today)
        self.practices = list(Practice.objects.exclude(pk__in=before))
        self.episodes = list(Episode.objects.filter(practice__in=self.practices).select_related("patient"))
        self.decisions = list(
            Decision.objects.filter(fact__episode__practice__in=self.practices).select_related("fact__episode__patient")
        )

    def readable(self):
        return [episode for episode in self.episodes if not episode.patient.erased]

    def told(self):
        """What happened to whom, without what is drawn anew at each filling."""
        from ruggespraak.clinic import record

        found = []
        for episode in self.readable():
            happened = [(one.event, one.fact.by, one.corrected) for one in record.history(episode)]
            found.append((episode.patient.who, happened, episode.status, episode.next_contact, episode.verdict))
        return sorted(found, key=repr)


@pytest.fixture(scope="module")
def filled():
    with transaction.atomic():
        yield Filled(TODAY)
        transaction.set_rollback(True)


def test_two_practices_have_two_hundred_patients_with_names_that_nobody_has_twice(filled):
    assert Counter(one.profession for one in filled.practices) == {"gp": 1, "physiotherapist": 1}
    assert filled.gps.profession == "gp"
    assert len({episode.patient_id for episode in filled.episodes}) == 200
    names = [episode.patient.who["name"] for episode in filled.readable()]
    assert len(set(names)) == len(names) == 199


def test_nobody_can_be_mailed_by_accident(filled):
    for episode in filled.readable():
        assert episode.patient.who["email"].endswith("@example.org") or not episode.patient.who["email"]


def test_every_story_is_what_course_makes_of_its_facts(filled):
    from ruggespraak.clinic import record

    for row in filled.readable():
        now = record.replayed(row)
        expected = (
            str(now.status), int(now.concern), now.alarm_open, str(deviation(now, now.last).verdict),
            now.next_contact, now.why, now.missed,
        )  # fmt: skip
        assert expected == (
            row.status, row.concern, row.alarm_open, row.verdict, row.next_contact, row.why, row.missed,
        )  # fmt: skip
        assert now.opened <= now.last <= filled.today
        assert row.facts.count() == row.facts_so_far


def test_every_decision_is_made_again_with_the_same_bytes(filled):
    from ruggespraak.clinic import record

    assert len(filled.decisions) > 400
    for decision in filled.decisions:
        if decision.fact.episode.patient.erased:
            continue
        stored, again = record.made_again(decision)
        assert stored == again


def test_what_is_stored_is_what_course_decided(filled):
    """One for one; after a correction the course is another one than was decided on, so those are left out."""
    from ruggespraak.clinic import record

    stored = {}
    for one in sorted(filled.decisions, key=lambda one: one.fact.number):
        stored.setdefault(one.fact.episode_id, []).append(one)
    compared = 0
    for row in filled.readable():
        if row.facts.filter(corrects__isnull=False).exists():
            continue
        for kept, decided in zip(stored[row.pk], record.replayed(row).decisions, strict=True):
            says = record.known(kept)["decision"]
            assert (kept.on, kept.edition) == (decided.on, decided.edition)
            assert (says["urgency"], says["complaint"]) == (decided.urgency.name.lower(), decided.complaint)
            assert (says["suspected"], says["review"]["on"]) == (list(decided.suspected), str(decided.review_on))
            compared += 1
    assert compared > 400


@pytest.mark.parametrize(
    ("reason", "at_least"), [("alarm", 6), ("not_confirmed", 4), ("deviates", 6), ("late", 6), ("due", 6)]
)
def test_the_worklist_has_some_for_every_reason(filled, reason, at_least):
    from ruggespraak.clinic.worklist import worklist

    rows, count = worklist(filled.gps, filled.today, count=200)
    assert count == len(rows) < 75  # most are fine
    assert sum(row.reason == reason for row in rows) >= at_least


def test_everything_that_can_happen_has_happened_to_somebody(filled):
    from ruggespraak.clinic import record

    events = [one.event for episode in filled.readable() for one in record.history(episode)]
    assert {type(one) for one in events} == {
        Answers, Contact, EditionChanged, HandOver, HandOverConfirmed, Recovery, Relapse, Silence,
    }  # fmt: skip
    assert any(one.corrected for episode in filled.readable() for one in record.history(episode))
    assert {episode.status for episode in filled.episodes} == {"open", "handed_over", "recovered", "closed"}
    assert {episode.verdict for episode in filled.episodes} == {"on_course", "slower", "worse", "cannot_be_said"}
    assert sum(episode.patient.erased for episode in filled.episodes) == 1
    assert {answer for one in events if isinstance(one, Answers) for answer in one.told} >= {
        "pain_back_nrs", "pain_leg_nrs", "activity_score",
    }  # fmt: skip


def test_there_is_a_patient_for_every_page(filled):
    from ruggespraak.clinic import record

    courses = [record.replayed(row) for row in filled.readable()]
    suspected = {id for one in courses for decided in one.decisions for id in decided.suspected}
    assert suspected >= {"cauda_equina", "axial_spa", "metastasis", "fracture", "infection"}
    known = [{a.finding: a.value for a in one.answers} for one in courses]
    assert any(one.get("pregnant") for one in known)
    assert any(one.get("age_years", 99) < 16 for one in known)
    assert any(one.get("bechterew_known") for one in known)
    assert any(one.get("sick_listed_days") for one in known)
    assert max(len(one.unclear) for one in courses) > 40
    today = [one for one in courses if one.alarm_open and one.opened == filled.today]
    assert any("cauda_equina" in one.decision.suspected for one in today)
    hernias = {(filled.today - one.onset).days for one in courses if one.value("slr_positive")}
    assert hernias == {1, 10, 30, 45, 60, 180}
    direct = [one for one in courses if one.handed_to == "gp" and one.alarm_open]
    assert direct


def test_care_givers_followed_advice_and_deviated_with_a_reason_that_is_sealed(filled):
    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import Choice

    choices = Choice.objects.filter(decision__in=filled.decisions)
    assert {one.follows for one in choices} == {True, False}
    for one in choices:
        assert one.advice in [advice["id"] for advice in record.known(one.decision)["decision"]["plan"]]
        fact = one.decision.fact
        if not one.follows:
            assert fact.episode.patient.unseal(f"choice {fact.number} {one.advice}", one.reason).endswith(".")


@pytest.mark.parametrize("days", [0, 275])
def test_another_day_moves_the_stories_and_nothing_else(filled, days):
    with transaction.atomic():
        moved = Filled(TODAY + timedelta(days=days))
        told = [(len(happened), status, verdict) for _who, happened, status, _next, verdict in moved.told()]
        assert sorted(told) == sorted((len(h), status, verdict) for _who, h, status, _next, verdict in filled.told())
        if not days:
            assert moved.told() == filled.told()
        transaction.set_rollback(True)
