"""What a form of the self-check brings in: pointing at the body, lists, numbers, dates. Nothing unsaid becomes a no."""

from datetime import date

import pytest

from ruggespraak.consult import Screen

ON = date(2026, 1, 15)
PAIN = Screen(("low_back_pain", "leg_pain", "worry_distress"), "pain")
BOTH = {"low_back_pain": True, "leg_pain": True, "pain_location": "low_back"}
LIST = Screen(("saddle_numbness", "foot_drop"), "alarm")


@pytest.fixture
def forms():
    from ruggespraak.web import forms

    return forms


def sent(go="on", **fields):
    lists = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    return {"go": [go], "screen": ["x"], "csrfmiddlewaretoken": ["y"], **lists}


# -- pointing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("places", "says"),
    [
        (["low_back"], {"low_back_pain": True, "leg_pain": False, "pain_location": "low_back"}),
        (["low_back", "thoracic"], {"low_back_pain": True, "leg_pain": False, "pain_location": "low_back"}),
        (["flank", "thoracic"], {"low_back_pain": False, "leg_pain": False, "pain_location": "thoracic"}),
        (["flank", "groin"], {"low_back_pain": False, "leg_pain": False, "pain_location": "flank"}),
        (["thoracic"], {"low_back_pain": False, "leg_pain": False, "pain_location": "thoracic"}),
        (
            ["low_back", "lower_leg_left"],
            {**BOTH, "leg_pain_side": "left", "leg_pain_below_knee": True},
        ),
        (["low_back", "upper_leg_right"], {**BOTH, "leg_pain_side": "right"}),
        (["low_back", "buttock_left"], {**BOTH, "leg_pain_side": "left"}),
        (["low_back", "buttock_left", "buttock_right"], BOTH),
        (
            ["buttock_left", "lower_leg_right"],
            {
                "low_back_pain": False,
                "leg_pain": True,
                "leg_pain_side": "right",
                "leg_pain_below_knee": True,
                "pain_location": "buttock",
            },
        ),
        (
            ["upper_leg_left", "upper_leg_right"],
            {"low_back_pain": False, "leg_pain": True, "leg_pain_side": "both", "pain_location": "leg"},
        ),
        (["no_pain"], {"low_back_pain": False, "leg_pain": False}),
    ],
)
def test_pointing_says_where_it_hurts(forms, places, says):
    found = forms.read(PAIN, sent(place=places, worry_distress="no"), ON, "nl")
    assert found.reading.answers == {**says, "worry_distress": False}
    assert found.places == tuple(places)


def test_pain_in_both_buttocks_is_not_pain_in_both_legs(forms):
    """Both legs are an alarm (R1b); a sore seat is not."""
    found = forms.read(PAIN, sent(place=["buttock_left", "buttock_right"], worry_distress="no"), ON, "nl")
    assert "leg_pain_side" not in found.reading.answers


def test_an_upper_leg_says_nothing_of_below_the_knee(forms):
    found = forms.read(PAIN, sent(place=["upper_leg_left"], worry_distress="no"), ON, "nl")
    assert "leg_pain_below_knee" not in found.reading.answers


def test_not_pointing_is_no_answer(forms):
    found = forms.read(PAIN, sent("rest_open", worry_distress="no"), ON, "nl")
    assert found.reading.answers == {"worry_distress": False}
    assert found.reading.unclear == frozenset()


def test_not_knowing_where_it_hurts_is_not_known(forms):
    found = forms.read(PAIN, sent(place=["unclear"], worry_distress="no"), ON, "nl")
    assert found.reading.unclear == {"low_back_pain", "leg_pain"}


@pytest.mark.parametrize("go", ["none", "rest_no"])
def test_no_button_says_that_nothing_hurts(forms, go):
    """Who leaves the body alone and says no to the rest has not said no to pain."""
    found = forms.read(PAIN, sent(go), ON, "nl")
    assert found.reading.answers == {"worry_distress": False}
    assert found.rest == ("low_back_pain", "leg_pain")


@pytest.mark.parametrize("other", ["no_pain", "unclear"])
def test_a_place_and_no_place_do_not_go_together(forms, other):
    found = forms.read(PAIN, sent(place=["low_back", other], worry_distress="no"), ON, "nl")
    assert set(found.mistakes) == {"place"}
    assert found.reading.answers == {}


def test_a_place_answers_only_what_its_screen_asks(forms):
    found = forms.read(Screen(("leg_pain",)), sent(place=["low_back"]), ON, "nl")
    assert "low_back_pain" not in found.reading.answers
    assert found.reading.answers["leg_pain"] is False


# -- lists -------------------------------------------------------------------------------------------------------------


def test_the_three_answers_are_three_things(forms):
    found = forms.read(LIST, sent(saddle_numbness="unclear", foot_drop="no"), ON, "nl")
    assert found.reading.answers == {"foot_drop": False}
    assert found.reading.unclear == {"saddle_numbness"}
    assert found.rest == ()


@pytest.mark.parametrize(
    ("go", "answers", "unclear", "rest"),
    [
        ("on", {}, set(), ("foot_drop",)),
        ("rest_no", {"foot_drop": False}, set(), ()),
        ("rest_unclear", {}, {"foot_drop"}, ()),
        ("rest_open", {}, set(), ()),
    ],
)
def test_what_is_left_alone_is_what_the_button_says_it_is(forms, go, answers, unclear, rest):
    found = forms.read(LIST, sent(go, saddle_numbness="yes"), ON, "nl")
    assert found.reading.answers == {"saddle_numbness": True, **answers}
    assert found.reading.unclear == unclear
    assert found.rest == rest


@pytest.mark.control("C-10")
def test_none_of_these_is_no_to_each_item_shown_and_to_nothing_else(forms):
    found = forms.read(LIST, sent("none"), ON, "nl")
    assert found.reading.answers == {"saddle_numbness": False, "foot_drop": False}


# -- numbers and dates -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "day"),
    [(("15", "1", "2026"), ON), (("01", "12", "2025"), date(2025, 12, 1)), (("16", "1", "2026"), None),
     (("31", "2", "2025"), None), (("1", "1", "25"), None), (("", "1", "2026"), None), (("x", "1", "2026"), None),
     (("1", "1", "1899"), None)],
)  # fmt: skip
def test_a_date_is_a_day_that_has_been_or_a_mistake(forms, typed, day):
    fields = dict(zip(("onset_date-day", "onset_date-month", "onset_date-year"), typed, strict=True))
    found = forms.read(Screen(("onset_date",)), sent(**fields), ON, "nl")
    assert found.reading.answers == ({"onset_date": day} if day else {})
    assert bool(found.mistakes) == (day is None)


def test_one_mistake_and_nothing_of_the_page_counts(forms):
    found = forms.read(Screen(("age_years", "first_episode")), sent(age_years="200", first_episode="yes"), ON, "nl")
    assert found.reading.answers == {}
    assert set(found.mistakes) == {"age_years"}


@pytest.mark.parametrize("unit", ["fortnights", "weeks"])
def test_a_unit_that_the_page_does_not_offer_is_tampering(forms, unit):
    with pytest.raises(forms.TamperedError):
        forms.read(Screen(("age_years",)), sent(age_years="4", **{"age_years-unit": unit}), ON, "nl")
