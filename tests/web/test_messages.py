"""The words of the interface: all translated, the same placeholders, plain Dutch, and compiled from what is written."""

import io
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from readability import LONGEST_SENTENCE, glossary, rare_words, sentences, words

WEB = Path(str(files("ruggespraak.web")))
NL = WEB / "locale/nl/LC_MESSAGES"
NAMES = {"ruggespraak", "zelfcheck"}  # of this site and of what it does: each page says what they are
OF_A_FILE = {"fhir"}  # by which another care giver asks for it
OF_CARE_GIVERS = {
    "aftekenen", "afgetekend", "afwegen", "beloop", "dermatomen", "inzagelog", "praktijkmanager",
    "privacyfunctionaris", "waakt", "werklijst", "werkplan", "zorgpad",
}  # fmt: skip
"""On their pages only."""
SIGNING_IN = {
    "bsn", "burgerservicenummer", "ingelogd", "inlogpagina", "inlogt", "logde", "logt", "noodgeval", "passkey",
    "passkeys", "pincode", "reservecode", "reservecodes", "scripts", "uitgelogd", "zorgverlener",
}  # fmt: skip
"""What everybody who has an account meets elsewhere under these names; the page says what a passkey is."""
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def catalogue():
    with (NL / "django.po").open("rb") as file:
        return read_po(file, locale="nl")


def one_and_several(said):
    """What is said of one and of several, or what is always said."""
    return (said,) if isinstance(said, str) else tuple(one for one in said if one)


@dataclass(frozen=True)
class Says:
    id: str
    string: str
    fuzzy: bool


MESSAGES = [
    Says(id, string, message.fuzzy)
    for message in catalogue()
    if message.id
    for id, string in zip(one_and_several(message.id), one_and_several(message.string) or ("", ""), strict=False)
]


def in_the_code():
    with (WEB / "locale/babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(str(WEB), methods, options, keywords=DEFAULT_KEYWORDS | {"gettext_lazy": None})
    return {one for _, _, message, _, _ in found for one in one_and_several(message)}


def test_every_word_of_the_interface_has_its_dutch_and_no_dutch_is_left_over():
    assert {one.id for one in MESSAGES} == in_the_code()
    assert [one.id for one in MESSAGES if not one.string.strip() or one.fuzzy] == []


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: one.id[:50])
def test_both_languages_fill_in_the_same_and_say_the_same_figures(message):
    for what in (PLACEHOLDER, re.compile(r"\d+")):
        assert sorted(what.findall(message.id)) == sorted(what.findall(message.string))


@pytest.mark.parametrize("message", [one for one in MESSAGES if " " in one.string], ids=lambda one: one.id[:50])
def test_the_dutch_of_the_interface_is_plain(message):
    says = PLACEHOLDER.sub("", message.string)
    assert max(len(words(one)) for one in sentences(says)) <= LONGEST_SENTENCE
    assert rare_words(says, glossary() | NAMES | OF_A_FILE | OF_CARE_GIVERS | SIGNING_IN) == []


def test_what_runs_is_compiled_from_what_is_written():
    made = io.BytesIO()
    write_mo(made, catalogue())
    assert made.getvalue() == (NL / "django.mo").read_bytes(), "run make messages"
