"""What somebody tries who means harm: each test says what cannot be done, by whom, and how it was tried.

Who may open what is in ``test_matrix``, signing in is in ``test_accounts``; here is what is tried around them.
"""

import json
import logging
import re
import runpy
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from signing import an_account, care_giver, signed_in
from test_accounts import (
    asks,
    clock,
    code_in,
    comes_back,
    is_in,
    mail,
    practice,
    provider,
    sets_up_an_app,
    signs_in,
    totp,
)
from test_matrix import Place, a_record, address, addresses, happened, noted, written
from visitor import Visitor
from workplace import NAME, SENT_WHO, a_day

__all__ = ["clock", "mail", "practice", "provider"]  # prepared as for signing in
EVIL = "https://evil.example"
NASTY = 'x\r\n{"level": "info", "event": "all is well"}\x1b[2J\u2028'
WORKERS = ("gp", "manager", "privacy_officer")


@pytest.fixture
def place(practice):
    return a_place(practice)


@pytest.fixture
def elsewhere():
    from ruggespraak.clinic.models import Practice

    return a_place(Practice.objects.create(name="Praktijk Elders", profession="gp"))


def a_place(of):
    """A practice with a record, and one that is closed to everybody who is tried here."""
    found = Place(of, a_record(of), a_record(of))
    found.closed.patient.only_for.set([an_account("De enige die mag")])
    return found


def visits(tokens=True, **how):
    """A browser. ``tokens``: forms need theirs, as on the site; not where only the form itself is tried."""
    visitor = Visitor("en", **how)
    visitor.client.handler.enforce_csrf_checks = tokens
    return visitor


def at_work(place, role, **how):
    """Somebody who works there, with a browser."""
    visitor = visits(**how)
    visitor.account = care_giver(place.practice, role)
    signed_in(visitor.client, visitor.account)
    return visitor


def her(place, **how):
    """The patient of this record, signed in."""
    visitor = visits(**how)
    visitor.account = an_account()
    place.episode.patient.account = visitor.account
    place.episode.patient.save()
    signed_in(visitor.client, visitor.account, strong=False)
    return visitor


def token_of(visitor, page="account/"):
    return visitor.get(page).fields["csrfmiddlewaretoken"][0][1]


def walked(place):
    """Every address of the site, made for this record or this practice: its name and the address."""
    for name, parts in addresses():
        if {"practice", "episode"} & set(parts):
            yield name, place.address(name, place.episode)
        else:
            yield name, address(name, parts, place)


# What belongs to somebody else


def answer(visitor, method, at, id, form):
    """All that somebody can see of an answer, but for the id that they asked for themselves."""
    found = getattr(visitor.client, method)(at, form)
    page = re.sub(r'(name="csrfmiddlewaretoken" value=)"[^"]+"', r"\1", found.content.decode())
    return found.status_code, found.get("Location"), page.replace(str(id), "ID")


@pytest.mark.control("C-34")
def test_nobody_learns_whether_a_record_of_another_practice_an_erased_one_or_none_has_this_id(place, elsewhere):
    from ruggespraak.clinic import record

    gp, erased = at_work(place, "gp"), a_record(place.practice)
    record.erase(erased.patient)
    ids = {"another practice's": elsewhere.episode.pk, "erased": erased.pk, "none": uuid.uuid4()}
    for name in (name for name, parts in addresses() if "episode" in parts):
        for method in ("get", "post"):
            seen = {answer(gp, method, place.address(name, Of(id)), id, {}) for id in ids.values()}
            assert len(seen) == 1, f"{method} {name}"
            assert seen.pop()[0] in (403, 404), f"{method} {name}"


class Of:
    """As much of an episode as an address needs."""

    def __init__(self, pk):
        self.pk = pk


def test_nobody_learns_whether_another_practice_has_this_id(place, elsewhere):
    for role in WORKERS:
        who = at_work(place, role)
        for name in (name for name, parts in addresses() if "practice" in parts):
            ids = (elsewhere.practice.pk, uuid.uuid4())
            made = [(Place(Of(id), None, None).address(name, None), id) for id in ids]
            seen = {answer(who, "get", at, id, {}) for at, id in made}
            assert len(seen) == 1, name
            assert seen.pop()[0] == 404, name


