"""Pages for people: the visual inspection and the error page, each with its Content-Security-Policy.

Gets a plain dict (the JSON inspection, or an error) and gives back text. Secrets are masked before the
dict comes here. May not know Flask, requests, settings or stores: Jinja2 and the standard library only.

Whatever a request can carry is shown, nothing of it is believed: Jinja2 escapes every value, a character
that would be invisible or turn the reading direction is named instead, and what could grow without bound
(the hops of a forged header, a body) is shown up to a limit that the page states.

The style sheet and the script stand inside the page. Under a proxy's path prefix a separate address for
them is the first thing to break, and an inspection should still be readable when the proxy is wrong.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

# Characters of a body that the page shows; the JSON carries all that the server kept.
BODY_CHARACTERS_SHOWN = 32 * 1024
# A forged X-Forwarded-For can name thousands of hops: the picture keeps both of its ends.
OUTERMOST_HOPS_DRAWN = 2
NEAREST_HOPS_DRAWN = 8
# From this size on a value gets a box of its own that scrolls.
LONG_VALUE = 1200
MANY_LINES = 16

DEVICE_NAMES = {
    "pc": "PC",
    "phone": "Phone",
    "tablet": "Tablet",
    "watch": "Watch",
    "tv": "TV",
    "xr": "XR headset",
    "car": "Car",
    "bot": "Bot",
    "unknown": "Unknown device",
}
SEVERITY_NAMES = {"error": "Error", "warning": "Warning", "info": "Note"}

# What a reader cannot see or what changes how its neighbours read: controls (C0, DEL, C1), soft hyphen,
# zero-width and bidirectional formatting (UAX #9, UTR #36), line separators, interlinear annotation,
# blank fillers, variation tags, noncharacters, and lone surrogates, which no encoding can carry.
_INVISIBLE = (
    "\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e0fff"
)
_INVISIBLE_RUN = re.compile(f"[{_INVISIBLE}]+")
_INVISIBLE_RUN_IN_LINES = re.compile(f"(?:(?![\t\n])[{_INVISIBLE}])+")
_NAMES_OF_A_RUN = 8

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<host>\[[^\]]*\]|[^/?#:]*)(?P<port>:\d+)?"
    r"(?P<path>[^?#]*)(?P<query>.*)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML document and the policy (CSP Level 3) that it needs and no more."""

    html: str
    content_security_policy: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a value as it is shown: text, or the names of characters that cannot be seen."""

    text: str
    invisible: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A hop in the picture; ``vouched`` when our own socket or a trusted hop saw it."""

    role: str
    hop: Mapping[str, Any]
    is_client: bool
    vouched: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """Hops that the picture leaves out."""

    count: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning of a text; ``cut`` when there is more of it than the page shows."""

    text: str
    cut: bool


@dataclass(frozen=True, slots=True)
class _Assets:
    style: str
    script: str
    icon: str
    policy: str


def inspection_page(doc: Mapping[str, Any]) -> Page:
    """The page for one inspection; ``doc`` has the keys of the JSON inspection, others are ignored."""
    proxy = doc["proxy"]
    return _page(
        "inspection.html",
        doc=doc,
        header_lines=doc.get("headers_as_received") or list(doc["headers"].items()),
        chain=_chain(proxy["hops"], proxy["client"]),
        proxies_passed=_proxies_passed(proxy["hops"], proxy["client"]),
        findings=_worst_first(doc["findings"]),
        body=doc["body"],
        body_text=_excerpt(doc["body"].get("text")),
        body_base64=_excerpt(doc["body"].get("base64")),
        body_json=_pretty(doc["body"].get("json")),
        fidelity=_sentences(doc["fidelity"]),
        curl=_curl(doc["method"], doc["url"]),
    )


def error_page(doc: Mapping[str, Any], status: int, reason: str) -> Page:
    """The page for one error: ``error``, ``message``, ``url``, ``timestamp``.

    ``reason`` is the status's phrase. Where ``guard`` and ``device_type`` are given (a refused device),
    the rule and its reason are shown; where ``prefix`` is given, the link home goes there.
    """
    return _page(
        "error.html",
        doc=doc,
        status=status,
        reason=reason,
        guard=doc.get("guard"),
        device_type=doc.get("device_type"),
        home=_home(doc.get("prefix")),
    )


def warm() -> None:
    """Read and compile all that the pages need, so that nothing is read from the file later on.

    A server calls this before it forks: the workers share the result, and an archive that is replaced
    under a running process is not read again.
    """
    _assets()
    for name in ("inspection.html", "error.html"):
        _environment().get_template(name)
    for name in ("base.html", "shown.html", "icons.html", "chain.html", "body.html"):
        _environment().get_template(name)


def _page(template: str, **context: Any) -> Page:
    assets = _assets()
    html = (
        _environment()
        .get_template(template)
        .render(
            style=Markup(assets.style),  # noqa: S704 (our own file, hashed in the policy)
            script=Markup(assets.script),  # noqa: S704
            icon_address=assets.icon,
            **context,
        )
    )
    return Page(html, assets.policy)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("yourl"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(
        pieces=pieces, plain=plain, url_parts=_url_parts, is_long=_is_long, grounds=_grounds
    )
    environment.globals.update(device_names=DEVICE_NAMES, severity_names=SEVERITY_NAMES)
    environment.tests["gap"] = lambda node: isinstance(node, Gap)
    return environment


@cache
def _assets() -> _Assets:
    static = files("yourl") / "static"
    style = (static / "inspection.css").read_text(encoding="utf-8").strip()
    script = (static / "inspection.js").read_text(encoding="utf-8").strip()
    icon = base64.b64encode((static / "icon.svg").read_bytes()).decode("ascii")
    directives = (
        "default-src 'none'",
        f"style-src {_source_hash(style)}",
        f"script-src {_source_hash(script)}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return _Assets(style, script, f"data:image/svg+xml;base64,{icon}", "; ".join(directives))


def _source_hash(text: str) -> str:
    """The source expression that allows exactly this inline text (CSP Level 3, section 2.3.1)."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def pieces(value: object, lines: bool = False) -> Iterator[Piece]:
    """Cut a value so that what cannot be seen can be named; ``lines`` leaves tabs and line ends alone."""
    text = _text_of(value)
    start = 0
    for run in (_INVISIBLE_RUN_IN_LINES if lines else _INVISIBLE_RUN).finditer(text):
        if run.start() > start:
            yield Piece(text[start : run.start()])
        yield Piece(_names_of(run.group()), invisible=True)
        start = run.end()
    if start < len(text):
        yield Piece(text[start:])


