"""A request's content, read from the server's stream within a limit. Knows nothing of what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from yourl.errors import BadRequest, BodyTooLarge


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
