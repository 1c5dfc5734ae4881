"""The head of a request: its bytes in, a ``Head`` or a ``Refusal`` out.

Where RFC 9110 or RFC 9112 lets a recipient refuse, this parser refuses: two parsers that read one odd
request in two ways are what request smuggling is made of. Never raises, whatever the bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from yourl.errors import Refusal, RequestRefused
from yourl.http1.grammar import TOKEN, is_token, parse_authority
from yourl.http1.limits import Limits
from yourl.http1.proxy_protocol import is_begun
from yourl.http1.target import RequestTarget, parse_target

Fields = tuple[tuple[str, str], ...]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""What ``Allow`` lists where every method but the two below is answered."""

METHODS_NOT_OFFERED = frozenset(("CONNECT", "TRACE"))
"""CONNECT asks for a tunnel; TRACE hands a browser's cookies to its scripts."""

# RFC 9112 section 3: one space, never a tab or several. The digits are read apart, for the 505.
_REQUEST_LINE = re.compile(rf"({TOKEN}) ([!-~]+) HTTP/([0-9])\.([0-9])")
# RFC 9110 section 5.5: visible ASCII, obs-text, blanks; so neither folding (RFC 9112 section 5.2), nor
# a blank before the colon (section 5.1), nor a bare CR or LF (section 2.2).
_FIELDS = re.compile(rf"(?:{TOKEN}:[\t -~\x80-\xff]*\r\n)*")
# RFC 9113 section 3.4: what a client with prior knowledge sends first.
_HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n"
# Gunicorn takes methods of this shape only. Every registered one fits.
_METHOD = re.compile(r"[A-Z][A-Z0-9_-]{2,19}")
_CONTENT_LENGTH = re.compile(r"0|[1-9][0-9]*")
# RFC 9110 section 7.8: Upgrade is a list of name ["/" version].
_PROTOCOLS = re.compile(rf"[ \t]*{TOKEN}(?:/{TOKEN})?[ \t]*(?:,[ \t]*{TOKEN}(?:/{TOKEN})?[ \t]*)*")
# One option of a list: a pattern, since 8,000 options taken apart cost forty times the rest of the head.
# In lower case, and with the literal first, where the search for it runs in C.
_CLOSE = re.compile(r"close(?<![^, \t]close)[ \t]*(?:,|\Z)")
_KEEP_ALIVE = re.compile(r"keep-alive(?<![^, \t]keep-alive)[ \t]*(?:,|\Z)")
# Transfer codings that exist (RFC 9112 section 7) and that this server does not undo.
_OTHER_CODINGS = frozenset(("gzip", "x-gzip", "deflate", "compress", "x-compress"))
_LONGEST_NUMBER = 18  # digits of a length
LONGEST_PARTIAL_TARGET = 2048
"""Characters of a refused request's target that are read."""

# Of a request that is refused, method and the first part of the target.
_PARTIAL_LINE = re.compile(rf"([A-Z][A-Z0-9_-]{{0,31}}) ([!-~]{{1,{LONGEST_PARTIAL_TARGET}}})(?=( |\Z)?)")
PARTIAL_SIZE = 16 * 1024
"""Bytes of a refused head that are read for the answer and the log."""