def test_a_patient_learns_nothing_of_another_s_record_or_device(place, elsewhere):
    from django.urls import reverse

    from ruggespraak.clinic.models import SignIn

    she, other = her(place, tokens=False), her(elsewhere)
    for name in ("mine_looked", "mine_looked_pdf", "mine_unlink"):
        for method in ("get", "post"):
            seen = {
                answer(she, method, reverse(name, kwargs={"patient": id}), id, {})
                for id in (elsewhere.episode.patient_id, uuid.uuid4())
            }
            assert len(seen) == 1, name
            assert seen.pop()[0] in (404, 405), name
    elsewhere.episode.patient.refresh_from_db()
    assert elsewhere.episode.patient.account == other.account
    hers = SignIn.objects.get(account=other.account)
    for number in (str(hers.pk), "0", "9" * 18, "9" * 5000, "٣"):
        assert she.client.post("/en/account/sessions/end/", {"sign_in": number}).status_code == 404, number[:20]
    assert SignIn.objects.filter(pk=hers.pk).exists()


def test_a_passkey_of_somebody_else_cannot_be_removed(place):
    from allauth.mfa.models import Authenticator

    gp, other = at_work(place, "gp", tokens=False), an_account()
    theirs = Authenticator.objects.create(user=other, type=Authenticator.Type.WEBAUTHN, data={})
    seen = {answer(gp, "post", f"/en/account/passkeys/{pk}/remove/", pk, {})[0] for pk in (theirs.pk, theirs.pk + 99)}
    assert seen == {404}
    assert Authenticator.objects.filter(pk=theirs.pk).exists()


# Forms of another site


NEEDS_NO_SESSION = {
    "mine", "mine_course", "mine_leaflet", "mine_everything", "mine_over", "mine_back", "decide",
    "fhir", "fhir_metadata", "fhir_everything", "fhir_everything_of",
}  # fmt: skip
"""Their address is the secret (``mine_link``), or they change nothing."""
READ_NO_COOKIE = {"cds_services", "cds_service", "cds_feedback"}
"""A system signs each call (``cds_token``)."""
BEGINS_ONE = {"begin"}
"""Where no session is yet, so no token: the browser says from which site it was sent."""


@pytest.mark.control("C-56")
@pytest.mark.parametrize("how", ["no token", "the token of another session", "the right token from another site"])
@pytest.mark.parametrize("who", [*WORKERS, "patient", "nobody"])
def test_no_form_of_another_site_is_read(place, who, how):
    visitor = her(place) if who == "patient" else visits() if who == "nobody" else at_work(place, who)
    right = token_of(visitor, "account/sign-in/" if who == "nobody" else "account/")
    token = {"no token": "", "the token of another session": token_of(visits(), "account/sign-in/")}.get(how, right)
    more = {"HTTP_ORIGIN": EVIL} if how.startswith("the right") else {}
    forms = {
        name: place.sends(name, place.episode) for name, parts in addresses() if {"practice", "episode"} & {*parts}
    }
    before, read = written(), set()
    for name, at in walked(place):
        sent = {**forms.get(name, {}), "csrfmiddlewaretoken": token}
        if visitor.client.post(at, sent, **more).status_code != 403:
            read.add(name)
    assert read == NEEDS_NO_SESSION | READ_NO_COOKIE | (set() if more else BEGINS_ONE)
    assert written() == before


@pytest.mark.parametrize("who", [*WORKERS, "patient", "nobody"])
def test_following_a_link_changes_nothing(place, who):
    visitor = her(place) if who == "patient" else visits() if who == "nobody" else at_work(place, who)
    before = written()
    for name, at in walked(place):
        if name != "account_logout":  # asks, and ends a sign-in that was only begun
            visitor.client.get(at, {"do": "phone", "sign_in": "1", "year": "1980", "go": "erase"})
            visitor.client.head(at)
    assert written() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_a_header_or_a_field_makes_no_other_method_of_a_request(place, method):
    gp = at_work(place, "gp")
    named = {f"HTTP_X_{name}": method for name in ("HTTP_METHOD_OVERRIDE", "METHOD_OVERRIDE", "HTTP_METHOD")}
    before = written()
    for _name, at in walked(place):
        gp.client.get(at, {"_method": method, "do": "phone"}, **named)
    assert written() == before
    for _name, at in walked(place):
        gp.client.generic("DELETE" if method == "POST" else method, at, b"do=phone")
    assert written() == before


# Whose session it is


def session(visitor):
    from django.conf import settings

    found = visitor.client.cookies.get(settings.SESSION_COOKIE_NAME)
    return found and found.value


