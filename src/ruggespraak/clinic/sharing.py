"""What a patient gives away herself: a kept result with its code, and the link by which she checks in.

The code is made here and told only to her. The database has a hash of it and her answers locked with a key made from
it, so neither the practice nor we can read a kept result before she gives the code. It is taken once.
"""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core import signing
from django.db import transaction
from django.utils import timezone

from ruggespraak.clinic import record
from ruggespraak.clinic.looked import looked
from ruggespraak.clinic.models import Decision, Episode, Fact, Handed, Patient, Practice
from ruggespraak.clinic.sealing import canonical
from ruggespraak.consult import Case, as_json, read_case
from ruggespraak.course import Answers

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that is read or heard as something else
GROUPS, EACH = 4, 4  # 32^16: 80 bits, so a code cannot be guessed, also by who has the database
KEPT_FOR = timedelta(days=14)
LINK_LASTS = timedelta(days=28)
_LINK = signing.TimestampSigner(salt="check-in")


class CodeError(LookupError):
    """No kept result has this code: it is wrong, it was taken, or it is too old."""


class LinkError(LookupError):
    """This link is not ours, or it is too old."""


def keep(case: Case) -> str:
    """Keeps these answers for a while; the code that opens them."""
    code = "-".join("".join(secrets.choice(LETTERS) for _ in range(EACH)) for _ in range(GROUPS))
    Handed.objects.filter(until__lt=timezone.now()).delete()
    content = Fernet(_key(code)).encrypt(canonical(as_json(case)))
    Handed.objects.create(code=_hashed(code), content=content, until=timezone.now() + KEPT_FOR)
    return code


def look(code: str) -> Case:
    """The kept answers. Raises CodeError."""
    return read_case(_opened(_row(code), code))


@transaction.atomic
def take(code: str, practice: Practice, identity: dict[str, Any], today: date) -> Episode:
    """A patient of this practice with the kept answers as her first ones; the code is then used. Raises CodeError."""
    row = _row(code)
    case = read_case(_opened(row, code))
    if not Handed.objects.filter(pk=row.pk).delete()[0]:  # somebody else was taking it at this moment
        raise CodeError
    patient = record.new_patient(practice, identity, today)
    episode = record.open_episode(patient, case.on)
    record.add(episode, Answers(case.on, case.answers, case.unclear, case.answered_by), case.answered_by)
    return episode


def _row(code: str) -> Handed:
    found = Handed.objects.filter(code=_hashed(code), until__gt=timezone.now()).first()
    if found is None:
        raise CodeError
    return found


def _opened(row: Handed, code: str) -> Any:
    return json.loads(Fernet(_key(code)).decrypt(bytes(row.content)))


def _plain(code: str) -> bytes:
    """The code as it was made, however it was typed."""
    return "".join(letter for letter in code.upper() if letter in LETTERS).encode()


def _hashed(code: str) -> str:
    return sha256(b"kept " + _plain(code)).hexdigest()


def _key(code: str) -> bytes:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ruggespraak kept result").derive(_plain(code))
    return urlsafe_b64encode(made)


# The link by which a patient checks in


def link_of(episode: Episode) -> str:
    """A token for the address by which this patient checks in, for some weeks. It tells nothing about her."""
    return _LINK.sign(episode.id.hex).replace(":", ".")


def episode_of(token: str) -> Episode:
    """The episode of this token. Raises LinkError for a token that is not ours, is too old, or of an erased patient."""
    try:
        id = _LINK.unsign(token.replace(".", ":"), max_age=LINK_LASTS)
    except signing.BadSignature:
        raise LinkError from None
    found = Episode.objects.select_related("patient").filter(pk=id).first()
    if found is None or found.patient.erased:
        raise LinkError
    return found


def reader_of(episode: Episode) -> str:
    """Who reads by the link: the patient, or who answers for her; whoever did so last."""
    lay = episode.facts.filter(by__in=("patient", "proxy")).order_by("-number")
    return lay.values_list("by", flat=True).first() or "patient"


# Everything that is kept of her


def exported(patient: Patient) -> dict[str, Any]:
    """Everything that is kept of this patient, as JSON has it."""
    return {
        "identity": patient.who,
        "since": patient.since.isoformat(),
        "episodes": [_exported(episode) for episode in patient.episodes.order_by("opened")],
        "looked": [one.as_json() for one in looked(patient)],
    }


def _exported(episode: Episode) -> dict[str, Any]:
    facts = [
        {
            "on": one.fact.on.isoformat(),
            "by": one.fact.by,
            "what": one.fact.name,
            "says": _content(one.fact),
            "corrected": one.corrected,
        }
        for one in record.history(episode)
    ]
    decisions = [
        {"on": one.on.isoformat(), "edition": one.edition, **record.known(one), "choices": _chosen(one)}
        for fact in episode.facts.order_by("number")
        for one in fact.decisions.all()
    ]
    return {"opened": episode.opened.isoformat(), "facts": facts, "decisions": decisions}


def _chosen(decision: Decision) -> list[dict[str, Any]]:
    return [
        {"advice": one.advice, "follows": one.follows, "why": record.reason_of(one), "by": one.by}
        for one in decision.choices.order_by("id")
    ]


def _content(fact: Fact) -> Any:
    return fact.episode.patient.unseal(f"fact {fact.number}", fact.content)
