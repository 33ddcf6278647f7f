"""What somebody installs: the wheel or the sdist, elsewhere, in a clean environment, started from an empty folder."""

import http.client
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "ruggespraak"
UV = os.environ.get("UV") or shutil.which("uv") or ROOT / ".venv-uv" / "bin" / "uv"
ENOUGH = 120  # seconds
NEEDED = {".py", ".typed", ".toml", ".csv", ".json", ".html", ".txt", ".css", ".svg", ".mo", ".typ", ".ttf", ".woff2"}
BESIDE = {"LICENSE", "README.md", "CHANGELOG.md", "CITATION.cff", "pyproject.toml", "PKG-INFO", ".gitignore"}
HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|screen)" value="([^"]+)"')
STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
FONT = re.compile(r'url\("?([^")]+\.woff2)"?\)')


def uv(*args: str | Path) -> str:
    """Runs uv, from its cache where that will do. Without both cache and network there is nothing to test."""
    for where in (["--offline"], []):
        ran = subprocess.run([UV, *args, *where], cwd=ROOT, capture_output=True, text=True, timeout=ENOUGH, check=False)
        if ran.returncode == 0:
            return ran.stdout
    if "error sending request" in ran.stderr and not os.environ.get("CI"):
        pytest.skip("needs packages that are not in uv's cache, and there is no network")
    raise AssertionError(ran.stderr)


def built(source: Path, folder: Path) -> Path:
    """The folder with the sdist of this source, and with the wheel that is made from that sdist."""
    uv("build", "--out-dir", folder, source)
    return folder


@pytest.fixture(scope="module")
def dist(tmp_path_factory) -> Path:
    return built(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def wheel(dist) -> Path:
    (found,) = dist.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def sdist(dist) -> Path:
    (found,) = dist.glob("*.tar.gz")
    return found


@dataclass(frozen=True)
class Installed:
    """An environment outside the checkout, and an empty folder to work in."""

    bin: Path
    folder: Path

    def command(self, *args: str | Path) -> dict:
        """How to start it: nothing of ours in the environment, and nothing in the folder."""
        env = {"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(self.folder), "LANG": "C.UTF-8"}
        return {"args": [str(self.bin / args[0]), *map(str, args[1:])], "cwd": self.folder, "env": env}

    def run(self, *args: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = self.command(*args)
        return subprocess.run(**command, input=stdin, capture_output=True, text=True, timeout=ENOUGH, check=False)


def installed(wheel: Path, extra: str, folder: Path) -> Installed:
    """The wheel with this extra, and what it needs in the versions of uv.lock."""
    locked = folder / "locked.txt"
    locked.write_text(uv("export", "--frozen", "--no-dev", "--all-extras", "--no-emit-project", "--no-hashes"))
    uv("venv", "--python", sys.executable, folder / "venv")
    found = Installed(folder / "venv" / "bin", folder / "empty")
    found.folder.mkdir()
    uv("pip", "install", "--python", found.bin / "python", "--constraint", locked, f"{wheel}{extra}")
    return found


@pytest.fixture(scope="module")
def base(wheel, tmp_path_factory) -> Installed:
    return installed(wheel, "", tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def web(wheel, tmp_path_factory) -> Installed:
    return installed(wheel, "[web]", tmp_path_factory.mktemp("web"))


# What is in it


def test_all_that_the_software_reads_is_in_the_wheel_and_no_tool_that_made_it_is(wheel):
    wanted = {
        str(path.relative_to(ROOT / "src"))
        for path in SOURCE.rglob("*")
        if path.suffix in NEEDED and "look" not in path.parts and "__pycache__" not in path.parts
    }
    assert {Path(name).suffix for name in wanted} == NEEDED
    held = set(ZipFile(wheel).namelist())
    assert wanted - held == set()
    assert [name for name in held if "node_modules" in name or name.endswith((".pyc", ".po"))] == []


def test_the_sdist_holds_what_the_wheel_is_made_from_and_nothing_else(sdist):
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src"]
    ours = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert held - set(ours) == BESIDE


def test_the_sdist_gives_itself_and_the_wheel_again_byte_for_byte_in_another_folder(wheel, sdist, tmp_path):
    shutil.unpack_archive(sdist, tmp_path)
    (source,) = tmp_path.iterdir()
    for path in source.rglob("*"):
        os.utime(path)
    again = built(source, tmp_path / "again")
    for made in (wheel, sdist):
        assert (again / made.name).read_bytes() == made.read_bytes(), made.name


# The base, for who wants decisions only


def test_without_the_website_the_demo_says_how_to_install_it(base):
    ran = base.run("rug", "demo")
    assert (ran.stdout, ran.returncode) == ("", 2)
    assert "pip install 'ruggespraak[web]'" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_without_the_website_a_leaflet_says_how_to_install_it_and_writes_no_file(base):
    ran = base.run("rug", "leaflet", "-", "-o", "leaflet.pdf", stdin="{}")
    assert (ran.stdout, ran.returncode) == ("", 2)
    assert "pip install 'ruggespraak[web]'" in ran.stderr
    assert list(base.folder.iterdir()) == []


def test_without_extras_a_patient_is_advised(base):
    ran = base.run("rug", "consult", "--example")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "112" in ran.stdout


def test_without_extras_the_words_of_the_advice_are_made_without_a_web_framework_or_a_typesetter(base):
    script = "import sys, ruggespraak.documents.result; print({'django', 'typst'} & set(sys.modules))"
    ran = base.run("python", "-I", "-c", script)
    assert (ran.stdout.strip(), ran.stderr) == ("set()", "")


def test_without_extras_the_options_of_the_country_are_told_and_its_run_says_how_to_install_it(base):
    assert "--scenario" in base.run("rug", "simulate", "--help").stdout
    ran = base.run("rug", "simulate")
    assert (ran.stdout, ran.returncode) == ("", 2)
    assert "pip install 'ruggespraak[population]'" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_without_extras_the_options_of_an_audit_are_told_and_its_run_says_how_to_install_it(base, tmp_path):
    assert "--suppress" in base.run("rug", "audit", "--help").stdout
    (tmp_path / "patienten.csv").touch()
    ran = base.run("rug", "audit", tmp_path, "--out", "report")
    assert (ran.stdout, ran.returncode) == ("", 2)
    assert "pip install 'ruggespraak[audit]'" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert list(base.folder.iterdir()) == []


# With the audit


@pytest.mark.slow
def test_the_audit_runs_without_the_country_and_without_the_website(wheel, tmp_path):
    audit = installed(wheel, "[audit]", tmp_path)
    ran = audit.run("rug", "audit", ROOT / "docs/audit_example", "--out", "report", "--lang", "en")
    assert ran.returncode == 0, ran.stderr
    assert "Safety" in ran.stdout
    assert (audit.folder / "report" / "report.nl.html").exists()


# With the country


@pytest.mark.slow
def test_the_country_runs_and_writes_all_it_can(wheel, tmp_path):
    country = installed(wheel, "[population]", tmp_path)
    said = ("--people", "64", "--years", "1", "--draws", "2", "--scenario", "as_now", "--scenario", "surgery_late")
    ran = country.run("rug", "simulate", *said, "--out", "run", "--records", "records", "--lang", "en")
    assert ran.returncode == 0, ran.stderr
    assert "How sure" in ran.stdout
    assert (country.folder / "run" / "plots" / "acceptability.svg").exists()
    assert (country.folder / "records" / "truth.parquet").exists()
    cluster = country.run("rug", "simulate", "--people", "64", "--years", "1", "--dask")
    assert (cluster.stdout, cluster.returncode) == ("", 2)
    assert "pip install 'ruggespraak[dask]'" in cluster.stderr


# With the website


@contextmanager
def demo(at: Installed) -> Iterator[int]:
    """The port of a demo, started from the empty folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = at.command("rug", "demo", "--port", str(port), "--no-browser")
    with subprocess.Popen(**command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready, _, _ = select.select([process.stdout], [], [], ENOUGH)
            said = process.stdout.readline() if ready else ""
            assert f"http://127.0.0.1:{port}/" in said, process.stderr
            yield port
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(ENOUGH) == 0
    assert list(at.folder.iterdir()) == []


@pytest.fixture(scope="module")
def site(web) -> Iterator[int]:
    with demo(web) as port:
        yield port


@dataclass
class Browser:
    """One visitor: it keeps its cookie."""

    port: int
    cookie: str = ""

    def open(self, path: str, form: dict[str, str] | None = None) -> tuple[int, bytes, str]:
        """Status, content, and where it leads on to."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ENOUGH)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("GET" if form is None else "POST", path, urlencode(form or {}), headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        self.cookie = (answer.getheader("Set-Cookie") or self.cookie).partition(";")[0]
        return answer.status, content, answer.getheader("Location") or ""

    def hidden(self, path: str) -> dict[str, str]:
        return dict(HIDDEN.findall(self.open(path)[1].decode()))


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_visitor_begins_and_answers_the_first_question(site, lang):
    browser = Browser(site)
    assert b"Ruggespraak" in browser.open(f"/{lang}/")[1]
    begin = browser.hidden(f"/{lang}/check/")
    assert browser.open(f"/{lang}/check/", {**begin, "who": "me", "go": "on"})[::2] == (302, f"/{lang}/check/1/")
    first = browser.hidden(f"/{lang}/check/1/")
    assert browser.open(f"/{lang}/check/1/", {**first, "go": "none"})[::2] == (302, f"/{lang}/check/2/")


def test_the_page_has_its_style_and_its_letters(site):
    browser = Browser(site)
    (style,) = STYLE.findall(browser.open("/nl/")[1].decode())
    status, css, _ = browser.open(style)
    assert status == 200
    fonts = set(FONT.findall(css.decode()))
    assert fonts
    for font in fonts:
        status, letters, _ = browser.open(f"/static/{font}")
        assert (status, letters[:4]) == (200, b"wOF2")


def test_a_leaflet_is_written(web, tmp_path):
    case = tmp_path / "case.json"
    case.write_text(json.dumps({"on": "2026-01-15", "findings": {"low_back_pain": True, "duration_days": 10}}))
    ran = web.run("rug", "leaflet", case, "-o", tmp_path / "leaflet.pdf")
    assert (ran.stdout, ran.stderr, ran.returncode) == ("", "", 0)
    assert (tmp_path / "leaflet.pdf").read_bytes().startswith(b"%PDF")


# As anybody installs it: plain pip, by name, with whatever versions pip finds today


def pip(at: Installed, dist: Path, *args: str) -> None:
    command = [at.bin / "pip", "install", "--quiet", "--find-links", dist, *args]
    ran = subprocess.run(command, cwd=at.folder, capture_output=True, text=True, timeout=5 * ENOUGH, check=False)
    if "Failed to establish a new connection" in ran.stderr and not os.environ.get("CI"):
        pytest.skip("needs packages, and there is no network")
    assert ran.returncode == 0, ran.stderr


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_who_installs_the_name_is_told_how_to_get_the_website_and_gets_it_that_way(kind, request, tmp_path):
    published = tmp_path / "published"
    published.mkdir()
    shutil.copy(request.getfixturevalue(kind), published)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    at = Installed(tmp_path / "venv" / "bin", tmp_path / "empty")
    at.folder.mkdir()
    pip(at, published, "ruggespraak")
    (line,) = at.run("rug", "demo").stderr.splitlines()
    (name,) = re.findall(r"pip install '([^']+)'", line)
    pip(at, published, name)
    with demo(at) as port:
        assert b"Ruggespraak" in Browser(port).open("/nl/")[1]
