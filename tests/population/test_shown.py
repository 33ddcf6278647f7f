"""A figure that is shown is no finer than what is known of it, and a difference has its sign."""

import pytest

from ruggespraak.population.shown import difference, rounded
from ruggespraak.wording import JOIN


def spaced(said):
    return said.replace(JOIN, " ")


@pytest.mark.parametrize(
    ("value", "width", "nl", "en"),
    [
        (915_812, 9_731, "915.800 ± 9.700", "915,800 ± 9,700"),
        (5_198_004, 34_000, "5,198 ± 0,034 miljoen", "5.198 ± 0.034 million"),
        (400, 1_200_000, "0,0 ± 1,2 miljoen", "0.0 ± 1.2 million"),
        (0.512, 0.1, "0,51 ± 0,10", "0.51 ± 0.10"),
        (-5_390, 640, "−5.390 ± 640", "−5,390 ± 640"),
        (0, 0, "0", "0"),
    ],
)
def test_a_figure_has_two_digits_of_its_interval(value, width, nl, en):
    assert (spaced(rounded(value, width / 1.96, "nl")), spaced(rounded(value, width / 1.96, "en"))) == (nl, en)


@pytest.mark.parametrize(
    ("extra", "width", "shown"),
    [(0.512, 0.1, "+0.51 ± 0.10"), (-0.512, 0.1, "−0.51 ± 0.10"), (3, 50, "+3 ± 50"), (0.2, 50, "0 ± 50"),
     (-0.2, 50, "0 ± 50"), (0, 0, "0")],
)  # fmt: skip
def test_a_difference_has_its_sign_and_nothing_has_none(extra, width, shown):
    assert spaced(difference({"extra": extra, "extra_error": width / 1.96}, "en")) == shown
