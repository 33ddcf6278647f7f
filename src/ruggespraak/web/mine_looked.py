"""Who looked in her record: a patient who is signed in reads it, on the screen or on paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from ruggespraak.clinic import log
from ruggespraak.clinic.log import Actor, What
from ruggespraak.clinic.looked import LISTED, looked
from ruggespraak.clinic.models import Patient
from ruggespraak.documents.content import Block, Document, Paragraph, Section, Table
from ruggespraak.documents.pdf import printed
from ruggespraak.pathway.texts import long_date
from ruggespraak.web.mine_account import own_record
from ruggespraak.web.pages import context, lang_of, pdf_response
from ruggespraak.web.period import PERIOD, period_in


@own_record
def page(request: HttpRequest, patient: Patient, me: Actor) -> HttpResponse:
    """Who looked, in this period."""
    log.note(What.READ, me, "mine_looked", [patient])
    days, errors = period_in(request.GET)
    found = {
        "record": patient.pk,
        "practice": patient.practice.name,
        "section": _section(patient, days),
        "sent": {name: request.GET.get(name, "") for name in PERIOD},
        "query": request.GET.urlencode(),
        "errors": errors,
    }
    return render(request, "mine/looked.html", context(request) | found)


@own_record
def pdf(request: HttpRequest, patient: Patient, me: Actor) -> HttpResponse:
    """The same on paper."""
    log.note(What.EXPORT, me, "mine_looked", [patient])
    section = _section(patient, period_in(request.GET)[0])
    document = Document(lang_of(), section.title, (replace(section, title=patient.practice.name),))
    return pdf_response(printed(document, "a5"), "ruggespraak-looked")  # in one column, for a table


def _section(patient: Patient, days: Mapping[str, date | None]) -> Section:
    return looked_section([one.as_json() for one in looked(patient, **days)], lang_of())


def looked_section(looks: list[dict[str, Any]], lang: str) -> Section:
    """What ``sharing.exported`` has of who looked, for a reader."""
    return Section("looked", _("Who looked in your record"), tuple(_blocks(looks, lang)))


def _blocks(looks: list[dict[str, Any]], lang: str) -> Iterator[Block]:
    yield Paragraph(_("‘You’ is also who has your link. Was that not you? Phone your practice."))
    yield Paragraph(_("Did somebody open your record in an emergency? Then that stands there, and why."))
    if not looks:
        yield Paragraph(_("Nobody looked in these days."))
        return
    head = (_("Day"), _("Who"), _("What"))
    rows = tuple((_when(one, lang), _who(one), " ".join(_what(one, lang))) for one in looks)
    yield Table(_("The newest first"), head, rows)


def _when(one: Mapping[str, Any], lang: str) -> str:
    last = datetime.fromisoformat(one["last"])
    day, many = long_date(last.date(), lang), one["times"]
    if many == 1:
        return f"{day}, {last:%H:%M}"
    times = _("%(many)s times, the last at %(time)s") % {"many": many, "time": f"{last:%H:%M}"}
    return f"{day}, {times}"


def _who(one: Mapping[str, Any]) -> str:
    by_itself = {
        "patient": _("You"), "proxy": _("Who answers for you"),
        "system": _("The software by itself"), "operator": _("Who keeps this site running"),
    }  # fmt: skip
    if one["role"] in by_itself:
        return by_itself[one["role"]]
    roles = {
        "gp": _("GP"), "physiotherapist": _("physiotherapist"), "nurse": _("practice nurse"),
        "manager": _("practice manager"), "privacy_officer": _("privacy officer"),
    }  # fmt: skip
    return ", ".join(filter(None, (one["name"], roles.get(one["role"], _("no role here")), one["practice"])))


def _what(one: Mapping[str, Any], lang: str) -> Iterator[str]:
    yield {
        LISTED: _("saw your name on the list of who needs care"),
        What.READ: _("read in your record"),
        What.WRITE: _("wrote in your record"),
        What.EXPORT: _("made a letter or a copy"),
        What.ERASE: _("erased your record"),
        What.EMERGENCY: _("opened your closed record"),
        What.SIGN_OFF: _("judged whether that emergency was right"),
        What.ACCESS: _("changed who may open your record"),
        What.REFUSED: _("wanted to open your record, and could not"),
        What.OPERATOR: _("did upkeep of the site"),
    }[one["did"]]
    if one["emergency"]:
        yield _("– in an emergency, because: %(why)s.") % {"why": one["why"].rstrip(".")}
    if one["judged"]:
        day = long_date(date.fromisoformat(one["judged"]), lang)
        yield _("The privacy officer signed it off on %(day)s.") % {"day": day}
    elif one["emergency"]:
        yield _("The privacy officer has not signed it off yet.")


urlpatterns = [
    path("mine/records/<uuid:patient>/looked/", page, name="mine_looked"),
    path("mine/records/<uuid:patient>/looked.pdf", pdf, name="mine_looked_pdf"),
]
