"""The pages on which somebody signs in, up or out, and where they go from there.

A patient signs up and in with a code by e-mail, or with a passkey. A care giver is added by the practice, and opens no
page of it before a second factor was given: a passkey, a code of an app, or the account of the employer (``adapter``).
"""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url, passthrough_next_redirect_url
from allauth.mfa.base import views as mfa
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import auth as passkeys
from allauth.mfa.webauthn.internal import flows as passkey_flows
from allauth.socialaccount.adapter import get_adapter as get_employers
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from requests import RequestException

from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Account, Member
from ruggespraak.clinic.roles import MAY, Act
from ruggespraak.web.access import ROLES, private, roles_in, strong
from ruggespraak.web.adapter import Provider, problem, refused
from ruggespraak.web.pages import context
from ruggespraak.web.signed_in import note

EMPLOYER = "employer"


def page(request: HttpRequest, template: str) -> HttpResponse:
    """A page of our own among them."""
    return render(request, template, context(request) | {"errors": (), "next": next_of(request)})


def next_of(request: HttpRequest) -> str:
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
        note(What.SIGN_IN_FAILED, self.request, claimed)
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
        note(What.SIGN_IN_FAILED, self.request, None)
        return self.render_to_response(self.get_context_data(form=form))

    def form_valid(self, form: Any) -> HttpResponse:
        passkey = form.cleaned_data["credential"]
        login = Login(user=passkey.user, redirect_url=next_of(self.request) or None)
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
        return provider.redirect(request, "login", next_of(request), auth_params=asks, nonce=nonce)
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
    return redirect(next_of(request) or "home")


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
    return page(request, "account/nothing.html")


@private
def second_factor(request: HttpRequest) -> HttpResponse:
    """A care giver gives the second factor, or sets one up where there is none."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if strong(request):
        return redirect(next_of(request) or "home")
    if is_mfa_enabled(request.user):
        way = get_adapter(request).get_reauthentication_methods(request.user)[0]
        return redirect(passthrough_next_redirect_url(request, way["url"], "next"))
    found = {"errors": (), "next": next_of(request), "new": is_new(request.user), "oidc": settings.OIDC_URL}
    return render(request, "account/second_factor.html", context(request) | found)


def is_new(account: Account) -> bool:
    """Nothing but a mailbox has shown yet who this is: no second factor, and no account of the employer."""
    return not is_mfa_enabled(account) and not SocialAccount.objects.filter(user=account).exists()
