"""One request and what is concluded of it: the one typed value that everything about an answer reads.

Views, error pages, the access log and the counters find it in the WSGI environ under one key. Verdict,
device and decision are reached when first wanted, and at most once. Knows nothing of Flask and Gunicorn.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yourl.guard import Decision
from yourl.http1.environ import head_of
from yourl.http1.head import Fields, Head
from yourl.proxies import Connection, Verdict, url_of
from yourl.settings import Settings

if TYPE_CHECKING:
    from yourl.captures.access import Session
    from yourl.devices import Device
    from yourl.promise import Promise, RunSoon

ENVIRON_KEY = "yourl.context"

PROBE_PATHS = frozenset({"/health", "/ready"})
"""What orchestrators and load balancers ask, all day and by address rather than by name."""


MAX_WAIT = 60.0
"""Seconds that an answer may be kept back at the most."""


@dataclass(frozen=True, slots=True)
class Wait:
    """An answer is to be kept back: for ``seconds``, or until something happens on one of the ``channels``.

    After an event the request is answered anew; after the time the answer is given as it is.

    :param question: what is waited for, where ``look`` is given
    :param look: called on a thread after an event, once for all requests with an equal question. Returns None
        where the request is to be answered anew, else the question to ask after the next event. May raise.
    :raises ValueError: when the time is negative or longer than ``MAX_WAIT``
    """

    seconds: float
    channels: tuple[str, ...] = ()
    question: Hashable = None
    look: Callable[[Any], Hashable | None] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.seconds <= MAX_WAIT:
            raise ValueError(f"an answer can wait from 0 to {MAX_WAIT:g} seconds")


def _nothing() -> None:
    return None


@dataclass(slots=True)
class RequestContext:
    """One request. ``head`` and ``connection`` are given, the rest is concluded from them by ``settings``."""

    head: Head
    connection: Connection
    settings: Settings | None = None
    """Set by the application; until then, and under another application, nothing can be concluded."""
    trailers: Fields | None = None
    """Trailer fields of a chunked body; None where the server drops them."""
    content: bytes = b""
    """The body, once a view has read it."""
    form: Mapping[str, str] | None = None
    """The fields of the form in the body, once a view has read them."""
    request_id: str = ""
    route: str = "other"
    """The route for the counts: one of a fixed few names."""
    is_counted: bool = False
    """Whether the request is counted as being answered at present."""
    session: Session | None = None
    """The session of the visitor, once a view has looked for it; None for none."""
    has_read_session: bool = False
    wait: Wait | None = None
    """Set by a view whose answer is to be kept back; see ``can_wait``."""
    can_wait: bool = False
    """Whether the server keeps answers back by itself, without a thread."""
    promise: Promise | None = None
    """Set by a view whose answer holds a placeholder: it is sent with the text that was promised, or, where
    there will be none, the request is answered anew. See ``offer_to_run_soon``."""
    offer_to_run_soon: Callable[[], RunSoon | None] = _nothing
    """Gives what may keep such a promise; None where the server does not wait for one, has in vain, or has
    nothing else to do meanwhile."""
    inbox: str = ""
    """The inbox that the request was sent to, empty for none."""
    _verdict: Verdict | None = None
    _device: Device | None = None
    _decision: Decision | None = None

    @property
    def is_kept_back(self) -> bool:
        """Whether the server is to keep the answer back."""
        return self.can_wait and (self.wait is not None or self.promise is not None)

    @property
    def verdict(self) -> Verdict:
        """Which URL was asked for, by whom, through which proxies."""
        if self._verdict is None:
            from yourl.inspection import verdict_of  # a probe, which a start waits for, needs no verdict

            settings = self._known_settings
            self._verdict = verdict_of(
                self.head, self.connection, settings.trusted_proxies, settings.allowed_hosts
            )
        return self._verdict

    @property
    def device(self) -> Device:
        """The class of device that sent the request."""
        if self._device is None:
            from yourl.inspection import device_of

            self._device = device_of(self.head)
        return self._device

    @property
    def decision(self) -> Decision:
        """Whether the policy lets the device look."""
        if self._decision is None:
            self._decision = self._known_settings.guard.decide(self.device.type)
        return self._decision

    @property
    def _known_settings(self) -> Settings:
        if self.settings is None:
            raise RuntimeError("the context of a request has no settings")
        return self.settings

    @property
    def url(self) -> str:
        """The URL that the client asked for, as decided."""
        return url_of(self.verdict, self.head.target.origin_form)

    @property
    def prefix(self) -> str:
        """The path prefix that a trusted proxy cut off, as decided; empty for none."""
        return str(self.verdict.prefix.value or "")

    @property
    def known_client(self) -> str:
        """The decided client where there is a verdict, else the peer of our socket; for log and counters."""
        client = self._verdict.client.value if self._verdict else self.connection.peer
        return str(client or "")

    @property
    def known_device_type(self) -> str:
        """The device class where the request was classified, else empty; for log and counters."""
        return self._device.type if self._device else ""


def context_of(environ: MutableMapping[str, Any]) -> RequestContext:
    """The context of the request behind a WSGI environ; made from the environ where the server gave none."""
    context = environ.get(ENVIRON_KEY)
    if context is None:
        context = environ[ENVIRON_KEY] = RequestContext(head_of(environ), connection_of(environ))
    if not isinstance(context, RequestContext):
        raise TypeError(f"{ENVIRON_KEY} holds a {type(context).__name__}")
    return context


def connection_of(environ: MutableMapping[str, Any]) -> Connection:
    """Both ends of the socket, as the server in front describes them in the environ."""
    server, server_port = _local_address(environ)
    return Connection(
        peer=str(environ.get("REMOTE_ADDR") or ""),
        peer_port=_port(environ.get("REMOTE_PORT")),
        server=server,
        server_port=server_port,
        scheme=str(environ.get("wsgi.url_scheme", "http")),
    )


def _local_address(environ: MutableMapping[str, Any]) -> tuple[str, int | None]:
    # SERVER_NAME is what the server was bound to, often 0.0.0.0; the socket itself knows better.
    for key in ("gunicorn.socket", "werkzeug.socket"):
        try:
            name = environ[key].getsockname()
        except (KeyError, OSError, AttributeError):
            continue
        if isinstance(name, tuple):
            return str(name[0]), int(name[1])
        return str(name), None
    return str(environ.get("SERVER_NAME") or ""), _port(environ.get("SERVER_PORT"))


def _port(value: Any) -> int | None:
    return int(value) if isinstance(value, int) or (value and str(value).isdecimal()) else None
