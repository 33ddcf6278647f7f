"""What an audit counts is called, in Dutch and English (``words.toml``)."""

from __future__ import annotations

from ruggespraak import wording


def words() -> dict[str, dict[str, str]]:
    """Every word, by id ("measure.no_dated_review.title"), in each language."""
    return wording.words(__package__)


def word(id: str, lang: str) -> str:
    """What this is called, such as "unit.look" in "nl". Raises KeyError that says what was expected."""
    return wording.word(__package__, id, lang)
