"""The description of the country for reviewers: ``docs/population.template.md`` with its tables filled in.

The tables come from the files that the model itself reads, and from ``population.json``, which ``population.py`` makes;
nothing is run here. ``population.toml`` holds why a target is missed, and which test holds what.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ruggespraak.cli.country import as_markdown
from ruggespraak.logic import table_row
from ruggespraak.pathway.rules import Status
from ruggespraak.pathway.texts import word as pathway_word
from ruggespraak.population import care, leaflet_figures, money
from ruggespraak.population.kernel.tally import BANDS, CAUSES, GROUPS, MEASURES, STATES
from ruggespraak.population.parameters import Parameter, parameters
from ruggespraak.population.report import unit
from ruggespraak.population.scenarios import scenarios
from ruggespraak.population.simulate import BATCHES, Z
from ruggespraak.population.targets import Target, targets
from ruggespraak.population.words import word
from ruggespraak.wording import number

DOCS = Path(__file__).resolve().parents[1]
GROUPS_OF_PARAMETERS = {
    "onset": "Onset",
    "kind": "Kind and severity",
    "course": "Course",
    "effect": "What care does to the course",
    "care": "Care",
    "practice": "Practice as it is now",
    "surgery": "The hernia operation",
    "work": "Work",
    "price": "Prices",
    "quality": "Quality of life",
}
EDGE = 20  # a part of a range so small counts as its end


@cache
def figures() -> dict[str, Any]:
    """population.json."""
    found: dict[str, Any] = json.loads((DOCS / "population.json").read_text(encoding="utf-8"))
    return found


@cache
def said() -> dict[str, Any]:
    """population.toml."""
    return tomllib.loads((DOCS / "population.toml").read_text(encoding="utf-8"))


def page() -> str:
    """The page. Raises ValueError for a mark in the template that nothing fills."""
    text = (DOCS / "population.template.md").read_text(encoding="utf-8")
    for name, block in blocks().items():
        text = text.replace(f"<!-- {name} -->", block)
    if left := re.findall(r"<!-- (.+?) -->", text):
        raise ValueError(f"population.template.md: nothing fills {', '.join(left)}")
    return text.rstrip()


def blocks() -> dict[str, str]:
    """What stands at each mark of the template."""
    found = figures()
    return {
        "warning": f"{pathway_word('word.awaiting_review', 'en')}. {pathway_word('word.not_device', 'en')}",
        **_counted(),
        "parameters": "\n\n".join(_parameters()),
        "people": _people(),
        "targets": _targets(),
        "fit": _fit(),
        "fitted": _fitted(),
        "missed": "\n".join(_missed()),
        "states": _states(),
        "measures": _measures(),
        "causes": ", ".join(word(f"cause.{one}", "en") for one in CAUSES),
        "groups": ", ".join(word(f"group.{one}", "en") for one in GROUPS),
        "weekly": ", ".join(word(f"state.{one}", "en") for one in STATES),
        "scenarios": _scenarios(),
        "compared": "\n\n".join(_compared()),
        "discounted": _discounted(),
        "trial": _trial(),
        "readings": _readings(),
        "finding en": leaflet_figures.finding("en"),
        "finding nl": leaflet_figures.finding("nl"),
        "about money": money.ABOUT["en"],
        "checked": _table(["what", "held by"], _checked()),
        "manifest": "```json\n" + json.dumps(found["scenarios"]["manifest"], indent=1) + "\n```",
        **{f"picture {name}": f"![{alt}](pictures/{name}.svg)" for name, alt in found["pictures"].items()},
    }


# -- pieces ---------------------------------------------------------------------------------------------------------


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = list(head)
    return "\n".join([table_row(columns), "|" + "---|" * len(columns), *(table_row(list(row)) for row in rows)])


def _cited(keys: Iterable[str]) -> str:
    return ", ".join(f"[{key}](pathway/en/sources.md#{key.lower()})" for key in keys) or "–"


def _seen(status: Status) -> str:
    """How well it was seen; what nobody read in a source stands out."""
    words = pathway_word(f"status.{status}", "en")
    return f"**{words}**" if status in (Status.OWN_CHOICE, Status.MEMORY) else words


def _percent(share: float, digits: int = 0) -> str:
    return f"{number(100 * share, 'en', digits)} %"


def _of(target: Target, value: float, finer: int = 0) -> str:
    """A figure in the unit of its target; ``finer``: so many digits more, for an error."""
    if target.unit.startswith("share"):
        return _percent(value, 1 + finer)
    return number(value, "en", (0 if target.value >= 100 else 1 if target.value >= 10 else 3) + finer)


# -- what was counted for the text ----------------------------------------------------------------------------------


def _counted() -> dict[str, str]:
    """The numbers that stand in the sentences of the page."""
    found, known = figures(), parameters().known.values()
    by_status = Counter(one.status for one in known)
    fitted = [one for one in known if one.fitted]
    unfitted = sum(one.status is Status.OWN_CHOICE and not one.fitted for one in known)
    prices = [one for one in known if one.id.startswith(("price.", "quality."))]
    in_fit = [one for one in targets() if one.fit]
    missed = {one.id: abs(off(one)) for one in targets()}
    measures = found["scenarios"]["options"][0]["measures"]
    leaflet = found["leaflet"]
    return {
        "n parameters": str(len(known)),
        "freedom": str(len(in_fit) - len(fitted)),
        "at edge": _at_edge(),
        "physiotherapy share": _percent(_physiotherapy()),
        "n own": str(by_status[Status.OWN_CHOICE]),
        "n own not fitted": str(unfitted),
        "n fitted": str(len(fitted)),
        "n memory": str(by_status[Status.MEMORY]),
        "n read": str(by_status[Status.READ]),
        "n reported": str(by_status[Status.REPORTED]),
        "n prices": str(len(prices)),
        "n prices own": str(sum(one.own_choice for one in prices)),
        "n targets": str(len(targets())),
        "n in fit": str(len(in_fit)),
        "n held out": str(len(targets()) - len(in_fit)),
        "n near": str(sum(missed[one.id] < 2 for one in in_fit)),
        "n near held out": str(sum(missed[one.id] < 2 for one in targets() if not one.fit)),
        "n scenarios": str(len(scenarios())),
        "n states": f"{len(care.PRESENTATIONS) * len(care.FROM_DAY) * len(care.FROM_AGE) * 3 * 2 * 3:,}",
        "n measures": str(len(MEASURES)),
        "n bands": str(BANDS),
        "n batches": str(BATCHES),
        "price year": str(money.PRICE_YEAR),
        "fit runs": f"{found['fit']['runs']:,}",
        "fit people": f"{found['fit']['people']:,}",
        "fit years": str(found["fit"]["years"]),
        "fit chi2": f"{found['fit']['chi2']:.1f}",
        "base chi2": f"{found['base']['chi2']:.1f}",
        "base seeds": str(found["base"]["seeds"]),
        "walkers": str(found["posterior"]["walkers"]),
        "steps": str(found["posterior"]["steps"]),
        "walked people": f"{found['posterior']['people']:,}",
        "walked runs": f"{found['posterior']['walkers'] * found['posterior']['steps']:,}",
        "acceptance": _percent(found["posterior"]["acceptance"]),
        "independent": f"{found['posterior']['independent']:.0f}",
        "scenario people": f"{found['scenarios']['manifest']['people']:,}",
        "scenario years": str(found["scenarios"]["manifest"]["years"]),
        "patients": f"{found['trial']['found']['patients']:,}",
        "episodes a person": f"{measures['episodes']['value'] / measures['lived']['value']:.2f}",
        "run first": _percent(leaflet["run"]["first_episodes"], 1),
        "run cases": _percent(leaflet["run"]["gp_cases"], 1),
        "run episodes": _percent(leaflet["run"]["episodes"]),
        "first among cases": f"{100 * leaflet['first_among_gp_cases']:.0f}",
        "births": f"{round(leaflet['births'], -3):,.0f}",
        "everybody": _percent(leaflet["everybody"], 2),
        "three quarters": _percent(leaflet["three_quarters"], 2),
        "most at once": _percent(leaflet["most_at_once"], 2),
        "begins": f"{leaflet['readings']['from_age']['begins']:.0f}",
        "versions": ", ".join(f"{name} {version}" for name, version in found["versions"].items()),
        "options": " ".join(f"--scenario {one['scenario']}" for one in found["scenarios"]["options"]),
    }


def _physiotherapy() -> float:
    """The part of the cost of care now that is physiotherapy."""
    now = figures()["scenarios"]["options"][0]
    sessions: float = now["measures"]["physiotherapist"]["value"]
    return sessions * parameters()["price.physiotherapist"] / float(now["euros"]["care"]["value"])


def _at_edge() -> str:
    """The fitted parameters that would go further if they were allowed to, by name; nothing where there are none."""
    known = [parameters().known[id] for id in figures()["fit"]["values"]]
    found = [
        f"`{one.id}`"
        for one in known
        if min(one.value - one.low, one.high - one.value) < (one.high - one.low) / EDGE and one.low < one.high
    ]
    if not found:
        return ""
    return f"At an edge of the range that it was allowed, itself an own choice: {', '.join(found)}."


# -- data -----------------------------------------------------------------------------------------------------------


def _parameters() -> Iterator[str]:
    """A table for each group; a group without a title here is an error."""
    for group in dict.fromkeys(id.partition(".")[0] for id in parameters()):
        yield f"**{GROUPS_OF_PARAMETERS[group]}**"
        yield _table(
            ["parameter", "value", "range", "unit", "law", "source", "how seen", "note"],
            map(_parameter, parameters().group(group)),
        )


def _parameter(one: Parameter) -> list[str]:
    return [
        f"`{one.id}`",
        f"{one.value:g}",
        "–" if one.low == one.high else f"{one.low:g}–{one.high:g}",
        one.unit,
        one.distribution,
        _cited(one.because),
        "**own choice: fitted**" if one.fitted else _seen(one.status),
        one.note,
    ]


def _people() -> str:
    listed = tomllib.loads(files("ruggespraak.population").joinpath("people.toml").read_text(encoding="utf-8"))
    names = {
        "bands": "people by five bands of age, 1 January 2019",
        "sexes": "men and women, 1 January 2023",
        "country": "people that a run stands for",
        "born": "boys for each girl",
        "death": "chance to die by age and sex, 1995/96–1999/2000",
        "expectancy_men": "life expectancy at birth, men",
        "expectancy_women": "life expectancy at birth, women",
    }

    def figure(one: dict[str, Any]) -> str:
        held = next((one[name] for name in ("total", "ratio", "years") if name in one), None)
        if held is None and "men" in one and not isinstance(one["men"], list):
            return f"{one['men']:,} and {one['women']:,}"
        return f"{held:,}" if held is not None else f"{len(one['men'])} intervals of age"

    rows = [[names[id], figure(one), one["source"], _seen(Status(one["status"]))] for id, one in listed.items()]
    return _table(["what", "figure", "source", "how seen"], rows)


def _targets() -> str:
    rows = (
        [
            word(f"target.{one.id}", "en"),
            f"{one.value:,.10g}",
            f"{one.spread:,.10g}",
            one.unit,
            _cited(one.because),
            _seen(one.status),
            "yes" if one.fit else "held out",
            one.note,
        ]
        for one in targets()
    )
    return _table(["target", "published", "spread", "unit", "source", "how seen", "in the fit", "note"], rows)


# -- calibration ----------------------------------------------------------------------------------------------------


def off(target: Target) -> float:
    """How far the country is from a target, in its spread."""
    reached: float = figures()["base"]["reached"][target.id]["value"]
    return (reached - target.value) / target.spread


def _fit() -> str:
    rows = []
    for one in targets():
        reached = figures()["base"]["reached"][one.id]
        low, _, high = figures()["posterior"]["reached"][one.id]
        rows.append(
            [
                word(f"target.{one.id}", "en"),
                f"{_of(one, one.value)} ± {_of(one, one.spread)}",
                f"{_of(one, reached['value'])} ± {_of(one, reached['error'], 1)}",
                f"{off(one):+.1f}".replace("-", "−"),
                f"{_of(one, low)} – {_of(one, high)}",
                "yes" if one.fit else "held out",
            ]
        )
    head = ["target", "published ± spread", "reached ± Monte-Carlo error", "off, in spreads", "95 % of the posterior"]
    return _table([*head, "in the fit"], rows)


def _fitted() -> str:
    rows = []
    for id, (low, middle, high) in figures()["posterior"]["values"].items():
        one = parameters().known[id]
        best = figures()["fit"]["values"][id]
        posterior = f"{low:.3g} – {high:.3g}"
        rows.append([f"`{id}`", f"{one.value:g}", f"{best:g}", f"{middle:.3g}", posterior, f"{one.low:g}–{one.high:g}"])
    return _table(["parameter", "base case", "best fit", "median", "95 % of the posterior", "allowed"], rows)


def _missed() -> Iterator[str]:
    """Each target that is off by its spread or more, with the reason; one for the other side is none."""
    for one in sorted(targets(), key=lambda one: -abs(off(one))):
        if abs(off(one)) >= 1:
            much = f"{abs(off(one)):.1f} spreads too {side(one)}"
            why = said()["why"].get(one.id, {})
            reason = why["says"] if why.get("side") == side(one) else "**Not explained yet.**"
            yield f"- **{word(f'target.{one.id}', 'en')}**, {much}. {reason}"


def side(target: Target) -> str:
    return "high" if off(target) > 0 else "low"


# -- logic ----------------------------------------------------------------------------------------------------------


def _states() -> str:
    rows = [
        ["how the complaint shows itself", ", ".join(f"`{one}`" for one in care.PRESENTATIONS)],
        ["days since the onset, from", ", ".join(map(str, care.FROM_DAY))],
        ["age, from", ", ".join(map(str, care.FROM_AGE))],
        ["alarm questions that are answered", ", ".join(f"`{one}`" for one in care.ASKED)],
        ["at home sick for a week or longer", "no, yes"],
        ["treatments that did not help", ", ".join(map(str, care.FAILED))],
    ]
    return _table(["what", "classes"], rows)


def _measures() -> str:
    by_unit: dict[str, list[str]] = {}
    for one in MEASURES:
        by_unit.setdefault(unit(one), []).append(word(f"measure.{one}", "en"))
    return _table(["unit", "counted"], ([one, "; ".join(names)] for one, names in by_unit.items()))


def _scenarios() -> str:
    def changes(given: dict[str, float | str]) -> str:
        return ", ".join(f"`{name}` = {value}" for name, value in given.items()) or "nothing"

    rows = ([f"`{one.id}`", one.en, changes(one.changes)] for one in scenarios().values())
    return _table(["scenario", "in words", "changes to practice as it is now"], rows)


# -- results --------------------------------------------------------------------------------------------------------


def _compared() -> Iterator[str]:
    """Two tables, so that each fits a page; the first option stands in both."""
    first, *others = figures()["scenarios"]["options"]
    for some in (others[:4], others[4:]):
        table, _, _ = as_markdown({**figures()["scenarios"], "options": [first, *some]}, "en").partition("\n\n")
        yield table


def _discounted() -> str:
    """Each scenario less practice as it is now, over the whole run."""

    def cell(one: dict[str, float], unit: float) -> str:
        extra, wide = one["extra"] / unit, Z * one["extra_error"] / abs(unit)
        digits = 0 if wide >= 10 or wide == 0 else 1 if wide >= 1 else 2
        return f"{number(extra, 'en', digits)} ± {number(wide, 'en', digits)}" if wide else number(extra, "en", digits)

    rows = []
    for one in figures()["scenarios"]["options"][1:]:
        whole = one["whole_run"]
        euros = [cell(whole["euros"][perspective], 1e6) for perspective in money.PERSPECTIVES]
        rows.append([scenarios()[one["scenario"]].en, *euros, cell(whole["quality_lost"], -1)])
    head = [f"million euro: {word(f'perspective.{one}', 'en')}" for one in money.PERSPECTIVES]
    return _table(["less practice as now", *head, "QALYs gained"], rows)


def _trial() -> str:
    found, published = figures()["trial"]["found"], figures()["trial"]["published"]
    names = {
        "operated": "operated within a year",
        "median_to_operation": "weeks until the operation, median",
        "mean_to_operation": "weeks until the operation, mean",
        "median_to_recovery": "weeks until recovery, median",
        "recovered": "recovered at one year",
    }

    def shown(name: str, value: float) -> str:
        return f"{value:.1f}" if "_to_" in name else _percent(value)

    rows = (
        [called, *(shown(name, of[f"{name}_{arm}"]) for arm in ("early", "waiting") for of in (published, found))]
        for name, called in names.items()
    )
    return _table(["", "early: published", "early: here", "waiting: published", "waiting: here"], rows)


def _readings() -> str:
    leaflet = figures()["leaflet"]
    begins = f"{leaflet['readings']['from_age']['begins']:.0f}"
    names = {
        "from_birth": "5 % of who never had it, each year from birth",
        "from_age": f"5 % of who never had it, each year from the age of {begins}",
        "that_fits": "the share of who never had it that fits, each year from birth",
        "model": "this model (its law, before anybody lives)",
    }
    most, less = (_percent(leaflet[name], 2) for name in ("everybody", "three_quarters"))
    rows = [
        ["the leaflet, if both are first times", "5 %", "–", "75 %"],
        ["the most: everybody once, in a country that stays as large", most, "–", "100 % in the end"],
        ["three quarters once, in a country that stays as large", less, "–", "75 % in the end"],
    ]
    for id, one in leaflet["readings"].items():
        ever = f"{_percent(one['ever_of_adults'])} (of all people {_percent(one['ever_of_all'])})"
        rows.append([names[id], _percent(one["new"], 2), _percent(one["a_year"], 1), ever])
    head = ["reading", "first times a year, of all people", "of who never had it", "ever had it, of adults"]
    return _table(head, rows)


def _checked() -> Iterator[list[str]]:
    for one in said()["checked"]:
        yield [one["what"], "<br>".join(map(_test, one["tests"]))]


def _test(name: str) -> str:
    """A test as the sentence that its name is."""
    path, _, test = name.partition("::")
    return f"[{Path(path).name}](../{path}): {test.removeprefix('test_').replace('_', ' ')}"
