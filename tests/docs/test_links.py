"""Every link of every page leads somewhere, and every address outside is listed with the day it was read."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from functools import cache
from pathlib import Path

import links
import pytest

ROOT = Path(__file__).parents[2]
LISTED = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"]
PAGES = sorted(
    name
    for name in subprocess.run(LISTED, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    if name.endswith(".md") and not name.endswith(".template.md") and (ROOT / name).is_file()
)
HOW = re.compile(r"read( on a page that reports it| on a mirror)?(, here or at the other address)?")
MEMORY = "from memory, not opened"


@cache
def prose(path: Path) -> str:
    """A page without its code."""
    text = re.sub(r"^( *)(`{3,}).*?^\1\2 *$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.sub(r"(?<!`)`[^`\n]*`(?!`)", lambda code: re.sub(r"[\[\](]", " ", code[0]), text)


@cache
def anchors(path: Path) -> set[str]:
    """The addresses within a page: those given, and those that its headings get; a repeated one gets a number."""
    found = set(re.findall(r"<a id=\"([^\"]+)\">", prose(path)))
    for heading in re.findall(r"^#+ (.+)$", prose(path), re.M):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w -]", "", shown.lower()).strip().replace(" ", "-")
        number = next(n for n in range(len(found) + 1) if (f"{slug}-{n}" if n else slug) not in found)
        found.add(f"{slug}-{number}" if number else slug)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    here = ROOT / page
    for link in re.findall(r"\]\((?!https?:|mailto:)<?([^)\s>]*)>?(?: \"[^\"]*\")?\)", prose(here)):
        path, _, anchor = link.partition("#")
        target = (here.parent / path) if path else here
        assert target.exists(), f"{page} leads to {link}"
        assert target.resolve().is_relative_to(ROOT), f"{page} leads out of the repository: {link}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target.resolve()), f"{page} leads to {link}"


def test_every_address_outside_is_listed_and_no_other() -> None:
    texts = [prose(ROOT / page) for page in PAGES if page != "docs/external_links.md"]
    texts = [re.sub(r"(?<!`)`[^`\n]*`(?!`)", "", text) for text in texts]  # in code it is the name of a code system
    others = [path for path in (ROOT / "deploy").iterdir() if path.suffix != ".md"] + [links.SOURCES]
    texts += [path.read_text(encoding="utf-8") for path in others]
    used = {address for text in texts for address in links.addresses(text)}
    listed = {row["url"] for row in links.rows()}
    assert used == listed, f"add to docs/links.csv: {used - listed}; take out: {listed - used}"


def test_the_list_is_in_order_and_names_an_address_once() -> None:
    urls = [row["url"] for row in links.rows()]
    assert urls == sorted(set(urls))


def test_an_address_has_the_day_it_was_read_or_says_that_nobody_opened_it() -> None:
    for row in links.rows():
        if row["read"]:
            assert HOW.fullmatch(row["how"]), row["url"]
            assert date.fromisoformat(row["read"]) <= date.today(), row["url"]
        else:
            assert row["how"] == MEMORY, row["url"]
