"""Style sheets, script and icon as they are packed, and the Content-Security-Policy that allows them.

Style sheet and script stand inside each page: under a proxy's path prefix a separate address for them is
the first thing to break, and an inspection should still be readable when the proxy is wrong.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pkgutil import get_data

from markupsafe import Markup

# A comment that has its lines to itself.
_COMMENT = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML document in UTF-8 and the policy (CSP Level 3) that it needs and no more."""

    content: bytes
    content_security_policy: str

    @property
    def html(self) -> str:
        """The document as text."""
        return self.content.decode("utf-8")


def encoded(html: str) -> bytes:
    """HTML in UTF-8; a lone surrogate, which that cannot carry, becomes a reference that shows as U+FFFD."""
    return html.encode("utf-8", "xmlcharrefreplace")


@cache
def packed_text(folder: str, name: str) -> Markup:
    """A file of this package, in ``templates`` or ``static``; our own text, so nothing in it is escaped."""
    content = get_data("yourl.pages", f"{folder}/{name}")  # faster in a zip than importlib.resources
    if content is None:
        raise FileNotFoundError(name)
    text = content.decode("utf-8").strip()
    return Markup(text if folder == "templates" else _lean(text))  # noqa: S704 (a file of this package)


def _lean(text: str) -> str:
    """A style sheet or a script without indentation and comments, which a page need not carry."""
    lines = (line.strip() for line in _COMMENT.sub("", text).splitlines())
    return "\n".join(line for line in lines if line)


@cache
def icon_address() -> str:
    """The icon as a ``data:`` URL, so that a browser does not ask for /favicon.ico."""
    icon = packed_text("static", "icon.svg").encode("utf-8")
    return f"data:image/svg+xml;base64,{base64.b64encode(icon).decode('ascii')}"


@cache
def policy(style: str, script: str = "", *, forms: bool = False, connects: bool = False) -> str:
    """The policy that allows exactly this style sheet and this script, and the icon.

    :param forms: whether the page has forms, which it sends to its own server only
    :param connects: whether its script asks its own server
    """
    directives = (
        "default-src 'none'",
        f"style-src {_source_hash(style)}",
        *((f"script-src {_source_hash(script)}",) if script else ()),
        *(("connect-src 'self'",) if connects else ()),
        "img-src data:",
        "base-uri 'none'",
        "form-action 'self'" if forms else "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return "; ".join(directives)


def _source_hash(text: str) -> str:
    """The source expression that allows exactly this inline text (CSP Level 3, section 2.3.1)."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
