"""The queue before the threads: it has an end, and nobody who is slow holds it up.

gunicorn gives a connection to a thread as soon as it is there, and the thread waits for the rest of the request; it
waits for who does not hang up in the loop that all connections share; and its queue has no end. Measured: ten visitors
who send half a request stop the site for as long as they like, and ten who do not hang up stop it for 20 seconds.

So here the one loop reads. A thread gets a request that is whole, in memory; what is too large, of unknown length or
one too many is refused at once, without a thread; and who is slow keeps nobody else waiting.
"""

from __future__ import annotations

import logging
import re
import socket
import struct
import sys
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.http import get_parser
from gunicorn.workers.gthread import TConn, ThreadWorker

LONGEST = 1_000
"""Requests that wait for a thread. As many orders at once are to be answered; the last of them is after 8 seconds, of
as many decisions after 2 (measured on two busy cores). Nobody is helped by an answer that comes later (own choice)."""

SECONDS = 10
"""For a whole request to come, for an answer to be taken, and for the other side to hang up. Own choice: enough for a
form over a bad line."""

LARGEST_HEAD = 64 * 2**10  # bytes: several times what a browser sends
LARGEST_BODY = 2**20  # bytes: no page takes more; each says itself what it takes
AT_ONCE = 2**18  # bytes that are read in one go

TURN = 0.001
"""Seconds after which a thread that computes lets another one go on. With Python's own 5 ms, the loop that accepts and
refuses stands behind the threads at each of its steps: measured, a refusal then takes three times as long. With half a
millisecond the threads hinder each other: a tenth fewer answers."""

HEAD_ENDS = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length[ \t]*:[ \t]*0*(\d{0,10})", re.IGNORECASE)  # more digits: too large anyway
UNKNOWN_LENGTH = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)
ASKS_FIRST = re.compile(rb"\r\nexpect[ \t]*:[^\r]*", re.IGNORECASE)
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"

log = logging.getLogger(__name__)


def refusal(status: str, text: str, *more: str) -> bytes:
    """An answer that needs no application: whoever is refused, a browser or other software, can read it."""
    body = f"{text}\n".encode()
    head = f"HTTP/1.1 {status}", "Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(body)}"
    return "\r\n".join((*head, "Cache-Control: no-store", "Connection: close", *more, "", "")).encode() + body


BUSY = refusal(
    "503 Service Unavailable",
    "Het is nu te druk. Probeer het zo weer. Heeft u nu hulp nodig? Bel uw huisarts, of 112 als uw leven in gevaar is."
    "\nToo many people ask at once. Please try again in a moment. Do you need help now? Phone your GP, or 112 if your "
    "life is in danger.",
    "Retry-After: 1",
)
LONG_HEAD = refusal("431 Request Header Fields Too Large", f"at most {LARGEST_HEAD} bytes of headers expected")
LONG_BODY = refusal("413 Content Too Large", f"at most {LARGEST_BODY} bytes expected")
NO_LENGTH = refusal("411 Length Required", "Content-Length expected, no Transfer-Encoding")


class Connection(TConn):
    """A connection, and what has come so far of its next request."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SECONDS, 0))
        self.data_ready = True  # no thread waits for it
        self.come = bytearray()
        self.ends: float | None = None  # when what is awaited must have come
        self.leaves = False  # nothing that still comes is read

    def receive(self) -> bool:
        """Takes what has come. False when there is nothing left to wait for: the other side hung up, or is too slow."""
        if self.ends is None:
            self.ends = time.monotonic() + SECONDS
        try:
            more = self.sock.recv(AT_ONCE, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not self.leaves:
            self.come += more
        return bool(more) and time.monotonic() < self.ends

    def head(self) -> bytes:
        """The lines before the body; empty until the last of them is there."""
        ends = self.come.find(HEAD_ENDS)
        return bytes(self.come[: ends + len(HEAD_ENDS)]) if ends >= 0 else b""

    def refusal(self, head: bytes) -> bytes:
        """The answer to what no thread needs to see; empty for everything else."""
        if len(head or self.come) > LARGEST_HEAD:
            return LONG_HEAD
        if UNKNOWN_LENGTH.search(head):
            return NO_LENGTH
        return LONG_BODY if length(head) > LARGEST_BODY else b""

    def whole(self, head: bytes) -> bool:
        """Whether all of a request has come. Who asks first whether the body may follow is told that it may."""
        if not head or len(self.come) >= len(head) + length(head):
            return bool(head)
        if ASKS_FIRST.search(head):
            with suppress(OSError):  # who hung up is found out when it is read again
                self.sock.send(GO_ON, socket.MSG_DONTWAIT)
            self.come[: len(head)] = ASKS_FIRST.sub(b"", head)
        return False

    def take(self, head: bytes) -> None:
        """This request for a thread, which reads it from memory: it never waits for the other side."""
        end = len(head) + length(head)
        self.parser = get_parser(self.cfg, (head, bytes(self.come[len(head) : end])), self.client)
        del self.come[:end]
        self.ends = None


def length(head: bytes) -> int:
    """Of the body. A head that says two of them is refused later; until then the larger one counts."""
    return max((int(found or 0) for found in LENGTH.findall(head)), default=0)


class Queue(ThreadWorker):
    """gunicorn's worker with threads, and this queue before them."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.busy = 0  # requests that wait or are handled
        self.refused = 0  # as there was no room, since somebody last waited

    def init_process(self) -> None:
        sys.setswitchinterval(TURN)
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        """Somebody comes."""
        try:
            sock, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        self.enqueue_req(Connection(self.cfg, sock, client, listener.getsockname()))

    def enqueue_req(self, conn: Connection) -> None:
        """Something has come, or the other side hung up."""
        open, head = conn.receive(), conn.head()
        if not conn.leaves:
            if answer := self.refusal(conn, head):
                return self._leave(conn, answer)
            if conn.whole(head):
                return self._hand_over(conn, head)
        return self._wait(conn) if open else self._close(conn)

    def refusal(self, conn: Connection, head: bytes) -> bytes:
        """The answer to what gets no place in the queue."""
        if head and self.busy >= LONGEST + self.cfg.threads:
            self.refused += 1
            return BUSY
        return conn.refusal(head)

    def finish_request(self, conn: Connection, fs: Future[bool]) -> None:
        """A thread is done with it."""
        self.busy -= 1
        if self.refused and self.busy <= self.cfg.threads:
            log.warning("more requests came than could wait", extra={"count": self.refused})
            self.refused = 0
        if fs.cancelled() or fs.exception() or not fs.result():
            self._leave(conn)
        elif conn.come:  # together with the request before
            self.enqueue_req(conn)
        else:
            super().finish_request(conn, fs)

    def _hand_over(self, conn: Connection, head: bytes) -> None:
        """To the first thread that is free."""
        conn.take(head)
        self.busy += 1
        super().enqueue_req(conn)

    def _wait(self, conn: Connection) -> None:
        conn.timeout = conn.ends
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _leave(self, conn: Connection, answer: bytes = b"") -> None:
        """Says this, and that nothing follows. Closing at once could take the answer from who is still sending."""
        conn.leaves, conn.ends = True, time.monotonic() + SECONDS
        try:
            conn.sock.send(answer, socket.MSG_DONTWAIT)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            return self._close(conn)
        return self._wait(conn)

    def _close(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()
