"""What is told about a patient is locked with a key of that patient alone; erasing her is destroying that key.

The patient's key is itself locked with the master key of the installation. What is locked for one patient and one
purpose opens for no other: both are bound to it. AES-256-GCM, with a random nonce for every lock.
"""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

KEY, NONCE = 32, 12  # bytes


class ErasedError(LookupError):
    """The key of this patient was destroyed: nobody can read this any more."""


class SealError(ValueError):
    """This was not locked for this patient and purpose, or it was tampered with."""


@cache
def _master(encoded: str) -> AESGCM:
    key = urlsafe_b64decode(encoded)
    if len(key) != KEY:
        raise ValueError(f"the master key has {len(key)} bytes, {KEY} expected (RUG_MASTER_KEY, base64)")
    return AESGCM(key)


def new_key(patient: str) -> bytes:
    """A key for this patient, locked with the master key."""
    return _lock(_master(settings.MASTER_KEY), os.urandom(KEY), f"key {patient}")


def seal(locked_key: bytes, patient: str, purpose: str, content: Any) -> bytes:
    """The content (as JSON has it), locked for this patient and purpose. Raises ErasedError."""
    return _lock(_cipher(locked_key, patient), canonical(content), f"{purpose} {patient}")


def unseal(locked_key: bytes, patient: str, purpose: str, sealed: bytes) -> Any:
    """What was sealed. Raises ErasedError, and SealError where it is not this patient's or not for this purpose."""
    return json.loads(_unlock(_cipher(locked_key, patient), bytes(sealed), f"{purpose} {patient}"))


def canonical(content: Any) -> bytes:
    """The one way in which this content is written: the same content is the same bytes."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _cipher(locked_key: bytes, patient: str) -> AESGCM:
    if not locked_key:
        raise ErasedError(patient)
    return AESGCM(_unlock(_master(settings.MASTER_KEY), bytes(locked_key), f"key {patient}"))


def _lock(cipher: AESGCM, content: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + cipher.encrypt(nonce, content, bound_to.encode())


def _unlock(cipher: AESGCM, sealed: bytes, bound_to: str) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], bound_to.encode())
    except InvalidTag:
        raise SealError(bound_to.partition(" ")[0]) from None
