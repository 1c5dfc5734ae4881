"""Answers what is asked all day without Flask's routing, hooks and responses: they cost more than the answer.

The same views with the same hooks: tests/views/test_direct.py compares every answer with the one by Flask.
What is not answered here (other paths and methods, preflights) is Flask's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from yourl.answers import Answer
from yourl.errors import YourlError
from yourl.http1.head import METHODS_NOT_OFFERED
from yourl.views import admission, environ, probes
from yourl.views.errors import answer_own_error, answer_unexpected_error
from yourl.views.headers import headers_of, is_api, is_inbox, take_request_id

View = Callable[[], Answer]

_PROBES: dict[str, View] = {"/health": probes.health, "/ready": probes.ready}
_READING = frozenset(("GET", "HEAD"))


def view_for(path: str, method: str) -> View | None:
    """The view that answers without Flask, or None where Flask has to find one."""
    if is_api(path) or is_inbox(path):
        if method == "OPTIONS" or method in METHODS_NOT_OFFERED:
            return None
        return _echo() if is_api(path) else _receive()
    if method not in _READING:
        return None
    return _echo() if path == "/" else _PROBES.get(path)


# A start waits for the answer to a probe, which needs neither of these.


@cache
def _echo() -> View:
    from yourl.views.echo import echo

    return echo


@cache
def _receive() -> View:
    from yourl.views.inboxes import receive

    return receive


def answer(view: View, path: str, start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer the current request with ``view`` (PEP 3333)."""
    admission.count_in_flight()
    try:
        given = _answer(view)
        headers = headers_of(given, path, is_known=True)
    finally:
        admission.count_out(None)
    return given.send(environ(), start_response, headers)


def _answer(view: View) -> Answer:
    take_request_id()
    try:
        return admission.refuse_hosts() or view()
    except YourlError as error:
        return answer_own_error(error)
    except Exception as error:
        return answer_unexpected_error(error)
