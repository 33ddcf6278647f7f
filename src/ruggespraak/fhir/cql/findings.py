"""The library of findings: where the answers come from. The rules only know its names.

From FHIR: the Observations of one day (``on``), in our own codes. What was answered on another day is not read: which
old answer still counts is a question for who keeps the record (``course.answers``). Of two answers of one day the more
alarming one counts (PATHWAY §1). From parameters: for an engine without FHIR.
"""

from __future__ import annotations

from ruggespraak.fhir.names import ANSWERS, FHIR_VERSION, FINDINGS
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
    head = _HEAD.format(name=FINDINGS_LIBRARY, version=version, fhir=FHIR_VERSION, findings=FINDINGS, answers=ANSWERS)
    return head + "".join(f'\ndefine "{one.id}":\n  {_from_observations(one)}\n' for one in VOCABULARY.values())


def _from_observations(finding: Finding) -> str:
    """The more alarming of what was said: its worse direction decides (``findings.csv``)."""
    id = finding.id
    if finding.kind == "boolean":
        return f""""the worse of"("yes and no"('{id}'), {str(finding.worse != "absent").lower()})"""
    if finding.kind == "choice":
        worst_first = sorted(finding.choices, key=lambda choice: choice != finding.worse)
        listed = ", ".join(f"'{choice}'" for choice in worst_first)
        return f""""the first of"({{ {listed} }}, "choices"('{id}'))"""
    if finding.kind == "date":
        return f"""Min("dates"('{id}'))"""
    return f"""{"Min" if finding.worse == "lower" else "Max"}("numbers"('{id}'))"""


_HEAD = """\
library {name} version '{version}'

using FHIR version '{fhir}'

// The day of the consult, and who answered: patient, proxy or clinician.
parameter "on" Date default Today()
parameter "answered by" String default 'clinician'

context Patient

define "observations":
  [Observation] O
    where exists (O.code.coding C where C.system.value = '{findings}')
      and (O.status.value = 'final' or O.status.value = 'amended'
        or O.status.value = 'corrected' or O.status.value = 'preliminary')
      and date from (O.effective as FHIR.dateTime).value = "on"

// What each of them says, of which finding.
define "said":
  "observations" O
    return all Tuple {{
      finding: First((O.code.coding) C where C.system.value = '{findings}' return all C.code.value),
      unknown: exists (O.dataAbsentReason.coding C where C.code.value = 'asked-unknown'),
      yes: (O.value as FHIR.boolean).value,
      number: (O.value as FHIR.Quantity).value.value,
      dated: date from (O.value as FHIR.dateTime).value,
      choice: First(((O.value as FHIR.CodeableConcept).coding) C
        where C.system.value = '{answers}' return all C.code.value)
    }}

// Asked, and not known.
define "unclear":
  "said" S where S.unknown return all S.finding

define function "yes and no"(id String):
  "said" S where S.finding = id return all S.yes

define function "numbers"(id String):
  "said" S where S.finding = id return all S.number

define function "dates"(id String):
  "said" S where S.finding = id return all S.dated

define function "choices"(id String):
  "said" S where S.finding = id return all Substring(S.choice, Length(id) + 1)

define function "the worse of"(said List<Boolean>, worse Boolean):
  if exists (said V where V = worse) then worse
  else if exists (said V where V = (not worse)) then not worse
  else null

define function "the first of"(choices List<String>, said List<String>):
  First(choices C where exists (said V where V = C))
"""