@pytest.mark.control("C-56")
def test_who_planted_a_session_is_not_signed_in_with_it_whatever_the_way_in(
    mail, practice, provider, clock, monkeypatch
):
    def planted():
        """A session that an attacker has, in the browser of somebody else."""
        found = visits().get("check/")
        return found, session(found)

    def signs_up(visitor):
        visitor.get("account/sign-up/").post("account/sign-up/", {"email": f"{uuid.uuid4().hex}@example.org"})
        visitor.post("account/sign-up/confirm/", {"code": code_in(mail[-1])})

    def as_somebody(visitor):
        monkeypatch.setattr("django.conf.settings.DEMO", True)
        visitor.get("account/sign-in/").post(f"account/sign-in/as/{an_account().pk}/", {})

    def with_an_app(visitor):
        secret = sets_up_an_app(signs_in(visits(), mail, account := care_giver(practice, "gp")))
        clock(31)  # the code that set it up is used
        signs_in(visitor, mail, account)
        visitor.post("account/sign-in/second/", {"code": totp(secret)})

    ways = {
        "code": lambda visitor: signs_in(visitor, mail, an_account()),
        "sign-up": signs_up,
        "app": with_an_app,
        "employer": lambda visitor: comes_back(visitor, provider, care_giver(practice, "gp")),
        "demonstration": as_somebody,
    }
    for way, goes in ways.items():
        visitor, before = planted()
        goes(visitor)
        assert is_in(visitor), way
        attacker = visits()
        attacker.client.cookies["session"] = before
        assert session(visitor) != before, way
        assert not is_in(attacker), way


def test_a_session_id_that_an_attacker_made_up_is_never_used(mail):
    visitor, made_up = visits(), "a" * 32
    visitor.client.cookies["session"] = made_up
    signs_in(visitor, mail, an_account())
    assert session(visitor) != made_up
    assert is_in(visitor)


def test_the_session_is_a_new_one_after_every_proof_of_who_somebody_is(mail, practice, clock):
    from ruggespraak.clinic.models import SignIn

    visitor = signs_in(visits(), mail, account := care_giver(practice, "gp"))
    seen = [session(visitor)]
    secret = sets_up_an_app(visitor)
    seen.append(session(visitor))
    clock(6 * 60)
    assert "/account/again/" in visitor.get("account/app/remove/").path
    visitor.post(visitor.path.removeprefix("/en/"), {"code": totp(secret)})
    seen.append(session(visitor))
    assert len(set(seen)) == 3
    assert is_in(visitor)
    assert SignIn.objects.filter(account=account).count() == 1, "it is still the one session that can be ended"
    for old in seen[:2]:
        attacker = visits()
        attacker.client.cookies["session"] = old
        assert not is_in(attacker)


def test_whose_role_ended_a_second_ago_opens_and_writes_nothing_in_a_session_that_is_open(place, elsewhere):
    gp = at_work(place, "gp", tokens=False)
    care_giver(elsewhere.practice, "gp")
    gp.account.memberships.create(practice=elsewhere.practice, role="gp", since=a_day())
    assert NAME in gp.get(f"practice/episode/{place.episode.pk}/").page
    gp.account.memberships.filter(practice=place.practice).update(until=a_day())
    before = written()
    for name, parts in addresses():
        if {"practice", "episode"} & set(parts):
            at = place.address(name, place.episode)
            assert gp.client.get(at).status_code == 404, name
            assert gp.client.post(at, {"do": "phone", "so_far": 1}).status_code == 404, name
    assert written() == before
    assert gp.client.get(elsewhere.address("worklist", None)).status_code == 200


def test_an_account_that_was_closed_a_second_ago_writes_nothing_in_a_session_that_is_open(place):
    gp = at_work(place, "gp", tokens=False)
    assert NAME in gp.get(f"practice/episode/{place.episode.pk}/").page
    gp.account.is_active = False
    gp.account.save()
    before = written()
    form = {"do": "phone", "so_far": place.episode.facts_so_far}
    assert happened(gp.client.post(place.address("episode", place.episode), form)) == "account_login"
    assert written() == before


def test_nothing_that_somebody_saw_is_kept_by_the_browser(place):
    for visitor in (*(at_work(place, role) for role in WORKERS), her(place)):
        for name, at in walked(place):
            if name not in ("account_logout", "live", "ready"):
                found = visitor.client.get(at)
                assert "no-store" in found.get("Cache-Control", ""), name
        token = token_of(visitor, "account/sign-out/")
        out = visitor.client.post("/en/account/sign-out/", {"csrfmiddlewaretoken": token})
        assert out["Clear-Site-Data"] == '"cache", "cookies", "storage"'


