"""Who asks for advice: a token (JWT) that the system of a care giver signs anew for each call, as CDS Hooks has it.

Believed is only who stands in the list of other systems (``exchange``), with keys from where that list says. A token is
for one address, for a few minutes, and for once. What is wrong with one is said in words of our own: no part of a token
is ever in an error or in a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from threading import Event, Lock, Thread
from time import monotonic, time
from typing import Any

import jwt

from ruggespraak.web.exchange import RSA_BITS, Client, exchange
from ruggespraak.web.fhir_client import FhirServerError, asked

ALGORITHMS = ("ES384", "RS384")  # no secret is shared with a client, so nothing that needs one
SKEW = 60  # seconds that two clocks may differ
COUNTS_FOR = 300  # seconds from when it was issued, also where it says longer (own choice)
LONGEST = 8192  # characters of a token
LONGEST_ID = 200  # characters of a ``jti``
KEYS_FOR = 600  # seconds until the keys of a client are fetched again, so that one that it withdrew ends
KEYS_AT_MOST = 3600  # seconds that they count where its server gives nothing
FETCH_WITHIN = 5  # seconds; who asks for advice does not wait that long
KEYS_AGAIN = 60  # seconds at least between two fetches, however many unknown keys are named
NEEDED = ["iss", "aud", "exp", "iat", "jti"]

Key = Mapping[str, Any]
"""A public key, as JWK has it."""


class TokenError(Exception):
    """This token is not believed. Its words are our own, and hold nothing of the token."""


class KeysError(Exception):
    """The keys of a client could not be fetched: it is not known whether the token is good."""


def client_of(authorization: str, audience: str, within: float) -> Client:
    """The client that made this call. ``authorization``: the header; ``audience``: the address that was called;
    ``within``: seconds, where keys must be fetched. Raises TokenError and KeysError."""
    token = _bearer(authorization)
    try:
        header = jwt.get_unverified_header(token)
        claimed = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, RecursionError):
        raise TokenError("this is no JSON Web Token") from None
    client = exchange().client(str(claimed.get("iss")))
    if client is None:
        raise TokenError("iss is not on the list of this site")
    alg, kid = _checked(header, client)
    return _verified(token, client, _usable(_key_of(client, kid, within), alg), alg, audience)


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenError("no bearer token was sent")
    if len(token) > LONGEST:
        raise TokenError(f"the token is longer than {LONGEST} characters")
    return token.strip()


def _checked(header: Mapping[str, Any], client: Client) -> tuple[str, str]:
    """Algorithm and key of a token that says who it is from. Raises TokenError."""
    alg, kid = header.get("alg"), header.get("kid")
    if alg not in ALGORITHMS:
        raise TokenError(f"alg must be {' or '.join(ALGORITHMS)}")
    if header.get("typ") != "JWT":
        raise TokenError("typ must be JWT")
    if not isinstance(kid, str) or not kid:
        raise TokenError("kid is missing")
    if header.get("jku", client.jku) != client.jku:  # it is compared and never fetched
        raise TokenError("jku is not on the list of this site")
    return alg, kid


def _usable(key: Key, alg: str) -> jwt.PyJWK:
    """The key, where it is one for this algorithm. Raises TokenError."""
    fits = key.get("crv") == "P-384" if alg == "ES384" else key.get("kty") == "RSA"
    if not fits or key.get("alg", alg) != alg or key.get("use", "sig") != "sig":
        raise TokenError("the key is not one for this alg")
    try:
        made = jwt.PyJWK(dict(key), alg)
    except jwt.PyJWTError:
        raise TokenError("the key cannot be used") from None
    if alg == "RS384" and made.key.key_size < RSA_BITS:
        raise TokenError("the key is too short")
    return made


def _verified(token: str, client: Client, key: jwt.PyJWK, alg: str, audience: str) -> Client:
    """The client, where the token is its own, for this address and now, and new. Raises TokenError."""
    try:
        said = jwt.decode(
            token, key, algorithms=[alg], audience=audience, issuer=client.iss, leeway=SKEW, options={"require": NEEDED}
        )
    except jwt.PyJWTError as error:
        raise TokenError(_words(error)) from None
    if said["aud"] not in (audience, [audience]):  # who else it is for could send it to us
        raise TokenError("aud must be the address that is called, and no other")
    issued, once = said["iat"], said["jti"]
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        raise TokenError("iat must be a number")
    if issued + COUNTS_FOR + SKEW < time():
        raise TokenError("the token has expired")
    if not isinstance(once, str) or not 0 < len(once) <= LONGEST_ID:
        raise TokenError(f"jti must be a text of up to {LONGEST_ID} characters")
    if not SEEN.first_time(f"{client.iss} {once}"):
        raise TokenError("the token was used before")
    return client


def _words(error: jwt.PyJWTError) -> str:
    match error:
        case jwt.ExpiredSignatureError():
            return "the token has expired"
        case jwt.ImmatureSignatureError():
            return "the token is not valid yet"
        case jwt.InvalidAudienceError():
            return "aud must be the address that is called"
        case jwt.MissingRequiredClaimError():
            return f"needed: {', '.join(NEEDED)}"
        case jwt.InvalidSignatureError():
            return "the signature does not fit the key"
    return "the token is not valid"


# Used once


class Seen:
    """Which tokens were used. It forgets one only when that would be refused for its age.

    In the memory of the one process that serves, and not in Django's cache: what is full there pushes others out.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._since = monotonic()
        self._now: set[bytes] = set()
        self._before: set[bytes] = set()

    def first_time(self, name: str) -> bool:
        """Whether this one is new; from now on it is not."""
        short = blake2b(name.encode(errors="replace"), digest_size=16).digest()
        with self._lock:
            if monotonic() - self._since > COUNTS_FOR + 2 * SKEW:
                fresh = monotonic() - self._since < 2 * (COUNTS_FOR + 2 * SKEW)
                self._before = self._now if fresh else set()
                self._now, self._since = set(), monotonic()
            if short in self._now or short in self._before:
                return False
            self._now.add(short)
            return True


