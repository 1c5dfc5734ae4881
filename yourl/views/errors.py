"""Every error has one shape: JSON for programs, a small page for browsers, never a traceback.

Knows nothing of Flask; ``framework`` has the errors by which Flask and Werkzeug end a request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from yourl.answers import Answer, error_answer
from yourl.errors import Refusal, YourlError
from yourl.views import accept, context, services


def answer_own_error(error: YourlError) -> Answer:
    """An error that yourl raised on purpose."""
    return refused(error.refusal)


def refused(refusal: Refusal, **more: Any) -> Answer:
    """The answer to a request that is refused; the URL is the decided one.

    :param more: further keys of the JSON
    """
    headers = refusal.headers
    if refusal.status in (400, 413):
        # What is left of the body was not read: the connection cannot be used again (RFC 9112 section 9.3).
        headers = (*headers, ("Connection", "close"))
    return replace(error_response(refusal.status, refusal.code, refusal.message, more), headers=headers)


def answer_unexpected_error(error: Exception) -> Answer:
    """A defect of ours: logged with its traceback, answered without."""
    services().log.error("Unhandled exception", exc_info=error)
    message = "The server met an unhandled error; it is logged."
    # The defect may well be in the verdict, so that is not asked for the URL.
    return _response(500, "internal_error", message, context().head.target.origin_form)


def error_response(
    status: int, code: str, message: str, more: dict[str, Any] | None = None, paths: Sequence[str] = ()
) -> Answer:
    """An error as JSON, or as a page for a browser; the URL is decided as for any other request.

    :param more: further keys of the JSON
    :param paths: paths to link to
    """
    seen = context()
    return _response(status, code, message, seen.url, prefix=seen.prefix, more=more, paths=paths)


def _response(status: int, code: str, message: str, url: str, **options: Any) -> Answer:
    return error_answer(status, code, message, url, accept=accept(), **options)
