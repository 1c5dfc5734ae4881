"""Which proxy program stands next to us, by the marks that it leaves on a request."""

from __future__ import annotations

from ..fields import Fields
from ..trust import TrustedProxies

_ENVOY_HEADERS = (
    "x-envoy-external-address",
    "x-envoy-original-path",
    "x-envoy-expected-rq-timeout-ms",
    "x-envoy-attempt-count",
    "x-envoy-internal",
    "x-envoy-decorator-operation",
)
PRODUCT_HEADERS = ("x-cloud-trace-context", *_ENVOY_HEADERS)
"""What ``nearest_product`` reads, apart from Via and the forwarding headers."""

_VIA_NAMES = ("caddy", "haproxy", "nginx", "apache", "envoy", "traefik")


def nearest_product(fields: Fields, trusted: TrustedProxies, http_version: str) -> str | None:
    """The proxy program that most probably stands next to us, from the marks that it leaves on a request."""
    if trusted.platform == "cloud-run" or "x-cloud-trace-context" in fields:
        return "cloud-run"
    if "x-forwarded-server" in fields:
        # Both write the proxy's own name; only Traefik adds X-Real-Ip.
        return "traefik" if "x-real-ip" in fields else "apache"
    if any(key in fields for key in _ENVOY_HEADERS):
        return "envoy"
    if "via" in fields:
        nearest = fields["via"][-1].rpartition(",")[2][:200].lower()
        for name in _VIA_NAMES:
            if name in nearest:
                return name
    # X-Real-IP is the habit of nginx, but any inner proxy, and a client, may have passed it on.
    return "nginx" if http_version == "1.0" else None  # its default towards the back
