"""An empty machine to type commands into: its own network, processes, home folder and users.

What it shares with this one is read-only: the programs of Debian and the Python that runs the tests.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from signal import SIGINT
from typing import Any

import pytest

from tests.functional.harness import PATIENCE, require_program, wait_until

HOME = "/home/reader"
_SHOWN = "/output"  # in the sandbox: where each command's output goes

# The first process of the sandbox: one JSON object a line, in and out.
# Each command has a session of its own, as in a terminal, so that Ctrl-C reaches all of its processes.
_DRIVER = r"""
import json, os, subprocess, sys
from signal import SIG_DFL, SIGINT, signal as set_handler

set_handler(SIGINT, SIG_DFL)  # ignored where the tests run in the background of a shell, and inherited
commands = {}

def start(number, command, folder):
    with open(f"/output/{number}.out", "wb") as out, open(f"/output/{number}.err", "wb") as err:
        commands[number] = subprocess.Popen(
            ["bash", "-c", command], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            start_new_session=True,
        )

def poll(number):
    return commands[number].poll()

def signal(number, what):
    os.killpg(commands[number].pid, what)

def add_address(address):
    import fcntl, socket, struct
    SIOCSIFADDR = 0x8916
    name, packed = b"lo:1", socket.inet_aton(address)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFADDR, struct.pack("16sHH4s8s", name, socket.AF_INET, 0, packed, b""))

for line in sys.stdin:
    name, arguments = json.loads(line)
    print(json.dumps(globals()[name](*arguments)), flush=True)
"""


def skip_without_namespaces(command: Sequence[str]) -> None:
    """Skip the test where namespaces are forbidden; any other fault fails it."""
    tried = subprocess.run(command, capture_output=True, text=True)
    if tried.returncode and "not permitted" in tried.stderr:
        pytest.skip(f"bubblewrap may not make namespaces here: {tried.stderr.strip()}")
    assert tried.returncode == 0, tried.stderr


def programs() -> list[str]:
    """Options of bubblewrap: the programs of this machine and the Python that runs the tests, read-only."""
    words = ["--ro-bind", "/usr", "/usr"]
    for folder in (Path("/bin"), Path("/sbin"), Path("/lib"), Path("/lib64")):
        if folder.is_symlink():
            words += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.exists():
            words += ["--ro-bind", str(folder), str(folder)]
    if not sys.base_prefix.startswith("/usr"):
        words += ["--ro-bind", sys.base_prefix, sys.base_prefix]
    return words


class Command:
    """A command that was typed: what it prints, and how it ends."""

    def __init__(self, sandbox: Sandbox, number: int, text: str, output: Path) -> None:
        self.text = text
        self._sandbox = sandbox
        self._number = number
        self._output = output

    @property
    def stdout(self) -> str:
        """All that it has written on stdout until now."""
        return self._output.with_suffix(".out").read_text(encoding="utf-8", errors="replace")

    @property
    def output(self) -> str:
        """The same, and all that it has written on stderr."""
        errors = self._output.with_suffix(".err").read_text(encoding="utf-8", errors="replace")
        return self.stdout + errors

    @property
    def code(self) -> int | None:
        """Its exit code, None while it runs."""
        code: int | None = self._sandbox.ask("poll", self._number)
        return code

    def finished(self, seconds: float = PATIENCE) -> Command:
        """Wait for its end."""
        wait_until(lambda: self.code is not None, f"the end of: {self.text}", seconds)
        return self

    def until(self, text: str, seconds: float = PATIENCE) -> Command:
        """Wait until it has printed ``text``; it must go on running."""

        def printed() -> bool:
            if text in self.output:
                return True
            assert self.code is None, f"{self.text} ended with {self.code}: {self.output}"
            return False

        wait_until(printed, f"{text!r} from: {self.text}", seconds)
        return self

    def interrupt(self) -> int:
        """Press Ctrl-C; the exit code."""
        self._sandbox.ask("signal", self._number, int(SIGINT))
        code = self.finished().code
        assert code is not None
        return code


class Sandbox:
    """The machine, from ``with`` until its end; every process in it ends with it.

    :param folder: of the test, for the files of ``/etc`` and the commands' output
    :param hosts: name -> address; the addresses are the sandbox's own
    :param shared: path here -> path in the sandbox, read-only
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        *,
        hosts: Mapping[str, str] | None = None,
        shared: Mapping[Path, str] | None = None,
    ) -> None:
        self._output = folder / "output"
        self._etc = folder / "etc"
        self._writable = {folder / "home": HOME, folder / "tmp": "/tmp", folder / "var": "/var"}
        for made in (self._output, self._etc, *self._writable):
            made.mkdir(parents=True)
            made.chmod(0o755)  # nginx gives up root's rights
        self._hosts = dict(hosts or {})
        self._shared = dict(shared or {})
        self._environment = dict(environment or {})
        self._count = 0

    def __enter__(self) -> Sandbox:
        command = self._command()
        skip_without_namespaces([*command, "true"])
        driver = [f"{sys.base_prefix}/bin/python3", "-I", "-c", _DRIVER]
        self._process = subprocess.Popen(
            [*command, *driver], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for address in set(self._hosts.values()):
            self.ask("add_address", address)
        return self

    def __exit__(self, *exc_info: object) -> None:
        try:
            self._process.communicate(
                timeout=PATIENCE
            )  # its first process ends with its input, all others with it
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        for written in self._writable:
            shutil.rmtree(written, ignore_errors=True)

    def _command(self) -> list[str]:
        # No user namespace: in one, nginx could not give up root's rights.
        words = [require_program("bwrap"), "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
        words += ["--die-with-parent", "--clearenv"]
        words += [*programs(), "--proc", "/proc", "--dev", "/dev"]
        for written, target in self._writable.items():
            words += ["--bind", str(written), target]
        words += ["--bind", str(self._output), _SHOWN, "--ro-bind", str(self._write_etc()), "/etc"]
        for source, target in self._shared.items():
            words += ["--ro-bind", str(source), target]
        path = f"{sys.base_prefix}/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        for name, value in {"HOME": HOME, "PATH": path, **self._environment}.items():
            words += ["--setenv", name, value]
        return [*words, "--chdir", HOME]

    def _write_etc(self) -> Path:
        hosts = {"localhost": "127.0.0.1", **self._hosts}
        texts = {
            "hosts": "".join(f"{address} {name}\n" for name, address in hosts.items()),
            "passwd": f"root:x:0:0:root:{HOME}:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false\n",
            "group": "root:x:0:\nnogroup:x:65534:\n",
        }
        for name, text in texts.items():
            (self._etc / name).write_text(text, encoding="ascii")
        libraries = Path("/etc/ld.so.cache")  # where programs in /usr/local find theirs
        if libraries.exists():
            shutil.copy(libraries, self._etc)
        return self._etc

    def ask(self, name: str, *arguments: Any) -> Any:
        """Have the first process of the sandbox do one thing; what it answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, arguments]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the sandbox has ended: {self._process.poll()}"
        return json.loads(answer)

    def start(self, command: str, folder: str = HOME) -> Command:
        """Type one line into a new terminal whose current folder is ``folder``."""
        self._count += 1
        self.ask("start", self._count, command, folder)
        return Command(self, self._count, command, self._output / str(self._count))

    def run(self, command: str, folder: str = HOME, seconds: float = PATIENCE) -> Command:
        """The same, and wait for its end."""
        return self.start(command, folder).finished(seconds)
