"""The archive as a file and as a world of its own: its bytes, its Pythons, what cannot mislead it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import lzma
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from packing.bytecode import AFTER_THE_FIRST_ANSWER, SOURCE_ONLY
from tests.functional.harness import (
    PATIENCE,
    ROOT,
    Server,
    all_pythons,
    clean_environment,
    old_pythons,
    pythons,
    require_program,
    running,
    wait_until,
)
from tests.packing.test_sbom import validate
from yourl import __version__, sbom

LARGEST = 2_700_000
LARGEST_FOR_TWO = 3_300_000
LARGEST_FOR_FOUR = 4_800_000
NOBODY = 65534
THIS = f"{sys.version_info[0]}.{sys.version_info[1]}"
INPUTS = (
    "yourl",
    "packing",
    "gunicorn.conf.py",
    "build_zipapp.py",
    "requirements.txt",
    "requirements-build.txt",
)
SHADOWS = (
    "flask",
    "json",
    "yourl",
    "click",
    "gunicorn",
    "werkzeug",
    "jinja2",
    "markupsafe",
    "user_agents",
    "ssl",
)


def build(script: Path, output: Path, *options: str, python: str = sys.executable, **kwargs: Any) -> Path:
    """Build an archive; the environment may be given in ``environment``."""
    environment = clean_environment(kwargs.pop("environment", None))
    command = [python, str(script), "--output", str(output), *options]
    built = subprocess.run(command, env=environment, capture_output=True, text=True, **kwargs)
    assert built.returncode == 0, built.stderr
    return output


def ask(
    command: Sequence[str], environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    settings = clean_environment(environment)
    return subprocess.run(list(command), env=settings, capture_output=True, text=True, timeout=PATIENCE)


def inside(pyz: Path, code: str, python: str = sys.executable) -> str:
    """What ``code`` prints in a Python that has the archive set up as its start does it."""
    start = (
        "import sys, zipimport\n"
        f"archive = {str(pyz)!r}\n"
        "sys.path.insert(0, archive)\n"
        "entry = {'__name__': 'entry'}\n"
        "exec(zipimport.zipimporter(archive).get_code('__main__'), entry)\n"
        "entry['search_archive_first'](archive)\n"
        "entry['import_in_place'](archive)\n"
    )
    answer = ask([python, "-c", start + code])
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def plant(folder: Path, names: Sequence[str] = SHADOWS) -> Path:
    """A folder of modules and packages that end the process that imports them."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        target = folder / name / "__init__.py" if number % 2 else folder / f"{name}.py"
        target.parent.mkdir(exist_ok=True)
        target.write_text(f"import os\nos.write(2, b'planted {name} was imported')\nos._exit(99)\n")
    return folder


@pytest.fixture(scope="module")
def names(pyz: Path) -> list[str]:
    """The names of the entries, in the order of the archive."""
    with zipfile.ZipFile(pyz) as archive:
        return archive.namelist()


# The file


def test_size(pyz: Path) -> None:
    """The archive stays small enough to be copied anywhere."""
    assert pyz.stat().st_size < LARGEST


def test_is_executable_and_names_any_python3(pyz: Path) -> None:
    """It can be started as a program."""
    assert (pyz.stat().st_mode & 0o777, pyz.read_bytes()[:23]) == (0o755, b"#!/usr/bin/env python3\n")
    assert ask([str(pyz), "--version"]).stdout.strip().endswith(__version__)


def test_checksum_is_what_sha256sum_checks(pyz: Path) -> None:
    """The file beside it holds its digest and its name."""
    expected = f"{hashlib.sha256(pyz.read_bytes()).hexdigest()}  {pyz.name}\n"
    assert pyz.with_name(f"{pyz.name}.sha256").read_text() == expected


