"""The self-check: a page for each question, an interruption for what cannot wait, the answers, the result, paper.

An address holds a number and nothing that was told: ``check/4/`` is the fourth page, whatever it asks. Everything that
was told is in the session (see ``sessions``), which ends by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ruggespraak.consult import CaseError, Screen, decide, urgent_alarms
from ruggespraak.documents.personal import personal
from ruggespraak.documents.result import alarm_card
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Urgency
from ruggespraak.pathway.texts import item, table, told
from ruggespraak.web import errors, forms
from ruggespraak.web.check import (
    Check,
    acknowledged,
    answered,
    begin,
    fingerprint,
    from_session,
    has_chart,
    interrupted,
    to_session,
)
from ruggespraak.web.pages import context, lang_of, on_paper, pdf_response

KEPT, ALARM, REST = "check", "alarm", "rest"
"""Keys of the session: the check; whether an alarm waits to be shown; the screen of which a part was left alone."""

FOR_WHOM = {"me": "patient", "other": "proxy"}

View = Callable[..., HttpResponse]


def _today() -> date:
    today: date = timezone.localdate()
    return today


def personal_page(view: View) -> View:
    """A page with answers on it: no browser, and nothing in between, may keep a copy."""

    @wraps(view)
    def guarded(request: HttpRequest, **values: Any) -> HttpResponse:
        found = view(request, **values)
        found["Cache-Control"] = "no-store"
        return found

    return guarded


def with_check(view: View) -> View:
    """A page of a check that is under way. Without one (it ended, or never began) the visitor begins."""

    @wraps(view)
    @personal_page
    def guarded(request: HttpRequest, **values: Any) -> HttpResponse:
        check = _kept(request)
        if check is None:
            return errors.expired(request) if request.method == "POST" else redirect("begin")
        return view(request, check=check, **values)

    return guarded


def _kept(request: HttpRequest) -> Check | None:
    kept: Mapping[str, Any] | None = request.session.get(KEPT)
    try:
        return from_session(kept) if kept else None
    except (CaseError, KeyError, TypeError):  # kept by another version of this software
        request.session.flush()
        return None


def _keep(request: HttpRequest, check: Check) -> None:
    request.session[KEPT] = to_session(check)


def _onward(check: Check) -> HttpResponse:
    """To the question to answer now, or to all answers when none is left."""
    return redirect("answers") if check.done else redirect("question", number=check.at)


# Begin and end


@personal_page
def for_whom(request: HttpRequest) -> HttpResponse:
    """The first page: who answers. Sending it begins a new check; what was told before is gone."""
    if request.method == "POST":
        who = request.POST.get("who", "")
        if who in FOR_WHOM:
            request.session.cycle_key()
            request.session.update({ALARM: False, REST: 0})
            _keep(request, begin(_today(), FOR_WHOM[who]))
            return redirect("question", number=1)
        found = {"errors": [("who", _("Choose who has the pain."))]}
        return render(request, "pages/begin.html", context(request) | found | {"resume": None})
    check = _kept(request)
    resume = None if check is None else _onward(check).url
    return render(request, "pages/begin.html", context(request) | {"errors": [], "resume": resume})


@personal_page
def erase(request: HttpRequest) -> HttpResponse:
    """'Wis mijn antwoorden': the session ends and the browser forgets."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    request.session.flush()
    found = redirect("erased")
    found["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return found


def erased(request: HttpRequest) -> HttpResponse:
    """That the answers are gone."""
    return render(request, "pages/erased.html", context(request))


# Questions


@with_check
def question(request: HttpRequest, check: Check, number: int) -> HttpResponse:
    """One screen: shown, or answered."""
    if number >= check.at and request.session.get(ALARM):
        return _alarm(request, check)
    if not 1 <= number <= len(check.screens):
        return _onward(check)
    if request.method == "POST":
        return _answer(request, check, number)
    return _question_page(request, check, number)


def _answer(request: HttpRequest, check: Check, number: int) -> HttpResponse:
    screen = check.screens[number - 1]
    sent = dict(request.POST.lists())
    if sent.get(forms.SCREEN) != [fingerprint(screen)]:
        return errors.changed(request)
    try:
        found = forms.read(screen, sent, check.on, lang_of())
    except forms.TamperedError:
        return errors.tampered(request)
    if found.mistakes:
        return _question_page(request, check, number, sent, found.mistakes)
    after = answered(check, number, found.reading, found.places, found.rest)
    request.session[ALARM] = interrupted(after, decide(after.told()))
    request.session[REST] = number if found.rest else 0
    _keep(request, after)
    return _onward(after)


def _question_page(
    request: HttpRequest,
    check: Check,
    number: int,
    sent: Mapping[str, list[str]] | None = None,
    mistakes: Mapping[str, str] | None = None,
) -> HttpResponse:
    screen, lang = check.screens[number - 1], lang_of()
    several = len(screen.items) > 1
    texts = table("screens" if several else "findings")[screen.id if several else screen.items[0]]
    shown = forms.rows(screen, check, lang, sent, mistakes or {})
    found = {
        "number": number,
        "title": _title(screen, lang),
        "why": texts["why"][lang],
        "rows": shown,
        "several": several,
        "regions": forms.regions(check, sent) if has_chart(screen) else [],
        "chart_error": (mistakes or {}).get(forms.PLACE, ""),
        "none_label": texts["none"][lang] if several else "",
        "screen": fingerprint(screen),
        "errors": list((mistakes or {}).items()),
        "rest": request.session.get(REST) == number and not mistakes,
        "back": reverse("question", kwargs={"number": number - 1}) if number > 1 else reverse("begin"),
        "by_proxy": check.answered_by == "proxy",
    }
    return render(request, "pages/question.html", context(request) | found)


# What cannot wait


def _alarm(request: HttpRequest, check: Check) -> HttpResponse:
    """The interruption: what to do now, and why. It stands where the next question would stand, so that no address
    tells of it. Going on with the questions is possible, and never needed."""
    decision = decide(check.told(), lang_of())
    if request.method == "POST":
        request.session[ALARM] = False
        _keep(request, acknowledged(check, decision))
        return _onward(check)
    found = {
        "card": alarm_card(decision, urgent_alarms(decision), lang_of(), check.answered_by),
        "emergency": decision.urgency is Urgency.EMERGENCY,
        "back": reverse("question", kwargs={"number": max(1, check.at - 1)}),
    }
    return render(request, "pages/alarm.html", context(request) | found)


# The answers, the result, paper


@with_check
def answers(request: HttpRequest, check: Check) -> HttpResponse:
    """All answers, each with a way to change it."""
    if not check.done:
        return _onward(check)
    if request.session.get(ALARM):
        return _alarm(request, check)
    groups = [_group(check, number, lang_of()) for number in range(1, len(check.screens) + 1)]
    return render(request, "pages/answers.html", context(request) | {"groups": groups})


def _group(check: Check, number: int, lang: str) -> dict[str, Any]:
    """The answers of one screen: each on its own line, but of a list all that is denied on one line."""
    screen = check.screens[number - 1]
    title, url = _title(screen, lang), reverse("question", kwargs={"number": number})
    if len(screen.items) == 1:
        row = {"key": title, "value": _said(check, screen.items[0], lang), "url": url, "what": title}
        return {"title": "", "rows": [row]}
    denied = [id for id in screen.items if check.answers.get(id) is False]
    told_else = [(item(id, lang), _said(check, id, lang)) for id in screen.items if id not in denied]
    if denied:
        told_else.append((_("No"), ". ".join(item(id, lang) for id in denied) + "."))
    return {
        "title": title,
        "rows": [{"key": key, "value": value, "url": url, "what": title} for key, value in told_else],
    }


def _title(screen: Screen, lang: str) -> str:
    """What this screen asks."""
    several = len(screen.items) > 1
    texts = table("screens")[screen.id] if several else table("findings")[screen.items[0]]
    title: str = texts["title" if several else "question"][lang]
    return title


def _said(check: Check, id: str, lang: str) -> str:
    """An answer in a few words; what was left open is said to be open."""
    value = check.answers.get(id)
    if id in check.unclear or value is None or isinstance(value, bool):
        says = _("Yes") if value else _("left open") if value is None else _("No")
        return str(_("I don't know") if id in check.unclear else says)
    return told(VOCABULARY[id], value, lang, "clinician").partition(": ")[2]


@with_check
def result(request: HttpRequest, check: Check) -> HttpResponse:
    """The result. Before every question was answered only where an alarm stands: then nobody is kept from it."""
    case = check.told()
    if not check.done and not urgent_alarms(decide(case)):
        return _onward(check)
    found = {"document": personal(case, lang_of()), "done": check.done, "onward": _onward(check).url}
    return render(request, "pages/result.html", context(request) | found)


@with_check
def result_pdf(_request: HttpRequest, check: Check, paper: str) -> HttpResponse:
    """The personal leaflet on paper."""
    case = check.told()
    if not check.done and not urgent_alarms(decide(case)):
        return _onward(check)
    return pdf_response(on_paper(personal(case, lang_of()), paper), f"ruggespraak-{paper}")
