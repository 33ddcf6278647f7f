"""Writes the generated pages of docs/: the pathway as a clinician reads it, its numbers, its sources, and the leaflet.

``python docs/generate.py`` writes them; with ``--check`` it only compares, and names the pages that are stale. What a
page says comes from the rules and the texts; here stands only how it is laid out. The pages are in Dutch, as are those
who must judge them. Whatever is this project's own choice, or from memory, says so in every place where it appears.
"""

from __future__ import annotations

import ast
import csv
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import count
from pathlib import Path

import auditing
import commands
import description
import hooks
import house
import links
import pathway_picture
import proofs
import readme
import safety

import device
from ruggespraak.documents import general
from ruggespraak.logic import Compare, Expression, Named, Or, mermaid, svg, table_row
from ruggespraak.pathway import numbers
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.rules import (
    Act,
    Alarm,
    Class,
    Edition,
    Imaging,
    Parameter,
    Recommendation,
    Referral,
    Review,
    Status,
    Urgency,
)
from ruggespraak.pathway.texts import LANGUAGES, in_words, plan_text, say, table, text, value_words, word

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
CHARTS = ("R1", "R5", "R6", "R8_new", "R9", "weigh_surgery")
GENERATED = (
    "<!-- Gemaakt door docs/generate.py uit de regels en teksten: niet met de hand wijzigen, maar `make docs`. -->"
)
WARNING = f"> **Let op.** {word('word.awaiting_review', 'nl')}. {word('word.not_device', 'nl')}."

Rule = Alarm | Class | Recommendation | Review


# -- pieces of a page -----------------------------------------------------------------------------------------------


def page(*parts: str) -> str:
    """A page of Markdown."""
    return "\n\n".join((GENERATED, *parts)) + "\n"


def grid(head: str, rows: Iterable[Iterable[str]]) -> str:
    """A table; ``head`` names its columns, with a comma between them."""
    columns = head.split(", ")
    return "\n".join([table_row(columns), "|" + "---|" * len(columns), *(table_row(list(row)) for row in rows)])


def bullets(*lines: str) -> str:
    return "\n".join(f"- {line}" for line in lines)


def both(name: str, id: str, part: str) -> str:
    """A text in Dutch, and then in English."""
    return f"“{text(name, id, part, 'nl')}” *“{text(name, id, part, 'en')}”*"


def how_soon(urgency: Urgency) -> str:
    return word(f"urgency.{urgency}.name", "nl")


def acts(found: Iterable[Act]) -> str:
    there = frozenset(found)
    return ", ".join(word(f"act.{act}", "nl") for act in Act if act in there)


# -- sources, and how well they were seen ---------------------------------------------------------------------------


@cache
def sources() -> dict[str, dict[str, str]]:
    """sources.csv by key."""
    with files("ruggespraak.pathway").joinpath("sources.csv").open(encoding="utf-8", newline="") as lines:
        return {row["key"]: row for row in csv.DictReader(lines)}


def cite(keys: Iterable[str]) -> str:
    """Source keys as links. Raises ValueError for a key that sources.csv does not have."""
    keys = tuple(keys)
    if strangers := [key for key in keys if key not in sources()]:
        raise ValueError(f"sources.csv has no {', '.join(strangers)}")
    return ", ".join(f"[{key}](sources.md#{key.lower()})" for key in keys) or "geen bron"


def seen(status: Status) -> str:
    """How well a claim was seen; what nobody read in a source stands out."""
    words = word(f"status.{status}", "nl")
    return f"**{words}**" if status in (Status.MEMORY, Status.OWN_CHOICE) else words


def rests_on(name: str, id: str) -> str:
    """What a text rests on: sources, or this project's own choice."""
    source = table(name)[id]["source"]
    return seen(Status.OWN_CHOICE) if source == "own choice" else cite(source.split())


# -- conditions and the numbers in them -----------------------------------------------------------------------------


