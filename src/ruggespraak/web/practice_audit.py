"""How far the practice's own care followed the pathway: the report of an audit as a page, for its own meeting.

Own choices. Care givers see every number, and behind it the episodes, each with a link to the record; a closed record
has no name there. Who manages the practice sees no record, so no number below 10 and no episodes. Figures are made when
somebody asks for them and are kept for an hour. ``audit`` and what it needs (``ruggespraak[audit]``) may not be here:
then the page names the line that installs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ruggespraak.clinic import log
from ruggespraak.clinic.audited import clinic_s
from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Episode
from ruggespraak.clinic.roles import Act, Role
from ruggespraak.pathway.texts import long_date
from ruggespraak.web import practice_audit_job as job
from ruggespraak.web.access import Acting, closed_among, of_practice
from ruggespraak.web.pages import lang_of, today
from ruggespraak.web.practice_forms import shared

LOOKS_AGAIN = 5  # seconds, while they are being made
A_PAGE = 50  # episodes
MET = {"not_met": False, "unknown": None, "met": True}


@of_practice(Act.AUDIT)
def page(request: HttpRequest, acting: Acting) -> HttpResponse:
    """The report; or a button that makes it, or that it is being made. Whoever makes or reads it is in the log."""
    found: dict[str, Any] = shared(request, acting) | {"errors": [], "has_looks": acting.practice.profession == Role.GP}
    if request.method == "POST" or not job.waits(acting.practice):  # which looks again every few seconds
        log.note(What.READ, acting.actor, "audit")
    if not (job.able() and found["has_looks"]):
        return render(request, "practice/audit_unable.html", found)
    if request.method == "POST":
        job.ask(acting.practice, today())
        return redirect("audit", practice=acting.practice.pk)
    if job.waits(acting.practice):
        return render(request, "practice/audit_waits.html", found | {"seconds": LOOKS_AGAIN}, status=202)
    try:
        made = job.kept(acting.practice)
    except job.FailedError:
        return render(request, "practice/audit_begin.html", found | {"failed": True})
    if made is None:
        return render(request, "practice/audit_begin.html", found | {"failed": False})
    at, reads = timezone.localtime(made.at), acting.may(Act.READ)
    return render(
        request,
        "practice/audit.html",
        found
        | {
            "body": _view(made, acting)["body"],
            "behind": _behind(made, acting) if reads else [],
            "made": _("%(day)s at %(time)s") % {"day": long_date(at.date(), lang_of()), "time": f"{at:%H:%M}"},
            "erased": made.erased if reads else 0,
            "cards": acting.may(Act.CARDS),
        },
    )


def _view(made: job.Made, acting: Acting) -> Mapping[str, Any]:
    """What this person may see, in their language."""
    view: Mapping[str, Any] = made.found["views"]["all" if acting.may(Act.READ) else "large"][lang_of()]
    return view


@of_practice(Act.AUDIT)
def picture(request: HttpRequest, acting: Acting, name: str) -> HttpResponse:  # noqa: ARG001
    """One plot of the report."""
    if (made := _made(acting)) is None:
        return redirect("audit", practice=acting.practice.pk)
    pictures = _view(made, acting)["pictures"]
    if name not in pictures:
        raise Http404
    return HttpResponse(pictures[name]["svg"], content_type="image/svg+xml")


def _made(acting: Acting) -> job.Made | None:
    try:
        return job.kept(acting.practice)
    except job.FailedError:
        return None


# The episodes behind a number


def _behind(made: job.Made, acting: Acting) -> list[dict[str, Any]]:
    """Each measure of which something is counted, and where its episodes stand."""
    urls = {
        id: reverse("audit_cases", kwargs={"practice": acting.practice.pk, "measure": id}) for id in made.found["cases"]
    }
    return [{"title": _title(id), "url": url} for id, url in urls.items()]


def _title(measure: str) -> str:
    from ruggespraak.audit.words import word

    return word(f"measure.{measure}.title", lang_of())


@of_practice(Act.READ)
def cases(request: HttpRequest, acting: Acting, measure: str) -> HttpResponse:
    """The episodes of which care was not as the pathway says, or was, or of which that cannot be said."""
    made = _made(acting)
    if made is None:
        return redirect("audit", practice=acting.practice.pk)
    if measure not in made.found["cases"]:
        raise Http404
    all_of = made.found["cases"][measure]
    which = request.GET.get("which", "")
    which = which if which in MET else next(iter(MET))
    asked = request.GET.get("page", "1")
    some = [case for case in all_of if case["met"] is MET[which]]
    pages = max(1, -(-len(some) // A_PAGE))
    at = min(max(int(asked), 1), pages) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    found = {
        "title": _title(measure),
        "measure": measure,
        "which": which,
        "counted": [(one, sum(case["met"] is met for case in all_of)) for one, met in MET.items()],
        "rows": _listed(some[(at - 1) * A_PAGE : at * A_PAGE], acting),
        "page": at,
        "pages": pages,
        "errors": [],
    }
    return render(request, "practice/audit_cases.html", shared(request, acting) | found)


def _listed(some: list[dict[str, Any]], acting: Acting) -> list[dict[str, Any]]:
    """The lines of the list; who stands on it is noted. Of a closed record no more than that there is one."""
    episodes = Episode.objects.select_related("patient").exclude(patient__key=b"")
    here = episodes.in_bulk({clinic_s(case["episode"]) for case in some})
    closed = closed_among([one.patient for one in here.values()], acting.account)
    shown = [(case, here[clinic_s(case["episode"])]) for case in some if clinic_s(case["episode"]) in here]
    open_ones = {one.patient_id: one.patient for _case, one in shown if one.patient_id not in closed}
    log.note(What.READ, acting.actor, "audit_cases", open_ones.values())
    return [_line(case, episode, episode.patient_id in closed) for case, episode in shown]


def _line(case: Mapping[str, Any], episode: Episode, closed: bool) -> dict[str, Any]:
    on = long_date(date.fromisoformat(case["date"]), lang_of())
    if closed:
        url = reverse("emergency", kwargs={"episode": episode.pk})
        return {"name": _("Closed record"), "born": "", "on": "", "reason": False, "url": url}
    who, url = episode.patient.who, reverse("episode", kwargs={"episode": episode.pk})
    return {"name": who["name"], "born": who["born"], "on": on, "reason": case["reason"], "url": url}


urlpatterns: list[Any] = [
    path("practice/<uuid:practice>/audit/", page, name="audit"),
    path("practice/<uuid:practice>/audit/<slug:name>.svg", picture, name="audit_picture"),
    path("practice/<uuid:practice>/audit/<slug:measure>/", cases, name="audit_cases"),
]
