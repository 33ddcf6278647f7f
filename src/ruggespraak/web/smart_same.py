"""Whether who is opened there is somebody of our record: learnt when she was written down, or said by a care giver.

A patient who was in our record before that system opened her would get a second one, and the first would be out of
sight. So records under the same name and year of birth are named. That is no proof: a care giver says whether it is
she, and can take that back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ruggespraak.clinic import elsewhere, log
from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Episode, Patient
from ruggespraak.web.access import Acting, closed_among, page_of
from ruggespraak.web.practice_forms import stale, tampered
from ruggespraak.web.smart_session import Launch

IS, SOMEBODY_ELSE = "is", "somebody_else"
"""What the care giver says: that it is this patient of ours, or not the one as whom she was found."""

KnownAs = tuple[str, str]
"""Name and year of birth there."""


@dataclass(frozen=True, slots=True)
class Namesake:
    """A record under the same name and year of birth. ``episode``: the last one."""

    patient: Patient
    episode: Episode


def same_person(record: Mapping[str, Any], known_as: KnownAs) -> bool:
    """Whether both systems have the same name and year of birth."""
    name, born = known_as
    return (record["name"].casefold(), str(record["born"])) == (name.casefold(), born)


def namesakes(acting: Acting, known_as: KnownAs) -> list[Namesake]:
    """Those of this practice whose record is open to who asks. Names are sealed, so each is opened to compare it."""
    there = Patient.objects.filter(practice=acting.practice).exclude(key=b"").order_by("since", "pk")
    found = [one for one in there if same_person(one.who, known_as)]
    closed = closed_among(found, acting.account)
    lasts = [(one, one.episodes.order_by("opened", "pk").last()) for one in found if one.pk not in closed]
    return [Namesake(patient, episode) for patient, episode in lasts if episode]


def joined(request: HttpRequest, acting: Acting, launch: Launch, known_as: KnownAs) -> HttpResponse:
    """She is this patient of ours: from now on she is found there."""
    chosen = next((one for one in namesakes(acting, known_as) if str(one.patient.pk) == request.POST[IS]), None)
    if chosen is None:
        return tampered(request, request.path)
    try:
        with transaction.atomic():
            elsewhere.learn(chosen.patient, launch.server.url, launch.grant.patient)
            log.note(What.WRITE, acting.actor, page_of(request), [chosen.patient])
    except IntegrityError:  # the button was pressed twice, or a colleague was first
        return stale(request, request.path)
    return redirect(request.path)


@transaction.atomic
def parted(request: HttpRequest, acting: Acting, launch: Launch, patient: Patient) -> HttpResponse:
    """She is not the one as whom she was found: from now on she is not in our record."""
    elsewhere.unlearn(patient, launch.server.url, launch.grant.patient)
    log.note(What.WRITE, acting.actor, page_of(request), [patient])
    return redirect(request.path)
