#!/usr/bin/env python3
"""Build yourl.pyz: the package and everything it needs in one file that runs in place.

Needs Python 3.10 or newer with its venv module, and the package index that pip is set up for; nothing is
installed outside a temporary folder. shiv packs the hash-locked wheels, the package and gunicorn.conf.py;
what shiv leaves open is finished here: bytecode, the order, times and modes of the entries, the start of the
archive.

The same commit and the same Python give the same bytes. Only the versions of zlib and liblzma could make a
difference.
"""

from __future__ import annotations

import argparse
import contextlib
import email
import hashlib
import importlib.util
import io
import json
import os
import runpy
import subprocess
import sys
import tempfile
import time
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

from packing.bytecode import SITE, Interpreter, bytecode, interpreters
from packing.programs import (
    BuildError,
    bare_environment,
    finished,
    last_line,
    pip_environment,
    reason_of_pip,
)

ROOT = Path(__file__).resolve().parent
PACKAGE = ROOT / "yourl"
PACKING = ROOT / "packing"
CONFIGURATION = ROOT / "gunicorn.conf.py"
RUNTIME_LOCK = ROOT / "requirements.txt"
BUILD_LOCK = ROOT / "requirements-build.txt"

ENTRY_POINT = "yourl.__main__:main"
SHEBANG = "/usr/bin/env python3"
INPUTS = "inputs.json"  # in the archive: what it was made from, for --run
DISTRIBUTIONS = "distributions.json"  # in the archive: name -> folder of its metadata, for packing/entry.py
ZIP_EPOCH = 315532800  # 1980-01-01, the first time that a zip entry can have
FILE_MODE, FOLDER_MODE = 0o100644, 0o040755
COMPILED = (".so", ".pyd", ".dylib", ".dll")  # may only speed up, and would bind the file to one Python
LEFT_OUT = (
    "segno/cli.py", "segno/helpers.py", "ua_parser_builtins/lazy.py", "ua_parser_builtins/matchers.py",
)  # fmt: skip
"""Modules that nothing in the archive imports: other ways to use a package, which would be large."""
LEFTOVERS = (".pyc", ".pyo", "~", ".orig", ".rej", ".swp")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, and with ``--run`` become the archive; the exit code."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        epoch = source_date_epoch(os.environ)
        pythons = interpreters(options.python)
        inputs = inputs_of_the_build(pythons, epoch)
        if options.run and inputs_of_the_archive(options.output) == inputs:
            return run(options.output, options.arguments)
        build(options.output, pythons, inputs, epoch)
    except BuildError as error:
        say(str(error))
        return 1
    except OSError as error:
        say(f"{error.strerror or error}: {error.filename}")
        return 1
    say(f"{options.output}: {options.output.stat().st_size:,} bytes")
    return run(options.output, options.arguments) if options.run else 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options; everything after ``--`` is for the archive."""
    own = list(arguments)
    passed_on: list[str] = []
    if "--" in own:
        cut = own.index("--")
        own, passed_on = own[:cut], own[cut + 1 :]
    parser = argparse.ArgumentParser(
        prog="build_zipapp.py",
        usage="%(prog)s [--output FILE] [--python PYTHON]... [--run [-- ARGUMENT...]]",
        description="Build yourl.pyz and yourl.pyz.sha256.",
    )
    output = ROOT / "yourl.pyz"
    parser.add_argument("--output", type=Path, default=output, metavar="FILE", help="[beside this script]")
    parser.add_argument(
        "--python",
        action="append",
        default=[],
        metavar="PYTHON",
        help="carry bytecode for this Python too (a path or a name; may be given again)",
    )
    parser.add_argument("--run", action="store_true", help="build if anything changed, then start it")
    options = parser.parse_args(own)
    if passed_on and not options.run:
        parser.error("what follows -- is for the archive: it needs --run")
    options.arguments = passed_on
    return options


def source_date_epoch(environ: Mapping[str, str]) -> int | None:
    """SOURCE_DATE_EPOCH in seconds, or None.

    :raises BuildError: when it is no whole number
    """
    text = environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise BuildError(f"SOURCE_DATE_EPOCH must be a whole number of seconds, not {text!r}")
    return int(text)


# What it is built for and from


def inputs_of_the_build(pythons: Sequence[Interpreter], epoch: int | None) -> dict[str, object]:
    """All that decides the archive's bytes, in short."""
    digest = hashlib.sha256()
    others = [CONFIGURATION, RUNTIME_LOCK, BUILD_LOCK, Path(__file__).resolve(), *package_files(PACKING)]
    for path in sorted([*package_files(PACKAGE), *others]):
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return {"epoch": epoch, "pythons": [python.magic for python in pythons], "sources": digest.hexdigest()}


def inputs_of_the_archive(archive: Path) -> object:
    """What an archive that was built before says it was made from, or None."""
    try:
        with zipfile.ZipFile(archive) as packed:
            return json.loads(packed.read(INPUTS))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return None


