"""Puts newest figures into the document of the benchmarks. Pure: text in, text out.

Each comparison has a place between two comments; a comparison that was not run keeps its older figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.markdown import file_name, section
from benchmarks.rounds import Result


@dataclass(frozen=True, slots=True)
class Measured:
    """The results of one comparison."""

    name: str
    results: tuple[Result, ...]


def written(text: str, measured: Sequence[Measured], images: str, machine: str) -> str:
    """``text`` with the new figures; ``machine`` says what they were measured on.

    :raises ValueError: when the document has no place for a comparison
    """
    for each in measured:
        sections = [section(result, f"{images}/{file_name(result.title)}") for result in each.results]
        text = filled(text, each.name, "\n".join([machine, *sections]))
    return text


def filled(text: str, name: str, content: str) -> str:
    """``text`` with ``content`` between the comments ``figures: name`` and ``end``."""
    start, end = f"<!-- figures: {name} -->\n", "<!-- end -->"
    pattern = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
    if pattern.search(text) is None:
        raise ValueError(f"the document has no place for {name}")
    return pattern.sub(lambda _: f"{start}\n{content}\n{end}", text)
