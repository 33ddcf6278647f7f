"""The record of one patient as FHIR resources: what ``sharing.exported`` gives, for another system.

Every answer stands there as it was given; what was corrected is marked as entered in error, with the answer in its
place. A decision is made again of its own case by its own edition. Where that gives something else, or the edition is
no longer here, an OperationOutcome says so, and what was decided then stands in the other file for computers.

Who wrote something is known here by their role and a random id, never by a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ruggespraak.clinic import log, record
from ruggespraak.clinic.models import Choice, Decision, Episode, Fact, LogRow, Patient
from ruggespraak.consult import Case, decide, read_case
from ruggespraak.course import Answers, Silence
from ruggespraak.fhir.names import Resource, versioned
from ruggespraak.fhir.write.audit_event import audit_event, provenance, who
from ruggespraak.fhir.write.care import care_plan, service_requests
from ruggespraak.fhir.write.consult import guidance_response, observations, questionnaire_response, risk_assessment
from ruggespraak.fhir.write.outcome import operation_outcome
from ruggespraak.fhir.write.person import comment, episode_of_care, happened
from ruggespraak.fhir.write.person import patient as person
from ruggespraak.fhir.write.resource import SOFTWARE, About
from ruggespraak.pathway.codes.addresses import canonical
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.texts import long_date
from ruggespraak.web.practice_patient import BY, what_happened


def resources_of(patient: Patient, lang: str, with_log: bool) -> list[Resource]:
    """All that is held of this patient. ``with_log``: and who looked, which is the patient's to see."""
    about = f"Patient/{patient.pk}"
    found = [person(str(patient.pk), **patient.who)]
    for number, episode in enumerate(patient.episodes.order_by("opened"), 1):
        found += _Episode(patient, episode, about, lang).resources(number)
    if with_log:
        found += [_looked(row, patient, about, lang) for row in log.of_patient(patient).order_by("number")]
    return found


def _looked(row: LogRow, patient: Patient, about: str, lang: str) -> Resource:
    """A row of the access log. From which address a care giver looked, the patient's page does not say either."""
    return audit_event(
        number=row.number,
        at=timezone.localtime(row.at),
        event=row.event,
        role=row.role,
        account=str(row.account or ""),
        practice=str(row.practice or ""),
        patient=about,
        page=row.page,
        emergency=row.emergency,
        reason=log.reason_of(row, patient),
        lang=lang,
    )


