"""Requests that two parsers may read in two ways, through nginx and HAProxy: yourl never sees a second one.

The proxy refuses a path by itself; each attack hides a request for that path in something else. Should it
ever reach yourl, then yourl has seen a request that the proxy has not, and that is what smuggling is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.functional.certificates import NAME, make_certificate
from tests.functional.harness import Server, wait_until
from tests.functional.proxies.all import PRODUCTS
from tests.functional.proxies.running import Backends, Proxy, upstream_of

FORBIDDEN = b"/api/forbidden"
HIDDEN = b"GET " + FORBIDDEN + b" HTTP/1.1\r\nHost: shop.example\r\n\r\n"
NO_ENTRY = {
    "nginx": {
        "location / {": "location /api/forbidden { return 403; }\n    location / {",
    },
    "haproxy": {
        "default_backend yourl": (
            "default_backend yourl\n    http-request deny if { path_beg /api/forbidden }"
        ),
    },
}
serial = count()


@dataclass(frozen=True)
class Front:
    """A proxy that lets nobody ask for ``FORBIDDEN``, and the server behind it."""

    proxy: Proxy
    server: Server

    def targets_seen(self) -> list[str]:
        """The target of each request that yourl has answered or refused, in order."""
        return re.findall(r'"[A-Z-]+ (\S+) [^"]*" [0-9]{3} ', self.server.stdout)

    def ask_honestly(self) -> None:
        """Ask three times over connections of their own; each answer is that of its own request."""
        for _ in range(3):
            target = f"/api/honest-{next(serial)}"
            answer = self.proxy.get(target)
            assert (200, f"https://{self.proxy.authority}{target}") == (answer.status, answer.json["url"])
            wait_until(lambda wanted=target: wanted in self.targets_seen(), f"{target} in the log")


@pytest.fixture(scope="module", params=list(NO_ENTRY))
def front(
    request: pytest.FixtureRequest, pyz: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    """The proxy as docs/proxies has it: connections to yourl are kept and used again."""
    certificate = make_certificate(tmp_path_factory.mktemp("tls"))
    with Backends(pyz) as backends:
        server = backends.trusting("127.0.0.1/32")
        upstream, changes = upstream_of(server), NO_ENTRY[request.param]
        with Proxy(PRODUCTS[request.param], upstream, certificate, changes=changes) as proxy:
            yield Front(proxy, server)


def post(fields: bytes, body: bytes, version: bytes = b"1.1") -> bytes:
    """A POST with these field lines and bytes after the head."""
    return b"POST /api HTTP/%s\r\nHost: %s\r\n%s\r\n\r\n%s" % (version, NAME.encode(), fields, body)


def length_first(coding: bytes, version: bytes = b"1.1") -> bytes:
    """CL.TE: by its length the body holds the hidden request, as chunks it ends before that."""
    body = b"0\r\n\r\n" + HIDDEN
    return post(b"Content-Length: %d\r\n%s" % (len(body), coding), body, version)


def chunks_first(coding: bytes, version: bytes = b"1.1") -> bytes:
    """TE.CL: as chunks the body holds the hidden request, by its length it ends before that."""
    size = b"%x\r\n" % len(HIDDEN)
    body = size + HIDDEN + b"\r\n0\r\n\r\n"
    return post(b"Content-Length: %d\r\n%s" % (len(size), coding), body, version)


def chunks_only(coding: bytes) -> bytes:
    """No length: whoever does not understand the coding takes the body for the next request."""
    return post(coding, b"0\r\n\r\n" + HIDDEN)


CODINGS = {
    "plain": b"Transfer-Encoding: chunked",
    "upper case": b"TRANSFER-ENCODING: CHUNKED",
    "blank before colon": b"Transfer-Encoding : chunked",
    "tab": b"Transfer-Encoding:\tchunked",
    "vertical tab": b"Transfer-Encoding:\x0bchunked",
    "no blank": b"Transfer-Encoding:chunked",
    "blank after": b"Transfer-Encoding: chunked ",
    "quoted": b'Transfer-Encoding: "chunked"',
    "parameter": b"Transfer-Encoding: chunked;q=1",
    "prefixed": b"Transfer-Encoding: xchunked",
    "identity first": b"Transfer-Encoding: identity, chunked",
    "identity last": b"Transfer-Encoding: chunked, identity",
    "gzip first": b"Transfer-Encoding: gzip, chunked",
    "empty": b"Transfer-Encoding:",
    "leading comma": b"Transfer-Encoding: , chunked",
    "twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "twice, other first": b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    "folded": b"Transfer-Encoding:\r\n chunked",
    "after a bare LF": b"X-Odd: x\nTransfer-Encoding: chunked",
    "after a bare CR": b"X-Odd: x\rTransfer-Encoding: chunked",
    "underscore": b"Transfer_Encoding: chunked",
    "named by Connection": b"Transfer-Encoding: chunked\r\nConnection: Transfer-Encoding",
    "NUL": b"Transfer-Encoding: chunked\x00",
    "non-ASCII": b"Transfer-Encoding: chunked\xa0",
}
LENGTHS = {
    "twice": b"Content-Length: 0\r\nContent-Length: %d",
    "twice, long first": b"Content-Length: %d\r\nContent-Length: 0",
    "list": b"Content-Length: 0, %d",
    "plus": b"Content-Length: +%d",
    "minus": b"Content-Length: -%d",
    "hexadecimal": b"Content-Length: 0x%x",
    "leading zeros": b"Content-Length: 000%d",
    "blank before colon": b"Content-Length : %d",
    "underscore": b"Content_Length: %d",
    "fraction": b"Content-Length: %d.0",
    "overflow": b"Content-Length: 18446744073709551616%d",
    "named by Connection": b"Content-Length: %d\r\nConnection: Content-Length",
    "expected first": b"Content-Length: %d\r\nExpect: 100-continue",
    "bare LF before": b"X-Odd: x\nContent-Length: %d",
}
CHUNKS = {
    "prefixed size": b"0x0\r\n\r\n",
    "signed size": b"+0\r\n\r\n",
    "blank in size": b"0 \r\n\r\n",
    "overflowing size": b"10000000000000000\r\n\r\n",
    "bare LF after size": b"0\n\r\n",
    "bare LF in extension": b"0;a\nb\r\n\r\n",
    "bare CR in extension": b"0;a\rb\r\n\r\n",
    "data longer than its size": b"1\r\nabc\r\n0\r\n\r\n",
    "no CRLF after data": b"3\r\nabc0\r\n\r\n",
    "length in a trailer": b"0\r\nContent-Length: 64\r\n\r\n",
    "bare LF at the end": b"0\r\n\n",
}


def attacks() -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each."""
    for name, coding in CODINGS.items():
        yield f"CL.TE {name}", length_first(coding)
        yield f"TE.CL {name}", chunks_first(coding)
        yield f"TE {name}", chunks_only(coding)
    yield "CL.TE HTTP/1.0", length_first(CODINGS["plain"], b"1.0")
    yield "TE.CL HTTP/1.0", chunks_first(CODINGS["plain"], b"1.0")
    for name, length in LENGTHS.items():
        yield f"CL {name}", post(length % len(HIDDEN), HIDDEN)
    for name, chunk in CHUNKS.items():
        yield f"chunk {name}", post(CODINGS["plain"], chunk + HIDDEN)
    yield (
        "h2c",
        post(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk", HIDDEN),
    )
    yield (
        "websocket",
        post(b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 777", HIDDEN),
    )
    yield "in the target", b"GET /api?x HTTP/1.1\r\nX: " + HIDDEN
    yield "in a value", post(b"X-Odd: x\r\n\tfolded", HIDDEN)


@pytest.mark.parametrize("attack", [pytest.param(sent, id=name) for name, sent in attacks()])
def test_nothing_is_smuggled(front: Front, attack: bytes) -> None:
    """The hidden request never reaches yourl, and nobody gets an answer that is another's."""
    front.proxy.raw(attack)
    front.ask_honestly()
    assert [] == [target for target in front.targets_seen() if FORBIDDEN.decode() in target]


def test_a_hidden_request_would_be_seen(front: Front) -> None:
    """The path is refused by the proxy alone, and a second request on one connection does reach the log."""
    assert 403 == front.proxy.get(FORBIDDEN.decode()).status
    allowed = HIDDEN.replace(FORBIDDEN, b"/api/second")
    front.proxy.raw(post(b"Content-Length: 0", allowed))
    wait_until(lambda: "/api/second" in front.targets_seen(), "the second request")
