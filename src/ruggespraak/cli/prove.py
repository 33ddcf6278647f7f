"""``rug prove``: every property of every patient, proven or with a patient of whom it does not hold."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from ruggespraak.cli.extra import extra
from ruggespraak.cli.folded import folded
from ruggespraak.pathway.editions import DEFAULT, EDITIONS
from ruggespraak.pathway.editions import edition as edition_by_id
from ruggespraak.pathway.texts import LANGUAGES

if TYPE_CHECKING:
    from ruggespraak.proof import Verdict

BROKEN, GAVE_UP = 1, 3


@click.command()
@click.option(
    "--edition",
    "editions",
    type=click.Choice(EDITIONS),
    multiple=True,
    default=[DEFAULT],
    show_default=True,
    help="Edition to prove; may be given more than once.",
)
@click.option("--lang", type=click.Choice(LANGUAGES), default="nl", show_default=True, help="Language of the texts.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds for one property.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a property, and nothing else.")
def prove(editions: tuple[str, ...], lang: str, timeout: float, as_json: bool) -> None:
    """Try every property of DESIGN §6 on an edition, over all patients, known and unknown.

    Every edition answers to the alarms of the default edition too. Exit status: 0 when all is proven, 1 with a
    counterexample, 3 when the solver gave up on one and nothing was found.
    """
    with extra("proof"):
        from ruggespraak.proof import COUNTEREXAMPLE, UNKNOWN, alarms_of_the_pathway
        from ruggespraak.proof import prove as prove_edition
    found = set()
    try:
        for name in editions:
            for verdict in prove_edition(edition_by_id(name), alarms_of_the_pathway(), timeout):
                found.add(verdict.verdict)
                click.echo(json.dumps(_json(verdict), ensure_ascii=False) if as_json else folded(_text(verdict, lang)))
        if not as_json:
            click.echo(folded(_closing(lang)))
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(BROKEN if COUNTEREXAMPLE in found else GAVE_UP if UNKNOWN in found else 0)


def _closing(lang: str) -> str:
    from ruggespraak.proof.words import says

    return "\n" + says("say.not_a_proof_of_medicine", lang)


def _text(verdict: Verdict, lang: str) -> str:
    """One property: a row, its sentence, and the patient where there is one."""
    from ruggespraak.proof.words import explained, says

    row = (
        f"{verdict.number:>2}  {verdict.property:<17} {verdict.edition:<9} "
        f"{says(f'verdict.{verdict.verdict}', lang):<15} {verdict.seconds:6.2f} s"
    )
    lines = [says(f"property.{verdict.property}", lang), *explained(verdict, lang)]
    return "\n".join([row, *(f"    {line}" for line in lines)])


def _json(verdict: Verdict) -> dict[str, Any]:
    from ruggespraak.consult import as_json
    from ruggespraak.proof.words import explained

    return {
        "number": verdict.number,
        "property": verdict.property,
        "edition": verdict.edition,
        "verdict": verdict.verdict,
        "seconds": round(verdict.seconds, 3),
        "about": list(verdict.about),
        "case": as_json(verdict.case) if verdict.case else None,
        "after": as_json(verdict.after) if verdict.after else None,
        "in_words": {lang: explained(verdict, lang) for lang in LANGUAGES},
    }