def package_files(folder: Path) -> list[Path]:
    """The files of a folder that belong to the project: no caches, hidden files or editors' leftovers."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and belongs(path.relative_to(folder)))


def belongs(path: Path) -> bool:
    """Whether a path names a source file, not a cache or an editor's leftover."""
    hidden = any(part.startswith(".") or part == "__pycache__" for part in path.parts)
    return not hidden and not path.name.endswith(LEFTOVERS)


# The build, step by step


def build(
    output: Path, pythons: Sequence[Interpreter], inputs: Mapping[str, object], epoch: int | None
) -> None:
    """Make ``output`` and its ``.sha256``, each appearing whole or not at all."""
    with tempfile.TemporaryDirectory(prefix="yourl-build-") as folder:
        work = Path(folder)
        show_progress("making an environment for pip")
        pip = pip_in_new_environment(work / "venv")
        show_progress("fetching the wheels")
        tools = unpack_wheels(fetch_wheels(pip, BUILD_LOCK, work / "tool-wheels"), work / "tools")
        stage = unpack_wheels(fetch_wheels(pip, RUNTIME_LOCK, work / "wheels"), work / SITE)
        for distribution in sorted(stage.glob("*.dist-info")):
            tidy_metadata(distribution)
        stage_package(stage)
        (stage / "yourl" / "sbom.cdx.json").write_text(bill_of_materials(stage, epoch), encoding="utf-8")
        show_progress("packing with shiv")
        shiv_archive = pack_with_shiv(tools, stage, work / "shiv.pyz", epoch)
        entries = entries_of(shiv_archive)
        entries["__main__.py"] = (PACKING / "entry.py").read_bytes()
        entries["_importer.py"] = (PACKING / "importer.py").read_bytes()
        entries[DISTRIBUTIONS] = json.dumps(metadata_folders(stage), sort_keys=True).encode()
        entries[INPUTS] = json.dumps(inputs, sort_keys=True).encode()
        show_progress("compiling for Python " + ", ".join(f"{p.version[0]}.{p.version[1]}" for p in pythons))
        entries.update(bytecode(work, entries, pythons))
        archive = zip_of(entries, epoch)
    write_whole(output, archive, mode=0o755)
    checksum = f"{hashlib.sha256(archive).hexdigest()}  {output.name}\n"
    write_whole(output.with_name(output.name + ".sha256"), checksum.encode(), mode=0o644)


def pip_in_new_environment(folder: Path) -> list[str]:
    """A command that runs pip, from a virtual environment made for this build.

    :raises BuildError: when this Python cannot make one
    """
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise BuildError("this Python lacks venv (on Debian and Ubuntu: apt install python3-venv)")
    made = finished([sys.executable, "-m", "venv", str(folder)], pip_environment(os.environ))
    if made.returncode != 0:
        reason = last_line(made.stdout + made.stderr)
        raise BuildError(f"this Python could not make a virtual environment: {reason}")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input"]


def fetch_wheels(pip: Sequence[str], lock: Path, folder: Path) -> list[Path]:
    """Download what a lock file names, refusing any file whose hash it does not hold.

    :raises BuildError: when the index cannot be reached or has other files
    """
    options = ["--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", str(folder)]
    fetched = finished([*pip, "download", *options, "--requirement", str(lock)], pip_environment(os.environ))
    if fetched.returncode != 0:
        raise BuildError(f"pip could not fetch the wheels of {lock.name}: {reason_of_pip(fetched.stderr)}")
    return sorted(folder.glob("*.whl"))


def unpack_wheels(wheels: Sequence[Path], folder: Path) -> Path:
    """Put the modules and the metadata of wheels into ``folder``: no scripts, nothing compiled or left out.

    :raises BuildError: when a wheel needs more than being unpacked
    """
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as packed:
            for name in packed.namelist():
                parts = PurePosixPath(name).parts
                if parts[0].endswith(".data"):
                    if parts[1:4] == ("data", "share", "man"):
                        continue  # a manual page is no part of the program
                    raise BuildError(f"{wheel.name} has files for outside of site-packages: {name}")
                if not name.endswith(COMPILED) and name not in LEFT_OUT:
                    packed.extract(name, folder)
    return folder


def tidy_metadata(distribution: Path) -> None:
    """Make a ``.dist-info`` say what is packed, whichever wheel of a release that came from."""
    wheel = distribution / "WHEEL"
    lines = [line for line in wheel.read_text(encoding="utf-8").splitlines() if line.strip()]
    kept = [line for line in lines if not line.startswith(("Tag:", "Root-Is-Purelib:"))]
    wheel.write_text("\n".join([*kept, "Root-Is-Purelib: true", "Tag: py3-none-any", ""]), encoding="utf-8")

    record = distribution / "RECORD"
    lines = record.read_text(encoding="utf-8").splitlines()
    names = sorted(line.rsplit(",", 2)[0].strip('"') for line in lines)
    rows = []
    for name in names:
        path = distribution.parent / name
        if path.is_file() and path != record:
            content = path.read_bytes()
            digest = urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            rows.append(f"{name},sha256={digest},{len(content)}")
    rows.append(f"{distribution.name}/RECORD,,")
    record.write_text("\n".join([*rows, ""]), encoding="utf-8")


