"""Signing in, in a real browser on a real server: mail that is read, passkeys, an app, the account of an employer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from oidc_provider_mock import User, run_server_in_thread

from browser import HEIGHT, WIDE, Visit, looked_at

SITE = """
import json, sys
import django
from django.core.management import call_command

django.setup()
call_command("migrate", verbosity=0)
import django.db
from datetime import date
from ruggespraak.clinic.models import Account, Practice
from ruggespraak.web.server import Server

gps = Practice.objects.create(name="Huisartsen De Proef", profession="gp")
for mail in ("passkey", "app", "employer", "half"):
    account = Account.objects.create_account(f"{mail}@practice.example", f"Dokter {mail}")
    account.memberships.create(practice=gps, role="gp", since=date.today())
django.db.connections.close_all()
Server(f"localhost:{sys.argv[1]}", lambda: print(json.dumps({"gps": str(gps.id)}), flush=True)).run()
"""
EMPLOYED = {
    "employer": {"amr": ["pwd", "otp"], "email": "employer@practice.example", "email_verified": True},
    "half": {"amr": ["pwd"], "email": "half@practice.example", "email_verified": True},
    "unverified": {"amr": ["mfa"], "email": "employer@practice.example", "email_verified": False},
    "successor": {"amr": ["mfa"], "email": "employer@practice.example", "email_verified": True},
    "stranger": {"amr": ["mfa"], "email": "stranger@elsewhere.example", "email_verified": True},
}
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
CODE = re.compile(r"^([A-Z]{4}-[A-Z]{4})\r?$", re.MULTILINE)


class Postbox:
    """Every mail that came, as it came."""

    def __init__(self) -> None:
        self.mail: list[tuple[str, str]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        self.mail.append((envelope.rcpt_tos[0], envelope.content.decode()))
        return "250 OK"

    def code_for(self, address: str) -> str:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            found = [CODE.search(text) for to, text in self.mail if to == address]
            if found and found[-1]:
                self.mail.clear()
                return found[-1][1]
            time.sleep(0.05)
        raise AssertionError(f"no code came for {address}: {self.mail}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def postbox() -> Iterator[Postbox]:
    box = Postbox()
    box.port = _free_port()
    smtp = Controller(box, hostname="127.0.0.1", port=box.port)
    smtp.start()
    yield box
    smtp.stop()


@pytest.fixture(scope="module")
def employer() -> Iterator[str]:
    people = [User(sub=sub, claims=claims) for sub, claims in EMPLOYED.items()]
    with run_server_in_thread(user_claims=people, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="module")
def site(postbox: Postbox, employer: str, tmp_path_factory: Any) -> Iterator[dict[str, str]]:
    """A site that sends mail and knows an employer, and no demonstration."""
    port = _free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith(("RUG_", "DJANGO_"))}
    own |= {
        "DJANGO_SETTINGS_MODULE": "ruggespraak.web.settings",
        "RUG_DATABASE": str(tmp_path_factory.mktemp("accounts") / "site.sqlite3"),
        "RUG_SECRET_KEY": "a key for tests only, never for a site",
        "RUG_MASTER_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "RUG_SMTP": f"127.0.0.1:{postbox.port}",
        "RUG_OIDC_URL": employer, "RUG_OIDC_CLIENT": "ruggespraak", "RUG_OIDC_SECRET": "a secret for tests only",
        "RUG_OIDC_NAME": "De Werkgever",
    }  # fmt: skip
    server = subprocess.Popen([sys.executable, "-c", SITE, str(port)], env=own, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    said = server.stdout.readline()
    assert said, "the site does not start"
    yield json.loads(said) | {"address": f"http://localhost:{port}"}
    server.terminate()
    server.wait(timeout=20)


@pytest.fixture
def visit(chromium, site, employer) -> Iterator[Any]:
    """A visitor with a device of its own, on which nothing else is asked of the network than site and employer."""
    opened: list[Visit] = []

    def made(lang: str = "en", **how: Any) -> Visit:
        one = Visit.new(chromium, site["address"], lang, viewport={"width": WIDE, "height": HEIGHT}, **how)
        one.context.route(lambda url: not url.startswith((site["address"], employer)), lambda route: route.abort())
        opened.append(one)
        return one

    yield made
    faults = [fault for one in opened for fault in one.faults if "Clear-Site-Data" not in fault]
    elsewhere = [url for one in opened for url in one.requests if not url.startswith((site["address"], employer))]
    for one in opened:
        one.context.close()
    assert not [fault for fault in faults if "ERR_FAILED" not in fault]
    assert all("picocss" in url for url in elsewhere), "only the employer's page asks elsewhere"


def press(one: Visit, name: str) -> None:
    with one.page.expect_navigation():
        one.page.locator("main").get_by_role("button", name=name, exact=True).click()


def follow(one: Visit, name: str) -> None:
    with one.page.expect_navigation():
        one.page.locator("main").get_by_role("link", name=name, exact=True).click()


def fill(one: Visit, label: str, text: str) -> None:
    one.page.get_by_label(label, exact=True).fill(text)


def asks_a_code(one: Visit, address: str, page: str = "sign-in") -> None:
    one.goto(f"account/{page}/")
    assert not looked_at(one)
    fill(one, "Your e-mail address", address)
    press(one, "Send me a code")
    assert one.heading == "Give the code from the mail"


def signs_in(one: Visit, postbox: Postbox, address: str, page: str = "sign-in") -> None:
    asks_a_code(one, address, page)
    fill(one, "Your code", postbox.code_for(address))
    press(one, "Go on")


def signs_out(one: Visit) -> None:
    with one.page.expect_navigation():
        one.page.get_by_role("button", name="Sign out", exact=True).click()
    assert one.path == f"/{one.lang}/"


def device(one: Visit) -> None:
    """This visitor's device can keep passkeys, and its owner shows a finger."""
    wire = one.context.new_cdp_session(one.page)
    wire.send("WebAuthn.enable")
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def with_passkey_alone(one: Visit) -> None:
    one.goto("account/sign-in/")
    follow(one, "Sign in with a passkey")
    assert not looked_at(one)
    press(one, "Use my passkey")


