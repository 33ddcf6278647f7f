"""The page on how the house is built (``docs/architecture.template.md``), and its drawing.

What stands on what is read from the contracts of import-linter in ``pyproject.toml``, and what a package is for from
the first words of its docstring: neither is said a second time here.
"""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1]
SOURCE = DOCS.parent / "src" / "ruggespraak"
PLACES = {"consult": "the consult", "course": "the course", "audit": "the records", "population": "the country"}

WIDE, LEFT, GAP, PAD, LINE = 900, 20, 10, 10, 16  # pixels
CHARACTER = 6.6  # width of one, on average
STYLE = """\
:root { color-scheme: light dark; --ink: #2a211c; --soft: #5d5047; --sheet: #fffcf6; --box: #f3ebdf; --place: #bfe0d8 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f3ebdf; --soft: #c9b9a8; --sheet: #1c1715; --box: #352c27; --place: #15564f }
}
svg { background: var(--sheet) } rect { fill: var(--box) } .place { fill: var(--place) }
text { fill: var(--ink) } .soft { fill: var(--soft) } .name { font-weight: 600 }"""


@cache
def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))


def contracts() -> dict[str, dict[str, Any]]:
    """The contracts of import-linter, by id."""
    return {one["id"]: one for one in project()["tool"]["importlinter"]["contracts"]}


def layers() -> list[list[str]]:
    """The packages that may not import each other, row by row, from the top of the house down."""
    return [re.findall(r"\w+", row) for row in contracts()["layers"]["layers"]]


def libraries() -> dict[str, str]:
    """Package -> the heavy library that it alone may import."""
    allowed = (re.match(r"ruggespraak\.(\w+)\.\*\* -> (\w+)", one) for one in contracts()["light"]["ignore_imports"])
    return {one[1]: one[2] for one in allowed if one}


def what_for(package: str) -> str:
    """The first sentence of its docstring."""
    path = SOURCE / package / "__init__.py"
    text = (path if path.is_file() else SOURCE / f"{package}.py").read_text(encoding="utf-8")
    return re.split(r"(?<=\.)\s", ast.get_docstring(ast.parse(text)) or "", maxsplit=1)[0].replace("``", "`")


def drawing() -> str:
    """The house: each package on those that it may use; the four places where the pathway runs stand out."""
    drawn, top = [], LEFT
    for row in layers():
        width = (WIDE - 2 * LEFT - GAP * (len(row) - 1)) / len(row)
        words = {name: textwrap.wrap(_short(name), int((width - 2 * PAD) / CHARACTER)) for name in row}
        height = PAD * 2 + LINE * (1 + max(map(len, words.values())))
        for place, name in enumerate(row):
            drawn += _box(name, words[name], LEFT + place * (width + GAP), top, width, height)
        top += height + GAP
    about = "; ".join(f"{' and '.join(row)} on {' and '.join(below)}" for row, below in pairwise(layers()))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {top + LEFT}" role="img" lang="en" '
        f'font-family="system-ui, sans-serif" font-size="13"><title>The packages of Ruggespraak, each on those that it '
        f"may use</title><desc>{escape(about)}</desc><style>{STYLE}</style>\n"
        + "\n".join(drawn)
        + f'\n<text class="soft" x="{LEFT}" y="{top + LEFT / 2:g}">An import points only downward. Green: the four '
        "places where the pathway runs. Right: the library that only this part may use.</text></svg>\n"
    )


def _short(name: str) -> str:
    """What it is for, up to the first pause."""
    return re.split(r"[.:(]|, (?:and|each|as)\b", what_for(name))[0].replace("`", "").strip()


def _box(name: str, words: list[str], x: float, y: float, width: float, height: float) -> list[str]:
    place = ' class="place"' if name in PLACES else ""
    found = [f'<rect{place} x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="6"/>']
    lines = [f"{name}", *words]
    for number, line in enumerate(lines):
        look = "soft" if number else "name"
        height_of_line = y + PAD + LINE * (number + 0.75)
        found.append(f'<text class="{look}" x="{x + PAD:g}" y="{height_of_line:g}">{escape(line)}</text>')
    if name in libraries():
        right = f'x="{x + width - PAD:g}" y="{y + PAD + LINE * 0.75:g}" text-anchor="end"'
        found.append(f'<text class="soft" {right}>{libraries()[name]}</text>')
    return found


def page() -> str:
    """The page, its tables filled in."""
    template = (DOCS / "architecture.template.md").read_text(encoding="utf-8")
    return template.replace("<!-- packages -->", _packages()).replace("<!-- extras -->", _extras()).rstrip()


def _packages() -> str:
    names = [name for row in layers() for name in row]
    rows = [f"| [`{name}`]({_link(name)}) | {what_for(name)} | {PLACES.get(name, '')} |" for name in names]
    return "\n".join(["| package | what it is for | place |", "|---|---|---|", *rows])


def _link(name: str) -> str:
    return f"../src/ruggespraak/{name}/__init__.py" if (SOURCE / name).is_dir() else f"../src/ruggespraak/{name}.py"


def _extras() -> str:
    brought = {"none": project()["project"]["dependencies"], **project()["project"]["optional-dependencies"]}
    rows = [f"| {extra} | {', '.join(re.split('[<>=]', one)[0] for one in some)} |" for extra, some in brought.items()]
    return "\n".join(["| extra | brings |", "|---|---|", *rows])
