"""How the text of a setting becomes a value: each reader raises ``ValueError`` with what is allowed."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from yourl.devices import DEVICE_TYPES
from yourl.http1.grammar import is_host_name, is_ipv6

WORKER_CLASSES = {
    "yourl": "yourl.server.worker.PatientWorker",
    "gthread": "gthread",
    "sync": "sync",
}


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A reader of decimal integers from ``least`` to ``most``."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,15}", text) or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read


def seconds(least: float, most: float) -> Callable[[str], float]:
    """A reader of decimal numbers of seconds from ``least`` to ``most``."""

    def read(text: str) -> float:
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) or not least <= float(text) <= most:
            raise ValueError(f"a number of seconds from {least:g} to {most:g}")
        return float(text)

    return read


def one_of(*choices: str) -> Callable[[str], str]:
    """A reader of one of ``choices``, in any case."""

    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(" or ".join(choices))
        return text.lower()

    return read


def some_of(*choices: str) -> Callable[[str], tuple[str, ...]]:
    """A reader of any of ``choices``, separated by commas or blanks."""

    def read(text: str) -> tuple[str, ...]:
        chosen = words(text)
        if not set(chosen) <= set(choices):
            raise ValueError("a list of " + ", ".join(choices))
        return chosen

    return read


def on_or_off(text: str) -> bool:
    """``on`` or ``off``; no other text is taken for either."""
    return one_of("on", "off")(text) == "on"


def words(text: str) -> tuple[str, ...]:
    """Words separated by commas or blanks, lower-cased, each once, in order."""
    return tuple(dict.fromkeys(word.lower() for word in re.split(r"[,\s]+", text.strip()) if word))


def device_types(text: str) -> tuple[str, ...]:
    """Device classes separated by commas or blanks."""
    chosen = words(text)
    if not set(chosen) <= set(DEVICE_TYPES):
        raise ValueError("a list of " + ", ".join(DEVICE_TYPES))
    return chosen


def host_names(text: str) -> tuple[str, ...]:
    """Host names or IP literals; ``*.example.com`` stands for every name below example.com."""
    names = words(text)
    for name in names:
        if not _is_host(name.removeprefix("*.")):
            raise ValueError("host names such as shop.example or *.shop.example, without scheme or port")
    return names


def _is_host(name: str) -> bool:
    return is_host_name(name) or is_ipv6(name[1:-1] if name.startswith("[") else name)


def listening_address(text: str) -> str:
    """An IP address or a host name to listen on; the brackets of an IPv6 address are removed."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    address, _, _zone = bare.partition("%")  # RFC 4007 section 11: fe80::1%eth0
    if not is_ipv6(address) and not is_host_name(bare):
        raise ValueError("an IP address or a host name to listen on")
    return bare


def worker_class(text: str) -> str:
    """``yourl``, ``gthread``, ``sync`` or the dotted path of another Gunicorn worker class."""
    if text in WORKER_CLASSES:
        return WORKER_CLASSES[text]
    if not re.fullmatch(r"[A-Za-z_]\w*([.:][A-Za-z_]\w*)+", text, re.ASCII):
        raise ValueError("yourl, gthread, sync or the dotted path of a Gunicorn worker class")
    return text


def printable(text: str) -> str:
    """Text of 1 to 200 printable characters."""
    if not text.isprintable() or len(text) > 200:
        raise ValueError("1 to 200 printable characters")
    return text


def access_code(text: str) -> str:
    """A secret of 8 to 200 printable ASCII characters without blanks."""
    if not re.fullmatch(r"[!-~]{8,200}", text):
        raise ValueError("8 to 200 printable ASCII characters without blanks")
    return text


def session_id(text: str) -> str:
    """A UUID, in its canonical form."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise ValueError("a UUID") from None
