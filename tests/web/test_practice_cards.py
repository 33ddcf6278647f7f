"""What the practice reads of its advice cards: how often followed, how often set aside, and why. Of nobody else's."""

import uuid
from datetime import timedelta

import pytest

from workplace import Office, words


@pytest.fixture
def office(site):  # noqa: ARG001
    return Office()


def told(office, kind, outcome, reason="", days_ago=1, practice=None):
    from django.utils import timezone

    from ruggespraak.clinic.models import CardFeedback

    return CardFeedback.objects.create(
        card=uuid.uuid4(), practice=practice or office.practice.pk, service="ruggespraak-order-sign", kind=kind,
        outcome=outcome, reason=reason, at=timezone.now() - timedelta(days=days_ago),
    )  # fmt: skip


def rows(office):
    """The lines of the table, as text."""
    page = office.visitor.get(f"practice/{office.practice.id}/cards/").page
    return [words(row) for row in page.partition("<tbody>")[2].partition("</tbody>")[0].split("</tr>") if "<td" in row]


@pytest.mark.control("C-42")
def test_each_kind_of_card_is_counted_with_why_it_was_set_aside_and_what_is_set_aside_most_comes_first(office):
    told(office, "alarm", "accepted")
    for _ in range(2):
        told(office, "scan_needless", "overridden", "specialist")
    told(office, "scan_needless", "overridden")
    told(office, "scan_needless", "accepted")
    told(office, "alarm", "overridden", "other")
    assert rows(office) == [
        "Beeldvorming niet nuttig 1× opgevolgd, 3× weggelegd "
        "Op verzoek van een specialist (2×); geen reden genoemd (1×)",
        "Alarmsymptoom 1× opgevolgd, 1× weggelegd een andere reden (1×)",
    ]


def test_what_another_practice_did_and_what_is_long_ago_is_not_counted(office):
    told(office, "alarm", "accepted", practice=uuid.uuid4())
    told(office, "alarm", "accepted", days_ago=400)
    assert rows(office) == []
    assert "Er is nog niets gemeld." in office.visitor.page


def test_every_kind_of_card_and_every_reason_has_words_here_in_both_languages(office):
    from ruggespraak.fhir.cards.card import Kind, reasons_of

    for kind in Kind:
        for reason in reasons_of(kind):
            told(office, str(kind), "overridden", reason)
    assert len(rows(office)) == len(Kind)
    office.visitor.lang = "en"
    assert len(rows(office)) == len(Kind)


def test_the_page_is_found_from_where_one_works(office):
    page = office.visitor.get("practice/").page
    assert f"/nl/practice/{office.practice.id}/cards/" in page
    assert "Advieskaarten" in page