@cache
def gathering() -> frozenset[str]:
    """The concepts that stand for whole rules or classes, not for findings of their own."""
    found = {one.name for name in EDITIONS for one in edition(name).concepts.values() if isinstance(one, Named)}
    return frozenset(found | {"specific_alarm", "nerve_alarm"})


def gathers(part: Expression) -> bool:
    return isinstance(part, Named) and (part.name in gathering() or part.name.startswith("before_"))


def condition(when: Expression, lang: str = "nl") -> str:
    """The condition in words. A condition that is one concept as a whole is told by what that concept says."""
    if isinstance(when, Named) and not gathers(when):
        when = when.part
    return in_words(when, lang, open_names=False)


def conditions(rule: Rule) -> list[Expression]:
    """Everything that this rule asks."""
    if isinstance(rule, Class):
        return [rule.when, *([rule.probable] if rule.probable is not None else [])]
    if isinstance(rule, Alarm):
        return [rule.when, *(when for _, when in rule.imaging if when is not None)]
    return [rule.when]


def own_parts(expression: Expression) -> Iterator[Expression]:
    """Every node that a condition itself speaks of; what it takes over from whole other rules is left out."""
    if not gathers(expression):
        for child in expression.children():
            yield from own_parts(child)
    yield expression


def limits(*expressions: Expression) -> list[float]:
    """The numbers that these conditions compare with."""
    return [part.limit for one in expressions for part in own_parts(one) if isinstance(part, Compare)]


def named(found: Iterable[object]) -> list[Parameter]:
    """Those that are parameters, each once."""
    return list({one.name: one for one in found if isinstance(one, Parameter)}.values())


def parameters(rule: Rule) -> list[Parameter]:
    """The parameters that a rule uses: in its conditions, as its clock, as its day."""
    found: list[object] = list(limits(*conditions(rule)))
    if isinstance(rule, Alarm):
        found += [image.within_hours for image, _ in rule.imaging]
    if isinstance(rule, Recommendation) and rule.imaging:
        found.append(rule.imaging.within_hours)
    if isinstance(rule, Review):
        found += [rule.after, rule.on_day]
    return named(found)


def amount(parameter: Parameter) -> str:
    return f"{parameter:g} {word(f'unit.{parameter.unit}', 'nl')}"


def number_link(parameter: Parameter, path: str = "") -> str:
    return f"[`{parameter.name}`]({path}numbers.md#{parameter.name})"


def number(parameter: Parameter) -> str:
    """A parameter with its value and how well it was seen."""
    return f"{number_link(parameter)} {amount(parameter)} ({seen(parameter.status)})"


def how_seen(rule: Rule) -> str:
    """The status of the rule, and of each number in it that no source states."""
    doubtful = [one for one in parameters(rule) if one.status in (Status.MEMORY, Status.OWN_CHOICE)]
    marks = [f"`{one.name}`: **{word(f'mark.{one.status}', 'nl')}**" for one in doubtful]
    return "; ".join([seen(rule.status), *marks])


# -- an edition: alarms ---------------------------------------------------------------------------------------------


def top_of_page(here: Edition) -> tuple[str, ...]:
    """What an edition is called, that no clinician has reviewed it, and when it must be read again."""
    reviewer = "nog niemand" if here.reviewer == "nobody yet" else here.reviewer
    return (
        f"# {here.title['nl']}",
        f"*{here.title['en']}*",
        f"{WARNING} Gebruik deze pagina om de regels te beoordelen, niet om over iemands zorg te beslissen.",
        bullets(
            f"Editie: `{here.id}`, versie {here.version}",
            f"Beoordeeld door: **{reviewer}**",
            f"Opnieuw te lezen vóór: {here.review_by.isoformat()}",
        ),
    )


