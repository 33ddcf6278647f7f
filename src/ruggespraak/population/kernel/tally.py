"""What is counted, and how: sums of whole numbers in one flat array, so that any order gives the same bits.

The array holds, one after the other: per year, sex, age band and measure (``YEARLY``); per cause and measure over the
whole run (``BY_CAUSE``); and for the weeks after an onset, per group of complaints, how many people enter less how many
leave each state (``WEEKLY``). Times are hours since the run began; what lies before it, after its end or after a death
is not counted. With a ``log`` (room for rows of (hour, person, episode, cause, measure, amount), the number of rows in
its first one) each event is written down as well, and the ``NOTES``, which are not counted.
"""

MEASURES = (
    # hours
    "lived", "lived_ever", "pain_mild", "pain_moderate", "pain_severe", "sick", "sick_friction", "disabled",
    # people and episodes
    "people_in_pain", "people_radicular", "deaths", "episodes", "first_episodes", "chronic", "gp_cases",
    "radicular_cases", "radicular_scanned", "specific_cases", "alarms", "alarms_missed", "hours_late",
    "sick_spells", "disability_claims",
    # care
    "gp", "physiotherapy_courses", "physiotherapist", "neurologist", "orthopaedist", "rheumatologist",
    "pain_team", "psychologist",
    "occupational_physician", "emergency", "x_ray", "scan", "scan_needless", "operation", "operation_again",
    "hospital_days",
)  # fmt: skip
(
    LIVED, LIVED_EVER, PAIN_MILD, PAIN_MODERATE, PAIN_SEVERE, SICK, SICK_FRICTION, DISABLED,
    PEOPLE_IN_PAIN, PEOPLE_RADICULAR, DEATHS, EPISODES, FIRST_EPISODES, CHRONIC, GP_CASES,
    RADICULAR_CASES, RADICULAR_SCANNED, SPECIFIC_CASES, ALARMS, ALARMS_MISSED, HOURS_LATE,
    SICK_SPELLS, DISABILITY_CLAIMS,
    GP, PHYSIOTHERAPY_COURSES, PHYSIOTHERAPIST, NEUROLOGIST, ORTHOPAEDIST, RHEUMATOLOGIST, PAIN_TEAM, PSYCHOLOGIST,
    OCCUPATIONAL_PHYSICIAN, EMERGENCY, X_RAY, SCAN, SCAN_NEEDLESS, OPERATION, OPERATION_AGAIN,
    HOSPITAL_DAYS,
) = range(len(MEASURES))  # fmt: skip
N = len(MEASURES)

# Only in the log: at each contact with a GP the place in the table of care; when a GP sends somebody on, to whom (the
# measure of the visit); and, the last row of an episode, from its onset (which may lie before the run) how many hours
# until the pain is over (which may lie after it). An episode that was over long before the run has no row of these.
NOTES = ("clinical_state", "referred", "in_pain")
CLINICAL_STATE, REFERRED, IN_PAIN = N, N + 1, N + 2

CAUSES = (
    "nonspecific", "radicular", "cauda_equina", "fracture", "tumour", "infection", "axial_spa", "aneurysm",
    "stenosis", "listhesis",
)  # fmt: skip
NONSPECIFIC, RADICULAR, FIRST_SPECIFIC = 0, 1, 2

GROUPS = ("nonspecific", "radicular", "specific")
STATES = ("own_care", "gp", "physiotherapist", "specialist", "operated", "recovered", "at_home_sick")
OWN_CARE, AT_GP, AT_PHYSIOTHERAPIST, AT_SPECIALIST, OPERATED, RECOVERED, AT_HOME = range(len(STATES))
WEEKS = 53  # the week of the onset and 52 more

DAY = 24
WEEK = 168
YEAR = 8766  # hours in 365.25 days
BANDS = 10  # of ten years of age; the last is 90 and over

# Places in what is carried about one person
PERSON, SEX, BORN, EPISODE, CAUSE, SEEN_YEAR, SEEN_RADICULAR, UNTIL, YEARS, WORKS = range(10)
CARRIED = 10


def size(years):
    """Whole numbers in the array of one run of so many years."""
    return years * 2 * BANDS * N + len(CAUSES) * N + len(GROUPS) * WEEKS * len(STATES)


def add(counts, place, amount):
    """Adds; the one thing that a GPU does in another way."""
    counts[place] += amount


def notes(log, me, at, measure, amount):
    """Writes a row of the log, where there is one, about somebody who lives and is in the run."""
    if log.shape[0] > 0 and at < me[UNTIL]:
        row = log[0, 0] + 1
        if row < log.shape[0]:
            log[row, 0] = at
            log[row, 1] = me[PERSON]
            log[row, 2] = me[EPISODE]
            log[row, 3] = me[CAUSE]
            log[row, 4] = measure
            log[row, 5] = amount
        log[0, 0] = row


def write(counts, log, me, at, measure, amount):
    """Adds to the cause, and to the log where there is one."""
    add(counts, me[YEARS] * 2 * BANDS * N + me[CAUSE] * N + measure, amount)
    notes(log, me, at, measure, amount)


def happens(counts, log, me, at, measure, amount):
    """Counts what happens to this person at this hour."""
    if at < 0 or at >= me[UNTIL]:
        return
    band = min((at - me[BORN]) // (10 * YEAR), BANDS - 1)
    add(counts, ((at // YEAR * 2 + me[SEX]) * BANDS + band) * N + measure, amount)
    write(counts, log, me, at, measure, amount)


def lasts(counts, log, me, start, end, measure):
    """Counts the hours from start to end, each in its own year, at the age at which that part of it began."""
    start, end = max(start, 0), min(end, me[UNTIL])
    if start >= end:
        return
    write(counts, log, me, start, measure, end - start)
    year, band = start // YEAR, min((start - me[BORN]) // (10 * YEAR), BANDS - 1)
    place = ((year * 2 + me[SEX]) * BANDS + band) * N + measure
    until = (year + 1) * YEAR
    while until < end:
        add(counts, place, until - start)
        start, until = until, until + YEAR
        place += 2 * BANDS * N
        if band < BANDS - 1 and start - me[BORN] >= (band + 1) * 10 * YEAR:
            band += 1
            place += N
    add(counts, place, end - start)


def moves(counts, me, onset, at, before, after):
    """In the weeks after an onset: this person goes from one state (or none, -1) to another (or none).

    What lies beyond the end happens at the end, where who is left goes out of the picture.
    """
    if onset < 0:
        return
    week = (min(at, me[UNTIL]) - onset) // WEEK
    if week >= WEEKS:
        return
    group = min(me[CAUSE], len(GROUPS) - 1)
    first = me[YEARS] * 2 * BANDS * N + len(CAUSES) * N + (group * WEEKS + week) * len(STATES)
    if before >= 0:
        add(counts, first + before, -1)
    if after >= 0:
        add(counts, first + after, 1)
