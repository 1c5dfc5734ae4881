"""What kind of text a request was written down in, and the request in it.

More lenient than the parser of the server: text files have other line ends than the wire, and a request may
be explained although it would be refused.
"""

from __future__ import annotations

import codecs

from yourl.explain.curl_command import is_curl_command, read_curl_command
from yourl.explain.curl_trace import is_curl_trace, read_curl_trace
from yourl.explain.devtools import is_header_pane, read_header_pane
from yourl.explain.har import parse_har, read_har
from yourl.explain.raw import read_raw
from yourl.explain.written import WrittenRequest

FORMATS = (
    "a raw request",
    "the output of curl -v, --trace-ascii or --trace",
    "a curl command",
    "HAR",
    "the header pane of a browser's developer tools",
)
"""What ``read_request`` understands."""


def read_request(content: bytes) -> WrittenRequest:
    """The request in a text of any of the ``FORMATS``.

    :raises BadRequest: when there is no request in it, naming the line that is none
    """
    content = _without_byte_order_mark(content)
    wire = content.decode("latin-1")  # keeps every byte
    if is_curl_trace(wire):
        return read_curl_trace(wire)
    text = content.decode("utf-8", "replace")
    if is_curl_command(text):
        return read_curl_command(text)
    archive = parse_har(text)
    if archive is not None:
        return read_har(archive)
    if is_header_pane(text):
        return read_header_pane(text)
    return read_raw(wire)


def _without_byte_order_mark(content: bytes) -> bytes:
    """The text in UTF-8; PowerShell writes what it redirects in UTF-16."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace").encode()
    return content.removeprefix(codecs.BOM_UTF8)