def metadata_folders(stage: Path) -> dict[str, str]:
    """Normal name of a distribution -> its ``.dist-info``, which a wheel names in its own spelling."""
    names = (path.name for path in stage.glob("*.dist-info"))
    return {name.partition("-")[0].lower().replace(".", "_"): name for name in names}


def stage_package(stage: Path) -> None:
    """Put the package and gunicorn.conf.py among the wheels."""
    for path in package_files(PACKAGE):
        target = stage / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (stage / "yourl" / CONFIGURATION.name).write_bytes(CONFIGURATION.read_bytes())


def bill_of_materials(stage: Path, epoch: int | None) -> str:
    """The SBOM of what has been staged."""
    # Modules of the package, run by themselves: importing them would leave bytecode in the checkout.
    sbom = SimpleNamespace(**runpy.run_path(str(PACKAGE / "sbom.py"), run_name="sbom"))
    version = runpy.run_path(str(PACKAGE / "__init__.py"))["__version__"]
    tools = sbom.locked(BUILD_LOCK.read_text(encoding="utf-8"))
    shiv = next(pin.version for pin in tools if pin.name == "shiv")
    about = {}
    for path in stage.glob("*.dist-info/METADATA"):
        message = email.message_from_bytes(path.read_bytes())
        about[sbom.canonical(message["Name"])] = message
    pins = sbom.locked(RUNTIME_LOCK.read_text(encoding="utf-8"))
    return str(sbom.document(pins, about.get, version, made_with={"shiv": shiv}, made_at=epoch))


def pack_with_shiv(tools: Path, stage: Path, output: Path, epoch: int | None) -> Path:
    """Have shiv pack the staged folder.

    :raises BuildError: when shiv fails
    """
    environment = {
        **bare_environment(),
        "PYTHONPATH": str(tools),
        "SOURCE_DATE_EPOCH": str(max(epoch or 0, ZIP_EPOCH)),
        "PYTHONUTF8": "1",
    }
    command = [sys.executable, "-s", "-B", "-W", "ignore", "-m", "shiv.cli", "--reproducible"]
    options = ["--site-packages", str(stage), "--entry-point", ENTRY_POINT, "--python", SHEBANG]
    packed = finished([*command, *options, "--output-file", str(output)], environment)
    if packed.returncode != 0:
        raise BuildError(f"shiv failed: {last_line(packed.stdout + packed.stderr)}")
    return output


def entries_of(archive: Path) -> dict[str, bytes]:
    """Name -> content of each file in a zip archive."""
    with zipfile.ZipFile(archive) as packed:
        return {entry.filename: packed.read(entry) for entry in packed.infolist() if not entry.is_dir()}


# The archive itself


def zip_of(entries: Mapping[str, bytes], epoch: int | None) -> bytes:
    """A zip archive that Python can run, decided by its arguments alone."""
    moment = time.gmtime(max(epoch or 0, ZIP_EPOCH))[:6]
    buffer = io.BytesIO()
    buffer.write(f"#!{SHEBANG}\n".encode())
    folders = dict.fromkeys(namespace_folders(entries), b"")
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in sorted({**entries, **folders}.items()):
            entry = zipfile.ZipInfo(name, moment)
            entry.create_system = 3  # Unix, wherever it is built: unpacking needs the modes
            entry.external_attr = (FOLDER_MODE if name.endswith("/") else FILE_MODE) << 16
            # A Python without zlib must be able to read the message that it is too old.
            stored = name == "__main__.py" or name.endswith(("/", ".xz"))
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            packed.writestr(entry, content)
    return buffer.getvalue()


def namespace_folders(entries: Mapping[str, bytes]) -> Iterator[str]:
    """The folders of modules without ``__init__.py``: zipimport finds them only by an entry of their own."""
    folders = {str(PurePosixPath(name).parent) for name in entries if name.endswith(".py")}
    for folder in folders - {".", SITE}:
        if f"{folder}/__init__.py" not in entries:
            yield f"{folder}/"


def write_whole(path: Path, content: bytes, *, mode: int) -> None:
    """Put a file in place in one step, with exactly this mode."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.resolve().parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def say(text: str) -> None:
    """One line for people."""
    print(f"build_zipapp: {text}", file=sys.stderr, flush=True)


def show_progress(step: str) -> None:
    """Name the step that begins, to people who watch: the build takes half a minute."""
    if sys.stderr.isatty():
        say(f"{step} …")


def run(archive: Path, arguments: Sequence[str]) -> int:
    """Become the archive, or wait for it where a process cannot become another."""
    command = [sys.executable, str(archive), *arguments]
    if os.name != "nt":
        sys.stderr.flush()
        os.execv(sys.executable, command)
    return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main())
