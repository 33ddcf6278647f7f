// The probe of population_peers.py in C, twice, on the draws of the product (Philox4x32-10, the same addresses):
// lives_libm as one would write it at once, in doubles with log() and pow() of libm; lives_tables in whole numbers on
// the tables of the product, handed over: the limit of its technique, and the same cost of each person to the bit.
#include <math.h>
#include <stdint.h>

typedef struct { uint32_t word[4]; } Draw;

static inline Draw philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t k0) {
  uint32_t c3 = 0, k1 = 0;
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53 * c0, p1 = (uint64_t)0xCD9E8D57 * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1, c3 = (uint32_t)p0;
    k0 += 0x9E3779B9, k1 += 0xBB67AE85;
  }
  return (Draw){{c0, c1, c2, c3}};
}

enum { EPISODE, CHRONICITY };  // purposes of a draw

typedef struct {  // of model.py: in days and euros
  double days, first, again, shape, scale, scan_on, scan_share, chronic_on, chronic_share, chronic_mean;
  double onset, scan, acute, chronic;
} Model;

static inline double uniform(uint32_t word) { return (word + 0.5) * 0x1p-32; }

int64_t lives_libm(double *costs, int64_t people, uint32_t seed, const Model *given) {
  const Model m = *given;
  int64_t episodes = 0;
  for (int64_t person = 0; person < people; person++) {
    double now = 0, cost = 0, rate = m.first;
    for (uint32_t episode = 0;; episode++) {
      Draw draw = philox(person, episode, EPISODE, seed);
      now += -log(uniform(draw.word[0])) / rate;
      if (now >= m.days) break;
      rate = m.again, episodes++;
      double left = m.days - now, ill = m.scale * pow(-log(uniform(draw.word[1])), 1 / m.shape);
      cost += m.onset;
      if (ill > m.scan_on && left > m.scan_on && uniform(draw.word[2]) < m.scan_share) cost += m.scan;
      if (ill > m.chronic_on && left > m.chronic_on && uniform(draw.word[3]) < m.chronic_share) {
        double lasting = -log(uniform(philox(person, episode, CHRONICITY, seed).word[0])) * m.chronic_mean;
        cost += m.acute * m.chronic_on + m.chronic * fmin(lasting, left - m.chronic_on);
        ill = m.chronic_on + lasting;
      } else {
        cost += m.acute * fmin(ill, left);
      }
      now += ill;
    }
    costs[person] = cost;
  }
  return episodes;
}

enum { CELLS = 32, KNOTS = 27 * CELLS + 1, CELL = 26 };  // of quantile.py
enum { FIRST, AGAIN, RECOVERY, LASTING };  // rows of the tables

typedef struct {  // of in_numba.py: in hours, levels and sixths of a euro
  int64_t days, scan_on, scan_level, chronic_on, chronic_level, onset, scan, acute, chronic;
} Whole;

static inline int64_t quantile(const int64_t *table, uint32_t level) {
  if (level < 32) level = 32;
  int above = __builtin_clz(level);
  level <<= above;
  const int64_t *knot = table + above * CELLS + 2 * CELLS - 1 - (level >> CELL);
  int64_t within = level & ((1 << CELL) - 1);
  return knot[1] - (((knot[1] - knot[0]) * within + (1 << (CELL - 1))) >> CELL);
}

static inline int64_t least(int64_t one, int64_t other) { return one < other ? one : other; }

int64_t lives_tables(int64_t *costs, int64_t people, uint32_t seed, const Whole *given, const int64_t (*tables)[KNOTS]) {
  const Whole m = *given;
  int64_t episodes = 0;
  for (int64_t person = 0; person < people; person++) {
    int64_t now = 0, cost = 0, row = FIRST;
    for (uint32_t episode = 0;; episode++) {
      Draw draw = philox(person, episode, EPISODE, seed);
      now += quantile(tables[row], draw.word[0]);
      if (now >= m.days) break;
      row = AGAIN, episodes++;
      int64_t left = m.days - now, ill = quantile(tables[RECOVERY], draw.word[1]);
      cost += m.onset;
      if (ill > m.scan_on && left > m.scan_on && draw.word[2] < m.scan_level) cost += m.scan;
      if (ill > m.chronic_on && left > m.chronic_on && draw.word[3] < m.chronic_level) {
        int64_t lasting = quantile(tables[LASTING], philox(person, episode, CHRONICITY, seed).word[0]);
        cost += m.acute * m.chronic_on + m.chronic * least(lasting, left - m.chronic_on);
        ill = m.chronic_on + lasting;
      } else {
        cost += m.acute * least(ill, left);
      }
      now += ill;
    }
    costs[person] = cost;
  }
  return episodes;
}
