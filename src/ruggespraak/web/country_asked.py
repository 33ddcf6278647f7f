"""What the page that runs the country is asked: read from its address, which is all of the settings.

``population`` and what it needs (``ruggespraak[population]``) may not be here: nothing of it is imported before a page
asks for it, and the rest of the site goes on without it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from ruggespraak.pathway.editions import EDITIONS, edition

NEEDED = ("matplotlib", "numba", "numpy", "scipy")  # of the extra, for a run and its plots
PEOPLE = (10_000, 20_000, 50_000, 100_000)
MOST_OPTIONS, MOST_YEARS, MOST_SEED = 3, 30, 999_999
YEARS, SEED = 10, 1  # where the address says nothing
FIRST = ("current/as_now", "current/full_adherence", "")
"""What the form begins with."""
LONGEST = 40  # letters that are said back of what cannot be read

Errors = list[tuple[str, str]]


def able() -> bool:
    """Whether this installation can run the country."""
    return all(find_spec(name) for name in NEEDED)


@dataclass(frozen=True)
class Asked:
    """One run. ``options``: edition/scenario, the first of which is what the others are compared with."""

    options: tuple[str, ...]
    years: int
    people: int
    seed: int

    @property
    def query(self) -> str:
        """The address of this run: one for the same settings, whoever typed them."""
        said: list[tuple[str, Any]] = [("option", one) for one in self.options]
        said += [("years", self.years), ("people", self.people)]
        return urlencode(said + ([("seed", self.seed)] if self.seed != SEED else []), safe="/")

    @property
    def key(self) -> str:
        """A hash of the settings and of the software: another version of it computes anew.

        ``population.Run.digest`` says the same and more, but takes the compiler and 5 s an edition the first time.
        """
        return sha256(f"{_software()} {self.query}".encode()).hexdigest()

    @property
    def json(self) -> str:
        return json.dumps(asdict(self))


@cache
def _software() -> str:
    """The hash of all our code, rules, words and numbers."""
    found = sha256()
    package = Path(__file__).parents[1]
    for path in sorted(path for end in ("py", "toml", "csv") for path in package.rglob(f"*.{end}")):
        found.update(str(path.relative_to(package)).encode() + path.read_bytes())
    return found.hexdigest()


def choices(lang: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """All that can be chosen: per edition what it is called, and each option with its name."""
    from ruggespraak.population.scenarios import scenarios

    return [
        (
            edition(id).title[lang],
            [(f"{id}/{one.id}", f"{short_title(id, lang)} · {one.called(lang)}") for one in scenarios().values()],
        )
        for id in EDITIONS
    ]


def short_title(id: str, lang: str) -> str:
    """What an edition is called, without how far it was read."""
    return edition(id).title[lang].partition(" (")[0]


def filled(sent: Any) -> dict[str, Any]:
    """The form as this address fills it in. ``sent``: a QueryDict."""
    options = [*sent.getlist("option"), "", "", ""][:MOST_OPTIONS]
    return {
        "options": options if any(options) else list(FIRST),
        "years": sent.get("years", str(YEARS)),
        "people": sent.get("people", str(PEOPLE[-1])),
        "seed": sent.get("seed", ""),
    }


def read(sent: Any) -> tuple[Asked | None, Errors]:
    """The run that this address asks for, or what is wrong with it: field and words. Neither: it asks for nothing."""
    if not any(name in sent for name in ("option", "years", "people", "seed")):
        return None, []
    errors: Errors = []
    options = _options(sent.getlist("option"), errors)
    years = _number(sent, "years", YEARS, 1, MOST_YEARS, errors)
    people = sent.get("people", str(PEOPLE[-1]))
    if people not in map(str, PEOPLE):
        expected = ", ".join(map(str, PEOPLE))
        wrong = _("How many people: you gave “%(given)s”. Choose one of these: %(expected)s.")
        errors.append(("people", wrong % {"given": _said(people), "expected": expected}))
    seed = _number(sent, "seed", SEED, 0, MOST_SEED, errors)
    if errors:
        return None, errors
    return Asked(tuple(options), years, int(people), seed), []


def _options(said: list[str], errors: Errors) -> list[str]:
    from ruggespraak.population.scenarios import scenarios

    found: list[str] = []
    for number, one in enumerate(said, 1):
        name, _slash, scenario = one.partition("/")
        at = {"number": number, "given": _said(one)}
        if not one:
            continue
        if number > MOST_OPTIONS:
            wrong = _("Choice %(number)s: this is one too many. Compare %(most)s choices at most.")
            errors.append((f"option-{MOST_OPTIONS}", wrong % {"number": number, "most": MOST_OPTIONS}))
            break
        if name not in EDITIONS or scenario not in scenarios():
            wrong = _("Choice %(number)s: “%(given)s” does not exist. Choose one from the list.")
            errors.append((f"option-{number}", wrong % at))
        elif one in found:
            wrong = _("Choice %(number)s: you chose this before. Choose something else, or nothing.")
            errors.append((f"option-{number}", wrong % {"number": number}))
        else:
            found.append(one)
    if not found and not errors:
        errors.append(("option-1", _("Choice 1: nothing is chosen. Choose one from the list.")))
    return found


def _number(sent: Mapping[str, str], name: str, without: int, least: int, most: int, errors: Errors) -> int:
    said = sent.get(name, str(without)).strip()
    if said.isascii() and said.isdigit() and len(said) <= len(str(most)) and least <= int(said) <= most:
        return int(said)
    wrong = {
        "years": _("How many years: you gave “%(given)s”. Fill in a whole number from %(least)s to %(most)s."),
        "seed": _("Number for the luck: you gave “%(given)s”. Fill in a whole number from %(least)s to %(most)s."),
    }[name]
    errors.append((name, wrong % {"given": _said(said), "least": least, "most": most}))
    return without


def _said(given: str) -> str:
    return given if len(given) <= LONGEST else f"{given[:LONGEST]}…"
