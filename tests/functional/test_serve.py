"""The real yourl.pyz as a process: both servers with one suite, and the life of the master."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno

from tests.devices import user_agents
from tests.functional.harness import (
    PATIENCE,
    Server,
    children_of,
    clean_environment,
    free_port,
    request,
    running,
    wait_until,
)
from tests.server.half_blocks import code_in, modules_of
from tests.views.test_app import HEALTH_KEYS, INSPECTION_KEYS, STATUS_KEYS
from yourl.server.addresses import network_address


@pytest.fixture(scope="module", params=["gunicorn", "flask"])
def server(request: pytest.FixtureRequest, pyz: Path) -> Iterator[Server]:
    """One server of each kind for the questions that change nothing."""
    with running([sys.executable, str(pyz), "--server", request.param]) as started:
        started.kind = request.param
        yield started


def test_health(server: Server) -> None:
    """The health answer has exactly its keys and names the server that really serves."""
    answer = server.get("/health").json
    assert set(answer) == HEALTH_KEYS
    assert (server.kind, server.port, True) == (
        answer["wsgi_server"],
        answer["port"],
        answer["production_mode"],
    )


def test_status(server: Server) -> None:
    """The status has its keys, and every worker tells the same session."""
    answers = [server.get("/status").json for _ in range(8)]
    assert set(answers[0]) == STATUS_KEYS
    assert len({answer["session_id"] for answer in answers}) == 1


def test_inspection(server: Server) -> None:
    """What is sent arrives: method, target, headers, query and body."""
    answer = server.get(
        "/api/a%20b?x=1&x=2",
        method="PUT",
        headers={"Content-Type": "application/json", "X-Own": "ja", "User-Agent": user_agents.PHONE},
        body=b'{"k": "v"}',
    ).json
    assert set(answer) >= INSPECTION_KEYS
    assert f"http://127.0.0.1:{server.port}/api/a%20b?x=1&x=2" == answer["url"]
    assert (answer["method"], answer["device_type"], answer["query"]) == ("PUT", "phone", {"x": ["1", "2"]})
    assert (answer["headers"]["X-Own"], answer["body"]["json"]) == ("ja", {"k": "v"})
    assert (answer["remote_addr"], answer["connection"]["peer"]) == ("127.0.0.1", "127.0.0.1")


def test_chunked_body(server: Server) -> None:
    """A chunked body is read whole."""
    head = b"POST /api HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    answer = server.raw(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert b" 200 " in answer.splitlines()[0]
    assert b'"text": "abcde"' in answer


def test_trailers(server: Server) -> None:
    """The trailer fields of a chunked body are shown; Flask's own server cannot read any, and says so."""
    head = b"POST /api HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    answer = server.raw(head + b"3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n")
    document = json.loads(answer.partition(b"\r\n\r\n")[2])
    expected = [["X-Sum", "7"]] if server.kind == "gunicorn" else "bad_request"
    assert expected == document["trailers" if server.kind == "gunicorn" else "error"]


