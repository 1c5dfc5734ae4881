"""Who may see what was kept: nothing can be forged, everything ends, and guessing is slow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.captures.conftest import StoreMaker
from yourl.captures.access import (
    MAX_SHARE_SECONDS,
    SESSION_SECONDS,
    Keys,
    Limiter,
    bearer_code,
    code_is_right,
    limit_key,
)
from yourl.captures.store import NoStore

CODE = "correct-horse"
ID = "0006610f60e662fb11e32746b24a44d0"
NOW = 1_770_000_000.0
KEYS = Keys(CODE)


def tampered(token: str) -> list[str]:
    """The token with each character replaced by another one, cut, extended and swapped."""
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token))]
    return [
        *changed,
        token[:-1],
        token + "A",
        token[1:],
        "",
        ".",
        "..",
        token.upper(),
        f"x{token}",
        token + "\n",
    ]


@pytest.mark.parametrize(
    "given", ["", "correct-hors", "correct-horse ", "Correct-horse", "x" * 10**6, "\ud800", "ü"]
)
def test_wrong_codes(given: str) -> None:
    """Nothing but the code itself is the code."""
    assert code_is_right(CODE, CODE)
    assert not code_is_right(given, CODE)


def test_a_session() -> None:
    """A session is good until it expires, and only under the code that made it."""
    cookie = KEYS.new_session(NOW)
    session = KEYS.session(cookie, NOW + SESSION_SECONDS - 2)
    assert session is not None
    assert KEYS.session(cookie, NOW + SESSION_SECONDS + 1) is None
    assert Keys("another-code").session(cookie, NOW) is None
    assert Keys(CODE).session(cookie, NOW) == session
    assert cookie != KEYS.new_session(NOW)


def test_forged_sessions() -> None:
    """No changed cookie is a session."""
    assert [] == [each for each in tampered(KEYS.new_session(NOW)) if KEYS.session(each, NOW) is not None]


def test_change_tokens() -> None:
    """A form's token belongs to one session."""
    one, two = (KEYS.session(KEYS.new_session()) for _ in range(2))
    assert one is not None
    assert two is not None
    token = KEYS.change_token(one)
    assert KEYS.change_is_allowed(one, token)
    assert not KEYS.change_is_allowed(two, token)
    assert [] == [each for each in tampered(token) if KEYS.change_is_allowed(one, each)]


def test_a_share_link() -> None:
    """A link shows one capture until it expires, and no longer than a link may."""
    token = KEYS.share(ID, 60, NOW)
    assert ID == KEYS.shared(token, NOW + 59)
    assert KEYS.shared(token, NOW + 61) is None
    assert Keys("another-code").shared(token, NOW) is None
    assert KEYS.shared(KEYS.share(ID, 1e12, NOW), NOW + MAX_SHARE_SECONDS + 1) is None
    assert [] == [each for each in tampered(token) if KEYS.shared(each, NOW) is not None]


def test_one_kind_is_not_another() -> None:
    """A link is no session, a session no link."""
    assert KEYS.session(KEYS.share(ID)) is None
    assert KEYS.shared(KEYS.new_session()) is None


@given(st.text(st.characters(), max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    """Any text is refused quietly."""
    session = KEYS.session(KEYS.new_session())
    assert session is not None
    assert (None, None) == (KEYS.session(text), KEYS.shared(text))
    assert not KEYS.change_is_allowed(session, text)
    assert limit_key(text).startswith("codes ")


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Basic abc", None),
        ("Bearer", None),
        ("", None),
        ("abc", None),
    ],
)
def test_bearer(field: str, code: str | None) -> None:
    """The code of a program comes in Authorization: Bearer."""
    assert code == bearer_code(field)


@pytest.mark.parametrize(
    ("one", "two", "is_same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("10.0.0.1", "::ffff:10.0.0.1", True),
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::1%eth1", True),
        ("unix", "", False),
    ],
)
def test_who_counts_as_one(one: str, two: str, is_same: bool) -> None:
    """An IPv4 address, or a /64 of IPv6 that one site has whole, is one client."""
    assert is_same == (limit_key(one) == limit_key(two))


def test_wrong_codes_are_limited(make_store: StoreMaker) -> None:
    """After ten wrong codes a client must wait, whichever worker or instance it asks; others need not."""
    one, two = Limiter(make_store()), Limiter(make_store())
    for number in range(Limiter.WRONG_CODES):
        assert not one.is_blocked("10.0.0.1")
        (one, two)[number % 2].note_wrong_code("10.0.0.1")
    assert [True, True, False] == [
        one.is_blocked("10.0.0.1"),
        two.is_blocked("10.0.0.1"),
        two.is_blocked("10.0.0.2"),
    ]


def test_guessing_from_many_addresses(make_store: StoreMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong codes of all clients together are limited too."""
    monkeypatch.setattr(Limiter, "WRONG_CODES_OF_ALL", 5)
    limiter = Limiter(make_store())
    for number in range(5):
        limiter.note_wrong_code(f"10.0.{number}.1")
    assert limiter.is_blocked("192.0.2.1")


def test_without_a_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be counted together, each process counts by itself, in bounded memory, for a time."""
    monkeypatch.setattr(Limiter, "MOST_KEYS", 8)
    limiter = Limiter(NoStore())
    for _ in range(Limiter.WRONG_CODES):
        limiter.note_wrong_code("10.0.0.1")
    assert limiter.is_blocked("10.0.0.1")
    for number in range(50):
        limiter.note_wrong_code(f"10.1.{number}.1")
    assert len(limiter._own) <= 8
    monkeypatch.setattr(Limiter, "SECONDS", -1.0)
    late = Limiter(NoStore())
    for _ in range(Limiter.WRONG_CODES):
        late.note_wrong_code("10.0.0.1")
    assert not late.is_blocked("10.0.0.1")
