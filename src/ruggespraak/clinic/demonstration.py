"""A demonstration: 200 invented patients at all stages of the course, so that every page has something to show.

Every story is written through ``record``, event by event up to today, as a real one is: where a patient stands now
comes out of ``course``, and what a care giver did has its author among the people below. The same day gives the same
stories, another day moves them. Names, courses and how often something happens are invented: no real practice looks
like this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import transaction

from ruggespraak.clinic import record
from ruggespraak.clinic.models import Account, Decision, Fact, Member, Practice
from ruggespraak.clinic.roles import Role
from ruggespraak.course import (
    Answers,
    Contact,
    EditionChanged,
    Event,
    HandOver,
    HandOverConfirmed,
    Recovery,
    Relapse,
    Silence,
)
from ruggespraak.course.answers import signs
from ruggespraak.logic import Value
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY

SEED = 20260115
GIVEN = (
    "Robin", "Sam", "Noa", "Kim", "Jip", "Bo", "Charlie", "Dani", "Eli", "Fenne",
    "Jules", "Lou", "Luca", "Mika", "Nikki", "Puck", "Quinn", "Sascha", "Senna", "Yaël",
)  # fmt: skip
FAMILY = (
    "Voorbeeld", "Verzonnen", "van der Demo", "Proefpersoon", "Testinga",
    "de Verzinner", "Zomaar", "Bedenksel", "Fantasia", "van Nergens",
)  # fmt: skip
SPEAKS_ENGLISH, HAS_NO_MAIL, STAYS_SILENT = 0.1, 0.1, 0.15
STEADY, SLOW, WORSE = -1.5, 0.0, 0.6  # points of pain in a week

ALARMING = sorted(
    id for id in signs().findings if VOCABULARY[id].worse == "present" and VOCABULARY[id].who != CLINICIAN
)
NO_ALARM: Mapping[str, Value] = dict.fromkeys(ALARMING, False)
BACK: Mapping[str, Value] = {**NO_ALARM, "low_back_pain": True, "leg_pain": False, "pain_mechanical": True}
ROOT: Mapping[str, Value] = {
    **NO_ALARM,
    "low_back_pain": True,
    "leg_pain": True,
    "leg_pain_side": "left",
    "leg_pain_below_knee": True,
    "leg_worse_than_back": True,
    "leg_pain_quality": "sharp_shooting",
    "cough_sneeze_strain": True,
}


AT_WORK: Mapping[str, tuple[tuple[str, str, tuple[Role, ...]], ...]] = {
    "gp": (
        ("huisarts", "Alex Artsema", (Role.GP,)),
        ("assistent", "Bo Praktijksma", (Role.NURSE,)),
        ("manager", "Chris Regelinga", (Role.MANAGER,)),
        ("privacy", "Dominique Wakersma", (Role.PRIVACY_OFFICER,)),
    ),
    "physiotherapist": (
        ("fysiotherapeut", "Eef Beweegstra", (Role.PHYSIOTHERAPIST,)),
        ("praktijkhouder", "Femke Dubbeling", (Role.PHYSIOTHERAPIST, Role.MANAGER)),
    ),
}
"""Who works where: the e-mail address before the @, a name, and roles."""
PATIENT = "patient@example.org"


@transaction.atomic
def fill(today: date) -> Practice:
    """Writes two practices with who works there and their patients; the GPs' one. The other is of physiotherapists."""
    gps = Practice.objects.create(name="Huisartsen Het Voorbeeld", profession="gp")
    others = Practice.objects.create(name="Fysiotherapie De Proef", profession="physiotherapist")
    told = [(gps, tell) for tell, many in AT_THE_GP.items() for _ in range(many)]
    told += [(others, tell) for tell, many in AT_THE_PHYSIOTHERAPIST.items() for _ in range(many)]
    for practice in (gps, others):
        for mail, name, roles in AT_WORK[practice.profession]:
            account = _account(f"{mail}@example.org", name)
            for role in roles:
                Member.objects.create(account=account, practice=practice, role=role, since=today - timedelta(days=400))
    stories = []
    for number, (practice, tell) in enumerate(told):
        stories.append((tell, Story(practice, number, today)))
        tell(stories[-1][1])
    hers = next(story.episode.patient for tell, story in stories if tell is slower)
    hers.account = _account(PATIENT, "")
    hers.save(update_fields=["account"])
    closed = next(story for tell, story in stories if tell is worse)  # to who else works there
    closed.episode.patient.only_for.add(closed.author)
    return gps


