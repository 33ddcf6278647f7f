"""A report as HTML: the inside of a page, and a page of its own that asks for nothing elsewhere.

The inside holds no style, no script and no place of a picture of its own, so that it stands in a page of the clinic
too, under that page's Content-Security-Policy and with the names of its style sheet.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure

from ruggespraak.audit.figures import SMALL
from ruggespraak.audit.report import plots
from ruggespraak.audit.report.tables import count, fewer, hidden, tables
from ruggespraak.audit.report.told import OF_RECORDING, Figures, ours, three
from ruggespraak.audit.words import word
from ruggespraak.drawing import alt, svg
from ruggespraak.pathway.rules import Status
from ruggespraak.pathway.sources import named
from ruggespraak.pathway.texts import long_date
from ruggespraak.wording import capital


@dataclass(frozen=True)
class Plot:
    """``url``: of the picture; ``wide``, ``high``: pixels."""

    name: str
    url: str
    alt: str
    wide: int
    high: int


@cache
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("ruggespraak.audit.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["capital"] = capital
    return found


def body(found: Figures, lang: str, picture: Callable[[str], str] | None = None) -> str:
    """The report below its heading of the first level, as HTML for within ``main``.

    ``picture``: the address of a plot of this name (``plots.drawn``); where it is not given the plots lie in the HTML
    themselves.
    """
    made = plots.drawn(found, lang)
    return (
        _environment()
        .get_template("body.html")
        .render(
            word=lambda id: word(id, lang),
            count=lambda of: count(of, lang),
            fewer=lambda of: fewer(of, lang),
            of_recording=OF_RECORDING,
            period=_period(found, lang),
            three=three(found, lang),
            plots=[_plot(name, figure, picture) for name, figure in made.items()],
            tables=tables(found, lang),
            measures=ours(found),
            named=named,
            own_choice=str(Status.OWN_CHOICE),
            manifest=found["manifest"],
            alone=picture is None,
            rejected=_rejected(found, lang),
            hidden=word("note.suppressed", lang).format(number=SMALL) if hidden(found) else None,
        )
    )


def page(found: Figures, lang: str) -> str:
    """The report as a document of its own."""
    style = files("ruggespraak.audit.report").joinpath("report.css").read_text(encoding="utf-8")
    return (
        _environment()
        .get_template("page.html")
        .render(
            word=lambda id: word(id, lang),
            lang=lang,
            style=style,
            digest=b64encode(sha256(style.encode()).digest()).decode(),
            body=body(found, lang),
        )
    )


def _period(found: Figures, lang: str) -> str:
    days = (long_date(date.fromisoformat(found["manifest"][end]), lang) for end in ("since", "until"))
    since, until = (day.partition(" ")[2] for day in days)  # without the day of the week
    return word("report.period", lang).format(since=since, until=until)


def _rejected(found: Figures, lang: str) -> str | None:
    many = [many for kinds in found["manifest"].get("rejects", {}).values() for many in kinds.values()]
    if not many:
        return None
    return count(None if None in many else sum(many), lang)


def _plot(name: str, figure: Figure, picture: Callable[[str], str] | None) -> Plot:
    wide, high = (round(100 * inches) for inches in figure.get_size_inches())
    url = picture(name) if picture else f"data:image/svg+xml;base64,{b64encode(svg(figure).encode()).decode()}"
    return Plot(name, url, alt(figure), wide, high)
