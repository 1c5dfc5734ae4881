"""schemathesis against the live file: it reads ``/openapi.json`` and asks for all that it promises."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.functional.harness import clean_environment, running

PHASES = ("examples", "coverage", "fuzzing", "stateful")
EXCLUDED = "use_after_free"  # DELETE at an inbox is kept like any request; it deletes nothing
WAITING = "/live/wait"  # as long as it is asked to; tests/openapi holds its answers against the description
HANGS = 300.0  # seconds; a whole run takes about 15 under Gunicorn


def asked_by_schemathesis(url: str, folder: Path, examples: int) -> Any:
    """The report of one run with every check and phase, the same requests each time.

    :raises AssertionError: with all that it printed, when it found anything
    """
    report = folder / "report.json"
    # ``folder`` holds no settings of schemathesis, so what a user's plain run does is what is run here.
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/openapi.json",
        "--checks", "all", "--exclude-checks", EXCLUDED, "--exclude-path", WAITING,
        "--phases", ",".join(PHASES), "--max-examples", str(examples),
        "--seed", "1", "--generation-database", "none", "--continue-on-failure", "--no-color",
        "--report", "json", "--report-json-path", str(report),
    ]  # fmt: skip
    own = clean_environment({"NO_PROXY": "*"})
    run = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, timeout=HANGS)
    assert run.returncode == 0, run.stdout + run.stderr
    return json.loads(report.read_text(encoding="utf-8"))


@pytest.mark.timeout(2 * HANGS)
@pytest.mark.parametrize(("server", "examples"), [("gunicorn", 30), ("flask", 10)])
def test_schemathesis_finds_nothing(pyz: Path, tmp_path: Path, server: str, examples: int) -> None:
    """No operation, answer, header or method is otherwise than described, and nothing breaks."""
    with running([sys.executable, str(pyz), "--server", server]) as live:
        report = asked_by_schemathesis(f"http://127.0.0.1:{live.port}", tmp_path, examples)
        described = live.get("/openapi.json").json
        assert live.get("/health").status == 200
        assert "Traceback" not in live.stderr
    assert ([], []) == (report["failures"], report["errors"])
    assert {} == {name: told for name, told in report["warnings"].items() if told}
    assert dict.fromkeys(PHASES, "success") == {
        name: phase["status"] for name, phase in report["phases"].items()
    }
    assert operations_in(described) == report["operations"]["tested"]
    assert report["complete"]


def operations_in(description: Any) -> int:
    """How many operations a description has, but those that wait, and the one that serves itself."""
    paths = [item for path, item in description["paths"].items() if path != WAITING]
    items = [*paths, *description["x-path-items"].values()]
    return sum(1 for item in items for method in item if method != "$ref") - 1
