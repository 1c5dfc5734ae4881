"""Each command of README.md, word by word, on an empty machine (bubblewrap).

What is replaced: ``URL`` by a repository made of this checkout and ``CODE`` by the code of the printed link,
as the README says. What stands in for the network: pip's settings name a folder of wheels in place of the
index, curl's name the certificate of shop.example, and that name leads to an address of the sandbox.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from build_zipapp import pip_environment
from tests.functional.certificates import NAME, Certificate
from tests.functional.harness import ROOT, clean_environment, require_program, wait_until
from tests.functional.sandbox import HOME, Command, Sandbox
from yourl import __version__

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root may give the sandbox an address and have nginx listen on port 443"
)

README = (ROOT / "README.md").read_text(encoding="utf-8")
CLIENT = "203.0.113.7"  # the address of shop.example, and so of the client that asks it from the same machine
YOURL = f"{HOME}/yourl"
REPOSITORY, WHEELS, ARCHIVE, TLS = "/repository", "/wheels", "/yourl.pyz", "/tls"
LONG = 600.0  # seconds for a build or an installation, on a machine that does much else
# ``python3 tests/run.py`` installs everything and checks everything, but of the tests it then runs these:
# all of them would run this test again.
SOME_TESTS = "tests/test_hosts.py tests/test_text.py"


def sections() -> dict[str, list[str]]:
    """Title -> the commands of its ``console`` blocks, as they stand there, without ``$``."""
    found: dict[str, list[str]] = {}
    for title, text in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL):
        for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            found.setdefault(title, []).extend(line.removeprefix("$ ") for line in block.splitlines())
    return found


def bare(command: str) -> str:
    """A command without the comment behind it."""
    return re.sub(r"\s+# .*", "", command)


# By section, the commands that the test of that section knows what to expect of.
KNOWN = {
    "Start": [
        "python3 build_zipapp.py --run",
        "python3 tests/run.py",
        "python3 yourl.pyz",
        "curl localhost:8080/health",
        "curl 'localhost:8080/api?x=1'",
    ],
    "Debug a proxy": [
        "python3 yourl.pyz --trusted-proxies loopback",
        "curl -s https://shop.example/api",
    ],
    "See a webhook arrive": [
        "git clone URL yourl && cd yourl && python3 build_zipapp.py --run",
        """curl -d '{"paid": true}' http://localhost:8080/in/orders""",
        "python3 yourl.pyz tail http://localhost:8080 --inbox orders --from-start --code CODE",
    ],
    "Keep it right in CI: expectations": [
        "curl --fail-with-body 'https://shop.example/api"
        "?expect=scheme:https&expect=client:203.0.113.7&expect=finding:none'",
    ],
    "Commands": [
        "python3 yourl.pyz --port 9000 --usage work",
        "python3 yourl.pyz check",
        "python3 yourl.pyz explain --user-agent 'Watch6,1'",
        "python3 yourl.pyz --sbom",
    ],
}


def test_every_command_of_the_readme_is_run() -> None:
    """Another command, or another section, needs a test of what it does."""
    assert KNOWN == {title: [bare(line) for line in lines] for title, lines in sections().items()}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose one commit is this checkout as it is, whatever is committed or fetched here."""
    folder = tmp_path_factory.mktemp("repository")
    git = [require_program("git"), "--git-dir", str(folder), "--work-tree", str(ROOT)]
    author = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    alone = clean_environment({"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull})
    for name in [name for name in alone if name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")]:
        del alone[name]
    for words in (["init", "--quiet"], ["add", "--all"], [*author, "commit", "--quiet", "--message", "all"]):
        subprocess.run([*git, *words], cwd=ROOT, env=alone, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """All that the locks name: what pip finds in the sandbox in place of an index."""
    folder = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "--dest", str(folder)]
    for name in ("requirements.txt", "requirements-build.txt", "requirements-test.txt"):
        command += ["--requirement", str(ROOT / name)]
    fetched = subprocess.run(command, env=pip_environment(os.environ), capture_output=True, text=True)
    assert fetched.returncode == 0, fetched.stderr
    yield folder
    shutil.rmtree(folder)


def offline(**more: str) -> dict[str, str]:
    """pip's settings where there is a folder of wheels and no index."""
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": WHEELS, **more}


