"""All that is kept of a patient, as a file, or erased: each with her birth year, for these have her name in them or end
all. Who finds her link reads no name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from ruggespraak.clinic import log, record, sharing
from ruggespraak.clinic.log import Actor, What
from ruggespraak.clinic.models import Episode, Patient
from ruggespraak.consult.case import UNCLEAR as NOT_KNOWN
from ruggespraak.documents.content import Document, Part, Points, Section, Table
from ruggespraak.documents.pdf import printed
from ruggespraak.documents.result import sentence
from ruggespraak.fhir.write.bundle import bundle
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.texts import item, long_date, told, word
from ruggespraak.web.fhir_facade import answer
from ruggespraak.web.fhir_record import resources_of
from ruggespraak.web.mine_link import LINK, by_link, unread, wrong_year
from ruggespraak.web.mine_looked import looked_section
from ruggespraak.web.pages import context, lang_of, pdf_response


@csrf_exempt
@by_link
def everything(request: HttpRequest, token: str, episode: Episode, me: Actor) -> HttpResponse:
    """All that is kept, as a file, or erased: each with her birth year, for these have her name in them or end all."""
    patient = episode.patient
    found: dict[str, Any] = {"token": token, "errors": []}
    if request.method != "POST":
        return render(request, "mine/everything.html", context(request) | found)
    does = {"json": _json, "fhir": _fhir, "pdf": _pdf, "erase": _erase}.get(request.POST.get("go", ""))
    if does is None:
        return unread(request, token)
    if mistake := wrong_year(patient, me, request.POST.get("year", "")):
        found["errors"] = [("year", mistake)]
        return render(request, "mine/everything.html", context(request) | found)
    return does(patient, me)


def _json(patient: Patient, me: Actor) -> HttpResponse:
    log.note(What.EXPORT, me, "everything", [patient])
    found = JsonResponse(sharing.exported(patient), json_dumps_params={"ensure_ascii": False, "indent": 2})
    found["Content-Disposition"] = 'attachment; filename="ruggespraak.json"'
    return found


def _fhir(patient: Patient, me: Actor) -> HttpResponse:
    log.note(What.EXPORT, me, "everything", [patient])
    found = answer(bundle("collection", resources_of(patient, lang_of(), with_log=True)))
    found["Content-Disposition"] = 'attachment; filename="ruggespraak-fhir.json"'
    return found


def _pdf(patient: Patient, me: Actor) -> HttpResponse:
    log.note(What.EXPORT, me, "everything", [patient])
    return pdf_response(printed(all_in_words(sharing.exported(patient), lang_of()), "a4"), "ruggespraak")


def _erase(patient: Patient, me: Actor) -> HttpResponse:
    with transaction.atomic():
        record.erase(patient)
        log.note(What.ERASE, me, "everything", [patient])
    found = redirect("mine_erased")
    found["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return found


def erased(request: HttpRequest) -> HttpResponse:
    """That it is gone."""
    return render(request, "mine/erased.html", context(request))


def all_in_words(kept: dict[str, Any], lang: str) -> Document:
    """What ``sharing.exported`` gives, for a reader: who she is, of each episode what was told and decided,
    and who looked."""
    who = kept["identity"]
    lines = {
        _("Name"): who.get("name"),
        _("Birth year"): who.get("born"),
        _("E-mail address"): who.get("email"),
        _("Language"): _(dict(settings.LANGUAGES).get(who.get("lang"), "–")),
        _("With this practice since"): _day(kept["since"], lang),
    }
    episodes = tuple(_episode_in_words(n, one, lang) for n, one in enumerate(kept["episodes"], 1))
    closing = (_("The file for computers has the same, with every decision in all its details."),)
    points = Points(tuple(f"{key}: {value or '–'}" for key, value in lines.items()))
    sections = (Section("who", _("Who you are"), (points,)), *episodes, looked_section(kept["looked"], lang))
    return Document(lang, _("All that is kept of you"), sections, closing=closing)


def _episode_in_words(number: int, episode: dict[str, Any], lang: str) -> Section:
    facts = tuple(
        Part(_fact_title(one, lang), (Points(tuple(_said(one["what"], one["says"], lang))),))
        for one in episode["facts"]
    )
    head = (_("Day"), _("How soon"), _("What it is"), _("Next look"))
    rows = tuple(_decided(one, lang) for one in episode["decisions"])
    title = _("Complaint %(number)s, since %(day)s") % {"number": number, "day": _day(episode["opened"], lang)}
    return Section(f"episode_{number}", title, (*facts, Table(_("What the rules said"), head, rows)))


def _day(iso: str, lang: str) -> str:
    return long_date(date.fromisoformat(iso), lang)


def _fact_title(fact: dict[str, Any], lang: str) -> str:
    by = {
        "patient": _("by you"), "proxy": _("by somebody for you"), "gp": _("by the GP"),
        "physiotherapist": _("by the physiotherapist"), "nurse": _("by the nurse"), "system": _("by itself"),
    }  # fmt: skip
    title = f"{_day(fact['on'], lang)}, {by[fact['by']]}"
    return ", ".join([title, _("put right later")]) if fact["corrected"] else title


def _said(what: str, says: dict[str, Any], lang: str) -> Iterator[str]:
    """One fact in words."""
    if what == "answers":
        yield from (_answer(id, value, lang) for id, value in says["findings"].items())
        return
    yield {
        "contact": _("Somebody of the practice examined you.")
        if says.get("seen")
        else _("The practice spoke with you."),
        "silence": _("We heard nothing from you."),
        "recovery": _("You said that it is over."),
        "relapse": _("You said that it came back."),
        "edition": _("From then on other rules counted: %(edition)s.") % {"edition": says.get("edition", "")},
        "hand_over": _("Your care was offered to: %(to)s.") % {"to": says.get("to", "")},
        "confirmed": _("The other side takes over your care."),
    }[what]


def _answer(id: str, value: Any, lang: str) -> str:
    if value == NOT_KNOWN:
        return f"{item(id, lang)}: {word('word.dont_know', lang).lower()}"
    return sentence(told(VOCABULARY[id], VOCABULARY[id].accept(value), lang, "patient"))


def _decided(one: dict[str, Any], lang: str) -> tuple[str, ...]:
    decision = one["decision"]
    soon = sentence(word(f"urgency.{decision['urgency']}.name", lang))
    what = sentence(word(f"complaint.{decision['complaint']}.name", lang))
    return _day(one["on"], lang), soon, what, _day(decision["review"]["on"], lang)


urlpatterns = [
    path("mine/erased/", erased, name="mine_erased"),
    path(f"{LINK}everything/", everything, name="mine_everything"),
]
