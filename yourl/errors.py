"""The one family of errors and the one table of error codes: status and meaning of each.

The server's loop and the views take code and status of every refusal from here. Knows nothing
of Flask, Gunicorn or the environment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One line of the table; ``meaning`` is the message where nothing more precise is known."""

    code: str
    status: int
    meaning: str


ERRORS: dict[str, ErrorKind] = {
    kind.code: kind
    for kind in (
        # The request line
        ErrorKind("bad_request", 400, "The request is not valid HTTP."),
        ErrorKind(
            "tls_on_plain_port", 400, "This port speaks plain HTTP; the request began a TLS handshake."
        ),
        ErrorKind(
            "proxy_header_unexpected",
            400,
            "The connection began with a PROXY protocol header. Switch it off in the load balancer (HAProxy: "
            "no send-proxy; AWS NLB: proxy protocol v2 off), or start yourl with YOURL_PROXY_PROTOCOL=on and "
            "the load balancer in YOURL_TRUSTED_PROXIES.",
        ),
        ErrorKind(
            "proxy_header_missing",
            400,
            "YOURL_PROXY_PROTOCOL is on and this peer is trusted, so its connections must begin with a PROXY "
            "protocol header. Switch it on in the load balancer (HAProxy: send-proxy-v2), or off here.",
        ),
        ErrorKind("bad_proxy_header", 400, "The PROXY protocol header is malformed."),
        ErrorKind(
            "http2_on_plain_port",
            505,
            "The client speaks HTTP/2 without TLS and without asking (prior knowledge); this server speaks "
            "HTTP/1.1. Set the protocol towards this server to HTTP/1.1 in the proxy (Envoy: "
            "http_protocol_options; Caddy: no h2c:// upstream); call curl without --http2-prior-knowledge.",
        ),
        ErrorKind("bad_line_end", 400, "A line of the head ends with LF alone; it must be CRLF."),
        ErrorKind(
            "bad_request_line",
            400,
            "The request line must be method, target and version, one space between.",
        ),
        ErrorKind("bad_method", 400, "The method is not a token."),
        ErrorKind("bad_target", 400, "The target must be a path or an http or https URL."),
        ErrorKind("bad_http_version", 400, "The version must be HTTP/1.1 or HTTP/1.0."),
        ErrorKind("http_version_not_supported", 505, "This server speaks HTTP/1.1 and HTTP/1.0."),
        ErrorKind("unknown_method", 501, "This server does not know the method."),
        ErrorKind("method_not_allowed", 405, "The method is not allowed here."),
        ErrorKind("target_too_long", 414, "The request line is longer than this server accepts."),
        # The header fields
        ErrorKind("head_too_large", 431, "The head is larger than this server accepts."),
        ErrorKind("too_many_fields", 431, "The head has more fields than this server accepts."),
        ErrorKind("field_too_large", 431, "A header field is longer than this server accepts."),
        ErrorKind("bad_field", 400, "A header field is malformed."),
        ErrorKind("folded_field", 400, "A header field is folded over several lines."),
        ErrorKind("missing_host", 400, "HTTP/1.1 requires a Host field."),
        ErrorKind("empty_host", 400, "The Host field is empty."),
        ErrorKind("bad_host", 400, "The Host field is not a host name or address with an optional port."),
        ErrorKind("duplicate_host", 400, "Host was sent more than once."),
        ErrorKind("duplicate_content_type", 400, "Content-Type was sent more than once."),
        ErrorKind("duplicate_content_length", 400, "Content-Length was sent more than once."),
        ErrorKind("duplicate_transfer_encoding", 400, "Transfer-Encoding was sent more than once."),
        ErrorKind("bad_content_length", 400, "Content-Length must be one plain decimal number."),
        ErrorKind("bad_transfer_encoding", 400, "Transfer-Encoding may be chunked and nothing else."),
        ErrorKind("unknown_transfer_coding", 501, "The only transfer coding known here is chunked."),
        ErrorKind("conflicting_length", 400, "Both Content-Length and Transfer-Encoding were sent."),
        ErrorKind("bad_upgrade", 400, "Upgrade must be a list of protocol names."),
        # The body
        ErrorKind("bad_chunk", 400, "The chunked body is malformed."),
        ErrorKind("bad_trailer", 400, "A trailer field is malformed or not allowed there."),
        ErrorKind("body_too_large", 413, "The body is longer than this server accepts."),
        ErrorKind("incomplete_request", 400, "The client stopped sending in the middle of a request."),
        # Time, room and the end of the server
        ErrorKind("head_timeout", 408, "The head did not arrive in time."),
        ErrorKind("body_timeout", 408, "The body did not arrive in time."),
        ErrorKind("overloaded", 503, "The server has too many unfinished requests; try again."),
        ErrorKind("stopping", 503, "The server stopped before the request was complete; try again."),
        ErrorKind("internal_error", 500, "The server failed to answer this request."),
        # What views refuse
        ErrorKind("host_not_allowed", 400, "This server does not answer for the host."),
        ErrorKind("too_many_expectations", 400, "There are more expectations than are checked."),
        ErrorKind("expectation_failed", 417, "An expectation was not met."),
        ErrorKind("visual_inspection_refused", 403, "The policy does not allow this device to look."),
        ErrorKind("not_found", 404, "There is nothing at this path."),
        # What is kept of requests
        ErrorKind("access_code_missing", 401, "This needs the access code: Authorization: Bearer CODE."),
        ErrorKind("access_code_wrong", 401, "The access code is wrong."),
        ErrorKind("too_many_wrong_codes", 429, "Too many wrong access codes; wait a few minutes."),
        ErrorKind("change_token_wrong", 403, "The form is not one of this session; load its page again."),
        ErrorKind("cross_site_request", 403, "A page of another site asked for this; open the page itself."),
        ErrorKind("no_such_request", 404, "No request of this id is kept, or not any more."),
        ErrorKind("no_such_inbox", 404, "There is no such inbox."),
        ErrorKind("bad_filter", 400, "A filter of the listing is wrong."),
        ErrorKind("bad_inbox_rules", 400, "The rules of an inbox are wrong."),
        ErrorKind("too_many_inbox_rules", 409, "As many inboxes have rules as may have some."),
        ErrorKind("captures_unavailable", 503, "The store of requests cannot be asked at present."),
        # Not an answer: the start ends with it
        ErrorKind("bad_settings", 500, "A setting is wrong."),
    )
}
"""Every error code of this program, with its status and its meaning."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """How one request is refused. ``message`` never holds bytes of the client; empty means the table's.

    Raises ``KeyError`` for a code that the table does not have.
    """

    code: str
    message: str = ""
    headers: Headers = ()

    def __post_init__(self) -> None:
        if not self.message:
            object.__setattr__(self, "message", ERRORS[self.code].meaning)

    @property
    def status(self) -> int:
        """The status code (RFC 9110 section 15) of the answer."""
        return ERRORS[self.code].status


class YourlError(Exception):
    """Base of every error raised on purpose; ``str(error)`` is a sentence for people."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or ERRORS[self.code].meaning)

    @property
    def refusal(self) -> Refusal:
        """How a request that meets this error is answered."""
        return Refusal(self.code, str(self))


class SettingsError(YourlError):
    """One or more settings are wrong; ``faults`` holds one sentence for each, in order."""

    code = "bad_settings"

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class RequestRefused(YourlError):
    """A request is refused by the grammar or the limits of HTTP (RFC 9110, RFC 9112)."""

    def __init__(self, code: str, message: str = "", headers: Headers = ()) -> None:
        self._refusal = Refusal(code, message, headers)
        super().__init__(self._refusal.message)

    @property
    def refusal(self) -> Refusal:
        """The refusal that was raised."""
        return self._refusal


class BadRequest(YourlError):
    """The request breaks HTTP in a way that a server must or may refuse (RFC 9110, RFC 9112)."""

    code = "bad_request"


class BodyTooLarge(YourlError):
    """The request's content is longer than ``limit`` bytes (RFC 9110 section 15.5.14)."""

    code = "body_too_large"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"The body is longer than the {limit} bytes that this server accepts.")


class TooManyExpectations(YourlError):
    """A request asks for more checks than ``limit``."""

    code = "too_many_expectations"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"Only {limit} expectations are checked in one request.")
