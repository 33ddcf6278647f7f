"""Letters to who takes over a part of the care, and the work plan for who is on sick leave.

A letter holds what its addressee needs and nothing more: ``TOLD`` says which findings each one gets. What was told
stays four apart (present, denied, unclear, not asked), and a hand-over ends nothing until the other side confirms. The
work plan goes to an employer, so it knows no complaint, no finding and no medicine: it is made of dates alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ruggespraak.consult import Case, Decision, Refer
from ruggespraak.documents.content import Block, Card, Document, Paragraph, Part, Points, Section, Table
from ruggespraak.documents.result import MOST_LISTED, sentence
from ruggespraak.documents.sources import Sources
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.numbers import SEEN_ROUTINE, SEEN_WITHIN_DAYS
from ruggespraak.pathway.rules import Alarm, Urgency
from ruggespraak.pathway.texts import long_date, term, text, told, word

# Groups of findings. Together they hold the whole vocabulary, each finding once.
PERSON = ("age_years", "sex_at_birth", "pregnant", "pregnant_possible")
COURSE = (
    "onset_date", "duration_days", "age_at_first_onset", "first_episode", "prev_episodes_n", "onset_mode",
    "onset_trigger", "course", "improving", "relief_sufficient", "low_back_pain", "pain_location", "pain_mechanical",
    "pain_back_nrs", "pain_leg_nrs", "activity_score",
)  # fmt: skip
LEG = (
    "leg_pain", "leg_pain_side", "leg_pain_below_knee", "leg_worse_than_back", "leg_pain_quality",
    "leg_pain_dermatomal", "dermatome", "pain_worse_sitting", "cough_sneeze_strain", "paraesthesia", "numb_leg",
    "weak_leg_reported", "weakness_progressive", "foot_drop", "heel_walk_fails", "toe_walk_fails",
    "bilateral_radicular", "bilateral_since_days", "walk_claudication", "walk_leg_pain_quick_relief_standing",
)  # fmt: skip
CAUDA = (
    "saddle_numbness", "urinary_retention", "urinary_incontinence_new", "faecal_incontinence_new",
    "sexual_dysfunction_new", "saddle_numbness_before_episode", "urinary_retention_before_episode",
    "urinary_incontinence_new_before_episode", "faecal_incontinence_new_before_episode",
    "sexual_dysfunction_new_before_episode", "anal_tone_reduced", "perianal_sensation_reduced", "post_void_residual_ml",
)  # fmt: skip
NERVE = (
    "slr_positive", "slr_degrees", "crossed_slr", "femoral_stretch", "ffd_cm", "mrc_hip_flexion", "mrc_knee_extension",
    "mrc_ankle_dorsiflexion", "mrc_big_toe_extension", "mrc_plantar_flexion", "sensory_loss", "reflex_reduced",
    "reflex_brisk",
)  # fmt: skip
CORD = ("babinski_or_clonus", "gait_unsteady", "lhermitte", "band_like_pain")
BONE = (
    "significant_trauma", "minor_trauma_older", "trauma_days_ago", "contusion_abrasion", "osteoporosis_known",
    "steroids_long", "height_loss", "kyphosis_new", "low_body_weight", "percussion_pain", "step_off_L4L5",
)  # fmt: skip
CANCER = (
    "cancer_history", "cancer_pain_unchanged", "weight_loss_unexplained", "malaise", "night_pain",
    "constant_nonmechanical_pain",
)  # fmt: skip
INFECTION = (
    "fever_reported", "fever_c", "chills", "recent_infection_or_bacteraemia", "immunosuppressed", "diabetes",
    "tb_or_brucella_exposure", "recent_spinal_or_urological_procedure", "wound_problem",
)  # fmt: skip
DRUGS = ("ivdu",)
LABORATORY = ("crp_mg_l", "esr_mm_h")
ORGANS = (
    "pulsating_abdomen", "collapse_or_shock", "known_aaa", "smoking", "urinary_or_flank", "gynaecological_or_bowel",
    "zoster_rash",
)  # fmt: skip
RHEUMATISM = (
    "ibp_improves_exercise", "ibp_no_improve_rest", "ibp_night_improves_up", "night_pain_relief_on_rising",
    "morning_stiffness_min", "alternating_buttock_pain", "good_nsaid_response", "family_spa", "uveitis", "psoriasis",
    "ibd", "arthritis_enthesitis_dactylitis", "bechterew_known", "hla_b27",
)  # fmt: skip
MIND = (
    "low_mood", "worry_distress", "passive_coping", "expect_recovery", "fear_movement", "general_health_poor",
    "start_back_total", "start_back_psych",
)  # fmt: skip
WORK = (
    "works", "sick_leave_start", "sick_listed_days", "work_hours_lost", "work_physical_load", "sitting_hours_day",
    "work_relations_poor", "job_satisfaction_low",
)  # fmt: skip
MEDICINES = (
    "anticoagulant", "opioid_current", "opioid_days", "pain_uncontrolled_despite_opioid", "nsaid_contraindication",
)  # fmt: skip
TRIED = ("treatments_failed",)
PROCEDURES = ("previous_spine_surgery", "spinal_procedure_days_ago", "prior_imaging", "wants_surgery_weighed")
SEVERITY = ("pain_unbearable", "sudden_severe_tearing", "clinician_concern")

GROUPS = (
    PERSON, COURSE, LEG, CAUDA, NERVE, CORD, BONE, CANCER, INFECTION, DRUGS, LABORATORY, ORGANS, RHEUMATISM, MIND, WORK,
    MEDICINES, TRIED, PROCEDURES, SEVERITY,
)  # fmt: skip

# Which findings each addressee gets. The GP keeps the overview of all of it.
TOLD = {
    "gp": GROUPS,
    "neurologist": (
        PERSON, COURSE, LEG, CAUDA, NERVE, CORD, BONE, CANCER, INFECTION, DRUGS, LABORATORY, MEDICINES, TRIED,
        PROCEDURES, SEVERITY,
    ),
    "rheumatologist": (PERSON, COURSE, RHEUMATISM, LABORATORY, MEDICINES, TRIED),
    "orthopaedist": (PERSON, COURSE, LEG, NERVE, BONE, MEDICINES, TRIED, PROCEDURES),
    "pain_team": (PERSON, COURSE, LEG, NERVE, MIND, WORK, MEDICINES, TRIED, PROCEDURES),
    "back_advice_centre": (COURSE, MIND, WORK, TRIED),
    "psychologist": (COURSE, MIND, WORK, TRIED),
    "physiotherapist": (COURSE, LEG, NERVE, BONE, MIND, WORK, TRIED, PROCEDURES),
}  # fmt: skip
ADDRESSEES = tuple(TOLD)

# Named when they were not asked, whatever else is open: without these a letter to this addressee is not complete.
WANTED = {
    "gp": (*CAUDA[:4], "weak_leg_reported", "weakness_progressive"),
    "neurologist": (*CAUDA[:4], "weak_leg_reported", "weakness_progressive"),
    "rheumatologist": ("morning_stiffness_min", "ibp_night_improves_up", "uveitis", "psoriasis", "ibd", "family_spa"),
    "orthopaedist": ("weak_leg_reported", "significant_trauma", "osteoporosis_known"),
    "pain_team": ("low_mood", "worry_distress", "works"),
    "back_advice_centre": ("works", "work_physical_load", "fear_movement", "expect_recovery"),
    "psychologist": ("low_mood", "worry_distress", "passive_coping", "fear_movement", "expect_recovery"),
    "physiotherapist": ("weak_leg_reported", "weakness_progressive", "osteoporosis_known", "fear_movement"),
}
# An urgency that no referral of the decision names is theirs: an alarm goes on by the GP, or with the neurologist.
TAKE_ALARMS = ("gp", "neurologist")
SAID_APART = {"age_years", *COURSE, *MEDICINES, *TRIED, *PROCEDURES}  # under a heading of their own
ALWAYS_SAID = ("anticoagulant", "opioid_current")

STEPS = (0, 7, 14, 28)  # days from the start of the work plan to each of its steps (own choice)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom it is about. ``born``: the year."""

    name: str
    born: int


