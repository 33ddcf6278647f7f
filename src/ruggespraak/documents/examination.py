"""What goes with the examination form: where each root is felt, how strength is graded, and which reflex is whose.

The drawing of the dermatomes is this project's own and from memory: the evidence has no map of them that was read.
"""

from __future__ import annotations

from itertools import pairwise

from ruggespraak.documents.content import Mark, Picture, Table
from ruggespraak.documents.svg import PLAIN, SMALL, dot, fill, rule, stroke, svg, write
from ruggespraak.pathway.numbers import MRC_MILD, MRC_SEVERE
from ruggespraak.pathway.rules import Status
from ruggespraak.pathway.texts import text

ROOTS = ("L3", "L4", "L5", "S1")

# Root -> reflex and the movements that test it (evidence §1b); their words stand in ``texts/letters.toml``.
TESTED = {
    "L2-L3": ("none", ("hip_flexion",)),
    "L3-L4": ("knee", ("knee_extension",)),
    "L4-L5": ("none", ("ankle_dorsiflexion",)),
    "L5": ("none", ("big_toe_extension",)),
    "S1": ("ankle", ("plantar_flexion",)),
}


def mrc(lang: str) -> Table:
    """The grades of strength, 0 to 5, and what each means in this pathway."""
    head = (_says("mrc", "grade", lang), _says("mrc", "sees", lang))
    rows = tuple((_graded(grade, lang), _says("mrc", f"grade_{grade}", lang)) for grade in range(6))
    return Table(_says("mrc", "caption", lang), head, rows)


def _graded(grade: int, lang: str) -> str:
    if grade <= MRC_SEVERE:
        means = "threshold" if grade >= MRC_SEVERE else "severe"
    else:
        means = "mild" if grade <= MRC_MILD else "normal"
    return _says("mrc", means, lang).format(grade=grade)


def reflexes(lang: str) -> Table:
    """Root, reflex and movement."""
    head = tuple(_says("reflexes", part, lang) for part in ("root", "reflex", "movement"))
    rows = tuple(
        (root, _says("reflexes", reflex, lang), "; ".join(_says("reflexes", movement, lang) for movement in movements))
        for root, (reflex, movements) in TESTED.items()
    )
    return Table(_says("reflexes", "caption", lang), head, rows)


def _says(entry: str, part: str, lang: str) -> str:
    return text("letters", f"examination_{entry}", part, lang)


# The leg: at some heights, where its outer and its inner edge lie; smooth in between.

OUTER = (
    (0, 6),
    (40, 2),
    (100, 8),
    (150, 18),
    (168, 19),
    (205, 12),
    (250, 20),
    (288, 29),
    (304, 27),
    (322, 19),
    (334, 22),
)
INNER = (
    (0, 80),
    (40, 77),
    (100, 67),
    (150, 58),
    (168, 57),
    (205, 61),
    (250, 55),
    (288, 50),
    (304, 51),
    (322, 57),
    (334, 55),
)
TOP, BOTTOM = 30.0, 334  # where a leg begins in the drawing, and its own height
FRONT, BACK = 52.0, 286.0  # x of the outer edge; the leg from behind is mirrored
STEP = 6

# A band: at some heights, which part of the width it takes, from the outer edge (0) to the inner edge (1).
IN_FRONT = {
    "L3": ((62, 0.28, 0.72), (110, 0.34, 0.98), (150, 0.6, 1), (176, 0.8, 1)),
    "L4": ((84, 0.1, 0.24), (130, 0.12, 0.42), (168, 0.2, 0.72), (205, 0.46, 1), (290, 0.56, 1), (306, 0.78, 1)),
    "L5": ((56, 0, 0.08), (150, 0, 0.12), (205, 0, 0.44), (290, 0.1, 0.54), (306, 0.16, 0.76), (334, 0.14, 1)),
    "S1": ((288, 0, 0.06), (306, 0, 0.15), (334, 0, 0.13)),
}
BEHIND = {
    "L3": ((104, 0.86, 1), (140, 0.8, 1), (172, 0.84, 1)),
    "L4": ((182, 0.82, 1), (240, 0.76, 1), (298, 0.84, 1)),
    "L5": ((24, 0, 0.22), (150, 0, 0.24), (240, 0, 0.22), (296, 0, 0.1)),
    "S1": ((24, 0.3, 0.6), (150, 0.3, 0.68), (240, 0.26, 0.7), (296, 0.14, 0.8), (334, 0, 1)),
}
LOOK = {"L3": ("soft", 1.0), "L4": ("mark", 0.3), "L5": ("line", 0.55), "S1": ("mark", 0.7)}  # role, and how dense
TOES = (
    (0.86, 6.5, "L5"),
    (0.62, 4.8, "L5"),
    (0.42, 4.4, "L5"),
    (0.23, 4.0, "L5"),
    (0.06, 3.6, "S1"),
)  # from the inside
# Where the name of a band stands: within it (height, part of the width), or beside the leg on a line from there.
NAMED_IN_FRONT = {"L3": (104, 0.62, ""), "L4": (232, 0.72, ""), "L5": (216, 0.2, "outer"), "S1": (314, 0.1, "outer")}
NAMED_BEHIND = {"L3": (140, 0.92, "inner"), "L4": (240, 0.9, "inner"), "L5": (140, 0.1, "outer"), "S1": (200, 0.48, "")}


