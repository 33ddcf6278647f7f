"""What a run of the country says, in words. Made of its report, which is plain numbers.

A difference counts as sure where 0 lies outside its 95 % interval of chance; how sure the numbers are that go in, no
sentence here says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from ruggespraak.wording import euro, short

Z = 1.96  # standard errors on either side of a 95 % interval
MOST_SAID = 2  # changes of one option
TOLD = ("gp", "physiotherapist", "scan", "operation", "alarms_missed", "sick")
"""What a sentence may be about."""

Figure = Mapping[str, float]
Option = Mapping[str, Any]


def sentences(report: Mapping[str, Any], names: Sequence[str], lang: str) -> list[tuple[str, list[str]]]:
    """Per option that is compared its name and its sentences; of a single one how it is."""
    first, *others = report["options"]
    if not others:
        return [(names[0], _as_it_is(first, lang))]
    return [(name, _compared(one, first, lang)) for name, one in zip(names[1:], others, strict=True)]


def _as_it_is(option: Option, lang: str) -> list[str]:

    measures, euros = option["measures"], option["euros"]
    return [
        _("In a year %(people)s people have back pain.") % {"people": short(measures["people_in_pain"]["value"], lang)},
        _("The GP sees %(cases)s new cases in that year.") % {"cases": short(measures["gp_cases"]["value"], lang)},
        _("Care for them costs %(care)s. With sick leave it is %(all)s.")
        % {"care": euro(euros["care"]["value"], lang), "all": euro(euros["friction"]["value"], lang)},
    ]


def _compared(option: Option, first: Option, lang: str) -> list[str]:
    return [_changes(option, first, lang), _money(option, lang), _pain(option, lang)]


def _changes(option: Option, first: Option, lang: str) -> str:
    """What changes most, as a part of what it was."""
    found = {name: option["measures"][name]["extra"] / _was(first["measures"][name]) for name in TOLD}
    sure = [name for name in TOLD if _sure(option["measures"][name])]
    most = sorted(sure, key=lambda name: -abs(found[name]))[:MOST_SAID]
    if not most:
        return _("We see no difference in care that is larger than chance.")
    said = [_more(option["measures"][name]["extra"], name, lang) for name in most]
    if len(said) == 1:
        return _("One thing changes most in a year: %(first)s.") % {"first": said[0]}
    return _("This changes most in a year: %(first)s, and %(second)s.") % {"first": said[0], "second": said[1]}


def _was(figure: Figure) -> float:
    return figure["value"] or 1.0


def _more(extra: float, name: str, lang: str) -> str:
    from ruggespraak.population.words import word

    said = _("%(number)s more %(what)s") if extra > 0 else _("%(number)s fewer %(what)s")
    return said % {"number": short(abs(extra), lang), "what": word(f"measure.{name}", lang)}


def _money(option: Option, lang: str) -> str:

    care, all_of = option["euros"]["care"], option["euros"]["friction"]
    if not _sure(care):
        return _("Whether care costs more or less, chance does not let us see.")
    amount, with_work = (euro(abs(one["extra"]), lang) for one in (care, all_of))
    said = _("Care costs %(care)s more in a year.") if care["extra"] > 0 else _("Care costs %(care)s less in a year.")
    said %= {"care": amount}
    if with_work == amount or not _sure(all_of):
        return said
    more = _("With sick leave it is %(all)s more.") if all_of["extra"] > 0 else _("With sick leave it is %(all)s less.")
    return f"{said} {more % {'all': with_work}}"


def _pain(option: Option, lang: str) -> str:

    severe = option["measures"]["pain_severe"]
    if not _sure(severe):
        return _("In how long people have severe pain we see no difference.")
    said = (
        _("All together people have %(days)s more days of severe pain.")
        if severe["extra"] > 0
        else _("All together people have %(days)s fewer days of severe pain.")
    )
    return said % {"days": short(abs(severe["extra"]), lang)}


def _sure(figure: Figure) -> bool:
    return abs(figure["extra"]) > Z * figure["extra_error"]
