"""The settings: a mapping (the environment) in, one frozen ``Settings`` out, every fault at once.

Each setting is declared once, in ``SETTINGS``: its name, how its text is read, its default and what
it is for. The README's table, ``--help``, ``check`` and the command-line options all come from there.
Knows nothing of Flask; the environment is a parameter.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from yourl.devices import DEVICE_TYPES
from yourl.errors import SettingsError
from yourl.guard import GuardPolicy
from yourl.http1.limits import Limits
from yourl.proxies import TrustedProxies

CLOUD_RUN = "cloud-run"
WORKER_CLASSES = {
    "yourl": "yourl.server.worker.PatientWorker",
    "gthread": "gthread",
    "sync": "sync",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What this run was told, checked. Times are in seconds, sizes in bytes."""

    port: int
    host: str
    workers: int | None
    threads: int
    worker_class: str
    trusted_proxies: TrustedProxies
    allowed_hosts: tuple[str, ...]
    guard: GuardPolicy
    organization: str
    session_id: str
    usage: str | None
    access_code: str | None
    body_limit: int
    log_format: str
    drain: float
    head_timeout: float
    body_timeout: float
    body_rate: int
    send_timeout: float
    keepalive: int
    platform: str | None

    @property
    def limits(self) -> Limits:
        """What one client may take from a worker."""
        return Limits(
            head_timeout=self.head_timeout,
            idle_timeout=self.keepalive,
            body_timeout=self.body_timeout,
            body_rate=self.body_rate,
            send_timeout=self.send_timeout,
            body_size=self.body_limit,
        )

    @property
    def demo_mode(self) -> bool:
        """True until an access code has been set."""
        return self.access_code is None


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: ``read`` turns its text into a value or raises ``ValueError`` with what is allowed."""

    name: str
    read: Callable[[str], Any]
    default: str
    help: str
    metavar: str = "TEXT"
    secret: bool = False
    empty_is_unset: bool = True

    @property
    def option(self) -> str:
        """The command-line option of the same name: ``YOURL_BODY_LIMIT`` -> ``--body-limit``."""
        return "--" + self.name.removeprefix("YOURL_").lower().replace("_", "-")

    @property
    def field(self) -> str:
        """The key under which ``load`` keeps the value."""
        return self.option.removeprefix("--").replace("-", "_")


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


def on_or_off(text: str) -> bool:
    """``on`` or ``off``; nothing else is guessed to be either."""
    return one_of("on", "off")(text) == "on"


def words(text: str) -> tuple[str, ...]:
    """Words parted by commas or blanks, lower-cased, each once, in order."""
    return tuple(dict.fromkeys(word.lower() for word in re.split(r"[,\s]+", text.strip()) if word))


def device_types(text: str) -> tuple[str, ...]:
    """Device classes parted by commas or blanks."""
    chosen = words(text)
    if not set(chosen) <= set(DEVICE_TYPES):
        raise ValueError("a list of " + ", ".join(DEVICE_TYPES))
    return chosen


def host_names(text: str) -> tuple[str, ...]:
    """Host names or IP literals; ``*.example.com`` stands for each name below example.com."""
    names = words(text)
    for name in names:
        if not _is_host(name.removeprefix("*.")):
            raise ValueError("host names such as shop.example or *.shop.example, without scheme or port")
    return names


def _is_host(name: str) -> bool:
    return _is_address(name.strip("[]")) or all(
        re.fullmatch(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", label) for label in name.rstrip(".").split(".")
    )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def listening_address(text: str) -> str:
    """An IP address or a host name to listen on."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if not _is_address(bare) and not _is_host(bare.lower()):
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


