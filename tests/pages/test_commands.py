"""The command repeats the request: a shell splits it into exactly what was sent."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from tests.pages.inspections import Fields, document, inspection, multipart
from yourl.pages.commands import LONGEST_COMMAND, LONGEST_INLINE_BODY, curl

HOST = ("Host", "a.example")

REQUESTS = [
    pytest.param(document("/x?y=1&z=2", (HOST,)), ["curl", "URL"], id="plain"),
    pytest.param(
        document("/", (HOST, ("X-A", "it's $(id) `id` \\!x;"), ("X-Empty", ""))),
        ["curl", "URL", "-H", "X-A: it's $(id) `id` \\!x;", "-H", "X-Empty;"],
        id="fields",
    ),
    pytest.param(
        document("/'%20$(id)`id`", (HOST,), method="DELETE"), ["curl", "-X", "DELETE", "URL"], id="method"
    ),
    pytest.param(
        {**document("/", (HOST,)), "method": "$(id)"}, ["curl", "-X", "$(id)", "URL"], id="odd-method"
    ),
    pytest.param(document("/", (HOST,), method="HEAD"), ["curl", "--head", "URL"], id="head"),
    pytest.param(
        document("/../[x]", (HOST,)),
        ["curl", "--path-as-is", "--globoff", "URL"],
        id="what-curl-would-change",
    ),
    pytest.param(
        document("/", (HOST, ("X-Forwarded-For", "x"), ("Via", "1.1 a"), ("Connection", "close"))),
        ["curl", "URL"],
        id="no-fields-of-proxies-and-connections",
    ),
    pytest.param(document("/", (HOST, ("X-Latin", "\x85"))), ["curl", "URL"], id="no-invisible-fields"),
    *(
        pytest.param(
            document("/", (HOST, ("Content-Type", "text/plain")), content, method="PUT"),
            ["curl", "-X", "PUT", "URL", "-H", "Content-Type: text/plain", *arguments],
            id=name,
        )
        for name, content, arguments in (
            ("body", "it's\n@ü".encode(), ["--data-raw", "it's\n@ü"]),
            ("body-of-bytes", b"\xff\x00", ["--data-binary", "@body.bin"]),
            ("body-that-a-terminal-would-obey", b"a\x1bb", ["--data-binary", "@body.bin"]),
            ("long-body", b"x" * (LONGEST_INLINE_BODY + 1), ["--data-binary", "@body.bin"]),
        )
    ),
    pytest.param(
        document("/", (HOST,), b"x", method="POST"),
        ["curl", "-X", "POST", "URL", "-H", "Content-Type:", "--data-raw", "x"],
        id="body-without-a-type",
    ),
]


@pytest.mark.parametrize(("doc", "words"), REQUESTS)
def test_command_is_what_was_sent(doc: dict[str, Any], words: list[str]) -> None:
    """A shell splits the command into these words, and expands none of them."""
    command = curl(doc)
    assert command is not None
    script = f"curl() {{ printf '%s\\0' curl \"$@\"; }}\n{command.text}\n"
    ran = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert ran.stdout.split("\0")[:-1] == [doc["url"] if word == "URL" else word for word in words]


def test_says_that_it_needs_the_body() -> None:
    """A body that is not in the command has to be in a file."""
    commands = [curl(doc) for doc in (document(), inspection(), inspection(*multipart({}, {"f": "n"})))]
    assert [command and command.needs_body_file for command in commands] == [False, False, True]


LONG = [
    pytest.param((("X", "v" * LONGEST_COMMAND),), b"", id="fields"),
    pytest.param((("X", "'" * 2000),), b"", id="quoted"),
    pytest.param((("X", "v" * 3000),), b"x" * 4000, id="body"),
]


@pytest.mark.parametrize(("fields", "content"), LONG)
def test_no_command_that_is_too_long(fields: Fields, content: bytes) -> None:
    """A command is short enough to be copied into a terminal."""
    assert curl(document("/", (HOST, *fields), content, method="POST")) is None