BLANKS = " \t"


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one request: request line, header fields, and what follows from them for the connection."""

    method: str
    target: RequestTarget
    version: tuple[int, int]
    fields: Fields
    """Header fields in order, names as received, values without the blanks around them."""
    content_length: int | None = None
    is_chunked: bool = False
    expects_continue: bool = False
    closes: bool = False
    """The client says that this is its last request on the connection (RFC 9112 section 9.6)."""
    is_exact: bool = True
    """False where the head was made from a WSGI environ: order, case and repetition of names are lost."""

    @property
    def http_version(self) -> str:
        """``"1.1"`` or ``"1.0"``."""
        return f"{self.version[0]}.{self.version[1]}"

    @property
    def host(self) -> str:
        """Who is asked: the authority of an absolute-form target, else the Host field; else empty."""
        authority = self.target.authority
        return self.value("host") if authority is None else str(authority)

    def value(self, name: str) -> str:
        """The value of the first field of this name (in lower case); empty where there is none."""
        return next((value for key, value in self.fields if key.lower() == name), "")

    def values(self, name: str) -> list[str]:
        """The values of all fields of this name (in lower case), in order."""
        return [value for key, value in self.fields if key.lower() == name]


def parse_head(raw: bytes, limits: Limits) -> Head | Refusal:
    """Read a complete head, from the request line to the empty line, both included."""
    try:
        return check_start(raw, limits) or _parse(raw, limits)
    except RequestRefused as refused:
        return refused.refusal


def partial_head(start: bytes | bytearray) -> Head | None:
    """What can be said of a request that is refused before, or because, its head was not read.

    :param start: the first bytes of a head, well-formed or not; at most ``PARTIAL_SIZE`` are looked at
    """
    text = bytes(start[:PARTIAL_SIZE]).decode("latin-1")
    line, _, block = text.partition("\r\n")
    match = _PARTIAL_LINE.match(line)
    if match is None or (match[3] is None and len(match[2]) < LONGEST_PARTIAL_TARGET):
        return None  # a byte that no target can hold
    method, target = match[1], match[2]
    lines = block.split("\r\n")[:-1]  # the last one may go on
    fields = tuple(_split(line) for line in lines if line and _FIELDS.fullmatch(f"{line}\r\n"))
    return Head(method, parse_target(target, method), (1, 1), fields)


def check_start(start: bytes | bytearray, limits: Limits, checked: int = 0) -> Refusal | None:
    """Refuse the first bytes of a head that can no longer become a request.

    Without this, a client that sends such bytes would wait for an answer until the deadline.

    :param checked: how many of the bytes an earlier call has seen
    """
    if start[:1] == b"\x16":
        return Refusal("tls_on_plain_port")
    if is_begun(start):
        return Refusal("proxy_header_unexpected")
    if start.startswith(_HTTP2_PREFACE):
        return Refusal("http2_on_plain_port")
    # A line end that is no CRLF. Counting takes a fiftieth of the time of a pattern with a look behind.
    if start.count(b"\n", checked) != start.count(b"\r\n", max(0, checked - 1)):
        return Refusal("bad_line_end")
    if start.find(b"\r\n") < 0 and len(start) > limits.request_line_size:
        return _line_too_long(start)
    if len(start) > limits.head_size:
        return Refusal("head_too_large", f"The head is longer than {limits.head_size} bytes.")
    return None


def _line_too_long(line: bytes | bytearray) -> Refusal:
    if b" " not in line[:32]:
        return Refusal("bad_request_line", "The request line has no method.")
    return Refusal("target_too_long")


def _parse(raw: bytes, limits: Limits) -> Head:
    line, _, block = raw.decode("latin-1").partition("\r\n")
    if len(line) > limits.request_line_size:
        refusal = _line_too_long(raw)
        raise RequestRefused(refusal.code, refusal.message)
    method, target, version = _request_line(line)
    fields = _fields(block[:-2], limits)
    by_name = _by_name(block)
    _check_host(_only(by_name, "host"), version)
    _only(by_name, "content-type")
    _check_target(method, target)
    length, chunked = _framing(by_name, version)
    _check_upgrade(by_name)
    return Head(
        method=method,
        target=target,
        version=version,
        fields=fields,
        content_length=length,
        is_chunked=chunked,
        expects_continue=_expects_continue(by_name, version),
        closes=_closes(by_name, version),
    )


def _request_line(line: str) -> tuple[str, RequestTarget, tuple[int, int]]:
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        raise _bad_request_line(line)
    method, target = match[1], match[2]
    version = (int(match[3]), int(match[4]))
    if version not in ((1, 0), (1, 1)):
        raise RequestRefused("http_version_not_supported")
    if not _METHOD.fullmatch(method):
        raise RequestRefused("unknown_method")
    return method, parse_target(target, method), version


def _bad_request_line(line: str) -> RequestRefused:
    parts = line.split(" ")
    if len(parts) != 3:
        return RequestRefused("bad_request_line")
    method, target, _ = parts
    if not is_token(method):
        return RequestRefused("bad_method")
    if not re.fullmatch(r"[!-~]+", target):
        return RequestRefused("bad_target", "The target may hold visible ASCII characters only.")
    return RequestRefused("bad_http_version")


def _fields(block: str, limits: Limits) -> Fields:
    """The header fields; ``block`` ends with CRLF or is empty."""
    if not _FIELDS.fullmatch(block):
        raise _bad_field(block)
    lines = block.split("\r\n")[:-1]
    if len(lines) > limits.field_count:
        raise RequestRefused("too_many_fields", f"More than {limits.field_count} header fields.")
    if lines and max(map(len, lines)) + 2 > limits.field_size:
        raise RequestRefused("field_too_large", f"A header field is longer than {limits.field_size} bytes.")
    return tuple(map(_split, lines))


def _split(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.strip(BLANKS)


def _by_name(block: str) -> dict[str, list[str]]:
    """Values by name in lower case, with the blanks around them: framing fields may have few or none."""
    by_name: dict[str, list[str]] = {}
    for line in block.split("\r\n")[:-2]:
        name, _, value = line.partition(":")
        by_name.setdefault(name.lower(), []).append(value)
    return by_name


def _bad_field(block: str) -> RequestRefused:
    for line in block.split("\r\n"):
        name, colon, _ = line.partition(":")
        if line[:1] in (" ", "\t"):
            return RequestRefused("folded_field")
        if not colon:
            return RequestRefused("bad_field", "A header field has no colon.")
        if name != name.rstrip(BLANKS):
            return RequestRefused("bad_field", "A blank stands before the colon of a header field.")
        if not is_token(name):
            return RequestRefused("bad_field", "A header field's name is not a token.")
        if not _FIELDS.fullmatch(line + "\r\n"):
            break
    return RequestRefused("bad_field", "A header field's value holds a control character.")


def _only(by_name: dict[str, list[str]], name: str) -> str | None:
    """The one value of a field that may come once; None where it did not come."""
    values = by_name.get(name)
    if values is None:
        return None
    if len(values) > 1:
        raise RequestRefused(f"duplicate_{name.replace('-', '_')}")
    return values[0]


def _check_host(host: str | None, version: tuple[int, int]) -> None:
    """RFC 9112 section 3.2: HTTP/1.1 requires exactly one valid Host field."""
    if host is None:
        if version >= (1, 1):
            raise RequestRefused("missing_host")
    elif not host.strip(BLANKS):
        raise RequestRefused("empty_host")
    elif host.rstrip(BLANKS).endswith(":") or parse_authority(host.strip(BLANKS)) is None:
        # RFC 3986 section 3.2.3 allows an empty port, but a client should not send one, and two parsers that
        # read it differently are a risk here.
        raise RequestRefused("bad_host")


def _check_target(method: str, target: RequestTarget) -> None:
    if method in METHODS_NOT_OFFERED:
        message = f"{method} is not offered here."
        raise RequestRefused("method_not_allowed", message, (("Allow", ", ".join(METHODS)),))
    if "#" in target.raw or "\\" in target.raw:
        raise RequestRefused("bad_target", "The target holds a fragment or a backslash.")
    if target.form == "asterisk" and method != "OPTIONS":
        raise RequestRefused("bad_target", "Only OPTIONS may ask for the target *.")
    if target.form == "invalid" or (target.form == "absolute" and target.scheme not in ("http", "https")):
        raise RequestRefused("bad_target")
    if target.form == "absolute" and target.authority is None:
        raise RequestRefused("bad_target", "The target's host is not valid.")


def _framing(by_name: dict[str, list[str]], version: tuple[int, int]) -> tuple[int | None, bool]:
    """Content-Length, and whether the body is chunked (RFC 9112 section 6)."""
    coding = _only(by_name, "transfer-encoding")
    length = _only(by_name, "content-length")
    if coding is None:
        return (None if length is None else _content_length(length)), False
    if version < (1, 1):
        raise RequestRefused("bad_transfer_encoding", "HTTP/1.0 has no Transfer-Encoding.")
    if length is not None:
        raise RequestRefused("conflicting_length")
    if coding.lower().lstrip(" ") != "chunked":
        raise _bad_coding(coding)
    return None, True


def _content_length(value: str) -> int:
    digits = value.lstrip(" ")
    if not _CONTENT_LENGTH.fullmatch(digits):
        raise RequestRefused("bad_content_length")
    if len(digits) > _LONGEST_NUMBER:
        raise RequestRefused("body_too_large")
    return int(digits)


def _bad_coding(value: str) -> RequestRefused:
    codings = [coding.strip(" ") for coding in value.lower().split(",")]
    if codings[1:] and codings[-1] == "chunked" and _OTHER_CODINGS.issuperset(codings[:-1]):
        return RequestRefused("unknown_transfer_coding")
    return RequestRefused("bad_transfer_encoding")


def _check_upgrade(by_name: dict[str, list[str]]) -> None:
    for value in by_name.get("upgrade", ()):
        if not _PROTOCOLS.fullmatch(value):
            raise RequestRefused("bad_upgrade")


def _expects_continue(by_name: dict[str, list[str]], version: tuple[int, int]) -> bool:
    values = by_name.get("expect")
    if values is None or version < (1, 1):
        return False  # RFC 9110 section 10.1.1: an HTTP/1.0 expectation is ignored
    if len(values) > 1 or values[0].strip(BLANKS).lower() != "100-continue":
        raise RequestRefused("expectation_failed", "The only expectation known here is 100-continue.")
    return True


def _closes(by_name: dict[str, list[str]], version: tuple[int, int]) -> bool:
    values = [value.lower() for value in by_name.get("connection", ())]
    if any(map(_CLOSE.search, values)):
        return True
    return version < (1, 1) and not any(map(_KEEP_ALIVE.search, values))
