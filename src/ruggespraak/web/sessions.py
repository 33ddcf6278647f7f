"""Sessions of which the database cannot read a word: answers are encrypted with what only the visitor's cookie holds.

The cookie is a random session id. The row is found by a hash of that id, and its content is locked with a key made
from it, so a copy of the database, a backup or a page that SQLite left behind tells nothing about anybody. Sessions
that have ended open to nobody; the server deletes them every minute.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from ruggespraak.clinic.models import SignIn
from ruggespraak.web import errors

NONCE = 12  # bytes, as AES-GCM has it
PUT_OFF_EVERY = 60  # seconds: reading a page puts the end of the session off, but does not write that for each page
AT_ONCE = 1000  # rows that one clearing deletes: nobody waits for more


class ConflictError(RuntimeError):
    """Another request wrote this session since this one read it: two windows, or two clicks."""


class SessionStore(db.SessionStore):
    """Django's database session, with the id hashed, the content locked, and no write over another one's."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._read: Any = None  # the row as this request read it

    def _get_session_from_db(self) -> Any:
        self._read = self.model.objects.filter(
            session_key=row_of(self.session_key), expire_date__gt=timezone.now()
        ).first()
        if self._read is None:
            self._session_key = None
        return self._read

    def load(self) -> dict[str, Any]:
        kept = self._get_session_from_db()
        found = _unlocked(kept.session_data, self.session_key) if kept else {}
        if kept and not found:
            self._session_key = None  # nobody can read it any more: a new one begins
        return found

    def exists(self, session_key: str) -> bool:
        found: bool = self.model.objects.filter(session_key=row_of(session_key)).exists()
        return found

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        key = self._get_or_create_session_key()
        return self.model(session_key=row_of(key), session_data=_locked(data, key), expire_date=self.get_expiry_date())

    def save(self, must_create: bool = False) -> None:
        """Raises ConflictError where another request wrote since this one read, UpdateError where the row is gone."""
        with _unhurried():
            if must_create or self.session_key is None:
                super().save(must_create)
                self._read = None
                return
            row = self.create_model_instance(self._get_session())
            mine = self.model.objects.filter(session_key=row.session_key)
            if self._read is not None:
                mine = mine.filter(session_data=self._read.session_data)
            if not mine.update(session_data=row.session_data, expire_date=row.expire_date):
                raise ConflictError if self.exists(self.session_key) else UpdateError
            self._read = row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            self.model.objects.filter(session_key=row_of(key)).delete()

    def put_off(self) -> None:
        """Moves the end of this session, without writing what is in it."""
        end = self.get_expiry_date()
        if not self.is_empty() and self._get_session() and self._read and end - self._read.expire_date > LATER:
            with _unhurried():
                self.model.objects.filter(session_key=self._read.session_key).update(expire_date=end)

    @classmethod
    def clear_expired(cls) -> None:
        """Deletes the sessions that have ended, a good many at a time."""
        rows = cls.get_model_class().objects
        too_old = timezone.now() - timedelta(seconds=settings.SIGNED_IN_FOR)
        more = True
        while more:
            ended = list(rows.filter(expire_date__lt=timezone.now()).values_list("pk", flat=True)[:AT_ONCE])
            rows.filter(pk__in=ended).delete()
            SignIn.objects.filter(Q(session__in=ended) | Q(at__lt=too_old)).delete()
            more = len(ended) == AT_ONCE


LATER = timedelta(seconds=PUT_OFF_EVERY)


class Sessions(SessionMiddleware):
    """Django's, with a page for when another window was first, and with the end put off by reading."""

    def process_request(self, request: Any) -> None:
        super().process_request(request)
        if request.COOKIES.get(settings.SESSION_COOKIE_NAME):
            request.session.put_off()

    def process_response(self, request: Any, response: Any) -> Any:
        try:
            return super().process_response(request, response)
        except ConflictError:
            return errors.changed(request)
        except SessionInterrupted:
            return errors.expired(request)


@contextmanager
def _unhurried() -> Iterator[None]:
    """Writes that need not survive a power cut: a self-check is begun anew then. No wait for the disk.

    Everything else on this connection stays as safe as settings have it.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL")
        try:
            yield
        finally:
            cursor.execute("PRAGMA synchronous=FULL")


def row_of(key: str | None) -> str:
    """The row of the session with this id."""
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
    try:
        raw = bytes.fromhex(kept)
        found: dict[str, Any] = json.loads(AESGCM(_key(key or "")).decrypt(raw[:NONCE], raw[NONCE:], None))
    except (InvalidTag, ValueError):
        return {}
    return found
