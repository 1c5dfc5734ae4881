"""Reads a Dockerfile and a .dockerignore as far as this project uses them. Pure: text in, values out.

Knows the instructions' common grammar (Dockerfile reference: comments, line continuation, flags, exec form)
and the ignore file's patterns (last match wins, ``!`` excepts, ``**`` spans folders). Whatever it does not
know is an error, never a guess.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

INSTRUCTIONS = (
    *("ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM"),
    *("HEALTHCHECK", "LABEL", "RUN", "STOPSIGNAL", "USER", "WORKDIR"),
)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: ``COPY --from=build a b`` is ``COPY``, ``{"from": "build"}``, ``"a b"``."""

    name: str
    flags: dict[str, str]
    text: str

    @property
    def exec_form(self) -> list[str]:
        """The JSON array of an instruction in exec form.

        :raises ValueError: where it is in shell form
        """
        try:
            words = json.loads(self.text)
        except ValueError:
            words = None
        if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
            raise ValueError(f"{self.name} is not in exec form: {self.text}")
        return words


@dataclass(frozen=True, slots=True)
class Stage:
    """A build stage: its base image, its name ("" for none) and its instructions after FROM."""

    base: str
    name: str
    instructions: tuple[Instruction, ...]

    def all(self, name: str) -> list[Instruction]:
        """Every instruction of that name, in order."""
        return [instruction for instruction in self.instructions if instruction.name == name]

    def one(self, name: str) -> Instruction:
        """The only instruction of that name.

        :raises ValueError: where there is none, or more than one
        """
        found = self.all(name)
        if len(found) != 1:
            raise ValueError(f"{len(found)} instructions {name} in the stage from {self.base}")
        return found[0]

    @property
    def health_command(self) -> list[str]:
        """The command of ``HEALTHCHECK … CMD [...]``."""
        keyword, _, command = self.one("HEALTHCHECK").text.partition(" ")
        return Instruction(f"HEALTHCHECK {keyword}", {}, command).exec_form

    @property
    def start_command(self) -> list[str]:
        """What a container of this stage runs when nobody says otherwise."""
        return self.one("ENTRYPOINT").exec_form + self.one("CMD").exec_form


def parse(text: str) -> list[Stage]:
    """The stages of a Dockerfile, in order.

    :raises ValueError: for an instruction that is unknown here or comes before FROM
    """
    stages: list[Stage] = []
    for line in _logical_lines(text):
        instruction = _instruction(line)
        if instruction.name == "FROM":
            base, _, name = instruction.text.partition(" AS ")
            stages.append(Stage(base.strip(), name.strip(), ()))
        elif not stages:
            raise ValueError(f"before FROM: {line}")
        else:
            last = stages.pop()
            stages.append(Stage(last.base, last.name, (*last.instructions, instruction)))
    return stages


def _logical_lines(text: str) -> list[str]:
    kept = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return [re.sub(r"\s+", " ", line).strip() for line in re.sub(r"\\\n", " ", "\n".join(kept)).splitlines()]


def _instruction(line: str) -> Instruction:
    name, _, rest = line.partition(" ")
    if name not in INSTRUCTIONS:
        raise ValueError(f"an instruction that the tests do not know: {line}")
    flags: dict[str, str] = {}
    while match := re.match(r"--([a-z-]+)=(\S+) ", rest):
        flags[match[1]] = match[2]
        rest = rest[match.end() :]
    return Instruction(name, flags, rest)


def let_through(ignore: str, paths: Iterable[str]) -> list[str]:
    """Those of ``paths`` (files, relative, with slashes) that a .dockerignore lets into the build."""
    rules = []
    for line in ignore.splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#"):
            excepted = pattern.startswith("!")
            rules.append((excepted, _as_regex(pattern.removeprefix("!").strip("/"))))
    return [path for path in paths if not _is_ignored(path, rules)]


def _is_ignored(path: str, rules: list[tuple[bool, re.Pattern[str]]]) -> bool:
    """The last rule that matches the path, or a folder above it, decides."""
    ignored = False
    for excepted, pattern in rules:
        if pattern.match(path):
            ignored = not excepted
    return ignored


def _as_regex(pattern: str) -> re.Pattern[str]:
    """Go's ``filepath.Match`` with ``**`` as any number of folders, and whatever lies below a match."""
    wildcards = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    regex = ""
    for piece in re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern):
        is_class = piece.startswith("[")
        regex += piece if is_class else wildcards.get(piece, re.escape(piece))
    return re.compile(rf"{regex}(?:/.*)?\Z", re.DOTALL)
