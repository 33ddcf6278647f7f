"""What a rule makes people do, as ActivityDefinitions: advice, referrals, tests and pictures.

All editions share them: an edition says when, not what. Each is a proposal; nothing here orders anything by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from ruggespraak.fhir.definitions.definition import definition, kebab
from ruggespraak.fhir.definitions.narrative import Words, both, exchange, words
from ruggespraak.fhir.definitions.provenance import cited
from ruggespraak.fhir.names import Resource
from ruggespraak.logic import Expression
from ruggespraak.pathway.codes.addresses import ORDERS
from ruggespraak.pathway.editions import EDITIONS, edition, referrals
from ruggespraak.pathway.rules import Act, Alarm, Imaging, Recommendation, Referral, Use
from ruggespraak.pathway.texts import text, word

ADVICE, ORDER = "CommunicationRequest", "ServiceRequest"
OF_OPEN_ANSWERS = (referrals.UNCLEAR_TODAY, referrals.UNCLEAR_DAYS, referrals.NOT_ASKED, referrals.OVERVIEW)
"""The referrals of R18 and R19, which belong to every edition and to no rule."""


def activities() -> list[Resource]:
    """Everything that a rule of any edition makes people do."""
    found = [one for id in EDITIONS for one in _of_rules((*edition(id).alarms, *edition(id).recommendations))]
    found += [_referral(one) for one in OF_OPEN_ANSWERS]
    return list({one["id"]: one for one in found}.values())


def _of_rules(rules: tuple[Alarm | Recommendation, ...]) -> Iterator[Resource]:
    for rule in rules:
        yield from (_referral(one) for one in rule.refer)
        yield from (_picture(image) for image, _ in pictures(rule))
        if isinstance(rule, Alarm):
            yield from (_test(id) for id in rule.tests)
        else:
            yield from (_act(act) for act in sorted(rule.does))


def pictures(rule: Alarm | Recommendation) -> tuple[tuple[Imaging, Expression | None], ...]:
    """The pictures that a rule speaks of, each with its condition or None."""
    if isinstance(rule, Alarm):
        return rule.imaging
    return ((rule.imaging, None),) if rule.imaging else ()


# Ids, for who refers to one ------------------------------------------------------------------------------------------


def act_id(act: Act) -> str:
    return kebab(f"act-{act}")


def referral_id(referral: Referral) -> str:
    return kebab(f"refer-{referral.id}")


def test_id(test: str) -> str:
    return kebab(f"test-{test}")


def picture_id(image: Imaging) -> str:
    return kebab(f"picture-{image.use}" + (f"-{image.by}" if image.by else ""))


# What they are called ------------------------------------------------------------------------------------------------


def act_called(act: Act) -> Words:
    return words(lambda lang: word(f"act.{act}", lang))


def referral_called(referral: Referral) -> Words:
    return words(lambda lang: word(f"addressee.{referral.to}", lang))


def test_called(test: str) -> Words:
    return words(lambda lang: text("tests", test, "what", lang))


def picture_called(image: Imaging) -> Words:
    whose = [f"imaging_by.{image.by}"] if image.by else []
    return words(lambda lang: ". ".join(word(name, lang) for name in (f"imaging.{image.use}", *whose)))


# The definitions -----------------------------------------------------------------------------------------------------


def _activity(id: str, kind: str, called: Words, about: Words | None = None) -> Resource:
    title = exchange("activity", "title", called)
    return {
        **definition("ActivityDefinition", id, title, about or exchange("activity", "about")),
        "kind": kind,
        "intent": "proposal",
        "code": both("text", called),
    }


def _act(act: Act) -> Resource:
    return _activity(act_id(act), ADVICE, act_called(act))


def _referral(referral: Referral) -> Resource:
    """A referral, with what the patient does and what the clinician does."""
    parts = ("patient_does", "clinician_does")
    about = words(
        lambda lang: " ".join(
            f"{word(f'result.{part}', lang)}: {text('referrals', referral.id, part, lang)}" for part in parts
        )
    )
    made = _activity(referral_id(referral), ORDER, referral_called(referral), about)
    made["code"] = {"coding": [{"system": ORDERS, "code": f"referral_{referral.to}"}], **made["code"]}
    return {**made, "relatedArtifact": cited(referral.because, referral.status)}


def _test(test: str) -> Resource:
    return _activity(test_id(test), ORDER, test_called(test), words(lambda lang: text("tests", test, "because", lang)))


def _picture(image: Imaging) -> Resource:
    """Only a picture that is needed is something to order; the other two are something to know."""
    kind = ORDER if image.use is Use.NEEDED else ADVICE
    return _activity(picture_id(image), kind, picture_called(image))
