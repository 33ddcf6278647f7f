"""Pages that are the same for everybody: start, general leaflets, Rugpijn in Nederland, about, privacy."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import register_converter
from django.utils import timezone
from django.utils.translation import get_language

from ruggespraak.clinic.models import Account
from ruggespraak.documents.country import country as country_document
from ruggespraak.documents.general import LEAFLETS, leaflet
from ruggespraak.documents.pdf import WAYS, printed
from ruggespraak.pathway.editions import DEFAULT, edition
from ruggespraak.pathway.texts import LANGUAGES, long_date

KEEPS = ("/account/", "/country/run/", "/mine/", "/practice/")
"""Pages where something of what is filled in may stay."""


class Paper:
    """How a leaflet is printed."""

    regex = "|".join(WAYS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Paper, "paper")


def context(request: HttpRequest) -> dict[str, Any]:
    """What every page needs: its language, and the way to the same page in the other one."""
    lang = lang_of()
    other = next(one for one in LANGUAGES if one != lang)
    inside = request.path.startswith(f"/{lang}/")
    return {
        "LANG": lang,
        "OTHER_LANG": other,
        "other_url": f"/{other}{request.path[len(lang) + 1 :]}" if inside else None,
        "keeps_nothing": inside and not request.path[len(lang) + 1 :].startswith(KEEPS),
        "account": _signed_in(request),
    }


def _signed_in(request: HttpRequest) -> Account | None:
    """Who is signed in; a request that is refused early has not been asked yet."""
    user = getattr(request, "user", None)
    return user if user and user.is_authenticated else None


def lang_of() -> str:
    """The language of this request."""
    return "en" if (get_language() or "").startswith("en") else "nl"


def today() -> date:
    """The day it is in the Netherlands."""
    found: date = timezone.localdate()
    return found


def start(request: HttpRequest) -> HttpResponse:
    """What this is, what it is not, and what is kept."""
    here = edition(DEFAULT)
    lang = lang_of()
    made = {"edition": f"{here.title[lang]}, {here.version}", "review_by": long_date(here.review_by, lang)}
    return render(request, "pages/start.html", context(request) | made)


def about(request: HttpRequest) -> HttpResponse:
    """Who made this, how it decides, and what is proven."""
    return render(request, "pages/about.html", context(request))


def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept (nothing), for how long, and what goes where."""
    return render(request, "pages/privacy.html", context(request))


def leaflets(request: HttpRequest) -> HttpResponse:
    """The general leaflets, one line each."""
    listed = [(id, leaflet(id, lang_of())) for id in LEAFLETS]
    return render(request, "pages/leaflets.html", context(request) | {"leaflets": listed})


def general(request: HttpRequest, id: str) -> HttpResponse:
    """One general leaflet."""
    if id not in LEAFLETS:
        raise Http404
    return render(request, "pages/leaflet.html", context(request) | {"document": leaflet(id, lang_of()), "id": id})


def general_pdf(request: HttpRequest, id: str, paper: str) -> HttpResponse:  # noqa: ARG001
    """One general leaflet on paper."""
    if id not in LEAFLETS:
        raise Http404
    return pdf_response(_general_pdf(id, lang_of(), paper), f"ruggespraak-{id}-{paper}")


@cache
def _general_pdf(id: str, lang: str, paper: str) -> bytes:
    return printed(leaflet(id, lang), paper)


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """A PDF to keep; its name says nothing about anybody."""
    found = HttpResponse(content, content_type="application/pdf")
    found["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return found


def country(request: HttpRequest) -> HttpResponse:
    """Rugpijn in Nederland: the leaflet's opening facts beside today's."""
    return render(request, "pages/country.html", context(request) | {"document": country_document(lang_of())})
