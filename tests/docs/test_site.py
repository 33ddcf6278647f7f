"""The documentation as a website: built without a warning, every link in it leads somewhere, and it fetches nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cached_property
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[2]


class Page:
    """What a built page links to, what it loads by itself, the addresses within it, and the languages it speaks."""

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        tags = re.findall(r"<(\w+)([^>]*)>", text)
        anchors = " ".join(rest for tag, rest in tags if tag == "a")
        others = " ".join(rest for tag, rest in tags if tag != "a")
        self.links = {unescape(link) for link in re.findall(r'\shref="([^"]*)"', anchors)}
        self.loads = {unescape(link) for link in re.findall(r'\s(?:src|href|data)="([^"]*)"', others)}
        self.ids = set(re.findall(r'\s(?:id|name)="([^"]*)"', text))
        self.langs = set(re.findall(r'\slang="([^"]*)"', others))


class Site:
    """The site as it was built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def pages(self) -> dict[Path, Page]:
        return {path: Page(path) for path in self.folder.rglob("*.html") if "_downloads" not in path.parts}

    def led_nowhere(self) -> Iterator[str]:
        for path, page in self.pages.items():
            for link in page.links:
                parts = urlsplit(link)
                if parts.scheme:
                    continue
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                there = self.pages.get(target)
                if not target.is_file() or (parts.fragment and there and unquote(parts.fragment) not in there.ids):
                    yield f"{path.relative_to(self.folder)}: {link}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    out = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-j", "auto", "-c", "docs"]
    done = subprocess.run(
        [*build, "-d", str(out / "doctrees"), ".", str(out / "html")],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return Site(out / "html")


def test_every_link_of_the_site_leads_somewhere(site: Site) -> None:
    assert not sorted(site.led_nowhere())


def test_no_page_of_the_site_fetches_anything_from_elsewhere(site: Site) -> None:
    elsewhere = {
        f"{path.name} loads {one}"
        for path, page in site.pages.items()
        for one in page.loads
        if urlsplit(one).scheme not in ("", "data") or one.startswith("//")
    }
    assert not elsewhere
    styles = "".join(path.read_text(encoding="utf-8") for path in site.folder.rglob("*.css"))
    assert "url(http" not in styles
    assert "@import" not in styles


def test_a_screen_reader_hears_dutch_where_dutch_is_written(site: Site) -> None:
    dutch = {path.relative_to(site.folder).as_posix() for path, page in site.pages.items() if "nl" in page.langs}
    other = {path.relative_to(site.folder).as_posix() for path in site.pages} - dutch
    assert {"docs/proof.html", "docs/leaflet.html", "docs/deviation.html"} <= dutch
    assert not [name for name in other if name.endswith(".nl.html") or "/nl/" in name]
    assert not [name for name in dutch if "/en/" in name or "/reference/" in name]
