"""Fifty people do the self-check at once: how long each of them waits, beside a bare Django 'hello' in the same run.

``python benchmarks/load.py`` starts ``rug demo`` and ``hello.py``, and sends the same number of people to both, in
turns. On the website each of them does whole self-checks, in Dutch or English: the answers are drawn at random (mostly
no), a list is sometimes left half done, an alarm interrupts, some take the PDF along, and all erase their answers at
the end. Everybody thinks for 2 to 5 seconds between two pages. A wait is from the click to the last byte, connecting
included: that is what a browser does after a pause, for the server ends a connection that is silent for 2 seconds.

Promised: of all clicks 95 % are answered within 300 ms, a sent form and the page that it leads to counting as one; no
error; and 95 % of the requests take no more than three times what 95 % of those for hello take. What is missed is said,
and the exit status is 1. PDFs, style and pictures are counted apart: a hello has none, and a browser keeps them.

The client's own share is in both: against a server that does nothing it waits 0.1 ms (median), and fifty visitors take
about 1 % of a core. Measure on a machine that does nothing else: a wait of a few milliseconds is lengthened more by
other programs than by ours, and not equally in both. The ratio of the medians stands beside it, for it suffers less.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import select
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from ruggespraak.pathway.findings import VOCABULARY

HERE = Path(__file__).parent
THINK = (2.0, 5.0)  # seconds between two pages
WARM_UP = 10.0  # seconds
ROUNDS = 2  # the website and hello in turns: what else the machine does then falls on both
SLOWEST, TIMES_HELLO = 300.0, 3.0  # milliseconds and ratio: what is promised of the 95th percentile
SEED = 20260115

PDF_TAKEN, STOPS_AT_ALARM, PRESSES_NONE, LEFT_ALONE, NOT_KNOWN = 0.4, 0.3, 0.4, 0.03, 0.05
"""How often: own choices. Enough of everything happens in a minute."""
YES_NO_UNCLEAR = (0.12, 0.8, 0.08)

APART = ("pdf", "file")
SENT = "form sent"

FORM = re.compile(r'<form method="post".*?</form>', re.DOTALL)
TAG = re.compile(r"<(?:input|button)\b[^>]*>")
ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
FILE = re.compile(r'"(/static/[^"]+)"')


@dataclass(frozen=True, slots=True)
class Wait:
    """One request: what it was for, and for how long somebody waited. ``fault``: what went wrong."""

    kind: str
    ms: float
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What came back."""

    path: str
    body: str

    @property
    def kind(self) -> str:
        last = self.path.strip("/").split("/")[-1]
        if self.path.startswith("/static/"):
            return "file"
        if last.endswith(".pdf"):
            return "pdf"
        if 'class="interruption"' in self.body:
            return "alarm"
        return {"": "hello", "nl": "start", "en": "start", "check": "begin"}.get(
            last, "question" if last.isdigit() else last
        )


class FaultError(Exception):
    """A page that a visitor should not have met."""


