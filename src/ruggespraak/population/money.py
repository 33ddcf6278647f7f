"""From what was used to euros and years in full health: visits and days first, prices after.

The kernel counts what happens and knows no price, so a price can change without a new run. No price was read in a
source of this decade: each is an own choice with a wide range, and so is every loss of quality of life
(``parameters.toml``); whatever is computed here says so (``ABOUT``). Two perspectives on work, never added up: the
friction method counts a sick spell until a replacement works, the human capital method all hours, disability included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ruggespraak.population.economics import discount
from ruggespraak.population.kernel.tally import MEASURES, YEAR
from ruggespraak.population.parameters import Parameters
from ruggespraak.population.simulate import Floats, Result

PRICE_YEAR = 2024
COSTS, EFFECTS = 0.03, 0.015  # discount rates of the Dutch guideline of 2024 (read in a secondary source)
OLD_COSTS, OLD_EFFECTS = 0.04, 0.015  # of 2016
ABOUT = {
    "nl": f"Euro's van {PRICE_YEAR}. De prijzen en de waarde van kwaliteit van leven zijn eigen keuzes met een ruime "
    "marge: geen ervan is in een recente bron gelezen.",
    "en": f"Euros of {PRICE_YEAR}. Prices and the value of quality of life are own choices with a wide range: none was "
    "read in a recent source.",
}

DAY = 24  # hours
PRICED = {
    "gp": "price.gp",
    "physiotherapist": "price.physiotherapist",
    "neurologist": "price.specialist",
    "orthopaedist": "price.specialist",
    "rheumatologist": "price.specialist",
    "pain_team": "price.pain_team",
    "psychologist": "price.psychologist",
    "occupational_physician": "price.occupational_physician",
    "emergency": "price.emergency",
    "x_ray": "price.x_ray",
    "scan": "price.scan",
    "operation": "price.operation",
    "operation_again": "price.operation",
    "hospital_days": "price.hospital_day",
}
# Who pays: own choice of this project, in broad strokes. Physiotherapy is mostly not in the basic insurance.
PAYERS = {
    "insurer": (
        "gp", "neurologist", "orthopaedist", "rheumatologist", "pain_team", "psychologist", "emergency", "x_ray",
        "scan", "operation", "operation_again", "hospital_days",
    ),
    "patient": ("physiotherapist",),
    "employer": ("occupational_physician", "sick_friction"),
}  # fmt: skip
LOST = {"pain_mild": "quality.mild", "pain_moderate": "quality.moderate", "pain_severe": "quality.severe"}
PERSPECTIVES = ("care", "friction", "human_capital")


def prices(parameters: Parameters) -> dict[str, float]:
    """Euros for one of each measure that has a price; a sick hour is a day's price by 24."""
    found = {measure: parameters[id] for measure, id in PRICED.items()}
    hour = parameters["price.sick_day"] / DAY
    return found | {"sick_friction": hour, "sick": hour, "disabled": hour}


def used(result: Result) -> Floats:
    """[options, batches, years, measures]: what the country uses a year."""
    summed: Floats = result.yearly.sum(axis=(3, 4)) * result.run.weight
    return summed


def euros(used: Floats, parameters: Parameters, measures: tuple[str, ...]) -> Floats:
    """[...]: what these measures cost, of [..., measures]."""
    price = prices(parameters)
    places = [MEASURES.index(measure) for measure in measures]
    found: Floats = used[..., places] @ np.array([price[measure] for measure in measures])
    return found


def cost(used: Floats, parameters: Parameters, perspective: str = "friction") -> Floats:
    """[...]: euros of care alone, or with sick leave by the friction or the human capital method."""
    work = {"care": (), "friction": ("sick_friction",), "human_capital": ("sick", "disabled")}[perspective]
    return euros(used, parameters, (*PRICED, *work))


def quality_lost(used: Floats, parameters: Parameters) -> Floats:
    """[...]: years in full health lost to pain."""
    places = [MEASURES.index(measure) for measure in LOST]
    found: Floats = used[..., places] @ np.array([parameters[id] for id in LOST.values()]) / YEAR
    return found


@dataclass(frozen=True, slots=True)
class Rates:
    """Discount rates a year."""

    costs: float = COSTS
    effects: float = EFFECTS


def present(a_year: Floats, rate: float) -> Floats:
    """[...]: the sum over the years (the last axis), discounted to the start of the run (``economics.discount``)."""
    found: Floats = a_year @ np.asarray(discount(rate, a_year.shape[-1]))
    return found


def by_payer(used: Floats, parameters: Parameters) -> dict[str, Floats]:
    """Per payer [...]: euros. Together they are the cost of the friction perspective.

    So sick pay beyond the friction period, which an employer pays, and disability benefits have no payer here.
    """
    return {payer: euros(used, parameters, measures) for payer, measures in PAYERS.items()}
