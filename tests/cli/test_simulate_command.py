"""``rug simulate`` and ``rug diff --population``, as somebody at a terminal meets them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ruggespraak.cli import main

SMALL = ("--people", "6400", "--years", "2")


def rug(*arguments):
    return CliRunner().invoke(main, [str(one) for one in arguments])


def test_the_table_has_the_country_a_year_in_both_languages():
    for lang, word in (("nl", "Nederland, per jaar"), ("en", "The Netherlands, a year")):
        said = rug("simulate", *SMALL, "--lang", lang)
        assert said.exit_code == 0, said.output
        assert word in said.output
        assert {"nl": "Geen gecertificeerd", "en": "Not a certified"}[lang] in " ".join(said.output.split())


def test_the_same_run_prints_the_same_bytes():
    first, second = (rug("simulate", *SMALL, "--json").stdout for _ in range(2))
    assert first == second
    assert json.loads(first)["manifest"]["people"] == 6400


def test_another_seed_is_another_run():
    first, second = (
        json.loads(rug("simulate", *SMALL, "--json", "--seed", seed).stdout)["manifest"]["counts"] for seed in (1, 2)
    )
    assert first != second


def test_one_and_two_threads_give_the_same_counts():
    counts = {
        json.loads(rug("simulate", *SMALL, "--json", "--threads", n).stdout)["manifest"]["counts"] for n in (1, 2)
    }
    assert len(counts) == 1


def test_every_edition_is_run_under_every_scenario_and_the_first_is_the_base():
    said = rug(
        "simulate", *SMALL, "--json", "--edition", "current", "--edition", "leaflet",
        "--scenario", "as_now", "--scenario", "scan_everybody",
    )  # fmt: skip
    options = json.loads(said.stdout)["options"]
    assert [option["option"] for option in options] == [
        "current/as_now", "current/scan_everybody", "leaflet/as_now", "leaflet/scan_everybody",
    ]  # fmt: skip
    base, scanned, leaflet, _ = options
    assert all(row["extra"] == 0 for row in base["measures"].values())
    assert scanned["measures"]["scan"]["extra"] > 0
    assert scanned["measures"]["gp_cases"]["extra"] == 0  # the same people, the same luck
    assert leaflet["measures"]["alarms_missed"]["extra"] > 0  # it knows paralysis only


def test_a_price_changes_the_euros_and_nothing_that_was_counted():
    cheap, dear = (
        json.loads(rug("simulate", *SMALL, "--json", "--set", f"price.scan={price}").stdout) for price in (150, 400)
    )
    assert cheap["options"][0]["measures"] == dear["options"][0]["measures"]
    assert cheap["options"][0]["euros"]["care"]["value"] < dear["options"][0]["euros"]["care"]["value"]
    assert dear["manifest"]["changed"] == {"price.scan": 400}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--people", "3"), "people: 3 given, 64 to"),
        (("--years", "0"), "years: 0 given, 1 to"),
        (("--seed", "-1"), "seed: -1 given, 0 to"),
        (("--edition", "folder"), "edition 'folder' does not exist; choose from current"),
        (("--scenario", "as_nou"), "did you mean as_now?"),
        (("--set", "price.scan=9999"), "price.scan: 9999 given, 150 to 400 expected"),
        (("--set", "price.scans=300"), "parameter 'price.scans' does not exist"),
        (("--set", "price.scan"), "ID=NUMBER expected"),
        (("--discount", "3"), "two numbers in per cent expected"),
        (("--discount", "-3/1"), "from 0 to 100 expected"),
        (("--births", "-1"), "-1 is not in the range"),
        (("--again", "nowhere.json"), "nowhere.json"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(arguments, says):
    said = rug("simulate", *arguments)
    assert said.exit_code == 2
    assert says in " ".join(said.output.replace("│", " ").split())
    assert "Traceback" not in said.output


def test_out_writes_everything_and_its_manifest_makes_the_run_again(tmp_path):
    folder = tmp_path / "run"
    said = rug("simulate", *SMALL, "--out", folder, "--set", "price.scan=300", "--discount", "4/1.5")
    assert said.exit_code == 0, said.output
    manifest = json.loads((folder / "manifest.json").read_text())
    again = rug("simulate", "--again", folder / "manifest.json", "--json")
    assert json.loads(again.stdout)["manifest"] == manifest
    assert json.loads(again.stdout) == json.loads((folder / "results.json").read_text())
    manifest["options"][0]["fingerprint"] = "0" * 64
    other = tmp_path / "other.json"
    other.write_text(json.dumps(manifest))
    assert "has other rules now" in rug("simulate", "--again", other).output


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    said = rug("simulate", *SMALL, "--out", tmp_path)
    assert said.exit_code == 2
    assert "is not empty" in said.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_births_make_the_country_younger():
    without, with_births = (
        json.loads(rug("simulate", "--people", "20000", "--years", "10", "--json", "--births", n).stdout)
        for n in (0, 170000)
    )
    lived = [found["options"][0]["measures"]["lived"]["value"] for found in (without, with_births)]
    assert lived[1] - lived[0] == pytest.approx(170000 * 5, rel=0.02)  # a tenth of ten years' births, on average


def test_diff_says_how_many_people_a_year_and_at_what_cost():
    said = rug("diff", "nice", "current", "--population", "--lang", "en")
    assert said.exit_code == 0, said.output
    assert "The Netherlands, a year" in said.output
    assert "care alone" in said.output
    found = json.loads(rug("diff", "nice", "current", "--population", "--json").stdout)
    assert [one["edition"].partition("@")[0] for one in found["population"]["options"]] == ["nice", "current"]


def test_the_list_of_scenarios_needs_no_run():
    said = rug("simulate", "--scenario", "list", "--lang", "en")
    assert "scan_everybody" in said.output
    assert "Everybody scanned at once" in said.output


def test_who_has_no_numba_is_told_which_line_installs_it(tmp_path):
    (tmp_path / "numba.py").write_text("raise ModuleNotFoundError(\"No module named 'numba'\", name='numba')\n")
    said = subprocess.run(
        [sys.executable, "-c", "from ruggespraak.cli import main; main()", "simulate", *SMALL],
        capture_output=True, text=True, check=False,
        env={"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2] / 'src'}", "XDG_CACHE_HOME": str(tmp_path)},
    )  # fmt: skip
    assert said.returncode == 2
    assert "pip install 'ruggespraak[population]'" in said.stderr
    assert "Traceback" not in said.stderr
