"""Cloudflare's networks: the one vendor whose addresses are published, few and stable."""

from __future__ import annotations

from ..addresses import Address
from ..trust import TrustedProxies

# As https://www.cloudflare.com/ips/ has published them since 2021.
CLOUDFLARE_NETWORKS = (
    *("173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18"),
    *("108.162.192.0/18", "190.93.240.0/20", "188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17"),
    *("162.158.0.0/15", "104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22"),
    *("2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32"),
    *("2a06:98c0::/29", "2c0f:f248::/32"),
)
_CLOUDFLARE = TrustedProxies.parse(" ".join(CLOUDFLARE_NETWORKS))


def is_cloudflare(address: Address | None) -> bool:
    """True for an address of Cloudflare's edge."""
    return _CLOUDFLARE.has_network_for(address)


def trusting_cloudflare(trusted: TrustedProxies) -> str:
    """Our own setting, widened by the networks that Cloudflare publishes."""
    return f"YOURL_TRUSTED_PROXIES={trusted.text_with(*CLOUDFLARE_NETWORKS)}"
