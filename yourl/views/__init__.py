"""The views: one module for each audience. They may not know Gunicorn.

A view gives an ``Answer``. Flask finds the view for most paths; for those that are asked all day
``yourl/views/direct.py`` does, at a third of the cost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from logging import Logger
from typing import TYPE_CHECKING, Any

from yourl.answers import HTML, JSON, Answer
from yourl.context import RequestContext
from yourl.representation import prefers_html, to_json, wants_compact
from yourl.settings import Settings

if TYPE_CHECKING:
    from yourl.captures.access import Limiter
    from yourl.captures.ended_sessions import EndedSessions
    from yourl.captures.store import CaptureStore
    from yourl.pages import Page


@dataclass(frozen=True)
class Services:
    """What the application factory hands to every view."""

    settings: Settings
    is_draining: Callable[[], bool]
    machine: str
    log: Logger
    paths: tuple[str, ...]
    """The paths that are answered, for people who asked for another one."""
    store: CaptureStore
    """Where requests to inboxes are kept."""

    @cached_property
    def limiter(self) -> Limiter:
        """Counts wrong access codes."""
        from yourl.captures.access import Limiter

        return Limiter(self.store)

    @cached_property
    def ended_sessions(self) -> EndedSessions:
        """Which sessions were signed out of."""
        from yourl.captures.ended_sessions import EndedSessions

        return EndedSessions(self.store)


class _Current(threading.local):
    """The request that a thread answers. Flask's own locals cost ten times as much to read."""

    services: Services
    context: RequestContext
    environ: MutableMapping[str, Any]


_current = _Current()


def begin(services: Services, context: RequestContext, environ: MutableMapping[str, Any]) -> None:
    """Make this the request that the thread answers; the application does."""
    _current.services, _current.context, _current.environ = services, context, environ


def services() -> Services:
    """The services of the application that serves this request."""
    return _current.services


def context() -> RequestContext:
    """What is known and concluded of this request."""
    return _current.context


def environ() -> MutableMapping[str, Any]:
    """The WSGI environ of this request (PEP 3333)."""
    return _current.environ


def accept() -> str:
    """The request's Accept field."""
    return _current.context.head.value("accept")


def json_response(document: Any, status: int = 200) -> Answer:
    """A JSON answer, on one line where the client asks for that."""
    compact = wants_compact(accept(), context().head.target.query or "")
    return Answer(status, to_json(document, compact=compact), JSON)


def page_or_json(title: str, document: dict[str, Any], aside: str = "") -> Answer:
    """A few facts: JSON for programs, a small page for browsers.

    :param aside: what the page says about what else can be asked for
    """
    if not prefers_html(accept()):
        return json_response(document)
    from yourl.pages import facts_page

    return html_response(facts_page(title, document, aside))


def html_response(page: Page, status: int = 200) -> Answer:
    """A page with the policy that it needs."""
    return Answer(status, page.content, HTML, page.content_security_policy)
