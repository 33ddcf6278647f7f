"""The code of a kept result: who keeps it is told a code once, and who types the code reads the result again.

The code is never in an address, a cookie or a log. For the rest of this visit the session remembers it, locked with the
key that only her browser has, as her answers are: so a page that is loaded again, or read in the other language, shows
the same code, and one result is not kept twice. Nobody is known here, so nothing of it is in the access log.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from ruggespraak.clinic import sharing
from ruggespraak.consult import Case, CaseError, as_json, read_case
from ruggespraak.documents.pdf import printed
from ruggespraak.documents.personal import personal
from ruggespraak.pathway.texts import long_date
from ruggespraak.web.check import Check
from ruggespraak.web.pages import context, lang_of, pdf_response
from ruggespraak.web.self_check import View, personal_page, with_result

CODE, OPENED = "code", "opened"
"""Keys of the session: the code of the result that was kept in this visit; the kept result that a code opened."""


@with_result
def kept(request: HttpRequest, check: Check, case: Case) -> HttpResponse:  # noqa: ARG001
    """The code of this result. Sending the form keeps it; reading shows the code again in the same visit."""
    code = _code_of(request, case)
    if code is None and request.method != "POST":
        return redirect("result")
    if code is None:
        code = request.session[CODE] = sharing.keep(case)
    found = {"code": code.split("-"), "days": sharing.KEPT_FOR.days}
    return render(request, "mine/kept.html", context(request) | found)


def _code_of(request: HttpRequest, case: Case) -> str | None:
    """The code of this visit, if it still opens exactly this result."""
    code: str | None = request.session.get(CODE)
    try:
        return code if code and sharing.look(code) == case else None
    except sharing.CodeError:  # a practice took it, or it is too old
        return None


@personal_page
def open_again(request: HttpRequest) -> HttpResponse:
    """Asks for the code. What it opens is in the session then, so that no address needs the code."""
    found: dict[str, Any] = {"errors": [], "days": sharing.KEPT_FOR.days}
    if request.method != "POST":
        return render(request, "mine/open.html", context(request) | found)
    try:
        case = sharing.look(request.POST.get("code", ""))
    except sharing.CodeError:
        found["errors"] = [("code", _("No result has this code. It is wrong, too old, or your practice has it."))]
        return render(request, "mine/open.html", context(request) | found)
    request.session.cycle_key()
    request.session[OPENED] = as_json(case)
    return redirect("mine_opened")


def with_opened(view: View) -> View:
    """A page of a kept result that was opened in this visit."""

    @wraps(view)
    @personal_page
    def guarded(request: HttpRequest, **values: Any) -> HttpResponse:
        try:
            case = read_case(request.session[OPENED])
        except (KeyError, CaseError):
            return redirect("mine_open")
        return view(request, case=case, **values)

    return guarded


@with_opened
def opened(request: HttpRequest, case: Case) -> HttpResponse:
    """A kept result, as it was read on the day of the check. Sending the form closes it."""
    if request.method == "POST":
        del request.session[OPENED]
        return redirect("mine_open")
    found = {"document": personal(case, lang_of()), "on": long_date(case.on, lang_of())}
    return render(request, "mine/opened.html", context(request) | found)


@with_opened
def opened_pdf(_request: HttpRequest, case: Case, paper: str) -> HttpResponse:
    """The same on paper."""
    return pdf_response(printed(personal(case, lang_of()), paper), f"ruggespraak-{paper}")


urlpatterns = [
    path("mine/kept/", kept, name="mine_kept"),
    path("mine/open/", open_again, name="mine_open"),
    path("mine/opened/", opened, name="mine_opened"),
    path("mine/opened-<paper:paper>.pdf", opened_pdf, name="mine_opened_pdf"),
]
