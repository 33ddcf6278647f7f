"""All words, in both languages: ``text("alarms", "R1", "says", "nl")``. Nothing that a person reads stands in code."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from ruggespraak.logic import Expression, Finding, Named, sentence
from ruggespraak.logic import Value as Answer
from ruggespraak.logic.render import Say, Value

LANGUAGES = ("nl", "en")


@cache
def table(name: str) -> dict[str, Any]:
    """One file of texts, by id. Its ``about`` says who read the texts, and when."""
    with files(__name__).joinpath(f"{name}.toml").open("rb") as file:
        found = tomllib.load(file)
    return {id: entry for id, entry in found.items() if id != "about"}


@cache
def about(name: str) -> dict[str, Any]:
    """Reviewer, date and readers of one file of texts."""
    with files(__name__).joinpath(f"{name}.toml").open("rb") as file:
        found: dict[str, Any] = tomllib.load(file)["about"]
    return found


def text(name: str, id: str, part: str, lang: str) -> str:
    """The words of one part of one entry. Raises KeyError for an id, a part or a language that does not exist."""
    found: str = table(name)[id][part][lang]
    return found


def plan_text(id: str, lang: str) -> str:
    """The words of a recommendation."""
    found: str = (table("leaflet") if id.startswith("leaflet_") else table("plan"))[id][lang]
    return found


def word(name: str, lang: str) -> str:
    """A word of the interface: ``word("urgency.emergency.headline", "nl")``."""
    found: Any = table("words")
    for part in name.split("."):
        found = found[part]
    return str(found[lang])


def item(finding: str, lang: str) -> str:
    """The finding as a patient would say it."""
    return text("findings", finding, "item", lang)


def term(finding: str, lang: str) -> str:
    """The finding as a clinician would write it."""
    return text("findings", finding, "term", lang)


def long_date(day: date, lang: str) -> str:
    """The date written out: "dinsdag 1 december 2026"."""
    weekday = word("date.weekdays", lang).split()[day.weekday()]
    return f"{weekday} {day.day} {word('date.months', lang).split()[day.month - 1]} {day.year}"


def choice(finding: str, value: str, lang: str) -> str:
    """One choice of a finding, in words."""
    found: str = table("findings")[finding]["choices"][value][lang]
    return found


def unit_of(finding: Finding, lang: str) -> str:
    """The unit of a number as people say it; empty where the question itself gives the scale."""
    return word(f"unit.{finding.unit}", lang) if finding.unit in table("words")["unit"] else ""


def told(finding: Finding, value: Answer, lang: str, audience: str) -> str:
    """What was told of one finding. The patient's own words name the unit themselves."""
    named = (term if audience == "clinician" else item)(finding.id, lang)
    if value is True:
        return named
    if value is False:
        says = word("word.no", lang).lower()
    elif isinstance(value, date):
        says = long_date(value, lang)
    elif isinstance(value, str):
        says = choice(finding.id, value, lang)
    else:
        says = f"{value:g} {unit_of(finding, lang) if audience == 'clinician' else ''}".rstrip()
    return f"{named.partition(':')[0]}: {says}"


def say(lang: str) -> Say:
    """The clinician's words for findings and concepts, for ``sentence`` and the flow charts."""
    no = {"nl": "geen", "en": "no"}[lang]

    def words(node: Finding | Named, present: bool) -> str:
        if isinstance(node, Finding):
            found = term(node.id, lang)
        else:
            name = "before" if node.name.startswith("before_") else node.name
            found = term(name, lang) if name in table("findings") else text("concepts", name, "says", lang)
        return found if present else f"{no} {found}"

    return words


def value_words(lang: str) -> Value:
    """The words for the choices and units of findings."""

    def words(finding: Finding, choice_or_unit: str) -> str:
        if choice_or_unit in finding.choices:
            found: str = table("findings")[finding.id]["choices"][choice_or_unit][lang]
            return found
        return word_or_itself("unit", choice_or_unit, lang)

    return words


def word_or_itself(group: str, name: str, lang: str) -> str:
    """The interface word of this name; a name that has none (mg/L) is its own word."""
    found = table("words")[group].get(name)
    return str(found[lang]) if found else name


def in_words(condition: Expression, lang: str, open_names: bool = True) -> str:
    """The condition as a clinician would read it."""
    return sentence(condition, lang, say(lang), open_names, value_words(lang))
