"""The gate: the bytes of a request's head in, a ``Head`` or a ``Refusal`` out.

Where RFC 9110 or RFC 9112 lets a recipient refuse, the gate refuses: two parsers that read one odd
request in two ways are what request smuggling is made of. Pure: knows nothing of sockets, Gunicorn,
Flask, settings or time. Never raises, whatever the bytes.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from yourl.http1.limits import Limits

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # RFC 9110 section 5.6.2

# RFC 9112 section 3: one space, never a tab or several. The digits are read apart, for the 505.
_REQUEST_LINE = re.compile(rb"(" + TOKEN + rb") ([!-~]+) HTTP/([0-9])\.([0-9])")
# RFC 9110 section 5.5: visible ASCII, obs-text, blanks; so neither folding (RFC 9112 section 5.2), nor
# a blank before the colon (section 5.1), nor a bare CR or LF (section 2.2).
_FIELDS = re.compile(rb"(?:" + TOKEN + rb":[\t -~\x80-\xff]*\r\n)*")
_BARE_LF = re.compile(rb"(?<!\r)\n")
_FIELD_NAME = re.compile(TOKEN)

# Gunicorn, the parser behind the gate, takes methods of this shape only. Every registered one fits.
_METHOD = re.compile(r"[A-Z][A-Z0-9_-]{2,19}")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]{1,255})(?::([0-9]{1,5}))?")
_CONTENT_LENGTH = re.compile(rb" *(0|[1-9][0-9]*)")
_CHUNKED = re.compile(rb" *chunked", re.IGNORECASE)
# RFC 9110 section 7.8: Upgrade is a list of name ["/" version].
_PROTOCOL = TOKEN + rb"(?:/" + TOKEN + rb")?"
_UPGRADE = re.compile(rb"[\t ]*" + _PROTOCOL + rb"(?:[\t ]*,[\t ]*" + _PROTOCOL + rb")*[\t ]*")
# Transfer codings that exist (RFC 9112 section 7) and that this server does not undo.
_OTHER_CODINGS = frozenset((b"gzip", b"x-gzip", b"deflate", b"compress", b"x-compress"))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused: ``message`` is a fixed sentence, never bytes of the client."""

    status: int
    code: str
    message: str
    headers: tuple[tuple[str, str], ...] = ()


TLS = Refusal(400, "tls_on_plain_port", "This port speaks plain HTTP; the request began a TLS handshake.")
BARE_LF = Refusal(400, "bad_line_end", "A line of the head ends with LF alone; it must be CRLF.")


@dataclass(frozen=True, slots=True)
class Head:
    """A head that passed: what the worker needs to know of it, and its bytes as they arrived."""

    raw: bytes
    method: str
    target: str
    version: tuple[int, int]
    form: str
    """``origin``, ``absolute`` or ``asterisk`` (RFC 9112 section 3.2)."""
    host: str | None
    """Who is asked: the authority of an absolute target, else the Host field (None: HTTP/1.0 without)."""
    length: int = 0
    """Content-Length, zero when absent."""
    chunked: bool = False
    expects_continue: bool = False
    closes: bool = False
    """The client says that this is its last request on the connection."""


class _Refused(Exception):
    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal


def _refused(status: int, code: str, message: str, *headers: tuple[str, str]) -> _Refused:
    return _Refused(Refusal(status, code, message, headers))


def examine(head: bytes, limits: Limits) -> Head | Refusal:
    """Judge a complete head, from the request line to the empty line, both included."""
    try:
        return examine_start(head, limits) or _examine(head, limits)
    except _Refused as refused:
        return refused.refusal


def examine_start(start: bytes | bytearray, limits: Limits, examined: int = 0) -> Refusal | None:
    """Judge the first bytes of a head that is not complete: what can no longer become a request.

    Without this, whoever sends such bytes would wait for an answer until the deadline. The first
    ``examined`` bytes have been judged before.
    """
    if start[:1] == b"\x16":
        return TLS
    if _BARE_LF.search(start, examined):
        return BARE_LF
    if start.find(b"\r\n") < 0 and len(start) > limits.request_line_size:
        return _line_too_long(start)
    if len(start) > limits.head_size:
        return _too_large(limits)
    return None


def _too_large(limits: Limits) -> Refusal:
    return Refusal(431, "head_too_large", f"The head is longer than {limits.head_size} bytes.")


