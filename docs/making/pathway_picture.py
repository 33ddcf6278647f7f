"""The pathway in one picture, drawn from the edition: what comes in, its alarms, and what is done when.

The weeks are not looked up but lived: the edition decides, day after day, about somebody who does not get better, and a
bar stands where that is advised or advised against. So the picture cannot say what the rules do not.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import escape

from ruggespraak.consult import Case, Decision, decide
from ruggespraak.drawing import AMBER, BRICK, INK, LINE, PALE_TEAL, PLUM, SAND, SHEET, SOFT, TEAL
from ruggespraak.logic import Value
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.findings import CLINICIAN, DERIVED, VOCABULARY
from ruggespraak.pathway.rules import Act, Alarm, Edition, Urgency
from ruggespraak.pathway.texts import text, word

WIDE, MARGIN = 900, 24
INNER = WIDE - 2 * MARGIN
NAMED = MARGIN + 180  # right of the names of the urgencies
SIZE, SMALL, LARGE = 14.5, 13.0, 22.0
LETTER = 0.55  # of its size: how wide a letter is taken to be
NOT = SHEET  # the colour of a bar of what is advised against
COLOURS = {
    Urgency.EMERGENCY: BRICK,
    Urgency.SAME_DAY: PLUM,
    Urgency.WITHIN_DAYS: AMBER,
    Urgency.ROUTINE: TEAL,
}

BEGAN = date(2026, 1, 5)  # any day will do
WEEKS = 14
STEADY: dict[str, Value] = {
    **{one.id: False for one in VOCABULARY.values() if one.kind == "boolean" and one.who != DERIVED},
    "age_years": 45,
    "low_back_pain": True,
    "first_episode": True,
    "course": "same",
}
BACK = STEADY
ROOT = STEADY | {
    "leg_pain": True,
    "leg_pain_side": "left",
    "leg_pain_below_knee": True,
    "leg_pain_dermatomal": True,
    "leg_worse_than_back": True,
    "cough_sneeze_strain": True,
    "wants_surgery_weighed": True,
}
"""No alarm, no improvement; the second with pain down the leg, and willing to weigh an operation."""
DONE = {
    "nonspecific": (Act.STAY_ACTIVE, Act.EXERCISE, Act.PSYCHOSOCIAL, Act.PAIN_TEAM),
    "radicular": (Act.STAY_ACTIVE, Act.PHYSIOTHERAPY, Act.PSYCHOSOCIAL, Act.DISCUSS_SURGERY, Act.PAIN_TEAM),
}
"""The steps that are drawn, of all that is done."""

WORDS = {
    "en": {
        "title": "Back pain, from the first question to the last look",
        "in": "{all} questions: {patient} that a patient can answer, {clinician} that need an examination.",
        "known": "Yes, no, or not known. Not known is never taken for no.",
        "alarms": "Alarms first",
        "alarm": "{count} alarms",
        "other": "and {count} more that name no suspicion",
        "look": "look again",
        "on_day": ("the same day", "after 1 day", "after {days} days"),
        "steady": "Three kinds of complaint, and what is done when, for somebody who does not get better",
        "first": "the alarm goes first: each says who looks, and how soon",
        "weeks": "weeks since it began",
        "no": "no scan, no X-ray",
        "not_yet": "no scan and no operation yet",
        "range": "{what}: week {start} to {end}",
        "looks": "a dated look again, always",
        "desc": "Alarms by urgency. {alarms} Then, for somebody without an alarm who does not get better: {lanes} "
        "Every decision has a dated next look.",
        "from": "from week {week}: {what}",
    },
    "nl": {
        "title": "Rugpijn, van de eerste vraag tot de laatste controle",
        "in": "{all} vragen: {patient} die een patiënt kan beantwoorden, {clinician} waar onderzoek voor nodig is.",
        "known": "Ja, nee, of niet bekend. Niet bekend telt nooit als nee.",
        "alarms": "Eerst de alarmen",
        "alarm": "{count} alarmen",
        "other": "en {count} zonder een verdenking met een naam",
        "look": "controle",
        "on_day": ("dezelfde dag", "na 1 dag", "na {days} dagen"),
        "steady": "Drie soorten klachten, en wat er wanneer gebeurt bij wie niet beter wordt",
        "first": "het alarm gaat voor: elk zegt wie kijkt, en hoe snel",
        "weeks": "weken na het begin",
        "no": "geen scan, geen röntgenfoto",
        "not_yet": "nog geen scan en geen operatie",
        "range": "{what}: week {start} tot {end}",
        "looks": "altijd een controle met een datum",
        "desc": "Alarmen naar urgentie. {alarms} Daarna, voor wie geen alarm heeft en niet beter wordt: {lanes} "
        "Elk besluit heeft een controle met een datum.",
        "from": "vanaf week {week}: {what}",
    },
}


@dataclass
class Sheet:
    """What is drawn so far, and how far down it comes."""

    down: float = MARGIN
    drawn: list[str] = field(default_factory=list)

    def words(self, x: float, y: float, said: str, size: float = SIZE, fill: str = INK, **how: str) -> None:
        more = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in how.items())
        self.drawn.append(f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}"{more}>{escape(said)}</text>')

    def box(self, x: float, y: float, width: float, height: float, fill: str, **how: str) -> None:
        more = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in how.items())
        self.drawn.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5" fill="{fill}"{more}/>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float) -> None:
        self.drawn.append(f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="{LINE}"/>')

    def heading(self, said: str) -> None:
        self.down += 34
        self.words(MARGIN, self.down, said, SIZE + 1.5, font_weight="bold")
        self.down += 12


def folded(said: str, wide: float, size: float = SIZE) -> list[str]:
    return textwrap.wrap(said, int(wide / (size * LETTER)))


def picture(lang: str) -> str:
    """The current edition as an SVG, in this language."""
    here, said, sheet = edition("current"), WORDS[lang], Sheet()
    sheet.down += 18
    sheet.words(MARGIN, sheet.down, said["title"], LARGE, font_weight="bold")
    _questions(sheet, lang)
    alarms = list(_alarms(sheet, here, lang))
    lanes = list(_lanes(sheet, here, lang))
    high = sheet.down + MARGIN
    about = said["desc"].format(alarms=" ".join(alarms), lanes=" ".join(lanes))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {high:g}" role="img" lang="{lang}" '
        f'aria-labelledby="title desc" font-family="Verdana, DejaVu Sans, sans-serif">'
        f'<title id="title">{escape(said["title"])}</title><desc id="desc">{escape(about)}</desc>'
        f'<rect width="{WIDE}" height="{high:g}" rx="10" fill="{SHEET}"/>{"".join(sheet.drawn)}</svg>\n'
    )


def _questions(sheet: Sheet, lang: str) -> None:
    asked = [one.who for one in VOCABULARY.values() if one.who != DERIVED]
    clinician = asked.count(CLINICIAN)
    counted = {"all": len(asked), "patient": len(asked) - clinician, "clinician": clinician}
    sheet.down += 26
    sheet.words(MARGIN, sheet.down, WORDS[lang]["in"].format(**counted), fill=SOFT)
    sheet.down += 20
    sheet.words(MARGIN, sheet.down, WORDS[lang]["known"], fill=SOFT)


def _alarms(sheet: Sheet, here: Edition, lang: str) -> Iterator[str]:
    """A band for each urgency; says each in words too."""
    said, left, right = WORDS[lang], NAMED + 14, 150
    sheet.heading(said["alarms"])
    for urgency, colour in COLOURS.items():
        found = [one for one in here.alarms if one.urgency == urgency]
        about, count = _about(found, lang), said["alarm"].format(count=len(found))
        rows = folded(about, WIDE - MARGIN - right - left, SMALL)
        high = max(18 * len(rows) + 16, 50)
        middle = sheet.down + high / 2
        sheet.box(MARGIN, sheet.down, INNER, high, SAND)
        sheet.box(MARGIN, sheet.down, NAMED - MARGIN, high, colour)
        on_it = INK if colour == AMBER else SHEET
        name = word(f"urgency.{urgency}.name", lang)
        sheet.words(MARGIN + 12, middle - 3, name, SIZE - 0.5, on_it, font_weight="bold")
        sheet.words(MARGIN + 12, middle + 16, count, SMALL, on_it)
        for row, line in enumerate(rows):
            sheet.words(left, middle - 9 * len(rows) + 18 * row + 13, line, SMALL)
        after = next(one.after for one in here.reviews if one.urgency == urgency)
        assert after is not None
        when = said["on_day"][min(int(after), 2)].format(days=f"{after:g}")
        sheet.drawn.append(f'<circle cx="{WIDE - MARGIN - right + 14:g}" cy="{middle:g}" r="5" fill="{INK}"/>')
        sheet.words(WIDE - MARGIN - right + 28, middle - 3, said["look"], SMALL, SOFT)
        sheet.words(WIDE - MARGIN - right + 28, middle + 14, when, SMALL)
        sheet.down += high + 6
        yield f"{name}: {count}: {about}; {said['look']} {when}."


def _about(alarms: list[Alarm], lang: str) -> str:
    """What they make one think of, each named once."""
    named = dict.fromkeys(text("suspects", one.suspects, "term", lang) for one in alarms if one.suspects)
    rest = sum(one.suspects is None for one in alarms)
    return ", ".join([*named, *([WORDS[lang]["other"].format(count=rest)] if rest else [])])


@dataclass(frozen=True)
class Bar:
    """Something that is advised, or advised against, from one week to another."""

    what: str
    start: float
    end: float
    colour: str = PALE_TEAL

    @property
    def ink(self) -> str:
        return SHEET if self.colour == BRICK else INK


@dataclass(frozen=True)
class Lane:
    """A kind of complaint over the weeks."""

    name: str
    bars: tuple[Bar, ...]
    looks: tuple[float, ...]


def lived(person: dict[str, Value], here: Edition, lang: str) -> Lane:
    """What the edition advises this person from week to week, and the days on which somebody looks again."""
    days = range(WEEKS * 7 + 1)
    on = {day: decide(_case(person, here, day)) for day in days}
    complaint = str(on[0].complaint)
    bars = [_bar(act, on, lang) for act in DONE[complaint]]
    against = [day for day in days if any(Act.SCAN in here.rule(one.id).forbids for one in on[day].plan)]
    always = against[-1] == days[-1]
    bars.append(Bar(WORDS[lang]["no" if always else "not_yet"], 0, (against[-1] + (not always)) / 7, NOT))
    looks, day = [], 0
    while (day := (on[day].review.on - BEGAN).days) in on:
        looks.append(day / 7)
    return Lane(word(f"complaint.{complaint}.term", lang), tuple(bars), tuple(looks))


def _case(person: dict[str, Value], here: Edition, day: int) -> Case:
    return Case(on=BEGAN + timedelta(day), edition=here.id, answers=person | {"duration_days": day})


def _bar(act: Act, on: dict[int, Decision], lang: str) -> Bar:
    done = [day for day, found in on.items() if any(act in one.does for one in found.plan)]
    start, what = done[0], word(f"act.{act}", lang)
    if act == Act.DISCUSS_SURGERY:
        by = max(one.within_hours or 0 for one in on[start].refer) / 24
        what = WORDS[lang]["range"].format(what=what, start=f"{start / 7:g}", end=f"{(start + by) / 7:g}")
    return Bar(what, start / 7, done[-1] / 7)


def _lanes(sheet: Sheet, here: Edition, lang: str) -> Iterator[str]:
    """Each kind of complaint without an alarm, over the weeks; says each in words too."""
    said = WORDS[lang]
    sheet.heading(said["steady"])
    first = Bar(said["first"], 0, WEEKS, BRICK)
    _lane(sheet, Lane(word("complaint.specific.term", lang), (first,), ()))
    for person in (ROOT, BACK):
        lane = lived(person, here, lang)
        _lane(sheet, lane)
        told = (said["from"].format(week=f"{bar.start:g}", what=bar.what) for bar in lane.bars)
        yield f"{lane.name}: {'; '.join(told)}."
    for week in range(0, WEEKS + 1, 2):
        sheet.words(_at(week), sheet.down + 16, f"{week}", SMALL, SOFT, text_anchor="middle")
    sheet.words(MARGIN, sheet.down + 41, said["weeks"], SMALL, SOFT)
    sheet.drawn.append(f'<circle cx="{_at(4):g}" cy="{sheet.down + 36:g}" r="5" fill="{INK}"/>')
    sheet.words(_at(4) + 14, sheet.down + 41, said["looks"], SMALL)
    sheet.down += 44


def _at(week: float) -> float:
    return MARGIN + 8 + week * (INNER - 16) / WEEKS


def _lane(sheet: Sheet, lane: Lane) -> None:
    high, gap = 25, 4
    sheet.down += 16
    sheet.words(MARGIN, sheet.down, lane.name, SIZE, font_weight="bold")
    sheet.down += 12
    bottom = sheet.down + len(lane.bars) * (high + gap) + (14 if lane.looks else -6)
    for week in range(0, WEEKS + 1, 2):
        sheet.line(_at(week), sheet.down, _at(week), bottom + 6)
    for bar in lane.bars:
        left, width = _at(bar.start), _at(bar.end) - _at(bar.start)
        edge = {"stroke": BRICK, "stroke_width": "1.5", "stroke_dasharray": "5 4"} if bar.colour == NOT else {}
        sheet.box(left, sheet.down, width, high, bar.colour, **edge)
        sheet.words(left + 10, sheet.down + 17, bar.what, SMALL, bar.ink)
        sheet.down += high + gap
    for week in lane.looks:
        sheet.drawn.append(f'<circle cx="{_at(week):g}" cy="{sheet.down + 8:g}" r="5" fill="{INK}"/>')
    sheet.down = bottom + 12
