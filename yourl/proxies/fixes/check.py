"""The line under each fix that shows whether it worked: a request through the proxy with ``?expect=``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ..case import Case
from ..evidence.tls import PAGE_HEADERS, page_of
from ..fields import FORWARDING_HEADERS
from ..verdict import DEFAULT_PORTS, Decided

ANY_HOST = "your.example"
"""Stands for the host that people ask for, where the request does not show it."""

CHECK_HEADERS = PAGE_HEADERS
"""What is read here to know how clients ask."""

_FORGED = {
    "client": "192.0.2.66",
    "scheme": "http",
    "host": "forged.example",
    "port": "81",
    "prefix": "/forged",
    "all": "for=192.0.2.66;proto=http;host=forged.example",
}
"""Values that a visitor could make up; never what a client really sent, which is not fit for a shell."""


class Request(NamedTuple):
    """A request that has to go well through the repaired proxy."""

    expect: str = ""
    """What it can be expected to show beside the missing finding, as ``?expect=`` has it."""
    send: tuple[str, ...] = ()
    """Header lines that it sends."""
    path: str = "/api"
    """Below the prefix that is already known."""


def forged(*names: str) -> tuple[str, ...]:
    """Lines with values that a visitor could make up for these forwarding headers."""
    return tuple(f"{name}: {_forged_value(name)}" for name in names)


def _forged_value(name: str) -> str:
    header = FORWARDING_HEADERS[name.lower()]
    return "off" if header.reading == "switch" else _FORGED.get(header.about, "forged")


def check_line(case: Case, code: str, request: Request) -> str:
    """A comment with the command: 200 when the finding is gone and ``expect`` holds, else 417 and why."""
    scheme, prefix = str(case.scheme.value), str(case.prefix.value)
    page = page_of(case) if "sec-fetch-site" in case.fields else None
    if page is not None:
        return _check_line(page.scheme, page.authority.host, page.port, prefix, code, request)
    return _check_line(scheme, _host_asked_for(case.host), case.port.value, prefix, code, request)


def _host_asked_for(host: Decided) -> str:
    """The host, if people can ask for it: neither our own address nor a name or address from inside."""
    name = str(host.value or "")
    return name if host.basis != "socket" and "." in name and not name[-1].isdigit() else ""


@lru_cache(maxsize=256)
def _check_line(
    scheme: str, host: str, port: int | str | None, prefix: str, code: str, request: Request
) -> str:
    wanted = f"expect=!finding:{code}" + (f"&expect={request.expect}" if request.expect else "")
    is_usual = not host or port in (DEFAULT_PORTS[scheme], 443)
    front = f"{host or ANY_HOST}{'' if is_usual else f':{port}'}{prefix if host else ''}"
    asked = "https" if request.expect == "scheme:https" else scheme
    options = _options(request.send) + ("--globoff " if "[" in front else "")
    return f"# Check: curl --fail-with-body {options}'{asked}://{front}{request.path}?{wanted}'"


def _options(lines: Sequence[str]) -> str:
    return "".join(f"-H '{line}' " for line in lines)
