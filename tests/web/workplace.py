"""A practice with who works there and its patients, for tests that visit its pages without a browser."""

import re
from datetime import timedelta
from html import unescape

from ruggespraak.course import Answers, Silence
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.findings import CLINICIAN
from ruggespraak.pathway.rules import Tier

NAME = "Wilhelmina Onmiskenbaar"
WHO = {"name": NAME, "born": 1980, "email": "wil@example.org", "lang": "nl"}
SENT_WHO = {"name": NAME, "born": "1980", "email": "", "lang": "nl"}
SURE = {
    finding.id: False
    for alarm in edition("current").alarms
    if alarm.tier is Tier.HARD
    for finding in alarm.when.findings()
    if finding.kind == "boolean" and finding.who != CLINICIAN
}
BACK = {**SURE, "age_years": 46, "low_back_pain": True, "leg_pain": False, "duration_days": 5, "pain_back_nrs": 6}
ROOT = {
    **SURE, "age_years": 46, "low_back_pain": True, "leg_pain": True, "leg_pain_side": "left",
    "leg_pain_below_knee": True, "leg_worse_than_back": True, "cough_sneeze_strain": True, "duration_days": 1,
    "pain_leg_nrs": 7, "pain_back_nrs": 4,
}  # fmt: skip
CAUDA = {**ROOT, "saddle_numbness": True, "urinary_retention": True}
CANCER = {**BACK, "cancer_history": True, "weight_loss_unexplained": True}


def a_day(days=0):
    """Today, or so many days later."""
    from django.utils import timezone

    return timezone.localdate() + timedelta(days=days)


class Office:
    """One practice and who works there, as a visitor of its pages."""

    def __init__(self, profession="gp", lang="nl", role=None, practice=None, clock=a_day):
        from ruggespraak.clinic.models import Practice
        from signing import care_giver, signed_in
        from visitor import Visitor

        self.clock = clock
        self.practice = practice or Practice.objects.create(name="Praktijk De Proef", profession=profession)
        self.account = care_giver(self.practice, role or profession)
        self.visitor = Visitor(lang)
        signed_in(self.visitor.client, self.account)
        self.worklist()

    def worklist(self):
        return self.visitor.get(f"practice/{self.practice.id}/")

    def patient(self, *told, by="patient", on=0):
        """A patient who told this, that many days from now."""
        from ruggespraak.clinic import record

        day = self.clock() + timedelta(days=on)
        episode = record.open_episode(record.new_patient(self.practice, WHO, day), day)
        for one in told:
            event = Answers(day, one, frozenset(), by) if isinstance(one, dict) else one
            record.add(episode, event, "system" if isinstance(event, Silence) else by)
        return episode

    def open(self, episode, page=""):
        return self.visitor.get(f"practice/episode/{episode.id}/{page}")

    def does(self, episode, what, **fields):
        """Presses a button of the patient's page as it is now."""
        self.open(episode)
        return self.visitor.post(f"practice/episode/{episode.id}/", {**self.so_far, "do": what, **fields})

    def examines(self, episode, page="examination/", **found):
        self.open(episode, page)
        return self.visitor.post(f"practice/episode/{episode.id}/{page}", {**self.so_far, **found})

    @property
    def so_far(self):
        return {"so_far": self.visitor.fields["so_far"][0][1]}

    def rows(self):
        """The lines of the worklist, as text."""
        self.worklist()
        body = self.visitor.page.partition("<tbody>")[2].partition("</tbody>")[0]
        return [words(row) for row in re.findall(r"<tr>.*?</tr>", body, re.S)]


def words(page):
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def facts(episode):
    return [fact.name for fact in episode.facts.order_by("number")]
