"""Whether a program may see what is kept: the access code in ``Authorization: Bearer`` (RFC 6750)."""

from __future__ import annotations

from yourl.answers import Answer
from yourl.captures.access import Limiter, bearer_code, code_is_right
from yourl.errors import Refusal
from yourl.views import context, services
from yourl.views.errors import refused

_CHALLENGE = 'Bearer realm="yourl"'


def refuse_without_code() -> Answer | None:
    """401 without the access code, 429 after too many wrong ones; None where the code is right."""
    seen, known = context(), services()
    client = str(seen.verdict.client.value or seen.connection.peer)
    given = bearer_code(seen.head.value("authorization"))
    if given is None:
        return _refused("access_code_missing", "WWW-Authenticate", _CHALLENGE)
    if known.limiter.is_blocked(client):
        return _refused("too_many_wrong_codes", "Retry-After", f"{Limiter.SECONDS:.0f}")
    if code_is_right(given, known.settings.live_code):
        return None
    known.limiter.note_wrong_code(client)
    return _refused("access_code_wrong", "WWW-Authenticate", f'{_CHALLENGE}, error="invalid_token"')


def _refused(code: str, name: str, value: str) -> Answer:
    return refused(Refusal(code, headers=((name, value),)))
