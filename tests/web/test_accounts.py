"""Signing in and out: codes, second factors, sessions, and what is tried against them."""

import json
import re
import time
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from requests import Response

from signing import an_account, care_giver, signed_in
from visitor import Visitor

CODE = re.compile(r"\b[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}\b")
SIGN_IN, CONFIRM = "account/sign-in/", "account/sign-in/code/confirm/"
SIGN_UP, FIRST_CODE = "account/sign-up/", "account/sign-up/confirm/"


@pytest.fixture
def mail(monkeypatch):
    """The mail that was sent; and nobody has tried anything yet."""
    from django.conf import settings
    from django.core import mail
    from django.core.cache import cache

    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    cache.clear()
    return mail.outbox


@pytest.fixture
def practice():
    from ruggespraak.clinic.models import Practice

    return Practice.objects.create(name="Huisartsen De Proef", profession="gp")


@pytest.fixture
def clock(monkeypatch):
    """``clock(60)``: a minute later, for everything that looks at the time."""
    from django.utils import timezone

    real, now = time.time, timezone.now
    moved = [0]
    monkeypatch.setattr(time, "time", lambda: real() + moved[0])
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(seconds=moved[0]))

    def later(seconds):
        moved[0] += seconds

    return later


def asks(visitor, email, **more):
    visitor.get(SIGN_IN)
    return visitor.post("account/sign-in/code/", {"email": email, **more})


def gives(visitor, code, **more):
    return visitor.post(CONFIRM, {"code": code, **more})


def code_in(message):
    return CODE.search(message.body)[0]


def signs_in(visitor, mail, account, **more):
    asks(visitor, account.email, **more)
    return gives(visitor, code_in(mail[-1]), **more)


def rows(account=None, **more):
    from ruggespraak.clinic.models import LogRow

    found = LogRow.objects.filter(**more).order_by("number")
    return list(found.filter(account=account.pk) if account else found)


def events(account):
    return [row.event for row in rows(account) if row.event.startswith("sign")]


def is_in(visitor):
    """Whether somebody is signed in here: then there is something to sign out of."""
    return "/account/sign-out/" in visitor.get("about/").page


def totp(secret, steps=0):
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def sets_up_an_app(visitor):
    """Scans the picture; the secret."""
    visitor.get("account/app/add/")
    secret = re.search(r'scan__letters">([A-Z2-7 ]+)<', visitor.page)[1].replace(" ", "")
    visitor.post("account/app/add/", {"code": totp(secret)})
    return secret


# A code by e-mail


def test_a_patient_signs_up_and_in_with_a_code_and_without_a_password(mail):
    from ruggespraak.clinic.models import Account

    new = Visitor().get(SIGN_UP).post(SIGN_UP, {"email": "Nieuw@Example.org"})
    assert new.path == f"/nl/{FIRST_CODE}"
    new.post(FIRST_CODE, {"code": code_in(mail[-1])})
    account = Account.objects.get(email="nieuw@example.org")
    assert new.path == "/nl/account/home/"
    assert is_in(new)
    assert not account.has_usable_password()
    back = signs_in(Visitor("en"), mail, account)
    assert back.path == "/en/account/home/"
    assert events(account) == ["sign_in", "sign_in"]


def test_a_care_giver_whom_the_manager_added_signs_in_with_a_code_at_once(mail, practice):
    account = care_giver(practice, "gp")
    visitor = asks(Visitor(), account.email.upper())
    gives(visitor, code_in(mail[-1]).replace("-", " ").lower())
    assert len(mail) == 1, "one code is enough"
    assert visitor.path == "/nl/account/second-factor/"


def test_a_code_has_more_than_20_bits_and_says_nothing_about_health(mail):
    account = an_account("Wilhelmina Onmiskenbaar")
    asks(Visitor(), account.email)
    assert 20**8 > 2**34
    assert code_in(mail[-1])
    assert not re.search(r"Wilhelmina|rug\b|pijn|arts|gezond|back\b|pain|health", mail[-1].subject + mail[-1].body)


def test_a_code_counts_once(mail):
    account = an_account()
    one = signs_in(Visitor(), mail, account)
    code = code_in(mail[-1])
    one.post("account/sign-out/", {})
    gives(one, code)
    assert not is_in(one)
    asks(other := Visitor(), account.email)
    assert gives(other, code).path == f"/nl/{CONFIRM}"
    assert not is_in(other)


