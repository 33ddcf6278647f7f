"""The addresses of accounts: django-allauth, with the pages of this site (``sign_in``, ``own_account``).

Nobody has a password, and only what is needed of django-allauth has an address here.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from ruggespraak.clinic.log import What
from ruggespraak.web import errors
from ruggespraak.web.access import View, private, strong
from ruggespraak.web.adapter import problem
from ruggespraak.web.own_account import (
    AccountPage,
    AddPasskey,
    GiveCodeAgain,
    GivePasskey,
    delete_account,
    end_sign_ins,
)
from ruggespraak.web.pages import context
from ruggespraak.web.sign_in import (
    GiveCode,
    GiveFirstCode,
    GiveSecondFactor,
    PasskeyPage,
    as_somebody,
    from_employer,
    home,
    is_new,
    next_of,
    second_factor,
    sign_in,
    sign_out,
    to_employer,
)
from ruggespraak.web.signed_in import note

MINUTE = 60  # seconds


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
            found.context_data = context(request) | {"errors": errors, "next": next_of(request)} | found.context_data
        return found

    return made


with_passkey = csp_update({"script-src": [SELF]})
"""A page on which a passkey is used: the only ones with a script."""


def adding(view: View) -> View:
    """A page on which a second factor begins to count. With a mailbox alone a care giver sets up the first one only:
    else whoever reads the mail of who has one, or comes with the account of the employer, would have records open."""

    @wraps(view)
    def guarded(request: HttpRequest, **values: Any) -> HttpResponse:
        account = request.user
        if account.is_authenticated and not strong(request) and account.memberships.exists() and not is_new(account):
            note(What.REFUSED, request, account)
            return redirect("second_factor")
        return view(request, **values)

    return guarded


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
    path(
        "account/again/passkey/",
        with_passkey(shown(GivePasskey.as_view())),
        name="mfa_reauthenticate_webauthn",
    ),
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
