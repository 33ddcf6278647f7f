"""The address of every draw: person, episode, purpose. No two uses share one (a test reads this table).

A purpose gives four words. A contact with the GP has two purposes of its own, by its number in the episode.
"""

from ruggespraak.population.kernel.philox import philox

# of a life: episode 0
DEATH_AND_KIND = 0  # death, whether it ever hurts, first onset, work
BEFORE = 1  # birth: sex of who is born during the run
# of an episode
COURSE = 2  # comes to a GP; recovery and return to work; how it shows, or, without a GP, whether to a physiotherapist;
#             absent from work
CASE = 3  # of who comes to a GP: cause, severity, delay, tells by itself
SURGERY = 4  # wish, patience, recovery after it, again
WAITS = 5  # specialist, operation, worse at home, whether a needless scan leads on
NEXT = 6  # comes back within a year, when, or later, not used
FIRST_CONTACT = 8  # asks, follows, begins physiotherapy, comes back; 9: scans, sends on, mind or pain team, moved a
#                     day; the next contact 10 and 11; and so on
CONTACTS = 16  # at most, in one episode


def draw(seed, person, episode, purpose):
    """Four words of 32 bits for one purpose."""
    return philox(
        person & 0xFFFFFFFF, (person >> 32) | purpose << 16, episode, 0, seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF
    )
