"""A request's content: read within a limit, then decoded as far as its type says and its bytes allow.

Knows nothing of Flask or the settings; Werkzeug's multipart parser is used for what it does well.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import parse_qsl

from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

from yourl.errors import BadRequest, BodyTooLarge

# A form of more fields than this is shown as text only: each field costs far more than its bytes.
MAX_FORM_FIELDS = 1000
# Deeper JSON is shown as text only; the standard parser's own limit is the interpreter's stack.
MAX_JSON_DEPTH = 200


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One part of multipart/form-data that carries a file name; ``size`` in bytes."""

    field: str
    filename: str
    content_type: str | None
    size: int


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


def read_body(environ: Mapping[str, Any], limit: int) -> bytes:
    """The request's whole content, never more than ``limit`` bytes of it in memory, plus one.

    :raises BodyTooLarge: when it is longer than ``limit``, by its Content-Length or as it is read
    :raises BadRequest: when it ends before its Content-Length, or its framing is broken
    """
    length = content_length(environ)
    if length is not None and length > limit:
        raise BodyTooLarge(limit)
    if length is None and not environ.get("wsgi.input_terminated"):
        return b""  # without an end of its own the stream may not be read (PEP 3333)
    body = _read_at_most(environ["wsgi.input"], limit + 1 if length is None else length)
    if len(body) > limit:
        raise BodyTooLarge(limit)
    if length is not None and len(body) < length:
        raise BadRequest(f"The body ended after {len(body)} of the {length} bytes that it announced.")
    return body


def content_length(environ: Mapping[str, Any]) -> int | None:
    """Content-Length in bytes, or None where the content is chunked or there is none.

    :raises BadRequest: when it is not a plain decimal number (RFC 9110 section 8.6)
    """
    text = environ.get("CONTENT_LENGTH") or ""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise BadRequest("Content-Length is not a decimal number.")
    return int(text)


def _read_at_most(stream: IO[bytes], wanted: int) -> bytes:
    chunks = []
    while wanted > 0:
        try:
            chunk = stream.read(min(wanted, 65536))
        # The stream is the server's, and each server has a family of errors of its own for a client
        # that breaks its framing or goes away; none of them is ours to name here.
        except Exception as error:
            raise BadRequest("The body could not be read: its framing is broken.") from error
        if not chunk:
            break
        chunks.append(chunk)
        wanted -= len(chunk)
    return b"".join(chunks)


def decode_body(content: bytes, content_type: str | None) -> Body:
    """The content as text or base64, and as JSON or form fields where its type says so."""
    mimetype, options = parse_options_header(content_type or "")
    mimetype = mimetype.lower()
    text = _text_of(content, options.get("charset", "utf-8"))
    parsed: Any = None
    form: dict[str, list[str]] | None = None
    files: tuple[UploadedFile, ...] = ()
    note = None
    try:
        if content and (mimetype == "application/json" or mimetype.endswith("+json")):
            parsed = parse_json(content)
        elif mimetype == "application/x-www-form-urlencoded":
            form = parse_form(content)
        elif mimetype == "multipart/form-data":
            form, files = parse_multipart(content, options.get("boundary", ""))
    except ValueError as error:
        note = str(error)
    return Body(
        size=len(content),
        content_type=content_type,
        text=text,
        base64=None if text is not None else base64.b64encode(content).decode(),
        json=parsed,
        form=form,
        files=files,
        truncated=False,
        note=note,
    )


def _text_of(content: bytes, charset: str) -> str | None:
    try:
        return content.decode(charset)
    except (LookupError, ValueError):
        pass  # an unknown charset, a codec that is no text encoding, or bytes that do not fit it
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def parse_json(content: bytes) -> Any:
    """The JSON value (RFC 8259; NaN and Infinity are none).

    :raises ValueError: with a sentence, when it is not JSON or nested too deeply
    """

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    try:
        value = json.loads(content, parse_constant=refuse)
    except RecursionError:
        raise ValueError("The JSON is nested too deeply; it is shown as text only.") from None
    except ValueError as error:
        raise ValueError(f"The content type says JSON, but this is none: {error}.") from None
    if _deeper_than(value, MAX_JSON_DEPTH):
        raise ValueError(f"The JSON is nested more than {MAX_JSON_DEPTH} deep; it is shown as text only.")
    return value


def _deeper_than(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True


def parse_form(content: bytes) -> dict[str, list[str]]:
    """Fields of application/x-www-form-urlencoded content.

    :raises ValueError: with a sentence, when there are more than ``MAX_FORM_FIELDS``
    """
    try:
        pairs = parse_qsl(
            content.decode("latin-1"),
            keep_blank_values=True,
            max_num_fields=MAX_FORM_FIELDS,
            encoding="utf-8",
            errors="replace",
        )
    except ValueError:
        raise ValueError(
            f"The form has more than {MAX_FORM_FIELDS} fields; it is shown as text only."
        ) from None
    return fields(pairs)


def parse_multipart(content: bytes, boundary: str) -> tuple[dict[str, list[str]], tuple[UploadedFile, ...]]:
    """Fields and files of multipart/form-data content (RFC 7578); nothing is written to disk.

    :raises ValueError: with a sentence, when the boundary is missing or the parts are broken
    """
    if not boundary or not boundary.isascii() or len(boundary) > 200:
        raise ValueError("The content type says multipart, but names no usable boundary.")
    parser = MultiPartParser(
        stream_factory=lambda *args, **kwargs: io.BytesIO(),
        max_form_memory_size=None,
        max_form_parts=MAX_FORM_FIELDS,
    )
    try:
        form, uploads = parser.parse(io.BytesIO(content), boundary.encode(), len(content))
    # Werkzeug answers broken parts with ValueError, and too many with an HTTPException.
    except Exception as error:
        raise ValueError(f"The multipart form could not be read: {error}") from None
    files = [
        UploadedFile(
            field=name,
            filename=upload.filename or "",
            content_type=upload.content_type or None,
            size=len(upload.stream.read()),
        )
        for name, upload in uploads.items(multi=True)
    ]
    return fields(list(form.items(multi=True))), tuple(files)


def fields(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Name -> every value it was given, in order."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
