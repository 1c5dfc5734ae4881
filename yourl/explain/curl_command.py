"""A curl command, as people type it and as browsers copy it ("Copy as cURL", for bash and for Windows)."""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote_plus, unquote_to_bytes, urlsplit

from yourl.errors import BadRequest
from yourl.explain.written import WrittenRequest, origin_of, with_host, written_request
from yourl.http1.head import BLANKS
from yourl.text import excerpt

_STARTS = re.compile(r"\s*(?:[$#>] )?(?:[\w.:/\\-]{0,200}[/\\])?curl(?:\.exe)?\s")
_ANSI_C = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}

# Options of curl that take a value and change nothing of the request.
_WITH_OTHER_VALUE = frozenset(
    (
        "--output", "--proxy", "--max-time", "--connect-timeout", "--retry", "--retry-delay", "--resolve",
        "--connect-to", "--cacert", "--capath", "--cert", "--key", "--interface", "--limit-rate",
        "--write-out", "--cookie-jar", "--config", "--dump-header", "--proxy-user", "--noproxy", "--ciphers",
        "--tls-max", "--trace", "--trace-ascii", "--stderr",
    )
)  # fmt: skip
_SHORT_WITH_VALUE = "XHdAbeuFTomwcxEKyYzDCr"


@dataclass(slots=True)
class _Command:
    """What the options of a curl command ask for."""

    url: str = ""
    method: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    data: list[str] = field(default_factory=list)
    json: bool = False
    as_query: bool = False
    is_head: bool = False
    is_compressed: bool = False
    version: tuple[int, int] = (1, 1)
    notes: list[str] = field(default_factory=list)

    def add_header(self, text: str) -> None:
        """``Name: value``; ``Name:`` removes one that curl sends by itself, ``Name;`` sends it empty."""
        name, colon, value = text.partition(":")
        if not colon and name.endswith(";"):
            self.fields.append((name[:-1], ""))
        elif colon and not value.strip(BLANKS):
            self.removed.add(name.lower())
        elif colon:
            self.fields.append((name.strip(), value.strip(BLANKS)))

    def add_file(self, text: str) -> None:
        """A form field, a file: what it holds is not in the command."""
        self.method = self.method or "POST"
        self.notes.append(f"The content of {excerpt(text, 60)!r} is not part of the command.")


def is_curl_command(text: str) -> bool:
    """Whether the text begins as a curl command does."""
    return _STARTS.match(text) is not None


def read_curl_command(text: str) -> WrittenRequest:
    """The request that a curl command sends.

    :raises BadRequest: where the quotes do not match or there is no URL
    """
    try:
        words = shlex.split(_for_one_shell(text).lstrip("$#> "))[1:]
    except ValueError as error:
        raise BadRequest(f"The curl command cannot be read: {error}.") from None
    command = _Command()
    for option, value in _options(words):
        _APPLY.get(option, _ignore)(command, value)
    if not command.url:
        raise BadRequest("The curl command has no URL.")
    return _request(command)


def _for_one_shell(text: str) -> str:
    """The command as a POSIX shell would have it quoted."""
    if '^"' in text or re.search(r"\^\r?\n", text):  # Windows: ^ quotes the next character
        text = re.sub(r"\^(\r?\n)", " ", text)
        return re.sub(r"\^(.)", r"\1", text)
    text = re.sub(r"\\\r?\n", " ", text)
    return _ANSI_C.sub(lambda match: shlex.quote(_ESCAPE.sub(_unescaped, match[1])), text)