SEEN = Seen()


# Keys


@dataclass(frozen=True, slots=True)
class Kept:
    """Keys as they were fetched, and when (monotonic seconds); ``tried``: when that was tried last."""

    keys: tuple[Key, ...]
    at: float
    tried: float


NONE = Kept((), float("-inf"), float("-inf"))
_kept: dict[str, Kept] = {}
_fetching: dict[str, Event] = {}
_lock = Lock()


def _key_of(client: Client, kid: str, within: float) -> Key:
    """The key of this name. Raises TokenError where the client has none, KeysError where that is not known."""
    keys = client.keys or _keys_at(client.jku, kid, within)
    found = next((one for one in keys if one.get("kid") == kid), None)
    if found is None:
        raise TokenError("the client has no key with this kid")
    return found


def _keys_at(jku: str, kid: str, within: float) -> tuple[Key, ...]:
    """The keys of a client: as they were kept; fetched anew when they are old, or this one is not among them.

    Nobody waits for the fetch whose key is there, nor longer than ``within``: the next call finds what it brought.
    """
    with _lock:
        if _wanting(jku, kid) and jku not in _fetching:
            _fetching[jku] = Event()
            Thread(target=_fetch, args=(jku,), daemon=True).start()
        fetched = _fetching.get(jku)
    if fetched and not _holds(jku, kid) and not fetched.wait(max(within, 0)):
        raise KeysError
    kept = _kept.get(jku, NONE)
    if monotonic() - kept.at > KEYS_AT_MOST:
        raise KeysError
    return kept.keys


def _holds(jku: str, kid: str, age: float = KEYS_AT_MOST) -> bool:
    kept = _kept.get(jku, NONE)
    return monotonic() - kept.at < age and any(one.get("kid") == kid for one in kept.keys)


def _wanting(jku: str, kid: str) -> bool:
    return not _holds(jku, kid, KEYS_FOR) and monotonic() - _kept.get(jku, NONE).tried > KEYS_AGAIN


def _fetch(jku: str) -> None:
    """Keeps what the client's address gives; what was there where it gives nothing."""
    kept = replace(_kept.get(jku, NONE), tried=monotonic())
    try:
        answer = asked("keys", "GET", jku, FETCH_WITHIN, {"Accept": "application/json"})
        listed = answer.content.get("keys") if answer.status == 200 and isinstance(answer.content, dict) else None
        if isinstance(listed, list):
            kept = Kept(tuple(one for one in listed if isinstance(one, dict)), kept.tried, kept.tried)
    except FhirServerError:
        pass
    finally:
        with _lock:
            _kept[jku] = kept
            _fetching.pop(jku).set()
