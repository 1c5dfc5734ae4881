"""Tell which class of device sent a request, from its User-Agent and its client hints, and say why.

The class is what a guard needs at once, so it is computed first, from a bounded part of the user agent
and with patterns that take linear time. The names of browser, system and device family cost more than
ten times as much; they are asked for lazily, of the user-agents library, and kept in a bounded cache.
The rules are data and live in `device_rules`.

Knows nothing of Flask, the settings or the environment, and imports user-agents only when a name is
first wanted, because the import compiles a thousand patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from types import MappingProxyType
from typing import TypeAlias

from yourl.devices.rules import DESKTOP_PLATFORMS, FORM_FACTORS, MAKERS, RULES, Rule

__all__ = [
    "ACCEPT_CH",
    "CRITICAL_CH",
    "DEVICE_TYPES",
    "HINT_NAMES",
    "NAMES_CUT",
    "USER_AGENT_CUT",
    "Device",
    "classify",
    "warm_names",
    "warm_rules",
]

DEVICE_TYPES = ("pc", "phone", "tablet", "watch", "tv", "xr", "car", "bot", "unknown")

#: The client hints that `classify` reads (https://wicg.github.io/ua-client-hints/).
HINT_NAMES = ("Sec-CH-UA-Form-Factors", "Sec-CH-UA-Mobile", "Sec-CH-UA-Model", "Sec-CH-UA-Platform")
#: The hints that a page must ask for; Chromium sends Mobile and Platform unasked.
ACCEPT_CH = ("Sec-CH-UA-Form-Factors", "Sec-CH-UA-Model")
#: Either of them can turn the answer, so the first request is worth repeating with them (RFC 8942 is
#: the asking, Critical-CH the repeating).
CRITICAL_CH = ACCEPT_CH

#: Characters of a user agent that are looked at. The longest that browsers and apps send in practice
#: stay below this; every pattern below runs on at most so many.
USER_AGENT_CUT = 400
#: Characters shown to the patterns of user-agents. Some of them take quadratic time: 8 KB cost 40 ms,
#: 256 characters at most about 5 ms. The parts that name browser and system come first.
NAMES_CUT = 256
#: Hint values of real browsers are a few words; a longer one is not read.
HINT_CUT = 256
#: Entries of the cache of names. Each holds a user agent of at most NAMES_CUT characters and three names.
NAMES_KEPT = 1024

_NO_HINTS: Mapping[str, str] = MappingProxyType({})
_QUOTED_CUT = 60


@dataclass(frozen=True, slots=True)
class Device:
    """What sent a request: the class, why, and (named when first asked for) browser, system, family."""

    type: str
    evidence: tuple[str, ...]
    user_agent: str
    hints: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def browser(self) -> str:
        """Browser and version as user-agents names them, "Chrome 120.0.0"; "Other" if it cannot."""
        return _names(self.user_agent[:NAMES_CUT])[0]

    @property
    def os(self) -> str:
        """Operating system and version as user-agents names them, "Windows 10"."""
        return _names(self.user_agent[:NAMES_CUT])[1]

    @property
    def family(self) -> str:
        """Device family as user-agents names it, "iPhone"; "Other" for most PCs."""
        return _names(self.user_agent[:NAMES_CUT])[2]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """One source's opinion; `named` when it knows the device rather than guessing from a general token."""

    type: str
    evidence: tuple[str, ...]
    named: bool = True


def classify(user_agent: str, hints: Mapping[str, str] = _NO_HINTS) -> Device:
    """Say what class of device sent `user_agent` and `hints` (header name in any case → value as sent).

    Never raises, whatever the text. A hint that speaks wins over the user agent, with two exceptions:
    what names itself a watch stays a watch and what names itself a program stays a bot, whatever the
    hints say, because a guard keeps both out and hints are easily set.
    """
    kept = user_agent[:USER_AGENT_CUT]
    spoken, notes = _read_hints(hints)
    if len(user_agent) > USER_AGENT_CUT:
        notes.insert(0, f"only the first {USER_AGENT_CUT} of {len(user_agent)} characters were looked at")
    verdict = _weigh(_judge_user_agent(kept), spoken)
    return Device(verdict.type, (*verdict.evidence, *notes), kept, MappingProxyType(spoken))


def warm_names() -> None:
    """Import user-agents now (about 150 ms), so that workers forked later share its compiled patterns."""
    _names("Mozilla/5.0")


def warm_rules() -> None:
    """Compile every stage of the table now (about 25 ms), so that no request has to wait for it."""
    for stage in _all_stages():
        _ = stage.pattern