@dataclass
class Visitor:
    """One browser: its connection, its cookies, and all that it waited for."""

    port: int
    pick: Random
    requests: list[Wait] = field(default_factory=list)
    clicks: list[Wait] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def open(self, path: str) -> Page:
        """A page that a link leads to."""
        return self._click("GET", path)

    def send(self, page: Page, go_to: str = "") -> Page:
        """The form of this page (the one that leads to ``go_to``), filled in and sent."""
        form = next((form for form in FORM.findall(page.body) if f'{go_to}"' in form), None)
        if form is None:
            raise self._fault(page.kind, f"{page.path}: no form {go_to}")
        action = dict(ATTRIBUTE.findall(form.partition(">")[0])).get("action", page.path)
        return self._click("POST", action, urlencode(filled_in(form, self.pick)))

    def _click(self, method: str, path: str, form: str | None = None) -> Page:
        start = time.perf_counter()
        location, page = self._request(method, path, form)
        if location:
            location, page = self._request("GET", location)
        if location:
            raise self._fault(page.kind, f"{path} leads to a page that leads on to {location}")
        self.clicks.append(Wait(page.kind, 1000 * (time.perf_counter() - start)))
        return page

    def _request(self, method: str, path: str, form: str | None = None) -> tuple[str, Page]:
        """Where it leads on to, and the page. The clock runs from before connecting to the last byte."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self.connection.sock and select.select([self.connection.sock], [], [], 0)[0]:
            self.connection.close()  # the server ended it
        kept = self.connection.sock is not None
        start = time.perf_counter()
        try:
            self.connection.request(method, path, form, headers)
            response = self.connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            if kept and isinstance(error, ConnectionError):  # it ended this very moment: a browser tries again, too
                return self._request(method, path, form)
            raise self._fault("no answer", f"{method} {path}: {error!r}") from error
        took = 1000 * (time.perf_counter() - start)
        page = Page(path, "" if path.endswith(".pdf") else body.decode())
        kind = SENT if form is not None else page.kind
        if response.status not in (200, 302):
            raise self._fault(kind, f"{method} {path}: {response.status}")
        self.requests.append(Wait(kind, took))
        for cookie in SimpleCookie("; ".join(response.headers.get_all("Set-Cookie", []))).values():
            self.cookies[cookie.key] = cookie.value
        return response.headers.get("Location", ""), page

    def _fault(self, kind: str, says: str) -> FaultError:
        self.requests.append(Wait(kind, 0.0, says))
        return FaultError(says)

    # What visitors do; after each step they think

    def self_checks(self) -> Iterator[None]:
        """One self-check after another. Who meets a fault begins anew."""
        while True:
            self.cookies.clear()
            try:
                yield from self._self_check(self.pick.choice(("nl", "en")))
            except FaultError:
                yield

    def _self_check(self, lang: str) -> Iterator[None]:
        page = self.open(f"/{lang}/")
        for file in sorted(set(FILE.findall(page.body))):
            self.open(file)
        yield
        page = self.open(f"/{lang}/check/")
        while page.kind in ("begin", "question", "alarm"):
            yield
            if page.kind == "alarm" and self.pick.random() < STOPS_AT_ALARM:
                break
            page = self.send(page)
        yield
        page = self.open(f"/{lang}/check/result/")
        yield
        if self.pick.random() < PDF_TAKEN:
            self.open(f"/{lang}/check/result-{self.pick.choice(('a4', 'booklet'))}.pdf")
            yield
        self.send(page, f"/{lang}/check/erase/")
        yield

    def hellos(self) -> Iterator[None]:
        """Hello, again and again."""
        while True:
            with suppress(FaultError):
                self.open("/")
            yield


# Forms


def filled_in(form: str, pick: Random) -> list[tuple[str, str]]:
    """Every field of this form as somebody could answer it, and one of its buttons."""
    fields: dict[str, list[dict[str, str]]] = {}
    for tag in TAG.findall(form):
        found = dict(ATTRIBUTE.findall(tag))
        if "name" in found:
            fields.setdefault(found["name"], []).append(found)
    offered = [one["value"] for one in fields.pop("go", [])]
    hidden = [(name, one["value"]) for name, (one, *_) in fields.items() if one["type"] == "hidden"]
    if "none" in offered and pick.random() < PRESSES_NONE:
        return [*hidden, ("go", "none")]
    if not {"on", "more"} & set(offered) and offered:
        return [*hidden, *checked(form), ("go", pick.choice(offered))]
    sent = [*hidden, *(one for name, these in fields.items() for one in answer(name, these, "none" in offered, pick))]
    return sent + [("go", go) for go in offered[:1]]


def checked(form: str) -> list[tuple[str, str]]:
    """What was chosen before."""
    these = [dict(ATTRIBUTE.findall(tag)) for tag in TAG.findall(form) if " checked" in tag]
    return [(one["name"], one["value"]) for one in these]


def answer(name: str, these: Sequence[dict[str, str]], of_a_list: bool, pick: Random) -> list[tuple[str, str]]:
    """An answer to the question of this field; its other fields (the unit, not known, the parts of a date) with it."""
    values = [one.get("value", "") for one in these]
    if name == "place":
        return [(name, "low_back"), *([(name, pick.choice(values[:-2]))] if pick.random() < 0.5 else [])]
    if name.endswith("-day"):
        return date_before_today(name.removesuffix("-day"), pick)
    if these[0]["type"] == "radio" and not name.endswith("-unit"):
        if of_a_list and pick.random() < LEFT_ALONE:
            return []
        weights = YES_NO_UNCLEAR if values == ["yes", "no", "unclear"] else None
        return [(name, pick.choices(values, weights)[0])]
    if these[0]["type"] == "text" and name in VOCABULARY:
        return number(name, pick)
    return []


def date_before_today(name: str, pick: Random) -> list[tuple[str, str]]:
    day = date.today() - timedelta(days=pick.randrange(1, 400))
    return [(f"{name}-day", str(day.day)), (f"{name}-month", str(day.month)), (f"{name}-year", str(day.year))]


def number(name: str, pick: Random) -> list[tuple[str, str]]:
    finding = VOCABULARY[name]
    if pick.random() < NOT_KNOWN:
        return [(f"{name}-unclear", "unclear")]
    if finding.unit == "days":
        return [(name, str(pick.randrange(1, 100))), (f"{name}-unit", "days")]
    return [(name, str(pick.randint(int(finding.minimum or 0), int(finding.maximum or 0))))]


# Servers and crowds


@contextmanager
def serving(*command: str, port: int, **env: str) -> Iterator[int]:
    """This command, from when it says that it listens; stopped as Ctrl-C stops it."""
    server = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True, env={**os.environ, **env})
    try:
        assert server.stdout is not None
        if not server.stdout.readline():
            raise SystemExit(f"{' '.join(command)}: does not serve")
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


class Crowd:
    """Everybody who visits one server. They go on where they were when it is their turn again."""

    def __init__(self, port: int, users: int, hello: bool) -> None:
        self.visitors = [Visitor(port, Random(f"{SEED} {number}")) for number in range(users)]
        self.walks = [one.hellos() if hello else one.self_checks() for one in self.visitors]

    def visit(self, seconds: float, ahead: int = 0) -> None:
        """For so long. ``ahead``: each first goes up to so many pages on, without thinking."""
        end = time.monotonic() + seconds
        threads = [
            threading.Thread(target=self._walk, args=(*one, end, ahead))
            for one in zip(self.visitors, self.walks, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _walk(self, visitor: Visitor, walk: Iterator[None], end: float, ahead: int) -> None:
        for _ in range(visitor.pick.randint(0, ahead)):
            next(walk)
        pause = visitor.pick.uniform(0, THINK[1])  # they do not all begin at once
        while time.monotonic() + pause < end:
            time.sleep(pause)
            next(walk)
            pause = visitor.pick.uniform(*THINK)
        time.sleep(max(0.0, end - time.monotonic()))

    def forget(self) -> list[Wait]:
        """Empties what was noted; what went wrong is returned."""
        faults = [wait for one in self.visitors for wait in one.requests if wait.fault]
        for one in self.visitors:
            one.requests.clear()
            one.clicks.clear()
        return faults


# Figures


def figures(waits: Sequence[Wait]) -> dict[str, float]:
    """How many, how many of them went wrong, and percentiles of the wait in milliseconds."""
    times = [wait.ms for wait in waits if not wait.fault]
    cuts = statistics.quantiles(times, n=100) if len(times) > 1 else [0.0] * 99
    percentiles = {f"p{part}, ms": round(cuts[part - 1], 1) for part in (50, 95, 99)}
    return {"n": len(waits), "errors": sum(bool(wait.fault) for wait in waits), **percentiles}


def by_kind(waits: Sequence[Wait]) -> dict[str, dict[str, float]]:
    """The same for each kind of page, the most frequent first."""
    kinds = sorted({wait.kind for wait in waits}, key=lambda kind: -sum(wait.kind == kind for wait in waits))
    return {kind: figures([wait for wait in waits if wait.kind == kind]) for kind in kinds}


def measure(users: int, seconds: float) -> tuple[dict, list[str]]:
    """All figures, and each fault in a few words."""
    with ExitStack() as stack:
        ports = free_port(), free_port()
        limits = {"RUG_ANSWERS_A_MINUTE": "100000", "RUG_PDFS_A_MINUTE": "100000"}  # all come from one address here
        demo = ("-m", "ruggespraak.cli", "demo", "--no-browser", "--port", str(ports[0]))
        stack.enter_context(serving(*demo, port=ports[0], **limits))
        stack.enter_context(serving(str(HERE / "hello.py"), str(ports[1]), port=ports[1]))
        site, hello = Crowd(ports[0], users, hello=False), Crowd(ports[1], users, hello=True)
        for crowd in (site, hello):
            crowd.visit(WARM_UP, ahead=15)
        faults = site.forget() + hello.forget()
        before, busy = time.perf_counter(), time.process_time()
        for _ in range(ROUNDS):
            for crowd in (site, hello):
                crowd.visit(seconds / ROUNDS)
        own = (time.process_time() - busy) / (time.perf_counter() - before)
    requests = [wait for one in site.visitors for wait in one.requests]
    clicks = [wait for one in site.visitors for wait in one.clicks if wait.kind not in APART]
    hellos = [wait for one in hello.visitors for wait in one.requests]
    faults += [wait for wait in (*requests, *hellos) if wait.fault]
    every, plain = figures([wait for wait in requests if wait.kind not in APART]), figures(hellos)
    found = {
        "users": users,
        "seconds": seconds,
        "errors": len(faults),
        "clicks": figures(clicks),
        "requests": every,
        "hello": plain,
        "times hello": {part: round(every[f"{part}, ms"] / plain[f"{part}, ms"], 1) for part in ("p50", "p95")},
        "by kind": by_kind(requests),
        "client, share of a core": round(own, 3),
        "load average": [round(one, 1) for one in os.getloadavg()],
    }
    return found, [wait.fault for wait in faults]


def missed(found: dict) -> list[str]:
    """The promises that were not kept."""
    slow, times = found["clicks"]["p95, ms"], found["times hello"]["p95"]
    return [
        says
        for broken, says in (
            (slow >= SLOWEST, f"95 % of the clicks within {slow:.0f} ms, promised {SLOWEST:.0f}"),
            (found["errors"] > 0, f"{found['errors']} errors"),
            (times > TIMES_HELLO, f"{times:.1f} times hello, promised {TIMES_HELLO:.0f}"),
        )
        if broken
    ]


def table(found: dict) -> str:
    """The figures for reading."""
    rows = {"every click": found["clicks"], "every request": found["requests"], "hello": found["hello"]}
    lines = [f"{'':<16} {'n':>6} {'errors':>6} {'p50':>8} {'p95':>8} {'p99':>8}   ms"]
    for name, row in {**rows, **{f"  {kind}": row for kind, row in found["by kind"].items()}}.items():
        times = " ".join(f"{row[f'p{part}, ms']:>8.1f}" for part in (50, 95, 99))
        lines.append(f"{name:<16} {row['n']:>6} {row['errors']:>6} {times}")
    load = ", ".join(map(str, found["load average"]))
    median, p95 = found["times hello"].values()
    lines.append(f"times hello: p50 {median}, p95 {p95}; {found['users']} users, {found['seconds']:.0f} s")
    lines.append(f"the client took {found['client, share of a core']:.1%} of a core; load average {load}")
    return "\n".join(lines)


def main() -> None:
    """Prints the figures; exits 1 when a promise is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0, help="on each of the two, after warming up")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    asked = parser.parse_args()
    found, faults = measure(asked.users, asked.seconds)
    print(json.dumps(found, indent=2) if asked.json else table(found))
    for line in (*faults[:10], *(f"missed: {says}" for says in missed(found))):
        print(line, file=sys.stderr)
    sys.exit(bool(missed(found)))


if __name__ == "__main__":
    main()
