"""What an inspection says of its way here, and what it has to say."""

from __future__ import annotations

from typing import Any

from tests.functional.certificates import NAME
from tests.functional.proxies.running import CLIENT, Proxy

TRUSTED = "127.0.0.1/32"
Json = dict[str, Any]


def decided(document: Json) -> Json:
    """What was decided, without the reasons."""
    slots = ("client", "scheme", "host", "port", "prefix")
    return {slot: document["proxy"][slot]["value"] for slot in slots}


def codes(document: Json) -> dict[str, str]:
    """Severity by code of each finding that says something about the set-up.

    That the client is on loopback is true of every client here, and beside the point.
    """
    told = {one["code"]: one["severity"] for one in document["findings"]}
    if told.get("private-client") == "info":
        del told["private-client"]
    return told


def right(edge: Proxy, prefix: str = "", client: str = CLIENT) -> Json:
    """What has to be decided behind this edge."""
    return {"client": client, "scheme": "https", "host": NAME, "port": edge.port, "prefix": prefix}
