"""Asks FHIR servers of others, so that nobody here waits, reads or believes more than was meant.

Only servers of the operator's list (``exchange``) are asked, and only below their address. An answer has a total time
and a largest size, no redirect is followed, no cookie is kept, no proxy or password comes from the environment. What
went wrong is an error that says so in one word, and never holds a token, a query or what was answered: it may be
logged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLateError
from dataclasses import dataclass
from threading import Thread
from time import monotonic
from typing import Any, Literal
from urllib.parse import unquote, urljoin, urlsplit

import requests

from ruggespraak.web.exchange import FhirServer

LARGEST = 4 * 1024 * 1024  # bytes of one answer
MOST_PAGES = 10  # of one search
CHUNK = 16 * 1024  # bytes that are read at a time
FHIR_JSON = "application/fhir+json"

Kind = Literal["timeout", "unreachable", "refused", "status", "not_json", "too_large", "elsewhere"]


class FhirServerError(RuntimeError):
    """A server did not answer as it should. ``kind``: how; ``status``: of HTTP, where there was one.

    ``refused``: 401 or 403; ``status``: another one that is no success; ``elsewhere``: it led to another address.
    """

    def __init__(self, server: str, kind: Kind, status: int = 0) -> None:
        super().__init__(f"{server}: {kind}" + (f" ({status})" if status else ""))
        self.server, self.kind, self.status = server, kind, status


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found. Not ``whole``: there is more than was read, or the server says that it left some out."""

    resources: tuple[dict[str, Any], ...]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered: the status of HTTP and the JSON, or nothing where there was none."""

    status: int
    content: Any


def get(server: FhirServer, path: str, token: str, within: float) -> Any:
    """The JSON at this path below the server's address. ``within``: seconds in all. Raises FhirServerError."""
    answer = asked(server.name, "GET", _below(server, path), within, _headers(token))
    if answer.status != 200 or not isinstance(answer.content, dict):
        raise FhirServerError(server.name, "not_json" if answer.status == 200 else "status", answer.status)
    return answer.content


def search(server: FhirServer, path: str, token: str, within: float) -> Found:
    """Everything that this search finds, over some pages. ``within``: seconds in all. Raises FhirServerError."""
    end, resources, whole, at = monotonic() + within, [], True, path
    for _page in range(MOST_PAGES):
        bundle = get(server, at, token, end - monotonic())
        if bundle.get("resourceType") != "Bundle":
            raise FhirServerError(server.name, "not_json")
        for entry in _dicts(bundle.get("entry")):
            resource, mode = entry.get("resource"), _dict(entry.get("search")).get("mode")
            if mode == "outcome":
                whole = whole and not _says_error(resource)
            elif isinstance(resource, dict):
                resources.append(resource)
        following = next((one.get("url") for one in _dicts(bundle.get("link")) if one.get("relation") == "next"), None)
        if following is None:
            return Found(resources=tuple(resources), whole=whole)
        at = _relative(server, str(following))
    return Found(resources=tuple(resources), whole=False)


def create(server: FhirServer, resource: Mapping[str, Any], token: str, within: float, unless: str) -> bool:
    """Writes this resource, unless the search ``unless`` already finds one; whether it is new. Raises FhirServerError.

    After a timeout it may have been written all the same: trying again does not write it twice.
    """
    headers = _headers(token) | {"Content-Type": FHIR_JSON, "If-None-Exist": unless, "Prefer": "return=minimal"}
    path = str(resource["resourceType"])
    answer = asked(server.name, "POST", _below(server, path), within, headers, json.dumps(resource).encode())
    if answer.status not in (200, 201):
        raise FhirServerError(server.name, "status", answer.status)
    return answer.status == 201


def asked(
    name: str, method: str, url: str, within: float, headers: Mapping[str, str], body: bytes | None = None
) -> Answer:
    """What is answered there: JSON, of whatever status but 401, 403 and a redirect. Raises FhirServerError.

    ``url`` must come from the operator's list, or from what a server of that list says of itself. It is asked in a
    thread that nobody waits for longer than ``within`` seconds: neither looking up a name, nor a peer that sends its
    headers letter by letter, knows any limit of its own.
    """
    end = monotonic() + within
    return _in_time(name, within, lambda: _asked(name, method, url, end, headers, body))