def test_a_code_counts_ten_minutes(mail, clock):
    account = an_account()
    visitor = asks(Visitor(), account.email)
    clock(9 * 60)
    assert gives(visitor, "XXXX-XXXX").path == f"/nl/{CONFIRM}"
    clock(61)
    assert gives(visitor, code_in(mail[-1])).response.status_code == 403
    assert not is_in(visitor)


def test_a_code_counts_in_the_browser_that_asked_for_it_only(mail):
    account = an_account()
    asks(Visitor(), account.email)
    other = Visitor().get(SIGN_IN)
    gives(other, code_in(mail[-1]))
    assert not is_in(other)


@pytest.mark.control("C-52")
def test_three_wrong_codes_are_the_end_of_the_right_one(mail):
    account = an_account()
    visitor = asks(Visitor(), account.email)
    answers = [gives(visitor, "XXXX-XXXX").response.status_code for _ in range(3)]
    assert answers == [200, 200, 403], "and the page says so"
    gives(visitor.get(SIGN_IN), code_in(mail[-1]))
    assert not is_in(visitor)
    assert events(account) == ["sign_in_failed"] * 3


def test_somebody_who_goes_on_asking_for_codes_is_refused(mail):
    account = an_account()
    for _ in range(3):
        asks(Visitor(), account.email)
    refused = asks(Visitor("en"), account.email)
    assert "You tried too often" in refused.page
    assert len(mail) == 3
    many = [asks(Visitor(), an_account().email).response.status_code for _ in range(25)]
    assert 200 in many
    assert len(mail) <= 21, "one address asks for at most twenty codes a minute"


def test_the_answer_is_the_same_whether_an_address_is_known_or_not(mail):
    account = an_account()
    for page, field in ((SIGN_IN, "account/sign-in/code/"), (SIGN_UP, SIGN_UP)):
        seen = []
        for email in (account.email, "nobody-" + account.email):
            visitor = Visitor().get(page).post(field, {"email": email})
            hidden = re.sub(r'value="[^"]+"', "", visitor.page).replace(email, "ADDRESS")
            wrong = visitor.post(visitor.path.removeprefix("/nl/"), {"code": "XXXX-XXXX"})
            seen.append((visitor.seen, hidden, re.sub(r'value="[^"]+"', "", wrong.page).replace(email, "ADDRESS")))
        assert seen[0] == seen[1]
    assert len(mail) == 4, "and both get a mail"


@pytest.mark.usefixtures("mail")
def test_of_an_address_that_nobody_knows_nothing_is_written_down():
    before = len(rows())
    visitor = asks(Visitor(), "niemand.weet@example.org")
    gives(visitor, "XXXX-XXXX")
    (row,) = rows()[before:]
    assert (row.event, row.account, row.role, row.address, row.page) == (
        "sign_in_failed", None, "none", "", "account_confirm_login_code",
    )  # fmt: skip


