"""A WSGI environ and the body's bytes in, one frozen ``Inspection`` out.

Says what arrived, and what WSGI (PEP 3333) has already lost. Knows nothing of Flask or the settings.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl

from yourl.content import Body, decode_body, fields
from yourl.devices import HINT_NAMES, Device, classify
from yourl.proxies import Connection, TrustedProxies, Verdict, judge, url_of

# The header fields that CGI, and so WSGI, names without the HTTP_ prefix (RFC 3875 section 4.1).
_BARE_NAMES = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length"}
# Fields whose usual spelling is not each word capitalised.
_SPELLINGS = {
    "Te": "TE",
    "Dnt": "DNT",
    "Etag": "ETag",
    "Www-Authenticate": "WWW-Authenticate",
    "X-Request-Id": "X-Request-ID",
    "X-Real-Ip": "X-Real-IP",
    "X-Client-Ip": "X-Client-IP",
    "X-Cluster-Client-Ip": "X-Cluster-Client-IP",
    "True-Client-Ip": "True-Client-IP",
    "Fly-Client-Ip": "Fly-Client-IP",
    "Fastly-Client-Ip": "Fastly-Client-IP",
    "Cf-Connecting-Ip": "CF-Connecting-IP",
    "Cf-Ray": "CF-Ray",
    "Cf-Visitor": "CF-Visitor",
    "Sec-Websocket-Key": "Sec-WebSocket-Key",
    "Sec-Websocket-Version": "Sec-WebSocket-Version",
    "Sec-Websocket-Extensions": "Sec-WebSocket-Extensions",
    "Sec-Websocket-Protocol": "Sec-WebSocket-Protocol",
}


@dataclass(frozen=True, slots=True)
class Inspection:
    """What arrived in one request, and what is made of it."""

    method: str
    target: str
    http_version: str
    headers: tuple[tuple[str, str], ...]
    headers_as_received: tuple[tuple[str, str], ...] | None
    trailers: tuple[tuple[str, str], ...] | None
    query: Mapping[str, Sequence[str]]
    body: Body
    connection: Connection
    verdict: Verdict
    device: Device
    fidelity: tuple[str, ...]
    timestamp: datetime

    @property
    def url(self) -> str:
        """The URL that the client asked for, as decided."""
        return url_of(self.verdict, self.target)

    @property
    def base_url(self) -> str:
        """The same without the query."""
        return url_of(self.verdict, self.target.partition("?")[0])

    @property
    def user_agent(self) -> str:
        """The User-Agent field, empty where there was none."""
        return header_value(self.headers, "User-Agent")


def inspect(
    environ: Mapping[str, Any],
    body: bytes,
    *,
    trusted: TrustedProxies,
    allowed_hosts: Sequence[str] = (),
) -> Inspection:
    """Look at one request.

    :param environ: the WSGI environ (PEP 3333); ``yourl.raw_head`` may hold the head's own bytes
    :param body: the whole content, already read within a limit
    :param trusted: whose forwarding headers are believed
    :param allowed_hosts: host names that are answered; a finding says where ours is none of them
    """
    received = headers_as_received(environ)
    joined = joined_headers(environ)
    return Inspection(
        method=environ["REQUEST_METHOD"],
        target=target_of(environ),
        http_version=http_version(environ),
        headers=joined,
        headers_as_received=received,
        trailers=trailers_of(environ),
        query=fields(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)),
        body=decode_body(body, environ.get("CONTENT_TYPE") or None),
        connection=connection_of(environ),
        verdict=verdict_of(environ, trusted, allowed_hosts),
        device=device_of(joined),
        fidelity=fidelity_of(received is not None, "yourl.trailers" in environ),
        timestamp=datetime.now(timezone.utc),
    )


def verdict_of(
    environ: Mapping[str, Any], trusted: TrustedProxies, allowed_hosts: Sequence[str] = ()
) -> Verdict:
    """The verdict about URL and proxies alone, for where a whole inspection would be too much."""
    received = headers_as_received(environ)
    return judge(
        connection_of(environ),
        received if received is not None else joined_headers(environ),
        trusted,
        method=environ["REQUEST_METHOD"],
        target=target_of(environ),
        allowed_hosts=allowed_hosts,
        http_version=http_version(environ),
    )


def http_version(environ: Mapping[str, Any]) -> str:
    """``"1.1"`` and its like, as the request line said."""
    return str(environ.get("SERVER_PROTOCOL", "HTTP/1.1")).removeprefix("HTTP/")


def headers_as_received(environ: Mapping[str, Any]) -> tuple[tuple[str, str], ...] | None:
    """Field lines in the order, case and number in which they came, or None where the server hides that."""
    head = environ.get("yourl.raw_head")
    if head is None:
        return None
    lines = head.decode("latin-1").split("\r\n")[1:]
    split = (line.partition(":") for line in lines if line)
    return tuple((name, value.strip(" \t")) for name, _, value in split)


def trailers_of(environ: Mapping[str, Any]) -> tuple[tuple[str, str], ...] | None:
    """The trailer fields of a chunked body (RFC 9112 section 7.1.2), or None where the server drops them."""
    lines = environ.get("yourl.trailers")
    if lines is None:
        return None
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in lines)


def joined_headers(environ: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Header fields from the environ, usually spelt, sorted by name; repeated ones comma-joined."""
    found = [(name, environ[key]) for key, name in _BARE_NAMES.items() if environ.get(key)]
    found += [(field_name(k[5:]), v) for k, v in environ.items() if k.startswith("HTTP_")]
    return tuple(sorted(found))


