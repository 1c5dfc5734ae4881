"""Who may see what was kept: the access code, sessions, share links, and a limit on wrong codes.

Sessions and links are signed with keys made from the access code, so a new code ends them all, and every
instance with the same code accepts them. A link is passed on to others, who could try codes against its
signature at leisure; so the keys are made slowly (PBKDF2), once per process.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import secrets
import threading
import time
from dataclasses import dataclass
from functools import lru_cache

from yourl.captures.errors import StoreUnavailable
from yourl.captures.ids import is_id
from yourl.captures.store import CaptureStore

SESSION_SECONDS = 12 * 3600
SHARE_SECONDS = 7 * 24 * 3600
MAX_SHARE_SECONDS = 90 * 24 * 3600
MAX_TOKEN = 512
"""Characters of a token that is looked at."""
_ROUNDS = 100_000
_SALT = b"yourl access code, version 1"


def code_is_right(given: str, code: str) -> bool:
    """Whether a given access code is the right one, in a time that does not depend on where they differ."""
    return hmac.compare_digest(_hashed(given[:1024]), _hashed(code))


def _hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


@lru_cache(maxsize=4)
def _master_key(code: str) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", code.encode("utf-8", "surrogatepass"), _SALT, _ROUNDS)


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in visitor. ``id`` is random, ``expires`` in seconds since 1970."""

    id: str
    expires: int


class Keys:
    """Makes and checks sessions, tokens for changes, and share links for one access code."""

    def __init__(self, code: str) -> None:
        self._code = code

    def _sign(self, purpose: str, text: str) -> str:
        # The purpose is part of what is signed: a link can never serve as a session.
        message = f"{purpose}\n{text}".encode("utf-8", "surrogatepass")
        digest = hmac.new(_master_key(self._code), message, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _sealed(self, purpose: str, text: str) -> str:
        return f"{text}.{self._sign(purpose, text)}"

    def _opened(self, purpose: str, token: str) -> str | None:
        """The signed text in a token; None where it was not signed for this purpose with this code."""
        if len(token) > MAX_TOKEN or not token.isascii():
            return None
        text, _, signature = token.rpartition(".")
        return text if hmac.compare_digest(signature, self._sign(purpose, text)) else None

    def new_session(self, now: float | None = None) -> str:
        """The value of a session cookie."""
        expires = int(_now(now)) + SESSION_SECONDS
        return self._sealed("session", f"{secrets.token_urlsafe(16)}.{expires}")

    def session(self, cookie: str, now: float | None = None) -> Session | None:
        """The session that a cookie holds; None where it is forged, expired or of another code."""
        text = self._opened("session", cookie)
        if text is None:
            return None
        session_id, _, expires = text.partition(".")
        return Session(session_id, int(expires)) if int(expires) > _now(now) else None

    def change_token(self, session: Session) -> str:
        """What a form must carry to change anything in this session (against cross-site requests)."""
        return self._sign("change", session.id)

    def change_is_allowed(self, session: Session, token: str) -> bool:
        """Whether a form carries the token of its session."""
        return token.isascii() and hmac.compare_digest(token, self.change_token(session))

    def share(self, capture_id: str, seconds: float = SHARE_SECONDS, now: float | None = None) -> str:
        """A token that shows one capture, for so many seconds, without the code."""
        expires = int(_now(now) + min(max(seconds, 1), MAX_SHARE_SECONDS))
        return self._sealed("share", f"{capture_id}.{expires}")

    def shared(self, token: str, now: float | None = None) -> str | None:
        """The id of the capture that a token shows; None where it is forged or expired."""
        text = self._opened("share", token)
        if text is None:
            return None
        capture_id, _, expires = text.partition(".")
        return capture_id if is_id(capture_id) and int(expires) > _now(now) else None


def _now(now: float | None) -> float:
    return time.time() if now is None else now


def bearer_code(authorization: str) -> str | None:
    """The access code in an ``Authorization: Bearer`` field (RFC 6750); None where there is none."""
    scheme, _, code = authorization.strip(" ").partition(" ")
    return code.strip(" ") if scheme.lower() == "bearer" and code.strip(" ") else None


class Limiter:
    """Counts wrong codes per client in the store, so that all workers and instances count together.

    Where the store cannot count, this process counts by itself.
    """

    WRONG_CODES = 10
    """Wrong codes of one client within ``SECONDS`` before its next ones are not looked at."""
    WRONG_CODES_OF_ALL = 1000
    """The same of all clients together: guessing from many addresses is slow too."""
    SECONDS = 300.0
    MOST_KEYS = 1024

    def __init__(self, store: CaptureStore) -> None:
        self._store = store
        self._own: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def is_blocked(self, client: str) -> bool:
        """Whether the client must wait before another code of it is looked at."""
        key = limit_key(client)
        return self._count(key) >= self.WRONG_CODES or self._count("codes of all") >= self.WRONG_CODES_OF_ALL

    def note_wrong_code(self, client: str) -> None:
        """Count a wrong code."""
        for key in (limit_key(client), "codes of all"):
            try:
                self._store.count_event(key, self.SECONDS)
            except StoreUnavailable:
                self._count_here(key)

    def _count(self, key: str) -> int:
        own, until = self._own.get(key, (0, 0.0))
        own = own if until > time.monotonic() else 0
        try:
            return max(own, self._store.events(key))
        except StoreUnavailable:
            return own

    def _count_here(self, key: str) -> None:
        now = time.monotonic()
        with self._lock:
            if len(self._own) >= self.MOST_KEYS:
                self._own = {name: own for name, own in self._own.items() if own[1] > now}
            while len(self._own) >= self.MOST_KEYS:
                del self._own[next(iter(self._own))]
            count, until = self._own.get(key, (0, 0.0))
            self._own[key] = (count + 1, until) if until > now else (1, now + self.SECONDS)


def limit_key(client: str) -> str:
    """What is counted as one client: an IPv4 address, or the /64 of an IPv6 one, which one site has whole."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return f"codes {hashlib.sha256(client.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return f"codes {ipaddress.ip_network((int(address) >> 64 << 64, 64))}"
    return f"codes {getattr(address, 'ipv4_mapped', None) or address}"
