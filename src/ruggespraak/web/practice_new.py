"""A patient who comes without a letter and without a kept result: who it is, the questions, the examination.

Nothing is in the record until the end. Until then it is in the session, which names the practice that asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from ruggespraak.clinic import log, record
from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Episode, Practice
from ruggespraak.clinic.roles import Act
from ruggespraak.consult import Case, decide, urgent_alarms
from ruggespraak.course import Answers
from ruggespraak.documents.result import alarm_card
from ruggespraak.pathway.texts import table, term
from ruggespraak.web import forms
from ruggespraak.web.access import Acting, View, of_practice
from ruggespraak.web.check import Check, Reading, answered, begin, fingerprint, from_session, has_chart, to_session
from ruggespraak.web.errors import changed
from ruggespraak.web.forms import Form
from ruggespraak.web.pages import lang_of, today
from ruggespraak.web.practice_forms import form_page, groups_of, identity_in, read_form, shared, stale, tampered
from ruggespraak.web.practice_patient import listed
from ruggespraak.web.sessions import ConflictError

NEW = "new_patient"
"""Key of the session: a patient who is being asked now."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A patient who is being asked. ``rest``: the screen of which a part was left alone, or 0."""

    who: dict[str, Any]
    check: Check
    rest: int = 0


def _asking(request: HttpRequest, practice: Practice) -> Asking | None:
    kept = request.session.get(NEW)
    if not kept or kept["practice"] != str(practice.id):
        return None
    return Asking(kept["who"], from_session(kept["check"]), kept["rest"])


def _keep(request: HttpRequest, practice: Practice, asking: Asking) -> None:
    request.session[NEW] = {
        "practice": str(practice.id), "who": asking.who, "check": to_session(asking.check), "rest": asking.rest,
    }  # fmt: skip


