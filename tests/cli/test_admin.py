"""``rug admin`` as an operator uses it: the whole life of a site, and what is said where something cannot be done."""

import json
import os
import sqlite3
import stat

import pytest
from test_serve import rug, settings

from ruggespraak import __version__

COMMANDS = ("upgrade", "practice", "lost-device", "legal-check", "verify-log", "backup", "restore", "move", "retention")


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    """A site from its first day to its move; what each command answered, by its name."""
    folder = tmp_path_factory.mktemp("life")
    env = settings(folder)
    said = {"folder": folder, "env": env}

    def does(name, *words, **given):
        said[name] = rug({**env, **given}, "admin", *words)
        return said[name][1]

    does("upgrade", "upgrade")
    does("upgrade again", "upgrade")
    manager = ("--manager", "Baas@Wervel.example", "--manager-name", "B. Aas")
    does("practice", "practice", "De Wervel", "--profession", "gp", *manager)
    does("practice again", "practice", "De Wervel", "--profession", "gp", *manager)
    does("second practice", "practice", "De Tweede", "--profession", "physiotherapist", *manager)
    does("lost-device", "lost-device", "baas@wervel.example")
    does("lost-device of nobody", "lost-device", "niemand@wervel.example")
    does("legal-check", "legal-check", "--by", "Mr. De Wet", "--how", "Memo 12")
    known = does("verify-log", "verify-log").split()[-1]
    does("known", "verify-log", "--known", known)
    does("retention", "retention")
    does("backup", "backup", str(folder / "b.sqlite3"))
    does("backup again", "backup", str(folder / "b.sqlite3"))
    does("restore over", "restore", str(folder / "b.sqlite3"))
    does("restore", "restore", str(folder / "b.sqlite3"), RUG_DATABASE=str(folder / "restored.sqlite3"))
    does("restored", "verify-log", "--known", known, RUG_DATABASE=str(folder / "restored.sqlite3"))
    does("move", "move", str(folder / "moved.sqlite3"))
    does("move again", "move", str(folder / "moved.sqlite3"))
    does("moved", "verify-log", "--known", known, RUG_DATABASE=str(folder / "moved.sqlite3"))
    with sqlite3.connect(env["RUG_DATABASE"]) as raw:
        said["log"] = raw.execute("SELECT event, role, page FROM clinic_logrow ORDER BY number").fetchall()
        raw.execute("DROP TRIGGER clinic_logrow_no_update")
        raw.execute("UPDATE clinic_logrow SET page = 'worklist' WHERE number = 2")
    raw.close()
    does("broken", "verify-log")
    does("backup of broken", "backup", str(folder / "broken.sqlite3"))
    return said


def test_the_tables_are_made_once(life):
    assert life["upgrade"][0] == 0
    assert life["upgrade"][1].startswith(f"from nothing to version {__version__}: ")
    assert life["upgrade again"] == (0, f"nothing to do: the tables are of version {__version__}\n", "")


def test_a_practice_begins_with_its_manager_who_may_have_two_of_them(life):
    expected = "De Wervel (gp) is there; baas@wervel.example manages it, and signs in on the site\n"
    assert life["practice"] == (0, expected, "")
    assert life["practice again"] == (2, "", "rug admin practice: there is a practice named De Wervel already\n")
    assert life["second practice"][0] == 0
    with sqlite3.connect(life["folder"] / "moved.sqlite3") as raw:
        assert raw.execute("SELECT email, name, password LIKE '!%' FROM clinic_account").fetchall() == [
            ("baas@wervel.example", "B. Aas", 1)
        ]
        assert raw.execute("SELECT role, until FROM clinic_member").fetchall() == [("manager", None)] * 2


def test_who_lost_a_device_is_signed_out_and_each_practice_reads_that(life):
    said = "baas@wervel.example is signed out everywhere, and sets up a new second factor at the next sign-in\n"
    assert life["lost-device"] == (0, said, "")
    assert life["lost-device of nobody"][0] == 2
    assert "nobody has an account" in life["lost-device of nobody"][2]
    assert life["log"].count(("operator", "operator", "lost-device")) == 2  # practices


def test_what_was_written_down_of_the_log_holds_after_a_restore_and_a_move(life):
    for name in ("verify-log", "known", "restored", "moved"):
        status, out, err = life[name]
        assert (status, err) == (0, "")
        assert out.startswith("whole, ")
    assert life["restore"][0] == life["move"][0] == 0
    assert "whoever was erased after that moment can be read again" in life["restore"][1]