@pytest.mark.usefixtures("mail")
def test_when_no_mail_can_be_sent_the_page_says_so(monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    monkeypatch.setattr(settings, "EMAIL_PORT", 1)
    visitor = asks(Visitor("en"), an_account().email)
    assert visitor.response.status_code == 503
    assert "cannot send mail" in visitor.page


def test_the_address_of_who_never_came_is_forgotten_after_a_day(mail, practice):
    from django.utils import timezone

    from ruggespraak.clinic import retention
    from ruggespraak.clinic.models import Account

    Visitor().get(SIGN_UP).post(SIGN_UP, {"email": "typed-by-somebody@example.org"})
    invited, came = care_giver(practice, "nurse"), an_account()
    signs_in(Visitor(), mail, came)
    here = Account.objects.filter(email__in=["typed-by-somebody@example.org", invited.email, came.email])
    retention.forget_unused(timezone.localdate())
    assert here.count() == 3
    retention.forget_unused(timezone.localdate() + timedelta(days=2))
    assert {one.pk for one in here} == {invited.pk, came.pk}


# Where one goes then


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_nobody_is_led_to_another_site(mail, where):
    visitor = signs_in(Visitor(), mail, an_account(), next=where)
    assert not [url for url in visitor.seen if "evil" in url or "script" in url]
    assert visitor.path == "/nl/account/home/"


def test_who_wanted_a_page_gets_it_after_signing_in(mail):
    visitor = signs_in(Visitor(), mail, an_account(), next="/nl/about/")
    assert visitor.path == "/nl/about/"


@pytest.mark.parametrize(
    ("roles", "page"),
    [(["gp"], "worklist"), (["nurse"], "worklist"), (["manager"], "members"), (["privacy_officer"], "log"),
     (["manager", "physiotherapist"], "worklist")],
)  # fmt: skip
def test_a_care_giver_of_one_practice_goes_straight_to_work(practice, roles, page):
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone, translation

    account = care_giver(practice, roles[0])
    for role in roles[1:]:
        account.memberships.create(practice=practice, role=role, since=timezone.localdate())
    found = signed_in(Client(), account).get("/nl/account/home/")
    with translation.override("nl"):
        assert found.headers["Location"] == reverse(page, kwargs={"practice": practice.pk})


def test_a_care_giver_of_two_practices_chooses_and_a_patient_goes_to_her_records(practice):
    from django.test import Client
    from django.utils import timezone

    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import Practice

    account, patient = care_giver(practice, "gp"), an_account()
    care_giver(other := Practice.objects.create(name="Andere", profession="gp"), "gp")
    account.memberships.create(practice=other, role="nurse", since=timezone.localdate())
    assert signed_in(Client(), account).get("/nl/account/home/").headers["Location"] == "/nl/practice/"
    nothing = signed_in(Client(), patient).get("/en/account/home/").content.decode()
    assert "Open the link that your practice sent you" in nothing
    assert patient.email in nothing
    hers = record.new_patient(practice, {"name": "W", "born": 1980, "email": "", "lang": "nl"}, timezone.localdate())
    hers.account = patient
    hers.save()
    assert "/mine/" in signed_in(Client(), patient).get("/nl/account/home/").headers["Location"]


# Second factors


@pytest.mark.control("C-52")
def test_no_page_of_the_practice_opens_before_a_second_factor(mail, practice):
    visitor = signs_in(Visitor("en"), mail, care_giver(practice, "gp"))
    assert visitor.title == "First one thing more"
    for page in ("practice/", f"practice/{practice.pk}/"):
        assert visitor.get(page).path == "/en/account/second-factor/"
    sets_up_an_app(visitor)
    assert visitor.path == "/en/account/recovery/"
    assert len(re.findall(r"<li>\d{4} \d{4}</li>", visitor.page)) == 10
    assert visitor.get(f"practice/{practice.pk}/").path == f"/en/practice/{practice.pk}/"


def test_the_mailbox_of_who_comes_with_the_employers_account_opens_nothing(mail, practice):
    from allauth.socialaccount.models import SocialAccount

    from ruggespraak.clinic.operations import lost_device

    account = care_giver(practice, "gp")
    SocialAccount.objects.create(user=account, provider="employer", uid="7")
    visitor = signs_in(Visitor(), mail, account)
    assert visitor.path == "/nl/account/second-factor/"
    assert "account/passkeys/add" not in visitor.page
    for page in ("account/passkeys/add/", "account/app/add/", "account/recovery/new/"):
        assert visitor.get(page).path == "/nl/account/second-factor/"
        assert rows(account)[-1].event == "refused"
    assert visitor.get(f"practice/{practice.pk}/").path == "/nl/account/second-factor/"
    lost_device(account.email)  # the operator knows that it is them
    visitor = signs_in(Visitor(), mail, account)
    sets_up_an_app(visitor)
    assert visitor.get(f"practice/{practice.pk}/").path == f"/nl/practice/{practice.pk}/"


def test_a_second_factor_that_came_or_went_is_in_the_log_and_in_the_mail(mail, practice):
    account = care_giver(practice, "gp")
    sets_up_an_app(signs_in(Visitor(), mail, account))
    noted = [(row.event, row.page) for row in rows(account)]
    assert noted.count(("access", "mfa_activate_totp")) == 1
    assert mail[-1].subject == "Hoe u inlogt, is veranderd"
    assert mail[-1].to == [account.email]


@pytest.mark.parametrize("began", [False, True])
def test_who_never_began_to_sign_in_leaves_no_row_of_a_failure(began):
    from django.contrib.auth.models import AnonymousUser
    from django.test import RequestFactory

    from ruggespraak.web.adapter import refused
    from ruggespraak.web.sessions import SessionStore

    request = RequestFactory().get("/oidc/employer/?error=x")
    request.session, request.user = SessionStore(), AnonymousUser()
    if began:
        request.session["state"] = "x"
    before = len(rows())
    refused(request, "no")
    assert len(rows()) == before + began


def test_who_has_an_app_is_asked_for_its_code_and_each_code_counts_once(mail, practice, clock):
    account = care_giver(practice, "nurse")
    secret = sets_up_an_app(signs_in(Visitor(), mail, account))
    visitor = signs_in(Visitor(), mail, account)
    assert visitor.path == "/nl/account/sign-in/second/"
    assert not is_in(visitor)
    visitor.get("account/sign-in/second/").post("account/sign-in/second/", {"code": totp(secret)})
    assert not is_in(visitor), "the code that set it up is used"
    clock(31)
    code = totp(secret)
    visitor.get("account/sign-in/second/").post("account/sign-in/second/", {"code": code})
    assert visitor.path == f"/nl/practice/{practice.pk}/"
    replay = signs_in(Visitor(), mail, account)
    assert replay.post("account/sign-in/second/", {"code": code}).path == "/nl/account/sign-in/second/"
    assert not is_in(replay)
    assert events(account) == ["sign_in", "sign_in_failed", "sign_in", "sign_in_failed"]


def test_guessing_the_code_of_an_app_ends_after_five_tries(mail, practice, clock):
    account = care_giver(practice, "gp")
    secret = sets_up_an_app(signs_in(Visitor(), mail, account))
    clock(31)
    visitor = signs_in(Visitor(), mail, account)
    for _ in range(5):
        visitor.post("account/sign-in/second/", {"code": "000000"})
    visitor.post("account/sign-in/second/", {"code": totp(secret)})
    assert not is_in(visitor)


def test_a_spare_code_lets_somebody_in_once_and_is_shown_once(mail, practice):
    account = care_giver(practice, "gp")
    first = signs_in(Visitor("en"), mail, account)
    sets_up_an_app(first)
    spare = re.findall(r"<li>(\d{4} \d{4})</li>", first.page)
    assert not re.search(r"<li>\d{4} \d{4}</li>", first.get("account/recovery/").page)
    for works in (True, False):
        visitor = signs_in(Visitor("en"), mail, account)
        visitor.post("account/sign-in/second/", {"code": spare[0]})
        assert is_in(visitor) is works


def test_secrets_of_second_factors_are_locked_in_the_database(mail, practice):
    from allauth.mfa.models import Authenticator

    account = care_giver(practice, "gp")
    secret = sets_up_an_app(signs_in(Visitor(), mail, account))
    kept = [one.data for one in Authenticator.objects.filter(user=account)]
    assert len(kept) == 2
    assert secret not in str(kept)
    assert any(one.wrap().generate_codes() for one in Authenticator.objects.filter(user=account, type="recovery_codes"))
    assert not any(re.fullmatch("[0-9a-f]{80}", one.get("seed", "")) for one in kept)


def test_what_guards_an_account_is_changed_only_after_showing_once_more_who_it_is(mail, practice, clock):
    account = care_giver(practice, "gp")
    sets_up_an_app(visitor := signs_in(Visitor(), mail, account))
    assert visitor.get("account/app/remove/").path == "/nl/account/app/remove/"
    clock(6 * 60)
    for page in ("app/remove/", "passkeys/add/", "recovery/new/"):
        assert "/account/again/" in visitor.get(f"account/{page}").path


# Sessions


def test_signing_in_begins_a_new_session(mail):
    account = an_account()
    visitor = asks(Visitor(), account.email)
    before = visitor.client.cookies["session"].value
    gives(visitor, code_in(mail[-1]))
    after = visitor.client.cookies["session"].value
    planted = Visitor()
    planted.client.cookies["session"] = before
    assert before != after
    assert not is_in(planted)


def test_signing_out_ends_the_session_and_leaves_nothing_in_the_browser(mail):
    from ruggespraak.clinic.models import SignIn

    account = an_account()
    visitor = signs_in(Visitor(), mail, account)
    stolen = visitor.client.cookies["session"].value
    visitor.get("account/sign-out/")
    token = visitor.fields["csrfmiddlewaretoken"][0][1]
    out = visitor.client.post("/nl/account/sign-out/", {"csrfmiddlewaretoken": token})
    assert out.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    other = Visitor()
    other.client.cookies["session"] = stolen
    assert not is_in(other)
    assert not is_in(visitor)
    assert not SignIn.objects.filter(account=account)
    assert events(account) == ["sign_in", "sign_out"]


def test_leaving_a_sign_in_that_was_begun_keeps_the_answers_of_the_self_check():
    visitor = Visitor().begin()
    number = visitor.number
    asks(visitor, an_account().email)
    visitor.get(CONFIRM).post("account/sign-out/", {"next": "/nl/account/sign-in/"})
    assert visitor.path == "/nl/account/sign-in/"
    assert "Clear-Site-Data" not in visitor.response
    assert visitor.get(f"check/{number}/").number == number


def test_signing_out_needs_the_form_of_this_site(mail):
    visitor = signs_in(Visitor(), mail, an_account())
    assert visitor.get("account/sign-out/").response.status_code == 200
    assert is_in(visitor)
    assert visitor.client.post("/nl/account/sign-out/").status_code == 403
    assert is_in(visitor)


def test_a_form_that_was_left_open_too_long_leads_back_to_signing_in(mail, clock):
    visitor = Visitor("en").get(SIGN_IN)
    clock(31 * 60)
    late = visitor.post("account/sign-in/code/", {"email": an_account().email})
    assert late.response.status_code == 403
    assert "/en/account/sign-in/" in re.findall(r'class="nhsuk-button" href="([^"]+)"', late.page)
    assert not mail


def test_no_page_is_kept_that_says_who_is_signed_in(mail):
    visitor = signs_in(Visitor(), mail, account := an_account())
    for page in ("", "about/", "leaflets/"):
        found = visitor.get(page)
        assert account.email in found.page
        assert "no-store" in found.response["Cache-Control"]
    assert "Cache-Control" not in Visitor().get("about/").response


@pytest.mark.control("C-52")
def test_a_session_ends_after_half_an_hour_without_a_page_and_after_twelve_hours_in_any_case(mail, clock):
    from ruggespraak.clinic.models import SignIn
    from ruggespraak.web.sessions import SessionStore

    account = an_account()
    idle = signs_in(Visitor(), mail, account)
    clock(29 * 60)
    assert is_in(idle)
    clock(31 * 60)
    assert not is_in(idle)
    SessionStore.clear_expired()
    assert not SignIn.objects.filter(account=account), "nothing is left of a session that ended by itself"
    busy = signs_in(Visitor(), mail, an_account())
    for _ in range(29):
        clock(24 * 60)
        assert is_in(busy)
    clock(25 * 60)
    assert not is_in(busy)


def test_one_sees_and_ends_ones_own_sessions_and_nobody_elses(mail):
    account = an_account()
    phone, desk = signs_in(Visitor("en"), mail, account), signs_in(Visitor("en"), mail, account)
    stranger = signs_in(Visitor("en"), mail, an_account())
    page = desk.get("account/").page
    assert page.count("code by e-mail") >= 2
    assert page.count("This is here") == 1
    assert "127.0.0.1" not in page
    (number,) = re.findall(r'name="sign_in" value="(\d+)"', page)
    stranger.get("account/").post("account/sessions/end/", {"sign_in": number})
    assert stranger.response.status_code == 404
    assert is_in(phone)
    desk.get("account/").post("account/sessions/end/", {"sign_in": number})
    assert not is_in(phone)
    assert is_in(desk)
    third = signs_in(Visitor(), mail, account)
    desk.get("account/").post("account/sessions/end/", {})
    assert not is_in(third)
    assert is_in(desk)


def test_an_account_that_no_longer_counts_is_out_at_once_and_stays_out(mail, practice):
    from ruggespraak.clinic.sign_ins import end_all

    account = care_giver(practice, "gp")
    one, two = signs_in(Visitor(), mail, account), signs_in(Visitor(), mail, account)
    account.is_active = False
    account.save()
    assert not is_in(one)
    account.is_active = True
    account.save()
    end_all(account)
    assert not is_in(one)
    assert not is_in(two)
    account.is_active = False
    account.save()
    gone = asks(Visitor(), account.email)
    assert gone.path == f"/nl/{CONFIRM}"
    assert not CODE.search(mail[-1].body)


def test_who_begins_a_self_check_is_signed_out_and_that_is_noted(practice):
    from django.test import Client

    account = care_giver(practice, "gp")
    client = signed_in(Client(), account)
    client.post("/nl/check/", {"who": "me", "go": "on"}, HTTP_SEC_FETCH_SITE="same-origin")
    assert client.get("/nl/practice/").status_code == 302
    assert [row.event for row in rows(account)][-2:] == ["sign_in", "sign_out"]
    assert not account.sign_ins.exists()


def test_a_patient_takes_her_account_away_and_her_record_stays(mail, practice):
    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import Account, Patient

    account = an_account()
    here, elsewhere = signs_in(Visitor(), mail, account), signs_in(Visitor(), mail, account)
    hers = record.new_patient(practice, {"name": "W", "born": 1980, "email": "", "lang": "nl"}, date.today())
    Patient.objects.filter(pk=hers.pk).update(account=account)
    here.get("account/delete/").post("account/delete/", {})
    assert here.response.redirect_chain == [("/nl/", 302)]
    assert not is_in(here)
    assert not is_in(elsewhere)
    assert not Account.objects.filter(email=account.email).exists()
    hers.refresh_from_db()
    assert (hers.account, hers.erased) == (None, False)


def test_who_lost_a_device_is_out_and_must_set_up_another_one(mail, practice):
    from allauth.mfa.models import Authenticator

    from ruggespraak.clinic.operations import lost_device

    account = care_giver(practice, "gp")
    visitor = signs_in(Visitor(), mail, account)
    sets_up_an_app(visitor)
    assert Authenticator.objects.filter(user=account).exists()
    lost_device(account.email.upper())
    assert not Authenticator.objects.filter(user=account).exists()
    assert not is_in(visitor)
    assert signs_in(Visitor(), mail, account).get("practice/").path == "/nl/account/second-factor/"


def test_the_access_log_tells_of_each_practice_where_somebody_works_and_of_no_address_of_a_patient(practice):
    from django.test import Client

    from ruggespraak.clinic.models import Practice

    other = Practice.objects.create(name="Andere", profession="physiotherapist")
    account, patient = care_giver(practice, "gp"), an_account()
    account.memberships.create(practice=other, role="manager", since="2026-01-01")
    signed_in(Client(), account)
    signed_in(Client(), patient)
    assert {(row.practice, row.role, row.address) for row in rows(account)} == {
        (practice.pk, "gp", "127.0.0.1"), (other.pk, "manager", "127.0.0.1"),
    }  # fmt: skip
    assert [(row.practice, row.role, row.address) for row in rows(patient)] == [(None, "patient", "")]


# What every page of signing in has


def pages(mail, practice):
    """Every page that can be reached: (who, address)."""
    nobody, waiting = Visitor("en"), asks(Visitor("en"), an_account().email)
    new = Visitor("en").get(SIGN_UP).post(SIGN_UP, {"email": f"new-{an_account().email}"})
    account = care_giver(practice, "gp")
    working = signs_in(Visitor("en"), mail, account)
    for one in ("", "second-factor/", "passkeys/add/", "app/add/", "sign-out/"):
        yield working, f"account/{one}"
    sets_up_an_app(working)
    for one in ("", "recovery/", "recovery/new/", "app/remove/", "again/"):
        yield working, f"account/{one}"
    yield signs_in(Visitor("en"), mail, account), "account/sign-in/second/"
    yield waiting, CONFIRM
    yield new, FIRST_CODE
    for one in (SIGN_IN, "account/sign-in/code/", "account/sign-in/passkey/", SIGN_UP, "account/inactive/"):
        yield nobody, one


def test_no_page_of_signing_in_is_kept_and_only_those_with_a_passkey_have_a_script(mail, practice):
    scripted = {"account/sign-in/passkey/", "account/sign-in/second/", "account/passkeys/add/"}
    for visitor, page in pages(mail, practice):
        found = visitor.get(page).response
        assert (found.status_code, visitor.path) == (200, f"/en/{page}")
        assert "no-store" in found["Cache-Control"]
        assert found["X-Robots-Tag"] == "noindex"
        assert ("script-src 'self'" in found["Content-Security-Policy"]) is (page in scripted), page
        assert ("<script" in visitor.page) <= (page in scripted)
        assert "default-src 'none'" in found["Content-Security-Policy"]


def test_there_is_no_page_with_a_password():
    from django.urls import NoReverseMatch, reverse

    for name in ("account_change_password", "account_set_password", "account_reset_password", "account_reauthenticate",
                 "socialaccount_connections", "socialaccount_signup", "mfa_download_recovery_codes"):  # fmt: skip
        with pytest.raises(NoReverseMatch):
            reverse(name)
    assert "password" not in {kind for inputs in Visitor().get(SIGN_IN).fields.values() for kind, *_ in inputs}


def test_nobody_signs_in_with_one_click_but_in_a_demonstration(monkeypatch, practice):
    from django.conf import settings

    account = care_giver(practice, "gp", "Alex Verzonnen")
    visitor = Visitor("en").get(SIGN_IN)
    assert "demonstration" not in visitor.page
    assert account.name not in visitor.page
    visitor.post(f"account/sign-in/as/{account.pk}/", {})
    assert visitor.response.status_code == 404
    assert not is_in(visitor)
    monkeypatch.setattr(settings, "DEMO", True)
    assert account.name in visitor.get(SIGN_IN).page
    visitor.post(f"account/sign-in/as/{account.pk}/", {})
    assert visitor.path == f"/en/practice/{practice.pk}/"
    assert next(row.page for row in rows(account)) == "as_somebody"


# The account of the employer


@pytest.mark.parametrize(
    ("told", "enough"),
    [
        ({"amr": ["mfa"]}, True), ({"amr": ["pwd", "otp"]}, True), ({"amr": ["hwk", "pin"]}, True),
        ({"amr": ["pwd"]}, False), ({"amr": ["pwd", "pin"]}, False), ({"amr": ["otp"]}, False), ({}, False),
        ({"amr": "mfa"}, False), ({"amr": None}, False), ({"acr": "high"}, True), ({"acr": "low"}, False),
        ({"acr": ["high"]}, False),
    ],
)  # fmt: skip
def test_the_employers_account_counts_only_with_more_than_one_factor(monkeypatch, told, enough):
    from django.conf import settings

    from ruggespraak.web.adapter import more_than_one_factor

    monkeypatch.setattr(settings, "OIDC_ACR", frozenset({"high"}))
    assert more_than_one_factor(told) is enough


class Provider:
    """An employer's provider, of which each answer can be changed. It answers whatever asks it."""

    url = "https://sso.example"

    def __init__(self):
        self.key, self.other_key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
        self.told, self.userinfo, self.about, self.signs, self.keys = {}, {}, {}, self.key, 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def request(self, _method, url, **_more):
        found = Response()
        found.status_code = 200
        found.headers["content-type"] = "application/json"
        found._content = json.dumps(self.answer(url.removeprefix(self.url))).encode()
        return found

    def get(self, url, **_more):
        return self.request("GET", url)

    def answer(self, page):
        if page == "/token":
            token = jwt.encode(self.told, self.signs, algorithm="RS256", headers={"kid": "one"})
            return {"access_token": "a", "token_type": "Bearer", "id_token": token}
        if page == "/keys":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return {"keys": [key | {"kid": "one", "alg": "RS256"}] * self.keys}
        if page == "/userinfo":
            return {"sub": self.told["sub"]} | self.userinfo
        places = {"authorization": "/authorize", "token": "/token", "userinfo": "/userinfo"}
        found = {f"{name}_endpoint": self.url + at for name, at in places.items()}
        return found | {"issuer": self.url, "jwks_uri": self.url + "/keys"} | self.about


@pytest.fixture
def provider(monkeypatch):
    from django.conf import settings

    from ruggespraak.web.adapter import Employers

    found = Provider()
    app = {
        "provider_id": "employer",
        "name": "W",
        "client_id": "us",
        "secret": "s",
        "settings": {"server_url": found.url},
    }
    apps = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    monkeypatch.setattr(settings, "OIDC_URL", found.url)
    monkeypatch.setattr(settings, "SOCIALACCOUNT_PROVIDERS", apps)
    monkeypatch.setattr(Employers, "get_requests_session", lambda _self: found)
    return found


def asks_the_employer(visitor):
    """To the employer's page; what was asked there."""
    visitor.get(SIGN_IN)
    token = visitor.fields["csrfmiddlewaretoken"][0][1]
    there = visitor.client.post("/en/account/sign-in/employer/", {"csrfmiddlewaretoken": token}).headers["Location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}


def comes_back(visitor, provider, account, **changes):
    """Asks, and comes back with an answer about this care giver, so changed."""
    asked = asks_the_employer(visitor)
    provider.told = {
        "iss": provider.url, "aud": "us", "sub": f"sub of {account.email}", "exp": time.time() + 60,
        "nonce": asked["nonce"], "amr": ["mfa"], "email": account.email, "email_verified": True,
    } | changes  # fmt: skip
    return visitor.client.get("/oidc/employer/", {"state": asked["state"], "code": "c"})


def test_the_employer_is_asked_with_pkce_a_state_and_a_nonce(provider):
    first, second = (asks_the_employer(Visitor("en")) for _ in range(2))
    assert first["code_challenge_method"] == "S256"
    assert first["response_type"] == "code"
    assert first["redirect_uri"] == "http://testserver/oidc/employer/"
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
        assert len(first[name]) >= 16
    assert f"form-action 'self' {provider.url}" in Visitor().get(SIGN_IN).response["Content-Security-Policy"]
    assert provider.url not in Visitor().get("about/").response["Content-Security-Policy"]


def test_a_care_giver_signs_in_with_the_account_of_the_employer_and_nothing_of_it_is_kept(provider, practice):
    from allauth.socialaccount.models import SocialAccount

    account = care_giver(practice, "gp")
    for _ in range(2):
        visitor = Visitor("en")
        assert comes_back(visitor, provider, account).status_code == 302
        assert is_in(visitor)
        assert visitor.get(f"practice/{practice.pk}/").path == f"/en/practice/{practice.pk}/"
    (kept,) = SocialAccount.objects.filter(user=account)
    assert kept.extra_data == {}
    assert [event for event in events(account) if event.startswith("sign")] == ["sign_in", "sign_in"]


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another site"}, {"iss": "https://evil.example"},
        {"exp": 1}, {"amr": ["pwd"]}, {"email_verified": False}, {"email_verified": "true"},
        {"email": "nobody@example.org"},
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_of_the_employer_that_is_not_as_it_must_be_opens_nothing(provider, practice, changes):
    visitor, account = Visitor("en"), care_giver(practice, "gp")
    assert comes_back(visitor, provider, account, **changes).status_code == 403
    assert not is_in(visitor)
    assert "sign_in" not in events(account)


def test_an_answer_that_another_signed_or_described_or_that_is_about_two_people_opens_nothing(provider, practice):
    account = care_giver(practice, "gp")
    for name, wrong, right in (
        ("signs", provider.other_key, provider.key),
        ("about", {"issuer": "https://evil.example"}, {}),
        ("userinfo", {"sub": "somebody else"}, {}),
        ("keys", 0, 1),
    ):
        setattr(provider, name, wrong)
        assert comes_back(Visitor("en"), provider, account).status_code == 403, name
        setattr(provider, name, right)
    assert comes_back(Visitor("en"), provider, account).status_code == 302


def test_an_address_that_passed_to_somebody_else_at_the_employer_opens_nothing(provider, practice):
    account, other = care_giver(practice, "gp"), care_giver(practice, "nurse")
    comes_back(Visitor("en"), provider, account)
    assert comes_back(Visitor("en"), provider, account, sub="a new employee").status_code == 403
    assert comes_back(Visitor("en"), provider, other, sub=f"sub of {account.email}").status_code == 403
    assert comes_back(Visitor("en"), provider, account).status_code == 302


def test_who_no_longer_works_here_or_is_a_patient_does_not_come_in_by_the_employer(provider, practice):
    from django.utils import timezone

    gone, inactive, patient = care_giver(practice, "gp"), care_giver(practice, "gp"), an_account()
    gone.memberships.update(until=timezone.localdate())
    inactive.is_active = False
    inactive.save()
    for account in (gone, inactive, patient):
        assert comes_back(Visitor("en"), provider, account).status_code == 403


def test_an_answer_of_the_employer_counts_once(provider, practice):
    visitor, account = Visitor("en"), care_giver(practice, "gp")
    comes_back(visitor, provider, account)
    state = asks_the_employer(thief := Visitor("en"))["state"]
    assert thief.client.get("/oidc/employer/", {"state": "made up", "code": "c"}).status_code == 403
    visitor.post("account/sign-out/", {})
    assert visitor.client.get("/oidc/employer/", {"state": state, "code": "c"}).status_code == 403


def test_without_a_provider_there_is_no_way_to_one():
    visitor = Visitor().get(SIGN_IN)
    assert visitor.post("account/sign-in/employer/", {}).response.status_code == 404
    assert visitor.client.get("/oidc/employer/").status_code == 404
