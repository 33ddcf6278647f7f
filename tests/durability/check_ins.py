"""Patients who check in at a real server, and what the record has of them after the machine did its worst.

Each patient has an episode of her own and sends scores in a known order. The answer that sends her on (302) is the
acknowledgement: what it promised must be on record, once. What was sent and not acknowledged may be there, or not.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1]))
import database

TODAY = date.today()
PLAIN = {"low_back_pain": True, "leg_pain": False, "duration_days": 5, "age_years": 40}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ENOUGH = 60  # seconds in which anything answers
SCORES = 11  # 0 to 10
STANDS = ("facts_so_far", "status", "concern", "alarm_open", "verdict", "next_contact", "why", "missed")


# The application in this process


def application(folder: Path) -> None:
    """Django with its settings, on a new and empty database in this folder."""
    os.environ.pop("RUG_TEST_DATABASE", None)
    empty = database.prepared()
    hang_up()
    shutil.copy(empty, folder / "site.sqlite3")
    point_at(str(folder / "site.sqlite3"))


def point_at(address: str) -> None:
    """From now on this process, and every server that it starts, works on that database."""
    from django.db import connections

    from ruggespraak.clinic.database import database as as_settings

    hang_up()
    connections.settings["default"] |= {"CONN_MAX_AGE": 0} | as_settings(address)
    del connections["default"]
    os.environ["RUG_DATABASE"] = address


def hang_up() -> None:
    """No connection stays open: a server that is forked from here must share none."""
    from django.db import connection

    connection.close()


# The server


class Site:
    """The real server, forked from this process so that it starts at once. ``said``: all that it wrote down."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.port, self.log = port or free_port(), folder / "server.log"

    def __enter__(self) -> Site:
        import ruggespraak.web.wsgi  # noqa: F401 (so that the server need not load it)

        hang_up()
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            to = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(to, 1)
            os.dup2(to, 2)
            try:
                serve(self.port)
            finally:
                os._exit(1)
        answers(self.port)
        return self

    def kill(self) -> None:
        """-9, every process of it, at one moment."""
        if self.pid:
            os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = 0

    def __exit__(self, *_error: object) -> None:
        self.kill()

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")


def serve(port: int) -> None:
    """What ``rug serve`` runs, until it is killed."""
    from ruggespraak.web.server import Server

    Server(f"127.0.0.1:{port}").run()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> None:
    """Waits until the server answers: a page that needs no database."""
    until = time.monotonic() + ENOUGH
    while True:
        with connected(port) as connection:
            try:
                connection.request("GET", "/nl/about/")
                connection.getresponse().read()
                return
            except (OSError, HTTPException):
                if time.monotonic() > until:
                    raise
        time.sleep(0.01)


@contextmanager
def connected(port: int) -> Iterator[HTTPConnection]:
    connection = HTTPConnection("127.0.0.1", port, timeout=ENOUGH)
    try:
        yield connection
    finally:
        connection.close()


# Patients


@dataclass
class Sent:
    """One check-in. ``number``: its place among all of this patient; ``status``: 0 where nothing came back.

    ``since``: when it was sent; ``at``: when it was answered, or known to be lost; 0 meanwhile.
    """

    number: int
    status: int = 0
    page: str = ""
    since: float = field(default_factory=time.monotonic)
    at: float = 0.0

    @property
    def acknowledged(self) -> bool:
        return self.status == 302

    @property
    def refused(self) -> bool:
        return bool(self.at) and not self.acknowledged

    @property
    def scores(self) -> tuple[int, int]:
        return self.number % SCORES, self.number // SCORES % SCORES


@dataclass
class Person:
    """A patient with her link, and all that she sent."""

    episode: str
    token: str
    sent: list[Sent] = field(default_factory=list)

    def check_in(self, connection: HTTPConnection) -> Sent:
        """The next of her check-ins. Never sent twice: an answer that did not come is told by the record."""
        one = Sent(len(self.sent))
        self.sent.append(one)
        pain, doing = one.scores
        fields = {"none": "on", "course": "better", "pain_back_nrs": pain, "activity_score": doing}
        try:
            connection.request("POST", f"/nl/mine/{self.token}/", urlencode(fields), FORM)
            answer = connection.getresponse()
            page = answer.read().decode()
            one.page, one.status = page, answer.status
        except (OSError, HTTPException):
            connection.close()
        one.at = time.monotonic()
        return one


def people(how_many: int) -> list[Person]:
    """New patients, each of whom told the first answers."""
    from ruggespraak.clinic import record, sharing
    from ruggespraak.clinic.models import Practice
    from ruggespraak.course import Answers

    practice = Practice.objects.first() or Practice.objects.create(name="De Wervel", profession="gp")
    made = []
    for number in range(how_many):
        identity = {"name": f"Test {number}", "born": 1980, "email": f"test{number}@example.org", "lang": "nl"}
        episode = record.open_episode(record.new_patient(practice, identity, TODAY), TODAY)
        record.add(episode, Answers(TODAY, PLAIN, frozenset(), "patient"), "patient")
        made.append(Person(str(episode.pk), sharing.link_of(episode)))
    return made