def letter(to: str, case: Case, decision: Decision, about: Person, sender: str, lang: str) -> Document:
    """The letter to one of ``ADDRESSEES``. ``decision``: made of this case, in this language.

    Raises ValueError for somebody whom nobody writes to.
    """
    if to not in TOLD:
        raise ValueError(f"no letter to {to!r}: choose from {', '.join(ADDRESSEES)}")
    return _Letter(to, case, decision, about, sender, lang).document()


class _Letter:
    """One letter; ``may`` holds the findings that its addressee gets."""

    def __init__(self, to: str, case: Case, decision: Decision, about: Person, sender: str, lang: str) -> None:
        self.to, self.case, self.decision, self.lang = to, case, decision, lang
        self.about, self.sender = about, sender
        self.may = [id for group in TOLD[to] for id in group]
        self.sources = Sources(lang)
        # The GP passes on whatever the pathway asks of anybody; another one reads only what is asked of them.
        self.refers: list[Refer] = [one for one in decision.refer if to in ("gp", one.to)]
        self.urgency = self._urgency()
        here = edition(decision.edition.partition("@")[0])
        alarms = [rule for id in decision.established if isinstance(rule := here.rule(id), Alarm)]
        known = case.answers.keys() | case.unclear
        # An alarm is named only to who gets every answer that it rests on: its name tells of them.
        self.alarms = [
            alarm for alarm in alarms if {finding.id for finding in alarm.when.findings()} & known <= set(self.may)
        ]

    def document(self) -> Document:
        made = (
            ("head", self.head()),
            ("question", self.question()),
            ("told", self.told()),
            ("examination", self.examination()),
            ("course", [*self.listed("course", COURSE), *self.tried(), *self.medicines()]),
            ("conclusion", self.conclusion()),
            ("agreed", self.agreed()),
            ("confirm", [Paragraph(self.says("confirm", "says"), strong=True)]),
        )
        return Document(
            lang=self.lang,
            title=text("letters", f"letter_to_{self.to}", "title", self.lang),
            card=self.card(),
            sections=tuple(Section(id, self.says(id, "title"), tuple(blocks)) for id, blocks in made if blocks),
            sources=self.sources.listed(),
            notes=self.sources.notes(),
            closing=(
                self.says("closing", "sent", sender=self.sender),
                self.says("closing", "minimal"),
                f"{word('word.not_device', self.lang)}. {word('word.awaiting_review', self.lang)}.",
            ),
        )

    def says(self, entry: str, part: str, **values: object) -> str:
        found = text("letters", f"letter_{entry}", part, self.lang)
        return found.format(**values) if values else found

    # How soon

    def _urgency(self) -> Urgency:
        if self.refers and self.to != "gp":
            return self.refers[0].when
        return max(self.decision.urgency, Urgency.ROUTINE) if self.to in TAKE_ALARMS else Urgency.ROUTINE

    def _by(self) -> date:
        """The last day of this urgency; nothing that is for today can be for tomorrow."""
        if self.urgency >= Urgency.SAME_DAY:
            return self.decision.on
        hours = float(SEEN_WITHIN_DAYS if self.urgency is Urgency.WITHIN_DAYS else SEEN_ROUTINE)
        asked = next((one.within_hours for one in self.refers if one.when is self.urgency), hours)
        return self.decision.on + timedelta(hours=asked)

    def card(self) -> Card | None:
        """An urgent letter says so first; another one says first when something more urgent goes before it."""
        level, others = self.urgency, self.decision.urgency
        if others > level and others >= Urgency.WITHIN_DAYS:
            says = self.says("urgent", "says", urgency=word(f"urgency.{others}.name", self.lang))
            return Card(str(others), self.says("urgent", "first"), (Paragraph(says, strong=True),))
        if level < Urgency.WITHIN_DAYS:
            return None
        by = self.says("urgent", "by", date=long_date(self._by(), self.lang))
        name = sentence(word(f"urgency.{level}.name", self.lang))
        return Card(str(level), name, (Paragraph(by, strong=True), Paragraph(self.says("urgent", "phone"))))

    # What it says

    def head(self) -> list[Block]:
        on = long_date(self.decision.on, self.lang)
        by = self.says("head", f"by_{self.case.answered_by}")
        return [
            Paragraph(self.says("head", "patient", name=self.about.name, born=self.about.born), strong=True),
            Paragraph(f"{self.says('head', 'sender', sender=self.sender, date=on)}. {by}."),
        ]

    def question(self) -> list[Block]:
        suspected = [text("suspects", id, "term", self.lang) for id in self._suspected()]
        reason, why = ("; ".join(suspected), "suspicion") if suspected else (self._complaint(), "reason")
        asks = text("letters", f"letter_to_{self.to}", "question", self.lang)
        if suspected and self.to != "gp":
            asks = self.says("question", "suspected", what=f" {self.says('question', 'or')} ".join(suspected))
        return [
            Paragraph(self.says("question", why, what=reason)),
            Paragraph(asks, strong=True),
            Paragraph(self._how_soon()),
            *(self._pathway(one) for one in self.refers),
        ]

    def _how_soon(self) -> str:
        if not self.refers and self.to not in TAKE_ALARMS:
            return self.says("question", "routine")  # the pathway sets no date for this addressee
        name = word(f"urgency.{self.urgency}.name", self.lang)
        return self.says("question", "urgency", urgency=name, date=long_date(self._by(), self.lang))

    def _pathway(self, one: Refer) -> Paragraph:
        to = word(f"addressee.{one.to}", self.lang)
        return Paragraph(
            self.says("question", "pathway", to=to, what=one.clinician_does), self.sources.mark(one.because, one.status)
        )

    def _suspected(self) -> list[str]:
        return list(dict.fromkeys(alarm.suspects for alarm in self.alarms if alarm.suspects))

    def _complaint(self) -> str:
        return word(f"complaint.{self.decision.complaint}.term", self.lang)

    def told(self) -> list[Block]:
        """Present, denied, unclear and not asked: four apart, so that no silence reads as a no."""
        ids = [id for id in self.may if VOCABULARY[id].who != CLINICIAN and id not in SAID_APART]
        answers = self.case.answers
        open = [id for id in (*WANTED[self.to], *self.decision.ask) if id in ids]
        listed = {
            "present": [self._answer(id) for id in ids if id in answers and answers[id] is not False],
            "denied": [term(id, self.lang) for id in ids if answers.get(id) is False],
            "unclear": [term(id, self.lang) for id in ids if id in self.case.unclear],
            "not_asked": self._first([id for id in dict.fromkeys(open) if not self._known(id)]),
        }
        return [Part(self.says("told", name), (self._line(found, "told"),), name) for name, found in listed.items()]

    def _known(self, id: str) -> bool:
        return id in self.case.answers or id in self.case.unclear

    def _answer(self, id: str) -> str:
        return told(VOCABULARY[id], self.case.answers[id], self.lang, "clinician")

    def _first(self, ids: Sequence[str]) -> list[str]:
        named = [term(id, self.lang) for id in ids[:MOST_LISTED]]
        more = len(ids) - MOST_LISTED
        return [*named, word("result.and_more", self.lang).format(n=more)] if more > 0 else named

    def _line(self, found: Iterable[str], entry: str) -> Paragraph:
        line = "; ".join(found)
        return Paragraph(f"{sentence(line)}." if line else self.says(entry, "nothing"))

    def examination(self) -> list[Block]:
        """What only a clinician can find. Left out where the addressee gets none of it: that is not "not examined"."""
        ids = [id for id in self.may if VOCABULARY[id].who == CLINICIAN]
        if not ids:
            return []
        found = [self._answer(id) for id in ids if id in self.case.answers]
        unclear = [term(id, self.lang) for id in ids if id in self.case.unclear]
        blocks: list[Block] = [Points(tuple(sentence(one) for one in found))] if found else []
        if unclear:
            blocks.append(Paragraph(self.says("examination", "unclear", what="; ".join(unclear))))
        if not blocks:
            return [Paragraph(self.says("examination", "nothing"))]
        if rest := [id for id in self.decision.examine if id in ids and not self._known(id)]:
            blocks.append(Paragraph(self.says("examination", "rest", what="; ".join(self._first(rest)))))
        return blocks

    def listed(self, entry: str, group: Iterable[str]) -> list[Block]:
        """Every answer of this group, also where it is no."""
        ids = [id for id in group if id in self.may]
        found = [self._answer(id) for id in ids if id in self.case.answers]
        return [self._line(found, entry)] if ids else []

    def tried(self) -> list[Block]:
        found = self.listed("tried", (*TRIED, *PROCEDURES))
        return [Part(self.says("tried", "title"), tuple(found), "tried")] if found else []

    def medicines(self) -> list[Block]:
        lines = []
        for id in MEDICINES:
            if id in self.may and (self._known(id) or id in ALWAYS_SAID):
                value = self.case.answers.get(id)
                state = {True: "yes", False: "no"}.get(value) if isinstance(value, bool) else None
                if value is not None and state is None:
                    lines.append(sentence(self._answer(id)))
                else:
                    state = state or ("unclear" if id in self.case.unclear else "not_asked")
                    lines.append(sentence(self.says("medicines", state, what=term(id, self.lang))))
        return [Part(self.says("medicines", "title"), (Points(tuple(lines)),), "medicines")] if lines else []

    def conclusion(self) -> list[Block]:
        decision = self.decision
        sure = f" ({word(f'certainty.{decision.certainty}', self.lang)})" if decision.certainty else ""
        course = [
            word(f"{name}.{value}", self.lang)
            for name, value in (("phase", decision.phase), ("pattern", decision.pattern))
            if value
        ]
        found: list[Block] = [
            Paragraph(f"{sentence(self._complaint())}{sure}{''.join(f', {one}' for one in course)}.", strong=True)
        ]
        if decision.also:
            also = word(f"complaint.{decision.also}.term", self.lang)
            found.append(Paragraph(self.says("conclusion", "also", what=also)))
        if self.alarms:
            names = "; ".join(text("alarms", alarm.id, "name", self.lang) for alarm in self.alarms)
            found.append(Paragraph(self.says("conclusion", "alarms", what=names)))
        elif not decision.established:
            found.append(Paragraph(self.says("conclusion", "no_alarm")))
        if self.to in TAKE_ALARMS and decision.not_excluded > decision.urgency:
            name = word(f"urgency.{decision.not_excluded}.name", self.lang)
            found.append(Paragraph(f"{word('result.not_excluded', self.lang).format(what=name)}."))
        return found

    def agreed(self) -> list[Block]:
        found: list[Block] = []
        if self.refers:
            found.append(Paragraph(self.says("agreed", "told", what=self.refers[0].patient_does)))
        found.append(Paragraph(self.says("agreed", "net")))
        when = "arrival" if self.urgency >= Urgency.WITHIN_DAYS else "again"
        found.append(Paragraph(self.says("agreed", when, date=long_date(self.decision.review.on, self.lang))))
        return found


