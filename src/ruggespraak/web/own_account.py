"""One's own account: how one signs in, where one is signed in, and its end."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base import views as mfa
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import auth as passkeys
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from ruggespraak.clinic import log
from ruggespraak.clinic.log import Actor, What
from ruggespraak.clinic.models import Account, SignIn
from ruggespraak.clinic.sign_ins import end_all
from ruggespraak.pathway.texts import long_date
from ruggespraak.web.access import page_of, private
from ruggespraak.web.pages import lang_of
from ruggespraak.web.sign_in import Failing, page
from ruggespraak.web.signed_in import lasting, note, session_of

WAYS = {
    "code": _("code by e-mail"),
    "mfa": _("code by e-mail and a second proof"),
    "passkey": _("passkey"),
    "socialaccount": _("account of your work"),
    "demo": _("demonstration"),
}
"""How somebody signed in."""


class AccountPage(mfa.IndexView):
    """How one signs in, and where one is signed in."""

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        mine = self.request.user
        here = session_of(self.request)
        return super().get_context_data(**more) | {
            "sign_ins": [(one, one.session == here) for one in lasting(mine)],
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
        end_all(request.user, but=session_of(request))
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
        return page(request, "account/delete.html")
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
        note(What.SIGN_IN_FAILED, self.request, self.request.user)
        return self.render_to_response(self.get_context_data() | {"form": form})


class GiveCodeAgain(Failing, mfa.ReauthenticateView):
    """The code of the app once more, before something important."""
