"""Who is signed in, in which session, and how: it ends when it must, and is in the access log.

A session ends after half an hour without a page (``settings``), after twelve hours in any case, when it is ended from
another device, and when its account no longer counts. Every sign-in, failure and sign-out is in the access log, and so
is every proof that came or went.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ruggespraak.clinic import jobs, log
from ruggespraak.clinic.log import Actor, What
from ruggespraak.clinic.models import Account, SignIn
from ruggespraak.web.access import address_of, page_of, roles_in
from ruggespraak.web.sessions import row_of


class SignedIn:
    """Lets a session in which somebody is signed in count while its row is there and it is not too old."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and not lasting(request.user).filter(session=session_of(request)).exists():
            logout(request)
        found = self.get_response(request)
        if request.user.is_authenticated:
            found.headers.setdefault("Cache-Control", "no-store")  # every page says who is signed in
        return found


def session_of(request: HttpRequest) -> str:
    """The key under which the session of this request is stored: ``SignIn.session``."""
    return row_of(request.session.session_key)


def lasting(account: Account) -> Any:
    """The sessions of this account that still count."""
    began = timezone.now() - timedelta(seconds=settings.SIGNED_IN_FOR)
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return SignIn.objects.filter(account=account, at__gt=began, session__in=alive).order_by("-at")


def _how(request: HttpRequest, account: Account) -> str:
    """How somebody signed in: the strongest of what was given."""
    given = {one["method"]: one for one in get_authentication_records(request, account)}
    if given.get("mfa", {}).get("passwordless"):
        return "passkey"
    return next((method for method in ("demo", "socialaccount", "mfa") if method in given), "code")


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: Account, **_more: Any) -> None:
    SignIn.objects.create(account=user, session=session_of(request), method=_how(request, user))
    note(What.SIGN_IN, request, user)


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, user: Account | None, **_more: Any) -> None:
    if user is not None:
        SignIn.objects.filter(session=session_of(request)).delete()
        note(What.SIGN_OUT, request, user)


def note(what: What, request: HttpRequest, account: Account | None) -> None:
    """A row for every practice where somebody works; of a patient, and of who is not known, without an address."""
    where = account.memberships.filter(until=None).values_list("practice", flat=True).distinct() if account else ()
    page = page_of(request)
    if account is None:
        log.note(what, Actor("none"), page)
    elif not where:
        log.note(what, Actor("patient", account.pk), page)
    else:
        for practice in where:
            log.note(what, Actor(min(roles_in(account, practice)), account.pk, practice, address_of(request)), page)


@receiver(mfa_signals.authenticator_added)
def _given(request: HttpRequest, user: Account, authenticator: Authenticator, **_more: Any) -> None:
    """Who has just set up a second factor has given it. The code that showed it is used up."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return
    record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type, reauthenticated=True)
    _renew(request)
    if authenticator.type == Authenticator.Type.TOTP:
        authenticator.wrap().validate_code(request.POST.get("code", ""))


@receiver([mfa_signals.authenticator_added, mfa_signals.authenticator_removed, mfa_signals.authenticator_reset])
def _changed(request: HttpRequest, user: Account, authenticator: Authenticator, signal: Any, **_more: Any) -> None:
    """How somebody signs in has changed: the access log has it, and they read it, for it may not have been them."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES and signal is not mfa_signals.authenticator_reset:
        return  # they come and go with the app or the passkey that is told of
    note(What.ACCESS, request, user)
    subject = _("How you sign in has changed")
    says = _("A passkey, an app or spare codes were added to your account, or taken away. Was that not you? Then tell")
    to = _("the practice where you work, or whom you have this account from, at once.")
    jobs.tell.enqueue(user.email, str(subject), f"{says} {to}\n")


@receiver(mfa_signals.authenticator_used)
def _given_again(request: HttpRequest, reauthenticated: bool, **_more: Any) -> None:
    if reauthenticated:
        _renew(request)


def _renew(request: HttpRequest) -> None:
    """Another session id, as at signing in: who knew the one before has nothing of what was proven since."""
    before = session_of(request)
    request.session.cycle_key()
    SignIn.objects.filter(session=before).update(session=session_of(request))