def field_name(cgi_name: str) -> str:
    """``X_FORWARDED_FOR`` -> ``X-Forwarded-For``."""
    name = cgi_name.replace("_", "-").title()
    return _SPELLINGS.get(name, name.replace("Sec-Ch-Ua", "Sec-CH-UA"))


def header_value(headers: Sequence[tuple[str, str]], name: str) -> str:
    """The value of a header field by its name in any case; empty where there is none."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), "")


def connection_of(environ: Mapping[str, Any]) -> Connection:
    """Both ends of the socket, as the server saw them."""
    server, server_port = _local_address(environ)
    return Connection(
        peer=str(environ.get("REMOTE_ADDR") or ""),
        peer_port=_port(environ.get("REMOTE_PORT")),
        server=server,
        server_port=server_port,
        scheme=str(environ.get("wsgi.url_scheme", "http")),
    )


def _local_address(environ: Mapping[str, Any]) -> tuple[str, int | None]:
    # SERVER_NAME is what the server was bound to, often 0.0.0.0; the socket itself knows better.
    for key in ("gunicorn.socket", "werkzeug.socket"):
        try:
            name = environ[key].getsockname()
        except (KeyError, OSError, AttributeError):
            continue
        if isinstance(name, tuple):
            return str(name[0]), int(name[1])
        return str(name), None
    return str(environ.get("SERVER_NAME") or ""), _port(environ.get("SERVER_PORT"))


def _port(text: Any) -> int | None:
    return int(text) if isinstance(text, int) or (text and str(text).isdecimal()) else None


def target_of(environ: Mapping[str, Any]) -> str:
    """Path and query as the client sent them, still percent-encoded (RFC 9112 section 3.2.1).

    Of an absolute-form target the path and query are kept; ``*`` of ``OPTIONS *`` stays.
    """
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if not raw:
        raw = _quoted(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""))
    query = environ.get("QUERY_STRING", "")
    if query and "?" not in raw:  # neither name is in PEP 3333: some servers leave the query out
        raw += "?" + query
    if raw.startswith("/") or raw == "*":
        return str(raw)
    _, _, rest = raw.partition("://")
    start = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    path = rest[start:]
    return path if path.startswith("/") else "/" + path


def _quoted(path: str) -> str:
    keep = b"/:@!$&'()*+,;=-._~"
    return "".join(
        chr(byte) if (chr(byte).isalnum() and byte < 128) or byte in keep else f"%{byte:02X}"
        for byte in path.encode("latin-1", "replace")
    )


def device_of(headers: Sequence[tuple[str, str]]) -> Device:
    """The device class by User-Agent and client hints."""
    wanted = {name.lower() for name in HINT_NAMES}
    hints = {name: value for name, value in headers if name.lower() in wanted}
    return classify(header_value(headers, "User-Agent"), hints)


def fidelity_of(head_is_known: bool, trailers_are_known: bool) -> tuple[str, ...]:
    """What this server cannot tell about the request, in sentences."""
    framing = "chunk extensions" if trailers_are_known else "chunk extensions and trailers"
    general = (
        f"The sizes of a chunked body's chunks and its {framing} are not kept.",
        "What a proxy in front has changed or removed cannot be seen here, only what it sent.",
    )
    if head_is_known:
        return ("Header names, their case, order and repetition are as the socket received them.", *general)
    return (
        "The case and the order of header names are lost: WSGI passes them upper-cased in a mapping.",
        "Repeated header fields arrive joined by commas; where one ended is lost.",
        "Header fields whose name has an underscore were dropped by the server.",
        *general,
    )


def machine_name() -> str:
    """The name of the machine or container that answers."""
    return socket.gethostname()
