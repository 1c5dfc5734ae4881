"""Jinja templates to pages. Every value is escaped; a missing one is an error."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from yourl.pages.assets import Page, icon_address, packed_text, policy
from yourl.pages.filters import FILTERS, TESTS, WORDS

STYLE = "inspection.css"
SCRIPT = "inspection.js"


def render(template: str, **context: Any) -> Page:
    """A page from a template that extends ``base.html``."""
    style, script = packed_text("static", STYLE), packed_text("static", SCRIPT)
    html = (
        environment()
        .get_template(template)
        .render(style=style, script=script, icon_address=icon_address(), **context)
    )
    return Page(html, policy(style, script))


def fragment(template: str, **context: Any) -> str:
    """A part of a page."""
    return environment().get_template(template).render(**context)


def warm() -> None:
    """Read and compile all templates, so that nothing is read from the package later on."""
    packed_text("static", STYLE)
    packed_text("static", SCRIPT)
    icon_address()
    for name in jinja_templates():
        environment().get_template(name)


def jinja_templates() -> list[str]:
    """The names of the templates in Jinja's language; ``errors.py`` has others."""
    return environment().list_templates(filter_func=lambda name: not name.endswith(".format.html"))


@cache
def environment() -> Environment:
    """Jinja's environment with this package's templates, filters and words."""
    made = Environment(
        loader=PackageLoader("yourl.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(FILTERS)
    made.tests.update(TESTS)
    made.globals.update(WORDS)
    return made
