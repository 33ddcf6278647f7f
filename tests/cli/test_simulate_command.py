"""``rug simulate`` and ``rug diff --population``, as somebody at a terminal meets them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from ruggespraak.cli import main
from ruggespraak.cli.country import as_markdown
from ruggespraak.population import uncertainty
from ruggespraak.population.people import total

SMALL = ("--people", "6400", "--years", "2")
COMPARED = ("--scenario", "as_now", "--scenario", "scan_everybody")
SIGNS = str.maketrans({"─": "", "│": "", "━": "", "┃": ""})


def rug(*arguments, **env):
    return CliRunner(env=env).invoke(main, [str(one) for one in arguments])


def process(*arguments, **env):
    """The command in a process of its own, whose standard output is no terminal."""
    script = "from ruggespraak.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | env,
    )  # fmt: skip


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
        (("--set", "price.scans=300"), "parameter 'price.scans' does not exist; did you mean price.scan?"),
        (("--set", "price.scan"), "ID=NUMBER expected"),
        (("--discount", "3"), "two numbers in per cent expected"),
        (("--discount", "-3/1"), "from 0 to 100 expected"),
        (("--births", "-1"), "-1 is not in the range"),
        (("--births", "1000000000"), "1000000000 is not in the range"),
        (("--set", "price.scan=nan"), "price.scan: nan given, 150 to 400 expected"),
        (("--set", "price.scan=200", "--set", "price.scan=300"), "price.scan given twice, once expected"),
        (("--again", "nowhere.json"), "nowhere.json: No such file"),
        (("--again", "nowhere.json", "--seed", "2"), "--seed: given beside --again"),
        (("--again", __file__), "test_simulate_command.py: no JSON"),
        (("--draws", "4"), "--draws: one option given, at least two"),
        (("--draws", "3", *COMPARED), "--draws: 3 given, a power of two from 2 to 65536 expected"),
        (("--draws", "4", *COMPARED, "--set", "onset.first=0.3"), "--set onset.first: --draws takes it from what was"),
        (("--draws", "-1", *COMPARED), "--draws: -1 given, a power of two"),
        (("--out", "/proc/self/environ/run"), "no folder can be made in /proc/self/environ"),
        (("--out", "nowhere/run", "--records", "nowhere"), "--out nowhere/run: lies in --records nowhere"),
        (("--dask", "nowhere"), "address: 'nowhere' given, one where a Dask scheduler answers expected"),
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
    assert "something stands there, a new folder expected" in said.output
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


# -- what a terminal can show


def figures(said):
    return re.findall(r"[+−-]?[0-9][0-9.,]* (?:±|\+/-) [0-9][0-9.,]*(?: million)?", " ".join(said.split()))


def test_no_figure_is_cut_however_narrow_the_terminal():
    wide, *others = (
        rug("simulate", *SMALL, *COMPARED, "--lang", "en", COLUMNS=str(w)).stdout for w in (200, 80, 60, 40, 20)
    )
    assert len(figures(wide)) > 25
    for narrow in others:
        assert sorted(figures(narrow)) == sorted(figures(wide))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_lacks_a_sign_gets_another_one_and_no_minus_is_lost(encoding):
    said = ("simulate", *SMALL, "--scenario", "scan_everybody", "--scenario", "as_now", "--lang", "en")
    with process(*said, PYTHONIOENCODING=encoding) as plain, process(*said, PYTHONIOENCODING="utf-8") as full:
        (shown, error), (signs, _) = plain.communicate(), full.communicate()
    assert (plain.returncode, error) == (0, b"")
    ours = [one.replace("+/-", "±").replace("-", "−") for one in figures(shown.decode(encoding))]
    assert ours == figures(signs.decode())
    assert any(one[0] == "−" for one in ours)


def test_what_is_piped_has_no_colour_and_no_progress():
    with process("simulate", *SMALL) as piped:
        out, error = piped.communicate()
    assert b"\x1b" not in out + error
    assert b"\r" not in out + error


def test_no_number_in_the_json_is_none():
    """Few people meet little: no share of nothing, and no infinite ratio."""
    said = rug("simulate", "--people", "64", "--years", "1", "--draws", "2", *COMPARED, "--json")
    assert said.exit_code == 0, said.output

    def refused(constant):
        raise AssertionError(f"{constant} is no JSON")

    found = json.loads(said.stdout, parse_constant=refused)
    assert found["uncertainty"]["draws"] == 2
    assert found["uncertainty"]["people"] == 64


# -- how sure, records, stopping


def test_the_draws_say_of_every_option_how_sure_and_what_they_rest_on():
    said = rug("simulate", *SMALL, *COMPARED, "--draws", "4", "--lang", "en", COLUMNS="100")
    shown = " ".join(said.stdout.translate(SIGNS).split())
    assert "How sure" in shown
    assert "Everybody scanned at once" in shown.partition("How sure")[2]
    assert "4 draws of all parameters, with 6,400 people; 0 left out" in shown
    assert "from memory" in shown
    chances = re.search(r"€50,000 a QALY ([0-9]+) % ([0-9]+) %", shown)
    assert sum(map(int, chances.groups())) == 100


def test_the_draws_are_of_the_same_country_with_as_many_births_a_person(monkeypatch):
    asked = []

    def noted(run, *_):
        asked.append(run)
        raise uncertainty.UncertaintyError("enough")

    monkeypatch.setattr(uncertainty, "draws", noted)
    rug("simulate", "--people", "100000", "--years", "1", "--births", "170000", "--draws", "2", *COMPARED)
    (run,) = asked
    assert run.people == 20_000
    assert run.born == pytest.approx(170_000 * 20_000 / total(), abs=0.5)


def test_the_manifest_of_a_run_with_draws_makes_these_again_too(tmp_path):
    rug("simulate", "--people", "64", "--years", "1", *COMPARED, "--draws", "2", "--out", tmp_path / "run")
    again = rug("simulate", "--again", tmp_path / "run" / "manifest.json", "--json")
    assert json.loads(again.stdout) == json.loads((tmp_path / "run" / "results.json").read_text())


def test_it_is_said_of_which_option_the_records_are(tmp_path):
    said = rug("simulate", *SMALL, *COMPARED, "--json", "--records", tmp_path / "records")
    assert "records: of current/as_now, the first of 2 options" in said.stderr
    assert json.loads(said.stdout)
    assert "current/as_now" in (tmp_path / "records" / "README.md").read_text()


def test_who_stops_a_long_run_has_the_terminal_back_and_no_half_folder(tmp_path):
    with process("simulate", "--people", 10**9, "--years", 100, "--out", tmp_path / "run") as running:
        time.sleep(4)
        began = time.monotonic()
        running.send_signal(signal.SIGINT)
        out, error = running.communicate()
    assert time.monotonic() - began < 20  # it would take an hour
    assert (running.returncode, out) == (130, b"")
    assert b"Traceback" not in error
    assert list(tmp_path.iterdir()) == []


# -- rug diff


def test_a_revision_and_what_is_not_committed_have_names_of_their_own():
    said = rug("diff", "current@HEAD", "current", "--population", "--json")
    found = json.loads(said.stdout)["population"]
    assert "current@HEAD" in as_markdown(found, "nl").splitlines()[0]


def test_the_page_says_what_it_is_a_difference_from_and_of_which_run():
    page = rug("diff", "nice", "current", "--population", "--markdown", "--lang", "en").stdout
    head = next(line for line in page.splitlines() if "The Netherlands" in line)
    assert head == "| The Netherlands, a year | nice, As now | current, As now (difference) |"
    assert "200,000 people, 10 years, seed 1" in page
    assert "Not a certified medical device" in page


def test_twice_the_same_edition_is_refused_before_anything_is_proven():
    said = rug("diff", "current", "current", "--population")
    assert said.exit_code == 2
    assert "--population: current given twice, two editions expected" in said.output
