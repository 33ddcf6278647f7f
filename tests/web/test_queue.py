"""The queue before the threads: it ends, it refuses in words, and who is slow or does not hang up stops nobody.

The server is the website's own, in a process of its own, with a small application in it: ``/wait`` is answered when
the test opens the door, ``/large`` with very much, everything else with the length of the body that came.
"""

import asyncio
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

THREADS, LONGEST, SECONDS = 8, 20, 2
SOON = 1.5  # seconds: less than who is slow is given
AT_ONCE = 1_000

SERVED = """
import sys, threading, time
from pathlib import Path
from ruggespraak.web import queue, server

queue.LONGEST, queue.SECONDS = map(int, sys.argv[3:])
door = Path(sys.argv[2])

def app(environ, start_response):
    came = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    while environ["PATH_INFO"] == "/wait" and not door.exists():
        time.sleep(0.01)
    body = bytes(2**26) if environ["PATH_INFO"] == "/large" else b"%d\\n" % len(came)
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

class Site(server.Server):
    def load(self):
        return app

Site(sys.argv[1], lambda: print("ready", flush=True)).run()
"""


@dataclass
class Site:
    port: int
    process: subprocess.Popen
    door: Path

    def open_the_door(self):
        self.door.touch()

    def says(self, *pieces, wait=0.0):
        """A connection on which these bytes were sent, one after the other."""
        found = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        for piece in pieces:
            found.sendall(piece)
            time.sleep(wait)
        return found

    def answer(self, *pieces, wait=0.0):
        """All that is answered, until it hangs up."""
        with self.says(*pieces, wait=wait) as connection:
            return rest(connection)

    def seconds(self):
        """How long a visitor waits for a page."""
        began = time.monotonic()
        assert self.answer(get("/")).startswith(b"HTTP/1.1 200")
        return time.monotonic() - began