@contextmanager
def checking_in(someone: Iterable[Person], port: int, pause: float = 0.0) -> Iterator[None]:
    """Meanwhile each of them checks in, again and again, whether it is acknowledged or not."""
    over = Event()

    def goes_on(person: Person) -> None:
        with connected(port) as connection:
            while not over.is_set():
                if not person.check_in(connection).acknowledged:
                    over.wait(0.05)
                over.wait(pause)

    threads = [Thread(target=goes_on, args=(person,)) for person in someone]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


# What the record has of it


def acknowledged(someone: Iterable[Person]) -> int:
    return sum(one.acknowledged for person in someone for one in person.sent)


@dataclass
class Found:
    """What was found: how many acknowledged check-ins are gone, and everything else that is wrong, in words."""

    lost: int = 0
    faults: list[str] = field(default_factory=list)

    def __add__(self, other: Found) -> Found:
        return Found(self.lost + other.lost, self.faults + other.faults)


def examine(someone: Iterable[Person], whole_file: bool = True) -> Found:
    """Opens the database with the application. ``whole_file``: SQLite reads every page of it as well."""
    someone = list(someone)
    try:
        return sum((_of(person) for person in someone), Found(faults=[*_chain(), *(_file() if whole_file else ())]))
    except Exception as error:  # whatever a broken file leads to
        return Found(acknowledged(someone), [f"it cannot be read: {error!r}"])


def _chain() -> Iterator[str]:
    from ruggespraak.clinic import log

    try:
        log.verify()
    except (log.BrokenLogError, log.LogHead.DoesNotExist) as error:
        yield f"the access log is broken: {error}"


def _file() -> Iterator[str]:
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for pragma in ("integrity_check", "foreign_key_check"):
                cursor.execute(f"PRAGMA {pragma}")
                for row in cursor.fetchall():
                    if row != ("ok",):
                        yield f"{pragma}: {row}"


def _of(person: Person) -> Found:
    """Her episode: each check-in once, each fact with its decision, and where she stands as the facts make it."""
    from ruggespraak.clinic import log, record
    from ruggespraak.clinic.models import Decision, Episode

    episode = Episode.objects.filter(pk=person.episode).select_related("patient").first()
    if episode is None:
        return Found(acknowledged([person]), ["an episode is gone"])
    _first, *told = record.history(episode)
    found = _missing(person, [(one.event.told["pain_back_nrs"], one.event.told["activity_score"]) for one in told])
    if [one.fact.number for one in (_first, *told)] != list(range(1, len(told) + 2)):
        found.faults.append("a fact has no place of its own")
    now, stands = record.replayed(episode), Episode(facts_so_far=len(told) + 1)
    record._stand(stands, now)
    found.faults += [
        f"{name} is {getattr(episode, name)}, and {getattr(stands, name)} by the facts"
        for name in STANDS
        if getattr(episode, name) != getattr(stands, name)
    ]
    decided = [record.known(one) for one in Decision.objects.filter(fact__episode=episode)]
    if len(decided) != len(now.decisions):
        found.faults.append(f"{len(decided)} decisions are kept, and {len(now.decisions)} were made")
    rows = log.of_patient(episode.patient).filter(event=log.What.WRITE, page="check_in").count()
    if rows != len(told):
        found.faults.append(f"{len(told)} check-ins are on record, and {rows} in the access log")
    return found


def _missing(person: Person, told: list[tuple[int, int]]) -> Found:
    """Goes through what she sent, in its order, and looks for each on record."""
    found, rest = Found(), iter([*told, None])
    next_one = next(rest)
    for one in person.sent:
        if one.scores == next_one:
            next_one = next(rest)
        elif one.acknowledged:
            found.lost += 1
    if next_one is not None:
        found.faults.append(f"on record, and sent only once or never: {next_one}")
    return found


# What is said meanwhile


def unclear(refused: Iterable[Sent]) -> list[str]:
    """Faults of the pages that were shown instead: no answer, another status, a traceback, no word of what to do."""
    found = set()
    for one in refused:
        if one.status not in (500, 503):
            found.add(f"instead of a page: {one.status or 'no answer'}")
        elif "Traceback" in one.page or "Error" in one.page:
            found.add("a page shows a traceback")
        elif "112" not in one.page:
            found.add("a page does not say what to do")
    return sorted(found)


def leaks(site: Site, someone: Iterable[Person]) -> list[str]:
    """What the server wrote down and should not have: a link, by which anybody opens the record of that patient."""
    said = site.said
    return sorted({"a link stands in the log of the server" for person in someone if person.token in said})