def test_there_is_a_way_out_on_every_page(place):
    for visitor in (*(at_work(place, role) for role in WORKERS), her(place)):
        for name, at in walked(place):
            found = visitor.client.get(at) if name != "account_logout" else None
            if found and found.status_code == 200 and "html" in found["Content-Type"]:
                assert "/account/sign-out/" in found.content.decode(), name


# Guessing


def test_who_guesses_the_code_of_an_app_from_many_browsers_is_stopped_all_the_same(mail, practice, clock):
    secret = sets_up_an_app(signs_in(Visitor(), mail, account := care_giver(practice, "gp")))
    clock(31)  # the code that set it up is used
    tries = [after_the_code(account) for _ in range(6)]
    for guesser in tries[:5]:
        guesser.post("account/sign-in/second/", {"code": "000000"})
        assert not is_in(guesser)
    tries[5].post("account/sign-in/second/", {"code": totp(secret)})
    assert not is_in(tries[5])


def test_who_guesses_a_spare_code_from_many_browsers_is_stopped_all_the_same(mail, practice):
    sets_up_an_app(first := signs_in(Visitor(), mail, account := care_giver(practice, "gp")))
    spare = re.findall(r"<li>(\d{4} \d{4})</li>", first.page)
    tries = [after_the_code(account) for _ in range(6)]
    for guesser in tries[:5]:
        guesser.post("account/sign-in/second/", {"code": "0000 0000"})
    tries[5].post("account/sign-in/second/", {"code": spare[0]})
    assert not is_in(tries[5])


def test_a_spare_code_has_more_than_20_bits(mail, practice):
    sets_up_an_app(first := signs_in(visits(), mail, care_giver(practice, "gp")))
    spare = re.findall(r"<li>([\d ]+)</li>", first.page)
    assert len(spare) == len(set(spare)) == 10
    assert {len(one.replace(" ", "")) for one in spare} == {8}
    assert 10**8 > 2**26


def test_a_code_of_an_app_counts_half_a_minute(mail, practice, clock):
    secret = sets_up_an_app(signs_in(visits(), mail, account := care_giver(practice, "gp")))
    clock(60)
    for old in (-2, -1, 1):
        visitor = signs_in(visits(), mail, account)
        visitor.post("account/sign-in/second/", {"code": totp(secret, old)})
        assert not is_in(visitor)
        clock(60)


def after_the_code(account):
    """A browser in which the code of the mail was given and the second factor was not, however often that was asked."""
    from django.core import mail
    from django.core.cache import cache

    kept = dict(cache._cache), dict(cache._expire_info)  # asking for codes is limited too: that is tried elsewhere
    cache.clear()
    visitor = signs_in(visits(), mail.outbox, account)
    cache.clear()
    cache._cache.update(kept[0])
    cache._expire_info.update(kept[1])
    assert visitor.path.endswith("/second/")
    return visitor


def test_who_guesses_a_code_of_the_mail_from_many_browsers_is_stopped_all_the_same(mail):
    account = an_account()
    for number in range(12):
        asks(visits(REMOTE_ADDR=f"192.0.2.{number}"), account.email)
    assert len(mail) == 3, "wherever it is asked from: three codes a minute, of three tries each"


def test_who_found_a_link_cannot_try_birth_years_in_many_browsers_or_on_many_pages(place):
    from django.core.cache import cache

    from ruggespraak.clinic.sharing import link_of

    cache.clear()
    link = f"mine/{link_of(place.episode)}/"
    for year in range(1950, 1955):
        visits().get(f"{link}everything/").post(f"{link}everything/", {"go": "json", "year": str(year)})
    last = visits().get(f"{link}everything/").post(f"{link}everything/", {"go": "json", "year": "1980"})
    assert "too often" in last.page
    taker = visits()
    signed_in(taker.client, an_account(), strong=False)
    assert "too often" in taker.get(f"{link}account/").post(f"{link}account/", {"year": "1980"}).page
    place.episode.patient.refresh_from_db()
    assert place.episode.patient.account is None


def test_who_says_to_be_a_proxy_is_not_believed(place, mail):
    """Not to be somebody else in the log, nor to try more often, nor to be on https."""
    from ruggespraak.clinic.models import LogRow

    gp = at_work(place, "gp")
    says = {"HTTP_X_FORWARDED_FOR": "203.0.113.9", "HTTP_FORWARDED": "for=203.0.113.9", "HTTP_X_REAL_IP": "203.0.113.9"}
    gp.client.get(place.address("episode", place.episode), **says, HTTP_X_FORWARDED_PROTO="https")
    assert {row.address for row in LogRow.objects.filter(account=gp.account.pk)} == {"127.0.0.1"}
    for n in range(25):
        asks(visits(HTTP_X_FORWARDED_FOR=f"203.0.113.{n}"), f"{uuid.uuid4().hex}@example.org")
    assert len(mail) == 20


