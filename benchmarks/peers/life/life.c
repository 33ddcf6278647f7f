// The life of one person in C: what src/ruggespraak/population/kernel does, function by function and under its names,
// without the log. population_life.py gives it the same tables and asks for the same counts, to the bit.
//
// names.h is written from the kernel's own modules: TALLY_GP is GP of tally.py, and a tuple of names is its length.
#include <stdbool.h>
#include <stdint.h>

#include "names.h"

typedef int64_t whole;

// What a life is given: see given.py.
typedef struct {
  whole cohort, births, years, seed, since;
  whole guide_cells;  // how many cells of age and sex there are
  const whole *guide, *chances;
  const whole (*levels)[AGE_LAST + 1], (*tables)[QUANTILE_KNOTS];
  const whole (*causes)[TALLY_CAUSES], (*policies)[GIVEN_POLICY], (*cells)[CELL_SIZE];
} Given;

// What is carried about one person: ``me``.
typedef struct {
  whole *counts;
  whole person, sex, born, episode, cause, seen_year, seen_radicular, until, years, works;
} Me;

static inline whole least(whole one, whole other) { return one < other ? one : other; }
static inline whole most(whole one, whole other) { return one > other ? one : other; }

// philox.py and address.py

typedef struct {
  uint32_t word[4];
} Draw;

static inline Draw draw(whole seed, whole person, whole episode, whole purpose) {
  uint32_t c0 = person, c1 = (person >> 32) | purpose << 16, c2 = episode, c3 = 0, k0 = seed, k1 = seed >> 32;
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = UINT64_C(0xD2511F53) * c0, p1 = UINT64_C(0xCD9E8D57) * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, c1 = p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1, c3 = p0;
    k0 += 0x9E3779B9, k1 += 0xBB67AE85;
  }
  return (Draw){{c0, c1, c2, c3}};
}

// quantile.py

static inline whole quantile(const whole *table, uint32_t level) {
  level = level < QUANTILE_LAST ? QUANTILE_LAST : level;
  int above = __builtin_clz(level);
  level <<= above;
  const whole *knot = table + above * QUANTILE_CELLS + 2 * QUANTILE_CELLS - 1 - (level >> QUANTILE_CELL);
  whole within = level & ((1u << QUANTILE_CELL) - 1);
  return knot[1] - (((knot[1] - knot[0]) * within + (1 << (QUANTILE_CELL - 1))) >> QUANTILE_CELL);
}

// age.py

static inline whole age_at(const whole *levels, whole level) {
  if (level < levels[AGE_LAST]) return AGE_LAST * TALLY_YEAR;
  whole alive = 0;
  for (whole step = 64; step > 0; step >>= 1) {
    whole middle = least(alive + step, AGE_LAST - 1);
    alive = levels[middle] > level ? middle : alive;
  }
  whole before = levels[alive], after = levels[alive + 1];
  return alive * TALLY_YEAR + (before - level) * TALLY_YEAR / (before - after);
}

static inline whole left_at(const whole *levels, whole hours) {
  if (hours >= AGE_LAST * TALLY_YEAR) return 0;
  whole age = hours / TALLY_YEAR;
  whole before = levels[age], after = levels[age + 1];
  return before - (before - after) * (hours - age * TALLY_YEAR) / TALLY_YEAR;
}

static inline whole age_after(const whole *levels, whole age, uint32_t word) {
  whole left = (left_at(levels, age) * (word >> 1)) >> 31;
  return most(age_at(levels, left), age + 1);
}

// tally.py

static inline whole *yearly(const Me *me, whole at, whole measure) {
  whole band = least((at - me->born) / (10 * TALLY_YEAR), TALLY_BANDS - 1);
  return me->counts + ((at / TALLY_YEAR * 2 + me->sex) * TALLY_BANDS + band) * TALLY_N + measure;
}

static inline void writes(const Me *me, whole measure, whole amount) {
  me->counts[me->years * 2 * TALLY_BANDS * TALLY_N + me->cause * TALLY_N + measure] += amount;
}

static inline void happens(const Me *me, whole at, whole measure, whole amount) {
  if (at < 0 || at >= me->until) return;
  *yearly(me, at, measure) += amount;
  writes(me, measure, amount);
}

