"""The probe: a small model of back pain that every contender of ``population_peers.py`` lives, in days and euros.

Somebody healthy falls ill after an exponential time. What is ill recovers after a Weibull time, of which half is over
in 14 days and 95 % in 91. Who is still ill on day 49 is scanned with a chance; who is still ill on day 91 becomes
chronic with another chance, and is then ill for a further exponential time *instead of* the rest of the Weibull time;
the others recover when the Weibull time says so. Then all begins again, at a higher rate. What would happen after the
last day does not happen and costs nothing. (Were the chronic time to follow the rest of the Weibull time, a person
would cost 30 euros more.) Every number here is made up: it stands for no patients.
"""

from __future__ import annotations

import math

import numpy as np

DAYS = 3640  # 520 weeks
YEAR = 365

FIRST, AGAIN = 0.35 / YEAR, 0.80 / YEAR  # onsets a day: before the first, and after it
SHAPE = 0.782
SCALE = 14 / math.log(2) ** (1 / SHAPE)  # days
SCAN_ON, SCAN_SHARE = 49, 0.30
CHRONIC_ON, CHRONIC_SHARE, CHRONIC_MEAN = 91, 0.40, 365

ONSET, SCAN = 40, 250  # euros
ACUTE, CHRONIC = 8, 12  # euros a day


def expected(steps_a_day: int = 2) -> tuple[float, float]:
    """The mean cost and the episodes of one person, without a random number: by the equations of renewal, in steps.

    With ``h(t)`` what somebody costs who is healthy t days before the end, and ``f(t)`` what an episode costs that
    begins then and all that follows it: h' = rate (f - h), and f = its own cost + h where it is over.
    """
    step = 1 / steps_a_day
    ages = np.arange(DAYS * steps_a_day + 1) * step  # of an episode, in days
    weibull = np.exp(-((ages / SCALE) ** SHAPE))
    still = np.exp(-((CHRONIC_ON / SCALE) ** SHAPE))
    late = ages > CHRONIC_ON
    acute = np.where(late, (1 - CHRONIC_SHARE) * weibull, weibull)
    chronic = np.where(late, CHRONIC_SHARE * still * np.exp(-(ages - CHRONIC_ON) / CHRONIC_MEAN), 0)
    over = -np.diff(acute + chronic)  # in each step

    a_step = (ACUTE * (acute[1:] + acute[:-1]) + CHRONIC * (chronic[1:] + chronic[:-1])) / 2 * step
    scan = SCAN * SCAN_SHARE * np.exp(-((SCAN_ON / SCALE) ** SHAPE)) * (ages > SCAN_ON)
    cost = ONSET + np.append(0, np.cumsum(a_step)) + scan

    def renewed(own: np.ndarray) -> float:
        first, again, ill = 0.0, np.zeros_like(ages), np.zeros_like(ages)
        during = np.zeros_like(over)  # what somebody healthy costs, in the middle of each step
        ill[0] = own[0]
        for now in range(1, len(ages)):
            during[now - 1] = again[now - 1]
            ill[now] = own[now] + over[:now] @ during[now - 1 :: -1]
            mean = (ill[now] + ill[now - 1]) / 2
            first = mean + (first - mean) * math.exp(-FIRST * step)
            again[now] = mean + (again[now - 1] - mean) * math.exp(-AGAIN * step)
            during[now - 1] = (again[now] + again[now - 1]) / 2
        return float(first)

    return renewed(cost), renewed(np.ones_like(ages))
