"""What anybody can see in resources: which of our findings they answer with "no". Looked up without the reader."""

from __future__ import annotations

from typing import Any

from ruggespraak.pathway.codes.addresses import ANSWERS, FINDINGS


def said_no(sent: Any) -> set[str]:
    """The findings of which this says "no" in so many words: in our own codes, or at our own question."""
    return said(sent, False)


def said(sent: Any, answer: bool) -> set[str]:
    """The findings of which this says just that."""
    found: set[str] = set()
    waiting = [sent]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            answers = here.get("answer")
            if any(_is(answer, one) for one in [here, *(answers if isinstance(answers, list) else [])]):
                found |= {str(one.get("code")) for one in _codings(here.get("code"), FINDINGS)}
                found.add(str(here.get("linkId")))
            waiting += here.values()
        elif isinstance(here, list):
            waiting += here
    return found


def _codings(concept: Any, system: str) -> list[dict[str, Any]]:
    coding = concept.get("coding") if isinstance(concept, dict) else None
    listed = coding if isinstance(coding, list) else []
    return [one for one in listed if isinstance(one, dict) and one.get("system") == system]


def _is(answer: bool, given: Any) -> bool:
    if not isinstance(given, dict):
        return False
    coded = [given.get("valueCoding"), *_codings(given.get("valueCodeableConcept"), ANSWERS)]
    return given.get("valueBoolean") is answer or any(
        isinstance(one, dict) and one.get("code") == ("yes" if answer else "no") for one in coded
    )
