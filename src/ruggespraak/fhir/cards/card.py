"""A card and its JSON: short words for the screen, what is behind them, what can be done, and why it may be set aside.

CDS Hooks allows no null and nothing empty in an answer, so what a card has not is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

from ruggespraak.fhir.names import Resource
from ruggespraak.pathway.codes.addresses import BASE
from ruggespraak.pathway.texts import table, text

LONGEST = 139  # characters of a summary: fewer than 140 are allowed
ONE, ANY = "at-most-one", "any"
INDICATORS = ("info", "warning", "critical")
KINDS = f"{BASE}/CodeSystem/cards"
REASONS = f"{BASE}/CodeSystem/override-reasons"

Names = Callable[["Kind"], Callable[[int], str]]
"""Gives a card a name of its own: of the card itself by 0, of its suggestions by 1, 2, ..."""


class Kind(IntEnum):
    """What a card is about; its words stand in the texts under its name. A number is never given to another kind."""

    ALARM = 1
    UNCLEAR = 2
    ASK = 3
    DEVIATION = 4
    REVIEW = 5
    NOT_LOOKED_UP = 6
    SCAN_NEEDLESS = 7
    SCAN_ASK = 8
    SCAN_REFER = 9
    SCAN_CONSIDER = 10
    SCAN_FITS = 11
    REFERRAL_SOONER = 12
    REFERRAL_OTHER = 13
    REFERRAL_NOT_NOW = 14
    REFERRAL_ASK = 15
    TREATMENT_UNSAFE = 16
    OPIOID = 17
    OUTSIDE = 18
    ATTENTION = 19

    def __str__(self) -> str:
        return self.name.lower()


ARRANGED, ASKED, OTHER, DISAGREE = "arranged", "asked", "other_indication", "disagree"
_SEEN = (ARRANGED, ASKED, OTHER, DISAGREE)
_SCAN = (OTHER, "specialist", ASKED, "patient", DISAGREE)
_REFER_FOR_SCAN = (ARRANGED, *_SCAN)
_REFERRAL = (OTHER, ARRANGED, ASKED, "patient", DISAGREE)


def reasons_of(kind: Kind) -> tuple[str, ...]:
    """Why a card of this kind may be set aside, as ids of the texts without ``reason_``."""
    if kind is Kind.OPIOID:
        return (OTHER, "specialist", DISAGREE)
    if kind is Kind.SCAN_REFER:
        return _REFER_FOR_SCAN
    if kind.name.startswith("SCAN"):
        return _SCAN
    return _REFERRAL if kind.name.startswith(("REFERRAL", "TREATMENT")) else _SEEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Something that can be done by one press: every action of it, or nothing."""

    label: str
    actions: tuple[Resource, ...]
    recommended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card. ``indicator``: info, warning or critical; ``label``: whose word it is."""

    kind: Kind
    summary: str
    indicator: str
    detail: str
    label: str
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Addresses of the site, whole ones. ``launch``: where our app is started (SMART); empty where nobody can."""

    about: str
    launch: str
    leaflet: str


def summary(kind: Kind, lang: str, **filled: str) -> str:
    """The summary of this kind, cut between words where it is too long."""
    says = text("cards", str(kind), "summary", lang).format(**filled)
    if len(says) <= LONGEST:
        return says
    return says[: LONGEST - 1].rpartition(" ")[0].rstrip(" ,;:") + "…"


def says(id: str, lang: str, **filled: str) -> str:
    """Other words of a card."""
    found: str = table("cards")[id][lang]
    return found.format(**filled) if filled else found


def sources_of(id: str) -> list[str]:
    """The keys of the sources of these words."""
    found: str = table("cards")[id]["source"]
    return found.split()


def section(heading: str, lines: Iterable[str], lang: str) -> list[str]:
    """A heading with a list below it; nothing where the list is empty."""
    listed = [f"- {line}" for line in dict.fromkeys(lines) if line]
    return ["\n".join([f"**{says(heading, lang)}**", "", *listed])] if listed else []


def as_json(card: Card, links: Links, names: Names, lang: str) -> Resource:
    """The card as CDS Hooks has it."""
    name = names(card.kind)
    suggested = [
        {
            "label": one.label,
            "uuid": name(number),
            **({"isRecommended": True} if one.recommended else {}),
            "actions": list(one.actions),
        }
        for number, one in enumerate(card.suggestions, start=1)
    ]
    return {
        "uuid": name(0),
        "summary": card.summary,
        "indicator": card.indicator,
        "detail": card.detail,
        "source": {
            "label": card.label,
            "url": links.about,
            "topic": {"system": KINDS, "code": str(card.kind), "display": text("cards", str(card.kind), "name", lang)},
        },
        **({"suggestions": suggested, "selectionBehavior": ANY if len(suggested) > 1 else ONE} if suggested else {}),
        "overrideReasons": [
            {"system": REASONS, "code": reason, "display": says(f"reason_{reason}", lang)}
            for reason in reasons_of(card.kind)
        ],
        "links": list(_links(card, links, lang)),
    }


def _links(card: Card, links: Links, lang: str) -> Iterable[Resource]:
    if links.launch:
        yield {"label": says("open_app", lang), "url": links.launch, "type": "smart"}
    yield {"label": says("about_pathway", lang), "url": links.about, "type": "absolute"}
    if card.kind in (Kind.SCAN_NEEDLESS, Kind.OPIOID):
        yield {"label": says("leaflet", lang), "url": links.leaflet, "type": "absolute"}
