"""A toy guideline: does this bicycle need a mechanic? With it, random rules and random answers about bicycles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from hypothesis import strategies as st

from ruggespraak.logic import (
    ALWAYS,
    NEVER,
    And,
    AtLeast,
    Compare,
    Expression,
    Finding,
    In,
    Kleene,
    Named,
    Not,
    Or,
    Value,
    Vocabulary,
    all_of,
    answered,
    any_of,
    at_least,
)

brakes_fail = Finding("brakes_fail", worse="present", who="rider")
frame_cracked = Finding("frame_cracked", worse="present", who="mechanic")
chain_skips = Finding("chain_skips", worse="present", who="rider")
wheel_wobbles = Finding("wheel_wobbles", worse="present", who="rider")
lights_work = Finding("lights_work", worse="absent", who="rider")
just_cleaned = Finding("just_cleaned", who="rider")
front_tread = Finding("front_tread", "number", "mm", 0, 5, worse="lower", who="rider")
rear_tread = Finding("rear_tread", "number", "mm", 0, 5, worse="lower", who="rider")
ridden_km = Finding("ridden_km", "number", "km", 0, 50_000, worse="higher", who="rider")
noise = Finding("noise", "choice", choices=("none", "click", "grind"), worse="grind", who="rider")
last_service = Finding("last_service", "date", who="rider")

VOCABULARY = Vocabulary(
    [
        brakes_fail,
        frame_cracked,
        chain_skips,
        wheel_wobbles,
        lights_work,
        just_cleaned,
        front_tread,
        rear_tread,
        ridden_km,
        noise,
        last_service,
    ]
)

TREAD_WORN = 1.5
KM_SERVICE, KM_OVERHAUL = 2000, 10_000

tread_worn = any_of(tread <= TREAD_WORN for tread in (front_tread, rear_tread)).named("tread_worn")
unsafe = (brakes_fail | frame_cracked).named("unsafe")
cleaning_noise = (just_cleaned & noise.one_of("click")).named("cleaning_noise")

RULES: dict[str, Expression] = {
    "stop_riding": unsafe,
    "new_tyres": tread_worn,
    "mechanic_now": unsafe | noise.one_of("grind"),
    "listen_again": noise.one_of("click", "grind").unless(cleaning_noise),
    "service": at_least(2, [chain_skips, wheel_wobbles, ~lights_work, tread_worn]),
    "overhaul": (ridden_km >= KM_OVERHAUL) | ((ridden_km > KM_SERVICE) & noise.one_of("click", "grind")),
    "ride_on": ~unsafe & ~tread_worn & lights_work,
    "lights_told": answered(lights_work),
    "greeting": ALWAYS,
}

WORDS = {
    "nl": {
        "brakes_fail": ("de remmen falen", "de remmen werken"),
        "frame_cracked": ("een scheur in het frame", "geen scheur in het frame"),
        "chain_skips": ("de ketting verspringt", "de ketting loopt goed"),
        "wheel_wobbles": ("een slag in het wiel", "geen slag in het wiel"),
        "lights_work": ("de verlichting werkt", "de verlichting is stuk"),
        "just_cleaned": ("net schoongemaakt", "niet net schoongemaakt"),
        "front_tread": ("profiel van de voorband", ""),
        "rear_tread": ("profiel van de achterband", ""),
        "ridden_km": ("gereden afstand", ""),
        "noise": ("geluid", ""),
        "unsafe": ("onveilig", "veilig"),
        "tread_worn": ("een versleten band", "geen versleten band"),
        "cleaning_noise": ("geluid van het schoonmaken", "geen geluid van het schoonmaken"),
    },
    "en": {
        "brakes_fail": ("the brakes fail", "the brakes work"),
        "frame_cracked": ("a crack in the frame", "no crack in the frame"),
        "chain_skips": ("the chain skips", "the chain runs well"),
        "wheel_wobbles": ("a wheel wobbles", "no wheel wobbles"),
        "lights_work": ("the lights work", "the lights are broken"),
        "just_cleaned": ("just cleaned", "not just cleaned"),
        "front_tread": ("tread of the front tyre", ""),
        "rear_tread": ("tread of the rear tyre", ""),
        "ridden_km": ("distance ridden", ""),
        "noise": ("noise", ""),
        "unsafe": ("unsafe", "safe"),
        "tread_worn": ("a worn tyre", "no worn tyre"),
        "cleaning_noise": ("noise of the cleaning", "no noise of the cleaning"),
    },
}


def say(lang: str):
    """The words of the bicycle in this language, as ``sentence`` asks for them."""

    def words(thing: Finding | Named, there: bool) -> str:
        return WORDS[lang][thing.name if isinstance(thing, Named) else thing.id][0 if there else 1]

    return words


# -- random rules -------------------------------------------------------------------------------------------------

BOOLEANS = [brakes_fail, frame_cracked, chain_skips, wheel_wobbles, lights_work]
LIMITS = {front_tread: (1.5, 3), ridden_km: (KM_SERVICE, KM_OVERHAUL)}

_presences = st.sampled_from(BOOLEANS)
_comparisons = st.sampled_from(
    [
        Compare(number, operator, limit)
        for number, limits in LIMITS.items()
        for limit in limits
        for operator in ("<", "<=", ">", ">=")
    ]
)
_choices = st.sampled_from([noise.one_of(*some) for some in (["none"], ["click"], ["grind"], ["click", "grind"])])


def _joined(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    some = st.lists(parts, min_size=1, max_size=4).map(tuple)
    return st.one_of(
        some.map(And),
        some.map(Or),
        parts.map(Not),
        st.tuples(st.integers(0, 4), some).map(lambda pair: AtLeast(*pair)),
        parts.map(lambda part: part.named("concept")),
    )


def expressions(exceptions: bool = True) -> st.SearchStrategy[Expression]:
    """Random conditions of every node type; without ``exceptions`` none has an Unless."""
    leaves = st.one_of(_presences, _comparisons, _choices, st.sampled_from([ALWAYS, NEVER]))

    def grow(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        if not exceptions:
            return _joined(parts)
        unless = st.tuples(parts, parts).map(lambda pair: pair[0].unless(pair[1].named("exception")))
        return _joined(parts) | unless

    return st.recursive(leaves, grow, max_leaves=10)


_OTHER_WAY = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_ONE_WAY: list[Expression] = [
    brakes_fail,
    frame_cracked,
    ~chain_skips,
    ~lights_work,
    front_tread <= 1.5,
    front_tread < 3,
    ridden_km > KM_SERVICE,
    ridden_km >= KM_OVERHAUL,
    noise.one_of("grind"),
]


ALL_WAYS: list[Expression] = [
    brakes_fail,
    ~chain_skips,
    front_tread < 3,
    front_tread <= 3,
    front_tread >= 1.5,
    front_tread > 4,
    ridden_km > KM_SERVICE,
    ridden_km >= KM_OVERHAUL,
    noise.one_of("grind"),
    noise.one_of("click", "grind"),
]


def _turned(literal: Expression) -> Expression:
    match literal:
        case Not(part):
            return part
        case Compare(finding, operator, limit):
            return Compare(finding, _OTHER_WAY[operator], limit)
        case In(finding, chosen):
            return In(finding, frozenset(finding.choices) - chosen)
    return Not(literal)


@st.composite
def one_way(draw: st.DrawFn, leaves: Sequence[Expression] = _ONE_WAY, depth: int = 3, upright: bool = True):
    """Random conditions over these leaves, that stand in one polarity however many Nots there are."""
    kind = draw(st.sampled_from(["leaf", "and", "or", "at least", "not", "named"] if depth else ["leaf"]))
    if kind == "leaf":
        literal = draw(st.sampled_from(leaves))
        return literal if upright else _turned(literal)
    if kind == "not":
        return ~draw(one_way(leaves, depth - 1, not upright))
    if kind == "named":
        return draw(one_way(leaves, depth - 1, upright)).named("concept")
    parts = tuple(draw(one_way(leaves, depth - 1, upright)) for _ in range(draw(st.integers(2, 3))))
    if kind == "at least":
        return AtLeast(draw(st.integers(1, len(parts))), parts)
    return all_of(parts) if kind == "and" else any_of(parts)


# -- random answers -----------------------------------------------------------------------------------------------


def values_of(finding: Finding) -> list[Value]:
    """Every value that some toy rule could tell from another: both sides of each limit, and the limit."""
    if finding.kind == "boolean":
        return [True, False]
    if finding.kind == "choice":
        return list(finding.choices)
    if finding.kind == "date":
        return [date(2024, 2, 29)]
    limits = LIMITS.get(finding, (TREAD_WORN,))
    around = {limit + step for limit in limits for step in (-0.5, 0, 0.5)}
    return sorted(around | {finding.minimum, finding.maximum})


def answers(known: bool = False) -> st.SearchStrategy[dict[str, Value | None]]:
    """Random answers to the findings of the random rules; unless all is ``known``: left out, None or a value."""
    each = {finding.id: st.sampled_from(values_of(finding)) for finding in (*BOOLEANS, *LIMITS, noise)}
    if known:
        return st.fixed_dictionaries(each)
    return st.fixed_dictionaries({}, optional={id: value | st.none() for id, value in each.items()})


def completions(expression: Expression, given: Mapping[str, Value | None]) -> Iterator[dict[str, Value | None]]:
    """Every way to fill in what is unknown here."""
    unknown = sorted((f for f in expression.findings() if given.get(f.id) is None), key=lambda finding: finding.id)
    for filling in product(*map(values_of, unknown)):
        yield {**given, **{finding.id: value for finding, value in zip(unknown, filling, strict=True)}}


# -- a condition with given values --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Just(Expression):
    """A condition that has this value, whatever is answered: to fill in a truth table."""

    given: Kleene

    def children(self) -> tuple[Expression, ...]:
        return ()

    def value(self, answers: object) -> Kleene:  # noqa: ARG002  (the signature of every condition)
        return self.given
