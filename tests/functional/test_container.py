"""The Dockerfile's steps without an engine: what they say is read from it and run under bubblewrap.

The sandbox has what an image has: system libraries, a Python, the archive; all read-only. The environment is
empty, the user has a number and no name, there is no HOME and no network but loopback, and the server is
process 1, as ENTRYPOINT makes it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.functional.harness import ROOT, clean_environment, require_program
from tests.functional.sandbox import programs
from tests.packing import dockerfile

PYTHON = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
PATIENCE = 120.0  # seconds for a sandbox, its start, its checks and its end; a hang is a failure
BUILD, IMAGE = dockerfile.parse((ROOT / "Dockerfile").read_text(encoding="utf-8"))

# Runs inside, as process 1: asks the health command while nothing serves, leaves a child behind that looks
# at the server from within, then becomes the server.
DRIVER = """
import http.client, json, os, signal, subprocess, sys, time

os.environ.clear()  # of PWD, which bubblewrap sets
start, health, descriptor = json.loads(sys.argv[1]), json.loads(sys.argv[2]), int(sys.argv[3])

def ask_health():
    return subprocess.run(health, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

def get(path, method="GET", body=None, headers={}):
    connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=30)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    return response.status, response.read()

def environment_of(pid):
    with open(f"/proc/{pid}/environ") as listed:
        return [name for name in listed.read().split("\\0") if name]

def look():
    deadline = time.monotonic() + 60
    while ask_health() != 0:
        if time.monotonic() > deadline:
            return {"fault": "never healthy"}
        time.sleep(0.05)
    status, body = get("/health")
    kind = "multipart/form-data; boundary=b"
    upload = b'--b\\r\\nContent-Disposition: form-data; name="f"; filename="f"\\r\\n\\r\\n%s\\r\\n--b--\\r\\n'
    uploaded, _ = get("/api/upload", "POST", upload % (b"x" * 900_000), {"Content-Type": kind})
    return {
        "health_while_on": ask_health(),
        "status": status,
        "answer": json.loads(body),
        "upload": uploaded,
        "environment": environment_of(1),
        "uid": os.getuid(),
        "gid": os.getgid(),
    }

before = ask_health()
if os.fork() == 0:
    try:
        seen = look()
    except BaseException as error:
        seen = {"fault": repr(error)}
    with os.fdopen(descriptor, "w") as report:
        json.dump({"health_while_off": before, **seen}, report)
    os.kill(1, signal.SIGTERM)
    os._exit(0)
os.close(descriptor)
os.execv(start[0], start)
"""


@dataclass(frozen=True)
class Run:
    """How a run of the image ended, and what was seen from inside."""

    exit_code: int
    seen: dict[str, Any]
    output: str


@pytest.fixture(scope="session")
def archive(pyz: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive with the mode that the Dockerfile gives it."""
    placed = tmp_path_factory.mktemp("image") / "yourl.pyz"
    shutil.copyfile(pyz, placed)
    placed.chmod(int(IMAGE.one("COPY").flags["chmod"], 8))
    return placed


def in_image(command: Sequence[str]) -> list[str]:
    """A command of the Dockerfile with the interpreter that stands for the image's."""
    assert command[0] == "python3"
    return [PYTHON, *command[1:]]


