"""Text to paste that removes the cause of a finding, in the words of the proxy that the evidence points to.

Knows header names and configuration languages; decides nothing about the request itself. Where nothing tells
which proxy is nearest to us, a fix is given for each of the four that people run most. Each block begins
with a comment that names the product and the place in its configuration.
"""

from __future__ import annotations

from functools import lru_cache

from ..fields import FORWARDING_HEADERS
from ..trust import TrustedProxies
from . import envoy, platforms, servers
from .products import CLOSING
from .servers import Product

PRODUCTS: dict[str, Product] = {
    "nginx": servers.NGINX,
    "haproxy": servers.HAPROXY,
    "caddy": servers.CADDY,
    "apache": servers.APACHE,
    "traefik": servers.TRAEFIK,
    "envoy": envoy.ENVOY,
    "istio": envoy.ISTIO,
    "varnish": servers.VARNISH,
    "squid": servers.SQUID,
    "lighttpd": servers.LIGHTTPD,
    "h2o": servers.H2O,
    "trafficserver": servers.TRAFFIC_SERVER,
    "node": servers.NODE,
    "ingress-nginx": platforms.INGRESS_NGINX,
    "kong": platforms.KONG,
    "aws-alb": platforms.AWS_ALB,
    "aws-api-gateway": platforms.AWS_API_GATEWAY,
    "cloudfront": platforms.CLOUDFRONT,
    "google": platforms.GOOGLE,
    "cloud-run": platforms.CLOUD_RUN,
    "cloudflare": platforms.CLOUDFLARE,
    "fastly": platforms.FASTLY,
    "akamai": platforms.AKAMAI,
    "azure-front-door": platforms.AZURE_FRONT_DOOR,
    "azure-app-gateway": platforms.AZURE_APP_GATEWAY,
    "azure-app-service": platforms.AZURE_APP_SERVICE,
    "fly": platforms.FLY,
    "heroku": platforms.HEROKU,
    "render": platforms.RENDER,
    "vercel": platforms.VERCEL,
}
_USUAL = ("nginx", "haproxy", "caddy", "apache")
_UNKNOWN: dict[str | None, tuple[str, ...]] = {None: _USUAL, CLOSING: ("node", *_USUAL)}

TOPICS = {
    "client": "add the address of its client to X-Forwarded-For",
    "client-overwrite": "replace X-Forwarded-For by the address of its client, on the outermost proxy only",
    "scheme": "set X-Forwarded-Proto to the scheme that its client used",
    "scheme-pass": "pass X-Forwarded-Proto on as it came in",
    "host": "pass Host on as it came in, or set X-Forwarded-Host to it",
    "port": "pass Host on with its port, or set X-Forwarded-Port to the port that its client used",
    "prefix": "set X-Forwarded-Prefix to {value}",
    "path": "pass the path on as it came in, neither decoded nor normalised",
    "websocket": "pass Upgrade and Connection on for WebSocket handshakes",
    "remove": "remove {name} from requests",
}
"""What a fix can be about, said in one line: for products that have no lines of their own for it."""


@lru_cache(maxsize=512)
def at_proxy(topic: str, product: str | None, name: str = "", value: str = "") -> str:
    """Lines for the proxy's configuration, each block headed by a comment that says where it belongs."""
    names = (product,) if product in PRODUCTS else _UNKNOWN[product]
    return "\n".join(_block(topic, PRODUCTS[str(one)], name, value) for one in names)


def _block(topic: str, product: Product, name: str, value: str) -> str:
    text = product.topics.get(topic)
    if text is None:
        text = f"# {product.title}: {TOPICS[topic]}"
    elif not text.startswith("# "):
        text = f"# {product.title}, {product.place}\n{text}"
    return text.replace("{name}", name).replace("{key}", name.lower()).replace("{value}", value)


def overwriting(name: str, product: str | None) -> str:
    """Make the proxy set the header ``name`` itself, whatever came in, or drop what it has no use for."""
    if product == CLOSING:  # Node adds to what came
        return "\n".join((at_proxy("remove", "node", name=name), overwriting(name, None)))
    about = FORWARDING_HEADERS[name.lower()].about
    if name in ("X-Forwarded-Proto", "X-Forwarded-Port"):
        return at_proxy(about, product)
    if name == "X-Forwarded-For":
        return at_proxy("client-overwrite", product)
    if name == "X-Forwarded-Host" and product not in _APPENDS_HOST:
        return at_proxy("host", product)
    return at_proxy("remove", product, name=name)


_APPENDS_HOST = ("apache", "lighttpd", "h2o", "squid", "envoy")
"""Products whose fix for Host leaves a forged X-Forwarded-Host as it is, or adds to it."""


def trusting(trusted: TrustedProxies, machine: str) -> str:
    """Our own setting, widened by exactly this machine, or by ``unix`` or ``cloud-run``."""
    return f"YOURL_TRUSTED_PROXIES={trusted.text_with(machine.partition('%')[0])}"


def trusting_count(trusted: TrustedProxies, count: int) -> str:
    """Our own setting with another number of proxies."""
    return f"YOURL_TRUSTED_PROXIES={trusted.text_with_count(count)}"


def only_if(condition: str, setting: str) -> str:
    """A setting that is right under a condition which no request can show: as comments, not to be pasted."""
    return f"# Only if {condition}:\n{commented(setting)}"


def commented(lines: str) -> str:
    """The lines as comments."""
    return "\n".join(line if line.startswith("# ") else f"# {line}" for line in lines.split("\n"))
