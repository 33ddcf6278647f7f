"""The self-check: a page for each question, an interruption for what cannot wait, the answers, the result, paper.

An address holds a number and nothing that was told: ``check/4/`` is the fourth page, whatever it asks. Everything that
was told is in the session (see ``sessions``), which ends by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from hashlib import sha256
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from ruggespraak.consult import Case, CaseError, Screen, decide, urgent_alarms
from ruggespraak.documents.pdf import printed
from ruggespraak.documents.personal import personal
from ruggespraak.documents.result import NOT_THE_GP, alarm_card
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
from ruggespraak.web.pages import context, lang_of, pdf_response, today

KEPT, ALARM, REST = "check", "alarm", "rest"
"""Keys of the session: the check; the screen whose answers brought an alarm that waits to be shown, or 0; the screen of
which a part was left alone, or 0."""
CHANGE = "change"
"""In the address of a question: shows it although an alarm waits."""
MORE = "more"
"""The button that goes on with the questions after an alarm."""

FOR_WHOM = {"me": "patient", "other": "proxy"}

View = Callable[..., HttpResponse]


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


@csrf_exempt  # nobody has a session yet, and reading this page gives none: where it was sent from is looked at instead
@personal_page
def for_whom(request: HttpRequest) -> HttpResponse:
    """The first page: who answers. Sending it begins a new check; what was told before is gone."""
    found: dict[str, Any] = {"errors": [], "resume": None}
    if request.method == "POST":
        if not _from_here(request):
            return errors.expired(request)
        who = request.POST.get("who", "")
        if who in FOR_WHOM:
            logout(request)  # nothing of before stays: neither answers nor who was signed in
            request.session.update({ALARM: 0, REST: 0})
            _keep(request, begin(today(), FOR_WHOM[who]))
            return redirect("question", number=1)
        found["errors"] = [("who", _("Choose who has the pain."))]
    elif check := _kept(request):
        found["resume"] = _onward(check).url
    return render(request, "pages/begin.html", context(request) | found)


def _from_here(request: HttpRequest) -> bool:
    """Whether this form was sent from a page of this site, as far as a browser says."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return site in ("same-origin", "none") and origin in (None, f"{request.scheme}://{request.get_host()}")


@personal_page
def erase(request: HttpRequest) -> HttpResponse:
    """'Wis mijn antwoorden': the session ends and the browser forgets."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    logout(request)
    found = redirect("erased")
    found["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return found


def erased(request: HttpRequest) -> HttpResponse:
    """That the answers are gone."""
    return render(request, "pages/erased.html", context(request))


# Questions


@with_check
def question(request: HttpRequest, check: Check, number: int) -> HttpResponse:
    """One screen: shown, or answered. While an alarm waits, it stands where the next question would stand."""
    there = 1 <= number <= len(check.screens)
    if request.method == "POST" and forms.SCREEN in request.POST:
        return _answer(request, check, number) if there else errors.changed(request)
    if number >= check.at and request.session.get(ALARM) and not (there and CHANGE in request.GET):
        return _alarm(request, check)
    if not there:
        return _onward(check)
    if request.method == "POST":
        return errors.tampered(request)
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
    request.session[ALARM] = number if interrupted(after) else 0
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
    again = request.session.get(REST) == number and not mistakes
    shown = forms.rows(screen, check, lang, sent, mistakes or {}, again)
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
        "errors": forms.errors(shown, mistakes or {}),
        "rest": again,
        "back": reverse("question", kwargs={"number": number - 1}) if number > 1 else reverse("begin"),
        "by_proxy": check.answered_by == "proxy",
    }
    return render(request, "pages/question.html", context(request) | found)


# What cannot wait


def _alarm(request: HttpRequest, check: Check) -> HttpResponse:
    """The interruption: what to do now, and why. No address tells of it. Going on with the questions is possible, and
    never needed: only the button of this very page does so."""
    case = check.told()
    alarms = urgent_alarms(case)
    shown = sha256(" ".join(alarms).encode()).hexdigest()[:16]
    if request.method == "POST" and (request.POST.get(forms.GO), request.POST.get("alarm")) == (MORE, shown):
        request.session[ALARM] = 0
        _keep(request, acknowledged(check))
        return _onward(check)
    decision = decide(case, lang_of())
    first = decision.refer[0].to if decision.refer else "gp"
    found = {
        "card": alarm_card(decision, alarms, lang_of(), check.answered_by),
        "alarm": shown,
        "first": first if first in NOT_THE_GP else "gp",
        "emergency": decision.urgency is Urgency.EMERGENCY,
        "by_proxy": check.answered_by == "proxy",
        "back": f"{reverse('question', kwargs={'number': request.session[ALARM]})}?{CHANGE}",
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
    if earlier := check.told().answers.keys() - check.case().answers.keys():
        rows = [_row(item(id, lang_of()), _said(check, id, lang_of())) for id in VOCABULARY if id in earlier]
        groups.append({"title": _("You also told this before"), "rows": rows})
    return render(request, "pages/answers.html", context(request) | {"groups": groups})


def _group(check: Check, number: int, lang: str) -> dict[str, Any]:
    """The answers of one screen: each on its own line, but of a list all that is denied on one line."""
    screen = check.screens[number - 1]
    title, url = _title(screen, lang), reverse("question", kwargs={"number": number})
    if len(screen.items) == 1:
        return {"title": "", "rows": [_row(title, _said(check, screen.items[0], lang), url, title)]}
    denied = [id for id in screen.items if check.answers.get(id) is False]
    rows = [_row(item(id, lang), _said(check, id, lang), url, title) for id in screen.items if id not in denied]
    if denied:
        rows.append(_row(_("No"), ". ".join(item(id, lang) for id in denied) + ".", url, title))
    return {"title": title, "rows": rows}


def _row(key: str, value: str, url: str = "", what: str = "") -> dict[str, str]:
    """A line of the page with all answers; without an address it cannot be changed there."""
    return {"key": key, "value": value, "url": url, "what": what}


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


def with_result(view: View) -> View:
    """A page of a result; before every question was answered only where an alarm stands: nobody is kept from that."""

    @wraps(view)
    @with_check
    def guarded(request: HttpRequest, check: Check, **values: Any) -> HttpResponse:
        case = check.told()
        if not check.done and not urgent_alarms(case):
            return _onward(check)
        return view(request, check=check, case=case, **values)

    return guarded


@with_result
def result(request: HttpRequest, check: Check, case: Case) -> HttpResponse:
    """The result."""
    found = {"document": personal(case, lang_of()), "done": check.done, "onward": _onward(check).url}
    return render(request, "pages/result.html", context(request) | found)


@with_result
def result_pdf(_request: HttpRequest, check: Check, case: Case, paper: str) -> HttpResponse:  # noqa: ARG001
    """The personal leaflet on paper."""
    return pdf_response(printed(personal(case, lang_of()), paper), f"ruggespraak-{paper}")
