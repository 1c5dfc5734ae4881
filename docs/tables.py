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
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from yourl.content import forms, json_values  # noqa: E402  # the path must be set before
from yourl.errors import ERRORS  # noqa: E402
from yourl.expectations import MAX_EXPECTATIONS  # noqa: E402
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
    yield "expectations in one request", f"{MAX_EXPECTATIONS}", _refusal("too_many_expectations"), ""
    shown = "nothing: shown as text, with a note"
    yield "JSON that is shown as `json`", f"{json_values.MAX_SIZE:,} bytes", shown, ""
    yield "depth of such JSON", f"{json_values.MAX_DEPTH} levels", shown, ""
    yield "values in such JSON", f"{json_values.MAX_ITEMS:,}", shown, ""
    yield "form fields and file parts that are shown", f"{forms.MAX_FIELDS:,}", shown, ""


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
