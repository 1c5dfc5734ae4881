"""Documents for the pages to show, made from requests by the same code as in the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import quote

from yourl.guard import GuardPolicy
from yourl.http1.head import Head, parse_head
from yourl.http1.limits import Limits
from yourl.inspection import device_of, inspect, verdict_of
from yourl.proxies import Connection, TrustedProxies
from yourl.representation import inspection_document

HOSTILE_MARKUP = (
    "</title></style></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`&lt;{{7*7}}{0}"
)
HOSTILE_CHARACTERS = "\x00\x1b[2J\r\n\x7f\x85\u202e\u2066\u200b\ufeff\ud800\udfff\uffff\U000e0041"
HOSTILE = HOSTILE_MARKUP + HOSTILE_CHARACTERS
RIGHT_TO_LEFT = "שלום \u202e\u2067 مرحبا"
IPAD_AS_MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Safari/605.1.15"
)
WATCH = "Mozilla/5.0 (Linux; Android 11; SM-R890) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36"
ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
TIMESTAMP = "2026-11-23T22:14:05.123456+00:00"
JSON_TEXT = '{"order": 42, "gift": "no bow"}'

Fields = tuple[tuple[str, str], ...]


def document(
    target: str = "/",
    fields: Fields = (("Host", "localhost:8080"),),
    content: bytes = b"",
    *,
    method: str = "GET",
    peer: str = "127.0.0.1",
    trusted: str = "",
    guard: GuardPolicy | None = None,
    allowed_hosts: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The inspection of one request, as ``/api`` would answer it.

    :param peer: the address that connected to our socket
    :param trusted: ``YOURL_TRUSTED_PROXIES``
    """
    if content:
        fields = (*fields, ("Content-Length", str(len(content))))
    head = head_of(method, target, fields)
    connection = Connection(peer, 51622, "10.0.0.20", 8080)
    verdict = verdict_of(head, connection, TrustedProxies.parse(trusted), allowed_hosts)
    device = device_of(head)
    policy = guard or GuardPolicy()
    represented = inspection_document(
        inspect(head, content, connection, verdict=verdict, device=device, trailers=()),
        policy.decide(device.type),
        session_id="7a3c0f5e-8a1d-4a54-9a0e-3b8a3b1f2f60",
        organization="Yourl Cloud Inc.",
        guard_enabled=policy.enabled,
        machine="web-1",
    )
    return {**represented, "timestamp": TIMESTAMP}


