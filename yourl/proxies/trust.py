"""Who may speak for others: the setting ``YOURL_TRUSTED_PROXIES`` as a value.

Knows addresses and positions, no header. Nothing is trusted unless it is written down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from .addresses import Address

Network = IPv4Network | IPv6Network

MAX_HOP_COUNT = 32
"""More proxies than any real chain has; a larger number is a slip of the keyboard (a port, say)."""
PLATFORMS = {"cloud-run": "Cloud Run's front end"}
NAMED_NETWORKS = {
    "loopback": ("127.0.0.0/8", "::1/128"),
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
    "link-local": ("169.254.0.0/16", "fe80::/10"),
}
_MAPPED = IPv6Network("::ffff:0:0/96")
"""IPv4 addresses as a dual-stack socket shows them (RFC 4291 section 2.5.5.2)."""
ALLOWED = (
    "addresses or networks such as 10.0.0.0/8, one number of proxies, or the words "
    "loopback, private, link-local, unix, cloud-run, none"
)


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The proxies whose forwarding headers are believed.

    ``hop_count`` N trusts the N machines nearest to us whatever their addresses, so that the client is the
    Nth address from the right, as Express and Werkzeug's ProxyFix count. ``platform`` trusts the one front
    end that the platform always puts before us. ``unix`` trusts every client of our Unix socket. The
    rules add up: a machine is trusted when any of them covers it.
    """

    networks: tuple[Network, ...] = ()
    hop_count: int = 0
    platform: str | None = None
    unix: bool = False
    _setting: TrustedProxies | None = field(default=None, repr=False, compare=False)
    """The whole setting, where this is what of it is left to trust beyond the nearest machine."""
    _ranges: tuple[tuple[int, int, int, str], ...] = field(init=False, repr=False, compare=False)
    _network_text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.hop_count <= MAX_HOP_COUNT:
            raise ValueError(f"{self.hop_count} proxies: a number from 0 to {MAX_HOP_COUNT} is allowed.")
        if self.platform is not None and self.platform not in PLATFORMS:
            raise ValueError(f"{self.platform!r} is no known platform: {', '.join(PLATFORMS)}.")
        ranges = tuple(
            (net.version, int(net.network_address), int(net.broadcast_address), f"{net} is trusted")
            for net in self.networks
        )
        object.__setattr__(self, "_ranges", ranges)
        # Most requests need the text only for a fix to paste; networks are slow to format: once is enough.
        text = ",".join(map(str, self.networks))
        for name, networks in NAMED_NETWORKS.items():
            text = text.replace(",".join(networks), name)
        object.__setattr__(self, "_network_text", text)

    @classmethod
    def parse(cls, text: str, platform: str | None = None) -> TrustedProxies:
        """Read the setting; raise ValueError with a sentence for people when a part of it is wrong.

        ``platform`` is what the surroundings say (``K_SERVICE`` for Cloud Run). It holds beside whatever the
        text adds, unless the text is ``none`` or ``0``.
        """
        words = text.replace(",", " ").split()
        if [word.lower() for word in words] in (["none"], ["0"]):
            return cls()
        networks: list[Network] = []
        counts: list[int] = []
        names: set[str] = set()
        for word in words:
            name = word.lower()
            if word.isascii() and word.isdigit():
                counts.append(_hop_count(word))
            elif name in PLATFORMS or name == "unix":
                names.add(name)
            else:
                networks.extend(_networks(name))
        if len(counts) > 1:
            raise ValueError(f"Only one number of proxies can hold, not {' and '.join(map(str, counts))}.")
        platform = next((name for name in names if name in PLATFORMS), platform)
        return cls(tuple(dict.fromkeys(networks)), sum(counts), platform, "unix" in names)

    def __bool__(self) -> bool:
        return bool(self.networks or self.hop_count or self.platform or self.unix)

    def __str__(self) -> str:
        return self.text_with()

    def text_with(self, *more: str) -> str:
        """The setting's canonical text, widened by more addresses, networks or names."""
        if self._setting is not None:
            return self._setting.text_with(*more)
        return _text_of(self._network_text, more, self.unix, self.platform, self.hop_count)

    def text_with_count(self, count: int) -> str:
        """The setting's canonical text with another number of proxies, counted from where this begins."""
        if self._setting is not None:
            return self._setting.text_with_count(count + 1)
        number = min(count, MAX_HOP_COUNT)
        return _text_of(self._network_text, (), self.unix, self.platform, number)

    def beyond_nearest(self) -> TrustedProxies:
        """Whom to trust beyond the machine nearest to us.

        That machine was the first of those trusted by their number, and it was the platform's front end or
        the client of our Unix socket, if any are trusted.
        """
        return TrustedProxies(self.networks, max(0, self.hop_count - 1), _setting=self)

    def has_network_for(self, address: Address | None) -> bool:
        """True when a trusted network holds the address."""
        return address is not None and any(
            version == address.version and low <= address.number <= high
            for version, low, high, _ in self._ranges
        )

    def rule_for(self, address: Address | None, distance: int, over_unix: bool = False) -> str | None:
        """Why the machine ``distance`` steps from us (0 is our peer) is trusted, or None when it is not."""
        if address is not None:
            for version, low, high, rule in self._ranges:
                if low <= address.number <= high and version == address.version:
                    return rule
        if distance < self.hop_count:
            return f"number {distance + 1} of the {self.hop_count} trusted by count"
        if distance == 0 and self.platform is not None:
            return PLATFORMS[self.platform]
        if over_unix and self.unix:
            return "every client of our Unix socket is trusted"
        return None


@lru_cache(maxsize=256)
def _text_of(networks: str, more: tuple[str, ...], unix: bool, platform: str | None, count: int) -> str:
    names = ("unix" if unix else "", platform or "", str(count or ""))
    return ",".join(dict.fromkeys(filter(None, (networks, *more, *names))))


def _hop_count(word: str) -> int:
    if len(word) > 4 or int(word) > MAX_HOP_COUNT:
        raise ValueError(f"{word[:20]} proxies: a number from 0 to {MAX_HOP_COUNT} is allowed.")
    return int(word)


def _networks(word: str) -> list[Network]:
    if word in NAMED_NETWORKS:
        return [ip_network(text) for text in NAMED_NETWORKS[word]]
    if word == "*":
        raise ValueError("* would trust every machine; write 0.0.0.0/0 and ::/0 if that is really meant.")
    try:
        loose = ip_network(word, strict=False)
    except ValueError:
        raise ValueError(f"{word[:60]!r} is not understood; allowed are {ALLOWED}.") from None
    try:
        exact = ip_network(word)
    except ValueError:
        # 10.1.2.3/8 may mean the one machine or the whole network: guessing would trust too many.
        address = word.partition("/")[0]
        raise ValueError(f"{word} has bits beyond its prefix; write {loose} or {address}.") from None
    return [_unmapped(exact)]


def _unmapped(network: Network) -> Network:
    """IPv4 for IPv4-mapped IPv6: that is what addresses are compared as."""
    if isinstance(network, IPv4Network) or not network.subnet_of(_MAPPED):
        return network
    return IPv4Network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - 96))
