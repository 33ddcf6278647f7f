"""Edition ``leaflet``: what the Dutch patient leaflet says, and no more. Paralysis is the only alarm that it knows.

It gives no urgency, no age limits and no contraindications; where a decision needs one, the current edition's rule for
it stands here too. A question not asked is not a no in this edition either.
"""

from datetime import date

from ruggespraak.pathway import numbers
from ruggespraak.pathway.editions.current.reviews import REVIEWS
from ruggespraak.pathway.editions.leaflet.advice import (
    ALARMS,
    CLASSES,
    RECOMMENDATIONS,
    groups,
    is_nonspecific,
    is_radicular,
)
from ruggespraak.pathway.editions.leaflet.advice import paralysis as hard_alarm
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.findings.consequences import CONFLICTS, CONSEQUENCES
from ruggespraak.pathway.rules import Edition

EDITION = Edition(
    id="leaflet",
    version="undated",
    title={"nl": "De folder, zoals hij is geschreven", "en": "The leaflet as it was written"},
    findings=VOCABULARY,
    alarms=ALARMS,
    classes=CLASSES,
    recommendations=RECOMMENDATIONS,
    reviews=REVIEWS,
    derivations=CONSEQUENCES,
    conflicts=CONFLICTS,
    parameters=numbers.ALL,
    reviewer="nobody yet",
    review_by=date(2027, 11, 22),
    knows_phases=False,
    groups=groups,
    careful=frozenset({"paralysis"}),
    concepts={"hard_alarm": hard_alarm, "is_radicular": is_radicular, "is_nonspecific": is_nonspecific},
)