# Lines and rows that are made up


@pytest.fixture
def lines():
    """What the server wrote down, line by line."""
    from io import StringIO

    from ruggespraak.web.observed import Lines

    written_down, handler = StringIO(), None
    handler = logging.StreamHandler(written_down)
    handler.setFormatter(Lines())
    logging.getLogger().addHandler(handler)
    levels = {name: logging.getLogger(name).level for name in ("ruggespraak", "")}
    logging.getLogger("ruggespraak").setLevel(logging.INFO)
    yield lambda: written_down.getvalue().splitlines()
    logging.getLogger().removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.usefixtures("mail")
def test_nobody_puts_words_into_a_log(place, lines):
    from ruggespraak.clinic.models import LogRow

    gp, before = at_work(place, "gp", tokens=False), noted()
    browser = {"HTTP_USER_AGENT": NASTY, "HTTP_REFERER": NASTY, "HTTP_X_FORWARDED_FOR": NASTY}
    closed = place.address("emergency", place.closed)
    gp.client.post(place.address("new", None), {**SENT_WHO, "name": NASTY, "email": NASTY}, **browser)
    gp.client.post(closed, {"kind": NASTY, "why": ""}, **browser)
    gp.client.post(closed, {"kind": "danger", "why": NASTY}, **browser)
    for at in ("/en/account/sign-in/code/", "/en/account/sign-up/", "/en/account/sign-in/second/"):
        visits(tokens=False).client.post(at, {"email": NASTY, "code": NASTY}, **browser)
    visits().client.post("/en/account/sign-in/", {"next": NASTY}, **browser)  # refused: no token
    gp.client.get(f"/en/{NASTY}/", {NASTY: NASTY}, **browser)
    gp.client.generic(NASTY, "/en/account/", **browser)
    assert lines(), "what was refused is in the log"
    for line in lines():
        said = json.loads(line)
        assert said["event"] != "all is well"
        assert not re.search(r"[\x00-\x1f\u2028]|evil|all is well", line)
    rows = LogRow.objects.filter(number__gt=before)
    assert {"emergency", "refused"} <= {row.event for row in rows}
    names = {name for name, _parts in addresses()}
    assert {row.page for row in rows} <= names
    assert all("all is well" not in f"{row.role}{row.address}{bytes(row.reason)}" for row in rows)


@pytest.mark.parametrize("name", [NASTY, "An\0na", "An\nna", "\x1b[2JAnna", "An\u202ena"], ids=ascii)
def test_nobody_has_a_name_that_a_screen_or_a_list_does_not_show_as_it_is(place, name):
    manager, gp, before = at_work(place, "manager", tokens=False), at_work(place, "gp", tokens=False), written()
    colleague = {"do": "add", "email": "x@example.org", "name": name, "role": "gp"}
    patient = {**SENT_WHO, "name": name}
    for found in (
        manager.client.post(place.address("members", None), colleague),
        gp.client.post(place.address("new", None), patient),
    ):
        assert re.search("Fill in a name|Vul een naam in", found.content.decode())
    assert written() == before


@pytest.mark.control("C-53")
def test_where_the_access_log_cannot_be_written_no_record_is_shown(place, monkeypatch):
    gp = at_work(place, "gp", raise_request_exception=False)

    def full(*_about, **_more):
        raise OSError("the disk is full")

    monkeypatch.setattr("ruggespraak.clinic.log.note", full)
    for name in ("worklist", "episode", "letter", "work_plan"):
        found = gp.client.get(place.address(name, place.episode))
        assert found.status_code == 500, name
        assert NAME not in found.content.decode()
        assert "disk" not in found.content.decode()


# Where a browser is led


AWAY = (
    EVIL, "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example",
    "https:///evil.example", "javascript:alert(1)", "data:text/html,x", "//testserver@evil.example",
    "http://testserver.evil.example", "/%09/evil.example", "\t//evil.example", "https://testserver:x@evil.example/",
)  # fmt: skip