def edition_page(here: Edition) -> str:
    statuses = "; ".join(f"{status}: {word(f'status.{status}', 'nl')}" for status in Status)
    return page(
        *top_of_page(here),
        f"Bij elke regel staat hoe de bewering is gezien ({statuses}). Wie iets niet weet of niet is gevraagd, zegt "
        "daarmee geen nee. De begrippen in een voorwaarde staan onder [Begrippen](#begrippen), de getallen in "
        "[numbers.md](numbers.md), de bronnen in [sources.md](sources.md).",
        "## Alarmen",
        grid(
            "Alarm, Rij, Verdenking, Hard of zacht, Hoe snel, Voorwaarde, Bronnen, Hoe gezien",
            map(alarm_row, here.alarms),
        ),
        "R18 en R19 zijn geen alarm op zichzelf, maar deel van elk besluit:",
        bullets(*(f"**{row}** {both('alarms', row, 'says')} ({rests_on('alarms', row)})" for row in ("R18", "R19"))),
        *(alarm_section(alarm, here) for alarm in here.alarms),
        "## Soorten klachten",
        "De eerste die geldt, is het antwoord; geldt er geen, dan is de klacht nog niet in te delen. Aspecifieke "
        "lagerugpijn heet pas waarschijnlijk als op elk hard alarm dat iemand zelf kan melden, nee is gezegd.",
        grid(
            "Nr., Soort klacht, Voorwaarde, Waarschijnlijk bij, Bronnen, Hoe gezien",
            map(class_row, count(1), here.classes),
        ),
        "## Adviezen",
        *(part for section in table("words")["section"] for part in advice_sections(section, here)),
        "## Controles",
        "Elk besluit heeft een gedateerde controle: de vroegste die past.",
        grid("Controle, Wanneer, Voorwaarde, Waarom, Bronnen, Hoe gezien", map(review_row, here.reviews)),
        "## Begrippen",
        grid("Begrip, Betekent, Getallen, Rust op", concept_rows(here)),
    )


def suspected(alarm: Alarm) -> str:
    return text("suspects", alarm.suspects, "term", "nl") if alarm.suspects else "–"


def tier(alarm: Alarm) -> str:
    return {"hard": "hard", "soft": "zacht"}[alarm.tier]


def alarm_row(alarm: Alarm) -> tuple[str, ...]:
    return (
        f"[{alarm.id}](#{alarm.id.lower()})",
        alarm.row,
        suspected(alarm),
        tier(alarm),
        how_soon(alarm.urgency),
        condition(alarm.when),
        cite(alarm.because),
        how_seen(alarm),
    )


def alarm_section(alarm: Alarm, here: Edition) -> str:
    about = f"rij {alarm.row}, {tier(alarm)}, {how_soon(alarm.urgency)}, verdenking: {suspected(alarm)}"
    parts = [
        f"### {alarm.id}",
        f"**{text('alarms', alarm.id, 'name', 'nl')}** ({about})",
        bullets(
            f"Voorwaarde: {condition(alarm.when)}.",
            f"*Condition: {condition(alarm.when, 'en')}.*",
            f"Tegen de patiënt: {both('alarms', alarm.id, 'says')}",
            *map(refer, alarm.refer),
            *(picture(image, when) for image, when in alarm.imaging),
            *map(tested, alarm.tests),
            *left_out(alarm),
            *grounds(alarm),
        ),
        *chart(alarm.id, here),
        f"```mermaid\n{mermaid(alarm.when, outcome(alarm), 'nl', say('nl'), value_words('nl'))}```",
    ]
    return "\n\n".join(parts)


def refer(referral: Referral) -> str:
    to = word(f"addressee.{referral.to}", "nl")
    return (
        f"Verwijzing: **{to}** ({cite(referral.because)}; {seen(referral.status)}). "
        f"Patiënt: “{text('referrals', referral.id, 'patient_does', 'nl')}” "
        f"Arts: “{text('referrals', referral.id, 'clinician_does', 'nl')}”"
    )


