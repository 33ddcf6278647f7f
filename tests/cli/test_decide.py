"""``rug decide`` as a shell runs it: each line is answered or refused with its reason, and never with a traceback."""

import json
import os
import random
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from patients import person
from ruggespraak import __version__
from ruggespraak.cli import COMMANDS
from ruggespraak.consult import Case, decide
from ruggespraak.pathway.editions import EDITIONS

RUG = [sys.executable, "-m", "ruggespraak.cli"]
ENOUGH = 60  # seconds
ENV = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}  # what a user has
FOOT_DROP = b'{"id": "F", "on": "2026-01-15", "findings": {"foot_drop": true}}'


@dataclass(frozen=True)
class Ran:
    """What a command wrote, and its exit status."""

    out: bytes
    err: str
    status: int

    @property
    def decisions(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


def rug(*args: str | Path, stdin: bytes = b"", **env: str) -> Ran:
    ran = subprocess.run(
        [*RUG, *map(str, args)],
        input=stdin,
        capture_output=True,
        timeout=ENOUGH,
        env={**ENV, **env},
        check=False,
    )
    err = ran.stderr.decode("utf-8", "backslashreplace")
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    return Ran(ran.stdout, err, ran.returncode)


# -- good lines and bad lines in one file -----------------------------------------------------------------------------

LONG = b"9" * 5000
DEEP = b"[" * 100_000 + b"]" * 100_000
AGE = "a number from 0 to 120 (years) or 'unclear' expected"
BAD = {
    "a number where a yes belongs": (b'{"findings": {"foot_drop": 1}}', "foot_drop: 1 given, true, false or null or"),
    "an age of 300": (b'{"findings": {"age_years": 300}}', f"age_years: 300 given, {AGE}"),
    "an age of 5000 digits": (b'{"findings": {"age_years": %s}}' % LONG, "age_years: '9999"),
    "NaN": (b'{"findings": {"age_years": NaN}}', f"age_years: 'NaN' given, {AGE}"),
    "minus infinity": (b'{"findings": {"age_years": -Infinity}}', f"age_years: '-Infinity' given, {AGE}"),
    "too large a number": (b'{"findings": {"age_years": 1e999}}', f"age_years: inf given, {AGE}"),
    "a day to come": (b'{"on": "2026-01-15", "findings": {"onset_date": "2026-01-16"}}', "not after 2026-01-15"),
    "the end of time": (b'{"on": "9999-12-31"}', "on: '9999-12-31' given, a date as YYYY-MM-DD from 1900-01-01"),
    "no such finding": (b'{"findings": {"footdrop": true}}', "footdrop: no such finding; did you mean foot_drop?"),
    "no such edition": (b'{"edition": "2019"}', "edition: '2019' given, one of current, leaflet, nice, acp expected"),
    "a double answer": (b'{"findings": {"malaise": false, "malaise": false}}', "'malaise' stands twice in one object"),
    "findings twice": (b'{"findings": {}, "findings": {}}', "'findings' stands twice in one object; expected once"),
    "a list": (b"[1, 2]", "a case is a JSON object, not a list"),
    "a text": (b'"a case"', "a case is a JSON object, not a text"),
    "null": (b"null", "a case is a JSON object, not null"),
    "no JSON": (b"age_years: 46", "not JSON at position 1 (Expecting value); one JSON object expected"),
    "half a case": (b'{"findings": {"foot_drop": true', "not JSON at position 32"),
    "two cases on a line": (b"{} {}", "not JSON at position 4 (Extra data)"),
    "not UTF-8": (b'{"id": "Jos\xe9"}', "byte 12 (0xe9) is not UTF-8"),
    "nested too deep": (b'{"findings": %s}' % DEEP, "nested too deep"),
    "an answer nested too deep": (b'{"findings": {"age_years": %s}}' % DEEP, "nested too deep"),
    "a null byte": (b'{"id": "\x00"}', "not JSON at position 9 (Invalid control character at)"),
    "a byte order mark inside": (b"\xef\xbb\xbf{}", "not JSON at position 1"),
}  # fmt: skip


def good(name: str) -> bytes:
    return json.dumps({"id": name, "on": "2026-01-15", "findings": {"low_back_pain": True}}).encode()


@pytest.fixture(scope="module")
def mixed(tmp_path_factory) -> Ran:
    """A file as Windows writes it, with a good line after each bad one, empty lines, and no end to its last line."""
    lines = [b"\xef\xbb\xbf" + good("first"), b"", b"  \t "]
    for name, (bad, _) in BAD.items():
        lines += [bad, good(name)]
    path = tmp_path_factory.mktemp("cases") / "mixed.jsonl"
    path.write_bytes(b"\r\n".join([*lines, good("last")]))
    return rug("decide", path)


def test_every_line_that_can_be_read_is_decided_and_the_order_is_kept(mixed):
    assert [decision["case"] for decision in mixed.decisions] == ["first", *BAD, "last"]


def test_the_exit_status_says_that_lines_were_bad(mixed):
    assert mixed.status == 2


def test_every_bad_line_gets_one_line_of_complaint_and_nothing_else_does(mixed):
    assert len(mixed.err.splitlines()) == len(BAD)
    assert all(line.startswith("rug decide: ") and len(line) < 500 for line in mixed.err.splitlines())


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_is_refused_with_its_number_and_the_reason(mixed, name):
    number = list(BAD).index(name)
    complaint = mixed.err.splitlines()[number]
    assert f"mixed.jsonl, line {4 + 2 * number}: " in complaint
    assert BAD[name][1] in complaint


def test_no_alarm_is_named_where_none_was_told(mixed):
    assert "ALARM" not in mixed.err


ALARMS = {
    b'{"findings": {"foot_drop": true, "age_years": 300}}': "paresis (emergency)",
    b'{"findings": {"foot_drop": true, "foot_drop": false}}': "paresis (emergency)",
    b'{"findings": {"foot_drop": false, "foot_drop": true}}': "paresis (emergency)",
    b'{"findings": {"saddle_numbness": true, "age_years": NaN}}': "cauda_equina (emergency)",
    b'{"findings": {"pain_unbearable": true, "age_years": %s}}' % LONG: "uncontrolled_pain (same_day)",
    b'{"findings": {"cancer_history": true, "nonsense": 1}}': "metastasis (within_days)",
    b'{"findings": {"clinician_concern": true, "nonsense": 1}}': "R16 (within_days)",
    b'{"on": "soon", "findings": {"known_aaa": true}}': "aneurysm (emergency)",
    b'{"edition": "2019", "findings": {"weakness_progressive": true}}': "paresis (emergency)",
}


@pytest.mark.control("C-22")
def test_an_alarm_that_can_still_be_read_in_a_bad_line_is_named():
    ran = rug("decide", "-", stdin=b"\n".join(ALARMS))
    assert (ran.out, ran.status) == (b"", 2)
    for line, named in zip(ran.err.splitlines(), ALARMS.values(), strict=True):
        assert line.startswith("rug decide: standard input, line ")
        assert line.endswith(f"; ALARM, still readable in this line: {named}")


# -- files ------------------------------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_is_named_and_the_other_files_are_still_decided(tmp_path):
    empty, blank, wide = tmp_path / "empty.jsonl", tmp_path / "blank.jsonl", tmp_path / "wide.jsonl"
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    empty.touch()
    blank.write_bytes(b"\n \n")
    wide.write_bytes(good("wide").decode().encode("utf-16"))
    one.write_bytes(good("one") + b"\n")
    two.write_bytes(good("two"))
    ran = rug("decide", empty, one, tmp_path / "missing.jsonl", tmp_path, blank, wide, "-", two, stdin=good("typed"))
    assert [decision["case"] for decision in ran.decisions] == ["one", "typed", "two"]
    assert ran.status == 2
    assert ran.err.splitlines() == [
        f"rug decide: {empty}: no case in it; one JSON object a line expected",
        f"rug decide: {tmp_path}/missing.jsonl: No such file or directory",
        f"rug decide: {tmp_path}: Is a directory",
        f"rug decide: {blank}: no case in it; one JSON object a line expected",
        f"rug decide: {wide}, line 1: byte 1 (0xff) is not UTF-8",
    ]


def test_a_byte_order_mark_does_not_shift_the_place_of_a_mistake():
    ran = rug("decide", "-", stdin=b'\xef\xbb\xbf{"id": "Jos\xe9"}')
    assert ran.err == "rug decide: standard input, line 1: byte 12 (0xe9) is not UTF-8\n"


def test_without_a_case_on_standard_input_it_says_so():
    ran = rug("decide", "-")
    assert (ran.out, ran.status) == (b"", 2)
    assert ran.err == "rug decide: standard input: no case in it; one JSON object a line expected\n"


def test_good_files_are_decided_in_silence(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"\n".join([good("a"), FOOT_DROP, b'{"id": 7}', b""]))
    ran = rug("decide", path)
    assert ([decision["case"] for decision in ran.decisions], ran.err, ran.status) == (["a", "F", "7"], "", 0)


def test_what_is_decided_at_the_command_line_is_what_the_library_decides():
    (decision,) = rug("decide", "-", stdin=FOOT_DROP).decisions
    assert decision == decide(Case(on=date(2026, 1, 15), answers={"foot_drop": True}, id="F")).as_json()


ODD_IDS = ["\ud800", "é", "日本", "\u2028", "a\tb", '"', "\\", ""]


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_the_id_of_a_case_comes_back_as_it_was_sent_whatever_the_terminal_can_show(locale):
    lines = [json.dumps({"id": id, "findings": {id: True}} if id == "é" else {"id": id}).encode() for id in ODD_IDS]
    ran = rug("decide", "-", stdin=b"\n".join(lines), LC_ALL=locale, PYTHONUTF8="0", PYTHONIOENCODING="")
    assert [decision["case"] for decision in ran.decisions] == [id for id in ODD_IDS if id != "é"]
    assert "no such finding" in ran.err
    assert "ïn" not in ran.out.decode("utf-8")  # it is UTF-8 in every locale


# -- streaming --------------------------------------------------------------------------------------------------------


def read_line(process: subprocess.Popen[bytes]) -> bytes:
    """The next line of its output; an empty one if none comes."""
    assert process.stdout is not None
    found, end = b"", time.monotonic() + ENOUGH
    while not found.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, end - time.monotonic()))
        part = os.read(process.stdout.fileno(), 65536) if ready else b""
        if not part:
            return found
        found += part
    return found


