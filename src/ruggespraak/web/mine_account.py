"""A patient who is signed in: the records that are linked to her account. She links one from its own page, by her link.

Linking asks for her birth year, and its form for her session: else somebody could make her account hold his record. A
record has one account; it is unlinked by who has that. The pages themselves are those behind the link, a fresh one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ruggespraak import course
from ruggespraak.clinic import log, sharing
from ruggespraak.clinic.log import Actor, What
from ruggespraak.clinic.models import Account, Episode, Patient
from ruggespraak.course.episode import PHONE_FROM
from ruggespraak.pathway.texts import long_date
from ruggespraak.web.access import View, page_of, private
from ruggespraak.web.mine_link import LINK, by_link, wrong_year
from ruggespraak.web.pages import context, lang_of


def signed_in(view: Callable[..., HttpResponse]) -> View:
    """A page for who is signed in, by whatever method. The view gets the ``account``."""

    @wraps(view)
    @private
    def guarded(request: HttpRequest, **values: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, account=request.user, **values)

    return guarded


def own_record(view: Callable[..., HttpResponse]) -> View:
    """A page about a record that is linked to this account; another's does not exist.

    The view gets the ``patient``, and who reads it (``me``).
    """

    @wraps(view)
    @signed_in
    def guarded(request: HttpRequest, account: Account, patient: UUID, **values: Any) -> HttpResponse:
        found = get_object_or_404(Patient.objects.select_related("practice"), pk=patient)
        if found.account_id != account.pk:
            log.note(What.REFUSED, Actor("none", account.pk, found.practice_id), page_of(request))
            raise Http404
        return view(request, patient=found, me=reader_of(found), **values)

    return guarded


def reader_of(patient: Patient) -> Actor:
    """As the access log knows who reads: the patient or who answers for her, and not which account (``mine_link``)."""
    episode = _latest(patient)
    return Actor(sharing.reader_of(episode) if episode else "patient")


def _latest(patient: Patient) -> Episode | None:
    return patient.episodes.order_by("opened").last()


@signed_in
def home(request: HttpRequest, account: Account) -> HttpResponse:
    """Her records, and where she stands in each."""
    patients = list(account.records.select_related("practice").order_by("since", "pk"))
    for one in patients:
        log.note(What.READ, reader_of(one), "mine_home", [one])
    found = {"records": [_record(one) for one in patients]}
    return render(request, "mine/home.html", context(request) | found)


def _record(patient: Patient) -> dict[str, Any]:
    episode, lang = _latest(patient), lang_of()
    return {
        "id": patient.pk,
        "practice": patient.practice.name,
        "since": long_date(patient.since, lang),
        "token": sharing.link_of(episode) if episode else None,
        "presses": episode is not None and episode.alarm_open and episode.concern >= PHONE_FROM,
        "stands": _stands(episode, lang) if episode else "",
    }


def _stands(episode: Episode, lang: str) -> str:
    """In one line; the page behind it says more."""
    if episode.next_contact:
        return _("The next look is on %(day)s.") % {"day": long_date(episode.next_contact, lang)}
    if episode.status == course.Status.RECOVERED:
        return _("You said that it is over.")
    return _("Nobody asks any more how it goes.")


@by_link
def link(request: HttpRequest, token: str, episode: Episode, me: Actor) -> HttpResponse:
    """Links the record behind this link to her account, with her birth year."""
    patient = episode.patient
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if patient.account_id == request.user.pk:
        return redirect("mine_home")
    if patient.account_id:
        return _taken(request, token)
    found: dict[str, Any] = {"token": token, "errors": []}
    if request.method == "POST":
        if not (mistake := wrong_year(patient, me, request.POST.get("year", ""))):
            return _linked(request, token, patient, me)
        found["errors"] = [("year", mistake)]
    return render(request, "mine/link.html", context(request) | found)


def _linked(request: HttpRequest, token: str, patient: Patient, me: Actor) -> HttpResponse:
    with transaction.atomic():
        if not Patient.objects.filter(pk=patient.pk, account=None).update(account=request.user):
            return _taken(request, token)  # by another account, at this moment
        log.note(What.ACCESS, me, "mine_link", [patient])
    return redirect("mine_home")


def _taken(request: HttpRequest, token: str) -> HttpResponse:
    lines = (
        _("One account can have this record. Sign in with that one, or unlink the record there first."),
        _("Was that not you? Phone your practice."),
    )
    found = {"title": _("This record is linked to another account"), "lines": lines, "token": token}
    return render(request, "mine/problem.html", context(request) | found, status=409)


@require_POST
@own_record
def unlink(request: HttpRequest, patient: Patient, me: Actor) -> HttpResponse:  # noqa: ARG001
    """From now on only the link opens this record."""
    with transaction.atomic():
        Patient.objects.filter(pk=patient.pk).update(account=None)
        log.note(What.ACCESS, me, "mine_unlink", [patient])
    return redirect("mine_home")


urlpatterns = [
    path("mine/records/", home, name="mine_home"),
    path("mine/records/<uuid:patient>/unlink/", unlink, name="mine_unlink"),
    path(f"{LINK}account/", link, name="mine_link"),
]
