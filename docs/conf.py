"""The documentation as a website: ``make site``.

Sphinx reads the repository from its root (``sphinx-build -c docs . build/site``), so that a link between two pages is
the same here as on a code host. Nothing is fetched, neither while it is built nor while it is read.
"""

import re
import sys
from pathlib import Path

from docutils import nodes

from ruggespraak import __version__

sys.path.insert(0, str(Path(__file__).parent / "making"))
from flowchart import drawn

project = "Ruggespraak"
copyright = "Ruggespraak contributors, Apache-2.0"
release = version = __version__
language = "en"

root_doc = "docs/index"
include_patterns = ["docs/**", "*.md", "deploy/*.md", "benchmarks/*.md"]
exclude_patterns = [".*", "build", "dist", "src", "tests", "docs/source", "**/*.template.md", "benchmarks/peers"]

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_heading_anchors = 4
suppress_warnings = ["myst.xref_missing"]  # it does not see <a id="…">; tests/docs/test_site.py follows every link
autodoc_member_order = "bysource"
autodoc_typehints = "description"
nitpick_ignore_regex = [("py:class", ".*")]  # a type that no page describes stays a plain word

html_theme = "furo"
html_title = "Ruggespraak"
html_copy_source = False
html_extra_path = ["top/index.html"]  # from the top of the site to docs/index
html_static_path = ["_static"]
html_css_files = ["site.css"]

DUTCH = re.compile(r"\.nl$|/nl/|^docs/(proof|leaflet|deviation)$")


def speak_dutch(_app, page, _template, context, doctree):
    """A screen reader reads a Dutch page in Dutch; what stands around it is English."""
    if doctree is not None and DUTCH.search(page):
        context["body"] = f'<div lang="nl">{context["body"]}</div>'


def draw(_app, doctree):
    """What a code host draws of Mermaid is drawn here too, without its script."""
    for block in list(doctree.findall(nodes.literal_block)):
        if block.get("language") == "mermaid":
            block.replace_self(nodes.raw("", drawn(block.astext()), format="html"))


def setup(app):
    app.connect("doctree-read", draw)
    app.connect("html-page-context", speak_dutch)
