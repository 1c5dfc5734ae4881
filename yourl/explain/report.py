"""An inspection as text for a terminal: what was expected, URL, decisions, route, findings, device.

Colours are the caller's: ``paint`` gets each coloured part with the name of a style.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from yourl.text import printable

WIDTH = 100
"""Columns, where the terminal's width is not known."""

STYLES = ("title", "error", "warning", "info", "good", "quiet")
Paint = Callable[[str, str], str]
"""A text and one of the ``STYLES`` to the text in that style."""

DECIDED = ("client", "scheme", "host", "port", "prefix")
BASES = {"socket": "own socket", "client": "request itself", "proxy": "trusted proxy", "default": "default"}
NARROWEST = 30  # columns for a sentence beside a table; else it goes below


def plain(text: str, style: str) -> str:
    """No style."""
    return text


def terminal_text(document: Mapping[str, Any], paint: Paint = plain, width: int = WIDTH) -> str:
    """The whole report, ending in a newline."""
    return _report(cleaned(document), paint, width)


def plain_text(document: Mapping[str, Any], width: int = WIDTH) -> str:
    """The whole report without styles, for a file; cleaned at the end, in a third of the time."""
    return printable(_report(document, plain, width), keep="\n")


def _report(document: Mapping[str, Any], paint: Paint, width: int) -> str:
    sections = [
        *_notes(document, paint, width),
        paint(f"{document['method']} {document['url']}", "title"),
        *_expectations(document.get("expectations", ()), paint, width),
        _decisions(document["proxy"], paint, width),
        _route(document["proxy"]["hops"], paint, width),
        _findings(document["findings"], paint, width),
        _device(document, paint, width),
    ]
    return "\n\n".join(section.rstrip("\n") for section in sections) + "\n"


def device_text(document: Mapping[str, Any], paint: Paint = plain, width: int = WIDTH) -> str:
    """Device class, evidence and the guard's decision, ending in a newline."""
    return _device(cleaned(document), paint, width)


def _device(document: Mapping[str, Any], paint: Paint, width: int) -> str:
    guard = document["guard"]
    allowed = paint("allowed", "good") if guard["allowed"] else paint("not allowed", "error")
    lines = [f"{paint('Device:', 'title')} {document['device']['type']}"]
    for sentence in document["device"]["evidence"]:
        lines += _wrapped(sentence, width, first="  - ", rest="    ")
    lines += [f"{paint('Guard:', 'title')}  {allowed} ({guard['rule']})", *_wrapped(guard["why"], width)]
    return "\n".join(lines) + "\n"


def cleaned(value: Any) -> Any:
    """The value with nothing in its texts that could steer a terminal."""
    if isinstance(value, str):
        return printable(value, keep="\n")
    if isinstance(value, Mapping):
        return {key: cleaned(part) for key, part in value.items()}
    return [cleaned(part) for part in value] if isinstance(value, (list, tuple)) else value


def _notes(document: Mapping[str, Any], paint: Paint, width: int) -> list[str]:
    refused = document.get("refused")
    notes = list(document.get("written", {}).get("notes", ()))
    if refused:
        notes.append(
            f"yourl refuses this request: {refused['status']} {refused['error']}. {refused['message']}"
        )
    lines = [line for note in notes for line in _wrapped(note, width, first="Note: ", rest="      ")]
    return [paint("\n".join(lines), "warning")] if lines else []


def _expectations(checks: Sequence[Mapping[str, Any]], paint: Paint, width: int) -> list[str]:
    if not checks:
        return []
    lines = [paint("Expectations", "title")]
    for check in checks:
        mark = paint("met  ", "good") if check["met"] else paint("unmet", "error")
        lines.append(f"  {mark}  {check['expect']}")
        lines += _wrapped(check["why"], width, first=" " * 9, rest=" " * 9)
    return ["\n".join(lines)]


def _decisions(proxy: Mapping[str, Any], paint: Paint, width: int) -> str:
    values = {name: _shown(proxy[name]["value"]) for name in DECIDED}
    bases = {name: BASES.get(proxy[name]["basis"], proxy[name]["basis"]) for name in DECIDED}
    widest = max(map(len, values.values()))
    widest_basis = max(map(len, bases.values()))
    lines = [paint("Decided", "title")]
    for name in DECIDED:
        basis = paint(f"{bases[name]:<{widest_basis}}", "good" if proxy[name]["trusted"] else "quiet")
        columns = 2 + 7 + 2 + widest + 2 + widest_basis + 2
        reason = _beside(f"{proxy[name]['source']}: {proxy[name]['why']}", columns, width)
        lines.append(f"  {name:<7}  {values[name]:<{widest}}  {basis}{reason}")
    return "\n".join(lines)


def _shown(value: object) -> str:
    return "-" if value in (None, "") else str(value)


def _route(hops: Sequence[Mapping[str, Any]], paint: Paint, width: int) -> str:
    names = [_shown(hop["identifier"]) for hop in hops]
    widest = max(map(len, names), default=0)
    lines = [paint("Route, the outermost machine first", "title")]
    for hop, name in zip(hops, names, strict=True):
        mark = paint("trusted  ", "good") if hop["trusted"] else paint("untrusted", "quiet")
        reason = _beside(f"{hop['source']}: {hop['why']}", 2 + 9 + 2 + widest + 2, width)
        lines.append(f"  {mark}  {name:<{widest}}{reason}")
    return "\n".join(lines)


def _findings(findings: Sequence[Mapping[str, Any]], paint: Paint, width: int) -> str:
    if not findings:
        return f"{paint('Findings:', 'title')} none"
    lines = [paint("Findings", "title")]
    for finding in findings:
        severity = finding["severity"]
        lines.append(f"  {paint(severity, severity)}  {paint(finding['code'], 'title')}")
        lines += _wrapped(finding["message"], width, first="    ", rest="    ")
        lines += _wrapped(f"Evidence: {finding['evidence']}", width, first="    ", rest="    ")
        if finding["fix"]:
            lines.append("    Fix:")
            lines += [f"      {line}".rstrip() for line in finding["fix"].splitlines()]
    return "\n".join(lines)


def _beside(sentence: str, columns: int, width: int) -> str:
    """A sentence in the last column of a table, or below the line where there is too little room."""
    if width - columns < NARROWEST:
        return "\n" + "\n".join(_wrapped(sentence, width, first="    ", rest="    "))
    first, *rest = _wrapped(sentence, width - columns, first="", rest="") or [""]
    return "  " + "".join([first, *(f"\n{' ' * columns}{line}" for line in rest)])


def _wrapped(text: str, width: int, first: str = "        ", rest: str = "        ") -> list[str]:
    if text.isprintable() and 0 < len(text) <= width - len(first):  # textwrap takes fifty times as long
        return [first + text]
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
