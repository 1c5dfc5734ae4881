"""Which proxy stands next to us, by the marks that it leaves on a request.

A mark of one further out may have been passed on, so those that only the nearest proxy can leave go first:
the HTTP version that it speaks to us, the header that it appends to. A client can forge every mark; what
rests on them is the wording of a fix, never a decision.
"""

from __future__ import annotations

import re

from yourl.http1.grammar import parse_authority

from ..addresses import parse_node
from ..chain import Chain
from ..fields import Fields, elements
from .cloudflare import is_cloudflare

# Header → product, the nearest first: a platform's own front end, then what stands further out.
_MARKS = (
    ("x-varnish", "varnish"),
    ("surrogate-capability", "squid"),
    ("x-kong-request-id", "kong"),
    ("x-appservice-proto", "azure-app-service"),
    ("disguised-host", "azure-app-service"),
    ("x-appgw-trace-id", "azure-app-gateway"),
    ("fly-request-id", "fly"),
    ("rndr-id", "render"),
    ("x-vercel-id", "vercel"),
    ("x-envoy-peer-metadata-id", "istio"),
    ("x-envoy-decorator-operation", "istio"),
    ("x-amzn-apigateway-api-id", "aws-api-gateway"),
    ("x-amzn-trace-id", "aws-alb"),
    ("x-amz-cf-id", "cloudfront"),
    ("x-azure-fdid", "azure-front-door"),
    ("x-azure-ref", "azure-front-door"),
    ("fastly-ff", "fastly"),
    ("akamai-origin-hop", "akamai"),
)
_ENVOY = (
    "x-envoy-external-address",
    "x-envoy-expected-rq-timeout-ms",
    "x-envoy-attempt-count",
    "x-envoy-internal",
    "x-envoy-original-path",
    "x-envoy-original-host",
)
VENDOR_MARKS: dict[str, tuple[str, ...]] = {
    "Cloudflare": ("cf-ray",),
    "Akamai": ("akamai-origin-hop",),
    "Fly": ("fly-request-id",),
    "Fastly": ("fastly-ff",),
    "Azure": ("x-azure-ref", "x-azure-fdid", "x-appgw-trace-id", "x-arr-log-id"),
    "Envoy": _ENVOY,
    "Vercel": ("x-vercel-id",),
    "CloudFront": ("x-amz-cf-id",),
    "AWS": ("x-amzn-trace-id",),
    "ingress-nginx": ("x-scheme", "x-forwarded-scheme"),
}
"""Headers that show that a vendor's proxies are on the way, for the headers which only they should set."""

EDGE_VENDORS = ("Cloudflare", "CloudFront", "Fastly", "Akamai", "Azure", "Vercel")
"""Networks that take requests from the Internet only."""

NEVER_SET_HOST = frozenset(
    (
        *("h2o", "varnish", "squid", "trafficserver", "aws-alb", "google", "cloud-run", "cloudflare"),
        *("akamai", "cloudfront", "heroku", "fly", "envoy"),
    )
)
"""Products that pass ``Host`` on and never set X-Forwarded-Host unless told to."""

NEVER_SET_PORT = frozenset(("google", "cloud-run", "cloudflare", "akamai", "cloudfront"))
"""Platforms that never set X-Forwarded-Port."""

NEVER_SET_PREFIX = frozenset(("aws-alb", "google", "cloud-run", "heroku", "fly", "render"))
"""Platforms that cut nothing off the path."""

_CDNS = frozenset(("cloudfront", "fastly", "akamai"))
"""What has named itself in Via and often has a load balancer behind it, which does not."""

CLOSING = "closing"
"""Stands for a product that asks by HTTP/1.1 and closes after each request: Node without an agent does."""

TWO_ADDRESSES = ("google", "fly")
"""Platforms that add two addresses to X-Forwarded-For: the client's and their own."""

PRODUCT_HEADERS = tuple(
    dict.fromkeys(
        (
            "connection",
            *(name for name, _ in _MARKS),
            *_ENVOY,
            *(name for marks in VENDOR_MARKS.values() for name in marks),
        )
    )
)
"""What this module reads, apart from Host, Via and the forwarding headers."""