def test_who_sends_one_case_at_a_time_sees_each_decision_and_each_complaint_before_sending_the_next():
    with subprocess.Popen(
        [*RUG, "decide", "--edition", "leaflet", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=ENV,
    ) as process:
        assert process.stdin is not None
        # The leaflet's decisions are short: without care they would wait until a buffer is full.
        for line, wanted in ((b'{"id": "a"}', "a"), (b'{"findings": {"x": 1}}', None), (b'{"id": "b"}', "b")):
            process.stdin.write(line + b"\n")
            process.stdin.flush()
            answer = read_line(process)
            assert json.loads(answer)["case"] == wanted if wanted else b"x: no such finding" in answer
        process.stdin.close()
        assert process.wait(ENOUGH) == 2


@pytest.fixture(scope="module")
def many() -> list[bytes]:
    """Three thousand different people."""
    pick = random.Random(20260115)
    return [
        json.dumps({"id": str(n), "on": "2026-01-15", "findings": person(pick)}).encode() + b"\n" for n in range(3000)
    ]


PEAK = """
import atexit, re, sys
from ruggespraak.cli import main
status = lambda: open("/proc/self/status").read()
atexit.register(lambda: print(re.search(r"VmHWM:\\s+(\\d+) kB", status())[1], file=sys.stderr))
main()
"""


def peak_memory(lines: list[bytes]) -> int:
    """The most memory that deciding these lines took at any moment, in kB."""
    command = [sys.executable, "-c", PEAK, "decide", "-"]
    ran = subprocess.run(
        command, input=b"".join(lines), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=ENV, timeout=ENOUGH
    )
    assert ran.returncode == 0, ran.stderr
    return int(ran.stderr)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to read the memory from")
def test_ten_times_as_many_cases_take_no_more_memory(many):
    assert peak_memory(many) - peak_memory(many[:300]) < 8 * 1024


def test_whoever_reads_only_the_first_decision_hears_nothing_of_the_rest(many, tmp_path):
    path = tmp_path / "many.jsonl"
    path.write_bytes(b"".join(many[:500]))
    script = f'"{sys.executable}" -m ruggespraak.cli decide "{path}" | head -1; echo ${{PIPESTATUS[0]}}'
    ran = subprocess.run(["bash", "-c", script], capture_output=True, env=ENV, timeout=ENOUGH, check=True)
    first, status = ran.stdout.splitlines()
    assert (json.loads(first)["case"], status, ran.stderr) == ("0", b"141", b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_disk_that_is_full_is_said_once():
    with Path("/dev/full").open("wb") as full:
        command = [*RUG, "decide", "-", "-"]
        ran = subprocess.run(command, input=good("a"), stdout=full, stderr=subprocess.PIPE, env=ENV, timeout=ENOUGH)
    assert (ran.stderr, ran.returncode) == (b"rug decide: standard output: No space left on device\n", 2)


# -- options ----------------------------------------------------------------------------------------------------------

HERNIA = {
    "low_back_pain": True, "leg_pain": True, "leg_pain_below_knee": True, "leg_worse_than_back": True,
    "duration_days": 49, "relief_sufficient": False,
}  # fmt: skip
SEVEN_WEEKS = json.dumps({"id": "H", "on": "2026-01-15", "findings": HERNIA}).encode()


@pytest.fixture(scope="module")
def dutch() -> dict:
    return rug("decide", "-", stdin=SEVEN_WEEKS).decisions[0]


def test_in_english_the_words_are_english_and_the_decision_is_the_same(dutch):
    (english,) = rug("decide", "--lang", "en", "-", stdin=SEVEN_WEEKS).decisions
    assert "neuroloog" in next(one["text"] for one in dutch["plan"] if one["id"] == "weigh_surgery")
    assert "the neurologist decides" in next(one["text"] for one in english["plan"] if one["id"] == "weigh_surgery")
    assert "explain" not in dutch
    words = {"plan", "refer", "tests", "review", "conflicts"}
    assert {key: value for key, value in english.items() if key not in words} == {
        key: value for key, value in dutch.items() if key not in words
    }
    assert [one["id"] for one in english["plan"]] == [one["id"] for one in dutch["plan"]]


def test_with_the_leaflet_asked_for_the_leaflet_decides_unless_the_case_names_an_edition(dutch):
    named = SEVEN_WEEKS.replace(b'"id": "H"', b'"id": "H", "edition": "current"')
    leaflet, current = rug("decide", "--edition", "leaflet", "-", stdin=SEVEN_WEEKS + b"\n" + named).decisions
    assert leaflet["edition"].startswith("leaflet@")
    assert "leaflet_weigh_surgery" in [one["id"] for one in leaflet["plan"]]
    assert current == dutch


def test_explained_a_decision_says_what_speaks_for_and_against_it_and_what_would_change_it(dutch):
    (explained,) = rug("decide", "--explain", "--lang", "nl", "-", stdin=SEVEN_WEEKS).decisions
    why = explained.pop("explain")
    assert explained == dutch
    assert set(why) == {"alarms", "arguments", "would_change"}
    assert why["arguments"]["radicular"]["holds"] is True
    assert {one["finding"] for one in why["arguments"]["radicular"]["for"]} >= {"leg_pain", "leg_pain_below_knee"}
    assert why["would_change"][0]["to"] == "emergency"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["decide", "--edition", "2019", "-"], "'2019' is not one of 'current', 'leaflet'"),
        (["decide", "--lang", "fr", "-"], "'fr' is not one of 'nl', 'en'"),
        (["decide"], "Missing argument 'FILE...'"),
        (["decide", "--nonsense", "-"], "No such option"),
        (["nonsense"], "No such command 'nonsense'"),
    ],
)
def test_a_command_that_cannot_be_says_what_can(args, says):
    ran = rug(*args)
    assert (ran.out, ran.status) == (b"", 2)
    assert says in " ".join(ran.err.split())


def test_help_lists_the_commands_and_what_each_can_do():
    listed = rug("--help")
    assert listed.status == 0
    assert "cases in, decisions out" in listed.out.decode()
    assert "112" in listed.out.decode()
    helped = rug("decide", "--help").out.decode()
    assert all(option in helped for option in ("FILE...", "--lang", "--edition", "--explain", *EDITIONS))


def test_every_command_that_help_lists_has_help_of_its_own():
    listed = rug("--help").out.decode()
    for command in COMMANDS:
        assert command in listed
        assert rug(command, "--help").status == 0


def test_the_version_can_be_asked():
    assert rug("--version").out.decode() == f"rug {__version__}\n"
