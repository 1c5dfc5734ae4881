"""Random requests by grammar, for ``asymmetry.py``: targets, fields, bodies, expectations, up to the limits.

Knows nothing of any server: only what one client may send within 64 KiB of head, 8190 bytes of a line, 100
fields and 1 MiB of body. Every choice is named, so that a costly request can be told by its choices.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

Maker = Callable[[int], bytes]
"""A body of about a size."""

LINE = 8190
HEAD = 64 * 1024
FIELDS = 100
BODY = 1024 * 1024
PAGE = "text/html"
"""The Accept field that asks for a page; a page is made for browsers only, so such a request names one."""
BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


@dataclass(frozen=True)
class Request:
    """One request: which choices made it, its head and its body."""

    choices: tuple[tuple[str, str], ...]
    head: bytes
    body: bytes

    @property
    def size(self) -> int:
        """Bytes that the client sends."""
        return len(self.head) + len(self.body)

    def __str__(self) -> str:
        return ", ".join(choice for _, choice in self.choices if choice != "none")


def repeated(unit: str, size: int) -> str:
    """``unit`` again and again, at most ``size`` characters."""
    return (unit * (size // len(unit) + 1))[:size] if unit else ""


def numbered(pattern: str, size: int) -> str:
    """``pattern`` with a number counted up in each, at most ``size`` characters of whole ones."""
    parts = []
    number = left = 0
    left = size
    while left > 0:
        part = pattern.format(format(number, "x"))
        parts.append(part)
        left -= len(part)
        number += 1
    return "".join(parts[:-1]) if left < 0 else "".join(parts)


# Runs of one character or one short unit: what patterns backtrack over and encoders make longer.
UNITS = (
    *(
        "a",
        "a-",
        "a.",
        "a,",
        " ",
        "\t",
        ",",
        ";",
        "=",
        '"',
        "\\",
        "/",
        "(",
        "%",
        "&",
        ":",
        "-",
        ".",
        "0",
        "[",
        "::",
    ),
    *("1.1.1.1, ", "for=a, ", 'for="', "a=b; ", "\xe9", "\x85", "Mozilla/5.0 (", "build/"),
)

_FIELD_NAMES = """
    User-Agent Accept Accept-Language Cookie Content-Type Origin Referer Via X-Forwarded-For Forwarded
    X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Port X-Forwarded-Prefix X-Real-IP X-Original-URI Sec-CH-UA
    Sec-CH-UA-Model Sec-CH-UA-Form-Factors X-Request-ID Connection Upgrade TE Transfer-Encoding
    X-Cloud-Trace-Context Traceparent Access-Control-Request-Method Range If-None-Match Authorization X-Own
"""
FIELD_NAMES = tuple(_FIELD_NAMES.split())

TARGETS: dict[str, Callable[[], str]] = {
    "/api": lambda: "/api",
    "/": lambda: "/",
    "404": lambda: "/nothing",
    "long path": lambda: "/api/" + "a" * 8000,
    "slashes": lambda: "/api/" + "/" * 8000,
    "dot segments": lambda: "/api/" + "../" * 2600,
    "encoded path": lambda: "/api/" + "%00" * 2600,
    "quotes in the path": lambda: "/api/" + '"' * 8000,
    "many parameters": lambda: "/api?" + numbered("{}&", 8000),
    "many parameters with =": lambda: "/api?" + numbered("{}=&", 8000),
    "one parameter often": lambda: "/api?" + "a&" * 4000,
    "ampersands": lambda: "/api?" + "&" * 8000,
    "encoded parameters": lambda: "/api?a=" + "%00" * 2600,
    "broken encodings": lambda: "/api?a=" + "%" * 8000,
    "plus signs": lambda: "/api?" + "+" * 8000,
    "semicolons": lambda: "/api?" + ";" * 8000,
    "one long name": lambda: "/api?" + "a" * 8000,
    "secret names": lambda: "/api?" + "token=a&" * 1000,
    "user agent to /guard": lambda: "/guard?user_agent=" + "Mozilla/5.0%20(" * 500,
    "absolute form": lambda: "http://a.example/api?" + "a" * 8000,
    "compact": lambda: "/api?compact",
}

_EXPECTATIONS = """
    client:203.0.113.9 !client:10.0.0.0/8 url:x body.text:x body.json:x body.base64:x body.form:x
    body.json.a:1.1.1.1 body:x headers:x headers_as_received:1.1.1.1 query.expect:::1 query.a:1.1.1.1
    proxy.hops:x finding:none !finding:port-lost nothing.a.b.c:1 hops:3 header-absent:x user_agent:x
    headers.User-Agent:x