def sandbox(archive: Path, writable: Iterable[tuple[Path, str]]) -> list[str]:
    """The bubblewrap command line up to the program: the image, and ``(folder, mount point)`` to write to."""
    user, group = IMAGE.one("USER").text.split(":")
    place = IMAGE.one("COPY").text.split()[-1]
    words = [require_program("bwrap"), "--unshare-all", "--as-pid-1", "--die-with-parent", "--clearenv"]
    words += ["--uid", user, "--gid", group, *programs()]
    words += ["--ro-bind", str(archive), place, "--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    for source, target in writable:
        words += ["--bind", str(source), target]
    return [*words, "--remount-ro", "/", "--chdir", "/"]


def run_image(archive: Path, writable: Sequence[tuple[Path, str]] = (), arguments: Sequence[str] = ()) -> Run:
    """Start the image as an engine does, look at it from inside and stop it by SIGTERM."""
    start = in_image([*IMAGE.start_command, *arguments])
    return run_inside(sandbox(archive, writable), PYTHON, start, in_image(IMAGE.health_command))


def run_inside(box: Sequence[str], python: str, start: Sequence[str], health: Sequence[str]) -> Run:
    """Run a server as process 1 of a sandbox, ask it from inside and stop it by SIGTERM."""
    reading, writing = os.pipe()
    driver = [python, "-I", "-c", DRIVER, json.dumps(start), json.dumps(health), str(writing)]
    with os.fdopen(reading, encoding="utf-8") as report:
        try:
            ended = subprocess.run(
                [*box, *driver],
                pass_fds=[writing],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=PATIENCE,
            )
        finally:
            os.close(writing)
        text = report.read()
    assert text, f"nothing was seen from inside; exit code {ended.returncode}: {ended.stdout}"
    return Run(ended.returncode, json.loads(text), ended.stdout)


def folders(parent: Path, *targets: str) -> list[tuple[Path, str]]:
    """A new folder of the host's for each mount point."""
    made = []
    for target in targets:
        folder = parent / target.strip("/").replace("/", "-")
        folder.mkdir()
        folder.chmod(0o1777)
        made.append((folder, target))
    return made


def left_in(writable: Iterable[tuple[Path, str]]) -> list[str]:
    """Every file and folder that a run has left."""
    return [str(path) for folder, _ in writable for path in folder.rglob("*")]


def assert_went_well(run: Run, server: str) -> None:
    """Off: unhealthy. On: healthy, and answering. SIGTERM: exit code 0. Nothing but that."""
    user, group = (int(number) for number in IMAGE.one("USER").text.split(":"))
    seen = dict(run.seen)
    answer = seen.pop("answer", {})
    assert seen == {
        "health_while_off": 1,
        "health_while_on": 0,
        "environment": [],
        "status": 200,
        "upload": 200,
        "uid": user,
        "gid": group,
    }, run.output
    assert (answer["status"], answer["port"], answer["wsgi_server"]) == ("healthy", 8080, server)
    assert run.exit_code == 0, run.output
    assert "Traceback" not in run.output


WRITABLE = [
    pytest.param(["/tmp", "/dev/shm"], id="tmp and shm"),
    pytest.param(["/tmp"], id="tmp only"),
    pytest.param(["/dev/shm"], id="shm only"),
    pytest.param([], id="nothing writable"),
]


@pytest.mark.parametrize("targets", WRITABLE)
def test_image_starts_answers_and_stops(archive: Path, tmp_path: Path, targets: list[str]) -> None:
    """Whatever an engine leaves writable, the container serves, ends with 0 and leaves no file."""
    writable = folders(tmp_path, *targets)
    assert_went_well(run_image(archive, writable), "gunicorn")
    assert left_in(writable) == []


def test_image_serves_with_flask_too(archive: Path) -> None:
    """The other server needs no more than Gunicorn does, and stops as cleanly as process 1."""
    assert_went_well(run_image(archive, arguments=["--server", "flask"]), "flask")


def test_eight_containers_start_at_once(archive: Path, tmp_path: Path) -> None:
    """Eight starts of one file, sharing what is writable, do not meet; none leaves a file."""
    writable = folders(tmp_path, "/tmp", "/dev/shm")
    arguments = ["--web-concurrency", "1"]
    with ThreadPoolExecutor(8) as pool:
        for run in pool.map(lambda _: run_image(archive, writable, arguments), range(8)):
            assert_went_well(run, "gunicorn")
    assert left_in(writable) == []


def test_sandbox_is_as_bare_as_it_claims(archive: Path) -> None:
    """The root cannot be written to, /dev neither, and no network but loopback is there."""
    question = """
import json, os, socket
def can_write(folder):
    try:
        os.close(os.open(folder + "/x", os.O_CREAT | os.O_WRONLY))
    except OSError:
        return False
    return True
places = ["/", "/app", "/dev", "/dev/shm", "/tmp", "/usr"]
links = [name for _, name in socket.if_nameindex()]
print(json.dumps([[p for p in places if can_write(p)], links, "HOME" in os.environ, os.getpid()]))
"""
    command = [*sandbox(archive, []), PYTHON, "-I", "-c", question]
    asked = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert json.loads(asked.stdout) == [[], ["lo"], False, 1], asked.stderr


def build_context(target: Path) -> None:
    """Copy into ``target`` what .dockerignore lets through of this checkout."""
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    for top in sorted(ROOT.iterdir()):
        below = top.rglob("*") if top.is_dir() and dockerfile.let_through(ignore, [f"{top.name}/any"]) else []
        files = [path.relative_to(ROOT).as_posix() for path in [top, *below] if path.is_file()]
        for name in dockerfile.let_through(ignore, files):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target / name)


def test_build_stage_makes_the_same_archive(pyz: Path, tmp_path: Path) -> None:
    """With only the files that .dockerignore lets through, the build stage makes the very same bytes."""
    place = BUILD.one("WORKDIR").text
    source = tmp_path / "src"
    source.mkdir()
    build_context(source)
    command = [word.replace(place, str(source)) for word in in_image(BUILD.one("RUN").exec_form)]
    built = subprocess.run(command, cwd=source, env=clean_environment(), capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    copied = IMAGE.one("COPY").text.split()[0].replace(place, str(source))
    assert Path(copied).read_bytes() == pyz.read_bytes()


def test_standard_library_gets_its_bytecode(tmp_path: Path) -> None:
    """The compile step gives every module that a server could import bytecode that never goes stale."""
    library = tmp_path / "python"
    # The official images have no bytecode and no tests, which hold files that are wrong on purpose.
    unwanted = shutil.ignore_patterns("__pycache__", "*-packages", "test", "tests", "idle_test", "config-*")
    shutil.copytree(Path(os.__file__).parent, library, ignore=unwanted)
    command = [*in_image(IMAGE.one("RUN").exec_form)[:-1], str(library)]
    compiled = subprocess.run(command, env=clean_environment(), capture_output=True, text=True)
    assert (compiled.returncode, compiled.stdout, compiled.stderr) == (0, "", "")
    tag = sys.implementation.cache_tag
    for name in ("os", "json/decoder", "http/client", "concurrent/futures/thread", "encodings/idna"):
        source = library / f"{name}.py"
        bytecode = source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"
        # PEP 552: bit 0 says that the file is found by hash, bit 1 that the hash is to be checked.
        assert bytecode.read_bytes()[4:8] == b"\x01\0\0\0"
    assert list((library / "idlelib").rglob("*.pyc")) == []
