"""Concludes the device class from a user agent.

The order of the steps:

1. what names its own class anywhere in the text: a watch, a program, a TV, a headset, a car;
2. weak signs of a program, unless the text names a person's system;
3. the model name;
4. weak signs of a TV, a headset or a car, unless the text or the model is that of a person's device;
5. general tokens such as "Android" or "Windows".

Weak evidence thus never refuses a person: the worst case is a page that is shown to a TV or a program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from yourl.devices.conclusions import Conclusion, quoted
from yourl.devices.device import USER_AGENT_CUT
from yourl.devices.model_names import MODEL_CUT, find_model_name
from yourl.devices.rule_groups import ModelRules, RuleGroup, RuleMatch

_SELF_NAMED = tuple((kind, RuleGroup.of(kind, "text")) for kind in ("watch", "bot", "tv", "xr", "car"))
_MODELS = ModelRules(
    (RuleGroup.of(kind, "model"), RuleGroup.of(kind, "in model"))
    for kind in ("watch", "xr", "car", "pc", "tablet", "tv", "phone")
)
_WEAK_BOT = RuleGroup.of("bot", "text", "weak")
_WEAK_MODELS = ModelRules(
    (RuleGroup.of(kind, "model", strength), RuleGroup.of(kind, "in model", strength))
    for kind, strength in (("tv", "likely"), ("tv", "weak"), ("xr", "weak"), ("car", "weak"))
)
_WEAK_TEXT = tuple(RuleGroup.of(kind, "text", "weak") for kind in ("tv", "xr", "car"))
_LIKELY_TV = _WEAK_MODELS.groups[0][1]
_SUPPORTING_TV = RuleGroup.of("tv", "text", "supporting")
_TABLET_TEXT = RuleGroup.of("tablet", "text")
_TV_BUILDS = RuleGroup.of("tv", "build")
#: All rules that look for more than general tokens in the text. Most user agents match none, and one search
#: for many rules takes half of the time of nine searches.
_IN_TEXT = RuleGroup(
    tuple(
        rule
        for group in (
            *(group for _, group in _SELF_NAMED),
            _WEAK_BOT,
            _SUPPORTING_TV,
            _TABLET_TEXT,
            _TV_BUILDS,
        )
        for rule in group.rules
    )
)
_GENERAL = tuple(
    RuleGroup.of(kind, "text", strength) for strength in ("strong", "weak") for kind in ("phone", "pc")
)

#: Tokens that say nothing about the class, or that only the general rules read, which search the whole
#: text. Without them a fifth of a browser's user agent remains to be searched; the time falls accordingly.
_COMMON_TOKENS = re.compile(
    r"mozilla/5\.0|\(linux; (?:u; )?android (?=[124-9])|applewebkit/[\d.]{1,12}|\(?khtml, like gecko\)?"
    r"|(?:chrome|safari|version|firefox|gecko)/[\d.]{1,20}|mobile(?= safari)"
    r"|windows nt [\d.]{1,5}; (?:win64; x64|wow64)"
)
#: Names of builds, which may end in a phone's name ("Build/CUBOT") and are no sign of a program.
_BUILD_NAME = re.compile(r"build/[^ ;)]{1,60}")
#: Systems of PCs, phones and tablets. A program that names one runs on a person's device.
_PERSONS_SYSTEM = re.compile(
    r"windows|\bwin(?:nt|32|64|\d)|macintosh|\bmac ?os|\bos ?x\b|iphone|ipad|ipod|(?<![a-z])ios(?![a-z])"
    r"|android|linux|\bx11\b|\bcros\b"
)
#: Systems that TVs do not name, and the word of phones' browsers.
_PERSONS_DEVICE = ("mobile", "windows nt", "macintosh", "iphone", "ipad", "ipod")


class _Text(NamedTuple):
    """A user agent, prepared for searching."""

    lower: str  #: in lower case
    shown: str  #: the same text for quoting, with the letters' case if the length allows
    searched: str  #: in lower case, without the tokens of every browser
    model: str  #: the model name, "" if there is none
    model_start: int

    @classmethod
    def of(cls, user_agent: str) -> _Text:
        lower = user_agent.lower()[:USER_AGENT_CUT]
        # Lower case is longer for a few letters (U+0130); evidence then quotes the lower-case text.
        shown = user_agent if len(lower) == len(user_agent) else lower
        model, start = find_model_name(lower)
        return cls(lower, shown, _COMMON_TOKENS.sub("", lower), model, start)

    def without_model(self) -> str:
        """The searched text without the model name."""
        return self.searched.replace(self.model, " ", 1) if self.model else self.searched

    def without_names(self) -> str:
        """The searched text without the names of the model and the build."""
        text = self.without_model()
        return _BUILD_NAME.sub(" ", text) if "build/" in text else text

    def model_shown(self) -> str:
        return self.shown[self.model_start : self.model_start + len(self.model)]

    def contains(self, found: RuleMatch) -> Conclusion:
        """The conclusion from a match in the text."""
        return Conclusion(found.rule.type, (f"the user agent {self._contains(found)}",))

    def _contains(self, found: RuleMatch) -> str:
        at = self.lower.find(found.token)
        token = self.shown[at : at + len(found.token)] if at >= 0 else found.token
        return f"contains {quoted(token)}, {found.rule.reason}"


def compile_rules() -> None:
    """Compile every pattern now."""
    for group in (_IN_TEXT, *_MODELS.together, *_WEAK_MODELS.together, *rule_groups()):
        _ = group.pattern


def rule_groups() -> Iterator[RuleGroup]:
    """The groups into which the rules are divided, each rule in one."""
    yield from (group for _, group in _SELF_NAMED)
    yield from (group for groups in (*_MODELS.groups, *_WEAK_MODELS.groups) for group in groups)
    yield from (_WEAK_BOT, *_WEAK_TEXT, _SUPPORTING_TV, _TABLET_TEXT, _TV_BUILDS, *_GENERAL)


def conclude_from_user_agent(user_agent: str) -> Conclusion:
    """The class that `user_agent` (already cut to USER_AGENT_CUT characters) points to."""
    text = _Text.of(user_agent)
    if not text.lower.strip():
        return Conclusion("unknown", ("there is no user agent",), specific=False)
    is_told = _IN_TEXT.occurs_in(text.searched)
    return (
        (is_told and (_from_self_named(text) or _from_weak_signs_of_a_program(text)))
        or conclude_from_model(text.model, text.model_shown(), "the device names itself")
        or _from_weak_signs(text, is_told)
        or (is_told and _from_tablet_or_build(text))
        or _from_general_tokens(text)
    )


def conclude_from_model_hint(model: str, *, says_mobile: bool) -> Conclusion | None:
    """The class that the value of Sec-CH-UA-Model points to.

    ``says_mobile``: Sec-CH-UA-Mobile says that this is a person's phone.
    """
    model = model[:MODEL_CUT]
    lower = model.lower()[:MODEL_CUT]
    for kind, group in _SELF_NAMED:
        found = group.search(lower) if kind != "bot" else None
        if found:
            return Conclusion(kind, (f"Sec-CH-UA-Model says {quoted(model)}, {found.rule.reason}",))
    named = conclude_from_model(lower, model, "Sec-CH-UA-Model says")
    if named or says_mobile:
        return named
    weak = _WEAK_MODELS.match(lower)
    return _names_itself(model, "Sec-CH-UA-Model says", weak) if weak else None


def conclude_from_model(model: str, shown: str, subject: str) -> Conclusion | None:
    """The class of a model name in lower case; `subject` begins the sentence of evidence."""
    if not model:
        return None
    found = _MODELS.match(model)
    return _names_itself(shown, subject, found) if found else None


def _names_itself(shown: str, subject: str, found: RuleMatch) -> Conclusion:
    return Conclusion(found.rule.type, (f"{subject} {quoted(shown)}, {found.rule.reason}",))


def _from_self_named(text: _Text) -> Conclusion | None:
    for kind, group in _SELF_NAMED:
        # Phones are named Cubot, Spider or Robot, so a model name is no sign of a program.
        found = group.search(text.without_names() if kind == "bot" else text.searched)
        if found:
            return text.contains(found)
    return None


def _from_weak_signs_of_a_program(text: _Text) -> Conclusion | None:
    found = _WEAK_BOT.search(text.without_names())
    if found is None or _PERSONS_SYSTEM.search(text.lower):
        return None
    return text.contains(found)


def _from_weak_signs(text: _Text, is_told: bool) -> Conclusion | None:
    """A TV, a headset or a car by a weak sign, unless the text is that of a person's device."""
    if any(word in text.lower for word in _PERSONS_DEVICE):
        return _from_supported_sign_of_a_tv(text) if is_told else None
    in_model = _WEAK_MODELS.match(text.model)
    if in_model:
        return _names_itself(text.model_shown(), "the device names itself", in_model)
    in_text = _first_match(_WEAK_TEXT, text.without_model())
    return text.contains(in_text) if in_text else None


