"""The first page of the pathway in each language: which editions there are, and where somebody finds a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conditions import Rule, asked, own_parts
from edition_pages import chapters, link
from layout import bullets, grid, in_the_other_language, page, says, unique, warning

from ruggespraak.logic import Compare, Finding, In, Named
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.rules import Act, Complaint, Recommendation
from ruggespraak.pathway.texts import table, term, text, word

CURRENT = edition()
CHAPTERS = {
    Complaint.RADICULAR: "hernia",
    Complaint.NONSPECIFIC: "back",
    Complaint.SPECIFIC: "alarms",
    Complaint.OUTSIDE: "alarms",
}


def first_page(lang: str) -> str:
    """The page of a language."""
    return page(
        f"# {says('find.title', lang)}",
        in_the_other_language(lang, "index.md", ""),
        warning(lang),
        says("find.about", lang),
        f"## {says('find.editions', lang)}",
        grid(says("find.edition", lang), (_edition_row(name, lang) for name in EDITIONS)),
        f"## {says('find.where', lang)}",
        says("find.where_about", lang),
        *_table("complaint", _complaints(lang), lang),
        *_table("suspicion", _suspicions(lang), lang),
        *_table("act", _acts(lang), lang),
        *_table("finding", _findings(lang), lang),
        "\n".join(
            ("```{toctree}", ":hidden:", "", *(f"{name}/index" for name in EDITIONS), "numbers", "sources", "```")
        ),
        lang=lang,
    )


def both_languages() -> str:
    """The page above those of the languages."""
    return page(
        "# The pathway · het zorgpad",
        bullets(["[In English](en/index.md)", "[In het Nederlands](nl/index.md)"]),
        "```{toctree}\n:hidden:\n\nEnglish <en/index>\nNederlands <nl/index>\n```",
        lang="en",
    )


def _edition_row(name: str, lang: str) -> tuple[str, ...]:
    here = edition(name)
    what = says(f"edition.what_{name}", lang).replace("../../../", "../../")
    return f"[{here.title[lang]}]({name}/index.md)", what, str(len(here.alarms)), str(len(here.recommendations))


def _table(what: str, rows: Iterator[tuple[str, ...]], lang: str) -> tuple[str, ...]:
    about = says("find.findings_about", lang) if what == "finding" else ""
    return f"### {says(f'find.{what}s', lang)}", about, grid(says(f"find.{what}", lang), rows)


def _links(rules: Iterable[Rule], lang: str) -> str:
    return unique(link(rule, lang) for rule in rules) or "–"


def _complaints(lang: str) -> Iterator[tuple[str, ...]]:
    for complaint, chapter in CHAPTERS.items():
        concept = f"is_{complaint}"
        rules = [rule for rule in chapters(CURRENT)[chapter] if isinstance(rule, Recommendation)]
        rules += [
            rule
            for rule in CURRENT.recommendations
            if any(isinstance(part, Named) and part.name == concept for part in own_parts(rule.when))
        ]
        yield (
            link(next(one for one in CURRENT.classes if one.complaint is complaint), lang),
            says(f"also_called.{complaint}", lang),
            f"[{says(f'chapter.{chapter}', lang)}](current/{chapter}.md)",
            _links(rules, lang),
        )


def _suspicions(lang: str) -> Iterator[tuple[str, ...]]:
    for id in sorted(table("suspects"), key=lambda id: text("suspects", id, "term", lang)):
        alarms: list[Rule] = [alarm for alarm in CURRENT.alarms if alarm.suspects == id]
        if alarms:
            yield text("suspects", id, "term", lang), text("suspects", id, "name", lang), _links(alarms, lang)


def _acts(lang: str) -> Iterator[tuple[str, ...]]:
    for act in sorted(Act, key=lambda act: word(f"act.{act}", lang)):
        doing: list[Rule] = [rule for rule in CURRENT.recommendations if act in rule.does]
        forbidding: list[Rule] = [rule for rule in (*CURRENT.alarms, *CURRENT.recommendations) if act in rule.forbids]
        if doing or forbidding:
            yield word(f"act.{act}", lang), _links(doing, lang), _links(forbidding, lang)


def _findings(lang: str) -> Iterator[tuple[str, ...]]:
    using: dict[str, list[Rule]] = {}
    for rules in chapters(CURRENT).values():
        for rule in rules:
            for part in (part for one in asked(rule) for part in own_parts(one)):
                finding = part.finding if isinstance(part, Compare | In) else part
                if isinstance(finding, Finding):
                    using.setdefault(finding.id, []).append(rule)
    for id in sorted(using, key=lambda id: term(id, lang).lower()):
        yield f"{term(id, lang)} (`{id}`)", _links(using[id], lang)
