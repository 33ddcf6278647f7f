"""What a proof says is there in both languages, and nothing is there that nobody says."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import ruggespraak
from ruggespraak.course import Status
from ruggespraak.pathway.texts import LANGUAGES
from ruggespraak.proof.diff import ASPECTS
from ruggespraak.proof.nobody_lost import KINDS, Report, State, wrong
from ruggespraak.proof.prove import PROPERTIES
from ruggespraak.proof.search import COUNTEREXAMPLE, PROVEN, UNKNOWN
from ruggespraak.proof.words import says

ROOT = Path(ruggespraak.__file__).parent
STATE = State(0, 0, False, True, 0, 0)

Entry = dict[str, str]


@cache
def entries() -> dict[str, Entry]:
    """Every entry by its name: ``say.patient``."""
    return dict(_entries(tomllib.loads((ROOT / "proof" / "words.toml").read_text(encoding="utf-8")), ""))


def _entries(part: dict, name: str) -> Iterator[tuple[str, Entry]]:
    if not all(isinstance(inner, dict) for inner in part.values()):
        yield name, part
        return
    for key, inner in part.items():
        yield from _entries(inner, f"{name}.{key}" if name else key)


@pytest.mark.parametrize("name", entries())
def test_an_entry_has_words_in_both_languages_with_the_same_to_fill_in(name):
    assert set(entries()[name]) == set(LANGUAGES)
    blanks = {
        lang: sorted(blank for _, blank, _, _ in Formatter().parse(words) if blank is not None)
        for lang, words in entries()[name].items()
    }
    assert len({tuple(found) for found in blanks.values()}) == 1, blanks
    assert all(words.strip() for words in entries()[name].values())


# Sections of which the last part of the name is made while it runs, and all that it can be.
MADE = {
    "property": {*(one.id for one in PROPERTIES), "alive", "nobody_lost"},
    "verdict": {PROVEN, COUNTEREXAMPLE, UNKNOWN},
    "aspect": set(ASPECTS),
    "course.event": {"start", *KINDS},
    "course.status": {str(status) for status in Status},
    "course.wrong": set(wrong(STATE, Report(0, 0, 0, 0, False, False, False), STATE)),
}


@pytest.mark.parametrize("section", MADE)
def test_every_property_verdict_and_moment_of_a_course_has_words_and_nothing_else_has(section):
    found = {name.rpartition(".")[2] for name in entries() if name.rpartition(".")[0] == section}
    assert found == MADE[section]


@cache
def named() -> tuple[set[str], set[str]]:
    """The names of words that the code writes out, and the sections of names that it makes."""
    sections = "|".join(sorted({name.partition(".")[0] for name in entries()}))
    whole, made = set(), set()
    for path in (*(ROOT / "proof").glob("*.py"), *(ROOT / "cli").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        made |= {section for call in ast.walk(tree) if (section := _made(call))}
        if not _speaks(tree):
            continue
        strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        whole |= {one for one in strings if isinstance(one, str) and re.fullmatch(rf"({sections})(\.\w+)+", one)}
    return whole, made


def _speaks(tree: ast.AST) -> bool:
    return any(isinstance(node, ast.Call) and _is_says(node.func) for node in ast.walk(tree))


def _is_says(called: ast.expr) -> bool:
    return isinstance(called, ast.Name) and called.id == "says"


def _made(node: ast.AST) -> str | None:
    """The section of ``says(f"section.{name}", lang)``."""
    if isinstance(node, ast.Call) and _is_says(node.func) and node.args and isinstance(node.args[0], ast.JoinedStr):
        first = node.args[0].values[0]
        return first.value.removesuffix(".") if isinstance(first, ast.Constant) else ""
    return None


def test_every_name_in_the_code_has_words_and_no_words_are_left_that_nobody_says():
    whole, made = named()
    assert made == set(MADE)
    assert whole == {name for name in entries() if name.rpartition(".")[0] not in made}
    assert len(whole) >= 25


def test_a_name_that_does_not_exist_is_refused():
    with pytest.raises(KeyError):
        says("say.something_else", "en")
