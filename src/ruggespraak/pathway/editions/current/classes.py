"""Kind of complaint, in the order of PATHWAY §5: the first that holds.

"Outside" counts only where no alarm is established, so it stands below the alarms here.
"""

from ruggespraak.logic import answered
from ruggespraak.pathway.concepts.pain import radicular, radicular_probable
from ruggespraak.pathway.editions.classes import is_a
from ruggespraak.pathway.editions.current.alarms import nerve_alarm, no_pain_here, specific_alarm, young
from ruggespraak.pathway.findings import bechterew_known, leg_pain, low_back_pain, pregnant
from ruggespraak.pathway.rules import Class, Complaint, Status

D = Status.OWN_CHOICE
CLASSES = (
    Class(complaint=Complaint.SPECIFIC, when=specific_alarm, probable=bechterew_known, because=("S3", "KNGF-RF")),
    Class(
        complaint=Complaint.RADICULAR,
        when=nerve_alarm & leg_pain,
        probable=radicular_probable,
        because=("S7", "NHG55s"),
    ),
    Class(
        complaint=Complaint.UNDETERMINED,
        when=nerve_alarm.unless(leg_pain.named(leg_pain.id)),
        because=(),
        status=D,
    ),
    Class(complaint=Complaint.OUTSIDE, when=young | pregnant | no_pain_here, because=(), status=D),
    Class(
        complaint=Complaint.RADICULAR,
        when=radicular,
        probable=radicular_probable,
        because=("S7", "NHG55s", "STY18", "KNGF-BELOOP"),
        status=D,
    ),
    # Probable only when every hard alarm that a person can answer is absent: see consult.
    Class(
        complaint=Complaint.NONSPECIFIC,
        when=low_back_pain & answered(leg_pain),
        because=("S1", "NHG54"),
    ),
)

is_specific = is_a(Complaint.SPECIFIC, CLASSES)
is_radicular = is_a(Complaint.RADICULAR, CLASSES)
is_nonspecific = is_a(Complaint.NONSPECIFIC, CLASSES)
is_outside = is_a(Complaint.OUTSIDE, CLASSES)
back_or_root = is_nonspecific | is_radicular
