"""The one family of errors that yourl raises on purpose.

Each class says which HTTP status it hints at, so that a view can answer without knowing the room
the error came from. Knows nothing of Flask, Gunicorn or the environment.
"""

from __future__ import annotations

from collections.abc import Sequence


class YourlError(Exception):
    """Base of every error raised on purpose; ``str(error)`` is a sentence for people."""

    status = 500
    code = "internal_error"


class SettingsError(YourlError):
    """One or more settings are wrong; ``faults`` holds one sentence for each, in order."""

    code = "bad_settings"

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class BadRequest(YourlError):
    """The request breaks HTTP in a way that a server must or may refuse (RFC 9110, RFC 9112)."""

    status = 400
    code = "bad_request"


class BodyTooLarge(YourlError):
    """The request's content is longer than ``limit`` bytes (RFC 9110 section 15.5.14)."""

    status = 413
    code = "body_too_large"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"The body is longer than the {limit} bytes that this server accepts.")
