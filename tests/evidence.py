"""The hand-written evidence: one side of a threshold or one part of a rule a row, with its source (``evidence.csv``).

    about      the rule, concept or number that the row holds
    given      a base (``nothing``, ``bare``, ``calm``, ``hernia``, or calm|hernia), then what differs, separated by ;
               id (yes) · !id (no) · id=value · id=? (unclear) · id= (not asked) · strength=5 (all five muscles)
               · onset_date=-20 (days before the case)
               a|b: either one, each a case of its own · a and b: both, within an alternative · by=patient
    expect     key=value · key+member · key-member, separated by ;  (dates as +days; refer+gp@same_day; none)
    source     keys of sources.csv, a line of PATHWAY, or "own choice"
    edition    empty: current

Rows are written from PATHWAY and the sources, never from what the code says.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from ruggespraak.consult import Case, Decision, read_case
from ruggespraak.consult.ask import asking
from ruggespraak.consult.decide import (
    _also,
    _certainty,
    _pattern,
    _phase,
    _picture,
    _referrals,
    _review,
    _scan_by,
    _unsaid,
)
from ruggespraak.consult.outcome import outcome
from ruggespraak.consult.ready import Ready
from ruggespraak.pathway.texts import table

PATH = Path(__file__).parent / "evidence.csv"
ON = "2026-01-15"

_DENIED = """
saddle_numbness urinary_retention urinary_incontinence_new faecal_incontinence_new sexual_dysfunction_new
bilateral_radicular weak_leg_reported numb_leg weakness_progressive foot_drop heel_walk_fails toe_walk_fails
gait_unsteady lhermitte cancer_history weight_loss_unexplained band_like_pain night_pain constant_nonmechanical_pain
malaise significant_trauma minor_trauma_older contusion_abrasion steroids_long osteoporosis_known height_loss
kyphosis_new low_body_weight fever_reported chills ivdu immunosuppressed diabetes recent_infection_or_bacteraemia
recent_spinal_or_urological_procedure tb_or_brucella_exposure wound_problem anticoagulant sudden_severe_tearing
pulsating_abdomen known_aaa collapse_or_shock urinary_or_flank gynaecological_or_bowel family_spa good_nsaid_response
uveitis psoriasis ibd arthritis_enthesitis_dactylitis bechterew_known ibp_improves_exercise ibp_no_improve_rest
ibp_night_improves_up pain_unbearable opioid_current walk_claudication worry_distress leg_pain leg_pain_below_knee
leg_worse_than_back leg_pain_dermatomal cough_sneeze_strain nsaid_contraindication pregnant_possible
perianal_sensation_reduced anal_tone_reduced babinski_or_clonus reflex_brisk reflex_reduced slr_positive crossed_slr
sensory_loss percussion_pain step_off_L4L5 hla_b27 clinician_concern
"""
DATES = ("onset_date", "sick_leave_start")
STRENGTH = ("hip_flexion", "knee_extension", "ankle_dorsiflexion", "big_toe_extension", "plantar_flexion")

BARE = {"low_back_pain": True}
CALM = {
    **dict.fromkeys(_DENIED.split(), False),
    **BARE,
    "age_years": 40,
    "age_at_first_onset": 40,
    "sex_at_birth": "male",
    "duration_days": 20,
    "course": "same",
    "onset_mode": "gradual",
    "smoking": "never",
    "first_episode": True,
    "works": True,
    "sick_listed_days": 0,
    "treatments_failed": 0,
}
HERNIA = CALM | dict.fromkeys(("leg_pain", "leg_pain_below_knee", "leg_worse_than_back"), True)
BASES: dict[str, dict[str, Any]] = {"nothing": {}, "bare": BARE, "calm": CALM, "hernia": HERNIA}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold of a decision."""

    key: str
    sign: str
    value: str

    def __str__(self) -> str:
        return f"{self.key}{self.sign}{self.value}"

    def holds(self, seen: Seen) -> bool:
        found = getattr(seen, self.key)
        if not isinstance(found, frozenset):
            return self.sign == "=" and found == self.value
        if self.sign == "=":
            return found == (frozenset() if self.value == "none" else frozenset(self.value.split(" and ")))
        return (self.value in found) is (self.sign == "+")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of evidence."""

    line: int
    about: str
    given: str
    expect: str
    source: str
    edition: str

    def checks(self) -> list[Check]:
        return [_check(text) for text in _split(self.expect, ";")]

    def cases(self) -> Iterator[tuple[Case, list[Check]]]:
        """Every case that the row stands for, and what must hold of each."""
        checks = self.checks()
        for base, *chosen in product(*(_split(part, "|") for part in _split(self.given, ";"))):
            raw: dict[str, Any] = {"on": ON, "edition": self.edition, "findings": dict(BASES[base])}
            for item in (item for alternative in chosen for item in _split(alternative, " and ")):
                _tell(raw, item)
            yield read_case(raw), checks


def rows() -> list[Row]:
    """All rows of the file, with their line."""
    with PATH.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    return [
        Row(number, line["about"], line["given"], line["expect"], line["source"], line["edition"] or "current")
        for number, line in enumerate(lines, 2)
    ]


def _split(text: str, mark: str) -> list[str]:
    return [part.strip() for part in text.split(mark)]


def _check(text: str) -> Check:
    found = re.fullmatch(r"(\w+)([=+-])(.+)", text)
    if not found or not hasattr(Seen, found[1]):
        raise ValueError(f"{text!r} is no expectation")
    return Check(found[1], found[2], found[3])


def _tell(raw: dict[str, Any], item: str) -> None:
    """Puts one given item into a case."""
    id, told, value = item.partition("=")
    findings = raw["findings"]
    if id == "by":
        raw["answered_by"] = value
    elif id == "strength":
        findings.update({f"mrc_{muscle}": float(value) for muscle in STRENGTH})
    elif not told:
        findings[id.removeprefix("!")] = not id.startswith("!")
    elif value == "":
        findings.pop(id, None)
    elif id in DATES:
        findings[id] = (date.fromisoformat(ON) + timedelta(days=int(value))).isoformat()
    else:
        findings[id] = "unclear" if value == "?" else _value(value)


def _value(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


class Seen:
    """The decision of one case by one edition, each key worked out only when it is looked at.

    ``seen(decide(...))`` and this are the same (a test holds it); this serves a thousand mutants.
    """

    def __init__(self, case: Case, here: Ready) -> None:
        self.case, self.here = case, here
        self.known = here.read(case)
        self.came = outcome(here, self.known)

    @cached_property
    def _alarms(self) -> list[Any]:
        return [rule for rule in self.here.alarms if rule.holds(self.known.true)]

    @cached_property
    def _advised(self) -> list[Any]:
        return [rule for rule in self.here.recommendations if rule.holds(self.known.true)]

    @cached_property
    def _picture(self) -> Any:
        return _picture(self.here, self.known, self._alarms, self._advised, self.came)

    @cached_property
    def _refer(self) -> Any:
        unsaid = _unsaid(self.here, self.known)
        return _referrals(self.here, self._alarms, self._advised, self.came, self.known, unsaid, "en")

    @cached_property
    def _asking(self) -> Any:
        return asking(self.here, self.known, self.came)

    @property
    def urgency(self) -> str:
        return str(self.came.urgency)

    @property
    def not_excluded(self) -> str:
        return str(self.came.not_excluded)

    @property
    def not_examined(self) -> str:
        return str(self.came.not_examined)

    @property
    def complaint(self) -> str:
        return str(self.came.complaint)

    @property
    def also(self) -> str:
        return _word(_also(self.here, self.known, self.came))

    @property
    def certainty(self) -> str:
        return _word(_certainty(self.here, self.known, self.came))

    @property
    def phase(self) -> str:
        return _word(_phase(self.here, self.known))

    @property
    def pattern(self) -> str:
        return _word(_pattern(self.here, self.known))

    @property
    def imaging(self) -> str:
        return _word(self.came.imaging)

    @property
    def imaging_not_excluded(self) -> str:
        return _word(self.came.imaging_not_excluded)

    @property
    def imaging_by(self) -> str:
        return _word(self._picture.by if self._picture else None)

    @property
    def scan_by(self) -> str:
        return _days(self.case, _scan_by(self.case.on, self._picture))

    @property
    def review(self) -> str:
        return _days(self.case, _review(self.here, self.known, self.case.on, self.came, "en").on)

    @property
    def within_hours(self) -> str:
        """How soon the most urgent referral is."""
        return _word(self._refer[0].within_hours if self._refer else None)

    @property
    def suspected(self) -> frozenset[str]:
        return frozenset(rule.rule.suspects for rule in self._alarms if rule.rule.suspects)

    @property
    def established(self) -> frozenset[str]:
        return frozenset(rule.rule.id for rule in self._alarms)

    @property
    def refer(self) -> frozenset[str]:
        """Addressees, each also with its urgency."""
        return _addressees(self._refer)

    @property
    def plan(self) -> frozenset[str]:
        return frozenset(rule.rule.id for rule in self._advised)

    @property
    def tests(self) -> frozenset[str]:
        return frozenset(test for rule in self._alarms for test in rule.rule.tests)

    @property
    def conflicts(self) -> frozenset[str]:
        return frozenset(self.known.conflicts)

    @property
    def ask(self) -> frozenset[str]:
        return frozenset(self._asking.ask)

    @property
    def examine(self) -> frozenset[str]:
        return frozenset(self._asking.examine)


def seen(case: Case, decision: Decision) -> dict[str, str | frozenset[str]]:
    """A whole decision, in the words of ``expect``."""
    raw = decision.as_json()
    words = {texts["what"]["nl"]: id for id, texts in table("tests").items()}
    return {
        **{key: _word(value) for key, value in raw.items() if isinstance(value, str | None) and hasattr(Seen, key)},
        "scan_by": _days(case, decision.scan_by),
        "review": _days(case, decision.review.on),
        "within_hours": _word(decision.refer[0].within_hours if decision.refer else None),
        "suspected": frozenset(decision.suspected),
        "established": frozenset(decision.established),
        "refer": _addressees(decision.refer),
        "plan": frozenset(one.id for one in decision.plan),
        "tests": frozenset(words[one["what"]] for one in decision.tests),
        "conflicts": frozenset(one["id"] for one in decision.conflicts),
        "ask": frozenset(decision.ask),
        "examine": frozenset(decision.examine),
    }


def failures(decision: Any, checks: list[Check]) -> list[str]:
    """What does not hold: each check, with what was found. ``decision``: a ``Seen``, or anything with its keys."""
    return [f"{one}, not {_shown(getattr(decision, one.key))}" for one in checks if not one.holds(decision)]


def _shown(found: object) -> str:
    return ", ".join(sorted(found)) or "none" if isinstance(found, frozenset) else str(found)


def _addressees(referrals: Any) -> frozenset[str]:
    return frozenset(name for one in referrals for name in (one.to, f"{one.to}@{one.when}"))


def _word(value: object) -> str:
    return "none" if value is None else str(value)


def _days(case: Case, day: date | None) -> str:
    return "none" if day is None else f"+{(day - case.on).days}"
