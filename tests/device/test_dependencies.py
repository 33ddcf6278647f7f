"""The list of what others wrote: complete, and its licences are those that the packages themselves state."""

from importlib.metadata import distributions, metadata
from itertools import pairwise

import pytest
from dependencies import licences, locked, packages


def comparable():
    """Rows of packages that are installed here in the one version that any Python gets."""
    here = {found.metadata["Name"].lower().replace("_", "-") for found in distributions()}
    return [row for row in licences() if row["name"] in here and len(locked()[row["name"]]) == 1]


@pytest.mark.control("C-64")
def test_every_locked_package_but_ourselves_is_listed_once_with_a_licence():
    assert {one.name for one in packages()} == locked().keys() - {"ruggespraak"}
    assert all(one.licence and one.parts for one in packages())


def test_no_licence_is_listed_for_a_package_that_is_gone_and_the_names_are_in_order():
    names = [row["name"] for row in licences()]
    assert set(names) == locked().keys() - {"ruggespraak"}
    assert all(before < after for before, after in pairwise(names))


def test_the_base_brings_little_and_the_website_brings_django():
    parts = {one.name: one.parts for one in packages()}
    assert {name for name, found in parts.items() if "base" in found} == {
        "click",
        "markdown-it-py",
        "mdurl",
        "pygments",
        "rich",
    }
    assert parts["django"] == parts["sqlparse"] == ("web",)
    assert parts["duckdb"] == ("audit",)
    assert "web" in parts["fido2"], "what an extra of a dependency brings counts too"


@pytest.mark.parametrize("row", comparable(), ids=lambda row: row["name"])
def test_a_licence_is_what_the_installed_package_states(row):
    found = metadata(row["name"])
    if expression := found.get("License-Expression"):
        assert row["licence"] == expression
        return
    classifiers = [one.split(" :: ")[-1] for one in found.get_all("Classifier", []) if one.startswith("License :: ")]
    said = {(found.get("License") or "").strip(), "; ".join(classifiers), *classifiers} - {""}
    stated = row["stated"] or row["licence"]
    assert stated in said or (not said and stated.startswith("nothing;"))
