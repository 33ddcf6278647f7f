"""What can be read of a plot: its words as they lie on the sheet, and its colours as the colour-blind see them."""

from functools import cache
from itertools import combinations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.text import Text


def written(figure):
    """Every text that is drawn, as it is read."""
    return [text.get_text().replace("\n", " ") for text in texts(figure)]


@cache
def texts(figure):
    FigureCanvasAgg(figure).draw()
    outside = {id(label) for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for label in beyond(axis)}
    return [one for one in figure.findobj(Text) if said(one) and id(one) not in outside]


def said(text):
    return text.get_visible() and text.get_text().strip()


def beyond(axis):
    """The labels of ticks that lie outside the panel: they exist, but are not drawn."""
    low, high = sorted(axis.get_view_interval())
    slack = (high - low) / 1e6
    return [tick.label1 for tick in axis.get_major_ticks() if not low - slack <= tick.get_loc() <= high + slack]


def legible(figures):
    for name, figure in figures.items():
        wide, high = figure.bbox.size
        boxes = [(one.get_text(), one.get_window_extent()) for one in texts(figure)]
        for said, box in boxes:
            inside = box.x0 > 0 and box.y0 > 0 and box.x1 < wide and box.y1 < high
            assert inside, f"{name}: {said!r} leaves the sheet"
        for (one, here), (other, there) in combinations(boxes, 2):
            across = min(here.x1, there.x1) - max(here.x0, there.x0)
            up = min(here.y1, there.y1) - max(here.y0, there.y0)
            over = across > 2 and up > 6  # of 200 to an inch: the box of a line is taller than its words
            assert not over, f"{name}: {one!r} lies over {other!r}"


def seen(colour, matrix):
    """CIE L*a*b* of a colour as who has this deficiency sees it."""
    of = np.array(to_rgb(colour))
    light = np.clip(np.array(matrix) @ np.where(of <= 0.04045, of / 12.92, ((of + 0.055) / 1.055) ** 2.4), 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ light / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


# Machado, Oliveira and Fernandes (2009), severity 1.
DEFICIENCIES = {
    "none": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def told_apart(colours, deficiency):
    """By more than 12 in CIE76: 2 is what one just sees side by side; how many more it takes is an own choice."""
    for one, other in combinations(colours, 2):
        apart = np.linalg.norm(seen(one, DEFICIENCIES[deficiency]) - seen(other, DEFICIENCIES[deficiency]))
        assert apart > 12, (one, other)
