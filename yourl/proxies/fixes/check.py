"""The line under each fix that shows whether it worked: a request through the proxy with ``?expect=``."""

from __future__ import annotations

from functools import lru_cache

from ..case import Case
from ..verdict import DEFAULT_PORTS, Decided

ANY_HOST = "your.example"
"""Stands for the host that people ask for, where the request does not show it."""


def check_line(case: Case, code: str, expect: str, send: tuple[str, ...]) -> str:
    """A comment with the command: 200 when the finding is gone and ``expect`` holds, else 417 and why."""
    scheme, prefix = str(case.scheme.value), str(case.prefix.value)
    return _check_line(scheme, _host_asked_for(case.host), case.port.value, prefix, code, expect, send)


def _host_asked_for(host: Decided) -> str:
    """The host, if people can ask for it: neither our own address nor a name or address from inside."""
    name = str(host.value or "")
    return name if host.basis != "socket" and "." in name and not name[-1].isdigit() else ""


@lru_cache(maxsize=256)
def _check_line(
    scheme: str, host: str, port: int | str | None, prefix: str, code: str, expect: str, send: tuple[str, ...]
) -> str:
    wanted = f"expect=!finding:{code}" + (f"&expect={expect}" if expect else "")
    headers = "".join(f"-H '{line}' " for line in send)
    is_usual = not host or port in (DEFAULT_PORTS[scheme], 443)
    front = f"{host or ANY_HOST}{'' if is_usual else f':{port}'}{prefix if host else ''}"
    asked = "https" if expect == "scheme:https" else scheme
    return f"# Check: curl --fail-with-body {headers}'{asked}://{front}/api?{wanted}'"