def picture(image: Imaging, when: Expression | None = None) -> str:
    parts = [word(f"imaging.{image.use}", "nl")]
    parts += [word(f"imaging_by.{image.by}", "nl")] if image.by else []
    parts += [f"Binnen {amount(image.within_hours)}"] if image.within_hours is not None else []
    parts += [f"Alleen bij: {condition(when)}"] if when is not None else []
    return f"Beeldvorming: {'. '.join(parts)}."


def tested(test: str) -> str:
    return f"Onderzoek: {both('tests', test, 'what')}. {both('tests', test, 'because')} ({rests_on('tests', test)})"


def left_out(rule: Alarm | Recommendation) -> list[str]:
    return [f"Verboden: {acts(rule.forbids)}."] if rule.forbids else []


def grounds(rule: Rule) -> list[str]:
    """The numbers, the sources and the status of a rule."""
    found = [f"Getal: {number(one)}" for one in parameters(rule)]
    return [*found, f"Bronnen: {cite(rule.because)}. Hoe gezien: {seen(rule.status)}."]


def chart(rule: str, here: Edition) -> list[str]:
    """The picture of a rule, which opens in full when it is clicked."""
    shown = here.id == "current" and rule in CHARTS
    return [f"[![Stroomschema van {rule}](charts/{rule}.svg)](charts/{rule}.svg)"] if shown else []


def outcome(rule: Alarm | Recommendation) -> str:
    """What a flow chart ends in."""
    name = text("alarms", rule.id, "name", "nl") if isinstance(rule, Alarm) else acts(rule.does)
    return f"{rule.id}: {name} ({how_soon(rule.urgency)})"


# -- an edition: classes, recommendations, reviews, concepts --------------------------------------------------------


def class_row(place: int, one: Class) -> tuple[str, ...]:
    return (
        str(place),
        word(f"complaint.{one.complaint}.term", "nl"),
        condition(one.when),
        condition(one.probable) if one.probable is not None else "–",
        cite(one.because),
        how_seen(one),
    )


def advice_sections(section: str, here: Edition, besides: Iterable[Rule] = ()) -> list[str]:
    """One heading of the plan with its recommendations; nothing where the edition has none but those ``besides``."""
    passed = {id(rule) for rule in besides}
    found = [
        advice_section(one, here) for one in here.recommendations if one.section == section and id(one) not in passed
    ]
    return [f"### {word(f'section.{section}', 'nl')}", *found] if found else []


def advice_section(advice: Recommendation, here: Edition) -> str:
    more = ["Alleen voor de arts."] if advice.audience == "clinician" else []
    more += [f"Hoe snel: {how_soon(advice.urgency)}."] if advice.urgency else []
    lines = bullets(
        f"Voorwaarde: {condition(advice.when)}.",
        f"Tekst: “{plan_text(advice.id, 'nl')}”",
        f"*Text: “{plan_text(advice.id, 'en')}”*",
        f"Doet: {acts(advice.does)}.",
        *more,
        *map(refer, advice.refer),
        *([picture(advice.imaging)] if advice.imaging else []),
        *left_out(advice),
        *grounds(advice),
    )
    return "\n\n".join([f"#### {advice.id}", lines, *chart(advice.id, here)])


def review_row(review: Review) -> tuple[str, ...]:
    moments = [f"na {number(review.after)}"] if review.after is not None else []
    moments += [f"{number(review.on_day)} vanaf het begin"] if review.on_day is not None else []
    return (
        f"`{review.id}`",
        ", ".join(moments),
        condition(review.when),
        both("reviews", review.id, "why"),
        cite(review.because),
        seen(review.status),
    )


