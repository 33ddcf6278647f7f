"""Every command that a page shows is run, as it stands there.

A block marked ``sh`` is run: all those of a page in order, in a copy of the repository. ``python`` is run as a doctest.
What cannot run in such a copy is marked ``console`` and stands in ``elsewhere.toml``, with the test that runs it
instead or the reason why none does. No block is unmarked, so that nothing escapes.
"""

from __future__ import annotations

import contextlib
import doctest
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from ruggespraak.cli import COMMANDS, main

ROOT = Path(__file__).parents[2]
SHOWN = {"json", "text", "mermaid", "toml", "ini", "nginx", "csv", "javascript", "r"}  # nothing to run
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        ROOT / "deploy/README.md",
        ROOT / "benchmarks/README.md",
    ]
    if not path.name.endswith(".template.md") and "source" not in path.parts
)
SLOW = {  # page -> why it is only run in make check-all
    "docs/tutorials/practice.nl.md": "the commands of practice.md once more",
    "docs/tutorials/researcher.md": "several runs of the country",
}

# The lines of console blocks, under the test or the make target that runs them, or the reason why nothing does.
ELSEWHERE: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "elsewhere.toml").read_text(encoding="utf-8"))
TARGETS = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


class Block(NamedTuple):
    """A fenced block: what it is marked with, what stands in it, and the line of the page where that begins."""

    mark: str
    text: str
    line: int


FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,})(?P<mark>[^\n]*)\n(?P<text>.*?)^(?P=indent)(?P=fence) *$", re.M | re.S
)


def blocks(page: str) -> list[Block]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        Block(one["mark"].strip(), one["text"], text.count("\n", 0, one.start("text")) + 1)
        for one in FENCE.finditer(text)
    ]


def marked(mark: str) -> dict[str, list[Block]]:
    """Page -> its blocks with this mark."""
    found = {page: [one for one in blocks(page) if one.mark == mark] for page in PAGES}
    return {page: some for page, some in found.items() if some}


@pytest.mark.parametrize("page", PAGES)
def test_every_block_says_what_it_is(page: str) -> None:
    known = SHOWN | {"sh", "console", "python"}
    strange = {f"{page}:{one.line}: {one.mark or 'no mark'}" for one in blocks(page) if one.mark not in known}
    assert not {one for one in strange if ": {" not in one}  # {toctree} and its like belong to the site
    bare = FENCE.sub("", (ROOT / page).read_text(encoding="utf-8"))
    assert not re.findall(r"^(?: {4}|\t)(?:rug|uv|make|python|pip|git) .*$", bare, re.M), "a command without a fence"


# -- sh: run --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with the files as they are now."""
    clone = tmp_path_factory.mktemp("repository") / "ruggespraak"
    subprocess.run(["git", "clone", "-q", "--shared", str(ROOT), str(clone)], check=True)
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")[:-1]:
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, clone / name)
        else:
            (clone / name).unlink(missing_ok=True)
    return clone


@pytest.fixture
def scratch(repository: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(repository, tmp_path / "ruggespraak", symlinks=True))


def environment(scratch: Path, script: str) -> dict[str, str]:
    """A page that changes a rule runs what then stands in ``scratch``; the others run what is compiled already."""
    changed = {"PYTHONPATH": str(scratch / "src")} if "src/" in script else {}
    return {**os.environ, **changed, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}


def runnable(script: str) -> str:
    """Without uv: what it would install is here already."""
    return re.sub(r"\buv run(?: --extra \w+)* (?=rug |python )", "", script)


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=[pytest.mark.slow] if page in SLOW else []) for page in marked("sh")]
)
def test_the_commands_of_a_page_run(page: str, scratch: Path) -> None:
    script = "\n".join(runnable(one.text) for one in marked("sh")[page])
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script],
        cwd=scratch,
        env=environment(scratch, script),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{page}: {done.stderr[-3000:]}"


