"""Concludes the device class from a user agent.

Rules are asked in a fixed order: first for what names its own class anywhere in the text, then for the
model name, then for general tokens such as "Android" or "Windows". Within each step, the classes that the
guard refuses by default come before those that it allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from yourl.devices.conclusions import Conclusion, quoted
from yourl.devices.device import USER_AGENT_CUT
from yourl.devices.model_names import MODEL_CUT, find_model_name
from yourl.devices.rule_groups import RuleGroup, RuleMatch
from yourl.devices.rules import MAKERS

_SELF_NAMED = tuple((kind, RuleGroup.of(kind, "text")) for kind in ("watch", "bot", "xr", "car", "tv"))
_MODELS = tuple(
    tuple(RuleGroup.of(kind, look) for look in ("model", "quiet model", "in model"))
    for kind in ("watch", "xr", "car", "pc", "tablet", "tv", "phone")
)
_TABLET_TEXT = RuleGroup.of("tablet", "text")
_TV_BUILDS = RuleGroup.of("tv", "build")
_GENERAL = tuple(RuleGroup.of(kind, "text") for kind in ("phone", "pc"))

#: Tokens that every browser sends. Without them a third of the text remains to be searched.
_COMMON_TOKENS = re.compile(
    r"mozilla/\d\.\d|applewebkit/[\d.]{1,12}|\(khtml, like gecko\)|(?:chrome|safari|version)/[\d.]{1,20}"
)
_MAKER = re.compile(rf"(?:{'|'.join(MAKERS)})[-_ ]")


def rule_groups() -> Iterator[RuleGroup]:
    """Every group of rules, for compiling them ahead."""
    yield from (group for _, group in _SELF_NAMED)
    yield from (group for groups in _MODELS for group in groups)
    yield from (_TABLET_TEXT, _TV_BUILDS, *_GENERAL)


def conclude_from_user_agent(user_agent: str) -> Conclusion:
    """The class that `user_agent` (already cut to USER_AGENT_CUT characters) points to."""
    text = user_agent.lower()[:USER_AGENT_CUT]
    if not text.strip():
        return Conclusion("unknown", ("there is no user agent",), specific=False)
    # Lower case is longer for a few letters (U+0130); evidence then quotes the lower-case text.
    shown = user_agent if len(text) == len(user_agent) else text
    model, start = find_model_name(text)
    searched = _COMMON_TOKENS.sub("", text)
    named = _from_self_named(text, shown, searched, model)
    if named is None and model:
        model_shown = shown[start : start + len(model)]
        named = conclude_from_model(model_shown, "the device names itself", says_mobile="mobile" in text)
    return named or _from_general_tokens(text, shown, searched)


def conclude_from_model_hint(model: str) -> Conclusion | None:
    """The class that the value of Sec-CH-UA-Model points to."""
    model, text = model[:MODEL_CUT], model[:MODEL_CUT].lower()
    for kind, group in _SELF_NAMED:
        found = group.search(text) if kind != "bot" else None
        if found:
            return Conclusion(kind, (f"Sec-CH-UA-Model says {quoted(model)}, {found.rule.reason}",))
    return conclude_from_model(model, "Sec-CH-UA-Model says", says_mobile=True)


def conclude_from_model(model: str, subject: str, *, says_mobile: bool) -> Conclusion | None:
    """The class of a model name; `subject` begins the sentence of evidence."""
    text = model.lower()[:MODEL_CUT]
    maker = _MAKER.match(text)
    without_maker = text[maker.end() :] if maker else text
    for at_start, at_start_if_not_mobile, anywhere in _MODELS:
        found = at_start.match(without_maker) or at_start.match(text)
        if not found and not says_mobile:
            found = at_start_if_not_mobile.match(without_maker)
        found = found or anywhere.search(text)
        if found:
            return Conclusion(found.rule.type, (f"{subject} {quoted(model)}, {found.rule.reason}",))
    return None


def _from_self_named(text: str, shown: str, searched: str, model: str) -> Conclusion | None:
    for kind, group in _SELF_NAMED:
        # Phones are named Cubot, Spider or Robot, so a model name is no sign of a program.
        without_model = searched.replace(model, " ", 1) if kind == "bot" and model else searched
        found = group.search(without_model)
        if found:
            return _contains(text, shown, found)
    return None


def _from_general_tokens(text: str, shown: str, searched: str) -> Conclusion:
    found = _TABLET_TEXT.search(searched) or _TV_BUILDS.search(searched)
    if found:
        return _contains(text, shown, found)
    if "android" in text:
        return _from_android(text)
    for group in _GENERAL:
        found = group.search(searched)
        if found:
            return _note_possible_ipad(_contains(text, shown, found), text)
    return Conclusion(
        "unknown", ("the user agent names no device or system that a rule knows",), specific=False
    )


def _contains(text: str, shown: str, found: RuleMatch) -> Conclusion:
    at = text.find(found.token)
    token = shown[at : at + len(found.token)] if at >= 0 else found.token
    sentence = f"the user agent contains {quoted(token)}, {found.rule.reason}"
    return Conclusion(found.rule.type, (sentence,))


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