def test_a_patient_signs_up_by_mail_and_then_comes_in_with_her_passkey_alone(visit, postbox):
    patient = visit()
    device(patient)
    signs_in(patient, postbox, "wil@patient.example", "sign-up")
    assert patient.heading == "You are signed in"
    assert not looked_at(patient)
    follow(patient, "Your account")
    follow(patient, "Make a passkey")
    assert not looked_at(patient)
    fill(patient, "Name of this device", "Mijn telefoon")
    press(patient, "Make a passkey")
    assert patient.heading == "Your spare codes"
    assert not looked_at(patient)
    follow(patient, "I kept them: go on")
    signs_out(patient)
    with_passkey_alone(patient)
    assert patient.heading == "You are signed in"
    patient.goto("account/")
    assert "Mijn telefoon" in patient.read
    assert "passkey" in patient.read
    assert not looked_at(patient)


def test_a_care_giver_makes_a_passkey_first_and_then_comes_to_work_with_it_alone(visit, postbox, site):
    doctor = visit()
    device(doctor)
    signs_in(doctor, postbox, "passkey@practice.example")
    doctor.goto(f"practice/{site['gps']}/")
    assert doctor.heading == "First one thing more"
    assert not looked_at(doctor)
    follow(doctor, "Make a passkey")
    press(doctor, "Make a passkey")
    follow(doctor, "I kept them: go on")
    assert doctor.heading == "Worklist"
    signs_out(doctor)
    with_passkey_alone(doctor)
    assert doctor.heading == "Worklist"
    signs_out(doctor)
    signs_in(doctor, postbox, "passkey@practice.example")
    assert doctor.heading == "Now your second proof"
    assert not looked_at(doctor)
    press(doctor, "Use my passkey")
    assert doctor.heading == "Worklist"


def test_somebody_elses_device_opens_nothing(visit):
    stranger = visit()
    device(stranger)
    stranger.goto("account/sign-in/passkey/")
    stranger.page.get_by_role("button", name="Use my passkey").click()
    stranger.page.get_by_text("Your passkey was not used").wait_for()
    assert "Sign out" not in stranger.page.content()


def test_a_care_giver_with_an_app_gives_its_code_without_any_script(visit, postbox):
    doctor = visit(java_script_enabled=False)
    doctor.goto("account/sign-in/")
    fill(doctor, "Your e-mail address", "app@practice.example")
    press(doctor, "Send me a code")
    fill(doctor, "Your code", postbox.code_for("app@practice.example"))
    press(doctor, "Go on")
    doctor.goto("account/app/add/")
    letters = doctor.page.locator(".scan__letters").text_content() or ""
    fill(doctor, "The six digits", _shown(letters.replace(" ", "")))
    press(doctor, "Go on")
    assert doctor.heading == "Your spare codes"
    follow(doctor, "I kept them: go on")
    assert doctor.heading == "Worklist"
    doctor.goto("account/passkeys/add/")
    assert "your browser must allow scripts" in doctor.read
    assert not doctor.page.locator("main").get_by_role("button", name="Make a passkey").is_visible()


def _shown(secret: str) -> str:
    """What an app shows now for this secret (RFC 6238)."""
    mac = hmac.new(base64.b32decode(secret), (int(time.time()) // 30).to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def as_employee(one: Visit, who: str) -> None:
    one.goto("account/sign-in/")
    press(one, "Sign in with De Werkgever")
    with one.page.expect_navigation():
        one.page.get_by_role("button", name=who, exact=True).click()


def test_a_care_giver_comes_to_work_with_the_account_of_the_employer(visit):
    for _again in range(2):
        doctor = visit()
        as_employee(doctor, "employer")
        assert doctor.heading == "Worklist", doctor.read
        assert "employer" not in doctor.path
    doctor.goto("account/")
    assert "account of your work" in doctor.read


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("half", "more than a password"),
        ("unverified", "Nobody with your e-mail address"),
        ("stranger", "Nobody with your e-mail address"),
        ("successor", "belongs to another account"),
    ],
)
def test_the_account_of_an_employer_is_refused_with_the_reason(visit, who, why):
    if who == "successor":
        as_employee(visit(), "employer")  # this address belongs to somebody already
    doctor = visit()
    as_employee(doctor, who)
    assert doctor.heading == "You are not signed in"
    assert why in doctor.read
    assert not looked_at(doctor)
    doctor.goto("account/home/")
    assert doctor.heading == "Sign in"


def test_an_answer_of_the_employer_that_was_caught_elsewhere_opens_nothing(visit):
    """The address with the code is given to somebody else, whose session never asked for it."""
    victim, thief = visit(), visit()
    caught: list[str] = []

    def on_the_way(route: Any) -> None:
        caught.append(route.fetch(max_redirects=0).headers["location"])
        route.fulfill(body="caught")

    victim.goto("account/sign-in/")
    press(victim, "Sign in with De Werkgever")
    victim.context.route("**/oauth2/authorize?**", on_the_way)
    with victim.page.expect_navigation():
        victim.page.get_by_role("button", name="employer", exact=True).click()
    thief.page.goto(caught[0])
    assert thief.heading == "You are not signed in"
    victim.page.goto(caught[0])
    assert victim.heading == "Worklist", "in the browser that asked for it, it would have"
