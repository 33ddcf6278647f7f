"""What the country is called, in Dutch and English (``words.toml``), and in which unit a measure is shown."""

from __future__ import annotations

import difflib
import tomllib
from functools import cache
from importlib.resources import files

from ruggespraak.population.kernel.tally import DAY, YEAR

LANGS = ("nl", "en")
# Measures that the kernel counts in hours: the unit in which they are read, and how many hours that is.
_IN_HOURS = {
    "lived": ("years", YEAR),
    "lived_ever": ("years", YEAR),
    "pain_mild": ("days", DAY),
    "pain_moderate": ("days", DAY),
    "pain_severe": ("days", DAY),
    "sick": ("days", DAY),
    "sick_friction": ("days", DAY),
    "disabled": ("days", DAY),
    "hours_late": ("hours", 1),
}


@cache
def words() -> dict[str, dict[str, str]]:
    """Every word, by id ("measure.gp"), in each language."""
    listed = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
    return dict(_flat(listed, ""))


def _flat(part: dict[str, object], before: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    for name, one in part.items():
        if not isinstance(one, dict):
            raise ValueError(f"words.toml: {before}{name} is {one!r}, expected nl and en")
        found += [(before + name, one)] if set(one) == set(LANGS) else _flat(one, f"{before}{name}.")
    return found


def word(id: str, lang: str) -> str:
    """What this is called, such as "measure.gp" in "nl". Raises KeyError that names the nearest id, or the languages."""
    known = words()
    if lang not in LANGS:
        raise KeyError(f"language {lang!r} given, one of {', '.join(LANGS)} expected")
    if id not in known:
        near = difflib.get_close_matches(id, known, 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise KeyError(f"words.toml has no word {id!r}{meant}")
    return known[id][lang]


def shown(measure: str) -> tuple[str, int]:
    """The unit in which a measure is read ("days"), and how many counts of the kernel it is (24); ("times", 1)."""
    return _IN_HOURS.get(measure, ("times", 1))
