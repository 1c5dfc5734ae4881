"""The store that a setting names, or one that says why there is none."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from tests.captures.samples import capture_of
from yourl.captures.bounds import Bounds
from yourl.captures.errors import StoreUnavailable
from yourl.captures.model import Page, Query
from yourl.captures.opening import open_store, store_setting
from yourl.captures.rules import InboxRules
from yourl.captures.store import NoStore


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sqlite", "sqlite"),
        ("OFF", "off"),
        ("sqlite:/var/lib/yourl.db", "sqlite:/var/lib/yourl.db"),
        ("redis://:a@host:1/2", "redis://:a@host:1/2"),
    ],
)
def test_good_settings(text: str, value: str) -> None:
    """Each form is taken."""
    assert value == store_setting(text)


@pytest.mark.parametrize(
    "text", ["", "sqlite:", "mysql://x", "redis:x", "redis://x:y", "redis://x?y=1", "sqlite:a\0b", "file"]
)
def test_bad_settings(text: str) -> None:
    """Anything else is refused with what is allowed."""
    with pytest.raises(ValueError, match=r"sqlite:PATH|redis://"):
        store_setting(text)


def test_a_folder_of_this_run(tmp_path: Path) -> None:
    """Without a path the file is in the folder of the run."""
    store = open_store("sqlite", Bounds(), tmp_path)
    assert ("sqlite", "ok") == (store.name, store.status().state)
    assert store.put(capture_of()) is not None
    assert (tmp_path / "captures.db").exists()
    store.close()


def test_a_named_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path means the folder in which the program was started."""
    monkeypatch.chdir(tmp_path)
    store = open_store("sqlite:kept.db", Bounds(), None)
    monkeypatch.chdir("/")
    assert store.put(capture_of()) is not None
    assert (tmp_path / "kept.db").exists()
    store.close()


def test_redis_is_named(single_redis: list) -> None:  # type: ignore[type-arg]
    """A URL leads to Redis."""
    store = open_store(single_redis[0].url, Bounds(), None)
    assert ("redis", "ok") == (store.name, store.status().state)
    store.close()


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ("off", "YOURL_STORE is off."),
        ("sqlite", "No folder can be written"),
        ("sqlite:/nowhere/kept.db", "cannot be used"),
        ("redis://host:port", "URL"),
    ],
)
def test_a_store_that_keeps_nothing(where: str, reason: str) -> None:
    """Where nothing can be kept, everything can be asked, and the reason is told."""
    said: list[str] = []
    store = open_store(where, Bounds(), None, said.append)
    assert isinstance(store, NoStore)
    assert ("off", True) == (store.status().state, reason in store.status().reason)
    assert [reason in sentence for sentence in said] == ([] if where == "off" else [True])
    assert store.put(capture_of()) is None
    assert store.get("0" * 32) is None
    assert Page() == store.find(Query())
    assert "0" * 32 == store.find(Query(newest_first=False, after="0" * 32)).next
    assert (False, 0, (), {}) == (store.delete("0" * 32), store.clear(), store.inboxes(), store.last_ids())
    assert (InboxRules(), 0) == (store.rules_of("a"), store.take_turn("a"))
    for refused in (
        lambda: store.change_rules("a", InboxRules()),
        lambda: store.count_event("k", 1),
        lambda: store.events("k"),
        store.watch,
    ):
        with contextlib.ExitStack() as stack:
            stack.enter_context(pytest.raises(StoreUnavailable))
            refused()
    store.close()
