"""The kinds of rule that a pathway is made of. Each is data: what must hold, what then follows, and on whose word.

A rule says who claims it (``because``: keys of ``sources.csv``) and how well that was seen (``status``):
V read on the cited page, V-2 read on a page that reports it, M from memory, D this project's own choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import IntEnum, StrEnum
from operator import is_
from typing import Any, TypeVar

from ruggespraak.logic import Expression, Finding, Named, Value, Vocabulary


class Urgency(IntEnum):
    """How soon somebody must be seen (PATHWAY §3)."""

    SELF_CARE = 0
    ROUTINE = 1
    WITHIN_DAYS = 2
    SAME_DAY = 3
    EMERGENCY = 4

    def __str__(self) -> str:
        return self.name.lower()


class Complaint(StrEnum):
    """Kind of complaint (PATHWAY §5)."""

    OUTSIDE = "outside"
    SPECIFIC = "specific"
    RADICULAR = "radicular"
    NONSPECIFIC = "nonspecific"
    UNDETERMINED = "undetermined"


class Use(IntEnum):
    """What a picture (X-ray, CT, MRI) is worth now."""

    NOT_USEFUL = 0
    CONSIDER = 1
    NEEDED = 2

    def __str__(self) -> str:
        return self.name.lower()


class Tier(StrEnum):
    """Hard: one sign is enough. Soft: it takes a combination, or it never interrupts."""

    HARD = "hard"
    SOFT = "soft"


class Status(StrEnum):
    """How well the claim behind a rule or figure was seen."""

    READ = "V"
    REPORTED = "V-2"
    MEMORY = "M"
    OWN_CHOICE = "D"


class Act(StrEnum):
    """Everything that a plan can do or forbid. Closed: properties are stated over acts, never over texts."""

    EXPLAIN = "explain"
    SCAN = "scan"
    X_RAY = "x_ray"
    GP_ORDERS_MRI = "gp_orders_mri"
    OPERATE = "operate"
    DISCUSS_SURGERY = "discuss_surgery"
    REFER_NEUROLOGIST = "refer_neurologist"
    REFER_ORTHOPAEDIST = "refer_orthopaedist"
    SEEK_CARE_NOW = "seek_care_now"
    SEE_GP = "see_gp"
    EXAMINE = "examine"
    WAIT = "wait"
    STAY_AT_HOME = "stay_at_home"
    SELF_CARE = "self_care"
    SHORT_REST = "short_rest"
    BED_REST = "bed_rest"
    STAY_ACTIVE = "stay_active"
    EXERCISE = "exercise"
    PHYSIOTHERAPY = "physiotherapy"
    MANUAL_TREATMENT = "manual_treatment"
    POSTURE_ADVICE = "posture_advice"
    PARACETAMOL = "paracetamol"
    NSAID = "nsaid"
    OPIOID_START = "opioid_start"
    OPIOID_TAPER = "opioid_taper"
    PSYCHOSOCIAL = "psychosocial"
    PAIN_TEAM = "pain_team"
    BACK_ADVICE_CENTRE = "back_advice_centre"
    WORK = "work"
    OCCUPATIONAL_PHYSICIAN = "occupational_physician"
    INFORM = "inform"
    SAFETY_NET = "safety_net"
    ASK = "ask"


class Parameter(float):
    """A number of the pathway, with its name, unit and source. It is a float; an edition can change it by name."""

    name: str
    unit: str
    because: tuple[str, ...]
    status: Status

    def __new__(cls, name: str, value: float, unit: str, because: tuple[str, ...], status: Status) -> Parameter:
        number = super().__new__(cls, value)
        number.name, number.unit, number.because, number.status = name, unit, because, status
        return number

    def __reduce__(self) -> tuple[type[Parameter], tuple[Any, ...]]:
        return Parameter, (self.name, float(self), self.unit, self.because, self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """What one answer says about another question (a measured fever is a fever).

    ``overrules`` is True where the more alarming of two answers counts (the other one is reported as a conflict), and
    False where this only fills in what was not answered.
    """

    finding: str
    value: Value
    when: Expression
    overrules: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two answers that cannot both be right. Nothing is decided by it; it is reported."""

    id: str
    when: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """Who must see this person. What patient and clinician do stands in the texts under ``id``."""

    id: str
    to: str
    because: tuple[str, ...]
    status: Status = Status.READ


