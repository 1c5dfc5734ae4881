"""Jinja templates to pages. Every value is escaped; a missing one is an error."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Expr
from markupsafe import Markup, escape

from yourl.pages import allowance, words
from yourl.pages.assets import Page, encoded, icon_address, packed_text, policy
from yourl.pages.filters import FILTERS, TESTS, WORDS


def render(
    template: str,
    *,
    style: str = "inspection.css",
    script: str = "copy.js inspection.js",
    forms: bool = False,
    connects: bool = False,
    **context: Any,
) -> Page:
    """A page from a template, with style sheets and scripts of the ``static`` folder.

    :param style: names of files, with a blank between them
    :param script: the same; empty for none
    :param forms: whether the page has forms
    :param connects: whether its script asks this server
    """
    styles, scripts = joined(style), joined(script)
    html = (
        environment()
        .get_template(template)
        .render(style=styles, script=scripts, icon_address=icon_address(), **context)
    )
    return Page(encoded(html), policy(styles, scripts, forms=forms, connects=connects))


@cache
def joined(names: str) -> Markup:
    """The texts of these static files, one after the other."""
    return Markup("\n").join(packed_text("static", name) for name in names.split())


def fragment(template: str, **context: Any) -> str:
    """A part of a page."""
    return environment().get_template(template).render(**context)


def warm() -> None:
    """Read and compile all templates, so that nothing is read from the package later on."""
    for names in ("inspection.css", "copy.js inspection.js", "error.css"):
        joined(names)
    icon_address()
    for name in jinja_templates():
        environment().get_template(name)


def jinja_templates() -> list[str]:
    """The names of the templates in Jinja's language; ``errors.py`` has others."""
    return environment().list_templates(filter_func=lambda name: not name.endswith(".format.html"))


class _CodeGenerator(CodeGenerator):
    """Writes ``environment.escaped(value)`` where Jinja's own writes ``escape(value)``."""

    def _output_child_pre(self, node: Expr, frame: Frame, finalize: Any) -> None:
        self.write("environment.escaped(")


class _Environment(Environment):
    """Documents are plain dicts: a dot looks up a key first, which also takes a fifth of the time."""

    code_generator_class = _CodeGenerator

    @staticmethod
    def escaped(value: Any) -> Markup:
        """The value as markup; what is markup stays itself, of which ``escape`` would make two copies."""
        return value if value.__class__ is Markup else escape(value)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if obj.__class__ is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


@cache
def environment() -> Environment:
    """Jinja's environment with this package's templates, filters and words."""
    made = _Environment(
        loader=PackageLoader("yourl.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(FILTERS)
    made.filters.update(words.FILTERS)
    made.filters.update(allowance.FILTERS)
    made.tests.update(TESTS)
    made.globals.update(WORDS)
    return made
