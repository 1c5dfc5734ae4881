"""Which store is chosen, and how much it keeps."""

from __future__ import annotations

import pytest

from yourl.captures.choice import StoreChoice, read_bounds, read_store
from yourl.captures.store import MIB, Bounds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sqlite", StoreChoice("sqlite")),
        ("SQLite", StoreChoice("sqlite")),
        ("off", StoreChoice("off")),
        ("sqlite:/data/kept.db", StoreChoice("sqlite", path="/data/kept.db")),
        ("redis://cache:6379/1", StoreChoice("redis", url="redis://cache:6379/1")),
        ("rediss://:pass@cache", StoreChoice("redis", url="rediss://:pass@cache")),
    ],
)
def test_stores(text: str, expected: StoreChoice) -> None:
    """Each kind of store has its form."""
    assert expected == read_store(text)


@pytest.mark.parametrize(
    "text", ["", "on", "sqlite:", "redis:", "redis://", "redis://a b", "mysql://x", "off:x"]
)
def test_no_stores(text: str) -> None:
    """Anything else is refused with what is allowed."""
    with pytest.raises(ValueError, match=r"redis://"):
        read_store(text)


def test_a_password_is_not_shown() -> None:
    """The representation of a choice holds no URL."""
    assert "hidden" not in repr(read_store("redis://:hidden@cache"))


@pytest.mark.parametrize(
    ("text", "count", "size"),
    [
        ("10000,20MiB", 10_000, 20 * MIB),
        ("1gib, 5", 5, 1024 * MIB),
        ("100000", 100_000, 100_000 * 2048),
        ("10", 10, MIB),
        ("1 GB", 524_288, 1024 * MIB),
        ("2048k" + "ib", 1024, 2 * MIB),
    ],
)
def test_bounds(text: str, count: int, size: int) -> None:
    """Either bound may be given, or both; one inbox may take half."""
    assert Bounds(count, size, max(1, count // 2), size // 2) == read_bounds(text)


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "5,5", "1MiB,2MiB", "1KiB", "10000000000", "1e3", "ten", "5MiB x"]
)
def test_no_bounds(text: str) -> None:
    """Anything else is refused with what is allowed."""
    with pytest.raises(ValueError, match="MiB"):
        read_bounds(text)
