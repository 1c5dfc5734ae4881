"""Whether a program may see what is kept: the access code in ``Authorization: Bearer`` (RFC 6750)."""

from __future__ import annotations

from yourl.answers import Answer
from yourl.captures.access import Limiter, bearer_code, code_is_right
from yourl.errors import Refusal
from yourl.views import context, services
from yourl.views.errors import refused

MISSING, WRONG, TOO_MANY = "access_code_missing", "access_code_wrong", "too_many_wrong_codes"

_CHALLENGE = 'Bearer realm="yourl"'
_HEADERS = {
    MISSING: ("WWW-Authenticate", _CHALLENGE),
    WRONG: ("WWW-Authenticate", f'{_CHALLENGE}, error="invalid_token"'),
    TOO_MANY: ("Retry-After", f"{Limiter.SECONDS:.0f}"),
}


def refuse_without_code() -> Answer | None:
    """401 without the access code, 429 after too many wrong ones; None where the code is right."""
    given = given_code()
    code = MISSING if given is None else fault_of(given)
    return refused(refusal(code)) if code else None


def given_code() -> str | None:
    """The access code that the request carries in its header; None where it carries none."""
    return bearer_code(context().head.value("authorization"))


def fault_of(given: str) -> str:
    """Empty where this access code is right, else the code of the error; counts wrong ones."""
    seen, known = context(), services()
    client = str(seen.verdict.client.value or seen.connection.peer)
    if known.limiter.is_blocked(client):
        return TOO_MANY
    if code_is_right(given, known.settings.live_code):
        return ""
    known.limiter.note_wrong_code(client)
    return WRONG


def refusal(code: str) -> Refusal:
    """The refusal for one of the three codes, with its header field."""
    return Refusal(code, headers=(_HEADERS[code],))