class _Episode:
    """One episode on its way to FHIR."""

    def __init__(self, patient: Patient, row: Episode, patient_reference: str, lang: str) -> None:
        self.patient, self.row, self.lang = patient, row, lang
        self.reference = patient_reference
        self.now = record.replayed(row)
        self.told: dict[int, Resource] = {}  # by the number of the fact
        self.corrected: dict[int, int] = {}  # a fact by its number, and the one that counts in its place
        self.plan: Resource | None = None

    def resources(self, number: int) -> Iterator[Resource]:
        """The episode, its facts and its decisions, each with where it comes from."""
        yield self._itself(number)
        for one in record.history(self.row):
            yield from self._fact(one)
        decisions = list(
            Decision.objects.filter(fact__episode=self.row)
            .select_related("fact__episode__patient", "fact__author")
            .order_by("fact__number")
        )
        for one in decisions:
            yield from self._decided(one, last=one is decisions[-1])

    def _about(self, fact: Fact, author: Resource) -> About:
        return About(
            patient=self.reference,
            key=f"{self.row.pk}/{fact.number}",
            lang=self.lang,
            author=author,
            episode=f"EpisodeOfCare/{self.row.pk}",
        )

    def _itself(self, number: int) -> Resource:
        says = _("Complaint %(number)s, since %(day)s") % {
            "number": number,
            "day": long_date(self.row.opened, self.lang),
        }
        return episode_of_care(
            str(self.row.pk),
            About(patient=self.reference, key="", lang=self.lang),
            self.row.opened,
            self.now.last if self.now.ended else None,
            (str(self.row.practice_id), self.patient.practice.name),
            [says],
        )

    # What happened

    def _fact(self, one: record.Happened) -> Iterator[Resource]:
        fact, event = one.fact, one.event
        by = who(fact.by, str(fact.author_id or ""), self.reference)
        about = self._about(fact, by)
        if isinstance(event, Answers):
            made = self._answers(one, event, about)
            self.told[fact.number] = made[0]
            if fact.corrects:
                self.corrected[fact.corrects.number] = fact.number
        else:
            done = not isinstance(event, Silence)
            made = [happened(what_happened(one, self.lang), about, event.on, by, done)]
        yield from made
        yield provenance(made, timezone.localtime(fact.at), [("author", by)], lang=self.lang)

    def _answers(self, one: record.Happened, event: Answers, about: About) -> list[Resource]:
        """As they count now: given, given instead of other ones, or given by mistake."""
        form, each = ("completed", "final") if one.fact.corrects_id is None else ("amended", "corrected")
        if one.corrected:
            form = each = "entered-in-error"
        case = Case(on=event.on, answers=event.told, unclear=event.unclear, answered_by=event.answered_by)
        return [questionnaire_response(case, about, form), *observations(case, about, each)]

    # What was decided

    def _decided(self, row: Decision, last: bool) -> Iterator[Resource]:
        """The last plan stands while the episode is open. Whether an earlier referral was sent is not known here."""
        if problem := _not_the_same(row):
            yield operation_outcome("incomplete", problem, self.lang, "warning")
            return
        case = read_case(record.known(row)["case"])
        decision, rules = decide(case, self.lang), edition(case.edition)
        about, basis = self._about(row.fact, SOFTWARE), self._basis(row)
        risk = risk_assessment(decision, about, basis)
        status = "revoked" if not last else "completed" if self.now.ended else "active"
        plan = care_plan(decision, about, status, supporting=[*basis, risk], replaces=self.plan, progress=chosen(row))
        asked = service_requests(decision, about, "draft" if last and not self.now.ended else "unknown", plan)
        response = guidance_response(decision, about, canonical("PlanDefinition", rules.id), plan)
        self.plan = plan
        made, at = [risk, plan, *asked, response], timezone.localtime(row.fact.at)
        yield from made
        rules_address = versioned("PlanDefinition", rules.id, rules)
        yield provenance(made, at, [("assembler", SOFTWARE)], sources=basis, rules=rules_address, lang=self.lang)

    def _basis(self, row: Decision) -> list[Resource]:
        """The answers that a decision stands on: all so far, as they counted then."""
        return [told for number, told in self.told.items() if self._counts(number, row.fact.number)]

    def _counts(self, number: int, then: int) -> bool:
        """Whether the answers with this number were told, and not yet corrected, at that later one."""
        return number <= then < self.corrected.get(number, then + 1)


def chosen(row: Decision) -> dict[str, list[Resource]]:
    """What a care giver did with each advice, in words of the language of now."""
    found: dict[str, list[Resource]] = {}
    choices = Choice.objects.filter(decision=row).select_related("decision__fact__episode__patient").order_by("id")
    for one in choices:
        at: datetime = timezone.localtime(one.at)
        found.setdefault(one.advice, []).append(comment(_with_reason(one), at, str(BY[one.by])))
    return found


def _with_reason(one: Choice) -> str:
    says = _("Follow") if one.follows else _("Deviate")
    reason = record.reason_of(one)
    return f"{says}: {reason}" if reason else says


def _not_the_same(row: Decision) -> str:
    """Why this decision cannot be shown as it was made; empty where it can."""
    day: Any = {"day": row.on.isoformat(), "edition": row.edition}
    try:
        stored, again = record.made_again(row)
    except record.EditionGoneError:
        return _("The decision of %(day)s was made by %(edition)s, which is no longer here.") % day
    return "" if stored == again else _("The decision of %(day)s by %(edition)s is not the same today.") % day
