"""Power cuts on the real write path: what the server did to its files is written down, and cut anywhere afterwards.

``strace`` writes down every write, flush and answer of the server while patients check in. A cut then picks a moment
after the first of them was acknowledged. What was flushed (fsync) before it is on the disk; of each later write
nothing, all, or some pieces of 512 bytes are, by chance; a file whose folder was not flushed since it was made may be
missing. Every copy is opened with the application. A write that was being made, or a flush that had not returned,
counts as not flushed; an answer counts as soon as the server began to send it. Left out: a disk that says it flushed
and did not; and the shared memory beside the file (-shm), which is made anew from the log.

As a check of the method: the same cuts on a disk that ignores every flush, and on a server that flushes less
(synchronous=NORMAL), must lose something.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from check_ins import (
    ENOUGH,
    FORM,
    Person,
    acknowledged,
    answers,
    application,
    checking_in,
    connected,
    examine,
    free_port,
    hang_up,
    people,
    point_at,
)

SEED = 20261125
WRITERS = 3
SECTOR = 512  # bytes that a disk writes whole
FILE = "site.sqlite3"
CALLS = "openat,pwrite64,write,ftruncate,fsync,fdatasync,unlink,rename,sendto,sendmsg"
CALL = re.compile(r"(?P<pid>\d+) +(?:<\.\.\. )?(?P<name>\w+)(?P<resumed> resumed>)?")
FLUSHES = {"fsync", "fdatasync"}


def has_strace() -> bool:
    return shutil.which("strace") is not None


# Recording


@dataclass
class Write:
    """Bytes at a place of a file, or (``data`` None) the new length of the file, from one line of the recording."""

    file: str
    start: int
    end: int
    at: int
    data: bytes | None


@dataclass
class Recording:
    """The file before, and what happened to it, each with its place in the recording."""

    before: bytes
    people: list[Person]
    writes: list[Write] = field(default_factory=list)
    flushes: list[tuple[str, int, int]] = field(default_factory=list)  # file or folder, began, returned
    made: dict[str, int] = field(default_factory=dict)
    answers: list[tuple[int, str]] = field(default_factory=list)  # place, whose link
    length: int = 0


def record(check_ins: int, synchronous: str = "FULL") -> Recording:
    """A server under strace, until so many check-ins are acknowledged."""
    with tempfile.TemporaryDirectory(prefix="ruggespraak-") as name:
        folder = Path(name)
        application(folder)
        someone = people(WRITERS)
        hang_up()
        found = Recording((folder / FILE).read_bytes(), someone)
        with _traced(folder, synchronous) as port, checking_in(someone, port):
            until = time.monotonic() + 2 * ENOUGH
            while acknowledged(someone) < check_ins:
                assert time.monotonic() < until, "the server does not answer"
                if synchronous == "FULL":  # writing a session leaves its connection at FULL
                    _others_begin_a_check(port)
                time.sleep(0.1)
        _read(found, folder)
    return found


@contextmanager
def _traced(folder: Path, synchronous: str) -> Iterator[int]:
    port = free_port()
    serve = f"import power; power.serve({port}, {synchronous!r})"
    path = [str(Path(__file__).parent), *sys.path]
    process = subprocess.Popen(
        ["strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "200000", "-e", f"trace={CALLS}", "-o", folder / "calls",
         sys.executable, "-c", f"import sys; sys.path[:] = {path}; {serve}"],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        answers(port)
        yield port
    finally:
        # strace outlives what it looks at: so it has written down all of it
        server = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
        os.killpg(int(server), signal.SIGKILL)
        process.wait(ENOUGH)


def serve(port: int, synchronous: str) -> None:
    """In a process of its own."""
    import django
    from django.conf import settings

    import check_ins

    os.setpgrp()
    django.setup()
    options = settings.DATABASES["default"]["OPTIONS"]
    assert "synchronous=FULL" in options["init_command"]
    options["init_command"] = options["init_command"].replace("synchronous=FULL", f"synchronous={synchronous}")
    check_ins.serve(port)


def _others_begin_a_check(port: int) -> None:
    """Somebody begins a self-check: her session is written, and not flushed, on a connection that others use next."""
    with connected(port) as connection:
        connection.request("POST", "/nl/check/", "who=me&go=on", FORM)
        answer = connection.getresponse()
        answer.read()
        assert answer.getheader("Set-Cookie"), f"no session was begun: {answer.status}"


def _read(found: Recording, folder: Path) -> None:
    """The recording, line by line. A call that others interrupt stands on two lines: where it began, and returned."""
    began: dict[str, tuple[int, str]] = {}
    with (folder / "calls").open(encoding="ascii") as lines:
        for number, line in enumerate(lines):
            call = CALL.match(line)
            if call is None:
                continue
            start, whole = number, line
            if line.endswith("<unfinished ...>\n"):
                began[call["pid"]] = number, line.removesuffix("<unfinished ...>\n")
                continue
            if call["resumed"]:
                start, first = began.pop(call["pid"])
                whole = first + line[line.index("resumed>") + len("resumed>") :]
            _happened(found, folder, call["name"], whole, start, number)
        for start, whole in began.values():  # it never returned
            _happened(found, folder, CALL.match(whole)["name"], whole, start, sys.maxsize)  # type: ignore[index]
    found.length = number + 1


STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
OPEN_FILE = re.compile(r"\((\d+)<((?:\\x[0-9a-f]{2})*)>")
NUMBERS = re.compile(r'", (\d+), (\d+)')
LENGTH = re.compile(r">, (\d+)")
WHOSE = re.compile(rb"^HTTP/1.1 302 .*\r\nLocation: /nl/mine/([^/]+)/course/", re.DOTALL | re.IGNORECASE)


def _bytes(hex: str) -> bytes:
    return bytes.fromhex(hex.replace("\\x", ""))


def _happened(found: Recording, folder: Path, name: str, line: str, start: int, end: int) -> None:
    if line.rstrip().endswith(")") and ") = -1 " in line:
        return
    says = STRING.search(line)
    if name in ("sendto", "sendmsg"):
        if says and (whose := WHOSE.match(_bytes(says[1]))):
            found.answers.append((start, whose[1].decode()))
        return
    if name == "openat":
        path = Path(_bytes(says[1]).decode()) if says else Path()
        if "O_CREAT" in line and path.parent == folder and path.name.startswith(FILE) and path.name != FILE:
            found.made.setdefault(path.name, start)
        return
    if name in ("unlink", "rename"):
        assert FILE not in line, "a file of the database was removed: the model does not have that"
        return
    opened = OPEN_FILE.search(line)
    path = Path(_bytes(opened[2]).decode()) if opened else Path()
    if path == folder and name in FLUSHES:
        found.flushes.append((".", start, end))
    if path.parent != folder or not path.name.startswith(FILE) or path.name.endswith("-shm"):
        return
    if name in FLUSHES:
        found.flushes.append((path.name, start, end))
    elif name == "ftruncate":
        found.writes.append(Write(path.name, start, end, int(LENGTH.search(line)[1]), None))  # type: ignore[index]
    elif name == "pwrite64":
        assert says
        _size, at = NUMBERS.search(line).groups()  # type: ignore[union-attr]
        found.writes.append(Write(path.name, start, end, int(at), _bytes(says[1])))
    else:
        raise AssertionError(f"{name} on {path.name}: the model does not have that")


# Cutting


def disk_after(found: Recording, moment: int, pick: Random, flushed: bool = True) -> dict[str, bytes]:
    """The files as they are after a cut at that place of the recording. ``flushed``: the disk obeys."""
    safe_until: dict[str, int] = {}
    for file, began, returned in found.flushes:
        if flushed and returned <= moment:
            safe_until[file] = max(safe_until.get(file, -1), began)
    files = {FILE: bytearray(found.before)}
    for file, made in found.made.items():
        if made <= moment and not file.endswith("-shm"):
            files[file] = bytearray()
    for one in found.writes:
        if one.start > moment:
            continue
        _on_disk(files[one.file], one, pick, whole=one.end < safe_until.get(one.file, -1))
    for file, made in found.made.items():
        if file in files and safe_until.get(".", -1) <= made and pick.random() < 0.5:
            del files[file]
    return {file: bytes(image) for file, image in files.items()}


def _on_disk(image: bytearray, one: Write, pick: Random, whole: bool) -> None:
    chance = pick.random()
    if not whole and chance < 1 / 3:
        return
    if one.data is None:
        del image[one.at :]
        image.extend(bytes(one.at - len(image)))
        return
    image.extend(bytes(max(0, one.at + len(one.data) - len(image))))
    for begin in range(0, len(one.data), SECTOR):
        piece = one.data[begin : begin + SECTOR]
        if whole or chance < 2 / 3 or pick.random() < 0.5:
            image[one.at + begin : one.at + begin + len(piece)] = piece


# Figures


@dataclass
class Cuts:
    """After so many cuts: in how many something acknowledged was gone, or the rest was wrong."""

    cuts: int = 0
    lost: int = 0
    cuts_with_loss: int = 0
    faults: list[str] = field(default_factory=list)


def cuts(found: Recording, how_many: int, flushed: bool = True) -> Cuts:
    """Cuts the recording at so many places, and opens every copy with the application."""
    pick, result, first = Random(SEED), Cuts(), found.answers[0][0]
    with tempfile.TemporaryDirectory(prefix="ruggespraak-") as name:
        for number in range(how_many):
            folder, moment = Path(name) / str(number), pick.randrange(first, found.length)
            folder.mkdir()
            for file, image in disk_after(found, moment, pick, flushed).items():
                (folder / file).write_bytes(image)
            point_at(str(folder / FILE))
            one = examine(_as_promised(found, moment))
            hang_up()
            shutil.rmtree(folder)
            result.cuts += 1
            result.lost += one.lost
            result.cuts_with_loss += bool(one.lost or one.faults)
            result.faults += one.faults
    return result


def _as_promised(found: Recording, moment: int) -> list[Person]:
    """The same patients, with what was acknowledged at that moment."""
    promised = Counter(token for place, token in found.answers if place <= moment)
    some = []
    for person in found.people:
        count, sent = promised[person.token], []
        for one in person.sent:
            told = one.acknowledged and count > 0
            count -= told
            sent.append(type(one)(one.number, 302 if told else 0))
        some.append(Person(person.episode, person.token, sent))
    return some


def power_cuts(how_many: int, check_ins: int) -> dict:
    """The cuts, and the two checks of the method."""
    begin = time.perf_counter()
    found = record(check_ins)
    result = cuts(found, how_many)
    ignored = cuts(found, how_many, flushed=False)
    normal = cuts(record(check_ins, "NORMAL"), how_many)
    return {
        "cuts": result.cuts,
        "acknowledged": len(found.answers),
        "writes": len(found.writes),
        "flushes": len(found.flushes),
        "lost": result.lost,
        "faults": result.faults[:10],
        "cuts with a loss where the disk ignores flushes": ignored.cuts_with_loss,
        "cuts with a loss where synchronous is NORMAL": normal.cuts_with_loss,
        "seconds": round(time.perf_counter() - begin, 1),
    }