def test_entries_are_sorted_and_alike(pyz: Path, names: list[str]) -> None:
    """Each name once, in order, with the same time and one of two modes."""
    assert names == sorted(set(names))
    with zipfile.ZipFile(pyz) as archive:
        entries = archive.infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {oct(entry.external_attr >> 16) for entry in entries} <= {oct(0o100644), oct(0o40755)}
    assert {entry.create_system for entry in entries} == {3}


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"\.(so|pyd|dll|dylib)$", id="compiled"),
        pytest.param(r"(^|/)bin/", id="scripts"),
        pytest.param(r"__pycache__", id="caches"),
        pytest.param(r"/(INSTALLER|REQUESTED|direct_url\.json)$", id="installer"),
        pytest.param(r"/pip[-/]|/setuptools[-/]|/shiv[-/]|/pytest", id="tools"),
    ],
)
def test_what_is_not_packed(names: list[str], pattern: str) -> None:
    """Nothing that binds it to a machine, and nothing that only the build needs."""
    assert [name for name in names if re.search(pattern, name)] == []


def test_records_tell_the_truth(pyz: Path, names: list[str]) -> None:
    """Each RECORD lists files that are there, with the digest that they have."""
    with zipfile.ZipFile(pyz) as archive:
        records = [name for name in names if name.endswith(".dist-info/RECORD")]
        rows = [row for record in records for row in archive.read(record).decode().splitlines()]
        listed = {f"site-packages/{row.split(',')[0]}" for row in rows}
    assert len(records) == len(sbom.locked((ROOT / "requirements.txt").read_text()))
    assert listed <= set(names)


def test_no_path_of_the_machine(pyz: Path) -> None:
    """Neither the checkout nor the Python that built it can be told from the archive."""
    with zipfile.ZipFile(pyz) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(".xz"):
                content = lzma.decompress(content)
            for path in (str(ROOT), sys.prefix, sys.base_prefix + "/lib", "yourl-build-"):
                assert path.encode() not in content, f"{path} in {name}"


# Reproducible


def copy_of_the_inputs(target: Path) -> Path:
    """A second checkout at another path, its files written in another order."""
    target.mkdir(parents=True)
    for name in reversed(INPUTS):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / name)
    return target


STRANGE = {
    "TZ": "Pacific/Kiritimati",
    "LANG": "tr_TR.UTF-8",
    "LC_ALL": "C",
    "PYTHONHASHSEED": "77",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONOPTIMIZE": "2",
    "PIP_TARGET": "/nowhere",
    "PIP_NO_BINARY": ":all:",
    "SHIV_ROOT": "/nowhere",
}


def test_same_bytes_from_another_place(pyz: Path, tmp_path: Path) -> None:
    """Path, umask, time zone, locale and the environment of Python, pip and shiv change nothing."""
    checkout = copy_of_the_inputs(tmp_path / "an other" / "pläce")
    (checkout / "yourl" / "__pycache__").mkdir()
    (checkout / "yourl" / "__pycache__" / "app.cpython-399.pyc").write_bytes(b"stale")
    (checkout / "yourl" / "app.py.orig").write_text("left over")
    again = build(checkout / "build_zipapp.py", tmp_path / "second.pyz", environment=STRANGE, umask=0o077)
    assert again.read_bytes() == pyz.read_bytes()
    assert again.stat().st_mode & 0o777 == 0o755


def python_for_everybody() -> str:
    """An interpreter that a user without rights can start and build with, or a skip."""
    question = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))"
    for candidate in [sys.executable, *all_pythons().values(), "/usr/bin/python3"]:
        with contextlib.suppress(OSError):
            command = [candidate, "-c", question]
            asked = subprocess.run(command, user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True)
            if asked.returncode == 0:
                return candidate
    message = "no Python here can be started by another user (.ci/run installs python3-venv)"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user may enter; those of pytest are private."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can build as somebody else")
def test_same_bytes_from_another_user(public_folder: Path) -> None:
    """Who builds changes nothing."""
    python = python_for_everybody()
    folder = public_folder
    checkout = copy_of_the_inputs(folder / "checkout")
    theirs = folder / "theirs"
    theirs.mkdir()
    os.chown(theirs, NOBODY, NOBODY)
    environment = {"HOME": str(theirs), "TMPDIR": str(theirs)}
    as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    script = checkout / "build_zipapp.py"
    ours = build(script, folder / "ours.pyz", python=python)
    other = build(script, theirs / "other.pyz", python=python, environment=environment, **as_nobody)
    assert other.read_bytes() == ours.read_bytes()


