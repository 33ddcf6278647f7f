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


def moment(day):
    """The class of a day since the onset: the place in ``care.FROM_DAY``."""
    if day < 42:
        return 0 if day < 15 else 1 if day < 21 else 2 if day < 29 else 3
    if day < 91:
        return 4 if day < 43 else 5 if day < 84 else 6 if day < 90 else 7
    return 8 if day < 365 else 9 if day < 366 else 10 if day < 1826 else 11


def age_class(age):
    """The class of an age in years: the place in ``care.FROM_AGE``."""
    if age < 51:
        return 0 if age < 18 else 1 if age < 50 else 2
    return 3 if age < 60 else 4 if age < 61 else 5 if age < 70 else 6 if age < 75 else 7


def place(shown, day, age, asked, at_home, failed):
    """The index of a clinical state in the table; ``day`` and ``age`` as they are, the others by number."""
    return ((((shown * 12 + moment(day)) * 8 + age_class(age)) * 3 + asked) * 2 + at_home) * 3 + failed