static inline void lasts(const Me *me, whole start, whole end, whole measure) {
  start = most(start, 0), end = least(end, me->until);
  if (start >= end) return;
  writes(me, measure, end - start);
  while (start < end) {
    whole until = least((start / TALLY_YEAR + 1) * TALLY_YEAR, end);
    *yearly(me, start, measure) += until - start;
    start = until;
  }
}

static inline void moves(const Me *me, whole onset, whole at, whole before, whole after) {
  if (onset < 0) return;
  whole week = (least(at, me->until) - onset) / TALLY_WEEK;
  if (week >= TALLY_WEEKS) return;
  whole group = least(me->cause, TALLY_GROUPS - 1);
  whole *first = me->counts + me->years * 2 * TALLY_BANDS * TALLY_N + TALLY_CAUSES * TALLY_N +
                 (group * TALLY_WEEKS + week) * TALLY_STATES;
  if (before >= 0) first[before] -= 1;
  if (after >= 0) first[after] += 1;
}

// cell.py

static inline whole place(const whole *cells, whole shown, whole day, whole age, whole asked, whole at_home,
                          whole failed) {
  whole days = cells[CELL_DAY_CLASS + least(day, CELL_DAYS - 1)];
  whole ages = cells[CELL_AGE_CLASS + least(age, CELL_AGES - 1)];
  return ((((shown * CELL_DAY_CLASSES + days) * CELL_AGE_CLASSES + ages) * 3 + asked) * 2 + at_home) * 3 + failed;
}

// episode.py

static whole cause_of(const whole *causes, uint32_t word) {
  whole cause = 0;
  while (cause < TALLY_CAUSES - 1 && word >= causes[cause]) cause++;
  return cause;
}

static whole shows(whole cause, uint32_t word, const whole *chances) {
  if (cause == TALLY_NONSPECIFIC) return word < chances[GIVEN_IS_FALSE_ALARM] ? CELL_FALSE_ALARM : CELL_BACK;
  if (cause == TALLY_RADICULAR) {
    if (word < chances[GIVEN_PARESIS]) return CELL_ROOT_PARESIS;
    return word < chances[GIVEN_PARESIS] + chances[GIVEN_UNBEARABLE] ? CELL_ROOT_UNBEARABLE : CELL_ROOT;
  }
  return word < chances[GIVEN_SHOWS_ALARM] ? CELL_CAUDA_EQUINA + cause - TALLY_FIRST_SPECIFIC : CELL_BACK;
}

static whole at_review(whole shown, whole asked, bool severe, bool wants) {
  if (shown == CELL_BACK) return severe ? CELL_BACK_NOT_IMPROVING : CELL_BACK;
  if (asked == 0) return CELL_ROOT;
  if (!severe) return CELL_ROOT_RELIEVED;
  return wants ? CELL_ROOT_WANTS_SURGERY : CELL_ROOT_NOT_RELIEVED;
}

static void begins(const Me *me, whole onset) {
  happens(me, onset, TALLY_EPISODES, 1);
  if (me->episode == 0) happens(me, onset, TALLY_FIRST_EPISODES, 1);
  moves(me, onset, onset, EPISODE_NOT_YET, TALLY_OWN_CARE);
}

static void ends(const Me *me, whole onset, whole end, whole state) {
  moves(me, onset, end, state, TALLY_RECOVERED);
  moves(me, onset, me->until, TALLY_RECOVERED, EPISODE_NOT_YET);
}

static void physiotherapy(const Me *me, whole at, whole end, const whole *chances) {
  if (end <= 0) return;
  happens(me, at, TALLY_PHYSIOTHERAPY_COURSES, 1);
  whole every = chances[GIVEN_SESSION_EVERY], sessions = least((end - 1 - at) / every + 1, chances[GIVEN_SESSIONS]);
  for (whole session = 0; session < sessions; session++) happens(me, at + session * every, TALLY_PHYSIOTHERAPIST, 1);
}