def test_page(server: Server) -> None:
    """A browser on a PC gets the page, a watch gets 403 and the reason."""
    headers = {"Accept": user_agents.BROWSER_ACCEPT, "User-Agent": user_agents.PC}
    page = server.get("/", headers=headers)
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    refused = server.get("/", headers={**headers, "User-Agent": user_agents.WATCH})
    assert (refused.status, refused.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert "the device class watch" in refused.body.decode()


def test_not_found(server: Server) -> None:
    """Any other path is a 404 in the one error shape."""
    answer = server.get("/nothing")
    assert (404, {"error", "message", "url", "timestamp"}) == (answer.status, set(answer.json))


def test_forged_headers_change_nothing(server: Server) -> None:
    """Nobody is trusted by default."""
    forged = {
        "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/p", "Forwarded": "for=203.0.113.7;proto=https;host=evil.example",
    }  # fmt: skip
    answer = server.get("/api", headers=forged).json
    assert ("127.0.0.1", f"http://127.0.0.1:{server.port}/api") == (answer["remote_addr"], answer["url"])


def test_large_body(server: Server) -> None:
    """A body over the limit is refused with 413."""
    assert server.get("/api", method="POST", body=b"x" * 1_048_577).status == 413


def test_access_log(server: Server) -> None:
    """Each answer is one line on stdout; probes that go well are none."""
    server.get("/api?log=me", headers={"User-Agent": 'quoted" agent'})
    server.get("/health?quiet")
    (line,) = wait_until(
        lambda: [ln for ln in server.stdout.splitlines() if "log=me" in ln], "the access line"
    )
    assert " 200 " in line
    assert '"quoted\\" agent"' in line
    assert "?quiet" not in server.stdout


def test_start_summary(server: Server) -> None:
    """The start says what runs and which URL to open."""
    wait_until(lambda: f"http://127.0.0.1:{server.port}/" in server.stderr, "the URL on stderr")
    assert "Traceback" not in server.stderr


@pytest.mark.parametrize("kind", ["gunicorn", "flask"])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_qr_code(pyz: Path, kind: str, host: str) -> None:
    """--qr draws the live page's link, also into a file; at the address that it names the link signs in."""
    address = host if host == "127.0.0.1" else network_address() or "localhost"
    with running([sys.executable, str(pyz), "--qr", "--server", kind, "--host", host]) as server:
        lines = wait_until(lambda: code_in(server.stderr), "the QR code")
        link = server.stderr.partition("The QR code opens ")[2].split()[0]
        url, _, target = link.partition("/live")
        assert f"http://{address}:{server.port}" == url
        matrix = [list(row) for row in segno.make_qr(link).matrix_iter(border=4)]
        assert matrix == modules_of(lines)[: len(matrix)]
        headers = {"User-Agent": user_agents.PHONE, "Accept": user_agents.BROWSER_ACCEPT}
        answer = request(server.port, f"/live{target}", host=address, headers=headers)
        assert (303, "/live") == (answer.status, answer.headers["location"])


@pytest.mark.parametrize("kind", ["gunicorn", "flask"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "ctrl-c"])
def test_ends_cleanly(pyz: Path, kind: str, number: signal.Signals) -> None:
    """SIGTERM and Ctrl-C end it with exit code 0, no traceback, and no process left."""
    with running([sys.executable, str(pyz), "--server", kind]) as server:
        workers = server.children()
        assert server.stop(number) == 0
        assert "Traceback" not in server.stderr
        wait_until(
            lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), "the end of the workers"
        )


