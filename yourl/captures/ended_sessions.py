"""Which sessions were signed out of: the store knows them, so every worker and instance refuses them.

Only a holder of the access code can begin sessions, and so end them.
"""

from __future__ import annotations

import threading

from yourl.captures.access import Session
from yourl.captures.bounds import MOST_ENDED_SESSIONS
from yourl.captures.errors import StoreUnavailable
from yourl.captures.store import CaptureStore


class EndedSessions:
    """Shared by threads. What the store could not be told yet, this process remembers and tells it later.

    While the store is away other processes accept such a session; what is kept cannot be read then.
    """

    def __init__(self, store: CaptureStore) -> None:
        self._store = store
        self._untold: dict[str, Session] = {}
        self._lock = threading.Lock()

    def end(self, session: Session) -> None:
        """End a session. Never raises."""
        with self._lock:
            while len(self._untold) >= MOST_ENDED_SESSIONS:
                del self._untold[next(iter(self._untold))]
            self._untold[session.id] = session
        self._tell()

    def includes(self, session: Session) -> bool:
        """Whether a session was ended. One question to the store; False where that is away."""
        if self._untold:
            self._tell()
        if session.id in self._untold:
            return True
        try:
            return self._store.session_has_ended(session.id, session.expires)
        except StoreUnavailable:
            return False

    def _tell(self) -> None:
        """Tell the store one session that it does not know yet, so that no request waits for many."""
        with self._lock:
            session = next(iter(self._untold.values()), None)
        if session is None:
            return
        try:
            self._store.end_session(session.id, session.expires)
        except StoreUnavailable:
            return
        with self._lock:
            self._untold.pop(session.id, None)