def _from_supported_sign_of_a_tv(text: _Text) -> Conclusion | None:
    """A TV whose browser says "Mobile", by the likely number of a TV and a supporting sign."""
    supporting = _SUPPORTING_TV.search(text.searched)
    likely = _LIKELY_TV.search(text.model) if supporting else None
    if supporting is None or likely is None:
        return None
    named = _names_itself(text.model_shown(), "the device names itself", likely)
    return Conclusion(named.type, (*named.evidence, *text.contains(supporting).evidence))


def _first_match(groups: tuple[RuleGroup, ...], searched: str) -> RuleMatch | None:
    return next((found for group in groups if (found := group.search(searched))), None)


def _from_tablet_or_build(text: _Text) -> Conclusion | None:
    found = _TABLET_TEXT.search(text.searched) or _TV_BUILDS.search(text.searched)
    return text.contains(found) if found else None


def _from_general_tokens(text: _Text) -> Conclusion:
    if "android" in text.lower:
        return _from_android(text.lower)
    found = _first_match(_GENERAL, text.lower)
    if found:
        return _note_possible_ipad(text.contains(found), text.lower)
    why = "the user agent names no device or system that a rule knows"
    return Conclusion("unknown", (why,), specific=False)


def _note_possible_ipad(conclusion: Conclusion, text: str) -> Conclusion:
    """Safari on iPadOS has called itself a Mac since version 13, and sends no hints."""
    if conclusion.type != "pc" or "macintosh" not in text or "version/" not in text:
        return conclusion
    note = "an iPad sends the same user agent as Safari on a Mac, so this may be one"
    return Conclusion("pc", (*conclusion.evidence, note), specific=False)


def _from_android(text: str) -> Conclusion:
    """Android's convention: browsers say "Mobile" on phones and omit it on tablets; apps do neither."""
    if "mobile" in text:
        why = 'the user agent contains "Mobile", which Android\'s browsers send from phones'
        return Conclusion("phone", (why,), specific=False)
    if "safari/" in text or "gecko/" in text:
        why = 'the user agent says Android without "Mobile", as browsers on tablets do'
        return Conclusion("tablet", (why,), specific=False)
    why = "the user agent is that of an app on Android, and nothing in it says tablet"
    return Conclusion("phone", (why,), specific=False)