def test_nobody_is_led_to_another_site_from_any_page(place, mail, monkeypatch):
    from django.core.cache import cache

    def stays(found):
        to = found.get("Location", "")
        assert urlsplit(to)[:2] in (("", ""), ("http", "testserver")), to
        assert not re.match(r"[\s\\]|/[\s/\\]", to), to
        return found.status_code == 302

    gp, she, weak = at_work(place, "gp", tokens=False), her(place), visits(tokens=False)
    signed_in(weak.client, care_giver(place.practice, "gp"), strong=False)
    account = an_account()
    for visitor in (gp, she, weak, visits()):
        leads = [at for _name, at in walked(place) if stays(visitor.client.get(at, {"next": EVIL}))]
        assert len(leads) > 3
        for where in AWAY:
            for at in leads:
                stays(visitor.client.get(at, {"next": where, "redirect_to": where}))
    monkeypatch.setattr("django.conf.settings.DEMO", True)
    for where in AWAY:
        cache.clear()
        visitor = signs_in(visits(), mail, account, next=where)
        assert is_in(visitor)
        assert all(url.startswith("/") and not url.startswith("//") for url in visitor.seen), where
        stays(weak.client.post(f"/en/account/sign-in/as/{account.pk}/", {"next": where}))
        stays(visitor.client.post("/en/account/sign-out/", {"next": where}))
    for path in ("//evil.example", "//evil.example/..", "/\\evil.example", "//evil.example/%2e%2e"):
        stays(gp.client.get(path))


def test_a_link_in_a_mail_is_of_this_site_whatever_host_was_asked_for(place, mail, monkeypatch):
    monkeypatch.setattr("django.conf.settings.SITE", "https://rug.example")
    named = {"HTTP_HOST": "localhost", "HTTP_X_FORWARDED_HOST": "evil.example"}
    known = an_account().email
    visits(tokens=False, **named).client.post("/en/account/sign-up/", {"email": known})
    asks(visits(**named), known)
    asks(visits(**named), f"{uuid.uuid4().hex}@example.org")
    manager = at_work(place, "manager", tokens=False, **named)
    manager.client.post(place.address("members", None), place.sends("members", place.episode))
    gp = at_work(place, "gp", tokens=False, **named)
    care_giver(place.practice, "privacy_officer")
    gp.client.post(place.address("emergency", place.closed), {"kind": "danger", "why": "She fell."})
    links = [link for one in mail for link in re.findall(r"https?://[^/\s]+", one.body)]
    assert len(mail) == 5
    assert len(links) >= 3
    assert set(links) == {"https://rug.example"}


def test_who_asks_for_another_host_gets_no_page():
    for host in ("evil.example", "testserver.evil.example", "testserver@evil.example", "testserver:x"):
        found = visits().client.get("/en/", HTTP_HOST=host)
        assert found.status_code == 400, host
        assert "evil" not in found.content.decode()


# Forms with more in them than was asked


@pytest.mark.usefixtures("mail")
def test_a_field_that_nobody_asked_for_changes_nothing(place, elsewhere):
    """Who adds a colleague, opens a closed record, takes somebody in or signs up says more than the form has."""
    from ruggespraak.clinic.models import Account, Emergency, Member, Patient

    other, email = an_account(), f"{uuid.uuid4().hex}@example.org"
    more = {
        "practice": elsewhere.practice.pk, "account": other.pk, "is_active": "", "is_superuser": "on", "id": other.pk,
        "until": "2099-01-01", "since": "2001-01-01", "only_for": other.pk, "patient": elsewhere.episode.patient_id,
        "emergency": "on", "signed_by": other.pk, "author": other.pk, "key": "x", "last_login": "2001-01-01",
    }  # fmt: skip
    free = {"tokens": False}
    manager, gp = at_work(place, "manager", **free), at_work(place, "gp", **free)
    added = {**more, "do": "add", "email": email, "name": "Nieuw", "role": "nurse"}
    manager.client.post(place.address("members", None), added)
    (held,) = Member.objects.filter(account__email=email)
    assert (held.practice, held.role, held.since, held.until) == (place.practice, "nurse", a_day(), None)
    assert held.account.is_active
    assert held.account.pk != other.pk
    gp.client.post(place.address("emergency", place.closed), {**more, "kind": "danger", "why": "She fell."})
    (one,) = Emergency.objects.filter(account=gp.account)
    assert one.until - one.at <= timedelta(minutes=31)
    assert (one.patient, one.signed_by) == (place.closed.patient, None)
    gp.client.post(place.address("worklist", None), {**more, **place.sends("worklist", place.episode)})
    (new,) = Patient.objects.filter(practice=place.practice).exclude(
        pk__in=[place.episode.patient_id, place.closed.patient_id]
    )
    assert (new.account, new.only_for.count(), new.since) == (None, 0, a_day())
    assert not Patient.objects.filter(practice=elsewhere.practice).exclude(
        pk__in=[elsewhere.episode.patient_id, elsewhere.closed.patient_id]
    )
    signing_up = f"{uuid.uuid4().hex}@example.org"
    sent = {**more, "email": signing_up, "name": "Baas", "role": "manager"}
    visits(**free).client.post("/en/account/sign-up/", sent)
    made = Account.objects.get(email=signing_up)
    assert (made.name, made.memberships.count(), made.is_active) == ("", 0, True)
    assert made.since.year > 2001


