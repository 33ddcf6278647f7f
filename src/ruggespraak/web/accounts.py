"""Signing in and out, second factors, and one's own sessions: django-allauth, with the pages of this site.

Nobody has a password. A patient signs up and in with a code by e-mail, or with a passkey. A care giver is added by
the practice, and opens no page of it before a second factor was given: a passkey, a code of an app, or the account of
the employer (``adapter``). Only what is needed of django-allauth has an address here.

A session ends after half an hour without a page (``settings``), after twelve hours in any case, when it is ended from
another device, and when its account no longer counts. Every sign-in, failure and sign-out is in the access log.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url, passthrough_next_redirect_url
from allauth.mfa import signals as mfa_signals
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import auth as passkeys
from allauth.mfa.webauthn.internal import flows as passkey_flows
from allauth.socialaccount.adapter import get_adapter as get_employers
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.models import Session
from django.db import transaction
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from requests import RequestException

from ruggespraak.clinic import jobs, log
from ruggespraak.clinic.log import Actor, What
from ruggespraak.clinic.models import Account, Member, SignIn
from ruggespraak.clinic.roles import MAY, Act, Role
from ruggespraak.clinic.sign_ins import end_all
from ruggespraak.pathway.texts import long_date
from ruggespraak.web import errors
from ruggespraak.web.access import View, address_of, page_of, private, roles_in, strong
from ruggespraak.web.adapter import Provider, problem, refused
from ruggespraak.web.pages import context, lang_of
from ruggespraak.web.sessions import row_of

MINUTE = 60  # seconds
EMPLOYER = "employer"

ROLES = {
    Role.GP: _("GP"),
    Role.PHYSIOTHERAPIST: _("Physiotherapist"),
    Role.NURSE: _("Practice nurse"),
    Role.MANAGER: _("Practice manager"),
    Role.PRIVACY_OFFICER: _("Privacy officer"),
}
"""In which role somebody works."""

WAYS = {
    "code": _("code by e-mail"),
    "mfa": _("code by e-mail and a second proof"),
    "passkey": _("passkey"),
    "socialaccount": _("account of your work"),
    "demo": _("demonstration"),
}
"""How somebody signed in."""


# Sessions


class SignedIn:
    """Lets a session in which somebody is signed in count while its row is there and it is not too old."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and not _lasting(request.user).filter(session=_session(request)).exists():
            logout(request)
        found = self.get_response(request)
        if request.user.is_authenticated:
            found.headers.setdefault("Cache-Control", "no-store")  # every page says who is signed in
        return found


def _session(request: HttpRequest) -> str:
    return row_of(request.session.session_key)


def _lasting(account: Account) -> Any:
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
    SignIn.objects.create(account=user, session=_session(request), method=_how(request, user))
    _note(What.SIGN_IN, request, user)


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, user: Account | None, **_more: Any) -> None:
    if user is not None:
        SignIn.objects.filter(session=_session(request)).delete()
        _note(What.SIGN_OUT, request, user)


def _note(what: What, request: HttpRequest, account: Account | None) -> None:
    """A row for every practice where somebody works; of a patient, and of who is not known, without an address."""
    where = account.memberships.filter(until=None).values_list("practice", flat=True).distinct() if account else ()
    page = request.resolver_match.url_name if request.resolver_match else ""
    if account is None:
        log.note(what, Actor("none"), page)
    elif not where:
        log.note(what, Actor("patient", account.pk), page)
    else:
        for practice in where:
            log.note(what, Actor(min(roles_in(account, practice)), account.pk, practice, address_of(request)), page)


# What every page here has


def shown(view: View) -> View:
    """A page of django-allauth: never kept, with what our templates need, and with what is wrong in one list."""

    @wraps(view)
    @private
    def made(request: HttpRequest, **values: Any) -> HttpResponse:
        found = view(request, **values)
        if isinstance(found, TemplateResponse):
            form = found.context_data.get("form")
            wrong = form.errors.items() if form is not None and form.is_bound else ()
            errors = [("code" if field == "__all__" else field, text) for field, texts in wrong for text in texts]
            found.context_data = context(request) | {"errors": errors, "next": _next(request)} | found.context_data
        return found

    return made