def plain(value: object, limit: int = 200) -> str:
    """One line of text for a place that holds no markup, such as the title."""
    text = _INVISIBLE_RUN.sub("\N{REPLACEMENT CHARACTER}", _text_of(value))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _names_of(run: str) -> str:
    names = [f"U+{ord(character):04X}" for character in run[:_NAMES_OF_A_RUN]]
    if len(run) > _NAMES_OF_A_RUN:
        names.append(f"and {len(run) - _NAMES_OF_A_RUN} more")
    return " ".join(names)


def _text_of(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _is_long(value: object) -> bool:
    return isinstance(value, str) and (len(value) > LONG_VALUE or value.count("\n") > MANY_LINES)


def _url_parts(url: object) -> list[tuple[str, str]]:
    """The parts of a URL with their names, all of it and in order, whatever it looks like."""
    text = _text_of(url)
    match = _URL.fullmatch(text)
    if match is None:
        return [("path", text)]
    return [(name, part) for name, part in match.groupdict().items() if part]


def _chain(hops: Sequence[Mapping[str, Any]], client: Mapping[str, Any]) -> list[Node | Gap]:
    client_at = _client_hop(hops, client)
    nodes: list[Node | Gap] = [_node(hops, at, client_at) for at in range(len(hops))]
    left_out = len(nodes) - OUTERMOST_HOPS_DRAWN - NEAREST_HOPS_DRAWN
    if left_out > 1:
        nodes[OUTERMOST_HOPS_DRAWN:-NEAREST_HOPS_DRAWN] = [Gap(left_out)]
    return nodes


def _node(hops: Sequence[Mapping[str, Any]], at: int, client_at: int | None) -> Node:
    nearest = len(hops) - 1
    if at == client_at:
        role = "Client"
    elif (client_at is not None and at < client_at) or not hops[at]["trusted"]:
        role = "Claimed"
    else:
        role = "Proxy, our peer" if at == nearest else "Proxy"
    vouched = at in (nearest, client_at) or bool(hops[at]["trusted"])
    return Node(role, hops[at], is_client=at == client_at, vouched=vouched)


def _client_hop(hops: Sequence[Mapping[str, Any]], client: Mapping[str, Any]) -> int | None:
    """Where in the chain the decided client stands: by its role, its source or its address, nearest first."""
    for key, wanted in (("role", "client"), ("source", client["source"]), ("address", client["value"])):
        for at in range(len(hops) - 1, -1, -1):
            if hops[at].get(key) == wanted and (key == "role" or hops[at]["address"] == client["value"]):
                return at
    return None


def _grounds(decided: Mapping[str, Any]) -> str:
    """On what a decided value rests: ``vouched``, ``seen``, ``said`` (by the client) or ``concluded``."""
    if decided["trusted"]:
        return "vouched"
    source = _text_of(decided["source"])
    if source == "connection":
        return "seen"
    # Header names begin with a capital; other sources are ours, such as a scheme's default port.
    return "said" if source[:1].isupper() else "concluded"


def _proxies_passed(hops: Sequence[Mapping[str, Any]], client: Mapping[str, Any]) -> int | None:
    """How many proxies stand between the decided client and this server; None where that is unclear."""
    client_at = _client_hop(hops, client)
    return None if client_at is None else len(hops) - 1 - client_at


def _worst_first(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    order = list(SEVERITY_NAMES)
    return sorted(findings, key=lambda finding: _position(order, finding["severity"]))


def _position(order: Sequence[str], severity: object) -> int:
    return order.index(severity) if isinstance(severity, str) and severity in order else len(order)


def _excerpt(text: str | None) -> Excerpt | None:
    if text is None:
        return None
    return Excerpt(text[:BODY_CHARACTERS_SHOWN], len(text) > BODY_CHARACTERS_SHOWN)


def _pretty(value: object) -> Excerpt | None:
    """JSON with indentation, made only as far as it is shown.

    Indentation multiplies deep nesting: a megabyte of brackets would become hundreds, or more levels
    than Python can recurse.
    """
    if value is None:
        return None
    chunks: list[str] = []
    length = 0
    for chunk in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(value):
        chunks.append(chunk)
        length += len(chunk)
        if length > BODY_CHARACTERS_SHOWN:
            break
    return _excerpt("".join(chunks))


def _sentences(fidelity: Mapping[str, Any] | Sequence[Any]) -> list[tuple[str, str]]:
    """(subject, sentence) pairs; a plain list of sentences has no subjects."""
    if isinstance(fidelity, Mapping):
        return [(name.replace("_", " "), _text_of(told)) for name, told in fidelity.items()]
    return [("", _text_of(told)) for told in fidelity]


def _curl(method: str, url: str) -> str:
    """A shell command that asks for the same as JSON; every word of it quoted for a POSIX shell."""
    words = ["curl"]
    if method != "GET":
        words += ["-X", method]
    if re.search(r"[][{}]", url):
        words.append("--globoff")  # curl reads brackets and braces as ranges (curl(1), "URL")
    words += ["-H", "Accept: application/json", url]
    return shlex.join(words)


def _home(prefix: object) -> str:
    """The path of the front page, on the origin that the browser already talks to, never another one."""
    path = quote(_text_of(prefix).strip("/\\ "), safe="/%:@!$&'()*+,;=~", errors="replace")
    return f"/{path}/" if path else "/"
