"""SMART App Launch (version 2.2.0): how we come by a token for one patient of a server, and what it allows.

The server says where it lets its users decide; there the care giver is sent, and comes back with a code, which we
exchange for a token. Who sees the code on its way cannot use it: only we have the word that belongs to it (PKCE, S256),
and a server that does not ask for that word is not used. With a key of the operator's list we also prove who we are.
"""

from __future__ import annotations

import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from json import dumps
from secrets import token_urlsafe
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from django.conf import settings
from django.core.cache import cache

from ruggespraak.web.exchange import FhirServer, Key, address
from ruggespraak.web.fhir_client import Answer, asked

READ = (
    "Patient", "Observation", "Condition", "QuestionnaireResponse", "Procedure", "MedicationStatement",
    "MedicationRequest", "ServiceRequest",
)  # fmt: skip
"""Kinds of resources of which we read those of this patient: what ``fhir.read`` finds anything in."""
WRITTEN = ("QuestionnaireResponse", "CarePlan")
"""Kinds that a care giver may send back. Asked at once with the rest: a second round in the midst of a consult would
only teach people to press 'yes'."""

CALLBACK = "/smart/callback/"
WITHIN = 5.0  # seconds for where to decide, and as many for a token
FRESH_FOR = 300  # seconds that a server's own description counts
LONGEST_TOKEN = 3600  # seconds, as SMART has it
ASSERTION_LASTS = 240  # seconds; five minutes is the most that is allowed
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
SCOPE = re.compile(r"(?:patient|user)/(\*|[A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)(\?.*)?")
BEFORE_V2 = {"read": "rs", "write": "cud", "*": "cruds"}

Problem = Literal[
    "not_listed", "no_launch", "no_smart", "other_session", "other_server", "denied", "try_again", "not_registered",
    "code_too_old", "no_patient", "no_token",
]  # fmt: skip
ERRORS: Mapping[str, Problem] = {
    "access_denied": "denied",
    "login_required": "denied",
    "consent_required": "denied",
    "interaction_required": "denied",
    "server_error": "try_again",
    "temporarily_unavailable": "try_again",
    "invalid_grant": "code_too_old",
}
"""What an authorization server says, for whoever reads it. Any other: what was agreed with that server is not so."""


class SmartError(RuntimeError):
    """A launch that does not lead to a token. ``problem``: why, in one word; never what the other side wrote."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def refused(error: str) -> SmartError:
    """For an error code of OAuth."""
    return SmartError(ERRORS.get(error, "not_registered"))


# Where to


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Where a server lets its users decide, and gives tokens. ``names_itself``: its answer says from whom it is."""

    authorize: str
    token: str
    issuer: str
    names_itself: bool


def offer_of(server: FhirServer) -> Offer:
    """What this server says of itself; it counts for some minutes. Raises SmartError and FhirServerError."""
    key = f"smart-{sha256(server.url.encode()).hexdigest()}"
    found: Offer | None = cache.get(key)
    if found is None:
        url = f"{server.url}/.well-known/smart-configuration"
        found = _offer(server, asked(server.name, "GET", url, WITHIN, {"Accept": "application/json"}))
        cache.set(key, found, FRESH_FOR)
    return found


