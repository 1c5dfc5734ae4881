"""Builds what the comparison of the start starts: our file, and the same packages packed by others."""

from __future__ import annotations

import compileall
import hashlib
import shutil
import sys
import zipapp
from pathlib import Path

from benchmarks.environment import KEPT, ROOT, install, new_venv, run, show_progress

LOCK = ROOT / "requirements.txt"
MAIN = "yourl.__main__:main"


def folder() -> Path:
    """Keeps what was built from these sources for the next run; what was built from others is removed."""
    digest = hashlib.sha256(sys.version.encode())
    inputs = [*ROOT.glob("yourl/**/*"), *ROOT.glob("packing/*.py"), LOCK, ROOT / "build_zipapp.py"]
    for path in sorted(path for path in inputs if path.is_file() and path.suffix != ".pyc"):
        digest.update(path.read_bytes())
    kept = KEPT / f"built-{digest.hexdigest()[:12]}"
    for other in KEPT.glob("built-*"):
        if other != kept:
            shutil.rmtree(other)
    kept.mkdir(parents=True, exist_ok=True)
    return kept


def archive(name: str, python: str, *pythons: str) -> Path:
    """yourl.pyz as ``python`` builds it, with the bytecode of more Pythons."""
    output = folder() / name
    if not output.exists():
        show_progress(f"building {name}")
        more = [word for other in pythons for word in ("--python", other)]
        run([python, str(ROOT / "build_zipapp.py"), "--output", str(output), *more])
    return output


def installed() -> Path:
    """A virtual environment with the locked packages and the package, compiled; its ``bin`` folder."""
    made = folder() / "venv"
    if not (made / "bin" / "yourl.ready").exists():
        show_progress("installing the locked packages")
        python = new_venv(made)
        install(python, "--require-hashes", "--no-deps", "-r", str(LOCK))
        site = next(made.glob("lib/python*/site-packages"))
        copy_package(site)
        compileall.compile_dir(site / "yourl", quiet=1)
        (made / "bin" / "yourl.ready").touch()
    return made / "bin"


def copy_package(target: Path) -> Path:
    """Put the package into a folder, with Gunicorn's configuration in it, as the wheel has it."""
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(ROOT / "yourl", target / "yourl", ignore=ignored, dirs_exist_ok=True)
    shutil.copy(ROOT / "gunicorn.conf.py", target / "yourl")
    return target


def shiv() -> Path:
    """Packed by plain shiv."""
    output = folder() / "shiv.pyz"
    if not output.exists():
        show_progress("packing with shiv")
        package = copy_package(folder() / "package")
        tool = [sys.executable, "-m", "shiv.cli", "-e", MAIN, "--site-packages", str(package)]
        run([*tool, "-o", str(output), "--no-deps", "--require-hashes", "-r", str(LOCK)])
    return output


def pex(*, venv: bool) -> Path:
    """Packed by PEX, to run from its cache or from a venv that it makes at its first start."""
    output = folder() / ("app-venv.pex" if venv else "app.pex")
    if not output.exists():
        show_progress(f"packing with PEX{' --venv' if venv else ''}")
        package = copy_package(folder() / "package")
        tool = [sys.executable, "-m", "pex", "-e", MAIN, "-D", str(package), *(["--venv"] if venv else [])]
        root = ["--pex-root", str(folder() / "pex-root")]
        run([*tool, "-o", str(output), "--intransitive", "-r", str(LOCK), *root])
    return output


def stdlib_zipapp() -> Path:
    """Packed by the standard library's zipapp: the sources in a zip, and nothing else."""
    output = folder() / "zipapp.pyz"
    if not output.exists():
        show_progress("packing with zipapp")
        packed = copy_package(folder() / "zipapp")
        more = ["--no-deps", "--require-hashes", "--no-compile", "--target", str(packed)]
        install(sys.executable, *more, "-r", str(LOCK))
        zipapp.create_archive(packed, output, main=MAIN, compressed=True)
    return output


def size_of(path: Path) -> float:
    """Megabytes of a file, or of all files under a folder."""
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(each.lstat().st_size for each in files) / 1e6


def supported_pythons() -> dict[str, str]:
    """``3.12`` -> path, of the Pythons from 3.10 to 3.14 on the PATH and under pyenv."""
    found = {}
    for minor in range(10, 15):
        name = f"python3.{minor}"
        kept = sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/{name}"))
        path = str(kept[-1]) if kept else shutil.which(name)
        if path is not None:
            found[f"3.{minor}"] = path
    return found