def concept_rows(here: Edition) -> Iterator[tuple[str, ...]]:
    parts = (part for rule in here.rules() for one in conditions(rule) for part in one.walk())
    found = {part.name: part for part in parts if isinstance(part, Named) and part.name in table("concepts")}
    for name in sorted(found):
        alarms = gathered(found[name], here)
        yield (
            f"{text('concepts', name, 'says', 'nl')} (`{name}`)",
            f"een van: {alarms}" if alarms else in_words(found[name].part, "nl", open_names=False),
            "" if alarms else ", ".join(map(number, named(limits(found[name].part)))),
            rests_on("concepts", name),
        )
    yield text("concepts", "before", "says", "nl"), "wat onder Soorten klachten eerder staat", "", "PATHWAY §5"


def gathered(concept: Named, here: Edition) -> str:
    """The alarms of which a concept is the sum, as links; nothing where it is something else."""
    alarms = {id(alarm.when): alarm.id for alarm in here.alarms}
    parts = concept.part.parts if gathers(concept) and isinstance(concept.part, Or) else ()
    found = [alarms.get(id(part)) for part in parts]
    return ", ".join(f"[{one}](#{one.lower()})" for one in found if one) if all(found) else ""


# -- an edition that revises another one ----------------------------------------------------------------------------


def revision_page(here: Edition, old: Edition) -> str:
    """Only where an edition differs from the one that it revises. Raises ValueError for what this page cannot show."""
    if any(not any(rule is one for one in old.rules()) for rule in (*here.alarms, *here.classes, *here.reviews)):
        raise ValueError(f"{here.id} has alarms, classes or reviews of its own: this page shows none")
    kept = {rule.id for rule in here.recommendations}
    gone = [rule for rule in old.recommendations if rule.id not in kept]
    moved = [one for one in here.parameters if one is not old.parameter(one.name)]
    rows = [
        (number_link(one), amount(one), amount(old.parameter(one.name)), cite(one.because), seen(one.status))
        for one in moved
    ]
    return page(
        *top_of_page(here),
        f"Hier staat alleen waarin deze editie anders is dan [{old.title['nl']}]({old.id}.md). Al het andere is "
        "hetzelfde: ook de soorten klachten en de controles, en de alarmen (eigen keuze: in wat er van deze richtlijn "
        "is gelezen, staan geen andere). De begrippen in een voorwaarde staan "
        f"[daar]({old.id}.md#begrippen).",
        "## Vervallen",
        bullets(*(f"{rule_link(rule, f'{old.id}.md')}: “{plan_text(rule.id, 'nl')}”" for rule in gone)),
        "## Nieuw",
        *(part for section in table("words")["section"] for part in advice_sections(section, here, old.rules())),
        *(["## Andere getallen", grid("Getal, Hier, Daar, Bronnen, Hoe gezien", rows)] if rows else []),
    )


# -- all editions: numbers, sources ---------------------------------------------------------------------------------


@cache
def rules() -> tuple[tuple[str, Rule], ...]:
    """Every rule of every edition, each with a link to it. One that two editions share is shown in the first."""
    found: dict[int, tuple[str, Rule]] = {}
    for name in EDITIONS:
        for rule in edition(name).rules():
            found.setdefault(id(rule), (rule_link(rule, f"{name}.md"), rule))
    return tuple(found.values())


def rule_link(rule: Rule, path: str) -> str:
    if isinstance(rule, Class):
        return f"[soort klacht: {word(f'complaint.{rule.complaint}.term', 'nl')}]({path}#soorten-klachten)"
    return f"[{rule.id}]({path}#{'controles' if isinstance(rule, Review) else rule.id.lower()})"


def unique(found: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(found))


def numbers_page() -> str:
    bare: dict[float, list[str]] = {}
    for link, rule in rules():
        for limit in limits(*conditions(rule)):
            if not isinstance(limit, Parameter):
                bare.setdefault(limit, []).append(link)
    return page(
        "# De getallen van het zorgpad",
        WARNING,
        "Wat een regel overneemt van hele andere regels (een hard alarm, een soort klacht), telt niet mee.",
        grid("Getal, Waarde, Bronnen, Hoe gezien, Gebruikt in", map(number_row, numbers.ALL)),
        "## Getallen zonder naam",
        f"Deze staan los in een voorwaarde, zonder naam, eenheid of bron ({seen(Status.OWN_CHOICE)}).",
        grid("Getal, Gebruikt in", ((f"{limit:g}", unique(links)) for limit, links in sorted(bare.items()))),
    )


