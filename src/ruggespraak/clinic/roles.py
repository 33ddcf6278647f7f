"""Who may do what: one table, from which the pages, the tests and the documentation are made (own choice).

A role is held in one practice and gives nothing in another. A care giver acts on every record of the practice, unless
a record is open to some of them only (``Patient.only_for``). Who manages the practice, or guards its privacy, sees no
record.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """In which role somebody works for a practice."""

    GP = "gp"
    PHYSIOTHERAPIST = "physiotherapist"
    NURSE = "nurse"
    MANAGER = "manager"
    PRIVACY_OFFICER = "privacy_officer"


class Act(StrEnum):
    """What can be done in a practice."""

    WORK = "work"  # the worklist, and taking in a patient
    READ = "read"  # a record
    WRITE = "write"  # contacts, examinations, advice followed or not
    DECIDE = "decide"  # letters, weighing an operation, correcting, a newer edition, who may open the record
    MEMBERS = "members"  # who works here, in which role
    CARDS = "cards"  # what was done with the cards of advice in the practice's own system
    AUDIT = "audit"  # how far the practice's care followed the pathway, in numbers
    LOG = "log"  # who looked, and signing off what was opened in an emergency


CARE_GIVERS = frozenset({Role.GP, Role.PHYSIOTHERAPIST, Role.NURSE})
MAY: Mapping[Act, frozenset[Role]] = {
    Act.WORK: CARE_GIVERS,
    Act.READ: CARE_GIVERS,
    Act.WRITE: CARE_GIVERS,
    Act.DECIDE: frozenset({Role.GP, Role.PHYSIOTHERAPIST}),
    Act.MEMBERS: frozenset({Role.MANAGER}),
    Act.CARDS: CARE_GIVERS | {Role.MANAGER},
    Act.AUDIT: CARE_GIVERS | {Role.MANAGER},
    Act.LOG: frozenset({Role.PRIVACY_OFFICER}),
}
