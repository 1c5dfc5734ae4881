"""The parts of the build that need no network: names, times, environments, metadata, bytecode."""

from __future__ import annotations

import ast
import importlib.util
import io
import json
import marshal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from types import CodeType

import pytest

import build_zipapp
from build_zipapp import BuildError
from packing import bytecode, compile_tree, entry, importer
from tests.functional.harness import ROOT
from yourl import sbom

LOCKS = ["requirements.txt", "requirements-build.txt", "requirements-test.txt", "benchmarks/requirements.txt"]
FIRST_OF_2001 = 978307200


@pytest.mark.parametrize("name", LOCKS)
def test_locks_name_no_index(name: str) -> None:
    """A lock holds pins and hashes; where packages come from is the machine's business."""
    lines = [line.strip() for line in (ROOT / name).read_text().splitlines()]
    options = [line for line in lines if line.startswith("-") and not line.startswith("--hash=sha256:")]
    assert options == []
    assert not any("://" in line for line in lines)


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes(name: str) -> None:
    """Nothing is installed whose bytes are not known."""
    pins = sbom.locked((ROOT / name).read_text())
    assert pins
    assert [pin.name for pin in pins if not pin.hashes] == []


@pytest.mark.parametrize("name", LOCKS[2:])
def test_what_is_tested_and_measured_is_what_is_shipped(name: str) -> None:
    """The locks of the tests and benchmarks pin all that the runtime lock has, to the same versions."""
    shipped = {pin.name: pin.version for pin in sbom.locked((ROOT / LOCKS[0]).read_text())}
    tested = {pin.name: pin.version for pin in sbom.locked((ROOT / name).read_text())}
    assert {name: tested.get(name) for name in shipped} == shipped


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", None, id="empty"),
        pytest.param("0", 0, id="zero"),
        pytest.param("1700000000", 1700000000),
    ],
)
def test_source_date_epoch(text: str, expected: int | None) -> None:
    """SOURCE_DATE_EPOCH is a whole number of seconds, or not set."""
    assert build_zipapp.source_date_epoch({"SOURCE_DATE_EPOCH": text}) == expected


@pytest.mark.parametrize("text", ["yesterday", "-1", "1.5", "٣"])
def test_source_date_epoch_refuses(text: str) -> None:
    """Anything else stops the build with one line that shows the value."""
    with pytest.raises(BuildError, match="SOURCE_DATE_EPOCH") as caught:
        build_zipapp.source_date_epoch({"SOURCE_DATE_EPOCH": text})
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("app.py", True, id="module"),
        pytest.param("templates/page.html", True, id="template"),
        pytest.param("static/icon.svg", True, id="static"),
        pytest.param("__pycache__/app.cpython-311.pyc", False, id="cache"),
        pytest.param("app.pyc", False, id="bytecode"),
        pytest.param(".app.py.swp", False, id="hidden"),
        pytest.param("templates/.DS_Store", False, id="hidden-deeper"),
        pytest.param("app.py~", False, id="backup"),
        pytest.param("app.py.orig", False, id="merge"),
    ],
)
def test_what_belongs_to_the_package(path: str, expected: bool) -> None:
    """What people write is packed, and what programs leave behind is not."""
    assert build_zipapp.belongs(Path(path)) == expected


def test_pip_keeps_its_way_to_the_index_only() -> None:
    """The machine says where the index is, not what is installed where."""
    kept = {"PIP_INDEX_URL": "i", "PIP_CERT": "c", "PIP_PROXY": "p", "HOME": "h", "HTTPS_PROXY": "s"}
    dropped = {
        "PIP_TARGET": "t",
        "PIP_USER": "1",
        "PIP_NO_BINARY": ":all:",
        "PYTHONPATH": "x",
        "PYTHONHOME": "y",
    }
    assert build_zipapp.pip_environment({**kept, **dropped}) == kept


