"""An inspection as text for a terminal: URL, decisions, chain, findings, device."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from yourl.text import printable

WIDTH = 100


def terminal_text(document: Mapping[str, Any]) -> str:
    """The inspection for a terminal: URL, decisions, chain, findings, device."""
    sections = [
        f"{document['method']} {document['url']}",
        _decisions(document["proxy"]),
        _chain(document["proxy"]["hops"]),
        _findings(document["findings"]),
        device_text(document),
    ]
    return printable("\n\n".join(sections), keep="\n") + "\n"


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
