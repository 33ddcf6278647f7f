"""Who works for a practice, in which role, from which day: added and ended by who manages it.

A role is never changed or deleted, only ended: what somebody did stays theirs. There is always somebody left who
manages the practice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ruggespraak.clinic import jobs, log, record
from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Account, Member, Practice
from ruggespraak.clinic.roles import MAY, Act, Role
from ruggespraak.clinic.sign_ins import end_all
from ruggespraak.web.access import ROLES, Acting, of_practice
from ruggespraak.web.emergency import guards_of
from ruggespraak.web.pages import today
from ruggespraak.web.practice_forms import is_email, is_name, shared, stale, tampered
from ruggespraak.web.practice_patient import short

Mistakes = list[tuple[str, str]]


@of_practice(Act.MEMBERS)
def members(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Who works here now. A form adds somebody, a button ends a role."""
    onward = reverse("members", kwargs={"practice": acting.practice.pk})
    mistakes: Mistakes = []
    if request.method == "POST":
        does = {"add": _add, "end": _end}.get(request.POST.get("do", ""))
        done = does and does(acting, request.POST)
        if done is None:
            return tampered(request, onward)
        if done == GONE:
            return stale(request, onward)
        if not done:
            return redirect(onward)
        mistakes = done
    log.note(What.READ, acting.actor, "members")
    found = {
        "members": _listed(acting.practice),
        "guarded": guards_of(acting.practice).exists(),
        "roles": [(str(role), says) for role, says in ROLES.items()],
        "errors": mistakes,
        "sent": request.POST if mistakes else {},
        "me": acting.account,
    }
    return render(request, "practice/members.html", shared(request, acting) | found)


GONE: Mistakes = [("", "")]
"""What was to be ended has ended already."""


def _listed(practice: Practice) -> list[dict[str, Any]]:
    here = practice.members.filter(until=None).select_related("account")
    return [
        {
            "id": one.pk,
            "account": one.account,
            "role": ROLES[Role(one.role)],
            "since": short(one.since),
        }
        for one in here.order_by("account__name", "account__email", "role")
    ]


def _add(acting: Acting, sent: Mapping[str, str]) -> Mistakes | None:
    """Somebody works here from today. What is wrong with it; None for a form that no page sent."""
    email, name, role = (sent.get(field, "").strip() for field in ("email", "name", "role"))
    if role not in ROLES:
        return None
    mistakes = [] if is_email(email) else [("email", _("Fill in an e-mail address."))]
    if not is_name(name):
        mistakes.append(("name", _("Fill in a name.")))
    if mistakes:
        return mistakes
    with transaction.atomic():
        _locked(acting.practice)
        account = Account.objects.filter(email=email.lower()).first() or Account.objects.create_account(email, name)
        if not account.name:
            account.name = name
            account.save(update_fields=["name"])
        if acting.practice.members.filter(account=account, role=role, until=None).exists():
            return [("email", _("This person works here in this role already."))]
        Member.objects.create(account=account, practice=acting.practice, role=role, since=today())
        log.note(What.ACCESS, acting.actor, f"added/{role}/{account.pk}")
    _invite(account, acting.practice)
    return []


def _end(acting: Acting, sent: Mapping[str, str]) -> Mistakes | None:
    """A role ends today; and with somebody's last role here or elsewhere all their sessions."""
    number = sent.get("member", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    with transaction.atomic():
        _locked(acting.practice)
        one = acting.practice.members.filter(pk=number, until=None).select_related("account").first()
        if one is None:
            return GONE
        managing = acting.practice.members.filter(until=None, role__in=[str(role) for role in MAY[Act.MEMBERS]])
        if managing.filter(pk=one.pk).exists() and managing.count() == 1:
            return [(f"end-{one.pk}", _("Somebody must manage the practice. First add somebody else who does."))]
        one.until = today()
        one.save(update_fields=["until"])
        if not one.account.memberships.filter(until=None).exists():
            end_all(one.account)
        log.note(What.ACCESS, acting.actor, f"ended/{one.role}/{one.account_id}")
    return []


def _locked(practice: Practice) -> None:
    """Nobody else changes who works here until this is done."""
    Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)


def _invite(account: Account, practice: Practice) -> None:
    """A mail with the address of this site. It opens nothing: who signs in shows that the e-mail address is theirs."""
    with translation.override(record.LANG):
        subject = _("You can work in Ruggespraak")
        says = _("%(practice)s added you. Sign in with this e-mail address:") % {"practice": practice.name}
        jobs.tell.enqueue(account.email, subject, f"{says}\n\n{settings.SITE}{reverse('account_login')}\n")


urlpatterns: list[Any] = [path("practice/<uuid:practice>/members/", members, name="members")]
