"""The same verdict offline: from a raw request, or from what ``curl -v`` printed, to text for a terminal.

Reads text and gives text or a represented inspection; knows nothing of Flask, the command line or files.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from typing import Any

from yourl.errors import BadRequest
from yourl.http1.grammar import TOKEN
from yourl.http1.head import BLANKS, Head
from yourl.http1.target import parse_target
from yourl.text import printable

_REQUEST_LINE = re.compile(rf"({TOKEN}) (\S+) HTTP/([0-9]\.?[0-9]?)")
_FIELD_LINE = re.compile(rf"({TOKEN}):(.*)")
_CURL_SENT = re.compile(r"> ?(.*)")
WIDTH = 100


def written_request(content: bytes) -> tuple[Head, bytes]:
    """Head and body of a request that was written down.

    :param content: a request head, with or without its body, or the output of ``curl -v``
    :raises BadRequest: when there is no request in it, naming the line that is none
    """
    lines, body = split_request(content)
    match = _REQUEST_LINE.fullmatch(lines[0]) if lines else None
    if not match:
        first = lines[0][:80] if lines else ""
        raise BadRequest(f"A request begins with a line such as GET /path HTTP/1.1, not with {first!r}.")
    method, target, version = match.groups()
    fields: list[tuple[str, str]] = []
    for number, line in enumerate(lines[1:], start=2):
        field = _FIELD_LINE.fullmatch(line)
        if not field:
            raise BadRequest(f"Line {number} is no header field such as Host: a.example, but {line[:80]!r}.")
        fields.append((field[1], field[2].strip(BLANKS)))
    number_of_version = (1, 0) if version in ("1.0", "0.9") else (1, 1)
    return Head(method, parse_target(target, method), number_of_version, tuple(fields)), body


def split_request(content: bytes) -> tuple[list[str], bytes]:
    """The lines of the head and the bytes after it; of curl's output only what curl sent."""
    text = content.decode("latin-1")
    sent = [
        match[1].rstrip("\r")
        for line in text.split("\n")
        if (match := _CURL_SENT.fullmatch(line.rstrip("\r")))
    ]
    if sent and any(_REQUEST_LINE.fullmatch(line) for line in sent):
        return _first_request(sent), b""
    head, _, body = text.replace("\r\n", "\n").lstrip("\n").partition("\n\n")
    return [line for line in head.split("\n") if line], body.encode("latin-1")


def _first_request(sent: list[str]) -> list[str]:
    start = next(at for at, line in enumerate(sent) if _REQUEST_LINE.fullmatch(line))
    lines = sent[start:]
    return lines[: lines.index("")] if "" in lines else lines


def terminal_text(document: Mapping[str, Any]) -> str:
    """The inspection for a terminal: URL, decisions, chain, findings, device."""
    sections = [
        f"{document['method']} {document['url']}",
        _decisions(document["proxy"]),
        _chain(document["proxy"]["hops"]),
        _findings(document["findings"]),
        device_text(document),
    ]
    return "\n\n".join(printable(section, keep="\n") for section in sections) + "\n"


def device_text(document: Mapping[str, Any]) -> str:
    """Device class, evidence and the guard's decision."""
    lines = [f"Device: {document['device']['type']}"]
    lines += [f"  - {sentence}" for sentence in document["device"]["evidence"]]
    allowed = "may look" if document["guard"]["allowed"] else "may not look"
    lines.append(f"Guard:  {allowed} ({document['guard']['rule']}). {document['guard']['why']}")
    return "\n".join(lines)


def _decisions(proxy: Mapping[str, Any]) -> str:
    names = ("client", "scheme", "host", "port", "prefix")
    values = {
        name: str(proxy[name]["value"] if proxy[name]["value"] not in (None, "") else "-") for name in names
    }
    width = max(len(value) for value in values.values())
    lines = ["Decided"]
    for name in names:
        vouched = "trusted " if proxy[name]["trusted"] else "observed"
        lines.append(
            f"  {name:<7} {values[name]:<{width}}  {vouched}  {proxy[name]['source']}: {proxy[name]['why']}"
        )
    return "\n".join(lines)


def _chain(hops: list[Mapping[str, Any]]) -> str:
    lines = ["Chain, from the outermost to us"]
    for hop in hops:
        mark = "[trusted]  " if hop["trusted"] else "[untrusted]"
        lines.append(f"  {mark} {hop['identifier'] or '-'}  ({hop['source']}) {hop['why']}")
    return "\n".join(lines)


def _findings(findings: list[Mapping[str, Any]]) -> str:
    if not findings:
        return "Findings: none"
    lines = ["Findings"]
    for finding in findings:
        lines.append(f"  {finding['severity'].upper()} {finding['code']}")
        lines += _indented(finding["message"], 4)
        lines += _indented(f"Evidence: {finding['evidence']}", 4)
        if finding["fix"]:
            lines.append("    Fix:")
            lines += [f"      {line}" for line in finding["fix"].splitlines()]
    return "\n".join(lines)


def _indented(text: str, blanks: int) -> list[str]:
    margin = " " * blanks
    return textwrap.wrap(text, WIDTH, initial_indent=margin, subsequent_indent=margin)
