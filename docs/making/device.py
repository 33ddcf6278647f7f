"""The generated pages of the device file: its first page, the risks, what holds what, and the software of others.

They come from the TOML beside them in ``docs/device``, from the marks of the tests and from the lock file. No page has
a result in it: what a run of the tests says goes to the file of ``pytest --controls FILE.json``.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from dependencies import GROUPS, Package, packages
from held import marked, named

DEVICE = Path(__file__).resolve().parents[1] / "device"
SCALE = range(1, 6)
NOT_ALLOWED, WITH_A_REASON = 12, 6  # severity times probability, own choice
ROOT = "../../"  # from docs/device

Entry = dict[str, Any]


def entries(file: str, kind: str) -> list[Entry]:
    found: list[Entry] = tomllib.loads((DEVICE / file).read_text(encoding="utf-8"))[kind]
    return found


def controls() -> list[Entry]:
    """Each with ``id``, ``what``, ``where``; the tests name it by a mark."""
    return entries("controls.toml", "control")


def hazards() -> list[Entry]:
    """Each with ``id``, ``place``, ``hazard``, ``situation``, ``harm``, ``severity``, ``before``, ``after``,
    ``controls``, ``residual``."""
    return entries("hazards.toml", "hazard")


def requirements() -> list[Entry]:
    """Each with ``id``, ``part``, ``says``, ``where``, ``tests``."""
    return entries("requirements.toml", "requirement")


def judged(hazard: Entry) -> str:
    """What is left of a hazard, by severity and the probability that remains."""
    left = hazard["severity"] * hazard["after"]
    return "not allowed" if left >= NOT_ALLOWED else "with a reason" if left >= WITH_A_REASON else "acceptable"


def pages() -> dict[str, str]:
    """What is generated, by its name in ``docs/device``."""
    return {
        "index.md": _filled("index", counts=_counts()),
        "risks.md": _filled("risks", hazards=_hazards(), places=_places(), refused=_refused()),
        "traceability.md": _filled("traceability", controls=_controls(), requirements=_requirements()),
        "soup.md": _filled("soup", asked=_asked(), brought=_brought(), tools=_tools()),
    }


def pictures() -> dict[str, str]:
    return {
        "risks_before.svg": _matrix("Hazards before the controls", lambda one: one["before"]),
        "risks_after.svg": _matrix("Hazards with the controls", lambda one: one["after"]),
    }


def _filled(name: str, **parts: str) -> str:
    text = (DEVICE / f"{name}.template.md").read_text(encoding="utf-8").rstrip()
    for part, made in parts.items():
        text = text.replace(f"<!-- {part} -->", made)
    return text


def _table(head: str, rows: Iterable[Iterable[str]]) -> str:
    columns = head.split(", ")
    lines = [columns, ["---"] * len(columns), *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# -- the first page -------------------------------------------------------------------------------------------------


def _counts() -> str:
    tests = {test for found in marked("control").values() for test in found}
    left = Counter(map(judged, hazards()))
    return (
        f"{len(hazards())} hazards, {len(controls())} controls, {len(tests)} tests that hold a control, "
        f"{len(requirements())} requirements. What is left of a hazard is judged acceptable "
        f"{left['acceptable']} times, acceptable with a reason {left['with a reason']} times, "
        f"and not allowed {left['not allowed']} times."
    )


# -- risks ----------------------------------------------------------------------------------------------------------


def _places() -> str:
    count = Counter(one["place"] for one in hazards())
    return _table("where, hazards", ((place, str(number)) for place, number in count.items()))


def _refused() -> str:
    found = [one for one in hazards() if judged(one) == "not allowed"]
    return "\n".join(f"- [{one['id']}](#{one['id'].lower()}) {one['hazard']}. {one['residual']}" for one in found)


def _hazards() -> str:
    return "\n\n".join(map(_hazard, hazards()))


def _hazard(one: Entry) -> str:
    held = ", ".join(f"[{id}](traceability.md#{id.lower()})" for id in one["controls"]) or "none"
    severity, before, after = one["severity"], one["before"], one["after"]
    return "\n".join(
        (
            f"### {one['id']}",
            "",
            f"**{one['hazard']}** ({one['place']})",
            "",
            f"- How it happens: {one['situation']}",
            f"- Harm: {one['harm']}",
            f"- Severity {severity}, probability {before} → {after}: {severity * before} → {severity * after}, "
            f"**{judged(one)}**",
            f"- Controls: {held}",
            f"- What is left: {one['residual']}",
        )
    )


INK = "#2a211c"
CELL, LEFT, TOP = 62, 172, 64
FILLS = {"acceptable": "#8ac3b6", "with a reason": "#eab13f", "not allowed": "#d98a78"}


def _matrix(title: str, probability: Callable[[Entry], int]) -> str:
    """How many hazards have which severity and probability, as a picture that is light on any page."""
    count = Counter((one["severity"], probability(one)) for one in hazards())
    wide, high = LEFT + 5 * CELL + 14, TOP + 5 * CELL + 44
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" role="img" lang="en" '
        f'font-family="sans-serif" font-size="15" fill="{INK}"><title>{title}</title>',
        f'<rect width="{wide}" height="{high}" rx="6" fill="#fffcf6"/>',
        f'<text x="16" y="28" font-size="18" font-weight="bold">{title}</text>',
        f'<text x="{LEFT + 2.5 * CELL}" y="{high - 10}" text-anchor="middle">probability</text>',
        f'<text x="16" y="{TOP - 8}">severity</text>',
    ]
    for severity in SCALE:
        y = TOP + (5 - severity) * CELL
        parts.append(f'<text x="{LEFT - 12}" y="{y + CELL / 2 + 5}" text-anchor="end">{SEVERITIES[severity]}</text>')
        for place in SCALE:
            x = LEFT + (place - 1) * CELL
            number = count[severity, place]
            judgement = judged({"severity": severity, "after": place})
            edge = INK if judgement == "not allowed" else "none"  # not by colour alone
            parts.append(
                f'<rect x="{x + 1}" y="{y + 1}" width="{CELL - 2}" height="{CELL - 2}" rx="4" '
                f'fill="{FILLS[judgement]}" stroke="{edge}"/>'
                + f'<text x="{x + CELL / 2}" y="{y + CELL / 2 + 7}" text-anchor="middle" font-size="20">'
                f"{number or ''}</text>"
            )
    parts += [
        f'<text x="{LEFT + (place - 0.5) * CELL}" y="{TOP + 5 * CELL + 17}" text-anchor="middle">{place}</text>'
        for place in SCALE
    ]
    return "\n".join([*parts, "</svg>"]) + "\n"


SEVERITIES = {1: "1 nuisance", 2: "2 passing", 3: "3 needs care", 4: "4 lasting", 5: "5 death or paralysis"}


# -- what holds what ------------------------------------------------------------------------------------------------


def _controls() -> str:
    held, against = marked("control"), {}
    for hazard in hazards():
        for id in hazard["controls"]:
            against.setdefault(id, []).append(hazard["id"])
    return "\n\n".join(
        "\n".join(
            (
                f"### {one['id']}",
                "",
                f"{one['what']} Against {', '.join(f'[{id}](risks.md#{id.lower()})' for id in against[one['id']])}; "
                f"made in {_files(one['where'])}.",
                "",
                *(f"- {test.link(ROOT)}{'' if test.quick else ' (make check-all only)'}" for test in held[one["id"]]),
            )
        )
        for one in controls()
    )


def _files(paths: list[str]) -> str:
    return ", ".join(f"[{path.removeprefix('src/ruggespraak/')}]({ROOT}{path})" for path in paths)


def _requirements() -> str:
    parts = dict.fromkeys(one["part"] for one in requirements())
    return "\n\n".join(
        f"### {part}\n\n"
        + _table(
            "id, it must, made in, held by", map(_requirement, (one for one in requirements() if one["part"] == part))
        )
        for part in parts
    )


def _requirement(one: Entry) -> tuple[str, ...]:
    return one["id"], one["says"], _files(one["where"]), "<br>".join(named(node).link(ROOT) for node in one["tests"])


# -- the software of others -----------------------------------------------------------------------------------------


def _asked() -> str:
    told = {one["name"]: f"{one['does']}<br>*{one['fails']}*" for one in entries("libraries.toml", "library")}
    rows = ((_name(one), _parts(one), told[one.name]) for one in _shipped(direct=True))
    return _table("library, part, what for; *and when it fails*", rows)


def _brought() -> str:
    return _table("library, part", ((_name(one), _parts(one)) for one in _shipped(direct=False)))


def _shipped(direct: bool) -> list[Package]:
    return [one for one in packages() if one.shipped and one.direct == direct]


def _name(package: Package) -> str:
    return f"{package.name} {_versions(package)}<br>{package.licence}"


def _tools() -> str:
    return ", ".join(f"{one.name} {_versions(one)}" for one in packages() if not one.shipped)


def _versions(package: Package) -> str:
    return " or ".join(package.versions)


def _parts(package: Package) -> str:
    return ", ".join(part for part in package.parts if part not in GROUPS)
