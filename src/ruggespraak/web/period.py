"""The days of which somebody wants to read the access log: the patient her own record's, the privacy officer all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from ruggespraak.consult.case import FIRST_DAY, LAST_DAY
from ruggespraak.logic import read_date

PERIOD = ("since", "until")
"""The fields of the filter."""


def period_in(sent: Mapping[str, str]) -> tuple[dict[str, date | None], list[tuple[str, str]]]:
    """The days that were asked for, by field, and what is wrong with them; None where none was."""
    read = {name: read_date(sent.get(name, "")) for name in PERIOD}
    days = {name: day if day and FIRST_DAY <= day <= LAST_DAY else None for name, day in read.items()}
    wrong = _("This is no day. Fill in a day, or leave it empty.")
    return days, [(name, wrong) for name in PERIOD if sent.get(name) and not days[name]]