"""
EXPECTATIONS = {name: name for name in _EXPECTATIONS.split()}
EXPECTATIONS["dots"] = "." * 60 + ":a"
EXPECTATIONS["one long path"] = "query." * 1300 + ":a"
EXPECTATIONS["one long value"] = "url:" + "a" * 7800


def expecting(expectation: str, room: int) -> str:
    """The same expectation as often as the request line has room for."""
    parameter = f"expect={quote(expectation, safe=':./!')}&"
    return parameter * max(1, room // len(parameter))


JSON_UNITS = {
    "JSON of ones": "1,",
    "JSON of floats": "1e15,",
    "JSON of long floats": "1.7976931348623157e308,",
    "JSON of lists": "[],",
    "JSON of objects": "{},",
    "JSON of strings": '"",',
    "JSON of quotes": '"\\"\\"\\"",',
    "JSON of escapes": '"\\u0001\\u0001",',
    "JSON of lone surrogates": '"\\ud800",',
    "JSON of e acute": '"é",',
    "JSON of addresses": '"1.1.1.1",',
    "JSON of nulls": "null,",
    "JSON of big integers": "9" * 4000 + ",",
    "JSON of deep ends": "[[[[[[[[]]]]]]]],",
    "JSON of rows": '{"a":[1,{"b":2}]},',
}


def _json_list(opening: str, unit: str, ending: str, size: int) -> bytes:
    return f"{opening}{unit * ((size - 12) // len(unit.encode()))}{ending}".encode()


def json_bodies() -> dict[str, Maker]:
    """JSON that is cheap to send and may be dear to decode, to look through or to write."""
    found: dict[str, Maker] = {}
    for name, unit in JSON_UNITS.items():
        found[name] = partial(_json_list, "[", unit, "0]")
        found[f"{name} in a"] = partial(_json_list, '{"a":[', unit, "0]}")
    for depth in (50, 190, 900, 20_000, 500_000):
        found[f"JSON {depth} deep"] = partial(_deep, depth)
    found["JSON with many keys"] = lambda size: b"{" + numbered('"{}":0,', size - 16).encode() + b'"":0}'
    found["JSON with one key often"] = lambda size: b"{" + b'"a":0,' * (size // 6 - 2) + b'"a":0}'
    found["JSON blanks"] = lambda size: b"\n" * (size - 1) + b"1"
    found["JSON infinity"] = lambda size: b"[1e9999]"
    found["JSON open"] = lambda size: b"[" * size
    found["JSON open objects"] = lambda size: b'{"a":' * (size // 5)
    found["JSON open string"] = lambda size: b'"' + b"\\" * (size - 1)
    found["JSON in UTF-16"] = lambda size: ("[" + "1," * (size // 4 - 4) + "1]").encode("utf-16-le")
    return found


def _deep(depth: int, size: int) -> bytes:
    depth = min(depth, size // 2)
    return b"[" * depth + b"1," * ((size - 2 * depth) // 2 - 1) + b"1" + b"]" * depth


def form_bodies() -> dict[str, Maker]:
    """Form content."""
    return {
        "form of names": lambda size: numbered("{}&", size).encode(),
        "form of pairs": lambda size: numbered("{}=1&", size).encode(),
        "form of 999 pairs": lambda size: numbered("{}=1&", 5000).encode()[: size // 2],
        "form with one name often": lambda size: b"a&" * (size // 2),
        "form of ampersands": lambda size: b"&" * size,
        "form of equals": lambda size: b"=" * size,
        "form of NUL": lambda size: b"a=" + b"\0" * (size - 2),
        "form of encoded NUL": lambda size: b"a=" + b"%00" * (size // 3 - 1),
        "form of encoded FF": lambda size: b"a=" + b"%ff" * (size // 3 - 1),
        "form of FF": lambda size: b"a=" + b"\xff" * (size - 2),
        "form of percent signs": lambda size: b"a=" + b"%" * (size - 2),
        "form of plus signs": lambda size: b"a=" + b"+" * (size - 2),
    }


def multipart_bodies() -> dict[str, Maker]:
    """Multipart content with the boundary ``b``."""
    field = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
    file = b"--b\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n\r\n"
    opening = b'--b\r\nContent-Disposition: form-data; name="a"'
    return {
        "multipart fields": lambda size: field * (size // len(field)) + b"--b--\r\n",
        "multipart 990 fields": lambda size: field * min(990, size // len(field)) + b"--b--\r\n",
        "multipart files": lambda size: file * (size // len(file)) + b"--b--\r\n",
        "multipart 990 files": lambda size: file * min(990, size // len(file)) + b"--b--\r\n",
        "multipart one file": lambda size: file[:-2] + b"\0" * (size - 200) + b"\r\n--b--\r\n",
        "multipart one field": lambda size: field[:-2] + b"\0" * (size - 200) + b"\r\n--b--\r\n",
        "multipart line ends": lambda size: field[:-2] + b"\r\n" * (size // 2 - 100) + b"\r\n--b--\r\n",
        "multipart CR": lambda size: field[:-2] + b"\r" * (size - 200) + b"\r\n--b--\r\n",
        "multipart near boundaries": lambda size: (
            field[:-2] + b"\r\n--" * (size // 4 - 60) + b"\r\n--b--\r\n"
        ),
        "multipart dashes": lambda size: b"--b" * (size // 3),
        "multipart without end": lambda size: field[:-2] + b"\r\n-" * (size // 3 - 60),
        "multipart preamble": lambda size: b"\r\n" * (size // 2 - 60) + field + b"--b--\r\n",
        "multipart long header": lambda size: (
            opening + b"; a=b" * (size // 5 - 60) + b"\r\n\r\n\r\n--b--\r\n"
        ),
        "multipart quotes in a header": lambda size: (
            opening + b'; a="' * (size // 5 - 60) + b"\r\n\r\n\r\n--b--\r\n"
        ),
        "multipart long name": lambda size: opening[:-1] + b"\0" * (size - 200) + b'"\r\n\r\n\r\n--b--\r\n',
        "multipart headers": lambda size: opening + b"\r\na:b" * (size // 5 - 60) + b"\r\n\r\n\r\n--b--\r\n",
        "multipart folded headers": lambda size: (
            opening + b"\r\n b" * (size // 4 - 60) + b"\r\n\r\n\r\n--b--\r\n"
        ),
    }


TEXT_UNITS = {
    "letters": b"a",
    "NUL": b"\0",
    "controls": b"\x01",
    "quotes": b'"',
    "backslashes": b"\\",
    "line ends": b"\r\n",
    "FF": b"\xff",
    "e acute": "é".encode(),
    "emoji": "\U0001f600".encode(),
    "escapes": b"\x1b$B",
    "high": b"\x8e\xa1",
    "encoded surrogates": b"\xed\xa0\x80",
    "separators": "\u2028".encode(),
    "markup": b"<&>",
    "digits": b"0",
    "hyphens": b"-",
    "half-width": b"\xb1",
    "two bytes": b"\x81\x40",
    "four bytes": b"\x81\x30\x81\x30",
    "pairs of UTF-16": b"\x01\x00",
}


def _filled(unit: bytes, size: int) -> bytes:
    return unit * (size // len(unit))


def text_bodies() -> dict[str, Maker]:
    """Content of no structure."""
    found: dict[str, Maker] = {name: partial(_filled, unit) for name, unit in TEXT_UNITS.items()}
    found["one emoji and letters"] = lambda size: b"a" * (size - 4) + "\U0001f600".encode()
    found["one emoji and quotes"] = lambda size: b'"' * (size - 4) + "\U0001f600".encode()
    found["one emoji and NUL"] = lambda size: b"\0" * (size - 4) + "\U0001f600".encode()
    return found


_CHARSETS = """
    utf-8 punycode idna utf-7 utf-16 utf-32 iso-2022-jp iso-2022-kr hz gb18030 big5 euc-jp shift_jis euc-kr
    windows-1252 koi8-r ibm866 latin1 raw_unicode_escape unicode_escape rot13 zlib hex quopri uu bz2 undefined
