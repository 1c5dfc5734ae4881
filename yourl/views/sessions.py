"""Who may see what is kept: programs by the access code, browsers by a session in a signed cookie.

The cookie has the path of the live pages, so that it is not among the header fields that ``/api`` shows and
inboxes keep. ``SameSite=Lax``, not ``Strict``: a link to a kept request, in a mail say, should find the
session. So every change by a session needs its change token, which no other site can read.
"""

from __future__ import annotations

import re

from werkzeug.http import dump_cookie

from yourl.answers import Answer
from yourl.captures.access import SESSION_SECONDS, Keys, Session
from yourl.errors import Refusal
from yourl.views import context, services
from yourl.views.bearer import given_code, refuse_without_code
from yourl.views.errors import refused

CHANGE_FIELD, CHANGE_HEADER = "change_token", "x-change-token"
MOST_COOKIES = 4
"""Cookies of the session's name that are looked at; a browser sends one for each path that has one."""

_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


def keys() -> Keys:
    """The keys of the access code."""
    return Keys(services().settings.live_code)


def refuse_without_access() -> Answer | None:
    """None where the request carries the access code or a session, else the refusal."""
    if given_code() is None and session() is not None:
        return None
    return refuse_without_code()


def refuse_without_change_token(form_token: str = "") -> Answer | None:
    """403 for a change by a session without the session's change token; the access code itself needs none.

    :param form_token: the token in a form; a script sends it in the header field
    """
    known = session()
    if known is None or given_code() is not None:
        return None
    token = context().head.value(CHANGE_HEADER) or form_token
    return None if keys().change_is_allowed(known, token) else refused(Refusal("change_token_wrong"))


def change_token() -> str:
    """What the forms of a page must carry; empty where the request has no session."""
    known = session()
    return "" if known is None else keys().change_token(known)


def session() -> Session | None:
    """The session that the request's cookie holds; None where it was signed out of."""
    seen = context()
    if not seen.has_read_session:
        seen.session, seen.has_read_session = _session_in_cookies(), True
    return seen.session


def _session_in_cookies() -> Session | None:
    found = map(keys().session, _cookies(_name())[:MOST_COOKIES])
    return next((each for each in found if each and not services().ended_sessions.includes(each)), None)


def end_session() -> None:
    """End the session of this request in every worker and instance, for every copy of its cookie."""
    known = session()
    if known is not None:
        services().ended_sessions.end(known)


def session_cookie() -> tuple[str, str]:
    """The header field that begins a session."""
    return _set_cookie(keys().new_session(), SESSION_SECONDS)


def no_session_cookie() -> tuple[str, str]:
    """The header field that makes a browser forget its session."""
    return _set_cookie("", 0)


def _set_cookie(value: str, seconds: int) -> tuple[str, str]:
    cookie = dump_cookie(
        _name(),
        value,
        max_age=seconds,
        path=_path(),
        secure=_is_secure(),
        httponly=True,
        samesite="Lax",
        sync_expires=False,
    )
    return "Set-Cookie", cookie


def _is_secure() -> bool:
    return bool(context().verdict.scheme.value == "https")


def _name() -> str:
    # ``__Host-`` would need ``Path=/``; ``__Secure-`` keeps pages without TLS from setting it as well.
    return "__Secure-yourl-live" if _is_secure() else "yourl-live"


def _path() -> str:
    """The path of the live pages as the browser knows it; ``/`` where it cannot stand in a cookie."""
    prefix = context().prefix.rstrip("/")
    return f"{prefix}/live" if _PLAIN_PATH.fullmatch(prefix) else "/"


def _cookies(wanted: str) -> list[str]:
    # Werkzeug's parser raises for a field that is not UTF-8.
    pairs = (part.strip(" ").partition("=") for part in context().head.value("cookie").split(";"))
    return [value for name, _, value in pairs if name == wanted]