# Looking things up in the table


#: A line of the table and the token that it hit.
_Found: TypeAlias = tuple[Rule, str]


class _Stage:
    """Rules of one type that look in the same place, compiled into one pattern that runs first."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when first wanted: together the stages cost a tenth of a server's start."""
        return re.compile(_flat([rule.pattern for rule in self.rules]) or r"(?!)")

    def search(self, text: str) -> _Found | None:
        """The leftmost hit in `text`."""
        hit = self.pattern.search(text)
        return self._rule_at(text, hit.start()) if hit else None

    def match(self, text: str) -> _Found | None:
        """The first rule that fits the beginning of `text`."""
        return self._rule_at(text, 0) if self.pattern.match(text) else None

    def _rule_at(self, text: str, start: int) -> _Found | None:
        for rule in self.rules:
            hit = _compiled(rule.pattern).match(text, start)
            if hit:
                return rule, hit.group()
        return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """One line's own pattern, wanted only when its stage has a hit: compiling all would double the import."""
    return re.compile(pattern)


def _flat(patterns: Sequence[str]) -> str:
    """One alternation of all alternatives in `patterns`, those after a word boundary in their own group.

    The engine then rejects nearly every place in the text by its first character.
    """
    anywhere: list[str] = []
    at_a_word: list[str] = []
    for alternative in (part for pattern in patterns for part in _alternatives(pattern)):
        if alternative.startswith(r"\b"):
            at_a_word.append(alternative[2:])
        else:
            anywhere.append(alternative)
    if at_a_word:
        anywhere.append(rf"\b(?:{'|'.join(at_a_word)})")
    return "|".join(anywhere)


def _alternatives(pattern: str) -> Iterator[str]:
    """The parts of `pattern` between bars that stand outside every parenthesis and bracket."""
    depth, start = 0, 0
    for bar in re.finditer(r"\\.|\[(?:\\.|[^\]])*\]|[()|]", pattern):
        depth += {"(": 1, ")": -1}.get(bar.group(), 0)
        if bar.group() == "|" and depth == 0:
            yield pattern[start : bar.start()]
            start = bar.end()
    yield pattern[start:]


def _stage(kind: str, look: str) -> _Stage:
    return _Stage(tuple(rule for rule in RULES if rule.type == kind and rule.look == look))


# The order of asking. What a guard keeps out is asked for before what it lets in, and what names itself
# before what is concluded from a general token.
_FIRST_WORDS = tuple((kind, _stage(kind, "text")) for kind in ("watch", "bot", "xr", "car", "tv"))
_MODELS = tuple(
    (_stage(kind, "model"), _stage(kind, "quiet model"), _stage(kind, "in model"))
    for kind in ("watch", "xr", "car", "pc", "tablet", "tv", "phone")
)
_TABLET_WORDS = _stage("tablet", "text")
_TV_BUILDS = _stage("tv", "build")
_LAST_WORDS = tuple(_stage(kind, "text") for kind in ("phone", "pc"))


def _all_stages() -> Iterator[_Stage]:
    yield from (stage for _, stage in _FIRST_WORDS)
    yield from (stage for stages in _MODELS for stage in stages)
    yield from (_TABLET_WORDS, _TV_BUILDS, *_LAST_WORDS)


# The user agent

#: What every browser says tells no device; striking it out leaves a third of the text to search.
_BOILERPLATE = re.compile(
    r"mozilla/\d\.\d|applewebkit/[\d.]{1,12}|\(khtml, like gecko\)|(?:chrome|safari|version)/[\d.]{1,20}"
)


def _judge_user_agent(kept: str) -> _Verdict:
    text = kept.lower()[:USER_AGENT_CUT]
    if not text.strip():
        return _Verdict("unknown", ("there is no user agent",), named=False)
    # Lower-casing lengthens a few letters (U+0130); evidence then quotes the lower-cased text.
    shown = kept if len(text) == len(kept) else text
    model, start = _model_in(text)
    said = _BOILERPLATE.sub("", text)
    return (
        _judge_first_words(text, shown, said, model)
        or _judge_model(
            model, shown[start : start + len(model)], "the device names itself", quiet="mobile" not in text
        )
        or _judge_last_words(text, shown, said)
    )


def _judge_first_words(text: str, shown: str, said: str, model: str) -> _Verdict | None:
    for kind, stage in _FIRST_WORDS:
        # Phones are called Cubot, Spider or Robot: what the device calls itself makes nothing a program.
        found = stage.search(said.replace(model, " ", 1) if kind == "bot" and model else said)
        if found:
            return _contains(text, shown, found)
    return None