def commands() -> Iterator[tuple[str, str]]:
    """(page, command) of each ``rug …`` in a block or in a sentence, without what a shell adds."""
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        code = [one.text for one in blocks(page) if one.mark in {"sh", "console"}]
        code += re.findall(r"(?<!`)`([^`\n]+)`(?!`)", FENCE.sub("", text))
        for line in "\n".join(code).replace("\\\n", " ").splitlines():
            for command in re.findall(r"(?:uv run (?:--extra \S+ )*|(?<![\w/.-]))rug [^|;&<>#)]+", line):
                yield page, command.strip()


def test_every_command_exists_with_its_options() -> None:
    wrong = {f"{page}: {command}" for page, command in commands() if not exists(command.partition("rug ")[2].split())}
    assert not wrong


def exists(words: list[str]) -> bool:
    """Whether ``rug`` has this command and each of its options."""
    here: click.Command = main
    with click.Context(main) as context:
        while words and isinstance(here, click.Group) and not words[0].startswith("-"):
            found = here.get_command(context, words[0])
            if found is None:
                return False
            here, words = found, words[1:]
        options = {name for one in here.get_params(context) for name in one.opts} | {"-h", "--help", "--version"}
    return {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"} <= options


def test_uv_is_asked_for_the_extras_that_a_command_needs() -> None:
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for page, command in commands():
        if command.startswith("uv run"):
            given = set(re.findall(r"--extra (\w+)", command))
            assert given <= known.keys(), f"{page}: {command}"
            assert needed(command) <= given, f"{page}: {command}"


def needed(command: str) -> set[str]:
    """The extras without which this command ends in a line on how to install them."""
    name, *rest = command.partition("rug ")[2].split()
    if name not in COMMANDS:
        return set()
    source = (ROOT / f"src/ruggespraak/cli/{name}.py").read_text(encoding="utf-8")
    first = re.findall(r'extra\("(\w+)"\)', source)[:1] or (["web"] if "cli.site " in source else [])
    return {*first, *(["population"] if "--population" in rest else [])}


# -- console: run elsewhere -----------------------------------------------------------------------------------------


def lines(block: Block) -> list[str]:
    """The commands of a console block; where some begin with ``$``, the other lines are what they print."""
    text = block.text.replace("\\\n", " ").splitlines()
    asked = [line.lstrip()[2:] for line in text if line.lstrip().startswith("$ ")] or text
    found = [re.sub(r"\s+#.*", "", re.sub(r"  +(?!#)", " ", line)).strip() for line in asked]
    return [line for line in found if line and not line.startswith("#")]


def elsewhere() -> dict[str, str]:
    """Each line of a console block -> a page that shows it."""
    return {line: page for page, some in marked("console").items() for one in some for line in lines(one)}


def test_what_is_not_run_here_is_run_elsewhere_or_says_why_not() -> None:
    shown = elsewhere()
    listed = [line for some in ELSEWHERE.values() for line in some]
    assert not {f"{page}: {line}" for line, page in shown.items() if line not in listed}
    assert not {line for line in listed if line not in shown}, "no page shows these"
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("where", [where for where in ELSEWHERE if where.startswith(("tests/", "make "))])
def test_what_runs_it_elsewhere_is_there(where: str) -> None:
    path, _, test = where.partition("::")
    if test:
        assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8")
    else:
        assert where.removeprefix("make ") in TARGETS


def test_every_make_target_of_a_page_is_there() -> None:
    for page in PAGES:
        asked = re.findall(r"(?:^|`)make ([a-z-]+)", (ROOT / page).read_text(encoding="utf-8"), re.M)
        assert set(asked) <= TARGETS, page


# -- python: a doctest ----------------------------------------------------------------------------------------------


def test_every_page_that_is_slow_is_there() -> None:
    assert SLOW.keys() <= marked("sh").keys()


@pytest.mark.parametrize("page", marked("python"))
def test_the_python_of_a_page_gives_what_it_says(page: str, scratch: Path) -> None:
    found = marked("python")[page]
    assert all(">>>" in one.text for one in found), "Python without >>> would not be run"
    source = "\n".join(one.text for one in found)
    test = doctest.DocTestParser().get_doctest(source, {}, page, page, found[0].line)
    said: list[str] = []
    with contextlib.chdir(scratch):
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    assert not said, "".join(said)
