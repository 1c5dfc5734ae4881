"""Reads a page as a browser does."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "use", "path", "rect", "circle"}


class Reader(HTMLParser):
    """Reads a page as a browser does: elements, attributes, text, and what is not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.inline: dict[str, str] = {"style": "", "script": ""}
        self.text = ""
        self._texts: list[str] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{name}> is never closed" for name in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        if inside in self.inline:
            self.inline[inside] += data
        else:
            self.text += data
            self._texts.append(data)

    def values(self, attribute: str) -> list[str]:
        """Every value that this attribute has anywhere."""
        return [value for _, name, value in self.attributes if name == attribute]

    def words(self) -> str:
        """The text with one blank between words, and between elements."""
        return " ".join(" ".join(self._texts).split())


def directives(policy: str) -> dict[str, str]:
    """A Content-Security-Policy by the names of its directives."""
    return dict(directive.split(" ", 1) for directive in policy.split("; "))


def needed_policy(html: str, *, forms: bool = False, connects: bool = False) -> dict[str, str]:
    """The policy that allows the inlined texts of a page and nothing more."""
    inline = Reader(html).inline
    return {
        "default-src": "'none'",
        "style-src": _hash_of(inline["style"]),
        **({"script-src": _hash_of(inline["script"])} if inline["script"] else {}),
        **({"connect-src": "'self'"} if connects else {}),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'self'" if forms else "'none'",
        "frame-ancestors": "'none'",
    }


def _hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
