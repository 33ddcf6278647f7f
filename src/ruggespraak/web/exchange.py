"""With which systems of others this site exchanges anything: a list of its operator, the TOML file ``RUG_EXCHANGE``.

Nobody is on it by default, and nothing is fetched from, sent to or believed of a system that is not on it. It holds no
secret: a private key is a file of its own, named beside it.

    [[client]]                                # a system that asks for advice (CDS Hooks)
    iss = "https://ehr.example/"              # who it says it is, letter for letter
    jku = "https://ehr.example/jwks.json"     # where its public keys are; or a file: keys = "jwks.json"
    practice = "0f0e0d0c-..."                 # for which practice of ours it asks
    origins = ["https://ehr.example"]         # pages that may ask from a browser (optional)

    [[server]]                                # a FHIR server: it is read and written, and opens the app (SMART)
    url = "https://ehr.example/fhir"
    name = "The hospital"                     # as care givers know it
    practice = "0f0e0d0c-..."
    client_id = "ruggespraak"                 # as what we are registered there
    key = "smart.pem"                         # EC P-384 or RSA: with it we prove who we are (optional)
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

RSA_BITS = 2048  # at least
SECRET_PARTS = {"d", "p", "q", "dp", "dq", "qi", "k"}  # what a public key in JSON does not have

Key = EllipticCurvePrivateKey | RSAPrivateKey
T = TypeVar("T")


class ExchangeError(ValueError):
    """The list cannot be used: which file, which entry, what was given, what was expected. Never a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A system that asks for advice. It has either ``jku`` or ``keys`` (public ones, as JWK has them)."""

    iss: str
    jku: str
    keys: tuple[Mapping[str, Any], ...]
    practice: UUID
    origins: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirServer:
    """A FHIR server. ``url`` has no slash at its end; without a ``key`` we are a public client there."""

    url: str
    name: str
    practice: UUID
    client_id: str
    key: Key | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """All of them."""

    clients: tuple[Client, ...] = ()
    servers: tuple[FhirServer, ...] = ()

    def client(self, iss: str) -> Client | None:
        """Who says that this is who it is."""
        return next((one for one in self.clients if one.iss == iss), None)

    def server(self, url: str) -> FhirServer | None:
        """The server at this address."""
        return next((one for one in self.servers if one.url == url.rstrip("/")), None)


def exchange() -> Exchange:
    """The list of this site; it is read once. Raises ExchangeError."""
    return read_exchange(settings.EXCHANGE) if settings.EXCHANGE else Exchange()


@cache
def read_exchange(path: str) -> Exchange:
    """The list in this file. Raises ExchangeError."""
    file = Path(path)
    try:
        listed = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ExchangeError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise ExchangeError(f"{path}: {error}; TOML expected") from None
    top = _Entry(file, "", listed)
    found = Exchange(
        clients=tuple(_client(one) for one in top.entries("client")),
        servers=tuple(_server(one) for one in top.entries("server")),
    )
    top.nothing_else()
    _once(file, "[[client]] iss", [one.iss for one in found.clients])
    _once(file, "[[server]] url", [one.url for one in found.servers])
    return found


def _client(entry: _Entry) -> Client:
    jku, keys = entry.maybe("jku", address), entry.maybe("keys", entry.public_keys)
    if bool(jku) == bool(keys):
        raise entry.wrong("jku", "both" if jku else "nothing", "either jku (an address) or keys (a file)")
    found = Client(
        iss=entry.needed("iss", address),
        jku=jku or "",
        keys=keys or (),
        practice=entry.needed("practice", UUID),
        origins=entry.origins(),
    )
    entry.nothing_else()
    return found


def _server(entry: _Entry) -> FhirServer:
    found = FhirServer(
        url=entry.needed("url", _base),
        name=entry.needed("name", _line),
        practice=entry.needed("practice", UUID),
        client_id=entry.needed("client_id", _line),
        key=entry.maybe("key", entry.private_key),
    )
    entry.nothing_else()
    return found


def _once(file: Path, what: str, given: list[str]) -> None:
    for one in given:
        if given.count(one) > 1:
            raise ExchangeError(f"{file}: {what} = {one!r} stands there twice")


# One entry


EXPECTED: Mapping[str, str] = {
    "iss": "an address, https://... (http only for this machine itself)",
    "jku": "an address, https://... (http only for this machine itself)",
    "url": "an address without ? or #, https://... (http only for this machine itself)",
    "origins": "a list of https://host or https://host:port, without a path",
    "practice": "the id of a practice, such as 0f0e0d0c-0b0a-0908-0706-050403020100",
    "name": "some text on one line",
    "client_id": "some text on one line",
    "keys": 'a file in JSON with public keys: {"keys": [{"kty": ..., "kid": ...}]}',
    "key": f"a file in PEM with a private key without a password, EC P-384 or RSA of {RSA_BITS} bits or more",
    "client": "entries that begin with [[client]]",
    "server": "entries that begin with [[server]]",
}


class _Entry:
    """One entry while it is read; it knows where it stands, and what of it was not read yet."""

    def __init__(self, file: Path, place: str, values: dict[str, Any]) -> None:
        self.file, self.place, self.left = file, place, dict(values)

    def wrong(self, name: str, given: object, expected: str = "") -> ExchangeError:
        where = f"{self.file}: {self.place}{name}"
        return ExchangeError(f"{where}: {given} given, {expected or EXPECTED[name]} expected")

    def needed(self, name: str, read: Callable[[str], T]) -> T:
        if name not in self.left:
            raise self.wrong(name, "nothing")
        given = self.left.pop(name)
        try:
            return read(_text(given))
        except ExchangeError:
            raise
        except ValueError:
            raise self.wrong(name, repr(given)) from None

    def maybe(self, name: str, read: Callable[[str], T]) -> T | None:
        return self.needed(name, read) if name in self.left else None

    def entries(self, name: str) -> list[_Entry]:
        given = self.left.pop(name, [])
        if not (isinstance(given, list) and all(isinstance(one, dict) for one in given)):
            raise self.wrong(name, repr(given))
        return [_Entry(self.file, f"[[{name}]] {number}, ", one) for number, one in enumerate(given, 1)]

    def origins(self) -> frozenset[str]:
        given = self.left.pop("origins", [])
        try:
            return frozenset(_origin(_text(one)) for one in given)
        except (ValueError, TypeError):
            raise self.wrong("origins", repr(given)) from None

    def public_keys(self, name: str) -> tuple[Mapping[str, Any], ...]:
        listed = json.loads(self._beside(name).decode())
        keys = listed.get("keys") if isinstance(listed, dict) else None
        if not isinstance(keys, list) or not keys or not all(isinstance(one, dict) for one in keys):
            raise ValueError
        if any({"kty", "kid"} - set(one) or SECRET_PARTS & set(one) for one in keys):
            raise ValueError
        return tuple(keys)

    def private_key(self, name: str) -> Key:
        try:
            found = load_pem_private_key(self._beside(name), None)
        except (TypeError, UnsupportedAlgorithm):  # it has a password, or is of a kind that nobody here knows
            raise ValueError from None
        if isinstance(found, EllipticCurvePrivateKey) and isinstance(found.curve, SECP384R1):
            return found
        if isinstance(found, RSAPrivateKey) and found.key_size >= RSA_BITS:
            return found
        raise ValueError

    def _beside(self, name: str) -> bytes:
        """What is in a file that is named from where the list stands."""
        path = self.file.parent / name
        try:
            return path.read_bytes()
        except OSError as error:
            raise ExchangeError(f"{self.file}: {self.place.rstrip(', ')}: {path}: {error.strerror}") from None

    def nothing_else(self) -> None:
        for name in self.left:
            raise ExchangeError(
                f"{self.file}: {self.place}{name}: there is no such key; see ruggespraak/web/exchange.py"
            )


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise ValueError
    return given


def _line(given: str) -> str:
    if not (given.strip() and given.isprintable()):
        raise ValueError
    return given


def _parts(given: str) -> SplitResult:
    found = urlsplit(given)
    secure = found.scheme == "https" or (found.scheme == "http" and _this_machine(found.hostname))
    if not (secure and found.hostname and found.port != 0) or found.username is not None or " " in given:
        raise ValueError
    return found


def _this_machine(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def address(given: str) -> str:
    """Itself, where anything may be asked of it. Raises ValueError."""
    if _parts(given).fragment:
        raise ValueError
    return given


def _base(given: str) -> str:
    if "?" in given or "#" in given:
        raise ValueError
    return address(given).rstrip("/")


def _origin(given: str) -> str:
    found = _parts(given)
    if given != f"{found.scheme}://{found.netloc}":
        raise ValueError
    return given
