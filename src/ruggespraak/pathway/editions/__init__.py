"""The editions of the pathway. ``edition("current")`` gives one by id."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from ruggespraak.pathway.rules import Edition

EDITIONS = ("current", "leaflet", "nice", "acp")
DEFAULT = "current"


class UnknownEditionError(ValueError):
    """There is no edition with this id."""


@cache
def edition(id: str = DEFAULT) -> Edition:
    """The edition with this id. Raises UnknownEditionError, which names the editions that exist."""
    if id not in EDITIONS:
        raise UnknownEditionError(f"edition {id!r} does not exist; choose from {', '.join(EDITIONS)}")
    found: Edition = import_module(f"{__name__}.{id}").EDITION
    return found
