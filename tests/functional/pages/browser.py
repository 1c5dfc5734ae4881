"""The pages for a real browser, and a small web server that sends them with their policy."""

from __future__ import annotations

import http.server
import json
from dataclasses import dataclass, field
from typing import Any

from tests.pages.every_page import every_page
from tests.pages.inspections import document
from yourl.pages import Page, inspection_page

WIDE, TABLET, PHONE, NARROW, WATCH = (1280, 900), (768, 1024), (390, 844), (320, 640), (200, 200)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def webhook(items: int) -> dict[str, Any]:
    """What a service posts: a JSON object with a list of small objects, one by one with text of its own."""
    listed = [
        {
            "id": number,
            "name": f"Item {number}",
            "price": {"amount": number * 7, "currency": "EUR"},
            "tags": ["a"],
        }
        for number in range(items)
    ]
    content = json.dumps({"event": "order.paid", "items": listed}).encode()
    return document(
        "/api/hook", (("Host", "a.example"), ("Content-Type", "application/json")), content, method="POST"
    )


def lines_of_json(lines: int) -> dict[str, Any]:
    """JSON that arrives with a line for each value."""
    content = json.dumps({f"key {number}": "value" for number in range(lines)}, indent=1).encode()
    return document(
        "/api/hook", (("Host", "a.example"), ("Content-Type", "application/json")), content, method="POST"
    )


PAGES = {
    **every_page(),
    "webhook": inspection_page(webhook(145)),
    "lines": inspection_page(lines_of_json(640)),
}
INSPECTIONS = ["inspection", "upload", "bare", "forged", "hostile"]
WITHOUT_SCRIPT = ["error", "facts", "refused-device"]
SHOWN = [*INSPECTIONS, *WITHOUT_SCRIPT]
"""Each kind of page, and the worst that a request can carry."""


@dataclass
class PageServer:
    """Serves what is in ``pages`` by name, and notes what was asked for."""

    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def address(self, name: str) -> str:
        """Where the page of this name is."""
        return f"http://127.0.0.1:{self.port}/{name}"

    def handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        """A request handler that knows this server's pages."""
        pages, asked = self.pages, self.asked

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                page = pages.get(self.path.lstrip("/"))
                content = page.html.encode() if page else b""
                self.send_response(200 if page else 404)
                if page:
                    self.send_header("Content-Security-Policy", page.content_security_policy)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
                """Stay silent."""

        return Handler
