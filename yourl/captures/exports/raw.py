"""A request as it stood on the wire, as far as it was kept."""

from __future__ import annotations

from yourl.captures.model import Capture


def raw_http(capture: Capture) -> bytes:
    """Request line, header fields and body. A chunked body was put together, so its length stands instead."""
    lines = [f"{capture.summary.method} {capture.target} HTTP/{capture.http_version}"]
    is_chunked = False
    for name, value in capture.fields:
        if name.lower() == "transfer-encoding":
            is_chunked = True
        else:
            lines.append(f"{name}: {value}")
    if is_chunked:
        lines.append(f"Content-Length: {len(capture.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + capture.body