"""
CHARSETS = (*_CHARSETS.split(), "x" * 8000)
SIZES = (0, 100, 5_000, 20_000, 50_000, 200_000, BODY)
BODIES: dict[str, tuple[str, dict[str, Maker]]] = {
    "json": ("application/json", json_bodies()),
    "form": ("application/x-www-form-urlencoded", form_bodies()),
    "multipart": ("multipart/form-data; boundary=b", multipart_bodies()),
    "text": ("text/plain", text_bodies()),
}


@dataclass(frozen=True)
class Plan:
    """The choices behind one request; ``changed`` makes a neighbour of it."""

    target: str = "/api"
    expectation: str = ""
    accept: str = "*/*"
    peer_trusted: bool = False
    fields: tuple[tuple[str, str, int], ...] = ()
    body_kind: str = ""
    body: str = ""
    charset: str = ""
    size: int = 0

    def request(self) -> Request:
        """The request that these choices make."""
        target = TARGETS[self.target]()
        if self.expectation:
            mark = "&" if "?" in target else "?"
            target += mark + expecting(EXPECTATIONS[self.expectation], LINE - 40 - len(target))
        method = "POST" if self.body_kind else "GET"
        line = f"{method} {target[: LINE - 30]} HTTP/1.1\r\nHost: shop.example\r\nAccept: {self.accept}\r\n"
        if self.accept == PAGE:
            line += f"User-Agent: {BROWSER}\r\n"
        content = b""
        if self.body_kind:
            content_type, bodies = BODIES[self.body_kind]
            content = bodies[self.body](max(self.size, 400))[:BODY]
            line += f"Content-Type: {content_type}"
            line += f"; charset={self.charset}\r\n" if self.charset else "\r\n"
            line += f"Content-Length: {len(content)}\r\n"
        return Request(self._choices(), self._with_fields(line.encode("latin-1")), content)

    def _with_fields(self, head: bytes) -> bytes:
        count = head.count(b"\r\n")
        for name, unit, size in self.fields:
            value = repeated(unit, size).encode("latin-1", "replace").strip(b" \t")
            line = name.encode() + b": " + value + b"\r\n"
            if count < FIELDS and len(head) + len(line) + 2 <= HEAD:
                head += line
                count += 1
        return head + b"\r\n"

    def _choices(self) -> tuple[tuple[str, str], ...]:
        fields = "; ".join(f"{name}: {unit!r} x {size}" for name, unit, size in self.fields[:4])
        body = f"{self.body} x {self.size}" if self.body_kind else "none"
        return (
            ("target", self.target),
            ("expect", self.expectation or "none"),
            ("accept", self.accept if self.accept != "*/*" else "none"),
            (
                "fields",
                (fields + (f" and {len(self.fields) - 4} more" if len(self.fields) > 4 else "")) or "none",
            ),
            ("body", body),
            ("charset", self.charset[:20] or "none"),
        )


def random_fields(rng: random.Random) -> tuple[tuple[str, str, int], ...]:
    """None, one long, a few, or as many as go into a head."""
    count = rng.choice((0, 0, 1, 1, 2, 7, 95))
    size = rng.choice((1, 30, 600, 8000)) if count < 95 else 600
    if rng.random() < 0.5:  # all of a kind, so that they add up
        name, unit = rng.choice(FIELD_NAMES), rng.choice(UNITS)
        return ((name, unit, size),) * count
    return tuple((rng.choice(FIELD_NAMES), rng.choice(UNITS), size) for _ in range(count))


def random_plan(rng: random.Random) -> Plan:
    """Any request at all."""
    return changed(rng, Plan(), parts=("target", "expectation", "accept", "fields", "body"), chance=0.5)


def changed(
    rng: random.Random,
    plan: Plan,
    parts: tuple[str, ...] = ("target", "expectation", "accept", "fields", "body", "size"),
    chance: float = 0.3,
) -> Plan:
    """The plan with some of its choices made anew."""
    values = dict(plan.__dict__)
    for part in parts:
        if rng.random() > chance:
            continue
        if part == "target":
            values["target"] = rng.choice(list(TARGETS))
        elif part == "expectation":
            values["expectation"] = rng.choice(["", "", *EXPECTATIONS])
        elif part == "accept":
            values["accept"] = rng.choice(
                ("*/*", "*/*", "text/html", "application/json", "text/html;q=0.1," * 500)
            )
        elif part == "fields":
            values["fields"] = random_fields(rng)
        elif part == "size":
            values["size"] = rng.choice(SIZES)
        else:
            kind = rng.choice(["", *BODIES])
            values |= {
                "body_kind": kind,
                "body": rng.choice(list(BODIES[kind][1])) if kind else "",
                "size": rng.choice(SIZES),
            }
            values["charset"] = rng.choice(CHARSETS) if kind == "text" or rng.random() < 0.1 else ""
    return Plan(**values)


def each_choice() -> list[Plan]:
    """Every choice of the grammar once, alone and at its largest."""
    plans = [Plan(target=target) for target in TARGETS]
    plans += [Plan(expectation=name) for name in EXPECTATIONS]
    plans += [Plan(fields=((name, unit, 8000),) * 7) for name in FIELD_NAMES for unit in UNITS]
    plans += [Plan(fields=(("X-Own", unit, 600),) * 95) for unit in UNITS]
    plans += [Plan(fields=(("X-Own", "a", 1),) * 95)]
    plans += [
        Plan(accept=PAGE, target=plan.target, fields=plan.fields) for plan in plans if not plan.expectation
    ]
    for kind, (_, bodies) in BODIES.items():
        plans += [
            Plan(body_kind=kind, body=body, size=size)
            for body in bodies
            for size in (5_000, 20_000, 50_000, 200_000, BODY)
        ]
    plans += [
        Plan(body_kind="text", body=body, charset=charset, size=BODY)
        for charset in CHARSETS
        for body in ("letters", "e acute", "high", "half-width", "escapes")
    ]
    plans += [
        Plan(expectation=name, body_kind="json", body=body, size=size)
        for name in EXPECTATIONS
        if "body" in name
        for body in ("JSON of addresses in a", "JSON blanks", "JSON of ones")
        for size in (20_000, BODY)
    ]
    plans += [
        Plan(accept=PAGE, body_kind=plan.body_kind, body=plan.body, size=BODY)
        for plan in plans
        if plan.size == BODY and not plan.charset and not plan.expectation
    ]
    return plans