@of_practice(Act.WORK)
def new(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Who the new patient is."""
    mistakes: list[tuple[str, str]] = []
    if request.method == "POST":
        identity, mistakes = identity_in(request.POST)
        if identity is None:
            return tampered(request, reverse("new", kwargs={"practice": acting.practice.id}))
        if not mistakes:
            _keep(request, acting.practice, Asking(identity, begin(today(), "clinician")))
            return redirect("new_question", practice=acting.practice.id, number=1)
    found = {"errors": mistakes, "sent": request.POST}
    return render(request, "practice/new.html", shared(request, acting) | found)


def asking_now(view: View) -> View:
    """A page about a patient who is being asked; without one, who it is is asked first."""

    @wraps(view)
    @of_practice(Act.WORK)
    def guarded(request: HttpRequest, acting: Acting, **values: Any) -> HttpResponse:
        asking = _asking(request, acting.practice)
        if asking is None:
            return redirect("new", practice=acting.practice.id)
        return view(request, acting=acting, asking=asking, **values)

    return guarded


@asking_now
def new_question(request: HttpRequest, acting: Acting, asking: Asking, number: int) -> HttpResponse:
    """One screen of the self-check, asked by a care giver."""
    check = asking.check
    if not 1 <= number <= len(check.screens):
        return _onward(acting.practice, check)
    screen = check.screens[number - 1]
    if request.method != "POST":
        return _question_page(request, acting, asking, number)
    here = reverse("new_question", kwargs={"practice": acting.practice.id, "number": check.at})
    sent = dict(request.POST.lists())
    if sent.get(forms.SCREEN) != [fingerprint(screen)]:
        return stale(request, here)
    try:
        found = forms.read(screen, sent, check.on, lang_of())
    except forms.TamperedError:
        return tampered(request, here)
    if found.mistakes:
        return _question_page(request, acting, asking, number, sent, found.mistakes)
    after = answered(check, number, found.reading, found.places, found.rest)
    _keep(request, acting.practice, Asking(asking.who, after, number if found.rest else 0))
    return _onward(acting.practice, after)


def _onward(practice: Practice, check: Check) -> HttpResponse:
    if check.done:
        return redirect("new_examination", practice=practice.id)
    return redirect("new_question", practice=practice.id, number=check.at)


def _question_page(
    request: HttpRequest,
    acting: Acting,
    asking: Asking,
    number: int,
    sent: Form | None = None,
    mistakes: Mapping[str, str] | None = None,
) -> HttpResponse:
    check, lang = asking.check, lang_of()
    screen = check.screens[number - 1]
    several = len(screen.items) > 1
    texts = table("screens" if several else "findings")[screen.id if several else screen.items[0]]
    again = asking.rest == number and not mistakes
    rows = forms.rows(screen, check, lang, sent, mistakes or {}, again)
    back = "new" if number == 1 else "new_question"
    found = {
        "number": number,
        "title": texts["title" if several else "question"][lang],
        "why": texts["why"][lang],
        "rows": rows,
        "several": several,
        "regions": forms.regions(check, sent) if has_chart(screen) else [],
        "chart_error": (mistakes or {}).get(forms.PLACE, ""),
        "none_label": texts["none"][lang] if several else "",
        "screen": fingerprint(screen),
        "errors": forms.errors(rows, mistakes or {}),
        "rest": again,
        "back": reverse(back, kwargs={"practice": acting.practice.id} | ({"number": number - 1} if number > 1 else {})),
        "alarm": standing_alarm(check.told()),
    }
    return render(request, "practice/question.html", shared(request, acting) | found)


def standing_alarm(case: Case) -> Any:
    """The card of the urgent alarms that stand, while the questions go on; None without any."""
    alarms = urgent_alarms(case)
    return alarm_card(decide(case, lang_of()), alarms, lang_of(), "clinician") if alarms else None


@asking_now
def new_examination(request: HttpRequest, acting: Acting, asking: Asking) -> HttpResponse:
    """What was found on examination; then the patient is in the record, and the pathway decides."""
    case = asking.check.told()
    by_group = groups_of(case, decide(case), again=False)
    here = reverse("new_examination", kwargs={"practice": acting.practice.id})
    sent = dict(request.POST.lists()) if request.method == "POST" else None
    mistakes: Mapping[str, str] = {}
    if sent is not None:
        try:
            found = read_form(by_group, sent, today())
        except forms.TamperedError:
            return tampered(request, here)
        mistakes = found.mistakes
        if not mistakes:
            del request.session[NEW]
            try:
                request.session.save()  # before the record: who sends the form twice is one patient
            except (ConflictError, UpdateError):
                return changed(request)
            episode = _into_the_record(acting, asking.who, case, found.reading)
            return redirect("episode", episode=episode.id)
    values = {
        "title": _("Examination"),
        "says": _("Leave open what you did not examine: that is never counted as normal."),
        "back": reverse("new_question", kwargs={"practice": acting.practice.id, "number": len(asking.check.screens)}),
        "examine": listed(term(id, lang_of()) for id in decide(case).examine),
        "alarm": standing_alarm(case),
    }
    return form_page(request, acting, by_group, Check(today(), "clinician"), sent, mistakes, values)


@transaction.atomic
def _into_the_record(acting: Acting, who: dict[str, Any], case: Case, found: Reading) -> Episode:
    patient = record.new_patient(acting.practice, who, today())
    episode = record.open_episode(patient, today())
    answers = {**case.answers, **found.answers}
    unclear = (case.unclear | found.unclear) - answers.keys()
    record.add(episode, Answers(today(), answers, unclear, "clinician"), str(acting.role), acting.account)
    log.note(What.WRITE, acting.actor, "new", [patient])
    return episode


HERE = "practice/<uuid:practice>/new/"
urlpatterns: list[Any] = [
    path(HERE, new, name="new"),
    path(f"{HERE}<int:number>/", new_question, name="new_question"),
    path(f"{HERE}examination/", new_examination, name="new_examination"),
]