def rest(connection):
    """All that still comes, until it hangs up."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


@contextmanager
def served(folder, longest=LONGEST, seconds=SECONDS):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", SERVED, f"127.0.0.1:{port}", str(folder / "door"), str(longest), str(seconds)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout.readline() == "ready\n"
        yield Site(port, process, folder / "door")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with served(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.fixture
def fresh(tmp_path):
    """One with a closed door, that may be stopped."""
    with served(tmp_path) as found:
        yield found


def get(path, *more, version="1.1", close=True):
    lines = [f"GET {path} HTTP/{version}", "Host: localhost", *(["Connection: close"] if close else []), *more]
    return "\r\n".join([*lines, "", ""]).encode()


def post(body, *more, length=None):
    head = f"Content-Length: {len(body) if length is None else length}", "Connection: close"
    return "\r\n".join(["POST / HTTP/1.1", "Host: localhost", *more, *head, "", ""]).encode() + body


def status(answer):
    return answer[9:12].decode()


def last_line(answer):
    return answer.splitlines()[-1].decode()


# -- its end -----------------------------------------------------------------------------------------------------------


def test_who_comes_when_the_queue_is_full_is_told_when_to_come_back_and_nobody_who_waits_is_lost(fresh):
    waiting = [fresh.says(get("/wait")) for _ in range(THREADS + LONGEST)]
    time.sleep(0.3)
    began = time.monotonic()
    for request in (get("/"), post(b"{}"), get("/health/live")):
        refused = fresh.answer(request)
        assert status(refused) == "503"
        assert b"\r\nRetry-After: 1\r\n" in refused
        assert b"bel uw huisarts, of 112" in refused.lower()
        assert b"phone your gp, or 112" in refused.lower()
    assert time.monotonic() - began < SOON, "nobody waits to hear that there is no room"
    fresh.open_the_door()
    assert Counter(status(one.recv(65536)) for one in waiting) == {"200": THREADS + LONGEST}
    assert fresh.seconds() < SOON
    fresh.process.send_signal(signal.SIGTERM)
    _out, said = fresh.process.communicate(timeout=10)
    assert said.count("more requests came than could wait") == 1, "its operator reads it in one line"


def test_a_place_that_comes_free_is_given_to_the_next(fresh):
    waiting = [fresh.says(get("/wait")) for _ in range(THREADS + LONGEST)]
    time.sleep(0.3)
    assert status(fresh.answer(get("/"))) == "503"
    fresh.open_the_door()
    for one in waiting:
        one.recv(65536)
    assert [status(fresh.answer(get("/"))) for _ in range(50)] == ["200"] * 50


@pytest.mark.control("C-57")
def test_a_thousand_at_once_are_all_answered_and_none_is_cut_off(tmp_path):
    from ruggespraak.web import queue

    async def visit(port, number):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(post(b"x" * number))
        said = await reader.read()
        writer.close()
        return status(said), last_line(said)

    async def together(port):
        return await asyncio.gather(*(visit(port, number) for number in range(AT_ONCE)))

    with served(tmp_path, queue.LONGEST, queue.SECONDS) as site:
        found = asyncio.run(together(site.port))
    assert found == [("200", str(number)) for number in range(AT_ONCE)]


# -- who is slow -------------------------------------------------------------------------------------------------------

HALF_A_HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
SLOW = {
    "says nothing": [b""],
    "half a head": [HALF_A_HEAD],
    "half a body": [post(b"{", length=100)],
    "half a body, and asks first": [post(b"{", "Expect: 100-continue", length=100)],
    "a body that is too large": [post(b"{", length=10**8)],
    "a body of unknown length": [b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1"],
    "does not hang up": [get("/", version="1.0")],
    "half a second request": [get("/", close=False) + HALF_A_HEAD],
}


@pytest.mark.control("C-57")
@pytest.mark.parametrize("how", SLOW)
def test_slow_visitors_however_many_keep_nobody_waiting(site, how):
    slow = [site.says(*SLOW[how]) for _ in range(10 * THREADS)]
    time.sleep(0.2)
    assert max(site.seconds() for _ in range(5)) < SOON
    for one in slow:
        one.close()


def test_who_does_not_take_the_answer_holds_a_thread_for_a_while_only(site):
    deaf = [site.says(get("/large")) for _ in range(THREADS)]
    time.sleep(0.2)
    assert site.seconds() < 4 * SECONDS  # each piece that its socket takes begins the time anew
    for one in deaf:
        one.close()


def test_who_takes_too_long_is_hung_up_on(site):
    began = time.monotonic()
    slow = [site.says(*SLOW[how]) for how in ("says nothing", "half a head", "half a body")]
    assert [one.recv(65536) for one in slow] == [b"", b"", b""]
    assert time.monotonic() - began < 2 * SECONDS


def test_who_sends_a_letter_now_and_then_is_hung_up_on_too(site):
    with site.says(HALF_A_HEAD) as connection:
        connection.settimeout(0.1)
        until = time.monotonic() + 4 * SECONDS
        while time.monotonic() < until:
            try:
                connection.sendall(b"x")
                assert connection.recv(1) == b""
                return
            except TimeoutError:
                continue
    pytest.fail("it was still listened to")


def test_who_is_slow_yet_in_time_is_answered(site):
    request = post(b'{"findings": {}}')
    pieces = [request[start : start + 20] for start in range(0, len(request), 20)]
    answer = site.answer(*pieces, wait=0.05)
    assert (status(answer), last_line(answer)) == ("200", "16")


def test_it_stops_in_time_while_visitors_are_slow(fresh):
    slow = [fresh.says(*SLOW[how]) for how in SLOW]
    fresh.process.send_signal(signal.SIGTERM)
    assert fresh.process.wait(timeout=5) == 0
    for one in slow:
        one.close()


# -- what is a request -------------------------------------------------------------------------------------------------


def test_a_connection_that_is_kept_serves_again(site):
    kept = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    for number in range(20):
        kept.request("POST", "/", b"x" * number * 10_000)
        assert kept.getresponse().read() == b"%d\n" % (number * 10_000)
    kept.close()


def test_requests_that_come_together_are_answered_one_by_one(site):
    whole = b"".join(post(b"x" * number).replace(b"Connection: close\r\n", b"") for number in range(1, 6))
    answer = site.answer(whole + get("/"))
    assert [line for line in answer.decode().splitlines() if line.isdecimal()] == ["1", "2", "3", "4", "5", "0"]


def test_who_sends_no_more_and_listens_is_answered(site):
    with site.says(get("/") + b"") as connection:
        connection.shutdown(socket.SHUT_WR)
        assert status(connection.recv(65536)) == "200"


def test_who_asks_before_sending_a_body_is_told_to_go_on(site):
    head, body = post(b"12345", "Expect: 100-continue").split(b"\r\n\r\n")
    with site.says(head + b"\r\n\r\n") as connection:
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        answer = rest(connection)
    assert (status(answer), last_line(answer)) == ("200", "5")


REFUSED = {
    "a body that is too large": (post(b"x" * 3_000_000), "413"),
    "a length that is no length": (post(b"", length="9" * 5000), "413"),
    "zeros before a length": (post(b"x", length="0" * 50 + "1"), "200"),
    "a length below nothing": (post(b"", length=-1), "400"),
    "two lengths": (post(b"xx", "Content-Length: 1"), "400"),
    "a body of unknown length": (SLOW["a body of unknown length"][0], "411"),
    "a head that is too large": (get("/", "X-Long: " + "x" * 70_000), "431"),
    "a head without end": (HALF_A_HEAD + b"x" * 3_000_000, "431"),
    "no request": (b"\r\n\r\nhello\r\n\r\n", "400"),
    "zeros": (b"\0" * 100 + b"\r\n\r\n", "400"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_served_is_refused_and_the_answer_arrives(site, what):
    request, expected = REFUSED[what]
    assert status(site.answer(request)) == expected
    assert site.seconds() < SOON