def number_row(one: Parameter) -> tuple[str, ...]:
    revised = {name: edition(name).parameter(one.name) for name in EDITIONS}
    others = [f"[{name}]({name}.md): {amount(new)}" for name, new in revised.items() if new is not one]
    uses = [(link, parameters(rule)) for link, rule in rules()]
    for name in EDITIONS:
        uses += [(f"afleiding van `{it.finding}`", named(limits(it.when))) for it in edition(name).derivations]
    found = [who for who, used in uses if one.name in {parameter.name for parameter in used}]
    return (
        f'<a id="{one.name}"></a>`{one.name}`',
        "; ".join([amount(one), *others]),
        "; ".join(f"{cite([key])} {sources()[key]['title']}" for key in one.because) or "geen bron",
        seen(one.status),
        unique(found) or "geen regel",
    )


def sources_page() -> str:
    resting: dict[str, list[str]] = {key: [] for key in sources()}
    for link, rule in rules():
        for key in claimed(rule):
            if key not in resting:
                raise ValueError(f"{link} names {key}, which sources.csv does not have")
            resting[key].append(link)
    for parameter in numbers.ALL:
        for key in parameter.because:
            resting[key].append(number_link(parameter))
    rows = {key: source_row(row) for key, row in sources().items()}
    return page(
        "# De bronnen van het zorgpad",
        "Of een bewering in de bron zelf is gelezen, staat bij de regel of het getal dat erop rust.",
        grid(
            "Bron, Titel, Organisatie, Jaar, Adres, Wat erop rust",
            ((*rows[key], unique(links)) for key, links in resting.items() if links),
        ),
        "## Bronnen waarop geen regel of getal rust",
        grid("Bron, Titel, Organisatie, Jaar, Adres", (rows[key] for key, links in resting.items() if not links)),
    )


def source_row(row: dict[str, str]) -> tuple[str, ...]:
    return (
        f'<a id="{row["key"].lower()}"></a>{row["key"]}',
        row["title"],
        row["organisation"],
        row["year"],
        row["address"],
    )


def claimed(rule: Rule) -> list[str]:
    """The sources of a rule and of its referrals."""
    referrals = rule.refer if isinstance(rule, Alarm | Recommendation) else ()
    return [*rule.because, *(key for one in referrals for key in one.because)]


# -- the leaflet ----------------------------------------------------------------------------------------------------


def leaflet_page() -> str:
    return page(
        "# De folder, zin voor zin",
        "Waar elke zin van [de folder](source/leaflet-nl.txt) in de software staat: welke regel, welk getal of welke "
        "tekst hem draagt, en welke toets dat bewaakt (de naam van de functie, met spaties). De regels "
        "van de folder staan in [pathway/leaflet.md](pathway/leaflet.md). Daarnaast staat in welke algemene folder de "
        "zin terugkomt, zo nodig verbeterd, en onder welk kopje; "
        "[test_general.py](../tests/documents/test_general.py) bewaakt per zin wat daar gezegd wordt.",
        grid(
            "Zin, Hoofdstuk, Van … tot, Gedragen door, Getoetst door, Algemene folder",
            map(sentence_row, leaflet_sentences()),
        ),
    )


def leaflet_sentences() -> list[dict[str, str | list[str]]]:
    """The leaflet in its order: per sentence its id, chapter, first and last words, and what carries it."""
    return list(table("leaflet_sentences")["sentence"])


