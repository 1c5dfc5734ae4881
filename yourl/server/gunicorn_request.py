"""The request that Gunicorn's response code and WSGI adapter read, made from a head that is parsed already.

Relies on these of Gunicorn 27: ``gunicorn.http.wsgi.create`` and ``Response`` read the attributes below, and
call ``should_close`` and ``force_close``; tests/server/test_worker.py names any that a release changes.
"""

from __future__ import annotations

import io

from yourl.http1.reader import ReceivedRequest


class GunicornRequest:
    """Stands in for ``gunicorn.http.message.Request``; nothing is parsed again.

    Names with an underscore are left out: in a WSGI environ they could pass for another field (as Gunicorn's
    ``header_map = "drop"`` has it).
    """

    proxy_protocol_info = None
    fragment = ""
    scheme = "http"
    _expected_100_continue = False  # the loop has sent the interim answer, where there had to be one

    def __init__(self, received: ReceivedRequest) -> None:
        head = received.head
        self.method = head.method
        self.uri = head.target.raw
        self.path = head.target.path
        self.query = head.target.query or ""
        self.version = head.version
        self.headers = [(name.upper(), value) for name, value in head.fields if "_" not in name]
        self.trailers = [(name.upper(), value) for name, value in received.trailers]
        self.body = io.BytesIO(received.body)
        self.must_close = head.closes

    def force_close(self) -> None:
        """Have the answer say ``Connection: close``."""
        self.must_close = True

    def should_close(self) -> bool:
        """Whether the connection ends with this answer (RFC 9112 section 9.6)."""
        return self.must_close
