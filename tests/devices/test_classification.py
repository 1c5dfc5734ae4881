"""Classification: every class, every hint, and no text that does harm."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.devices.cases import CASES, HINT_CASES, WATCHES, mobile
from yourl.devices import DEVICE_TYPES, HINT_NAMES, USER_AGENT_CUT, Device, classification, classify

MIXED_TOKENS = st.sampled_from(
    [
        "Mozilla/5.0 (",
        "Linux; ",
        "Android 9; ",
        "SM-R890",
        "Watch6,1",
        "iPhone",
        "bot/",
        "Build/",
        "TV",
        ")",
        ";",
        "\x00",
    ]
)
ANY_TEXT = st.one_of(
    st.text(max_size=700),
    st.text(alphabet=st.characters(exclude_categories=()), max_size=700),
    st.lists(st.one_of(MIXED_TOKENS, st.text(max_size=9)), max_size=60).map("".join),
)
ANY_HINTS = st.dictionaries(
    st.one_of(st.sampled_from([*HINT_NAMES, *map(str.lower, HINT_NAMES)]), st.text(max_size=20)),
    st.one_of(
        st.sampled_from(
            [
                '"Mobile"',
                '"Desktop"',
                '"Tablet"',
                '"Watch"',
                "?0",
                "?1",
                '"Pixel 8"',
                '"Android"',
                '"SM-R890"',
            ]
        ),
        st.text(max_size=300),
    ),
    max_size=6,
)
SAYING_PHONE = st.fixed_dictionaries(
    {},
    optional={
        "Sec-CH-UA-Form-Factors": st.sampled_from(
            ['"Mobile"', '"Tablet"', '"Desktop"', '"Mobile", "Tablet"']
        ),
        "Sec-CH-UA-Mobile": st.sampled_from(["?0", "?1"]),
        "Sec-CH-UA-Model": st.sampled_from(['"Pixel 8"', '"SM-S921B"', '"SM-T870"', '""']),
        "Sec-CH-UA-Platform": st.sampled_from(['"Android"', '"Windows"', '"macOS"', '"iOS"']),
    },
)


def well_formed(device: Device) -> bool:
    """What holds for any answer: a known class, reasons for it, and bounded size."""
    return (
        device.type in DEVICE_TYPES
        and len(device.evidence) > 0
        and all(0 < len(sentence) < 1000 for sentence in device.evidence)
        and len(device.user_agent) <= USER_AGENT_CUT
    )


@pytest.mark.parametrize(
    ("kind", "user_agent"),
    [pytest.param(kind, text, id=f"{kind}-{i}-{why}") for i, (kind, text, why) in enumerate(CASES)],
)
def test_devices_are_recognised_by_what_they_send(kind: str, user_agent: str) -> None:
    """Each case of the table has its class."""
    assert classify(user_agent).type == kind


@pytest.mark.parametrize(
    ("kind", "user_agent", "hints"),
    [pytest.param(kind, text, hints, id=f"{kind}-{why}") for kind, text, hints, why in HINT_CASES],
)
def test_client_hints_win_where_they_speak(kind: str, user_agent: str, hints: Mapping[str, str]) -> None:
    """Each case of the table of hints has its class."""
    assert classify(user_agent, hints).type == kind


def test_there_are_cases_for_every_class() -> None:
    """The table of cases forgets no class."""
    assert {kind for kind, _, _ in CASES} == set(DEVICE_TYPES)


@settings(deadline=None)
@given(ANY_TEXT, ANY_HINTS)
def test_nothing_that_is_sent_raises(user_agent: str, hints: dict[str, str]) -> None:
    """Any text with any hints gets a class, with evidence, of bounded size."""
    assert well_formed(classify(user_agent, hints))


@settings(deadline=None)
@given(ANY_TEXT, ANY_HINTS)
def test_the_same_input_gives_the_same_answer(user_agent: str, hints: dict[str, str]) -> None:
    """Nothing is remembered from one request to the next that could change an answer."""
    assert classify(user_agent, hints) == classify(user_agent, dict(hints))


@settings(deadline=None)
@given(st.sampled_from([text for text, _ in WATCHES]), st.one_of(SAYING_PHONE, ANY_HINTS))
def test_hints_alone_never_make_a_watch_a_phone(user_agent: str, hints: dict[str, str]) -> None:
    """A watch that says so stays one, whatever the hints say."""
    assert classify(user_agent, hints).type == "watch"


@settings(deadline=None)
@given(ANY_TEXT, ANY_HINTS)
def test_evidence_can_be_written_anywhere(user_agent: str, hints: dict[str, str]) -> None:
    """Evidence has no control characters and no lone surrogates, though what was sent had them."""
    sentences = classify(user_agent, hints).evidence
    assert [sentence for sentence in sentences if not sentence.isprintable()] == []


@pytest.mark.parametrize(
    ("user_agent", "hints", "expected"),
    [
        pytest.param(
            "Weather/2 (Watch6,1; iOS)",
            {},
            ('the user agent contains "Watch6,1", the model number of an Apple Watch, as watchOS sends it',),
            id="token",
        ),
        pytest.param(
            mobile("SM-X700"),
            {},
            ('the device names itself "SM-X700", Samsung\'s numbers for tablets',),
            id="model",
        ),
        pytest.param(
            mobile("K"),
            {"Sec-CH-UA-Form-Factors": '"Watch"'},
            (
                'Sec-CH-UA-Form-Factors says "Watch"',
                "the user agent alone reads as phone",
                'the user agent contains "Mobile", which Android\'s browsers send from phones',
            ),
            id="hint-overrules",
        ),
        pytest.param(
            "x",
            {"sec-ch-ua-mobile": "maybe"},
            (
                "the user agent names no device or system that a rule knows",
                'Sec-CH-UA-Mobile was not read: "maybe" is not a valid value',
            ),
            id="malformed-hint",
        ),
        pytest.param("", {}, ("there is no user agent",), id="empty"),
    ],
)
def test_evidence_says_what_decided(
    user_agent: str, hints: dict[str, str], expected: tuple[str, ...]
) -> None:
    """The evidence names the token, the rule or the hint, in the order in which they decided."""
    assert classify(user_agent, hints).evidence == expected


def test_evidence_says_that_a_mac_may_be_an_ipad() -> None:
    """Safari on iPadOS cannot be told from a Mac by its user agent, which the answer admits."""
    mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15"
    assert (
        classify(mac).evidence[-1]
        == "an iPad sends the same user agent as Safari on a Mac, so this may be one"
    )


def test_a_long_user_agent_is_cut_and_the_answer_says_so() -> None:
    """Only the beginning of a long user agent is read and kept."""
    device = classify(mobile("Pixel 8") + " " * 9000)
    assert device.type == "phone"
    assert len(device.user_agent) == USER_AGENT_CUT
    assert device.evidence[-1].startswith(f"only the first {USER_AGENT_CUT} of 91")


def test_the_cache_of_devices_is_bounded() -> None:
    """Many different user agents leave at most DEVICES_KEPT devices in the cache."""
    for number in range(classification.DEVICES_KEPT + 50):
        assert classify(f"curl/{number}").type == "bot"
    assert classification._conclude.cache_info().currsize == classification.DEVICES_KEPT


def test_a_device_is_concluded_once() -> None:
    """The same user agent and hints give the same device again, without a second conclusion."""
    first = classify("Kobami/1 (iPhone)", {"Sec-CH-UA-Mobile": "?1"})
    assert classify("Kobami/1 (iPhone)", {"sec-ch-ua-mobile": "?1", "Accept": "*/*"}) is first


def test_notes_of_one_request_are_not_kept_for_others() -> None:
    """A request without malformed hints does not get the notes of one that had them."""
    noted = classify("Kobami/2 (iPhone)", {"Sec-CH-UA-Mobile": "maybe"})
    clean = classify("Kobami/2 (iPhone)")
    assert noted.evidence[:-1] == clean.evidence


def test_a_device_cannot_be_changed() -> None:
    """What was decided stays as it was."""
    device = classify("curl/8", {"Sec-CH-UA-Mobile": "?0"})
    with pytest.raises(AttributeError):
        device.type = "pc"  # type: ignore[misc]
    with pytest.raises(TypeError):
        device.hints["Sec-CH-UA-Mobile"] = "?1"  # type: ignore[index]


def test_a_device_can_be_hashed() -> None:
    """Devices can be counted and put into sets."""
    assert len({classify("curl/8"), classify("curl/8"), classify("curl/9")}) == 2