static void specific_care(const Me *me, whole at, const whole *chances) {
  switch (me->cause - TALLY_FIRST_SPECIFIC) {
    case 0:  // cauda equina
      happens(me, at, TALLY_NEUROLOGIST, 1);
      happens(me, at, TALLY_SCAN, 1);
      happens(me, at, TALLY_OPERATION, 1);
      happens(me, at, TALLY_HOSPITAL_DAYS, chances[GIVEN_CAUSE_DAYS]);
      break;
    case 1:  // fracture
      happens(me, at, TALLY_X_RAY, 1);
      break;
    case 4:  // axial spondyloarthritis
      happens(me, at, TALLY_RHEUMATOLOGIST, 1);
      happens(me, at, TALLY_X_RAY, 1);
      break;
    case 6:  // stenosis
      happens(me, at, TALLY_NEUROLOGIST, 1);
      happens(me, at, TALLY_SCAN, 1);
      break;
    case 7:  // listhesis
      happens(me, at, TALLY_ORTHOPAEDIST, 1);
      break;
    default:  // tumour, infection, aneurysm
      happens(me, at, TALLY_SCAN, 1);
      happens(me, at, TALLY_HOSPITAL_DAYS, chances[GIVEN_CAUSE_DAYS]);
  }
}

static whole hours_off(const Me *me, whole start, uint32_t course, uint32_t absent, whole chance, const Given *g) {
  whole age = start - me->born;
  if (absent >= chance || me->works == 0 || age < EPISODE_GROWN || age >= EPISODE_PENSION) return 0;
  return least(most(quantile(g->tables[GIVEN_SICK], course), 1), EPISODE_PENSION - age);
}

static void work(Me *me, whole onset, whole start, whole end, whole length, const whole *chances) {
  whole spell = least(least(length, end - start), chances[GIVEN_SICK_PAY]);
  happens(me, start, TALLY_SICK_SPELLS, 1);
  lasts(me, start, start + spell, TALLY_SICK);
  lasts(me, start, start + least(spell, chances[GIVEN_FRICTION]), TALLY_SICK_FRICTION);
  moves(me, onset, start, EPISODE_NOT_YET, TALLY_AT_HOME);
  moves(me, onset, start + spell, TALLY_AT_HOME, EPISODE_NOT_YET);
  whole after = chances[GIVEN_OCCUPATIONAL_AFTER];
  for (whole visit = 1; visit <= spell / after; visit++)
    happens(me, start + visit * after, TALLY_OCCUPATIONAL_PHYSICIAN, 1);
  if (spell == chances[GIVEN_SICK_PAY]) {
    happens(me, start + spell, TALLY_DISABILITY_CLAIMS, 1);
    lasts(me, start + spell, me->born + EPISODE_PENSION, TALLY_DISABLED);
    me->works = 0;
  }
}

static void pain(Me *me, whole onset, whole end, whole measure) {
  if (end <= EPISODE_LONG_AGO) return;
  if (end - onset > EPISODE_CHRONIC_AFTER) happens(me, onset + EPISODE_CHRONIC_AFTER, TALLY_CHRONIC, 1);
  lasts(me, onset, end, measure);
  whole at = most(onset, (me->seen_year + 1) * TALLY_YEAR);
  while (at < least(end, me->until)) {
    me->seen_year = at / TALLY_YEAR;
    happens(me, at, TALLY_PEOPLE_IN_PAIN, 1);
    at = (at / TALLY_YEAR + 1) * TALLY_YEAR;
  }
}

static void scan(const Me *me, whole consult, whole at) {
  happens(me, at, TALLY_SCAN, 1);
  if (me->cause == TALLY_RADICULAR && at - consult <= EPISODE_COUNTED_SCAN)
    happens(me, at, TALLY_RADICULAR_SCANNED, 1);
}

static whole operate(const Me *me, whole at, whole end, uint32_t after, uint32_t again, const Given *g) {
  happens(me, at, TALLY_OPERATION, 1);
  happens(me, at, TALLY_HOSPITAL_DAYS, g->chances[GIVEN_OPERATION_DAYS]);
  if (again < g->chances[GIVEN_AGAIN]) {
    happens(me, at + 26 * TALLY_WEEK, TALLY_OPERATION_AGAIN, 1);
    happens(me, at + 26 * TALLY_WEEK, TALLY_HOSPITAL_DAYS, g->chances[GIVEN_OPERATION_DAYS]);
  }
  return least(end, at + most(quantile(g->tables[GIVEN_AFTER_OPERATION], after), 1));
}

