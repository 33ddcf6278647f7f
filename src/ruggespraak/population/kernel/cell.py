"""Where what stands in a cell of the table of care, and where a clinical state stands in the table.

A cell is one whole number: urgency that is established (3 bits), how useful a picture is (2), what the pathway makes
people do (a bit each), and from REVIEW on the day of the next look, counted from the onset of the pain where FROM_ONSET
is set and from now where it is not.
"""

IMAGING = 3
PHYSIOTHERAPY, PSYCHOLOGY, PAIN_TEAM, WEIGH_SURGERY, OCCUPATIONAL = 5, 6, 7, 8, 9
NEUROLOGIST, ORTHOPAEDIST, RHEUMATOLOGIST, HOSPITAL = 10, 11, 12, 13
BY_GP, NOT_USEFUL, FROM_ONSET = 14, 15, 16
REVIEW = 17

# How the complaint shows itself: in the order of ``population.care.PRESENTATIONS``.
BACK, ROOT, ROOT_RELIEVED, ROOT_NOT_RELIEVED, ROOT_WANTS_SURGERY, ROOT_UNBEARABLE, ROOT_PARESIS = 0, 1, 2, 3, 4, 5, 6
CAUDA_EQUINA, FRACTURE, TUMOUR, INFECTION, AXIAL_SPA, ANEURYSM, STENOSIS, LISTHESIS = 7, 8, 9, 10, 11, 12, 13, 14
FALSE_ALARM, BACK_NOT_IMPROVING = 15, 16


# A row of the table: the cells, then the class of each day since the onset, and the class of each year of age. Within a
# class the edition decides the same; where one begins differs between editions, so that is data too.
SHOWN, DAY_CLASSES, AGE_CLASSES = 17, 24, 8
DAY_CLASS = SHOWN * DAY_CLASSES * AGE_CLASSES * 3 * 2 * 3
DAYS = 4000  # the last one stands for all later days
AGE_CLASS = DAY_CLASS + DAYS
AGES = 128
SIZE = AGE_CLASS + AGES


def place(cells, ruling, shown, day, age, asked, at_home, failed):
    """Where a clinical state stands in a row of the table; ``day`` and ``age`` as they are, the others by number."""
    days = cells[ruling, DAY_CLASS + min(day, DAYS - 1)]
    ages = cells[ruling, AGE_CLASS + min(age, AGES - 1)]
    return ((((shown * DAY_CLASSES + days) * AGE_CLASSES + ages) * 3 + asked) * 2 + at_home) * 3 + failed
