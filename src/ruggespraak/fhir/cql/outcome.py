"""What all rules of an edition come to, in CQL: the counterpart of ``consult.outcome`` and ``consult.decide``.

What an action of the PlanDefinition depends on has a name here: an engine looks a condition up by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ruggespraak.fhir.cql.conditions import Conditions, Mode, any_of_these, constant, in_brackets, listed, number
from ruggespraak.pathway.rules import Alarm, Edition, Recommendation, Review, Tier, Urgency, Use

GP = "gp"


def outcome(here: Conditions, edition: Edition) -> None:
    """Defines the urgency, the complaint, the picture, the referrals, and when to look again."""
    levelled: list[Alarm | Recommendation] = [*edition.alarms, *(r for r in edition.recommendations if r.urgency)]
    hard = [alarm for alarm in edition.alarms if alarm.tier is Tier.HARD]
    _open_answers(here, levelled, hard)
    _urgency(here, levelled)
    _complaint(here, edition)
    _imaging(here, edition)
    _referrals(here, edition)
    _next_look(here, edition)


def _known(rule: Alarm | Recommendation) -> str:
    return f'"{rule.id}"'


def _open_answers(here: Conditions, levelled: Sequence[Alarm | Recommendation], hard: Sequence[Alarm]) -> None:
    """PATHWAY §4, R18 and R19: what an answer "unclear" brings, and what was not asked."""

    def read(rule: Alarm | Recommendation, mode: Mode) -> str:
        return here.rule(rule.id, rule.when, mode)

    def unclear(level: Urgency) -> str:
        doubted = [rule for rule in levelled if rule.urgency is level]
        return any_of_these(f"{_known(one)} is not true and {read(one, Mode.UNCLEAR)} is not false" for one in doubted)

    def not_asked(alarm: Alarm) -> str:
        together = f"({read(alarm, Mode.TOLD)} is not false and {read(alarm, Mode.UNCLEAR)} is false)"
        return f"{_known(alarm)} is not true and ({read(alarm, Mode.NOT_ASKED)} is not false or {together})"

    here.define("R18_today", unclear(Urgency.EMERGENCY))
    here.define("R18_days", f'({unclear(Urgency.SAME_DAY)})\n  and not "R18_today"')
    here.define("a hard alarm is open", any_of_these(f"{read(alarm, Mode.TOLD)} is not false" for alarm in hard))
    here.define("a hard alarm was not asked", any_of_these(map(not_asked, hard)))
    here.define("a hard alarm stands", any_of_these(f"{_known(alarm)} is true" for alarm in hard))
    here.define("R19", '"a hard alarm is open" and "a hard alarm was not asked" and not "a hard alarm stands"')
    here.define("overview", '"a hard alarm is open" and not "R19"')


def _urgency(here: Conditions, levelled: Sequence[Alarm | Recommendation]) -> None:
    """An answer "unclear" is one step less than the alarm; while an alarm can still be told it is at least routine."""

    def at(level: Urgency, mode: Mode, ends: str) -> str:
        return any_of_these(
            f"{here.rule(rule.id, rule.when, mode)} {ends}" for rule in levelled if rule.urgency is level
        )

    levels = [level for level in sorted(Urgency, reverse=True) if level]
    here.define("level established", _first((at(level, Mode.KNOWN, "is true"), int(level)) for level in levels))
    worst = at(Urgency.EMERGENCY, Mode.UNCLEAR, "is not false")
    here.define("level of what is unclear", f'if "R18_today" or "R18_days" then (if {worst} then 3 else 2) else 0')
    least = 'if "a hard alarm is open" then 1 else 0'
    here.define("level", f'Max({{ "level established", "level of what is unclear", {least} }})')
    told = _first((at(level, Mode.TOLD, "is not false"), int(level)) for level in levels)
    here.define("level not excluded", f'Max({{ "level", {told} }})')
    for name, level in (("Urgency", "level"), ("Not excluded", "level not excluded")):
        here.define(name, _first(((f'"{level}" = {int(one)}', f"'{one}'") for one in levels), f"'{Urgency.SELF_CARE}'"))


def _complaint(here: Conditions, edition: Edition) -> None:
    kinds = [
        (f"{here.rule(f'kind {n}: {one.complaint}', one.when)} is true", f"'{one.complaint}'")
        for n, one in enumerate(edition.classes, 1)
    ]
    here.define("Complaint", _first(kinds, "'undetermined'"))


def picture(rule: Alarm | Recommendation, place: int) -> str:
    """The name of the condition for the picture in this place of a rule."""
    return f"{rule.id}: picture {place + 1}"


def _imaging(here: Conditions, edition: Edition) -> None:
    pictures: list[tuple[Use, str]] = []
    for alarm in edition.alarms:
        for place, (image, when) in enumerate(alarm.imaging):
            name = _known(alarm)
            if when is not None:
                name = here.define(picture(alarm, place), f"{name} and {in_brackets(here.holds(when))}")
            pictures.append((image.use, name))
    pictures += [(one.imaging.use, _known(one)) for one in edition.recommendations if one.imaging]

    def steps(ends: str) -> list[tuple[str, str]]:
        found = {use: [f"{name} {ends}" for one, name in pictures if one is use] for use in sorted(Use, reverse=True)}
        return [(any_of_these(conditions), f"'{use}'") for use, conditions in found.items() if conditions]

    here.define("Imaging", _first(steps("is true"), "null"))
    here.define("Imaging not excluded", _first(steps("is not false"), "null"))


def _referrals(here: Conditions, edition: Edition) -> None:
    sent: dict[str, list[str]] = {}
    rules: list[Alarm | Recommendation] = [*edition.alarms, *edition.recommendations]
    for rule in rules:
        for one in rule.refer:
            sent.setdefault(one.to, []).append(f"{_known(rule)} is true")
    sent.setdefault(GP, []).extend(['"R18_today"', '"R18_days"', '"a hard alarm is open"'])
    for to, reasons in sent.items():
        here.define(f"Refer to {to}", any_of_these(dict.fromkeys(reasons)))
    chosen = listed([f"if \"Refer to {to}\" then '{to}' else null" for to in sent])
    here.define("Referrals", f"({chosen}) R where R is not null")


LOOK_AGAIN, LONG_RUN = "look_again", "long_run"
"""The reviews for when no other fits: while it is not known how long the pain is there, and where it is."""


def next_look(review: Review) -> str:
    """The name of the condition that this review is the next one."""
    return f"{review.id}: next look"


def _next_look(here: Conditions, edition: Edition) -> None:
    """The earliest that fits: after the urgency, or the next day that counts from the onset (``consult.decide``)."""
    after = {one.id: int(one.after or 0) for one in edition.reviews}
    dated = [one for one in edition.reviews if one.id not in (LOOK_AGAIN, LONG_RUN)]
    now = '(Tuple { level: "level", onset: "duration_days" }) Now'
    days = here.define("days to each look", f"{now}\n  return {listed([_days_to(one) for one in dated])}")
    which = f"{listed([constant(one.id) for one in dated])}[IndexOf({days}, Min({days}))]"
    unknown = '"duration_days" is null'
    here.define("Next look", f"Coalesce({which}, if {unknown} then '{LOOK_AGAIN}' else '{LONG_RUN}')")
    none_fits = f"if {unknown} then {after[LOOK_AGAIN]} else {after[LONG_RUN]}"
    here.define("Next look in days", f"Coalesce(Min({days}), {none_fits})")
    for one in edition.reviews:
        here.define(next_look(one), f""""Next look" = '{one.id}'""")


def _days_to(review: Review) -> str:
    """Null where this review is not to come."""
    if review.urgency is not None:
        return f'if Now.level = {int(review.urgency)} and "{review.id}" then {int(review.after or 0)} else null'
    left = f"{number(review.on_day or 0)} - Now.onset"
    return f'if Now.level <= {int(Urgency.ROUTINE)} and {left} > 0.0 and "{review.id}" then Ceiling({left}) else null'


def _first(steps: Iterable[tuple[str, object]], otherwise: object = 0) -> str:
    """The result of the first step that holds."""
    return "\nelse ".join([*(f"if {when} then {result}" for when, result in steps), str(otherwise)])
