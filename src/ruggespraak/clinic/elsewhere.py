"""Which patient of another system is which of ours, without writing down how that system knows her.

What is kept is a hash, made with a key that only this installation has: who reads the database alone cannot try ids of
another system until one fits.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from ruggespraak.clinic.models import KnownElsewhere, Patient, Practice


def known(practice: Practice, server: str, id: str) -> KnownElsewhere | None:
    """The patient of this practice whom the server at this address knows by this id."""
    return KnownElsewhere.objects.select_related("patient").filter(pk=_key(practice, server, id)).first()


def learn(patient: Patient, server: str, id: str) -> None:
    """From now on she is found by it. Raises IntegrityError where it was learnt already."""
    KnownElsewhere.objects.create(key=_key(patient.practice, server, id), patient=patient)


def unlearn(patient: Patient, server: str, id: str) -> None:
    """It was not she: from now on she is not found by it."""
    KnownElsewhere.objects.filter(key=_key(patient.practice, server, id), patient=patient).delete()


def _key(practice: Practice, server: str, id: str) -> str:
    master = urlsafe_b64decode(settings.MASTER_KEY)
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ruggespraak known elsewhere").derive(master)
    return hmac.new(key, "\n".join((str(practice.pk), server, id)).encode(), sha256).hexdigest()