@dataclass(frozen=True, slots=True, kw_only=True)
class Imaging:
    """A picture: how useful, on whose order, and within how many hours where a clock runs."""

    use: Use
    by: str | None = None
    within_hours: Parameter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A red flag: when it is established, what it makes one think of, and how soon somebody must look."""

    id: str
    row: str
    urgency: Urgency
    when: Expression
    because: tuple[str, ...]
    status: Status = Status.READ
    suspects: str | None = None
    tier: Tier = Tier.SOFT
    refer: tuple[Referral, ...] = ()
    imaging: tuple[tuple[Imaging, Expression | None], ...] = ()
    tests: tuple[str, ...] = ()
    forbids: frozenset[Act] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """A kind of complaint and when it is that. The first one in an edition's order that holds is the answer.

    ``probable``: when it is more than possible; None where how sure it is does not rest on findings of its own.
    """

    complaint: Complaint
    when: Expression
    probable: Expression | None = None
    because: tuple[str, ...]
    status: Status = Status.READ


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """One thing to do, to leave, or to know. Its words stand in the texts under ``id``."""

    id: str
    when: Expression
    does: frozenset[Act]
    because: tuple[str, ...]
    status: Status = Status.READ
    forbids: frozenset[Act] = frozenset()
    section: str = "today"
    audience: str = "patient"
    always: bool = False
    refer: tuple[Referral, ...] = ()
    imaging: Imaging | None = None
    urgency: Urgency = Urgency.SELF_CARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A dated moment to look again: so many days after the consult, or on a day counted from the onset.

    ``urgency``: it follows whenever a decision is this urgent.
    """

    id: str
    when: Expression
    because: tuple[str, ...]
    status: Status = Status.READ
    after: Parameter | None = None
    on_day: Parameter | None = None
    urgency: Urgency | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One version of the pathway: immutable, with its sources and the date on which it must be read again."""

    id: str
    version: str
    title: Mapping[str, str]
    findings: Vocabulary
    alarms: tuple[Alarm, ...]
    classes: tuple[Class, ...]
    recommendations: tuple[Recommendation, ...]
    reviews: tuple[Review, ...]
    derivations: tuple[Derivation, ...]
    conflicts: tuple[Conflict, ...]
    parameters: tuple[Parameter, ...]
    reviewer: str
    review_by: date
    knows_phases: bool = True
    careful: frozenset[str] = frozenset()
    """The exceptions that an answer "unclear" brings too: advice gives way to doubt."""
    concepts: Mapping[str, Expression] = field(default_factory=dict)
    groups: Callable[[tuple[Alarm, ...]], Mapping[str, Named]] = field(default=lambda _: {})
    """From the alarms to the concepts that speak of all of them ("any hard alarm"), by name."""
    revises: str | None = None
    """The id of the edition of which this one is a revision."""

    def __hash__(self) -> int:
        return hash((self.id, self.version))

    def rules(self) -> tuple[Alarm | Class | Recommendation | Review, ...]:
        """Everything that carries a condition and a source."""
        return (*self.alarms, *self.classes, *self.recommendations, *self.reviews)

    def rule(self, rule: str) -> Alarm | Recommendation | Review:
        """The alarm, recommendation or review with this id. Raises KeyError with the ids that exist."""
        found = self._by_id()
        if rule not in found:
            raise KeyError(f"{rule} is not in edition {self.id}; it has {', '.join(sorted(found))}")
        return found[rule]

    def parameter(self, name: str) -> Parameter:
        """The number with this name, as it is in this edition. Raises KeyError."""
        for one in self.parameters:
            if one.name == name:
                return one
        raise KeyError(f"edition {self.id} has no parameter {name}")

    def _by_id(self) -> dict[str, Alarm | Recommendation | Review]:
        found: dict[str, Alarm | Recommendation | Review] = {one.id: one for one in self.alarms}
        found.update((one.id, one) for one in self.recommendations)
        found.update((one.id, one) for one in self.reviews)
        return found

    def revise(
        self,
        id: str,
        version: str,
        *,
        title: Mapping[str, str] | None = None,
        replace: Iterable[Alarm | Recommendation | Review] = (),
        add: Iterable[Alarm | Recommendation | Review] = (),
        retire: Iterable[str] = (),
        parameters: Mapping[str, float] | None = None,
    ) -> Edition:
        """A new edition that differs from this one only in what is named here.

        ``replace`` swaps rules with the same id, ``add`` appends, ``retire`` drops ids, ``parameters`` changes numbers
        by name wherever a rule uses them: a bare number keeps its source and status, a Parameter brings its own. A rule
        that stays as it was is the same object in both editions. Raises KeyError for an id or parameter that this
        edition does not have, and ValueError for an added id that it already has, an id that is named twice, a rule
        that becomes one of another kind, and a Parameter with another name or unit.
        """
        return _revise(self, id, version, title, tuple(replace), tuple(add), tuple(retire), parameters or {})


def _revise(
    edition: Edition,
    id: str,
    version: str,
    title: Mapping[str, str] | None,
    swapped: tuple[Alarm | Recommendation | Review, ...],
    added: tuple[Alarm | Recommendation | Review, ...],
    retired: tuple[str, ...],
    numbers: Mapping[str, float],
) -> Edition:
    for rule in (*(one.id for one in swapped), *retired):
        edition.rule(rule)
    known = {parameter.name: parameter.unit for parameter in edition.parameters}
    if strangers := set(numbers) - set(known):
        raise KeyError(f"edition {edition.id} has no parameter {', '.join(sorted(strangers))}")
    for name, number in numbers.items():
        if isinstance(number, Parameter) and (number.name, number.unit) != (name, known[name]):
            raise ValueError(f"{name} in {known[name]} cannot become {number.name} in {number.unit}")
    if doubles := edition._by_id().keys() & {one.id for one in added}:
        raise ValueError(f"edition {edition.id} already has {', '.join(sorted(doubles))}: use replace")
    named = [*(one.id for one in (*swapped, *added)), *retired]
    if doubles := {id for id in named if named.count(id) > 1}:
        raise ValueError(f"{', '.join(sorted(doubles))}: replace, add or retire a rule once")
    for one in swapped:
        if type(one) is not type(edition.rule(one.id)):
            raise ValueError(f"{one.id} is no {type(one).__name__.lower()} in edition {edition.id}")
    new = {one.id: one for one in swapped}

    def revised(rules: tuple[Any, ...], kind: type) -> tuple[Any, ...]:
        kept = [new.get(one.id, one) for one in rules if one.id not in retired]
        return tuple(kept + [one for one in added if isinstance(one, kind)])

    result = replace(
        edition,
        id=id,
        version=version,
        title=title or edition.title,
        revises=edition.id,
        alarms=revised(edition.alarms, Alarm),
        recommendations=revised(edition.recommendations, Recommendation),
        reviews=revised(edition.reviews, Review),
    )
    result = with_numbers(result, numbers) if numbers else result
    return with_concepts(result, result.groups(result.alarms))


_DATA = (Edition, Alarm, Class, Recommendation, Review, Imaging, Derivation, Conflict, Expression)
T = TypeVar("T")


def rewritten(value: T, change: Callable[[Any], Any], seen: dict[int, Any] | None = None) -> T:
    """The same data with everything changed that ``change`` gives something else for; what stays is the same object.

    ``seen``: what became of each part, by identity; rules share whole conditions, and each is looked at once.
    """
    seen = {} if seen is None else seen
    if id(value) not in seen:
        seen[id(value)] = _anew(value, change, seen)
    found: T = seen[id(value)]
    return found


def _anew(value: Any, change: Callable[[Any], Any], seen: dict[int, Any]) -> Any:
    changed = change(value)
    if changed is not value:
        return changed
    if isinstance(value, tuple):
        new = [rewritten(item, change, seen) for item in value]
        return value if all(map(is_, new, value)) else tuple(new)
    if isinstance(value, Mapping) and not isinstance(value, Vocabulary):
        items = {key: rewritten(item, change, seen) for key, item in value.items()}
        return value if all(map(is_, items.values(), value.values())) else items
    if isinstance(value, _DATA) and not isinstance(value, Finding):
        parts = {one.name: rewritten(getattr(value, one.name), change, seen) for one in fields(value)}  # type: ignore[arg-type]
        same = all(part is getattr(value, name) for name, part in parts.items())
        return value if same else replace(value, **parts)  # type: ignore[type-var]
    return value


def with_numbers(edition: Edition, numbers: Mapping[str, float]) -> Edition:
    """The edition with these parameters, by name; a bare number keeps the source and status of the one before it."""

    def change(value: Any) -> Any:
        if not isinstance(value, Parameter) or value.name not in numbers:
            return value
        new = numbers[value.name]
        if isinstance(new, Parameter):
            return new
        return Parameter(value.name, new, value.unit, value.because, value.status)

    return rewritten(edition, change)


def with_concepts(edition: Edition, concepts: Mapping[str, Named]) -> Edition:
    """The edition with these concepts in the place of those of the same name."""

    def change(value: Any) -> Any:
        new = concepts.get(value.name, value) if isinstance(value, Named) else value
        return value if new == value else new

    return rewritten(edition, change)
