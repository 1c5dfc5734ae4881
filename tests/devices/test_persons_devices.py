"""No person is refused on weak evidence: user agents of unknown devices, in the forms of real ones.

The model names are invented. Some contain what TVs' names contain, or a word that crawlers use too.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.devices.cases import app, desktop, firefox, mobile, safari, still
from yourl.devices import classify
from yourl.guard import GuardPolicy

SYLLABLES = ("ba", "ko", "mi", "ru", "ne", "so", "va", "li", "du", "pe", "fa", "go")
NAMES = st.lists(st.sampled_from(SYLLABLES), min_size=2, max_size=4).map(lambda parts: "".join(parts).title())
#: What makers append to a name: digits, letters, a colour.
SUFFIXES = st.sampled_from(["", " 5", " 12 Pro", "-X7", " A20s", "_E55", " Max", " Lite 4G", " 2023", "-L09"])
#: What phones' names share with TVs'.
LIKE_A_TV = st.sampled_from(
    [
        "",
        " TV",
        "-TV",
        " TV 45",
        " DTV",
        "TV",
        " 4K",
        " Box",
        " Stick",
        " 50A6000",
        " S43B5500",
        " X96",
        " TX9",
    ]
)
#: What persons' programs share with crawlers: a contact address, a common word.
LIKE_A_CRAWLER = st.sampled_from(
    [
        "http://example.org/",
        "+http://example.org/",
        "+https://example.org/app; rev 5",
        "www.example.org",
        "help@example.org",
        "rss reader",
        "feed fetcher",
        "network monitor",
    ]
)
SYSTEMS = st.sampled_from(
    [
        "Windows NT 10.0; Win64; x64",
        "Windows 11",
        "Macintosh; Intel Mac OS X 10_15_7",
        "macOS 14.5",
        "Mac OS X",
        "iPhone; iOS 17.4",
        "iPad; iPadOS 17.4",
        "iOS podcast app",
        "iPhone 15.4",
        "Android 14",
        "Linux x86_64",
        "X11; Ubuntu; Linux x86_64",
        "Android podcast app",
    ]
)
RARE_SYSTEMS = (
    "Windows 3.1",
    "Windows 98",
    "Win16",
    "WinNT 4.0",
    "Windows ME",
    "MS-DOS",
    "ReactOS 0.4",
    "Macintosh; PPC",
    "Mac_PowerPC",
    "Mac68K",
    "OS/2; Warp 4",
    "BeOS",
    "Haiku",
    "AmigaOS 4.1",
    "MorphOS 3.9",
    "AROS",
    "RISC OS 5",
    "Syllable",
    "IRIX64 6.5",
    "HP-UX B.11",
    "AIX 7.1",
    "OSF1 V5.1",
    "Tru64 UNIX",
    "ULTRIX 4.5",
    "OpenVMS",
    "SunOS 5.11",
    "Solaris 11",
    "illumos",
    "UnixWare 7",
    "NeXTSTEP 3.3",
    "QNX 6.5",
    "Plan 9",
    "Minix 3",
    "FreeBSD 14",
    "DragonFly 6.4",
    "OpenBSD 7.5",
    "NetBSD 10",
    "Slackware",
    "Gentoo",
    "Mandriva",
    "Mageia 9",
    "CentOS 7",
    "Linux Mint 21",
    "Raspbian",
    "Chrome OS 120",
    "CrOS aarch64",
)


def is_allowed(user_agent: str) -> bool:
    """Whether the default guard shows the page."""
    return GuardPolicy().allows(classify(user_agent).type)


def webview(model: str) -> str:
    """A web view in an app on a phone."""
    return mobile(f"{model} Build/KOT49H; wv")


def uc_browser(model: str) -> str:
    """A browser that is common on inexpensive phones."""
    return (
        f"Mozilla/5.0 (Linux; U; Android 8.1.0; en-US; {model} Build/O11019) AppleWebKit/537.36 "
        "(KHTML, like Gecko) Version/4.0 Chrome/57.0.2987.108 UCBrowser/12.13 Mobile Safari/537.36"
    )


@settings(deadline=None, max_examples=400)
@given(st.sampled_from([mobile, webview, uc_browser]), NAMES, SUFFIXES, LIKE_A_TV)
def test_a_phone_whose_name_is_like_a_tv_is_allowed(
    template: Callable[[str], str], name: str, suffix: str, like_a_tv: str
) -> None:
    """ "Mobile" in a phone's browser outweighs letters and numbers in the model's name."""
    assert is_allowed(template(name + suffix + like_a_tv))


@settings(deadline=None, max_examples=400)
@given(st.sampled_from([mobile, still, app, webview, uc_browser]), NAMES, SUFFIXES)
def test_an_unknown_phone_or_tablet_is_allowed(
    template: Callable[[str], str], name: str, suffix: str
) -> None:
    """A model that no rule knows gets a phone's or a tablet's class."""
    assert is_allowed(template(name + suffix))


@settings(deadline=None, max_examples=400)
@given(NAMES, st.integers(0, 99), SYSTEMS, LIKE_A_CRAWLER, st.booleans())
def test_a_persons_program_that_gives_its_address_is_allowed(
    name: str, version: int, system: str, address: str, system_first: bool
) -> None:
    """A reader or podcast program that names a person's system is no bot because of an address."""
    inside = f"{system}; {address}" if system_first else f"{address}; {system}"
    assert is_allowed(f"{name}/{version}.1 ({inside})")


@settings(deadline=None)
@given(NAMES, st.integers(1, 3000), st.sampled_from(["CFNetwork/1490.0.4 Darwin/23.4.0", "iOS/17.4", "iOS"]))
def test_an_app_of_apples_frameworks_is_allowed(name: str, version: int, framework: str) -> None:
    """Apps that send only what Apple's frameworks add are a person's."""
    assert is_allowed(f"{name}/{version} {framework}")


@pytest.mark.parametrize("system", RARE_SYSTEMS)
@pytest.mark.parametrize(
    "template", ["Mozilla/4.0 (compatible; {0})", "Mozilla/5.0 ({0}; rv:1.9) Gecko", "Kobami/2 ({0})"]
)
def test_a_rare_system_of_a_pc_is_a_pc(system: str, template: str) -> None:
    """Old and rare desktop systems are PCs, whatever the program."""
    assert classify(template.format(system)).type == "pc"


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(
        [
            mobile("Kobami 5", "9"),
            desktop("Windows NT 10.0; Win64; x64"),
            firefox("Windows NT 6.1; WOW64"),
            safari("Macintosh", "Intel Mac OS X 10_15_7"),
            safari("iPhone", "CPU iPhone OS 17_4 like Mac OS X", "Mobile/15E148 "),
        ]
    ),
    st.lists(
        st.sampled_from(
            [
                " TV",
                " tv;",
                " http://a.example",
                " www.b.example",
                " 50U6000",
                " monitor",
                " X96",
                " arm;",
                " 4K",
                " ivi",
                " probe",
                " Build/RP1A.200720.011",
                " \x00",
                " \ud800",
                " İ",
                " (at)",
                " /",
                " ;",
                "(",
            ]
        ),
        min_size=1,
    ),
)
def test_8_kb_of_weak_signs_refuse_nobody(user_agent: str, signs: list[str]) -> None:
    """However many weak signs follow, a person's browser stays one."""
    junk = "".join(signs)
    assert is_allowed((user_agent + junk * (8192 // len(junk) + 1))[:8192])
