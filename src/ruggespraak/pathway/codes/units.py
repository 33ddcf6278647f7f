"""Each unit of ``findings.csv`` in UCUM, and the units of others that are an exact number of it."""

from __future__ import annotations

from collections.abc import Mapping

DIMENSIONLESS = "1"
UCUM: Mapping[str, str] = {
    "years": "a",
    "days": "d",
    "hours": "h",
    "hours a week": "h/wk",
    "minutes": "min",
    "degrees C": "Cel",
    "degrees": "deg",
    "cm": "cm",
    "ml": "mL",
    "mg/L": "mg/L",
    "mm/h": "mm/h",
    "0-10": DIMENSIONLESS,
    "MRC": DIMENSIONLESS,
    "score": DIMENSIONLESS,
    "episodes": DIMENSIONLESS,
    "treatments": DIMENSIONLESS,
}
"""Every unit of the vocabulary. What is counted or scored has none."""

# To the unit of the finding: times the first, plus the second.
CONVERT: Mapping[tuple[str, str], tuple[float, float]] = {
    ("Cel", "[degF]"): (5 / 9, -160 / 9),
    ("mg/L", "mg/dL"): (10, 0),
    ("mg/L", "ug/mL"): (1, 0),
    ("mL", "L"): (1000, 0),
    ("cm", "mm"): (0.1, 0),
    ("cm", "m"): (100, 0),
    ("min", "h"): (60, 0),
    ("h", "min"): (1 / 60, 0),
    ("d", "wk"): (7, 0),
}
"""Units that are an exact number of the finding's own. A month is no number of days, and is not read."""
SAME_UNIT = {"ml": "mL", "mg/l": "mg/L", "mg/dl": "mg/dL", "ug/ml": "ug/mL", "l": "L", "mm/uur": "mm/h", "°C": "Cel"}
DECIMALS = 6
"""100.4 degrees F is 38 degrees C, and not a little less: the limit of a fever lies there."""
