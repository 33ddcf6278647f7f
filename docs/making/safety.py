"""The page on who may do what and what was tried, of ``docs/security.template.md`` and ``docs/asvs.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruggespraak.clinic.roles import MAY, Act, Role

DOCS = Path(__file__).resolve().parents[1]
ROLES = {
    Role.GP: "GP",
    Role.PHYSIOTHERAPIST: "physiotherapist",
    Role.NURSE: "practice nurse",
    Role.MANAGER: "practice manager",
    Role.PRIVACY_OFFICER: "privacy officer",
}
ACTS = {
    Act.WORK: "the worklist, taking in a patient",
    Act.READ: "reading a record",
    Act.WRITE: "contacts, examinations, following advice or not, handing over",
    Act.DECIDE: "letters, weighing an operation, correcting, who may open a record",
    Act.MEMBERS: "who works here, in which role",
    Act.CARDS: "what was done with advice cards, in numbers",
    Act.AUDIT: "how far care followed the pathway, in numbers",
    Act.LOG: "who looked; signing off emergencies",
}


def items() -> list[dict[str, Any]]:
    """The items of the ASVS that are answered, each with ``id``, ``asks``, ``how``, and ``tests`` or ``left``."""
    found: list[dict[str, Any]] = tomllib.loads((DOCS / "asvs.toml").read_text(encoding="utf-8"))["item"]
    return found


def page() -> str:
    """The page, its tables filled in."""
    template = (DOCS / "security.template.md").read_text(encoding="utf-8")
    return template.replace("<!-- roles -->", _roles()).replace("<!-- asvs -->", _asvs()).rstrip()


def _roles() -> str:
    head = f"| | {' | '.join(ROLES[role] for role in Role)} |\n|---|{'---|' * len(Role)}"
    rows = (f"| {ACTS[act]} | {' | '.join('yes' if role in MAY[act] else '–' for role in Role)} |" for act in Act)
    return "\n".join([head, *rows])


def _asvs() -> str:
    return "\n".join(["| item | asks | here | test |", "|---|---|---|---|", *_rows()])


def _rows() -> Iterator[str]:
    for one in items():
        tests = "<br>".join(f"[{name.partition('::')[2]}](../{name.partition('::')[0]})" for name in one["tests"])
        left = f" **Not met:** {one['left']}" if "left" in one else ""
        yield f"| {one['id']} | {one['asks']} | {one['how']}{left} | {tests or '–'} |"
