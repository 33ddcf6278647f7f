"""The generated pages say what the rules say, and no sentence of the leaflet falls between them."""

from __future__ import annotations

import re
from pathlib import Path

import conditions
import edition_pages
import generate
import layout
import leaflet_page
import pytest
import rule_sections
import what_holds
from conditions import Rule
from held import marked

from ruggespraak.pathway import numbers, sources
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.rules import Alarm, Class, Parameter, Recommendation, Referral, Review, Status
from ruggespraak.pathway.texts import LANGUAGES

DOCS = Path(__file__).parents[2] / "docs"
LEAFLET = DOCS / "source" / "leaflet-nl.txt"
UNREAD = (Status.OWN_CHOICE, Status.MEMORY)
SENTENCES = leaflet_page.leaflet_sentences()
PAGES = generate.pages()
REVISED = [name for name in EDITIONS if edition(name).revises is not None]


# -- the pages ------------------------------------------------------------------------------------------------------


def test_the_pages_say_what_the_rules_say() -> None:
    stale = generate.stale(PAGES)
    assert not stale, f"stale: {', '.join(stale)}; run `make docs`"


def test_the_pages_come_out_the_same_every_time() -> None:
    assert generate.pages() == PAGES


def test_no_page_names_this_machine() -> None:
    assert not [name for name, page in PAGES.items() if str(Path.home()) in page or str(DOCS.parent) in page]


@pytest.mark.parametrize("name", [name for name in PAGES if name.endswith(".md")])
def test_no_two_headings_of_a_page_share_an_address(name: str) -> None:
    headings = re.findall(r"^#+ (.+)$", PAGES[name], re.MULTILINE)
    found = re.findall(r'<a id="([^"]+)">', PAGES[name])
    found += [re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings]
    assert len(found) == len(set(found)), sorted(anchor for anchor in found if found.count(anchor) > 1)


