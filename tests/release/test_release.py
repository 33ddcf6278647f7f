"""What a release says of itself: one version everywhere, how to cite it, and what it is made of."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from dependencies import packages
from sbom import COPIED, sbom

import ruggespraak

ROOT = Path(__file__).parents[2]
UV = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".venv-uv" / "bin" / "uv")
RELEASE = re.compile(r"^## (\S+) - (\S+)$", re.MULTILINE)  # a heading of Keep a Changelog
REQUIRED = {"cff-version", "message", "title", "authors"}  # by the schema of the Citation File Format 1.2.0


@pytest.fixture(scope="module")
def citation():
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def made_of():
    return sbom(UV, datetime(2026, 1, 15, tzinfo=UTC))


def test_the_newest_in_the_changelog_and_what_is_cited_are_this_version(citation):
    version, on = RELEASE.findall((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))[0]
    assert version == ruggespraak.__version__ == citation["version"]
    assert date.fromisoformat(on) == citation["date-released"]


def test_a_program_that_reads_citations_reads_ours(citation):
    assert citation.keys() >= REQUIRED
    assert citation["cff-version"] == "1.2.0"
    assert citation["type"] == "software"
    assert all(author.keys() == {"name"} for author in citation["authors"])
    assert "doi" not in citation, "nobody gave us one"


def test_a_citation_and_the_package_name_the_same_licences_and_keywords(citation):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert " AND ".join(citation["license"]) == project["license"]
    assert citation["keywords"] == project["keywords"]


def test_everything_that_anybody_may_get_is_listed_with_version_licence_and_place(made_of):
    shipped = {(one.name, version) for one in packages() if one.shipped for version in one.versions}
    listed = {(one["name"], one["version"]) for one in made_of["components"]}
    assert listed == shipped | {(name, version) for name, version, *_ in COPIED}
    assert all(one["licenses"][0]["expression"] for one in made_of["components"])
    nowhere = {one["name"] for one in made_of["components"] if "purl" not in one}
    assert nowhere == {"Atkinson Hyperlegible Next", "Fraunces"}, "of no registry"


def test_what_needs_what_is_told_of_components_that_are_listed(made_of):
    ours = made_of["metadata"]["component"]
    assert ours["purl"] == f"pkg:pypi/ruggespraak@{ruggespraak.__version__}"
    names = [one["bom-ref"] for one in [ours, *made_of["components"]]]
    assert len(names) == len(set(names))
    assert {one["ref"] for one in made_of["dependencies"]} == set(names)
    assert {ref for one in made_of["dependencies"] for ref in one.get("dependsOn", ())} <= set(names)


def test_the_list_is_the_same_each_time_and_another_one_for_another_moment(made_of):
    assert (made_of["bomFormat"], made_of["specVersion"]) == ("CycloneDX", "1.5")
    assert made_of["metadata"]["timestamp"] == "2026-01-15T00:00:00Z"
    assert json.dumps(sbom(UV, datetime(2026, 1, 15, tzinfo=UTC))) == json.dumps(made_of)
    assert sbom(UV, datetime(2026, 1, 16, tzinfo=UTC))["serialNumber"] != made_of["serialNumber"]


@pytest.mark.slow
def test_make_release_makes_all_that_is_published_and_the_same_each_time(tmp_path):
    made = []
    for name in ("one", "two"):
        command = ["make", "release", f"UV={UV}", f"DIST={tmp_path / name}"]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        made.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    stem = f"ruggespraak-{ruggespraak.__version__}"
    assert made[0].keys() == {
        f"{stem}-py3-none-any.whl", f"{stem}.tar.gz", "ruggespraak.cdx.json", "traceability.md", "SHA256SUMS",
    }  # fmt: skip
    assert made[0] == made[1]
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path / "one", check=True)
