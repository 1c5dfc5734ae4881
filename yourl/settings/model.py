"""Every setting, declared at its field: variable, reader, help, default, secrecy.

To add one, add a field here, and run ``python -m packing.settings_table`` for its line in docs/settings.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from yourl.captures.bounds import Bounds, read_bounds
from yourl.captures.inboxes import InboxPolicy, inbox_name, inbox_names
from yourl.captures.opening import store_setting
from yourl.guard import GuardPolicy
from yourl.http1.limits import Limits, memory_for, response_buffer_for
from yourl.proxies import TrustedProxies
from yourl.settings import readers
from yourl.settings.declaration import Setting, setting, settings_of
from yourl.settings.platform import (
    new_access_code,
    new_session_id,
    trusted_front_end,
    usual_log_format,
)

SERVER = "Server"
TRUST = "Trust"
GUARD = "Guard"
LIVE = "Live"
RUN = "About this run"
LIMITS = "Limits"
LOGS = "Logs"
GROUPS = (SERVER, TRUST, GUARD, LIVE, LIMITS, LOGS, RUN)
"""In the order of ``--help`` and docs/settings.md."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What this run was told, checked. Times are in seconds, sizes in bytes."""

    port: int = setting(
        "PORT",
        readers.whole_number(1, 65535),
        "TCP port to listen on",
        group=SERVER,
        default="8080",
        metavar="NUMBER",
    )
    host: str = setting(
        "HOST",
        readers.listening_address,
        "address or host name to listen on",
        group=SERVER,
        default="0.0.0.0",
        metavar="ADDRESS",
    )
    server: str = setting(
        "YOURL_SERVER",
        readers.one_of("auto", "gunicorn", "flask"),
        "gunicorn, or Flask's own server; auto takes Gunicorn wherever it can run",
        group=SERVER,
        default="auto",
        metavar="auto|gunicorn|flask",
    )
    workers: int | None = setting(
        "WEB_CONCURRENCY",
        readers.whole_number(1, 1024),
        "worker processes; CPUs × 2 + 1 if not set",
        group=SERVER,
        metavar="NUMBER",
        aliases=("--workers",),
    )
    threads: int = setting(
        "YOURL_THREADS",
        readers.whole_number(1, 1024),
        "threads of each worker",
        group=SERVER,
        default="8",
        metavar="NUMBER",
    )
    worker_class: str = setting(
        "YOURL_WORKER_CLASS",
        readers.worker_class,
        "yourl (slow clients hold no thread), gthread, sync or a dotted path",
        group=SERVER,
        default="yourl",
        metavar="NAME",
    )
    trusted_proxies: TrustedProxies = setting(
        "YOURL_TRUSTED_PROXIES",
        TrustedProxies.parse,
        "proxies whose forwarding headers are believed: CIDRs, loopback, private and/or a hop count; "
        "empty trusts no proxy; if not set on Cloud Run, its front end",
        group=TRUST,
        when_unset=trusted_front_end,
        metavar="LIST",
        empty_is_unset=False,
    )
    proxy_protocol: bool = setting(
        "YOURL_PROXY_PROTOCOL",
        readers.on_or_off,
        "read PROXY protocol headers (v1, v2); each connection of a trusted proxy must begin with one",
        group=TRUST,
        default="off",
        metavar="on|off",
    )
    allowed_hosts: tuple[str, ...] = setting(
        "YOURL_ALLOWED_HOSTS",
        readers.host_names,
        "host names that are answered, *.example.com for all below it; empty answers any",
        group=TRUST,
        default="",
        metavar="LIST",
    )
    guard_enabled: bool = setting(
        "YOURL_GUARD",
        readers.on_or_off,
        "the Friends and Family Guard: on or off",
        group=GUARD,
        default="on",
        metavar="on|off",
    )
    guard_allow: tuple[str, ...] = setting(
        "YOURL_GUARD_ALLOW",
        readers.device_types,
        "device classes that may see the page",
        group=GUARD,
        default="pc,phone,tablet",
        metavar="LIST",
        empty_is_unset=False,
    )
    guard_block: tuple[str, ...] = setting(
        "YOURL_GUARD_BLOCK",
        readers.device_types,
        "device classes that may not; wins over the other list",
        group=GUARD,
        default="watch",
        metavar="LIST",
        empty_is_unset=False,
    )
    body_limit: int = setting(
        "YOURL_BODY_LIMIT",
        readers.whole_number(1, 1 << 30),
        "longest request body in bytes; a longer one gets 413",
        group=LIMITS,
        default="1048576",
        metavar="BYTES",
    )
    head_timeout: float = setting(
        "YOURL_HEAD_TIMEOUT",
        readers.seconds(0.1, 300),
        "seconds for a whole request head",
        group=LIMITS,
        default="5",
        metavar="SECONDS",
    )
    body_timeout: float = setting(
        "YOURL_BODY_TIMEOUT",
        readers.seconds(0.1, 3600),
        "seconds for a request body",
        group=LIMITS,
        default="10",
        metavar="SECONDS",
    )
    body_rate: int = setting(
        "YOURL_BODY_RATE",
        readers.whole_number(1, 1 << 30),
        "bytes a second that a body must reach to be given more time than that",
        group=LIMITS,
        default="16384",
        metavar="BYTES",
    )
    send_timeout: float = setting(
        "YOURL_SEND_TIMEOUT",
        readers.seconds(0.1, 3600),
        "seconds for a client to take an answer",
        group=LIMITS,
        default="10",
        metavar="SECONDS",
    )
    keepalive: int = setting(
        "YOURL_KEEPALIVE",
        readers.whole_number(1, 300),
        "seconds that an idle connection is kept open",
        group=LIMITS,
        default="2",
        metavar="SECONDS",
    )
    drain: float = setting(
        "YOURL_DRAIN",
        readers.seconds(0, 3600),
        "seconds to go on serving after SIGTERM while /ready says 503",
        group=SERVER,
        default="0",
        metavar="SECONDS",
    )
    log_format: str = setting(
        "YOURL_LOG_FORMAT",
        readers.one_of("text", "json"),
        "text, or json; json by itself on Cloud Run",
        group=LOGS,
        when_unset=usual_log_format,
        metavar="text|json",
    )
    print_requests: bool = setting(
        "YOURL_PRINT",
        readers.on_or_off,
        "write each whole request to stdout, credentials masked: on or off",
        group=LOGS,
        default="off",
        metavar="on|off",
    )
    organization: str = setting(
        "YOURL_ORGANIZATION",
        readers.printable,
        "the organization that answers name",
        group=RUN,
        default="Yourl Cloud Inc.",
    )
    session_id: str = setting(
        "YOURL_SESSION_ID",
        readers.session_id,
        "the UUID of this run; made at start if not set",
        group=RUN,
        when_unset=new_session_id,
        metavar="UUID",
    )
    usage: str | None = setting(
        "YOURL_USAGE",
        readers.one_of("personal", "work"),
        "what this run is for",
        group=RUN,
        metavar="personal|work",
    )
    access_code: str | None = setting(
        "YOURL_ACCESS_CODE",
        readers.access_code,
        "the access code for /live; setting it ends demo mode; made at start if not set",
        group=LIVE,
        secret=True,
    )
    store: str = setting(
        "YOURL_STORE",
        store_setting,
        "where requests to /in are kept: sqlite (a temporary file), sqlite:PATH, redis://HOST or off",
        group=LIVE,
        default="sqlite",
        metavar="sqlite|sqlite:PATH|URL|off",
    )
    keep: Bounds = setting(
        "YOURL_KEEP",
        read_bounds,
        "how many requests are kept and how much of them, or one of both; one inbox gets half",
        group=LIVE,
        default="10000,20MiB",
        metavar="NUMBER,SIZE",
    )
    inboxes: tuple[str, ...] = setting(
        "YOURL_INBOXES",
        inbox_names,
        "the only inboxes that there may be; empty allows any name",
        group=LIVE,
        default="",
        metavar="LIST",
    )
    catch_all: str = setting(
        "YOURL_CATCH_ALL",
        inbox_name,
        "the inbox that keeps what is sent to any path that nothing else answers",
        group=LIVE,
        when_unset=lambda environ: "",
        metavar="NAME",
    )
    mask: bool = setting(
        "YOURL_MASK",
        readers.on_or_off,
        "mask credentials in header fields and queries before anything is kept: on or off",
        group=LIVE,
        default="on",
        metavar="on|off",
    )
    private: tuple[str, ...] = setting(
        "YOURL_PRIVATE",
        readers.some_of("metrics", "status"),
        "which of metrics and status need the access code",
        group=LIVE,
        default="",
        metavar="LIST",
    )

    platform: str | None = None
    """``"cloud-run"``, or None for no platform that this program knows."""
    cloud_project: str = ""
    """The Google Cloud project whose traces log lines refer to; empty where it is not known."""
    show_qr: bool = False
    """Whether the start shows a QR code of the live page's link."""
    made_code: str = field(default_factory=new_access_code, repr=False)
    """The access code where none was set."""
    guard: GuardPolicy = field(init=False)
    """The policy that the three settings of the guard make."""
    inbox_policy: InboxPolicy = field(init=False)
    """Which inboxes there may be, by two settings."""

    def __post_init__(self) -> None:
        policy = GuardPolicy(self.guard_enabled, self.guard_allow, self.guard_block)
        object.__setattr__(self, "guard", policy)
        object.__setattr__(self, "inbox_policy", InboxPolicy(self.inboxes, self.catch_all))

    @property
    def live_code(self) -> str:
        """The code that opens /live: the one that was set, else the one made at start."""
        return self.access_code or self.made_code

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
            response_buffer=response_buffer_for(self.body_limit),
            memory=memory_for(self.body_limit),
        )

    @property
    def demo_mode(self) -> bool:
        """True until an access code has been set."""
        return self.access_code is None


SETTINGS: tuple[Setting, ...] = settings_of(Settings)
