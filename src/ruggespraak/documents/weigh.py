"""The page on which a patient with a hernia and a doctor weigh an operation together, 6 to 8 weeks after the start.

Two options, in one order and the same colours: waiting longer, and surgery soon. All figures about people are of one
trial (PEUL07: 142 people who first waited, 141 who soon had surgery), so both options have the same denominator; each
picture is one outcome. Its captions pass the eight items of IPDAS on probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ruggespraak.consult import Case, Decision
from ruggespraak.course.recovery import Point, wilson
from ruggespraak.documents.content import Block, Card, Document, Paragraph, Part, Picture, Points, Section, Table
from ruggespraak.documents.pictures import PEOPLE, moment
from ruggespraak.documents.result import headline
from ruggespraak.documents.sources import Sources
from ruggespraak.documents.svg import LARGE, LINE, PLAIN, SMALL, WIDTH, box, fill, fit, person, rule, stroke, svg, write
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.numbers import WEIGH_SURGERY_FROM
from ruggespraak.pathway.rules import Complaint, Status, Urgency
from ruggespraak.pathway.texts import long_date, text, word

OPTIONS = ("wait", "surgery")
TRIAL = {"wait": 142, "surgery": 141}  # people in each arm of PEUL07


@dataclass(frozen=True, slots=True)
class Pair:
    """One outcome, counted in both arms. ``id``: of its words, below ``weigh_`` in ``texts/letters.toml``."""

    id: str
    wait: Point
    surgery: Point

    def of(self, option: str) -> Point:
        return self.wait if option == "wait" else self.surgery

    @property
    def status(self) -> Status:
        return self.wait.status


def _pair(id: str, days: Mapping[str, int], fractions: Mapping[str, float], median: bool = False) -> Pair:
    """The trial gives no interval with these figures: Wilson's is ours, and of a median time there is none.

    The medians stand in the evidence (§7c) in one sentence of which the one of waiting is second-hand: so is the pair.
    """
    made = {}
    for option in OPTIONS:
        low, high = (None, None) if median else wilson(fractions[option], TRIAL[option])
        made[option] = Point(
            day=days[option], fraction=fractions[option], low=low, high=high, day_low=None, day_high=None,
            n=TRIAL[option], spread=None if median else "wilson", note="",
            status=Status.REPORTED if median else Status.READ,
        )  # fmt: skip
    return Pair(id, **made)


A_YEAR = {"wait": 365, "surgery": 365}
HALF = _pair("half", {"wait": 84, "surgery": 28}, {"wait": 0.5, "surgery": 0.5}, median=True)
YEAR = _pair("year", A_YEAR, {"wait": 0.95, "surgery": 0.95})
OPERATED = _pair("operated", A_YEAR, {"wait": 55 / 142, "surgery": 125 / 141})

# PEUL09: recovery with early surgery against waiting, by whether sitting made the pain worse: ratio, 95% interval.
SITTING = {"worse": (2.2, 1.7, 3.0), "not_worse": (1.3, 0.8, 2.2)}


def weigh_surgery(case: Case, decision: Decision, lang: str) -> Document:
    """The page for this patient. While something urgent stands it shows no choice and no figure.

    Raises ValueError for somebody whose complaint is not radicular.
    """
    if Complaint.RADICULAR not in (decision.complaint, decision.also):
        raise ValueError(f"no surgery to weigh: the complaint is {decision.complaint}")
    sources = Sources(lang)
    urgent = decision.urgency >= Urgency.WITHIN_DAYS
    made = [] if urgent else _options(case, lang, sources)
    # Whoever must phone at once reads that before any figure.
    made.insert(1, Section("at_once", _says("another_matter", "title", lang), tuple(_at_once(lang, sources))))
    return Document(
        lang=lang,
        title=_says("page", "title", lang),
        card=_card(decision, lang) if urgent else None,
        sections=tuple(made),
        sources=sources.listed(),
        notes=sources.notes(),
        closing=(
            _made_on(decision, lang),
            f"{word('word.not_device', lang)}. {word('word.awaiting_review', lang)}.",
        ),
    )


def _made_on(decision: Decision, lang: str) -> str:
    here = edition(decision.edition.partition("@")[0])
    name = f"{here.title[lang]}, {here.version}"
    return f"{word('result.made_on', lang).format(date=long_date(decision.on, lang), edition=name)}."


def _options(case: Case, lang: str, sources: Sources) -> list[Section]:
    made: tuple[tuple[str, str, list[Block]], ...] = (
        ("choice", "choice", _choice(case, lang, sources)),
        ("figures", "figures", _figures(lang, sources)),
        ("sitting", "sitting", _sitting(case, lang, sources)),
        ("harm", "harm", _harm(lang, sources)),
        ("talk", "talk", [_points("talk", ("sure", "now", "when", "wrong", "after"), lang)]),
        ("to_take_along", "me", [_points("me", ("pain", "fast", "fear", "home"), lang)]),
    )
    return [Section(id, _says(entry, "title", lang), tuple(blocks)) for id, entry, blocks in made]


def _says(entry: str, part: str, lang: str, **values: object) -> str:
    found = text("letters", f"weigh_{entry}", part, lang)
    return found.format(**values) if values else found


def _points(entry: str, parts: tuple[str, ...], lang: str) -> Points:
    return Points(tuple(_says(entry, part, lang) for part in parts))


def _card(decision: Decision, lang: str) -> Card:
    says = Paragraph(_says("another_matter", "first", lang), strong=True)
    return Card(str(decision.urgency), headline(decision, lang), (says,))


def _at_once(lang: str, sources: Sources) -> list[Block]:
    first = Paragraph(_says("another_matter", "says", lang), sources.mark(("NHG55s", "NHG55")))
    return [first, _points("another_matter", ("weak", "saddle", "bladder", "both"), lang)]


def _choice(case: Case, lang: str, sources: Sources) -> list[Block]:
    days = case.answers.get("duration_days")
    found: list[Block] = [Paragraph(_says("choice", "both", lang), sources.mark(("S9", "NHG55")))]
    if isinstance(days, int | float) and days < WEIGH_SURGERY_FROM:
        found.insert(0, Paragraph(_says("choice", "early", lang), sources.mark(("NHG55",)), strong=True))
    found += [
        Part(_says("choice", option, lang), (Paragraph(_says("choice", f"{option}_is", lang)),), option)
        for option in OPTIONS
    ]
    return found


def _figures(lang: str, sources: Sources) -> list[Block]:
    pictures = [half_picture(HALF, lang), *(pair_picture(pair, lang) for pair in (YEAR, OPERATED))]
    marked = [
        replace(picture, mark=sources.mark(("PEUL07",), pair.status))
        for picture, pair in zip(pictures, (HALF, YEAR, OPERATED), strict=True)
    ]
    return [
        Paragraph(_says("figures", "who", lang), sources.mark(("PEUL07",))),
        Paragraph(_says("figures", "same", lang, n=_many(OPERATED.wait)), sources.mark(("PEUL07",)), strong=True),
        *marked,
        Paragraph(_says("figures", "not_you", lang)),
    ]


def _sitting(case: Case, lang: str, sources: Sources) -> list[Block]:
    told = {True: "yes", False: "no"}
    value = case.answers.get("pain_worse_sitting")
    own = told[value] if isinstance(value, bool) else "unknown"
    rows = tuple(
        (_says("sitting", group, lang), _decimal(ratio, lang), _interval(low, high, lang))
        for group, (ratio, low, high) in SITTING.items()
    )
    head = tuple(_says("sitting", part, lang) for part in ("group", "ratio", "interval"))
    return [
        Paragraph(_says("sitting", own, lang)),
        Paragraph(_says("sitting", "says", lang), sources.mark(("PEUL09",))),
        Table(_says("sitting", "caption", lang), head, rows),
        Paragraph(_says("sitting", "one", lang)),
    ]


def _decimal(value: float, lang: str) -> str:
    return f"{value:.1f}".replace(".", "," if lang == "nl" else ".")


def _interval(low: float, high: float, lang: str) -> str:
    return _says("sitting", "between", lang, low=_decimal(low, lang), high=_decimal(high, lang))


def _harm(lang: str, sources: Sources) -> list[Block]:
    return [
        Paragraph(_says("harm", "problems", lang), sources.mark(("PEUL07",))),
        Paragraph(_says("harm", "again", lang), sources.mark(("SCHEP",))),
        Paragraph(_says("harm", "ask", lang), strong=True),
    ]


# Two options side by side


def said(pair: Pair, lang: str) -> dict[str, str]:
    """What is said below the picture of a pair: the numbers, the group, counted from when, and how sure."""
    values: dict[str, object] = {"moment": moment(pair.wait.day, lang)}
    for option in OPTIONS:
        many = _many(pair.of(option))
        share = "half" if many * 2 == PEOPLE else "more" if many * 2 > PEOPLE else "less"
        values[option] = many
        values[f"{option}_rest"] = PEOPLE - many
        values[f"{option}_share"] = text("pictures", "share", share, lang)
    if pair.id == "half":
        values |= {option: moment(pair.of(option).day, lang) for option in OPTIONS}
        values |= {"n": _many(pair.wait), "rest": PEOPLE - _many(pair.wait)}
    return {
        "number": _says(pair.id, "number", lang, **values),
        "group": _says("picture", "group", lang),
        "counted": text("pictures", "counted_trial", "says", lang),
        "sure": _sure(pair, lang),
    }


def _many(point: Point) -> int:
    return round(point.fraction * PEOPLE)


def _sure(pair: Pair, lang: str) -> str:
    bounds: dict[str, int] = {}
    for option in OPTIONS:
        point = pair.of(option)
        if point.low is None or point.high is None:
            return " ".join(text("recovery", f"curve_{part}", "says", lang) for part in ("no_spread", "reported"))
        bounds |= {f"{option}_low": round(point.low * PEOPLE), f"{option}_high": round(point.high * PEOPLE)}
    return _says("picture", "sure", lang, **bounds)


COLUMN = {"wait": 2.0, "surgery": 180.0}  # where each option begins; both are as wide
PITCH = 19.0, 22.5  # from one person to the next, as large as ``person`` draws them
SMALLER = 0.75


def pair_picture(pair: Pair, lang: str) -> Picture:
    """A hundred people who waited beside a hundred who had surgery soon: one outcome, one moment."""
    outcome, below = _says(pair.id, "outcome", lang), said(pair, lang)
    filled, open = fill("mark"), stroke("line", 1.5)
    parts = [write(0, PLAIN, [outcome], PLAIN, bold=True)]
    for option, left in COLUMN.items():
        many = _many(pair.of(option))
        of = _says("picture", "of", lang, n=many)
        parts += [write(left, 44, [_says("picture", option, lang)], PLAIN)]
        parts += [write(left, 67, [of], LARGE, bold=True)]
        people = "".join(
            person(n % 10 * PITCH[0], n // 10 * PITCH[1], filled if n < many else open) for n in range(PEOPLE)
        )
        parts.append(f'<g class="people {option}" transform="translate({left:g} 78) scale({SMALLER:g})">{people}</g>')
    for part, left, look in (("yes", COLUMN["wait"], filled), ("no", COLUMN["surgery"], open)):
        parts += [person(left, 260, look), write(left + 20, 276, [_says(pair.id, part, lang)], PLAIN)]
    alt = _says("picture", "alt", lang, outcome=outcome, number=below["number"])
    return Picture(f"weigh_{pair.id}", svg(288, alt, parts), alt, " ".join(below.values()))


LONGEST = 12  # weeks along the line


def half_picture(pair: Pair, lang: str) -> Picture:
    """How long it took until half of each group were better: two bars along one line of weeks."""
    outcome, below = _says(pair.id, "outcome", lang), said(pair, lang)
    parts = [write(0, PLAIN, fit(outcome, WIDTH, PLAIN, bold=True), PLAIN, bold=True)]
    left, right = 6.0, WIDTH - 24
    week = (right - left) / LONGEST
    for n, option in enumerate(OPTIONS):
        point, y = pair.of(option), 44 + n * 70
        parts.append(write(0, y, [_says("picture", option, lang)], PLAIN))
        parts.append(box(left, y + 10, point.day / 7 * week, 18, fill("mark"), 3))
        arm = _says(pair.id, "arm", lang, n=_many(point), moment=moment(point.day, lang))
        parts.append(write(left, y + 45, [arm], SMALL, bold=True))
    foot = 44 + 2 * 70 - 8
    parts.append(rule(left, foot, right, foot, stroke("line", 1.5)))
    for weeks in range(0, LONGEST + 1, 4):
        x = left + weeks * week
        parts += [rule(x, foot, x, foot + 5, stroke("line")), write(x, foot + 19, [str(weeks)], anchor="middle")]
    parts.append(write(right, foot + 36, [_says("picture", "weeks", lang)], anchor="end"))
    alt = _says(pair.id, "alt", lang, outcome=outcome, number=below["number"])
    return Picture(f"weigh_{pair.id}", svg(foot + LINE * 33, alt, parts), alt, " ".join(below.values()))