def _judge_last_words(text: str, shown: str, said: str) -> _Verdict:
    found = _TABLET_WORDS.search(said) or _TV_BUILDS.search(said)
    if found:
        return _contains(text, shown, found)
    if "android" in text:
        return _judge_android(text)
    for stage in _LAST_WORDS:
        found = stage.search(said)
        if found:
            return _mention_ipads(_contains(text, shown, found), text)
    why = "the user agent names no device or system that a rule knows"
    return _Verdict("unknown", (why,), named=False)


def _contains(text: str, shown: str, found: _Found) -> _Verdict:
    rule, token = found
    at = text.find(token)
    token = shown[at : at + len(token)] if at >= 0 else token
    return _Verdict(rule.type, (f"the user agent contains {_quoted(token)}, {rule.reason}",))


def _mention_ipads(verdict: _Verdict, text: str) -> _Verdict:
    """Safari on iPadOS has called itself a Mac since version 13, and sends no hints."""
    if verdict.type != "pc" or "macintosh" not in text or "version/" not in text:
        return verdict
    note = "an iPad sends the same user agent as Safari on a Mac, so this may be one"
    return _Verdict("pc", (*verdict.evidence, note), named=False)


def _judge_model(model: str, shown: str, subject: str, *, quiet: bool = False) -> _Verdict | None:
    if not model:
        return None
    maker = _MAKER.match(model)
    number = model[maker.end() :] if maker else model
    for at_start, if_quiet, anywhere in _MODELS:
        found = at_start.match(number) or at_start.match(model)
        found = found or (if_quiet.match(number) if quiet else None) or anywhere.search(model)
        if found:
            return _Verdict(found[0].type, (f"{subject} {_quoted(shown)}, {found[0].reason}",))
    return None


def _judge_android(text: str) -> _Verdict:
    """Android's convention: browsers say "Mobile" on phones and leave it out on tablets; apps do neither."""
    if "mobile" in text:
        why = 'the user agent contains "Mobile", which Android\'s browsers send from phones'
        return _Verdict("phone", (why,), named=False)
    if "safari/" in text or "gecko/" in text:
        why = 'the user agent says Android without "Mobile", as browsers on tablets do'
        return _Verdict("tablet", (why,), named=False)
    why = "the user agent is that of an app on Android, and nothing in it says tablet"
    return _Verdict("phone", (why,), named=False)


#: Where a user agent begins to speak of the device: the system's name. The device's own name follows it.
_SYSTEM = re.compile(r"andr[o0]id(?![.a-z_])|\badr (?=\d)|tizen|harmonyos|opera mini/[\d./]{1,30};")
_VERSION = re.compile(r"[ /:-]{0,4}[\d.]{0,12}(?:-update\d)?[ /,;-]{0,4}")
#: How apps that send no browser's user agent label the device.
_LABEL = re.compile(r"(?:fbdv/|\bdevice/(?:[a-z]{2,12}-)?|\(model )([^;)/ ]{1,60})")
_MODEL_END = re.compile(r" ?build[ /:]| applewebkit|/|\)")
_LOCALE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,4}){0,2}$")
_NOT_MODELS = frozenset(
    {"", "k", "u", "wv", "linux", "mobile", "tablet", "arm", "arm_64", "x86", "harmonyos"}
)
_NOT_MODEL_BEGINNINGS = ("rv:", "hmscore", "applewebkit", "build/")
#: How far after the system's name the device's is looked for, and how much of it is read.
_AFTER_SYSTEM = 120
_MODEL_CUT = 60
_MAKER = re.compile(rf"(?:{'|'.join(MAKERS)})[-_ ]")


def _model_in(text: str) -> tuple[str, int]:
    """The device's own name (lower case) and where it begins in `text`; ("", 0) if there is none."""
    system = _SYSTEM.search(text)
    if system is None:
        label = _LABEL.search(text)
        return (label.group(1), label.start(1)) if label else ("", 0)
    version = _VERSION.match(text, system.end())
    start = version.end() if version else system.end()
    end = min(len(text), start + _AFTER_SYSTEM)
    while start < end:
        semicolon = text.find(";", start, end)
        part = text[start : semicolon if semicolon >= 0 else end]
        name = _MODEL_END.split(part, maxsplit=1)[0].strip()[:_MODEL_CUT]
        if name not in _NOT_MODELS and not _LOCALE.match(name) and not name.startswith(_NOT_MODEL_BEGINNINGS):
            return name, start + part.index(name)
        if semicolon < 0 or ")" in part:
            break
        start = semicolon + 1
    return "", 0


