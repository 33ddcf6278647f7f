"""What is proven, as data and as a page: ``docs/proof.json`` from the proofs themselves, ``docs/proof.md`` from that.

``python docs/making/proofs.py`` tries every property of every edition and compares the editions; it takes half a minute
and needs the extra ``[proof]``. ``generate.py`` lays the page out, and needs no solver. The page is in Dutch.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ruggespraak.logic import table_row
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.texts import word

DOCS = Path(__file__).resolve().parents[1]
FILE = DOCS / "proof.json"
PAIRS = (("leaflet", "current"), ("current", "nice"), ("current", "acp"), ("nice", "acp"))


def found() -> dict[str, Any]:
    """Everything that the proofs say now."""
    from ruggespraak.proof import alarms_of_the_pathway, diff, prove
    from ruggespraak.proof.words import as_data, as_markdown, explained, says

    verdicts = [one for name in EDITIONS for one in prove(edition(name), alarms_of_the_pathway())]
    compared = [diff(edition(first), edition(second)) for first, second in PAIRS]
    return {
        "verdicts": [
            {
                "number": one.number,
                "property": one.property,
                "says": says(f"property.{one.property}", "nl"),
                "edition": one.edition,
                "verdict": one.verdict,
                "in_words": says(f"verdict.{one.verdict}", "nl"),
                "seconds": round(one.seconds, 1),
                "about": list(one.about),
                "shown": explained(one, "nl"),
            }
            for one in verdicts
        ],
        "differences": [{**as_data(one), "page": as_markdown(one, "nl")} for one in compared],
    }


def page(measured: dict[str, Any]) -> str:
    """The page for a clinician. ``measured``: docs/measured.json."""
    proven = json.loads(FILE.read_text(encoding="utf-8"))
    text = (DOCS / "proof.template.md").read_text(encoding="utf-8")
    blocks = {
        "warning": f"> **Let op.** {word('word.awaiting_review', 'nl')}. {word('word.not_device', 'nl')}.",
        "verdicts": _verdicts(proven["verdicts"]),
        "leaflet": _counterexamples(proven["verdicts"]),
        "mutants": _mutants(measured.get("mutants", {})),
        **{f"{one['first']}-{one['second']}": _comparison(one) for one in proven["differences"]},
    }
    for name, block in blocks.items():
        text = text.replace(f"<!-- {name} -->", block)
    return text


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = list(head)
    return "\n".join([table_row(columns), "|" + "---|" * len(columns), *(table_row(list(row)) for row in rows)])


def _verdicts(found: list[dict[str, Any]]) -> str:
    rows = []
    for first in (one for one in found if one["edition"] == "current"):
        mine = {one["edition"]: one for one in found if one["property"] == first["property"]}
        verdicts = [mine[name]["in_words"] for name in EDITIONS]
        rows.append([str(first["number"]), first["says"], *verdicts, f"{first['seconds']:.1f}"])
    return _table(
        ["Nr.", "Wat voor elke patiënt geldt", *(f"`{name}`" for name in EDITIONS), "Seconden (`current`)"], rows
    )


def _counterexamples(found: list[dict[str, Any]]) -> str:
    parts = []
    for one in found:
        if one["verdict"] == "counterexample":
            lines = [line if line.startswith(("- ", "{")) else f"\n{line}\n" for line in one["shown"]]
            shown = "\n".join(f"\n```json\n{line}\n```" if line.startswith("{") else line for line in lines)
            parts.append(f"### {one['number']}. {one['says']} (`{one['edition']}`)\n\n{shown.strip()}")
    return "\n\n".join(parts)


def _comparison(one: dict[str, Any]) -> str:
    """The table of two editions, under a heading one level lower than by itself."""
    return f"#{one['page']}".strip()


def _mutants(found: dict[str, Any]) -> str:
    rows = [
        [
            f"`{name}`",
            str(one["mutants"]),
            str(one["killed"].get("evidence", 0) + one["killed"].get("published", 0)),
            str(one["killed"].get("property", 0)),
            str(one["killed"].get("equivalent", 0)),
            str(one["survivors"]),
        ]
        for name, one in found.items()
    ]
    head = [
        "Editie",
        "Fouten",
        "Opgemerkt door een patiënt",
        "Opgemerkt door een eigenschap",
        "Bewezen geen fout",
        "Onopgemerkt",
    ]
    return _table(head, rows)


def main() -> None:
    FILE.write_text(json.dumps(found(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(FILE.relative_to(DOCS.parent))


if __name__ == "__main__":
    main()
