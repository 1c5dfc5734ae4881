"""The completion scripts in the real shells."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.harness import ROOT, clean_environment, require_program

BASH = """
eval "$(yourl completion bash)"
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_yourl_completion yourl
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
# Completion itself needs an interactive zsh; these functions take its place and print what it would offer.
ZSH = """
compdef() {{ : }}
_describe() {{ eval 'print -l -- "${{(@)'$3'}}"' }}
compadd() {{ shift 3; eval 'print -l -- "${{(@)'${{@[-1]}}'}}"' }}
eval "$(yourl completion zsh)"
words=({words}); CURRENT=${{#words}}
_yourl_completion
"""
FISH = """
yourl completion fish | source
complete --do-complete "{line}"
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment with a command called yourl, and no start-up files of the machine."""
    command = tmp_path / "yourl"
    command.write_text(f'#!/bin/sh\nexec env PYTHONPATH={ROOT} {sys.executable} -m yourl "$@"\n')
    command.chmod(0o755)
    plain = clean_environment()
    return {
        **plain,
        "PATH": f"{tmp_path}:{plain['PATH']}",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }


@pytest.mark.parametrize(
    ("shell", "script", "options"),
    [
        pytest.param("bash", BASH, ["--norc", "-c"], id="bash"),
        pytest.param("zsh", ZSH, ["-f", "-c"], id="zsh"),
        pytest.param("fish", FISH, ["--no-config", "-c"], id="fish"),
    ],
)
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("yourl hea", {"health"}, id="command"),
        pytest.param("yourl --guard-", {"--guard-allow", "--guard-block"}, id="option-without-a-command"),
        pytest.param("yourl --q", {"--qr"}, id="switch"),
        pytest.param("yourl for", {"forward"}, id="forward"),
        pytest.param("yourl forward --t", {"--timeout", "--to"}, id="options-of-forward"),
        pytest.param("yourl check --dra", {"--drain"}, id="option"),
        pytest.param("yourl serve --server fl", {"flask"}, id="value"),
    ],
)
def test_a_shell_completes(
    environment: dict[str, str], shell: str, script: str, options: list[str], line: str, expected: set[str]
) -> None:
    """The script is one that the shell takes, and what it offers is what the program has."""
    words = " ".join(f"'{word}'" for word in line.split())
    text = script.format(words=words, line=line)
    command = [require_program(shell), *options, text]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert "" == ended.stderr
    offered = {row.split("\t")[0].split(":")[0].strip() for row in ended.stdout.splitlines() if row.strip()}
    assert expected == offered
