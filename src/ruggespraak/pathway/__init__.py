"""The knowledge: what is asked, the rules and their numbers, the words, the sources. Imports only the logic.

An *edition* is one version of the pathway: ``edition("current")``. What it is made of are the kinds of rule below, over
the findings of ``VOCABULARY``; ``current.revise(...)`` makes another one. Conditions that rules share are in
``concepts``, what a person reads in ``texts``, what others call the same in ``codes``, and whose word it is in
``sources``.
"""

from ruggespraak.pathway.editions import DEFAULT, EDITIONS, UnknownEditionError, edition
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import (
    Act,
    Alarm,
    Class,
    Complaint,
    Conflict,
    Derivation,
    Edition,
    Imaging,
    Parameter,
    Recommendation,
    Referral,
    Review,
    Status,
    Tier,
    Urgency,
    Use,
)

__all__ = [
    "DEFAULT",
    "EDITIONS",
    "VOCABULARY",
    "Act",
    "Alarm",
    "Class",
    "Complaint",
    "Conflict",
    "Derivation",
    "Edition",
    "Imaging",
    "Parameter",
    "Recommendation",
    "Referral",
    "Review",
    "Status",
    "Tier",
    "UnknownEditionError",
    "Urgency",
    "Use",
    "edition",
]
