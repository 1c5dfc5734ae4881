"""Names of inboxes, and which inbox a path belongs to."""

from __future__ import annotations

import pytest

from yourl.captures.inboxes import InboxPolicy, inbox_name, inbox_names, is_inbox_name

BAD_NAMES = ["", "A", "a_b", "a.b", "ä", "a" * 65, "a\n", " a", "..", "a/b"]


@pytest.mark.parametrize("name", ["a", "stripe-test-1", "0", "-", "a" * 64])
def test_good_names(name: str) -> None:
    """Lower-case letters, digits and hyphens, up to 64 of them."""
    assert is_inbox_name(name)
    assert name == inbox_name(name)


@pytest.mark.parametrize("name", BAD_NAMES)
def test_bad_names(name: str) -> None:
    """Nothing else names an inbox, wherever the name comes from."""
    assert not is_inbox_name(name)
    assert not InboxPolicy().allows(name)
    with pytest.raises(ValueError, match="1 to 64"):
        inbox_name(name)


@pytest.mark.parametrize(
    ("path", "inbox"),
    [
        ("/in/orders", "orders"),
        ("/in/orders/", "orders"),
        ("/in/orders/a/../b", "orders"),
        ("/in", ""),
        ("/in/", ""),
        ("/in//orders", ""),
        ("/IN/orders", ""),
        ("/in/Orders", ""),
        ("/x/in/orders", ""),
    ],
)
def test_paths(path: str, inbox: str) -> None:
    """The segment after /in/ names the inbox."""
    assert inbox == InboxPolicy().inbox_of(path)


def test_only_listed_inboxes() -> None:
    """Where inboxes are listed, there are no others but the catch-all."""
    policy = InboxPolicy(("orders",), catch_all="rest")
    assert [True, True, False] == [policy.allows(name) for name in ("orders", "rest", "other")]
    assert "" == policy.inbox_of("/in/other/x")


def test_settings_are_checked() -> None:
    """A list of names is read strictly, each name once."""
    assert ("a", "b") == inbox_names("a, b  a")
    with pytest.raises(ValueError, match="each 1 to 64"):
        inbox_names("a, B")
    with pytest.raises(ValueError):
        InboxPolicy(catch_all="No")
