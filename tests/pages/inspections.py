"""Documents for the page to show: an ordinary inspection, and one in which everything is hostile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

HOSTILE_MARKUP = (
    "</title></style></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`&lt;{{7*7}}"
)
HOSTILE_CHARACTERS = "\x00\x1b[2J\r\n\x7f\x85\u202e\u2066\u200b\ufeff\ud800\udfff\uffff\U000e0041"
HOSTILE = HOSTILE_MARKUP + HOSTILE_CHARACTERS
IPAD_AS_MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Safari/605.1.15"
)


def inspection() -> dict[str, Any]:
    """What two trusted proxies and a client that claims a third address look like."""
    return {
        "url": "https://shop.example/orders/42?view=full&lang=de&lang=en",
        "base_url": "https://shop.example/orders/42",
        "full_path": "/orders/42?view=full&lang=de&lang=en",
        "method": "POST",
        "http_version": "1.1",
        "remote_addr": "203.0.113.7",
        "user_agent": IPAD_AS_MAC,
        "device_type": "pc",
        "visual_inspection_allowed": True,
        "hostname": "shop.example",
        "timestamp": "2026-11-23T22:14:05.123456+00:00",
        "headers": {
            "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
            "Authorization": "********",
            "Host": "backend:8080",
            "X-Forwarded-For": "198.51.100.99, 203.0.113.7, 10.0.0.5",
            "X-Forwarded-Proto": "https",
        },
        "query": {"view": ["full"], "lang": ["de", "en"]},
        "body": {
            "size": 31,
            "content_type": "application/json",
            "text": '{"order": 42, "gift": "no bow"}',
            "base64": None,
            "json": {"order": 42, "gift": "no bow"},
            "form": {"field-name": ["field-value"]},
            "files": [{"field": "photo", "filename": "cat.png", "content_type": "image/png", "size": 9}],
            "truncated": False,
        },
        "connection": {
            "peer": "10.0.0.9",
            "peer_port": 51622,
            "server": "10.0.0.20",
            "server_port": 8080,
            "scheme": "http",
        },
        "proxy": {
            "trusted": True,
            "hops": [
                hop("198.51.100.99", "X-Forwarded-For[0]", False, "The client may have written it itself."),
                hop("203.0.113.7", "X-Forwarded-For[1]", False, "Named by 10.0.0.5, which is trusted."),
                hop("10.0.0.5", "X-Forwarded-For[2]", True, "In 10.0.0.0/8, named by the peer."),
                {**hop("10.0.0.9", "connection", True, "In 10.0.0.0/8, as our peer."), "port": 51622},
            ],
            "client": decided(
                "203.0.113.7", "X-Forwarded-For[1]", True, "The first that is no proxy of ours."
            ),
            "scheme": decided("https", "X-Forwarded-Proto", True, "Said by 10.0.0.9 of the scheme."),
            "host": decided("shop.example", "Host", False, "Nothing but the Host field names one."),
            "port": decided(443, "scheme-default", False, "The default of https."),
            "prefix": decided("", "none", False, "No proxy announces a prefix."),
        },
        "findings": [
            finding("port-lost", "info", "No header carries the port.", "no X-Forwarded-Port"),
            finding(
                "redirect-loop", "error", "An app that forces HTTPS would redirect for ever.", "proto: http"
            ),
            finding("client-spoofable", "warning", "The leftmost address can be made up.", "198.51.100.99"),
        ],
        "device": {
            "type": "pc",
            "browser": "Safari 18.1",
            "os": "Mac OS X 10.15.7",
            "family": "Mac",
            "hints": {"Sec-CH-UA-Mobile": "?0"},
            "evidence": ["The user agent says Macintosh.", "The hint Mobile says no."],
        },
        "guard": {"allowed": True, "rule": "allow:pc", "why": "The policy lets PCs look."},
        "fidelity": ["The order of header fields is lost.", "Repeated fields arrive joined."],
        "session_id": "7a3c0f5e-8a1d-4a54-9a0e-3b8a3b1f2f60",
        "organization": "Yourl Cloud Inc.",
        "friends_family_guard": True,
    }


def hop(address: str, source: str, trusted: bool, why: str) -> dict[str, Any]:
    """One hop without a port."""
    return {
        "address": address,
        "port": None,
        "identifier": address,
        "source": source,
        "trusted": trusted,
        "why": why,
    }


def decided(value: str | int, source: str, trusted: bool, why: str) -> dict[str, Any]:
    """One decided value."""
    return {"value": value, "source": source, "trusted": trusted, "why": why}


def finding(code: str, severity: str, message: str, evidence: str) -> dict[str, Any]:
    """One finding with a fix of two lines that names its code."""
    return {
        "code": code,
        "severity": severity,
        "message": message,
        "evidence": evidence,
        "fix": f"# against {code}\nproxy_set_header X-Forwarded-Port $server_port;",
    }


def bare_inspection() -> dict[str, Any]:
    """A request that carried nothing, straight from the client."""
    document = inspection()
    document.update(
        url="http://localhost/", user_agent="", device_type="unknown", headers={}, query={}, findings=[]
    )
    document["body"] = {
        "size": 0,
        "content_type": None,
        "text": "",
        "base64": None,
        "json": None,
        "form": None,
        "files": [],
        "truncated": False,
    }
    peer = hop("127.0.0.1", "connection", False, "Nobody is trusted.")
    document["proxy"].update(
        trusted=False,
        hops=[peer],
        client=decided("127.0.0.1", "connection", False, "The peer of our socket."),
        scheme=decided("http", "connection", False, "What the socket speaks."),
    )
    document["device"].update(type="unknown", hints={}, evidence=[])
    return document


def hostile_inspection() -> dict[str, Any]:
    """Every text of the document hostile, long values very long, and more hops than anybody draws."""
    document = replaced(inspection(), lambda _path, text: HOSTILE + text)
    document["headers"]["X-Token"] = "k" * 8192
    document["headers"]["X-Words"] = "word " * 1600
    document["query"]["long" * 200] = ["v" * 3000]
    document["url"] = "https://shop.example:8443/" + "a" * 2000 + HOSTILE
    document["proxy"]["hops"] = [dict(document["proxy"]["hops"][0]) for _ in range(200)] + document["proxy"][
        "hops"
    ]
    document["body"]["truncated"] = True
    return document


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