def test_other_programs_see_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling and packing do not depend on the environment."""
    for name in ("LANG", "TZ", "PYTHONPATH", "PYTHONHASHSEED", "SHIV_ROOT"):
        monkeypatch.setenv(name, "x")
    assert {"LANG", "TZ", "PYTHONPATH", "PYTHONHASHSEED", "SHIV_ROOT"} & set(
        build_zipapp.bare_environment()
    ) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("ERROR: first\nERROR: the reason\nnoise\n", "the reason", id="prefixed"),
        pytest.param("one\ntwo\n\n", "two", id="last"),
        pytest.param("", "it gave no reason", id="silent"),
    ],
)
def test_last_line(text: str, expected: str) -> None:
    """One line is made of what another program says."""
    assert build_zipapp.last_line(text, "ERROR:") == expected


def test_no_venv_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A Python without venv is told what to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BuildError, match="python3-venv"):
        build_zipapp.pip_in_new_environment(tmp_path)


@pytest.mark.parametrize("name", ["no-such-python", "/bin/true"])
def test_unknown_python(name: str) -> None:
    """``--python`` with something that is none says so by name."""
    with pytest.raises(BuildError, match=name):
        bytecode.interpreter_called(name)


def test_same_python_twice_counts_once() -> None:
    """A Python whose bytecode is there already adds nothing."""
    assert len(build_zipapp.interpreters([sys.executable, sys.executable])) == 1


def test_arguments_for_the_archive() -> None:
    """What follows ``--`` is the archive's, whatever it looks like."""
    options = build_zipapp.parse(["--run", "--", "check", "--output", "--", "x"])
    assert (options.run, options.arguments) == (True, ["check", "--output", "--", "x"])