@pytest.mark.parametrize("kind", ["gunicorn", "flask"])
def test_busy_port(pyz: Path, kind: str) -> None:
    """A busy port is one line that names it and who holds it, and exit code 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, str(pyz), "--server", kind, "--host", "127.0.0.1", "--port", str(port)]
        ended = subprocess.run(
            command, env=clean_environment(), capture_output=True, text=True, timeout=PATIENCE
        )
    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"Port {port} is already in use by process {os.getpid()}" in line


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        pytest.param({"PORT": "http"}, "PORT is 'http'", id="bad-port"),
        pytest.param({"HOST": "192.0.2.1"}, "is no address of this machine", id="address-of-another"),
        pytest.param({"YOURL_WORKER_CLASS": "no.such.Worker"}, "no", id="unknown-worker-class"),
        pytest.param({"GUNICORN_CMD_ARGS": "--fly"}, "GUNICORN_CMD_ARGS", id="bad-gunicorn-arguments"),
        pytest.param({"GUNICORN_CMD_ARGS": "--workers many"}, "workers", id="bad-gunicorn-value"),
    ],
)
def test_bad_start(pyz: Path, environment: dict[str, str], words: str) -> None:
    """A start that cannot be is one line and exit code 2, never a traceback."""
    ended = subprocess.run(
        [sys.executable, str(pyz)],
        env=clean_environment({"PORT": str(free_port()), **environment}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert ended.returncode == 2, ended.stderr
    (line,) = ended.stderr.splitlines()
    assert words in line


@pytest.mark.parametrize("kind", ["gunicorn", "flask"])
def test_too_few_open_files(pyz: Path, kind: str) -> None:
    """``ulimit -n 20`` is one line that says what is needed, and exit code 2."""
    command = ["sh", "-c", 'ulimit -n 20; exec "$@"', "sh", sys.executable, str(pyz), "--server", kind]
    ended = subprocess.run(
        command,
        env=clean_environment({"PORT": str(free_port())}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert ended.returncode == 2, ended.stderr
    (line,) = ended.stderr.splitlines()
    assert "At most 20 files may be open here" in line


def test_gunicorn_cmd_args_win(pyz: Path) -> None:
    """GUNICORN_CMD_ARGS works as Gunicorn documents it, over our configuration."""
    port = free_port()
    arguments = {"GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{port} --workers 1", "PORT": str(free_port())}
    with running([sys.executable, str(pyz)], arguments, port=port) as server:
        assert port == server.get("/health").json["port"]
        assert len(server.children()) == 1


def test_flask_debug_is_ignored(pyz: Path) -> None:
    """FLASK_DEBUG changes nothing but one line on stderr."""
    with running([sys.executable, str(pyz)], {"FLASK_DEBUG": "1"}) as server:
        assert "FLASK_DEBUG is ignored" in server.stderr
        assert True is server.get("/status").json["production_mode"]


@pytest.mark.parametrize("kind", ["sync", "gthread"])
def test_stock_workers(pyz: Path, kind: str) -> None:
    """Gunicorn's own workers can be chosen."""
    with running([sys.executable, str(pyz)], {"YOURL_WORKER_CLASS": kind}) as server:
        assert server.get("/health").json["wsgi_server"] == "gunicorn"
        assert server.get("/api", method="POST", body=b"x").status == 200


def test_json_log_on_cloud_run(pyz: Path) -> None:
    """Where K_SERVICE is set, each line of the log is JSON with a severity."""
    with running([sys.executable, str(pyz)], {"K_SERVICE": "yourl"}) as server:
        server.get("/api")
        line = wait_until(lambda: server.stdout.splitlines(), "an access line")[0]
        assert (json.loads(line)["severity"], json.loads(line)["httpRequest"]["status"]) == ("INFO", 200)
        assert all("severity" in json.loads(line) for line in server.stderr.splitlines())


@pytest.fixture
def gunicorn(pyz: Path) -> Iterator[Server]:
    """A master of its own, with two workers."""
    with running([sys.executable, str(pyz)]) as started:
        wait_until(lambda: len(started.children()) == 2, "two workers")
        yield started


def test_ttin_and_ttou(gunicorn: Server) -> None:
    """TTIN adds a worker, TTOU takes one away."""
    gunicorn.signal(signal.SIGTTIN)
    wait_until(lambda: len(gunicorn.children()) == 3, "a third worker")
    gunicorn.signal(signal.SIGTTOU)
    wait_until(lambda: len(gunicorn.children()) == 2, "one worker less")
    assert gunicorn.get("/health").status == 200


def test_hup(gunicorn: Server) -> None:
    """HUP replaces every worker; the session stays the same."""
    session = gunicorn.get("/status").json["session_id"]
    old = gunicorn.children()
    gunicorn.signal(signal.SIGHUP)
    wait_until(lambda: len(gunicorn.children()) == 2 and not gunicorn.children() & old, "new workers")
    assert session == gunicorn.get("/status").json["session_id"]


def test_usr2(gunicorn: Server) -> None:
    """USR2 starts a second master from the file; the old one can go and the port keeps answering."""
    old = gunicorn.children()
    gunicorn.signal(signal.SIGUSR2)
    (successor,) = wait_until(lambda: gunicorn.children() - old, "a second master")
    wait_until(lambda: len(children_of(successor)) == 2, "its workers")
    gunicorn.signal(signal.SIGTERM)
    gunicorn.process.wait(PATIENCE)
    try:
        assert gunicorn.get("/health").status == 200
    finally:
        os.kill(successor, signal.SIGTERM)
        wait_until(lambda: not alive(successor), "the end of the second master")


