"""The generated pages say what the rules say, and no sentence of the leaflet falls between them."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from held import marked

from ruggespraak.pathway import numbers
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.rules import Alarm, Parameter, Recommendation, Referral, Status

DOCS = Path(__file__).parents[2] / "docs"
LEAFLET = DOCS / "source" / "leaflet-nl.txt"
UNREAD = (Status.OWN_CHOICE, Status.MEMORY)


def _generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["generate"] = module
    spec.loader.exec_module(module)
    return module


generate = _generate()
SENTENCES = generate.leaflet_sentences()
PAGES = generate.pages()


# -- the pages ------------------------------------------------------------------------------------------------------


def test_the_pages_say_what_the_rules_say() -> None:
    stale = generate.stale(PAGES)
    assert not stale, f"stale: {', '.join(stale)}; run `make docs`"


def test_the_pages_come_out_the_same_every_time() -> None:
    assert generate.pages() == PAGES


def test_no_page_names_this_machine() -> None:
    assert not [name for name, page in PAGES.items() if str(Path.home()) in page or str(DOCS.parent) in page]


LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")


@pytest.mark.parametrize("name", [name for name in PAGES if name.endswith(".md")])
def test_no_link_leads_nowhere(name: str) -> None:
    for path, anchor in LINK.findall(PAGES[name]):
        target = (DOCS / name).parent / path if path else DOCS / name
        assert target.exists(), f"{name} links to {path}"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{name} links to {path}#{anchor}"


@pytest.mark.parametrize("name", [name for name in PAGES if name.endswith(".md")])
def test_no_two_headings_of_a_page_share_an_address(name: str) -> None:
    found = anchors(PAGES[name])
    assert len(found) == len(set(found)), sorted(anchor for anchor in found if found.count(anchor) > 1)


def anchors(page: str) -> list[str]:
    """The addresses within a page: those given, and those that its headings get."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return re.findall(r'<a id="([^"]+)">', page) + [
        re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings
    ]


@pytest.mark.parametrize("name", EDITIONS)
def test_a_clinician_reads_first_that_no_clinician_has_reviewed_this(name: str) -> None:
    top = PAGES[f"pathway/{name}.md"].partition("## ")[0]
    assert "nog niet door een arts beoordeeld" in top
    assert "Geen gecertificeerd medisch hulpmiddel" in top
    assert edition(name).version in top
    assert edition(name).review_by.isoformat() in top


WHOLE = [name for name in EDITIONS if edition(name).revises is None]
REVISED = [name for name in EDITIONS if edition(name).revises is not None]


def shown(name: str) -> list[Alarm | Recommendation]:
    """The rules that have a heading on the page of an edition: of a revision, those that it does not share."""
    here = edition(name)
    base = edition(here.revises).rules() if here.revises else ()
    return [rule for rule in (*here.alarms, *here.recommendations) if not any(rule is one for one in base)]


@pytest.mark.parametrize("name", EDITIONS)
def test_every_rule_stands_on_the_page_of_its_edition(name: str) -> None:
    page = PAGES[f"pathway/{name}.md"]
    for rule in shown(name):
        assert re.search(rf"^#+ {rule.id}$", page, re.MULTILINE), rule.id
    if name in WHOLE:
        assert all(f"`{review.id}`" in page for review in edition(name).reviews)


@pytest.mark.parametrize("name", REVISED)
def test_the_page_of_a_revision_is_short_and_says_what_is_gone_what_is_new_and_which_number_is_another(
    name: str,
) -> None:
    here, page = edition(name), PAGES[f"pathway/{name}.md"]
    base = edition(here.revises or "")
    assert len(page.splitlines()) < 150
    headings = set(re.findall(r"^#### (.+)$", page, re.MULTILINE))
    assert headings == {rule.id for rule in shown(name)}
    gone = {rule.id for rule in base.recommendations} - {rule.id for rule in here.recommendations}
    assert set(re.findall(r"^- \[(\w+)\]\(current.md#", page, re.MULTILINE)) == gone
    moved = {one.name for one in here.parameters if one is not base.parameter(one.name)}
    assert set(re.findall(r"^\| \[`(\w+)`\]", page, re.MULTILINE)) == moved


def test_a_revision_with_alarms_of_its_own_has_no_page_yet() -> None:
    current = edition("current")
    with pytest.raises(ValueError, match="trial has alarms"):
        generate.revision_page(current.revise("trial", "1", parameters={"clock_cord": 6}), current)


def test_a_number_that_an_edition_revises_says_so_in_the_table_of_numbers() -> None:
    (row,) = [line for line in PAGES["pathway/numbers.md"].splitlines() if "`acute_to`" in line]
    assert "42 dagen; [acp](acp.md): 28 dagen" in row


@pytest.mark.parametrize("name", EDITIONS)
def test_what_nobody_read_in_a_source_says_so_under_its_own_heading(name: str) -> None:
    page = PAGES[f"pathway/{name}.md"]
    words = {
        Status.OWN_CHOICE: "**eigen keuze van dit project**",
        Status.MEMORY: "**uit het geheugen, niet nagekeken**",
    }
    for rule in shown(name):
        section = re.split(rf"^#+ {rule.id}$", page, flags=re.MULTILINE)[1].partition("\n#")[0]
        grounds = next(line for line in section.splitlines() if line.startswith("- Bronnen:"))
        assert words.get(rule.status, "gelezen") in grounds, f"{rule.id}: {grounds}"
        for number in generate.parameters(rule):
            line = next(line for line in section.splitlines() if f"`{number.name}`" in line)
            assert words.get(number.status, "gelezen") in line, f"{rule.id}: {line}"


def test_the_chart_of_every_alarm_ends_in_that_alarm() -> None:
    for alarm in edition("current").alarms:
        section = re.split(rf"^### {alarm.id}$", PAGES["pathway/current.md"], flags=re.MULTILINE)[1].partition(
            "\n### "
        )[0]
        assert f'n1(["{alarm.id}: ' in section


# -- the sources ----------------------------------------------------------------------------------------------------


Claim = Alarm | Recommendation | Parameter | Referral


def claims() -> list[tuple[str, tuple[str, ...], Status]]:
    """Everything that names sources: who says it, the keys, and how well it was seen."""
    found = [(one.name, one.because, one.status) for one in numbers.ALL]
    for name in EDITIONS:
        for rule in edition(name).rules():
            found.append((generate.rule_link(rule, name), rule.because, rule.status))
            if isinstance(rule, Alarm | Recommendation):
                found += [(one.id, one.because, one.status) for one in rule.refer]
    return found


def test_every_rule_and_number_names_sources_that_exist() -> None:
    strangers = {(who, key) for who, keys, _ in claims() for key in keys if key not in generate.sources()}
    assert not strangers


def test_whatever_names_no_source_is_an_own_choice_or_from_memory() -> None:
    assert not [who for who, keys, status in claims() if not keys and status not in UNREAD]


def test_the_leaflets_own_sources_name_the_neurosurgeons() -> None:
    keys = {key for rule in edition("leaflet").recommendations for key in rule.because}
    assert keys == {f"S{number}" for number in range(1, 15)}
    assert all("nvvn.org" in generate.sources()[key]["organisation"] for key in keys)


# -- the leaflet ----------------------------------------------------------------------------------------------------


def leaflet_text() -> str:
    """The leaflet as running text: without its line breaks and its page number."""
    lines = LEAFLET.read_text(encoding="utf-8").splitlines()
    return " ".join(" ".join(line for line in lines if not line.strip().isdigit()).split())


def test_the_leaflet_is_covered_from_its_first_word_to_its_last_without_a_gap() -> None:
    rest = leaflet_text()
    for one in SENTENCES:
        assert rest.startswith(one["begins"]), f"{one['id']} does not begin where the one before it ends: {rest[:60]}"
        before, end, rest = rest.partition(one["ends"])
        assert end, f"{one['id']} never ends with {one['ends']}"
        assert (before + end).startswith(one["begins"]), f"{one['id']} ends before it has begun"
        rest = rest.lstrip()
    assert not rest, f"no sentence carries: {rest[:60]}"


def test_the_sentences_are_numbered_in_the_leaflets_order() -> None:
    assert [one["id"] for one in SENTENCES] == [f"L{number:02}" for number in range(1, len(SENTENCES) + 1)]


def test_every_chapter_begins_with_its_own_heading() -> None:
    text, headings = leaflet_text(), list(dict.fromkeys(one["chapter"] for one in SENTENCES))
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)
    for heading in headings:
        first = next(one for one in SENTENCES if one["chapter"] == heading)
        assert heading.startswith(first["begins"].rstrip(":")), f"{first['id']} does not open {heading}"


@pytest.mark.parametrize("one", SENTENCES, ids=lambda one: one["id"])
def test_every_sentence_is_carried_by_something_that_exists_and_held_by_a_test(one: dict) -> None:
    assert one["carried_by"], "nothing carries it"
    for id in one["carried_by"]:
        generate.carrier(id)
    assert marked("leaflet").get(one["id"]), f"no test is marked leaflet({one['id']!r})"


def test_every_rule_of_the_leaflet_carries_a_sentence() -> None:
    carried = {id for one in SENTENCES for id in one["carried_by"]}
    here = edition("leaflet")
    assert {rule.id for rule in (*here.alarms, *here.recommendations)} <= carried


def test_no_test_says_that_it_holds_a_sentence_that_does_not_exist() -> None:
    assert marked("leaflet").keys() <= {one["id"] for one in SENTENCES}
