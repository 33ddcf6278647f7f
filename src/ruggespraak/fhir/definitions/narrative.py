"""Words in a definition: every text in Dutch with its English beside it, and the narrative that a person reads.

A definition is published once and read in two languages. (What is written for one patient is in that patient's
language: ``resource``.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape

from ruggespraak.fhir.names import Resource
from ruggespraak.pathway.rules import Alarm, Recommendation, Review
from ruggespraak.pathway.texts import LANGUAGES, table, word

Words = Mapping[str, str]
"""The same words by language."""

BASE_LANGUAGE = "nl"
TRANSLATED = tuple(lang for lang in LANGUAGES if lang != BASE_LANGUAGE)
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


def words(of: Callable[[str], str]) -> Words:
    """What this gives in each language."""
    return {lang: of(lang) for lang in LANGUAGES}


def exchange(id: str, part: str, what: Words | None = None) -> Words:
    """Words of the exchange; ``what``: what they are about."""
    entry = table("exchange")[id][part]
    return {lang: entry[lang].format(what=what[lang]) if what else entry[lang] for lang in LANGUAGES}


def both(element: str, said: Words) -> Resource:
    """An element of text, with its translations."""
    return {
        element: said[BASE_LANGUAGE],
        f"_{element}": {"extension": [_translation(said, lang) for lang in TRANSLATED]},
    }


def _translation(said: Words, lang: str) -> Resource:
    parts = [{"url": "lang", "valueCode": lang}, {"url": "content", "valueString": said[lang]}]
    return {"url": TRANSLATION, "extension": parts}


def narrative(title: Words, about: Words, lines: Iterable[Words]) -> Resource:
    """The definition for who cannot read the rest of it, in both languages."""
    listed = list(lines)
    parts = "".join(_part(title, about, listed, lang) for lang in LANGUAGES)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{parts}</div>'}


def _part(title: Words, about: Words, lines: list[Words], lang: str) -> str:
    items = "".join(f"<li>{escape(line[lang])}</li>" for line in lines)
    listed = f"<ul>{items}</ul>" if items else ""
    head = f"<h2>{escape(title[lang])}</h2><p>{escape(about[lang])}</p>"
    return f'<div lang="{lang}">{head}{listed}</div>'


def called(rule: Alarm | Recommendation | Review) -> Words:
    """What a rule is called. A recommendation has no name of its own: where it stands in a plan, and what it does."""
    if isinstance(rule, Alarm):
        return dict(table("alarms")[rule.id]["name"])
    if isinstance(rule, Review):
        return dict(table("reviews")[rule.id]["why"])
    return words(lambda lang: f"{word(f'section.{rule.section}', lang)}: {acts(rule.does, lang)}")


def acts(listed: Iterable[str], lang: str) -> str:
    """Acts in words."""
    return ", ".join(word(f"act.{act}", lang) for act in sorted(listed))