def dermatomes(lang: str) -> Picture:
    """The right leg from the front and from behind, with the bands of L3, L4, L5 and S1."""
    alt = _says("dermatomes", "alt", lang)
    parts = [write(4, PLAIN, [_says("dermatomes", "right", lang)], PLAIN, bold=True)]
    views = ((FRONT, 1, IN_FRONT, NAMED_IN_FRONT, "front"), (BACK, -1, BEHIND, NAMED_BEHIND, "back"))
    for left, side, bands, named, view in views:
        middle = left + side * 41
        parts.append(_shape(((0, 0, 1), (BOTTOM, 0, 1)), left, side, fill("paper")))
        for root in ROOTS:
            parts.append(_shape(bands[root], left, side, _look(root)))
        parts += [_foot(view, left, side), _outline(view, left, side)]
        parts += [_name(root, *named[root], left, side) for root in ROOTS]
        foot = TOP + BOTTOM + 34
        parts.append(write(middle, foot, [_says("dermatomes", view, lang)], SMALL, anchor="middle"))
    caption = _says("dermatomes", "caption", lang)
    mark = Mark(status=Status.MEMORY)
    return Picture("dermatomes", svg(TOP + BOTTOM + 42, alt, parts), alt, caption, mark)


def _look(root: str) -> str:
    role, dense = LOOK[root]
    return f'{fill(role)} fill-opacity="{dense:g}"'


Knots = tuple[tuple[float, float], ...]


def _through(knots: Knots, y: float) -> float:
    """A smooth line through these points (cubic Hermite; slopes from the neighbours)."""
    slopes = [
        (after[1] - before[1]) / (after[0] - before[0])
        for before, after in ((knots[max(n - 1, 0)], knots[min(n + 1, len(knots) - 1)]) for n in range(len(knots)))
    ]
    for (start, end), (rise, fall) in zip(pairwise(knots), pairwise(slopes), strict=True):
        if y <= end[0]:
            wide = end[0] - start[0]
            t = (y - start[0]) / wide
            return (
                start[1] * (1 + 2 * t) * (1 - t) ** 2
                + rise * wide * t * (1 - t) ** 2
                + end[1] * t * t * (3 - 2 * t)
                - fall * wide * t * t * (1 - t)
            )
    return knots[-1][1]


def _at(y: float, part: float, left: float, side: int) -> tuple[float, float]:
    """The place at this height, this part of the width from the outer edge."""
    outer, inner = _through(OUTER, y), _through(INNER, y)
    return left + side * (outer + part * (inner - outer)), TOP + y


def _shape(band: tuple[tuple[float, float, float], ...], left: float, side: int, look: str) -> str:
    first, last = int(band[0][0]), int(band[-1][0])
    heights = [*range(first, last, STEP), last]
    edges = [tuple((y, edge) for y, *both in band for edge in both[n : n + 1]) for n in (0, 1)]
    outer = [_at(y, _through(edges[0], y), left, side) for y in heights]
    inner = [_at(y, _through(edges[1], y), left, side) for y in reversed(heights)]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in (*outer, *inner))
    return f'<path d="M{path}z" stroke-linejoin="round" {look}/>'


def _foot(view: str, left: float, side: int) -> str:
    """What the foot ends in: toes seen from the front, the heel seen from behind."""
    if view == "front":
        toes = ((_at(BOTTOM, part, left, side), radius, root) for part, radius, root in TOES)
        return "".join(
            dot(*place, radius, fill("paper"))
            + dot(*place, radius, _look(root))
            + dot(*place, radius, stroke("ink", 1.2))
            for place, radius, root in toes
        )
    return f'<path d="{_heel(left, side)}z" {_look("S1")}/>'


def _heel(left: float, side: int) -> str:
    (x, y), (middle, _), (end, _) = (_at(BOTTOM, part, left, side) for part in (0, 0.5, 1))
    return f"M{x:.1f} {y:.1f}Q{middle:.1f} {y + 18:.1f} {end:.1f} {y:.1f}"


def _outline(view: str, left: float, side: int) -> str:
    """Both edges of the leg; it goes on above, and below ends in the foot."""
    heights = [*range(0, int(BOTTOM), STEP), BOTTOM]
    edges = ["L".join(f"{x:.1f} {y:.1f}" for x, y in (_at(y, part, left, side) for y in heights)) for part in (0, 1)]
    heel = _heel(left, side) if view == "back" else ""
    return f'<path d="M{"M".join(edges)}{heel}" stroke-linejoin="round" {stroke("ink", 1.5)}/>'


def _name(root: str, height: float, part: float, beside: str, left: float, side: int) -> str:
    x, y = _at(height, part, left, side)
    if not beside:
        role = "paper" if root == "S1" else "ink"
        return write(x, y + 5, [root], SMALL, role, "middle", bold=True)
    outwards = -side if beside == "outer" else side
    edge = _at(height, 0 if beside == "outer" else 1, left, side)[0] + outwards * 14
    anchor = "start" if outwards > 0 else "end"
    return rule(x, y, edge, y, stroke("ink", 1)) + write(edge + outwards * 4, y + 4.5, [root], anchor=anchor, bold=True)