def test_arguments_without_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Arguments that nobody would get are a mistake."""
    with pytest.raises(SystemExit) as caught:
        build_zipapp.parse(["--", "check"])
    assert caught.value.code == 2
    assert "--run" in capsys.readouterr().err


ENTRIES = {"b.py": b"b", "__main__.py": b"m", "a/inner/x.py": b"x", "a/__init__.py": b"", "a/data.txt": b"d"}


def test_zip_depends_on_its_entries_alone() -> None:
    """Not on their order, the time or the time zone."""
    backwards = dict(reversed(ENTRIES.items()))
    assert build_zipapp.zip_of(ENTRIES, None) == build_zipapp.zip_of(backwards, None)


def test_zip_entries() -> None:
    """Sorted, with fixed modes, and with a folder entry where a package has no ``__init__.py``."""
    archive = zipfile.ZipFile(io.BytesIO(build_zipapp.zip_of(ENTRIES, None)))
    assert archive.namelist() == [
        "__main__.py",
        "a/__init__.py",
        "a/data.txt",
        "a/inner/",
        "a/inner/x.py",
        "b.py",
    ]
    modes = {oct(entry.external_attr >> 16) for entry in archive.infolist() if not entry.is_dir()}
    assert modes == {oct(0o100644)}


@pytest.mark.parametrize(
    ("epoch", "expected"),
    [
        pytest.param(None, (1980, 1, 1, 0, 0, 0), id="none"),
        pytest.param(0, (1980, 1, 1, 0, 0, 0), id="before-zip"),
        pytest.param(FIRST_OF_2001, (2001, 1, 1, 0, 0, 0), id="later"),
    ],
)
def test_zip_times(epoch: int | None, expected: tuple[int, ...]) -> None:
    """Every entry has the time that SOURCE_DATE_EPOCH says, or the first that a zip can hold."""
    archive = zipfile.ZipFile(io.BytesIO(build_zipapp.zip_of(ENTRIES, epoch)))
    assert {entry.date_time for entry in archive.infolist()} == {expected}


def test_write_whole(tmp_path: Path) -> None:
    """The file appears with its mode, replacing another, and nothing else is left."""
    target = tmp_path / "file"
    target.write_bytes(b"old")
    build_zipapp.write_whole(target, b"new", mode=0o755)
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"new", 0o755)
    assert list(tmp_path.iterdir()) == [target]


def make_wheel(folder: Path, names: dict[str, str]) -> Path:
    """A wheel with just enough in it."""
    wheel = folder / "thing-1.0-cp311-cp311-linux_x86_64.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        for name, text in names.items():
            packed.writestr(name, text)
    return wheel


def test_wheel_of_any_platform_is_unpacked_alike(tmp_path: Path) -> None:
    """No compiled part, no platform tag, and a RECORD of what is really there."""
    names = {
        "thing/__init__.py": "x = 1\n",
        "thing/_fast.cpython-311-x86_64-linux-gnu.so": "binary",
        "thing-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-cp311-linux\n",
        "thing-1.0.dist-info/RECORD": "thing/_fast.cpython-311-x86_64-linux-gnu.so,,\n"
        "thing/__init__.py,sha256=old,9\nthing-1.0.dist-info/WHEEL,,\nthing-1.0.dist-info/RECORD,,\n",
    }
    stage = build_zipapp.unpack_wheels([make_wheel(tmp_path, names)], tmp_path / "stage")
    information = stage / "thing-1.0.dist-info"
    build_zipapp.tidy_metadata(information)
    assert not list(stage.rglob("*.so"))
    assert (information / "WHEEL").read_text().splitlines()[-1] == "Tag: py3-none-any"
    assert "cp311" not in (information / "WHEEL").read_text() + (information / "RECORD").read_text()
    assert [line.split(",")[0] for line in (information / "RECORD").read_text().splitlines()] == [
        "thing-1.0.dist-info/WHEEL",
        "thing/__init__.py",
        "thing-1.0.dist-info/RECORD",
    ]


def test_modules_that_are_left_out_are_in_no_record(tmp_path: Path) -> None:
    """What the archive does not need of a package is neither unpacked nor recorded."""
    names = {
        "segno/__init__.py": "",
        "segno/cli.py": "",
        "segno-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\n",
        "segno-1.0.dist-info/RECORD": "segno/__init__.py,,\nsegno/cli.py,,\nsegno-1.0.dist-info/WHEEL,,\n",
    }
    stage = build_zipapp.unpack_wheels([make_wheel(tmp_path, names)], tmp_path / "stage")
    build_zipapp.tidy_metadata(stage / "segno-1.0.dist-info")
    assert ["segno/__init__.py"] == [str(path.relative_to(stage)) for path in stage.rglob("*.py")]
    assert "cli.py" not in (stage / "segno-1.0.dist-info" / "RECORD").read_text()


def test_wheel_with_files_for_elsewhere_is_refused(tmp_path: Path) -> None:
    """What would have to be installed outside of site-packages cannot be packed."""
    wheel = make_wheel(tmp_path, {"thing-1.0.data/scripts/thing": "#!python"})
    with pytest.raises(BuildError, match=r"thing-1\.0\.data"):
        build_zipapp.unpack_wheels([wheel], tmp_path / "stage")


def test_manual_pages_are_left_out(tmp_path: Path) -> None:
    """A manual page is no part of the program."""
    wheel = make_wheel(tmp_path, {"thing-1.0.data/data/share/man/man1/thing.1": "", "thing.py": ""})
    build_zipapp.unpack_wheels([wheel], tmp_path / "stage")
    assert not list((tmp_path / "stage").glob("*.data"))
    assert (tmp_path / "stage" / "thing.py").exists()


def test_inputs_change_with_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--run`` notices an edited, a new and a removed file."""
    package = tmp_path / "yourl"
    package.mkdir()
    (package / "a.py").write_text("a")
    for name in ("gunicorn.conf.py", "requirements.txt", "requirements-build.txt", "build_zipapp.py"):
        (tmp_path / name).write_text("")
    (tmp_path / "packing").mkdir()
    monkeypatch.setattr(build_zipapp, "__file__", str(tmp_path / "build_zipapp.py"))
    for name, value in {
        "ROOT": tmp_path,
        "PACKAGE": package,
        "PACKING": tmp_path / "packing",
        "CONFIGURATION": tmp_path / "gunicorn.conf.py",
        "RUNTIME_LOCK": tmp_path / "requirements.txt",
        "BUILD_LOCK": tmp_path / "requirements-build.txt",
    }.items():
        monkeypatch.setattr(build_zipapp, name, value)
    seen = [json.dumps(build_zipapp.inputs_of_the_build([], None))]
    for change in (
        lambda: (package / "a.py").write_text("b"),
        lambda: (package / "b.py").write_text("b"),
        lambda: (package / "a.py").unlink(),
    ):
        change()
        seen.append(json.dumps(build_zipapp.inputs_of_the_build([], None)))
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "b.cpython-311.pyc").write_text("")
    assert len(set(seen)) == 4
    assert json.dumps(build_zipapp.inputs_of_the_build([], None)) == seen[-1]


