"""Nobody who installs Ruggespraak gets software under terms that nobody looked at.

A licence that is not in a list here is not allowed, and one that is not known is none.
"""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from dependencies import packages
from fontTools.ttLib import TTFont
from sbom import COPIED

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "ruggespraak"
LOOK = SOURCE / "web" / "look"
FONTS = SOURCE / "documents" / "fonts"
NPM = subprocess.run(
    ["git", "ls-files", "*package-lock.json"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.split()

# They ask to keep their text beside the copy, and no more.
FREE = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "CC0-1.0",
    "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Python-2.0", "Zlib",
}  # fmt: skip

# They ask more of who changes or copies them: which packages may, and why that does not reach us.
MORE = {
    "LGPL-3.0-only": {"psycopg", "psycopg-binary"},  # only in [postgres]; imported unchanged, anybody can replace it
    "MPL-2.0": {"certifi", "fido2", "axe-core"},  # file by file, and we change none of its files
    "LicenseRef-NVIDIA-Proprietary": {  # NVIDIA's own terms; only in [cuda], and pip fetches it
        "cuda-toolkit", "nvidia-cuda-cccl", "nvidia-cuda-nvrtc", "nvidia-cuda-runtime", "nvidia-nvjitlink",
        "nvidia-nvvm",
    },
}  # fmt: skip
ONLY_IN = {"LGPL-3.0-only": {"postgres"}, "LicenseRef-NVIDIA-Proprietary": {"cuda"}}

# What npm cannot say in a word. Only our own checks use it: npm fetches it, and we pass it on to nobody.
IN_A_FILE = {  # read there: three clauses as of BSD, with notices about LOINC and UCUM to keep
    "fhirpath", "lforms", "autocomplete-lhc", "@lhncbc/ucum-lhc",
}  # fmt: skip
NOWHERE = {"emitter-component"}  # no file of it says anything; it comes with lforms


def refused(name, expression):
    """The parts of a licence under which this package may not come; of alternatives one is enough."""
    if "AND" in expression and "(" in expression:  # more than is read here
        return [expression]
    one_of = [[part.strip(" ()") for part in whole.split(" AND ")] for whole in expression.split(" OR ")]
    return min(
        ([part for part in every if part not in FREE and name not in MORE.get(part, ())] for every in one_of), key=len
    )


def test_all_that_anybody_may_install_is_under_a_licence_that_is_allowed():
    assert {one.name: one.licence for one in packages() if one.shipped and refused(one.name, one.licence)} == {}
    assert all(one.licence for one in packages())


def test_what_asks_more_comes_only_to_who_asks_for_that_extra():
    parts = {
        licence: {part for one in packages() if licence in one.licence for part in one.parts} - {"dev"}
        for licence in ONLY_IN
    }
    assert parts == ONLY_IN


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("LGPL-3.0-only", False),
        ("GPL-3.0-only AND (MIT OR ISC)", False),
        ("", False),
        ("UNKNOWN", False),
    ],
)
def test_of_alternatives_one_is_enough_of_parts_every_one_counts_and_unknown_is_not_allowed(licence, allowed):
    assert bool(refused("somebody's", licence)) is not allowed


@pytest.mark.parametrize("lock", NPM)
def test_what_npm_brings_for_our_checks_and_our_style_is_under_a_licence_that_is_allowed(lock):
    found = json.loads((ROOT / lock).read_text(encoding="utf-8"))["packages"]
    named = {path.rpartition("node_modules/")[2]: one.get("license", "") for path, one in found.items() if path}
    assert named
    not_allowed = {name: said for name, said in named.items() if refused(name, said)}
    assert all(said.upper().startswith("SEE LICENSE") for name, said in not_allowed.items() if name in IN_A_FILE)
    assert not_allowed.keys() <= IN_A_FILE | NOWHERE


# What is copied into the package itself


def test_the_typefaces_are_those_that_are_named_and_their_licence_stands_beside_them():
    versions = {name: version for name, version, licence, _ in COPIED if licence == "OFL-1.1"}
    text = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
    for path in FONTS.glob("*.ttf"):
        names = TTFont(path)["name"]
        (family,) = (name for name in versions if names.getDebugName(1).startswith(name))
        assert re.match(r"Version ([\d.]+)", names.getDebugName(5))[1] == versions[family]
        assert names.getDebugName(0).partition(" (")[0] in text
    assert (SOURCE / "web/static/fonts/OFL.txt").read_text(encoding="utf-8") == text
    assert {path.stem for path in (SOURCE / "web/static/fonts").glob("*.woff2")} == {
        path.stem for path in FONTS.glob("*.ttf")
    }


def test_the_style_says_whose_parts_it_holds_and_under_which_terms():
    (version,) = (version for name, version, *_ in COPIED if name == "nhsuk-frontend")
    assert json.loads((LOOK / "package.json").read_text())["devDependencies"]["nhsuk-frontend"] == version
    style = (SOURCE / "web/static/ruggespraak.css").read_text(encoding="utf-8-sig")
    head = style.partition("*/")[0]
    assert f"NHS.UK frontend {version}, copyright NHS England, under the MIT licence" in head
    assert "Permission is hereby granted, free of charge" in head


def test_the_package_names_every_licence_of_what_is_in_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["license"].split(" AND ")) == {"Apache-2.0", *(licence for _, _, licence, _ in COPIED)}
    assert all((ROOT / path).is_file() for path in project["license-files"])
