"""A refusal as bytes on the wire, for requests that no application sees.

Knows nothing of sockets and Gunicorn; the time of the answer is a parameter.
"""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import format_datetime

from yourl.answers import COMMON_HEADERS, error_answer, reason_phrase
from yourl.errors import Refusal
from yourl.http1.grammar import parse_authority
from yourl.http1.head import Head


def url_asked(head: Head | None, scheme: str = "http") -> str | None:
    """The URL that a refused request asked for, without a verdict about proxies; None if unknown."""
    if head is None:
        return None
    if head.target.form == "origin" and parse_authority(head.host) is not None:
        return f"{scheme}://{head.host}{head.target.raw}"
    return head.target.raw


def to_bytes(refusal: Refusal, head: Head | None, now: datetime | None = None) -> bytes:
    """The whole answer, after which the connection is closed; no content in answer to HEAD.

    :param head: the request's head, or as much of it as could be read
    """
    now = now or datetime.now(timezone.utc)
    answer = error_answer(
        refusal.status,
        refusal.code,
        refusal.message,
        url_asked(head),
        accept=head.value("accept") if head else "",
        now=now,
    )
    fields = [
        ("Date", format_datetime(now, usegmt=True)),
        ("Connection", "close"),
        ("Content-Type", answer.content_type),
        ("Content-Length", str(len(answer.content))),
        *COMMON_HEADERS,
        ("Content-Security-Policy", answer.content_security_policy),
        *refusal.headers,
    ]
    start = f"HTTP/1.1 {refusal.status} {reason_phrase(refusal.status)}\r\n"
    start += "".join(f"{name}: {value}\r\n" for name, value in fields) + "\r\n"
    is_head = head is not None and head.method == "HEAD"
    return start.encode("ascii") + (b"" if is_head else answer.content)
