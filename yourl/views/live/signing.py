"""Signing in, by the form or by the link that the start prints, and signing out.

A browser without a session gets the form in place of what it asked for, with status 200, since nothing
failed; a program gets 401. Where to go afterwards is read strictly: never to another site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from yourl.answers import HTML, Answer
from yourl.errors import ERRORS, Headers, Refusal
from yourl.inspection import query_of
from yourl.pages.errors import path_prefix
from yourl.representation import prefers_html
from yourl.text import percent_decoded
from yourl.views import accept, context, html_response
from yourl.views.bearer import MISSING, fault_of, refusal
from yourl.views.errors import refused
from yourl.views.live.forms import form
from yourl.views.sessions import end_session, no_session_cookie, session_cookie

HOME = "/live"
CODE_FIELD, NEXT_FIELD = "access_code", "next"
LONGEST_NEXT = 2000
"""Characters of an address to go to after signing in."""
SESSION_ENDED = "The session has ended. Sign in, then make the change again."

# No segment begins with a dot, none is empty: what starts with // or leaves /live is no match.
_NEXT = re.compile(r"/live(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*)?")


def sign_in() -> Answer:
    """Begin a session where the form has the access code."""
    if _is_asked_by_another_site():
        return refused(Refusal("cross_site_request"))
    fields = form()
    given, wanted = fields.get(CODE_FIELD, ""), fields.get(NEXT_FIELD, "")
    code = fault_of(given) if given else MISSING
    return refused_sign_in(code, wanted) if code else see_other(wanted, session_cookie())


def sign_out() -> Answer:
    """End the session: this browser forgets its cookie, and copies of it are refused."""
    end_session()
    return see_other(HOME, no_session_cookie())


def sign_in_by_link() -> Answer | None:
    """The answer to ``?access_code=CODE``: a session, and the same address without the code.

    None where the parameter is not there.
    """
    given = query_of(context().head)[0].get(CODE_FIELD)
    if given is None:
        return None
    if _is_asked_by_another_site():
        return refused(Refusal("cross_site_request"))
    wanted = _without_code()
    code = fault_of(given[0])
    return refused_sign_in(code, wanted) if code else see_other(wanted, session_cookie())


def _is_asked_by_another_site() -> bool:
    """Whether a page of another site tries codes in a visitor's browser, which would shut the visitor out.

    Browsers say so (Fetch Metadata Request Headers) where the server has TLS or is on the same machine. A
    link may come from anywhere, but opens as a page.
    """
    head = context().head
    if head.method == "POST":
        return head.value("sec-fetch-site") not in ("", "none", "same-origin")
    return head.value("sec-fetch-dest") not in ("", "document")


def _without_code() -> str:
    parts = (context().head.target.query or "").split("&")
    kept = "&".join(part for part in parts if part and _name_of(part) != CODE_FIELD)
    return f"{HOME}?{kept}" if kept else HOME


def _name_of(parameter: str) -> str:
    name = parameter.partition("=")[0].replace("+", " ").encode("latin-1", "replace")
    return percent_decoded(name).decode("utf-8", "replace")


def refused_sign_in(code: str, wanted: str) -> Answer:
    """The form with the reason, or the error for a program."""
    if not prefers_html(accept()):
        return refused(refusal(code))
    message = "Enter the access code." if code == MISSING else ERRORS[code].meaning
    return sign_in_form(message, wanted, ERRORS[code].status, refusal(code).headers)


def form_in_place() -> Answer:
    """The form in place of what a browser without a session has asked for."""
    seen = context()
    if seen.head.method in ("GET", "HEAD"):
        return sign_in_form("", seen.head.target.origin_form, 200)
    missing = refusal(MISSING)
    return sign_in_form(SESSION_ENDED, HOME, missing.status, missing.headers)


def sign_in_form(message: str, wanted: str, status: int, headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """The page that asks for the access code."""
    from yourl.pages.live import sign_in_page

    page = sign_in_page({"prefix": context().prefix, "message": message, "next": safe_next(wanted)})
    return replace(html_response(page, status), headers=tuple(headers))


def see_other(wanted: str, *headers: tuple[str, str]) -> Answer:
    """303: the browser asks for another of the live pages."""
    location = path_prefix(context().prefix) + safe_next(wanted)
    fields: Headers = (("Location", location), *headers)
    return Answer(303, b"", HTML, headers=fields)


def safe_next(wanted: str) -> str:
    """The address, without a proxy's prefix, where it is one of the live pages; else the first of them."""
    return wanted if len(wanted) <= LONGEST_NEXT and _NEXT.fullmatch(wanted) else HOME
