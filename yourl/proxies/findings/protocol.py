"""Findings about fields of one connection only (RFC 9110 section 7.6.1) that got lost or got through."""

from __future__ import annotations

from ..case import Case, header_line
from ..fixes import at_proxy
from ..fixes.check import Request
from .kind import Problem, When, finding

_ONE_CONNECTION_ONLY = (
    ("keep-alive", "Keep-Alive"),
    ("proxy-connection", "Proxy-Connection"),
    ("proxy-authorization", "Proxy-Authorization"),
    ("http2-settings", "HTTP2-Settings"),
)
_SAMPLES = {
    "Keep-Alive": ("Keep-Alive: timeout=5",),
    "Proxy-Connection": ("Proxy-Connection: keep-alive",),
    "Proxy-Authorization": ("Proxy-Authorization: Basic eDp5",),
    "HTTP2-Settings": ("Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQAAP__"),
    "TE": ("TE: gzip",),
    "Upgrade": ("Upgrade: h2c",),
}
_SUSPECTS = ("te", "upgrade", *(key for key, _ in _ONE_CONNECTION_ONLY))


@finding(
    "websocket-not-passed",
    "warning",
    "A WebSocket handshake lost its Upgrade or Connection header on the way.",
    topic="websocket",
    any_of=("sec-websocket-key",),
    headers=("connection", "upgrade"),
    request=Request(
        send=(
            *("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"),
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        )
    ),
)
def websocket_not_passed(case: Case) -> Problem | None:
    """A handshake without its hop-by-hop half (RFC 6455 section 4.2.1)."""
    has_upgrade = "websocket" in ",".join(case.fields.get("upgrade", ())).lower()
    is_named = "upgrade" in ",".join(case.fields.get("connection", ())).lower()
    if has_upgrade and is_named:
        return None
    missing = (("Upgrade: websocket", has_upgrade), ("Connection: upgrade", is_named))
    lost = " and ".join(name for name, is_there in missing if not is_there)
    return Problem(
        f"This is a WebSocket handshake without {lost}: a proxy dropped it, and the handshake must fail.",
        f"Sec-WebSocket-Key came; {header_line(case, 'connection', 'Connection')}",
    )


@finding(
    "hop-by-hop-passed-on",
    "warning",
    "A proxy passed on a header that is meant for one connection only.",
    topic="remove",
    when=When.PROXIED,
    any_of=_SUSPECTS,
)
def hop_by_hop_passed_on(case: Case) -> Problem | None:
    """RFC 9110 section 7.6.1: a proxy removes these, and whatever Connection names."""
    fields = case.fields
    passed = [name for key, name in _ONE_CONNECTION_ONLY if key in fields]
    if "te" in fields and ",".join(fields["te"]).strip().lower() not in ("", "trailers"):
        passed.append("TE")
    if "upgrade" in fields and "h2c" in ",".join(fields["upgrade"]).lower():
        passed.append("Upgrade")
    if not passed:
        return None
    first = passed[0]
    line = (
        f"{first}: (not shown)" if first == "Proxy-Authorization" else header_line(case, first.lower(), first)
    )
    return Problem(
        f"A proxy passed on {' and '.join(passed)}, which belongs to one connection only and can confuse, or "
        "open, what stands behind.",
        line,
        "\n".join(at_proxy("remove", case.product, name=name) for name in passed),
        request=Request(send=tuple(line for name in passed for line in _SAMPLES[name])),
    )
