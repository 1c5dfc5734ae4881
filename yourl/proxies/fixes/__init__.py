"""Text to paste that removes the cause of a finding, in the words of the proxy that the evidence points to.

Knows header names and configuration languages; decides nothing about the request itself. Where nothing tells
which proxy is nearest to us, a fix is given for each of the four that people run themselves.
"""

from __future__ import annotations

from functools import lru_cache

from ..addresses import Address
from ..fields import FORWARDING_HEADERS
from ..trust import MAX_HOP_COUNT, TrustedProxies
from .snippets import SNIPPETS, WHERE

# As https://www.cloudflare.com/ips/ has published them since 2021.
CLOUDFLARE_NETWORKS = (
    *("173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18"),
    *("108.162.192.0/18", "190.93.240.0/20", "188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17"),
    *("162.158.0.0/15", "104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22"),
    *("2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32"),
    *("2a06:98c0::/29", "2c0f:f248::/32"),
)
_CLOUDFLARE = TrustedProxies.parse(" ".join(CLOUDFLARE_NETWORKS))


@lru_cache(maxsize=256)
def at_proxy(topic: str, product: str | None, name: str = "", value: str = "") -> str:
    """Lines for the proxy's configuration, each block headed by a comment that says where it belongs."""
    snippets = SNIPPETS[topic]
    products = (product,) if product in snippets else ("nginx", "haproxy", "caddy", "apache")
    blocks = []
    for one in products:
        text = snippets[str(one)].replace("{name}", name).replace("{value}", value)
        blocks.append(text if text.startswith("# ") else f"{WHERE[str(one)]}\n{text}")
    return "\n".join(blocks)


def overwriting(name: str, product: str | None) -> str:
    """Make the proxy set the header ``name`` itself, whatever came in, or drop what it has no use for."""
    about = FORWARDING_HEADERS[name.lower()].about
    if name in ("X-Forwarded-Proto", "X-Forwarded-Port"):
        return at_proxy(about, product)
    if name == "X-Forwarded-For":
        return at_proxy("client-overwrite", product)
    if (
        name == "X-Forwarded-Host" and product != "apache"
    ):  # mod_proxy appends its own after the header is unset
        return at_proxy("host", product)
    return at_proxy("remove", product, name=name)


def trusting(trusted: TrustedProxies, machine: str) -> str:
    """Our own setting, widened by exactly this machine, or by ``unix`` or ``cloud-run``."""
    return f"YOURL_TRUSTED_PROXIES={trusted.text_with(machine.partition('%')[0])}"


def trusting_count(trusted: TrustedProxies, count: int) -> str:
    """Our own setting with another number of proxies."""
    other = TrustedProxies(trusted.networks, min(count, MAX_HOP_COUNT), trusted.platform, trusted.unix)
    return f"YOURL_TRUSTED_PROXIES={other}"


def trusting_cloudflare(trusted: TrustedProxies) -> str:
    """Our own setting, widened by the networks that Cloudflare publishes."""
    return f"YOURL_TRUSTED_PROXIES={trusted.text_with(*CLOUDFLARE_NETWORKS)}"


def is_cloudflare(address: Address | None) -> bool:
    """True for an address of Cloudflare's edge."""
    return _CLOUDFLARE.has_network_for(address)