_VIA = re.compile(r"(?P<protocol>\S+)\s+(?P<by>[^\s(]+)?\s*(?:\((?P<comment>.*)\))?")
# What stands in the comment of a Via element, or is its pseudonym (RFC 9110 section 7.6.3).
_VIA_NAMES = (
    ("squid", "squid"),
    ("apachetrafficserver", "trafficserver"),
    ("traffic_server", "trafficserver"),
    ("akamaighost", "akamai"),
    ("ghost", "akamai"),
    ("cloudfront", "cloudfront"),
    ("varnish", "varnish"),
    ("caddy", "caddy"),
    ("haproxy", "haproxy"),
    ("nginx", "nginx"),
    ("envoy", "envoy"),
    ("traefik", "traefik"),
    ("kong", "kong"),
    ("google", "google"),
    ("amazonapigateway", "aws-api-gateway"),
    ("vegur", "heroku"),
    ("heroku", "heroku"),
    ("fly.io", "fly"),
    ("apache/", "apache"),
)


def nearest_product(fields: Fields, chain: Chain, http_version: str, platform: str | None) -> str | None:
    """The proxy that most probably stands next to us; None where nothing tells."""
    if platform is not None:
        return platform
    if is_cloudflare(chain.peer.address):
        return "cloudflare"
    if http_version == "1.0":
        return "nginx"  # its default towards the back; no other one in use speaks it
    found = _by_own_header(fields) or _by_via(fields)
    if found is None or found in _CDNS:
        found = _by_marks(fields, chain) or found
    return found or _by_connection(fields)


def _by_connection(fields: Fields) -> str | None:
    written = fields.get("connection")
    if written == ["Keep-Alive"]:
        return "apache"
    return CLOSING if written is not None and written[-1].lower() == "close" else None


def vendor_is_there(vendor: str, fields: Fields) -> bool:
    """Whether a mark of the vendor came with the request."""
    return any(name in fields for name in VENDOR_MARKS[vendor])


def _by_own_header(fields: Fields) -> str | None:
    if "x-forwarded-server" in fields and "fastly-ff" not in fields:
        # Apache and Traefik append their own names; only Traefik adds X-Real-Ip.
        return "traefik" if "x-real-ip" in fields else "apache"
    if "x-scheme" in fields and "x-forwarded-scheme" in fields:
        return "ingress-nginx"
    if "x-host" in fields and fields["x-host"] == fields.get("host"):
        return "lighttpd"
    return None


def _by_via(fields: Fields) -> str | None:
    named = elements(fields["via"]) if "via" in fields else []
    match = _VIA.fullmatch(named[-1][:200]) if named else None
    if match is None:
        return None
    by = (match["by"] or "").lower()
    comment = (match["comment"] or "").lower()
    if not comment and _is_a_clients_host(by, fields):
        return "h2o"  # names itself by the Host that it got
    for text in filter(None, (comment, by)):
        for name, product in _VIA_NAMES:
            if text.startswith(name) or (product == "cloudfront" and text.endswith(name)):
                return "fastly" if product == "varnish" and "fastly-ff" in fields else product
    return None


def _is_a_clients_host(by: str, fields: Fields) -> bool:
    """Whether a pseudonym is Host as it came, or, where Host was replaced, may have been it."""
    host = fields["host"][0].strip().lower() if "host" in fields else ""
    named = parse_authority(by)
    if named is None or by == host:
        return named is not None
    replaced = parse_authority(host)
    return "." in named.host and replaced is not None and parse_node(replaced.host) is not None


def _by_marks(fields: Fields, chain: Chain) -> str | None:
    if "x-varnish" in fields and "fastly-ff" in fields:
        return "fastly"
    for name, product in _MARKS:
        if name in fields:
            return product
    return "envoy" if _envoy_is_nearest(fields, chain) else None


def _envoy_is_nearest(fields: Fields, chain: Chain) -> bool:
    """Whether Envoy was the last to add to the list: it alone joins by a comma without a blank."""
    if not any(name in fields for name in _ENVOY):
        return False
    lines = fields.get("x-forwarded-for", [""])
    if len(lines) > 1:
        return False  # HAProxy adds a line of its own
    if "," in lines[0]:
        return not lines[0].rpartition(",")[2].startswith(" ")
    outside = fields.get("x-envoy-external-address")
    node = parse_node(outside[-1].strip()) if outside else None
    if node is None or not chain.nodes:
        return True
    last = chain.nodes[-1]
    return last is None or last.text == node.text
