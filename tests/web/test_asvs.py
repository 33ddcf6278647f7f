"""The table of OWASP ASVS items is complete, each test that it names is there, and the page says what the code does."""

import ast
import re
from pathlib import Path

import pytest
import safety

ROOT = Path(__file__).parents[2]
CHOSEN = [
    "2.2.3", "3.3.1", "3.3.2", "3.3.3", "3.3.4", "3.4.1", "3.4.3", "3.4.4", "3.4.5", "3.4.6", "3.5.1", "3.5.3",
    "6.1.1", "6.2.1", "6.2.9", "6.2.12", "6.3.3", "6.5.1", "6.5.4", "6.5.5", "6.6.2", "6.6.3", "6.8.1", "6.8.2",
    "6.8.4", "7.1.1", "7.2.4", "7.3.1", "7.3.2", "7.4.1", "7.4.2", "7.4.3", "7.4.4", "7.4.5", "7.5.2", "8.1.1",
    "8.2.1", "8.2.2", "8.2.3", "10.5.1", "10.5.2", "10.5.3", "10.5.4", "11.2.1", "11.2.3", "13.3.1", "14.2.1",
    "14.2.3", "14.3.1", "14.3.2", "16.1.1", "16.2.1", "16.2.2", "16.2.4", "16.2.5", "16.3.1", "16.3.2", "16.4.1",
    "16.4.2", "16.4.3", "16.5.1", "16.5.2", "16.5.3",
]  # fmt: skip
"""Written out here, so that no item falls out of the table unseen."""


def test_no_chosen_item_is_missing_from_the_table():
    assert [one["id"] for one in safety.items()] == CHOSEN


@pytest.mark.parametrize("item", safety.items(), ids=lambda one: one["id"])
def test_each_item_has_a_test_that_is_there(item):
    assert item["tests"], "no test holds this item"
    for name in item["tests"]:
        file, _, function = name.partition("::")
        here = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert function in {node.name for node in ast.walk(here) if isinstance(node, ast.FunctionDef)}, name


# The page


def section(title):
    return safety.page().partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_the_page_says_what_the_settings_do(site):  # noqa: ARG001
    """How long a session lasts, how often somebody may try, and how long an emergency is."""
    from allauth.account import app_settings
    from allauth.mfa import app_settings as mfa
    from django.conf import settings

    from ruggespraak.web.emergency import LASTS
    from ruggespraak.web.mine_link import TRIES

    says = section("Signing in")
    assert f"after {settings.SESSION_COOKIE_AGE // 60} minutes without a page" in says
    assert f"after {settings.SIGNED_IN_FOR // 3600} hours in any case" in says
    assert settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT == 10 * 60
    assert "ten minutes" in says
    assert (app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS, app_settings.EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS) == (3, 3)
    assert "three tries" in says
    limits = app_settings.RATE_LIMITS
    assert limits["request_login_code"] == "20/m/ip,3/m/key"
    assert "three codes a minute for an e-mail address, twenty for a network address" in says
    assert limits["login_failed"] == "10/m/ip,5/300s/key"
    assert "five wrong codes of an app or spare codes in five minutes" in says
    assert mfa.TOTP_TOLERANCE == 0
    assert TRIES == 5
    assert "five wrong birth years a day" in says
    assert LASTS.seconds == 30 * 60
    assert "for half an hour" in section("Who may do what")


def test_the_page_says_who_may_do_what():
    from ruggespraak.clinic.roles import MAY, Act, Role

    rows = re.findall(r"^\| ([^|]+) \| (.+) \|$", section("Who may do what"), re.M)
    told = {act: [cell.strip() == "yes" for cell in cells.split("|")] for act, cells in rows}
    assert {safety.ACTS[act]: [role in MAY[act] for role in Role] for act in Act}.items() <= told.items()
    assert {role for roles in MAY.values() for role in roles} == set(Role) == set(safety.ROLES)


def test_the_page_says_which_logs_there_are_and_for_how_long():
    from ruggespraak.clinic.log import KEPT_FOR, LATER

    says = section("What is written down, and where")
    assert says.count("\n| the ") + says.count("\n| spans ") == 3
    assert KEPT_FOR.days // 365 == 5
    assert LATER.days == 1
    assert "five years (Stcrt. 2019, 38007), then deleted a day later" in says


# The code


SAFE = {"sha256", "blake2b"}


def test_nothing_is_made_secret_but_by_known_libraries():
    """No random number that can be guessed, no weak hash, no key that is short; nothing of Python's own that is not."""
    from ruggespraak.clinic import sealing

    assert sealing.KEY * 8 == 256
    for file in (ROOT / "src/ruggespraak").rglob("*.py"):
        if file.parts[-2] not in ("web", "clinic") or file.name == "demonstration.py":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = {one.name for one in node.names} if isinstance(node, ast.Import | ast.ImportFrom) else set()
            assert "random" not in names, file
            assert getattr(node, "module", "") != "random", file
            if isinstance(node, ast.ImportFrom) and node.module == "hashlib":
                assert names <= SAFE, file
            assert not names & {"hashlib", "algorithms", "modes", "MD5", "SHA1", "DES", "ARC4"}, file


def test_a_row_of_the_access_log_has_its_time_in_utc(site):  # noqa: ARG001
    from ruggespraak.clinic import log
    from ruggespraak.clinic.models import LogRow

    number = log.note(log.What.OPERATOR, log.OPERATOR, "legal_check")
    assert LogRow.objects.get(pk=number).at.utcoffset().total_seconds() == 0