def head_of(method: str, target: str, fields: Fields) -> Head:
    """The head of a request, through the server's own parser."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields), "", ""]
    head = parse_head("\r\n".join(lines).encode("latin-1"), Limits())
    assert isinstance(head, Head), head
    return head


def inspection(content: bytes = JSON_TEXT.encode(), content_type: str = "application/json") -> dict[str, Any]:
    """An order through two trusted proxies, whose client claims a third address."""
    return document(
        "/orders/42?view=full&lang=de&lang=en",
        (
            ("Host", "backend:8080"),
            ("User-Agent", IPAD_AS_MAC),
            ("Accept", ACCEPT),
            ("Authorization", "Basic b2N0b3B1czpncmFwZQ=="),
            ("X-Forwarded-For", "198.51.100.99, 203.0.113.7, 10.0.0.5"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Proto", "http"),
            ("Sec-CH-UA-Mobile", "?0"),
            ("Content-Type", content_type),
        ),
        content,
        method="POST",
        peer="10.0.0.9",
        trusted="10.0.0.0/8",
    )


def upload() -> dict[str, Any]:
    """A form with a field, a JSON value in a field, and a file."""
    return inspection(*multipart({"title": "Holiday", "tags": '{"a": [1, 2]}'}, {"photo": "cat.png"}))


def multipart(texts: dict[str, str], files: dict[str, str]) -> tuple[bytes, str]:
    """The content of a multipart/form-data request and its content type; values and names as they are."""
    parts = [f'Content-Disposition: form-data; name="{k}"\r\n\r\n{v}' for k, v in texts.items()]
    parts += [
        f'Content-Disposition: form-data; name="{k}"; filename="{v}"\r\n'
        "Content-Type: image/png\r\n\r\n\x89PNG"
        for k, v in files.items()
    ]
    content = "".join(f"--frontier\r\n{part}\r\n" for part in parts) + "--frontier--\r\n"
    return content.encode("utf-8", "surrogatepass"), "multipart/form-data; boundary=frontier"


def bare_inspection() -> dict[str, Any]:
    """A request that carried next to nothing, straight from the client."""
    return document()


def refused_inspection() -> dict[str, Any]:
    """A watch, which may not look."""
    return document("/", (("Host", "localhost:8080"), ("User-Agent", WATCH), ("Accept", ACCEPT)))


def forged_inspection(claims: int = 60) -> dict[str, Any]:
    """One trusted proxy, and a client that claims many hops before itself."""
    forged = ", ".join(f"192.0.2.{number % 250}" for number in range(claims))
    fields = (("Host", "shop.example"), ("X-Forwarded-For", f"{forged}, 203.0.113.7"))
    return document("/", fields, peer="10.0.0.9", trusted="10.0.0.0/8")


def hostile_inspection() -> dict[str, Any]:
    """Each value as hostile as the server lets it in, some of them very long, and many hops."""
    token = HOSTILE_MARKUP + "\xad\x85\xa0" + RIGHT_TO_LEFT.encode().decode("latin-1")
    query = f"{quote(HOSTILE, errors='replace')}={quote(RIGHT_TO_LEFT)}&{'long' * 200}={'v' * 3000}"
    texts = {f"field<{HOSTILE_MARKUP}>".replace('"', "%22"): HOSTILE, "right-to-left": RIGHT_TO_LEFT}
    content, content_type = multipart(texts, {"file": HOSTILE_MARKUP.replace('"', "%22")})
    return document(
        "/" + "a" * 2000 + "?" + query,
        (
            ("Host", "shop.example:8443"),
            ("User-Agent", "Mozilla/5.0 " + token),
            ("X-Forwarded-For", ", ".join([token.replace(",", "")] * 40 + ["203.0.113.7"])),
            ("X-Forwarded-Proto", token),
            ("X-Forwarded-Host", token),
            ("Forwarded", f'for="{token}";proto=gopher'),
            ("Via", "1.1 " + token),
            ("X-Token", "k" * 8000),
            ("X-Words", "word " * 1500),
            ("Sec-CH-UA-Model", token),
            ("Content-Type", content_type),
        ),
        content,
        method="POST",
        peer="10.0.0.9",
        trusted="10.0.0.0/8",
        allowed_hosts=("other.example",),
    )


@cache
def documents() -> dict[str, dict[str, Any]]:
    """Name -> an inspection of each kind; not to be changed."""
    return {
        "inspection": inspection(),
        "upload": upload(),
        "bare": bare_inspection(),
        "forged": forged_inspection(),
        "hostile": hostile_inspection(),
        "overwritten": replaced(inspection(), lambda path, text: text if is_fixed(path) else HOSTILE + text),
    }


def is_fixed(path: str) -> bool:
    """Whether the value at this path is ours alone: no request can put text of its own there."""
    return path.rpartition("/")[2] in {
        *("role", "basis", "severity", "device_type", "code", "more", "timestamp", "http_version"),
    }


def replaced(node: Any, change: Callable[[str, str], str], path: str = "") -> Any:
    """A copy in which every text is what ``change(path, text)`` makes of it; keys stay."""
    if isinstance(node, dict):
        return {key: replaced(inner, change, f"{path}/{key}") for key, inner in node.items()}
    if isinstance(node, list):
        return [replaced(inner, change, f"{path}/{at}") for at, inner in enumerate(node)]
    return change(path, node) if isinstance(node, str) else node


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value) of everything that is neither a dict nor a list."""
    if isinstance(node, dict):
        for key, inner in node.items():
            yield from leaves(inner, f"{path}/{key}")
    elif isinstance(node, list):
        for at, inner in enumerate(node):
            yield from leaves(inner, f"{path}/{at}")
    else:
        yield path, node
