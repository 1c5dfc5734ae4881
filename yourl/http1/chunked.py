"""Reads a chunked body strictly, from bytes in pieces of any size (RFC 9112 section 7.1).

Buffers at most the limit it is given, plus one line.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from yourl.errors import RequestRefused
from yourl.http1.grammar import TOKEN

_TOKEN = TOKEN.encode("ascii")
_QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
# chunk-size [chunk-ext]; blanks only where RFC 9112 section 7.1.1 names them, around ";" and "=".
_SIZE_LINE = re.compile(
    rb"([0-9A-Fa-f]+)((?:[\t ]*;[\t ]*"
    + _TOKEN
    + rb"(?:[\t ]*=[\t ]*(?:"
    + _TOKEN
    + rb"|"
    + _QUOTED
    + rb"))?)*)"
)
_PLAIN_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")
_TRAILER = re.compile(rb"(" + _TOKEN + rb"):([\t -~\x80-\xff]*)")

# Fields that frame, route or authenticate may not come after the body (RFC 9110 section 6.5.1).
_NOT_IN_TRAILERS = frozenset(
    b"transfer-encoding content-length host trailer te connection authorization cookie content-type "
    b"content-encoding content-range expect upgrade".split()
)

MAX_LINE = 4096
"""Bytes of one chunk-size line or trailer line."""

MAX_DIGITS = 16
"""Of a chunk's size: 8 bytes."""

MAX_OVERHEAD = 16 * 1024
"""Bytes of extensions and trailers in one body; plain framing is not counted."""


class _Expecting(Enum):
    SIZE = auto()
    DATA = auto()
    DATA_END = auto()
    TRAILER = auto()
    NOTHING = auto()


class ChunkedBody:
    """A chunked body under way: ``feed`` it bytes until ``complete``; ``content`` is what it carried."""

    __slots__ = ("_buffer", "_expecting", "_limit", "_overhead", "_remaining", "content", "trailers")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._expecting = _Expecting.SIZE
        self._remaining = 0
        self._overhead = 0
        self.content = bytearray()
        self.trailers: list[tuple[str, str]] = []

    @property
    def complete(self) -> bool:
        """Whether the last byte of the body has been read."""
        return self._expecting is _Expecting.NOTHING

    def feed(self, data: bytes) -> None:
        """Read on. Raises ``RequestRefused`` on the first byte that no chunked body could hold."""
        self._buffer += data
        if self._expecting is _Expecting.SIZE:
            self._read_plain_chunks()
        while not self.complete and self._step():
            pass

    def _read_plain_chunks(self) -> None:
        """Take the chunks that are whole and without extensions; all else is left to ``_step``.

        A body of one-byte chunks costs the server its time, not the client: five times less so.
        """
        buffer, content, position = self._buffer, self.content, 0
        while match := _PLAIN_SIZE_LINE.match(buffer, position):
            start = match.end()
            end = start + int(match[1], 16)
            if end == start or buffer[end : end + 2] != b"\r\n" or len(content) + end - start > self._limit:
                break
            content += buffer[start:end]
            position = end + 2
        del buffer[:position]

    def take_rest(self) -> bytes:
        """The bytes that came after the end of the body."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest

    def _step(self) -> bool:
        if self._expecting is _Expecting.DATA:
            return self._read_data()
        if self._expecting is _Expecting.DATA_END:
            return self._read_data_end()
        line = self._take_line()
        if line is None:
            return False
        if self._expecting is _Expecting.SIZE:
            self._read_size(line)
        else:
            self._read_trailer(line)
        return True

    def _take_line(self) -> bytes | None:
        end = self._buffer.find(b"\n", 0, MAX_LINE)
        line = bytes(self._buffer[: end if end >= 0 else MAX_LINE])
        # Wherever a CR stands, only the LF that ends the line may follow it.
        if b"\r" in (line[:-1] if line.endswith(b"\r") else line) or (end >= 0 and not line.endswith(b"\r")):
            raise RequestRefused("bad_chunk", "A line of the chunked body has a bare CR or LF.")
        if end < 0:
            if len(line) >= MAX_LINE:
                raise RequestRefused("bad_chunk", f"A chunk's line is longer than {MAX_LINE} bytes.")
            return None
        del self._buffer[: end + 1]
        return line[:-1]

    def _count_overhead(self, length: int) -> None:
        self._overhead += length
        if self._overhead > MAX_OVERHEAD:
            raise RequestRefused("bad_chunk", f"Extensions and trailers exceed {MAX_OVERHEAD} bytes.")

    def _read_size(self, line: bytes) -> None:
        match = _SIZE_LINE.fullmatch(line)
        if match is None:
            raise RequestRefused("bad_chunk", "A chunk's size must be plain hexadecimal digits.")
        if len(match[1]) > MAX_DIGITS:
            raise RequestRefused("bad_chunk", f"A chunk's size has more than {MAX_DIGITS} digits.")
        self._count_overhead(len(match[2]))
        self._remaining = int(match[1], 16)
        if len(self.content) + self._remaining > self._limit:
            raise RequestRefused("body_too_large", f"The body is longer than {self._limit} bytes.")
        self._expecting = _Expecting.DATA if self._remaining else _Expecting.TRAILER

    def _read_data(self) -> bool:
        piece = self._buffer[: self._remaining]
        self.content += piece
        del self._buffer[: len(piece)]
        self._remaining -= len(piece)
        if self._remaining:
            return False
        self._expecting = _Expecting.DATA_END
        return True

    def _read_data_end(self) -> bool:
        if not b"\r\n".startswith(self._buffer[:2]):
            raise RequestRefused("bad_chunk", "A chunk's data is longer than its size.")
        if len(self._buffer) < 2:
            return False
        del self._buffer[:2]
        self._expecting = _Expecting.SIZE
        return True

    def _read_trailer(self, line: bytes) -> None:
        if not line:
            self._expecting = _Expecting.NOTHING
            return
        self._count_overhead(len(line) + 2)
        match = _TRAILER.fullmatch(line)
        if match is None or match[1].lower() in _NOT_IN_TRAILERS:
            raise RequestRefused("bad_trailer", "A trailer field is malformed or not allowed there.")
        name, value = match[1].decode("ascii"), match[2].decode("latin-1")
        self.trailers.append((name, value.strip(" \t")))