READ_FIRST = {
    "nl": ("nog niet door een arts beoordeeld", "Geen gecertificeerd medisch hulpmiddel"),
    "en": ("not yet been reviewed by a doctor", "Not a certified medical device"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", EDITIONS)
def test_a_clinician_reads_first_that_no_clinician_has_reviewed_this(name: str, lang: str) -> None:
    top = PAGES[f"pathway/{lang}/{name}/index.md"].partition("## ")[0]
    assert all(words in top for words in READ_FIRST[lang])
    assert edition(name).version in top
    assert edition(name).review_by.isoformat() in top


RULES = [
    (name, chapter, rule)
    for name in EDITIONS
    for chapter, rules in edition_pages.chapters(edition(name)).items()
    for rule in rules
]


def section(name: str, chapter: str, rule: Rule, lang: str) -> str:
    """What stands under the heading of a rule. Raises IndexError where it has none."""
    page = PAGES[f"pathway/{lang}/{name}/{chapter}.md"]
    where = f'^<a id="{rule_sections.anchor(rule)}"></a>$' if isinstance(rule, Alarm | Class) else f"^###? {rule.id}$"
    return re.split(r"\n##|\n<a id", re.split(where, page, flags=re.MULTILINE)[1].lstrip())[0]


@pytest.mark.parametrize("name", EDITIONS)
def test_every_rule_of_an_edition_stands_on_one_of_its_pages_or_in_the_edition_that_it_revises(name: str) -> None:
    here = edition(name)
    own = [rule for _, rules in edition_pages.chapters(here).items() for rule in rules]
    shared = edition(here.revises).rules() if here.revises else ()
    assert {id(rule) for rule in here.rules()} <= {id(rule) for rule in (*own, *shared)}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_says_when_on_whose_word_what_is_proven_of_it_and_what_tests_it(lang: str) -> None:
    for name, chapter, rule in RULES:
        found = section(name, chapter, rule, lang)
        labels = [layout.says(f"rule.{label}", lang) for label in ("condition", "sources", "tests", "code")]
        assert all(f"\n- {label}: " in f"\n{found}" for label in labels), f"{name} {rule_sections.name(rule, lang)}"
        assert "index.md#property-" in found


def test_the_code_that_a_rule_links_to_is_the_file_that_says_it() -> None:
    for name, _, rule in RULES:
        if isinstance(rule, Alarm | Review):
            file = what_holds.code(rule, edition(name))
            assert f'id="{rule.id}"' in (DOCS.parent / file).read_text(encoding="utf-8")


def test_a_newcomer_finds_the_rule_for_a_hernia_by_that_word() -> None:
    for lang in LANGUAGES:
        page = PAGES[f"pathway/{lang}/index.md"]
        (row,) = [line for line in page.splitlines() if "| hernia, " in line]
        assert "](current/hernia.md)" in row
        assert "](current/hernia.md#weigh_surgery)" in row


def test_a_published_patient_stands_with_the_alarm_that_holds_for_her() -> None:
    assert "E01" in section("current", "alarms", edition("current").rule("R1"), "nl")
    assert "E01" not in section("current", "alarms", edition("current").rule("R5"), "nl")


def test_a_property_with_a_counterexample_is_not_called_proven() -> None:
    found = section("leaflet", "alarms", edition("leaflet").rule("R2"), "en")
    proven = next(line for line in found.splitlines() if line.startswith("- Proven for every patient"))
    failed = next(line for line in found.splitlines() if line.startswith("- Not proven"))
    assert "[2]" not in proven
    assert "[2]" in failed


@pytest.mark.parametrize("name", REVISED)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_of_a_revision_is_short_and_says_what_is_gone_what_is_new_and_which_number_is_another(
    name: str, lang: str
) -> None:
    here, page = edition(name), PAGES[f"pathway/{lang}/{name}/index.md"]
    base = edition(here.revises or "")
    assert len(page.splitlines()) < 200
    new = {one.id for one in here.recommendations if not any(one is other for other in base.recommendations)}
    assert set(re.findall(r"^### (.+)$", page, re.MULTILINE)) == new
    gone = {rule.id for rule in base.recommendations} - {rule.id for rule in here.recommendations}
    assert set(re.findall(r"^- \[(\w+)\]\(\.\./current/", page, re.MULTILINE)) == gone
    moved = {one.name for one in here.parameters if one is not base.parameter(one.name)}
    assert set(re.findall(r"^\| \[`(\w+)`\]", page, re.MULTILINE)) == moved


def test_a_revision_with_alarms_of_its_own_has_no_page_yet() -> None:
    current = edition("current")
    with pytest.raises(ValueError, match="nice has alarms"):
        edition_pages.pages(current.revise("nice", "1", parameters={"clock_cord": 6}), "nl")


def test_a_number_that_an_edition_revises_says_so_in_the_table_of_numbers() -> None:
    (row,) = [line for line in PAGES["pathway/nl/numbers.md"].splitlines() if "`acute_to`" in line]
    assert "42 dagen; [acp](acp/index.md): 28 dagen" in row


DOUBT = {
    "nl": {Status.OWN_CHOICE: "**eigen keuze van dit project**", Status.MEMORY: "**uit het geheugen, niet nagekeken**"},
    "en": {Status.OWN_CHOICE: "**this project's own choice**", Status.MEMORY: "**from memory, not checked**"},
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_nobody_read_in_a_source_says_so_under_its_own_heading(lang: str) -> None:
    for name, chapter, rule in RULES:
        lines = section(name, chapter, rule, lang).splitlines()
        grounds = next(line for line in lines if line.startswith(f"- {layout.says('rule.sources', lang)}:"))
        read = {"nl": "gelezen", "en": "read"}[lang]
        assert DOUBT[lang].get(rule.status, read) in grounds, f"{name}: {grounds}"
        for number in conditions.parameters(rule):
            line = next(line for line in lines if f"`{number.name}`" in line)
            assert DOUBT[lang].get(number.status, read) in line, f"{name}: {line}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_condition_with_parts_is_drawn_and_the_drawing_ends_in_its_rule(lang: str) -> None:
    for name, chapter, rule in RULES:
        path = rule_sections.chart(rule, edition(name), lang)
        parts = conditions.opened(rule.when).children()
        if len(parts) > 1:
            ends = conditions.place(rule) if isinstance(rule, Class) else rule.id
            assert path, ends
            assert f"<title>{ends}: " in PAGES[f"pathway/{path}"]
            assert f"../../{path}" in section(name, chapter, rule, lang)


FOREIGN = {  # little words that the other language does not have
    "nl": r"\b(the|and|with|from|this|which|unless|at least|own choice)\b",
    "en": r"\b(het|een|niet|met|voor|wordt|geen|als|tenzij|ten minste|eigen keuze)\b",
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_speaks_one_language(lang: str) -> None:
    for name, page in PAGES.items():
        if f"/{lang}/" in name and not name.endswith("sources.md"):  # titles stand as they are
            prose = re.sub(r"`[^`]*`|\]\([^)]*\)|<[^>]*>|In English|In het Nederlands", " ", page)
            assert not re.findall(rf".{{20}}{FOREIGN[lang]}.{{20}}", prose), name


# -- the sources ----------------------------------------------------------------------------------------------------


Claim = Alarm | Recommendation | Parameter | Referral


def claims() -> list[tuple[str, tuple[str, ...], Status]]:
    """Everything that names sources: who says it, the keys, and how well it was seen."""
    found = [(one.name, one.because, one.status) for one in numbers.ALL]
    for name in EDITIONS:
        for rule in edition(name).rules():
            found.append((f"{name} {rule_sections.name(rule, 'en')}", rule.because, rule.status))
            if isinstance(rule, Alarm | Recommendation):
                found += [(one.id, one.because, one.status) for one in rule.refer]
    return found


def test_every_rule_and_number_names_sources_that_exist() -> None:
    strangers = {(who, key) for who, keys, _ in claims() for key in keys if key not in sources.listed()}
    assert not strangers


def test_whatever_names_no_source_is_an_own_choice_or_from_memory() -> None:
    assert not [who for who, keys, status in claims() if not keys and status not in UNREAD]


def test_the_leaflets_own_sources_name_the_neurosurgeons() -> None:
    keys = {key for rule in edition("leaflet").recommendations for key in rule.because}
    assert keys == {f"S{number}" for number in range(1, 15)}
    assert all("nvvn.org" in sources.listed()[key]["organisation"] for key in keys)


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
        leaflet_page.carrier(id)
    assert marked("leaflet").get(one["id"]), f"no test is marked leaflet({one['id']!r})"


def test_every_rule_of_the_leaflet_carries_a_sentence() -> None:
    carried = {id for one in SENTENCES for id in one["carried_by"]}
    here = edition("leaflet")
    assert {rule.id for rule in (*here.alarms, *here.recommendations)} <= carried


def test_no_test_says_that_it_holds_a_sentence_that_does_not_exist() -> None:
    assert marked("leaflet").keys() <= {one["id"] for one in SENTENCES}