# The hints

_CANONICAL = {name.lower(): name for name in HINT_NAMES}


def _read_hints(hints: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The hints that speak, by their canonical names, and a note for each that could not be read."""
    spoken: dict[str, str] = {}
    notes: list[str] = []
    for given, value in hints.items():
        name = _CANONICAL.get(given.lower())
        if name is None or name in spoken:
            continue
        if len(value) > HINT_CUT:
            notes.append(f"{name} was not read: it has {len(value)} characters, more than {HINT_CUT}")
        elif not _hint_is_well_formed(name, value.strip()):
            notes.append(f"{name} was not read: {_quoted(value)} is not what that header may say")
        elif _bare(value):
            spoken[name] = value.strip()
    return spoken, notes


def _hint_is_well_formed(name: str, value: str) -> bool:
    """Structured fields (RFC 8941), read generously: some clients leave out the quotes."""
    if name == "Sec-CH-UA-Mobile":
        return value in ("?0", "?1")
    return value.isascii() and value.isprintable() and value.count('"') % 2 == 0


def _bare(value: str) -> str:
    return value.strip().strip('"').strip()


def _weigh(said: _Verdict, spoken: Mapping[str, str]) -> _Verdict:
    """Let the hints overrule or complete what the user agent said."""
    if not spoken:
        return said
    opinions = [opinion for opinion in (_form_factor(spoken), _model_hint(spoken)) if opinion]
    watch = next((opinion for opinion in opinions if opinion.type == "watch"), None)
    if said.type in ("watch", "bot"):
        return said
    if watch or opinions:
        return _overrule(said, watch or opinions[0])
    return _mobile_and_platform(said, spoken)


def _overrule(said: _Verdict, hint: _Verdict) -> _Verdict:
    if said.type in (hint.type, "unknown"):
        return _Verdict(hint.type, (*hint.evidence, *said.evidence))
    return _Verdict(hint.type, (*hint.evidence, f"the user agent alone reads as {said.type}", *said.evidence))


def _form_factor(spoken: Mapping[str, str]) -> _Verdict | None:
    named = {_bare(item).lower() for item in spoken.get("Sec-CH-UA-Form-Factors", "").split(",")}
    for name, kind in FORM_FACTORS:
        if name.lower() in named:
            return _Verdict(kind, (f'Sec-CH-UA-Form-Factors says "{name}"',))
    return None


def _model_hint(spoken: Mapping[str, str]) -> _Verdict | None:
    model = _bare(spoken.get("Sec-CH-UA-Model", ""))[:_MODEL_CUT]
    for kind, stage in _FIRST_WORDS:
        found = stage.search(model.lower()) if kind != "bot" else None
        if found:
            return _Verdict(kind, (f"Sec-CH-UA-Model says {_quoted(model)}, {found[0].reason}",))
    return _judge_model(model.lower(), model, "Sec-CH-UA-Model says")


def _mobile_and_platform(said: _Verdict, spoken: Mapping[str, str]) -> _Verdict:
    """What the two hints that Chromium sends unasked add. They know no TV, headset or car."""
    if said.type in ("tv", "xr", "car") or (said.named and said.type in ("phone", "tablet")):
        return said
    mobile = spoken.get("Sec-CH-UA-Mobile")
    platform = _bare(spoken.get("Sec-CH-UA-Platform", "")).lower()
    if mobile == "?1":
        return _overrule(said, _Verdict("phone", ("Sec-CH-UA-Mobile says ?1, as browsers on phones do",)))
    if mobile == "?0" and (platform == "android" or (not platform and said.type in ("phone", "tablet"))):
        return _overrule(said, _Verdict("tablet", ("Sec-CH-UA-Mobile says ?0 on Android",)))
    if platform in DESKTOP_PLATFORMS:
        return _overrule(said, _Verdict("pc", (f"Sec-CH-UA-Platform says {_quoted(platform)}",)))
    return said


def _quoted(token: str) -> str:
    """`token` in quotes, short, and safe to write anywhere: no control characters, no lone surrogates."""
    cut = token if len(token) <= _QUOTED_CUT else token[: _QUOTED_CUT - 1] + "…"
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)
    return f'"{safe}"'


# The names


@lru_cache(maxsize=NAMES_KEPT)
def _names(user_agent: str) -> tuple[str, str, str]:
    """Browser, system and family of a user agent that has already been cut."""
    from user_agents import parse

    parsed = parse(user_agent)
    return str(parsed.get_browser()), str(parsed.get_os()), str(parsed.device.family)
