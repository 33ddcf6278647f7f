"""The sessions of somebody who is signed in, and what they sign in with: ended where they must not count any more."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session
from django.db import transaction

from ruggespraak.clinic.models import Account, SignIn


@transaction.atomic
def end_all(account: Account, but: str = "") -> None:
    """Ends every session of this account, or all but this one."""
    found = SignIn.objects.filter(account=account).exclude(session=but)
    Session.objects.filter(session_key__in=list(found.values_list("session", flat=True))).delete()
    found.delete()


@transaction.atomic
def forget_factors(account: Account) -> None:
    """No passkey, app, recovery code or account of an employer counts any more, nor a session that was opened with one:
    the account is as new."""
    Authenticator.objects.filter(user=account).delete()
    SocialAccount.objects.filter(user=account).delete()
    end_all(account)
