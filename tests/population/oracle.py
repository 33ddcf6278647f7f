"""The country once more, in another way: everybody's first pain at once, then everybody's second, and so on, in NumPy.

Written from the description of the model (``population``: docstrings, parameters.toml), not from the kernel: its own
random numbers, times as floats, every draw straight from its law and from no table of quantiles. With the kernel it has
in common the parameters, who lives here (``people``) and the table of care, which it reads in its own way.
"""

import csv
from importlib.resources import files

import numpy as np

from ruggespraak.population import care, people
from ruggespraak.population.kernel.tally import CAUSES, MEASURES

DAY, WEEK, YEAR = 24.0, 168.0, 8766.0
BATCHES = 64
NONSPECIFIC, RADICULAR, CAUDA, FRACTURE = range(4)
AXIAL_SPA, STENOSIS, LISTHESIS = (CAUSES.index(name) for name in ("axial_spa", "stenosis", "listhesis"))
URGENT = [CAUSES.index(name) for name in ("cauda_equina", "fracture", "tumour", "infection", "aneurysm")]
ALARM = {cause: list(care.PRESENTATIONS).index(name) for cause, name in enumerate(CAUSES) if name in care.PRESENTATIONS}
SHOWN = {name: number for number, name in enumerate(care.PRESENTATIONS)}


# -- laws


def log_logistic(random, median, shape, size):
    """Hours; the median in days."""
    left = random.random(size)
    return DAY * median * ((1 - left) / left) ** (1 / shape)


def through(points, word):
    """Hours at which it is over for who is slower than a share ``word``: points (days, share over)."""
    log_days = np.log([days for days, _ in points])
    log_odds = np.log([share / (1 - share) for _, share in points])
    wanted = np.log(word / (1 - word))
    slopes = np.diff(log_days) / np.diff(log_odds)
    piece = np.clip(np.searchsorted(log_odds, wanted) - 1, 0, len(slopes) - 1)
    return DAY * np.exp(log_days[piece] + (wanted - log_odds[piece]) * slopes[piece])


class Hazard:
    """Of an age: a rate that differs by year of age and sex."""

    def __init__(self, rates):
        self.sum = np.hstack([np.zeros((2, 1)), np.cumsum(rates, axis=1)])

    def next(self, random, sex, age):
        """The age at which it happens next; for ever later than 120 if not before that."""
        found = np.empty(len(age))
        wait = random.exponential(size=len(age))
        for one in (0, 1):
            mine = sex == one
            reached = np.interp(np.minimum(age[mine], 120), np.arange(121), self.sum[one]) + wait[mine]
            found[mine] = np.interp(reached, self.sum[one], np.arange(121), right=1e6)
        return found


