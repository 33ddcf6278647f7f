"""One rule as a clinician reads it: the picture, the words, on whose word, what is proven of it and what tests it."""

from __future__ import annotations

from collections.abc import Iterable

import what_holds
from conditions import Rule, drawn, has_parts, key, parameters, place, told
from layout import amount, bullets, cite, number_link, rests_on, says, seen

from ruggespraak.logic import Expression
from ruggespraak.pathway.rules import Act, Alarm, Class, Edition, Imaging, Referral, Review
from ruggespraak.pathway.texts import plan_text, text, word

PUBLISHED, OWN = "tests/cases/published.jsonl", "tests/cases/own.jsonl"


def anchor(rule: Rule) -> str:
    """The address of a rule on its page."""
    return key(rule).lower()


def name(rule: Rule, lang: str) -> str:
    """What a link to a rule says."""
    return word(f"complaint.{rule.complaint}.term", lang) if isinstance(rule, Class) else rule.id


def suspected(alarm: Alarm, lang: str) -> str:
    return text("suspects", alarm.suspects, "term", lang) if alarm.suspects else "–"


def acts(found: Iterable[Act], lang: str) -> str:
    there = frozenset(found)
    return ", ".join(word(f"act.{act}", lang) for act in Act if act in there)


def moment(review: Review, lang: str) -> str:
    """When a review is."""
    if review.after is not None:
        return says("rule.after", lang, amount=amount(review.after, lang))
    return says("rule.on_day", lang, day=f"{review.on_day:g}")


def chart(rule: Rule, here: Edition, lang: str) -> str | None:
    """The path of the flow chart under ``docs/pathway``; None where there is nothing to draw."""
    return f"charts/{lang}/{here.id}/{key(rule)}.svg" if has_parts(rule.when) else None


def flow_chart(rule: Rule, lang: str) -> str:
    """The condition as a picture that ends in what follows from it."""
    if isinstance(rule, Class):
        return drawn(rule.when, f"{place(rule)}: {name(rule, lang)}", lang)
    if isinstance(rule, Alarm):
        follows = f"{text('alarms', rule.id, 'name', lang)} ({word(f'urgency.{rule.urgency}.name', lang)})"
    else:
        follows = moment(rule, lang) if isinstance(rule, Review) else acts(rule.does, lang)
    return drawn(rule.when, f"{rule.id}: {follows}", lang)


def section(rule: Rule, here: Edition, lang: str) -> str:
    """A rule under a heading of its own."""
    title = f"{place(rule)}. {name(rule, lang)}" if isinstance(rule, Class) else name(rule, lang)
    if isinstance(rule, Alarm):
        title = f"{rule.id}: {text('alarms', rule.id, 'name', lang)}"
    shown = chart(rule, here, lang)
    parts = [f'<a id="{anchor(rule)}"></a>'] if isinstance(rule, Alarm | Class) else []
    parts.append(f"## {title}")
    if shown:
        parts.append(f"[![{says('rule.chart', lang, id=title)}](../../{shown})](../../{shown})")
    lines = [(label, words) for label, words in (*_says(rule, lang), *_grounds(rule, here, lang)) if words]
    return "\n\n".join([*parts, bullets(f"{says(f'rule.{label}', lang)}: {words}" for label, words in lines)])


Lines = list[tuple[str, str]]
"""Labels (of ``pathway_words.toml``) and what stands behind each."""


def _says(rule: Rule, lang: str) -> Lines:
    found = [("condition", told(rule.when, lang))]
    if isinstance(rule, Class):
        return [*found, ("probable", told(rule.probable, lang) if rule.probable is not None else "")]
    if isinstance(rule, Review):
        return [*found, ("moment", moment(rule, lang)), ("patient", _quoted(text("reviews", rule.id, "why", lang)))]
    urgency = word(f"urgency.{rule.urgency}.name", lang)
    if isinstance(rule, Alarm):
        found += [("row", rule.row), ("suspicion", suspected(rule, lang)), ("tier", says(str(rule.tier), lang))]
        found += [("how_soon", f"**{urgency}**"), ("patient", _quoted(text("alarms", rule.id, "says", lang)))]
        images = list(rule.imaging)
        tests = [_test(test, lang) for test in rule.tests]
    else:
        to = "clinician" if rule.audience == "clinician" else "patient"
        found += [(to, _quoted(plan_text(rule.id, lang))), ("does", acts(rule.does, lang))]
        found += [("how_soon", f"**{urgency}**")] if rule.urgency else []
        images = [(rule.imaging, None)] if rule.imaging else []
        tests = []
    found += [("refer", _refer(one, lang)) for one in rule.refer]
    found += [("imaging", _picture(image, when, lang)) for image, when in images]
    return [*found, *(("test", test) for test in tests), ("forbids", acts(rule.forbids, lang))]


def _quoted(words: str) -> str:
    return f"“{words}”"


def _refer(one: Referral, lang: str) -> str:
    does = [
        f"{says(f'rule.refer_{who}', lang)}: {_quoted(text('referrals', one.id, f'{who}_does', lang))}"
        for who in ("patient", "clinician")
    ]
    source = f"({cite(one.because, lang)}; {seen(one.status, lang)})"
    return f"**{word(f'addressee.{one.to}', lang)}** {source}. {' '.join(does)}"


def _picture(image: Imaging, when: Expression | None, lang: str) -> str:
    parts = [word(f"imaging.{image.use}", lang)]
    parts += [word(f"imaging_by.{image.by}", lang)] if image.by else []
    if image.within_hours is not None:
        parts.append(says("rule.within", lang, amount=amount(image.within_hours, lang)))
    parts += [says("rule.only_if", lang, condition=told(when, lang))] if when is not None else []
    return ". ".join(parts)


def _test(test: str, lang: str) -> str:
    what, because = (text("tests", test, part, lang) for part in ("what", "because"))
    return f"{what}. {because} ({rests_on('tests', test, lang)})"


def _grounds(rule: Rule, here: Edition, lang: str) -> Lines:
    """The numbers, the sources, where it is written, what is proven of it and what tests it."""
    file = what_holds.code(rule, here)
    return [
        *(("number", f"{number_link(one)} {amount(one, lang)} ({seen(one.status, lang)})") for one in parameters(rule)),
        ("sources", f"{cite(rule.because, lang)} ({seen(rule.status, lang)})"),
        *_proof(rule, here, lang),
        *_tests(rule, here, lang),
        ("leaflet", ", ".join(f"[{id}](../../../leaflet.md#{id.lower()})" for id in what_holds.sentences(rule))),
        ("code", f"[{file.relative_to('src/ruggespraak/pathway/editions')}](../../../../{file})"),
    ]


def _proof(rule: Rule, here: Edition, lang: str) -> Lines:
    proven, failed = (
        says("rule.property", lang, list=", ".join(f"[{one}](index.md#property-{one})" for one in found))
        if found
        else ""
        for found in what_holds.outcomes(rule, here)
    )
    return [("proven", proven), ("not_proven", failed)]


def _tests(rule: Rule, here: Edition, lang: str) -> Lines:
    found = {
        "evidence": [f"`{one}`" for one in what_holds.evidence(rule, here)],
        "published": what_holds.patients(rule, here, PUBLISHED),
        "own": what_holds.patients(rule, here, OWN),
    }
    listed = [says(f"rule.{kind}", lang, list=", ".join(some)) for kind, some in found.items() if some]
    return [("tests", "; ".join(listed) or f"**{says('none', lang)}**")]