def test_a_field_that_is_sent_twice_is_no_way_to_do_two_things(place):
    from ruggespraak.clinic.models import Member
    from ruggespraak.clinic.sharing import link_of

    manager = at_work(place, "manager", tokens=False)
    email = f"{uuid.uuid4().hex}@example.org"
    sent = {"do": ["end", "add"], "email": email, "name": ["A", "B"], "role": ["nurse", "manager"]}
    manager.client.post(place.address("members", None), sent)
    assert Member.objects.filter(account__email=email).count() == 1
    link = f"/en/mine/{link_of(place.episode)}/"
    before = place.episode.facts.count()
    assert visits().client.post(link, {"course": ["much_better", "worse"]}).status_code == 400
    gp = at_work(place, "gp", tokens=False)
    examined = {"slr_positive": ["yes", "no"], "so_far": place.episode.facts_so_far}
    assert gp.client.post(place.address("examination", place.episode), examined).status_code == 400
    assert place.episode.facts.count() == before


def test_a_form_of_more_fields_than_a_page_has_or_of_a_megabyte_is_not_read(place):
    from ruggespraak.clinic.sharing import link_of

    gp, before = at_work(place, "gp", tokens=False), written()
    for sent in (*({f"f{n}": "x" for n in range(many)} for many in (201, 10_000)), {"why": "x" * 1_000_000}):
        for at in (
            place.address("emergency", place.closed),
            place.address("new", None),
            f"/en/mine/{link_of(place.episode)}/",
            "/en/account/sign-in/code/",
            "/en/mine/open/",
        ):
            found = gp.client.post(at, sent)
            assert found.status_code == 400, at
            assert "Traceback" not in found.content.decode()
    assert written() == before


def test_no_file_is_served_but_those_of_the_site():
    for path in (
        "../settings.py", "..%2fsettings.py", "%2e%2e/settings.py", "....//settings.py", "..\\settings.py",
        "/etc/passwd", "%2fetc%2fpasswd", "../../../../../../etc/passwd", "%00", "ruggespraak.css/../../settings.py",
    ):  # fmt: skip
        found = visits().client.get(f"/static/{path}")
        assert found.status_code in (400, 404), path
        assert b"RUG_SECRET_KEY" not in found.content
        assert b"root:" not in found.content


# Emergencies


def test_a_second_emergency_does_not_make_the_first_one_longer(place):
    from ruggespraak.clinic.models import Emergency

    gp = at_work(place, "gp", tokens=False)
    at = place.address("emergency", place.closed)
    for _ in range(2):
        gp.client.post(at, {"kind": "danger", "why": "She fell."})
    assert Emergency.objects.filter(account=gp.account).count() == 1


def test_an_emergency_opens_nothing_for_who_does_not_care_for_patients_or_works_elsewhere(place, elsewhere):
    from ruggespraak.clinic.models import Emergency

    why = {"kind": "danger", "why": "She fell."}
    for role, status in (("manager", 403), ("privacy_officer", 403)):
        who = at_work(place, role, tokens=False)
        assert who.client.post(place.address("emergency", place.closed), why).status_code == status
    gp = at_work(elsewhere, "gp", tokens=False)
    assert gp.client.post(place.address("emergency", place.closed), why).status_code == 404
    assert not Emergency.objects.filter(patient=place.closed.patient).exists()


# Passkeys


