"""``rug demo`` as somebody tries it: it says where it is, nobody else reaches it, and Ctrl-C leaves nothing behind."""

import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ENOUGH = 30  # seconds
SECONDS = 5  # what Ctrl-C may take


@dataclass
class Demo:
    """A demo that listens. ``folder``: where it may leave files; ``said``: what it printed when it was ready."""

    process: subprocess.Popen[str]
    port: int
    folder: Path
    said: str

    def get(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> tuple[int, str, str]:
        """Status, page and cookie. The connection stays open, as a browser keeps it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ENOUGH)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), (answer.getheader("Set-Cookie") or "").partition(";")[0]

    def begin(self) -> tuple[int, str]:
        """Somebody begins a self-check: the status, and the cookie that now holds it."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        status, _, cookie = self.get("/nl/check/", "POST", "who=me&go=on", **form)
        return status, cookie

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())

    def stop(self, how: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        """As the terminal does it, to every process at once: the exit status, and what was printed since."""
        os.killpg(self.process.pid, how)
        out, err = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, out, err


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def demo(folder: Path, *options: str, **env: str) -> Iterator[Demo]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "ruggespraak.cli", "demo", "--port", str(port), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(folder), **env},
    )
    try:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], ENOUGH)
        yield Demo(process, port, folder, process.stdout.readline() if ready else "")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@pytest.fixture
def running(tmp_path) -> Iterator[Demo]:
    with demo(tmp_path, "--no-browser") as found:
        yield found


def test_a_port_in_use_is_said_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ran = subprocess.run(
            [sys.executable, "-m", "ruggespraak.cli", "demo", "--no-browser", "--port", str(port)],
            capture_output=True, text=True, timeout=ENOUGH, check=False,
        )  # fmt: skip
    assert (ran.stdout, ran.returncode) == ("", 2)
    assert ran.stderr == f"rug demo: port {port}: it is in use; choose another one with --port\n"


def test_whoever_follows_the_address_that_it_prints_finds_the_website(running):
    assert running.said.split()[0] == f"http://127.0.0.1:{running.port}/"
    status, page, _ = running.get("/nl/")
    assert (status, "Ruggespraak" in page) == (200, True)


def test_the_browser_opens_on_that_address(tmp_path):
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    with demo(tmp_path, BROWSER=f"{browser} %s") as found:
        until = time.monotonic() + ENOUGH
        while not (opened.exists() and opened.read_text()) and time.monotonic() < until:
            time.sleep(0.05)
        assert opened.read_text().strip() == found.said.split()[0]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda how: how.name)
def test_ctrl_c_kill_or_a_closed_terminal_ends_it_and_no_answer_stays_on_the_disk(running, how):
    assert running.begin()[0] == 302
    assert "demo.sqlite3" in running.files()
    status, _, err = running.stop(how)
    assert (status, err) == (0, "")
    assert list(running.folder.iterdir()) == []


def test_nobody_on_another_machine_can_reach_it(running):
    mine = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, family=socket.AF_INET)}
    for address in {"127.0.0.2", *mine} - {"127.0.0.1"}:
        with pytest.raises(OSError):  # noqa: PT011 - refused, or no way there
            socket.create_connection((address, running.port), timeout=1).close()


def test_another_website_cannot_pass_itself_off_as_this_one(running):
    assert running.get("/nl/", Host=f"elsewhere.example:{running.port}")[0] == 400


def test_nothing_is_written_down_about_visits(running):
    status, cookie = running.begin()
    for path in ("/nl/", "/nl/check/1/", "/nl/no-such-page/", "/nl/leaflets/no-such-leaflet/"):
        running.get(path, Cookie=cookie)
    running.get("/nl/check/1/", "POST", "no=token", Cookie=cookie)  # refused
    assert status == 302
    assert running.stop()[1:] == ("", "")
