"""What Mermaid would draw of our small charts is drawn: every box once, every arrow from where it begins to its end."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from flowchart import drawn, read

CIRCLE = """\
flowchart LR
    A["a person"] --> B{"comes to<br>a GP?"}
    B -->|no| C(["over"])
    B -- "yes" --> D["care"] --> C
    C -.-> A
"""


def places(chart: str) -> dict[str, tuple[float, float]]:
    """The words of a box -> where it stands."""
    svg = ET.fromstring(drawn(chart))
    boxes = [one for one in svg.iter() if one.tag.endswith("rect")]
    texts = [one for one in svg.iter() if one.tag.endswith("text") and "class" not in one.attrib]
    return {
        text.text or "": (float(box.get("x", "")), float(box.get("y", "")))
        for box in boxes
        for text in texts
        if inside(box, text)
    }


def inside(box: ET.Element, text: ET.Element) -> bool:
    x, y, width, height = (float(box.get(name, "")) for name in ("x", "y", "width", "height"))
    return x < float(text.get("x", "")) < x + width and y < float(text.get("y", "")) < y + height


def test_a_box_stands_to_the_right_of_all_that_leads_to_it() -> None:
    found = places(CIRCLE)
    assert found["a person"][0] < found["comes to"][0] < found["care"][0] < found["over"][0]
    assert found["comes to"] == found["a GP?"]


def test_the_words_of_an_arrow_are_there_and_one_that_closes_a_circle_goes_back() -> None:
    arrows = read(CIRCLE).arrows
    assert [one.words for one in arrows] == [[], ["no"], ["yes"], [], []]
    assert "over → a person" in drawn(CIRCLE)
    assert "stroke-dasharray" in drawn(CIRCLE)


@pytest.mark.parametrize(
    "chart", ["flowchart TD\n A --> B", 'flowchart LR\n A ==> B["b"]', "flowchart LR\n A & B --> C"]
)
def test_what_cannot_be_drawn_stops_the_site(chart: str) -> None:
    with pytest.raises(ValueError, match="draw"):
        drawn(chart)