def _account(email: str, name: str) -> Account:
    return Account.objects.filter(email=email).first() or Account.objects.create_account(email, name)


class Story:
    """One patient, told in the order of the days; ``ago`` is days before today."""

    def __init__(self, practice: Practice, number: int, today: date) -> None:
        self.practice, self.number, self.today = practice, number, today  # one more story moves no other's chances
        here = practice.members.filter(role=practice.profession).order_by("pk").first()
        self.author = here.account if here else None
        self.pick = Random(f"{SEED}/{number}")
        self.age = self.pick.randint(19, 79)

    def begins(self, ago: int, told: Mapping[str, Any], *unclear: str, by: str = "patient") -> Fact:
        """She comes to the practice, and tells this first."""
        self.age = int(told.get("age_years", self.age))
        patient = record.new_patient(self.practice, self._who(), self.day(ago))
        self.episode = record.open_episode(patient, self.day(ago))
        self.pain = float(told.get("pain_back_nrs") or self.pick.randint(4, 8))
        self.leg = told.get("leg_pain") is True
        self.noes = {id: False for id in NO_ALARM if told.get(id) is False}
        known = {} if unclear else {"age_years": self.age, **self._scores()}
        return self.tells(ago, {**known, **told}, *unclear, by=by)

    def _who(self) -> dict[str, Any]:
        given, family = GIVEN[self.number % 20], FAMILY[(self.number + self.number // 20) % 10]
        mail = f"{given}.{family}.{self.number}@example.org".replace(" ", "").lower().replace("ë", "e")
        return {
            "name": f"{given} {family}",
            "born": self.today.year - self.age,
            "email": "" if self.pick.random() < HAS_NO_MAIL else mail,
            "lang": "en" if self.pick.random() < SPEAKS_ENGLISH else "nl",
        }

    def tells(self, ago: int, told: Mapping[str, Value], *unclear: str, by: str = "patient") -> Fact:
        """Answers of that day; a clinician's are written by a care giver of this practice."""
        return self.happens(Answers(self.day(ago), told, frozenset(unclear), by), "" if by == "clinician" else by)

    def happens(self, event: Event, by: str = "") -> Fact:
        """Any other event; by a care giver of this practice, unless somebody is named."""
        return record.add(self.episode, event, by or self.practice.profession, None if by else self.author)

    def corrects(self, fact: Fact, told: Mapping[str, Value], ago: int) -> None:
        """That day it turns out that she meant something else."""
        event = Answers(fact.on, told, frozenset(), fact.by)
        record.correct(fact, event, self.practice.profession, self.day(ago), self.author)

    def chooses(self, fact: Fact, advice: str, reason: str = "") -> None:
        """The care giver follows this advice, or deviates and says why."""
        decision = Decision.objects.get(fact=fact)
        record.choose(decision, advice, not reason, reason, self.practice.profession, self.author)

    def goes_on(self, a_week: float, *, until: int = 0, silent: float = 0.0) -> None:
        """Every contact before ``until`` days ago is answered, or passes in silence, until the pain is gone.

        ``a_week``: how many points of pain are added in a week.
        """
        before, end = self.episode.opened, self.day(until)
        while (on := self.episode.next_contact) and on < end:
            if self.pick.random() < silent:
                self.happens(Silence(on + timedelta(days=1)), "system")
                continue
            weeks, before = (on - before).days / 7, on
            self.pain = min(10.0, max(0.0, self.pain + a_week * weeks))
            if self.pain < 1 and not self.episode.alarm_open:
                self.happens(Recovery(on), "patient")
                return
            self.happens(Answers(on, self._how_it_goes(a_week)), "patient")

    def _how_it_goes(self, a_week: float) -> dict[str, Value]:
        course = "better" if a_week < 0 else "same" if a_week == 0 else "worse"
        return {**self.noes, "course": course, **self._scores()}

    def _scores(self) -> dict[str, Value]:
        back = round(self.pain)
        scores: dict[str, Value] = {"pain_back_nrs": back, "activity_score": 10 - back}
        return scores | ({"pain_leg_nrs": min(10, back + 1)} if self.leg else {})

    def day(self, ago: int) -> date:
        """The day that is so many days ago."""
        return self.today - timedelta(days=ago)


Tell = Callable[[Story], None]


# -- as it mostly goes -------------------------------------------------------------------------------------------------


def back(one: Story, kind: Mapping[str, Value] = BACK) -> None:
    """Up to half a year of pain; most get better, some do not, and now and then nobody answers."""
    day, first = one.pick.randint(1, 150), one.pick.randint(1, 12)
    one.begins(max(day - first, 0), {**kind, "duration_days": min(day, first)})
    one.goes_on(one.pick.choices((STEADY, STEADY / 3, SLOW), (7, 2, 1))[0], silent=STAYS_SILENT)


def root(one: Story) -> None:
    """The same with a nerve root that hurts."""
    back(one, ROOT)


def due(one: Story) -> None:
    """Today is a day on which the pathway looks again."""
    one.begins(one.pick.choice((14, 28, 42)) - 3, {**BACK, "duration_days": 3})
    one.goes_on(STEADY / 4)


def late(one: Story) -> None:
    """The contact was some days ago, and nobody has spoken."""
    passed = one.pick.randint(1, 3)
    one.begins(one.pick.choice((14, 28)) - 3 + passed, {**BACK, "duration_days": 3})
    one.goes_on(STEADY / 4, until=passed)


def slower(one: Story) -> None:
    """No better at one of the moments of the pathway; today is the next."""
    one.begins(one.pick.choice((28, 42)) - 4, {**BACK, "duration_days": 4, "worry_distress": one.pick.random() < 0.5})
    one.goes_on(SLOW)


def worse(one: Story) -> None:
    """Told three days ago that it gets worse: somebody speaks with her today."""
    one.begins(12, {**BACK, "duration_days": 2, "pain_back_nrs": 5})
    one.tells(3, {**one.noes, "course": "worse", "pain_back_nrs": 8, "activity_score": 2})


def silent(one: Story) -> None:
    """Two messages stayed without an answer: a person must call."""
    one.begins(35, {**BACK, "duration_days": 5})
    one.goes_on(STEADY, silent=1.0)


def recovered(one: Story) -> None:
    """It is over."""
    one.begins(one.pick.randint(50, 120), {**BACK, "duration_days": 4, "pain_back_nrs": 5})
    one.goes_on(STEADY * 1.5)


def relapsed(one: Story) -> None:
    """It was over, and came back."""
    one.begins(90, {**BACK, "duration_days": 4, "pain_back_nrs": 5})
    one.happens(Recovery(one.day(60)), "patient")
    one.happens(Relapse(one.day(4)), "patient")
    one.tells(4, {**BACK, "pain_back_nrs": 6, "activity_score": 4})


# -- hernias -----------------------------------------------------------------------------------------------------------


def hernia(day: int) -> Tell:
    """A nerve root on this day of the pain, told and examined; relief is not enough. No scan before six weeks."""

    def tell(one: Story) -> None:
        first = min(day, 10)
        told = {**ROOT, "duration_days": first, "pain_back_nrs": 7}
        one.begins(day - first, told)
        one.goes_on(SLOW)
        found: dict[str, Value] = {"slr_positive": True, "foot_drop": False, "relief_sufficient": False}
        fact = one.tells(0, found, by="clinician")
        advice = "weigh_surgery" if day >= 45 else "no_scan_root_yet"
        one.chooses(fact, advice, REASONS.get(day, ""))

    return tell


REASONS = {
    10: "Patiënt is erg ongerust over het werk en wil nu een scan; besproken, toch aangevraagd.",
    60: "Patiënt ziet op tegen een operatie en wacht nog vier weken af.",
}


# -- alarms ------------------------------------------------------------------------------------------------------------


def cauda_equina(one: Story) -> None:
    """A numb saddle and no urine, today."""
    told = {**ROOT, "duration_days": 3, "saddle_numbness": True, "urinary_retention": True}
    one.begins(0, told)


def fracture(one: Story) -> None:
    """A fall with brittle bones, told yesterday; nobody has seen her."""
    told = {**BACK, "age_years": 76, "duration_days": 2, "minor_trauma_older": True, "osteoporosis_known": True}
    one.begins(1, told)


def fever(one: Story) -> None:
    """Fever with back pain: rang up two days ago, not seen."""
    one.begins(2, {**BACK, "duration_days": 4, "fever_reported": True, "immunosuppressed": True})
    one.happens(Contact(one.day(2)))


def cancer(one: Story) -> None:
    """Cancer in the past, and pain at night."""
    told = {**BACK, "age_years": 64, "duration_days": 20, "cancer_history": True, "night_pain": True}
    one.begins(3, told)


def seen_for_it(one: Story) -> None:
    """An alarm that somebody has looked at: asked what came of it."""
    one.begins(
        5, {**BACK, "age_years": 71, "duration_days": 6, "cancer_history": True, "weight_loss_unexplained": True}
    )
    one.happens(Contact(one.day(4), seen=True))


def direct_access(one: Story) -> None:
    """Came to the physiotherapist without a letter, with an alarm: sent to the GP, who has not said yes."""
    one.begins(1, {**BACK, "duration_days": 9, "weight_loss_unexplained": True, "cancer_history": True})
    one.happens(HandOver(one.day(1), "gp"))


# -- handed over -------------------------------------------------------------------------------------------------------


def handed_over(one: Story) -> None:
    """Offered to somebody else, who has not said yes."""
    one.begins(50, {**ROOT, "duration_days": 5, "pain_back_nrs": 7})
    one.goes_on(SLOW, until=6)
    one.happens(HandOver(one.day(one.pick.randint(1, 6)), "neurologist"))


def closed(one: Story) -> None:
    """Offered, and the other side has her."""
    handed_over(one)
    one.happens(HandOverConfirmed(one.day(0)))


# -- who must not be forgotten -----------------------------------------------------------------------------------------


def bechterew(one: Story) -> None:
    """Known with Bechterew: less pain after moving, stiff in the morning."""
    stiff: Mapping[str, Value] = {
        "ibp_improves_exercise": True,
        "ibp_no_improve_rest": True,
        "morning_stiffness_min": 60,
    }
    one.begins(30, {**BACK, "age_years": 34, "duration_days": 300, "bechterew_known": True, **stiff})
    one.goes_on(SLOW)


def stenosis(one: Story) -> None:
    """Legs that hurt from walking, for long."""
    one.begins(10, {**ROOT, "age_years": 74, "duration_days": 200, "walk_claudication": True})


def pregnant(one: Story) -> None:
    """Pregnant."""
    one.begins(4, {**BACK, "age_years": 31, "sex_at_birth": "female", "pregnant": True, "duration_days": 10})


def child(one: Story) -> None:
    """Thirteen years old; a parent answers."""
    one.begins(2, {**BACK, "age_years": 13, "duration_days": 8}, by="proxy")


def knows_nothing(one: Story) -> None:
    """Answered "I do not know" to everything."""
    one.begins(1, {"low_back_pain": True, "age_years": 58}, "leg_pain", "duration_days", *ALARMING)


def sick_listed(one: Story) -> None:
    """At home from work, where the loads are heavy."""
    told = {
        "sick_listed_days": one.pick.randint(2, 20),
        "work_physical_load": True,
        "age_years": one.pick.randint(25, 60),
    }
    one.begins(20, {**BACK, "duration_days": 21, **told})
    one.goes_on(STEADY / 4)


def corrected(one: Story) -> None:
    """Ticked a numb saddle by mistake; the GP asked, and put it right."""
    fact = one.begins(9, {**BACK, "duration_days": 3, "saddle_numbness": True})
    one.corrects(fact, {**BACK, "duration_days": 3, "age_years": one.age}, 8)


def other_edition(one: Story) -> None:
    """Decided by another edition of the pathway from some day on."""
    one.begins(12, {**BACK, "duration_days": 5})
    one.happens(EditionChanged(one.day(6), "nice"))


def advised(one: Story) -> None:
    """An ordinary back: the care giver says what was done with the advice."""
    fact = one.begins(8, {**BACK, "duration_days": 2})
    one.chooses(fact, "stay_active")
    if one.pick.random() < 0.5:
        one.chooses(fact, "no_scan_back", "Foto gemaakt op uitdrukkelijk verzoek, na uitleg.")


def erased(one: Story) -> None:
    """Asked to be forgotten."""
    recovered(one)
    record.erase(one.episode.patient)


HERNIAS = {hernia(day): 1 for day in (1, 10, 30, 45, 60, 180)}
AT_THE_GP: Mapping[Tell, int] = HERNIAS | {
    cauda_equina: 1, fracture: 2, fever: 2, cancer: 2, seen_for_it: 3, handed_over: 6, closed: 5, slower: 8, worse: 4,
    late: 8, due: 7, silent: 4, recovered: 9, relapsed: 5, bechterew: 1, stenosis: 2, pregnant: 1, child: 1,
    knows_nothing: 1, sick_listed: 5, corrected: 3, other_edition: 3, advised: 8, erased: 1, back: 40, root: 12,
}  # fmt: skip
AT_THE_PHYSIOTHERAPIST: Mapping[Tell, int] = {
    direct_access: 2, slower: 4, worse: 2, late: 3, due: 4, recovered: 4, advised: 3, back: 22, root: 6,
}  # fmt: skip