# The work plan


def work_plan(case: Case, decision: Decision, about: Person, lang: str) -> Document:
    """What somebody on sick leave can agree on at work. Of the case and the decision it uses dates and urgency alone.

    It names no sources either: their titles say what the complaint is. Raises ValueError where there is no work.
    """
    if case.answers.get("works") is False:
        raise ValueError("no work plan without work")
    urgent = decision.urgency >= Urgency.WITHIN_DAYS
    begin = decision.review.on + timedelta(days=1) if urgent else decision.on
    sections = (
        Section("for_whom", _work("plan", "for_whom", lang), tuple(_begin(urgent, begin, lang))),
        Section("now", _work("now", "title", lang), _now(lang)),
        Section("steps", _work("steps", "title", lang), _steps(begin, lang)),
        Section("talk", _work("talk", "title", lang), _talk(lang)),
        Section("to_take_along", _work("talk", "own", lang), (_points("talk", ("own_1", "own_2", "own_3"), lang),)),
    )
    return Document(
        lang=lang,
        title=_work("plan", "title", lang).format(name=about.name),
        sections=sections,
        closing=(_work("closing", "made", lang).format(date=long_date(decision.on, lang)),),
        named=False,
    )


def _work(entry: str, part: str, lang: str) -> str:
    return text("letters", f"work_{entry}", part, lang)


