"""Evidence that a proxy replaced Host, or that a trusted peer is a proxy although it forwards nothing."""

from __future__ import annotations

from typing import NamedTuple

from yourl.http1.grammar import Authority, parse_authority

from ..addresses import parse_node
from ..case import Case, header_line, host_header
from ..fields import FORWARDING_HEADERS, ORIGINAL_HOST_HEADERS
from ..verdict import DEFAULT_PORTS
from .tls import PAGE_HEADERS, Page, may_be_localhost, page_of, secure_context

SILENCE_HEADERS = ("connection", "user-agent", "sec-fetch-mode", "sec-ch-ua", *PAGE_HEADERS)
"""What ``silent_proxy`` reads, apart from Host."""

# Programs that ask without a proxy and close after each request, as proxies do.
_PROBES = (
    *("kube-probe/", "ELB-HealthChecker/", "GoogleHC/", "GoogleStackdriverMonitoring", "Consul Health Check"),
    *("ApacheBench/", "Python-urllib/", "Prometheus/", "Blackbox", "check_http/", "Zabbix"),
)


def host_was_rewritten(case: Case) -> str | None:
    """Evidence that a proxy replaced the client's Host by a name of its own for us."""
    host = host_header(case)
    if host is None:
        return None
    line = header_line(case, "host", "Host")
    for key in ORIGINAL_HOST_HEADERS:
        other = parse_authority(case.fields[key][0].strip()) if key in case.fields else None
        if other is not None and other.host != host.host:
            return f"{line}; {header_line(case, key, FORWARDING_HEADERS[key].name)}"
    if _is_own_address(case, host):
        return f"{line} (the address of our own socket)"
    ours = case.connection.server_port
    if host.port == ours and _is_bare_name(host.host) and ours not in (None, 80, 443):
        return f"{line} (a bare name with the port of our own socket)"
    if case.chain.peer_rule is not None and host.port is None and _is_bare_name(host.host):
        return f"{line} (a bare name: an upstream's rather than one that people ask for)"
    page = page_of(case) if case.fields.get("sec-fetch-site") == ["same-origin"] else None
    if page is not None and page.authority.host != host.host:
        return f"{line}; {page.evidence}"
    return None


def _is_own_address(case: Case, host: Authority) -> bool:
    node, server = parse_node(host.host), parse_node(case.connection.server)
    is_own = node is not None and server is not None and node.text == server.text
    return is_own and host.port == case.connection.server_port


def _is_bare_name(host: str) -> bool:
    """True for a name without a dot that people do not ask for: an upstream, a container."""
    return "." not in host and ":" not in host and host != "localhost" and parse_node(host) is None


class Silence(NamedTuple):
    """What shows that a trusted peer, which forwards nothing, is a proxy."""

    evidence: str
    is_sure: bool
    """False where a client of its own could look the same."""


def silent_proxy(case: Case) -> Silence | None:
    """A proxy that says nothing: no forwarding header came, and yet the request was not made for our socket.

    A health probe, or a colleague on a trusted network, asks for our own address and port.
    """
    host = None if case.proxied or case.chain.peer_rule is None else host_header(case)
    if host is None:
        return None
    silence = _silence_of(case, host)
    return None if silence is None or _is_probe(case) else silence


def _silence_of(case: Case, host: Authority) -> Silence | None:
    told = _what_is_odd(case, host)
    if told is not None:
        return Silence(header_line(case, "host", "Host") + told, True)
    if not _is_foreign(case, host):
        return None
    is_counted = bool(case.trusted.hop_count or case.trusted.platform)
    told = ", which is not our socket's port"
    return Silence(header_line(case, "host", "Host") + told, is_counted or _is_browser(case))


def _what_is_odd(case: Case, host: Authority) -> str | None:
    """What a client that asks for our own socket does not send."""
    if case.http_version == "1.0":
        return ", by HTTP/1.0, which proxies speak"
    page = page_of(case) if "sec-fetch-site" in case.fields else None
    if page is not None and (page.scheme != case.scheme.value or _is_elsewhere(page, host)):
        return f"; {page.evidence}"
    secure = secure_context(case) if case.scheme.value == "http" else None
    if secure is not None:
        return f"; {secure}, which browsers send over TLS only"
    habit = _habit_of_a_proxy(case)
    if habit and (_is_foreign(case, host) or _is_own_address(case, host) or _is_bare_name(host.host)):
        return f"; Connection: {habit}, as proxies send"
    return None


def _is_elsewhere(page: Page, host: Authority) -> bool:
    return (page.authority.host, page.port) != (host.host, host.port or DEFAULT_PORTS[page.scheme])


def _habit_of_a_proxy(case: Case) -> str | None:
    """What proxies that do not keep connections, and Apache httpd, write where browsers and curl do not."""
    if "connection" not in case.fields:
        return None
    written = ",".join(case.fields["connection"])
    if "close" in written.lower():
        return "close"
    agent = "".join(case.fields.get("user-agent", ()))
    is_usual = not agent or agent.startswith(("Mozilla/", "curl/"))
    return written if written == "Keep-Alive" and is_usual else None


def _is_foreign(case: Case, host: Authority) -> bool:
    """Whether Host names a port that is not our socket's: something between us and the client changed it."""
    if (host.port or 80) == case.connection.server_port:
        return False
    return _is_bare_name(host.host) or not may_be_localhost(host.host)


def _is_probe(case: Case) -> bool:
    return any(agent.startswith(_PROBES) for agent in case.fields.get("user-agent", ()))


def _is_browser(case: Case) -> bool:
    return any(agent.startswith("Mozilla/") for agent in case.fields.get("user-agent", ()))


def with_silence(case: Case, missing: str) -> str:
    """What is missing, with what shows that a proxy should have sent it."""
    silence = silent_proxy(case)
    return missing if silence is None else f"{silence.evidence}; {missing}"
