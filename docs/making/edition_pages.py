"""The pages of an edition: one that shows it at a glance, and one for each of its chapters.

The chapters are those of the code: the modules of an edition that hold recommendations. An edition that revises another
one has a single page, with only what is different.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import rule_sections as one_rule
import what_holds
from conditions import Rule, asked, gathers, limits, named, told
from layout import (
    amount,
    bullets,
    cite,
    grid,
    in_the_other_language,
    number_link,
    page,
    rests_on,
    says,
    seen,
    unique,
    warning,
)

from ruggespraak.logic import Named, Or
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.rules import Class, Edition, Recommendation, Review
from ruggespraak.pathway.texts import in_words, plan_text, table, text, word

# -- where a rule stands --------------------------------------------------------------------------------------------


@cache
def chapters(here: Edition) -> dict[str, tuple[Rule, ...]]:
    """The rules of an edition by chapter, in reading order; the single chapter of a revision has only what is new."""
    if here.revises is not None:
        old = edition(here.revises).rules()
        return {"index": tuple(rule for rule in here.rules() if not any(rule is one for one in old))}
    advice = {name: module.RECOMMENDATIONS for name, module in _modules(here) if hasattr(module, "RECOMMENDATIONS")}
    return {"alarms": here.alarms, "complaints": here.classes, **advice, "reviews": here.reviews}


def _modules(here: Edition) -> Iterator[tuple[str, ModuleType]]:
    package = import_module(f"ruggespraak.pathway.editions.{here.id}")
    for module in iter_modules(package.__path__):
        yield module.name, import_module(f"{package.__name__}.{module.name}")


@cache
def _addresses() -> dict[int, str]:
    """Where each rule is shown, from the page of its language: with the first edition that has it."""
    found: dict[int, str] = {}
    for name in EDITIONS:
        for chapter, rules in chapters(edition(name)).items():
            for rule in rules:
                found.setdefault(id(rule), f"{name}/{chapter}.md#{one_rule.anchor(rule)}")
    return found


def link(rule: Rule, lang: str, up: str = "") -> str:
    """A link to a rule; ``up``: from the page to that of its language."""
    return f"[{one_rule.name(rule, lang)}]({up}{_addresses()[id(rule)]})"


def _in_this_edition(rule: Rule, here: Edition, lang: str) -> str:
    """A link from a page of an edition to its own rule, also where another edition has the same one."""
    for chapter, rules in chapters(here).items():
        if any(rule is one for one in rules):
            return f"[{one_rule.name(rule, lang)}]({chapter}.md#{one_rule.anchor(rule)})"
    return link(rule, lang, "../")


# -- an edition at a glance -----------------------------------------------------------------------------------------


def pages(here: Edition, lang: str) -> dict[str, str]:
    """Every page of an edition, by its path from ``docs/pathway``."""
    found = {"index": _index(here, lang) if here.revises is None else _revision(here, edition(here.revises), lang)}
    if here.revises is None:
        found |= {name: _chapter(name, rules, here, lang) for name, rules in chapters(here).items()}
        found["concepts"] = _concepts(here, lang)
    return {f"{lang}/{here.id}/{name}.md": text for name, text in found.items()}


def charts(here: Edition, lang: str) -> dict[str, str]:
    """The flow charts on these pages, by path."""
    rules = [rule for some in chapters(here).values() for rule in some]
    return {path: one_rule.flow_chart(rule, lang) for rule in rules if (path := one_rule.chart(rule, here, lang))}


def _top(here: Edition, lang: str) -> tuple[str, ...]:
    """What an edition is, that no clinician has reviewed it, and when it must be read again."""
    reviewer = says("nobody_yet", lang) if here.reviewer == "nobody yet" else here.reviewer
    facts = says(
        "edition.facts", lang, id=here.id, version=here.version, reviewer=reviewer, review_by=here.review_by.isoformat()
    )
    return (
        f"# {here.title[lang]}",
        in_the_other_language(lang, f"{here.id}/index.md", "../"),
        warning(lang),
        says(f"edition.what_{here.id}", lang),
        bullets(facts.split("|")),
    )


def _index(here: Edition, lang: str) -> str:
    said = {name: f"## {says(f'edition.{name}', lang)}" for name in ("alarms", "complaints", "what_when", "look_again")}
    names = [*chapters(here), "concepts"]
    picture = f"![{says('edition.picture', lang)}](../../../pictures/pathway.{lang}.svg)"
    return page(
        *_top(here, lang),
        picture if here.id == "current" else "",
        f"## {says('edition.chapters', lang)}",
        bullets(f"[{says(f'chapter.{name}', lang)}]({name}.md)" for name in names),
        said["alarms"],
        grid(
            says("edition.alarm", lang),
            (
                (
                    _in_this_edition(alarm, here, lang),
                    text("alarms", alarm.id, "name", lang),
                    one_rule.suspected(alarm, lang),
                    says(str(alarm.tier), lang),
                    word(f"urgency.{alarm.urgency}.name", lang),
                )
                for alarm in here.alarms
            ),
        ),
        said["complaints"],
        says("chapter_about.complaints", lang),
        grid(
            says("edition.complaint", lang), (_class_row(nr, one, here, lang) for nr, one in enumerate(here.classes, 1))
        ),
        said["what_when"],
        *_plan(here, lang),
        said["look_again"],
        says("chapter_about.reviews", lang),
        grid(says("edition.review", lang), (_review_row(one, here, lang) for one in here.reviews)),
        *_proven(here, lang),
        _toctree(*names),
        lang=lang,
    )


def _toctree(*names: str) -> str:
    return "\n".join(("```{toctree}", ":hidden:", "", *names, "```"))


def _class_row(place: int, one: Class, here: Edition, lang: str) -> tuple[str, ...]:
    probable = told(one.probable, lang) if one.probable is not None else "–"
    return str(place), _in_this_edition(one, here, lang), told(one.when, lang), probable


def _plan(here: Edition, lang: str) -> Iterator[str]:
    """The recommendations under the headings of a plan, in their order."""
    for section in table("words")["section"]:
        found = [one for one in here.recommendations if one.section == section]
        if found:
            yield f"### {word(f'section.{section}', lang)}"
            yield grid(
                says("edition.advice", lang),
                (
                    (_in_this_edition(one, here, lang), one_rule.acts(one.does, lang), told(one.when, lang))
                    for one in found
                ),
            )


def _review_row(one: Review, here: Edition, lang: str) -> tuple[str, ...]:
    return _in_this_edition(one, here, lang), one_rule.moment(one, lang), text("reviews", one.id, "why", lang)


def _proven(here: Edition, lang: str) -> Iterator[str]:
    yield f"## {says('edition.proven', lang)}"
    yield says("edition.proven_about", lang)
    found, marked = [], set()
    for number, what, verdict in what_holds.verdicts(here, lang):
        mark = "" if number in marked else f'<a id="property-{number}"></a>'
        marked.add(number)
        found.append((f"{mark}{number}", what, verdict))
    yield grid(says("edition.property", lang), found)


# -- a chapter ------------------------------------------------------------------------------------------------------


def _chapter(name: str, rules: Iterable[Rule], here: Edition, lang: str) -> str:
    return page(
        f"# {says(f'chapter.{name}', lang)}",
        f"[{here.title[lang]}](index.md) · {in_the_other_language(lang, f'{here.id}/{name}.md', '../')}",
        warning(lang),
        says(f"chapter_about.{name}", lang) if name in ("alarms", "complaints", "reviews") else "",
        _parts_of_every_decision(lang) if name == "alarms" else "",
        says("rule.unknown", lang, path=""),
        *(one_rule.section(rule, here, lang) for rule in rules),
        lang=lang,
    )


def _parts_of_every_decision(lang: str) -> str:
    return bullets(
        f"**{row}** “{text('alarms', row, 'says', lang)}” ({rests_on('alarms', row, lang)})" for row in ("R18", "R19")
    )


def _concepts(here: Edition, lang: str) -> str:
    return page(
        f"# {says('chapter.concepts', lang)}",
        f"[{here.title[lang]}](index.md) · {in_the_other_language(lang, f'{here.id}/concepts.md', '../')}",
        says("chapter_about.concepts", lang),
        grid(says("concept.head", lang), _concept_rows(here, lang)),
        lang=lang,
    )


def _concept_rows(here: Edition, lang: str) -> Iterator[tuple[str, ...]]:
    parts = (part for rule in here.rules() for one in asked(rule) for part in one.walk())
    found = {part.name: part for part in parts if isinstance(part, Named) and part.name in table("concepts")}
    for name in sorted(found, key=lambda name: text("concepts", name, "says", lang)):
        alarms = _gathered(found[name], here, lang)
        numbers = named(limits(found[name].part))
        yield (
            f"{text('concepts', name, 'says', lang)} (`{name}`)",
            alarms or in_words(found[name].part, lang, open_names=False),
            "" if alarms else ", ".join(f"{number_link(one)} {amount(one, lang)}" for one in numbers),
            rests_on("concepts", name, lang),
        )
    yield text("concepts", "before", "says", lang), says("concept.before", lang), "", "PATHWAY §5"


def _gathered(concept: Named, here: Edition, lang: str) -> str:
    """The alarms of which a concept is the sum, as links; nothing where it is something else."""
    alarms = {id(alarm.when): alarm for alarm in here.alarms}
    parts = concept.part.parts if gathers(concept) and isinstance(concept.part, Or) else ()
    found = [alarms.get(id(part)) for part in parts]
    if not parts or not all(found):
        return ""
    return says("concept.one_of", lang, list=unique(_in_this_edition(one, here, lang) for one in found if one))


# -- an edition that revises another one ----------------------------------------------------------------------------


def _revision(here: Edition, old: Edition, lang: str) -> str:
    """Only where an edition differs from the one that it revises. Raises ValueError for what this page cannot show."""
    (rules,) = chapters(here).values()
    if any(not isinstance(rule, Recommendation) for rule in rules):
        raise ValueError(f"{here.id} has alarms, classes or reviews of its own: this page shows none")
    kept = {rule.id for rule in here.recommendations}
    gone = [rule for rule in old.recommendations if rule.id not in kept]
    moved = [one for one in here.parameters if one is not old.parameter(one.name)]
    numbers = [
        (
            number_link(one),
            amount(one, lang),
            amount(old.parameter(one.name), lang),
            cite(one.because, lang),
            seen(one.status, lang),
        )
        for one in moved
    ]
    return page(
        *_top(here, lang),
        says("edition.differs", lang, title=old.title[lang], id=old.id),
        says("rule.unknown", lang, path=f"../{old.id}/"),
        f"## {says('edition.gone', lang)}",
        bullets(f"{link(rule, lang, '../')}: “{plan_text(rule.id, lang)}”" for rule in gone),
        f"## {says('edition.new', lang)}",
        *(one_rule.section(rule, here, lang).replace("## ", "### ", 1) for rule in rules),
        *(
            [f"## {says('edition.other_numbers', lang)}", grid(says("edition.other_number", lang), numbers)]
            if numbers
            else []
        ),
        *_proven(here, lang),
        lang=lang,
    )