@dataclass(frozen=True, slots=True)
class Reader:
    """Types the commands of one section; the text of each is the README's."""

    sandbox: Sandbox
    folder: str
    lines: Sequence[str]

    def start(self, number: int, folder: str | None = None, **replaced: str) -> Command:
        """Type a command of the section, by its place, and let it run."""
        text = self.lines[number]
        for word, value in replaced.items():
            assert len(re.findall(rf"\b{word}\b", text)) == 1
            text = re.sub(rf"\b{word}\b", value, text)
        return self.sandbox.start(text, folder or self.folder)

    def run(self, number: int, seconds: float = LONG, **replaced: str) -> Command:
        """The same, and wait until it has ended."""
        return self.start(number, **replaced).finished(seconds)

    def json(self, number: int) -> Any:
        """What a command that succeeds prints as JSON."""
        command = self.run(number)
        assert command.code == 0, command.output
        return json.loads(command.stdout)


@pytest.fixture
def carried(pyz: Path, tmp_path: Path) -> Iterator[Sandbox]:
    """A machine to which the file was copied, and nothing else."""
    with Sandbox(tmp_path, shared={pyz: ARCHIVE}) as sandbox:
        assert sandbox.run(f"cp {ARCHIVE} yourl.pyz").code == 0
        yield sandbox


def test_start(repository: Path, wheels: Path, tmp_path: Path) -> None:
    """In a clone: build and serve; set up and run tests; then the file alone serves and answers."""
    environment = offline(PYTEST_ADDOPTS=SOME_TESTS)
    with Sandbox(tmp_path, environment, shared={repository: REPOSITORY, wheels: WHEELS}) as sandbox:
        cloned = sandbox.run(f"git clone {REPOSITORY} {YOURL}")
        assert cloned.code == 0, cloned.output
        reader = Reader(sandbox, YOURL, sections()["Start"])

        built = reader.start(0).until("Ready: listening", LONG)
        assert "yourl.pyz: OK" in sandbox.run("sha256sum --check yourl.pyz.sha256", YOURL).output
        assert built.interrupt() == 0

        tested = reader.run(1)
        assert tested.code == 0, tested.output
        steps = re.findall(r"^==> (.+)$", tested.output, re.MULTILINE)
        assert ["ruff check .", "ruff format --check .", "mypy", "pytest"] == steps[-4:]
        assert re.search(r"^=+ \d+ passed in ", tested.output, re.MULTILINE)

        serving = reader.start(2).until("Ready: listening")
        health = reader.json(3)
        assert ("healthy", __version__) == (health["status"], health["version"])
        assert "http://localhost:8080/api?x=1" == reader.json(4)["url"]
        assert serving.interrupt() == 0


def nginx_configuration(location: str) -> str:
    """What the README leaves out around its ``location``: TLS, port 80 too, and everything in /tmp."""
    listen = f"listen 80; listen 443 ssl; server_name {NAME};"
    certificate = f"ssl_certificate {TLS}/yourl.crt; ssl_certificate_key {TLS}/yourl.key;"
    paths = "".join(
        f"{kind}_temp_path /tmp/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        "pid /tmp/nginx.pid; error_log stderr; events {}\n"
        f"http {{ access_log off; {paths}\nserver {{ {listen} {certificate}\n{location}\n}} }}\n"
    )


def code_block(language: str) -> str:
    """The README's one block in a language."""
    (text,) = re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return str(text)


def pasted(location: str, fix: str) -> str:
    """The location with a fix as its last lines."""
    assert location.rstrip().endswith("}")
    return f"{location.rstrip()[:-1]}\n{fix}\n}}"


def answers(sandbox: Sandbox, proxy: Command) -> bool:
    """Whether something is behind shop.example; nginx must not have ended."""
    assert proxy.code is None, proxy.output
    return sandbox.run("curl -s http://shop.example/health").code == 0


def workers_of_nginx(sandbox: Sandbox) -> set[str]:
    """The process ids of nginx's workers."""
    return set(
        sandbox.run('cat "/proc/$(cat /tmp/nginx.pid)/task/$(cat /tmp/nginx.pid)/children"').stdout.split()
    )