def _offer(server: FhirServer, answer: Answer) -> Offer:
    says = answer.content if answer.status == 200 and isinstance(answer.content, dict) else {}
    if "S256" not in _texts(says.get("code_challenge_methods_supported")):
        raise SmartError("no_smart")
    issuer = says.get("issuer")
    return Offer(
        authorize=_endpoint(server, says.get("authorization_endpoint")),
        token=_endpoint(server, says.get("token_endpoint")),
        issuer=issuer if isinstance(issuer, str) else "",
        names_itself=says.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(server: FhirServer, url: Any) -> str:
    """An address that we may use: not of this machine itself, unless the server is."""
    try:
        found = address(url if isinstance(url, str) else "")
    except ValueError:
        raise SmartError("no_smart") from None
    if urlsplit(found).scheme == "http" and urlsplit(server.url).scheme != "http":
        raise SmartError("no_smart")
    return found


def _texts(given: Any) -> list[str]:
    return [one for one in given if isinstance(one, str)] if isinstance(given, list) else []


# Asking


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A care giver who was sent to decide. Without ``launch`` the patient is chosen there."""

    server: str
    launch: str
    state: str
    verifier: str = field(repr=False)


def ask(server: FhirServer, offer: Offer, launch: str, iss: str) -> tuple[Asked, str]:
    """A new question to this server, and where to send the care giver with it. ``iss``: as the launch spelled it."""
    made = Asked(server=server.url, launch=launch, state=token_urlsafe(32), verifier=token_urlsafe(48))
    query = {
        "response_type": "code",
        "client_id": server.client_id,
        "redirect_uri": callback(server),
        "scope": " ".join(scopes(launch)),
        "state": made.state,
        "aud": iss,
        "code_challenge": _base64(sha256(made.verifier.encode()).digest()),
        "code_challenge_method": "S256",
    } | ({"launch": launch} if launch else {})
    joined = "&" if urlsplit(offer.authorize).query else "?"
    return made, f"{offer.authorize}{joined}{urlencode(query)}"


def scopes(launch: str) -> list[str]:
    """What we ask for: this patient's, and no more than what is read and may be sent back."""
    letters = {"Patient": "r"}
    return [
        "launch" if launch else "launch/patient",
        *(f"patient/{kind}.{letters.get(kind, 'rs')}" for kind in READ),
        *(f"patient/{kind}.c" for kind in WRITTEN),
    ]


def callback(server: FhirServer) -> str:
    """The address that is registered with a server. Each host has its own: a server that sends our users on to another
    one, to get at a code that was meant for that one, asks it for an address that it does not know."""
    return f"{settings.SITE}{CALLBACK}{host_of(server)}/"


def host_of(server: FhirServer) -> str:
    """Where a server is, with its port where it has one."""
    return urlsplit(server.url).netloc


# The answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A token for one patient. ``until``: the moment it ends, in seconds; ``scopes``: as they were given."""

    token: str = field(repr=False)
    patient: str
    until: float
    scopes: tuple[str, ...]


def code_in(answer: Mapping[str, str], offer: Offer) -> str:
    """The code in what the care giver came back with. Raises SmartError."""
    if error := answer.get("error"):
        raise refused(error)
    iss = answer.get("iss")
    if (iss is None and offer.names_itself) or (iss is not None and offer.issuer and iss != offer.issuer):
        raise SmartError("other_server")
    if not (code := answer.get("code")):
        raise SmartError("not_registered")
    return code


def exchanged(server: FhirServer, offer: Offer, code: str, asked_with: Asked) -> Grant:
    """The token for this code. Raises SmartError and FhirServerError."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback(server),
        "code_verifier": asked_with.verifier,
        **_who_we_are(server, offer),
    }
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    answer = asked(server.name, "POST", offer.token, WITHIN, headers, urlencode(form).encode())
    says = answer.content if isinstance(answer.content, dict) else {}
    if answer.status != 200:
        raise refused(str(says.get("error", "server_error")))
    return _grant(says, " ".join(scopes(asked_with.launch)))


def _grant(says: Mapping[str, Any], wanted: str) -> Grant:
    token, kind, lasts, scope = (says.get(name) for name in ("access_token", "token_type", "expires_in", "scope"))
    printable = isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token
    if not (printable and token and str(kind).lower() == "bearer"):
        raise SmartError("no_token")
    patient = says.get("patient")
    if not (isinstance(patient, str) and ID.fullmatch(patient)):
        raise SmartError("no_patient")
    seconds = lasts if isinstance(lasts, int) and 0 < lasts < LONGEST_TOKEN else LONGEST_TOKEN
    given = scope if isinstance(scope, str) else wanted  # as OAuth has it: left out where it is what was asked
    return Grant(token=token, patient=patient, until=time.time() + seconds, scopes=tuple(given.split()))


def allows(granted: Iterable[str], kind: str, letter: str, *, whole: bool = False) -> bool:
    """Whether these scopes hold this (c, r, u, d, s) of this kind of resource; ``whole``: without any condition."""
    found = [match for one in granted if (match := SCOPE.fullmatch(one)) and not (whole and match[3])]
    return any(one[1] in ("*", kind) and letter in BEFORE_V2.get(one[2], one[2]) for one in found)


# Who we are


def _who_we_are(server: FhirServer, offer: Offer) -> dict[str, str]:
    """Our name; and where the operator has a key for it, a statement that is signed with it and counts once."""
    if server.key is None:
        return {"client_id": server.client_id}
    now = int(time.time())
    claims = {
        "iss": server.client_id, "sub": server.client_id, "aud": offer.token, "jti": token_urlsafe(24), "iat": now,
        "exp": now + ASSERTION_LASTS,
    }  # fmt: skip
    public = public_key(server.key)
    signed = jwt.encode(claims, server.key, algorithm=public["alg"], headers={"kid": public["kid"]})
    return {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed,
    }


def public_key(key: Key) -> dict[str, str]:
    """The public half, as a server needs it. Its name (``kid``) is its thumbprint, as RFC 7638 makes it."""
    parts: tuple[str, ...]
    if isinstance(key, EllipticCurvePrivateKey):
        jwk, parts, alg = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), True), ("crv", "kty", "x", "y"), "ES384"
    else:
        jwk, parts, alg = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), True), ("e", "kty", "n"), "RS384"
    named = {name: str(jwk[name]) for name in parts}
    thumbprint = sha256(dumps(named, sort_keys=True, separators=(",", ":")).encode()).digest()
    return {**named, "kid": _base64(thumbprint), "alg": alg, "use": "sig"}


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
