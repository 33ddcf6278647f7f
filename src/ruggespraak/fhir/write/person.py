"""Who a record is of, and the episodes in it: what we hold of them, and no more."""

from __future__ import annotations

from datetime import date, datetime

from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.write.resource import About, identifier, instant, made, narrative, readable, some


def patient(id: str, *, name: str = "", born: int | None = None, email: str = "", lang: str = "nl") -> Resource:
    """The patient. Of her birth only the year is known, and of her name not which part is which."""
    named, mail = " ".join(readable(name).split()), readable(email)
    birth = {"birthDate": f"{born:04d}"} if born else {}
    return {
        "resourceType": "Patient",
        "id": id,
        "language": lang,
        "text": narrative([part for part in (named, birth.get("birthDate")) if part], lang),
        "identifier": [identifier(id)],
        **some("name", [{"text": named}] if named else []),
        **some("telecom", [{"system": "email", "value": mail}] if mail else []),
        **birth,
        "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": lang}]}, "preferred": True}],
    }


def episode_of_care(
    id: str, about: About, opened: date, ended: date | None, practice: tuple[str, str], lines: list[str]
) -> Resource:
    """One episode of back pain. ``practice``: its id and its name; ``lines``: where it stands, in words."""
    return {
        "resourceType": "EpisodeOfCare",
        "id": id,
        "language": about.lang,
        "text": narrative(lines, about.lang),
        "identifier": [identifier(id)],
        "status": "finished" if ended else "active",
        "patient": about.subject,
        "managingOrganization": {"identifier": identifier(practice[0]), "display": practice[1]},
        "period": {"start": opened.isoformat(), **({"end": ended.isoformat()} if ended else {})},
    }


def happened(says: str, about: About, on: date, sender: Resource, done: bool = True) -> Resource:
    """What happened between people and was not an answer: a call, a hand-over, that it is over. Not ``done``: nobody
    answered."""
    return made(
        "Communication",
        about,
        "",
        [says],
        {
            "status": "completed" if done else "not-done",
            "subject": about.subject,
            "topic": {"text": says},
            "sent": about.when(on),
            "sender": sender,
        },
    )


def comment(says: str, at: datetime, by: str) -> Resource:
    """An Annotation: what somebody in this role says of something."""
    return {"authorString": by, "time": instant(at), "text": readable(says)}