def _line_too_long(line: bytes | bytearray) -> Refusal:
    if b" " not in line[:32]:
        return Refusal(400, "bad_request_line", "The request line has no method.")
    return Refusal(414, "target_too_long", "The request line is longer than this server accepts.")


def _examine(head: bytes, limits: Limits) -> Head:
    line, _, block = head.partition(b"\r\n")
    method, target, version = _request_line(line, limits)
    fields = _fields(block[:-2], limits)
    authority = _only(fields, b"host", "host")
    _only(fields, b"content-type", "content_type")
    host = _host(authority, version)
    form, host = _target(method, target, host)
    length, chunked = _framing(fields, version)
    _check_upgrade(fields)
    return Head(
        raw=head,
        method=method,
        target=target,
        version=version,
        form=form,
        host=host,
        length=length,
        chunked=chunked,
        expects_continue=_expectation(fields, version),
        closes=_closes(fields, version),
    )


def _request_line(line: bytes, limits: Limits) -> tuple[str, str, tuple[int, int]]:
    if len(line) > limits.request_line_size:
        raise _Refused(_line_too_long(line))
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        raise _bad_request_line(line)
    method, target = match[1].decode("ascii"), match[2].decode("ascii")
    version = (int(match[3]), int(match[4]))
    if version not in ((1, 0), (1, 1)):
        raise _refused(505, "bad_http_version", "This server speaks HTTP/1.1 and HTTP/1.0.")
    if not _METHOD.fullmatch(method):
        raise _refused(501, "unknown_method", "This server does not know the method.")
    return method, target, version


def _bad_request_line(line: bytes) -> _Refused:
    parts = line.split(b" ")
    if len(parts) != 3:
        return _refused(
            400, "bad_request_line", "The request line must be method, target and version, one space between."
        )
    method, target, _ = parts
    if not _FIELD_NAME.fullmatch(method):
        return _refused(400, "bad_method", "The method is not a token.")
    if not re.fullmatch(rb"[!-~]+", target):
        return _refused(400, "bad_target", "The target may hold visible ASCII characters only.")
    return _refused(400, "bad_http_version", "The version must be HTTP/1.1 or HTTP/1.0.")


def _fields(block: bytes, limits: Limits) -> dict[bytes, list[bytes]]:
    """Values by lower-case name, with the blanks that surround them; ``block`` ends with CRLF or is empty."""
    if not _FIELDS.fullmatch(block):
        raise _bad_field(block)
    lines = block.split(b"\r\n")[:-1]
    if len(lines) > limits.field_count:
        raise _refused(431, "too_many_fields", f"More than {limits.field_count} header fields.")
    fields: dict[bytes, list[bytes]] = {}
    for line in lines:
        if len(line) + 2 > limits.field_size:
            raise _refused(
                431, "field_too_large", f"A header field is longer than {limits.field_size} bytes."
            )
        name, _, value = line.partition(b":")
        fields.setdefault(name.lower(), []).append(value)
    return fields


def _bad_field(block: bytes) -> _Refused:
    for line in block.split(b"\r\n"):
        name, colon, _ = line.partition(b":")
        if line[:1] in (b" ", b"\t"):
            return _refused(400, "folded_field", "A header field is folded over several lines.")
        if not colon:
            return _refused(400, "bad_field", "A header field has no colon.")
        if name != name.rstrip(b" \t"):
            return _refused(400, "bad_field", "A blank stands before the colon of a header field.")
        if not _FIELD_NAME.fullmatch(name):
            return _refused(400, "bad_field", "A header field's name is not a token.")
        if not _FIELDS.fullmatch(line + b"\r\n"):
            break
    return _refused(400, "bad_field", "A header field's value holds a control character.")


def _only(fields: dict[bytes, list[bytes]], name: bytes, code: str) -> bytes | None:
    values = fields.get(name)
    if values is None:
        return None
    if len(values) > 1:
        raise _refused(400, f"duplicate_{code}", f"{name.decode().title()} was sent more than once.")
    return values[0]


def _host(value: bytes | None, version: tuple[int, int]) -> str | None:
    if value is None:
        if version >= (1, 1):
            raise _refused(400, "missing_host", "HTTP/1.1 requires a Host field.")
        return None
    host = value.strip(b" \t").decode("latin-1")
    if not host:
        raise _refused(400, "empty_host", "The Host field is empty.")
    if not authority_is_valid(host):
        raise _refused(400, "bad_host", "The Host field is not a host name or address with an optional port.")
    return host


