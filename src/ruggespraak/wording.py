"""How a part of the house names what it counts (its ``words.toml``), and how Dutch and English write a number."""

from __future__ import annotations

import difflib
import tomllib
from decimal import Decimal
from functools import cache
from importlib.resources import files

LANGS = ("nl", "en")
JOIN = "\N{NO-BREAK SPACE}"
BILLION, MILLION = {"nl": "miljard", "en": "billion"}, {"nl": "miljoen", "en": "million"}
_LARGE = ((1e9, BILLION), (1e6, MILLION))


@cache
def words(package: str) -> dict[str, dict[str, str]]:
    """Every word of this package, by id ("measure.gp"), in each language."""
    listed = tomllib.loads(files(package).joinpath("words.toml").read_text(encoding="utf-8"))
    return dict(_flat(listed, ""))


def _flat(part: dict[str, object], before: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    for name, one in part.items():
        if not isinstance(one, dict):
            raise ValueError(f"words.toml: {before}{name} is {one!r}, expected nl and en")
        found += [(before + name, one)] if set(one) == set(LANGS) else _flat(one, f"{before}{name}.")
    return found


def word(package: str, id: str, lang: str) -> str:
    """What this is called in this package. Raises KeyError that says what was expected."""
    known = words(package)
    if lang not in LANGS:
        raise KeyError(f"language {lang!r} given, one of {', '.join(LANGS)} expected")
    if id not in known:
        near = difflib.get_close_matches(id, known, 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise KeyError(f"words.toml has no word {id!r}{meant}")
    return known[id][lang]


def capital(said: str) -> str:
    return said[:1].upper() + said[1:]


def number(value: float, lang: str, digits: int = 0) -> str:
    """The number as the language writes it: 1.234,5 or 1,234.5, with a true minus sign."""
    written = f"{value:,.{digits}f}"
    if not float(written.replace(",", "")):
        written = written.lstrip("-")
    written = written.replace("-", "−")
    return written.translate(str.maketrans(",.", ".,")) if lang == "nl" else written


def percent(value: float, lang: str) -> str:
    """A share as per cent: 12 %, 3,4 % or 0,25 %; almost all is never written as all."""
    digits = 0 if abs(value) >= 0.0995 or value == 0 else 1 if abs(value) >= 0.00995 else 2
    if 0.995 <= value < 1:
        value, digits = min(value, 0.9999), 1 if value < 0.9995 else 2
    return f"{number(100 * value, lang, digits)}{JOIN}%"


def short(value: float, lang: str) -> str:
    """The number in three figures: 1,94 miljoen, 61.200, 35,6 or 0,02; its words stay on one line."""
    rounded = float(f"{value:.3g}")
    for size, name in _LARGE:
        if abs(rounded) >= size:
            return f"{number(rounded / size, lang, _digits(rounded / size))}{JOIN}{name[lang]}"
    return number(rounded, lang, _digits(rounded))


def _digits(value: float) -> int:
    """How many stand behind the point when three figures are written, zeros at the end left out."""
    exponent = Decimal(f"{value:.3g}").normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def euro(value: float, lang: str) -> str:
    """An amount, in three figures: € 1.230 or €1,230."""
    amount = short(abs(value), lang)
    return ("−" if value < 0 else "") + (f"€{JOIN}{amount}" if lang == "nl" else f"€{amount}")
