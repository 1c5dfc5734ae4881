"""Load by wrk (Debian's package of that name), bounded in time, on loopback."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache

from benchmarks.environment import show_progress
from benchmarks.servers import Running

UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 60e3}

_AGENTS = """
local count = 0
request = function()
  count = count + STEP
  wrk.headers["User-Agent"] = string.format(
    "Mozilla/5.0 (Linux; Android %d; Model %d) AppleWebKit/537.36 Chrome/%d.0.%d.0 Mobile Safari/537.36",
    5 + count % 12, count, 60 + count % 90, count)
  return wrk.format()
end
"""
EVER_NEW_AGENTS = _AGENTS.replace("STEP", "1")
"""Lua: every request has a user agent that was never seen before."""
ONE_AGENT = _AGENTS.replace("STEP", "0")
"""Lua: the same work for wrk, but always the same user agent."""
NEW_WORDS_AGENTS = """
math.randomseed(os.time())
local function word()
  local letters = {}
  for at = 1, math.random(3, 10) do letters[at] = string.char(math.random(97, 122)) end
  return table.concat(letters)
end
request = function()
  wrk.headers["User-Agent"] = string.format(
    "Mozilla/5.0 (Linux; Android %d; %s %s-%d) AppleWebKit/537.36 Chrome/%d.0.0.0 Mobile Safari/537.36 %s",
    math.random(5, 16), word(), word(), math.random(9999), math.random(60, 150), word())
  return wrk.format()
end
"""
"""Lua: every request has a user agent whose model and app are words that were never seen before."""

WEBHOOK = """
wrk.method = "POST"
wrk.body = '{"id": 1, "event": "paid", "items": [1, 2, 3]}'
wrk.headers["Content-Type"] = "application/json"
"""
"""Lua: a small JSON document is posted."""


def body_of(size: int) -> str:
    """Lua: ``size`` bytes of text are posted."""
    head = 'wrk.method = "POST"\nwrk.headers["Content-Type"] = "text/plain"\n'
    return f'{head}wrk.body = string.rep("a", {size})\n'


def paced(milliseconds: float) -> str:
    """Lua: each connection waits that long between an answer and the next request."""
    return f"delay = function() return {milliseconds:.0f} end\n"


@dataclass(frozen=True, slots=True)
class Load:
    """What one round showed: answers a second, slowest percent in ms, processor time for an answer in µs."""

    rate: float
    p99: float
    cost: float
    errors: int


def load(
    server: Running, seconds: float, *, connections: int = 16, script: str = "", close: bool = False
) -> Load:
    """One round against a server; a round without any answer is tried again, and that is told.

    :raises SystemExit: when three rounds show nothing
    """
    allow_open_files()
    command = ["wrk", "--latency", "--threads", "1", "--connections", str(connections), "--timeout", "20s"]
    command += [
        "--duration",
        f"{max(1, round(seconds))}s",
        *(["--header", "Connection: close"] if close else []),
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as lua:
        lua.write(script)
        lua.flush()
        command += ["--script", lua.name] if script else []
        for _ in range(3):
            before = server.cpu_seconds()
            wrk = subprocess.run([*command, server.url], capture_output=True, text=True)
            measured = read(wrk.stdout, server.cpu_seconds() - before)
            if measured is not None:
                return measured
            show_progress(f"{server.url} gave no answer within a round; the round is repeated")
    raise SystemExit(f"wrk printed: {wrk.stdout}{wrk.stderr}")


def read(text: str, cpu_seconds: float) -> Load | None:
    """What wrk printed; None where there was no answer."""
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", text)
    count = re.search(r"(\d+) requests in", text)
    if rate is None or p99 is None or count is None or count[1] == "0":
        return None
    errors = sum(int(n) for n in re.findall(r"(?:connect|read|write|timeout) (\d+)", text))
    errors += sum(int(n) for n in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    return Load(float(rate[1]), float(p99[1]) * UNITS[p99[2]], cpu_seconds * 1e6 / int(count[1]), errors)


@cache
def allow_open_files() -> None:
    """A thousand connections need more descriptors than are allowed by default."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed (on Debian and Ubuntu: apt install wrk)")
