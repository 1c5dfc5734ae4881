"""The head of a request as a WSGI environ has it (PEP 3333): the one place where a ``Head`` is made from it.

Servers other than ours pass on no more than this: names upper-cased in a mapping, repeated fields joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from yourl.http1.head import Fields, Head
from yourl.http1.target import RequestTarget, parse_target

# The header fields that CGI, and so WSGI, names without the HTTP_ prefix (RFC 3875 section 4.1).
_BARE_NAMES = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length"}
# Fields whose usual spelling is not each word capitalised.
_SPELLINGS = {
    "Te": "TE",
    "Dnt": "DNT",
    "Etag": "ETag",
    "Www-Authenticate": "WWW-Authenticate",
    "X-Request-Id": "X-Request-ID",
    "X-Real-Ip": "X-Real-IP",
    "X-Client-Ip": "X-Client-IP",
    "X-Cluster-Client-Ip": "X-Cluster-Client-IP",
    "True-Client-Ip": "True-Client-IP",
    "Fly-Client-Ip": "Fly-Client-IP",
    "Fastly-Client-Ip": "Fastly-Client-IP",
    "Cf-Connecting-Ip": "CF-Connecting-IP",
    "Cf-Ray": "CF-Ray",
    "Cf-Visitor": "CF-Visitor",
    "Sec-Websocket-Key": "Sec-WebSocket-Key",
    "Sec-Websocket-Version": "Sec-WebSocket-Version",
    "Sec-Websocket-Extensions": "Sec-WebSocket-Extensions",
    "Sec-Websocket-Protocol": "Sec-WebSocket-Protocol",
}
_PATH_CHARACTERS = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:@!$&'()*+,;=-._~"
)


def head_of(environ: Mapping[str, Any]) -> Head:
    """The head that a server other than ours describes in ``environ``, whatever the client sent."""
    method = str(environ["REQUEST_METHOD"])
    return Head(
        method=method,
        target=target_of(environ, method),
        version=(1, 0) if environ.get("SERVER_PROTOCOL") in ("HTTP/1.0", "HTTP/0.9") else (1, 1),
        fields=_fields_of(environ),
        is_exact=False,
    )


def target_of(environ: Mapping[str, Any], method: str) -> RequestTarget:
    """The request target; from the path where the server does not keep the target itself.

    RAW_URI and REQUEST_URI are not in PEP 3333: some servers leave the query out of them.
    """
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if not raw:
        raw = _percent_encoded(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""))
    query = environ.get("QUERY_STRING", "")
    if query and "?" not in raw:
        raw += "?" + query
    return parse_target(str(raw), method)


def _percent_encoded(path: str) -> str:
    return "".join(
        chr(byte) if byte in _PATH_CHARACTERS else f"%{byte:02X}"
        for byte in path.encode("latin-1", "replace")
    )


def _fields_of(environ: Mapping[str, Any]) -> Fields:
    found = [(name, str(environ[key])) for key, name in _BARE_NAMES.items() if environ.get(key)]
    found += [(field_name(k[5:]), str(v)) for k, v in environ.items() if k.startswith("HTTP_")]
    return tuple(sorted(found))


def joined_fields(fields: Iterable[tuple[str, str]]) -> Fields:
    """Fields under their usual names, sorted; repeated ones joined by commas, as WSGI servers pass them.

    A name with an underscore could pass for another one in an environ, so WSGI servers drop it; here, too.
    """
    by_name: dict[str, list[str]] = {}
    for received, value in fields:
        if "_" not in received:
            by_name.setdefault(field_name(received), []).append(value)
    return tuple((name, ",".join(by_name[name])) for name in sorted(by_name))


@lru_cache(maxsize=512)
def _field_name(name: str) -> str:
    usual = name.replace("_", "-").title()
    return _SPELLINGS.get(usual, usual.replace("Sec-Ch-Ua", "Sec-CH-UA"))


def field_name(name: str) -> str:
    """The usual spelling of a field's name, such as ``X-Forwarded-For`` for ``X_FORWARDED_FOR``."""
    return _field_name(name) if len(name) <= 64 else name.replace("_", "-").title()
