"""What curl prints of a request: ``curl -v``, ``curl --trace-ascii`` and ``curl --trace``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from yourl.errors import BadRequest
from yourl.explain.raw import REQUEST_LINE, read_lines
from yourl.explain.written import Origin, WrittenRequest

# --trace-time and --trace-ids put these before each line.
_PREFIX = re.compile(r"(?:\d\d:\d\d:\d\d\.\d{1,9} )?(?:\[[0-9x-]{1,20}\] )?")
_SENT = re.compile(r"> ?(.*)")
_SECTION = re.compile(r"(=>|<=|==) ?(Send header|Send data|Info|[A-Z][A-Za-z ]*)(?:, (\d{1,15}) bytes|:)(.*)")
_DUMPED = re.compile(r"([0-9a-f]{4,12}): ?(.*)")
_HEXADECIMAL = re.compile(r"((?:[0-9a-f]{2} ){1,16}) ?.*")
_CONNECTED = re.compile(r"(?:Connected|Established connection) to (\S+) \(([0-9A-Fa-f.:]+)\)? port (\d{1,5})")
_TLS = re.compile(r"(?:SSL connection using|TLSv1\.\d \(|ALPN: )")


def is_curl_trace(text: str) -> bool:
    """Whether curl has printed this."""
    lines = [_without_prefix(line) for line in text.splitlines()]
    return any(line.startswith("=> Send header,") for line in lines) or any(map(_request_sent, lines))


def read_curl_trace(text: str) -> WrittenRequest:
    """The first request that curl sent; of those through a proxy's tunnel the first inside it.

    :raises BadRequest: when a line is none of a request
    """
    lines = [_without_prefix(line.rstrip("\r")) for line in text.split("\n")]
    is_dump = any(line.startswith("=> Send header,") for line in lines)
    trace = _dumped_trace(lines) if is_dump else _verbose_trace(lines)
    requests = [request for request in trace.requests if not request.lines[0].startswith("CONNECT ")]
    if not requests:
        raise BadRequest("curl's trace has no request but the CONNECT to a proxy.")
    notes = (f"The trace has {len(requests)} requests; this is the first.",) if len(requests) > 1 else ()
    name = "curl --trace" if is_dump else "curl -v"
    first = requests[0]
    return read_lines(first.lines, bytes(first.body), format=name, origin=first.origin, notes=notes)


@dataclass(slots=True)
class _Sent:
    lines: list[str]
    origin: Origin
    body: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class _Trace:
    """What is known while the trace is read from its beginning."""

    requests: list[_Sent] = field(default_factory=list)
    scheme: str = "http"
    server: str = ""
    port: int | None = None

    def note(self, information: str) -> None:
        """Take in one of curl's remarks."""
        connected = _CONNECTED.search(information)
        if connected:
            self.scheme, self.server, self.port = "http", connected[2], int(connected[3])
        elif _TLS.match(information):
            self.scheme = "https"

    def begin(self, lines: list[str]) -> None:
        """A request was sent."""
        method, _, rest = lines[0].partition(" ")
        if method == "CONNECT":  # what follows goes to the server that it names, not to the proxy
            port = rest.partition(" ")[0].rpartition(":")[2]
            self.server, self.port = "", int(port) if port.isdecimal() and len(port) < 6 else None
        self.requests.append(_Sent(lines, Origin(self.scheme, self.server, self.port)))


def _verbose_trace(lines: list[str]) -> _Trace:
    trace = _Trace()
    head: list[str] | None = None
    for line in lines:
        sent = _SENT.fullmatch(line)
        if line.startswith("* "):
            trace.note(line[2:])
        elif sent and head is None and REQUEST_LINE.fullmatch(sent[1]):
            head = [sent[1]]
            trace.begin(head)
        elif sent and head is not None and sent[1]:
            head.append(sent[1])
        elif sent:
            head = None
    return trace


def _dumped_trace(lines: list[str]) -> _Trace:
    trace = _Trace()
    at = 0
    while at < len(lines):
        section = _SECTION.match(lines[at])
        at += 1
        if section is None:
            continue
        dumped = []
        while at < len(lines) and (match := _DUMPED.fullmatch(lines[at])):
            dumped.append((int(match[1], 16), match[2]))
            at += 1
        kind, size = section[2], int(section[3] or 0)
        if kind == "Info":
            trace.note(section[4].strip())
        elif kind == "Send header":
            head = _bytes_of(dumped, size).decode("latin-1").split("\r\n")
            if REQUEST_LINE.fullmatch(head[0]):
                trace.begin([line for line in head if line])
        elif kind == "Send data" and trace.requests:
            trace.requests[-1].body += _bytes_of(dumped, size)
    return trace


def _bytes_of(dumped: list[tuple[int, str]], size: int) -> bytes:
    """The bytes of one section: from hexadecimal numbers, else from text broken at line ends."""
    numbers = [_HEXADECIMAL.fullmatch(text) for _, text in dumped]
    if dumped and all(numbers):
        content = bytes.fromhex("".join(match[1] for match in numbers if match))
        if len(content) == size:
            return content
    parts = []
    offsets = [offset for offset, _ in dumped[1:]] + [size]
    for (offset, text), end in zip(dumped, offsets, strict=True):
        parts.append(text + ("\r\n" if end - offset - len(text) == 2 else ""))
    return "".join(parts).encode("latin-1", "replace")


def _request_sent(line: str) -> bool:
    sent = _SENT.fullmatch(line)
    return sent is not None and REQUEST_LINE.fullmatch(sent[1]) is not None


def _without_prefix(line: str) -> str:
    match = _PREFIX.match(line)
    return line[match.end() :] if match else line