def constants(code: CodeType) -> list[object]:
    """All constants of a code object and of those in it."""
    nested = [constants(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    return [*code.co_consts, *(constant for inner in nested for constant in inner)]


def test_sets_without_an_order_become_tuples() -> None:
    """A constant set that Python 3.10 would write in the order of addresses still answers the same."""
    source = "def f(x):\n    return x in {None, 'a', ...}\ng = {None, 'b', 2.5}\nh = 'c' in {'c', 'd'}\n"
    code = compile_tree.with_ordered_sets(compile(source, "f.py", "exec"))
    sets = [constant for constant in constants(code) if isinstance(constant, frozenset)]
    assert sets == [frozenset({"c", "d"})]
    namespace: dict[str, object] = {}
    exec(code, namespace)
    assert [namespace["f"](value) for value in (None, "a", ..., "z")] == [True, True, True, False]  # type: ignore[operator]
    assert (namespace["g"], namespace["h"]) == ({None, "b", 2.5}, True)


@pytest.mark.parametrize(("is_terminal", "expected"), [(True, "build_zipapp: packing …\n"), (False, "")])
def test_progress_is_for_terminals(
    is_terminal: bool, expected: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each step is named to people who watch; a log gets the outcome alone."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal, raising=False)
    build_zipapp.show_progress("packing")
    assert expected == capsys.readouterr().err


BROKEN = "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            BROKEN
            + "Connection(host='127.0.0.1', port=9): Failed to establish a new connection: [Errno 111] "
            "Connection refused')': /simple/click/\nERROR: No matching distribution found for click==8.5.1\n",
            "the package index cannot be reached (Connection refused)",
            id="refused",
        ),
        pytest.param(
            BROKEN + "Failed to resolve 'x.example' ([Errno -2] Name or service not known)')': /simple/\n",
            "the package index cannot be reached (Name or service not known)",
            id="name",
        ),
        pytest.param(
            BROKEN + "Read timed out.')': /simple/\nERROR: No matching distribution found for click\n",
            "the package index cannot be reached (Read timed out)",
            id="timeout",
        ),
        pytest.param(
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n",
            "THESE PACKAGES DO NOT MATCH THE HASHES",
            id="another-reason",
        ),
    ],
)
def test_an_unreachable_index_is_called_that(text: str, expected: str) -> None:
    """pip ends with "No matching distribution" also where it never got an answer."""
    assert expected == build_zipapp.reason_of_pip(text)


def test_docstrings_stay_in_the_sources() -> None:
    """Bytecode has none, but line numbers, assertions and other strings as before."""
    source = (
        '"""M"""\nclass A:\n    """A"""\n    def f(self):\n        """F"""\n\n'
        'async def g():\n    "G"\n    assert "x"\n    return "kept"\n'
    )
    tree = ast.parse(source)
    compile_tree.drop_docstrings(tree)
    code = compile(tree, "f.py", "exec")
    texts = {constant for constant in constants(code) if isinstance(constant, str)}
    assert not {"M", "F", "G"} & texts
    assert {"x", "kept"} <= texts
    namespace: dict[str, object] = {}
    exec(code, namespace)
    kind = namespace["A"]
    assert (None, None) == (kind.__doc__, kind.f.__doc__)  # type: ignore[attr-defined]
    assert [4, 7] == [kind.f.__code__.co_firstlineno, namespace["g"].__code__.co_firstlineno]  # type: ignore[attr-defined]


TYPED = """
from typing import TYPE_CHECKING, NamedTuple, overload
if TYPE_CHECKING:
    import nowhere
else:
    here = 1
@overload
def f(x: int) -> int: ...
def f(x: nowhere.Thing, *more: nowhere.Thing, key: nowhere.Thing = 2, **rest: nowhere.Thing) -> nowhere.Thing:
    return key
async def g(x: nowhere.Thing) -> nowhere.Thing:
    pass
class Pair(NamedTuple):
    one: int
    two: int = 2
"""


def test_what_is_for_type_checkers_stays_in_the_sources() -> None:
    """Bytecode has no annotations of functions, no overloads and nothing that only a type checker runs."""
    tree = compile_tree.trimmed(ast.parse(TYPED), docstrings=False)
    namespace: dict[str, object] = {"__name__": "typed"}
    exec(compile(tree, "typed.py", "exec"), namespace)
    assert [{}, {}] == [namespace[name].__annotations__ for name in ("f", "g")]
    assert (2, 1, (1, 2)) == (namespace["f"](1), namespace["here"], namespace["Pair"](1))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert [9] == [function.lineno for function in functions]