static whole alarm_care(const Me *me, whole at, whole end, uint32_t after, uint32_t again, const Given *g) {
  if (me->cause != TALLY_RADICULAR) {
    specific_care(me, at, g->chances);
    return end;
  }
  happens(me, at, TALLY_NEUROLOGIST, 1);
  return operate(me, at, end, after, again, g);
}

static whole walk(Me *me, whole onset, whole consult, whole end, whole shown, bool severe, bool tells, whole away,
                  const Given *g) {
  if (end <= EPISODE_LONG_AGO) return end;
  const whole cause = me->cause, *chances = g->chances;
  const bool root = cause == TALLY_RADICULAR;
  const Draw surgery = draw(g->seed, me->person, me->episode, ADDRESS_SURGERY);
  const uint32_t wish = surgery.word[0], patience = surgery.word[1], after = surgery.word[2], again = surgery.word[3];
  const Draw waits = draw(g->seed, me->person, me->episode, ADDRESS_WAITS);
  const whole *first = g->policies[consult >= g->since];
  const bool wants = severe && root && wish < first[GIVEN_WANTS_SURGERY];
  const bool alarming =
      (cause >= TALLY_FIRST_SPECIFIC && shown != CELL_BACK) || shown == CELL_ROOT_PARESIS;
  const whole late_by = quantile(g->tables[GIVEN_WORSE], waits.word[2]);
  const whole specialist = root ? TALLY_NEUROLOGIST : TALLY_ORTHOPAEDIST;
  const whole comes_back = root ? chances[GIVEN_RETURNS_ROOT] : chances[GIVEN_RETURNS];
  whole hospital = EPISODE_NOT_YET;
  if (alarming && cause != TALLY_FIRST_SPECIFIC + 4 && cause < TALLY_FIRST_SPECIFIC + 6) hospital = consult + late_by;
  bool recognised = false, scanned = false, referred = false, weighed = false;
  bool psychology = false, pain_team = false, occupational = false;
  whole began = EPISODE_NOT_YET, state = TALLY_OWN_CARE, at = consult;
  for (whole contact = 0; contact < ADDRESS_CONTACTS; contact++) {
    if (at >= me->until) break;
    const bool ruling = at >= g->since;
    const whole *policy = g->policies[ruling], *cells = g->cells[ruling];
    const whole purpose = ADDRESS_FIRST_CONTACT + 2 * contact;
    const Draw one = draw(g->seed, me->person, me->episode, purpose);
    const uint32_t asks = one.word[0], follows = one.word[1], sends = one.word[2], returns = one.word[3];
    const Draw two = draw(g->seed, me->person, me->episode, purpose + 1);
    const uint32_t scans = two.word[0], sent = two.word[1], mind = two.word[2], moved = two.word[3];
    const whole day = (at - onset) / TALLY_DAY;
    const whole asked = asks < policy[GIVEN_ASKS] ? 2 : tells ? 1 : 0;
    const whole failed = began == EPISODE_NOT_YET || at - began < EPISODE_TRIED_FOR ? 0 : psychology ? 2 : 1;
    whole looks = shown;
    if (contact > 0 && (shown == CELL_BACK || shown == CELL_ROOT || shown == CELL_ROOT_UNBEARABLE))
      looks = at_review(shown == CELL_ROOT_UNBEARABLE ? CELL_ROOT : shown, asked, severe, wants);
    const whole at_home = away > at - consult && at - consult >= TALLY_WEEK;
    const whole should = cells[place(cells, looks, day, (at - me->born) / TALLY_YEAR, asked, at_home, failed)];
    const whole urgency = should & 7, use = (should >> CELL_IMAGING) & 3;
    const bool does = follows < policy[GIVEN_FOLLOWS], may = day >= policy[GIVEN_NOTHING_BEFORE];

    happens(me, at, TALLY_GP, 1);
    if (contact == 0) {
      happens(me, at, TALLY_GP_CASES, 1);
      if (root) happens(me, at, TALLY_RADICULAR_CASES, 1);
      if (cause >= TALLY_FIRST_SPECIFIC) happens(me, at, TALLY_SPECIFIC_CASES, 1);
      if (alarming) happens(me, at, TALLY_ALARMS, 1);
      moves(me, onset, at, TALLY_OWN_CARE, TALLY_AT_GP);
      state = TALLY_AT_GP;
    }
    if (root && at >= 0 && at / TALLY_YEAR > me->seen_radicular) {
      me->seen_radicular = at / TALLY_YEAR;
      happens(me, at, TALLY_PEOPLE_RADICULAR, 1);
    }

    // What alarms is acted on, or missed.
    const bool acts = asked > 0 && (urgency >= EPISODE_URGENT || use > 0 || ((should >> CELL_NEUROLOGIST) & 15) > 0);
    if (alarming && !recognised) {
      if (acts && does && may) {
        recognised = true;
        happens(me, at, TALLY_HOURS_LATE, at - consult);
        if (root && !scanned) {
          scanned = true;
          scan(me, consult, at);
        }
        end = alarm_care(me, at, end, after, again, g);
        moves(me, onset, at, state, TALLY_AT_SPECIALIST);
        state = TALLY_AT_SPECIALIST;
      } else {
        happens(me, at, TALLY_ALARMS_MISSED, 1);
      }
    } else if (!alarming && acts && does && may && !referred &&
               (looks == CELL_FALSE_ALARM || looks == CELL_ROOT_UNBEARABLE)) {
      referred = true;
      happens(me, at, specialist, 1);
      if (!scanned) {
        scanned = true;
        scan(me, consult, at);
      }
    }

    // Pictures beside the pathway.
    whole anyway = policy[root ? GIVEN_SCAN_ANYWAY_ROOT : GIVEN_SCAN_ANYWAY_BACK];
    if (contact == 0) anyway = most(anyway, policy[GIVEN_SCAN_AT_ONCE]);
    if (!scanned && !recognised && scans < anyway && may) {
      scanned = true;
      scan(me, consult, at);
      if ((should >> CELL_NOT_USEFUL) & 1) {
        happens(me, at, TALLY_SCAN_NEEDLESS, 1);
        end += ((end - at) * (chances[GIVEN_LONGER] >> 16)) >> 16;
        if (waits.word[3] < chances[GIVEN_LEADS_ON]) happens(me, at + TALLY_WEEK, specialist, 1);
      }
    }

    // Treatment.
    if (began == EPISODE_NOT_YET && !recognised) {
      const bool due = (should >> CELL_PHYSIOTHERAPY) & 1;
      if (sends < policy[due ? GIVEN_PHYSIOTHERAPY : GIVEN_PHYSIOTHERAPY_ANYWAY]) {
        began = at;
        end -= ((end - at) * (chances[GIVEN_SHORTER] >> 16)) >> 16;
        if (state == TALLY_AT_GP) {
          moves(me, onset, at, state, TALLY_AT_PHYSIOTHERAPIST);
          state = TALLY_AT_PHYSIOTHERAPIST;
        }
      }
    }
    const bool lasting = day >= EPISODE_PERSISTS;
    if ((should >> CELL_PSYCHOLOGY) & 1 && lasting && !psychology && mind < policy[GIVEN_PSYCHOLOGY]) {
      psychology = true;
      happens(me, at, TALLY_PSYCHOLOGIST, chances[GIVEN_PSYCHOLOGIST_VISITS]);
    }
    if ((should >> CELL_PAIN_TEAM) & 1 && lasting && !pain_team && mind < policy[GIVEN_PAIN_TEAM]) {
      pain_team = true;
      happens(me, at, TALLY_PAIN_TEAM, chances[GIVEN_PAIN_TEAM_VISITS]);
    }
    if ((should >> CELL_OCCUPATIONAL) & 1 && at_home && !occupational && follows < policy[GIVEN_OCCUPATIONAL]) {
      occupational = true;
      happens(me, at, TALLY_OCCUPATIONAL_PHYSICIAN, 1);
    }

    // To the specialist: beside the pathway, or for an operation.
    if (!referred && !recognised && may) {
      const whole beside = policy[root ? GIVEN_REFERS_ANYWAY_ROOT : GIVEN_REFERS_ANYWAY_BACK];
      if (sent < beside || ((should >> CELL_ORTHOPAEDIST) & 1 && does)) {
        referred = true;
        const whole seen = at + quantile(g->tables[GIVEN_WAIT_SPECIALIST], waits.word[0]);
        if (seen < end) happens(me, seen, specialist, 1);
      }
    }
    if ((should >> CELL_WEIGH_SURGERY) & 1 && severe && !weighed && !alarming && does && may) {
      weighed = true;
      const bool later = first[GIVEN_WANTS_SURGERY] <= wish &&
                         wish < first[GIVEN_WANTS_SURGERY] + policy[GIVEN_ASKS_SURGERY_LATER];
      if (wants || later) {
        whole decided = at;
        if (later)
          decided += (quantile(g->tables[GIVEN_PATIENCE], patience) * policy[GIVEN_PATIENCE_SHARE]) >> 16;
        const whole seen = decided + quantile(g->tables[GIVEN_WAIT_SPECIALIST], waits.word[0]);
        if (seen < end) {
          happens(me, seen, TALLY_NEUROLOGIST, 1);
          if (!scanned) {
            scanned = true;
            scan(me, consult, seen);
          }
          moves(me, onset, seen, state, TALLY_AT_SPECIALIST);
          state = TALLY_AT_SPECIALIST;
          const whole on = most(seen + quantile(g->tables[GIVEN_WAIT_OPERATION], waits.word[1]),
                                onset + policy[GIVEN_NO_SURGERY_BEFORE]);
          if (on < end) {
            end = operate(me, on, end, after, again, g);
            moves(me, onset, on, state, TALLY_OPERATED);
            state = TALLY_OPERATED;
          }
        }
      }
    }

    // The next look.
    const whole review = should >> CELL_REVIEW;
    whole following = ((should >> CELL_FROM_ONSET) & 1 ? onset : at) + review * TALLY_DAY;
    following = most(following, at + TALLY_DAY) + moved % TALLY_WEEK;
    const bool alone = alarming && !recognised && EPISODE_NOT_YET < hospital && hospital < end;
    if (alone && (following >= hospital || returns >= comes_back)) {
      happens(me, hospital, TALLY_EMERGENCY, 1);
      happens(me, hospital, TALLY_HOURS_LATE, late_by);
      if (root && !scanned) scan(me, consult, hospital);
      end = alarm_care(me, hospital, end, after, again, g);
      moves(me, onset, hospital, state, TALLY_AT_SPECIALIST);
      state = TALLY_AT_SPECIALIST;
      break;
    }
    if (following >= end || returns >= comes_back) break;
    at = following;
  }
  if (began != EPISODE_NOT_YET) physiotherapy(me, began, end, chances);
  ends(me, onset, end, state);
  return end;
}

