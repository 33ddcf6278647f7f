"""What the country must look like (``targets.toml``), and what a run makes of it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from ruggespraak.pathway.rules import Status
from ruggespraak.population.kernel.tally import CAUSES, MEASURES, YEAR
from ruggespraak.population.money import cost, used
from ruggespraak.population.simulate import Result

GROWN_BANDS = slice(2, None)  # 20 and over stands for adults, and for 25 and over
MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Target:
    """One published figure. ``spread``: its standard error in the fit; ``fit``: whether the fit may see it."""

    id: str
    value: float
    spread: float
    unit: str
    because: tuple[str, ...]
    status: Status
    fit: bool
    note: str


@cache
def targets() -> tuple[Target, ...]:
    """Every target, those of the fit first."""
    listed = tomllib.loads(files(__package__).joinpath("targets.toml").read_text(encoding="utf-8"))
    return tuple(
        Target(
            id, float(one["value"]), float(one["spread"]), one["unit"], tuple(one["because"]), Status(one["status"]),
            one["fit"], one.get("note", ""),
        )
        for id, one in listed.items()
    )  # fmt: skip


def reached(result: Result, option: int = 0) -> dict[str, float]:
    """What a run comes to, for each target, over all its years; not a number where it has no case to divide by."""
    counts = result.yearly[option].sum(axis=(0, 1)).astype(float)  # sexes, bands, measures
    radicular = result.by_cause[option].sum(axis=0)[CAUSES.index("radicular")]  # measures
    scale = result.run.weight / result.run.years

    def all_ages(measure: str) -> float:
        return float(counts[..., MEASURES.index(measure)].sum())

    def grown(*measures: str) -> float:
        return float(sum(counts[:, GROWN_BANDS, MEASURES.index(measure)].sum() for measure in measures))

    def by(part: float, whole: float) -> float:
        return part / whole if whole else float("nan")

    lived = grown("lived") / YEAR
    resources = used(result)[option].sum(axis=0).mean(axis=0)
    specialists = sum(all_ages(one) for one in ("neurologist", "orthopaedist", "rheumatologist"))
    men = counts[0, :, MEASURES.index("gp_cases")].sum()
    return {
        "ever": by(grown("lived_ever"), grown("lived")),
        "new_gp_cases": all_ages("gp_cases") * scale,
        "radicular_incidence": by(grown("radicular_cases") * 1000, lived),
        "radicular_prevalence": by(grown("people_radicular") * 1000, lived),
        "radicular_imaged": by(all_ages("radicular_scanned"), all_ages("radicular_cases")),
        "operations": all_ages("operation") * scale,
        "medical": float(cost(resources, result.run.parameters, "care")) / MILLION,
        "total": float(cost(resources, result.run.parameters, "human_capital")) / MILLION,
        "medical_neck_and_back": float(cost(resources, result.run.parameters, "care")) / MILLION,
        "now": by(grown("pain_mild", "pain_moderate", "pain_severe"), grown("lived")),
        "within_year": by(grown("people_in_pain"), lived),
        "men": by(float(men), all_ages("gp_cases")),
        "claims": all_ages("disability_claims") * scale,
        "claims_radicular": by(float(radicular[MEASURES.index("disability_claims")]), all_ages("disability_claims")),
        "radicular_contacts": by(float(radicular[MEASURES.index("gp")]), all_ages("radicular_cases")),
        "specialist": by(specialists, all_ages("gp_cases")),
        "physiotherapy_patients": all_ages("physiotherapy_courses") * scale,
    }


def misfit(found: dict[str, float]) -> np.ndarray:
    """How far each target of the fit is missed, in its spread."""
    return np.array([(found[one.id] - one.value) / one.spread for one in targets() if one.fit])
