"""The tutorials say what the site says: the same buttons, the same people, in both languages, and in plain Dutch.

Their commands and their Python are run by tests/docs/test_commands.py.
"""

import re
import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.db import transaction

from database import prepared
from readability import glossary, hindrances

FOLDER = Path(__file__).parents[2] / "docs" / "tutorials"
PAGES = sorted(path.name for path in FOLDER.glob("*.md") if path.name != "index.md")
IN_TWO_LANGUAGES = sorted(page for page in PAGES if page.replace(".md", ".nl.md") in PAGES)
SITE = sorted({*IN_TWO_LANGUAGES, *(page.replace(".md", ".nl.md") for page in IN_TWO_LANGUAGES)})
ON_SCREEN = {"zelfcheck", "wijzig"}  # rare words that stand on the site itself

# What is bold without standing on the screen.
BEGIN = r"(For whom|What you will have|How long|Voor wie|Wat u straks heeft|Hoe lang):"
LOUD = r"(Phone( 112)?\.?|phone|at once|Bel( 112)?\.?|bel|meteen)"
COLOURS = r"(Orange|Hatched|The number behind a name|Oranje|Gearceerd|Het getal achter een naam)"
QUESTION = r".*\?"


@pytest.fixture(scope="module", autouse=True)
def site():
    """Settings and tables, for who is in the demonstration."""
    return prepared()


def page(name):
    return (FOLDER / name).read_text(encoding="utf-8")


def language(name):
    return "nl" if ".nl." in name else "en"


def on_screen(lang):
    """Every word or sentence that the site can show in this language."""
    package = files("ruggespraak")
    found = set()
    with package.joinpath("web/locale/nl/LC_MESSAGES/django.po").open("rb") as lines:
        for message in read_po(lines):
            said = message.id if lang == "en" else message.string
            found |= {said} if isinstance(said, str) else set(said)

    def gather(part):
        if isinstance(part, dict):
            if isinstance(part.get(lang), str):
                found.add(part[lang].split(": {")[0])
            for inner in part.values():
                gather(inner)

    for folder in ("pathway/texts", "audit"):
        for path in package.joinpath(folder).iterdir():
            if path.name.endswith(".toml"):
                gather(tomllib.loads(path.read_text(encoding="utf-8")))
    return found


def plain(text):
    """As it is read aloud: without marks, and each line of a list a sentence of its own."""
    text = re.sub(r"!\[(.*?)\]\(.*?\)", r"\1", text)
    text = re.sub(r"^(#+|>|- |\d\.) ?(.*)$", r"\n\2\n", text, flags=re.M)
    return text.replace("**", "")


def test_what_a_patient_reads_is_plain_dutch():
    assert hindrances(plain(page("patient.nl.md")), glossary() | ON_SCREEN) == []


@pytest.mark.parametrize("name", ["patient.md", "patient.nl.md"])
def test_a_patient_reads_first_when_to_phone(name):
    before, _, after = page(name).partition("## 1.")
    assert "112" in before
    assert "huisartsenpost" in before
    assert "![" not in before
    assert after


@pytest.mark.parametrize("name", SITE)
def test_every_button_of_a_tutorial_stands_on_the_site(name):
    from ruggespraak.clinic.demonstration import AT_WORK, FAMILY, GIVEN

    known = on_screen(language(name)) | {who for some in AT_WORK.values() for _, who, _ in some}
    known |= {f"{given} {family}" for given in GIVEN for family in FAMILY}
    letter = re.compile(r"(Letter|Brief): (?P<to>.*) \(PDF\)")
    for bold in re.findall(r"\*\*(.+?)\*\*", page(name)):
        if not re.fullmatch("|".join([BEGIN, LOUD, COLOURS, QUESTION]), bold):
            is_letter = letter.fullmatch(bold)
            assert (is_letter["to"] if is_letter else bold) in known, bold


@pytest.mark.parametrize("name", IN_TWO_LANGUAGES)
def test_both_languages_take_the_same_steps(name):
    def shape(text):
        marks = re.findall(r"^(#+ \d?|```\w+|!\[|\||\d\. |- )", text, re.M)
        return [mark.strip() for mark in marks]

    assert shape(page(name)) == shape(page(name.replace(".md", ".nl.md")))


@pytest.mark.parametrize("name", PAGES)
def test_every_tutorial_says_that_no_clinician_reviewed_the_rules(name):
    told = {"en": "No|no|Nobody", "nl": "Nog geen arts|nog geen arts"}[language(name)]
    assert re.search(rf"({told}).*(reviewed|nagekeken|beoordeeld)", page(name))


@pytest.mark.parametrize("today", [date(2026, 3, 30), date(2026, 12, 1), date(2028, 2, 29)])
def test_the_people_of_the_tutorial_are_in_the_demonstration_as_it_says(today):
    from ruggespraak.clinic import demonstration, record
    from ruggespraak.clinic.worklist import worklist

    with transaction.atomic():
        gps = demonstration.fill(today)
        rows, _ = worklist(gps, today, 0, 200)
        here = {row.episode.patient.who["name"]: row for row in rows if not row.episode.patient.only_for.exists()}
        first, waits = here["Charlie Zomaar"], here["Yaël van Nergens"]
        assert (rows[0].episode, first.reason) == (first.episode, "alarm")
        assert record.replayed(waits.episode).decision.complaint == "radicular"
        assert not waits.episode.alarm_open
        closed = [row for row in rows if row.episode.patient.only_for.exists()]
        assert len(closed) == 1
        transaction.set_rollback(True)
