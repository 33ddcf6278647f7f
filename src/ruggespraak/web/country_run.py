"""The page that runs the country: its address is the settings, so who has the address has the result.

Opening an address whose result is not there yet asks for it, once: that stores a figure about nobody, which any other
opening would store the same. Nothing else on this site is stored by following a link.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, register_converter, reverse
from django.views.decorators.http import require_safe

from ruggespraak.clinic.models import CountryRun
from ruggespraak.web import country_asked, country_job, country_told, errors
from ruggespraak.web.country_asked import Asked
from ruggespraak.web.pages import context, lang_of
from ruggespraak.wording import number

LOOKS_AGAIN = 5  # seconds, while it is being made
PLOTS = ("differences", "weeks", "burden", "money")
FOR_EVER = "public, max-age=31536000, immutable"  # a key is a hash: another result has another address


class Plot:
    """A picture of a run."""

    regex = "|".join(PLOTS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Key:
    """Of a run."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Plot, "plot")
register_converter(Key, "key")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The form; or the run that the address asks for: its result, that it is being made, or that it failed."""
    if not country_asked.able():
        return render(request, "pages/country_unable.html", context(request))
    asked, wrong = country_asked.read(request.GET)
    if asked is None:
        from ruggespraak.population.leaflet_figures import finding

        found = _shared(request) | {"errors": wrong, "finding": finding(lang_of())}
        return render(request, "pages/country_form.html", found, status=400 if wrong else 200)
    if QueryDict(asked.query) != request.GET:
        return redirect(f"{reverse('country_run')}?{asked.query}")
    return _run(request, asked)


def _run(request: HttpRequest, asked: Asked) -> HttpResponse:
    row = country_job.known(asked)
    if row is None and request.method == "GET":
        if refused := request.rate_limit.refused(request, "PDF"):  # as much work as some PDFs
            return refused
        try:
            row = country_job.ask(asked)
        except country_job.FullError:
            return errors.busy(request)
    if row and row.result:
        return _result(request, row)
    if row and country_job.failed(row):
        return render(request, "pages/country_failed.html", _shared(request))
    country_job.work()
    found = render(request, "pages/country_waits.html", _shared(request) | {"seconds": LOOKS_AGAIN}, status=202)
    found["Cache-Control"] = "no-store"
    return found


def _result(request: HttpRequest, row: CountryRun) -> HttpResponse:
    from ruggespraak.population.shown import lines

    lang, made = lang_of(), country_job.result(row)
    report, names = made["report"], made["names"][lang]
    first, *more = [
        {
            "name": name,
            "url": reverse("country_run_plot", kwargs={"key": row.pk, "plot": name}),
            **{part: one[part] for part in ("alt", "wide", "high")},
        }
        for name, one in made["plots"][lang].items()
    ]
    found = {
        "errors": [],
        "key": row.pk,
        "names": names,
        "first": first,
        "more": more,
        "told": country_told.sentences(report, names, lang),
        "rows": lines(report["options"], lang),
        "about": report["about"][lang],
        "provenance": _provenance(report["manifest"], lang),
        "own_choices": made["own_choices"],
    }
    return render(request, "pages/country_result.html", _shared(request) | found)


def _provenance(manifest: Mapping[str, Any], lang: str) -> str:
    """Which run it was, as the plots say it."""
    from ruggespraak.population.words import word

    return word("plot.provenance", lang).format(
        people=number(manifest["people"], lang), years=manifest["years"], seed=manifest["seed"],
        editions=", ".join(dict.fromkeys(one["edition"] for one in manifest["options"])),
        digest=manifest["counts"][:12],
    )  # fmt: skip


def _shared(request: HttpRequest) -> dict[str, Any]:
    """What the form needs, and the way to the same run in the other language."""

    found, lang = context(request), lang_of()
    if query := request.META.get("QUERY_STRING"):
        found["other_url"] += f"?{query}"
    return found | {
        "choices": country_asked.choices(lang),
        "filled": country_asked.filled(request.GET),
        "people": [(str(many), number(many, lang)) for many in country_asked.PEOPLE],
        "most_years": country_asked.MOST_YEARS,
    }


def _made(key: str) -> dict[str, Any]:
    row = CountryRun.objects.filter(pk=key).exclude(result=b"").first()
    if row is None:
        raise Http404
    return country_job.result(row)


@require_safe
def plot(request: HttpRequest, key: str, plot: str) -> HttpResponse:  # noqa: ARG001
    """One picture of a result."""
    drawn = _made(key)["plots"][lang_of()]
    if plot not in drawn:
        raise Http404
    return HttpResponse(drawn[plot]["svg"], content_type="image/svg+xml", headers={"Cache-Control": FOR_EVER})


@require_safe
def as_json(request: HttpRequest, key: str) -> HttpResponse:  # noqa: ARG001
    """All figures of a result, and what it takes to make them again."""
    said = json.dumps(_made(key)["report"], indent=2, ensure_ascii=False) + "\n"
    found = HttpResponse(said, content_type="application/json", headers={"Cache-Control": FOR_EVER})
    found["Content-Disposition"] = f'attachment; filename="ruggespraak-{key[:12]}.json"'
    return found


urlpatterns: list[Any] = [
    path("country/run/", page, name="country_run"),
    path("country/run/<key:key>.json", as_json, name="country_run_json"),
    path("country/run/<key:key>/<plot:plot>.svg", plot, name="country_run_plot"),
]