SETTINGS: tuple[Setting, ...] = (
    Setting("PORT", whole_number(1, 65535), "8080", "TCP port to listen on", "NUMBER"),
    Setting("HOST", listening_address, "0.0.0.0", "address or host name to listen on", "ADDRESS"),
    Setting(
        "WEB_CONCURRENCY", whole_number(1, 1024), "", "worker processes; CPUs × 2 + 1 if not set", "NUMBER"
    ),
    Setting("YOURL_THREADS", whole_number(1, 1024), "8", "threads of each worker", "NUMBER"),
    Setting(
        "YOURL_WORKER_CLASS",
        worker_class,
        "yourl",
        "yourl (patient with slow clients), gthread, sync or a dotted path",
        "NAME",
    ),
    Setting(
        "YOURL_TRUSTED_PROXIES",
        TrustedProxies.parse,
        "",
        "proxies whose forwarding headers are believed: CIDRs, loopback, private and/or a hop count; "
        "empty trusts nobody; if not set on Cloud Run, its front end",
        "LIST",
        empty_is_unset=False,
    ),
    Setting(
        "YOURL_ALLOWED_HOSTS",
        host_names,
        "",
        "host names that are answered, *.example.com for all below it; empty answers any",
        "LIST",
    ),
    Setting("YOURL_GUARD", on_or_off, "on", "the Friends and Family Guard: on or off", "on|off"),
    Setting(
        "YOURL_GUARD_ALLOW",
        device_types,
        "pc,phone,tablet",
        "device classes that may look",
        "LIST",
        empty_is_unset=False,
    ),
    Setting(
        "YOURL_GUARD_BLOCK",
        device_types,
        "watch",
        "device classes that may not; wins over the other list",
        "LIST",
        empty_is_unset=False,
    ),
    Setting("YOURL_ORGANIZATION", printable, "Yourl Cloud Inc.", "the name that answers carry"),
    Setting("YOURL_SESSION_ID", session_id, "", "the UUID of this run; made at start if not set", "UUID"),
    Setting("YOURL_USAGE", one_of("personal", "work"), "", "what this run is for", "personal|work"),
    Setting("YOURL_ACCESS_CODE", access_code, "", "the access code; setting it ends demo mode", secret=True),
    Setting(
        "YOURL_BODY_LIMIT",
        whole_number(1, 1 << 30),
        "1048576",
        "longest request body in bytes; a longer one gets 413",
        "BYTES",
    ),
    Setting(
        "YOURL_LOG_FORMAT",
        one_of("text", "json"),
        "",
        "text, or json; json by itself on Cloud Run",
        "text|json",
    ),
    Setting(
        "YOURL_DRAIN",
        seconds(0, 3600),
        "0",
        "seconds to go on serving after SIGTERM while /ready says 503",
        "SECONDS",
    ),
    Setting("YOURL_HEAD_TIMEOUT", seconds(0.1, 300), "5", "seconds for a whole request head", "SECONDS"),
    Setting("YOURL_BODY_TIMEOUT", seconds(0.1, 3600), "10", "seconds for a request body", "SECONDS"),
    Setting(
        "YOURL_BODY_RATE",
        whole_number(1, 1 << 30),
        "16384",
        "bytes a second that a body must reach to be given more time than that",
        "BYTES",
    ),
    Setting(
        "YOURL_SEND_TIMEOUT", seconds(0.1, 3600), "10", "seconds for a client to take an answer", "SECONDS"
    ),
    Setting(
        "YOURL_KEEPALIVE",
        whole_number(1, 300),
        "2",
        "seconds that an idle connection is kept open",
        "SECONDS",
    ),
)


def load(environ: Mapping[str, str]) -> Settings:
    """Read every setting out of ``environ``.

    :raises SettingsError: naming each bad setting, its value (masked if secret) and what is allowed
    """
    values: dict[str, Any] = {}
    faults: list[str] = []
    for setting in SETTINGS:
        text = text_of(setting, environ)
        try:
            values[setting.field] = setting.read(text) if text else None
        except ValueError as error:
            shown = mask(text) if setting.secret else repr(text)
            reason = str(error)
            faults.append(
                f"{setting.name} is {shown}: {reason}"
                if reason.endswith(".")  # a sentence of the room that owns the value
                else f"{setting.name} is {shown}; allowed: {reason}"
            )
    if faults:
        raise SettingsError(faults)
    return _assemble(values, environ)


def text_of(setting: Setting, environ: Mapping[str, str]) -> str:
    """The text that counts: the environment's, or the default where that is unset or empty."""
    text = environ.get(setting.name)
    if text is None or (setting.empty_is_unset and not text.strip()):
        return setting.default
    return text.strip()


def platform_of(environ: Mapping[str, str]) -> str | None:
    """``"cloud-run"`` where K_SERVICE is set, as Cloud Run's container contract says; else None."""
    return CLOUD_RUN if environ.get("K_SERVICE") else None


def _assemble(values: dict[str, Any], environ: Mapping[str, str]) -> Settings:
    platform = platform_of(environ)
    believes_platform = platform if "YOURL_TRUSTED_PROXIES" not in environ else None
    if not values["trusted_proxies"]:
        values["trusted_proxies"] = TrustedProxies.parse("", platform=believes_platform)
    guard = GuardPolicy(
        enabled=values.pop("guard"),
        allow=values.pop("guard_allow") or (),
        block=values.pop("guard_block") or (),
    )
    values["workers"] = values.pop("web_concurrency")
    values["log_format"] = values["log_format"] or ("json" if platform == CLOUD_RUN else "text")
    values["session_id"] = values["session_id"] or str(uuid.uuid4())
    values["allowed_hosts"] = values["allowed_hosts"] or ()
    return Settings(guard=guard, platform=platform, **values)


def mask(secret: str) -> str:
    """Stars in place of a secret; not even its length is told."""
    return "********" if secret else ""


# Kubernetes sets such names for each Service, and one may well be called "yourl".
_SERVICE_LINK = re.compile(r"YOURL_(SERVICE_(HOST|PORT.*)|PORT(_.*)?)\Z")


def unknown_names(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each ``YOURL_…`` variable that is no setting, with the likeliest one meant."""
    known = {setting.name for setting in SETTINGS}
    sentences = []
    for name in sorted(environ):
        if name.startswith("YOURL_") and name not in known and not _SERVICE_LINK.match(name):
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            sentences.append(f"{name} is not a setting of yourl and is ignored{hint}")
    return sentences
