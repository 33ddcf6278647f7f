"""Who is signed in, without going through the pages: the session as it is after somebody signed in."""

import uuid


def care_giver(practice, role, name=""):
    """Somebody who works for this practice in this role."""
    from django.utils import timezone

    from ruggespraak.clinic.models import Member

    account = an_account(name or f"{str(role).replace('_', ' ').title()} Voorbeeld")
    Member.objects.create(account=account, practice=practice, role=str(role), since=timezone.localdate())
    return account


def an_account(name=""):
    """Somebody whom no practice knows: a patient, or nobody yet."""
    from ruggespraak.clinic.models import Account

    return Account.objects.create_account(f"{uuid.uuid4().hex}@example.org", name)


def signed_in(client, account, strong=True):
    """This client (``django.test.Client``), with that account signed in. ``strong``: with more than one factor."""
    from allauth.account.internal.flows.login import record_authentication
    from django.conf import settings
    from django.contrib.auth import login
    from django.http import HttpRequest

    from ruggespraak.web import accounts  # notes in which session somebody is signed in
    from ruggespraak.web.sessions import SessionStore

    assert accounts
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = "127.0.0.1"
    request.session = SessionStore()
    record_authentication(request, account, "code", email=account.email)
    if strong:
        record_authentication(request, account, "mfa", type="totp")
    login(request, account, "allauth.account.auth_backends.AuthenticationBackend")
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    return client
