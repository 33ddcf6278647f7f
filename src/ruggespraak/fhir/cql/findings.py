"""The library of findings: where the answers come from. The rules only know its names.

From FHIR: the Observations of one day (``on``), in our own codes. What was answered on another day is not read: which
old answer still counts is a question for who keeps the record (``course.answers``). Of two answers of one day the more
alarming one counts (PATHWAY §1). From parameters: for an engine without FHIR.
"""

from __future__ import annotations

from collections.abc import Iterable

from ruggespraak.fhir.names import ANSWERS, FINDINGS
from ruggespraak.logic import Finding
from ruggespraak.pathway.findings import VOCABULARY

FINDINGS_LIBRARY = "RuggespraakFindings"
TYPES = {"boolean": "Boolean", "number": "Decimal", "choice": "String", "date": "Date"}


def from_parameters(version: str) -> str:
    """Every finding as a parameter; null where it was not asked."""
    lines = [
        f"library {FINDINGS_LIBRARY} version '{version}'",
        "",
        "// The day of the consult; patient, proxy or clinician; and the ids of what was asked and is not known.",
        'parameter "on" Date',
        'parameter "answered by" String',
        'parameter "unclear" List<String>',
        "",
        *(f'parameter "{one.id}" {TYPES[one.kind]} default null as {TYPES[one.kind]}' for one in VOCABULARY.values()),
    ]
    return "\n".join(lines) + "\n"


def from_fhir(version: str) -> str:
    """Every finding as what the Observations of the day say of it; null where they say nothing."""
    return _HEAD.format(name=FINDINGS_LIBRARY, version=version, findings=FINDINGS) + "".join(
        f'\ndefine "{one.id}":\n  {_from_observations(one)}\n' for one in VOCABULARY.values()
    )


def _from_observations(finding: Finding) -> str:
    """The more alarming of what was said: its worse direction decides (``findings.csv``)."""
    said = f"""("observations" O where "is of"(O, '{finding.id}')"""
    if finding.kind == "boolean":
        each = f"{said} return all (O.value as FHIR.boolean).value)"
        return _first_said(each, ("false", "true") if finding.worse == "absent" else ("true", "false"))
    if finding.kind == "choice":
        coded = f"((O.value as FHIR.CodeableConcept).coding) C where C.system.value = '{ANSWERS}'"
        each = f"{said} return all First({coded} return all Substring(C.code.value, {len(finding.id) + 1})))"
        worst_first = sorted(finding.choices, key=lambda choice: choice != finding.worse)
        return _first_said(each, [f"'{choice}'" for choice in worst_first])
    if finding.kind == "date":
        return f"Min({said} return all date from (O.value as FHIR.dateTime).value))"
    return f"{'Min' if finding.worse == 'lower' else 'Max'}({said} return all (O.value as FHIR.Quantity).value.value))"


def _first_said(each: str, values: Iterable[str]) -> str:
    """The first of these values that was said at all."""
    steps = [f"if exists ({each} V where V = {value}) then {value}" for value in values]
    return "\n  else ".join([*steps, "null"])


_HEAD = """\
library {name} version '{version}'

using FHIR version '4.0.1'

// The day of the consult, and who answered: patient, proxy or clinician.
parameter "on" Date default Today()
parameter "answered by" String default 'clinician'

context Patient

define function "is of"(observation FHIR.Observation, id String):
  exists (observation.code.coding C where C.system.value = '{findings}' and C.code.value = id)

define "observations":
  [Observation] O
    where exists (O.code.coding C where C.system.value = '{findings}')
      and (O.status.value = 'final' or O.status.value = 'amended'
        or O.status.value = 'corrected' or O.status.value = 'preliminary')
      and date from (O.effective as FHIR.dateTime).value = "on"

// Asked, and not known.
define "unclear":
  flatten ("observations" O
    where exists (O.dataAbsentReason.coding C where C.code.value = 'asked-unknown')
    return all (O.code.coding C where C.system.value = '{findings}' return all C.code.value))
"""
