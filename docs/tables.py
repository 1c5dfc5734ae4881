"""Writes the tables in docs/ that the program itself decides: settings, limits, error codes.

usage: python3 docs/tables.py

A table stands between ``<!-- table: NAME -->`` and ``<!-- end -->``; the text around it is written by hand.
tests/test_docs.py fails where a table is not what this program writes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from importlib import import_module
from operator import attrgetter
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from yourl.captures.inboxes import NAME_RULE  # noqa: E402  # the path must be set before
from yourl.errors import ERRORS  # noqa: E402
from yourl.http1.limits import Limits  # noqa: E402
from yourl.settings import SETTINGS  # noqa: E402
from yourl.settings.model import GROUPS  # noqa: E402

# Field of Limits -> what is limited, the refusal's code (empty: the connection is closed), how to change it.
WORKER_LIMITS = {
    "request_line_size": ("request line", "target_too_long", "`GUNICORN_CMD_ARGS=--limit-request-line N`"),
    "field_count": ("header fields", "too_many_fields", "`GUNICORN_CMD_ARGS=--limit-request-fields N`"),
    "field_size": ("one header field", "field_too_large", "`GUNICORN_CMD_ARGS=--limit-request-field_size N`"),
    "head_size": ("request line and header fields together", "head_too_large", ""),
    "body_size": ("request body", "body_too_large", "`YOURL_BODY_LIMIT`"),
    "head_timeout": ("time for the head", "head_timeout", "`YOURL_HEAD_TIMEOUT`"),
    "body_timeout": ("time for the body", "body_timeout", "`YOURL_BODY_TIMEOUT`"),
    "body_rate": ("rate at which a longer body or answer must move", "body_timeout", "`YOURL_BODY_RATE`"),
    "send_timeout": ("time for the client to take the answer", "", "`YOURL_SEND_TIMEOUT`"),
    "idle_timeout": ("time between two requests of one connection", "", "`YOURL_KEEPALIVE`"),
    "linger": ("time that a closing connection is still read", "", ""),
    "response_buffer": ("unsent bytes of one answer", "", "grows with `YOURL_BODY_LIMIT`"),
    "memory": ("memory for bodies and answers of one worker", "overloaded", "grows with `YOURL_BODY_LIMIT`"),
}

AS_TEXT = "nothing: shown as text, with a note"
NOT_LISTED = "nothing: not listed, with a note"
INBOX_GIVES_WAY = "nothing: the one with the fewest requests gives way"

# Constant, what is limited, the unit, and the codes of the refusal or what happens instead.
OTHER_LIMITS = [
    (
        "yourl.http1.grammar:MAX_AUTHORITY",
        "host and port, in `Host` or in the target",
        "characters",
        "bad_host bad_target",
    ),
    ("yourl.http1.chunked:MAX_LINE", "one line between the chunks of a body", "bytes", "bad_chunk"),
    ("yourl.http1.chunked:MAX_DIGITS", "size of a chunk", "digits", "bad_chunk"),
    ("yourl.http1.chunked:MAX_OVERHEAD", "chunk extensions and trailers together", "bytes", "bad_chunk"),
    ("yourl.http1.proxy_protocol:MAX_TEXT", "PROXY protocol header, version 1", "bytes", "bad_proxy_header"),
    (
        "yourl.http1.proxy_protocol:MAX_BINARY",
        "PROXY protocol header, version 2",
        "bytes",
        "bad_proxy_header",
    ),
    ("yourl.expectations:MAX_EXPECTATIONS", "expectations in one request", "", "too_many_expectations"),
    ("yourl.expectations:LONGEST_NAME", "name in an expectation", "characters", "expectation_failed"),
    ("yourl.expectations:DEEPEST_NAME", "dots in such a name", "", "expectation_failed"),
    ("yourl.expectations:LONGEST_VALUE", "value to compare with", "characters", "expectation_failed"),
    ("yourl.content.forms:MAX_FIELDS", "query parameters beside an expectation", "", "too_many_expectations"),
    (
        "yourl.captures.access:Limiter.WRONG_CODES",
        "wrong access codes of one client in five minutes",
        "",
        "too_many_wrong_codes",
    ),
    (
        "yourl.captures.access:Limiter.WRONG_CODES_OF_ALL",
        "wrong access codes of all clients in five minutes",
        "",
        "too_many_wrong_codes",
    ),
    ("yourl.captures.model:MAX_LIMIT", "`limit` of a listing", "", "bad_filter"),
    ("yourl.captures.search:MAX_QUERY", "`q` of a listing, `match` of a wait", "characters", "bad_filter"),
    ("yourl.context:MAX_WAIT", "`timeout` of `/live/wait`", "s", "bad_filter"),
    ("yourl.views.live.forms:MAX_FORM", "a form that is sent to `/live`", "bytes", "body_too_large"),
    ("yourl.content.forms:MAX_FIELDS", "fields of such a form", "", "bad_request"),
    ("yourl.views.live.forms:MAX_JSON", "JSON that is sent to `/live`", "bytes", "body_too_large"),
    ("yourl.captures.rules:MAX_RULES", "all rules of an inbox", "bytes", "bad_inbox_rules"),
    ("yourl.captures.rules:MAX_SEQUENCE", "answers in its `sequence`", "", "bad_inbox_rules"),
    ("yourl.captures.rules:MAX_DELAY", "`delay` of an answer", "s", "bad_inbox_rules"),
    ("yourl.captures.rules:MAX_BODY", "`body` of an answer", "bytes", "bad_inbox_rules"),
    ("yourl.captures.rules:MAX_HEADERS", "`headers` of an answer", "", "bad_inbox_rules"),
    ("yourl.captures.rules:MAX_HEADER_NAME", "name of such a header", "characters", "bad_inbox_rules"),
    ("yourl.captures.rules:MAX_HEADER_VALUE", "value of such a header", "characters", "bad_inbox_rules"),
    ("yourl.captures.rules:MAX_SECRET", "`secret` of a signature", "characters", "bad_inbox_rules"),
    ("yourl.captures.bounds:MOST_INBOXES", "inboxes that have rules", "", "too_many_inbox_rules"),
    ("yourl.captures.bounds:MOST_INBOXES", "inboxes that hold requests", "", INBOX_GIVES_WAY),
    (
        "yourl.captures.bounds:MOST_ENDED_SESSIONS",
        "sessions that were signed out of before they expired",
        "",
        "nothing: all that began before the last of them have ended",
    ),
    ("yourl.content.json_values:MAX_SIZE", "JSON that is shown as `json`", "bytes", AS_TEXT),
    ("yourl.content.json_values:MAX_DEPTH", "depth of such JSON", "levels", AS_TEXT),
    ("yourl.content.json_values:MAX_ITEMS", "commas, colons and brackets in such JSON", "", AS_TEXT),
    ("yourl.content.forms:MAX_FIELDS", "form fields and file parts that are shown", "", NOT_LISTED),
    ("yourl.content.forms:MAX_LENGTH", "form fields together", "bytes", NOT_LISTED),
    ("yourl.content.multipart:LONGEST_BOUNDARY", "boundary of a multipart body", "characters", NOT_LISTED),
    ("yourl.content.multipart:MAX_PART_HEADER", "header of a part in a multipart body", "bytes", NOT_LISTED),
    ("yourl.content.multipart:MAX_PARAMETERS", "parameters of a part", "", NOT_LISTED),
]


def settings_table() -> str:
    """Each setting with option, default and meaning, in groups."""
    parts = []
    for group in GROUPS:
        rows = [
            (f"`{s.name}`", f"`{s.option}`", f"`{s.default}`" if s.default else "", _sentence(s.help))
            for s in SETTINGS
            if s.group == group
        ]
        parts.append(f"### {group}\n\n" + table(("variable", "option", "default", "meaning"), rows))
    return "\n\n".join(parts)


def limits_table() -> str:
    """Each limit that can end a request, with its refusal."""
    return table(("what", "limit", "refused with", "changed by"), list(_limits()))


def _limits() -> Iterator[tuple[str, str, str, str]]:
    defaults = Limits()
    for field in fields(Limits):
        what, code, change = WORKER_LIMITS[field.name]
        yield what, _with_unit(field.name, getattr(defaults, field.name)), _refusal(code), change
    answer = _with_unit("response_buffer", defaults.response_buffer)
    yield "answer of `/live`", answer, _refusal("body_too_large"), "grows with `YOURL_BODY_LIMIT`"
    yield "name of an inbox", NAME_RULE, _refusal("no_such_inbox"), "`YOURL_INBOXES`"
    for constant, what, unit, refusal in OTHER_LIMITS:
        is_refused = set(refusal.split()) <= set(ERRORS)
        shown = " or ".join(map(_refusal, refusal.split())) if is_refused else refusal
        yield what, f"{int(value_of(constant)):,} {unit}".strip(), shown, ""


def value_of(constant: str) -> float:
    """The value of ``module:NAME`` or ``module:Class.NAME``."""
    module, _, name = constant.partition(":")
    return float(attrgetter(name)(import_module(module)))


def _with_unit(name: str, value: float) -> str:
    if "timeout" in name or name == "linger":
        return f"{value:g} s"
    if name == "field_count":
        return f"{value:,}"
    return f"{value:,} bytes" + ("/s" if name == "body_rate" else "")


def _refusal(code: str) -> str:
    return f"{ERRORS[code].status} `{code}`" if code else "nothing: the connection is closed"


def errors_table() -> str:
    """Every error code."""
    kinds = [kind for kind in ERRORS.values() if kind.code != "bad_settings"]
    return table(("code", "status", "meaning"), [(f"`{k.code}`", str(k.status), k.meaning) for k in kinds])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


TABLES: dict[str, Callable[[], str]] = {
    "settings": settings_table,
    "limits": limits_table,
    "errors": errors_table,
}
_PLACE = re.compile(r"(<!-- table: (\w+) -->\n)(?:(?!<!--).)*(<!-- end -->)", re.DOTALL)


def filled(text: str) -> str:
    """``text`` with each of its tables as the program decides it."""
    return _PLACE.sub(lambda match: f"{match[1]}\n{TABLES[match[2]]()}\n\n{match[3]}", text)


def main() -> int:
    """Write the tables of every document."""
    for path in sorted(FOLDER.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        path.write_text(filled(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