static whole episode(Me *me, whole onset, const Given *g) {
  const whole *chances = g->chances;
  const Draw one = draw(g->seed, me->person, me->episode, ADDRESS_COURSE);
  const uint32_t comes = one.word[0], course = one.word[1], how = one.word[2], absent = one.word[3];
  const whole age = onset - me->born;
  const whole *policy = g->policies[onset >= g->since];

  if (comes >= chances[GIVEN_COMES]) {
    begins(me, onset);
    const whole end = onset + most(quantile(g->tables[GIVEN_NONSPECIFIC + policy[GIVEN_LAW]], course), 1);
    if (how < policy[GIVEN_PHYSIOTHERAPY_DIRECT] && onset + TALLY_WEEK < end)
      physiotherapy(me, onset + TALLY_WEEK, end, chances);
    const whole away = hours_off(me, onset, course, absent, chances[GIVEN_ABSENT_MILD], g);
    if (away > 0) work(me, onset, onset, end, away, chances);
    pain(me, onset, end, TALLY_PAIN_MILD);
    ends(me, onset, end, TALLY_OWN_CARE);
    return end;
  }

  const Draw two = draw(g->seed, me->person, me->episode, ADDRESS_CASE);
  const uint32_t what = two.word[0], bad = two.word[1], delay = two.word[2], tells = two.word[3];
  const whole consult = onset + most(quantile(g->tables[GIVEN_DELAY], delay), 1);
  me->cause = cause_of(g->causes[least(age / (10 * TALLY_YEAR), TALLY_BANDS - 1)], what);
  begins(me, onset);
  const bool root = me->cause == TALLY_RADICULAR;
  const bool severe = bad < chances[root ? GIVEN_IS_SEVERE_ROOT : GIVEN_SEVERE];
  whole law = GIVEN_SPECIFIC;
  if (me->cause == TALLY_NONSPECIFIC) law = GIVEN_NONSPECIFIC + policy[GIVEN_LAW];
  else if (root) law = severe ? GIVEN_RADICULAR_SEVERE : GIVEN_RADICULAR;
  whole end = consult + most(quantile(g->tables[law], course), 1);
  const whole away = hours_off(me, consult, course, absent, chances[GIVEN_ABSENT], g);
  const whole shown = shows(me->cause, how, chances);
  end = walk(me, onset, consult, end, shown, severe, tells < chances[GIVEN_TOLD], away, g);
  if (away > 0) work(me, onset, consult, end, away, chances);
  pain(me, onset, end, severe ? TALLY_PAIN_SEVERE : TALLY_PAIN_MODERATE);
  return end;
}

