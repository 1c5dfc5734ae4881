"""The text of a fix in parts: the lines for each proxy product, and the command that shows whether it worked.

A fix is one text of the inspection. Each block for a product begins with a comment that names it
(``# nginx, in the location that has proxy_pass``); the last line is a command in a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from yourl.proxies.fixes import PRODUCTS

_TITLES = sorted({product.title for product in PRODUCTS.values()}, key=len, reverse=True)
_HEADING = re.compile(
    rf"^(?:# (?P<product>{'|'.join(map(re.escape, _TITLES))})(?=[,: ])|(?P<ours>YOURL_|# Only if |# YOURL_))",
    re.MULTILINE,
)
_CONDITION = "# Only if "
_CHECK = re.compile(r"^# Check: (.+)\Z", re.MULTILINE)
OURS = "yourl"


@dataclass(frozen=True, slots=True)
class Block:
    """Lines for the configuration of one product, or a setting of ours."""

    product: str
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A fix in parts, in its own order."""

    blocks: list[Block]
    check: str | None
    """A command that fails as long as the finding is there."""


def parts(fix: str) -> Fix:
    """Divide the text of a fix; no line is lost."""
    check = _CHECK.search(fix)
    lines = fix[: check.start()] if check else fix
    blocks: list[Block] = []
    for product, text in _blocks(lines):
        if blocks and blocks[-1].product == product:  # two places in one configuration
            product, text = product, f"{blocks.pop().text}\n{text}"
        blocks.append(Block(product, text))
    return Fix(blocks, check[1] if check else None)


def _blocks(lines: str) -> Iterator[tuple[str, str]]:
    headings = list(_HEADING.finditer(lines))
    starts = [heading.start() for heading in headings]
    before = lines[: starts[0]] if starts else lines
    if before.strip():
        yield OURS, before.strip("\n")
    condition = ""
    for heading, end in zip(headings, [*starts[1:], len(lines)][: len(starts)], strict=True):
        text = lines[heading.start() : end]
        if heading["ours"] == _CONDITION and text.count("\n") == 1:
            condition = text  # of every block after it
        else:
            yield heading["product"] or OURS, (condition + text).strip("\n")
