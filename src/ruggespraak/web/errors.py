"""Pages for when something is wrong: what it is, what was kept of the answers, and how to go on. Never a traceback."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from ruggespraak.web.pages import context

BROKEN = {
    "nl": (
        "Er ging iets mis bij ons",
        "Probeer het nog een keer. Heeft u nu hulp nodig? Bel uw huisarts, of 112 als uw leven in gevaar is.",
    ),
    "en": (
        "Something went wrong on our side",
        "Please try again. Do you need help now? Phone your GP, or 112 if your life is in danger.",
    ),
}
"""Said without templates and without gettext: they may be what is broken."""


def _page(request: HttpRequest, status: int, title: str, *lines: str, onward: str = "begin") -> HttpResponse:
    """``onward``: the name of the page where the visitor goes on; all answers lead to the question that is open."""
    found = context(request) | {"title": title, "lines": lines, "onward": onward}
    return render(request, "pages/problem.html", found, status=status)


def _in_the_language_of_the_address(request: HttpRequest) -> None:
    """A request that is refused early has not been given its language yet."""
    translation.activate("en" if request.path.startswith("/en/") else "nl")


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """The form is not of this session: it ended, or the form came from elsewhere."""
    return _page(
        request, 403, _("This page is too old"),
        _("Nothing happened for half an hour, or you erased your answers. That is why they are gone."),
        _("Please begin again. It is about your health, so we keep nothing."),
    )  # fmt: skip


def changed(request: HttpRequest) -> HttpResponse:
    """The question was another one by now: a second tab, or the way back after a change."""
    return _page(
        request, 409, _("This question has changed"),
        _("Perhaps you have the check open in two windows, or you changed an earlier answer."),
        _("What you sent just now was not read. Go on with the question where you are."),
        onward="answers",
    )  # fmt: skip


def tampered(request: HttpRequest) -> HttpResponse:
    """A form that the page cannot have sent."""
    return _page(
        request, 400, _("We cannot read this answer"),
        _("What was sent does not fit the question. It was not read, and your other answers are as they were."),
        onward="answers",
    )  # fmt: skip


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django refused the request itself."""
    return tampered(request)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Somebody who is known, and may not do this."""
    return _page(
        request, 403, _("You may not open this page"),
        _("Nothing happened, and nothing was written."),
        _("Do you work here, and do you need this page? Who manages your practice can give you another role."),
        onward="home",
    )  # fmt: skip


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """There is no such page."""
    return _page(
        request, 404, _("This page does not exist"), _("Check the address, or go on from the start page.")
    )  # fmt: skip


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours. Draws as little as it can, for the templates themselves may be at fault."""
    lang = "en" if request.path.startswith("/en/") else "nl"
    title, line = BROKEN[lang]
    page = f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title><h1>{title}</h1><p>{line}'
    return HttpResponse(page, status=500)


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """More than one address may ask for."""
    _in_the_language_of_the_address(request)
    found = _page(
        request, 429, _("Please wait a moment"),
        _("Very many pages were asked for from your address. Try again in a minute."),
        _("What you sent just now was not read."),
        _("Do you need help now? Phone your GP, or 112 if your life is in danger."),
    )  # fmt: skip
    found["Retry-After"] = str(seconds)
    return found


def busy(request: HttpRequest) -> HttpResponse:
    """As many runs of the country wait as may."""
    found = _page(
        request, 503, _("Too much is being computed"),
        _("Others asked for so much that yours could not be added. Try again in a minute."),
        onward="country",
    )  # fmt: skip
    found["Retry-After"] = "60"
    return found


def not_open(request: HttpRequest) -> HttpResponse:
    """A self-check on a site that its operator has not opened to everybody."""
    return _page(
        request, 503, _("This check is not open yet"),
        _("You cannot do the check on this site yet. Our leaflets about back pain are here for everybody."),
        _("Do you need help now? Phone your GP, or 112 if your life is in danger."),
        onward="leaflets",
    )  # fmt: skip