def test_nothing_is_written_over(life):
    assert "is there already" in life["backup again"][2]
    for name in ("restore over", "move again"):
        status, out, err = life[name]
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert "that database is in use" in err


def test_what_is_written_is_for_its_owner_only(life):
    made = [life["env"]["RUG_DATABASE"], *(life["folder"] / f"{name}.sqlite3" for name in ("b", "restored", "moved"))]
    assert {stat.S_IMODE(os.stat(file).st_mode) for file in made} == {0o600}


def test_each_of_these_is_a_row_of_the_access_log(life):
    assert {row[:2] for row in life["log"]} == {("operator", "operator")}
    assert [page for _event, _role, page in life["log"]] == [
        "practice", "practice", "lost-device", "lost-device", "legal-check", "verify-log", "verify-log", "retention",
        "backup", "move",
    ]  # fmt: skip


def test_a_broken_log_is_said_with_its_place_and_a_backup_is_made_all_the_same(life):
    expected = "the access log is broken: row 2 was changed: its hash does not fit what it says\n"
    assert life["broken"] == (1, "", expected)
    status, out, err = life["backup of broken"]
    assert (status, err) == (1, expected)
    assert out.startswith(str(life["folder"] / "broken.sqlite3"))
    assert (life["folder"] / "broken.sqlite3").is_file()


WRONG = {
    "a folder that is not there": (["backup", "/nowhere/b.sqlite3"], "/nowhere is no folder"),
    "a folder that takes no files": (["backup", "/proc/b.sqlite3"], "/proc/.b.sqlite3.part: "),
    "no backup": (["restore", "/etc/hostname"], "/etc/hostname: no backup, or a damaged one"),
    "no file": (["restore", "/nowhere/b"], "/nowhere/b: there is no such file"),
    "no log": (["restore", "b", "--erased", "/nowhere/log"], "--erased /nowhere/log: cannot be read"),
    "no hash": (["verify-log", "--known", "12:abc"], "--known 12:abc: NUMBER:HASH expected"),
    "another hash": (["verify-log", "--known", f"1:{'0' * 64}"], "the access log is broken: row 1 no longer has"),
    "no address": (["practice", "X", "--profession", "gp", "--manager", "baas"], "--manager baas: an e-mail address"),
    "a long name": (["practice", "X" * 121, "--profession", "gp", "--manager", "a@b.nl"], "NAME and --manager-name"),
    "nobody": (["legal-check", "--by", " ", "--how", "x"], "--by and --how: something expected"),
    "itself": (["move", "HERE"], "that is the database where it is now"),
    "no database": (["move", "/nowhere/x"], "/nowhere is no folder"),
    "no address at all": (["move", "-"], "TO is empty; "),
    "no server": (["move", "postgresql://rug@127.0.0.1:1/rug"], "the database"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_done_is_one_line_that_says_why(life, case):
    words, said = WRONG[case]
    env = {**life["env"], "RUG_DATABASE": str(life["folder"] / "restored.sqlite3")}
    status, out, err = rug(env, "admin", *(env["RUG_DATABASE"] if word == "HERE" else word for word in words))
    assert (status, out) == (1 if "broken" in said else 2, "")
    assert said in err
    assert err.count("\n") == 1


def test_on_tables_of_another_version_nothing_is_done(tmp_path):
    env = settings(tmp_path)
    for words in (["verify-log"], ["retention"], ["backup", str(tmp_path / "b")], ["legal-check", "--by=x", "--how=x"]):
        status, out, err = rug(env, "admin", *words)
        assert (status, out) == (2, "")
        assert "the tables are not of version" in err


def test_each_command_says_what_it_does():
    from click.testing import CliRunner

    from ruggespraak.cli.admin import admin

    assert tuple(admin.commands) == COMMANDS
    for name in COMMANDS:
        ran = CliRunner().invoke(admin, [name, "--help"])
        assert ran.exit_code == 0
        assert len(ran.output) > 150


def test_who_was_erased_since_is_counted(life, tmp_path):
    said = tmp_path / "log.jsonl"
    said.write_text(json.dumps({"event": "started"}) + "\n")
    env = {**life["env"], "RUG_DATABASE": str(tmp_path / "r.sqlite3")}
    status, out, _err = rug(env, "admin", "restore", str(life["folder"] / "b.sqlite3"), "--erased", str(said))
    assert status == 0
    assert out.endswith("erased anew: 0\n")