def authority_is_valid(authority: str) -> bool:
    """Whether this is a host name, IPv4 or bracketed IPv6 address, with an optional port; no userinfo."""
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        return False
    host, port = match[1], match[2]
    if port is not None and int(port) > 65535:
        return False
    return not host.startswith("[") or _is_ipv6(host[1:-1])


def _is_ipv6(address: str) -> bool:
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return False
    return True


def _target(method: str, target: str, host: str | None) -> tuple[str, str | None]:
    """The target's form, and who is asked (RFC 9112 section 3.2)."""
    if method in ("CONNECT", "TRACE"):
        # CONNECT asks for a tunnel, TRACE hands a browser's cookies to its scripts: neither is offered.
        raise _refused(
            405, "method_not_allowed", f"{method} is not offered here.", ("Allow", ", ".join(METHODS))
        )
    if "#" in target or "\\" in target:
        raise _refused(400, "bad_target", "The target holds a fragment or a backslash.")
    if target.startswith("/"):
        return "origin", host
    if target == "*":
        if method != "OPTIONS":
            raise _refused(400, "bad_target", "Only OPTIONS may ask for the target *.")
        return "asterisk", host
    return "absolute", _absolute_authority(target)


def _absolute_authority(target: str) -> str:
    """The authority of an absolute-form target, which wins over Host (RFC 9112 section 3.2.2)."""
    scheme, separator, rest = target.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        raise _refused(400, "bad_target", "The target must be a path or an http or https URL.")
    authority = re.split(r"[/?]", rest, maxsplit=1)[0]
    if not authority_is_valid(authority):
        raise _refused(400, "bad_target", "The target's host is not valid.")
    return authority


def _framing(fields: dict[bytes, list[bytes]], version: tuple[int, int]) -> tuple[int, bool]:
    """Content-Length and whether the body is chunked (RFC 9112 section 6)."""
    coding = _only(fields, b"transfer-encoding", "transfer_encoding")
    length = _only(fields, b"content-length", "content_length")
    if coding is None:
        return (0 if length is None else _content_length(length)), False
    if version < (1, 1):
        raise _refused(400, "bad_transfer_encoding", "HTTP/1.0 has no Transfer-Encoding.")
    if length is not None:
        raise _refused(400, "conflicting_length", "Both Content-Length and Transfer-Encoding were sent.")
    if not _CHUNKED.fullmatch(coding):
        raise _bad_coding(coding)
    return 0, True


def _content_length(value: bytes) -> int:
    match = _CONTENT_LENGTH.fullmatch(value)
    if match is None:
        raise _refused(400, "bad_content_length", "Content-Length must be one plain decimal number.")
    if len(match[1]) > 18:
        raise _refused(413, "body_too_large", "The body is longer than this server accepts.")
    return int(match[1])


def _bad_coding(value: bytes) -> _Refused:
    codings = re.split(rb" *, *", value.strip(b" ").lower())
    if codings[1:] and codings[-1] == b"chunked" and _OTHER_CODINGS.issuperset(codings[:-1]):
        return _refused(501, "unknown_transfer_coding", "The only transfer coding known here is chunked.")
    return _refused(400, "bad_transfer_encoding", "Transfer-Encoding may be chunked and nothing else.")


def _check_upgrade(fields: dict[bytes, list[bytes]]) -> None:
    for value in fields.get(b"upgrade", ()):
        if not _UPGRADE.fullmatch(value):
            raise _refused(400, "bad_upgrade", "Upgrade must be a list of protocol names.")


def _expectation(fields: dict[bytes, list[bytes]], version: tuple[int, int]) -> bool:
    values = fields.get(b"expect")
    if values is None or version < (1, 1):
        return False  # RFC 9110 section 10.1.1: an HTTP/1.0 expectation is ignored
    if len(values) > 1 or values[0].strip(b" \t").lower() != b"100-continue":
        raise _refused(417, "expectation_failed", "The only expectation known here is 100-continue.")
    return True


def _closes(fields: dict[bytes, list[bytes]], version: tuple[int, int]) -> bool:
    options = {
        option.strip(b" \t").lower()
        for value in fields.get(b"connection", ())
        for option in value.split(b",")
    }
    if b"close" in options:
        return True
    return version < (1, 1) and b"keep-alive" not in options
