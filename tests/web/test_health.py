"""Whether the site can serve, as who watches over it asks; and what a site that is not open says to the public."""

import shutil
from collections import namedtuple

import pytest


@pytest.fixture
def client():
    from django.test import Client

    return Client()


def test_it_lives_and_can_serve_and_says_so_without_a_cookie_or_a_copy(client):
    for name in ("live", "ready"):
        found = client.get(f"/health/{name}")
        assert (found.status_code, found.json()["status"]) == (200, "ok")
        assert "no-store" in found["Cache-Control"]
        assert not found.cookies


def test_it_is_asked_as_often_as_anybody_likes_and_never_told(client):
    assert {client.get("/health/ready").status_code for _ in range(50)} == {200}
    assert client.post("/health/ready").status_code == 405


def test_it_is_asked_on_the_machine_itself_so_without_https(settings_of):
    from django.test import Client

    settings_of(SECURE_SSL_REDIRECT=True)
    assert Client().get("/health/live").status_code == 200
    assert Client().get("/nl/").status_code == 301


@pytest.fixture
def settings_of(monkeypatch):
    from django.conf import settings

    return lambda **values: [monkeypatch.setattr(settings, name, value) for name, value in values.items()]


def broken_database(monkeypatch):
    from django.db import OperationalError, connection

    def refuses(*_given, **_named):
        raise OperationalError("could not connect to 10.1.2.3 as rug")

    monkeypatch.setattr(connection, "cursor", refuses)
    return "database"


def older_tables(monkeypatch):
    from ruggespraak.clinic import upkeep

    monkeypatch.setattr(upkeep, "missing", lambda: ["clinic.0099_later"])
    return "tables"


def cut_off_log(monkeypatch):
    from ruggespraak.clinic import log
    from ruggespraak.clinic.models import LogHead

    log.note(log.What.READ, log.SYSTEM)
    head = LogHead.objects.get()
    head.hash = b"another"
    monkeypatch.setattr(LogHead.objects, "get", lambda **_which: head)
    return "log"


def no_end_of_the_log(monkeypatch):
    from ruggespraak.clinic.models import LogHead

    monkeypatch.setattr(LogHead.objects, "get", LogHead.objects.none().get)
    return "log"


def connection_that_was_closed(monkeypatch):
    from django.db import InterfaceError, connection

    def refuses(*_given, **_named):
        raise InterfaceError("connection already closed")

    monkeypatch.setattr(connection, "cursor", refuses)
    return "database"


def full_disk(monkeypatch):
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("its disk is elsewhere")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**9, 10**9, 0))
    return "disk"


HAPPENS = [
    broken_database, connection_that_was_closed, older_tables, cut_off_log, no_end_of_the_log, full_disk,
]  # fmt: skip


@pytest.mark.parametrize("happens", HAPPENS)
def test_what_is_not_well_is_named_and_nothing_more(client, monkeypatch, happens):
    part = happens(monkeypatch)
    found = client.get("/health/ready")
    told = found.json()
    assert (found.status_code, told["status"], told[part]) == (503, "failing", False)
    assert "10.1.2.3" not in found.content.decode()
    assert client.get("/health/live").status_code == 200


# -- not open to the public --------------------------------------------------------------------------------------------

CHECK = ("check/", "check/1/", "check/answers/", "check/result/", "mine/kept/", "mine/open/", "mine/opened/")


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("path", CHECK)
def test_a_site_that_is_not_open_begins_no_check(client, settings_of, lang, path):
    settings_of(PUBLIC=False)
    for found in (client.get(f"/{lang}/{path}"), client.post(f"/{lang}/{path}")):
        assert found.status_code == 503
        assert "112" in found.content.decode()
        assert not found.cookies


def test_a_program_is_told_so_in_its_own_way(client, settings_of):
    settings_of(PUBLIC=False)
    found = client.post("/api/decide", {"findings": {}}, content_type="application/json")
    assert found.status_code == 503
    assert found.json()["error"]["place"] == "this site"


def test_every_page_of_the_check_is_still_there_under_the_name_by_which_it_is_closed():
    from django.urls import get_resolver

    from ruggespraak.web.public import API, SELF_CHECK

    assert get_resolver().reverse_dict.keys() >= SELF_CHECK | API


@pytest.mark.parametrize("path", ["", "leaflets/", "country/", "country/run/", "about/", "privacy/", "check/erased/"])
def test_what_is_for_everybody_stays(client, settings_of, path):
    settings_of(PUBLIC=False)
    assert client.get(f"/nl/{path}").status_code == 200


# -- behind a proxy ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("remote", "said", "believed"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),  # the visitor made the first one up
        ("10.0.0.1", "", "10.0.0.1"),
        ("198.51.100.4", "203.0.113.9", "198.51.100.4"),  # not our proxy
    ],
)
def test_only_our_own_proxy_is_believed_about_who_asks(settings_of, remote, said, believed):
    from django.http import HttpResponse
    from django.test import RequestFactory

    from ruggespraak.web.proxy import Proxied

    settings_of(PROXIES=frozenset({"10.0.0.1"}))
    request = RequestFactory().get(
        "/nl/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=said, HTTP_X_FORWARDED_PROTO="https"
    )
    Proxied(lambda _request: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == believed
    assert request.is_secure() == (remote == "10.0.0.1")
