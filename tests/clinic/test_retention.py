"""A record is erased twenty years after the last change in it, and not a day before."""

from datetime import date, timedelta
from unittest.mock import patch

import pytest

from clinic_people import PLAIN, answers, episode, practice
from ruggespraak.course import Contact

TODAY = date(2046, 3, 1)


@pytest.fixture
def gps():
    return practice()


def written(on):
    """The clock of the site, on that day at noon."""
    from datetime import datetime

    from django.utils import timezone

    return patch.object(timezone, "now", return_value=timezone.make_aware(datetime(on.year, on.month, on.day, 12)))


def begun(gps, on):
    with written(on):
        return episode(gps, on)


def erased(one):
    one.patient.refresh_from_db()
    return one.patient.erased


def test_a_record_in_which_nothing_was_written_for_twenty_years_is_erased_and_that_is_in_the_log(gps):
    from ruggespraak.clinic import log, retention

    old, young = begun(gps, date(2026, 2, 27)), begun(gps, date(2026, 3, 1))
    assert retention.forget_records(TODAY) >= 1
    assert (erased(old), erased(young)) == (True, False)
    (row,) = log.of_patient(old.patient)
    assert (row.event, row.role, row.page) == ("operator", "system", "retention")
    assert not log.of_patient(young.patient).exists()
    assert log.verify()
    assert retention.forget_records(TODAY) == 0


def test_every_change_begins_the_twenty_years_anew(gps):
    from ruggespraak.clinic import record, retention
    from ruggespraak.clinic.models import Decision

    seen, put_right, chosen = (begun(gps, date(2020, 1, 1)) for _ in range(3))
    with written(date(2030, 1, 1)):
        record.add(seen, Contact(date(2030, 1, 1)), "gp")
        fact = put_right.facts.get()
        record.correct(fact, answers(fact.on, {**PLAIN, "age_years": 41}), "gp", date(2030, 1, 1))
        record.choose(Decision.objects.get(fact=chosen.facts.get()), "explain_cause", True, "", "gp")
    retention.forget_records(TODAY)
    assert not any(map(erased, (seen, put_right, chosen)))
    retention.forget_records(date(2050, 1, 3))
    assert all(map(erased, (seen, put_right, chosen)))


def test_twenty_years_are_never_less_than_that():
    from ruggespraak.clinic.retention import KEPT_FOR

    for year in range(2020, 2060):
        for day in (date(year, 1, 1), date(year, 2, 28), date(year, 12, 31)):
            assert timedelta(0) <= KEPT_FOR - (day.replace(year=year + 20) - day) <= timedelta(days=1)