def _in_time(name: str, within: float, does: Callable[[], Answer]) -> Answer:
    found: Future[Answer] = Future()

    def run() -> None:
        try:
            found.set_result(does())
        except BaseException as error:
            found.set_exception(error)

    if within > 0:
        Thread(target=run, daemon=True).start()
    try:
        return found.result(timeout=max(within, 0))
    except TooLateError:
        raise FhirServerError(name, "timeout") from None


def _asked(name: str, method: str, url: str, end: float, headers: Mapping[str, str], body: bytes | None) -> Answer:
    with requests.Session() as session:
        session.trust_env = False  # no proxy, and no password from a .netrc
        try:
            with session.request(
                method, url, data=body, headers={**headers, "Accept-Encoding": "identity"}, stream=True,
                allow_redirects=False, timeout=max(end - monotonic(), 0.001),
            ) as response:  # fmt: skip
                return _read(name, response, end)
        except requests.RequestException as error:
            late = isinstance(error, requests.Timeout) or monotonic() >= end
            raise FhirServerError(name, "timeout" if late else "unreachable") from None


def _read(name: str, response: requests.Response, end: float) -> Answer:
    if response.status_code in (401, 403):
        raise FhirServerError(name, "refused", response.status_code)
    if 300 <= response.status_code < 400:
        raise FhirServerError(name, "elsewhere", response.status_code)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise FhirServerError(name, "not_json", response.status_code)
    content = bytearray()
    for chunk in response.iter_content(CHUNK):
        content += chunk
        if len(content) > LARGEST:
            raise FhirServerError(name, "too_large", response.status_code)
        if monotonic() > end:
            raise FhirServerError(name, "timeout")
    return Answer(status=response.status_code, content=_json(name, response, bytes(content)))


def _json(name: str, response: requests.Response, content: bytes) -> Any:
    """What was answered; nothing where that was empty. A page of HTML with an error says no more than its status."""
    if not content:
        return None
    if "json" not in response.headers.get("Content-Type", ""):
        kind: Kind = "not_json" if response.ok else "status"
        raise FhirServerError(name, kind, response.status_code)
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise FhirServerError(name, "not_json", response.status_code) from None


def _headers(token: str) -> dict[str, str]:
    return {"Accept": FHIR_JSON, "Authorization": f"Bearer {token}"}


# Addresses


def _below(server: FhirServer, path: str) -> str:
    """The address of this path at the server. Raises FhirServerError for one that leads elsewhere."""
    url = f"{server.url}/{path}"
    if not _is_below(server, url):
        raise FhirServerError(server.name, "elsewhere")
    return url


def _relative(server: FhirServer, link: str) -> str:
    """The path of a link that the server gave. Raises FhirServerError for one that leads elsewhere, or nowhere."""
    try:
        url = urljoin(f"{server.url}/", link)
        below = _is_below(server, url)
    except ValueError:  # no address at all
        below = False
    if not below:
        raise FhirServerError(server.name, "elsewhere")
    return url[len(server.url) + 1 :]


def _is_below(server: FhirServer, url: str) -> bool:
    """Also as others would read it: with its dots worked out, and with its percent signs undone."""
    path = unquote(urlsplit(url).path)
    segments = set(path.split("/"))
    plain = url.isascii() and url.isprintable() and not set(url) & set(" \\#") and not segments & {".", ".."}
    return plain and url.startswith(f"{server.url}/") and "//" not in path


# Bundles


def _dict(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}


def _dicts(given: Any) -> list[dict[str, Any]]:
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _says_error(outcome: Any) -> bool:
    """Whether the server says that something of the search was not done."""
    return any(one.get("severity") in ("fatal", "error") for one in _dicts(_dict(outcome).get("issue")))
