"""A record that is open to some of the practice only is opened by another care giver, because somebody is in danger.

It needs a reason, lasts half an hour, and is judged afterwards: the privacy officers of the practice get a mail, and
sign it off in the access log; where nobody can, its managers hear so. The patient reads it too. A mail server that is
down does not keep the record closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ruggespraak.clinic import jobs, log, record
from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Account, Emergency, Episode, Practice
from ruggespraak.clinic.roles import MAY, Act
from ruggespraak.clinic.sealing import ErasedError
from ruggespraak.web.access import Acting, of_closed_record
from ruggespraak.web.practice_forms import shared

LASTS = timedelta(minutes=30)  # own choice, within the 15 to 60 minutes that are usual
LONGEST = 500  # letters
REASONS = {
    "danger": gettext_lazy("The patient is in danger now"),
    "absent": gettext_lazy("It cannot wait, and nobody to whom the record is open can be reached"),
    "asked": gettext_lazy("The patient asks me to help now"),
}


@of_closed_record
def emergency(request: HttpRequest, acting: Acting, episode: Episode) -> HttpResponse:
    """Why; then the record is open to this care giver for a while."""
    mistakes: list[tuple[str, str]] = []
    if request.method == "POST":
        kind, why = request.POST.get("kind", ""), request.POST.get("why", "").strip()
        if kind not in REASONS:
            mistakes.append(("kind", _("Choose why it cannot wait.")))
        if not 0 < len(why) <= LONGEST:
            mistakes.append(
                ("why", _("Write in a few words what is going on, in at most %(n)s letters.") % {"n": LONGEST})
            )
        if not mistakes:
            try:
                _open(acting, episode, kind, why)
            except ErasedError:
                raise Http404 from None
            _tell(acting)
            return redirect("episode", episode=episode.pk)
        log.note(What.REFUSED, acting.actor, "emergency", [episode.patient])
    found = {
        "episode": episode,
        "reasons": list(REASONS.items()),
        "minutes": LASTS.seconds // 60,
        "longest": LONGEST,
        "errors": mistakes,
        "sent": request.POST,
    }
    return render(request, "practice/emergency.html", shared(request, acting) | found)


@transaction.atomic
def _open(acting: Acting, episode: Episode, kind: str, why: str) -> None:
    with translation.override(record.LANG):
        reason = f"{REASONS[kind]}: {why}"
    actor = replace(acting.actor, emergency=True)
    opened = Emergency(account=acting.account, patient=record.held(episode).patient, until=timezone.now() + LASTS)
    opened.row = log.note(What.EMERGENCY, actor, "emergency", [opened.patient], reason)
    opened.save()


def guards_of(practice: Practice) -> QuerySet[Account]:
    """Who guards the privacy of this practice: they judge what was opened in an emergency."""
    return _who_may(Act.LOG, practice)


def _who_may(act: Act, practice: Practice) -> QuerySet[Account]:
    here = practice.members.filter(until=None, role__in=[str(role) for role in MAY[act]])
    return Account.objects.filter(pk__in=here.values("account"), is_active=True)


def _tell(acting: Acting) -> None:
    """A mail to who judges it; where nobody can, to who manages the practice. It says nothing about the patient."""
    practice, guards = acting.practice, guards_of(acting.practice)
    with translation.override(record.LANG):
        subject = _("A closed record was opened in an emergency")
        says = _("Somebody in your practice opened a closed record. Read why, and sign it off, in the access log:")
        _mail(guards, subject, says, reverse("log", kwargs={"practice": practice.pk}))
        if not guards.exclude(pk=acting.account.pk).exists():
            says = _("Somebody in your practice opened a closed record. Nobody can judge that: add a privacy officer.")
            _mail(_who_may(Act.MEMBERS, practice), subject, says, reverse("members", kwargs={"practice": practice.pk}))


def _mail(people: Iterable[Account], subject: str, says: str, where: str) -> None:
    for one in people:
        jobs.tell.enqueue(one.email, subject, f"{says}\n\n{settings.SITE}{where}\n")


urlpatterns: list[Any] = [path("practice/episode/<uuid:episode>/emergency/", emergency, name="emergency")]