def rates(a_year):
    """[2, 120]: known to a GP by age and sex (VZ18), so that men and women of 47 have ``a_year`` on average."""
    text = files("ruggespraak.population").joinpath("known_to_gp.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    middle = [float(row["from"]) + 2.5 for row in rows]
    known = np.array(
        [np.interp(np.arange(120) + 0.5, middle, [float(r[sex]) for r in rows]) for sex in ("men", "women")]
    )
    return a_year * known / known[:, 47].mean()


def causes_of(p, ages, word):
    """The cause of each case, by the age band of ten years."""
    band = np.minimum(ages // 10, 9).astype(int)
    by_band = np.array([0.0, 0.07, 0.3, 0.5, 0.93, 1.0, 0.77, 0.57, 0.52, 0.5])

    def part(low, high):
        """Of the ten years of the band, so many lie between these ages."""
        return np.clip(np.minimum(band * 10 + 10, high) - np.maximum(band * 10, low), 0, 10) / 10

    shares = {
        "radicular": p["kind.radicular"] * by_band[band],
        "cauda_equina": p["kind.cauda_equina"],
        "fracture": p["kind.fracture_old"] * part(55, 120) + p["kind.fracture_young"] * part(0, 55),
        "tumour": p["kind.tumour"] * part(50, 120),
        "infection": p["kind.infection"],
        "axial_spa": p["kind.axial_spa"] * part(0, 45),
        "aneurysm": p["kind.aneurysm"] * part(60, 120),
        "stenosis": p["kind.stenosis"] * part(60, 120),
        "listhesis": p["kind.listhesis"] * part(0, 20),
    }
    found, begin = np.zeros(len(ages), int), np.zeros(len(ages))
    for name, share in shares.items():
        found[(word >= begin) & (word < begin + share)] = CAUSES.index(name)
        begin = begin + share
    return found


# -- lives


class Country:
    """So many people for so many years, under practice as now; ``counts`` is [batches, measures]."""

    def __init__(self, number, years, parameters, edition, seed):
        self.p, self.years, self.random = parameters, years, np.random.default_rng(seed)
        self.practice = {one.id.partition(".")[2]: one.value for one in parameters.group("practice")}
        row = care.care(edition).cells
        self.cells = row[: int(np.prod(care.SHAPE))].reshape(care.SHAPE)
        self.counts = np.zeros((BATCHES, len(MEASURES)))
        self.batch = np.arange(number) % BATCHES
        here = people.cells()
        cell = self.random.choice(here.size, size=number, p=(here / here.sum()).ravel())
        self.sex, age = np.divmod(cell, here.shape[1])
        self.born = -(age + self.random.random(number)) * YEAR
        self.works = self.random.random(number) < parameters["work.employed"]
        self.until = np.minimum(self.deaths(), years * YEAR)
        self.hurts, self.root_seen = (np.zeros((number, years), bool) for _ in range(2))
        everybody = np.arange(number)
        self.spans("lived", everybody, np.zeros(number), self.until)
        self.live(everybody[self.random.random(number) >= parameters["onset.never"]])
        for measure, seen in (("people_in_pain", self.hurts), ("people_radicular", self.root_seen)):
            self.count(measure, everybody, np.zeros(number), seen.sum(axis=1))

    def deaths(self):
        left, found = people.rescaled(), np.empty(len(self.born))
        for sex in (0, 1):
            mine = self.sex == sex
            now = np.interp(-self.born[mine] / YEAR, np.arange(121), left[sex])
            then = np.interp(-now * self.random.random(mine.sum()), -left[sex], np.arange(121.0))
            found[mine] = self.born[mine] + then * YEAR
        in_run = found < self.years * YEAR
        self.counts[:, MEASURES.index("deaths")] = np.bincount(self.batch[in_run], minlength=BATCHES)
        return found

    def count(self, measure, who, hour, amount=1.0):
        """What happens to these people at these hours."""
        is_in = (hour >= 0) & (hour < self.until[who])
        amounts = np.broadcast_to(np.asarray(amount, float), is_in.shape)[is_in]
        self.counts[:, MEASURES.index(measure)] += np.bincount(self.batch[who[is_in]], amounts, BATCHES)

    def spans(self, measure, who, start, end):
        start, end = np.maximum(start, 0), np.minimum(end, self.until[who])
        self.count(measure, who, start, np.maximum(end - start, 0))

    def live(self, who):
        """From the first pain to the last, a round for each."""
        p, random = self.p, self.random
        first, later = (Hazard(rates(p[f"onset.{name}"])) for name in ("first", "later"))
        onset = self.born[who] + first.next(random, self.sex[who], np.zeros(len(who))) * YEAR
        self.spans("lived_ever", who, onset, self.until[who])
        self.count("first_episodes", who, onset)
        while True:
            alive = onset < self.until[who]
            who, onset = who[alive], onset[alive]
            if not len(who):
                return
            over = self.episode(who, onset)
            again = random.random(len(who))
            back = np.interp(
                again,
                [0, p["onset.recurs_3_months"], p["onset.recurs_6_months"], p["onset.recurs"]],
                [0, 91, 182, 365],
            )
            age = (over + YEAR - self.born[who]) / YEAR
            much_later = self.born[who] + later.next(random, self.sex[who], age) * YEAR
            onset = np.where(again < p["onset.recurs"], over + back * DAY, np.maximum(much_later, over + YEAR))

    def episode(self, who, onset):
        """One round; returns when the pain is over."""
        p, random = self.p, self.random
        self.count("episodes", who, onset)
        comes = random.random(len(who)) < p["kind.comes_to_gp"]
        over = np.empty(len(who))
        over[~comes] = self.mild(who[~comes], onset[~comes])
        over[comes] = self.case(who[comes], onset[comes])
        return over

    def slowness(self, size):
        """Who recovers late returns to work late: one share for both."""
        return self.random.random(size)

    def nonspecific(self, slow):
        p = self.p
        points = [
            (30, p["course.kngf_month"]),
            (90, p["course.kngf_quarter"]),
            (365, p["course.henschke_year"]),
            (3650, p["course.decade"]),
        ]
        return through(points, slow)

    def mild(self, who, onset):
        slow = self.slowness(len(who))
        over = onset + np.maximum(self.nonspecific(slow), 1)
        direct = (self.random.random(len(who)) < self.practice["physiotherapy_direct"]) & (onset + WEEK < over)
        self.physiotherapy(who[direct], onset[direct] + WEEK, over[direct])
        self.work(who, onset, over, slow, self.p["work.absent_mild"])
        self.pain("pain_mild", who, onset, over)
        return over

    def physiotherapy(self, who, begin, over):
        every = self.p["care.session_every"] * DAY
        self.count("physiotherapy_courses", who, begin)
        for session in range(round(self.p["care.sessions"])):
            at = begin + session * every
            self.count("physiotherapist", who[at < over], at[at < over])

    def time_off(self, who, start, slow, share):
        """Hours off work, were the pain to last: none for who does not work, none after 67."""
        p, age = self.p, start - self.born[who]
        absent = (self.random.random(len(who)) < share) & self.works[who] & (age >= 18 * YEAR) & (age < 67 * YEAR)
        points = [(7, p["work.back_week"]), (30, p["work.back_month"]), (182, p["work.back_half_year"])]
        return np.where(absent, np.minimum(through(points, slow), 67 * YEAR - age), 0)

    def work(self, who, start, over, slow, share, off=None):
        off = self.time_off(who, start, slow, share) if off is None else off
        who, start, over, off = who[off > 0], start[off > 0], over[off > 0], off[off > 0]
        most = self.p["work.sick_pay"] * DAY
        spell = np.minimum(np.minimum(off, over - start), most)
        self.count("sick_spells", who, start)
        self.spans("sick", who, start, start + spell)
        self.spans("sick_friction", who, start, start + np.minimum(spell, self.p["work.friction"] * DAY))
        for visit in range(1, 18):
            at = visit * self.p["work.occupational_after"] * DAY
            self.count("occupational_physician", who[spell >= at], start[spell >= at] + at)
        claims = spell >= most
        self.count("disability_claims", who[claims], start[claims] + most)
        self.spans("disabled", who[claims], start[claims] + most, self.born[who[claims]] + 67 * YEAR)
        self.works[who[claims]] = False

    def pain(self, measure, who, onset, over):
        self.spans(measure, who, onset, over)
        chronic = over - onset > 84 * DAY
        self.count("chronic", who[chronic], onset[chronic] + 84 * DAY)
        last = np.minimum(over, self.until[who])
        for year in range(self.years):
            self.hurts[who, year] |= (onset < (year + 1) * YEAR) & (last > year * YEAR)

    # -- who comes to a general practitioner

    def case(self, who, onset):
        p, random, size = self.p, self.random, len(who)
        cause = causes_of(p, (onset - self.born[who]) / YEAR, random.random(size))
        consult = onset + np.maximum(log_logistic(random, p["course.delay"], 2.0, size), 1)
        root, specific = cause == RADICULAR, cause > RADICULAR
        severe = random.random(size) < np.where(root, p["kind.radicular_severe"], p["kind.severe"])
        slow = self.slowness(size)
        odds = slow / (1 - slow)
        median = np.where(severe, p["course.radicular_severe_median"], p["course.radicular_median"])
        hours = np.where(root, median * odds ** (1 / p["course.radicular_shape"]), 0)
        hours = np.where(specific, p["course.specific_median"] * odds ** (1 / p["course.specific_shape"]), hours) * DAY
        hours[cause == NONSPECIFIC] = self.nonspecific(slow[cause == NONSPECIFIC])
        over = consult + np.maximum(hours, 1)
        off = self.time_off(who, consult, slow, p["work.absent"])
        shown, alarm = self.shows(cause)
        self.count("gp_cases", who, consult)
        self.count("radicular_cases", who[root], consult[root])
        self.count("specific_cases", who[specific], consult[specific])
        self.count("alarms", who[alarm], consult[alarm])
        over = Visits(self, who, onset, consult, over, cause, shown, alarm, severe, off).over
        self.work(who, consult, over, slow, None, off)
        for measure, some in (("pain_severe", severe), ("pain_moderate", ~severe)):
            self.pain(measure, who[some], onset[some], over[some])
        return over

    def shows(self, cause):
        """How the complaint shows itself when somebody asks, and whether that is an alarm with a cause."""
        p, word = self.p, self.random.random(len(cause))
        shown = np.where(word < p["kind.false_alarm"], SHOWN["false_alarm"], SHOWN["back"])
        unbearable = word < p["kind.paresis"] + p["kind.unbearable"]
        of_root = np.where(unbearable, SHOWN["root_unbearable"], SHOWN["root"])
        of_root = np.where(word < p["kind.paresis"], SHOWN["root_paresis"], of_root)
        shown = np.where(cause == RADICULAR, of_root, shown)
        alarm = shown == SHOWN["root_paresis"]
        for one, place in ALARM.items():
            mine = (cause == one) & (one > RADICULAR)
            shown = np.where(mine, np.where(word < p["kind.shows"], place, SHOWN["back"]), shown)
            alarm |= mine & (word < p["kind.shows"])
        return shown, alarm


class Visits:
    """The contacts with a general practitioner of many cases at once, the first of all, then the second of who returns.

    ``over`` is when the pain is over.
    """

    def __init__(self, country, who, onset, consult, over, cause, shown, alarm, severe, off):
        p, random, size = country.p, country.random, len(who)
        self.country, self.who, self.onset, self.consult, self.over = country, who, onset, consult, over
        self.cause, self.shown, self.alarm, self.severe, self.off = cause, shown, alarm, severe, off
        self.root = cause == RADICULAR
        self.tells = random.random(size) < p["care.told"]
        self.wish, self.again = random.random(size), random.random(size) < p["surgery.again"]
        self.patience = log_logistic(random, p["surgery.patience"], 2.0, size)
        self.after = log_logistic(random, p["surgery.recovery"], p["surgery.recovery_shape"], size)
        self.wait = log_logistic(random, p["care.wait_specialist"], 2.0, size)
        self.wait_operation = log_logistic(random, p["surgery.wait"], 2.0, size)
        late = log_logistic(random, p["care.worse_after"], 2.0, size)
        self.hospital = np.where(alarm & (np.isin(cause, URGENT) | self.root), consult + late, np.inf)
        self.wants = severe & self.root & (self.wish < country.practice["wants_surgery"])
        self.done = {
            name: np.zeros(size, bool) for name in ("known", "scan", "sent", "weighed", "mind", "team", "company")
        }
        self.therapy = np.full(size, np.inf)
        some, at = np.arange(size), consult.copy()
        for number in range(16):
            alive = at < country.until[who[some]]
            some, at = some[alive], at[alive]
            if not len(some):
                break
            some, at = self.contact(some, at, number)
        begun = np.isfinite(self.therapy)
        country.physiotherapy(who[begun], self.therapy[begun], self.over[begun])

    def look(self, some, number, asked):
        """How it looks at this contact."""
        looks = self.shown[some].copy()
        if number == 0:
            return looks
        severe, wants = self.severe[some], self.wants[some]
        looks[(self.shown[some] == SHOWN["back"]) & severe] = SHOWN["back_not_improving"]
        root = np.isin(self.shown[some], [SHOWN["root"], SHOWN["root_unbearable"]])
        worse = np.where(wants, SHOWN["root_wants_surgery"], SHOWN["root_not_relieved"])
        told = np.where(severe, worse, SHOWN["root_relieved"])
        looks[root] = np.where(asked > 0, told, SHOWN["root"])[root]
        return looks

    def contact(self, some, at, number):
        """One contact of each; returns who comes again, and when."""
        country, practice, p, random = self.country, self.country.practice, self.country.p, self.country.random
        size, who, root, alarm = len(some), self.who[some], self.root[some], self.alarm[some]
        done = {name: flags[some] for name, flags in self.done.items()}
        word = random.random((8, size))
        asked = np.where(word[0] < practice["asks"], 2, np.where(self.tells[some], 1, 0))
        looks = self.look(some, number, asked)
        day = np.floor((at - self.onset[some]) / DAY)
        age = np.floor((at - country.born[who]) / YEAR)
        day_class = np.searchsorted(care.FROM_DAY, day, side="right") - 1
        age_class = np.searchsorted(care.FROM_AGE, age, side="right") - 1
        home = (at - self.consult[some] >= WEEK) & (self.off[some] > at - self.consult[some])
        tried = np.isfinite(self.therapy[some]) & (at - self.therapy[some] >= 42 * DAY)
        failed = np.where(tried, np.where(done["mind"], 2, 1), 0)
        cell = country.cells[looks, day_class, age_class, asked, home.astype(int), failed]
        follows = word[1] < practice["follows"]
        count = country.count

        count("gp", who, at)
        is_in = root & (at >= 0)
        country.root_seen[who[is_in], (at[is_in] // YEAR).astype(int)] = True

        # An alarm is acted on or missed; what only looks like one is looked into.
        urgent = (cell & 7 >= 2) | (cell >> 3 & 3 > 0) | (cell >> 10 & 15 > 0)
        acts = (asked > 0) & urgent & follows
        found = alarm & ~done["known"] & acts
        self.recognised(some[found], at[found])
        missed = alarm & ~done["known"] & ~acts
        count("alarms_missed", who[missed], at[missed])
        known = done["known"] | found
        looks_so = (looks == SHOWN["false_alarm"]) | (looks == SHOWN["root_unbearable"])
        checked = ~alarm & acts & ~done["sent"] & looks_so
        self.specialist(some[checked], at[checked])
        self.scan(some[checked & ~done["scan"]], at[checked & ~done["scan"]])
        sent, scanned = done["sent"] | checked, self.done["scan"][some]

        # A scan beside the pathway.
        anyway = np.where(root, practice["scan_anyway_root"], practice["scan_anyway_back"])
        beside = ~scanned & ~known & (word[2] < anyway)
        self.scan(some[beside], at[beside])
        needless = beside & (cell >> 15 & 1 == 1)
        count("scan_needless", who[needless], at[needless])
        leads = needless & (random.random(size) < p["care.finding_leads_on"])
        self.specialist(some[leads], at[leads] + WEEK, ends=False)
        self.over[some] += np.where(needless, self.over[some] - at, 0) * p["effect.needless_scan"]

        # Treatment.
        due = np.where(cell >> 5 & 1, practice["physiotherapy"], practice["physiotherapy_anyway"])
        begins = ~np.isfinite(self.therapy[some]) & ~known & (word[3] < due)
        self.therapy[some[begins]] = at[begins]
        self.over[some] -= np.where(begins, self.over[some] - at, 0) * p["effect.physiotherapy"]
        mind = (cell >> 6 & 1 == 1) & (day >= 84) & ~done["mind"] & (word[4] < practice["psychology"])
        count("psychologist", who[mind], at[mind], round(p["care.psychologist_visits"]))
        team = (cell >> 7 & 1 == 1) & (day >= 84) & ~done["team"] & (word[4] < practice["pain_team"])
        count("pain_team", who[team], at[team], round(p["care.pain_team_visits"]))
        company = (cell >> 9 & 1 == 1) & home & ~done["company"] & (word[1] < practice["occupational"])
        count("occupational_physician", who[company], at[company])

        # To a specialist: beside the pathway; or to weigh an operation.
        anyway = np.where(root, practice["refers_anyway_root"], practice["refers_anyway_back"])
        beside = ~sent & ~known & ((word[5] < anyway) | ((cell >> 11 & 1 == 1) & follows))
        seen = at + self.wait[some]
        self.specialist(some[beside], seen[beside])
        weighs = (cell >> 8 & 1 == 1) & self.severe[some] & ~done["weighed"] & ~alarm & follows
        self.weigh(some[weighs], at[weighs])
        for name, new in (("sent", checked | beside), ("mind", mind), ("team", team), ("company", company)):
            self.done[name][some] |= new
        self.done["weighed"][some] |= weighs

        # The next look.
        review = (cell >> 17) * DAY
        then = np.where(cell >> 16 & 1, self.onset[some] + review, at + review)
        then = np.maximum(then, at + DAY) + random.integers(0, int(WEEK), size)
        back = word[6] < np.where(root, p["care.returns_root"], p["care.returns"])
        over, worse = self.over[some], self.hospital[some]
        alone = alarm & ~known & (worse < over) & ((then >= worse) | ~back)
        self.comes_alone(some[alone], worse[alone])
        goes_on = back & (then < over) & ~alone
        return some[goes_on], then[goes_on]

    def specialist(self, some, at, ends=True):
        """A visit to a specialist; not any more when the pain is over by then."""
        on = at < self.over[some] if ends else np.ones(len(some), bool)
        for name, mine in (("neurologist", self.root[some]), ("orthopaedist", ~self.root[some])):
            self.country.count(name, self.who[some[on & mine]], at[on & mine])

    def scan(self, some, at):
        self.country.count("scan", self.who[some], at)
        soon = self.root[some] & (at - self.consult[some] <= 91 * DAY)
        self.country.count("radicular_scanned", self.who[some[soon]], at[soon])
        self.done["scan"][some] = True

    def operate(self, some, at):
        country, who = self.country, self.who[some]
        days = round(country.p["care.hospital_days_operation"])
        country.count("operation", who, at)
        country.count("hospital_days", who, at, days)
        again = self.again[some]
        country.count("operation_again", who[again], at[again] + 26 * WEEK)
        country.count("hospital_days", who[again], at[again] + 26 * WEEK, days)
        self.over[some] = np.minimum(self.over[some], at + np.maximum(self.after[some], 1))

    def weigh(self, some, at):
        """Who wants the operation now, or asks for it after a while."""
        practice = self.country.practice
        now = self.wants[some]
        wish = self.wish[some]
        later = (wish >= practice["wants_surgery"]) & (
            wish < practice["wants_surgery"] + practice["asks_surgery_later"]
        )
        chosen = now | later
        some, at, later = some[chosen], at[chosen], later[chosen]
        seen = at + np.where(later, self.patience[some], 0) + self.wait[some]
        still = seen < self.over[some]
        some, seen = some[still], seen[still]
        self.country.count("neurologist", self.who[some], seen)
        fresh = ~self.done["scan"][some]
        self.scan(some[fresh], seen[fresh])
        on = seen + self.wait_operation[some]
        still = on < self.over[some]
        self.operate(some[still], on[still])

    def recognised(self, some, at):
        """An alarm, by the general practitioner."""
        self.country.count("hours_late", self.who[some], at, at - self.consult[some])
        self.taken(some, at)
        self.done["known"][some] = True

    def comes_alone(self, some, at):
        self.country.count("emergency", self.who[some], at)
        self.country.count("hours_late", self.who[some], at, at - self.consult[some])
        self.taken(some, at)

    def taken(self, some, at):
        """What a recognised cause takes."""
        count, who, cause = self.country.count, self.who[some], self.cause[some]
        root = cause == RADICULAR
        count("neurologist", who[root], at[root])
        fresh = root & ~self.done["scan"][some]
        self.scan(some[fresh], at[fresh])
        self.operate(some[root], at[root])
        days = round(self.country.p["care.hospital_days"])
        takes = {
            CAUDA: ("neurologist", "scan", "operation", "hospital_days"),
            FRACTURE: ("x_ray",),
            AXIAL_SPA: ("rheumatologist", "x_ray"),
            STENOSIS: ("neurologist", "scan"),
            LISTHESIS: ("orthopaedist",),
        }
        for one in range(CAUDA, len(CAUSES)):
            mine = cause == one
            for measure in takes.get(one, ("scan", "hospital_days")):
                count(measure, who[mine], at[mine], days if measure == "hospital_days" else 1)
