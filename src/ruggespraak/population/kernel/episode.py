"""One episode of back pain: its cause and course, what is done about it, and what work has of it.

Who does not come to a general practitioner (GP) has mild, nonspecific pain. Who comes is seen at the moments that the
pathway gives; at each the table of care says what should be done, and the policy what people do of that, and beside it.
Nothing that care does changes the course, save an operation, and what ``LONGER`` and ``SHORTER`` say.
"""

from ruggespraak.population.kernel import cell
from ruggespraak.population.kernel.address import (
    CASE,
    CONTACTS,
    COURSE,
    FIRST_CONTACT,
    SURGERY,
    WAITS,
    draw,
)
from ruggespraak.population.kernel.given import (
    ABSENT,
    ABSENT_MILD,
    AFTER_OPERATION,
    AGAIN,
    ASKS,
    ASKS_SURGERY_LATER,
    CAUSE_DAYS,
    COMES,
    DELAY,
    FOLLOWS,
    FRICTION,
    IS_FALSE_ALARM,
    IS_SEVERE_ROOT,
    LAW,
    LEADS_ON,
    LONGER,
    NO_SURGERY_BEFORE,
    NOTHING_BEFORE,
    OCCUPATIONAL,
    OCCUPATIONAL_AFTER,
    OPERATION_DAYS,
    PAIN_TEAM_VISITS,
    PARESIS,
    PATIENCE,
    PATIENCE_SHARE,
    PHYSIOTHERAPY,
    PHYSIOTHERAPY_ANYWAY,
    PHYSIOTHERAPY_DIRECT,
    PSYCHOLOGIST_VISITS,
    PSYCHOLOGY,
    RADICULAR_SEVERE,
    REFERS_ANYWAY_BACK,
    REFERS_ANYWAY_ROOT,
    RETURNS,
    RETURNS_ROOT,
    SCAN_ANYWAY_BACK,
    SCAN_ANYWAY_ROOT,
    SCAN_AT_ONCE,
    SESSION_EVERY,
    SESSIONS,
    SEVERE,
    SHORTER,
    SHOWS_ALARM,
    SICK_PAY,
    SPECIFIC,
    TOLD,
    UNBEARABLE,
    WAIT_OPERATION,
    WAIT_SPECIALIST,
    WANTS_SURGERY,
    WORSE,
)
from ruggespraak.population.kernel.given import (
    NONSPECIFIC as NONSPECIFIC_COURSE,
)
from ruggespraak.population.kernel.given import (
    PAIN_TEAM as SENDS_TO_PAIN_TEAM,
)
from ruggespraak.population.kernel.given import (
    RADICULAR as RADICULAR_COURSE,
)
from ruggespraak.population.kernel.given import (
    SICK as SICK_LAW,
)
from ruggespraak.population.kernel.quantile import quantile
from ruggespraak.population.kernel.tally import (
    ALARMS,
    ALARMS_MISSED,
    AT_GP,
    AT_HOME,
    AT_PHYSIOTHERAPIST,
    AT_SPECIALIST,
    BANDS,
    BORN,
    CAUSE,
    CAUSES,
    CHRONIC,
    CLINICAL_STATE,
    DAY,
    DISABILITY_CLAIMS,
    DISABLED,
    EMERGENCY,
    EPISODE,
    EPISODES,
    FIRST_EPISODES,
    FIRST_SPECIFIC,
    GP,
    GP_CASES,
    HOSPITAL_DAYS,
    HOURS_LATE,
    IN_PAIN,
    NEUROLOGIST,
    NONSPECIFIC,
    OCCUPATIONAL_PHYSICIAN,
    OPERATED,
    OPERATION,
    OPERATION_AGAIN,
    ORTHOPAEDIST,
    OWN_CARE,
    PAIN_MILD,
    PAIN_MODERATE,
    PAIN_SEVERE,
    PAIN_TEAM,
    PEOPLE_IN_PAIN,
    PEOPLE_RADICULAR,
    PERSON,
    PHYSIOTHERAPIST,
    PHYSIOTHERAPY_COURSES,
    PSYCHOLOGIST,
    RADICULAR,
    RADICULAR_CASES,
    RADICULAR_SCANNED,
    RECOVERED,
    REFERRED,
    RHEUMATOLOGIST,
    SCAN,
    SCAN_NEEDLESS,
    SEEN_RADICULAR,
    SEEN_YEAR,
    SICK,
    SICK_FRICTION,
    SICK_SPELLS,
    SPECIFIC_CASES,
    UNTIL,
    WEEK,
    WORKS,
    X_RAY,
    YEAR,
    happens,
    lasts,
    moves,
    notes,
)

