"""Who is signed in, without going through the pages: the session as it is after somebody signed in."""

import uuid
from importlib import import_module

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.utils import timezone

from ruggespraak.clinic.models import Account, Member, Practice
from ruggespraak.clinic.roles import Role

HOW = {True: [("code", {}), ("mfa", {"type": "totp"})], False: [("code", {})]}
"""A code by e-mail, and after it a code of an app where more than one factor was used."""


def care_giver(practice: Practice, role: Role | str, name: str = "") -> Account:
    """Somebody who works for this practice in this role."""
    account = an_account(name or f"{Role(role).name.title().replace('_', ' ')} Voorbeeld")
    Member.objects.create(account=account, practice=practice, role=str(role), since=timezone.localdate())
    return account


def an_account(name: str = "") -> Account:
    """Somebody whom no practice knows: a patient, or nobody yet."""
    return Account.objects.create_account(f"{uuid.uuid4().hex}@example.org", name)


def signed_in(client, account: Account, strong: bool = True):
    """This client (``django.test.Client``), with that account signed in. ``strong``: with more than one factor."""
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = "127.0.0.1"
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    for method, more in HOW[strong]:
        record_authentication(request, account, method, **more)
    login(request, account, "allauth.account.auth_backends.AuthenticationBackend")
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    return client
