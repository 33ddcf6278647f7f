"""What stands in ``deploy/`` fits the software: its settings, its commands, and what systemd says of it."""

import base64
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from test_serve import rug, serving, settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in DEPLOY.iterdir() if path.suffix in {".service", ".timer"})
EXPOSURE = 1.5  # of 10: systemd's own scale, where up to 2 is safe


def variables(text):
    return set(re.findall(r"\bRUG_[A-Z_]+\b", text))


def test_every_setting_is_there_for_the_operator_and_none_that_does_not_exist():
    site = ROOT / "src" / "ruggespraak" / "web" / "settings.py"
    given = variables("".join(path.read_text(encoding="utf-8") for path in DEPLOY.iterdir()))
    assert given == variables(site.read_text(encoding="utf-8")) - {"RUG_DEMO"}


def test_every_command_of_the_instructions_exists():
    from ruggespraak.cli import COMMANDS
    from ruggespraak.cli.admin import admin

    text = "".join(path.read_text(encoding="utf-8") for path in DEPLOY.iterdir())
    assert set(re.findall(r"\brug (?!admin)([a-z]+) --?[a-z]", text)) <= COMMANDS.keys()
    assert set(re.findall(r"\brug admin ([a-z-]+)", text)) <= admin.commands.keys()


@pytest.fixture
def units(tmp_path):
    """The units, with a command that is there in the place of the one that is installed."""
    for name in UNITS:
        text = (DEPLOY / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("/opt/ruggespraak/bin/rug", "/bin/true"))
    return [str(tmp_path / name) for name in UNITS]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_understands_the_units_and_calls_them_safe(units):
    ran = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    for unit in (name for name in units if name.endswith(".service")):
        command = ["systemd-analyze", "security", "--offline=true", f"--threshold={int(EXPOSURE * 10)}", unit]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout[-500:]


def test_the_backup_has_the_keys_and_the_walls_of_the_site():
    site, backup = (
        (DEPLOY / name).read_text().splitlines() for name in ("ruggespraak.service", "ruggespraak-backup.service")
    )
    walls = set(site[site.index("NoNewPrivileges=yes") : site.index("[Install]")])
    keys = {
        line
        for line in site
        if line.startswith(("LoadCredential=", "#LoadCredential=", "EnvironmentFile=", "DynamicUser=", "User="))
    }
    assert walls | keys <= set(backup) | {""}
    named = {line.partition("=")[2].partition(":")[0] for line in keys if "LoadCredential=" in line}
    assert named == {"RUG_SECRET_KEY", "RUG_MASTER_KEY", "RUG_DATABASE", "RUG_OIDC_SECRET"}


SYSTEMD_RUN = """#!/bin/sh
# As systemd has it: another folder, and only the settings of its own files.
cd /
while [ "${1#-}" != "$1" ]; do [ "$1" = -p ] && shift; shift; done
exec /usr/bin/env -i RUG_DATABASE=of-the-site "$@"
"""
TOLD = """#!/bin/sh
echo "$RUG_DATABASE $*"
"""


def test_the_drill_of_the_instructions_restores_into_the_database_of_the_drill_and_not_into_the_sites(tmp_path):
    text = (DEPLOY / "README.md").read_text(encoding="utf-8").replace("/opt/ruggespraak/bin", str(tmp_path))
    text = text.replace("/etc/ruggespraak/keys/RUG_DATABASE", "/dev/null")
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    by_hand, drill, moved = ("".join(one for one in blocks if word in one) for word in ("rug()", "$drill", "move -"))
    for name, content in (("systemd-run", SYSTEMD_RUN), ("rug", TOLD), ("install", TOLD), ("rm", TOLD)):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    ran = subprocess.run(["bash", "-euc", by_hand + drill + moved], env=env, capture_output=True, text=True, check=True)
    practice, _installed, restore, verify, _removed, move = ran.stdout.splitlines()
    assert practice.startswith("of-the-site admin practice")
    assert restore.startswith("/var/lib/ruggespraak/drill.sqlite3 admin restore /")
    assert " --erased /" in restore
    assert verify.startswith("/var/lib/ruggespraak/drill.sqlite3 admin verify-log --known")
    assert move == "of-the-site admin move -"


def test_the_keys_of_the_instructions_are_keys_and_for_their_owner_only(tmp_path):
    text = (DEPLOY / "README.md").read_text(encoding="utf-8").replace("/etc/ruggespraak", str(tmp_path))
    (keys,) = re.findall(r"^```console\n(install -d .*?)^```", text, re.MULTILINE | re.DOTALL)
    subprocess.run(["bash", "-euc", keys], check=True)
    assert len(base64.urlsafe_b64decode((tmp_path / "keys" / "RUG_MASTER_KEY").read_bytes())) == 32
    assert len((tmp_path / "keys" / "RUG_SECRET_KEY").read_text().strip()) >= 50
    assert {path.stat().st_mode & 0o077 for path in tmp_path.rglob("*")} == {0}


def test_what_may_hold_a_password_is_for_root_only():
    text = (DEPLOY / "README.md").read_text(encoding="utf-8")
    assert "install -m 0600 deploy/ruggespraak.env" in text
    assert "postgresql:" not in (DEPLOY / "ruggespraak.env").read_text(encoding="utf-8")


def test_the_health_check_of_the_container_tells_a_site_that_serves_from_one_that_does_not(tmp_path):
    (found,) = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    _python, *words = json.loads(found)
    env = settings(tmp_path, RUG_HOSTS="rug.example,other.example")
    assert rug(env, "admin", "upgrade")[0] == 0

    def healthy(port):
        command = [sys.executable, *(word.replace(":8000", f":{port}") for word in words)]
        return subprocess.run(command, env={**os.environ, **env}, capture_output=True, check=False).returncode == 0

    with serving(env, tmp_path) as site:
        assert healthy(site.port)
        assert not healthy(1)
        with sqlite3.connect(env["RUG_DATABASE"]) as raw:  # as if a part of its tables were of another version
            raw.execute("DELETE FROM django_migrations WHERE app = 'clinic'")
        raw.close()
        assert not healthy(site.port)
