"""Not open to the public: without RUG_PUBLIC=1 nobody begins a self-check; a practice and its own patients go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from ruggespraak.consult.case import Problem
from ruggespraak.web import errors
from ruggespraak.web.api import problem

SELF_CHECK = frozenset(
    {
        "begin", "question", "answers", "result", "result_pdf",
        "mine_kept", "mine_open", "mine_opened", "mine_opened_pdf",
    }
)  # fmt: skip
API = frozenset({"decide"})


class Public:
    """Answers 503 for what only an open site offers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _values: Any) -> HttpResponse | None:
        name = request.resolver_match.url_name
        if settings.PUBLIC or name not in SELF_CHECK | API:
            return None
        if name in API:
            return problem(503, Problem("this site", "not open to the public", "one that is"))
        return errors.not_open(request)