class Passkey:
    """A device with a passkey of this account, that signs whatever it is asked to."""

    def __init__(self, account, site="localhost"):
        from allauth.account.models import EmailAddress
        from allauth.account.utils import user_pk_to_url_str
        from allauth.mfa.models import Authenticator

        EmailAddress.objects.get_or_create(user=account, email=account.email, verified=True, primary=True)
        self.key, self.id, self.site = ec.generate_private_key(ec.SECP256R1()), uuid.uuid4().bytes, site
        self.handle = user_pk_to_url_str(account).encode()
        known = AttestedCredentialData.create(bytes(16), self.id, ES256.from_cryptography_key(self.key.public_key()))
        made = self.about(AuthenticatorData.FLAG.AT, known)
        kept = {"clientDataJSON": told("webauthn.create", b"x"), "attestationObject": b64(none_of(made))}
        data = {"name": "1", "credential": self.credential(kept)}
        Authenticator.objects.create(user=account, type=Authenticator.Type.WEBAUTHN, data=data)

    def about(self, more=0, known=b""):
        flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | more
        return AuthenticatorData.create(sha256(self.site.encode()).digest(), flags, 1, known)

    def credential(self, response):
        known = {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}
        return known | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def signs(self, visitor, origin="http://localhost", verified=True, **changes):
        """What the browser sends for the challenge of the page that is open."""
        challenge = re.search(r'"challenge": ?"([^"]+)"', unescape(visitor.page))[1]
        client, about = told("webauthn.get", challenge, origin), self.about()
        if not verified:
            about = AuthenticatorData.create(about.rp_id_hash, AuthenticatorData.FLAG.UP, 1)
        signature = self.key.sign(about + sha256(unb64(client)).digest(), ec.ECDSA(hashes.SHA256()))
        made = {"clientDataJSON": client, "authenticatorData": b64(about), "signature": b64(signature)}
        return self.credential(made | {"userHandle": b64(self.handle)} | changes)


def b64(raw):
    return urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()


def unb64(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def told(kind, challenge, origin="http://localhost"):
    return b64(CollectedClientData.create(kind, challenge, origin))


def none_of(about):
    return AttestationObject.create("none", about, {})


def shows(visitor, passkey, **how):
    page = "account/sign-in/passkey/"
    visitor.get(page)
    return visitor.post(page, {"credential": json.dumps(passkey.signs(visitor, **how))})


@pytest.mark.usefixtures("mail")
def test_a_passkey_lets_in_whose_it_is_and_nobody_else(practice):
    """Not with another device, for another person, from another site, without a finger or PIN, twice, or closed."""
    at_home = {"HTTP_HOST": "localhost"}
    account, other = care_giver(practice, "gp"), care_giver(practice, "gp")
    mine, theirs = Passkey(account), Passkey(other)
    assert is_in(shows(visits(**at_home), mine))
    wrong = {
        "for another person": (mine, {"userHandle": b64(theirs.handle)}),
        "of nobody": (mine, {"userHandle": b64(uuid.uuid4().hex.encode())}),
        "of no person at all": (mine, {"userHandle": None}),
        "from another site": (mine, {"origin": EVIL}),
        "for another site": (Passkey(account, "evil.example"), {}),
        "without a finger or PIN": (mine, {"verified": False}),
        "with another signature": (mine, {"signature": b64(b"x" * 70)}),
    }
    for how, (device, changes) in wrong.items():
        found = shows(visits(**at_home), device, **changes)
        assert found.response.status_code == 200, how
        assert not is_in(found), how
    caught = mine.signs(first := visits(**at_home).get("account/sign-in/passkey/"))
    for again in (visits(**at_home).get("account/sign-in/passkey/"), first.get("account/sign-in/passkey/")):
        assert not is_in(again.post("account/sign-in/passkey/", {"credential": json.dumps(caught)}))
    account.is_active = False
    account.save()
    assert not is_in(shows(visits(**at_home), mine))


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize("sent", ["", "x", "null", "[]", "1", '"x"', "{}", '{"response": 1}', '{"response": {}}'])
def test_what_is_no_passkey_is_refused_with_a_page(sent):
    visitor = visits().get("account/sign-in/passkey/").post("account/sign-in/passkey/", {"credential": sent})
    assert visitor.response.status_code == 200
    assert not is_in(visitor)


# As it is served


def test_over_https_the_one_cookie_is_of_this_host_and_no_script_or_other_site_has_it(monkeypatch):
    monkeypatch.setenv("RUG_HTTPS", "1")
    served = runpy.run_path(str(Path(__file__).parents[2] / "src/ruggespraak/web/settings.py"))
    assert served["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert served["SESSION_COOKIE_SECURE"] is served["SESSION_COOKIE_HTTPONLY"] is True
    assert served["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert "SESSION_COOKIE_DOMAIN" not in served
    assert served["CSRF_USE_SESSIONS"], "there is no second cookie"
    assert served["SECURE_SSL_REDIRECT"]
    assert served["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    assert served["SECURE_HSTS_INCLUDE_SUBDOMAINS"]


def test_the_cookie_is_set_as_the_settings_say(mail):
    visitor = signs_in(visits(), mail, an_account())
    assert list(visitor.client.cookies) == ["session"]
    (cookie,) = visitor.client.cookies.values()
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
