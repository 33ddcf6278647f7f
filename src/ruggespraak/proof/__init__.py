"""What must hold for every patient, over all answers, known and unknown. Needs the extra ``[proof]`` (Z3).

``prove`` tries every property of DESIGN §6 on an edition: proven, or a patient of whom it does not hold. ``diff`` finds
who gets other care under another edition. ``mutants`` makes every small mistake that somebody could make in one, and
``differing`` shows which of these change nothing. What is read is the very code that decides (``proof.run``), so that
no rule is written twice. What the solver does not find in its time is "unknown", or ``GaveUpError``, and never absent.
"""

from ruggespraak.proof.diff import Compared, Difference, diff
from ruggespraak.proof.equivalence import differing
from ruggespraak.proof.mutants import Mutant, mutants
from ruggespraak.proof.prove import Verdict, alarms_of_the_pathway, prove
from ruggespraak.proof.search import COUNTEREXAMPLE, PROVEN, UNKNOWN, GaveUpError

__all__ = [
    "COUNTEREXAMPLE",
    "PROVEN",
    "UNKNOWN",
    "Compared",
    "Difference",
    "GaveUpError",
    "Mutant",
    "Verdict",
    "alarms_of_the_pathway",
    "diff",
    "differing",
    "mutants",
    "prove",
]
