"""A request's content as text or bytes, and as JSON or form fields where its type says so.

The whole stands there once, as text or base64. What is read out of it besides is shown only where both
together stay within ``GROWTH`` times the content, written as JSON; a note says what is missing and why.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yourl.content.charsets import decode_text
from yourl.content.forms import Fields, parse_form
from yourl.content.json_values import parse_json
from yourl.content.multipart import UploadedFile, parse_multipart
from yourl.text import json_size

GROWTH = 4
"""How many bytes of answer one byte of content may cost, above ``FREE``."""
TEXT_GROWTH = 3
"""The same for the text alone: characters of three bytes in UTF-8 that a charset writes in one."""
FREE = 16 * 1024
"""Bytes of answer that any content may cost."""
FREE_TEXT = 1024
"""The same for the text alone: a few control characters, each six bytes in JSON, do not make it base64."""
LONGEST_TYPE = 1024
"""Characters of Content-Type that are looked at; each parameter costs more than its bytes."""


@dataclass(frozen=True, slots=True)
class Body:
    """The request's content, decoded as far as its type says and its bytes allow.

    ``text`` is set where the bytes are text in the declared charset (UTF-8 if none), else ``base64``.
    ``note`` says why something that the type promises is missing, such as JSON that is not.
    """

    size: int
    content_type: str | None
    text: str | None
    base64: str | None
    json: Any
    form: Mapping[str, Sequence[str]] | None
    files: tuple[UploadedFile, ...]
    truncated: bool
    note: str | None


@dataclass(frozen=True, slots=True)
class _View:
    """What was read out of the content by its type."""

    json: Any = None
    json_size: int = 0
    form: Fields | None = None
    files: tuple[UploadedFile, ...] = ()
    note: str | None = None


_NOTHING = _View()


def decode_body(content: bytes, content_type: str | None) -> Body:
    """The content as text or base64, and as JSON or form fields where its type says so."""
    if not content and content_type is None:
        return _NO_BODY
    # Imported late: most requests have no body, and the first answers must not wait for Werkzeug.
    from werkzeug.http import parse_options_header

    mimetype, options = parse_options_header((content_type or "")[:LONGEST_TYPE])
    text, note = decode_text(content, options.get("charset", ""))
    size = 0 if text is None else json_size(text)
    if size > TEXT_GROWTH * len(content) + FREE_TEXT:
        text, note = None, "The content is text, but mostly control characters; it is shown as base64."
    if text is None:
        size = len(content) * 4 // 3
    view = _view(content, mimetype.lower(), options, GROWTH * len(content) + FREE - size)
    return Body(
        size=len(content),
        content_type=content_type,
        text=text,
        base64=None if text is not None else base64.b64encode(content).decode("ascii"),
        json=view.json,
        form=view.form,
        files=view.files,
        truncated=False,
        note=" ".join(filter(None, (note, view.note))) or None,
    )


_NO_BODY = Body(0, None, "", None, None, None, (), truncated=False, note=None)


def _view(content: bytes, mimetype: str, options: Mapping[str, str], room: int) -> _View:
    """What the type promises, where it fits into ``room`` bytes of JSON."""
    try:
        view = _parsed(content, mimetype, options)
    except ValueError as error:
        return _View(note=str(error))
    if view is not _NOTHING and _size_of(view) > room:
        return _View(
            note="What the content type promises would be far longer than the content; it is not shown."
        )
    return view


def _parsed(content: bytes, mimetype: str, options: Mapping[str, str]) -> _View:
    if content and (mimetype == "application/json" or mimetype.endswith("+json")):
        parsed = parse_json(content)
        return _View(json=parsed.value, json_size=parsed.size, note=parsed.note)
    if mimetype == "application/x-www-form-urlencoded":
        return _View(form=parse_form(content))
    if mimetype == "multipart/form-data":
        form, files = parse_multipart(content, options.get("boundary", ""))
        return _View(form=form, files=files)
    return _NOTHING


def _size_of(view: _View) -> int:
    """Bytes of the view as JSON on one line, or more."""
    size = view.json_size
    for name, values in (view.form or {}).items():
        size += json_size(name) + 8 + sum(json_size(value) + 4 for value in values)
    for file in view.files:
        size += sum(map(json_size, (file.field, file.filename, file.content_type or ""))) + 80
    return size