// life.py

static whole cell_of(const whole *guide, whole cells, whole rank) {
  whole low = 0, high = cells;
  while (high - low > 1) {
    whole middle = (low + high) / 2;
    if (guide[middle] <= rank) low = middle;
    else high = middle;
  }
  return low;
}

static void life(whole *counts, whole person, const Given *g) {
  const whole end = g->years * TALLY_YEAR;
  Me me = {.counts = counts, .years = g->years, .until = end, .cause = TALLY_NONSPECIFIC};
  me.seen_year = me.seen_radicular = -1;
  if (person < g->cohort) {
    me.person = person;
    const whole rank = (person * LIFE_GOLDEN) & 0xFFFFFFFF, at = cell_of(g->guide, g->guide_cells, rank);
    const whole from = g->guide[at];
    me.sex = at & 1;
    me.born = -((at >> 1) * TALLY_YEAR + (rank - from) * TALLY_YEAR / (g->guide[at + 1] - from));
  } else {
    me.person = LIFE_NEWBORN + person - g->cohort;
    me.sex = draw(g->seed, me.person, 0, ADDRESS_BEFORE).word[0] >= LIFE_BOYS;
    me.born = (person - g->cohort) * end / g->births;
  }
  const whole born = me.born, sex = me.sex;
  const Draw kind = draw(g->seed, me.person, 0, ADDRESS_DEATH_AND_KIND);
  const uint32_t dies = kind.word[0], ever = kind.word[1], first = kind.word[2], works = kind.word[3];
  me.works = works < g->chances[GIVEN_EMPLOYED];

  const whole death = born + age_after(g->levels[GIVEN_DEATH + sex], most(-born, 0), dies);
  happens(&me, death, TALLY_DEATHS, 1);
  me.until = least(death, end);
  lasts(&me, born, me.until, TALLY_LIVED);
  if (ever >= g->chances[GIVEN_EVER]) return;

  whole onset = born + age_at(g->levels[GIVEN_FIRST + sex], first);
  lasts(&me, onset, me.until, TALLY_LIVED_EVER);
  while (onset < me.until) {
    const whole over = episode(&me, onset, g);
    const Draw next = draw(g->seed, me.person, me.episode, ADDRESS_NEXT);
    me.cause = TALLY_NONSPECIFIC;
    me.episode++;
    if (next.word[0] < g->chances[GIVEN_WITHIN_YEAR])
      onset = over + most(quantile(g->tables[GIVEN_RECURS], next.word[1]), 1);
    else
      onset = born + age_after(g->levels[GIVEN_LATER + sex], over + TALLY_YEAR - born, next.word[2]);
  }
}

// lives.py, with its arguments in its order, and how long the guide is

void lives(whole *counts, whole low, whole high, whole step, whole cohort, whole births, whole years, whole seed,
           const whole *guide, const whole (*levels)[AGE_LAST + 1], const whole (*tables)[QUANTILE_KNOTS],
           const whole *chances, const whole (*causes)[TALLY_CAUSES], const whole (*policies)[GIVEN_POLICY],
           const whole (*cells)[CELL_SIZE], whole since, whole guide_cells) {
  const Given given = {cohort, births, years, seed, since, guide_cells, guide, chances,
                       levels, tables, causes, policies, cells};
  for (whole person = low; person < high; person += step) life(counts, person, &given);
}