def test_source_date_epoch_moves_every_time(tmp_path: Path) -> None:
    """SOURCE_DATE_EPOCH is the time of every entry, and of the bill of materials."""
    dated = build(
        ROOT / "build_zipapp.py", tmp_path / "x.pyz", environment={"SOURCE_DATE_EPOCH": "1700000000"}
    )
    with zipfile.ZipFile(dated) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2023, 11, 14, 22, 13, 20)}
        bill = json.loads(archive.read("site-packages/yourl/sbom.cdx.json"))
    assert bill["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"


# Any Python


@pytest.mark.parametrize("version", sorted(pythons()))
def test_every_supported_python_serves_it(pyz: Path, version: str) -> None:
    """From bytecode or from source, it starts and answers, a page and a device included."""
    with running([pythons()[version], str(pyz)]) as server:
        assert server.get("/health").json["version"] == __version__
        page = server.get(
            "/", headers={"Accept": "text/html", "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"}
        )
        assert (page.status, "</html>" in page.text) == (200, True)


@pytest.mark.parametrize("version", sorted(old_pythons()))
def test_old_python_gets_one_line(pyz: Path, version: str) -> None:
    """A Python that is too old is told so, in one line that names both versions."""
    answer = subprocess.run(
        [old_pythons()[version], str(pyz)], capture_output=True, text=True, env=clean_environment()
    )
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.count("\n") == 1
    assert answer.stderr.startswith(f"yourl needs Python 3.10 or newer; this is Python {version} ")


@pytest.fixture(scope="module")
def other_python() -> tuple[str, str]:
    """Version and path of a supported Python that is not the one that runs the tests."""
    others = {version: path for version, path in pythons().items() if version != THIS}
    if not others:
        pytest.skip("this machine has one supported Python only")
    return max(others.items())


@pytest.fixture(scope="module")
def pyz_for_two(other_python: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with bytecode for two Pythons."""
    output = tmp_path_factory.mktemp("two") / "two.pyz"
    return build(ROOT / "build_zipapp.py", output, "--python", other_python[1])


def test_size_for_two_pythons(pyz_for_two: Path) -> None:
    """A file for two Pythons stays small enough."""
    assert pyz_for_two.stat().st_size < LARGEST_FOR_TWO


def test_size_for_all_pythons(tmp_path: Path) -> None:
    """With bytecode for 3.10 to 3.13, as far as this machine has them, it stays small enough, too."""
    chosen = [path for version, path in pythons().items() if version in ("3.10", "3.11", "3.12", "3.13")]
    options = [word for path in chosen for word in ("--python", path)]
    assert build(ROOT / "build_zipapp.py", tmp_path / "all.pyz", *options).stat().st_size < LARGEST_FOR_FOUR


def test_late_modules_are_there(names: list[str]) -> None:
    """Each module or package that is kept for later is one that exists."""
    modules = [name.removeprefix("site-packages/") for name in names if name.endswith(".py")]
    late = AFTER_THE_FIRST_ANSWER
    assert [prefix for prefix in late if not any(module.startswith(prefix) for module in modules)] == []


@pytest.fixture(scope="module")
def pyz_without_sources(pyz_for_two: Path) -> Path:
    """The archive for two Pythons, but its package ends any Python that compiles its sources."""
    spoilt = pyz_for_two.with_name("spoilt.pyz")
    with zipfile.ZipFile(pyz_for_two) as archive, zipfile.ZipFile(spoilt, "w") as copy:
        for name in archive.namelist():
            ours = name.startswith("site-packages/yourl/") and name.endswith(".py")
            copy.writestr(name, "raise SystemExit('compiled from source')" if ours else archive.read(name))
    return spoilt


def test_bytecode_of_the_builder_is_used(pyz_without_sources: Path) -> None:
    """The Python that built it compiles nothing."""
    assert ask([sys.executable, str(pyz_without_sources), "--version"]).returncode == 0


def test_bytecode_of_another_python_is_used(pyz_without_sources: Path, other_python: tuple[str, str]) -> None:
    """Neither does a Python that was named with ``--python``."""
    assert ask([other_python[1], str(pyz_without_sources), "--version"]).returncode == 0


def test_source_is_used_by_the_rest(
    pyz: Path, pyz_without_sources: Path, other_python: tuple[str, str]
) -> None:
    """A Python without bytecode falls back by itself: shown by an archive where that must fail."""
    rest = {version: path for version, path in pythons().items() if version not in (THIS, other_python[0])}
    if not rest:
        pytest.skip("this machine has two supported Pythons only")
    for path in rest.values():
        assert "compiled from source" in ask([path, str(pyz_without_sources), "--version"]).stderr
        assert ask([path, str(pyz), "--version"]).returncode == 0


def test_metadata_can_be_read(pyz: Path) -> None:
    """importlib.metadata finds what is bundled, by any spelling of the name."""
    pins = {pin.name: pin.version for pin in sbom.locked((ROOT / "requirements.txt").read_text())}
    code = f"from importlib.metadata import version\nprint([version(name) for name in {list(pins)!r}])\n"
    assert inside(pyz, code) == str(list(pins.values()))
    assert inside(pyz, "import importlib.metadata as m\nprint(len(list(m.distributions())) >= 11)") == "True"
    assert (
        inside(pyz, "from importlib.metadata import version as v\nprint(v('Flask') == v('flask'))") == "True"
    )


def test_modules_know_where_they_are(pyz: Path) -> None:
    """Every module says that it is in the archive, and a traceback can show its line."""
    code = (
        "import flask.sansio.app, gunicorn.asgi, markupsafe, traceback\n"
        "print(flask.sansio.app.__file__)\n"
        "try:\n    flask.Flask('x').url_for('y')\nexcept Exception:\n    print(traceback.format_exc())\n"
    )
    first, *rest = inside(pyz, code).splitlines()
    assert first == f"{pyz}/site-packages/flask/sansio/app.py"
    shown = [line for line, after in pairwise(rest) if "/flask/" in line and "File" not in after]
    assert shown


def test_every_module_can_be_imported(pyz: Path, names: list[str]) -> None:
    """Bytecode or not, nothing that Flask and its libraries consist of is broken by the packing."""
    modules = [
        name.removeprefix("site-packages/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in names
        if re.match(
            r"site-packages/(flask|werkzeug|jinja2|markupsafe|itsdangerous|blinker|user_agents)/.*\.py$", name
        )
        and not re.search(r"__main__|_winconsole|/tests?|_speedups", name)
    ]
    code = f"import importlib\nfor name in {modules!r}: importlib.import_module(name)\nprint('all')"
    assert inside(pyz, code) == "all"


def test_a_server_compiles_nothing(pyz: Path) -> None:
    """All that a server imports until it has shown a page comes as bytecode."""
    with running([sys.executable, "-X", "importtime", str(pyz)]) as server:
        server.get("/", headers={"Accept": "text/html"})
        server.get("/metrics")
        server.stop()
        imported = set(re.findall(r"^import time:.*\| +(\S+)$", server.stderr, re.MULTILINE))
    assert "gunicorn.arbiter" in imported
    sources = (name.removeprefix("site-packages/").replace("/", ".") for name in SOURCE_ONLY)
    without_bytecode = tuple(sources)
    assert [name for name in imported if f"{name}.".startswith(without_bytecode)] == []


# A world of its own


@pytest.mark.parametrize(
    "way",
    ["PYTHONPATH", "PYTHONPATH-relative", "PYTHONPATH-lib-dynload", "PYTHONPATH-zip", "cwd", "user-site"],
)
def test_planted_modules_are_not_imported(pyz: Path, tmp_path: Path, way: str) -> None:
    """Neither the package, nor what it bundles, nor the standard library can be shadowed."""
    folder = tmp_path / "planted"
    environment = {}
    if way == "user-site":
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        folder = tmp_path / "lib" / version / "site-packages"
        environment["PYTHONUSERBASE"] = str(tmp_path)
    if way == "PYTHONPATH-lib-dynload":
        folder = tmp_path / "lib-dynload"
    if way == "PYTHONPATH-zip":
        folder = tmp_path / f"python{sys.version_info[0]}{sys.version_info[1]}.zip"
    if way.startswith("PYTHONPATH"):
        environment["PYTHONPATH"] = "." if way == "PYTHONPATH-relative" else str(folder)
    plant(folder)
    with running([sys.executable, str(pyz)], environment, cwd=folder) as server:
        assert server.get("/health").status == 200
        body = b'{"a": 1}'
        answer = server.get("/api", method="POST", body=body, headers={"Content-Type": "application/json"})
        assert answer.json["body"]["json"] == {"a": 1}
        server.stop()
        assert "planted" not in server.stderr


def build_id(pyz: Path) -> str:
    """What shiv names its folder by."""
    with zipfile.ZipFile(pyz) as archive:
        return str(json.loads(archive.read("environment.json"))["build_id"])


def test_cache_of_shiv_is_ignored(pyz: Path, tmp_path: Path) -> None:
    """Code planted where shiv would have unpacked is not run, and the folder is left alone."""
    cache = tmp_path / ".shiv" / f"{pyz.name}_{build_id(pyz)}"
    plant(cache / "site-packages")
    before = sorted(tmp_path.rglob("*"))
    assert ask([sys.executable, str(pyz), "--version"], {"HOME": str(tmp_path)}).returncode == 0
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("variable", ["SHIV_ROOT", "SHIV_FORCE_EXTRACT"])
def test_shiv_unpacks_where_asked(pyz: Path, tmp_path: Path, variable: str) -> None:
    """With shiv's own variables it serves from an unpacked folder, with the same things shut out."""
    shiv_root = tmp_path / "root" if variable == "SHIV_ROOT" else tmp_path / ".shiv"
    environment = {
        "HOME": str(tmp_path),
        variable: str(shiv_root) if variable == "SHIV_ROOT" else "1",
        "PYTHONPATH": str(plant(tmp_path / "planted")),
    }
    with running([sys.executable, str(pyz)], environment) as server:
        assert server.get("/health").json["wsgi_server"] == "gunicorn"
        page = server.get(
            "/", headers={"Accept": "text/html", "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"}
        )
        assert page.status == 200
    unpacked = shiv_root / f"{pyz.name}_{build_id(pyz)}" / "site-packages"
    assert (unpacked / "yourl" / "__init__.py").is_file()
    assert (unpacked / "flask" / "sansio").is_dir()


@pytest.mark.parametrize("python", [pytest.param(["-I"], id="isolated"), pytest.param(["-S"], id="no-site")])
def test_stricter_pythons(pyz: Path, python: list[str]) -> None:
    """It needs nothing of the host's site-packages."""
    answer = ask([sys.executable, *python, str(pyz), "--version"])
    assert (answer.returncode, answer.stdout.strip().endswith(__version__)) == (0, True)


def test_from_the_root_by_a_relative_path(pyz: Path) -> None:
    """A relative path works even where the process does not stay in the folder it was started in."""
    with running([sys.executable, pyz.name], cwd=pyz.parent) as server:
        assert server.get("/", headers={"Accept": "text/html"}).status in (200, 403)


def test_eight_at_once(pyz: Path) -> None:
    """Copies that start at the same moment do not disturb each other."""
    servers = [Server([sys.executable, str(pyz)], {"WEB_CONCURRENCY": "1"}) for _ in range(8)]
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(Server.wait_ready, servers))
        assert [server.get("/health").status for server in servers] == [200] * 8
    finally:
        for server in servers:
            server.__exit__()


WRITES = re.compile(
    r"O_WRONLY|O_RDWR|O_CREAT|^(mkdir|rename|link|symlink|mknod|truncate|creat|chmod|fchmodat)"
)
HARMLESS = re.compile(r'^"/dev/(null|tty|shm/[^"]+)"$')


def paths_written(log: str) -> set[str]:
    """The paths of successful system calls that create or change something, from the output of strace."""
    written = set()
    for line in log.splitlines():
        call = re.sub(r"^\[pid +\d+\] |^\d+ +", "", line)
        if WRITES.search(call) and "O_TMPFILE" not in call and re.search(r"= \d+", call):
            written.update(path for path in re.findall(r'"[^"]*"', call) if not HARMLESS.match(path))
    return {path.strip('"') for path in written}


@pytest.mark.parametrize("kind", ["gunicorn", "flask"])
def test_nothing_is_written(pyz: Path, tmp_path: Path, kind: str) -> None:
    """From start to end, nothing is created or changed that is still there afterwards."""
    strace = require_program("strace")
    log = tmp_path / "strace.log"
    # The tracer is a grandchild (-D), so that signals reach the server itself.
    command = [strace, "-D", "-f", "-q", "-e", "trace=%file", "-o", str(log), sys.executable, str(pyz)]
    with running([*command, "--server", kind], {"HOME": "/nonexistent"}) as server:
        for path in ("/", "/api/x", "/status", "/ready", "/guard", "/none"):
            server.get(path, headers={"Accept": "text/html"})
        server.get("/api", method="POST", body=b"x" * 100_000)
        assert server.stop(signal.SIGTERM) == 0
        ended = re.compile(rf"^{server.process.pid} +\+\+\+ exited with 0", re.MULTILINE)
        wait_until(lambda: ended.search(log.read_text()), "the end of strace")
    left = {path for path in paths_written(log.read_text()) if Path(path).exists()}
    assert left == set()


# What it is made of


def test_sbom(pyz: Path) -> None:
    """``--sbom`` prints the packed document: valid, with exactly what the lock names, each with a licence."""
    answer = ask([sys.executable, str(pyz), "--sbom"])
    with zipfile.ZipFile(pyz) as archive:
        assert answer.stdout == archive.read("site-packages/yourl/sbom.cdx.json").decode()
    bill = json.loads(answer.stdout)
    validate(bill)
    pins = sbom.locked((ROOT / "requirements.txt").read_text())
    assert [(part["name"], part["version"]) for part in bill["components"]] == [
        (pin.name, pin.version) for pin in pins
    ]
    assert [part["name"] for part in bill["components"] if not part["licenses"] or not part["hashes"]] == []
    assert bill["metadata"]["component"]["version"] == __version__


# The build as a command


def test_run_builds_once(tmp_path: Path) -> None:
    """``--run`` builds what is missing, then starts it; the second time it only starts it."""
    output = tmp_path / "yourl.pyz"
    command = [
        sys.executable,
        str(ROOT / "build_zipapp.py"),
        "--output",
        str(output),
        "--run",
        "--",
        "--version",
    ]
    first = subprocess.run(command, env=clean_environment(), capture_output=True, text=True)
    made = output.stat()
    second = subprocess.run(command, env=clean_environment(), capture_output=True, text=True)
    assert [first.returncode, second.returncode] == [0, 0]
    assert first.stdout.strip() == second.stdout.strip()
    assert first.stdout.strip().endswith(__version__)
    assert output.stat().st_mtime_ns == made.st_mtime_ns


def test_no_index_is_one_line(tmp_path: Path) -> None:
    """Without a network the build says so in one line, and leaves nothing behind."""
    environment = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "0",
        "PIP_NO_CACHE_DIR": "1",
    }
    command = [sys.executable, str(ROOT / "build_zipapp.py"), "--output", str(tmp_path / "yourl.pyz")]
    answer = subprocess.run(command, env=clean_environment(environment), capture_output=True, text=True)
    assert (answer.returncode, answer.stderr.count("\n")) == (1, 1)
    assert "pip could not fetch the wheels" in answer.stderr
    assert list(tmp_path.iterdir()) == []
