"""Edition ``current``: Dutch care as PATHWAY.md decides it, from NHG 2015/2017, KNGF 2021 and IKNL. The default."""

from datetime import date

from ruggespraak.pathway import numbers
from ruggespraak.pathway.editions.current import back, hernia, medicine_and_work, questions
from ruggespraak.pathway.editions.current.alarms import ALARMS, groups, hard_alarm, serious_suspicion
from ruggespraak.pathway.editions.current.classes import (
    CLASSES,
    is_nonspecific,
    is_outside,
    is_radicular,
    is_specific,
)
from ruggespraak.pathway.editions.current.reviews import REVIEWS
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.findings.consequences import CONFLICTS, CONSEQUENCES
from ruggespraak.pathway.rules import Edition

EDITION = Edition(
    id="current",
    version="2026.1",
    title={
        "nl": "NL 2021 (uit samenvattingen; wacht op medische beoordeling)",
        "en": "NL 2021 (from excerpts; awaiting medical review)",
    },
    findings=VOCABULARY,
    alarms=ALARMS,
    classes=CLASSES,
    recommendations=(
        *questions.RECOMMENDATIONS,
        *back.RECOMMENDATIONS,
        *hernia.RECOMMENDATIONS,
        *medicine_and_work.RECOMMENDATIONS,
    ),
    reviews=REVIEWS,
    derivations=CONSEQUENCES,
    conflicts=CONFLICTS,
    parameters=numbers.ALL,
    reviewer="nobody yet",
    review_by=date(2027, 11, 22),
    groups=groups,
    careful=frozenset({"hard_alarm", "serious_suspicion", "alarm_or_suspicion"}),
    concepts={
        "hard_alarm": hard_alarm,
        "serious_suspicion": serious_suspicion,
        "is_specific": is_specific,
        "is_radicular": is_radicular,
        "is_nonspecific": is_nonspecific,
        "is_outside": is_outside,
    },
)
