"""What ``tests/run.py``, the README's test command, promises before any test has run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import run as runner


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The steps that would run, in order; each succeeds unless a test says otherwise."""
    seen: list[list[str]] = []

    def succeed(command: list[str]) -> int:
        seen.append(command[2:])
        return 0

    monkeypatch.setattr(runner, "environment", lambda: Path("python"))
    monkeypatch.setattr(runner, "run", succeed)
    return seen


LINT = [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param([], [*LINT, ["pytest"]], id="all"),
        pytest.param(["-k", "x"], [*LINT, ["pytest", "-k", "x"]], id="arguments for pytest"),
        pytest.param(["--no-lint", "-q"], [["pytest", "-q"]], id="tests only"),
    ],
)
def test_runs_each_step_in_order(
    steps: list[list[str]], arguments: list[str], expected: list[list[str]]
) -> None:
    """The checks come first and pytest last, with the arguments that it was given."""
    assert runner.main(arguments) == 0
    assert steps == expected


def test_ends_as_the_first_failure_did(steps: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step runs; the exit code is that of the first that failed."""
    codes = {"mypy": 3, "pytest": 1}

    def fail(command: list[str]) -> int:
        steps.append(command[2:])
        return codes.get(command[2], 0)

    monkeypatch.setattr(runner, "run", fail)
    assert runner.main([]) == 3
    assert steps == [*LINT, ["pytest"]]


@pytest.mark.parametrize(
    ("preparation", "message"),
    [
        pytest.param("sys.modules['ensurepip'] = None", "apt install python3-venv", id="no venv"),
        pytest.param("sys.version_info = (3, 9, 2)", "needs Python 3.10 or newer", id="too old"),
    ],
)
def test_says_in_one_line_what_is_missing(tmp_path: Path, preparation: str, message: str) -> None:
    """Without what it needs it stops with exit code 2 and one line, and makes nothing."""
    program = tmp_path / "checkout" / "tests" / "run.py"
    program.parent.mkdir(parents=True)
    program.write_bytes(Path(runner.__file__).read_bytes())
    for lock in runner.LOCKS:
        (tmp_path / "checkout" / lock).write_text("")
    start = f"import runpy, sys; {preparation}; runpy.run_path({str(program)!r}, run_name='__main__')"
    ended = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (2, "")
    assert message in ended.stdout
    assert len(ended.stdout.splitlines()) == 1
    assert sorted(path.name for path in (tmp_path / "checkout").iterdir()) == sorted(["tests", *runner.LOCKS])


def test_environment_is_made_anew_when_a_lock_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment is current exactly as long as the locks are those that it was made from."""
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    monkeypatch.setattr(runner, "STAMP", tmp_path / "stamp")
    for lock in runner.LOCKS:
        (tmp_path / lock).write_text("a==1\n")
    python = Path(sys.executable)
    assert runner.is_current(python) is False
    runner.STAMP.write_text(runner.fingerprint())
    assert runner.is_current(python) is True
    assert runner.is_current(tmp_path / "gone") is False
    (tmp_path / runner.LOCKS[1]).write_text("a==2\n")
    assert runner.is_current(python) is False
