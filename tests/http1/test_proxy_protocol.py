"""PROXY headers of both versions: read strictly, whole or in pieces, and refused where none is expected."""

from __future__ import annotations

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.errors import Refusal
from yourl.http1.limits import Limits
from yourl.http1.proxy_protocol import MAX_BINARY, SIGNATURE, ProxyHeader, read
from yourl.http1.reader import ReceivedRequest, RequestReader

GET = b"GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n"
V4 = (("192.0.2.1", 4711), ("198.51.100.2", 443))
V6 = (("2001:db8::1", 4711), ("2001:db8::2", 443))


def binary(command: int = 0x21, protocol: int = 0x11, rest: bytes | None = None) -> bytes:
    """A version 2 header."""
    if rest is None:
        rest = addresses(socket.AF_INET, *V4)
    return SIGNATURE + bytes([command, protocol]) + struct.pack("!H", len(rest)) + rest


def addresses(family: int, source: tuple[str, int], destination: tuple[str, int]) -> bytes:
    """The address block of a version 2 header."""
    packed = [socket.inet_pton(family, address) for address, _ in (source, destination)]
    return b"".join(packed) + struct.pack("!HH", source[1], destination[1])


TLS = b"\x20\x00\x05\x01\x00\x00\x00\x00"
PLAIN = b"\x20\x00\x05\x00\x00\x00\x00\x00"
UNIQUE_ID = b"\x05\x00\x03abc"

VALID = [
    pytest.param(b"PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n", ProxyHeader(1, *V4), id="v1 IPv4"),
    pytest.param(b"PROXY TCP6 2001:db8::1 2001:DB8::2 4711 443\r\n", ProxyHeader(1, *V6), id="v1 IPv6"),
    pytest.param(b"PROXY UNKNOWN\r\n", ProxyHeader(1), id="v1 unknown"),
    pytest.param(b"PROXY UNKNOWN 1 2 3 4\r\n", ProxyHeader(1), id="v1 unknown with more"),
    pytest.param(binary(), ProxyHeader(2, *V4), id="v2 IPv4"),
    pytest.param(
        binary(protocol=0x21, rest=addresses(socket.AF_INET6, *V6)), ProxyHeader(2, *V6), id="v2 IPv6"
    ),
    pytest.param(binary(0x20, 0, b""), ProxyHeader(2), id="v2 local"),
    pytest.param(binary(0x20, 0x11), ProxyHeader(2), id="v2 local with addresses"),
    pytest.param(binary(0x21, 0, b"x" * 9), ProxyHeader(2), id="v2 unspecified"),
    pytest.param(
        binary(rest=addresses(socket.AF_INET, *V4) + UNIQUE_ID + TLS), ProxyHeader(2, *V4, True), id="v2 TLS"
    ),
    pytest.param(
        binary(rest=addresses(socket.AF_INET, *V4) + PLAIN), ProxyHeader(2, *V4, False), id="v2 no TLS"
    ),
]

INVALID = [
    pytest.param(b"PROXY TCP4 192.0.2.1 198.51.100.2 4711\r\n", id="v1 no port"),
    pytest.param(b"PROXY TCP4 192.0.2.256 198.51.100.2 4711 443\r\n", id="v1 bad address"),
    pytest.param(b"PROXY TCP4 2001:db8::1 2001:db8::2 4711 443\r\n", id="v1 wrong family"),
    pytest.param(b"PROXY TCP4 192.0.2.1 198.51.100.2 4711 65536\r\n", id="v1 bad port"),
    pytest.param(b"PROXY UDP4 192.0.2.1 198.51.100.2 4711 443\r\n", id="v1 UDP"),
    pytest.param(b"PROXY TCP4  192.0.2.1 198.51.100.2 4711 443\r\n", id="v1 two blanks"),
    pytest.param(b"PROXY " + b"x" * 200, id="v1 endless"),
    pytest.param(binary(0x31), id="v2 of another version"),
    pytest.param(binary(0x22), id="v2 unknown command"),
    pytest.param(binary(0x21, 0x12), id="v2 datagrams"),
    pytest.param(binary(0x21, 0x31, b"x" * 216), id="v2 Unix socket"),
    pytest.param(binary(rest=b"short"), id="v2 short"),
    pytest.param(SIGNATURE + b"\x21\x11\xff\xff", id="v2 huge"),
]


def outcome_of(data: bytes) -> tuple[object, object]:
    """The header and the refusal code or path that a trusted load balancer's bytes lead to."""
    reader = RequestReader(Limits(), awaits_proxy_header=True)
    outcome = reader.feed(data)
    if isinstance(outcome, ReceivedRequest):
        return reader.proxy_header, outcome.head.target.path
    return reader.proxy_header, outcome.code if outcome else None


@pytest.mark.parametrize(("data", "expected"), VALID)
def test_reads(data: bytes, expected: ProxyHeader) -> None:
    """The header, and the request behind it, however they are cut."""
    assert read(data + GET) == (expected, len(data))
    assert outcome_of(data + GET) == (expected, "/a")
    for cut in range(1, len(data) + len(GET)):
        reader = RequestReader(Limits(), awaits_proxy_header=True)
        assert reader.feed((data + GET)[:cut]) is None
        assert isinstance(reader.feed((data + GET)[cut:]), ReceivedRequest)
        assert reader.proxy_header == expected


@pytest.mark.parametrize("data", INVALID)
def test_refuses_what_is_malformed(data: bytes) -> None:
    """The specification demands to drop such a connection; the answer says why."""
    assert outcome_of(data + GET) == (None, "bad_proxy_header")


@pytest.mark.parametrize("data", [GET, b"\r\n" + GET, b"PROX", b"\x16\x03\x01\x02"])
def test_a_trusted_peer_must_send_one(data: bytes) -> None:
    """Nothing is guessed: without the header there is no telling who asks."""
    reader = RequestReader(Limits(), awaits_proxy_header=True)
    outcome = reader.feed(data)
    assert outcome is None if data == b"PROX" else outcome == Refusal("proxy_header_missing")


@pytest.mark.parametrize("data", [param.values[0] for param in VALID])
def test_names_one_that_is_not_expected(data: bytes) -> None:
    """A server that does not read the protocol says what it is and what helps, however it arrives."""
    for cut in (len(data), 1, 3, 5, 12):
        reader = RequestReader(Limits())
        outcome = reader.feed(data[:cut]) or reader.feed(data[cut:] + GET)
        assert isinstance(outcome, Refusal)
        assert outcome.code == "proxy_header_unexpected"
        assert "YOURL_PROXY_PROTOCOL" in outcome.message


def test_only_the_first_request_has_one() -> None:
    """A kept-alive connection is a single connection to the load balancer, too."""
    reader = RequestReader(Limits(), awaits_proxy_header=True)
    assert isinstance(reader.feed(binary() + GET), ReceivedRequest)
    assert isinstance(reader.feed(GET), ReceivedRequest)


@given(st.binary(max_size=MAX_BINARY + 10))
def test_never_raises(data: bytes) -> None:
    """Any bytes after the signature are a header, a refusal or incomplete."""
    read(SIGNATURE + data)
    read(b"PROXY " + data)
    outcome_of(SIGNATURE + data)
