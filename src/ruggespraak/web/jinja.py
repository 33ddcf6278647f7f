"""The templates: Jinja2 with gettext, and tests for the blocks of a document."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from jinja2 import Environment, StrictUndefined

from ruggespraak.documents import content


def environment(**options: Any) -> Environment:
    """The environment that settings name. Raises an error for a name that a template does not get."""
    found = Environment(
        **{**options, "undefined": StrictUndefined},
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    found.globals.update(static=static, url=lambda name, **values: reverse(name, kwargs=values))
    for block in (content.Paragraph, content.Points, content.Picture, content.Table, content.Part):
        found.tests[block.__name__.lower()] = _is(block)
    return found


def _is(kind: type) -> Any:
    return lambda block: isinstance(block, kind)
