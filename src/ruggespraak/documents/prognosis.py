"""What to expect: stands in for the pictures until they are drawn."""

from __future__ import annotations

from ruggespraak.consult import Decision
from ruggespraak.documents.content import Block
from ruggespraak.documents.sources import Sources


def expectations(decision: Decision, days: float | None, lang: str, sources: Sources) -> tuple[Block, ...]:
    """Nothing yet."""
    return ()
