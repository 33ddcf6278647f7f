"""The link of a patient: whoever has it opens her pages, and each is in the access log before it is shown.

The link is signed; its address is the secret, so a form that is sent there needs no session (``csrf_exempt``: who does
not know the address cannot forge a form for it), and reading it gives no cookie. A row of the log says the patient or
who answers for her, and never which account: after erasing it would tell whose record this was.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from ruggespraak.clinic import log, sharing
from ruggespraak.clinic.log import Actor, What
from ruggespraak.clinic.models import Patient
from ruggespraak.web.access import View, private
from ruggespraak.web.pages import context

LINK = "mine/<str:token>/"
TRIES, LOCKED_FOR = 5, 24 * 60 * 60  # wrong birth years, and seconds until the next try (own choice)
TRIES_OF_A_LINK = 12  # wrong birth years while a link lasts (own choice)
YEAR, LOCKED = (
    "birth year",
    "birth year, too often",
)  # in the access log; only the first locks


def by_link(view: View) -> View:
    """A page of the patient whom the link belongs to. The view gets her ``episode``, and who reads it (``me``)."""

    @wraps(view)
    @private
    def guarded(request: HttpRequest, token: str, **values: Any) -> HttpResponse:
        try:
            episode = sharing.episode_of(token)
        except sharing.LinkError:
            return _no_link(request)
        me = Actor(sharing.reader_of(episode))
        log.note(What.READ, me, view.__name__, [episode.patient])
        return view(request, token=token, episode=episode, me=me, **values)

    return guarded


def _no_link(request: HttpRequest) -> HttpResponse:
    """The link is wrong, too old, or of a patient who was erased: one page for all, so that it tells nothing."""
    lines = (
        _("Links stop working after %(days)s days. Perhaps a piece of it is missing.")
        % {"days": sharing.LINK_LASTS.days},
        _("Phone your practice. They can send you a new link."),
        _("Do you need help now? Phone your GP, or 112 if your life is in danger."),
    )
    found = {"title": _("This link does not work any more"), "lines": lines, "token": ""}
    return render(request, "mine/problem.html", context(request) | found, status=404)


def unread(request: HttpRequest, token: str) -> HttpResponse:
    """A form that the page cannot have sent."""
    found = {"title": _("We cannot read this answer"), "lines": (_("What you sent just now was not read."),)}
    return render(request, "mine/problem.html", context(request) | found | {"token": token}, status=400)


def wrong_year(patient: Patient, me: Actor, typed: str) -> str:
    """What is wrong with this birth year. Who finds a link cannot try them all, nor many at the same moment.

    Tries of a day are counted in memory; those of all the time that a link lasts in the access log, where they stand.
    """
    before = log.of_patient(patient).filter(
        event=str(What.REFUSED), page=YEAR, at__gt=timezone.now() - sharing.LINK_LASTS
    )
    key = f"wrong-year-{patient.id}"
    cache.add(key, 0, LOCKED_FOR)
    many = cache.incr(key) > TRIES or before.count() >= TRIES_OF_A_LINK
    if not many and typed.strip() == str(patient.who.get("born")):
        cache.delete(key)
        return ""
    log.note(What.REFUSED, me, LOCKED if many else YEAR, [patient])
    if many:
        return _("This was wrong too often. Try again tomorrow, or phone your practice.")
    return _("This birth year is not right. Fill in four digits.")
