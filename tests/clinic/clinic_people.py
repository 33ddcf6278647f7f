"""Practices and patients for tests of the clinic, made as real ones are."""

from itertools import count

from ruggespraak.course import Answers

PLAIN = {"low_back_pain": True, "leg_pain": False, "duration_days": 5, "age_years": 40}
NUMB = {**PLAIN, "saddle_numbness": True}
CANCER = {**PLAIN, "age_years": 64, "cancer_history": True, "night_pain": True}
NUMBERS = count(1)


def practice(profession="gp"):
    from ruggespraak.clinic.models import Practice

    return Practice.objects.create(name="De Wervel", profession=profession)


def episode(of, on, told=PLAIN, **who):
    """An episode of a new patient who told this on that day."""
    from ruggespraak.clinic import record

    number = next(NUMBERS)
    identity = {"name": f"Test {number}", "born": 1980, "email": f"test{number}@example.org", "lang": "nl", **who}
    opened = record.open_episode(record.new_patient(of, identity, on), on)
    if told:
        record.add(opened, answers(on, told), "patient")
    return opened


def answers(on, told, by="patient"):
    return Answers(on, told, frozenset(), by)