def test_debug_a_proxy(pyz: Path, certificate: Certificate, tmp_path: Path) -> None:
    """nginx as the README has it gets the finding; with the fix pasted in, every expectation is met."""
    require_program("nginx")
    require_program("curl")
    folder = tmp_path / "nginx"
    folder.mkdir()
    configuration = folder / "nginx.conf"
    location = code_block("nginx")
    configuration.write_text(nginx_configuration(location), encoding="utf-8")
    environment = {"CURL_CA_BUNDLE": f"{TLS}/{certificate.certificate.name}"}
    shared = {pyz: ARCHIVE, certificate.certificate.parent: TLS, folder: "/nginx"}
    with Sandbox(tmp_path / "machine", environment, hosts={NAME: CLIENT}, shared=shared) as sandbox:
        assert sandbox.run(f"cp {ARCHIVE} yourl.pyz").code == 0
        proxy = sandbox.start("nginx -c /nginx/nginx.conf -g 'daemon off;'")
        reader = Reader(sandbox, HOME, sections()["Debug a proxy"])
        serving = reader.start(0).until("Ready: listening")
        wait_until(lambda: answers(sandbox, proxy), "nginx to listen")

        answer = reader.json(1)
        (finding,) = answer["findings"]
        assert ("http://shop.example/api", CLIENT) == (answer["url"], answer["remote_addr"])
        assert "\n".join([finding["code"], finding["message"], finding["fix"]]) in README

        expectations = Reader(sandbox, HOME, sections()["Keep it right in CI: expectations"])
        (check,) = re.findall(r"^# Check: (.+)$", finding["fix"], re.MULTILINE)
        refused = expectations.run(0)
        assert (refused.code, sandbox.run(check).code) == (22, 22)  # curl's code for --fail-with-body
        checks = json.loads(refused.stdout)["expectations"]
        assert [("scheme:https", False), (f"client:{CLIENT}", True), ("finding:none", False)] == [
            (one["expect"], one["met"]) for one in checks
        ]

        configuration.write_text(nginx_configuration(pasted(location, finding["fix"])), encoding="utf-8")
        before = workers_of_nginx(sandbox)
        assert before
        assert sandbox.run("nginx -c /nginx/nginx.conf -s reload").code == 0
        # Workers with the old configuration answer until the last of them has ended.
        wait_until(lambda: not before & (workers_of_nginx(sandbox) or before), "nginx to be reloaded")
        assert (expectations.run(0).code, sandbox.run(check).code) == (0, 0), proxy.output
        assert "https://shop.example/api" == reader.json(1)["url"]
        assert serving.interrupt() == 0


def test_see_a_webhook_arrive(repository: Path, wheels: Path, tmp_path: Path) -> None:
    """From ``git clone`` to the request on the screen: three commands, in an empty home folder."""
    lines = sections()["See a webhook arrive"]
    assert 3 == len(lines)
    assert lines[0].startswith("git clone ")
    with Sandbox(tmp_path, offline(), shared={repository: REPOSITORY, wheels: WHEELS}) as sandbox:
        reader = Reader(sandbox, YOURL, lines)
        serving = reader.start(0, HOME, URL=REPOSITORY).until("Ready: listening", LONG).until("access_code=")
        (code,) = set(re.findall(r"access_code=([\w-]+)", serving.output))
        sent = reader.run(1)
        assert sent.code == 0, sent.output
        following = reader.start(2, CODE=code).until('{"paid": true}')
        assert "/in/orders" in following.output
        assert following.interrupt() == 0
        assert serving.interrupt() == 0


def test_commands(carried: Sandbox) -> None:
    """Options for serving, and each command, do what the words behind it say."""
    reader = Reader(carried, HOME, sections()["Commands"])
    serving = reader.start(0).until("Ready: listening")
    status = json.loads(carried.run("curl -s localhost:9000/status").stdout)
    assert (9000, "work") == (status["port"], status["usage"])
    assert serving.interrupt() == 0
    checked = reader.run(1)
    assert (checked.code, True) == (0, "YOURL_TRUSTED_PROXIES" in checked.output), checked.output
    explained = reader.run(2)
    assert (explained.code, True) == (0, "watch" in explained.output), explained.output
    assert "CycloneDX" == reader.json(3)["bomFormat"]


def test_check_refuses_a_wrong_setting(carried: Sandbox) -> None:
    """The README says that ``check`` ends with 2 where a setting is wrong."""
    command = bare(sections()["Commands"][1])
    assert carried.run(f"PORT=x {command}").code == 2