def _unescaped(match: re.Match[str]) -> str:
    if match[1] or match[2]:
        return chr(int(match[1] or match[2], 16))
    return _ESCAPED.get(match[3], match[3])


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Each option with its value; a word by itself is ``--url``."""
    waiting = iter(words)
    for word in waiting:
        if word.startswith("--"):
            takes_value = word in _WITH_OTHER_VALUE or word in _VALUE_OPTIONS
            yield word, next(waiting, "") if takes_value else ""
        elif word.startswith("-") and len(word) > 1:
            yield from _short_options(word[1:], waiting)
        else:
            yield "--url", word


def _short_options(letters: str, waiting: Iterator[str]) -> Iterator[tuple[str, str]]:
    """``-sXPOST`` is ``-s`` and ``-X`` with the value ``POST``."""
    for at, letter in enumerate(letters):
        if letter in _SHORT_WITH_VALUE:
            yield f"-{letter}", letters[at + 1 :] or next(waiting, "")
            return
        yield f"-{letter}", ""


def _ignore(command: _Command, value: str) -> None:
    """An option that changes nothing of the request."""


def _set(name: str, value: object) -> Callable[[_Command, str], None]:
    return lambda command, _: setattr(command, name, value)


def _take(name: str) -> Callable[[_Command, str], None]:
    return lambda command, value: setattr(command, name, value)


def _field(name: str) -> Callable[[_Command, str], None]:
    return lambda command, value: command.fields.append((name, value))


def _add_data(command: _Command, value: str) -> None:
    if value.startswith("@"):
        command.add_file(value)
    else:
        command.data.append(value)


def _add_raw_data(command: _Command, value: str) -> None:
    command.data.append(value)


def _add_encoded_data(command: _Command, value: str) -> None:
    name, equals, rest = value.partition("=")
    encoded = quote_plus(rest if equals else name)
    command.data.append(f"{name}={encoded}" if equals and name else encoded)


def _add_json(command: _Command, value: str) -> None:
    command.json = True
    _add_data(command, value)


def _add_cookie(command: _Command, value: str) -> None:
    if "=" in value:
        command.fields.append(("Cookie", value))
    else:
        command.notes.append("The cookies of a file are not part of the command.")


def _add_user(command: _Command, value: str) -> None:
    code = base64.b64encode(value.encode()).decode("ascii")
    command.fields.append(("Authorization", f"Basic {code}"))


def _add_headers(command: _Command, value: str) -> None:
    command.add_header(value)


def _add_file(command: _Command, value: str) -> None:
    command.add_file(value)


_BY_NAMES: dict[str, Callable[[_Command, str], None]] = {
    "--url": _take("url"),
    "-X --request": _take("method"),
    "-H --header": _add_headers,
    "-A --user-agent": _field("User-Agent"),
    "-e --referer": _field("Referer"),
    "-b --cookie": _add_cookie,
    "-u --user": _add_user,
    "-d --data --data-ascii --data-binary": _add_data,
    "--data-raw": _add_raw_data,
    "--data-urlencode": _add_encoded_data,
    "--json": _add_json,
    "-F --form --form-string -T --upload-file": _add_file,
}
_VALUE_OPTIONS = frozenset(name for names in _BY_NAMES for name in names.split())
_FLAGS: dict[str, Callable[[_Command, str], None]] = {
    "-G --get": _set("as_query", True),
    "-I --head": _set("is_head", True),
    "-0 --http1.0": _set("version", (1, 0)),
    "--compressed": _set("is_compressed", True),
}
_APPLY = {name: apply for names, apply in {**_BY_NAMES, **_FLAGS}.items() for name in names.split()}


def _request(command: _Command) -> WrittenRequest:
    url = command.url if "://" in command.url else f"http://{command.url}"
    try:
        parts = urlsplit(url)
    except ValueError:
        raise BadRequest(f"{excerpt(url, 80)!r} is no URL.") from None
    userinfo, at, authority = parts.netloc.rpartition("@")
    if at:
        _add_user(command, unquote_to_bytes(userinfo).decode("utf-8", "replace"))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    data = "&".join(command.data)
    if command.as_query and data:
        target, data = target + ("&" if "?" in target else "?") + data, ""
    body = data.encode("utf-8", "replace")
    has_body = bool(command.data) and not command.as_query
    method = command.method or ("HEAD" if command.is_head else "POST" if has_body else "GET")
    return written_request(
        method,
        target.replace(" ", "%20"),
        command.version,
        with_host(tuple(_fields(command, body, has_body)), authority),
        body,
        format="curl command",
        origin=origin_of(parts.scheme, authority),
        notes=tuple(command.notes),
    )


def _fields(command: _Command, body: bytes, has_body: bool) -> list[tuple[str, str]]:
    """What curl sends: its own fields, unless the command has others or removes them."""
    own = [("User-Agent", "curl"), ("Accept", "*/*")]
    if command.is_compressed:
        own.append(("Accept-Encoding", "gzip, deflate, br"))
    if has_body:
        form = "application/x-www-form-urlencoded"
        own.append(("Content-Type", "application/json" if command.json else form))
        own.append(("Content-Length", str(len(body))))
    given = {name.lower() for name, _ in command.fields} | command.removed
    return [pair for pair in own if pair[0].lower() not in given] + command.fields
