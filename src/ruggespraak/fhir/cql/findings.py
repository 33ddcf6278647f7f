"""The library of findings: where the answers come from. The rules only know its names.

From FHIR: the Observations of one day (``on``), in our own codes. What was answered on another day is not read: which
old answer still counts is a question for who keeps the record (``course.answers``). What cannot be read for sure (a
number in another unit, or of which only a bound is known) is unknown, and so are two answers of one day of which
neither is the more alarming (PATHWAY §1). From parameters: for an engine without FHIR.
"""

from __future__ import annotations

from collections.abc import Iterable

from ruggespraak.course.answers import SETS_ASIDE
from ruggespraak.fhir.names import FHIR_VERSION
from ruggespraak.logic import Finding
from ruggespraak.pathway.codes.addresses import ANSWERS, FINDINGS, NO, SYSTEMS, UNCLEAR, YES
from ruggespraak.pathway.codes.fhir_words import ABSENT
from ruggespraak.pathway.codes.units import DIMENSIONLESS, UCUM
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY

FINDINGS_LIBRARY = "RuggespraakFindings"
TYPES = {"boolean": "Boolean", "number": "Decimal", "choice": "String", "date": "Date"}
WORSE = {"present": "true", "absent": "false", "": ""}
NUMBER = {"higher": "Max", "lower": "Min", "": '"the only number"'}


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
        "",
        """define "by a clinician":\n  "answered by" = 'clinician'""",
    ]
    return "\n".join(lines) + "\n"


def from_fhir(version: str) -> str:
    """Every finding as what the Observations of the day say of it; null where they say nothing."""
    head = _HEAD.format(
        name=FINDINGS_LIBRARY,
        version=version,
        fhir=FHIR_VERSION,
        findings=FINDINGS,
        answers=ANSWERS,
        yes=YES,
        no=NO,
        unclear=UNCLEAR,
        absent=ABSENT,
        ucum=SYSTEMS["UCUM"],
        none=DIMENSIONLESS,
        examined=_texts(one.id for one in VOCABULARY.values() if one.who == CLINICIAN),
    )
    return head + "".join(f'\ndefine "{one.id}":\n  {_from_observations(one)}\n' for one in VOCABULARY.values())


def _from_observations(finding: Finding) -> str:
    """What was said of it, as one answer; the worse direction is that of ``findings.csv``."""
    id = finding.id
    if finding.kind == "boolean":
        worse = "false" if id in SETS_ASIDE else WORSE[finding.worse]
        said = f""""yes and no"('{id}')"""
        return f'"the worse of"({said}, {worse})' if worse else f'"the only answer"({said})'
    if finding.kind == "choice":
        said = f""""choices"('{id}', {_texts(finding.choices)})"""
        return f""""the worst of"({said}, '{finding.worse}')""" if finding.worse else f'"the only choice"({said})'
    if finding.kind == "date":
        return f""""the only day"("dates"('{id}'))"""
    possible = f"Interval[{finding.minimum}, {finding.maximum}]"
    return f"""{NUMBER[finding.worse]}("numbers"('{id}', '{UCUM[finding.unit]}', {possible}))"""


def _texts(said: Iterable[str]) -> str:
    listed = ", ".join(f"'{one}'" for one in said)
    return f"{{ {listed} }}"


