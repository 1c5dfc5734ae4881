"""A request that was written down: its ``Head`` and body, as a server would receive them, and its origin."""

from __future__ import annotations

from dataclasses import dataclass

from yourl.errors import Refusal
from yourl.http1.grammar import parse_authority
from yourl.http1.head import Fields, Head, parse_head
from yourl.http1.limits import Limits
from yourl.http1.target import parse_target

FAR_SIDE = (
    "This is what the client sent. A proxy between client and server changes it: ask yourl itself through "
    "the proxy to see what arrives."
)


@dataclass(frozen=True, slots=True)
class WrittenRequest:
    """One request, as it was written down."""

    head: Head
    body: bytes = b""
    refusal: Refusal | None = None
    """How the server would refuse this head; None where it would not."""
    format: str = "request"
    """What kind of text it was."""
    scheme: str | None = None
    """``http`` or ``https``, where the text shows it."""
    server: str = ""
    """Address of the server, where the text shows it."""
    server_port: int | None = None
    notes: tuple[str, ...] = ()
    """Sentences about the text that the reader should know."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a client's own trace says that the request went."""

    scheme: str | None = None
    server: str = ""
    port: int | None = None


def written_request(
    method: str,
    target: str,
    version: tuple[int, int],
    fields: Fields,
    body: bytes = b"",
    *,
    format: str = "request",  # noqa: A002  # the field's name
    origin: Origin | None = None,
    notes: tuple[str, ...] = (),
) -> WrittenRequest:
    """The request with these parts, read by the server's parser where that accepts it.

    :param origin: given for a client's own trace, which is the far side of any proxy
    """
    # Between a proxy and this server it is HTTP/1.1, whatever the client and the proxy speak.
    shown = version if version < (2, 0) else (1, 1)
    lines = [f"{method} {target} HTTP/{shown[0]}.{shown[1]}", *(f"{name}: {value}" for name, value in fields)]
    raw = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
    outcome = parse_head(raw, Limits())
    known = origin or Origin()
    return WrittenRequest(
        head=outcome
        if isinstance(outcome, Head)
        else Head(method, parse_target(target, method), shown, fields),
        body=body,
        refusal=outcome if isinstance(outcome, Refusal) else None,
        format=format,
        scheme=known.scheme,
        server=known.server,
        server_port=known.port,
        notes=(*((FAR_SIDE,) if origin else ()), *notes),
    )


def with_host(fields: Fields, authority: str) -> Fields:
    """``fields`` without the pseudo fields of HTTP/2, and with a Host field where there is none."""
    kept = tuple((name, value) for name, value in fields if not name.startswith(":"))
    if not authority or any(name.lower() == "host" for name, _ in kept):
        return kept
    return (("Host", authority), *kept)


def origin_of(scheme: str, authority: str, server: str = "") -> Origin:
    """The origin that a URL names, with its scheme's own port where it names none."""
    known = parse_authority(authority)
    port = known.port if known else None
    return Origin(scheme, server, port or {"http": 80, "https": 443}.get(scheme))