def _points(entry: str, parts: Iterable[str], lang: str) -> Points:
    return Points(tuple(sentence(_work(entry, part, lang)) for part in parts))


def _begin(urgent: bool, begin: date, lang: str) -> list[Block]:
    says = _work("plan", "not_yet" if urgent else "begin", lang).format(date=long_date(begin, lang))
    return [Paragraph(_work("plan", "why", lang)), Paragraph(says, strong=True)]


def _now(lang: str) -> tuple[Block, ...]:
    return (
        Part(_work("now", "can", lang), (_points("now", ("light", "change", "breaks", "home"), lang),), "can"),
        Part(_work("now", "not_yet", lang), (_points("now", ("heavy", "long", "hurry"), lang),), "not_yet"),
    )


def _steps(begin: date, lang: str) -> tuple[Block, ...]:
    days = [begin + timedelta(days=after) for after in STEPS]
    rows = tuple(
        (long_date(day, lang), _work("steps", f"hours_{n}", lang), _work("steps", f"tasks_{n}", lang))
        for n, day in enumerate(days, 1)
    )
    head = (_work("steps", "from", lang), _work("steps", "hours", lang), _work("steps", "tasks", lang))
    look = _work("steps", "look", lang).format(date=long_date(days[2], lang))
    return (
        Table(_work("steps", "caption", lang), head, rows),
        Paragraph(_work("steps", "pace", lang)),
        Paragraph(look, strong=True),
    )


def _talk(lang: str) -> tuple[Block, ...]:
    return (Paragraph(_work("talk", "physician", lang), strong=True), Paragraph(_work("talk", "secret", lang)))
