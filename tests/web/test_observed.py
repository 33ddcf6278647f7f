"""What the operator reads in the log and in spans: which page, how long, what went wrong. Never who, never what."""

import json
import logging
import re
import sys

import pytest

SECRET = "mevrouw-jansen-saddle-numbness"


@pytest.fixture
def lines():
    """Everything that is logged, as it would be written."""
    from ruggespraak.web import wsgi  # sets up logging anew when it is imported
    from ruggespraak.web.observed import Lines

    assert wsgi

    class Kept(logging.Handler):
        def emit(self, record):
            self.written.append(self.format(record))

    kept = Kept()
    kept.written = []
    kept.setFormatter(Lines())
    root, ours = logging.getLogger(), logging.getLogger("ruggespraak")
    before = ours.level
    root.addHandler(kept)
    ours.setLevel(logging.INFO)
    yield kept.written
    root.removeHandler(kept)
    ours.setLevel(before)


@pytest.fixture
def spans(monkeypatch):
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from ruggespraak.web import observed

    monkeypatch.setattr(observed, "_tracer", None)
    exporter = InMemorySpanExporter()
    observed.trace(exporter)
    return exporter


@pytest.fixture
def client():
    from django.test import Client

    return Client(raise_request_exception=False)


def formatted(message, *, name="ruggespraak.web.x", as_json=True, fault=None, **extra):
    from ruggespraak.web.observed import Lines

    record = logging.LogRecord(name, logging.ERROR, __file__, 1, message, (), fault)
    record.__dict__.update(extra)
    return Lines(as_json).format(record)


# -- lines -------------------------------------------------------------------------------------------------------------


def test_a_line_is_one_json_object_with_the_time_in_utc():
    told = json.loads(formatted("failed", route="episode", status=500))
    assert told["time"].endswith("+00:00")
    assert {key: told[key] for key in ("level", "event", "route", "status")} == {
        "level": "error", "event": "failed", "route": "episode", "status": 500,
    }  # fmt: skip


def test_only_the_keys_on_the_list_are_written():
    from ruggespraak.web.observed import SAID

    told = json.loads(formatted("x", name_of_patient=SECRET, request=SECRET, path=SECRET, **dict.fromkeys(SAID, 1)))
    assert told.keys() == {"time", "level", "event", "logger", *SAID}


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(
    "forged", ['\n{"event": "started"}', "\r\n2026-01-01 info started", "\x1b[2K\x85\u2028 started"]
)
def test_nobody_forges_a_line(as_json, forged):
    written = formatted("refused", as_json=as_json, route=forged, method=forged)
    assert len(written.splitlines()) == 1
    assert written.isascii()
    assert not re.search(r"[\x00-\x1f]", written)


def test_what_a_library_says_is_left_out():
    told = json.loads(formatted(f"Internal Server Error: /nl/mine/{SECRET}/", name="django.request"))
    assert (told["event"], told["logger"]) == ("said by a library", "django.request")


def test_of_a_fault_its_kind_and_our_own_lines_are_said_and_never_its_words():
    from ruggespraak.consult import read_case

    try:
        read_case({"findings": {SECRET: True}})
    except ValueError:
        written = formatted("failed", fault=sys.exc_info())
    told = json.loads(written)
    assert told["fault"] == "CaseError"
    assert re.fullmatch(r"consult/case\.py:\d+:\w+", told["at"][-1])
    assert SECRET not in written


# -- requests ----------------------------------------------------------------------------------------------------------


def test_a_page_that_fails_is_named_by_its_route_and_nothing_of_the_visitor_is_written(client, lines, monkeypatch):
    from ruggespraak.web import pages

    def fails(*_given):
        raise RuntimeError(SECRET)

    monkeypatch.setattr(pages, "leaflet", fails)
    id = next(iter(pages.LEAFLETS))
    found = client.get(
        f"/nl/leaflets/{id}/?name={SECRET}", headers={"user-agent": SECRET, "cookie": f"session={SECRET}"}
    )
    assert found.status_code == 500
    assert SECRET not in found.content.decode()
    told = [json.loads(line) for line in lines]
    failed = next(line for line in told if line["event"] == "failed")
    assert (failed["route"], failed["method"], failed["status"]) == ("leaflet", "GET", 500)
    assert any(line.get("fault") == "RuntimeError" and line["at"] for line in told)
    assert SECRET not in "".join(lines)
    assert f"/{id}" not in "".join(lines)


def test_a_page_that_was_refused_is_written_down_without_its_address(client, lines):
    client.post(f"/nl/check/1/?name={SECRET}", {"name": SECRET})
    client.get(f"/nl/{SECRET}/")
    client.generic(SECRET.upper(), "/nl/check/")
    assert SECRET not in "".join(lines).lower()


def test_a_page_that_is_forged_is_refused_by_its_name(lines):
    from django.test import Client

    found = Client(enforce_csrf_checks=True).post("/nl/mine/open/", {"code": SECRET})
    assert found.status_code == 403
    told = [json.loads(line) for line in lines if json.loads(line)["event"] == "refused"]
    assert [(line["route"], line["method"], line["status"]) for line in told] == [("mine_open", "POST", 403)]


