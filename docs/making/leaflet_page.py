"""The leaflet, sentence by sentence: which rule, number or text carries each one, and which test holds it. In Dutch."""

from __future__ import annotations

from pathlib import Path

from edition_pages import chapters
from held import Test, marked
from layout import grid, number_link, page
from rule_sections import anchor

from ruggespraak.documents import general
from ruggespraak.pathway import numbers
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.texts import table


def leaflet_page() -> str:
    tests = marked("leaflet")
    return page(
        "# De folder, zin voor zin",
        "Waar elke zin van [de folder](source/leaflet-nl.txt) in de software staat: welke regel, welk getal of welke "
        "tekst hem draagt, en welke toets dat bewaakt (de naam van de functie, met spaties). De regels "
        "van de folder staan in [hun eigen editie](pathway/nl/leaflet/index.md). Daarnaast staat in welke algemene "
        "folder de zin terugkomt, zo nodig verbeterd, en onder welk kopje; "
        "[test_general.py](../tests/documents/test_general.py) bewaakt per zin wat daar gezegd wordt.",
        grid(
            "Zin, Hoofdstuk, Van … tot, Gedragen door, Getoetst door, Algemene folder",
            (_sentence_row(one, tests.get(one["id"], [])) for one in leaflet_sentences()),
        ),
    )


def leaflet_sentences() -> list[dict]:
    """The leaflet in its order: per sentence its id, chapter, first and last words, and what carries it."""
    return list(table("leaflet_sentences")["sentence"])


def _sentence_row(one: dict, tests: list[Test]) -> tuple[str, ...]:
    return (
        f'<a id="{one["id"].lower()}"></a>{one["id"]}',
        one["chapter"],
        " … ".join(dict.fromkeys((one["begins"], one["ends"]))),
        ", ".join(map(carrier, one["carried_by"])),
        "<br>".join(map(_test_link, tests)) or "**geen**",
        "<br>".join(_general_leaflet(*place) for place in general.carried(one["id"])) or "**geen**",
    )


def _general_leaflet(id: str, section: str) -> str:
    """Where a general leaflet says it: its title and the heading."""
    here = table("leaflets")[id]
    title = "Elke folder" if id == general.EVERY else here["title"]["nl"]
    return f"{title}: *{here[section]['title']['nl']}*"


def _test_link(test: Test) -> str:
    """A test as the sentence that its name is."""
    return f"[{Path(test.file).name}](../{test.file}): {test.sentence}"


def carrier(id: str) -> str:
    """A link to what carries a sentence. Raises KeyError for an id that is neither a number nor a rule."""
    if found := [one for one in numbers.ALL if one.name == id]:
        return number_link(found[0], "pathway/nl/")
    rule = edition("leaflet").rule(id)
    (chapter,) = (name for name, rules in chapters(edition("leaflet")).items() if any(rule is one for one in rules))
    return f"[{id}](pathway/nl/leaflet/{chapter}.md#{anchor(rule)})"
