"""An honest client is answered while others misbehave; how quickly, benchmarks/attacks.py measures."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.attacks import ATTACKS, ask, under_attack
from tests.functional.harness import Server, require_program, running, wait_until

# The kernel's include/net/tcp_states.h: established, and closed by us before the client has read everything.
OPEN_STATES = {"01", "04", "05"}
QUESTIONS = 30
# Attacks whose clients stay; of the others each client comes, is refused or answered, and goes.
STAYING = {
    *("slow-heads", "slow-bodies", "slow-reading", "idle", "byte-by-byte", "1000-open"),
    *("slow-downloads", "parked-bodies"),
}


@pytest.fixture(scope="module")
def server(pyz: Path) -> Iterator[Server]:
    """Two workers of four threads each: far fewer than there are attackers."""
    environment = {"YOURL_THREADS": "4", "YOURL_HEAD_TIMEOUT": "60", "YOURL_BODY_TIMEOUT": "60"}
    with running([sys.executable, str(pyz)], environment) as started:
        yield started


def connections_to(port: int) -> int:
    """Connections that a server on this port has at this moment (Linux)."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    here = f":{port:04X}"
    return sum(row[1].endswith(here) and row[3] in OPEN_STATES for row in rows)


def counted(server: Server) -> float:
    """Requests that the server has answered or refused until now."""
    lines = server.get("/metrics").text.splitlines()
    names = ("yourl_http_requests_total{", "yourl_http_requests_refused_total{")
    told = [line for line in lines if line.startswith(names) and 'route="/metrics"' not in line]
    return sum(float(line.rpartition(" ")[2]) for line in told)


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_the_honest_are_answered(server: Server, name: str) -> None:
    """Every honest request gets its 200, though the attackers outnumber the threads by far."""
    if ATTACKS[name].command:
        require_program("slowhttptest")
    before = counted(server)
    with under_attack(name, server.port, 60):
        if name in STAYING:
            crowd = ATTACKS[name].crowd // 2
            wait_until(lambda: connections_to(server.port) >= crowd, f"the attackers of {name}")
        else:
            wait_until(lambda: counted(server) - before >= 30, f"the attackers of {name}")
        answers = [ask(server.port, ATTACKS[name].honest_body) for _ in range(QUESTIONS)]
    assert QUESTIONS == sum(answered for _, answered in answers)
    assert "Traceback" not in server.stderr
    assert "TIMEOUT" not in server.stderr
    wait_until(lambda: connections_to(server.port) < 10, "the attackers' connections to be gone")
