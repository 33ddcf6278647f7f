"""Where stands what in the tables that a life is given; ``population.tables`` fills them.

``tables``: quantile tables, a row each (see ``quantile``). ``levels``: who is left at each birthday (see ``age``), as
32-bit levels, a row each: alive; free of a first episode; free of a later one. ``chances``: levels and whole numbers
that hold in every scenario. ``policy``: those of one scenario.
"""

TABLES = (
    "recurs", "delay", "nonspecific_kngf", "nonspecific_leaflet", "radicular", "radicular_severe", "specific",
    "wait_specialist", "wait_operation", "patience", "after_operation", "sick", "worse",
)  # fmt: skip
(
    RECURS, DELAY, NONSPECIFIC, _, RADICULAR, RADICULAR_SEVERE, SPECIFIC,
    WAIT_SPECIALIST, WAIT_OPERATION, PATIENCE, AFTER_OPERATION, SICK, WORSE,
) = range(len(TABLES))  # fmt: skip
DEATH, FIRST, LATER = 0, 2, 4  # rows of levels: men; the next one is of women

CHANCES = (
    "ever", "within_year", "comes", "severe", "radicular_severe", "paresis", "unbearable", "false_alarm", "shows",
    "told", "returns", "returns_root", "leads_on", "again", "employed", "absent", "absent_mild", "longer", "shorter",
    "session_every", "sessions", "psychologist_visits", "pain_team_visits", "hospital_days", "operation_days",
    "friction", "sick_pay", "occupational_after",
)  # fmt: skip
(
    EVER, WITHIN_YEAR, COMES, SEVERE, IS_SEVERE_ROOT, PARESIS, UNBEARABLE, IS_FALSE_ALARM, SHOWS_ALARM,
    TOLD, RETURNS, RETURNS_ROOT, LEADS_ON, AGAIN, EMPLOYED, ABSENT, ABSENT_MILD, LONGER, SHORTER,
    SESSION_EVERY, SESSIONS, PSYCHOLOGIST_VISITS, PAIN_TEAM_VISITS, CAUSE_DAYS, OPERATION_DAYS,
    FRICTION, SICK_PAY, OCCUPATIONAL_AFTER,
) = range(len(CHANCES))  # fmt: skip

POLICY = (
    "law", "asks", "follows", "physiotherapy", "physiotherapy_anyway", "physiotherapy_direct", "scan_anyway_back",
    "scan_anyway_root", "scan_at_once", "nothing_before", "refers_anyway_back", "refers_anyway_root", "psychology",
    "pain_team", "occupational", "wants_surgery", "asks_surgery_later", "patience", "no_surgery_before",
)  # fmt: skip
(
    LAW, ASKS, FOLLOWS, PHYSIOTHERAPY, PHYSIOTHERAPY_ANYWAY, PHYSIOTHERAPY_DIRECT, SCAN_ANYWAY_BACK,
    SCAN_ANYWAY_ROOT, SCAN_AT_ONCE, NOTHING_BEFORE, REFERS_ANYWAY_BACK, REFERS_ANYWAY_ROOT, PSYCHOLOGY,
    PAIN_TEAM, OCCUPATIONAL, WANTS_SURGERY, ASKS_SURGERY_LATER, PATIENCE_SHARE, NO_SURGERY_BEFORE,
) = range(len(POLICY))  # fmt: skip