def alive(pid: int) -> bool:
    """Whether a process runs (one that only waits to be reaped does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_killed_worker_is_replaced(gunicorn: Server) -> None:
    """kill -9 of a worker: another takes its place."""
    victim = min(gunicorn.children())
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: victim not in gunicorn.children() and len(gunicorn.children()) == 2, "a new worker")
    assert gunicorn.get("/health").status == 200


def test_drain(pyz: Path) -> None:
    """After SIGTERM /ready is 503 while requests are still served; then it ends with 0."""
    with running([sys.executable, str(pyz)], {"YOURL_DRAIN": "600"}) as server:
        assert server.get("/ready").status == 200
        server.signal(signal.SIGTERM)
        wait_until(lambda: server.get("/ready").status == 503, "/ready to fail")
        assert server.get("/api").status == 200
        server.signal(signal.SIGTERM)  # a second one ends the drain at once
        assert server.process.wait(PATIENCE) == 0


def test_the_health_command(pyz: Path) -> None:
    """health is 0 beside a running server and 1 without."""
    with running([sys.executable, str(pyz)]) as server:
        command = [sys.executable, str(pyz), "health"]
        environment = clean_environment({"PORT": str(server.port), "HOST": server.host})
        assert subprocess.run(command, env=environment, capture_output=True).returncode == 0
        server.stop()
        assert subprocess.run(command, env=environment, capture_output=True).returncode == 1


def test_metrics_of_all_workers(gunicorn: Server) -> None:
    """Whichever worker is asked, it tells the sum, also after workers were replaced."""
    for _ in range(20):
        gunicorn.get("/api/counted")
    told = 'yourl_http_requests_total{method="GET",route="/api",status="200"} 20.0'
    wait_until(lambda: told in gunicorn.get("/metrics").text, "the count of both workers")
    assert "yourl_workers 2.0" in gunicorn.get("/metrics").text
    old = gunicorn.children()
    gunicorn.signal(signal.SIGHUP)
    wait_until(lambda: len(gunicorn.children()) == 2 and not gunicorn.children() & old, "new workers")
    assert told in gunicorn.get("/metrics").text
    assert "yourl_http_requests_in_flight 1.0" in gunicorn.get("/metrics").text


def test_a_request_id_is_in_answer_and_log(server: Server) -> None:
    """One id names the request in the answer and in the log."""
    answer = server.get("/api?with=id", headers={"X-Request-ID": "trace-me-7"})
    assert "trace-me-7" == answer.headers["x-request-id"]
    wait_until(lambda: "id=trace-me-7" in server.stdout, "the access line")


def test_expectations(server: Server) -> None:
    """What was expected and is so is 200; what is not, 417."""
    path = f"/api?expect=client:127.0.0.1&expect=port:{server.port}&expect=finding:none"
    assert 200 == server.get(path).status
    assert 417 == server.get(f"{path}&expect=scheme:https").status


def test_options_of_the_whole_server(server: Server) -> None:
    """``OPTIONS *`` is answered without content, and says what is allowed."""
    answer = server.raw(b"OPTIONS * HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n")
    assert b" 204 " in answer.splitlines()[0]
    assert b"allow: get, head" in answer.lower()


@pytest.mark.parametrize("kind", ["gunicorn", "flask"])
def test_whole_requests_are_printed(pyz: Path, kind: str) -> None:
    """--print writes each request to stdout before its line in the access log, credentials masked."""
    with running([sys.executable, str(pyz), "--print", "--server", kind]) as server:
        server.get("/api", method="POST", headers={"Authorization": "Bearer abc"}, body=b"the body")
        wait_until(lambda: "POST /api HTTP/1.1" in server.stdout.rpartition("> the body")[2], "its line")
        assert "> POST /api HTTP/1.1\n" in server.stdout
        assert "> Authorization: ********\n" in server.stdout
        assert "/health" not in server.stdout