GROWN, PENSION = 18 * YEAR, 67 * YEAR
CHRONIC_AFTER = 84 * DAY
PERSISTS = 84  # days from which a psychologist or a pain team is thought of; before it, worries are talked about
TRIED_FOR = 42 * DAY  # after which a treatment has not helped
COUNTED_SCAN = 91 * DAY  # "within 3 months" (KHOR)
NOT_YET = -1
LONG_AGO = -YEAR  # of a pain that was over by then nothing is counted
URGENT = 2  # within days, and sooner


def cause_of(causes, band, word):
    """The cause whose share of the cases in this age band the word falls in: ``causes`` adds up along a row."""
    cause = 0
    while cause < len(CAUSES) - 1 and word >= causes[band, cause]:
        cause += 1
    return cause


def shows(cause, word, chances):
    """How the complaint shows itself when somebody asks."""
    if cause == NONSPECIFIC:
        return cell.FALSE_ALARM if word < chances[IS_FALSE_ALARM] else cell.BACK
    if cause == RADICULAR:
        if word < chances[PARESIS]:
            return cell.ROOT_PARESIS
        return cell.ROOT_UNBEARABLE if word < chances[PARESIS] + chances[UNBEARABLE] else cell.ROOT
    return cell.CAUDA_EQUINA + cause - FIRST_SPECIFIC if word < chances[SHOWS_ALARM] else cell.BACK


def at_review(shown, asked, severe, wants):
    """How an unalarming complaint shows itself at a later contact, when it is known whether it got better."""
    if shown == cell.BACK:
        return cell.BACK_NOT_IMPROVING if severe else cell.BACK
    if asked == 0:
        return cell.ROOT
    if not severe:
        return cell.ROOT_RELIEVED
    return cell.ROOT_WANTS_SURGERY if wants else cell.ROOT_NOT_RELIEVED


def begins(counts, log, me, onset):
    """Counts the episode, under its cause."""
    happens(counts, log, me, onset, EPISODES, 1)
    if me[EPISODE] == 0:
        happens(counts, log, me, onset, FIRST_EPISODES, 1)
    moves(counts, me, onset, onset, NOT_YET, OWN_CARE)


def ends(counts, me, onset, end, state):
    """In the weeks after the onset: recovers, and is seen no more from the end of the run, or of the life."""
    moves(counts, me, onset, end, state, RECOVERED)
    moves(counts, me, onset, me[UNTIL], RECOVERED, NOT_YET)


