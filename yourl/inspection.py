"""A request, its verdict and its device in, one frozen ``Inspection`` out.

Says what arrived, and what the server in front has already lost. Knows nothing of Flask or the settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from yourl.content import Body, TooManyFields, decode_body, parse_query
from yourl.devices import HINT_NAMES, Device, classify
from yourl.http1.environ import joined_fields
from yourl.http1.head import Fields, Head
from yourl.proxies import Connection, TrustedProxies, Verdict, evaluate, url_of
from yourl.proxies.load_balancer import behind, with_load_balancer

_HINTS = {name.lower(): name for name in HINT_NAMES}


@dataclass(frozen=True, slots=True)
class Inspection:
    """What arrived in one request, and what is concluded from it."""

    head: Head
    headers: Fields
    """Under their usual names, sorted; repeated ones joined by commas."""
    trailers: Fields | None
    """Trailer fields of a chunked body; None where the server drops them."""
    query: Mapping[str, Sequence[str]]
    query_note: str | None
    """Why the query is not listed, where it is not."""
    body: Body
    connection: Connection
    verdict: Verdict
    device: Device
    fidelity: tuple[str, ...]
    timestamp: datetime

    @property
    def url(self) -> str:
        """The URL that the client asked for, as decided."""
        return url_of(self.verdict, self.head.target.origin_form)

    @property
    def base_url(self) -> str:
        """The same without the query."""
        return url_of(self.verdict, self.head.target.path)

    @property
    def headers_as_received(self) -> Fields | None:
        """Header fields in their order, case and number; None where the server hides those."""
        return self.head.fields if self.head.is_exact else None

    @property
    def user_agent(self) -> str:
        """The User-Agent field, empty where there was none."""
        return self.head.value("user-agent")


def inspect(
    head: Head,
    content: bytes,
    connection: Connection,
    *,
    verdict: Verdict,
    device: Device,
    trailers: Fields | None = None,
) -> Inspection:
    """Put together what is known of one request.

    :param content: the whole body, already read within a limit
    :param verdict: what ``verdict_of`` says of the same request
    :param device: what ``device_of`` says of it
    :param trailers: of a chunked body; None where the server drops them
    """
    query, query_note = query_of(head)
    return Inspection(
        head=head,
        headers=joined_fields(head.fields),
        trailers=trailers,
        query=query,
        query_note=query_note,
        body=decode_body(content, head.value("content-type") or None),
        connection=connection,
        verdict=verdict,
        device=device,
        fidelity=fidelity_of(head.is_exact, trailers is not None),
        timestamp=datetime.now(timezone.utc),
    )


def query_of(head: Head) -> tuple[dict[str, list[str]], str | None]:
    """The parameters of the query by name, and a sentence where there are too many to list."""
    return parameters_of(head.target.query or "")


def parameters_of(query: str) -> tuple[dict[str, list[str]], str | None]:
    """The same of a query as text."""
    try:
        return parse_query(query), None
    except TooManyFields as error:
        return {}, f"{error} The whole query is in full_path."


def verdict_of(
    head: Head, connection: Connection, trusted: TrustedProxies, allowed_hosts: Sequence[str] = ()
) -> Verdict:
    """The verdict about URL and proxies.

    :param trusted: whose forwarding headers are believed
    :param allowed_hosts: host names that are answered; a finding names a decided host that is not among them
    """
    outer, trusted_there = behind(connection, trusted)
    verdict = evaluate(
        outer,
        head.fields,
        trusted_there,
        target=head.target,
        allowed_hosts=allowed_hosts,
        http_version=head.http_version,
    )
    return with_load_balancer(verdict, connection, trusted)


def device_of(head: Head) -> Device:
    """The device class, by User-Agent and client hints."""
    hints: dict[str, str] = {}
    for name, value in head.fields:
        hint = _HINTS.get(name.lower())
        if hint is not None:
            hints.setdefault(hint, value)
    return classify(head.value("user-agent"), hints)


_GENERAL = "What a proxy in front has changed or removed cannot be seen here, only what it sent."
_EXACT = "Header names, their case, order and repetition are as the socket received them."
_LOST = (
    "The case and the order of header names are lost: WSGI passes them upper-cased in a mapping.",
    "Repeated header fields arrive joined by commas; where one ended is lost.",
    "Header fields whose name has an underscore were dropped by the server.",
)


def fidelity_of(head_is_exact: bool, trailers_are_known: bool) -> tuple[str, ...]:
    """What this server cannot tell about the request, in sentences."""
    framing = "chunk extensions" if trailers_are_known else "chunk extensions and trailers"
    chunks = f"The sizes of a chunked body's chunks and its {framing} are not kept."
    return (*((_EXACT,) if head_is_exact else _LOST), chunks, _GENERAL)
