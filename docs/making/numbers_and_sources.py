"""What the rules rest on: every number with its source, and every source with the rules and numbers that name it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from conditions import Rule, asked, limits, named, parameters
from edition_pages import link
from layout import amount, cite, grid, in_the_other_language, number_link, page, says, seen, unique, warning

from ruggespraak.pathway import numbers, sources
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.rules import Alarm, Parameter, Recommendation, Status


@cache
def _rules() -> tuple[Rule, ...]:
    """Every rule of every edition, once."""
    return tuple({id(rule): rule for name in EDITIONS for rule in edition(name).rules()}.values())


def numbers_page(lang: str) -> str:
    bare: dict[float, list[str]] = {}
    for rule in _rules():
        for limit in limits(*asked(rule)):
            if not isinstance(limit, Parameter):
                bare.setdefault(limit, []).append(link(rule, lang))
    return page(
        f"# {says('numbers.title', lang)}",
        in_the_other_language(lang, "numbers.md", ""),
        warning(lang),
        says("find.findings_about", lang),
        grid(says("numbers.head", lang), (_number_row(one, lang) for one in numbers.ALL)),
        f"## {says('numbers.bare', lang)}",
        says("numbers.bare_about", lang, seen=seen(Status.OWN_CHOICE, lang)),
        grid(says("numbers.bare_head", lang), ((f"{limit:g}", unique(links)) for limit, links in sorted(bare.items()))),
        lang=lang,
    )


def _number_row(one: Parameter, lang: str) -> tuple[str, ...]:
    revised = {name: edition(name).parameter(one.name) for name in EDITIONS}
    others = [f"[{name}]({name}/index.md): {amount(new, lang)}" for name, new in revised.items() if new is not one]
    return (
        f'<a id="{one.name}"></a>`{one.name}`',
        "; ".join([amount(one, lang), *others]),
        cite(one.because, lang, ""),
        seen(one.status, lang),
        unique(_uses(lang).get(one.name, ())) or says("no_rule", lang),
    )


@cache
def _uses(lang: str) -> dict[str, list[str]]:
    """Per number the rules and derivations that use it."""
    found: dict[str, list[str]] = {}
    uses = [(link(rule, lang), parameters(rule)) for rule in _rules()]
    for name in EDITIONS:
        for it in edition(name).derivations:
            uses.append((says("numbers.derivation", lang, finding=it.finding), named(limits(it.when))))
    for who, used in uses:
        for parameter in used:
            found.setdefault(parameter.name, []).append(who)
    return found


def sources_page(lang: str) -> str:
    resting: dict[str, list[str]] = {key: [] for key in sources.listed()}
    for rule in _rules():
        for key in _claimed(rule):
            if key not in resting:
                raise ValueError(f"{link(rule, lang)} names {key}, which sources.csv does not have")
            resting[key].append(link(rule, lang))
    for parameter in numbers.ALL:
        for key in parameter.because:
            resting[key].append(number_link(parameter, ""))
    rows = {key: _source_row(row) for key, row in sources.listed().items()}
    return page(
        f"# {says('sources.title', lang)}",
        in_the_other_language(lang, "sources.md", ""),
        says("sources.about", lang),
        grid(says("sources.head", lang), ((*rows[key], unique(links)) for key, links in resting.items() if links)),
        f"## {says('sources.unused', lang)}",
        grid(says("sources.unused_head", lang), (rows[key] for key, links in resting.items() if not links)),
        lang=lang,
    )


def _source_row(row: Mapping[str, str]) -> tuple[str, ...]:
    return (
        f'<a id="{row["key"].lower()}"></a>{row["key"]}',
        row["title"],
        row["organisation"],
        row["year"],
        row["address"],
    )


def _claimed(rule: Rule) -> list[str]:
    """The sources of a rule and of its referrals."""
    referrals = rule.refer if isinstance(rule, Alarm | Recommendation) else ()
    return [*rule.because, *(key for one in referrals for key in one.because)]
