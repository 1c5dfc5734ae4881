"""The Redis serialization protocol, version 2 (redis.io, "Redis serialization protocol specification").

Bytes in, bytes out; no sockets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Word = str | bytes | int | float


class ErrorReply(Exception):
    """Redis answered with an error; ``code`` is its first word, such as ``MOVED`` or ``OOM``."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.code = text.partition(" ")[0]


class ProtocolError(Exception):
    """What came is no reply of Redis."""


def encode(*words: Word) -> bytes:
    """One command."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


def read_reply(read_line: Callable[[], bytes], read: Callable[[int], bytes]) -> Any:
    """One reply: bytes, int, None or a list of such; an error within is returned, not raised.

    :param read_line: gives the next line without its end
    :param read: gives the next bytes
    :raises ProtocolError: where it is none
    """
    line = read_line()
    kind, rest = line[:1], line[1:]
    if kind == b"+":
        return rest
    if kind == b"-":
        return ErrorReply(rest.decode("utf-8", "replace"))
    number = _number(rest)
    if kind == b":":
        return number
    if kind == b"$":
        return None if number < 0 else read(number + 2)[:-2]
    if kind == b"*":
        return None if number < 0 else [read_reply(read_line, read) for _ in range(number)]
    raise ProtocolError(f"Redis sent a reply that begins with {line[:20]!r}")


def _number(text: bytes) -> int:
    try:
        number = int(text)
    except ValueError:
        raise ProtocolError(f"Redis sent a length that is none: {text[:20]!r}") from None
    return number


def slot_of(key: str) -> int:
    """The hash slot of a key: CRC16 (XMODEM) of its hash tag (Redis cluster specification, appendix A)."""
    data = key.encode()
    start = data.find(b"{")
    if start >= 0:
        end = data.find(b"}", start + 1)
        if end > start + 1:
            data = data[start + 1 : end]
    crc = 0
    for byte in data:
        crc = ((crc << 8) & 0xFFFF) ^ _CRC[(crc >> 8) ^ byte]
    return crc % SLOTS


SLOTS = 16384


def _crc_of(byte: int) -> int:
    crc = byte << 8
    for _ in range(8):
        crc = ((crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


_CRC = tuple(map(_crc_of, range(256)))