with_passkey = csp_update({"script-src": [SELF]})
"""A page on which a passkey is used: the only ones with a script."""


def _page(request: HttpRequest, template: str) -> HttpResponse:
    """A page of our own among them."""
    return render(request, template, context(request) | {"errors": (), "next": _next(request)})


def _next(request: HttpRequest) -> str:
    """Where somebody wanted to go: an address of this site, or nothing."""
    return get_next_redirect_url(request) or ""


class Failing:
    """A form that says who somebody is: where it is wrong, that is in the access log."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *values: Any, **more: Any) -> HttpResponse:
        found = super().dispatch(request, *values, **more)  # type: ignore[misc]
        begins = (reverse("account_login"), reverse("account_request_login_code"))
        if request.method == "POST" and found.headers.get("Location") in begins:
            why = _("It is too old, or you gave a wrong one too often. Begin again with a new code.")
            return problem(request, 403, _("This does not count any more"), why)
        return found

    def form_invalid(self, form: Any) -> HttpResponse:
        stage = getattr(self.request, "_login_stage", None)
        claimed = self.request.user if self.request.user.is_authenticated else stage and stage.login.user
        _note(What.SIGN_IN_FAILED, self.request, claimed)
        return super().form_invalid(form)  # type: ignore[misc]


# Signing in, up and out


class SignInPage(account.RequestLoginCodeView):
    """An e-mail address for a code, and the other ways in."""

    template_name = "account/login.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(**more) | {
            "oidc": settings.OIDC_URL and settings.OIDC_NAME,
            "people": _people() if settings.DEMO else [],
            "roles": ROLES,
        }


class GiveCode(Failing, account.ConfirmLoginCodeView):
    """The code out of the mail."""


class GiveFirstCode(Failing, account.ConfirmEmailVerificationCodeView):
    """The code out of the mail of who signs up."""


class GiveSecondFactor(Failing, mfa.AuthenticateView):
    """A code of an app, a recovery code, or a passkey."""


class PasskeyPage(Failing, webauthn.LoginWebAuthnView):
    """Signing in with a passkey alone. The page holds what the browser asks the passkey."""

    template_name = "mfa/webauthn/login.html"

    def get(self, *_request: Any, **_more: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        options = {"request_options": passkeys.begin_authentication(user=None)}
        return super().get_context_data(**more) | {"js_data": options}

    def form_invalid(self, form: Any) -> HttpResponse:
        _note(What.SIGN_IN_FAILED, self.request, None)
        return self.render_to_response(self.get_context_data(form=form))

    def form_valid(self, form: Any) -> HttpResponse:
        passkey = form.cleaned_data["credential"]
        login = Login(user=passkey.user, redirect_url=_next(self.request) or None)
        return passkey_flows.perform_passwordless_login(self.request, passkey, login)


def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; its button for the employer's account leads to the employer's own page."""
    found = SignInPage.as_view()(request)
    if settings.OIDC_URL:
        employer = urlsplit(settings.OIDC_URL)
        found._csp_update = {"form-action": [f"{employer.scheme}://{employer.netloc}"]}
    return found