def physiotherapy(counts, log, me, at, end, chances):
    """Sessions from now until it is over, or the course is."""
    if end <= 0:
        return
    happens(counts, log, me, at, PHYSIOTHERAPY_COURSES, 1)
    sessions = min((end - 1 - at) // chances[SESSION_EVERY] + 1, chances[SESSIONS])
    for session in range(sessions):
        happens(counts, log, me, at + session * chances[SESSION_EVERY], PHYSIOTHERAPIST, 1)


def specific_care(counts, log, me, at, chances):
    """What a specific cause takes once it is recognised."""
    cause = me[CAUSE]
    if cause == FIRST_SPECIFIC:  # cauda equina
        happens(counts, log, me, at, NEUROLOGIST, 1)
        happens(counts, log, me, at, SCAN, 1)
        happens(counts, log, me, at, OPERATION, 1)
        happens(counts, log, me, at, HOSPITAL_DAYS, chances[CAUSE_DAYS])
    elif cause == FIRST_SPECIFIC + 1:  # fracture
        happens(counts, log, me, at, X_RAY, 1)
    elif cause == FIRST_SPECIFIC + 4:  # axial spondyloarthritis
        happens(counts, log, me, at, RHEUMATOLOGIST, 1)
        happens(counts, log, me, at, X_RAY, 1)
    elif cause == FIRST_SPECIFIC + 6:  # stenosis
        happens(counts, log, me, at, NEUROLOGIST, 1)
        happens(counts, log, me, at, SCAN, 1)
    elif cause == FIRST_SPECIFIC + 7:  # listhesis
        happens(counts, log, me, at, ORTHOPAEDIST, 1)
    else:  # tumour, infection, aneurysm
        happens(counts, log, me, at, SCAN, 1)
        happens(counts, log, me, at, HOSPITAL_DAYS, chances[CAUSE_DAYS])


def hours_off(me, tables, start, course, absent, chance):
    """Hours of sick leave for who has work from ``start``, were the pain to last; none beyond the pension."""
    age = start - me[BORN]
    if absent >= chance or me[WORKS] == 0 or age < GROWN or age >= PENSION:
        return 0
    return min(max(quantile(tables, SICK_LAW, course), 1), PENSION - age)


def work(counts, log, me, onset, start, end, length, chances):
    """A spell of sick leave, at most as long as the pain, and what follows from a long one."""
    spell = min(length, end - start, chances[SICK_PAY])
    happens(counts, log, me, start, SICK_SPELLS, 1)
    lasts(counts, log, me, start, start + spell, SICK)
    lasts(counts, log, me, start, start + min(spell, chances[FRICTION]), SICK_FRICTION)
    moves(counts, me, onset, start, NOT_YET, AT_HOME)
    moves(counts, me, onset, start + spell, AT_HOME, NOT_YET)
    for visit in range(1, spell // chances[OCCUPATIONAL_AFTER] + 1):
        happens(counts, log, me, start + visit * chances[OCCUPATIONAL_AFTER], OCCUPATIONAL_PHYSICIAN, 1)
    if spell == chances[SICK_PAY]:
        happens(counts, log, me, start + spell, DISABILITY_CLAIMS, 1)
        lasts(counts, log, me, start + spell, me[BORN] + PENSION, DISABLED)
        me[WORKS] = 0


def pain(counts, log, me, onset, end, measure):
    """The hours of pain, each person once in each year in which it hurts, and whether it became chronic."""
    if end - onset > CHRONIC_AFTER:
        happens(counts, log, me, onset + CHRONIC_AFTER, CHRONIC, 1)
    lasts(counts, log, me, onset, end, measure)
    at = max(onset, (me[SEEN_YEAR] + 1) * YEAR)
    while at < min(end, me[UNTIL]):
        me[SEEN_YEAR] = at // YEAR
        happens(counts, log, me, at, PEOPLE_IN_PAIN, 1)
        at = (at // YEAR + 1) * YEAR
    notes(log, me, onset, IN_PAIN, end - onset)


def scan(counts, log, me, consult, at):
    """A picture of the back."""
    happens(counts, log, me, at, SCAN, 1)
    if me[CAUSE] == RADICULAR and at - consult <= COUNTED_SCAN:
        happens(counts, log, me, at, RADICULAR_SCANNED, 1)


def operate(counts, log, me, at, end, after, again, tables, chances):
    """A hernia operation; returns when the pain is over: never later than without it."""
    happens(counts, log, me, at, OPERATION, 1)
    happens(counts, log, me, at, HOSPITAL_DAYS, chances[OPERATION_DAYS])
    if again < chances[AGAIN]:
        happens(counts, log, me, at + 26 * WEEK, OPERATION_AGAIN, 1)
        happens(counts, log, me, at + 26 * WEEK, HOSPITAL_DAYS, chances[OPERATION_DAYS])
    return min(end, at + max(quantile(tables, AFTER_OPERATION, after), 1))


def alarm_care(counts, log, me, at, end, after, again, tables, chances):
    """What an alarm takes once somebody acts on it; returns when the pain is over. A paresis is operated at once."""
    if me[CAUSE] != RADICULAR:
        specific_care(counts, log, me, at, chances)
        return end
    happens(counts, log, me, at, NEUROLOGIST, 1)
    return operate(counts, log, me, at, end, after, again, tables, chances)


def walk(
    counts, log, me, seed, onset, consult, end, shown, severe, tells, away, tables, chances, policies, cells, since
):
    """From contact to contact with the GP, until the pain is over or nobody comes back; returns when it is over."""
    person, number, cause = me[PERSON], me[EPISODE], me[CAUSE]
    wish, patience, after, again = draw(seed, person, number, SURGERY)
    wait, wait_operation, worse, finding = draw(seed, person, number, WAITS)
    first = policies[1 if consult >= since else 0]
    wants = severe and cause == RADICULAR and wish < first[WANTS_SURGERY]
    alarming = (cause >= FIRST_SPECIFIC and shown != cell.BACK) or shown == cell.ROOT_PARESIS
    late_by = quantile(tables, WORSE, worse)
    specialist = NEUROLOGIST if cause == RADICULAR else ORTHOPAEDIST
    comes_back = chances[RETURNS_ROOT] if cause == RADICULAR else chances[RETURNS]
    hospital = NOT_YET  # when somebody comes there on their own
    if alarming and cause != FIRST_SPECIFIC + 4 and cause < FIRST_SPECIFIC + 6:
        hospital = consult + late_by
    recognised = scanned = referred = weighed = psychology = pain_team = occupational = False
    began = NOT_YET  # physiotherapy
    state = OWN_CARE
    at = consult
    for contact in range(CONTACTS):
        if at >= me[UNTIL]:
            break
        ruling = 1 if at >= since else 0
        policy = policies[ruling]
        purpose = FIRST_CONTACT + 2 * contact
        asks, follows, sends, returns = draw(seed, person, number, purpose)
        scans, sent, mind, moved = draw(seed, person, number, purpose + 1)
        day = (at - onset) // DAY
        asked = 2 if asks < policy[ASKS] else 1 if tells else 0
        failed = 0 if began == NOT_YET or at - began < TRIED_FOR else 2 if psychology else 1
        looks = shown
        if contact > 0 and (shown == cell.BACK or shown == cell.ROOT or shown == cell.ROOT_UNBEARABLE):
            looks = at_review(cell.ROOT if shown == cell.ROOT_UNBEARABLE else shown, asked, severe, wants)
        at_home = 1 if away > at - consult >= WEEK else 0
        here = cell.place(cells, ruling, looks, day, (at - me[BORN]) // YEAR, asked, at_home, failed)
        should = cells[ruling, here]
        urgency, use = should & 7, (should >> cell.IMAGING) & 3
        does = follows < policy[FOLLOWS]
        may = day >= policy[NOTHING_BEFORE]

        happens(counts, log, me, at, GP, 1)
        notes(log, me, at, CLINICAL_STATE, here)
        if contact == 0:
            happens(counts, log, me, at, GP_CASES, 1)
            if cause == RADICULAR:
                happens(counts, log, me, at, RADICULAR_CASES, 1)
            if cause >= FIRST_SPECIFIC:
                happens(counts, log, me, at, SPECIFIC_CASES, 1)
            if alarming:
                happens(counts, log, me, at, ALARMS, 1)
            moves(counts, me, onset, at, OWN_CARE, AT_GP)
            state = AT_GP
        if cause == RADICULAR and at >= 0 and at // YEAR > me[SEEN_RADICULAR]:
            me[SEEN_RADICULAR] = at // YEAR
            happens(counts, log, me, at, PEOPLE_RADICULAR, 1)

        # What alarms is acted on, or missed.
        acts = asked > 0 and (urgency >= URGENT or use > 0 or (should >> cell.NEUROLOGIST) & 15 > 0)
        if alarming and not recognised:
            if acts and does and may:
                recognised = True
                happens(counts, log, me, at, HOURS_LATE, at - consult)
                if cause == RADICULAR and not scanned:
                    scanned = True
                    scan(counts, log, me, consult, at)
                end = alarm_care(counts, log, me, at, end, after, again, tables, chances)
                moves(counts, me, onset, at, state, AT_SPECIALIST)
                state = AT_SPECIALIST
            else:
                happens(counts, log, me, at, ALARMS_MISSED, 1)
        elif (
            not alarming
            and acts
            and does
            and may
            and not referred
            and (looks == cell.FALSE_ALARM or looks == cell.ROOT_UNBEARABLE)
        ):
            referred = True  # what looks like an alarm is looked into
            notes(log, me, at, REFERRED, specialist)
            happens(counts, log, me, at, specialist, 1)
            if not scanned:
                scanned = True
                scan(counts, log, me, consult, at)

        # Pictures beside the pathway.
        anyway = policy[SCAN_ANYWAY_ROOT] if cause == RADICULAR else policy[SCAN_ANYWAY_BACK]
        if contact == 0:
            anyway = max(anyway, policy[SCAN_AT_ONCE])
        if not scanned and not recognised and scans < anyway and may:
            scanned = True
            scan(counts, log, me, consult, at)
            if (should >> cell.NOT_USEFUL) & 1:
                happens(counts, log, me, at, SCAN_NEEDLESS, 1)
                end += ((end - at) * (chances[LONGER] >> 16)) >> 16
                if finding < chances[LEADS_ON]:
                    notes(log, me, at + WEEK, REFERRED, specialist)
                    happens(counts, log, me, at + WEEK, specialist, 1)

        # Treatment.
        if began == NOT_YET and not recognised:
            due = (should >> cell.PHYSIOTHERAPY) & 1
            if sends < (policy[PHYSIOTHERAPY] if due else policy[PHYSIOTHERAPY_ANYWAY]):
                began = at
                end -= ((end - at) * (chances[SHORTER] >> 16)) >> 16
                if state == AT_GP:
                    moves(counts, me, onset, at, state, AT_PHYSIOTHERAPIST)
                    state = AT_PHYSIOTHERAPIST
        lasting = day >= PERSISTS
        if (should >> cell.PSYCHOLOGY) & 1 and lasting and not psychology and mind < policy[PSYCHOLOGY]:
            psychology = True
            happens(counts, log, me, at, PSYCHOLOGIST, chances[PSYCHOLOGIST_VISITS])
        if (should >> cell.PAIN_TEAM) & 1 and lasting and not pain_team and mind < policy[SENDS_TO_PAIN_TEAM]:
            pain_team = True
            happens(counts, log, me, at, PAIN_TEAM, chances[PAIN_TEAM_VISITS])
        if (should >> cell.OCCUPATIONAL) & 1 and at_home and not occupational and follows < policy[OCCUPATIONAL]:
            occupational = True
            notes(log, me, at, REFERRED, OCCUPATIONAL_PHYSICIAN)
            happens(counts, log, me, at, OCCUPATIONAL_PHYSICIAN, 1)

        # To the specialist: beside the pathway, or for an operation.
        if not referred and not recognised and may:
            beside = policy[REFERS_ANYWAY_ROOT] if cause == RADICULAR else policy[REFERS_ANYWAY_BACK]
            to_orthopaedist = (should >> cell.ORTHOPAEDIST) & 1 and does
            if sent < beside or to_orthopaedist:
                referred = True
                notes(log, me, at, REFERRED, specialist)
                seen = at + quantile(tables, WAIT_SPECIALIST, wait)
                if seen < end:
                    happens(counts, log, me, seen, specialist, 1)
        if (should >> cell.WEIGH_SURGERY) & 1 and severe and not weighed and not alarming and does and may:
            weighed = True
            later = first[WANTS_SURGERY] <= wish < first[WANTS_SURGERY] + policy[ASKS_SURGERY_LATER]
            if wants or later:
                decided = at
                if later:
                    decided += (quantile(tables, PATIENCE, patience) * policy[PATIENCE_SHARE]) >> 16
                if decided < end:
                    notes(log, me, decided, REFERRED, NEUROLOGIST)
                seen = decided + quantile(tables, WAIT_SPECIALIST, wait)
                if seen < end:
                    happens(counts, log, me, seen, NEUROLOGIST, 1)
                    if not scanned:
                        scanned = True
                        scan(counts, log, me, consult, seen)
                    moves(counts, me, onset, seen, state, AT_SPECIALIST)
                    state = AT_SPECIALIST
                    on = max(seen + quantile(tables, WAIT_OPERATION, wait_operation), onset + policy[NO_SURGERY_BEFORE])
                    if on < end:
                        end = operate(counts, log, me, on, end, after, again, tables, chances)
                        moves(counts, me, onset, on, state, OPERATED)
                        state = OPERATED

        # The next look.
        review = should >> cell.REVIEW
        following = onset + review * DAY if (should >> cell.FROM_ONSET) & 1 else at + review * DAY
        following = max(following, at + DAY) + (moved % WEEK)
        alone = alarming and not recognised and NOT_YET < hospital < end
        if alone and (following >= hospital or returns >= comes_back):
            happens(counts, log, me, hospital, EMERGENCY, 1)
            happens(counts, log, me, hospital, HOURS_LATE, late_by)
            if cause == RADICULAR and not scanned:
                scan(counts, log, me, consult, hospital)
            end = alarm_care(counts, log, me, hospital, end, after, again, tables, chances)
            moves(counts, me, onset, hospital, state, AT_SPECIALIST)
            state = AT_SPECIALIST
            break
        if following >= end or returns >= comes_back:
            break
        at = following
    if began != NOT_YET:
        physiotherapy(counts, log, me, began, end, chances)
    ends(counts, me, onset, end, state)
    return end


def episode(counts, log, me, onset, seed, tables, chances, causes, policies, cells, since):
    """Lives one episode; returns the hour at which the pain is over.

    Whose pain lasts longest is away from work longest: one word decides both.
    """
    comes, course, how, absent = draw(seed, me[PERSON], me[EPISODE], COURSE)
    age = onset - me[BORN]
    policy = policies[1 if onset >= since else 0]

    if comes >= chances[COMES]:
        begins(counts, log, me, onset)
        end = onset + max(quantile(tables, NONSPECIFIC_COURSE + policy[LAW], course), 1)
        if how < policy[PHYSIOTHERAPY_DIRECT] and onset + WEEK < end:
            physiotherapy(counts, log, me, onset + WEEK, end, chances)
        away = hours_off(me, tables, onset, course, absent, chances[ABSENT_MILD])
        if away > 0:
            work(counts, log, me, onset, onset, end, away, chances)
        if end > LONG_AGO:
            pain(counts, log, me, onset, end, PAIN_MILD)
        ends(counts, me, onset, end, OWN_CARE)
        return end

    what, bad, delay, tells = draw(seed, me[PERSON], me[EPISODE], CASE)
    consult = onset + max(quantile(tables, DELAY, delay), 1)
    me[CAUSE] = cause_of(causes, min(age // (10 * YEAR), BANDS - 1), what)
    begins(counts, log, me, onset)
    severe = bad < (chances[IS_SEVERE_ROOT] if me[CAUSE] == RADICULAR else chances[SEVERE])
    if me[CAUSE] == NONSPECIFIC:
        law = NONSPECIFIC_COURSE + policy[LAW]
    elif me[CAUSE] == RADICULAR:
        law = RADICULAR_SEVERE if severe else RADICULAR_COURSE
    else:
        law = SPECIFIC
    end = consult + max(quantile(tables, law, course), 1)
    away = hours_off(me, tables, consult, course, absent, chances[ABSENT])
    # What was done long ago is not asked: had it been an operation, that pain would have been over a little sooner.
    is_asked = end > LONG_AGO
    if is_asked:
        end = walk(
            counts, log, me, seed, onset, consult, end, shows(me[CAUSE], how, chances), severe, tells < chances[TOLD],
            away, tables, chances, policies, cells, since,
        )  # fmt: skip
    if away > 0:
        work(counts, log, me, onset, consult, end, away, chances)
    if is_asked:
        pain(counts, log, me, onset, end, PAIN_SEVERE if severe else PAIN_MODERATE)
    return end
