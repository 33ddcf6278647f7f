"""What can be known of the container file without a container engine: we had none, so the image was never built."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ruggespraak import __version__
from ruggespraak.cli import COMMANDS
from ruggespraak.cli.admin import admin

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
LINES = [line.partition(" ")[::2] for line in TEXT.splitlines() if line and not line.startswith("#")]
UV = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".venv-uv" / "bin" / "uv")


def all_of(instruction):
    return [rest for name, rest in LINES if name == instruction]


def copied():
    """The files and folders of this repository that it takes, and nothing of another stage."""
    return [name for rest in all_of("COPY") if not rest.startswith("--from") for name in rest.split()[:-1]]


def sync():
    """The line that installs us."""
    (line,) = (rest for rest in all_of("RUN") if rest.startswith("uv sync"))
    return shlex.split(line)


def test_both_stages_have_the_same_python_and_it_is_new_enough():
    (image,) = {rest.split()[0] for rest in all_of("FROM")}
    (major, minor) = re.match(r"python:(\d+)\.(\d+)-", image).groups()
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    assert (int(major), int(minor)) >= tuple(map(int, needed.removeprefix(">=").split(".")))


def test_it_runs_as_somebody_who_is_not_root_owns_the_data_and_nothing_else():
    (user,) = all_of("USER")
    (made,) = (rest for rest in all_of("RUN") if "useradd" in rest)
    assert int(user) > 0
    assert f"--uid {user} " in made
    (volume,) = all_of("VOLUME")
    assert f"--owner=ruggespraak --mode=0700 {volume}" in made
    assert [rest for rest in all_of("COPY") if "--chown" in rest] == []


def test_it_starts_with_commands_that_exist_on_the_port_that_it_names():
    (port,) = all_of("EXPOSE")
    (start,) = all_of("CMD")
    _shell, _c, line = json.loads(start)
    assert re.findall(r"rug (\w+) (\S+)", line) == [("admin", "upgrade"), ("serve", "--address")]
    assert COMMANDS.keys() >= {"admin", "serve"}
    assert "upgrade" in admin.commands
    assert line.endswith(f":{port}")


@pytest.mark.slow
def test_what_it_copies_is_enough_to_install_what_it_installs(tmp_path):
    here = tmp_path / "build"
    for name in copied():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, here / name, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
        else:
            here.mkdir(exist_ok=True)
            shutil.copy(source, here)
    env = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(tmp_path / "there"), "UV_PYTHON": sys.executable}
    env.pop("VIRTUAL_ENV", None)
    ran = subprocess.run([UV, *sync()[1:]], cwd=here, env=env, capture_output=True, text=True, check=False)
    if "error sending request" in ran.stderr and not os.environ.get("CI"):
        pytest.skip("needs packages that are not in uv's cache, and there is no network")
    assert ran.returncode == 0, ran.stderr
    shutil.rmtree(here)
    said = subprocess.run([tmp_path / "there/bin/rug", "--version"], capture_output=True, text=True, check=True).stdout
    assert said == f"rug {__version__}\n"
    for brought in ("django", "psycopg", "opentelemetry.sdk"):
        subprocess.run([tmp_path / "there/bin/python", "-c", f"import {brought}"], check=True)