_HEAD = """\
library {name} version '{version}'

using FHIR version '{fhir}'

// The day of the consult, and who answered: patient, proxy or clinician.
parameter "on" Date default Today()
parameter "answered by" String default 'clinician'

context Patient

// The first moment of that day, by the clock of who asks.
define "midnight":
  DateTime(year from "on", month from "on", day from "on", 0, 0, 0, 0, timezoneoffset from Now())

define function "is of the day"(moment DateTime):
  if hour from moment is null then date from moment = "on"
  else moment same minute or after "midnight" and hours between "midnight" and moment < 24

// Of this patient and this day; nothing that may mean the opposite of what it says.
define "observations":
  [Observation] O
    where O.status.value in {{ 'final', 'amended', 'corrected', 'preliminary' }}
      and not exists (O.focus)
      and not exists (O.modifierExtension)
      and O.implicitRules is null
      and (if O.effective is FHIR.Period
        then "is of the day"((O.effective as FHIR.Period).start.value)
          and "is of the day"((O.effective as FHIR.Period).end.value)
        else "is of the day"(Coalesce(
          (O.effective as FHIR.dateTime).value, (O.effective as FHIR.instant).value, O.issued.value)))

define function "is to"(R FHIR.Reference, kind String):
  R.type.value = kind or PositionOf(kind + '/', R.reference.value) >= 0

define function "is told"(O FHIR.Observation):
  exists (O.performer P where "is to"(P, 'Patient') or "is to"(P, 'RelatedPerson') or "is to"(P, 'Device'))

// Each of them and its components. What has a value, and also a reason for having none, says nothing.
define "parts":
  (flatten {{
    "observations" O
      return all Tuple {{ code: O.code, value: O.value, absent: O.dataAbsentReason, told: "is told"(O) }},
    flatten ("observations" O
      where exists (O.component)
      return all (O.component) C
        where not exists (C.modifierExtension)
        return all Tuple {{ code: C.code, value: C.value, absent: C.dataAbsentReason, told: "is told"(O) }})
  }}) P
    where P.value is null or P.absent is null

// What each of them says, of which findings; an answer in words is one code of ours.
define "said":
  "parts" P
    let answers: ((P.value as FHIR.CodeableConcept).coding) C where C.system.value = '{answers}' return C.code.value
    return all Tuple {{
      findings: (P.code.coding) C where C.system.value = '{findings}' return all C.code.value,
      told: P.told,
      not_known: exists ((P.absent.coding) C where C.system.value = '{absent}' and C.code.value = 'asked-unknown'),
      yes: (P.value as FHIR.boolean).value,
      answer: if Count(answers) = 1 then First(answers) else null,
      quantity: P.value as FHIR.Quantity,
      whole: (P.value as FHIR.integer).value,
      dated: date from (P.value as FHIR.dateTime).value
    }}

// Asked, and not known.
define "unclear":
  flatten ("said" S where S.not_known or S.answer = '{unclear}' return all S.findings)

// Only who examines can vouch for an examination, and with it set an alarm aside.
define "by a clinician":
  "answered by" = 'clinician' and not exists ("said" S
    where S.told and exists (S.findings intersect {examined}))

// What was said of one finding. Null: it was not known, or it cannot be read.
define function "yes and no"(id String):
  "said" S where id in S.findings
    return all if S.answer = '{yes}' then true else if S.answer = '{no}' then false else S.yes

define function "choices"(id String, possible List<String>):
  "said" S where id in S.findings return all First(possible P where S.answer = id + '.' + P)

// Only what can be, in the unit that is meant; of a bound ("< 5") the number is not known.
define function "numbers"(id String, unit String, possible Interval<Decimal>):
  ("said" S
    where id in S.findings
    return all if S.whole is not null then ToDecimal(S.whole)
      else if S.quantity.comparator is null
        and Coalesce(S.quantity.system.value, '{ucum}') = '{ucum}'
        and Coalesce(S.quantity.code.value, S.quantity.unit.value, '{none}') = unit
        then S.quantity.value.value
      else null) N
    where N in possible

// Only whole days that have been.
define function "dates"(id String):
  "said" S where id in S.findings and day from S.dated is not null and S.dated <= "on" return all S.dated

// Of answers that differ: the worse; and the better one only where nothing else was said.
define function "the worse of"(said List<Boolean>, worse Boolean):
  if exists (said V where V = worse) then worse
  else if exists (said V where V is null return true) then null
  else "the only answer"(said)

define function "the worst of"(said List<String>, worst String):
  if exists (said V where V = worst) then worst
  else if exists (said V where V is null return true) then null
  else "the only choice"(said)

// Of answers that differ, where none is the worse: unknown.
define function "the only answer"(said List<Boolean>):
  if exists (said V where V is true) = exists (said V where V is false) then null
  else exists (said V where V is true)

define function "the only choice"(said List<String>):
  if Count(said V where V is not null return V) = 1 then First(said V where V is not null) else null

define function "the only number"(said List<Decimal>):
  if Min(said) = Max(said) then Min(said) else null

define function "the only day"(said List<Date>):
  if Min(said) = Max(said) then Min(said) else null
"""