def test_compiled_the_same_everywhere(tmp_path: Path) -> None:
    """Two runs from different folders write the same bytes, without any path of the machine."""
    written = []
    for name, environment in {
        "here": {"PYTHONHASHSEED": "0"},
        "there": {"PYTHONHASHSEED": "0", "TZ": "Asia/Tokyo"},
    }.items():
        sources = tmp_path / name / "sources"
        sources.mkdir(parents=True)
        (sources / "module.py").write_text(
            "x = {None, 'a', 'b'}\ndef f(y):\n    return y in {None, 'c', 'd'}\n"
        )
        (sources / "gunicorn.conf.py").write_text("workers = 2\n")
        (sources / "broken.py").write_text("def\n")
        script = str(ROOT / "packing" / "compile_tree.py")
        output = tmp_path / name / "output"
        subprocess.run(
            [sys.executable, "-S", script, str(sources), str(output), "x"], env=environment, check=True
        )
        written.append(output.read_bytes())
    assert ["module.py"] == list(marshal.loads(written[0]))
    assert written[0] == written[1]
    assert str(tmp_path).encode() not in written[0]


def test_entry_is_readable_for_old_pythons() -> None:
    """The start of the archive keeps to the oldest grammar that ast still knows."""
    text = (ROOT / "packing" / "entry.py").read_text()
    ast.parse(text, feature_version=(3, 4))
    assert text.isascii()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({}, False, id="nothing"),
        pytest.param({"SHIV_ROOT": ""}, False, id="empty-root"),
        pytest.param({"SHIV_ROOT": "/x"}, True, id="root"),
        pytest.param({"SHIV_FORCE_EXTRACT": "1"}, True, id="force"),
        pytest.param({"SHIV_FORCE_EXTRACT": "true"}, True, id="force-word"),
        pytest.param({"SHIV_FORCE_EXTRACT": "0"}, False, id="not-forced"),
    ],
)
def test_when_shiv_unpacks(environ: dict[str, str], expected: bool) -> None:
    """Only where its own variables ask for it."""
    assert entry.unpacking_is_asked_for(environ) == expected


def test_order_of_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive, then the standard library, then what PYTHONPATH and the host have."""
    library = str(Path(ast.__file__).parent)
    zipped = f"{sys.base_prefix}/{sys.platlibdir}/python{sys.version_info[0]}{sys.version_info[1]}.zip"
    compiled = f"{library}/lib-dynload"
    host = f"{library}/site-packages"
    planted = ["/planted", "/planted/lib-dynload", f"/planted/{Path(zipped).name}"]
    monkeypatch.setattr(sys, "path", ["yourl.pyz", *planted, zipped, library, compiled, host])
    entry.search_archive_first("/x/yourl.pyz")
    bundled = ["/x/yourl.pyz", "/x/yourl.pyz/site-packages"]
    assert sys.path == [*bundled, zipped, library, compiled, *planted, host]


def test_threads_that_import_at_once_read_the_rest_once(tmp_path: Path) -> None:
    """Whoever comes while one thread reads the second block waits for it, and compiles nothing."""
    archive, names = tmp_path / "x.pyz", [f"m{number}" for number in range(8)]
    with zipfile.ZipFile(archive, "w") as packed:
        for name in names:
            packed.writestr(f"site-packages/{name}.py", "raise AssertionError('compiled from source')")
    is_read, reads, values = threading.Event(), [], []

    def rest() -> dict[str, CodeType]:
        reads.append(1)
        is_read.wait(0.1)  # long enough for the others to come; they are no worse off if they do not
        return {f"site-packages/{name}.py": compile(f"value = {name!r}", name, "exec") for name in names}

    bundled = f"{archive}/site-packages"
    site = importer.importer_class(bundled, {}, [rest])(bundled)

    def load(name: str) -> None:
        namespace: dict[str, str] = {}
        exec(site.get_code(name), namespace)
        values.append(namespace["value"])

    threads = [threading.Thread(target=load, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ([1], names) == (reads, sorted(values))
