"""Reads the client hints (https://wicg.github.io/ua-client-hints/) and combines them with the user agent."""

from __future__ import annotations

from collections.abc import Mapping

from yourl.devices.conclusions import Conclusion, quoted
from yourl.devices.hint_names import HINT_NAMES
from yourl.devices.rules import DESKTOP_PLATFORMS, FORM_FACTORS
from yourl.devices.user_agents import conclude_from_model_hint

#: Longer values are not read. Real browsers send a few words.
HINT_CUT = 256

_CANONICAL = {name.lower(): name for name in HINT_NAMES}


def read_hints(hints: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The usable hints by their canonical names, and a note for each that could not be read."""
    usable: dict[str, str] = {}
    notes: list[str] = []
    for given, value in hints.items():
        name = _CANONICAL.get(given.lower())
        if name is None or name in usable:
            continue
        if len(value) > HINT_CUT:
            notes.append(f"{name} was not read: it has {len(value)} characters, more than {HINT_CUT}")
        elif not _is_well_formed(name, value.strip()):
            notes.append(f"{name} was not read: {quoted(value)} is not a valid value")
        elif _unquoted(value):
            usable[name] = value.strip()
    return usable, notes


def combine(from_user_agent: Conclusion, hints: Mapping[str, str]) -> Conclusion:
    """Let the hints overrule or confirm what the user agent says.

    A user agent that names a watch or a program is not overruled: a guard refuses both, and hints are
    easily set.
    """
    if not hints or from_user_agent.type in ("watch", "bot"):
        return from_user_agent
    from_model = conclude_from_model_hint(
        _unquoted(hints.get("Sec-CH-UA-Model", "")), says_mobile=hints.get("Sec-CH-UA-Mobile") != "?0"
    )
    if from_model and from_model.type == "watch":
        return _overrule(from_user_agent, from_model)
    specific = _from_form_factors(hints) or from_model
    if specific:
        return _overrule(from_user_agent, specific)
    return _combine_with_default_hints(from_user_agent, hints)


def _is_well_formed(name: str, value: str) -> bool:
    """Structured fields (RFC 8941), read leniently: some clients omit the quotes."""
    if name == "Sec-CH-UA-Mobile":
        return value in ("?0", "?1")
    return value.isascii() and value.isprintable() and value.count('"') % 2 == 0


def _unquoted(value: str) -> str:
    return value.strip().strip('"').strip()


def _overrule(from_user_agent: Conclusion, hint: Conclusion) -> Conclusion:
    if from_user_agent.type in (hint.type, "unknown"):
        return Conclusion(hint.type, (*hint.evidence, *from_user_agent.evidence))
    note = f"the user agent alone reads as {from_user_agent.type}"
    return Conclusion(hint.type, (*hint.evidence, note, *from_user_agent.evidence))


def _from_form_factors(hints: Mapping[str, str]) -> Conclusion | None:
    given = {_unquoted(item).lower() for item in hints.get("Sec-CH-UA-Form-Factors", "").split(",")}
    for name, kind in FORM_FACTORS:
        if name.lower() in given:
            return Conclusion(kind, (f'Sec-CH-UA-Form-Factors says "{name}"',))
    return None


def _combine_with_default_hints(from_user_agent: Conclusion, hints: Mapping[str, str]) -> Conclusion:
    """What Mobile and Platform add, which Chromium sends unasked. They know no TV, headset or car."""
    kind = from_user_agent.type
    if kind in ("tv", "xr", "car") or (from_user_agent.specific and kind in ("phone", "tablet")):
        return from_user_agent
    mobile = hints.get("Sec-CH-UA-Mobile")
    platform = _unquoted(hints.get("Sec-CH-UA-Platform", "")).lower()
    if mobile == "?1":
        why = "Sec-CH-UA-Mobile says ?1, as browsers on phones do"
        return _overrule(from_user_agent, Conclusion("phone", (why,)))
    if mobile == "?0" and (platform == "android" or (not platform and kind in ("phone", "tablet"))):
        why = "Sec-CH-UA-Mobile says ?0 on Android"
        return _overrule(from_user_agent, Conclusion("tablet", (why,)))
    if platform in DESKTOP_PLATFORMS:
        why = f"Sec-CH-UA-Platform says {quoted(platform)}"
        return _overrule(from_user_agent, Conclusion("pc", (why,)))
    return from_user_agent