def test_a_page_that_takes_long_is_written_down(client, lines, monkeypatch):
    from ruggespraak.web import observed

    monkeypatch.setattr(observed, "SLOW", -1)
    client.get("/nl/about/")
    (told,) = [json.loads(line) for line in lines]
    assert (told["event"], told["route"]) == ("slow", "about")
    assert isinstance(told["ms"], int)


def test_an_ordinary_visit_is_nothing_to_write_down(client, lines):
    client.get("/nl/")
    client.get("/nl/leaflets/")
    assert lines == []


def test_erasing_is_written_down_by_the_random_id_so_that_an_old_backup_can_be_put_right(lines):
    from datetime import date

    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import Practice

    practice = Practice.objects.create(name="De Wervel", profession="gp")
    who = {"name": SECRET, "born": 1980, "email": "", "lang": "nl"}
    patient = record.new_patient(practice, who, date(2026, 1, 5))
    record.erase(patient)
    (told,) = [json.loads(line) for line in lines]
    assert (told["event"], told["patient"]) == ("erased", str(patient.pk))
    assert SECRET not in "".join(lines)


# -- spans -------------------------------------------------------------------------------------------------------------


def test_a_span_has_the_route_and_no_id_token_or_query(client, spans):
    client.get(f"/nl/mine/{SECRET}/?name={SECRET}", headers={"user-agent": SECRET, "traceparent": SECRET})
    client.post(f"/nl/check/1/?{SECRET}", {"name": SECRET})
    client.get(f"/nl/{SECRET}/")
    client.generic(SECRET.upper(), "/nl/")
    made = spans.get_finished_spans()
    assert [span.name for span in made] == [
        "GET /nl/mine/<str:token>/", "POST /nl/check/<int:number>/", "GET", "_OTHER /nl/",
    ]  # fmt: skip
    for span in made:
        assert SECRET not in span.to_json().lower()
        assert span.attributes.keys() <= {"http.request.method", "http.route", "http.response.status_code"}


def test_a_span_of_a_page_that_fails_has_no_word_of_the_fault(client, spans, monkeypatch):
    from ruggespraak.web import pages

    def fails(*_given):
        raise RuntimeError(SECRET)

    monkeypatch.setattr(pages, "country_document", fails)
    client.get("/nl/country/")
    (made,) = spans.get_finished_spans()
    assert made.attributes["http.response.status_code"] == 500
    assert not made.events
    assert SECRET not in made.to_json()


def test_a_job_is_a_span_and_its_fault_is_said_without_its_words(spans, lines):
    from ruggespraak.web import house

    def fails():
        raise RuntimeError(SECRET)

    assert house._job("reminders", lambda: 3)
    assert not house._job("silences", fails)
    assert [span.name for span in spans.get_finished_spans()] == ["job reminders", "job silences"]
    done, failed = (json.loads(line) for line in lines)
    assert (done["event"], done["job"], done["count"]) == ("a job was done", "reminders", 3)
    assert (failed["job"], failed["fault"]) == ("silences", "RuntimeError")
    assert SECRET not in "".join(lines)


def test_nobody_who_did_not_ask_gets_spans():
    from ruggespraak.web import observed

    assert observed._tracer is None
    with observed.span("x") as made:
        assert made is None


# -- every day ---------------------------------------------------------------------------------------------------------


def in_a_morning(monkeypatch, days):
    """The clock stands at the hour from which a day's work is done, so many days on; in UTC, as Django's own."""
    from datetime import UTC, timedelta

    from django.utils import timezone

    from ruggespraak.clinic import upkeep

    now = timezone.localtime().replace(hour=upkeep.FROM) + timedelta(days=days)
    monkeypatch.setattr(timezone, "now", lambda: now.astimezone(UTC))
    return now


def test_the_work_of_a_day_is_done_once_however_often_the_site_starts(lines, monkeypatch):
    from ruggespraak.clinic import upkeep
    from ruggespraak.web import house

    ran = []
    monkeypatch.setattr(upkeep, "DAILY", {"reminders": lambda today: ran.append(today) or 2})
    now = in_a_morning(monkeypatch, days=1)
    house.day(now.replace(hour=upkeep.FROM - 1))
    assert ran == [], "nobody gets a mail at night"
    house.day(now)
    house.day(now)
    assert ran == [now.date()]
    ends = [json.loads(line) for line in lines if "the access log ends here" in line]
    assert len(ends) == 1
    assert len(ends[0]["hash"]) == 64
    house.day(in_a_morning(monkeypatch, days=1))
    assert len(ran) == 2


def test_work_that_failed_is_tried_again_and_ends_no_other_work(lines, monkeypatch):
    from ruggespraak.clinic import upkeep
    from ruggespraak.web import house

    ran = []

    def fails(_today):
        raise OSError(SECRET)

    monkeypatch.setattr(upkeep, "DAILY", {"reminders": fails, "silences": lambda today: ran.append(today) or 0})
    now = in_a_morning(monkeypatch, days=9)
    house.day(now)
    house.day(now)
    assert len(ran) == 2
    assert SECRET not in "".join(lines)
