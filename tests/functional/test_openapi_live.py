"""schemathesis against the live file: it reads ``/openapi.json`` and asks for all that it promises."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.functional.harness import clean_environment, running

PHASES = ("examples", "coverage", "fuzzing", "stateful")
EXCLUDED = "use_after_free"  # DELETE at an inbox is kept like any request; it deletes nothing
KEPT = "/live"  # needs the access code, and answers 404 without requests that are kept: a run of its own
# As long as it is asked to; and what counts wrong codes would shut the other requests out.
# tests/openapi holds the answers of these against the description.
ALONE = "^/live/(wait|sign-in|sign-out)$"
CODE = "correct-horse-battery"
# Rules of inboxes are refused more precisely than a schema can say (tests/captures/test_rules.py).
OF_BODIES = f"{EXCLUDED},negative_data_rejection,positive_data_acceptance"
HANGS = 300.0  # seconds; a whole run takes about 15 under Gunicorn


def asked_by_schemathesis(url: str, folder: Path, examples: int, phases: Sequence[str], *more: str) -> Any:
    """The report of one run, the same requests each time.

    :raises AssertionError: with all that it printed, when it found anything
    """
    report = folder / "report.json"
    # ``folder`` holds no settings of schemathesis, so what a user's plain run does is what is run here.
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/openapi.json",
        "--checks", "all", *more,
        "--phases", ",".join(phases), "--max-examples", str(examples),
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
        url = f"http://127.0.0.1:{live.port}"
        report = asked_by_schemathesis(
            url, tmp_path, examples, PHASES, "--exclude-checks", EXCLUDED, "--exclude-path-regex", f"^{KEPT}"
        )
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


@pytest.mark.timeout(2 * HANGS)
def test_schemathesis_finds_nothing_in_what_is_kept(pyz: Path, tmp_path: Path) -> None:
    """The same for the routes that need the access code."""
    with running([sys.executable, str(pyz)], {"YOURL_ACCESS_CODE": CODE}) as live:
        for body in (b"{}", b"\xff", b""):
            assert live.get("/in/orders", method="POST", body=body).status == 200
        own = ("--header", f"Authorization: Bearer {CODE}", "--exclude-checks", OF_BODIES)
        own += ("--include-path-regex", f"^{KEPT}", "--exclude-path-regex", ALONE)
        report = asked_by_schemathesis(f"http://127.0.0.1:{live.port}", tmp_path, 3, PHASES[:3], *own)
        assert live.get("/health").status == 200
        assert "Traceback" not in live.stderr
    assert ([], []) == (report["failures"], report["errors"])
    assert report["complete"]


def operations_in(description: Any) -> int:
    """How many operations a description has, but those about what is kept, and the one that serves itself."""
    paths = [item for path, item in description["paths"].items() if not path.startswith(KEPT)]
    items = [*paths, *description["x-path-items"].values()]
    return sum(1 for item in items for method in item if method != "$ref") - 1