def sentence_row(one: dict) -> tuple[str, ...]:
    return (
        one["id"],
        one["chapter"],
        " … ".join(dict.fromkeys((one["begins"], one["ends"]))),
        ", ".join(map(carrier, one["carried_by"])),
        "<br>".join(test_link(*test) for test in leaflet_tests().get(one["id"], ())) or "**geen**",
        "<br>".join(general_leaflet(*place) for place in general.carried(one["id"])) or "**geen**",
    )


def general_leaflet(id: str, section: str) -> str:
    """Where a general leaflet says it: its title and the heading."""
    here = table("leaflets")[id]
    title = "Elke folder" if id == general.EVERY else here["title"]["nl"]
    return f"{title}: *{here[section]['title']['nl']}*"


def test_link(file: str, name: str) -> str:
    """A test as the sentence that its name is."""
    return f"[{Path(file).name}](../{file}): {name.removeprefix('test_').replace('_', ' ')}"


def carrier(id: str) -> str:
    """A link to what carries a sentence. Raises KeyError for an id that is neither a number nor a rule."""
    if found := [one for one in numbers.ALL if one.name == id]:
        return number_link(found[0], "pathway/")
    return rule_link(edition("leaflet").rule(id), "pathway/leaflet.md")


@cache
def leaflet_tests() -> dict[str, list[tuple[str, str]]]:
    """Sentence id -> (file, name) of every test function marked ``@pytest.mark.leaflet("L12", "L13")``."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for id in marked(node):
                    found.setdefault(id, []).append((path.relative_to(ROOT).as_posix(), node.name))
    return found


def marked(test: ast.FunctionDef) -> Iterator[str]:
    """The sentences that a test says it holds."""
    for decorator in test.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.leaflet":
            yield from map(ast.literal_eval, decorator.args)


# -- all pages ------------------------------------------------------------------------------------------------------


def pages() -> dict[str, str]:
    """Every generated file: its path under docs/, and what must stand in it."""
    found = {"pathway/sources.md": sources_page(), "pathway/numbers.md": numbers_page(), "leaflet.md": leaflet_page()}
    found["../README.md"] = readme.page()
    found["proof.md"] = page(proofs.page(readme.measured()))
    found["security.md"] = page(safety.page())
    found["cds_hooks.md"] = page(hooks.page())
    found["population.md"] = page(description.page())
    found["audit.md"] = page(auditing.page())
    found |= {f"device/{name}": page(text) for name, text in device.pages().items()}
    found |= {f"device/{name}": picture for name, picture in device.pictures().items()}
    found["reference/commands.md"] = page(commands.page())
    found["external_links.md"] = page(links.page())
    found["architecture.md"], found["architecture.svg"] = page(house.page()), house.drawing()
    for lang in LANGUAGES:
        found[f"pictures/pathway.{lang}.svg"] = pathway_picture.picture(lang)
    for name in EDITIONS:
        here = edition(name)
        whole = edition_page(here) if here.revises is None else revision_page(here, edition(here.revises))
        found[f"pathway/{name}.md"] = whole
    for name in CHARTS:
        rule = edition("current").rule(name)
        found[f"pathway/charts/{name}.svg"] = svg(rule.when, outcome(rule), "nl", say("nl"), value_words("nl"))
    return found


def stale(wanted: dict[str, str]) -> list[str]:
    """The files under docs/ that are not what they should be, and those of docs/pathway that are no longer made."""
    there = {path.relative_to(DOCS).as_posix() for path in (DOCS / "pathway").rglob("*") if path.is_file()}
    return sorted(name for name in there | wanted.keys() if written(DOCS / name) != wanted.get(name))


def written(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def main() -> int:
    wanted = pages()
    found = stale(wanted)
    if "--check" in sys.argv[1:]:
        for name in found:
            print(f"docs/{name} is stale: run make docs")
        return 1 if found else 0
    for name in found:
        path = DOCS / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8", newline="\n")
        else:
            path.unlink()
        print(f"docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