def sign_out(request: HttpRequest) -> HttpResponse:
    """Asks, and then leaves nothing in this browser; who only leaves a sign-in that was begun keeps the rest."""
    ends = request.method == "POST" and request.user.is_authenticated
    found = account.LogoutView.as_view()(request)
    if ends:
        found["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return found


@private
@require_POST
def to_employer(request: HttpRequest) -> HttpResponse:
    """Leads to the sign-in page of the employer, with a nonce that its answer must hold."""
    provider = get_employers().get_provider(request, EMPLOYER) if settings.OIDC_URL else None
    if provider is None:
        raise Http404
    nonce = token_urlsafe()
    asks = provider.get_auth_params() | {"nonce": nonce}
    try:
        return provider.redirect(request, "login", _next(request), auth_params=asks, nonce=nonce)
    except RequestException:
        raise refused(request, _("The sign-in page of your employer does not answer.")) from None


@private
def from_employer(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Comes back with the answer of the employer's provider."""
    if not settings.OIDC_URL or provider_id != EMPLOYER:
        raise Http404
    return OAuth2CallbackView.adapter_view(Provider(request, provider_id))(request)


@private
@require_POST
def as_somebody(request: HttpRequest, id: UUID) -> HttpResponse:
    """In a demonstration: one of its invented people, with one click."""
    if not settings.DEMO:
        raise Http404
    found = get_object_or_404(Account, pk=id, is_active=True)
    logout(request)
    record_authentication(request, found, "demo")
    get_adapter(request).login(request, found)
    return redirect(_next(request) or "home")


def _people() -> list[tuple[Account, list[Member]]]:
    """The invented people of a demonstration, care givers first."""
    found = Account.objects.filter(is_active=True).prefetch_related("memberships__practice").order_by("since")
    people = [(one, [held for held in one.memberships.all() if held.until is None]) for one in found]
    return [one for one in people if one[1]] + [one for one in people if not one[1] and one[0].records.exists()]


# Where one goes then


@private
def home(request: HttpRequest) -> HttpResponse:
    """Where somebody goes after signing in: to work, to their own records, or to a page that says what to do."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    where = Member.objects.filter(account=request.user, until=None).values_list("practice", flat=True).distinct()
    if len(where) == 1:
        held = roles_in(request.user, where[0])
        pages = {Act.WORK: "worklist", Act.MEMBERS: "members", Act.LOG: "log"}
        return redirect(next(page for act, page in pages.items() if held & MAY[act]), practice=where[0])
    if where:
        return redirect("practices")
    if request.user.records.exists():
        return redirect("mine_home")
    return _page(request, "account/nothing.html")


@private
def second_factor(request: HttpRequest) -> HttpResponse:
    """A care giver gives the second factor, or sets one up where there is none."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if strong(request):
        return redirect(_next(request) or "home")
    if is_mfa_enabled(request.user):
        way = get_adapter(request).get_reauthentication_methods(request.user)[0]
        return redirect(passthrough_next_redirect_url(request, way["url"], "next"))
    found = {"errors": (), "next": _next(request), "new": _is_new(request.user), "oidc": settings.OIDC_URL}
    return render(request, "account/second_factor.html", context(request) | found)


def _is_new(account: Account) -> bool:
    """Nothing but a mailbox has shown yet who this is: no second factor, and no account of the employer."""
    return not is_mfa_enabled(account) and not SocialAccount.objects.filter(user=account).exists()


def adding(view: View) -> View:
    """A page on which a second factor begins to count. With a mailbox alone a care giver sets up the first one only:
    else whoever reads the mail of who has one, or comes with the account of the employer, would have records open."""

    @wraps(view)
    def guarded(request: HttpRequest, **values: Any) -> HttpResponse:
        account = request.user
        if account.is_authenticated and not strong(request) and account.memberships.exists() and not _is_new(account):
            _note(What.REFUSED, request, account)
            return redirect("second_factor")
        return view(request, **values)

    return guarded


# One's own account


class AccountPage(mfa.IndexView):
    """How one signs in, and where one is signed in."""

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        mine = self.request.user
        here = _session(self.request)
        return super().get_context_data(**more) | {
            "sign_ins": [(one, one.session == here) for one in _lasting(mine)],
            "ways": WAYS,
            "day": lambda at: long_date(timezone.localdate(at), lang_of()),
            "clock": lambda at: f"{timezone.localtime(at):%H:%M}",
            "has_records": mine.records.exists(),
            "is_patient": not mine.memberships.exists(),
        }


@private
@require_POST
def end_sign_ins(request: HttpRequest) -> HttpResponse:
    """Ends one's sessions elsewhere: all of them, or one."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if number := request.POST.get("sign_in", ""):
        known = number.isascii() and number.isdigit() and len(number) < 19
        one = get_object_or_404(SignIn, pk=number if known else None, account=request.user)
        Session.objects.filter(session_key=one.session).delete()
        one.delete()
    else:
        end_all(request.user, but=_session(request))
    return redirect("mfa_index")


@private
def delete_account(request: HttpRequest) -> HttpResponse:
    """A patient's account is gone, and her records are as they were before she linked them. What care givers did stays
    theirs, so theirs stays too."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    account: Account = request.user
    if account.memberships.exists():
        raise Http404
    if request.method != "POST":
        return _page(request, "account/delete.html")
    with transaction.atomic():
        end_all(account)
        Account.objects.filter(pk=account.pk).delete()
        log.note(What.ERASE, Actor("patient", account.pk), page_of(request))
    found = redirect("start")
    found["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return found


class AddPasskey(webauthn.AddWebAuthnView):
    """A passkey with which one can sign in without a code: it asks for a finger, a face or a PIN itself."""

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        found = super().get_context_data(**more)
        return found | {"js_data": {"creation_options": passkeys.begin_registration(self.request.user, True)}}


class GivePasskey(Failing, webauthn.ReauthenticateWebAuthnView):
    """The passkey once more, before something important."""

    def form_invalid(self, form: Any) -> HttpResponse:
        _note(What.SIGN_IN_FAILED, self.request, self.request.user)
        return self.render_to_response(self.get_context_data() | {"form": form})


class GiveCodeAgain(Failing, mfa.ReauthenticateView):
    """The code of the app once more, before something important."""


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
    _note(What.ACCESS, request, user)
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
    before = _session(request)
    request.session.cycle_key()
    SignIn.objects.filter(session=before).update(session=_session(request))


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was left open too long: where somebody must be signed in, the way on is to sign in again."""
    if not request.path[3:].startswith(("/account/", "/practice/")):
        return errors.expired(request, reason)
    why = _("Nothing happened for half an hour, so you were signed out. What you sent just now was not read.")
    return problem(request, 403, _("This page is too old"), why)


def slow_down(request: HttpRequest) -> HttpResponse:
    """Too many at once, as django-allauth counts them."""
    return errors.too_many(request, MINUTE)


def to_account(request: HttpRequest, **_values: Any) -> HttpResponse:  # noqa: ARG001
    """Where django-allauth would show a list of its own."""
    return redirect("mfa_index")


urlpatterns = [
    path("account/home/", home, name="home"),
    path("account/sign-in/", shown(sign_in), name="account_login"),
    path("account/sign-in/code/", shown(sign_in), name="account_request_login_code"),
    path("account/sign-in/code/confirm/", shown(GiveCode.as_view()), name="account_confirm_login_code"),
    path("account/sign-in/passkey/", with_passkey(shown(PasskeyPage.as_view())), name="mfa_login_webauthn"),
    path("account/sign-in/second/", with_passkey(shown(GiveSecondFactor.as_view())), name="mfa_authenticate"),
    path("account/sign-in/employer/", to_employer, name="to_employer"),
    path("account/sign-in/as/<uuid:id>/", as_somebody, name="as_somebody"),
    path("account/sign-up/", shown(account.signup), name="account_signup"),
    path("account/sign-up/confirm/", shown(GiveFirstCode.as_view()), name="account_email_verification_sent"),
    path("account/sign-out/", shown(sign_out), name="account_logout"),
    path("account/inactive/", shown(account.account_inactive), name="account_inactive"),
    path("account/second-factor/", second_factor, name="second_factor"),
    path("account/", shown(AccountPage.as_view()), name="mfa_index"),
    path("account/e-mail/", to_account, name="account_email"),
    path("account/sessions/end/", end_sign_ins, name="end_sign_ins"),
    path("account/delete/", delete_account, name="delete_account"),
    path("account/again/", shown(GiveCodeAgain.as_view()), name="mfa_reauthenticate"),
    path("account/again/passkey/", with_passkey(shown(GivePasskey.as_view())), name="mfa_reauthenticate_webauthn"),
    path("account/passkeys/", to_account, name="mfa_list_webauthn"),
    path("account/passkeys/add/", adding(with_passkey(shown(AddPasskey.as_view()))), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", shown(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("account/app/add/", adding(shown(totp.activate_totp)), name="mfa_activate_totp"),
    path("account/app/remove/", shown(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/recovery/", shown(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("account/recovery/new/", adding(shown(recovery.generate_recovery_codes)), name="mfa_generate_recovery_codes"),
]

callback = path("oidc/<slug:provider_id>/", from_employer, name="openid_connect_callback")
"""Without a language: the one address that is registered with the employer's provider."""
