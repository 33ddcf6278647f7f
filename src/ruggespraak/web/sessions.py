"""Sessions of which the database cannot read a word: answers are encrypted with what only the visitor's cookie holds.

The cookie is a random session id. The row is found by a hash of that id, and its content is locked with a key made
from it, so a copy of the database, a backup or a page that SQLite left behind tells nothing about anybody. A session
that has ended is deleted with the next one that is written.
"""

from __future__ import annotations

import json
import os
import time
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.sessions.backends import db
from django.utils import timezone

NONCE = 12  # bytes, as AES-GCM has it
SAVED_EVERY = 60  # seconds: reading a page puts the end of the session off, but does not write the row each time


class SessionStore(db.SessionStore):
    """Django's database session, with the id hashed and the content locked."""

    def _get_session_from_db(self) -> Any:
        try:
            return self.model.objects.get(session_key=_hashed(self.session_key), expire_date__gt=timezone.now())
        except self.model.DoesNotExist:
            self._session_key = None
            return None

    def load(self) -> dict[str, Any]:
        kept = self._get_session_from_db()
        return _unlocked(kept.session_data, self.session_key) if kept else {}

    def exists(self, session_key: str) -> bool:
        found: bool = self.model.objects.filter(session_key=_hashed(session_key)).exists()
        return found

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        key = self._get_or_create_session_key()
        data[LAST_SAVED] = int(time.time())
        return self.model(session_key=_hashed(key), session_data=_locked(data, key), expire_date=self.get_expiry_date())

    def save(self, must_create: bool = False) -> None:
        super().save(must_create)
        self.clear_expired()

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            self.model.objects.filter(session_key=_hashed(key)).delete()


LAST_SAVED = "saved"


class KeepAlive:
    """Puts the end of a session off while its pages are read, without writing it for every page."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        session = request.session
        if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and not session.is_empty():
            saved = session.get(LAST_SAVED, 0)
            if time.time() - saved > SAVED_EVERY:
                session.modified = True
        return self.get_response(request)


def _hashed(key: str | None) -> str:
    return sha256(b"row " + (key or "").encode()).hexdigest()[:40]


def _key(key: str) -> bytes:
    made: bytes = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ruggespraak session").derive(key.encode())
    return made


def _locked(data: dict[str, Any], key: str) -> str:
    nonce = os.urandom(NONCE)
    sealed = AESGCM(_key(key)).encrypt(nonce, json.dumps(data, separators=(",", ":")).encode(), None)
    return (nonce + sealed).hex()


def _unlocked(kept: str, key: str | None) -> dict[str, Any]:
    """The content; empty where it was tampered with: then the visitor begins anew."""
    raw = bytes.fromhex(kept)
    try:
        found: dict[str, Any] = json.loads(AESGCM(_key(key or "")).decrypt(raw[:NONCE], raw[NONCE:], None))
    except InvalidTag:
        return {}
    return found
