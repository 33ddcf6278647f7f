"""What this site wants otherwise than django-allauth: its words, its mail, its secrets, and who may come from outside.

**OpenID Connect.** The employer's account is accepted for somebody who works here already, never to make an account.
The provider must say that the e-mail address is verified, and it must be the one of that account; from then on the
provider's own name for the person (``sub``) counts too, so that an address which passes to a new employee opens
nothing. And it must say that more than one factor was used: ``amr`` holds "mfa", or something one has beside something
one knows or is (RFC 8176), or ``acr`` is one that the operator trusts (``RUG_OIDC_ACR``). What the provider told is not
kept. Authorisation code with PKCE; the state and a nonce are bound to the session.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Mapping
from functools import cache
from secrets import compare_digest
from smtplib import SMTPException
from typing import Any

import jwt
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.adapter import get_adapter as get_employers
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ruggespraak.clinic import log
from ruggespraak.clinic.log import Actor, What
from ruggespraak.clinic.models import Account
from ruggespraak.web.pages import context

NONCE = 12  # bytes, as AES-GCM has it
WRONG_CODE = _("This is not right. Look at it again.")
TOO_OFTEN = _("You tried too often. Wait five minutes, and try again.")

HAS = {"hwk", "swk", "otp", "sc"}
KNOWS_OR_IS = {"pwd", "pin", "fpt", "face", "iris", "retina", "vbm"}


def problem(request: HttpRequest, status: int, title: Any, *lines: Any) -> HttpResponse:
    """A page that says what is wrong, and leads back to signing in."""
    found = context(request) | {"title": title, "lines": lines, "onward": "account_login"}
    response = render(request, "pages/problem.html", found, status=status)
    response["Cache-Control"] = "no-store"
    return response


class Accounts(DefaultAccountAdapter):
    """Mail that may fail, no passwords, and no scripts that ask for JSON."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": WRONG_CODE,
        "too_many_login_attempts": TOO_OFTEN,
        "rate_limited": TOO_OFTEN,
    }

    def is_ajax(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def pre_login(self, request: HttpRequest, user: Account, **how: Any) -> HttpResponse | None:
        """Who gave the code out of a mail has shown that the address is theirs: nobody asks a second time."""
        if any(
            (one["method"], one.get("email")) == ("code", user.email)
            for one in get_authentication_records(request, user)
        ):
            EmailAddress.objects.update_or_create(
                user=user, email=user.email, defaults={"verified": True, "primary": True}
            )
        refused: HttpResponse | None = super().pre_login(request, user, **how)
        return refused

    def send_account_already_exists_mail(self, email: str) -> None:
        self.send_mail("account/email/account_already_exists", email, {})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A link in it is of this site, whatever host the request named."""
        pages = {"login_url": "account_login", "signup_url": "account_signup"}
        links = {name: settings.SITE + reverse(page) for name, page in pages.items()}
        try:
            super().send_mail(template_prefix, email, context | links)
        except (OSError, SMTPException):
            said = _("Your code was not sent. Please try again in a few minutes.")
            raise ImmediateHttpResponse(problem(self.request, 503, _("We cannot send mail now"), said)) from None


class SecondFactors(DefaultMFAAdapter):
    """The secrets of second factors are locked with a key made from the master key: a copy of the database has none."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": WRONG_CODE}

    def get_totp_issuer(self) -> str:
        return "Ruggespraak"

    def encrypt(self, text: str) -> str:
        nonce = os.urandom(NONCE)
        return b64encode(nonce + _cipher(settings.MASTER_KEY).encrypt(nonce, text.encode(), None)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        raw = b64decode(encrypted_text)
        opened: bytes = _cipher(settings.MASTER_KEY).decrypt(raw[:NONCE], raw[NONCE:], None)
        return opened.decode()

    def generate_authenticator_name(self, user: Account, type: str) -> str:
        return str(_("Passkey %(number)s") % {"number": user.authenticator_set.filter(type=type).count() + 1})

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        found: dict[str, str] = super().get_public_key_credential_rp_entity()
        return found | {"name": "Ruggespraak"}


@cache
def _cipher(master: str) -> AESGCM:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ruggespraak second factor")
    return AESGCM(made.derive(urlsafe_b64decode(master)))


class Provider(OpenIDConnectOAuth2Adapter):
    """The employer's provider; django-allauth would believe a token unread that came over TLS."""

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """What the token says, by a key of this provider and for this site. Raises OAuth2Error."""
        about = self.openid_config
        with get_employers().get_requests_session() as session:
            published = session.get(about["jwks_uri"]).json()
        try:
            named = jwt.get_unverified_header(id_token).get("kid")
            keys = [key for key in jwt.PyJWKSet.from_dict(published).keys if named in (None, key.key_id)]
            if about["issuer"].rstrip("/") != settings.OIDC_URL or len(keys) != 1:
                raise OAuth2Error("the provider describes itself as another one, or does not have this key")
            told: dict[str, Any] = jwt.decode(
                id_token, keys[0], [keys[0].algorithm_name], {"require": ["iss", "sub", "aud", "exp"]},
                audience=app.client_id, issuer=about["issuer"],
            )  # fmt: skip
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("the token is not as it must be") from error
        return told


class Employers(DefaultSocialAccountAdapter):
    """Who comes with the account of an employer."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Lets somebody in, or says why not (see the module)."""
        told: Mapping[str, Any] = sociallogin.account.extra_data
        proven: Mapping[str, Any] = told.get("id_token", {})
        asked: Mapping[str, Any] = told.get("userinfo", {})
        person = {**asked, **proven}
        sociallogin.account.extra_data = {}
        if sociallogin.account.pk:
            sociallogin.account.save()
        account = _works_here(person)
        same = asked.get("sub", proven.get("sub")) == proven.get("sub")
        if not same or not compare_digest(str(proven.get("nonce", "")), str(sociallogin.state.get("nonce", "-"))):
            raise refused(request, _("The answer of your employer's sign-in page is not about this request."))
        if account is None:
            raise refused(request, _("Nobody with your e-mail address works for a practice here."))
        if not more_than_one_factor(proven):
            raise refused(
                request,
                _("Your employer's sign-in page did not say that you used more than a password."),
                account=account,
            )
        known = SocialAccount.objects.filter(user=account, provider=sociallogin.account.provider).first()
        if (known.uid if known else None) != (sociallogin.account.uid if sociallogin.is_existing else None):
            raise refused(
                request, _("Your e-mail address belongs to another account of your employer."), account=account
            )
        if known is None:
            sociallogin.connect(request, account)

    def on_authentication_error(self, request: HttpRequest, *_about: Any, **_more: Any) -> None:
        raise refused(request, _("Your employer's sign-in page did not let you through, or took too long."))

    def is_open_for_signup(self, *_about: Any) -> bool:
        return False


def _works_here(person: Mapping[str, Any]) -> Account | None:
    """Whose verified address this is, and who works for a practice now."""
    if person.get("email_verified") is not True:
        return None
    mine = Account.objects.filter(email=str(person.get("email", "")).lower(), is_active=True)
    return mine.filter(memberships__until=None, memberships__isnull=False).distinct().first()


def more_than_one_factor(proven: Mapping[str, Any]) -> bool:
    """Whether the provider says so, in ``amr`` or in an ``acr`` that the operator trusts."""
    amr = proven.get("amr")
    used = {str(one) for one in amr} if isinstance(amr, list) else set()
    return "mfa" in used or bool(used & HAS and used & KNOWS_OR_IS) or str(proven.get("acr")) in settings.OIDC_ACR


def refused(request: HttpRequest, why: Any, account: Account | None = None) -> ImmediateHttpResponse:
    """Not let in: a row in the access log, and a page that says why. Who never began to sign in here leaves no row."""
    if not request.session.is_empty():
        log.note(What.SIGN_IN_FAILED, Actor("none", account.pk if account else None), "oidc")
    instead = _("Sign in with a code by e-mail, or ask the manager of your practice.")
    return ImmediateHttpResponse(problem(request, 403, _("You are not signed in"), why, instead))
