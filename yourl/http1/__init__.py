"""HTTP/1.1 messages (RFC 9112): bytes in, a request or a refusal out.

Knows nothing of sockets, threads, Gunicorn, Flask, settings or time.
"""
