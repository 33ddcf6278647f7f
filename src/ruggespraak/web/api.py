"""The decision for other software: POST /api/decide takes a case and gives the decision, as ``rug decide`` does.

The same contract (DESIGN §4), the same bytes. Nothing is stored, nobody is known, and no cookie is read or given: so
there is nothing that a forged request could use. What is wrong is said as JSON, in the form of ``Problem``.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from ruggespraak.consult import CaseError
from ruggespraak.consult.case import LONGEST_SHOWN, Problem
from ruggespraak.consult.contract import alarm_in, case_in, decision_out
from ruggespraak.pathway.editions import DEFAULT
from ruggespraak.pathway.texts import LANGUAGES
from ruggespraak.web.openapi import EXPLAIN, JSON, LARGEST, description
from ruggespraak.web.pages import today

UTF_8 = ("utf-8", "utf8")


@csrf_exempt
def decide(request: HttpRequest) -> HttpResponse:
    """A case in, its decision out."""
    if request.method != "POST":
        return _only(request, "POST")
    if request.content_type != JSON or (request.content_params or {}).get("charset", "utf-8").lower() not in UTF_8:
        sent = request.headers.get("Content-Type", "none")[:LONGEST_SHOWN]
        return problem(415, Problem("Content-Type", sent or "none", f"{JSON} in UTF-8"))
    lang, explained = request.GET.get("lang", "nl"), request.GET.get("explain", EXPLAIN[0])
    for place, value, choices in (("lang", lang, LANGUAGES), ("explain", explained, EXPLAIN)):
        if value not in choices:
            return problem(400, Problem(place, value[:LONGEST_SHOWN], " or ".join(choices)))
    try:
        case = case_in(request.body, DEFAULT, today=today())
    except RequestDataTooBig:
        return problem(400, Problem("body", f"more than {LARGEST} bytes", f"at most {LARGEST} bytes"))
    except CaseError as error:
        return _no_case(error)
    except ValueError as error:
        return problem(400, Problem("body", str(error), "one JSON object in UTF-8", str(error)))
    return _fresh(HttpResponse(decision_out(case, lang, explained == EXPLAIN[1]), content_type=JSON))


def openapi(request: HttpRequest) -> HttpResponse:
    """What this offers, as OpenAPI has it."""
    if request.method not in ("GET", "HEAD"):
        return _only(request, "GET, HEAD")
    return JsonResponse(description(), json_dumps_params={"ensure_ascii": False})


def problem(status: int, first: Problem, **more: Any) -> HttpResponse:
    """What is wrong, and what was expected."""
    return _fresh(JsonResponse({"error": _told(first) | more}, status=status))


def _told(one: Problem) -> dict[str, str]:
    return {"place": one.place, "value": one.value, "expected": one.expected, "says": str(one)}


def _no_case(error: CaseError) -> HttpResponse:
    """Everything that is wrong with this case, and the alarm that stands in the rest of it."""
    first, *others = error.problems
    more: dict[str, Any] = {"others": [_told(one) for one in others]} if others else {}
    if found := alarm_in(error):
        more["alarm"] = {"urgency": str(found.urgency), "names": list(found.suspected or found.established)}
    return problem(422, first, **more)


def _only(request: HttpRequest, methods: str) -> HttpResponse:
    found = problem(405, Problem("method", str(request.method)[:LONGEST_SHOWN], methods))
    found["Allow"] = methods
    return found


def _fresh(answer: HttpResponse) -> HttpResponse:
    """Nothing in between keeps a copy."""
    answer["Cache-Control"] = "no-store"
    return answer


urlpatterns = [
    path("api/decide", decide, name="decide"),
    path("api/openapi.json", openapi, name="openapi"),
]
